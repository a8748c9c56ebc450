//! The explanation of what injecting does: its forms (`text.rs` with the words of `words.rs` and
//! `deeds.rs`, `json.rs`), and what they are made of.

mod deeds;
mod json;
mod text;
mod words;

use super::color::Palette;
use crate::config::rule::RulePlace;
use crate::diagnostic::{Diagnostic, Location};
use crate::explanation::TemplateExplanation;
use crate::inject::{Account, Injection, Reason, Skipped};
use crate::report::{ConfigurationInForce, Event, Report, Workload};

/// The form of an explanation (`explain --output`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExplanationForm {
    /// A tree for people.
    #[default]
    Text,
    /// One JSON object (`docs/explain.md`).
    Json,
}

/// What an explanation may need besides the report.
#[derive(Clone, Debug)]
pub struct Setting<'s> {
    /// Its form.
    pub form: ExplanationForm,
    /// The injections that are told of; all of them where none is named.
    pub injections: &'s [Injection],
    /// Whether lists are told to their ends. A program gets them all.
    pub tells_everything: bool,
    /// How many columns a line of text may have.
    pub width: usize,
    /// The colours of text.
    pub palette: Palette,
}

/// The explanation of everything that a report has, ready to be written.
#[must_use]
pub fn render(report: &Report, setting: &Setting<'_>) -> String {
    match setting.form {
        ExplanationForm::Text => text::render(report, setting),
        ExplanationForm::Json => json::render(report, setting),
    }
}

/// Takes out of a report what a tree of it has: the warnings and notes on its workloads.
pub fn leave_rest(report: &mut Report) {
    let mut told = vec![false; report.events.len()];
    for own in explained(report) {
        told[own.index..=own.index + own.remarks.len()].fill(true);
    }
    let mut told = told.into_iter();
    report.events.retain(|_| !told.next().unwrap_or_default());
}

/// A workload with what is odd about it.
pub(super) struct Explained<'r> {
    /// Its place among the events; the remarks stand behind it.
    index: usize,
    pub(super) workload: &'r Workload,
    pub(super) remarks: Vec<&'r Diagnostic>,
}

/// The workloads of a report.
pub(super) fn explained(report: &Report) -> Vec<Explained<'_>> {
    let mut found = Vec::new();
    for (index, event) in report.events.iter().enumerate() {
        let Event::Workload(workload) = event else {
            continue;
        };
        let label = workload.object.label();
        let behind = report.events.iter().skip(index + 1);
        let remarks = behind.map_while(|event| match event {
            Event::Diagnostic(own) if own.subject.as_deref() == Some(&label) => Some(&**own),
            _ => None,
        });
        found.push(Explained {
            index,
            workload,
            remarks: remarks.collect(),
        });
    }
    found
}

/// What becomes of an injection.
#[derive(Clone, Copy)]
pub(super) enum Fate<'r> {
    /// It would be made, in this language or the like.
    WouldInject(Option<&'static str>),
    /// It is there.
    Injected(&'r Reason),
    /// It is not made.
    Skipped(&'r Reason),
}

/// What becomes of the injection of an account.
pub(super) fn fate<'r>(
    template: &'r TemplateExplanation,
    account: &Account<Location>,
) -> Option<Fate<'r>> {
    let injection = account.injection;
    let mut injected = template.injected.iter();
    if let Some(own) = injected.find(|own| own.injection == injection) {
        return Some(Fate::WouldInject(own.detail));
    }
    let mut skipped = template.skipped.iter();
    let Skipped { reason, .. } = skipped.find(|own| own.injection == injection)?;
    Some(match reason {
        Reason::HasContainer(_)
        | Reason::HasInitContainer(_)
        | Reason::HasAnnotation(_)
        | Reason::Complete => Fate::Injected(reason),
        _ => Fate::Skipped(reason),
    })
}

/// The place of a rule in the configuration, where it is written in one.
pub(super) fn rule_place(
    place: &RulePlace,
    configuration: Option<&ConfigurationInForce>,
) -> Option<Location> {
    let configuration = configuration.filter(|_| place.is_entry())?;
    let start = configuration.source.line_column(place.span.start);
    Some(Location::bare(&configuration.source, start))
}
