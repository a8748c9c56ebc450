//! The operator's own answers on 1,178 concrete pods (`testdata/vectors`, which `spec/` calls
//! vectors): what we inject is what the operator injects, and a second run changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at what it cannot read"
)]

mod equivalence;

use std::fmt::Write as _;

use datakit_inject::change::{Change, Operation, Path, Segment};
use datakit_inject::config::{Configuration, Dialect, from_json};
use datakit_inject::inject::{Injection, Injector, Outcome, Switches};
use datakit_inject::source::Source;
use datakit_inject::workload::PodTemplate;
use datakit_inject::yaml::scalar::{Resolved, resolve};
use datakit_inject::yaml::{Value, json};
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
    let (after, outcome) = inject_into(&configuration, &case["pod"], namespace, false);
    let mut problems = equivalence::differences(&after, &case["expect"]);
    let handled = outcome.injected.len() + outcome.skipped.len();
    if handled != Injection::ALL.len() {
        problems.push(format!("{handled} injections are reported: {outcome:?}"));
    }
    let (_, again) = inject_into(&configuration, &after, namespace, false);
    if !again.changes.is_empty() || !again.injected.is_empty() {
        problems.push(format!("a second run changes something: {again:#?}"));
    }

    let (_, job) = inject_into(&configuration, &case["pod"], namespace, true);
    let restart = Path::new(["spec", "restartPolicy"]);
    if job.changes.iter().any(|change| change.path == restart) {
        problems.push("the restart policy of a Job is changed".to_owned());
    }
    problems
}

fn inject_into(
    configuration: &Configuration,
    pod: &Json,
    namespace: &str,
    runs_to_completion: bool,
) -> (Json, Outcome) {
    let text = pod.to_string();
    let tree = json::parse(&text).unwrap();
    let own = pod["metadata"]["namespace"].as_str();
    let template = PodTemplate {
        node: tree.root_node().unwrap(),
        path: Path::default(),
        namespace: own.unwrap_or(namespace).to_owned(),
        runs_to_completion,
    };
    let outcome = Injector::new(&configuration.rules, &Switches::default()).inject(&template);
    assert_eq!(outcome.malformed, None);
    (applied(pod, &outcome.changes), outcome)
}

/// The pod with the changes carried out: what the editor does with text, on a value.
fn applied(pod: &Json, changes: &[Change]) -> Json {
    let mut pod = pod.clone();
    for change in changes {
        if let Operation::Set(value) = &change.operation {
            *descend(&mut pod, &change.path.0) = to_json(value);
        }
    }
    let mut moved: Vec<(&[Segment], usize)> = Vec::new();
    for change in changes {
        let path = &*change.path.0;
        match &change.operation {
            Operation::Append(value) => {
                let list = descend(&mut pod, path);
                if list.is_null() {
                    *list = Json::Array(Vec::new());
                }
                list.as_array_mut().unwrap().push(to_json(value));
            }
            Operation::MoveLast => {
                let (last, parent) = path.split_last().unwrap();
                let Segment::Index(index) = last else {
                    panic!("{} is no item", change.path);
                };
                let before = moved.iter();
                let before = before.filter(|(own, own_index)| *own == parent && own_index < index);
                let place = index - before.count();
                moved.push((parent, *index));
                let items = descend(&mut pod, parent).as_array_mut().unwrap();
                let item = items.remove(place);
                items.push(item);
            }
            Operation::Set(_) => {}
            Operation::Prepend(_) => panic!("nothing is prepended"),
            Operation::Remove => panic!("nothing is taken out"),
        }
    }
    pod
}

fn descend<'p>(mut at: &'p mut Json, path: &[Segment]) -> &'p mut Json {
    for segment in path {
        at = match segment {
            Segment::Key(key) => &mut at[&**key],
            Segment::Index(index) => &mut at[*index],
        };
    }
    at
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Scalar(scalar) if scalar.plain => match resolve(&scalar.text) {
            Resolved::Null => Json::Null,
            Resolved::Bool(value) => Json::Bool(value),
            Resolved::Integer(_) | Resolved::Float(_) => {
                serde_json::from_str(&scalar.text).unwrap()
            }
            Resolved::NotFinite | Resolved::String => {
                Json::String(scalar.text.clone().into_owned())
            }
        },
        Value::Scalar(scalar) => Json::String(scalar.text.clone().into_owned()),
        Value::Sequence(items) => items.iter().map(|item| to_json(item)).collect(),
        Value::Mapping(entries) => {
            let key = |key: &Value| to_json(key).as_str().unwrap().to_owned();
            let entries = entries.iter();
            Json::Object(
                entries
                    .map(|(name, value)| (key(name), to_json(value)))
                    .collect(),
            )
        }
    }
}
