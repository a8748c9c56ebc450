//! What the fuzz targets found stays mended: the inputs in `testdata/fuzz`, a folder for each target,
//! hold (`docs/testing.md`). What `edits` found is in `tests/editing_cases.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test needs a part of them, and the fuzz targets need them from outside"
)]
mod checks;
mod random;

use std::fs;
use std::path::Path;

use checks::rewriting::{Checked, value_is_intended};
use checks::{configuration, parsers, pipeline, removal};
use datakit_inject::change::{Change, Operation};
use datakit_inject::yaml::Value;

/// Asks a check of each input of a target.
fn hold(target: &str, check: fn(&[u8]) -> Checked) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/fuzz")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if let Err(why) = check(&fs::read(&path).unwrap()) {
            panic!("{}: {why}", path.display());
        }
        count += 1;
    }
    assert!(count > 0, "{} holds nothing", folder.display());
}

#[test]
fn what_parsers_found() {
    hold("parsers", parsers::check);
}

#[test]
fn what_configuration_found() {
    hold("configuration", |data| {
        configuration::check(data).map(|_| ())
    });
}

#[test]
fn what_pipeline_found() {
    hold("pipeline", |data| pipeline::check(data).map(|_| ()));
}

#[test]
fn what_removal_found() {
    hold("removal", |data| removal::check(data).map(|_| ()));
}

#[test]
fn what_is_json_only_afterwards_is_no_finding() {
    for (text, wanted) in [("x\u{85}y", Ok(false)), ("x y", Ok(true))] {
        let old = format!("{{\"a\": 0!!str , \"b\": \"{text}\"}}");
        let new = old.replace("0!!str", "1");
        let change = Change {
            path: datakit_inject::change::Path::default().join("a"),
            operation: Operation::Set(Value::plain("1").into()),
        };
        assert_eq!(value_is_intended(&old, &new, &[change]), wanted, "{old}");
    }
}
