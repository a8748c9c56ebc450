//! Whether what injections send arrives: the Service, its port, the pods behind it, and DataKit there.

use crate::preflight::address::{Host, Protocol};
use crate::preflight::connection::{Behind, Route};
use crate::preflight::datakit::{DataKit, Enablement, HTTP_PORT, Listen};
use crate::preflight::endpoint::Receiver;
use crate::preflight::finding::Verdict;

/// How many ports are named of those that a Service opens.
const NAMED: usize = 6;

/// Where logfwdserver and statsd listen by what DataKit writes for them, and opentelemetry's gRPC.
const LOGFWDSERVER: (bool, u16) = (false, 9533);
const STATSD: (bool, u16) = (false, 8125);
const OTEL_GRPC: (bool, u16) = (true, 4317);

/// Whether the Service is there.
pub(super) fn service(route: &Route<'_>) -> Vec<Verdict> {
    let Host::Service {
        namespace,
        name,
        may_be_outside,
    } = &route.connection.door.host
    else {
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
        None if route.cluster.shows_services(namespace) => {
            Verdict::fail(format!("the namespace {namespace} has no Service {name}"))
                .hint("add the Service, or name the one that is there in the configuration's envs")
        }
        None => {
            let doubt = if *may_be_outside {
                format!(", and {name}.{namespace} may be a host outside of the cluster")
            } else {
                String::new()
            };
            Verdict::unknown(format!(
                "no Service of the namespace {namespace} is in the input{doubt}"
            ))
            .hint("name DataKit's manifests beside the workloads: preflight datakit.yaml k8s/")
        }
    };
    vec![verdict]
}

/// Whether the Service opens the port.
pub(super) fn port(route: &Route<'_>) -> Vec<Verdict> {
    let door = &route.connection.door;
    let (Some(service), Some((port, protocol))) = (route.service, door.port) else {
        return Vec::new();
    };
    let label = &service.known.label;
    let asked = format!("{port}/{}", protocol.name());
    if service.is_external {
        return Vec::new();
    }
    if service.is_headless {
        let message = format!("{label} is headless: its name leads to the pods and their {asked}");
        return vec![Verdict::pass(message)];
    }
    if route.port.is_some() {
        return vec![Verdict::pass(format!("{label} opens {asked}"))];
    }
    let mut opened: Vec<String> = service
        .ports
        .iter()
        .take(NAMED)
        .map(|own| format!("{}/{}", own.port, own.protocol.name()))
        .collect();
    if service.ports.len() > NAMED {
        opened.push("…".to_owned());
    }
    let opened = match &opened[..] {
        [] => "no port".to_owned(),
        ports => format!("{} alone", ports.join(", ")),
    };
    let hint = match protocol {
        Protocol::Tcp => format!("add the port {port} to the Service"),
        Protocol::Udp => format!("add the port {port} with protocol: UDP to the Service"),
    };
    let message = format!("{label} does not open {asked}: it opens {opened}");
    vec![
        Verdict::fail(message)
            .hint(hint)
            .at(&service.known.location),
    ]
}

/// Whether the Service selects the pods of DataKit, or of the operator.
pub(super) fn selector(route: &Route<'_>) -> Vec<Verdict> {
    let Some(service) = route.service.filter(|service| !service.is_external) else {
        return Vec::new();
    };
    let label = &service.known.label;
    let receivers = &route.connection.receivers;
    let mut verdicts = Vec::new();
    for is_operator in [false, true] {
        let is_meant = |receiver: &Receiver| (*receiver == Receiver::Operator) == is_operator;
        if !receivers.iter().any(is_meant) {
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
    if route.connection.door.host != Host::Node {
        return Vec::new();
    }
    if route.behind.is_empty() {
        let message = "no DaemonSet of DataKit is in the input";
        let hint = "name DataKit's manifests beside the workloads: preflight datakit.yaml k8s/";
        return vec![Verdict::unknown(message).hint(hint)];
    }
    let Some((port, protocol)) = route.connection.door.port else {
        return Vec::new();
    };
    let asked = format!("{port}/{}", protocol.name());
    let one = |behind: &Behind<'_>| {
        let known = &behind.workload.known;
        let label = &known.label;
        if behind.workload.host_network {
            Verdict::pass(format!("{label} is on its node's network"))
        } else if behind.port.is_some() {
            Verdict::pass(format!("{label} has the hostPort {asked}"))
        } else {
            let message =
                format!("{label} is not on its node's network and has no hostPort {asked}");
            Verdict::fail(message)
                .hint(format!(
                    "set hostNetwork: true or hostPort: {port}, or send to DataKit's Service"
                ))
                .at(&known.location)
        }
    };
    route.behind.iter().map(one).collect()
}

/// Whether DataKit listens where the connection leads.
pub(super) fn listen(route: &Route<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for behind in &route.behind {
        let (Some((datakit, answers)), Some(port)) = (&behind.datakit, behind.port) else {
            continue;
        };
        let label = &behind.workload.known.label;
        let mut http_is_told = false;
        for (receiver, enablement) in answers {
            let found = match &**enablement {
                Enablement::Yes(found) => found,
                // What is said of the collector says it all.
                Enablement::No { .. } | Enablement::Unknown(_) => continue,
            };
            let http = datakit.http();
            let by_http = http.is_some_and(|http| http.port == port);
            let (listens, what, setting) = match receiver {
                Receiver::Statsd => {
                    let listens = DataKit::listens(found, STATSD, |own| own.address.as_ref());
                    (listens, "statsd", "service_address in its file")
                }
                Receiver::Logfwdserver => {
                    let listens = DataKit::listens(found, LOGFWDSERVER, |own| own.address.as_ref());
                    (listens, "logfwdserver", "address in its logfwdserver.conf")
                }
                Receiver::Opentelemetry { grpc } if grpc.unwrap_or(!by_http) => {
                    let listens = match datakit.otel_grpc() {
                        Some(own) => vec![Some(own.clone())],
                        None => DataKit::listens(found, OTEL_GRPC, |own| own.grpc.as_ref()),
                    };
                    (
                        listens,
                        "opentelemetry's gRPC",
                        "addr of opentelemetry's gRPC",
                    )
                }
                Receiver::Ddtrace | Receiver::Profile | Receiver::Opentelemetry { .. } => {
                    if std::mem::replace(&mut http_is_told, true) {
                        continue;
                    }
                    (vec![http.cloned()], "its HTTP API", "ENV_HTTP_LISTEN")
                }
                Receiver::Container | Receiver::Operator => continue,
            };
            verdicts.push(reached(label, &listens, port, what, setting));
        }
    }
    verdicts
}

fn reached(
    label: &str,
    listens: &[Option<Listen>],
    port: u16,
    what: &str,
    setting: &str,
) -> Verdict {
    let told = || listens.iter().flatten();
    if told().any(|own| own.port == port && !own.is_loopback) {
        return Verdict::pass(format!("{what} of {label} listens on port {port}"));
    }
    let Some(own) = told()
        .next()
        .filter(|_| listens.iter().all(Option::is_some))
    else {
        let message = format!("the input does not tell where {what} of {label} listens");
        return Verdict::unknown(message);
    };
    let default = if own.location.is_none() && setting == "ENV_HTTP_LISTEN" {
        format!(", since {setting} is not set")
    } else {
        String::new()
    };
    let (message, address) = if own.port == port || own.port == HTTP_PORT && own.is_loopback {
        let only = format!("{what} of {label} listens on localhost alone{default}");
        (only, format!("0.0.0.0:{port}"))
    } else {
        let other = format!("{what} of {label} listens on port {}, not {port}", own.port);
        (other, format!("0.0.0.0:{port}"))
    };
    let verdict = Verdict::fail(message).hint(format!("set {setting} to {address}"));
    match &own.location {
        Some(location) => verdict.at(location),
        None => verdict,
    }
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
        let mut told = Vec::new();
        for (receiver, enablement) in answers {
            let Some(name) = receiver.collector().filter(|name| !told.contains(name)) else {
                continue;
            };
            told.push(name);
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
                    let hint = if name == "logfwdserver" {
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
