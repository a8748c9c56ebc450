//! How large the pages are that the system gives memory in, where it lets itself be told: on Linux.
//!
//! The allocator asks for huge pages, with which large texts take a sixth less time. A run over thousands
//! of small files that keeps no text needs a little memory in many places, and of a huge page begun in each
//! of them most would be for nothing: a third of all that such a run takes.

#[cfg(target_os = "linux")]
use rustix::thread::{disable_transparent_huge_pages, transparent_huge_pages_are_disabled};
#[cfg(target_os = "linux")]
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether huge pages were ended here: where they were off before, somebody wants that.
#[cfg(target_os = "linux")]
static ENDED: AtomicBool = AtomicBool::new(false);

/// Small pages from now on, as far as the system lets us: nothing but time and memory hangs on it.
pub fn take_small() {
    #[cfg(target_os = "linux")]
    if transparent_huge_pages_are_disabled() == Ok(false)
        && disable_transparent_huge_pages(true).is_ok()
    {
        ENDED.store(true, Ordering::Relaxed);
    }
}

/// Huge pages again, where [`take_small`] is what ended them.
pub fn take_huge() {
    #[cfg(target_os = "linux")]
    if ENDED.swap(false, Ordering::Relaxed) {
        let _ = disable_transparent_huge_pages(false);
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn what_was_off_before_stays_off() {
        let is_off = || transparent_huge_pages_are_disabled().unwrap();
        // The whole process has one setting: no other test may ask for another meanwhile.
        let before = is_off();
        disable_transparent_huge_pages(false).unwrap();
        take_small();
        assert!(is_off());
        take_small();
        take_huge();
        assert!(!is_off());
        disable_transparent_huge_pages(true).unwrap();
        take_small();
        take_huge();
        assert!(is_off());
        disable_transparent_huge_pages(before).unwrap();
    }
}
