//! How large the pages are that the system gives memory in, where a program can choose: on Linux.
//!
//! The allocator asks for transparent huge pages, with which large texts take a sixth less time. A run over
//! thousands of small files that keeps no text needs a little memory in many places, and of a huge page begun
//! in each of them most would be for nothing: a third of all that such a run takes.

#[cfg(target_os = "linux")]
use rustix::thread::{disable_transparent_huge_pages, transparent_huge_pages_are_disabled};
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether huge pages were turned off here: where they were off before, somebody wants that.
#[cfg(target_os = "linux")]
static TURNED_OFF_HERE: AtomicBool = AtomicBool::new(false);

/// Small pages from now on, as far as the system lets us: nothing but time and memory hangs on it.
pub fn avoid_huge() {
    #[cfg(target_os = "linux")]
    if transparent_huge_pages_are_disabled() == Ok(false)
        && disable_transparent_huge_pages(true).is_ok()
    {
        TURNED_OFF_HERE.store(true, Ordering::Relaxed);
    }
}

/// Huge pages again, where [`avoid_huge`] is what turned them off.
pub fn allow_huge() {
    #[cfg(target_os = "linux")]
    if TURNED_OFF_HERE.swap(false, Ordering::Relaxed) {
        let _ = disable_transparent_huge_pages(false);
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn what_was_off_before_stays_off() {
        // Some sandboxes refuse it, and nothing is to be seen there.
        let Ok(before) = transparent_huge_pages_are_disabled() else {
            return;
        };
        if disable_transparent_huge_pages(false).is_err() {
            return;
        }
        // The whole process has one setting: no other unit test may read a file of several megabytes
        // meanwhile, which allows huge pages.
        let is_off = || transparent_huge_pages_are_disabled().unwrap();
        avoid_huge();
        assert!(is_off());
        avoid_huge();
        allow_huge();
        assert!(!is_off());
        disable_transparent_huge_pages(true).unwrap();
        avoid_huge();
        allow_huge();
        assert!(is_off());
        disable_transparent_huge_pages(before).unwrap();
    }
}
