//! Rules on labels and namespaces: each entry of their lists becomes one, in an order in which release
//! 1.9 asks them as dialect v1 did (`spec/1-behaviour.md`, section 5.1).

use super::Migration;
use super::entry::Entry;
use super::v1::EVERYWHERE;
use crate::config::container::ContainerSettings;
use crate::config::language::Language;
use crate::config::object::Field;
use crate::config::rule::{Rule, Then};

/// More rules than this are not made of one section.
const LIMIT: usize = 10_000;

/// What a rule on labels or namespaces does.
#[derive(Clone, Debug)]
struct Selected {
    /// Where it stands: the last part of the list's name, and its position.
    name: String,
    namespace: Option<String>,
    label: Option<String>,
    /// Its language, as dialect v2 has it; empty where it leaves pods out.
    language: String,
    image: Option<String>,
}

impl Selected {
    fn entry(&self) -> Entry {
        Entry {
            name: self.name.clone(),
            language: Some(self.language.clone()),
            namespaces: self.namespace.iter().cloned().collect(),
            labels: self.label.iter().cloned().collect(),
            checks_annotation: false,
            image: self.image.clone(),
        }
    }
}

/// The rules on labels, then those on namespaces. `made` gives the language of what a rule injects, and
/// the container.
pub(super) fn selected<P>(
    migration: &mut Migration<'_>,
    section: &Field<'_>,
    rules: &[Rule<P>],
    made: impl Fn(&P) -> (Language, ContainerSettings),
) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let by_selector: Vec<(usize, Selected, &Rule<P>)> = rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.place.is_entry())
        .map(|(index, rule)| (index, read(migration, rule, &made), rule))
        .collect();
    for (at, (_, own, rule)) in by_selector.iter().enumerate() {
        let Then::SkipTo(target) = rule.then else {
            entries.push(own.entry());
            continue;
        };
        let behind = by_selector.partition_point(|(index, ..)| *index < target);
        let passed = behind.saturating_sub(at + 1);
        let rest = by_selector.get(behind..).unwrap_or_default();
        if passed == 0 {
            // Nothing is passed over: the rules behind it come next anyway.
            continue;
        }
        if entries.len() + rest.len() > LIMIT {
            let message = format!(
                "{} leads past other rules, which would take more than {LIMIT} rules here: it is \
                 left out",
                own.name
            );
            migration.lost(section.node, message, None);
            continue;
        }
        // Release 1.9 has no rule that leads past others: the rules that it leads to come first, for
        // its pods alone, and then one that leaves the rest of its pods out.
        for (_, namespace, _) in rest {
            entries.push(Entry {
                name: format!("{} in {}", own.name, namespace.name),
                labels: own.label.iter().cloned().collect(),
                ..namespace.entry()
            });
        }
        entries.push(own.entry());
    }
    // A label selector that every pod matches is none.
    for entry in &mut entries {
        if entry.labels.is_empty() && entry.namespaces.is_empty() {
            entry.namespaces.push(EVERYWHERE.to_owned());
        }
    }
    entries
}

fn read<P>(
    migration: &mut Migration<'_>,
    rule: &Rule<P>,
    made: &impl Fn(&P) -> (Language, ContainerSettings),
) -> Selected {
    let list = rule.place.ruleset.rsplit('.').next().unwrap_or_default();
    let index = rule.place.index.unwrap_or_default();
    let name = format!("{list}[{index}]");
    let namespace = rule
        .selector
        .namespaces()
        .first()
        .map(|own| match own.text() {
            "" => EVERYWHERE.to_owned(),
            text => text.to_owned(),
        });
    let label = rule.selector.labels().first();
    let label = label.filter(|own| !own.is_empty());
    let (language, image) = match &rule.then {
        Then::Apply(payload) => {
            let (language, container) = made(payload);
            if container.image.reference.is_empty() {
                let message = format!(
                    "{name} is for {}, which has no image: its pods get nothing, as before",
                    language.name()
                );
                let hint = format!(
                    "add `{}` and carry the configuration over again",
                    container.image.key
                );
                migration.lost_rule(&rule.place, message, hint);
                (String::new(), None)
            } else {
                (language.name().to_owned(), Some(container.image.reference))
            }
        }
        // The name of a language that is not known is not kept: release 1.9 can know it.
        Then::Refuse(_) | Then::SkipTo(_) => (String::new(), None),
    };
    Selected {
        name,
        namespace,
        label: label.map(|own| own.text().to_owned()),
        language,
        image,
    }
}
