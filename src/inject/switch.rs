//! What turns injections off: annotations, `--only` and `--skip` (`spec/1-behaviour.md`, section 1;
//! `spec/2-command-line.md`, "Options").

use super::outcome::{Injection, Reason};
use super::pod::Pod;
use crate::config::annotation::{ENABLED, is_off};
use crate::config::select::Subject;

/// Which injections are off as if their own annotation said `false`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    off: Vec<Injection>,
}

impl Switches {
    /// Takes `--only` (nothing: all) and `--skip`.
    #[must_use]
    pub fn new(only: Option<&[Injection]>, skip: &[Injection]) -> Self {
        let is_off = |injection: &Injection| {
            skip.contains(injection) || only.is_some_and(|only| !only.contains(injection))
        };
        Self {
            off: Injection::ALL.into_iter().filter(is_off).collect(),
        }
    }

    /// Whether an injection is off.
    #[must_use]
    pub fn is_off(&self, injection: Injection) -> bool {
        self.off.contains(&injection)
    }
}

/// Why everything is off, if it is.
pub(super) fn all_off(pod: &Pod<'_>) -> Option<Reason> {
    by_annotation(pod, ENABLED)
}

/// Why an injection is off, if it is.
pub(super) fn off(pod: &Pod<'_>, switches: &Switches, injection: Injection) -> Option<Reason> {
    if switches.is_off(injection) {
        return Some(Reason::LeftOut);
    }
    by_annotation(pod, injection.switch()?)
}

fn by_annotation(pod: &Pod<'_>, key: &str) -> Option<Reason> {
    let value = pod.annotation(key)?;
    is_off(value).then(|| Reason::SwitchedOff(key.into()))
}
