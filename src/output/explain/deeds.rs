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
    for deed in &account.deeds {
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

/// One sentence for each kind of deed, in the order in which they come first.
fn sentences(deeds: &[&Deed<Location>]) -> Vec<Line> {
    let mut kinds: Vec<(String, Vec<Line>)> = Vec::new();
    for deed in deeds {
        let (verb, object, what) = sentence(deed);
        let kind = format!("{verb} {object}");
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, list)) if !object.is_empty() => list.push(what),
            _ => kinds.push((kind, vec![what])),
        }
    }
    let sentence = |(kind, list): (String, Vec<Line>)| {
        let plural = if list.len() > 1 { "s " } else { " " };
        let kind = kind.trim_end();
        let ending = if kind.contains(' ') { plural } else { " " };
        Line::plain(format!("{kind}{ending}")).and(Line::list(list))
    };
    kinds.into_iter().map(sentence).collect()
}

/// A deed as a verb, the kind of thing that it is done to (nothing where each is told alone), and the
/// thing.
fn sentence(deed: &Deed<Location>) -> (&'static str, String, Line) {
    let name = |name: &str| Line::styled(Style::Cyan, name);
    let here = || in_brackets(deed.place.as_ref());
    let alone = String::new;
    let kind = |kind: &str| format!("the {kind}");
    let with_image = |own: &str, image: &str| name(own).then(format!(" with the image {image}"));
    match &deed.act {
        Act::AddContainer { name: own, image } => {
            ("adds", kind("container"), with_image(own, image))
        }
        Act::AddInitContainer { name: own, image } => {
            ("adds", kind("init container"), with_image(own, image))
        }
        Act::AddVolume {
            name: own,
            kind: of,
        } => ("adds", kind(&format!("{of} volume")), name(own)),
        Act::KeepVolume { name: own } => ("keeps", kind("volume"), name(own).and(here())),
        Act::AddAnnotation { key } => ("adds", kind("annotation"), name(key)),
        Act::TakeAnnotation { key } => {
            let line = name(key).and(here()).then(" asks for");
            ("takes what", alone(), line)
        }
        Act::KeepAnnotations { prefix } => {
            let line = Line::plain("no annotations, since ");
            let line = line
                .then_in(Style::Cyan, format!("{prefix}…"))
                .then(" is there");
            ("adds", alone(), line.and(here()))
        }
        Act::ShareProcesses => ("sets", alone(), {
            name("shareProcessNamespace: true").and(here())
        }),
        Act::RestartAlways => ("sets", alone(), name("restartPolicy: Always").and(here())),
        Act::KeepRestartPolicy => ("keeps", alone(), {
            name("restartPolicy")
                .and(here())
                .then(", since a Job must end")
        }),
        Act::ReuseVolume { path, volume } => ("uses", alone(), {
            let line = Line::plain("the volume ")
                .then_in(Style::Cyan, volume)
                .then(" for ");
            line.and(name(path))
                .then(", where it is mounted")
                .and(here())
        }),
        Act::LeavePathOut { path, volume } => ("leaves out", alone(), {
            let line = name(path)
                .then(", where the volume ")
                .then_in(Style::Cyan, volume);
            line.then(" is mounted")
                .and(here())
                .then(", which is no emptyDir")
        }),
        Act::LeaveVariableOut { name: own, why } => {
            ("leaves out", alone(), name(own).then(format!(": {why}")))
        }
        Act::AddVariable { name: own } => ("adds", kind("variable"), name(own)),
        Act::ExtendVariable {
            name: own,
            ours,
            dropped,
        } => ("extends", alone(), {
            let line = name(own).and(here());
            let line = match ours.join(", ") {
                ours if ours.is_empty() => line,
                ours => line.then(" by ").then(ours),
            };
            match dropped {
                0 => line,
                1 => line.then("; 1 part of it that is no tag goes"),
                more => line.then(format!("; {more} parts of it that are no tags go")),
            }
        }),
        Act::MoveVariable { name: own } => (
            "moves",
            alone(),
            name(own).then(" behind the other variables"),
        ),
        Act::KeepVariable { name: own } => ("keeps", kind("variable"), name(own).and(here())),
        Act::CompleteVariable { name: own } => (
            "finds everything in",
            kind("variable"),
            name(own).and(here()),
        ),
        Act::AddMount { volume, path } => (
            "mounts",
            kind("volume"),
            name(volume).then(" at ").then(path),
        ),
        Act::KeepMount { volume } => ("keeps", kind("mount"), name(volume).and(here())),
    }
}
