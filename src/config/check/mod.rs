//! What can be said of a configuration before anything is injected by it: everything that reading it
//! says, and what the operator takes without a word and hardly anybody means.
//!
//! - `keys`: keys that nobody reads, and keys that stand twice;
//! - `rules`: what an entry says that cannot work or soon will not;
//! - `values`: images, resources, languages, selectors;
//! - `logs`: the JSON in strings.

mod keys;
mod logs;
mod rules;
mod values;

use super::object::Field;
use super::rule::{Rule, RulePlace, Rules, unreachable};
use super::shadow::shadowed;
use super::text::ConfigText;
use super::{Dialect, dialect_of, read_text, schema};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Span;
use crate::yaml::{Node, json};

/// Checks a configuration, read as `dialect` says or else as its keys do. What is found goes to
/// `sink` in the order of the text.
pub fn check(text: &ConfigText, dialect: Option<Dialect>, sink: &mut dyn Sink) {
    let mut found = Vec::new();
    let read = read_text(text, dialect, &mut found);
    let mut check = Check {
        text,
        dialect: Dialect::V1,
        found,
        told: 0,
        left_out: false,
    };
    if let Ok(tree) = json::parse(text.json())
        && let Some(node) = tree.root_node().filter(|root| root.is_mapping())
    {
        let root = Field {
            node,
            path: String::new(),
        };
        check.dialect = dialect_of(&root, dialect);
        check.keys(&root, schema::root(check.dialect));
        check.rules(&root);
    }
    if let Some((rules, _)) = read {
        check.shadowed(&rules);
    }
    let left_out = check.left_out;
    let mut found = check.found;
    found.sort_by_key(|one| {
        let place = one.location.as_ref();
        place.map(|place| (place.line, place.column))
    });
    for diagnostic in found {
        sink.report(diagnostic);
    }
    if left_out {
        let message = format!("there is more than can be told: {LIMIT} findings are listed");
        sink.report(Diagnostic::note("findings-left-out", message));
    }
}

/// Nobody reads more findings than these.
const LIMIT: usize = 500;

/// A check while it runs.
struct Check<'c> {
    text: &'c ConfigText,
    /// Whose reading is followed.
    dialect: Dialect,
    found: Vec<Diagnostic>,
    /// How many of them are no words of the reading's.
    told: usize,
    left_out: bool,
}

impl Check<'_> {
    /// Takes a finding.
    fn tell(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.told += 1;
            self.found.push(diagnostic);
        }
    }

    /// Whether no more findings are taken.
    fn is_full(&mut self) -> bool {
        let is_full = self.told >= LIMIT;
        self.left_out |= is_full;
        is_full
    }

    /// Takes a warning at a value.
    fn warn(
        &mut self,
        code: &'static str,
        node: Node<'_>,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.is_full() {
            return;
        }
        let mut diagnostic = Diagnostic::warning(code, message);
        diagnostic.hint = hint;
        self.tell(self.text.locate(diagnostic, node.span()));
    }

    /// The same at bytes of a string's text, which `inner` has the places of.
    fn warn_inside(
        &mut self,
        code: &'static str,
        inner: &ConfigText,
        span: Span,
        message: impl Into<String>,
    ) {
        let diagnostic = Diagnostic::warning(code, message);
        self.tell(inner.locate(diagnostic, span));
    }

    /// Rules that pods never get to. Those behind a rule that takes every pod were found when the
    /// configuration was read.
    fn shadowed(&mut self, rules: &Rules) {
        self.shadowed_in(&rules.ddtrace);
        self.shadowed_in(&rules.otel);
        self.shadowed_in(&rules.logfwd);
        self.shadowed_in(&rules.flameshot);
        self.shadowed_in(&rules.profiler);
        self.shadowed_in(&rules.logging);
    }

    fn shadowed_in<P>(&mut self, rules: &[Rule<P>]) {
        let known: Vec<&RulePlace> = unreachable(rules).into_iter().map(|(own, _)| own).collect();
        for found in shadowed(rules) {
            if known.contains(&found.place) {
                continue;
            }
            let by: Vec<String> = found.by.iter().map(ToString::to_string).collect();
            let message = format!(
                "{} never matches: {} in front of it {} every pod that it selects",
                found.place,
                and(&by),
                if by.len() == 1 { "takes" } else { "take" },
            );
            let warning = Diagnostic::warning("rule-never-matches", message);
            self.tell(warning.at(self.text.source(), found.place.span));
        }
    }
}

/// Names as a sentence lists them.
fn and(names: &[String]) -> String {
    match names {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.join(""),
    }
}

#[cfg(test)]
mod tests;
