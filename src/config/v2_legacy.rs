//! How dialect v2 reads `admission_inject`: each section that is there becomes one rule, which
//! replaces v2's own list (`spec/1-behaviour-v2.md`, section 1).

use super::annotation;
use super::container::{ContainerSettings, Image, PullPolicy};
use super::dialect::{self, Entry};
use super::env_value::FORMS_V2;
use super::language::Language;
use super::object::{Field, Reader};
use super::rule::{Ddtrace, Demand, Logfwd, Profiler, Rule, Then, Unmet};
use super::selector::{Combination, NamespaceExpression, Selector};
use super::{v1, v2};

/// The rulesets that replace v2's own; nothing where `admission_inject` has no such section.
#[derive(Default)]
pub(super) struct Legacy {
    pub(super) ddtrace: Option<Vec<Rule<Ddtrace>>>,
    pub(super) logfwd: Option<Vec<Rule<Logfwd>>>,
    pub(super) profiler: Option<Vec<Rule<Profiler>>>,
}

/// The name of the one rule.
pub(super) const NAME: &str = "Used InjectV1 Config";

pub(super) fn read(reader: &mut Reader<'_>, root: &Field<'_>) -> Legacy {
    let Some(inject) = reader.object(root, "admission_inject") else {
        return Legacy::default();
    };
    Legacy {
        ddtrace: Section::read(reader, &inject, "ddtrace", "admission_inject.ddtrace")
            .map(|section| section.ddtrace(reader)),
        logfwd: Section::read(reader, &inject, "logfwd", "admission_inject.logfwd")
            .map(|section| section.logfwd(reader)),
        profiler: Section::read(reader, &inject, "profiler", "admission_inject.profiler")
            .map(|section| section.profiler(reader)),
    }
}

struct Section<'a> {
    entry: Entry<'a>,
    images: Vec<(String, String)>,
    container: ContainerSettings,
}

impl<'a> Section<'a> {
    /// The section, which is there when `images` or `envs` is not empty.
    fn read(
        reader: &mut Reader<'_>,
        inject: &Field<'a>,
        name: &str,
        ruleset: &'static str,
    ) -> Option<Self> {
        let field = reader.object(inject, name)?;
        let entry = Entry::new(reader, field, ruleset, None, NAME);
        let images = v1::images(reader, &entry.field);
        let envs = dialect::envs(reader, &entry.field, FORMS_V2);
        let resources = v2::resources(reader, &entry);
        (!images.is_empty() || !envs.is_empty()).then_some(Self {
            entry,
            images,
            container: ContainerSettings {
                image: Image {
                    reference: String::new(),
                    key: String::new(),
                },
                image_pull_policy: PullPolicy::Always,
                envs: envs.into(),
                resources,
            },
        })
    }

    fn container(&self, image: &str) -> ContainerSettings {
        let found = self.images.iter().find(|(key, _)| key == image);
        ContainerSettings {
            image: Image {
                reference: found.map_or_else(String::new, |(_, image)| image.clone()),
                key: format!("{}.images.{image}", self.entry.field.path),
            },
            ..self.container.clone()
        }
    }

    /// All namespaces and all labels in one selector; without any, every namespace, provided that
    /// there is something to inject.
    fn selector(&self, reader: &mut Reader<'_>, has_image: bool) -> Option<Selector> {
        let field = &self.entry.field;
        let errors = reader.errors();
        let mut written = |list: &str, name: &str| {
            let mut found = Vec::new();
            for (_, item) in reader.objects(field, list) {
                let Ok(item) = item else { continue };
                let text = reader.string(&item, name);
                if let Some(value) = item.get(name).filter(|_| !text.is_empty()) {
                    found.push((value.node, text));
                }
            }
            found
        };
        let namespaces = written("enabled_namespaces", "namespace");
        let labels = written("enabled_labelselectors", "labelselector");
        if namespaces.is_empty() && labels.is_empty() {
            let wanted = has_image || !self.container.envs.is_empty();
            let everything = NamespaceExpression::compile("*").ok().filter(|_| wanted)?;
            return Some(Selector::new(
                vec![everything],
                Vec::new(),
                Combination::All,
            ));
        }
        let is_whole = reader.errors() == errors;
        let one = v2::Required::One;
        v2::compile(reader, &self.entry, &namespaces, &labels, one, is_whole)
    }

    fn ddtrace(&self, reader: &mut Reader<'_>) -> Vec<Rule<Ddtrace>> {
        let container = self.container("java_agent_image");
        let selector = self.selector(reader, !container.image.reference.is_empty());
        let rule = |selector| Rule {
            place: self.entry.place.clone(),
            selector,
            demand: Some(Demand {
                annotation: annotation::ddtrace_version(Language::Java),
                unmet: Unmet::NextRule,
            }),
            then: Then::Apply(v2::ddtrace_payload(
                Language::Java,
                container,
                v2::DEFAULT_PHP_FLAVOR,
            )),
        };
        selector.map(rule).into_iter().collect()
    }

    fn logfwd(&self, reader: &mut Reader<'_>) -> Vec<Rule<Logfwd>> {
        let container = self.container("logfwd_image");
        let selector = self.selector(reader, !container.image.reference.is_empty());
        let place = self.entry.place.clone();
        let payload = v2::logfwd_payload(container);
        let rule = |selector| v2::logfwd_rule(place, selector, true, payload);
        selector.map(rule).into_iter().collect()
    }

    fn profiler(&self, reader: &mut Reader<'_>) -> Vec<Rule<Profiler>> {
        // The image that is asked for is the plain one, which a section cannot have.
        let Some(selector) = self.selector(reader, false) else {
            return Vec::new();
        };
        v2::profiler_by_annotation(&self.entry.place, &selector, &|language| {
            self.container(&v1::profiler_image(language))
        })
    }
}
