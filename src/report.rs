//! What happened: to each workload, to each document, and all in all. Events in the order of the
//! input; how they look is `output`'s business.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::explanation::TemplateExplanation;
use crate::inject::{Injected, Injection, Skipped};
use crate::refresh::Stale;
use crate::source::Source;
use crate::work::Work;
use crate::workload::{self, Object, group_of};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A workload was injected or skipped.
    Workload(Box<Workload>),
    /// A document was left alone, since it carries no pod template.
    Document(Box<Untouched>),
    /// An error, a warning or a note.
    Diagnostic(Box<Diagnostic>),
    /// An injection that is asked for is not there and cannot be made (`--require-injected`).
    Missing(Box<Diagnostic>),
    /// An injection is there as another configuration makes it (`--check`).
    Stale(Box<Diagnostic>),
}

impl Event {
    /// A document at that place, which is that, was left alone.
    #[must_use]
    pub fn untouched(location: Location, label: String) -> Self {
        Self::Document(Box::new(Untouched { location, label }))
    }
}

/// A document that was left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untouched {
    /// Where it stands.
    pub location: Location,
    /// What it is.
    pub label: String,
}

/// An object that carries a pod, and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Where the object stands.
    pub location: Location,
    /// Which object it is.
    pub object: ObjectName,
    /// Which document of its text it stands in: from 1, those that hold nothing not counted.
    pub document: usize,
    /// The injections that were made, and those that were not. Most workloads of a run share these with
    /// others.
    pub attempts: Arc<Attempts>,
    /// What other work than injecting found or did; nothing where it did nothing. Apart, since reports of
    /// many thousand workloads are kept until a run ends.
    pub other_work: Option<Box<OtherWork>>,
}

/// What injecting did to a workload, and what it did not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The injections that were made.
    pub injected: Vec<Injected>,
    /// Those that were not, each with its reason.
    pub skipped: Vec<Skipped>,
}

/// What other work than injecting found or did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherWork {
    /// Why injections would be made or not, for each pod template.
    pub explanation: Vec<TemplateExplanation>,
    /// The injections that were taken out.
    pub removed: Vec<Injection>,
    /// The injections that another configuration had made, and that were replaced.
    pub refreshed: Vec<Stale>,
}

impl OtherWork {
    /// Whether nothing was found or done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.explanation.is_empty() && self.removed.is_empty() && self.refreshed.is_empty()
    }
}

impl Workload {
    /// The injections that were made.
    #[must_use]
    pub fn injected(&self) -> &[Injected] {
        &self.attempts.injected
    }

    /// The injections that were not made, each with its reason.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.attempts.skipped
    }

    /// Whether an injection is there already.
    #[must_use]
    pub fn has_injections(&self) -> bool {
        self.skipped().iter().any(|own| own.reason.is_there())
    }

    /// Whether anything was done to it.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        !(self.injected().is_empty() && self.removed().is_empty() && self.refreshed().is_empty())
    }

    /// Why, for each pod template; nothing where nobody asked.
    #[must_use]
    pub fn explanation(&self) -> &[TemplateExplanation] {
        self.other_work.as_ref().map_or(&[], |own| &own.explanation)
    }

    /// The injections that were taken out.
    #[must_use]
    pub fn removed(&self) -> &[Injection] {
        self.other_work.as_ref().map_or(&[], |own| &own.removed)
    }

    /// The injections that another configuration had made, and that were replaced.
    #[must_use]
    pub fn refreshed(&self) -> &[Stale] {
        self.other_work.as_ref().map_or(&[], |own| &own.refreshed)
    }
}

/// An object by what it says of itself. Small: reports of many thousand workloads are kept until a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectName {
    /// The parts that are there, one behind the other, and the kind behind them.
    text: Box<str>,
    /// Where each part but the kind ends in the text; [`NOT_THERE`] for those that are not.
    ends: [u32; PARTS],
}

/// Where each part stands in the list of them.
const API_VERSION: usize = 0;
/// The group that the list around it says, where the object names no version.
const GROUP_OF_LIST: usize = 1;
const NAMESPACE: usize = 2;
const NAME: usize = 3;
const PARTS: usize = 4;

/// The end of a part that is not there.
const NOT_THERE: u32 = u32::MAX;

impl ObjectName {
    /// The name of an object.
    #[must_use]
    pub fn of(object: &Object<'_>) -> Self {
        let is_named = object.api_version.is_some();
        let parts: [Option<&str>; PARTS] = [
            object.api_version,
            object.group.filter(|_| !is_named),
            object.namespace,
            object.name,
        ];
        let length: usize = parts.into_iter().flatten().map(str::len).sum();
        let mut text = String::with_capacity(length + object.kind.len());
        let ends = parts.map(|part| {
            text.push_str(part?);
            // All parts stand in one document, which is shorter than 4 GiB.
            u32::try_from(text.len()).ok()
        });
        text.push_str(object.kind);
        Self {
            text: text.into(),
            ends: ends.map(|end| end.unwrap_or(NOT_THERE)),
        }
    }

    /// Where a part begins: behind the last one in front of it that is there.
    fn start(&self, index: usize) -> usize {
        let mut before = self.ends.iter().take(index).rev();
        before
            .find(|end| **end != NOT_THERE)
            .map_or(0, |end| *end as usize)
    }

    fn part(&self, index: usize) -> Option<&str> {
        let end = self.ends[index];
        let text = self.text.get(self.start(index)..end as usize)?;
        (end != NOT_THERE).then_some(text)
    }

    /// `apiVersion`, where one is named.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.part(API_VERSION)
    }

    /// `kind`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text.get(self.start(PARTS)..).unwrap_or_default()
    }

    /// `metadata.namespace`, where one is named.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.part(NAMESPACE)
    }

    /// `metadata.name`, or else `metadata.generateName`.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.part(NAME)
    }

    /// The name in reports, such as `prod/deployment/web`.
    #[must_use]
    pub fn label(&self) -> String {
        workload::label(self.namespace(), self.kind(), self.group(), self.name())
    }

    /// The group that it belongs to, or that the list around it says; empty for the core group, nothing
    /// where nobody says.
    #[must_use]
    pub fn group(&self) -> Option<&str> {
        self.api_version()
            .map(group_of)
            .or(self.part(GROUP_OF_LIST))
    }
}

/// A file, or standard input, that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// Its name, as the user gave it.
    pub path: Arc<str>,
    /// How many documents of it hold something.
    pub documents: usize,
    /// Whether its text changes.
    pub changed: bool,
}

/// The configuration in force.
#[derive(Clone, Debug)]
pub struct ConfigurationInForce {
    /// Where it came from, in words.
    pub origin: String,
    /// The release of the operator whose reading of it counts.
    pub operator_version: &'static str,
    /// The text that its rules have their places in.
    pub source: Arc<Source>,
}

/// The numbers of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Files and standard input.
    pub files: usize,
    /// Those of them whose text changes.
    pub changed: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// Workloads.
    pub workloads: usize,
    /// Workloads with at least one injection that was made.
    pub injected: usize,
    /// Workloads with at least one injection that was taken out.
    pub cleaned: usize,
    /// Workloads with at least one injection that was replaced.
    pub refreshed: usize,
    /// Workloads to which nothing was done.
    pub skipped: usize,
    /// Those of them that have at least one injection already.
    pub there: usize,
    /// Injections that are asked for, are not there, and cannot be made; counted with
    /// `--require-injected` alone.
    pub missing: usize,
    /// Injections that are there as another configuration makes them; counted with `--check` alone.
    pub stale: usize,
    /// Warnings.
    pub warnings: usize,
    /// Errors.
    pub errors: usize,
}

impl Summary {
    /// Counts an event.
    pub fn count(&mut self, event: &Event) {
        match event {
            Event::Workload(workload) => {
                self.workloads += 1;
                self.injected += usize::from(!workload.injected().is_empty());
                self.cleaned += usize::from(!workload.removed().is_empty());
                self.refreshed += usize::from(!workload.refreshed().is_empty());
                self.skipped += usize::from(!workload.is_changed());
                self.there += usize::from(!workload.is_changed() && workload.has_injections());
            }
            Event::Document(_) => {}
            Event::Missing(_) => self.missing += 1,
            Event::Stale(_) => self.stale += 1,
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

/// What a run is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Manifests.
    #[default]
    Manifests,
    /// Configurations, which are looked at alone.
    CheckedConfigurations,
    /// A configuration, which is printed.
    ShownConfiguration,
    /// A configuration, which is carried over to another release.
    MigratedConfiguration,
}

/// A run's events and numbers.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order of the input.
    pub events: Vec<Event>,
    /// The numbers.
    pub summary: Summary,
    /// What was read, in the order of the input; only for a form that lists it, since there can be very
    /// many.
    pub files: Vec<ReadFile>,
    /// What it is about.
    pub about: About,
    /// What was done.
    pub work: Work,
    /// Whether the result was only looked at (`--check`, `--diff`), not written.
    pub dry_run: bool,
    /// Whether a failure hands everything back as it was (a KRM function), not nothing.
    pub hands_back: bool,
    /// Whether a change is a finding (`--check`).
    pub check: bool,
    /// The configuration in force, where one was found.
    pub configuration: Option<ConfigurationInForce>,
    /// How the run ended.
    pub ending: Ending,
}

/// How a run ended (`spec/2-command-line.md`, "Exit codes").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// It did what it was asked for; with `--check` nothing would change.
    #[default]
    Done,
    /// `--check`: something would change, or is missing.
    Found,
    /// It did not begin: the options do not fit together.
    Refused,
    /// There was an error, and nothing was written.
    Failed,
    /// There was an error while the result was written, and part of it is.
    FailedInPart,
    /// There was an error behind the result: the result is written.
    FailedAfterwards,
    /// `--strict`: there was a warning, and nothing was written.
    Warned,
    /// `--strict`: there was a warning, or something cannot be told, and the result is written.
    WarnedAfterwards,
}

impl Ending {
    /// The exit code.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Found => 1,
            Self::Refused | Self::Failed | Self::FailedInPart | Self::FailedAfterwards => 2,
            Self::Warned | Self::WarnedAfterwards => 3,
        }
    }

    /// Whether the result was held back, or is not whole.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Refused | Self::Failed | Self::FailedInPart | Self::Warned
        )
    }
}

impl Report {
    /// Adds an event.
    pub fn add(&mut self, event: Event) {
        self.summary.count(&event);
        self.events.push(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    #[test]
    fn the_parts_of_a_name_are_told_from_each_other() {
        let parsed = parse("{}").unwrap();
        let object = |api_version, namespace, name| Object {
            node: parsed.tree.root_node().unwrap(),
            api_version,
            kind: "Deployment",
            group: Some("apps"),
            name,
            namespace,
            templates: Vec::new(),
        };
        let cases = [
            (None, Some(""), None),
            (None, None, Some("web")),
            (Some("batch/v1"), None, None),
            (Some(""), Some("prod"), Some("web")),
        ];
        for (api_version, namespace, name) in cases {
            let own = ObjectName::of(&object(api_version, namespace, name));
            let parts = (own.api_version(), own.namespace(), own.name());
            assert_eq!(parts, (api_version, namespace, name));
            assert_eq!(own.kind(), "Deployment");
            let group = api_version.map_or("apps", group_of);
            assert_eq!(own.group(), Some(group), "{api_version:?}");
        }
    }

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn what_is_kept_of_every_workload_is_small() {
        assert!(size_of::<Workload>() <= 96);
        assert!(size_of::<Event>() <= 16);
        assert!(size_of::<Diagnostic>() <= 128);
    }
}
