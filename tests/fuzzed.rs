//! Temporary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]
#[allow(dead_code, reason = "each test needs a part of them")]
mod checks;
mod random;

use checks::choices::{Choices, bytes};
use std::fs;

#[test]
fn seeds_hold() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut seen = checks::rewriting::Seen::default();
    let mut became = std::collections::BTreeMap::new();
    for (n, entry) in walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file() && e.metadata().unwrap().len() < 20000)
        .enumerate()
    {
        let b = fs::read(entry.path()).unwrap();
        match checks::pipeline::check(&b) {
            Ok(one) => seen += one,
            Err(why) => println!("PIPELINE {}: {why}", entry.path().display()),
        }
        let Ok(text) = std::str::from_utf8(&b) else {
            continue;
        };
        for d in checks::parsers::documents(text) {
            for k in 0..10 {
                let by = bytes(1, n as u64 * 10 + k, 64);
                match checks::edits::check(d, &mut Choices::new(&by)) {
                    Ok(one) => *became.entry(format!("{one:?}")).or_insert(0) += 1,
                    Err(why) => println!("EDITS {} {k}: {why}", entry.path().display()),
                }
            }
        }
    }
    println!("{seen:?} {became:?}");
}
