//! Any changes on any document: its text, a zero byte, and the choices that make the changes.
#![no_main]

use datakit_inject_fuzz::{checks::edits, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| hold(edits::check(data)));
