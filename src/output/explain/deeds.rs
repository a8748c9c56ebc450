//! What an injection does to a pod and leaves as it is, in words: a branch for the pod's own parts, one
//! for each container.

use super::text::in_brackets;
use crate::diagnostic::Location;
use crate::inject::{Account, Act, Deed};
use crate::output::color::Style;
use crate::output::tree::{Line, Tree};

/// Everything that is done by an injection.
pub(super) fn deeds(account: &Account<Location>) -> Vec<Tree> {
    let mut groups: Vec<(Option<&str>, Vec<&Deed<Location>>)> = Vec::new();
    for deed in account.deeds.iter().filter(|deed| !is_told(deed, account)) {
        let container = deed.container.as_deref();
        match groups.last_mut() {
            Some((last, deeds)) if *last == container => deeds.push(deed),
            _ => groups.push((container, vec![deed])),
        }
    }
    let mut trees = Vec::new();
    for (container, deeds) in groups {
        let lines = sentences(&deeds);
        match container {
            None => trees.extend(lines.into_iter().map(Tree::leaf)),
            Some(name) => {
                let line = Line::plain("container ").then_in(Style::Bold, name);
                trees.push(match <[Line; 1]>::try_from(lines) {
                    Ok([only]) => Tree::leaf(line.then(": ").and(only)),
                    Err(lines) => Tree::leaf(line).with(lines.into_iter().map(Tree::leaf)),
                });
            }
        }
    }
    trees
}

/// Whether another deed says it better: a volume that is used stays, of course.
fn is_told(deed: &Deed<Location>, account: &Account<Location>) -> bool {
    let Act::KeepVolume { name } = &deed.act else {
        return false;
    };
    let mut acts = account.deeds.iter().map(|deed| &deed.act);
    acts.any(|act| matches!(act, Act::ReuseVolume { volume, .. } if volume == name))
}

/// One sentence for each kind of deed, in the order in which they come first.
fn sentences(deeds: &[&Deed<Location>]) -> Vec<Line> {
    let mut kinds: Vec<(String, Vec<Line>)> = Vec::new();
    for deed in deeds {
        let (kind, what) = listed(deed).unwrap_or_else(|| (String::new(), alone(deed)));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, list)) if !kind.is_empty() => list.push(what),
            _ => kinds.push((kind, vec![what])),
        }
    }
    let sentence = |(kind, list): (String, Vec<Line>)| {
        let plural = if list.len() > 1 { "s" } else { "" };
        let beginning = match &kind[..] {
            "" => Line::default(),
            kind => Line::plain(format!("{kind}{plural} ")),
        };
        beginning.and(Line::list(list))
    };
    kinds.into_iter().map(sentence).collect()
}

/// The name of a thing.
fn name(name: &str) -> Line {
    Line::styled(Style::Cyan, name)
}

/// A deed that is done to several things in the same way: how, and the thing.
fn listed(deed: &Deed<Location>) -> Option<(String, Line)> {
    let here = || in_brackets(deed.place.as_ref());
    let with_image = |own: &str, image: &str| name(own).then(format!(" with the image {image}"));
    let (kind, what) = match &deed.act {
        Act::AddContainer { name, image } => ("adds the container", with_image(name, image)),
        Act::AddInitContainer { name, image } => {
            ("adds the init container", with_image(name, image))
        }
        Act::KeepInitContainer { name: own } => ("keeps the init container", name(own).and(here())),
        Act::AddVolume { name: own, kind } => {
            return Some((format!("adds the {kind} volume"), name(own)));
        }
        Act::KeepVolume { name: own } => ("keeps the volume", name(own).and(here())),
        Act::AddAnnotation { key } => ("adds the annotation", name(key)),
        Act::AddVariable { name: own } => ("adds the variable", name(own)),
        Act::KeepVariable { name: own } => ("keeps the variable", name(own).and(here())),
        Act::AddMount { volume, path } => {
            ("mounts the volume", name(volume).then(" at ").then(path))
        }
        Act::KeepMount { volume } => ("keeps the mount", name(volume).and(here())),
        _ => return None,
    };
    Some((kind.to_owned(), what))
}

/// Any other deed: a sentence of its own.
fn alone(deed: &Deed<Location>) -> Line {
    let here = || in_brackets(deed.place.as_ref());
    let instead = || match &deed.place {
        Some(place) => Line::plain(" in place of what stands there").and(in_brackets(Some(place))),
        None => Line::default(),
    };
    let line = Line::plain;
    match &deed.act {
        Act::TakeAnnotation { key } => {
            let line = line("takes what ").and(name(key));
            line.and(here()).then(" asks for")
        }
        Act::KeepAnnotations { prefix } => {
            let line = line("adds no annotations, since ").and(name(&format!("{prefix}…")));
            line.then(" is there").and(here())
        }
        Act::ShareProcesses => {
            let line = line("sets ").and(name("shareProcessNamespace: true"));
            line.and(instead())
        }
        Act::RestartAlways => {
            let line = line("sets ").and(name("restartPolicy: Always"));
            line.and(instead())
        }
        Act::KeepRestartPolicy => {
            let line = line("keeps ").and(name("restartPolicy"));
            line.and(here()).then(", since a Job must end")
        }
        Act::ReuseVolume { path, volume } => {
            let line = line("uses the volume ").and(name(volume)).then(" for ");
            let line = line.and(name(path)).then(", where it is mounted");
            line.and(here())
        }
        Act::LeavePathOut { path, volume } => {
            let line = line("leaves out ").and(name(path));
            let line = line.then(", where the volume ").and(name(volume));
            let line = line.then(" is mounted").and(here());
            line.then(", which is no emptyDir")
        }
        Act::LeaveVariableOut { name: own, why } => {
            let line = line("leaves out ").and(name(own));
            line.then(format!(": {why}"))
        }
        Act::ExtendVariable {
            name: own,
            ours,
            dropped,
        } => {
            let line = line("extends ").and(name(own)).and(here());
            let line = match ours.join(", ") {
                ours if ours.is_empty() => line,
                ours => line.then(" by ").then(ours),
            };
            match dropped {
                0 => line,
                1 => line.then("; 1 part of it that is no tag goes"),
                more => line.then(format!("; {more} parts of it that are no tags go")),
            }
        }
        Act::MoveVariable { name: own } => {
            let line = line("moves ").and(name(own));
            line.then(" behind the other variables")
        }
        Act::CompleteVariable { name: own } => {
            let line = line("keeps ").and(name(own)).and(here());
            line.then(", which has everything already")
        }
        // These are told with others of their kind.
        Act::AddContainer { .. }
        | Act::AddInitContainer { .. }
        | Act::KeepInitContainer { .. }
        | Act::AddVolume { .. }
        | Act::KeepVolume { .. }
        | Act::AddAnnotation { .. }
        | Act::AddVariable { .. }
        | Act::KeepVariable { .. }
        | Act::AddMount { .. }
        | Act::KeepMount { .. } => Line::default(),
    }
}
