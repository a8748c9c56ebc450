//! Any changes on any document: its text, a zero byte, and the choices that make the changes.
#![no_main]

use datakit_inject_fuzz::checks::{choices::Choices, edits};
use datakit_inject_fuzz::{hold, parts};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (text, choices) = parts(data);
    if let Ok(text) = std::str::from_utf8(text) {
        hold(edits::check(text, &mut Choices::new(choices)));
    }
});
