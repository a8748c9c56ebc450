//! The two readers of YAML on any documents, and the two readers of JSON.
#![no_main]

use datakit_inject_fuzz::{checks::parsers, hold};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        for document in parsers::documents(text) {
            hold(parsers::compare(document));
        }
        hold(parsers::compare_json(text));
    }
});
