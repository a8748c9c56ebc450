//! Real manifests of other projects, with a configuration that injects everything everywhere:
//! rules 1 to 4 of editing without reformatting hold for each of them.
//!
//! Runs where `DATAKIT_INJECT_CORPUS` names a folder with manifests; `DATAKIT_INJECT_CORPUS_BROKEN`
//! one with files that are no YAML or look like none.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod accounts;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use datakit_inject::change::{Change, Operation, Segment};
use datakit_inject::config::{self, Rules};
use datakit_inject::diagnostic::{Diagnostic, Severity};
use datakit_inject::document;
use datakit_inject::inject::{Injector, Switches};
use datakit_inject::input;
use datakit_inject::report::Event;
use datakit_inject::rewrite::{Rewriter, Rewritten};
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use datakit_inject::yaml::{self, Value, json};
use serde_yaml::Value as Read;

/// Injects ddtrace, logfwd, profiler and logging into every pod.
const EVERYWHERE: &str = include_str!("../testdata/config/everywhere.json");
/// Selects nothing, and no manifest of the corpus asks by annotation.
const NOWHERE: &str = r#"{"admission_inject_v2": {"ddtraces": [{"namespace_selectors": ["^no-such-namespace$"], "language": "java", "image": "i"}]}}"#;

fn rules(json: &str) -> Rules {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let source = Source::new("config.json", json);
    let config = config::from_json(&source, None, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    config.unwrap().rules
}

fn files(root: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| {
            path.extension()
                .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        })
        .collect();
    files.sort();
    files
}

fn corpus(variable: &str) -> Option<Vec<PathBuf>> {
    let Some(root) = std::env::var_os(variable) else {
        println!("{variable} is not set: nothing is read");
        return None;
    };
    let files = files(Path::new(&root));
    assert!(
        !files.is_empty(),
        "{variable} names a folder without manifests"
    );
    Some(files)
}

fn lookup() -> Lookup {
    Lookup {
        carriers: Vec::new(),
        namespace: "default".to_owned(),
    }
}

fn rewrite(rules: &Rules, name: &str, text: &str) -> Rewritten {
    let (switches, lookup) = (Switches::default(), lookup());
    let rewriter = Rewriter {
        work: Work::Inject,
        rules,
        switches: &switches,
        any_logs: false,
        previous: None,
        lookup: &lookup,
        format: None,
        tells_untouched: false,
        tells_missing: false,
        tells_stale: false,
        limits: &datakit_inject::limits::Limits::USUAL,
    };
    rewriter.rewrite(&Source::new(name, text), 1)
}

fn errors(rewritten: &Rewritten) -> Vec<&Diagnostic> {
    rewritten
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Diagnostic(diagnostic) if diagnostic.severity == Severity::Error => {
                Some(&**diagnostic)
            }
            _ => None,
        })
        .collect()
}

/// The changes that the rules ask for in a document.
fn changes(rules: &Rules, text: &str) -> Vec<Change> {
    let tree = match json::parse(text) {
        Ok(tree) => tree,
        Err(_) => yaml::parse(text).unwrap().tree,
    };
    let mut changes = Vec::new();
    for object in lookup().objects(tree.root_node().unwrap()) {
        for template in &object.templates {
            let switches = Switches::default();
            let injector = Injector::new(rules, &switches);
            let told = accounts::differences(&injector, template);
            assert!(told.is_empty(), "{text}\n{}", told.join("\n"));
            let outcome = injector.inject(template);
            changes.extend(outcome.changes.into_iter().map(|change| Change {
                path: template.path.concat(&change.path),
                operation: change.operation,
            }));
        }
    }
    changes
}

fn read_value(value: &Value) -> Read {
    match value {
        Value::Scalar(scalar) if scalar.plain => serde_yaml::from_str(&scalar.text).unwrap(),
        Value::Scalar(scalar) => Read::String(scalar.text.clone().into_owned()),
        Value::Sequence(items) => {
            Read::Sequence(items.iter().map(|item| read_value(item)).collect())
        }
        Value::Mapping(entries) => Read::Mapping(
            entries
                .iter()
                .map(|(key, value)| (read_value(key), read_value(value)))
                .collect(),
        ),
    }
}

/// What the changes make of a value, independently of how the program does it: indices are those
/// before the changes, and a moved item goes behind what was appended before it.
fn intended(mut value: Read, changes: &[Change]) -> Read {
    fn at<'v>(value: &'v mut Read, path: &[Segment]) -> &'v mut Read {
        path.iter().fold(value, |value, segment| match segment {
            Segment::Key(key) => {
                if value.is_null() {
                    *value = Read::Mapping(serde_yaml::Mapping::new());
                }
                let entries = value.as_mapping_mut().unwrap();
                entries
                    .entry(Read::String(key.clone().into_owned()))
                    .or_insert(Read::Null)
            }
            Segment::Index(index) => value.as_sequence_mut().unwrap().get_mut(*index).unwrap(),
        })
    }
    let mut moves: Vec<(&[Segment], usize)> = Vec::new();
    // Values first, while all indices are still those of the unchanged document.
    for change in changes {
        if let Operation::Set(new) = &change.operation {
            *at(&mut value, &change.path.0) = read_value(new);
        }
    }
    for change in changes {
        match &change.operation {
            Operation::Append(new) => {
                let list = at(&mut value, &change.path.0);
                if list.is_null() {
                    *list = Read::Sequence(Vec::new());
                }
                list.as_sequence_mut().unwrap().push(read_value(new));
            }
            Operation::MoveLast => {
                let (Segment::Index(index), list) = change.path.0.split_last().unwrap() else {
                    panic!("no list item");
                };
                let items = at(&mut value, list).as_sequence_mut().unwrap();
                items.push(items[*index].clone());
                moves.push((list, *index));
            }
            Operation::Set(_) => {}
            Operation::Prepend(_) => panic!("no injection puts anything in front"),
            Operation::Remove => panic!("no injection takes anything out"),
        }
    }
    for (list, index) in moves {
        at(&mut value, list)
            .as_sequence_mut()
            .unwrap()
            .remove(index);
    }
    value
}

/// A document under the second reader; nothing where that reader refuses it (duplicate keys).
fn second_reading(text: &str) -> Option<Read> {
    let mut value: Read = serde_yaml::from_str(text).ok()?;
    value.apply_merge().ok()?;
    Some(value)
}

/// A text's lines; a comma more at a line's end is no difference.
fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.trim_end_matches(','))
        .collect()
}

/// The first line of the old text that has no place in the new one, where the lines that may change
/// are passed over and the others must stand there in order.
fn lost_line<'t>(old: &'t str, new: &str) -> Option<&'t str> {
    let new_lines = lines(new);
    let mut rest = new_lines.iter();
    lines(old)
        .into_iter()
        .filter(|line| !may_change(line))
        .find(|line| !rest.any(|other| other == line))
}

/// How many lines of the old text are not in the new one.
fn replaced_lines(old: &str, new: &str) -> usize {
    similar::capture_diff_slices(similar::Algorithm::Myers, &lines(old), &lines(new))
        .into_iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| op.old_range().len())
        .sum()
}

/// Whether a line may be another one afterwards, because its value is extended or expanded.
fn may_change(line: &str) -> bool {
    let text = line.trim().trim_start_matches("- ").replace('"', "");
    [
        "restartPolicy:",
        "shareProcessNamespace:",
        "value:",
        "name: DD_TAGS",
    ]
    .iter()
    .any(|start| text.starts_with(start))
        || [": []", ": {}", ": *", ": null", ": ~"]
            .iter()
            .any(|empty| text.contains(empty))
        || text.ends_with(':')
        || text.starts_with(['*', '{', '['])
        // The last line of a quoted text over several lines.
        || (line.ends_with('"') && !line.contains(": "))
}

#[test]
fn everything_is_injected_and_nothing_else_is_changed() {
    let Some(files) = corpus("DATAKIT_INJECT_CORPUS") else {
        return;
    };
    let rules = rules(EVERYWHERE);
    let nowhere = self::rules(NOWHERE);
    let (mut injected, mut skipped, mut replaced, mut verified, mut unread) = (0, 0, 0, 0, 0);
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in &files {
        let name = path.display().to_string();
        let text = input::source(name.clone(), fs::read(path).unwrap()).unwrap();
        let text = text.text();
        let untouched = rewrite(&nowhere, &name, text);
        if untouched.text() != text {
            failures.push(format!("{name}: changed although nothing applies"));
        }
        let result = rewrite(&rules, &name, text);
        for error in errors(&result) {
            failures.push(format!("{name}: {error:?}"));
        }
        for event in &result.events {
            if let Event::Workload(workload) = event {
                let label = &workload.object.label;
                if workload.is_changed() {
                    injected += 1;
                    let kind = label.split('/').rev().nth(1).unwrap_or(label).to_owned();
                    *kinds.entry(kind).or_default() += 1;
                } else {
                    println!("{name}: {label}: skipped: {:?}", workload.skipped);
                    skipped += 1;
                }
            }
        }
        let again = rewrite(&rules, &name, &result.text());
        if again.text() != result.text() {
            failures.push(format!("{name}: a second run changes its own output"));
        }
        for (old, new) in result.pairs() {
            if old == new {
                continue;
            }
            replaced += replaced_lines(old, &new);
            if let Some(line) = lost_line(old, &new) {
                failures.push(format!("{name}: this line is lost: {line}"));
            }
            match (second_reading(old), second_reading(&new)) {
                (Some(before), Some(after)) => {
                    verified += 1;
                    if intended(before, &changes(&rules, old)) != after {
                        failures.push(format!("{name}: the second reader reads another value"));
                    }
                }
                (None, None) => unread += 1,
                (Some(_), None) => {
                    failures.push(format!("{name}: the second reader refuses the result"));
                }
                (None, Some(_)) => {
                    failures.push(format!("{name}: the second reader refused only the input"));
                }
            }
        }
    }
    println!(
        "{} files, {injected} workloads injected, {skipped} skipped, {verified} documents equal under \
         the second reader, {unread} that it cannot read, {replaced} lines that are not additions,",
        files.len()
    );
    println!("{kinds:?}");
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(injected >= 350, "only {injected} workloads were injected");
}

#[test]
fn what_is_no_yaml_is_left_alone_or_one_clear_error() {
    let Some(files) = corpus("DATAKIT_INJECT_CORPUS_BROKEN") else {
        return;
    };
    let rules = rules(EVERYWHERE);
    let mut refused = 0;
    for path in &files {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).unwrap();
        let result = rewrite(&rules, &name, &text);
        let found = errors(&result);
        for error in &found {
            let location = error.location.as_ref().expect("an error has a place");
            println!(
                "{name}:{}:{}: {} | {}",
                location.line, location.column, error.message, location.text
            );
        }
        refused += usize::from(!found.is_empty());
        // A document with an error stays as it is; only whole, valid documents are injected.
        for (part, (old, new)) in result.parts.iter().zip(result.pairs()) {
            assert_eq!(part.new.is_some(), old != new, "{name}");
            if old != new {
                assert!(
                    yaml::parse(&new).is_ok() || document::is_blank(&new),
                    "{name}"
                );
            }
        }
    }
    println!("{} files, {refused} refused", files.len());
}
