//! What happened: to each workload, to each document, and all in all. Events in the order of the
//! input; how they look is `output`'s business.

use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::inject::{Injected, Skipped};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A workload was injected or skipped.
    Workload {
        /// Where its object stands.
        location: Location,
        /// Its name in reports, such as `prod/deployment/web`.
        label: String,
        /// What happened to it.
        status: Status,
    },
    /// A document was left alone, since it carries no pod template.
    Document {
        /// Where it stands.
        location: Location,
        /// What it is.
        label: String,
    },
    /// An error, a warning or a note.
    Diagnostic(Diagnostic),
}

/// What happened to a workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// These injections were made.
    Injected(Vec<Injected>),
    /// Nothing was injected, each injection for its reason.
    Skipped(Vec<Skipped>),
}

/// The numbers of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files and standard input.
    pub files: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// Workloads, injected and skipped.
    pub workloads: usize,
    /// Workloads with at least one injection.
    pub injected: usize,
    /// Workloads without.
    pub skipped: usize,
    /// Warnings.
    pub warnings: usize,
    /// Errors.
    pub errors: usize,
}

impl Summary {
    /// Counts an event.
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Workload { status, .. } => {
                self.workloads += 1;
                match status {
                    Status::Injected(_) => self.injected += 1,
                    Status::Skipped(_) => self.skipped += 1,
                }
            }
            Event::Document { .. } => {}
            Event::Diagnostic(diagnostic) => match diagnostic.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Note => {}
            },
        }
    }
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Warnings and errors.
    Quiet,
    /// Every workload, and the summary.
    #[default]
    Normal,
    /// Every document.
    Verbose,
}

/// A run's events and numbers.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order of the input.
    pub events: Vec<Event>,
    /// The numbers.
    pub summary: Summary,
    /// Whether the result was only looked at (`--check`, `--diff`), not written.
    pub dry_run: bool,
}

impl Report {
    /// Adds an event.
    pub fn add(&mut self, event: Event) {
        self.summary.count(&event);
        self.events.push(event);
    }
}
