//! Whether an init container of otel's name, from an earlier run or of the user's own, is what the
//! rule wants (`spec/1-behaviour-v2.md`, section 7, "Validation", 3).

use k8s_openapi::api::core::v1::{Container as KubernetesContainer, ResourceRequirements};

use super::{Desired, VOLUME};
use crate::change::Path;
use crate::config::quantity;
use crate::inject::container::{List, Mount};
use crate::yaml::{Kind, Node};

/// Comparing two security contexts looks at this many nodes at most, aliases expanded.
const LIMIT: usize = 10_000;

pub(super) fn is_compatible(existing: Node<'_>, desired: &Desired<'_>) -> bool {
    let wanted = &desired.container;
    let security = desired.security_context.is_none_or(|wanted| {
        let existing = existing.get("securityContext");
        existing.is_some_and(|existing| covers(existing, wanted, &mut { LIMIT }))
    });
    let same = |key: &str, wanted: &Option<String>| {
        let own = existing.get(key).and_then(Node::as_str).unwrap_or_default();
        own == wanted.as_deref().unwrap_or_default()
    };
    same("image", &wanted.image)
        && same("imagePullPolicy", &wanted.image_pull_policy)
        && is_command(existing.get("command"), wanted)
        && existing
            .get("args")
            .is_none_or(|args| args.items().is_empty())
        && has_resources(existing.get("resources"), wanted.resources.as_ref())
        && has_mount(existing, wanted)
        && security
}

fn is_command(existing: Option<Node<'_>>, wanted: &KubernetesContainer) -> bool {
    let existing = existing.map(Node::items).unwrap_or_default();
    let words = existing.into_iter().map(Node::as_str);
    let wanted = wanted.command.iter().flatten();
    words.eq(wanted.map(|word| Some(word.as_str())))
}

/// Compared by value, so that what an earlier run wrote is what this one wants.
fn has_resources(existing: Option<Node<'_>>, wanted: Option<&ResourceRequirements>) -> bool {
    let entries = |node: Option<Node<'_>>| {
        let mut entries = node.map(Node::entries).unwrap_or_default();
        entries.retain(|(_, value)| {
            !(value.is_null() || (value.is_mapping() && value.entries().is_empty()))
        });
        entries.len()
    };
    let mut halves = 0;
    for (key, wanted) in [
        ("requests", wanted.and_then(|own| own.requests.as_ref())),
        ("limits", wanted.and_then(|own| own.limits.as_ref())),
    ] {
        let half = existing.and_then(|node| node.get(key));
        if entries(half) != wanted.map_or(0, std::collections::BTreeMap::len) {
            return false;
        }
        for (name, amount) in wanted.into_iter().flatten() {
            let own = half.and_then(|half| half.get(name)?.as_str());
            if !own.is_some_and(|own| quantity::equal(own, &amount.0)) {
                return false;
            }
        }
        halves += usize::from(wanted.is_some());
    }
    entries(existing) == halves
}

/// Exactly one mount has the volume or the path, and that one is the desired one.
fn has_mount(existing: Node<'_>, wanted: &KubernetesContainer) -> bool {
    let path = wanted
        .volume_mounts
        .iter()
        .flatten()
        .map(|mount| mount.mount_path.as_str())
        .next()
        .unwrap_or_default();
    let mounts = List::read(existing.get("volumeMounts"), Path::default, Mount::read).items;
    let mut related = mounts
        .iter()
        .filter(|own| own.name() == VOLUME || own.path() == path);
    let first = related.next();
    first.is_some_and(|own| own.name() == VOLUME && own.path() == path && own.is_plain())
        && related.next().is_none()
}

/// Whether every field that is set in `wanted` is equal in `existing`, which may have more: a set
/// false or 0 counts as set, empty texts and lists do not, and a list must begin with the wanted
/// one.
fn covers(existing: Node<'_>, wanted: Node<'_>, budget: &mut usize) -> bool {
    let Some(left) = budget.checked_sub(1) else {
        return false;
    };
    *budget = left;
    if wanted.is_mapping() {
        return wanted.entries().into_iter().all(|(key, wanted)| {
            let own = existing.get(key).filter(|own| !own.is_null());
            match own {
                Some(own) => covers(own, wanted, budget),
                None => is_unset(wanted),
            }
        });
    }
    if wanted.is_sequence() {
        let (own, wanted) = (existing.items(), wanted.items());
        return own.len() >= wanted.len()
            && own
                .into_iter()
                .zip(wanted)
                .all(|(own, wanted)| covers(own, wanted, budget));
    }
    is_unset(wanted) || same_scalar(existing, wanted)
}

/// Null, an empty text, an empty list.
fn is_unset(node: Node<'_>) -> bool {
    node.is_null() || node.as_str() == Some("") || (node.is_sequence() && node.items().is_empty())
}

fn same_scalar(left: Node<'_>, right: Node<'_>) -> bool {
    if let (Some(left), Some(right)) = (left.as_bool(), right.as_bool()) {
        return left == right;
    }
    let is_scalar = |node: Node<'_>| {
        matches!(
            node.tree().kind(node.tree().resolve(node.id())),
            Kind::Scalar(_)
        )
    };
    is_scalar(left) && left.as_str() == right.as_str()
}
