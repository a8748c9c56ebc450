//! Dialect v1 as it is written (`admission_inject`, operator 1.4 to 1.6), lowered into rules
//! (`spec/1-behaviour.md`, section 5).

use std::sync::Arc;

use super::annotation;
use super::container::{ContainerSettings, Image, PullPolicy, Resources};
use super::dialect::{self, Dialect, Dimension, Entry, Written};
use super::env_value::{EnvSetting, FORMS_V1};
use super::language::{DDTRACE_V1, Language, PROFILER};
use super::object::{Field, Reader};
use super::rule::{
    Ddtrace, Demand, DirectoryOf, InvalidInstances, Logfwd, Logging, Profiler, Refusal,
    Reinvocation, Rule, RulePlace, Rules, Then, Unmet,
};
use super::selector::{Combination, NamespaceExpression, Selector};

/// Lowers a configuration whose outermost object is `root`.
pub(super) fn lower(reader: &mut Reader<'_>, root: &Field<'_>) -> Rules {
    let inject = reader.object(root, "admission_inject");
    let mut section = |name: &str| {
        let inject = inject.as_ref()?;
        reader.object(inject, name)
    };
    let (ddtrace, logfwd, profiler) = (section("ddtrace"), section("logfwd"), section("profiler"));
    Rules {
        ddtrace: lower_ddtrace(reader, ddtrace.as_ref()),
        logfwd: vec![lower_logfwd(reader, logfwd.as_ref())],
        profiler: lower_profiler(reader, profiler.as_ref()),
        logging: lower_logging(reader, root),
        version_annotations: Dialect::V1.version_annotations(),
        ..Rules::default()
    }
}

fn lower_ddtrace(reader: &mut Reader<'_>, section: Option<&Field<'_>>) -> Vec<Rule<Ddtrace>> {
    const RULESET: &str = "admission_inject.ddtrace";
    let settings = Settings::read(reader, section);
    let payload = |language: Language| Ddtrace {
        language,
        container: settings.container(RULESET, ddtrace_image(language)),
        php_loader_flavor: "",
        reinvocation: Reinvocation::Leave,
        keeps_complete_variables: false,
    };
    let mut annotations: Vec<(Language, String)> = DDTRACE_V1
        .iter()
        .map(|language| (*language, annotation::ddtrace_version(*language)))
        .collect();
    annotations.push((Language::Nodejs, annotation::JS_LIB_VERSION.to_owned()));
    let language = |name: &str| match name {
        "js" => Some(Language::Nodejs),
        _ => Language::among(DDTRACE_V1, name),
    };
    let lists = Lists {
        annotation_rules: RULESET,
        labels: "admission_inject.ddtrace.enabled_labelselectors",
        namespaces: "admission_inject.ddtrace.enabled_namespaces",
    };
    lists.lower(reader, section, annotations, &language, &payload)
}

/// The key of a language's image in `images`.
pub(super) const fn ddtrace_image(language: Language) -> &'static str {
    match language {
        Language::Java => "java_agent_image",
        Language::Python => "python_agent_image",
        Language::Nodejs => "js_agent_image",
        Language::Php => "php_agent_image",
        Language::Golang => "golang_agent_image",
    }
}

fn lower_profiler(reader: &mut Reader<'_>, section: Option<&Field<'_>>) -> Vec<Rule<Profiler>> {
    const RULESET: &str = "admission_inject.profiler";
    let settings = Settings::read(reader, section);
    let payload = |language: Language| Profiler {
        language,
        container: settings.container(RULESET, &profiler_image(language)),
    };
    let annotations = PROFILER
        .iter()
        .map(|language| (*language, annotation::profiler_version(*language)))
        .collect();
    let language = |name: &str| Language::among(PROFILER, name);
    let lists = Lists {
        annotation_rules: RULESET,
        labels: "admission_inject.profiler.enabled_labelselectors",
        namespaces: "admission_inject.profiler.enabled_namespaces",
    };
    lists.lower(reader, section, annotations, &language, &payload)
}

/// The key of a language's image in `images`.
pub(super) fn profiler_image(language: Language) -> String {
    format!("{}_profiler_image", language.name())
}

fn lower_logfwd(reader: &mut Reader<'_>, section: Option<&Field<'_>>) -> Rule<Logfwd> {
    const RULESET: &str = "admission_inject.logfwd";
    let settings = Settings::read(reader, section);
    Rule {
        place: Arc::new(RulePlace {
            ruleset: RULESET,
            ..RulePlace::default()
        }),
        selector: Selector::everything(),
        demand: Some(Demand {
            annotation: annotation::LOGFWD_INSTANCES.to_owned(),
            unmet: Unmet::Stop,
        }),
        then: Then::Apply(Logfwd {
            container: settings.container(RULESET, "logfwd_image"),
            invalid_instances: InvalidInstances::Skip,
            directory: DirectoryOf::Parent,
            log_configs: String::new(),
            log_volume_paths: Vec::new(),
            pod_info: false,
        }),
    }
}

fn lower_logging(reader: &mut Reader<'_>, root: &Field<'_>) -> Vec<Rule<Logging>> {
    const RULESET: &str = "admission_mutate.loggings";
    let Some(mutate) = reader.object(root, "admission_mutate") else {
        return Vec::new();
    };
    let mut rules = Vec::new();
    for (index, item) in reader.objects(&mutate, "loggings") {
        let Ok(field) = item else { continue };
        let entry = Entry::new(reader, field, RULESET, Some(index), "");
        let errors = reader.errors();
        let namespaces = reader.strings(&entry.field, "namespace_selectors");
        let labels = reader.strings(&entry.field, "label_selectors");
        let is_whole = reader.errors() == errors;
        let config = reader.string(&entry.field, "config").to_owned();
        let namespaces: Vec<_> = namespaces
            .into_iter()
            .filter_map(|written| namespace(reader, &entry.place, written, true))
            .collect();
        let labels: Vec<_> = labels
            .into_iter()
            .filter_map(|written| label(reader, &entry.place, written, true))
            .collect();
        if namespaces.is_empty() && labels.is_empty() {
            if !is_whole {
                continue;
            }
            let message = format!("{} never matches: it has no valid selector", entry.place);
            reader.warn("rule-never-matches", entry.field.node, message, None);
            continue;
        }
        rules.push(Rule {
            place: entry.place,
            selector: Selector::new(namespaces, labels, Combination::Any),
            demand: None,
            then: Then::Apply(Logging { config }),
        });
    }
    rules
}

type Text<'a> = (crate::yaml::Node<'a>, &'a str);

/// An empty expression matches every namespace, which is not what it looks like; where it could not be
/// read, it does not look like that.
fn namespace(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    written: Text<'_>,
    is_whole: bool,
) -> Option<NamespaceExpression> {
    if written.1.is_empty() && is_whole {
        warn_everything(reader, place, Dimension::Namespace, written);
    }
    dialect::namespace_expression(reader, place, written)
}

fn label(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    written: Text<'_>,
    is_whole: bool,
) -> Option<super::label_selector::LabelSelector> {
    let selector = dialect::label_selector(reader, place, written)?;
    if selector.is_empty() && is_whole {
        warn_everything(reader, place, Dimension::Label, written);
    }
    Some(selector)
}

fn warn_everything(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    dimension: Dimension,
    (node, _): Text<'_>,
) {
    let (what, meant) = match dimension {
        Dimension::Namespace => ("namespace expression", "namespace"),
        Dimension::Label => ("label selector", "pod"),
    };
    reader.warn(
        "selector-matches-everything",
        node,
        format!("{place}: an empty {what} matches every {meant}"),
        Some(format!(
            "operator 1.9 takes it for invalid; leave the entry out, or say what it shall match \
             (`*` for every {meant})"
        ))
        .filter(|_| matches!(dimension, Dimension::Namespace)),
    );
}

/// What a section says of the container.
struct Settings {
    images: Vec<(String, String)>,
    envs: Arc<[EnvSetting]>,
    resources: Resources,
}

impl Settings {
    fn read(reader: &mut Reader<'_>, section: Option<&Field<'_>>) -> Self {
        let Some(section) = section else {
            return Self {
                images: Vec::new(),
                envs: Arc::default(),
                resources: Resources::default_amounts(),
            };
        };
        let resources = match dialect::resources(reader, section) {
            Written::Absent => Resources::default_amounts(),
            Written::Empty => Resources::default(),
            Written::Amounts(resources) => resources,
            Written::Invalid(key, amount) => {
                reader.error(
                    "config-bad-quantity",
                    section.get("resources").map_or(section.node, |r| r.node),
                    format!(
                        "`{}.resources.{key}`: `{amount}` is no Kubernetes quantity",
                        section.path
                    ),
                );
                Resources::default()
            }
        };
        Self {
            images: images(reader, section),
            envs: dialect::envs(reader, section, FORMS_V1).into(),
            resources,
        }
    }

    fn container(&self, ruleset: &str, image: &str) -> ContainerSettings {
        let found = self.images.iter().find(|(key, _)| key == image);
        ContainerSettings {
            image: Image {
                reference: found.map_or_else(String::new, |(_, image)| image.clone()),
                key: format!("{ruleset}.images.{image}"),
            },
            image_pull_policy: PullPolicy::Always,
            envs: self.envs.clone(),
            resources: self.resources.clone(),
        }
    }
}

/// `images` of a section.
pub(super) fn images(reader: &mut Reader<'_>, section: &Field<'_>) -> Vec<(String, String)> {
    let mut images = Vec::new();
    for (key, value) in reader.map(section, "images") {
        if let Some(image) = value.as_string() {
            images.push((key.to_owned(), image.to_owned()));
        } else {
            let path = format!("{}.images.{key}", section.path);
            let message = format!("`{path}` must be a string, not {}", value.describe());
            reader.error("config-wrong-type", value, message);
        }
    }
    images
}

/// The lists that a language is found by, in the order in which they count: annotations, labels,
/// namespaces (`spec/1-behaviour.md`, section 5.1).
struct Lists {
    annotation_rules: &'static str,
    labels: &'static str,
    namespaces: &'static str,
}

impl Lists {
    fn lower<P>(
        &self,
        reader: &mut Reader<'_>,
        section: Option<&Field<'_>>,
        annotations: Vec<(Language, String)>,
        language: &dyn Fn(&str) -> Option<Language>,
        payload: &dyn Fn(Language) -> P,
    ) -> Vec<Rule<P>> {
        let mut rules: Vec<Rule<P>> = annotations
            .into_iter()
            .map(|(language, annotation)| Rule {
                place: Arc::new(RulePlace {
                    ruleset: self.annotation_rules,
                    ..RulePlace::default()
                }),
                selector: Selector::everything(),
                demand: Some(Demand {
                    annotation,
                    unmet: Unmet::NextRule,
                }),
                then: Then::Apply(payload(language)),
            })
            .collect();
        let Some(section) = section else { return rules };
        let then = |name: &str| match language(name) {
            Some(language) => Then::Apply(payload(language)),
            None if name.is_empty() => Then::Refuse(Refusal::NoLanguage),
            None => Then::Refuse(Refusal::UnsupportedLanguage(name.to_owned())),
        };
        let mut by_label = Vec::new();
        for (index, item) in reader.objects(section, "enabled_labelselectors") {
            let Ok(field) = item else { continue };
            let entry = Entry::new(reader, field, self.labels, Some(index), "");
            let errors = reader.errors();
            let text = reader.string(&entry.field, "labelselector");
            let is_whole = reader.errors() == errors;
            let name = reader.string(&entry.field, "language");
            let node = entry.field.get("labelselector").map(|field| field.node);
            let written = (node.unwrap_or(entry.field.node), text);
            if let Some(selector) = label(reader, &entry.place, written, is_whole) {
                let selector = Selector::new(Vec::new(), vec![selector], Combination::All);
                by_label.push((entry.place, selector, name));
            }
        }
        let first_namespace = rules.len() + by_label.len();
        for (place, selector, name) in by_label {
            rules.push(Rule {
                place,
                selector,
                demand: None,
                then: if name.is_empty() {
                    Then::SkipTo(first_namespace)
                } else {
                    then(name)
                },
            });
        }
        for (index, item) in reader.objects(section, "enabled_namespaces") {
            let Ok(field) = item else { continue };
            let entry = Entry::new(reader, field, self.namespaces, Some(index), "");
            let errors = reader.errors();
            let text = reader.string(&entry.field, "namespace");
            let is_whole = reader.errors() == errors;
            let name = reader.string(&entry.field, "language");
            let node = entry.field.get("namespace").map(|field| field.node);
            let written = (node.unwrap_or(entry.field.node), text);
            if let Some(expression) = namespace(reader, &entry.place, written, is_whole) {
                rules.push(Rule {
                    place: entry.place,
                    selector: Selector::new(vec![expression], Vec::new(), Combination::All),
                    demand: None,
                    then: then(name),
                });
            }
        }
        rules
    }
}
