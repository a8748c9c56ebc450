//! What is said of workloads, once for those of which the same is said: reports of many thousand are kept
//! until a run ends.

use std::sync::Arc;

use crate::report::Attempts;

/// What was said last, in a ring.
#[derive(Debug, Default)]
pub(super) struct Said {
    recent: Vec<Arc<Attempts>>,
    next: usize,
}

/// So much is looked at.
const RECENT: usize = 8;

impl Said {
    /// The injections that were made, and those that were not.
    pub(super) fn attempts(&mut self, mut attempts: Attempts) -> Arc<Attempts> {
        if let Some(known) = self.recent.iter().find(|known| ***known == attempts) {
            return known.clone();
        }
        attempts.injected.shrink_to_fit();
        attempts.skipped.shrink_to_fit();
        let new = Arc::new(attempts);
        if self.recent.len() < RECENT {
            self.recent.push(new.clone());
        } else {
            self.recent[self.next] = new.clone();
            self.next = (self.next + 1) % RECENT;
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inject::{Injection, Reason, Skipped};

    fn skipped(injections: &[Injection]) -> Attempts {
        let skipped = injections.iter().map(|injection| Skipped {
            injection: *injection,
            reason: Reason::LeftOut,
        });
        Attempts {
            injected: Vec::new(),
            skipped: skipped.collect(),
        }
    }

    #[test]
    fn what_is_the_same_is_one() {
        let mut said = Said::default();
        let two = [Injection::Ddtrace, Injection::Logging];
        let first = said.attempts(skipped(&two));
        let other = said.attempts(skipped(&two[..1]));
        assert!(Arc::ptr_eq(&first, &said.attempts(skipped(&two))));
        assert!(!Arc::ptr_eq(&first, &other));
        for number in 0..2 * RECENT {
            let many = skipped(&vec![Injection::Otel; number]);
            assert_eq!(*said.attempts(many.clone()), many);
        }
        assert_eq!(said.recent.len(), RECENT);
        assert_eq!(*said.attempts(skipped(&two)), skipped(&two));
    }
}
