//! From an object to the pod templates that it carries.

use crate::change::Path;
use crate::yaml::Node;

/// A pod template in a document, as the rules see it.
#[derive(Clone, Debug)]
pub struct PodTemplate<'a> {
    /// The mapping that holds `metadata` and `spec`.
    pub node: Node<'a>,
    /// The way to it from the document's root. The changes that the rules make begin at the
    /// template; who carries them out puts this in front.
    pub path: Path,
    /// The effective namespace: the template's own, else the workload's, else the one that the
    /// user named, else `default` (`spec/1-behaviour.md`, section 1).
    pub namespace: String,
    /// Whether its pods are meant to end (Job and its kin): the API server takes no
    /// `restartPolicy: Always` there.
    pub runs_to_completion: bool,
}
