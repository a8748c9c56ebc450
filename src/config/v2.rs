//! Dialect v2 as it is written (`admission_inject_v2`, operator 1.9.2), lowered into rules
//! (`spec/1-behaviour-v2.md`, sections 2 and 3). How this dialect reads `admission_inject` is in
//! `v2_legacy.rs`.

use std::sync::Arc;

use super::annotation;
use super::container::{ContainerSettings, Image, PullPolicy, Resources};
use super::dialect::{self, Dialect, Dimension, Entry, Written};
use super::env_value::FORMS_V2;
use super::language::{DDTRACE_V2, Language, OTEL, PROFILER};
use super::object::{Field, Reader};
use super::rule::{
    Ddtrace, Demand, DirectoryOf, Flameshot, InvalidInstances, Logfwd, Logging, Otel, Profiler,
    Refusal, Reinvocation, Rule, RulePlace, Rules, Then, Unmet,
};
use super::selector::{Combination, Selector};
use super::v2_legacy;

/// Lowers a configuration whose outermost object is `root`.
pub(super) fn lower(reader: &mut Reader<'_>, root: &Field<'_>) -> Rules {
    let inject = reader.object(root, "admission_inject_v2");
    let inject = inject.as_ref();
    let mut rules = Rules {
        ddtrace_yields_to_otel: true,
        version_annotations: Dialect::V2.version_annotations(),
        ..Rules::default()
    };
    let legacy = v2_legacy::read(reader, root);
    rules.ddtrace = legacy.ddtrace.unwrap_or_else(|| {
        let entries = entries(reader, inject, "ddtraces", "admission_inject_v2.ddtraces");
        each(reader, entries, ddtrace)
    });
    let otels = entries(reader, inject, "otels", "admission_inject_v2.otels");
    rules.otel = each(reader, otels, otel);
    rules.logfwd = legacy.logfwd.unwrap_or_else(|| {
        let entries = entries(reader, inject, "logfwds", "admission_inject_v2.logfwds");
        each(reader, entries, logfwd)
    });
    let flameshots = entries(
        reader,
        inject,
        "flameshots",
        "admission_inject_v2.flameshots",
    );
    rules.flameshot = each(reader, flameshots, flameshot);
    rules.profiler = legacy.profiler.unwrap_or_else(|| {
        let entries = entries(reader, inject, "profilers", "admission_inject_v2.profilers");
        each(reader, entries, profiler)
    });
    let mutate = reader.object(root, "admission_mutate");
    let loggings = entries(
        reader,
        mutate.as_ref(),
        "loggings",
        "admission_mutate.loggings",
    );
    rules.logging = loggings
        .into_iter()
        .filter_map(|entry| logging(reader, entry))
        .collect();
    rules
}

/// The entries of a list; one that is null is off.
fn entries<'a>(
    reader: &mut Reader<'_>,
    parent: Option<&Field<'a>>,
    list: &str,
    ruleset: &'static str,
) -> Vec<Entry<'a>> {
    let Some(parent) = parent else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, item) in reader.objects(parent, list) {
        match item {
            Ok(field) => {
                let name = reader.string(&field, "name").to_owned();
                found.push(Entry::new(reader, field, ruleset, Some(index), &name));
            }
            Err(node) => {
                let message = format!("{ruleset}[{index}] is off: it is null (null_rule)");
                reader.warn("rule-disabled", node, message, None);
            }
        }
    }
    found
}

fn each<P>(
    reader: &mut Reader<'_>,
    entries: Vec<Entry<'_>>,
    lower: fn(&mut Reader<'_>, &Entry<'_>, Selector) -> Vec<Rule<P>>,
) -> Vec<Rule<P>> {
    let mut rules = Vec::new();
    for entry in entries {
        // Everything is read even where the rule is off, so that every error is found.
        let selector = selector(reader, &entry, Required::One);
        let lowered = lower(reader, &entry, selector.clone().unwrap_or_default());
        if selector.is_some() {
            rules.extend(lowered);
        }
    }
    rules
}

/// How many of the two dimensions must be there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Required {
    One,
    Both,
}

fn selector(reader: &mut Reader<'_>, entry: &Entry<'_>, required: Required) -> Option<Selector> {
    let errors = reader.errors();
    let namespaces = reader.strings(&entry.field, "namespace_selectors");
    let labels = reader.strings(&entry.field, "label_selectors");
    let is_whole = reader.errors() == errors;
    compile(reader, entry, &namespaces, &labels, required, is_whole)
}

/// A selector of both lists: a dimension that is configured without one valid entry turns the rule
/// off (`spec/1-behaviour-v2.md`, section 3.1). Where not all of the lists
/// could be read, there was an error, and nothing is said of what they lack.
pub(super) fn compile(
    reader: &mut Reader<'_>,
    entry: &Entry<'_>,
    namespaces: &[(crate::yaml::Node<'_>, &str)],
    labels: &[(crate::yaml::Node<'_>, &str)],
    required: Required,
    is_whole: bool,
) -> Option<Selector> {
    let place = &entry.place;
    let mut expressions = Vec::new();
    for &written in namespaces {
        if written.1.trim().is_empty() {
            dialect::warn_invalid(reader, place, Dimension::Namespace, written, "blank");
        } else {
            expressions.extend(dialect::namespace_expression(reader, place, written));
        }
    }
    let mut selectors = Vec::new();
    for &written in labels {
        match dialect::label_selector(reader, place, written) {
            Some(selector) if selector.is_empty() => {
                dialect::warn_invalid(reader, place, Dimension::Label, written, "empty");
            }
            selector => selectors.extend(selector),
        }
    }
    let both = required == Required::Both;
    let reason = if namespaces.is_empty() && labels.is_empty() && !both {
        Some("it has no selectors (no_selectors)")
    } else if namespaces.is_empty() && both {
        Some("it has no namespace selectors, and needs both (no_namespace_selectors)")
    } else if expressions.is_empty() && !namespaces.is_empty() {
        Some("none of its namespace selectors is valid (no_valid_namespace_selectors)")
    } else if labels.is_empty() && both {
        Some("it has no label selectors, and needs both (no_label_selectors)")
    } else if selectors.is_empty() && !labels.is_empty() {
        Some("none of its label selectors is valid (no_valid_label_selectors)")
    } else {
        None
    };
    if let Some(reason) = reason {
        if is_whole {
            let message = format!("{place} is off: {reason}");
            reader.warn("rule-disabled", entry.field.node, message, None);
        }
        return None;
    }
    Some(Selector::new(expressions, selectors, Combination::All))
}

/// The container of a rule that has its image under `image`.
fn container(reader: &mut Reader<'_>, entry: &Entry<'_>) -> ContainerSettings {
    let field = &entry.field;
    ContainerSettings {
        image: Image {
            reference: reader.string(field, "image").to_owned(),
            key: format!("{}.image", field.path),
        },
        image_pull_policy: pull_policy(reader, entry),
        envs: dialect::envs(reader, field, FORMS_V2).into(),
        resources: resources(reader, entry),
    }
}

/// What is no policy is `Always`, with a warning (`spec/1-behaviour-v2.md`, section 2.1).
fn pull_policy(reader: &mut Reader<'_>, entry: &Entry<'_>) -> PullPolicy {
    let Some(field) = entry.field.get("image_pull_policy") else {
        return PullPolicy::Always;
    };
    let text = field.node.as_string();
    if let Some(policy) = text.and_then(PullPolicy::from_name) {
        return policy;
    }
    if text != Some("") {
        let span = field.node.span();
        let written = field.node.tree().source_text().get(span.start..span.end);
        let message = format!(
            "{}: the image_pull_policy {} is none of Always, IfNotPresent, Never, and so Always counts",
            entry.place,
            written.unwrap_or_default()
        );
        reader.warn(
            "invalid-image-pull-policy",
            field.node,
            message,
            Some("it is one of Always, IfNotPresent, Never".to_owned()),
        );
    }
    PullPolicy::Always
}

/// `spec/1-behaviour-v2.md`, section 2.2.
pub(super) fn resources(reader: &mut Reader<'_>, entry: &Entry<'_>) -> Resources {
    match dialect::resources(reader, &entry.field) {
        Written::Absent | Written::Empty => Resources::default_amounts(),
        Written::Amounts(resources) => resources,
        Written::Invalid(key, amount) => {
            let node = entry.field.get("resources").map(|field| field.node);
            reader.warn(
                "invalid-resources",
                node.unwrap_or(entry.field.node),
                format!(
                    "{}: `{key}`: `{amount}` is no Kubernetes quantity, and so all four have their \
                     defaults",
                    entry.place
                ),
                None,
            );
            Resources::default_amounts()
        }
    }
}

/// The demand of a rule with `check_annotation`.
fn demand(wanted: bool, annotation: String, unmet: Unmet) -> Option<Demand> {
    wanted.then_some(Demand { annotation, unmet })
}

fn version_annotation(prefix: &str, language: &str) -> String {
    format!("{}{prefix}{language}-lib.version", annotation::PREFIX)
}

fn unsupported<P>(language: &str) -> Then<P> {
    Then::Refuse(Refusal::UnsupportedLanguage(language.to_owned()))
}

fn ddtrace(reader: &mut Reader<'_>, entry: &Entry<'_>, selector: Selector) -> Vec<Rule<Ddtrace>> {
    let name = reader.string(&entry.field, "language");
    let checks = reader.boolean(&entry.field, "check_annotation");
    let container = container(reader, entry);
    let flavor = php_loader_flavor(reader, entry);
    let then = match Language::among(DDTRACE_V2, name) {
        Some(language) => Then::Apply(ddtrace_payload(language, container, flavor)),
        None => unsupported(name),
    };
    vec![Rule {
        place: entry.place.clone(),
        selector,
        demand: demand(checks, version_annotation("", name), Unmet::NextRule),
        then,
    }]
}

/// What a ddtrace rule injects in this dialect.
pub(super) fn ddtrace_payload(
    language: Language,
    container: ContainerSettings,
    php_loader_flavor: &'static str,
) -> Ddtrace {
    Ddtrace {
        language,
        container,
        php_loader_flavor,
        reinvocation: match language {
            Language::Java => Reinvocation::RepairJava,
            _ => Reinvocation::Leave,
        },
        keeps_complete_variables: true,
    }
}

/// The flavor that PHP's loader has where none is given.
pub(super) const DEFAULT_PHP_FLAVOR: &str = "linux-gnu";

fn php_loader_flavor(reader: &mut Reader<'_>, entry: &Entry<'_>) -> &'static str {
    match reader.string(&entry.field, "php_loader_flavor") {
        "" | DEFAULT_PHP_FLAVOR => DEFAULT_PHP_FLAVOR,
        "linux-musl" => "linux-musl",
        other => {
            let field = entry.field.get("php_loader_flavor");
            reader.warn(
                "invalid-php-loader-flavor",
                field.map_or(entry.field.node, |field| field.node),
                format!(
                    "{}: `{other}` is no flavor of PHP's loader; taken: {DEFAULT_PHP_FLAVOR}",
                    entry.place
                ),
                Some("it is linux-gnu or linux-musl".to_owned()),
            );
            DEFAULT_PHP_FLAVOR
        }
    }
}

fn otel(reader: &mut Reader<'_>, entry: &Entry<'_>, selector: Selector) -> Vec<Rule<Otel>> {
    let name = reader.string(&entry.field, "language");
    let checks = reader.boolean(&entry.field, "check_annotation");
    let container = container(reader, entry);
    let then = match Language::among(OTEL, name) {
        Some(language) => Then::Apply(Otel {
            language,
            container,
        }),
        None => unsupported(name),
    };
    vec![Rule {
        place: entry.place.clone(),
        selector,
        demand: demand(checks, version_annotation("otel-", name), Unmet::NextRule),
        then,
    }]
}

fn logfwd(reader: &mut Reader<'_>, entry: &Entry<'_>, selector: Selector) -> Vec<Rule<Logfwd>> {
    let checks = reader.boolean(&entry.field, "check_annotation");
    let container = container(reader, entry);
    let log_configs = reader.string(&entry.field, "log_configs").to_owned();
    let paths = reader.strings(&entry.field, "log_volume_paths");
    let paths = paths.into_iter().map(|(_, path)| path.to_owned());
    vec![logfwd_rule(
        entry.place.clone(),
        selector,
        checks,
        Logfwd {
            log_configs,
            log_volume_paths: paths.collect(),
            ..logfwd_payload(container)
        },
    )]
}

pub(super) fn logfwd_payload(container: ContainerSettings) -> Logfwd {
    Logfwd {
        container,
        invalid_instances: InvalidInstances::Ignore,
        directory: DirectoryOf::Itself,
        log_configs: String::new(),
        log_volume_paths: Vec::new(),
        pod_info: true,
    }
}

pub(super) fn logfwd_rule(
    place: Arc<RulePlace>,
    selector: Selector,
    checks: bool,
    payload: Logfwd,
) -> Rule<Logfwd> {
    Rule {
        place,
        selector,
        demand: demand(checks, annotation::LOGFWD_INSTANCES.to_owned(), Unmet::Stop),
        then: Then::Apply(payload),
    }
}

fn flameshot(
    reader: &mut Reader<'_>,
    entry: &Entry<'_>,
    selector: Selector,
) -> Vec<Rule<Flameshot>> {
    let container = container(reader, entry);
    let processes = reader.string(&entry.field, "processes").to_owned();
    let prometheus_annotations = reader.boolean(&entry.field, "enable_prometheus_annotations");
    vec![Rule {
        place: entry.place.clone(),
        selector,
        demand: None,
        then: Then::Apply(Flameshot {
            container,
            processes,
            prometheus_annotations,
        }),
    }]
}

fn profiler(reader: &mut Reader<'_>, entry: &Entry<'_>, selector: Selector) -> Vec<Rule<Profiler>> {
    let name = reader.string(&entry.field, "language");
    let checks = reader.boolean(&entry.field, "check_annotation");
    let container = container(reader, entry);
    if checks {
        return profiler_by_annotation(&entry.place, &selector, &|_| container.clone());
    }
    let then = match Language::among(PROFILER, name) {
        Some(language) => Then::Apply(Profiler {
            language,
            container,
        }),
        None => unsupported(name),
    };
    vec![Rule {
        place: entry.place.clone(),
        selector,
        demand: None,
        then,
    }]
}

/// The rules of an entry whose language the annotations decide: one for each language, of which the
/// last ends the search, since only the first matching entry counts.
pub(super) fn profiler_by_annotation(
    place: &Arc<RulePlace>,
    selector: &Selector,
    container: &dyn Fn(Language) -> ContainerSettings,
) -> Vec<Rule<Profiler>> {
    let last = PROFILER.len().saturating_sub(1);
    let rule = |(index, language): (usize, &Language)| Rule {
        place: place.clone(),
        selector: selector.clone(),
        demand: Some(Demand {
            annotation: annotation::profiler_version(*language),
            unmet: if index == last {
                Unmet::Stop
            } else {
                Unmet::NextRule
            },
        }),
        then: Then::Apply(Profiler {
            language: *language,
            container: container(*language),
        }),
    };
    PROFILER.iter().enumerate().map(rule).collect()
}

fn logging(reader: &mut Reader<'_>, entry: Entry<'_>) -> Option<Rule<Logging>> {
    let selector = selector(reader, &entry, Required::Both);
    let config = reader.string(&entry.field, "config").to_owned();
    Some(Rule {
        place: entry.place,
        selector: selector?,
        demand: None,
        then: Then::Apply(Logging { config }),
    })
}
