//! What a comparison has found, and how it is told.

use std::sync::Arc;

use super::{Comparison, Slot, change};
use crate::change::{Change, Operation, Path};
use crate::inject::Injection;
use crate::yaml::{Budget, Node, Value};

/// A value that is taken over has this many nodes at most, aliases expanded.
const LIMIT: usize = 100_000;

/// And so many bytes of text.
const BYTES: usize = 16 << 20;

/// An injection that is not what the configuration makes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Which.
    pub injection: Injection,
    /// What differs, in words, without the values of variables.
    pub differences: String,
}

/// Something that differs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// The other tracing library takes its place.
    Replaced(Injection),
    /// The image of a container: the old one, the new one.
    Image(String, String),
    /// A container that has nothing of it yet.
    Container(String),
    /// A variable's name.
    Variable(String),
    /// An annotation's key.
    Annotation(String),
    /// A part of a container or a pod.
    Part(&'static str),
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    changes: Vec<Change>,
    /// Nothing for a slot where only the injections tell which it is.
    differences: Vec<(Option<Slot>, What)>,
    /// A slot of which enough is said.
    hushed: Option<Slot>,
}

impl Found {
    /// Notes that something differs.
    pub(super) fn note(&mut self, slot: impl Into<Option<Slot>>, what: What) {
        let slot = slot.into();
        if slot.is_none() || slot != self.hushed {
            self.differences.push((slot, what));
        }
    }

    /// Notes nothing of a slot for a while.
    pub(super) fn hush(&mut self, slot: Slot, on: bool) {
        self.hushed = on.then_some(slot);
    }

    pub(super) fn set(&mut self, path: Path, value: Value) {
        self.push(path, Operation::Set(Arc::new(value)));
    }

    /// Sets what is there to a node's value.
    pub(super) fn set_node(&mut self, path: Path, node: Node<'_>) {
        if let Some(value) = value(node) {
            self.set(path, value);
        }
    }

    /// Appends a node's value to a list.
    pub(super) fn append(&mut self, path: Path, node: Node<'_>) {
        if let Some(value) = value(node) {
            self.push(path, Operation::Append(Arc::new(value)));
        }
    }

    pub(super) fn remove(&mut self, path: Path) {
        self.push(path, Operation::Remove);
    }

    pub(super) fn move_last(&mut self, path: Path) {
        self.push(path, Operation::MoveLast);
    }

    fn push(&mut self, path: Path, operation: Operation) {
        self.changes.push(change(path, operation));
    }

    /// What is told of the injections that were made again; all other differences are injections that
    /// were not there.
    pub(super) fn into_comparison(self, remade: &[Injection]) -> Comparison {
        let Self {
            changes,
            differences,
            ..
        } = self;
        // A volume of the user's is shared by one of these.
        let sharing = [Slot::Logfwd, Slot::Logging];
        let is_remade = |slot: &Slot| remade.iter().any(|own| Slot::of(*own) == *slot);
        let default = sharing.into_iter().find(is_remade);
        let mut stale = Vec::new();
        for injection in remade {
            let slot = Slot::of(*injection);
            let own = differences
                .iter()
                .filter(|(of, _)| of.or(default) == Some(slot));
            let mut own: Vec<&What> = own.map(|(_, what)| what).collect();
            // Settings of the pod are the profiler's or flameshot's.
            if slot == Slot::Flameshot && !is_remade(&Slot::Profiler) {
                let of_profiler = differences
                    .iter()
                    .filter(|(of, _)| *of == Some(Slot::Profiler));
                own.extend(of_profiler.map(|(_, what)| what));
            }
            own.sort_unstable();
            own.dedup();
            if !own.is_empty() {
                stale.push(Stale {
                    injection: *injection,
                    differences: words(&own),
                });
            }
        }
        Comparison { changes, stale }
    }
}

fn value(node: Node<'_>) -> Option<Value> {
    node.tree().value(node.id(), &mut Budget::new(LIMIT, BYTES))
}

/// Differences in words, those of one kind together.
fn words(differences: &[&What]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut containers: Vec<&str> = Vec::new();
    let mut variables: Vec<&str> = Vec::new();
    let mut annotations: Vec<&str> = Vec::new();
    let mut others: Vec<&str> = Vec::new();
    for what in differences {
        match what {
            What::Replaced(other) => parts.push(format!("{other} takes its place")),
            What::Image(old, new) => parts.push(image(old, new)),
            What::Container(name) => containers.push(name),
            What::Variable(name) => variables.push(name),
            What::Annotation(key) => annotations.push(key),
            What::Part(part) => others.push(part),
        }
    }
    for (noun, names) in [
        ("container", containers),
        ("variable", variables),
        ("annotation", annotations),
    ] {
        if !names.is_empty() {
            let plural = if names.len() == 1 { "" } else { "s" };
            parts.push(format!("{noun}{plural} {}", names.join(", ")));
        }
    }
    if !others.is_empty() {
        parts.push(others.join(", "));
    }
    parts.join("; ")
}

/// An image that has become another one; the name is not said again.
fn image(old: &str, new: &str) -> String {
    let tag = |image: &str| {
        let name = image.rfind('/').map_or(0, |slash| slash + 1);
        Some(name + image[name..].rfind(':')?)
    };
    let new = match (tag(old), tag(new)) {
        (Some(old_tag), Some(tag)) if old[..old_tag] == new[..tag] => &new[tag + 1..],
        _ => new,
    };
    format!("image {old} -> {new}")
}
