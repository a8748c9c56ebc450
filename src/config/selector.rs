//! Which pods a rule is about: expressions on the namespace and selectors on the labels
//! (`spec/1-behaviour.md`, section 2, "Selectors"). Which of them take all that others take is in
//! `cover.rs`.

use std::sync::Arc;

use regex_lite::Regex;

use super::expression;
use super::label_selector::LabelSelector;
use super::select::Subject;

/// A regular expression on the namespace.
#[derive(Clone, Debug)]
pub struct NamespaceExpression {
    text: Arc<str>,
    /// Nothing where every namespace matches.
    regex: Option<Regex>,
}

impl NamespaceExpression {
    /// Takes the expression as written; a lone `*` means `.*`.
    ///
    /// # Errors
    /// Says why Go would not compile it.
    pub fn compile(text: &str) -> Result<Self, String> {
        // Nothing has to be matched to know these.
        let everything = matches!(text, "*" | "" | ".*" | "^" | "^.*" | ".*$" | "^.*$");
        let regex = (!everything).then(|| expression::compile(text));
        Ok(Self {
            text: text.into(),
            regex: regex.transpose()?,
        })
    }

    /// The expression as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is plain that every namespace matches.
    #[must_use]
    pub fn takes_every_namespace(&self) -> bool {
        self.regex.is_none()
    }

    /// Whether a namespace matches.
    #[must_use]
    pub fn matches(&self, namespace: &str) -> bool {
        self.regex
            .as_ref()
            .is_none_or(|regex| regex.is_match(namespace))
    }
}

/// How the two dimensions of a selector combine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combination {
    /// Both must match; one without entries does not restrict.
    #[default]
    All,
    /// One of them must match.
    Any,
}

/// What a selector says of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether the pod is meant.
    pub is_met: bool,
    /// What the expressions on the namespace say.
    pub namespaces: Asked,
    /// What the selectors on the labels say.
    pub labels: Asked,
}

/// What the entries of one dimension say of a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: there are none, or what they say would change nothing.
    Not,
    /// None of them matches.
    NoneMatches,
    /// The first that matches stands at this position.
    Matches(usize),
}

impl Asked {
    fn of(first: Option<usize>) -> Self {
        first.map_or(Self::NoneMatches, Self::Matches)
    }

    fn is_met(self) -> bool {
        matches!(self, Self::Matches(_))
    }
}

/// Which pods a rule is about. Within a dimension, one entry that matches is enough.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    namespaces: Vec<NamespaceExpression>,
    labels: Vec<LabelSelector>,
    combination: Combination,
}

impl Selector {
    /// Takes the entries that are valid.
    #[must_use]
    pub fn new(
        namespaces: Vec<NamespaceExpression>,
        labels: Vec<LabelSelector>,
        combination: Combination,
    ) -> Self {
        Self {
            namespaces,
            labels,
            combination,
        }
    }

    /// The expressions on the namespace; none where they do not restrict.
    #[must_use]
    pub fn namespaces(&self) -> &[NamespaceExpression] {
        &self.namespaces
    }

    /// The selectors on the labels; none where they do not restrict.
    #[must_use]
    pub fn labels(&self) -> &[LabelSelector] {
        &self.labels
    }

    /// How the two combine.
    #[must_use]
    pub fn combination(&self) -> Combination {
        self.combination
    }

    /// The selector that matches every pod.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// Whether a pod is meant.
    #[must_use]
    pub fn matches(&self, pod: &dyn Subject) -> bool {
        self.ask(pod).is_met
    }

    /// Whether a pod is meant, and by which of the entries. They are asked in their order, and no
    /// more of them than it takes.
    #[must_use]
    pub fn ask(&self, pod: &dyn Subject) -> Answer {
        let namespaces = || {
            let mut entries = self.namespaces.iter();
            Asked::of(entries.position(|expression| pod.is_in_namespace(expression)))
        };
        let labels = || {
            let mut entries = self.labels.iter();
            Asked::of(entries.position(|selector| selector.matches(|key| pod.label(key))))
        };
        let mut answer = Answer {
            is_met: true,
            namespaces: Asked::Not,
            labels: Asked::Not,
        };
        match self.combination {
            Combination::All => {
                if !self.namespaces.is_empty() {
                    answer.namespaces = namespaces();
                    answer.is_met = answer.namespaces.is_met();
                }
                if answer.is_met && !self.labels.is_empty() {
                    answer.labels = labels();
                    answer.is_met = answer.labels.is_met();
                }
            }
            Combination::Any => {
                answer.namespaces = namespaces();
                answer.is_met = answer.namespaces.is_met();
                if !answer.is_met {
                    answer.labels = labels();
                    answer.is_met = answer.labels.is_met();
                }
                if self.namespaces.is_empty() {
                    answer.namespaces = Asked::Not;
                }
                if self.labels.is_empty() {
                    answer.labels = Asked::Not;
                }
            }
        }
        answer
    }

    /// Whether it is plain that every pod is meant.
    #[must_use]
    pub fn takes_every_pod(&self) -> bool {
        let mut namespaces = self.namespaces.iter();
        let namespaces = namespaces.any(NamespaceExpression::takes_every_namespace);
        let labels = self.labels.iter().any(LabelSelector::is_empty);
        match self.combination {
            Combination::All => {
                (self.namespaces.is_empty() || namespaces) && (self.labels.is_empty() || labels)
            }
            Combination::Any => namespaces || labels,
        }
    }
}

/// The labels that only the cluster adds to pods, so that a selector on them sees none here.
const CLUSTER_ONLY: &[&str] = &[
    "pod-template-hash",
    "pod-template-generation",
    "controller-revision-hash",
    "controller-uid",
    "job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
];

/// Whether a label is one that only the cluster adds to pods.
#[must_use]
pub fn is_cluster_only(label: &str) -> bool {
    CLUSTER_ONLY.contains(&label)
}

/// The first label in a selector that only the cluster adds.
#[must_use]
pub fn cluster_only_label(selector: &LabelSelector) -> Option<&str> {
    selector.keys().find(|key| is_cluster_only(key))
}
