//! Whether what is told of a template's injections is what happens to it: what was decided, by which
//! rule, and everything that is done.

use datakit_inject::change::{Change, Operation, Path, Segment};
use datakit_inject::config::select::Verdict;
use datakit_inject::inject::{Account, Act, Injection, Injector, Outcome, Reason};
use datakit_inject::workload::PodTemplate;
use datakit_inject::yaml::{Node, Value};

/// Explains a template, and holds every word against what injecting does. Gives what differs.
pub(crate) fn differences(injector: &Injector<'_>, template: &PodTemplate<'_>) -> Vec<String> {
    let outcome = injector.inject(template);
    let (explained, accounts) = injector.explain(template);
    let mut problems = Vec::new();
    if explained != outcome {
        problems.push(format!("explained {explained:#?}, done {outcome:#?}"));
    }
    let injections: Vec<Injection> = accounts.iter().map(|own| own.injection).collect();
    if injections != Injection::ALL {
        problems.push(format!("told of {injections:?}"));
    }
    for account in &accounts {
        problems.extend(reasons(&outcome, account));
    }
    if outcome.malformed.is_none() {
        let (told, done) = (told(&accounts), done(&outcome.changes, template.node));
        if told != done {
            problems.push(format!("told:\n{told:#?}\ndone:\n{done:#?}"));
        }
    }
    problems
}

/// Whether the rules that were asked give the outcome of an injection.
fn reasons(outcome: &Outcome, account: &Account<Path>) -> Vec<String> {
    let injection = account.injection;
    let mut problems = Vec::new();
    let mut hold = |holds: bool, what: &str| {
        if !holds {
            problems.push(format!("{injection}: {what}: {account:#?}"));
        }
    };
    let chosen = account.chosen().map(|own| &own.rule.place);
    let chosen_count = account
        .asked
        .iter()
        .filter(|own| matches!(own.verdict, Verdict::Chosen(_)));
    hold(chosen_count.count() <= 1, "several rules were chosen");
    let made = outcome
        .injected
        .iter()
        .find(|own| own.injection == injection);
    if let Some(made) = made {
        hold(chosen == Some(&made.rule), "another rule was chosen");
    }
    let skipped = outcome
        .skipped
        .iter()
        .find(|own| own.injection == injection);
    let Some(skipped) = skipped else {
        hold(made.is_some(), "nothing became of it");
        return problems;
    };
    hold(made.is_none(), "it is made and skipped");
    hold(
        account.deeds.is_empty() || outcome.malformed.is_some(),
        "something is done",
    );
    match &skipped.reason {
        Reason::NoRuleMatches => {
            let is_silent = account.asked.iter().all(|own| match own.verdict {
                Verdict::PassedOver | Verdict::NotSelected(_) | Verdict::SendsOn(_) => true,
                // Dialect v1's annotations are asked of every pod.
                Verdict::AnnotationMissing(..) => !own.rule.place.is_entry(),
                Verdict::Chosen(_) => false,
            });
            hold(is_silent, "a rule matches");
        }
        Reason::AnnotationMissing(key) => {
            let asks = account.asked.iter().any(|own| {
                matches!(own.verdict, Verdict::AnnotationMissing(..))
                    && own.rule.annotation.as_deref() == Some(&**key)
            });
            hold(asks && chosen.is_none(), "no rule asks for the annotation");
        }
        Reason::UnsupportedLanguage(_)
        | Reason::NoLanguage
        | Reason::Complete
        | Reason::ImageMissing(_)
        | Reason::Impossible(_)
        | Reason::NothingAskedFor => hold(chosen.is_some(), "no rule was chosen"),
        Reason::Current => hold(false, "injecting compares nothing"),
        Reason::SwitchedOff(_)
        | Reason::HasContainer(_)
        | Reason::HasInitContainer(_)
        | Reason::HasAnnotation(_) => hold(!account.evidence.is_empty(), "nothing is shown"),
        Reason::NoContainers | Reason::LeftOut | Reason::Yields(_) | Reason::Malformed => {}
    }
    problems
}

/// Everything that is told to be done, one line each, sorted.
fn told(accounts: &[Account<Path>]) -> Vec<String> {
    let deeds = accounts.iter().flat_map(|own| &own.deeds);
    let mut lines: Vec<String> = deeds
        .filter_map(|deed| {
            let container = deed.container.as_deref().unwrap_or_default();
            Some(match &deed.act {
                Act::AddContainer { name, .. } => format!("containers + {name}"),
                Act::AddInitContainer { name, .. } => format!("initContainers + {name}"),
                Act::AddVolume { name, .. } => format!("volumes + {name}"),
                Act::AddAnnotation { key } => format!("annotation {key}"),
                Act::ShareProcesses => "shareProcessNamespace".to_owned(),
                Act::RestartAlways => "restartPolicy".to_owned(),
                Act::AddVariable { name } => format!("{container}: env + {name}"),
                Act::ExtendVariable { name, .. } => format!("{container}: env = {name}"),
                Act::MoveVariable { name } => format!("{container}: env > {name}"),
                Act::AddMount { volume, .. } => format!("{container}: mounts + {volume}"),
                Act::KeepVolume { .. }
                | Act::KeepInitContainer { .. }
                | Act::TakeAnnotation { .. }
                | Act::KeepAnnotations { .. }
                | Act::KeepRestartPolicy
                | Act::ReuseVolume { .. }
                | Act::LeavePathOut { .. }
                | Act::LeaveVariableOut { .. }
                | Act::KeepVariable { .. }
                | Act::CompleteVariable { .. }
                | Act::KeepMount { .. } => return None,
            })
        })
        .collect();
    lines.sort();
    lines
}

/// Everything that is done, in the same words.
fn done(changes: &[Change], template: Node<'_>) -> Vec<String> {
    let mut lines: Vec<String> = changes
        .iter()
        .flat_map(|change| {
            let path = &*change.path.0;
            let keys: Vec<&str> = path
                .iter()
                .filter_map(|segment| match segment {
                    Segment::Key(key) => Some(&**key),
                    Segment::Index(_) => None,
                })
                .collect();
            let indices: Vec<usize> = path
                .iter()
                .filter_map(|segment| match segment {
                    Segment::Index(index) => Some(*index),
                    Segment::Key(_) => None,
                })
                .collect();
            let container = || {
                let containers = template.at(&["spec", "containers"]).unwrap().items();
                containers[indices[0]]
            };
            let name = |node: Node<'_>| {
                node.get("name")
                    .and_then(Node::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let variable = || name(container().get("env").unwrap().items()[indices[1]]);
            match (&keys[..], &change.operation) {
                (["spec", list @ ("initContainers" | "volumes")], Operation::Append(value)) => {
                    vec![format!("{list} + {}", text(value, "name"))]
                }
                (["spec", "containers"], Operation::Append(value)) => whole_container(value),
                (["spec", "containers", "env"], Operation::Append(value)) => {
                    vec![format!(
                        "{}: env + {}",
                        name(container()),
                        text(value, "name")
                    )]
                }
                (["spec", "containers", "volumeMounts"], Operation::Append(value)) => {
                    vec![format!(
                        "{}: mounts + {}",
                        name(container()),
                        text(value, "name")
                    )]
                }
                (["spec", "containers", "env", "value"], Operation::Set(_)) => {
                    vec![format!("{}: env = {}", name(container()), variable())]
                }
                (["spec", "containers", "env"], Operation::MoveLast) => {
                    vec![format!("{}: env > {}", name(container()), variable())]
                }
                (["metadata", "annotations", key], Operation::Set(_)) => {
                    vec![format!("annotation {key}")]
                }
                (["spec", key], Operation::Set(_)) => vec![(*key).to_owned()],
                other => vec![format!("{other:?}")],
            }
        })
        .collect();
    lines.sort();
    lines
}

/// A container that is added, with its variables and mounts.
fn whole_container(value: &Value) -> Vec<String> {
    let name = text(value, "name");
    let mut lines = vec![format!("containers + {name}")];
    for (list, word) in [("env", "env"), ("volumeMounts", "mounts")] {
        if let Some(Value::Sequence(items)) = entry(value, list) {
            let items = items.iter();
            lines.extend(items.map(|item| format!("{name}: {word} + {}", text(item, "name"))));
        }
    }
    lines
}

fn entry<'v>(value: &'v Value, key: &str) -> Option<&'v Value> {
    let Value::Mapping(entries) = value else {
        return None;
    };
    let found = entries.iter().find(|(own, _)| own.as_text() == Some(key));
    found.map(|(_, value)| &**value)
}

fn text(value: &Value, key: &str) -> String {
    entry(value, key)
        .and_then(Value::as_text)
        .unwrap_or_default()
        .to_owned()
}
