//! Why an injection was made or not: which rules were asked and what they said, what of the pod
//! decided, what was done where. It is told by the code that decides, as it decides
//! (`trace.rs`, `journal.rs`).
//!
//! `P` is how a place in the manifest is told: by the rules as a path below the template, by whoever
//! knows the text as a line.

use std::sync::Arc;

use super::outcome::Injection;
use crate::config::rule::RulePlace;
use crate::config::select::Verdict;
use crate::config::selector::Combination;

/// What there is to tell of one injection, besides its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account<P> {
    /// Which.
    pub injection: Injection,
    /// The rules that were asked, in their order.
    pub asked: Vec<Consulted>,
    /// How many rules stand behind them.
    pub not_asked: usize,
    /// What of the pod decided, besides its namespace and labels.
    pub evidence: Vec<Evidence<P>>,
    /// What is done where it is made.
    pub deeds: Vec<Deed<P>>,
    /// What is odd about it: the messages of its notices.
    pub remarks: Vec<String>,
}

impl<P> Account<P> {
    /// An account of nothing.
    #[must_use]
    pub fn new(injection: Injection) -> Self {
        Self {
            injection,
            asked: Vec::new(),
            not_asked: 0,
            evidence: Vec::new(),
            deeds: Vec::new(),
            remarks: Vec::new(),
        }
    }

    /// The rule that was chosen, if one was.
    #[must_use]
    pub fn chosen(&self) -> Option<&Consulted> {
        let last = self.asked.last()?;
        matches!(last.verdict, Verdict::Chosen(_)).then_some(last)
    }

    /// The same with its places told in another way.
    pub fn map_places<Q>(self, mut place: impl FnMut(&P) -> Q) -> Account<Q> {
        let mut evidence = Vec::with_capacity(self.evidence.len());
        for own in self.evidence {
            evidence.push(Evidence {
                what: own.what,
                place: own.place.as_ref().map(&mut place),
            });
        }
        let mut deeds = Vec::with_capacity(self.deeds.len());
        for own in self.deeds {
            deeds.push(Deed {
                container: own.container,
                act: own.act,
                place: own.place.as_ref().map(&mut place),
            });
        }
        Account {
            injection: self.injection,
            asked: self.asked,
            not_asked: self.not_asked,
            evidence,
            deeds,
            remarks: self.remarks,
        }
    }
}

/// A rule that was asked, and what was learnt of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consulted {
    /// The rule, in words.
    pub rule: Arc<RuleInWords>,
    /// What was learnt.
    pub verdict: Verdict,
}

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInWords {
    /// Where.
    pub place: Arc<RulePlace>,
    /// The expressions on the namespace; none where they do not restrict.
    pub namespaces: Vec<String>,
    /// The selectors on the labels; none where they do not restrict.
    pub labels: Vec<LabelsInWords>,
    /// How the two combine.
    pub combination: Combination,
    /// The annotation that it demands.
    pub annotation: Option<String>,
}

/// A selector on labels as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelsInWords {
    /// Its text.
    pub text: String,
    /// The labels that it looks at, each once.
    pub keys: Vec<String>,
}

/// Something of the pod that decided, and where it stands; no place for what is injected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence<P> {
    /// What.
    pub what: Exhibit,
    /// Where.
    pub place: Option<P>,
}

/// A thing of the pod that can decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exhibit {
    /// An annotation, with its value where that becomes no variable of a container.
    Annotation {
        /// Its key.
        key: String,
        /// Its value.
        value: Option<String>,
    },
    /// A regular container of that name.
    Container(String),
    /// An init container of that name.
    InitContainer(String),
}

/// One thing that an injection does, or leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed<P> {
    /// The regular container that it is done to; nothing for the pod.
    pub container: Option<Arc<str>>,
    /// What.
    pub act: Act,
    /// Where that which was there before stands, if anything was.
    pub place: Option<P>,
}

/// What an injection does. Names alone: values of variables are nobody's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Adds a regular container.
    AddContainer {
        /// Its name.
        name: String,
        /// Its image.
        image: String,
    },
    /// Adds an init container.
    AddInitContainer {
        /// Its name.
        name: String,
        /// Its image.
        image: String,
    },
    /// Leaves an init container of an earlier injection as it is.
    KeepInitContainer {
        /// Its name.
        name: String,
    },
    /// Adds a volume.
    AddVolume {
        /// Its name.
        name: String,
        /// What it is, such as `emptyDir`.
        kind: &'static str,
    },
    /// Leaves a volume of that name as it is.
    KeepVolume {
        /// The name.
        name: String,
    },
    /// Adds an annotation.
    AddAnnotation {
        /// Its key.
        key: String,
    },
    /// Hands on what an annotation says.
    TakeAnnotation {
        /// Its key.
        key: &'static str,
    },
    /// Adds no annotations that begin so, since some are there.
    KeepAnnotations {
        /// The beginning.
        prefix: &'static str,
    },
    /// Sets `shareProcessNamespace`.
    ShareProcesses,
    /// Sets `restartPolicy` to `Always`.
    RestartAlways,
    /// Leaves `restartPolicy` as it is, which a Job's template demands.
    KeepRestartPolicy,
    /// Mounts a directory by the volume that is mounted there already.
    ReuseVolume {
        /// The directory.
        path: String,
        /// The volume.
        volume: String,
    },
    /// Mounts no volume at a directory, since one that is no `emptyDir` is mounted there.
    LeavePathOut {
        /// The directory.
        path: String,
        /// The volume that is there.
        volume: String,
    },
    /// Leaves a variable of the rule out.
    LeaveVariableOut {
        /// Its name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// Adds a variable.
    AddVariable {
        /// Its name.
        name: String,
    },
    /// Gives a variable more than it has.
    ExtendVariable {
        /// Its name.
        name: String,
        /// What is added to its value.
        ours: Vec<String>,
        /// How many parts of its value go, since they are no tags.
        dropped: usize,
    },
    /// Moves a variable behind the others.
    MoveVariable {
        /// Its name.
        name: String,
    },
    /// Leaves a variable of that name as it is.
    KeepVariable {
        /// The name.
        name: String,
    },
    /// Leaves a variable as it is that has all that would be added.
    CompleteVariable {
        /// The name.
        name: String,
    },
    /// Adds a mount.
    AddMount {
        /// The volume.
        volume: String,
        /// Where it is mounted.
        path: String,
    },
    /// Leaves a mount of that volume as it is.
    KeepMount {
        /// The volume.
        volume: String,
    },
}
