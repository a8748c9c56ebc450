//! The JSON that stands in strings of the configuration: `log_configs` of logfwd, `config` of
//! logging. Its faults have their places inside the string.

use std::collections::HashMap;

use super::Check;
use super::keys::last_one;
use crate::config::object::{Field, field, folded, is_field};
use crate::config::text::ConfigText;
use crate::diagnostic::nearest;
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
    /// Looks at a path in containers, which stands in `text`.
    pub(super) fn log_path(&mut self, text: &ConfigText, value: Node<'_>, what: &str) {
        let path = value.as_string().unwrap_or_default();
        // As on Windows: `C:\\logs`.
        let has_drive = path.as_bytes().get(1) == Some(&b':');
        if path.is_empty() || path.starts_with('/') || has_drive {
            return;
        }
        let message = format!("{what} is `{path}`, and a path in a container begins with `/`");
        self.warn_inside("log-path-relative", text, value.span(), message, None);
    }

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
                Logs::Logfwd => {
                    self.warn_inside("invalid-log-configs", &inner, span, message, None);
                }
                Logs::Logging => {
                    self.warn_inside("invalid-logging-config", &inner, span, message, None);
                }
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
    fn log_entry(&mut self, string: &Field<'_>, inner: &ConfigText, entry: Node<'_>, logs: Logs) {
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
            self.warn_inside("log-path-missing", inner, entry.span(), message, None);
        } else if let Some(value) = field(entry, "path").filter(|_| mounts) {
            self.log_path(inner, value, &format!("{}: an entry's `path`", string.path));
        }
        self.log_keys(string, inner, entry);
    }

    fn log_type(&mut self, inner: &ConfigText, value: Node<'_>, path: &str) {
        let name = value.as_string().unwrap_or_default();
        if TYPES.contains(&name) {
            return;
        }
        // Nobody types a longer one, and comparing takes time.
        if name.len() > 16 {
            return;
        }
        if let Some(near) = nearest(name, TYPES) {
            let message = format!("`{path}`: DataKit knows no `type` `{name}`");
            let hint = Some(format!("did you mean `{near}`?"));
            self.warn_inside("log-setting-invalid", inner, value.span(), message, hint);
        }
    }

    /// The keys of an entry, most of which only DataKit reads.
    fn log_keys(&mut self, string: &Field<'_>, inner: &ConfigText, entry: Node<'_>) {
        let path = &string.path;
        let mut later: HashMap<String, Span> = HashMap::new();
        let entries: Vec<(Node<'_>, Node<'_>)> = entry.raw_entries().collect();
        for (key, value) in entries.into_iter().rev() {
            if self.is_full() {
                return;
            }
            let name = key.as_str().unwrap_or_default();
            let last = *later
                .entry(folded(name).collect())
                .or_insert_with(|| key.span());
            if last != key.span() {
                let message = format!(
                    "`{path}`: `{name}` stands there more than once, and this one does not count"
                );
                let hint = last_one(inner, key.span(), last);
                self.warn_inside(
                    "config-duplicate-key",
                    inner,
                    key.span(),
                    message,
                    Some(hint),
                );
                continue;
            }
            let Some((_, holds)) = SETTINGS.iter().find(|(own, _)| is_field(key, own)) else {
                // There are more settings than are known here.
                self.compared += 1;
                let near = (self.compared <= COMPARED)
                    .then(|| nearest(name, SETTINGS.iter().map(|(own, _)| *own)));
                if let Some(near) = near.flatten() {
                    let message = format!("`{path}`: DataKit knows no `{name}`");
                    let hint = Some(format!("did you mean `{near}`?"));
                    self.warn_inside("config-unknown-key", inner, key.span(), message, hint);
                }
                continue;
            };
            let (is_one, wanted) = match holds {
                Setting::Type => {
                    self.log_type(inner, value, path);
                    continue;
                }
                Setting::Judged => continue,
                Setting::Text => (value.as_string().is_some(), "a string"),
                Setting::Tags => (value.is_mapping(), "an object"),
            };
            if !is_one && !value.is_null() {
                let what = match value.describe() {
                    "a mapping" => "an object",
                    other => other,
                };
                let message =
                    format!("`{path}`: `{name}` must be {wanted} for DataKit, not {what}");
                self.warn_inside("log-setting-invalid", inner, value.span(), message, None);
            }
        }
    }
}

/// Comparing takes time: no more keys than these are held against the known ones.
const COMPARED: usize = 10_000;

/// What DataKit knows as `type`, where that is not empty.
const TYPES: [&str; 2] = ["file", "stdout"];

/// What stands behind a key of DataKit's configuration of logs.
#[derive(Clone, Copy)]
enum Setting {
    /// What the operator reads as well, or what can be of several types.
    Judged,
    /// Which logs are meant.
    Type,
    /// A string.
    Text,
    /// An object of strings.
    Tags,
}

/// The keys that DataKit's documentation names for the annotation `datakit/logs`. It may read more.
const SETTINGS: [(&str, Setting); 13] = [
    ("disable", Setting::Judged),
    ("type", Setting::Type),
    ("path", Setting::Judged),
    ("source", Setting::Text),
    ("service", Setting::Text),
    ("pipeline", Setting::Text),
    ("multiline_match", Setting::Text),
    ("character_encoding", Setting::Text),
    ("tags", Setting::Tags),
    ("only_images", Setting::Judged),
    ("remove_ansi_escape_codes", Setting::Judged),
    ("from_beginning", Setting::Judged),
    ("storage_index", Setting::Judged),
];
