//! What is stale: a pod template beside the same one injected anew, to the changes that make the first
//! say what the second does, with what is there kept in its place.
//!
//! The second one was made of the first by taking the injections out and making them again. So whatever
//! is different between the two is an injection's; order alone is no difference, and neither is what
//! somebody added to a container of ours that no injection sets.

mod container;
mod difference;
mod same;
mod variables;

use crate::change::{Change, Operation, Path};
use crate::config::annotation::LOGS;
use crate::inject::{
    Injection, Notice, Reason, Skipped, ddtrace, flameshot, logfwd, logging, otel, profiler,
};
use crate::workload::PodTemplate;
use crate::yaml::{Node, Value};

use difference::{Found, What};

pub use difference::Stale;

/// What a difference is about: injections of one slot replace each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// ddtrace or otel.
    Tracing,
    /// logfwd.
    Logfwd,
    /// flameshot.
    Flameshot,
    /// profiler.
    Profiler,
    /// logging.
    Logging,
}

impl Slot {
    /// The slot of an injection.
    #[must_use]
    pub const fn of(injection: Injection) -> Self {
        match injection {
            Injection::Ddtrace | Injection::Otel => Self::Tracing,
            Injection::Logfwd => Self::Logfwd,
            Injection::Flameshot => Self::Flameshot,
            Injection::Profiler => Self::Profiler,
            Injection::Logging => Self::Logging,
        }
    }
}

/// A template and the same one injected anew.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'p> {
    /// As it is.
    pub template: &'p PodTemplate<'p>,
    /// As it would be.
    pub fresh: &'p PodTemplate<'p>,
    /// The injections that were taken out and made again.
    pub remade: &'p [Injection],
    /// The mounts in containers of ours that are ours, too: where they stand in the template.
    pub own_mounts: &'p [Path],
}

/// What is different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What makes the template say what the fresh one does, with paths below it.
    pub changes: Vec<Change>,
    /// The injections that are stale, with what differs.
    pub stale: Vec<Stale>,
}

/// Compares a template with the same one injected anew.
#[must_use]
pub fn compare(pair: &Pair<'_>) -> Comparison {
    let mut found = Found::default();
    let (old, new) = (pair.template.node, pair.fresh.node);
    annotations(old, new, &mut found);
    if let (Some(old), Some(new)) = (old.get("spec"), new.get("spec")) {
        container::compare(old, new, pair, &mut found);
        volumes(old, new, &mut found);
        settings(old, new, &mut found);
    }
    found.into_comparison(pair.remade)
}

/// What is said of an injection that is stale, at its place in the template.
#[must_use]
pub fn notice(stale: &Stale, template: &PodTemplate<'_>) -> Notice {
    let Stale {
        injection,
        differences,
    } = stale;
    let message =
        format!("{injection} is there, but not as the configuration has it: {differences}");
    Notice::new("injection-stale", message)
        .at(place(*injection, template.node))
        .hint("datakit-inject --refresh replaces it")
}

/// What is said of an injection that is there and is not made again.
#[must_use]
pub fn kept_notice(kept: &Skipped, template: &PodTemplate<'_>) -> Notice {
    let Skipped { injection, reason } = kept;
    let notice = if is_asked_for(reason) {
        let message =
            format!("{injection} is left as it is, since it cannot be made again: {reason}");
        let notice = Notice::new("injection-not-refreshed", message);
        // The annotation for container logs is no rule's, and may be an earlier one's.
        if *reason == Reason::HasAnnotation(LOGS) {
            notice.hint("--previous-config tells what an earlier configuration set")
        } else {
            notice
        }
    } else {
        let message = format!("{injection} is there, and is left as it is: {reason}");
        let hint = "datakit-inject remove takes it out";
        Notice::new("injection-not-asked-for", message).hint(hint)
    };
    notice.at(place(*injection, template.node))
}

/// Whether somebody asks for an injection that is not made for this reason.
#[must_use]
pub const fn is_asked_for(reason: &Reason) -> bool {
    !matches!(
        reason,
        Reason::NoRuleMatches
            | Reason::AnnotationMissing(_)
            | Reason::NoLanguage
            | Reason::NothingAskedFor
            | Reason::SwitchedOff(_)
            | Reason::LeftOut
    )
}

/// Where an injection stands: its container or its annotation.
fn place(injection: Injection, root: Node<'_>) -> Option<Path> {
    let (key, wanted) = match injection {
        Injection::Ddtrace => ("initContainers", ddtrace::INIT_CONTAINER),
        Injection::Otel => ("initContainers", otel::INIT_CONTAINER),
        Injection::Logfwd => ("containers", logfwd::NAME),
        Injection::Flameshot => ("containers", flameshot::NAME),
        Injection::Profiler => ("containers", profiler::NAME),
        Injection::Logging => return Some(Path::new(["metadata", "annotations", LOGS])),
    };
    let spec = root.get("spec")?;
    let items = same::items(spec, key).into_iter();
    let index = items.map(same::name).position(|own| own == wanted)?;
    Some(Path::new(["spec", key]).join(index))
}

fn annotations(old: Node<'_>, new: Node<'_>, found: &mut Found) {
    let path = Path::new(["metadata", "annotations"]);
    let entries = |root: Node<'_>| {
        let entries = root.at(&["metadata", "annotations"]).map(Node::entries);
        let entries = entries.unwrap_or_default().into_iter();
        let texts = entries.map(|(key, value)| (key.to_owned(), value.as_str().map(str::to_owned)));
        texts.collect::<Vec<_>>()
    };
    let (old, new) = (entries(old), entries(new));
    let slot = |key: &str| {
        if key == LOGS {
            Slot::Logging
        } else {
            Slot::Flameshot
        }
    };
    for (key, value) in &new {
        let same = old.iter().find(|(own, _)| own == key);
        if same.is_some_and(|(_, own)| own == value) {
            continue;
        }
        let text = value.clone().unwrap_or_default();
        found.note(slot(key), What::Annotation(key.clone()));
        found.set(path.join(key.clone()), Value::string(text));
    }
    for (key, _) in &old {
        if !new.iter().any(|(own, _)| own == key) {
            found.note(slot(key), What::Annotation(key.clone()));
            found.remove(path.join(key.clone()));
        }
    }
}

fn volumes(old: Node<'_>, new: Node<'_>, found: &mut Found) {
    let path = Path::new(["spec", "volumes"]);
    let (old, new) = (same::items(old, "volumes"), same::items(new, "volumes"));
    for volume in &new {
        if !old
            .iter()
            .any(|own| same::name(*own) == same::name(*volume))
        {
            found.note(slot_of_volume(same::name(*volume)), What::Part("volumes"));
            found.append(path.clone(), *volume);
        }
    }
    for (index, volume) in old.iter().enumerate() {
        if !new
            .iter()
            .any(|own| same::name(*own) == same::name(*volume))
        {
            found.note(slot_of_volume(same::name(*volume)), What::Part("volumes"));
            found.remove(path.join(index));
        }
    }
}

/// The slot that a volume of that name belongs to; nothing for one of the user's, which logfwd and
/// logging may share.
fn slot_of_volume(name: &str) -> Option<Slot> {
    if [ddtrace::VOLUME, otel::VOLUME].contains(&name) {
        Some(Slot::Tracing)
    } else if name == logfwd::POD_INFO || name.starts_with(logfwd::VOLUME_PREFIX) {
        Some(Slot::Logfwd)
    } else if name.starts_with(logging::VOLUME_PREFIX) {
        Some(Slot::Logging)
    } else if name == flameshot::VOLUME {
        Some(Slot::Flameshot)
    } else if name == profiler::VOLUME || profiler::EVERYDAY.iter().any(|(own, _)| *own == name) {
        Some(Slot::Profiler)
    } else {
        None
    }
}

fn settings(old: Node<'_>, new: Node<'_>, found: &mut Found) {
    for key in ["restartPolicy", "shareProcessNamespace"] {
        let text = |spec: Node<'_>| spec.get(key).and_then(Node::as_str).map(str::to_owned);
        let (before, after) = (text(old), text(new));
        if before == after {
            continue;
        }
        let path = Path::new(["spec", key]);
        found.note(Slot::Profiler, What::Part(key));
        match new.get(key) {
            Some(value) => found.set_node(path, value),
            None => found.remove(path),
        }
    }
}

/// A change at a path; what the comparison is made of.
fn change(path: Path, operation: Operation) -> Change {
    Change::new(path, operation)
}
