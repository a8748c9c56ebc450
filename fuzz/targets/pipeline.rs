//! Any bytes through the whole pipeline.
#![no_main]

use datakit_inject_fuzz::{checks::pipeline, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(pipeline::check(data)));
