//! Containers: those of the user's, of which variables and mounts are looked at, and ours, of which
//! everything is that an injection sets.

use super::difference::{Found, What};
use super::same::{covers, is_nothing, items, name, text};
use super::{Pair, Slot, variables};
use crate::change::Path;
use crate::config::quantity;
use crate::inject::{Injection, ddtrace, flameshot, logfwd, otel, profiler};
use crate::yaml::Node;

/// The containers of ours in a list, and their slots.
const SIDECARS: [(&str, Slot); 3] = [
    (logfwd::NAME, Slot::Logfwd),
    (flameshot::NAME, Slot::Flameshot),
    (profiler::NAME, Slot::Profiler),
];
const LIBRARIES: [(&str, Slot); 2] = [
    (ddtrace::INIT_CONTAINER, Slot::Tracing),
    (otel::INIT_CONTAINER, Slot::Tracing),
];

/// Compares the containers of two `spec`s.
pub(super) fn compare(old: Node<'_>, new: Node<'_>, pair: &Pair<'_>, found: &mut Found) {
    let is_remade = |slot: Slot| pair.remade.iter().any(|own| Slot::of(*own) == slot);
    let lists = [
        ("containers", SIDECARS.as_slice()),
        ("initContainers", LIBRARIES.as_slice()),
    ];
    for (key, ours) in lists {
        let path = Path::new(["spec", key]);
        let slot = |node: Node<'_>| {
            let known = ours.iter().find(|(own, _)| *own == name(node));
            known.map(|(_, slot)| *slot)
        };
        let (old, new) = (items(old, key), items(new, key));
        for (index, container) in old.iter().enumerate() {
            let at = path.join(index);
            let before = old[..index]
                .iter()
                .filter(|own| name(**own) == name(*container));
            let mut same = new.iter().filter(|own| name(**own) == name(*container));
            let wanted = same.nth(before.count());
            match (slot(*container), wanted) {
                // It was left alone, and so it stays, whatever was injected beside it.
                (Some(slot), Some(_)) if !is_remade(slot) => {}
                (Some(slot), Some(wanted)) => ours_to(
                    *container,
                    *wanted,
                    &Place {
                        path: at,
                        slot,
                        own_mounts: pair.own_mounts,
                    },
                    found,
                ),
                (Some(slot), None) => {
                    found.note(slot, What::Part("containers"));
                    found.remove(at);
                }
                (None, Some(wanted)) if key == "containers" => {
                    // One that came since is said as a whole.
                    if mounts_library(*wanted) && !mounts_library(*container) {
                        let what = What::Container(name(*container).to_owned());
                        found.note(Slot::Tracing, what);
                        found.hush(Slot::Tracing, true);
                    }
                    variables::compare(*container, *wanted, &at, Slot::Tracing, found);
                    variables::compare_mounts(*container, *wanted, &at, found);
                    found.hush(Slot::Tracing, false);
                }
                (None, _) => {}
            }
        }
        for container in &new {
            if old.iter().any(|own| name(*own) == name(*container)) {
                continue;
            }
            let of_library = |name: &str| {
                let other = [
                    (ddtrace::INIT_CONTAINER, Injection::Ddtrace),
                    (otel::INIT_CONTAINER, Injection::Otel),
                ];
                other.into_iter().find(|(own, _)| *own == name)
            };
            let what = match of_library(name(*container)) {
                Some((_, injection)) => What::Replaced(injection),
                None => What::Part("containers"),
            };
            found.note(slot(*container), what);
            found.append(path.clone(), *container);
        }
    }
}

/// Whether a container mounts a tracing library.
fn mounts_library(container: Node<'_>) -> bool {
    let mounts = items(container, "volumeMounts");
    let libraries = [ddtrace::VOLUME, otel::VOLUME];
    mounts.into_iter().any(|own| libraries.contains(&name(own)))
}

/// A container of ours.
struct Place<'m> {
    path: Path,
    slot: Slot,
    /// The mounts that are ours, of all containers.
    own_mounts: &'m [Path],
}

/// Compares a container of ours with what it should be. What no injection sets stays.
fn ours_to(own: Node<'_>, wanted: Node<'_>, place: &Place<'_>, found: &mut Found) {
    let Place { path, slot, .. } = place;
    let (before, after) = (text(own, "image"), text(wanted, "image"));
    if before != after {
        found.note(*slot, What::Image(before.to_owned(), after.to_owned()));
        found.set_node(path.join("image"), wanted.get("image").unwrap_or(wanted));
    }
    for key in ["imagePullPolicy", "command", "workingDir"] {
        let Some(value) = wanted.get(key) else {
            continue;
        };
        if !own.get(key).is_some_and(|own| covers(own, value)) {
            found.note(*slot, What::Part(key));
            found.set_node(path.join(key), value);
        }
    }
    resources(own, wanted, place, found);
    ports(own, wanted, place, found);
    if let Some(context) = wanted.get("securityContext")
        && !own
            .get("securityContext")
            .is_some_and(|own| covers(own, context))
    {
        found.note(*slot, What::Part("securityContext"));
        merge(
            own.get("securityContext"),
            context,
            &path.join("securityContext"),
            found,
        );
    }
    variables::compare(own, wanted, path, *slot, found);
    mounts(own, wanted, place, found);
}

/// The amounts that an injection sets.
const AMOUNTS: [&str; 2] = ["cpu", "memory"];
const HALVES: [&str; 2] = ["requests", "limits"];

/// Requests and limits: what the injection no longer sets goes, what somebody else set stays.
fn resources(own: Node<'_>, wanted: Node<'_>, place: &Place<'_>, found: &mut Found) {
    let path = place.path.join("resources");
    let amount = |container: Node<'_>, half: &str, key: &str| {
        let amount = container.at(&["resources", half, key]);
        amount.and_then(Node::as_str).map(str::to_owned)
    };
    let is_same = |half: &str, key: &str| match (amount(own, half, key), amount(wanted, half, key))
    {
        (Some(before), Some(after)) => quantity::equal(&before, &after),
        (before, after) => before == after,
    };
    let differs = |half: &str| AMOUNTS.iter().any(|key| !is_same(half, key));
    if !HALVES.iter().any(|half| differs(half)) {
        return;
    }
    found.note(place.slot, What::Part("resources"));
    let only = |node: Option<Node<'_>>, keys: &[&str]| {
        let entries = node.map(Node::entries).unwrap_or_default();
        entries.iter().all(|(key, _)| keys.contains(key))
    };
    let is_set = |keys: &[&str]| wanted.at(keys).is_some_and(|own| !is_nothing(own));
    let halves = |half: &&str| only(own.at(&["resources", half]), &AMOUNTS);
    if !is_set(&["resources"]) && only(own.get("resources"), &HALVES) && HALVES.iter().all(halves) {
        return found.remove(path);
    }
    for half in HALVES.into_iter().filter(|half| differs(half)) {
        let path = path.join(half);
        if !is_set(&["resources", half]) && halves(&half) {
            found.remove(path);
            continue;
        }
        for key in AMOUNTS.into_iter().filter(|key| !is_same(half, key)) {
            match wanted.at(&["resources", half, key]) {
                Some(value) => found.set_node(path.join(key), value),
                None => found.remove(path.join(key)),
            }
        }
    }
}

fn ports(own: Node<'_>, wanted: Node<'_>, place: &Place<'_>, found: &mut Found) {
    let path = place.path.join("ports");
    let before = items(own, "ports");
    for port in items(wanted, "ports") {
        let partner = before.iter().position(|own| name(*own) == name(port));
        match partner {
            Some(index) if covers(before[index], port) => continue,
            Some(index) => merge(Some(before[index]), port, &path.join(index), found),
            None => found.append(path.clone(), port),
        }
        found.note(place.slot, What::Part("ports"));
    }
}

/// Sets what is missing or different in a mapping, and leaves the rest.
fn merge(own: Option<Node<'_>>, wanted: Node<'_>, path: &Path, found: &mut Found) {
    let Some(own) = own.filter(|own| own.is_mapping() && !is_nothing(*own)) else {
        return found.set_node(path.clone(), wanted);
    };
    for (key, value) in wanted.entries() {
        let before = own.get(key);
        if before.is_some_and(|own| covers(own, value)) {
            continue;
        }
        let path = path.join(key.to_owned());
        if value.is_mapping() {
            merge(before, value, &path, found);
        } else {
            found.set_node(path, value);
        }
    }
}

/// The mounts of a container of ours: those that are no injection's stay.
fn mounts(own: Node<'_>, wanted: Node<'_>, place: &Place<'_>, found: &mut Found) {
    let path = place.path.join("volumeMounts");
    let (before, after) = (items(own, "volumeMounts"), items(wanted, "volumeMounts"));
    let is = |one: Node<'_>, other: Node<'_>| {
        name(one) == name(other) && text(one, "mountPath") == text(other, "mountPath")
    };
    let mut differs = false;
    for mount in &after {
        match before.iter().position(|own| is(*own, *mount)) {
            Some(index) if covers(before[index], *mount) => continue,
            Some(index) => found.set_node(path.join(index), *mount),
            None => found.append(path.clone(), *mount),
        }
        differs = true;
    }
    for (index, mount) in before.iter().enumerate() {
        let at = path.join(index);
        let is_wanted = after.iter().any(|own| is(*own, *mount));
        if !is_wanted && place.own_mounts.contains(&at) {
            found.remove(at);
            differs = true;
        }
    }
    if differs {
        found.note(place.slot, What::Part("mounts"));
    }
}
