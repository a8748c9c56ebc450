//! What injections rely on, checked against a cluster as the input shows it: the Service that their
//! variables name, DataKit behind it, namespaces, Secrets, users.
//!
//! What is injected is never decided here: the pod template is read as it is with its injections
//! (`pod.rs`), however they came there. What the input shows of the cluster is gathered document by
//! document (`objects.rs`, `datakit.rs`), put together (`cluster.rs`), and then asked by the checks
//! (`checks/`), which are values in tables. Nothing is ever compared with everything.

mod address;
mod checks;
mod cluster;
mod conf;
mod conf_mount;
mod connection;
mod container;
mod datakit;
mod endpoint;
mod environment;
pub mod finding;
mod objects;
mod pod;
mod toml;

use std::collections::{HashMap, HashSet};

pub use cluster::Cluster;
pub use finding::{Checkup, Finding, Group, Made, Status, SubjectKind};
pub use objects::{Eye, KINDS, Seen};
pub use pod::{Configured, Missing, Reliance};

use address::Host;
use checks::{NOTES, OF_CONNECTIONS, OF_WORKLOADS, POD_SECURITY, Subject};
use connection::{Connection, Router, connections};
use finding::Verdict;

/// So many names are told of a list that may be long.
const NAMED: usize = 8;

/// The names of all checks, those of notes included.
#[must_use]
pub fn check_names() -> Vec<&'static str> {
    let connections = OF_CONNECTIONS.iter().map(|check| check.name);
    let workloads = OF_WORKLOADS.iter().map(|check| check.name);
    let notes = NOTES.iter().map(|note| note.name);
    connections.chain(workloads).chain(notes).collect()
}

/// Makes all checks.
#[must_use]
pub fn examine(cluster: &Cluster) -> Checkup {
    let mut checkup = Checkup {
        workloads: cluster.workloads.len(),
        ..Checkup::default()
    };
    let connections = connections(cluster);
    let mut router = Router::new(cluster);
    for connection in &connections {
        let route = router.follow(connection);
        let findings = OF_CONNECTIONS.iter().flat_map(|check| {
            let verdicts = (check.run)(&route).into_iter();
            verdicts.map(|verdict| verdict.of(check.name))
        });
        let users = connection.users.iter();
        checkup.groups.push(Group {
            kind: SubjectKind::Connection,
            name: connection_name(connection),
            location: None,
            injections: connection.made.iter().copied().collect(),
            workloads: labels(users.filter_map(|index| cluster.label(*index))),
            findings: findings.collect(),
        });
    }
    checkup.groups.extend(namespaces(cluster));
    for workload in &cluster.workloads {
        let Some(reliance) = &workload.reliance else {
            continue;
        };
        checkup.injected += usize::from(!reliance.made.is_empty());
        let subject = Subject {
            cluster,
            workload,
            reliance,
        };
        let findings = OF_WORKLOADS.iter().flat_map(|check| {
            let verdicts = (check.run)(&subject).into_iter();
            verdicts.map(|verdict| verdict.of(check.name))
        });
        checkup.groups.push(Group {
            kind: SubjectKind::Workload,
            name: workload.known.label.clone(),
            location: Some(workload.known.location.clone()),
            injections: reliance.made.clone(),
            workloads: Vec::new(),
            findings: findings.collect(),
        });
    }
    checkup.groups.extend(nodes(cluster));
    checkup
}

/// Labels, each once where it stands behind itself: an object can carry several pod templates.
fn labels<'l>(all: impl Iterator<Item = &'l str>) -> Vec<String> {
    let mut labels: Vec<String> = all.map(str::to_owned).collect();
    labels.dedup();
    labels
}

fn connection_name(connection: &Connection) -> String {
    match &connection.host {
        Host::Service { namespace, name } => format!("{namespace}/service/{name}"),
        Host::Node | Host::Pod | Host::Untold(_) => "DataKit on the pod's node".to_owned(),
    }
}

/// What is to be said of namespaces that are not in the input.
fn namespaces(cluster: &Cluster) -> Vec<Group> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, workload) in cluster.workloads.iter().enumerate() {
        let name = workload.known.namespace.as_str();
        let has_injections = workload
            .reliance
            .as_ref()
            .is_some_and(|own| !own.made.is_empty());
        if !has_injections || cluster.namespace(name).is_some() {
            continue;
        }
        let place = *places.entry(name).or_insert_with(|| {
            found.push((name, Vec::new()));
            found.len() - 1
        });
        found[place].1.push(index);
    }
    let group = |(name, indexes): (&str, Vec<usize>)| {
        let pods = indexes.iter().filter_map(|index| cluster.reliance(*index));
        let verdict = checks::unknown_namespace(name, pods)?;
        Some(Group {
            kind: SubjectKind::Namespace,
            name: format!("namespace/{name}"),
            location: None,
            injections: Vec::new(),
            workloads: labels(indexes.iter().filter_map(|index| cluster.label(*index))),
            findings: vec![verdict.of(POD_SECURITY)],
        })
    };
    found.into_iter().filter_map(group).collect()
}

/// What only the nodes can tell.
fn nodes(cluster: &Cluster) -> Option<Group> {
    let reliances = || {
        let workloads = cluster.workloads.iter();
        workloads.filter_map(|own| own.reliance.as_deref())
    };
    let notes = NOTES.iter().filter_map(|note| {
        let mut names = Vec::new();
        let mut known = HashSet::new();
        let applies: Vec<&Reliance> = reliances().filter(|own| (note.applies)(own)).collect();
        for reliance in &applies {
            let listed = (note.lists)(reliance).into_iter();
            names.extend(listed.filter(|name| known.insert(*name)));
        }
        let mut message = note.message.to_owned();
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        if !names.is_empty() {
            message.push_str(": ");
            message.push_str(&names.join(", "));
        }
        if more > 0 {
            message.push_str(", and ");
            message.push_str(&more.to_string());
            message.push_str(" more");
        }
        let verdict = || Verdict::note(message).hint((note.hint)(&applies));
        (!applies.is_empty()).then(|| verdict().of(note.name))
    });
    let findings: Vec<Finding> = notes.collect();
    (!findings.is_empty()).then(|| Group {
        kind: SubjectKind::Nodes,
        name: "the nodes".to_owned(),
        location: None,
        injections: Vec::new(),
        workloads: Vec::new(),
        findings,
    })
}
