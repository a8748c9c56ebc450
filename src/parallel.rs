//! The same work on many items, on several threads, with the results in the order of the items.

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
    let jobs = jobs.min(items.len());
    if jobs <= 1 {
        let mut own = begin();
        return items.iter().map(|item| work(&mut own, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<Option<R>>> = Mutex::new(items.iter().map(|_| None).collect());
    // A thread that panicked has ended the program; there is nothing to recover.
    let hand_over = |own: &mut Vec<(usize, R)>| {
        if let Ok(mut done) = done.lock() {
            for (index, result) in own.drain(..) {
                if let Some(place) = done.get_mut(index) {
                    *place = Some(result);
                }
            }
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
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(run);
        }
        run();
    });
    let done = done.into_inner().unwrap_or_default();
    #[allow(
        clippy::filter_map_identity,
        reason = "unlike flattened ones, the results stay in the memory that they are in"
    )]
    done.into_iter().filter_map(|result| result).collect()
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
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(run);
        }
        run();
    });
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
}
