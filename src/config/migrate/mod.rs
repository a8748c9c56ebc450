//! `admission_inject` to `admission_inject_v2`: the JSON of a configuration with the one in the place
//! of the other, and everything else byte for byte as it was.
//!
//! - `v1`: rules with the effect that dialect v1 has; those on labels and namespaces in `selected`, those
//!   of the profiler in `profiler`;
//! - `release`: the rules that release 1.9 itself makes of the old section;
//! - `entry`: a rule as it is written;
//! - `splice`: the new text.

mod entry;
mod profiler;
mod release;
mod selected;
mod splice;
mod v1;

use std::sync::Arc;

use super::object::{Field, Reader};
use super::rule::{RulePlace, Rules};
use super::text::ConfigText;
use super::{Dialect, read_text};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Span;
use crate::yaml::{Node, Value, json};

use splice::Splice;

/// Whose effect the new configuration has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// That of operator 1.4 to 1.6, as far as 1.9 has words for it.
    Kept,
    /// That which release 1.9 makes of the old configuration.
    Release,
}

/// The JSON of a configuration with `admission_inject_v2` in the place of `admission_inject`; the
/// same where there is nothing to do. What cannot be carried over, and everything that is wrong with
/// the old configuration, goes to `sink`; nothing is given where there was an error.
pub fn migrate(text: &ConfigText, effect: Effect, sink: &mut dyn Sink) -> Option<String> {
    let told = match effect {
        Effect::Kept => None,
        Effect::Release => Some(Dialect::V2),
    };
    let (rules, dialect) = read_text(text, told, sink)?;
    let tree = json::parse(text.json()).ok()?;
    let root = Field {
        node: tree.root_node()?,
        path: String::new(),
    };
    let mut migration = Migration { text, sink };
    let Some(old) = root.get("admission_inject") else {
        migration.nothing_to_do(&root, dialect);
        if dialect == Dialect::V1 {
            migration.loggings(&root);
        }
        return Some(text.json().to_owned());
    };
    let new = match (effect, dialect) {
        (Effect::Kept, Dialect::V1) => {
            let new = migration.kept(&old, &rules);
            migration.loggings(&root);
            new
        }
        (Effect::Kept, Dialect::V2) => {
            migration.has_both(&old);
            return Some(text.json().to_owned());
        }
        (Effect::Release, _) => migration.release(&old, &rules),
    };
    let mut splice = Splice::new(text.json(), root.node);
    splice.put(&new);
    match splice.finish() {
        Ok(json) => Some(json),
        Err(message) => {
            let error = Diagnostic::error("internal", message)
                .hint("this is a defect of datakit-inject: please report it");
            migration.sink.report(text.locate(error, root.node.span()));
            None
        }
    }
}

/// What takes the place of `admission_inject`.
#[derive(Debug, Default)]
struct New<'a> {
    /// The lists of `admission_inject_v2` that are set, each with its rules. One without a rule only
    /// takes the place of another.
    lists: Vec<(&'static str, Vec<Value>)>,
    /// What is left of `admission_inject`.
    profiler: Option<Profiler<'a>>,
}

/// The section of the profiler, where it stays: release 1.9 has one image for each language there, and
/// nowhere else.
#[derive(Debug)]
enum Profiler<'a> {
    /// As it is written: its key and its value.
    AsWritten(Node<'a>, Node<'a>),
    /// Written anew.
    Anew(Value),
}

/// A migration while it runs.
struct Migration<'m> {
    text: &'m ConfigText,
    sink: &'m mut dyn Sink,
}

impl Migration<'_> {
    /// Says that a value cannot be carried over.
    fn lost(&mut self, node: Node<'_>, message: impl Into<String>, hint: Option<&str>) {
        let mut warning = Diagnostic::warning("not-carried-over", message);
        warning.hint = hint.map(Into::into);
        self.sink.report(self.text.locate(warning, node.span()));
    }

    /// The same of a rule.
    fn lost_rule(&mut self, place: &RulePlace, message: String, hint: String) {
        let warning = Diagnostic::warning("not-carried-over", message).hint(hint);
        self.sink.report(warning.at(self.text.source(), place.span));
    }

    /// Says what release 1.9 does otherwise, whatever is written.
    fn differs(&mut self, node: Node<'_>, message: impl Into<String>) {
        let diagnostic = Diagnostic::note("reads-differently", message);
        let diagnostic = self.text.locate(diagnostic, node.span());
        self.sink.report(diagnostic);
    }

    fn nothing_to_do(&mut self, root: &Field<'_>, dialect: Dialect) {
        let message = match dialect {
            Dialect::V1 => "there is no `admission_inject` to carry over",
            Dialect::V2 => "the configuration has `admission_inject_v2` alone already",
        };
        let note = Diagnostic::note("nothing-to-migrate", message);
        self.sink.report(self.text.locate(note, root.node.span()));
    }

    /// Both sections are there: release 1.9 is followed already, and its reading is in force.
    fn has_both(&mut self, old: &Field<'_>) {
        let mut sections = old.node.entries().into_iter();
        if sections.all(|(name, _)| name == "profiler") {
            let message = "`admission_inject_v2` is there already, and so this is release 1.9's";
            let note = Diagnostic::note("nothing-to-migrate", message);
            self.sink.report(self.text.locate(note, old.node.span()));
            return;
        }
        let message = "`admission_inject` stays as it is: `admission_inject_v2` is there already, \
                       and so release 1.9 reads both";
        let hint = "--as-1.9 writes down what it makes of both";
        self.lost(old.node, message, Some(hint));
    }

    /// Rules of logging stay where they are, and are read in another way
    /// (`spec/1-behaviour-v2.md`, section 3.2).
    fn loggings(&mut self, root: &Field<'_>) {
        let Some(mutate) = root.get("admission_mutate") else {
            return;
        };
        for entry in mutate.objects("loggings") {
            let has = |list: &str| !entry.strings(list).is_empty();
            let (what, hint) = match (has("namespace_selectors"), has("label_selectors")) {
                (false, false) => continue,
                (true, false) => (
                    "and so this rule is off",
                    "add \"label_selectors\": [\"!datakit/none\"], which every pod matches",
                ),
                (false, true) => (
                    "and so this rule is off",
                    "add \"namespace_selectors\": [\"*\"]",
                ),
                (true, true) => (
                    "and not one of them",
                    "make two rules of it: one with \"label_selectors\": [\"!datakit/none\"], which \
                     every pod matches, and one with \"namespace_selectors\": [\"*\"]",
                ),
            };
            let message = format!(
                "`{}` stays as it is: release 1.9 wants a namespace selector and a label selector \
                 that match, {what}",
                entry.path
            );
            self.lost(entry.node, message, Some(hint));
        }
    }

    fn kept<'a>(&mut self, old: &Field<'a>, rules: &Rules) -> New<'a> {
        v1::carry_over(self, old, rules)
    }

    fn release<'a>(&mut self, old: &Field<'a>, rules: &Rules) -> New<'a> {
        release::carry_over(self, old, rules)
    }

    /// The key and the value of a field, as they are written.
    fn written<'a>(object: &Field<'a>, name: &str) -> Option<(Node<'a>, Node<'a>)> {
        let entries = object.node.raw_entries();
        entries
            .filter(|(key, _)| super::object::is_field(*key, name))
            .last()
    }
}

/// A list of values.
fn sequence(values: impl IntoIterator<Item = Value>) -> Value {
    Value::Sequence(values.into_iter().map(Arc::new).collect())
}

/// A list of strings.
fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Value {
    let values = texts.into_iter().map(|text| Value::string(text.to_owned()));
    sequence(values)
}

/// A reader that says nothing: what is wrong was said before.
fn quietly<T>(text: &ConfigText, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
    let mut unheard: Vec<Diagnostic> = Vec::new();
    read(&mut Reader::new(text, &mut unheard))
}

/// Bytes of a text.
fn slice(text: &str, span: Span) -> &str {
    text.get(span.start..span.end).unwrap_or_default()
}

#[cfg(test)]
mod tests;
