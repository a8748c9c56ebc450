//! What the checks found, in words, grouped by what it is about; how it looks is `output`'s business.

use crate::diagnostic::Location;
use crate::inject::Injection;

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// What the injections rely on is there.
    Pass,
    /// It is not.
    Fail,
    /// The input does not tell.
    Unknown,
    /// Only a node can tell: worth knowing, and no result.
    Note,
}

impl Status {
    /// The word for it, in text and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Note => "note",
        }
    }
}

/// What one check says of one subject. The texts may hold names of the user's: they are escaped where
/// they are printed. No value of a variable is among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check's name; it has a heading in `docs/preflight.md`.
    pub check: &'static str,
    /// What became of it.
    pub status: Status,
    /// What is the case, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The place that it is about, where that is another one than the subject's.
    pub location: Option<Location>,
}

/// What a check says before it is known whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    status: Status,
    message: String,
    hint: Option<String>,
    location: Option<Location>,
}

impl Verdict {
    fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            hint: None,
            location: None,
        }
    }

    /// It is there.
    pub(super) fn pass(message: impl Into<String>) -> Self {
        Self::new(Status::Pass, message)
    }

    /// It is not there.
    pub(super) fn fail(message: impl Into<String>) -> Self {
        Self::new(Status::Fail, message)
    }

    /// The input does not tell.
    pub(super) fn unknown(message: impl Into<String>) -> Self {
        Self::new(Status::Unknown, message)
    }

    /// Only a node can tell.
    pub(super) fn note(message: impl Into<String>) -> Self {
        Self::new(Status::Note, message)
    }

    /// Adds what to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the place that it is about.
    pub(super) fn at(mut self, location: &Location) -> Self {
        self.location = Some(location.clone());
        self
    }

    /// The finding of a check.
    pub(super) fn of(self, check: &'static str) -> Finding {
        Finding {
            check,
            status: self.status,
            message: self.message,
            hint: self.hint,
            location: self.location,
        }
    }
}

/// What findings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// Where the injections send what they collect.
    Connection,
    /// A namespace.
    Namespace,
    /// An object that carries a pod.
    Workload,
    /// The nodes.
    Nodes,
}

impl SubjectKind {
    /// The word for it, in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Namespace => "namespace",
            Self::Workload => "workload",
            Self::Nodes => "nodes",
        }
    }
}

/// An injection that a pod has or gets, with more on it, such as the language, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Made {
    /// Which.
    pub injection: Injection,
    /// More on it.
    pub detail: Option<&'static str>,
}

/// A subject and what the checks say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What it is.
    pub kind: SubjectKind,
    /// Its name in reports.
    pub name: String,
    /// Where it stands, where it stands in the input.
    pub location: Option<Location>,
    /// The injections that rely on it, or that it has.
    pub injections: Vec<Made>,
    /// The workloads that rely on it, as reports name them, each once; none for a workload.
    pub workloads: Vec<String>,
    /// What the checks say.
    pub findings: Vec<Finding>,
}

/// Everything that the checks found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checkup {
    /// Connections first, then namespaces, workloads in the order of the input, and the nodes.
    pub groups: Vec<Group>,
    /// How many objects carry a pod.
    pub workloads: usize,
    /// How many of them have an injection, or get one.
    pub injected: usize,
}

impl Checkup {
    /// How many findings have that status.
    #[must_use]
    pub fn count(&self, status: Status) -> usize {
        let findings = self.groups.iter().flat_map(|group| &group.findings);
        findings.filter(|one| one.status == status).count()
    }
}
