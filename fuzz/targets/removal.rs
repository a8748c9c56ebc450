//! Any bytes injected, and what was injected taken out again.
#![no_main]

use datakit_inject_fuzz::{checks::removal, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(removal::check(data)));
