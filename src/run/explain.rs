//! `explain`: what is told, and to whom.

use std::collections::HashSet;
use std::sync::Arc;

use super::Run;
use super::write::{NotWritten, stdout};
use crate::diagnostic::{Diagnostic, Severity, nearest_few};
use crate::explanation::WorkloadPattern;
use crate::inject::Injection;
use crate::output::explain::{self, ExplanationForm, Setting};
use crate::output::{Written, width};
use crate::report::{Event, Workload};
use crate::settings::Settings;

/// Whom and what somebody asks about.
pub(super) struct Asked {
    /// The workloads, each with whether it was met; none where all of them are meant.
    workloads: Vec<(WorkloadPattern, bool)>,
    /// The injections; none where all of them are meant.
    injections: Vec<Injection>,
    /// The namespace of workloads that name none.
    namespace: String,
    /// All workloads of the input, as reports name them, each once.
    known: Vec<String>,
    seen: HashSet<String>,
}

/// So many names are suggested, or told of.
const NAMES: usize = 5;

impl Asked {
    pub(super) fn new(settings: &Settings) -> Self {
        let workloads = settings.narrowed.workloads.iter().cloned();
        Self {
            workloads: workloads.map(|pattern| (pattern, false)).collect(),
            injections: settings.narrowed.injections.clone(),
            namespace: settings.lookup.namespace.clone(),
            known: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// The events of a text without those that nobody asks about. An error is everybody's business.
    pub(super) fn about(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        if self.workloads.is_empty() && self.injections.is_empty() {
            return events;
        }
        let mut is_meant = self.workloads.is_empty();
        let mut label = None;
        // What is odd about an injection that nobody asks about.
        let mut unasked: HashSet<String> = HashSet::new();
        events.retain_mut(|event| match event {
            Event::Workload(workload) => {
                is_meant = self.means(workload);
                label = Some(workload.object.label());
                if is_meant && !self.injections.is_empty() {
                    unasked = self.narrow(workload);
                }
                is_meant
            }
            Event::Diagnostic(own) => {
                // What is odd about an object that is no workload may be what somebody asks about.
                let is_own = own.subject.is_none() || own.subject.as_deref() == label.as_deref();
                let is_asked = match &own.subject {
                    Some(subject) if !is_own && !self.workloads.is_empty() => self.names(subject),
                    _ => is_meant && !unasked.contains(&own.message),
                };
                is_asked || own.severity == Severity::Error
            }
            Event::Document(_) | Event::Missing(_) | Event::Stale(_) => is_meant,
        });
        events
    }

    /// Leaves out what became of injections that nobody asks about; gives what is odd about them.
    fn narrow(&self, workload: &mut Workload) -> HashSet<String> {
        let is_asked = |injection: Injection| self.injections.contains(&injection);
        let attempts = Arc::make_mut(&mut workload.attempts);
        attempts.injected.retain(|own| is_asked(own.injection));
        attempts.skipped.retain(|own| is_asked(own.injection));
        let label = workload.object.label();
        let templates = workload.explanation().iter();
        let accounts = templates.flat_map(|template| &template.accounts);
        let unasked = accounts.filter(|account| !is_asked(account.injection));
        unasked
            .flat_map(|account| &account.remarks)
            .map(|message| format!("{label}: {message}"))
            .collect()
    }

    /// Whether a name that is asked about is the end of an object's, with the group of its kind or without.
    fn names(&self, label: &str) -> bool {
        let mut parts: Vec<&str> = label.split('/').collect();
        if let [.., kind, _] = &mut parts[..] {
            *kind = kind.split('.').next().unwrap_or_default();
        }
        let without_group = parts.join("/");
        self.workloads.iter().any(|(pattern, _)| {
            [label, &without_group].into_iter().any(|label| {
                let before = label.strip_suffix(pattern.text());
                before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
            })
        })
    }

    fn means(&mut self, workload: &Workload) -> bool {
        if self.workloads.is_empty() {
            return true;
        }
        let object = &workload.object;
        let label = object.label();
        if self.seen.insert(label.clone()) {
            self.known.push(label);
        }
        let group = object.group().unwrap_or_default();
        let namespace = object.namespace().unwrap_or(&self.namespace);
        let name = object.name().unwrap_or_default();
        let mut is_meant = false;
        for (pattern, is_met) in &mut self.workloads {
            if pattern.matches(namespace, object.kind(), group, name) {
                *is_met = true;
                is_meant = true;
            }
        }
        is_meant
    }

    /// An error for each workload that somebody asks about and that was not met.
    pub(super) fn not_met(&self) -> Vec<Diagnostic> {
        let patterns = self.workloads.iter().filter(|(_, is_met)| !is_met);
        patterns
            .map(|(pattern, _)| {
                let message = format!("no workload is called {}", pattern.text());
                let error = Diagnostic::error("workload-not-found", message);
                error.hint(self.suggestion(&pattern.whole()))
            })
            .collect()
    }

    /// The workloads that may be meant by a name, or else some of those that are there.
    fn suggestion(&self, text: &str) -> String {
        // As much of their names is compared as was typed.
        let parts = text.split('/').count();
        let tail = |label: &'_ str| {
            let start = label.rmatch_indices('/').nth(parts - 1);
            label
                .get(start.map_or(0, |(at, _)| at + 1)..)
                .unwrap_or_default()
                .to_owned()
        };
        let tails: Vec<(String, &String)> = self.known.iter().map(|own| (tail(own), own)).collect();
        let near = nearest_few(text, tails.iter().map(|(tail, _)| tail.as_str()), NAMES);
        let name = |label: &str| label.rsplit('/').next().unwrap_or_default().to_owned();
        let named_alike = self.known.iter().filter(|own| name(own) == name(text));
        let mut meant: Vec<&str> = named_alike.map(String::as_str).collect();
        for near in near {
            let labels = tails.iter().filter(|(tail, _)| tail == near);
            for (_, label) in labels {
                if !meant.contains(&label.as_str()) {
                    meant.push(label);
                }
            }
        }
        if !meant.is_empty() {
            meant.truncate(NAMES);
            return format!("did you mean {}?", meant.join(", "));
        }
        if self.known.is_empty() {
            return "the input has no workload at all".to_owned();
        }
        let shown: Vec<&str> = self.known.iter().take(NAMES).map(String::as_str).collect();
        let more = match self.known.len().saturating_sub(NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("the input has {}{more}", shown.join(", "))
    }
}

impl Run {
    /// Writes the explanation. What a tree of it has is told; the report has the rest.
    pub(super) fn explain(&mut self) -> Result<Written, NotWritten> {
        let narrowed = &self.settings.narrowed;
        let setting = Setting {
            form: narrowed.form,
            injections: &narrowed.injections,
            tells_everything: narrowed.tells_everything,
            width: width::of_stdout(),
            palette: self.settings.stdout,
        };
        let written = stdout([explain::render(&self.report, &setting).as_str()])?;
        if narrowed.form == ExplanationForm::Text {
            explain::leave_rest(&mut self.report);
        }
        Ok(written)
    }
}
