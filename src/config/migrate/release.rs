//! The rules that release 1.9 itself makes of `admission_inject`, written down: one for each section
//! that it looks at, in the place of that list of `admission_inject_v2`
//! (`spec/1-behaviour-v2.md`, section 1).

use super::entry::{Entry, Shared};
use super::{Migration, New, Profiler};
use crate::config::object::Field;
use crate::config::rule::Rules;
use crate::config::v2_legacy::NAME;

/// A section that becomes a list with one rule.
struct Section {
    name: &'static str,
    list: &'static str,
    image: &'static str,
    language: Option<&'static str>,
}

const SECTIONS: [Section; 2] = [
    Section {
        name: "ddtrace",
        list: "ddtraces",
        image: "java_agent_image",
        language: Some("java"),
    },
    Section {
        name: "logfwd",
        list: "logfwds",
        image: "logfwd_image",
        language: None,
    },
];

pub(super) fn carry_over<'a>(
    migration: &mut Migration<'_>,
    old: &Field<'a>,
    rules: &Rules,
) -> New<'a> {
    let mut new = New::default();
    for known in SECTIONS {
        let Some(section) = old.get(known.name) else {
            continue;
        };
        if !is_looked_at(migration, &section) {
            continue;
        }
        if known.language.is_some() {
            let message = format!(
                "release 1.9 makes one rule of `{}`: for java, where a pod has the annotation; other \
                 images and the languages of the lists count for nothing",
                section.path
            );
            migration.differs(section.node, message);
        }
        let shared = Shared::of(migration, &section);
        let rule = rule(&section, &known, &shared).map(|rule| rule.value(&shared));
        new.lists.push((known.list, rule.into_iter().collect()));
    }
    let profiler = old.get("profiler");
    if let Some(section) = profiler.filter(|section| is_looked_at(migration, section)) {
        if rules.profiler.is_empty() {
            new.lists.push(("profilers", Vec::new()));
        } else {
            let message = format!(
                "`{}` stays: it has an image for each language, which `admission_inject_v2` cannot \
                 have",
                section.path
            );
            migration.differs(section.node, message);
            new.profiler = Migration::written(old, "profiler")
                .map(|(key, value)| Profiler::AsWritten(key, value));
        }
    }
    new
}

/// Whether a section counts as present: it has images or variables.
fn is_looked_at(migration: &mut Migration<'_>, section: &Field<'_>) -> bool {
    let images = section.get("images");
    let has_images = images.is_some_and(|images| !images.node.entries().is_empty());
    let is_present = has_images || Shared::of(migration, section).envs.is_some();
    if !is_present && !section.node.entries().is_empty() {
        let message = format!(
            "`{}` has neither images nor variables, and so release 1.9 does not look at it",
            section.path
        );
        migration.lost(section.node, message, None);
    }
    is_present
}

/// The one rule of a section; nothing where release 1.9 makes none.
fn rule(section: &Field<'_>, known: &Section, shared: &Shared) -> Option<Entry> {
    let written = |list: &str, name: &str| -> Vec<String> {
        let entries = section.objects(list).into_iter();
        let texts = entries.map(|entry| entry.string(name).to_owned());
        texts.filter(|text| !text.is_empty()).collect()
    };
    let mut namespaces = written("enabled_namespaces", "namespace");
    let labels = written("enabled_labelselectors", "labelselector");
    let images = section.get("images");
    let mut images = images.iter().flat_map(|images| images.node.entries());
    let image = images.find(|(name, _)| *name == known.image);
    let image = image.and_then(|(_, node)| node.as_string());
    let image = image.unwrap_or_default();
    if namespaces.is_empty() && labels.is_empty() {
        if image.is_empty() && shared.envs.is_none() {
            return None;
        }
        namespaces.push("*".to_owned());
    }
    Some(Entry {
        name: NAME.to_owned(),
        language: known.language.map(str::to_owned),
        namespaces,
        labels,
        checks_annotation: true,
        image: Some(image.to_owned()),
    })
}
