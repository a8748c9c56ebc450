//! Real manifests of other projects, with a configuration that injects everything everywhere: the rules
//! of editing without reformatting hold for each of them.
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
#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test needs a part of them, and the fuzz targets need them from outside"
)]
mod checks;
mod random;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use checks::rewriting::{self, Seen, errors, lookup, rewrite, rules, tree};
use datakit_inject::config::Rules;
use datakit_inject::document;
use datakit_inject::inject::{Injector, Switches};
use datakit_inject::input;
use datakit_inject::report::Event;
use datakit_inject::yaml;

/// Injects ddtrace, logfwd, profiler and logging into every pod.
const EVERYWHERE: &str = include_str!("../testdata/config/everywhere.json");
/// Selects nothing, and no manifest of the corpus asks by annotation.
const NOWHERE: &str = r#"{"admission_inject_v2": {"ddtraces": [{"namespace_selectors": ["^no-such-namespace$"], "language": "java", "image": "i"}]}}"#;

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

/// What the rules make of a document's pods is what they say of it.
fn accounts_agree(rules: &Rules, text: &str) -> Vec<String> {
    let tree = tree(text).unwrap();
    let switches = Switches::default();
    let injector = Injector::new(rules, &switches);
    let lookup = lookup();
    let objects = lookup.objects(tree.root_node().unwrap());
    let templates = objects.iter().flat_map(|object| &object.templates);
    templates
        .flat_map(|template| accounts::differences(&injector, template))
        .collect()
}

/// A text's lines; a comma more at a line's end is no difference.
fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.trim_end_matches(','))
        .collect()
}

/// How many lines of the old text are not in the new one.
fn replaced_lines(old: &str, new: &str) -> usize {
    similar::capture_diff_slices(similar::Algorithm::Myers, &lines(old), &lines(new))
        .into_iter()
        .filter(|op| op.tag() != similar::DiffTag::Equal)
        .map(|op| op.old_range().len())
        .sum()
}

#[test]
fn everything_is_injected_and_nothing_else_is_changed() {
    let Some(files) = corpus("DATAKIT_INJECT_CORPUS") else {
        return;
    };
    let (rules, nowhere, all) = (rules(EVERYWHERE), rules(NOWHERE), Switches::default());
    let (mut injected, mut skipped, mut replaced) = (0, 0, 0);
    let mut seen = Seen::default();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for path in &files {
        let name = path.display().to_string();
        let text = input::source(name.clone(), fs::read(path).unwrap()).unwrap();
        let text = text.text();
        let untouched = rewrite(&nowhere, &all, None, text);
        if untouched.text() != text {
            failures.push(format!("{name}: changed although nothing applies"));
        }
        let result = match rewriting::check(&rules, &all, text) {
            Ok((result, one)) => {
                seen += one;
                result
            }
            Err(why) => {
                failures.push(format!("{name}: {why}"));
                continue;
            }
        };
        for error in errors(&result) {
            failures.push(format!("{name}: {error:?}"));
        }
        for event in &result.events {
            if let Event::Workload(workload) = event {
                let label = &workload.object.label();
                if workload.is_changed() {
                    injected += 1;
                    let kind = label.split('/').rev().nth(1).unwrap_or(label).to_owned();
                    *kinds.entry(kind).or_default() += 1;
                } else {
                    println!("{name}: {label}: skipped: {:?}", workload.skipped());
                    skipped += 1;
                }
            }
        }
        for (old, new) in result.pairs() {
            if old != new {
                replaced += replaced_lines(old, &new);
                let told = accounts_agree(&rules, old);
                failures.extend(told.into_iter().map(|why| format!("{name}: {why}")));
            }
        }
    }
    println!(
        "{} files, {injected} workloads injected, {skipped} skipped, {} documents equal under \
         the second reader, {} that it cannot read, {replaced} lines that are not additions,",
        files.len(),
        seen.verified,
        seen.changed - seen.verified
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
        let result = rewrite(&rules, &Switches::default(), None, &text);
        let found = errors(&result);
        for error in &found {
            let location = error.location.as_ref().expect("an error has a place");
            println!(
                "{name}:{}:{}: {} | {}",
                location.line,
                location.column,
                error.message,
                location.text()
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
