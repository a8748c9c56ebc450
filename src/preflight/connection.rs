//! From where something is sent to who takes it: the Service, its port, the pods behind it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use super::address::{Host, Protocol};
use super::cluster::Cluster;
use super::conf::Collector;
use super::conf_mount::{CONF, ConfMount};
use super::datakit::{DataKit, Enablement};
use super::endpoint::Receiver;
use super::finding::Made;
use super::objects::{Labels, ObjectKind, Service, ServicePort, Target, Workload};

/// So many of those behind a Service are looked at: there is one, or a few while one takes the place of
/// another.
const LOOKED_AT: usize = 8;

/// A host that injections send things to, with all that do.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) host: Host,
    /// Its ports, with who has to be there to take what is sent.
    pub(super) doors: BTreeMap<Option<(u16, Protocol)>, BTreeSet<Receiver>>,
    pub(super) made: BTreeSet<Made>,
    /// The positions of the workloads.
    pub(super) users: Vec<usize>,
    /// Whether the host may as well be outside of the cluster, whoever names it.
    pub(super) may_be_outside: bool,
}

impl Connection {
    /// Who has to be there, at any port.
    pub(super) fn receivers(&self) -> impl Iterator<Item = Receiver> {
        self.doors.values().flatten().copied()
    }
}

/// The connections of all workloads, in the order in which they first come.
pub(super) fn connections(cluster: &Cluster) -> Vec<Connection> {
    let mut places: HashMap<&Host, usize> = HashMap::new();
    let mut found: Vec<Connection> = Vec::new();
    for (index, workload) in cluster.workloads.iter().enumerate() {
        let Some(reliance) = &workload.reliance else {
            continue;
        };
        for endpoint in &reliance.endpoints {
            let host = &endpoint.door.host;
            let place = *places.entry(host).or_insert_with(|| {
                found.push(Connection {
                    host: host.clone(),
                    doors: BTreeMap::new(),
                    made: BTreeSet::new(),
                    users: Vec::new(),
                    may_be_outside: true,
                });
                found.len() - 1
            });
            let connection = &mut found[place];
            connection.may_be_outside &= endpoint.may_be_outside;
            let receivers = connection.doors.entry(endpoint.door.port).or_default();
            receivers.insert(endpoint.receiver);
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
    /// A workload behind it that is neither DataKit nor the operator.
    pub(super) other: Option<&'c Workload>,
    /// Those behind it who can take what is sent.
    pub(super) behind: Vec<Behind<'c>>,
}

/// Somebody behind a connection.
pub(super) struct Behind<'c> {
    pub(super) workload: &'c Workload,
    /// DataKit's settings, with what became of each of its collectors that is needed; none for the
    /// operator.
    pub(super) datakit: Option<(&'c DataKit, BTreeMap<&'static str, Rc<Enablement>>)>,
}

/// What stands behind a selector.
struct Selected {
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
            other: None,
            behind: Vec::new(),
        };
        let indexes: Vec<usize> = match &connection.host {
            Host::Service { namespace, name } => {
                let Some(service) = cluster.service(namespace, name) else {
                    return route;
                };
                route.service = Some(service);
                let selected = self.selected(service);
                route.other = selected
                    .other
                    .and_then(|index| cluster.workloads.get(index));
                selected.programs.clone()
            }
            Host::Node => {
                let all = cluster.daemon_sets.iter();
                all.take(LOOKED_AT).copied().collect()
            }
            Host::Pod | Host::Untold(_) => Vec::new(),
        };
        for index in indexes {
            let Some(workload) = cluster.workloads.get(index) else {
                continue;
            };
            let datakit = workload.datakit.as_deref().map(|datakit| {
                let mut answers = BTreeMap::new();
                for name in connection.receivers().filter_map(Receiver::collector) {
                    answers
                        .entry(name)
                        .or_insert_with(|| self.enablement(index, name));
                }
                (datakit, answers)
            });
            route.behind.push(Behind { workload, datakit });
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
    /// The Service's port, if it opens one.
    pub(super) fn port(&self, port: u16, protocol: Protocol) -> Option<&ServicePort> {
        let ports = &self.service?.ports;
        let place = ports.binary_search_by_key(&(port, protocol), |own| (own.port, own.protocol));
        ports.get(place.ok()?)
    }

    /// The port of a pod that is reached by a port of this connection.
    pub(super) fn port_at(
        &self,
        workload: &Workload,
        port: u16,
        protocol: Protocol,
    ) -> Option<u16> {
        match self.service {
            // Its name leads to the pods, and the port is theirs.
            Some(service) if service.is_headless => Some(port),
            Some(_) => match &self.port(port, protocol)?.target {
                Target::Number(number) => Some(*number),
                Target::Name(name) => {
                    let mut ports = workload.ports.iter();
                    let own = ports.find(|own| own.name == *name && own.protocol == protocol)?;
                    Some(own.port)
                }
            },
            None if workload.host_network => Some(port),
            None => host_port(workload, port, protocol),
        }
    }
}

/// The port of a pod that a port of its node leads to.
fn host_port(workload: &Workload, port: u16, protocol: Protocol) -> Option<u16> {
    let mut ports = workload.ports.iter();
    let own = ports.find(|own| own.host_port == Some(port) && own.protocol == protocol)?;
    Some(own.port)
}
