//! What is said of workloads, once for those of which the same is said: reports of many thousand are kept
//! until a run ends.

use std::sync::Arc;

use crate::inject::{Injected, Skipped};

/// The lists that were made last.
#[derive(Debug, Default)]
pub(super) struct Said {
    injected: Recent<Injected>,
    skipped: Recent<Skipped>,
}

/// So many are looked at.
const RECENT: usize = 8;

/// The lists of one kind, in a ring.
#[derive(Debug)]
struct Recent<T> {
    lists: Vec<Arc<[T]>>,
    next: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self {
            lists: Vec::new(),
            next: 0,
        }
    }
}

impl<T: PartialEq> Recent<T> {
    fn of(&mut self, list: Vec<T>) -> Arc<[T]> {
        if let Some(known) = self.lists.iter().find(|known| known[..] == list[..]) {
            return known.clone();
        }
        let new: Arc<[T]> = list.into();
        if self.lists.len() < RECENT {
            self.lists.push(new.clone());
        } else {
            self.lists[self.next] = new.clone();
            self.next = (self.next + 1) % RECENT;
        }
        new
    }
}

impl Said {
    /// The injections that were made.
    pub(super) fn injected(&mut self, list: Vec<Injected>) -> Arc<[Injected]> {
        self.injected.of(list)
    }

    /// Those that were not.
    pub(super) fn skipped(&mut self, list: Vec<Skipped>) -> Arc<[Skipped]> {
        self.skipped.of(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lists_are_one() {
        let mut recent = Recent::default();
        let (first, other) = (recent.of(vec![1, 2]), recent.of(vec![1]));
        assert!(Arc::ptr_eq(&first, &recent.of(vec![1, 2])));
        assert!(!Arc::ptr_eq(&first, &other));
        for number in 0..2 * RECENT {
            assert_eq!(recent.of(vec![number]), [number].into());
        }
        assert_eq!(recent.lists.len(), RECENT);
        assert_eq!(*recent.of(vec![1, 2]), [1, 2]);
    }
}
