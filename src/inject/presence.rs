//! Which injections a pod template has: names decide, as they do for the operator
//! (`spec/1-behaviour.md`, section 3). What was injected just now and what was injected long ago look
//! the same.

use super::outcome::Injection;
use super::{ddtrace, flameshot, logfwd, otel, profiler};
use crate::config::Rules;
use crate::config::annotation::LOGS;
use crate::config::rule::Then;
use crate::yaml::Node;

impl Injection {
    /// The container that it brings into a pod, and whether that is an init container; logging
    /// brings none.
    #[must_use]
    pub const fn container(self) -> Option<(&'static str, bool)> {
        match self {
            Self::Ddtrace => Some((ddtrace::INIT_CONTAINER, true)),
            Self::Otel => Some((otel::INIT_CONTAINER, true)),
            Self::Logfwd => Some((logfwd::NAME, false)),
            Self::Flameshot => Some((flameshot::NAME, false)),
            Self::Profiler => Some((profiler::NAME, false)),
            Self::Logging => None,
        }
    }

    /// The container that it brought into a pod template (the node of the mapping with `spec`).
    #[must_use]
    pub fn container_in(self, template: Node<'_>) -> Option<Node<'_>> {
        let (name, is_init) = self.container()?;
        let list = if is_init {
            "initContainers"
        } else {
            "containers"
        };
        let has_name = |own: &Node<'_>| own.get("name").and_then(Node::as_str) == Some(name);
        template.at(&["spec", list])?.each_item().find(has_name)
    }
}

/// The injections that a pod template has. The annotation of the logging injection counts where it is
/// a rule's: people write such annotations by hand, too.
#[must_use]
pub fn present(template: Node<'_>, rules: &Rules) -> Vec<Injection> {
    let is_there = |injection: &Injection| match injection {
        Injection::Logging => {
            let annotation = template.at(&["metadata", "annotations", LOGS]);
            let text = annotation.and_then(Node::as_str);
            text.is_some_and(|text| {
                rules.logging.iter().any(|rule| match &rule.then {
                    Then::Apply(logging) => logging.config == text,
                    Then::SkipTo(_) | Then::Refuse(_) => false,
                })
            })
        }
        other => other.container_in(template).is_some(),
    };
    Injection::ALL.into_iter().filter(is_there).collect()
}
