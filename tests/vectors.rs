//! The operator's own answers on 1,178 concrete pods (`testdata/vectors`, which `spec/` calls
//! vectors): what we inject is what the operator injects, and a second run changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what it cannot read"
)]

mod accounts;
mod applied;
mod equivalence;

use std::fmt::Write as _;

use applied::{inject_into, with_template};
use datakit_inject::change::Path;
use datakit_inject::config::{Dialect, from_json};
use datakit_inject::inject::{Injection, Injector, Switches};
use datakit_inject::source::Source;
use serde_json::Value as Json;

#[test]
fn v1_pods_become_what_the_operator_makes_of_them() {
    run("v1.jsonl", Dialect::V1, 393);
}

#[test]
fn v2_pods_become_what_the_operator_makes_of_them() {
    run("v2.jsonl", Dialect::V2, 638);
}

#[test]
fn v1_configurations_read_as_v2_do_what_the_operator_does() {
    run("v1-read-as-v2.jsonl", Dialect::V2, 147);
}

/// Runs every case of a file; a message names each that fails, with what differs.
fn run(file: &str, dialect: Dialect, expected: usize) {
    let mut failures = String::new();
    let cases = equivalence::cases(file);
    let (count, mut failed) = (cases.len(), 0);
    for case in cases {
        let problems = check(&case, dialect);
        if !problems.is_empty() {
            failed += 1;
            let why = case["why"].as_str().unwrap_or_default();
            writeln!(failures, "{} ({why})", case["name"]).unwrap();
            for problem in problems {
                writeln!(failures, "    {problem}").unwrap();
            }
        }
    }
    assert_eq!(count, expected, "{file}: the number of cases");
    assert!(
        failed == 0,
        "{file}: {failed} of {count} cases fail\n{failures}"
    );
}

fn check(case: &Json, dialect: Dialect) -> Vec<String> {
    let source = Source::new("config", case["config"].to_string());
    let mut sink = Vec::new();
    let Some(configuration) = from_json(&source, Some(dialect), &mut sink) else {
        return vec![format!("the configuration cannot be read: {sink:?}")];
    };
    let namespace = case["namespace"].as_str().unwrap();
    let (after, outcome) = inject_into(&configuration.rules, &case["pod"], namespace, false);
    let mut problems = equivalence::differences(&after, &case["expect"]);
    let handled = outcome.injected.len() + outcome.skipped.len();
    if handled != Injection::ALL.len() {
        problems.push(format!("{handled} injections are reported: {outcome:?}"));
    }
    let (_, again) = inject_into(&configuration.rules, &after, namespace, false);
    if !again.changes.is_empty() || !again.injected.is_empty() {
        problems.push(format!("a second run changes something: {again:#?}"));
    }

    let (_, job) = inject_into(&configuration.rules, &case["pod"], namespace, true);
    let restart = Path::new(["spec", "restartPolicy"]);
    if job.changes.iter().any(|change| change.path == restart) {
        problems.push("the restart policy of a Job is changed".to_owned());
    }
    let switches = Switches::default();
    let injector = Injector::new(&configuration.rules, &switches);
    for (pod, runs_to_completion) in [(&case["pod"], false), (&after, false), (&case["pod"], true)]
    {
        problems.extend(with_template(
            pod,
            namespace,
            runs_to_completion,
            |template| accounts::differences(&injector, template),
        ));
    }
    problems
}
