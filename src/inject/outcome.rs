//! What became of a pod template: what was injected, what was not and why, and what is odd about
//! it.

use std::fmt;
use std::sync::Arc;

use crate::change::{Change, Path};
use crate::config::rule::RulePlace;

/// One of the operator's injections, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Injection {
    /// Datadog's tracing libraries.
    Ddtrace,
    /// OpenTelemetry's tracing libraries.
    Otel,
    /// The log forwarder.
    Logfwd,
    /// The profiler that watches several processes.
    Flameshot,
    /// The profiler for one language.
    Profiler,
    /// The annotation for container logs.
    Logging,
}

impl Injection {
    /// All of them, in their order.
    pub const ALL: [Self; 6] = [
        Self::Ddtrace,
        Self::Otel,
        Self::Logfwd,
        Self::Flameshot,
        Self::Profiler,
        Self::Logging,
    ];

    /// The name in options and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ddtrace => "ddtrace",
            Self::Otel => "otel",
            Self::Logfwd => "logfwd",
            Self::Flameshot => "flameshot",
            Self::Profiler => "profiler",
            Self::Logging => "logging",
        }
    }

    /// The annotation that turns it off, if there is one (`spec/1-behaviour.md`, section 1).
    #[must_use]
    pub const fn switch(self) -> Option<&'static str> {
        match self {
            Self::Ddtrace => Some("admission.datakit/ddtrace.enabled"),
            Self::Otel => Some("admission.datakit/otel.enabled"),
            Self::Logfwd => Some("admission.datakit/logfwd.enabled"),
            Self::Flameshot => Some("admission.datakit/flameshot.enabled"),
            Self::Profiler => Some("admission.datakit/profiler.enabled"),
            Self::Logging => None,
        }
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What became of a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What shall change, with paths below the template; nothing where the template is malformed.
    pub changes: Vec<Change>,
    /// What was injected.
    pub injected: Vec<Injected>,
    /// What was not: every injection stands here or in `injected`.
    pub skipped: Vec<Skipped>,
    /// What is odd: warnings.
    pub notices: Vec<Notice>,
    /// Why nothing could be injected where something had to be: an error.
    pub malformed: Option<Notice>,
}

/// An injection that changed the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injected {
    /// Which.
    pub injection: Injection,
    /// More on it, such as the language.
    pub detail: Option<&'static str>,
    /// The rule that asked for it.
    pub rule: Arc<RulePlace>,
}

/// An injection that did not change the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which.
    pub injection: Injection,
    /// Why not.
    pub reason: Reason,
}

/// Why an injection did not happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The template has no regular container.
    NoContainers,
    /// `--only` or `--skip` left it out.
    LeftOut,
    /// The annotation of that key turns it off.
    SwitchedOff(Box<str>),
    /// No rule is about this pod.
    NoRuleMatches,
    /// The rules about this pod ask for an annotation of that key.
    AnnotationMissing(Box<str>),
    /// The rule's language is none that the injection knows; empty where it names none.
    UnsupportedLanguage(Box<str>),
    /// The rule names no language.
    NoLanguage,
    /// A container of that name is there already.
    HasContainer(&'static str),
    /// An init container of that name is there already.
    HasInitContainer(&'static str),
    /// The annotation of that key is there already.
    HasAnnotation(&'static str),
    /// Another injection takes precedence.
    Yields(Injection),
    /// Everything that it would inject is there already.
    Complete,
    /// It is there already, as the configuration has it.
    Current,
    /// The image under that key is missing.
    ImageMissing(Box<str>),
    /// It cannot be completed, for this reason.
    Impossible(Box<str>),
    /// The rule asks for nothing.
    NothingAskedFor,
    /// The template cannot be changed.
    Malformed,
}

impl Reason {
    /// Whether the injection, or all of it that can be, is there already.
    #[must_use]
    pub const fn is_there(&self) -> bool {
        matches!(
            self,
            Self::HasContainer(_)
                | Self::HasInitContainer(_)
                | Self::HasAnnotation(_)
                | Self::Complete
                | Self::Current
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoContainers => f.write_str("the pod has no container"),
            Self::LeftOut => f.write_str("left out by --only or --skip"),
            Self::SwitchedOff(key) => write!(f, "switched off by the annotation {key}"),
            Self::NoRuleMatches => f.write_str("no rule matches"),
            Self::AnnotationMissing(key) => write!(f, "the annotation {key} is missing"),
            Self::UnsupportedLanguage(name) if !name.is_empty() => {
                write!(f, "the rule's language {name} is not supported")
            }
            Self::UnsupportedLanguage(_) | Self::NoLanguage => {
                f.write_str("the rule names no language")
            }
            Self::HasContainer(name) => write!(f, "already has the container {name}"),
            Self::HasInitContainer(name) => write!(f, "already has the init container {name}"),
            Self::HasAnnotation(key) => write!(f, "already has the annotation {key}"),
            Self::Yields(injection) => write!(f, "{injection} takes precedence"),
            Self::Complete => f.write_str("everything is there already"),
            Self::Current => f.write_str("as the configuration has it"),
            Self::ImageMissing(key) => write!(f, "no image: {key} is missing"),
            Self::Impossible(why) => f.write_str(why),
            Self::NothingAskedFor => f.write_str("the rule asks for nothing"),
            Self::Malformed => f.write_str("the pod template is malformed"),
        }
    }
}

/// Something odd about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The stable, kebab-case code.
    pub code: &'static str,
    /// What it is, in one sentence without a full stop.
    pub message: String,
    /// Where, below the template.
    pub path: Option<Path>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether it is odd about the rule rather than about the manifest.
    pub about_rule: bool,
    /// The rule that it has to do with.
    pub rule: Option<Arc<RulePlace>>,
}

impl Notice {
    /// A notice without a place.
    #[must_use]
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            path: None,
            hint: None,
            about_rule: false,
            rule: None,
        }
    }

    /// Says that the rule is what is odd.
    #[must_use]
    pub fn about_rule(mut self) -> Self {
        self.about_rule = true;
        self
    }

    /// Adds the place, below the template.
    #[must_use]
    pub fn at(mut self, path: Option<Path>) -> Self {
        self.path = path;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why an injection is given up; the pod is then as it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is not due, or cannot be completed.
    Skipped(Reason),
    /// A part of the template that has to be written to has the wrong type.
    Malformed(Flaw),
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Skipped(reason)
    }
}

impl From<Flaw> for Failure {
    fn from(flaw: Flaw) -> Self {
        Self::Malformed(flaw)
    }
}

/// A part of the template that has the wrong type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) path: Path,
    pub(super) expected: &'static str,
    pub(super) found: &'static str,
}

impl From<Flaw> for Notice {
    fn from(flaw: Flaw) -> Self {
        let message = format!(
            "`{}` must be {}, not {}",
            flaw.path, flaw.expected, flaw.found
        );
        Self::new("malformed-pod-template", message).at(Some(flaw.path))
    }
}
