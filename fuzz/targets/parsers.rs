//! The two readers of YAML on any documents, and the two readers of JSON.
#![no_main]

use datakit_inject_fuzz::{checks::parsers, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(parsers::check(data)));
