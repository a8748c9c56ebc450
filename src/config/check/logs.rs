//! The JSON that stands in strings of the configuration: `log_configs` of logfwd, `config` of
//! logging. Its faults have their places inside the string.

use std::collections::HashSet;

use super::Check;
use crate::config::object::{Field, field, folded};
use crate::source::Span;
use crate::yaml::{Node, json};

/// What a string with JSON is to the injection that reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Logs {
    /// `log_configs` of a logfwd rule.
    Logfwd,
    /// `config` of a logging rule.
    Logging,
}

impl Logs {
    const fn consequence(self) -> &'static str {
        match self {
            Self::Logfwd => "it is passed over",
            Self::Logging => "the rule injects nothing",
        }
    }
}

impl Check<'_> {
    /// Looks at the JSON in a string: a list of objects, whose `path`, `type` and `disable` count.
    pub(super) fn logs(&mut self, string: &Field<'_>, logs: Logs) {
        let Some(text) = string.node.as_string().filter(|text| !text.is_empty()) else {
            return;
        };
        let inner = self.text.embedded(string.node);
        let path = &string.path;
        let mut invalid = |span: Span, what: &str| {
            let message = format!("`{path}` {what}: {}", logs.consequence());
            match logs {
                Logs::Logfwd => self.warn_inside("invalid-log-configs", &inner, span, message),
                Logs::Logging => self.warn_inside("invalid-logging-config", &inner, span, message),
            }
        };
        let tree = match json::parse(text) {
            Ok(tree) => tree,
            Err(error) => {
                let what = format!("is no JSON ({})", error.message);
                return invalid(Span::at(error.offset), &what);
            }
        };
        let Some(root) = tree.root_node() else { return };
        if !root.is_sequence() && !root.is_null() {
            return invalid(root.span(), "must be a list of objects");
        }
        let entries: Vec<Node<'_>> = root.each_item().filter(|item| !item.is_null()).collect();
        for entry in &entries {
            if !entry.is_mapping() {
                invalid(entry.span(), "must be a list of objects");
                continue;
            }
            let texts: &[&str] = match logs {
                Logs::Logfwd => &["path"],
                Logs::Logging => &["type", "path"],
            };
            for name in texts {
                if let Some(value) = field(*entry, name).filter(|own| own.as_string().is_none()) {
                    invalid(value.span(), &format!("has a `{name}` that is no string"));
                }
            }
            let disable = field(*entry, "disable").filter(|_| logs == Logs::Logging);
            if let Some(value) = disable.filter(|own| own.as_bool().is_none()) {
                invalid(
                    value.span(),
                    "has a `disable` that is neither true nor false",
                );
            }
        }
        for entry in entries.into_iter().filter(|entry| entry.is_mapping()) {
            self.log_entry(string, &inner, entry, logs);
        }
    }

    /// What is odd about an entry that can be read.
    fn log_entry(
        &mut self,
        string: &Field<'_>,
        inner: &crate::config::text::ConfigText,
        entry: Node<'_>,
        logs: Logs,
    ) {
        let text = |name: &str| field(entry, name).map_or("", |own| own.as_string().unwrap_or("?"));
        let mounts = match logs {
            Logs::Logfwd => true,
            Logs::Logging => {
                let disabled = field(entry, "disable").and_then(Node::as_bool) == Some(true);
                text("type") == "file" && !disabled
            }
        };
        if mounts && text("path").is_empty() {
            let message = format!(
                "`{}` has an entry without a `path`, for which a volume is mounted at `.`",
                string.path
            );
            self.warn_inside("log-path-missing", inner, entry.span(), message);
        }
        let mut later: HashSet<String> = HashSet::new();
        let keys: Vec<Node<'_>> = entry.raw_entries().map(|(key, _)| key).collect();
        for key in keys.iter().rev() {
            let name = key.as_str().unwrap_or_default();
            if !later.insert(folded(name).collect()) {
                let message = format!(
                    "`{}`: `{name}` stands there more than once, and this one does not count",
                    string.path
                );
                self.warn_inside("config-duplicate-key", inner, key.span(), message);
            }
        }
    }
}
