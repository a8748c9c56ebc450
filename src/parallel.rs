//! The same work on many items, on several threads, with the results in the order of the items.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A thread hands its results over in lots of this many.
const TOGETHER: usize = 64;

/// Does `work` on every item, on up to `jobs` threads, and gives the results in the order of the
/// items. Each thread `begin`s with something of its own that it works with. Where one thread would
/// do, none is started.
pub fn map<T: Sync, R: Send, S>(
    items: &[T],
    jobs: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    let mut results = Vec::with_capacity(items.len());
    each(items, jobs, begin, work, |_, result| results.push(result));
    results
}

/// The same, but each result goes to `take` with its item, in the order of the items, as soon as those in
/// front of it are there: few results wait, unless an item takes much longer than those behind it.
pub fn each<'i, T: Sync, R: Send, S>(
    items: &'i [T],
    jobs: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
    mut take: impl FnMut(&'i T, R) + Send,
) {
    let jobs = jobs.min(items.len());
    if jobs <= 1 {
        let mut own = begin();
        for item in items {
            take(item, work(&mut own, item));
        }
        return;
    }
    let next = AtomicUsize::new(0);
    let queue = Mutex::new(Queue {
        rest: items.iter(),
        taken: 0,
        ahead: VecDeque::new(),
        take,
    });
    // A thread that panicked has ended the program; there is nothing to recover.
    let hand_over = |own: &mut Vec<(usize, R)>| {
        if let Ok(mut queue) = queue.lock() {
            queue.accept(own.drain(..));
        }
    };
    let run = || {
        let (mut tools, mut own) = (begin(), Vec::new());
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { break };
            own.push((index, work(&mut tools, item)));
            if own.len() == TOGETHER {
                hand_over(&mut own);
            }
        }
        hand_over(&mut own);
    };
    on_threads(jobs, &run);
}

/// Does the same on so many threads at a time, this one among them.
fn on_threads(jobs: usize, run: &(dyn Fn() + Sync)) {
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(run);
        }
        run();
    });
}

/// Results that wait for those in front of them.
struct Queue<'i, T, R, F> {
    /// The items whose results were not taken yet.
    rest: std::slice::Iter<'i, T>,
    /// How many results were taken.
    taken: usize,
    /// Their results, as far as they are there.
    ahead: VecDeque<Option<R>>,
    take: F,
}

impl<'i, T, R, F: FnMut(&'i T, R)> Queue<'i, T, R, F> {
    /// Accepts results, each with the index of its item, and takes those that none is missing in front of.
    fn accept(&mut self, results: impl Iterator<Item = (usize, R)>) {
        for (index, result) in results {
            let place = index - self.taken;
            if self.ahead.len() <= place {
                self.ahead.resize_with(place + 1, || None);
            }
            self.ahead[place] = Some(result);
        }
        while let Some(result) = self.ahead.front_mut().and_then(Option::take) {
            self.ahead.pop_front();
            self.taken += 1;
            if let Some(item) = self.rest.next() {
                (self.take)(item, result);
            }
        }
    }
}

/// Does `work` on every item, each of which one thread takes for itself, on up to `jobs` threads.
///
/// # Errors
/// The first one that any item gives; the others may or may not have been worked on then.
pub fn for_each<T: Send, E: Send>(
    items: Vec<T>,
    jobs: usize,
    work: impl Fn(T) -> Result<(), E> + Sync,
) -> Result<(), E> {
    let jobs = jobs.min(items.len());
    let items = Mutex::new(items.into_iter());
    let failed = Mutex::new(None);
    let run = || loop {
        let next = items.lock().ok().and_then(|mut items| items.next());
        let Some(item) = next else { break };
        if let Err(error) = work(item) {
            if let Ok(mut failed) = failed.lock() {
                failed.get_or_insert(error);
            }
            break;
        }
    };
    on_threads(jobs, &run);
    failed.into_inner().unwrap_or_default().map_or(Ok(()), Err)
}

/// How many threads the machine has for us; one where it does not tell.
#[must_use]
pub fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for jobs in [0, 1, 2, 8, 5000] {
            let doubled = map(&items, jobs, || (), |(), item| item * 2);
            assert!(
                doubled
                    .iter()
                    .enumerate()
                    .all(|(index, value)| *value == index * 2)
            );
            assert_eq!(doubled.len(), items.len());
        }
        assert_eq!(map(&[] as &[u8], 4, || (), |(), _| 1), Vec::<i32>::new());
    }

    #[test]
    fn results_are_taken_as_soon_as_none_is_missing_in_front() {
        const ITEMS: [&str; 5] = ["a", "b", "c", "d", "e"];
        let mut taken = Vec::new();
        let mut queue = Queue {
            rest: ITEMS.iter(),
            taken: 0,
            ahead: VecDeque::new(),
            take: |item: &'static &'static str, result: usize| taken.push((*item, result)),
        };
        queue.accept([(2, 20), (1, 10)].into_iter());
        assert_eq!(queue.taken, 0);
        queue.accept([(0, 0), (4, 40)].into_iter());
        assert_eq!((queue.taken, queue.ahead.len()), (3, 2));
        queue.accept([(3, 30)].into_iter());
        assert_eq!((queue.taken, queue.ahead.len()), (5, 0));
        assert_eq!(
            taken,
            [("a", 0), ("b", 10), ("c", 20), ("d", 30), ("e", 40)]
        );
    }

    #[test]
    fn each_result_is_taken_with_its_item_in_their_order() {
        let items: Vec<usize> = (0..5000).collect();
        for jobs in [1, 2, 8] {
            let mut taken = Vec::new();
            each(
                &items,
                jobs,
                || (),
                |(), item| item * 2,
                |item, result| taken.push((*item, result)),
            );
            assert!(taken.iter().map(|(item, _)| item).eq(&items));
            assert!(taken.iter().all(|(item, result)| *result == item * 2));
        }
    }
}
