//! The checks: each is a value with a name and a function from what it looks at to what it says. A new
//! one is a line in the table of its subject, and a heading in `docs/preflight.md`.

mod connection;
mod listen;
mod node;
mod reference;
mod security;
mod user;

use super::cluster::Cluster;
use super::connection::Route;
use super::finding::Verdict;
use super::objects::Workload;
use super::pod::Reliance;

pub(super) use security::unknown_namespace;

/// A check.
#[derive(Clone, Copy)]
pub(super) struct Check<F> {
    /// Its name, in kebab-case.
    pub(super) name: &'static str,
    /// What it says: nothing where it does not apply.
    pub(super) run: F,
}

/// A pod with injections, in its cluster.
pub(super) struct Subject<'c> {
    pub(super) cluster: &'c Cluster,
    pub(super) workload: &'c Workload,
    pub(super) reliance: &'c Reliance,
}

/// A check of a connection.
type OfConnection = Check<fn(&Route<'_>) -> Vec<Verdict>>;

/// The checks of a connection, in the order in which they are told.
pub(super) const OF_CONNECTIONS: &[OfConnection] = &[
    Check {
        name: "service",
        run: connection::service,
    },
    Check {
        name: "service-port",
        run: connection::port,
    },
    Check {
        name: "service-selector",
        run: connection::selector,
    },
    Check {
        name: "node-port",
        run: connection::node_port,
    },
    Check {
        name: "datakit-listen",
        run: listen::listen,
    },
    Check {
        name: "datakit-collector",
        run: connection::collector,
    },
    Check {
        name: "datakit-config-map",
        run: reference::config_maps_of_datakit,
    },
];

/// A check of a pod.
type OfWorkload = Check<fn(&Subject<'_>) -> Vec<Verdict>>;

/// The checks of a pod, in the order in which they are told.
pub(super) const OF_WORKLOADS: &[OfWorkload] = &[
    Check {
        name: "injection",
        run: reference::missing,
    },
    Check {
        name: "datakit-address",
        run: reference::address,
    },
    Check {
        name: POD_SECURITY,
        run: security::pod_security,
    },
    Check {
        name: "run-as-non-root",
        run: user::run_as_non_root,
    },
    Check {
        name: "capabilities",
        run: user::capabilities,
    },
    Check {
        name: "read-only",
        run: user::read_only,
    },
    Check {
        name: "label",
        run: reference::labels,
    },
    Check {
        name: "secret",
        run: reference::secrets,
    },
    Check {
        name: "config-map",
        run: reference::config_maps,
    },
];

/// The check that a namespace can be about, too.
pub(super) const POD_SECURITY: &str = "pod-security";

/// What only a node can tell: it applies to a pod or does not.
pub(super) struct Note {
    /// Its name, in kebab-case.
    pub(super) name: &'static str,
    /// Whether it is about a pod with these injections.
    pub(super) applies: fn(&Reliance) -> bool,
    /// What has to be so on the nodes.
    pub(super) message: &'static str,
    /// What of a pod's is named behind the message.
    pub(super) lists: fn(&Reliance) -> Vec<&str>,
    /// How to see it, for the pods that it applies to.
    pub(super) hint: fn(&[&Reliance]) -> String,
}

pub(super) use node::NOTES;
