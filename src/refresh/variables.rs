//! Variables and mounts in a container of the user's.

use super::difference::{Found, What};
use super::same::{covers, items, name, text};
use super::{Slot, slot_of_volume};
use crate::change::Path;
use crate::inject::ddtrace::tags;
use crate::remove::same_startup;
use crate::yaml::{Node, Value};

/// Compares the variables of a container.
pub(super) fn compare(old: Node<'_>, new: Node<'_>, path: &Path, slot: Slot, found: &mut Found) {
    let path = path.join("env");
    let (old, new) = (items(old, "env"), items(new, "env"));
    // Of several of one name the injection takes the first, which need not be the one that it took
    // before: such ones are left alone.
    let count = |wanted: &str| old.iter().filter(|own| name(**own) == wanted).count();
    let added: Vec<Node<'_>> = new
        .iter()
        .copied()
        .filter(|own| count(name(*own)) == 0)
        .collect();
    let added_names: Vec<&str> = added.iter().map(|own| name(*own)).collect();
    let mut last = Vec::new();
    for (index, own) in old.iter().enumerate() {
        if count(name(*own)) > 1 {
            continue;
        }
        let at = path.join(index);
        let Some(wanted) = new.iter().find(|wanted| name(**wanted) == name(*own)) else {
            found.note(slot, What::Variable(name(*own).to_owned()));
            found.remove(at);
            continue;
        };
        let wanted = *wanted;
        if is_same(*own, wanted) {
            continue;
        }
        found.note(slot, What::Variable(name(*own).to_owned()));
        let value = wanted_text(*own, wanted);
        // What a variable refers to has to stand in front of it.
        let behind = old[index + 1..].iter().map(|own| name(*own));
        let refers = |value: &str| {
            let mut names = behind.clone().chain(added_names.iter().copied());
            names.any(|own| value.contains(&format!("$({own})")))
        };
        match value {
            Some(value) if own.get("value").is_some() => {
                if refers(&value) {
                    last.push(at.clone());
                }
                found.set(at.join("value"), Value::string(value));
            }
            _ => found.set_node(at, wanted),
        }
    }
    for variable in added {
        found.note(slot, What::Variable(name(variable).to_owned()));
        found.append(path.clone(), variable);
    }
    for at in last {
        found.move_last(at);
    }
}

fn literal(variable: Node<'_>) -> Option<&str> {
    let elsewhere = variable.get("valueFrom").filter(|from| !from.is_null());
    elsewhere.is_none().then(|| text(variable, "value"))
}

/// Whether two variables of one name are the same, as far as the injection goes.
fn is_same(own: Node<'_>, wanted: Node<'_>) -> bool {
    match (literal(own), literal(wanted)) {
        (Some(before), Some(after)) if name(own) == tags::NAME => same_tags(before, after),
        (Some(before), Some(after)) => before == after || same_startup(name(own), before, after),
        (None, None) => own
            .get("valueFrom")
            .zip(wanted.get("valueFrom"))
            .is_some_and(|(own, wanted)| covers(own, wanted)),
        _ => false,
    }
}

/// The text that a variable shall have; nothing where it has none.
fn wanted_text(own: Node<'_>, wanted: Node<'_>) -> Option<String> {
    let (before, after) = (literal(own)?, literal(wanted)?);
    if name(own) != tags::NAME {
        return Some(after.to_owned());
    }
    // What is no pair stays: where tags are merged it would be lost.
    let stays = |tag: &&str| !tag.is_empty() && (!is_pair(tag) || has(after, tag));
    let added = tags::pairs(after)
        .map(|(_, pair)| pair)
        .filter(|pair| !has(before, pair));
    let all: Vec<&str> = before.split(',').filter(stays).chain(added).collect();
    Some(all.join(","))
}

fn has(tags: &str, tag: &str) -> bool {
    tags.split(',').any(|own| own == tag)
}

fn is_pair(tag: &str) -> bool {
    tags::pairs(tag).next().is_some()
}

/// Whether two texts have the same pairs, in whatever order.
fn same_tags(before: &str, after: &str) -> bool {
    let within = |one: &str, other: &str| tags::pairs(one).all(|(_, pair)| has(other, pair));
    within(before, after) && within(after, before)
}

/// Compares the mounts of a container.
pub(super) fn compare_mounts(old: Node<'_>, new: Node<'_>, path: &Path, found: &mut Found) {
    let path = path.join("volumeMounts");
    let (old, new) = (items(old, "volumeMounts"), items(new, "volumeMounts"));
    let is = |one: Node<'_>, other: Node<'_>| {
        name(one) == name(other) && text(one, "mountPath") == text(other, "mountPath")
    };
    let without = |these: &[Node<'_>], those: &[Node<'_>]| -> Vec<usize> {
        let missing = these.iter().enumerate();
        let missing = missing.filter(|(_, own)| !those.iter().any(|other| is(**own, *other)));
        missing.map(|(index, _)| index).collect()
    };
    let (gone, added) = (without(&old, &new), without(&new, &old));
    let mut paired: Vec<usize> = Vec::new();
    for index in added {
        let mount = new[index];
        found.note(slot_of_volume(name(mount)), What::Part("mounts"));
        // Mounted elsewhere, it stays where it stands.
        let mut partners = gone.iter().filter(|own| !paired.contains(own));
        match partners.find(|own| name(old[**own]) == name(mount)) {
            Some(partner) => {
                paired.push(*partner);
                let at = path.join(*partner).join("mountPath");
                found.set(at, Value::string(text(mount, "mountPath").to_owned()));
            }
            None => found.append(path.clone(), mount),
        }
    }
    for index in gone.into_iter().filter(|own| !paired.contains(own)) {
        found.note(slot_of_volume(name(old[index])), What::Part("mounts"));
        found.remove(path.join(index));
    }
}
