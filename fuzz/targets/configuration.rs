//! Any configuration, and behind zero bytes the values of a namespace, a label and annotations.
#![no_main]

use datakit_inject_fuzz::{checks::configuration, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let mut parts = text.split('\0');
        let config = parts.next().unwrap_or_default();
        let values: Vec<&str> = parts.collect();
        hold(configuration::check(config, &values));
    }
});
