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

use std::collections::HashSet;

use super::dialect::warn_unreachable;
use super::object::{self, Faults, Field, MOST_FINDINGS};
use super::rule::{Rule, RulePlace, Rules};
use super::shadow::shadowed;
use super::text::ConfigText;
use super::{Dialect, dialect_of, lower, schema};
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Span;
use crate::yaml::{Node, json};

/// Checks a configuration, read as `dialect` says or else as its keys do. What is found goes to
/// `sink` in the order of the text.
pub fn check(text: &ConfigText, dialect: Option<Dialect>, sink: &mut dyn Sink) {
    let mut found = Vec::new();
    let lowered = lower(text, dialect, &mut found);
    let (rules, faults) = lowered.map_or_else(Default::default, |own| (own.rules, own.faults));
    let mut check = Check {
        text,
        dialect: Dialect::V1,
        faults,
        found,
        told: 0,
        left_out: false,
        compared: 0,
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
        let unsound = unsound_entries(&root, &check.faults);
        check.shadowed(&rules, |place| !unsound.contains(&entry(place)));
    }
    let left_out = check.left_out;
    let mut found = check.found;
    let is_told = found.iter().any(|one| one.code == "findings-left-out");
    found.sort_by_cached_key(Diagnostic::place);
    for diagnostic in found {
        sink.report(diagnostic);
    }
    if left_out && !is_told {
        object::left_out(sink);
    }
}

/// An entry of a list: the list's path, and the position.
type EntryPlace = (&'static str, Option<usize>);

fn entry(place: &RulePlace) -> EntryPlace {
    (place.ruleset, place.index)
}

/// The lists that have rules for entries.
const LISTS: [&str; 10] = [
    "admission_inject.ddtrace.enabled_labelselectors",
    "admission_inject.ddtrace.enabled_namespaces",
    "admission_inject.profiler.enabled_labelselectors",
    "admission_inject.profiler.enabled_namespaces",
    "admission_inject_v2.ddtraces",
    "admission_inject_v2.otels",
    "admission_inject_v2.logfwds",
    "admission_inject_v2.flameshots",
    "admission_inject_v2.profilers",
    "admission_mutate.loggings",
];

/// The entries with a value that could not be read, so that nothing is certain of their rules.
fn unsound_entries(root: &Field<'_>, faults: &Faults) -> HashSet<EntryPlace> {
    let mut unsound = HashSet::new();
    if faults.is_empty() {
        return unsound;
    }
    for path in LISTS {
        let mut keys = path.split('.');
        let list = keys.try_fold(root.clone(), |object, key| object.get(key));
        let items = list.map(|list| list.node.items()).unwrap_or_default();
        let items = items.into_iter().enumerate();
        let of_list = items.filter(|(_, item)| faults.are_within(*item));
        unsound.extend(of_list.map(|(index, _)| (path, Some(index))));
    }
    unsound
}

/// A check while it runs.
struct Check<'c> {
    text: &'c ConfigText,
    /// Whose reading is followed.
    dialect: Dialect,
    /// What has an error of its own, of which nothing else is said.
    faults: Faults,
    found: Vec<Diagnostic>,
    /// How many of them are no words of the reading's.
    told: usize,
    left_out: bool,
    /// How many keys that are not known in JSON of logs were compared with those that are.
    compared: usize,
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
        let is_full = self.told >= MOST_FINDINGS;
        self.left_out |= is_full;
        is_full
    }

    /// Whether the field of that name has an error, or something below it.
    fn has_fault(&self, object: &Field<'_>, name: &str) -> bool {
        let field = object.get(name);
        field.is_some_and(|field| self.faults.are_within(field.node))
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
        diagnostic.hint = hint.map(Into::into);
        self.tell(self.text.locate(diagnostic, node.span()));
    }

    /// The same at bytes of a string's text, which `inner` has the places of.
    fn warn_inside(
        &mut self,
        code: &'static str,
        inner: &ConfigText,
        span: Span,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        if self.is_full() {
            return;
        }
        let mut diagnostic = Diagnostic::warning(code, message);
        diagnostic.hint = hint.map(Into::into);
        self.tell(inner.locate(diagnostic, span));
    }

    /// Rules that pods never get to, as far as they are `sound`.
    fn shadowed(&mut self, rules: &Rules, sound: impl Fn(&RulePlace) -> bool) {
        // What is in front of those behind a rule that takes every pod need not be said.
        let mut known: HashSet<EntryPlace> = HashSet::new();
        warn_unreachable(rules, &sound, |place, message| {
            known.insert(entry(place));
            let warning = Diagnostic::warning("rule-never-matches", message);
            self.found.push(warning.at(self.text.source(), place.span));
        });
        self.shadowed_in(&rules.ddtrace, &known, &sound);
        self.shadowed_in(&rules.otel, &known, &sound);
        self.shadowed_in(&rules.logfwd, &known, &sound);
        self.shadowed_in(&rules.flameshot, &known, &sound);
        self.shadowed_in(&rules.profiler, &known, &sound);
        self.shadowed_in(&rules.logging, &known, &sound);
    }

    fn shadowed_in<P>(
        &mut self,
        rules: &[Rule<P>],
        known: &HashSet<EntryPlace>,
        sound: &dyn Fn(&RulePlace) -> bool,
    ) {
        for found in shadowed(rules, sound) {
            if known.contains(&entry(found.place)) {
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
