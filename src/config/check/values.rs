//! Values that the operator takes and the cluster does not, or not for long: images, resources,
//! languages, selectors.

use std::cmp::Ordering;

use super::Check;
use crate::config::container::{Tag, why_no_reference};
use crate::config::label_selector::LabelSelector;
use crate::config::language::Language;
use crate::config::object::Field;
use crate::config::quantity;
use crate::config::selector::NamespaceExpression;
use crate::yaml::Node;

impl Check<'_> {
    /// Looks at an image; `policy` is what tells the kubelet when to pull it.
    pub(super) fn image(&mut self, image: &Field<'_>, policy: &str) {
        let Some(reference) = image.node.as_string().filter(|text| !text.is_empty()) else {
            return;
        };
        if let Some(reason) = why_no_reference(reference) {
            let message = format!(
                "`{}` is `{reference}`, which no node can pull: {reason}",
                image.path
            );
            let hint = "an image is written `registry/name:version`";
            self.warn("image-invalid", image.node, message, Some(hint.to_owned()));
            return;
        }
        let stays = matches!(policy, "IfNotPresent" | "Never");
        match Tag::of(reference) {
            Tag::None if !stays => self.warn(
                "image-without-tag",
                image.node,
                format!(
                    "`{}` has no tag, which means `latest`: what is injected can be another one \
                     each time",
                    image.path
                ),
                Some(format!("name a version: `{reference}:VERSION`")),
            ),
            tag @ (Tag::None | Tag::Name("latest")) if stays => {
                let what = match tag {
                    Tag::None => "has no tag, which means `latest`",
                    _ => "is `latest`",
                };
                self.warn(
                    "image-latest-cached",
                    image.node,
                    format!(
                        "`{}` {what}, and with image_pull_policy {policy} each node keeps the one \
                         that it has",
                        image.path
                    ),
                    Some("name a version, or let the policy be Always".to_owned()),
                );
            }
            Tag::None | Tag::Name(_) | Tag::Digest => {}
        }
    }

    /// Looks at the names of the variables of an entry or section.
    pub(super) fn variables(&mut self, entry: &Field<'_>) {
        let Some(envs) = entry.get("envs") else {
            return;
        };
        for (key, _) in envs.node.raw_entries() {
            let name = key.as_str().unwrap_or_default();
            let is_taken = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'=';
            if name.is_empty() || !name.bytes().all(is_taken) {
                let what = match name {
                    "" => "the empty name".to_owned(),
                    name => format!("`{name}`"),
                };
                let message = format!(
                    "`{}`: {what} is no name of a variable: the API server refuses pods that get \
                     it",
                    envs.path
                );
                let hint = "a name has letters, digits, `_`, `-` and `.`";
                self.warn("env-name-refused", key, message, Some(hint.to_owned()));
            }
        }
    }

    /// Looks at the `resources` of an entry or section.
    pub(super) fn resources(&mut self, entry: &Field<'_>) {
        let Some(resources) = entry.get("resources") else {
            return;
        };
        let amount = |half: &str, name: &str| {
            let amount = resources.get(half)?.get(name)?;
            let text = amount.node.as_string()?;
            quantity::is_quantity(text).then_some((amount, text))
        };
        for name in ["cpu", "memory"] {
            let (request, limit) = (amount("requests", name), amount("limits", name));
            for (amount, text) in [&request, &limit].into_iter().flatten() {
                self.amount(amount, name, text);
            }
            let (Some((request, asked)), Some((_, limit))) = (request, limit) else {
                continue;
            };
            if quantity::compare(asked, limit) == Some(Ordering::Greater) {
                let message = format!(
                    "`{}` is {asked}, and the limit is {limit}: the API server refuses a request \
                     above its limit",
                    request.path
                );
                self.warn("resources-refused", request.node, message, None);
            }
        }
    }

    fn amount(&mut self, amount: &Field<'_>, name: &str, text: &str) {
        let path = &amount.path;
        if quantity::compare(text, "0") == Some(Ordering::Less) {
            let message = format!("`{path}` is {text}: the API server refuses what is below zero");
            self.warn("resources-refused", amount.node, message, None);
        } else if name == "memory" && quantity::is_whole(text) == Some(false) {
            let message = format!("`{path}` is {text}, which is no whole number of bytes");
            let hint = "`m` is a thousandth; `Mi` is 1024 times 1024 bytes";
            self.warn(
                "fractional-memory",
                amount.node,
                message,
                Some(hint.to_owned()),
            );
        }
    }

    /// Looks at the language of an entry, which is not empty; gives it where the ruleset knows it.
    pub(super) fn language(
        &mut self,
        entry: &Field<'_>,
        known: &[&str],
        consequence: &str,
    ) -> bool {
        let name = entry.string("language");
        if known.contains(&name) {
            return true;
        }
        let node = entry.get("language").map_or(entry.node, |field| field.node);
        let near = Language::meant(name, known.iter().copied());
        let hint = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.join(", ")),
        };
        let message = format!(
            "`{}.language`: `{name}` is no language here: {consequence}",
            entry.path
        );
        self.warn("config-unknown-language", node, message, Some(hint));
        false
    }

    /// An image that an entry needs and the configuration does not have.
    pub(super) fn image_missing(&mut self, node: Node<'_>, entry: &str, key: &str) {
        let message = format!("{entry} injects nothing: `{key}` is missing");
        let hint = "add the image to the configuration";
        self.warn("image-missing", node, message, Some(hint.to_owned()));
    }

    /// Looks at the entries of both selectors that compile.
    pub(super) fn selectors(
        &mut self,
        entry: &str,
        namespaces: &[(Node<'_>, &str)],
        labels: &[(Node<'_>, &str)],
    ) {
        for &(node, text) in namespaces {
            // A blank one is reported as such.
            let expression = NamespaceExpression::compile(text).ok();
            let impossible = expression.is_some_and(|own| own.is_impossible());
            if impossible && !text.trim().is_empty() {
                self.warn(
                    "selector-never-matches",
                    node,
                    format!("{entry}: no namespace can be like `{text}`"),
                    Some(
                        "a namespace has lower-case letters, digits and `-`, and at most 63 of \
                         them"
                            .to_owned(),
                    ),
                );
            }
        }
        for &(node, text) in labels {
            let selector = LabelSelector::parse(text).ok();
            if let Some(key) = selector.as_ref().and_then(LabelSelector::impossible_label) {
                let message =
                    format!("{entry}: no pod can have the label {key} as `{text}` wants it");
                self.warn("selector-never-matches", node, message, None);
            }
        }
    }
}

/// The names of languages.
pub(super) fn names(languages: &[Language]) -> Vec<&'static str> {
    languages.iter().map(|language| language.name()).collect()
}
