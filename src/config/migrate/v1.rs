//! Rules with the effect of dialect v1: an annotation, and each entry of a list of selectors, becomes
//! a rule of its own, in the order in which dialect v1 asks them (`spec/1-behaviour.md`, section 5).

use super::entry::{Entry, Shared};
use super::profiler;
use super::selected::selected;
use super::{Migration, New};
use crate::config::annotation::JS_LIB_VERSION;
use crate::config::object::Field;
use crate::config::rule::{Ddtrace, Rule, Rules, Then};
use crate::yaml::Value;

/// The value of a list of selectors that every namespace matches.
pub(super) const EVERYWHERE: &str = "*";

/// More lines than about this are not made of one section.
const SIZE_LIMIT: usize = 1_000_000;

pub(super) fn carry_over<'a>(
    migration: &mut Migration<'_>,
    old: &Field<'a>,
    rules: &Rules,
) -> New<'a> {
    let mut new = New::default();
    if let Some(section) = old.get("ddtrace") {
        let list = ddtraces(migration, &section, &rules.ddtrace);
        new.lists.extend(list.map(|list| ("ddtraces", list)));
    }
    if let Some(section) = old.get("logfwd") {
        let list = logfwds(migration, &section);
        new.lists.extend(list.map(|list| ("logfwds", list)));
    }
    let profiler = old.get("profiler");
    if let Some(section) = profiler.filter(|section| has_image(migration, section)) {
        profiler::carry_over(migration, old, &section, &rules.profiler, &mut new);
    }
    new
}

/// Whether a section has any image: without one it injects nothing.
fn has_image(migration: &mut Migration<'_>, section: &Field<'_>) -> bool {
    let images = section.get("images");
    let mut images = images.iter().flat_map(|images| images.node.entries());
    let any = images.any(|(_, image)| image.as_string().is_some_and(|image| !image.is_empty()));
    if !any && !section.node.entries().is_empty() {
        let message = format!(
            "`{}` has no image, and so nothing is injected by it: nothing is carried over",
            section.path
        );
        migration.lost(section.node, message, None);
    }
    any
}

fn ddtraces(
    migration: &mut Migration<'_>,
    section: &Field<'_>,
    rules: &[Rule<Ddtrace>],
) -> Option<Vec<Value>> {
    if !has_image(migration, section) {
        return None;
    }
    let images = section.get("images").map_or(section.node, |own| own.node);
    let has_entries = rules.iter().any(|rule| rule.place.is_entry());
    let mut entries = Vec::new();
    let mut without_image = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.place.is_entry()) {
        let (Some(demand), Then::Apply(payload)) = (&rule.demand, &rule.then) else {
            continue;
        };
        let image = &payload.container.image.reference;
        if image.is_empty() {
            if demand.annotation != JS_LIB_VERSION {
                without_image.push(payload.language.name());
            }
        } else if demand.annotation == JS_LIB_VERSION {
            let message = format!(
                "release 1.9 does not know the annotation {JS_LIB_VERSION}: pods that have it get \
                 nothing by it"
            );
            let hint = "write admission.datakit/nodejs-lib.version in the pod templates";
            migration.lost(images, message, Some(hint));
        } else {
            entries.push(Entry {
                name: name_of(&demand.annotation),
                language: Some(payload.language.name().to_owned()),
                namespaces: vec![EVERYWHERE.to_owned()],
                checks_annotation: true,
                image: Some(image.clone()),
                ..Entry::default()
            });
        }
    }
    // Such a pod got nothing, which is what it gets where nothing else takes it.
    if has_entries && !without_image.is_empty() {
        let message = format!(
            "there is no image for {}: pods whose annotation asks for that got nothing, and now get \
             what their labels and their namespace say",
            without_image.join(" and ")
        );
        migration.lost(images, message, None);
    }
    let as_written = |payload: &Ddtrace| (payload.language, payload.container.clone());
    entries.extend(selected(migration, section, rules, as_written));
    let shared = Shared::of_v1(migration, section);
    written(migration, section, &entries, &shared)
}

/// The rules as values; nothing, with a word, where they would be a text that nobody can use: each has
/// the variables of its section.
pub(super) fn written(
    migration: &mut Migration<'_>,
    section: &Field<'_>,
    entries: &[Entry],
    shared: &Shared,
) -> Option<Vec<Value>> {
    if entries.len().saturating_mul(shared.size()) > SIZE_LIMIT {
        let message = format!(
            "`{}` would become more than {SIZE_LIMIT} lines: it is not carried over",
            section.path
        );
        migration.lost(section.node, message, None);
        return None;
    }
    Some(entries.iter().map(|entry| entry.value(shared)).collect())
}

/// The part of an annotation that says what it asks for.
fn name_of(annotation: &str) -> String {
    let name = annotation.rsplit('/').next().unwrap_or(annotation);
    format!("annotation {name}")
}

fn logfwds(migration: &mut Migration<'_>, section: &Field<'_>) -> Option<Vec<Value>> {
    if !has_image(migration, section) {
        return None;
    }
    let images = section.get("images")?;
    let entries = images.node.entries();
    let (_, image) = entries
        .into_iter()
        .find(|(name, _)| *name == "logfwd_image")?;
    let image = image.as_string().filter(|image| !image.is_empty())?;
    migration.differs(
        section.node,
        "for the annotation admission.datakit/logfwd.instances, release 1.9 mounts a path without `*` \
         itself and not the directory that it is in, mounts the pod's labels as well, and injects the \
         sidecar even where it cannot read the annotation",
    );
    let shared = Shared::of_v1(migration, section);
    let entry = Entry {
        name: "annotation logfwd.instances".to_owned(),
        namespaces: vec![EVERYWHERE.to_owned()],
        checks_annotation: true,
        image: Some(image.to_owned()),
        ..Entry::default()
    };
    Some(vec![entry.value(&shared)])
}
