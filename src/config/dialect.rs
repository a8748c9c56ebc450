//! What both dialects read in the same way: variables, selectors' entries, resources.

use std::sync::Arc;

use super::annotation;
use super::container::{Amounts, Resources};
use super::env_value::{self, EnvSetting, Form};
use super::label_selector::LabelSelector;
use super::object::{Field, Reader};
use super::quantity;
use super::rule::{Rule, RulePlace, Rules, unreachable};
use super::selector::{NamespaceExpression, cluster_only_label};
use crate::yaml::Node;

/// A release of the operator whose reading of the configuration is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `admission_inject`, as in operator 1.4 to 1.6 (`--operator-version 1.5`).
    V1,
    /// `admission_inject_v2`, as in operator 1.9.2 (`--operator-version 1.9`).
    V2,
}

impl Dialect {
    /// The operator's version that stands for the dialect.
    #[must_use]
    pub const fn operator_version(self) -> &'static str {
        match self {
            Self::V1 => "1.5",
            Self::V2 => "1.9",
        }
    }

    /// The version annotations that the dialect's rules can ask for.
    #[must_use]
    pub const fn version_annotations(self) -> &'static [&'static str] {
        match self {
            Self::V1 => annotation::VERSIONS_V1,
            Self::V2 => annotation::VERSIONS_V2,
        }
    }
}

/// An entry of a ruleset while it is read.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) field: Field<'a>,
    pub(super) place: Arc<RulePlace>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        reader: &Reader<'_>,
        field: Field<'a>,
        ruleset: &'static str,
        index: Option<usize>,
        name: &str,
    ) -> Self {
        let span = reader.text().span(field.node.span());
        Self {
            field,
            place: Arc::new(RulePlace {
                ruleset,
                index,
                name: name.into(),
                span,
            }),
        }
    }
}

/// `envs` of an entry: strings alone, in their order.
pub(super) fn envs(reader: &mut Reader<'_>, entry: &Field<'_>, forms: &[Form]) -> Vec<EnvSetting> {
    let mut settings = Vec::new();
    for (name, value) in reader.map(entry, "envs") {
        let Some(text) = value.as_string() else {
            reader.warn(
                "env-not-a-string",
                value,
                format!(
                    "`{}.envs`: the value of `{name}` is no string, and so the variable is left out",
                    entry.path
                ),
                Some("write the value in double quotes".to_owned()),
            );
            continue;
        };
        if let Some(near_miss) = env_value::near_miss(text, forms) {
            let message = format!(
                "`{}.envs`: the value of `{name}` is taken as text: {}",
                entry.path, near_miss.reason
            );
            let hint = near_miss
                .meant
                .map(|form| format!("did you mean `{form}`?"))
                .or(near_miss.usage);
            reader.warn("env-nearly-a-form", value, message, hint);
        }
        settings.push(EnvSetting {
            name: name.to_owned(),
            value: env_value::read(text, forms),
        });
    }
    settings
}

/// What an entry says of resources.
pub(super) enum Written {
    /// Nothing: no `resources` at all.
    Absent,
    /// `resources` without any amount.
    Empty,
    /// These amounts.
    Amounts(Resources),
    /// Amounts of which one is no quantity: that one, and its key.
    Invalid(String, String),
}

/// `resources` of an entry; an empty amount counts as not given.
pub(super) fn resources(reader: &mut Reader<'_>, entry: &Field<'_>) -> Written {
    let Some(written) = reader.object(entry, "resources") else {
        return Written::Absent;
    };
    let mut half = |name: &str| {
        let Some(half) = reader.object(&written, name) else {
            return Amounts::default();
        };
        let mut amount = |name: &str| {
            let text = reader.string(&half, name);
            (!text.is_empty()).then(|| text.to_owned())
        };
        Amounts {
            cpu: amount("cpu"),
            memory: amount("memory"),
        }
    };
    let resources = Resources {
        requests: half("requests"),
        limits: half("limits"),
    };
    let invalid = resources
        .set()
        .find(|(_, amount)| !quantity::is_quantity(amount))
        .map(|(key, amount)| (key.to_owned(), amount.to_owned()));
    if let Some((key, amount)) = invalid {
        return Written::Invalid(key, amount);
    }
    if resources == Resources::default() {
        Written::Empty
    } else {
        Written::Amounts(resources)
    }
}

/// Which of the two kinds of selectors an entry of a list is.
#[derive(Clone, Copy)]
pub(super) enum Dimension {
    Namespace,
    Label,
}

/// Reports an entry that cannot be used (`spec/1-behaviour-v2.md`, section 3.1).
pub(super) fn warn_invalid(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    dimension: Dimension,
    (node, text): (Node<'_>, &str),
    reason: &str,
) {
    let kind = match dimension {
        Dimension::Namespace => "namespace",
        Dimension::Label => "label",
    };
    reader.warn(
        "invalid-selector",
        node,
        format!("{place}: the {kind} selector `{text}` is left out: {reason}"),
        None,
    );
}

/// Compiles a namespace expression, or reports why not.
pub(super) fn namespace_expression(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    (node, text): (Node<'_>, &str),
) -> Option<NamespaceExpression> {
    match NamespaceExpression::compile(text) {
        Ok(expression) => Some(expression),
        Err(error) => {
            warn_invalid(reader, place, Dimension::Namespace, (node, text), &error);
            None
        }
    }
}

/// Parses a label selector, or reports why not.
pub(super) fn label_selector(
    reader: &mut Reader<'_>,
    place: &RulePlace,
    (node, text): (Node<'_>, &str),
) -> Option<LabelSelector> {
    match LabelSelector::parse(text) {
        Ok(selector) => {
            if let Some(label) = cluster_only_label(&selector) {
                let message = format!(
                    "{place}: only the cluster adds the label `{label}`, and so no manifest has it"
                );
                reader.warn("cluster-only-label", node, message, None);
            }
            Some(selector)
        }
        Err(error) => {
            warn_invalid(reader, place, Dimension::Label, (node, text), &error);
            None
        }
    }
}

/// Warns of rules that stand behind one that takes every pod, where both are `sound`.
pub(super) fn warn_unreachable(
    rules: &Rules,
    sound: impl Fn(&RulePlace) -> bool,
    mut warn: impl FnMut(&RulePlace, String),
) {
    fn of<P>(
        rules: &[Rule<P>],
        sound: &impl Fn(&RulePlace) -> bool,
        warn: &mut impl FnMut(&RulePlace, String),
    ) {
        for (place, taker) in unreachable(rules, sound) {
            warn(
                place,
                format!("{place} never matches: {taker} in front of it takes every pod"),
            );
        }
    }
    of(&rules.ddtrace, &sound, &mut warn);
    of(&rules.otel, &sound, &mut warn);
    of(&rules.logfwd, &sound, &mut warn);
    of(&rules.flameshot, &sound, &mut warn);
    of(&rules.profiler, &sound, &mut warn);
    of(&rules.logging, &sound, &mut warn);
}
