//! What a run does to the pod templates that it finds. Everything else about a run (what it reads, where
//! the result goes, what is said) is the same whatever the work.

/// The work on a pod template.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Injections that are asked for and not there are made.
    #[default]
    Inject,
    /// Injections that are there are taken out.
    Remove,
    /// Injections that are asked for are made, and those that are there are made as the configuration
    /// has them now.
    Refresh,
    /// Nothing: it is said what injecting would do, and why.
    Explain,
    /// Nothing: it is checked that what injections rely on is there.
    Preflight,
}

impl Work {
    /// Whether the result is manifests.
    #[must_use]
    pub const fn gives_manifests(self) -> bool {
        !matches!(self, Self::Explain | Self::Preflight)
    }
}
