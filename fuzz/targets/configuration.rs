//! Any configuration, and behind zero bytes the values of a namespace, a label and annotations.
#![no_main]

use datakit_inject_fuzz::{checks::configuration, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(configuration::check(data)));
