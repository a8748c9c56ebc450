//! Rules with the effect of dialect v1: an annotation, and each entry of a list of selectors, becomes
//! a rule of its own, in the order in which dialect v1 asks them (`spec/1-behaviour.md`, section 5).

use super::entry::{Entry, Shared};
use super::{Migration, New, Profiler, sequence};
use crate::config::annotation::JS_LIB_VERSION;
use crate::config::container::ContainerSettings;
use crate::config::language::{DDTRACE_V2, Language};
use crate::config::object::Field;
use crate::config::rule::{self, Ddtrace, Refusal, Rule, Rules, Then};
use crate::config::show::variables;
use crate::yaml::Value;

/// The value of a list of selectors that every namespace matches.
const EVERYWHERE: &str = "*";

/// More rules than this are not made of one section.
const LIMIT: usize = 10_000;

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
        profilers(migration, old, &section, &rules.profiler, &mut new);
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
fn written(
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
fn selected<P>(
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
        // The name of a language that release 1.9 does know would inject it.
        Then::Refuse(Refusal::UnsupportedLanguage(name))
            if Language::among(DDTRACE_V2, name).is_none() =>
        {
            (name.clone(), None)
        }
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

/// Release 1.9 looks at the first profiler rule that selects the pod alone, with one image whatever
/// language an annotation asks for. Only the old section has an image for each language: where pods
/// ask by annotation alone, it stays.
fn profilers<'a>(
    migration: &mut Migration<'_>,
    old: &Field<'a>,
    section: &Field<'a>,
    rules: &[Rule<rule::Profiler>],
    new: &mut New<'a>,
) {
    let injects = |rule: &Rule<rule::Profiler>| {
        let payload = match &rule.then {
            Then::Apply(payload) => payload,
            Then::Refuse(_) | Then::SkipTo(_) => return false,
        };
        rule.place.is_entry() && !payload.container.image.reference.is_empty()
    };
    if !rules.iter().any(injects) {
        migration.differs(
            section.node,
            format!(
                "`{}` stays: release 1.9 reads it as well, and has an image for each language that \
                 an annotation can ask for nowhere else",
                section.path
            ),
        );
        let shared = Shared::of_v1(migration, section);
        new.profiler = kept_section(old, section, &shared);
        return;
    }
    let made = |payload: &rule::Profiler| (payload.language, payload.container.clone());
    let mut entries = selected(migration, section, rules, made);
    let images = section.get("images").map_or(section.node, |own| own.node);
    let mut configured: Vec<&str> = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.place.is_entry()) {
        if let Then::Apply(payload) = &rule.then {
            let image = payload.container.image.reference.as_str();
            configured.extend(Some(image).filter(|image| !image.is_empty()));
        }
    }
    let asks = "pods that ask for the profiler by annotation";
    let message = match configured[..] {
        [image] => {
            entries.push(Entry {
                name: "annotation profiler.version".to_owned(),
                namespaces: vec![EVERYWHERE.to_owned()],
                checks_annotation: true,
                image: Some(image.to_owned()),
                ..Entry::default()
            });
            format!(
                "{asks} get what the first rule on their labels or namespace says, and this image \
                 where none does, whatever their language"
            )
        }
        _ => format!(
            "{asks} get what the first rule on their labels or namespace says, and nothing where none \
             does: release 1.9 has one image for all annotations"
        ),
    };
    migration.lost(images, message, None);
    let shared = Shared::of_v1(migration, section);
    let list = written(migration, section, &entries, &shared);
    new.lists.extend(list.map(|list| ("profilers", list)));
}

/// The profiler's section without its lists, which release 1.9 would take for the only pods that may
/// ask: as it is written where it has none.
fn kept_section<'a>(old: &Field<'a>, section: &Field<'a>, shared: &Shared) -> Option<Profiler<'a>> {
    let lists = ["enabled_namespaces", "enabled_labelselectors"];
    let has_lists = lists.iter().any(|list| !section.objects(list).is_empty());
    // Without variables and selectors it is no rule at all there.
    if !has_lists && shared.envs.is_some() {
        let (key, value) = Migration::written(old, "profiler")?;
        return Some(Profiler::AsWritten(key, value));
    }
    let images = section.get("images")?;
    let images = variables(images.node, |image| !image.is_null());
    let fields = [
        (
            "enabled_namespaces",
            Some(sequence([Value::mapping([(
                "namespace",
                Value::string(EVERYWHERE),
            )])])),
        ),
        ("images", Some(images)),
        ("envs", shared.envs.clone()),
        ("resources", shared.resources.clone()),
    ];
    let set = fields.into_iter();
    let set = set.filter_map(|(name, value)| Some((name, value?)));
    Some(Profiler::Anew(Value::mapping(set)))
}
