//! Why the pod templates of a workload became what they became, with places that can be shown; and
//! which workloads somebody asks about (`pattern.rs`).

mod pattern;

use crate::diagnostic::Location;
use crate::inject::{Account, Injected, Skipped};

pub use pattern::WorkloadPattern;

/// What there is to tell of one pod template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateExplanation {
    /// The way to it from the document's root, such as `spec.template`; empty where it is the root.
    pub path: String,
    /// Where it stands.
    pub location: Location,
    /// The effective namespace, which rules look at.
    pub namespace: String,
    /// Who names the namespace.
    pub namespace_from: NamespaceFrom,
    /// The template's labels, which rules look at.
    pub labels: Vec<(String, String)>,
    /// The injections that would be made.
    pub injected: Vec<Injected>,
    /// Those that would not, each with its reason.
    pub skipped: Vec<Skipped>,
    /// Why: of each injection, in their order.
    pub accounts: Vec<Account<Location>>,
}

/// Who names the namespace of a pod template (`spec/1-behaviour.md`, section 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceFrom {
    /// The template itself.
    Template,
    /// The workload.
    Workload,
    /// Nobody in the manifest: `--namespace`, or what stands for it.
    Default,
}
