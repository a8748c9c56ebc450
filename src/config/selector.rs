//! Which pods a rule is about: expressions on the namespace and selectors on the labels
//! (`spec/1-behaviour.md`, section 2, "Selectors").

use regex_lite::Regex;

use super::expression;
use super::label_selector::LabelSelector;
use super::select::Subject;

/// A regular expression on the namespace.
#[derive(Clone, Debug)]
pub struct NamespaceExpression {
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
            regex: regex.transpose()?,
        })
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

    /// The selector that matches every pod.
    #[must_use]
    pub fn everything() -> Self {
        Self::default()
    }

    /// Whether a pod is meant.
    #[must_use]
    pub fn matches(&self, pod: &dyn Subject) -> bool {
        let namespace = || {
            self.namespaces
                .iter()
                .any(|expression| pod.is_in_namespace(expression))
        };
        let labels = || {
            self.labels
                .iter()
                .any(|selector| selector.matches(|key| pod.label(key)))
        };
        match self.combination {
            Combination::All => {
                (self.namespaces.is_empty() || namespace()) && (self.labels.is_empty() || labels())
            }
            Combination::Any => namespace() || labels(),
        }
    }

    /// Whether it is plain that every pod is meant.
    #[must_use]
    pub fn takes_every_pod(&self) -> bool {
        let namespaces = self.namespaces.iter().any(|own| own.regex.is_none());
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

/// The first label in a selector that only the cluster adds.
#[must_use]
pub fn cluster_only_label(selector: &LabelSelector) -> Option<&str> {
    selector.keys().find(|key| CLUSTER_ONLY.contains(key))
}
