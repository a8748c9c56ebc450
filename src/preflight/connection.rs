//! From where something is sent to who takes it: the Service, its port, the pods behind it.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::address::{Host, Protocol};
use super::cluster::Cluster;
use super::conf::Collector;
use super::datakit::{CONF, ConfMount, DataKit, Enablement};
use super::endpoint::{Door, Receiver};
use super::finding::Made;
use super::objects::{Labels, ObjectKind, Service, ServicePort, Target, Workload};

/// So many of those behind a Service are looked at: there is one, or a few while one takes the place of
/// another.
const LOOKED_AT: usize = 8;

/// A place where injections send what they collect, with all that do.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) door: Door,
    /// Who has to be there to take it.
    pub(super) receivers: BTreeSet<Receiver>,
    pub(super) made: BTreeSet<Made>,
    /// The positions of the workloads.
    pub(super) users: Vec<usize>,
}

/// The connections of all workloads, in the order in which they first come.
pub(super) fn connections(cluster: &Cluster) -> Vec<Connection> {
    let mut places: HashMap<&Door, usize> = HashMap::new();
    let mut found: Vec<Connection> = Vec::new();
    for (index, workload) in cluster.workloads.iter().enumerate() {
        let Some(reliance) = &workload.reliance else {
            continue;
        };
        for endpoint in &reliance.endpoints {
            let place = *places.entry(&endpoint.door).or_insert_with(|| {
                found.push(Connection {
                    door: endpoint.door.clone(),
                    receivers: BTreeSet::new(),
                    made: BTreeSet::new(),
                    users: Vec::new(),
                });
                found.len() - 1
            });
            let connection = &mut found[place];
            connection.receivers.insert(endpoint.receiver);
            let made = reliance.made.iter();
            connection
                .made
                .extend(made.filter(|one| one.injection == endpoint.made).copied());
            if connection.users.last() != Some(&index) {
                connection.users.push(index);
            }
        }
    }
    found
}

/// A connection as far as the input shows it.
pub(super) struct Route<'c> {
    pub(super) cluster: &'c Cluster,
    pub(super) connection: &'c Connection,
    /// The Service that it goes by.
    pub(super) service: Option<&'c Service>,
    /// The Service's port.
    pub(super) port: Option<&'c ServicePort>,
    /// How many workloads are behind it.
    pub(super) selected: usize,
    /// A workload behind it that is neither DataKit nor the operator.
    pub(super) other: Option<&'c Workload>,
    /// Those behind it who can take what is sent.
    pub(super) behind: Vec<Behind<'c>>,
}

/// Somebody behind a connection.
pub(super) struct Behind<'c> {
    pub(super) workload: &'c Workload,
    /// The port that is reached there; nothing where that is not told.
    pub(super) port: Option<u16>,
    /// DataKit's settings, with what became of each of its collectors that is needed; none for the
    /// operator.
    pub(super) datakit: Option<(&'c DataKit, Vec<(Receiver, Rc<Enablement>)>)>,
}

/// What stands behind a selector.
struct Selected {
    all: usize,
    programs: Vec<usize>,
    other: Option<usize>,
}

/// Follows connections. What is found for one is kept for the next.
pub(super) struct Router<'c> {
    cluster: &'c Cluster,
    selected: HashMap<(&'c str, &'c Labels), Rc<Selected>>,
    enabled: HashMap<(usize, &'static str), Rc<Enablement>>,
}

impl<'c> Router<'c> {
    pub(super) fn new(cluster: &'c Cluster) -> Self {
        Self {
            cluster,
            selected: HashMap::new(),
            enabled: HashMap::new(),
        }
    }

    /// The way that a connection takes.
    pub(super) fn follow(&mut self, connection: &'c Connection) -> Route<'c> {
        let cluster = self.cluster;
        let mut route = Route {
            cluster,
            connection,
            service: None,
            port: None,
            selected: 0,
            other: None,
            behind: Vec::new(),
        };
        let indexes: Vec<usize> = match &connection.door.host {
            Host::Service {
                namespace, name, ..
            } => {
                let Some(service) = cluster.service(namespace, name) else {
                    return route;
                };
                route.service = Some(service);
                route.port = connection.door.port.and_then(|(port, protocol)| {
                    let place = service
                        .ports
                        .binary_search_by_key(&(port, protocol), |own| (own.port, own.protocol));
                    place.ok().and_then(|place| service.ports.get(place))
                });
                let selected = self.selected(service);
                route.selected = selected.all;
                route.other = selected
                    .other
                    .and_then(|index| cluster.workloads.get(index));
                selected.programs.clone()
            }
            Host::Node => cluster
                .daemon_sets
                .iter()
                .take(LOOKED_AT)
                .copied()
                .collect(),
            Host::Pod | Host::Untold(_) => Vec::new(),
        };
        for index in indexes {
            let Some(workload) = cluster.workloads.get(index) else {
                continue;
            };
            let mut answers = Vec::new();
            if workload.datakit.is_some() {
                for receiver in &connection.receivers {
                    if let Some(name) = receiver.collector() {
                        answers.push((*receiver, self.enablement(index, name)));
                    }
                }
            }
            route.behind.push(Behind {
                workload,
                port: route.port_at(workload),
                datakit: workload.datakit.as_deref().map(|own| (own, answers)),
            });
        }
        route
    }

    fn selected(&mut self, service: &'c Service) -> Rc<Selected> {
        let cluster = self.cluster;
        let namespace = service.known.namespace.as_str();
        let selector = &service.selector;
        let known = self
            .selected
            .entry((namespace, selector))
            .or_insert_with(|| {
                let all = cluster.selected(namespace, selector);
                let is_program = |index: &&usize| {
                    let own = cluster.workloads.get(**index);
                    own.is_some_and(|own| own.datakit.is_some() || own.is_operator)
                };
                Rc::new(Selected {
                    programs: all
                        .iter()
                        .filter(is_program)
                        .take(LOOKED_AT)
                        .copied()
                        .collect(),
                    other: all.iter().find(|index| !is_program(index)).copied(),
                    all: all.len(),
                })
            });
        known.clone()
    }

    fn enablement(&mut self, index: usize, name: &'static str) -> Rc<Enablement> {
        let cluster = self.cluster;
        let known = self.enabled.entry((index, name)).or_insert_with(|| {
            let own = cluster.workloads.get(index);
            let own = own.and_then(|own| Some((own, own.datakit.as_deref()?)));
            Rc::new(match own {
                Some((workload, datakit)) => {
                    let namespace = &workload.known.namespace;
                    datakit.enables(name, &|mount| files(cluster, namespace, mount))
                }
                None => Enablement::Unknown(String::new()),
            })
        });
        known.clone()
    }
}

/// The collectors that a mounted `ConfigMap` configures; nothing where it is not in the input.
fn files(cluster: &Cluster, namespace: &str, mount: &ConfMount) -> Option<Vec<Collector>> {
    let map = cluster.keyed(ObjectKind::ConfigMap, namespace, &mount.config_map)?;
    let all = map.collectors.as_ref()?;
    let is_mounted = |key: &String| match &mount.keys {
        Some(keys) => keys.contains(key),
        None => !mount.is_folder || key.ends_with(CONF),
    };
    let mounted = all.iter().filter(|(key, _)| is_mounted(key));
    Some(mounted.map(|(_, collector)| collector.clone()).collect())
}

impl Route<'_> {
    /// The port of a pod that the connection reaches.
    fn port_at(&self, workload: &Workload) -> Option<u16> {
        let (asked, protocol) = self.connection.door.port?;
        match self.service {
            // Its name leads to the pods, and the port is theirs.
            Some(service) if service.is_headless => Some(asked),
            Some(_) => match &self.port?.target {
                Target::Number(port) => Some(*port),
                Target::Name(name) => {
                    let mut ports = workload.ports.iter();
                    let own = ports.find(|own| own.name == *name && own.protocol == protocol)?;
                    Some(own.port)
                }
            },
            None if workload.host_network => Some(asked),
            None => host_port(workload, asked, protocol),
        }
    }
}

/// The port of a pod that a port of its node leads to.
fn host_port(workload: &Workload, port: u16, protocol: Protocol) -> Option<u16> {
    let mut ports = workload.ports.iter();
    let own = ports.find(|own| own.host_port == Some(port) && own.protocol == protocol)?;
    Some(own.port)
}
