//! The variables of a configuration in a container: which of those that stand there are its own
//! (`spec/1-behaviour.md`, section 2, "Environment values").
//!
//! A variable of the user's may have the very name and value of a configured one. Where it stands tells
//! the two apart: an injection puts its variables behind all others, in the order of the rule.

use super::pod::{Container, Fate, Pod, Variable};
use super::tags;
use crate::change::Path;
use crate::config::container::ContainerSettings;
use crate::config::env_value::{EnvSetting, EnvValue};
use crate::config::quantity;
use crate::config::rule::{Rule, Then};
use crate::inject::Notice;
use crate::yaml::Node;

/// What a ruleset's rules set, rule by rule.
pub(super) type Known<'r> = Vec<&'r [EnvSetting]>;

/// The variables that each rule of a ruleset sets.
pub(super) fn known<P>(rules: &[Rule<P>], container: fn(&P) -> &ContainerSettings) -> Known<'_> {
    let mut known: Known<'_> = Vec::new();
    for rule in rules {
        if let Then::Apply(payload) = &rule.then {
            let settings = &*container(payload).envs;
            // Annotations, labels and namespaces of the older dialect share one setting.
            if !known.contains(&settings) {
                known.push(settings);
            }
        }
    }
    known
}

/// The variables of the rule that a pod was injected by.
pub(super) struct Environment<'p, 'r> {
    pub(super) settings: &'r [EnvSetting],
    containers: Vec<&'p str>,
    /// A variable that is somebody else's business.
    except: &'static str,
    /// The names of all rules' variables.
    names: Vec<&'r str>,
    /// Whether variables that the injection must have put there go, too, where the rule sets them to
    /// something else by now.
    stale: bool,
}

impl<'p, 'r> Environment<'p, 'r> {
    /// Finds the rule: most likely the one of which the pod has the most.
    pub(super) fn new(pod: &Pod<'p>, known: &Known<'r>, except: &'static str, stale: bool) -> Self {
        let containers = pod.container_names();
        let count = |settings: &[EnvSetting]| -> usize {
            let staying = pod.containers.iter().filter(|own| !own.goes);
            let scores = staying.flat_map(|own| own.env.iter()).map(|own| {
                let is_same =
                    rank(settings, own, &containers).is_some() || tags::are_merged(settings, own);
                let is_named = stale && settings.iter().any(|known| known.name == own.name);
                2 * usize::from(is_same) + usize::from(is_named)
            });
            scores.sum()
        };
        let mut best: Option<(usize, &[EnvSetting])> = None;
        for settings in known {
            let found = count(settings);
            if best.is_none_or(|(most, _)| found > most) {
                best = Some((found, settings));
            }
        }
        Self {
            settings: best.map_or(&[], |(_, settings)| settings),
            containers,
            except,
            names: known
                .iter()
                .flat_map(|own| own.iter())
                .map(|own| own.name.as_str())
                .collect(),
            stale,
        }
    }

    /// Takes the rule's variables out of a container. Those that stand where the injection would not
    /// have put them are the user's; `made` is the position of a variable that the injection made, in
    /// front of all others. Gives the positions of variables that have a name and a place of the rule's,
    /// and another value, which may be the user's.
    pub(super) fn remove(&self, container: &mut Container<'_>, made: Option<usize>) -> Vec<usize> {
        let mut doubtful: Vec<usize> = Vec::new();
        let mut goes: Vec<usize> = Vec::new();
        let env = &container.env;
        let candidates = env.iter().enumerate();
        let candidates = candidates
            .filter(|(_, own)| own.fate == Fate::Stays && own.name != self.except)
            .filter_map(|(index, own)| {
                let settings = self.settings.iter();
                let rank = settings.clone().position(|known| known.name == own.name)?;
                let is_same = is_set_to(own, &self.settings[rank].value, &self.containers);
                (is_same || self.stale).then_some((index, rank, is_same))
            });
        let candidates: Vec<(usize, usize, bool)> = candidates.collect();
        // Somebody put them in the order of their names.
        let is_sorted = env.len() > 2 && env.is_sorted_by_key(|own| own.name);
        if let Some(made) = made.filter(|_| !is_sorted) {
            goes.extend(
                candidates
                    .iter()
                    .map(|own| own.0)
                    .filter(|index| *index > made),
            );
        } else if is_sorted {
            goes.extend(candidates.iter().filter(|own| own.2).map(|own| own.0));
        } else {
            let mut before = usize::MAX;
            let mut block = Vec::new();
            for (index, rank, is_same) in candidates.into_iter().rev() {
                if rank >= before {
                    break;
                }
                before = rank;
                block.push((index, is_same));
            }
            // In front of the first that is the rule's own, another value may be the user's.
            let first = block.iter().rposition(|(_, is_same)| *is_same);
            let sure = first.map_or(0, |first| first + 1);
            goes.extend(block.iter().take(sure).map(|own| own.0));
            doubtful.extend(block.iter().skip(sure).map(|own| own.0));
        }
        for index in goes {
            container.env[index].fate = Fate::Goes;
        }
        doubtful
    }
}

impl Environment<'_, '_> {
    /// Says which variables of the injection's stay behind one that it made, though no rule sets them so.
    /// Where all of a rule's were there, nothing is said: the others came since. `prefix` is what the names
    /// of such variables begin with, for rules that nobody knows any more.
    pub(super) fn leftover(
        &self,
        container: &Container<'_>,
        made: Option<usize>,
        prefix: &str,
    ) -> Option<(usize, Notice)> {
        let made = made.filter(|_| !self.stale)?;
        let env = &container.env;
        let is_found = |known: &EnvSetting| {
            let mut own = env.iter().enumerate();
            own.any(|(at, own)| own.name == known.name && (own.fate != Fate::Stays || at < made))
        };
        if !self.settings.is_empty() && self.settings.iter().all(is_found) {
            return None;
        }
        let behind = env.iter().enumerate().skip(made + 1);
        let left = behind.filter(|(_, own)| {
            own.fate == Fate::Stays
                && (own.name.starts_with(prefix) || self.names.contains(&own.name))
        });
        let left: Vec<(usize, &str)> = left.map(|(at, own)| (at, own.name)).collect();
        let (first, _) = *left.first()?;
        let names: Vec<&str> = left.into_iter().map(|(_, name)| name).collect();
        let (noun, verb) = match names.len() {
            1 => ("variable", "stays"),
            _ => ("variables", "stay"),
        };
        let message = format!(
            "the {noun} {} of the container {} {verb}, behind what the injection put there: no rule of the \
             configuration has such a value",
            names.join(", "),
            container.name
        );
        let notice = Notice::new("variable-left", message)
            .hint("give the configuration that it was injected with, in the same run");
        Some((first, notice))
    }
}

/// What is said of a variable that may be the user's.
pub(super) fn doubt(container: &Container<'_>, index: usize, path: Path) -> Notice {
    let message = format!(
        "the variable {} of the container {} has another value than the rule sets; it may be yours, and is kept",
        container.env.get(index).map_or("", |own| own.name),
        container.name
    );
    Notice::new("variable-kept", message)
        .at(Some(path))
        .hint("--previous-config tells what an earlier configuration set")
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
