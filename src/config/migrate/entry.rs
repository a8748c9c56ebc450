//! A rule of `admission_inject_v2` as it is written, with its keys in the order of the operator's
//! documentation; and what all rules of a section of `admission_inject` have in common.

use std::sync::Arc;

use super::{Migration, quietly, texts};
use crate::config::dialect::{self, Written};
use crate::config::env_value::{self, EnvValue, FORMS_V1, FORMS_V2};
use crate::config::object::Field;
use crate::config::show::variables;
use crate::yaml::Value;

/// A rule. What is not set is not written.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) language: Option<String>,
    pub(super) namespaces: Vec<String>,
    pub(super) labels: Vec<String>,
    pub(super) checks_annotation: bool,
    /// Nothing for a rule that leaves pods out.
    pub(super) image: Option<String>,
}

impl Entry {
    /// The rule as a value; `shared` is what its section gives all of its rules.
    pub(super) fn value(&self, shared: &Shared) -> Value {
        let list = |entries: &[String]| texts(entries.iter().map(String::as_str));
        let text = |text: &String| Value::string(text.clone());
        let with_image = |value: &Option<Value>| value.clone().filter(|_| self.image.is_some());
        let fields = [
            ("name", Some(text(&self.name))),
            ("language", self.language.as_ref().map(text)),
            ("namespace_selectors", Some(list(&self.namespaces))),
            ("label_selectors", Some(list(&self.labels))),
            (
                "check_annotation",
                self.checks_annotation.then(|| Value::bool(true)),
            ),
            ("image", self.image.as_ref().map(text)),
            ("envs", with_image(&shared.envs)),
            ("resources", with_image(&shared.resources)),
        ];
        let set = fields.into_iter().filter_map(|(name, value)| {
            let value = value.filter(|value| *value != Value::Sequence(Vec::new()))?;
            Some((Value::string(name), Arc::new(value)))
        });
        Value::Mapping(set.collect())
    }
}

/// What a section of `admission_inject` says of the container, for all of its rules.
#[derive(Clone, Debug, Default)]
pub(super) struct Shared {
    pub(super) envs: Option<Value>,
    pub(super) resources: Option<Value>,
}

impl Shared {
    /// That of a section, with a word on what release 1.9 takes otherwise than dialect v1 did.
    pub(super) fn of_v1(migration: &mut Migration<'_>, section: &Field<'_>) -> Self {
        let shared = Self::of(migration, section);
        let resources = section.get("resources");
        if let Some(resources) = resources.filter(|_| shared.resources.is_none()) {
            let message = format!(
                "`{}` is empty, and so the container got none; release 1.9 takes its defaults \
                 (requests 100m and 64Mi, limits 500m and 512Mi)",
                resources.path
            );
            migration.lost(resources.node, message, None);
        }
        let envs = section.get("envs");
        for (name, node) in envs.iter().flat_map(|envs| envs.node.entries()) {
            let Some(text) = node.as_string() else {
                continue;
            };
            let is_text = |forms| matches!(env_value::read(text, forms), EnvValue::Text(_));
            if is_text(FORMS_V1) && !is_text(FORMS_V2) {
                let message = format!(
                    "`{}.envs`: the value of `{name}` was text, and release 1.9 takes it for a \
                     reference",
                    section.path
                );
                migration.lost(node, message, None);
            }
        }
        shared
    }

    /// About how many lines it takes.
    pub(super) fn size(&self) -> usize {
        match &self.envs {
            Some(Value::Mapping(envs)) => envs.len() + 1,
            _ => 1,
        }
    }

    /// That of a section.
    pub(super) fn of(migration: &Migration<'_>, section: &Field<'_>) -> Self {
        let envs = section.get("envs");
        let envs = envs.map(|envs| variables(envs.node, |value| value.as_string().is_some()));
        let written = quietly(migration.text, |reader| dialect::resources(reader, section));
        let resources = match written {
            // What is no quantity gives the defaults, which is what nothing gives, too.
            Written::Absent | Written::Empty | Written::Invalid(..) => None,
            Written::Amounts(resources) => {
                let mut halves: Vec<(&'static str, Vec<(&'static str, Value)>)> = Vec::new();
                for (key, amount) in resources.set() {
                    let (half, name) = key.split_once('.').unwrap_or((key, ""));
                    let amount = Value::string(amount.to_owned());
                    match halves.last_mut() {
                        Some((known, amounts)) if *known == half => amounts.push((name, amount)),
                        _ => halves.push((half, vec![(name, amount)])),
                    }
                }
                let halves = halves
                    .into_iter()
                    .map(|(half, amounts)| (half, Value::mapping(amounts)));
                Some(Value::mapping(halves))
            }
        };
        Self {
            envs: envs.filter(|envs| *envs != Value::Mapping(Vec::new())),
            resources,
        }
    }
}
