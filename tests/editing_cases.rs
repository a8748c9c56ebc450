//! The editing cases: operations on the value of a document, and the bytes that must come of them.
//!
//! Those in `testdata/fuzz/edits` were found by the fuzz target of that name; `UPDATE=1 cargo test --test
//! editing_cases` writes their results, and one without a result must be refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use datakit_inject::change::{Change, Changes, Operation, Path, Segment};
use datakit_inject::document::{is_blank, split};
use datakit_inject::edit::Editor;
use datakit_inject::source::BYTE_ORDER_MARK;
use datakit_inject::yaml::{Budget, Value, json, parse};

/// A JSON value as one of ours.
fn value(json: &serde_json::Value) -> Value {
    let text = json.to_string();
    let tree = json::parse(&text).unwrap();
    tree.value(tree.root().unwrap(), &mut Budget::default())
        .unwrap()
}

fn changes(ops: &serde_json::Value) -> Changes {
    let change = |op: &serde_json::Value| {
        let segments =
            op["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|segment| match segment.as_u64() {
                    Some(index) => Segment::Index(usize::try_from(index).unwrap()),
                    None => Segment::from(segment.as_str().unwrap().to_owned()),
                });
        let value = Arc::new(value(&op["value"]));
        let operation = match op["op"].as_str().unwrap() {
            "append" => Operation::Append(value),
            "prepend" => Operation::Prepend(value),
            "set" => Operation::Set(value),
            "moveLast" => Operation::MoveLast,
            "remove" => Operation::Remove,
            other => panic!("unknown operation {other}"),
        };
        Change::new(Path(segments.collect()), operation)
    };
    Changes {
        base: Path::default(),
        below: ops["ops"].as_array().unwrap().iter().map(change).collect(),
    }
}

/// Carries out the operations on one document of a stream.
fn apply(stream: &str, ops: &serde_json::Value) -> Result<String, String> {
    let wanted = usize::try_from(ops["doc"].as_u64().unwrap()).unwrap();
    let mut index = 0;
    let mut new = String::new();
    if stream.starts_with(BYTE_ORDER_MARK) {
        new.push(BYTE_ORDER_MARK);
    }
    for document in split(stream) {
        let text = &stream[document.span.start..document.span.end];
        if is_blank(text) || index != wanted {
            index += usize::from(!is_blank(text));
            new.push_str(text);
            continue;
        }
        index += 1;
        // What has the brackets of JSON may still be none.
        let tree = match json::parse(text) {
            Ok(tree) if document.json => tree,
            _ => parse(text).map_err(|error| format!("{error:?}"))?.tree,
        };
        let edited = (Editor::default().edit(&tree, &[changes(ops)])).map_err(|error| {
            assert!(!error.internal, "{error:?}");
            format!("{error:?}")
        })?;
        new.push_str(
            &edited
                .new
                .map_or_else(|| text.to_owned(), |new| new.text(text)),
        );
    }
    Ok(new)
}

/// The folders of the cases, by name.
fn cases(root: &str) -> Vec<PathBuf> {
    let folder = FilePath::new(env!("CARGO_MANIFEST_DIR")).join(root);
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

/// What becomes of a case.
fn result(case: &FilePath) -> Result<String, String> {
    let before = fs::read_to_string(case.join("before.yaml")).unwrap();
    let ops = serde_json::from_str(&fs::read_to_string(case.join("ops.json")).unwrap()).unwrap();
    apply(&before, &ops)
}

/// What is wrong with the cases.
fn failures(cases: &[PathBuf]) -> Vec<String> {
    let mut failures = Vec::new();
    for case in cases {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let after = fs::read_to_string(case.join("after.yaml"));
        match (result(case), after) {
            (Ok(text), Ok(after)) if text == after => {}
            (Err(_), Err(_)) => {}
            (Ok(text), after) => {
                failures.push(format!("{name}: got\n{text}<<<\nwanted\n{after:?}<<<"));
            }
            (Err(error), Ok(_)) => failures.push(format!("{name}: {error}")),
        }
    }
    failures
}

#[test]
fn every_editing_case_is_exact() {
    let cases = cases("testdata/editing-cases");
    let failures = failures(&cases);
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
    assert_eq!(cases.len(), 47);
    let refused = cases
        .iter()
        .filter(|case| !case.join("after.yaml").exists());
    assert_eq!(refused.count(), 0, "none of these is refused");
}

#[test]
fn what_was_found_by_fuzzing_stays_mended() {
    let cases = cases("testdata/fuzz/edits");
    if std::env::var_os("UPDATE").is_some() {
        for case in &cases {
            match result(case) {
                Ok(text) => fs::write(case.join("after.yaml"), text).unwrap(),
                Err(why) => println!("{}: {why}", case.display()),
            }
        }
    }
    let failures = failures(&cases);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases.len() >= 8);
}
