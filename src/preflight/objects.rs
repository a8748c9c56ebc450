//! The objects that injections rely on, as the input shows them: what the checks ask of each, and no
//! more. Of a Secret only its keys are kept.

use super::address::Protocol;
use super::conf::{Collector, collectors};
use super::datakit::{DataKit, program};
use super::pod::Reliance;
use crate::diagnostic::Location;
use crate::workload::{Object, PodTemplate};
use crate::yaml::Node;

/// An object by its name, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// As reports name it.
    pub(super) label: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) location: Location,
}

/// Labels, or what a selector asks of them.
pub(super) type Labels = Vec<(String, String)>;

/// A Service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) known: Known,
    /// The labels of its pods; nothing where it selects none by itself.
    pub(super) selector: Labels,
    /// In their order.
    pub(super) ports: Vec<ServicePort>,
    /// Whether it is another name for a host (`type: ExternalName`).
    pub(super) is_external: bool,
    /// Whether its name leads to the pods themselves (`clusterIP: None`).
    pub(super) is_headless: bool,
}

/// A port of a Service.
#[derive(Clone, Debug)]
pub(super) struct ServicePort {
    pub(super) port: u16,
    pub(super) protocol: Protocol,
    pub(super) target: Target,
}

/// Where a Service's port leads in its pods.
#[derive(Clone, Debug)]
pub(super) enum Target {
    Number(u16),
    /// The container's port of that name.
    Name(String),
}

/// A port of a container.
#[derive(Clone, Debug)]
pub(super) struct ContainerPort {
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) host_port: Option<u16>,
    pub(super) protocol: Protocol,
}

/// A Namespace, as Pod Security sees it.
#[derive(Clone, Debug)]
pub(super) struct Namespace {
    pub(super) known: Known,
    /// `pod-security.kubernetes.io/enforce`.
    pub(super) enforce: Option<String>,
    /// `pod-security.kubernetes.io/enforce-version`.
    pub(super) enforce_version: Option<String>,
}

/// A kind of object that holds values under keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ObjectKind {
    /// Its values are never kept.
    Secret,
    ConfigMap,
}

impl ObjectKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
        }
    }
}

/// A Secret, something that makes one of that name, or a `ConfigMap`.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    pub(super) kind: ObjectKind,
    pub(super) known: Known,
    /// Its keys, in order; nothing where they are not written there.
    pub(super) keys: Option<Vec<String>>,
    /// The collectors of DataKit that files in it enable, with their keys; nothing where there are more
    /// than anybody has.
    pub(super) collectors: Option<Vec<(String, Collector)>>,
}

/// An object that carries a pod.
#[derive(Clone, Debug)]
pub(super) struct Workload {
    pub(super) known: Known,
    pub(super) is_daemon_set: bool,
    /// The labels of its pods; the cluster takes them for its own.
    pub(super) labels: Labels,
    pub(super) host_network: bool,
    pub(super) ports: Vec<ContainerPort>,
    pub(super) datakit: Option<Box<DataKit>>,
    /// Whether it runs the operator.
    pub(super) is_operator: bool,
    /// What the injections of its pods rely on, where they have any.
    pub(super) reliance: Option<Box<Reliance>>,
}

/// One thing that the input shows.
#[derive(Clone, Debug)]
pub struct Seen(pub(super) Sight);

#[derive(Clone, Debug)]
pub(super) enum Sight {
    Service(Service),
    Namespace(Namespace),
    Keyed(Keyed),
    Workload(Box<Workload>),
}

/// Nobody has more ports in a pod, or more files of collectors in a `ConfigMap`.
const MANY: usize = 1000;

/// The kinds without a pod that are looked at.
pub const KINDS: [&str; 3] = ["ConfigMap", "Namespace", "Secret"];

/// How objects are looked at.
pub struct Eye<'e> {
    /// The namespace of objects that name none.
    pub namespace: &'e str,
    /// The place of a node of the unchanged document.
    pub place: &'e dyn Fn(Node<'_>) -> Location,
}

impl Eye<'_> {
    fn known(&self, object: &Object<'_>) -> Known {
        Known {
            label: object.label(),
            namespace: object.namespace.unwrap_or(self.namespace).to_owned(),
            name: object.name.unwrap_or_default().to_owned(),
            location: (self.place)(object.node),
        }
    }

    /// An object without a pod, if it is one that injections can rely on.
    #[must_use]
    pub fn see(&self, object: &Object<'_>) -> Option<Seen> {
        let is_core = object.group.is_none_or(str::is_empty);
        let sight = match object.kind {
            "Service" if is_core => Sight::Service(self.service(object)),
            "Namespace" if is_core => Sight::Namespace(self.of_namespace(object)),
            "Secret" if is_core => Sight::Keyed(self.secret(object, true)),
            "ConfigMap" if is_core => Sight::Keyed(self.config_map(object)),
            // What others make Secrets of.
            "SealedSecret" => Sight::Keyed(self.secret(object, false)),
            "ExternalSecret" => {
                let mut secret = self.secret(object, false);
                let name = object.node.at(&["spec", "target", "name"]);
                if let Some(name) = name.and_then(Node::as_str) {
                    name.clone_into(&mut secret.known.name);
                }
                Sight::Keyed(secret)
            }
            _ => return None,
        };
        Some(Seen(sight))
    }

    /// An object with a pod: `template` as it is written, with what its injections rely on.
    #[must_use]
    pub fn see_workload(
        &self,
        object: &Object<'_>,
        template: &PodTemplate<'_>,
        reliance: Option<Reliance>,
    ) -> Seen {
        let spec = template.node.get("spec");
        let containers = spec.and_then(|spec| spec.get("containers"));
        let containers: Vec<Node<'_>> = containers.map(Node::items).unwrap_or_default();
        let ports = containers.iter().filter_map(|one| one.get("ports"));
        let mut known = self.known(object);
        known.namespace.clone_from(&template.namespace);
        let runs = |name: &str| {
            let mut images = containers
                .iter()
                .filter_map(|one| one.get("image")?.as_str());
            images.any(|image| program(image) == name)
        };
        Seen(Sight::Workload(Box::new(Workload {
            known,
            is_daemon_set: object.kind == "DaemonSet",
            labels: texts(template.node.at(&["metadata", "labels"])),
            host_network: spec
                .and_then(|spec| spec.get("hostNetwork"))
                .and_then(Node::as_bool)
                == Some(true),
            ports: ports
                .flat_map(Node::each_item)
                .filter_map(container_port)
                .take(MANY)
                .collect(),
            datakit: DataKit::read(template.node, self.place),
            is_operator: runs("datakit-operator"),
            reliance: reliance.map(Box::new),
        })))
    }

    fn service(&self, object: &Object<'_>) -> Service {
        let spec = object.node.get("spec");
        let text = |key: &str| spec.and_then(|spec| spec.get(key)).and_then(Node::as_str);
        let ports = spec.and_then(|spec| spec.get("ports"));
        let ports = ports.into_iter().flat_map(Node::each_item);
        let mut ports: Vec<ServicePort> = ports.filter_map(service_port).collect();
        ports.sort_by_cached_key(|own| (usize::from(own.port), own.protocol as usize));
        Service {
            known: self.known(object),
            selector: texts(spec.and_then(|spec| spec.get("selector"))),
            ports,
            is_external: text("type") == Some("ExternalName"),
            is_headless: text("clusterIP") == Some("None"),
        }
    }

    fn of_namespace(&self, object: &Object<'_>) -> Namespace {
        let label = |key: &str| {
            let label = object.node.at(&["metadata", "labels", key]);
            label.and_then(Node::as_str).map(str::to_owned)
        };
        Namespace {
            known: self.known(object),
            enforce: label("pod-security.kubernetes.io/enforce"),
            enforce_version: label("pod-security.kubernetes.io/enforce-version"),
        }
    }

    fn secret(&self, object: &Object<'_>, has_data: bool) -> Keyed {
        let data = ["data", "stringData"].map(|part| object.node.get(part));
        let data = data.into_iter().flatten().flat_map(Node::entries);
        Keyed {
            kind: ObjectKind::Secret,
            known: self.known(object),
            keys: has_data.then(|| keys(data)),
            collectors: None,
        }
    }

    fn config_map(&self, object: &Object<'_>) -> Keyed {
        let data = object
            .node
            .get("data")
            .map(Node::entries)
            .unwrap_or_default();
        let binary = object.node.get("binaryData").map(Node::entries);
        let mut found = Vec::new();
        for (key, value) in &data {
            // Under another name it may still be mounted as such a file.
            let text = value.as_str().unwrap_or_default();
            if text.contains("inputs.") {
                let own = collectors(text).into_iter();
                found.extend(own.map(|own| ((*key).to_owned(), own)));
            }
        }
        Keyed {
            kind: ObjectKind::ConfigMap,
            known: self.known(object),
            keys: Some(keys(data.into_iter().chain(binary.unwrap_or_default()))),
            collectors: (found.len() <= MANY).then_some(found),
        }
    }
}

/// The keys of entries, in order.
fn keys<'a>(entries: impl Iterator<Item = (&'a str, Node<'a>)>) -> Vec<String> {
    let mut keys: Vec<String> = entries.map(|(key, _)| key.to_owned()).collect();
    keys.sort_unstable();
    keys
}

/// A mapping's scalars as texts.
fn texts(node: Option<Node<'_>>) -> Labels {
    let entries = node.map(Node::entries).unwrap_or_default();
    let entries = entries.into_iter();
    entries
        .filter_map(|(key, value)| Some((key.to_owned(), value.as_str()?.to_owned())))
        .collect()
}

fn number(node: Option<Node<'_>>) -> Option<u16> {
    node?.as_str()?.parse().ok()
}

fn protocol(node: Node<'_>) -> Option<Protocol> {
    match node.get("protocol").and_then(Node::as_str) {
        None | Some("TCP") => Some(Protocol::Tcp),
        Some("UDP") => Some(Protocol::Udp),
        Some(_) => None,
    }
}

fn service_port(node: Node<'_>) -> Option<ServicePort> {
    let port = number(node.get("port"))?;
    let target = node.get("targetPort").and_then(Node::as_str);
    Some(ServicePort {
        port,
        protocol: protocol(node)?,
        target: match target.map(|text| (text, text.parse())) {
            None => Target::Number(port),
            Some((_, Ok(number))) => Target::Number(number),
            Some((name, Err(_))) => Target::Name(name.to_owned()),
        },
    })
}

fn container_port(node: Node<'_>) -> Option<ContainerPort> {
    let name = node.get("name").and_then(Node::as_str);
    Some(ContainerPort {
        name: name.unwrap_or_default().to_owned(),
        port: number(node.get("containerPort"))?,
        host_port: number(node.get("hostPort")),
        protocol: protocol(node)?,
    })
}
