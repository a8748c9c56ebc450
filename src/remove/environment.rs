//! The variables of a configuration in a container: which of those that stand there are its own
//! (`spec/1-behaviour.md`, section 2, "Environment values").
//!
//! A variable of the user's may have the very name and value of a configured one. Where it stands tells
//! the two apart: an injection puts its variables behind all others, in the order of the rule.

use super::pod::{Container, Fate, Pod, Variable};
use super::tags;
use crate::config::container::ContainerSettings;
use crate::config::env_value::{EnvSetting, EnvValue};
use crate::config::quantity;
use crate::config::rule::{Rule, Then};
use crate::yaml::Node;

/// What a ruleset's rules set, rule by rule.
pub(super) type Known<'r> = Vec<&'r [EnvSetting]>;

/// The variables that each rule of a ruleset sets.
pub(super) fn known<P>(rules: &[Rule<P>], container: fn(&P) -> &ContainerSettings) -> Known<'_> {
    let mut known: Known<'_> = Vec::new();
    for rule in rules {
        if let Then::Apply(payload) = &rule.then {
            let settings = container(payload).envs.as_slice();
            // Annotations, labels and namespaces of the older dialect share one setting.
            if !known.contains(&settings) {
                known.push(settings);
            }
        }
    }
    known
}

/// The variables of the rule that the pod was injected by, most likely: the one of which it has the
/// most.
pub(super) fn of_rule<'r>(pod: &Pod<'_>, known: &Known<'r>) -> &'r [EnvSetting] {
    let containers = pod.container_names();
    let has = |settings: &[EnvSetting], own: &Variable<'_>| {
        rank(settings, own, &containers).is_some() || tags::are_merged(settings, own)
    };
    let count = |settings: &[EnvSetting]| -> usize {
        let staying = pod.containers.iter().filter(|own| !own.goes);
        let variables = staying.flat_map(|own| own.env.iter());
        variables.filter(|own| has(settings, own)).count()
    };
    let mut best: Option<(usize, &[EnvSetting])> = None;
    for settings in known {
        let found = count(settings);
        if best.is_none_or(|(most, _)| found > most) {
            best = Some((found, settings));
        }
    }
    best.map_or(&[], |(_, settings)| settings)
}

/// Takes the variables out of a container whose names and values are those of the rule, but for
/// `except`. Those that stand where the injection would not have put them are the user's.
pub(super) fn remove(
    container: &mut Container<'_>,
    settings: &[EnvSetting],
    containers: &[&str],
    except: &str,
) {
    let env = &container.env;
    let ranked: Vec<(usize, usize)> = env
        .iter()
        .enumerate()
        .filter(|(_, own)| own.fate == Fate::Stays && own.name != except)
        .filter_map(|(index, own)| Some((index, rank(settings, own, containers)?)))
        .collect();
    // Somebody put them in the order of their names.
    let is_sorted = env.len() > 2 && env.is_sorted_by_key(|own| own.name);
    let made = env.iter().position(|own| own.fate == Fate::Goes);
    let mut before = usize::MAX;
    for (index, rank) in ranked.into_iter().rev() {
        let is_behind = match made {
            Some(made) => index > made,
            None => rank < before,
        };
        if !is_sorted && !is_behind {
            break;
        }
        before = rank;
        container.env[index].fate = Fate::Goes;
    }
}

/// The position among a rule's variables of the one that this is.
fn rank(settings: &[EnvSetting], variable: &Variable<'_>, containers: &[&str]) -> Option<usize> {
    settings
        .iter()
        .position(|own| own.name == variable.name && is_set_to(variable, &own.value, containers))
}

/// Whether a variable is what a rule's setting makes. What the API server adds is no difference.
fn is_set_to(variable: &Variable<'_>, value: &EnvValue, containers: &[&str]) -> bool {
    let reference = |key: &str| {
        let from = variable.node.get("valueFrom")?;
        let only = from.entries().into_iter();
        let mut only = only.filter(|(_, value)| !value.is_null());
        let (own, reference) = only.next()?;
        (own == key && only.next().is_none() && variable.has_only(&["name", "valueFrom"]))
            .then_some(reference)
    };
    let text = |node: Node<'_>, key: &str| {
        let text = node.get(key).and_then(Node::as_str).unwrap_or_default();
        text.to_owned()
    };
    match value {
        EnvValue::Text(wanted) => {
            variable.literal() == Some(wanted) && variable.has_only(&["name", "value"])
        }
        EnvValue::Field(path) => reference("fieldRef").is_some_and(|node| {
            text(node, "fieldPath") == *path && matches!(&*text(node, "apiVersion"), "" | "v1")
        }),
        // It is the pod's first container when the variable is made; another may come in front of it.
        EnvValue::Resource(resource) => reference("resourceFieldRef").is_some_and(|node| {
            text(node, "resource") == resource.name
                && containers.contains(&&*text(node, "containerName"))
                && quantity::equal(&text(node, "divisor"), resource.divisor)
        }),
        EnvValue::Secret { name, key } => reference("secretKeyRef").is_some_and(|node| {
            text(node, "name") == *name
                && text(node, "key") == *key
                && !matches!(node.get("optional").and_then(Node::as_bool), Some(true))
        }),
    }
}
