//! Whether what injections send arrives: the Service, its port, the pods behind it, and DataKit there.

use std::collections::BTreeSet;

use crate::preflight::address::{Host, Protocol};
use crate::preflight::connection::{Behind, Route};
use crate::preflight::datakit::Enablement;
use crate::preflight::endpoint::Receiver;
use crate::preflight::finding::Verdict;
use crate::preflight::objects::{Service, ServicePort};

/// How many ports are named of those that a Service opens.
const NAMED: usize = 6;

/// Whether the Service is there.
pub(super) fn service(route: &Route<'_>) -> Vec<Verdict> {
    let Host::Service { namespace, name } = &route.connection.host else {
        return Vec::new();
    };
    let verdict = match route.service {
        Some(service) if service.is_external => Verdict::unknown(format!(
            "{} is another name for a host outside of the cluster",
            service.known.label
        ))
        .at(&service.known.location),
        Some(service) => {
            Verdict::pass(format!("{} is there", service.known.label)).at(&service.known.location)
        }
        None => no_service(route, namespace, name),
    };
    vec![verdict]
}

/// What is to be said where the input has no such Service: that it is not there where the input has
/// those who stand behind it.
fn no_service(route: &Route<'_>, namespace: &str, name: &str) -> Verdict {
    let mut receivers = route.connection.receivers();
    let for_operator = receivers.all(|receiver| receiver == Receiver::Operator);
    if let Some(program) = route.cluster.program(namespace, for_operator) {
        let known = &program.known;
        return Verdict::fail(format!(
            "{} is in the input, but no Service {name} of its namespace",
            known.label
        ))
        .hint("add the Service, or name the one that is there in the configuration's envs")
        .at(&known.location);
    }
    let message = format!("no Service {name} of the namespace {namespace} is in the input");
    let who = if for_operator {
        "the operator"
    } else {
        "DataKit"
    };
    let elsewhere = route.cluster.daemon_sets.first().filter(|_| !for_operator);
    let doubt = match elsewhere.and_then(|index| route.cluster.label(*index)) {
        Some(label) => format!(", and {who} is another namespace's: {label}"),
        None if route.connection.may_be_outside => {
            format!(", and {name}.{namespace} may be a host outside of the cluster")
        }
        None => String::new(),
    };
    Verdict::unknown(format!("{message}{doubt}")).hint(format!(
        "name the manifests of {who} beside the workloads: preflight datakit.yaml k8s/"
    ))
}

/// Whether the Service opens the ports.
pub(super) fn port(route: &Route<'_>) -> Vec<Verdict> {
    let Some(service) = route.service.filter(|service| !service.is_external) else {
        return Vec::new();
    };
    let label = &service.known.label;
    let one = |(door, receivers): (&Option<(u16, Protocol)>, &BTreeSet<Receiver>)| {
        let (port, protocol) = (*door)?;
        let asked = format!("{port}/{}", protocol.name());
        Some(if service.is_headless {
            let message =
                format!("{label} is headless: its name leads to the pods and their {asked}");
            Verdict::pass(message)
        } else if route.port(port, protocol).is_some() {
            Verdict::pass(format!("{label} opens {asked}"))
        } else {
            let hint = match protocol {
                Protocol::Tcp => format!("add the port {port} to the Service"),
                Protocol::Udp => format!("add the port {port} with protocol: UDP to the Service"),
            };
            let (who, opened) = (names(receivers), opened(service));
            let message = format!("{label} does not open {asked} for {who}: it opens {opened}");
            Verdict::fail(message)
                .hint(hint)
                .at(&service.known.location)
        })
    };
    route.connection.doors.iter().filter_map(one).collect()
}

/// The names of those who have to be there.
fn names(receivers: &BTreeSet<Receiver>) -> String {
    let mut names: Vec<&str> = receivers
        .iter()
        .map(|receiver| receiver.collector().unwrap_or("the operator"))
        .collect();
    names.dedup();
    names.join(" and ")
}

/// The ports that a Service opens, in words.
fn opened(service: &Service) -> String {
    let name = |own: &ServicePort| format!("{}/{}", own.port, own.protocol.name());
    let mut ports: Vec<String> = service.ports.iter().take(NAMED).map(name).collect();
    if service.ports.len() > NAMED {
        ports.push("…".to_owned());
    }
    match &ports[..] {
        [] => "no port".to_owned(),
        ports => format!("{} alone", ports.join(", ")),
    }
}

/// Whether the Service selects the pods of DataKit, or of the operator.
pub(super) fn selector(route: &Route<'_>) -> Vec<Verdict> {
    let Some(service) = route.service.filter(|service| !service.is_external) else {
        return Vec::new();
    };
    let label = &service.known.label;
    let mut verdicts = Vec::new();
    for is_operator in [false, true] {
        let is_meant = |receiver: Receiver| (receiver == Receiver::Operator) == is_operator;
        if !route.connection.receivers().any(is_meant) {
            continue;
        }
        let who = if is_operator {
            "the operator"
        } else {
            "DataKit"
        };
        let fits = |one: &&Behind<'_>| {
            if is_operator {
                one.workload.is_operator
            } else {
                one.datakit.is_some()
            }
        };
        let behind: Vec<&str> = route
            .behind
            .iter()
            .filter(fits)
            .map(|one| one.workload.known.label.as_str())
            .collect();
        let namespace = &service.known.namespace;
        verdicts.push(if service.selector.is_empty() {
            let message = format!("{label} selects no pods: who is behind it is written elsewhere");
            Verdict::unknown(message).at(&service.known.location)
        } else if !behind.is_empty() {
            Verdict::pass(format!("{label} selects {}", behind.join(", ")))
        } else if let Some(meant) = route.cluster.program(namespace, is_operator) {
            let known = &meant.known;
            let message = format!("{label} does not select the pods of {}", known.label);
            Verdict::fail(message)
                .hint("its selector must have labels of the pod template, and no others")
                .at(&service.known.location)
        } else if let Some(other) = route.other {
            let other = &other.known.label;
            Verdict::unknown(format!(
                "{label} selects {other}, which is not known to be {who}"
            ))
        } else {
            let message =
                format!("no pod template in the input has the labels that {label} selects");
            let hint = format!("name the manifest of {who}, too");
            Verdict::unknown(message).hint(hint)
        });
    }
    verdicts
}

/// Whether DataKit is reached by the address of the pod's node.
pub(super) fn node_port(route: &Route<'_>) -> Vec<Verdict> {
    if route.connection.host != Host::Node {
        return Vec::new();
    }
    if route.behind.is_empty() {
        let message = "no DaemonSet of DataKit is in the input";
        let hint = "name DataKit's manifests beside the workloads: preflight datakit.yaml k8s/";
        return vec![Verdict::unknown(message).hint(hint)];
    }
    let mut verdicts = Vec::new();
    for behind in &route.behind {
        let known = &behind.workload.known;
        let label = &known.label;
        if behind.workload.host_network {
            verdicts.push(Verdict::pass(format!("{label} is on its node's network")));
            continue;
        }
        for (port, protocol) in route.connection.doors.keys().flatten().copied() {
            let asked = format!("{port}/{}", protocol.name());
            verdicts.push(
                if route.port_at(behind.workload, port, protocol).is_some() {
                    Verdict::pass(format!("{label} has the hostPort {asked}"))
                } else {
                    let message =
                        format!("{label} is not on its node's network and has no hostPort {asked}");
                    Verdict::fail(message)
                    .hint(format!(
                        "set hostNetwork: true or hostPort: {port}, or send to DataKit's Service"
                    ))
                    .at(&known.location)
                },
            );
        }
    }
    verdicts
}

/// Whether DataKit has the collector for what is sent.
pub(super) fn collector(route: &Route<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for behind in &route.behind {
        let Some((_, answers)) = &behind.datakit else {
            continue;
        };
        let known = &behind.workload.known;
        let label = &known.label;
        for (name, enablement) in answers {
            verdicts.push(match &**enablement {
                Enablement::Yes(_) => Verdict::pass(format!("{label} has the collector {name}")),
                Enablement::Unknown(why) => {
                    let message = format!(
                        "the input does not tell whether {label} has the collector {name}: {why}"
                    );
                    Verdict::unknown(message).at(&known.location)
                }
                Enablement::No {
                    why,
                    location,
                    variable,
                } => {
                    let hint = if *name == "logfwdserver" {
                        format!("mount a {name}.conf from a ConfigMap below its conf.d/log")
                    } else {
                        format!("add {name} to {variable}")
                    };
                    Verdict::fail(format!("{label} lacks the collector {name}: {why}"))
                        .hint(hint)
                        .at(location.as_ref().unwrap_or(&known.location))
                }
            });
        }
    }
    verdicts
}
