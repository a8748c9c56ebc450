//! The variables by which what is injected knows where to send what it collects, and who has to be
//! there to take it.
//!
//! A new variable is a line in the function of its injection. The names are those that the libraries
//! and sidecars document; the defaults are theirs, too.

use super::address::{
    Host, Protocol, authority, has_path, host, is_loopback, may_be_outside, of_url, split_port,
};
use super::environment::{Environment, Value};
use super::pod::Distinct;
use crate::inject::Injection;
use crate::yaml::{Node, json};

/// What takes what is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Receiver {
    /// DataKit's collector for traces of Datadog's libraries.
    Ddtrace,
    /// DataKit's collector for OTLP: by gRPC, by HTTP, or by what the library takes for its default.
    Opentelemetry {
        /// Whether it is gRPC, where that is told.
        grpc: Option<bool>,
    },
    /// DataKit's collector for profiles.
    Profile,
    /// DataKit's collector for metrics of a JVM.
    Statsd,
    /// DataKit's collector for logs of logfwd.
    Logfwdserver,
    /// DataKit's collector for the logs of a node's containers.
    Container,
    /// The operator, which tells logfwd what to collect.
    Operator,
}

impl Receiver {
    /// The name of DataKit's collector.
    pub(super) const fn collector(self) -> Option<&'static str> {
        match self {
            Self::Ddtrace => Some("ddtrace"),
            Self::Opentelemetry { .. } => Some("opentelemetry"),
            Self::Profile => Some("profile"),
            Self::Statsd => Some("statsd"),
            Self::Logfwdserver => Some("logfwdserver"),
            Self::Container => Some("container"),
            Self::Operator => None,
        }
    }
}

/// Where something is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Door {
    pub(super) host: Host,
    /// The port; none where nothing is sent, but fetched.
    pub(super) port: Option<(u16, Protocol)>,
}

/// A door, who is behind it, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Endpoint {
    pub(super) door: Door,
    pub(super) receiver: Receiver,
    pub(super) made: Injection,
    /// Whether the host may as well be outside of the cluster.
    pub(super) may_be_outside: bool,
}

/// An address that the manifests do not tell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct UntoldAddress {
    pub(super) injection: Injection,
    /// Why, in words.
    pub(super) why: String,
    /// What to do about it, where it is certain that nothing arrives.
    pub(super) remedy: Option<String>,
}

/// Where the injections of a pod send what they collect; collected container by container.
#[derive(Debug)]
pub(super) struct Talks<'t> {
    /// The pod's namespace.
    pub(super) namespace: &'t str,
    /// Whether it is on its node's network, and so the node is itself.
    pub(super) host_network: bool,
    pub(super) endpoints: Distinct<Endpoint>,
    pub(super) untold: Distinct<UntoldAddress>,
}

impl Talks<'_> {
    /// Adds where an injection sends things from a container.
    pub(super) fn add(&mut self, injection: Injection, env: &Environment<'_>) {
        match injection {
            Injection::Ddtrace => self.ddtrace(env),
            Injection::Otel => self.otel(env),
            Injection::Logfwd => self.logfwd(env),
            Injection::Profiler => {
                let ask = (injection, Receiver::Profile);
                self.host_and_port(env, ask, ("DK_AGENT_HOST", "DK_AGENT_PORT"), 9529);
            }
            Injection::Flameshot => {
                self.url(
                    env,
                    (injection, Receiver::Profile),
                    "FLAMESHOT_DATAKIT_ADDR",
                );
            }
            // DataKit reads the annotation and the files itself, on the pod's node.
            Injection::Logging => self.push(
                (injection, Receiver::Container),
                Door {
                    host: Host::Node,
                    port: None,
                },
                false,
            ),
        }
    }

    fn ddtrace(&mut self, env: &Environment<'_>) {
        let injection = Injection::Ddtrace;
        let options = env.text(JAVA_OPTIONS).unwrap_or_default();
        if options.contains("-Ddd.agent.") || options.contains("-Ddd.trace.agent.") {
            let why = format!("{JAVA_OPTIONS} has -Ddd.…agent…, which wins over the variables");
            return self.leave_untold(injection, why);
        }
        let is_on = |value: &str| matches!(value, "1" | "true" | "True" | "TRUE" | "auto");
        let mut receivers = vec![Receiver::Ddtrace];
        if env.text("DD_PROFILING_ENABLED").is_some_and(is_on) {
            receivers.push(Receiver::Profile);
        }
        for receiver in receivers {
            let ask = (injection, receiver);
            if env.is_set("DD_TRACE_AGENT_URL") {
                self.url(env, ask, "DD_TRACE_AGENT_URL");
            } else {
                let names = ("DD_AGENT_HOST", "DD_TRACE_AGENT_PORT");
                self.host_and_port(env, ask, names, 8126);
            }
        }
        // Metrics of the JVM are Java's alone.
        let fetches = env.text("DD_JMXFETCH_ENABLED").is_none_or(is_on);
        if fetches && loads_java_library(env) && env.is_set("DD_JMXFETCH_STATSD_HOST") {
            let names = ("DD_JMXFETCH_STATSD_HOST", "DD_JMXFETCH_STATSD_PORT");
            self.host_and_port(env, (injection, Receiver::Statsd), names, 8125);
        }
    }

    fn otel(&mut self, env: &Environment<'_>) {
        let injection = Injection::Otel;
        let mut nowhere = None;
        let mut sends = false;
        for signal in ["TRACES", "METRICS", "LOGS"] {
            let exporter = env.text(name(&["OTEL_", signal, "_EXPORTER"]).as_str());
            if exporter.is_some_and(|exporter| !exporter.contains("otlp")) {
                continue;
            }
            let own = name(&["OTEL_EXPORTER_OTLP_", signal, "_ENDPOINT"]);
            let general = "OTEL_EXPORTER_OTLP_ENDPOINT";
            let variable = [own.as_str(), general]
                .into_iter()
                .find(|name| env.is_set(name));
            let Some(variable) = variable else {
                // The others are not sent by every library.
                if signal == "TRACES" {
                    nowhere = Some(format!("neither {own} nor {general} is set"));
                }
                continue;
            };
            sends = true;
            let own = name(&["OTEL_EXPORTER_OTLP_", signal, "_PROTOCOL"]);
            let protocol = env
                .text(&own)
                .or_else(|| env.text("OTEL_EXPORTER_OTLP_PROTOCOL"));
            // A path is where HTTP is sent to; gRPC knows none.
            let has_path = env.text(variable).is_some_and(has_path);
            let grpc = protocol.map(|protocol| protocol == "grpc");
            let grpc = grpc.or(has_path.then_some(false));
            let ask = (injection, Receiver::Opentelemetry { grpc });
            self.url(env, ask, variable);
        }
        if let Some(why) = nowhere.filter(|_| !sends) {
            self.leave_untold(injection, why);
        }
    }

    fn logfwd(&mut self, env: &Environment<'_>) {
        let injection = Injection::Logfwd;
        let ask = (injection, Receiver::Logfwdserver);
        let (host, port) = ("LOGFWD_DATAKIT_HOST", "LOGFWD_DATAKIT_PORT");
        if env.is_set(host) && env.is_set(port) {
            self.host_and_port(env, ask, (host, port), 0);
        } else {
            let instances = env.text("LOGFWD_JSON_CONFIG").and_then(first_address);
            if let Some((host, Some(port))) = instances.as_deref().map(split_port) {
                self.to(ask, host, port.parse().ok(), "datakit_addr");
            } else {
                let why = format!("neither {host} and {port} nor a datakit_addr is set");
                self.leave_untold(injection, why);
            }
        }
        let operator = "LOGFWD_DATAKIT_OPERATOR_ENDPOINT";
        if self.is_unresolved(injection, env, operator) {
            return;
        }
        if let Value::Text(text) = env.value(operator)
            && !text.is_empty()
        {
            // HTTPS, whatever it says.
            let (host, port) = of_url(text).unwrap_or((text, None));
            let port = if text.contains("://") || port.is_some() {
                port
            } else {
                Some(443)
            };
            self.to((injection, Receiver::Operator), host, port, operator);
        }
    }

    fn host_and_port(
        &mut self,
        env: &Environment<'_>,
        ask: (Injection, Receiver),
        (host, port): (&str, &str),
        default: u16,
    ) {
        if [host, port]
            .into_iter()
            .any(|name| self.is_unresolved(ask.0, env, name))
        {
            return;
        }
        let number = match env.value(port) {
            Value::Text(text) if !text.is_empty() => text.trim().parse().ok(),
            Value::Untold => None,
            Value::Text(_) | Value::Missing => Some(default),
        };
        match (env.value(host), number) {
            (Value::Text(name), Some(number)) => self.to(ask, name, Some(number), host),
            (Value::Missing, _) => self.leave_untold(ask.0, format!("{host} is not set")),
            (Value::Untold, _) => {
                let why = format!("the value of {host} comes from elsewhere");
                self.leave_untold(ask.0, why);
            }
            (_, None) => {
                let why = format!("the value of {port} comes from elsewhere, or is no port");
                self.leave_untold(ask.0, why);
            }
        }
    }

    fn url(&mut self, env: &Environment<'_>, ask: (Injection, Receiver), variable: &str) {
        if self.is_unresolved(ask.0, env, variable) {
            return;
        }
        match env.value(variable) {
            Value::Text(text) => {
                if let Some((host, port)) = of_url(text) {
                    self.to(ask, host, port, variable);
                } else {
                    let why = format!("{variable} is no URL with http or https");
                    self.leave_untold(ask.0, why);
                }
            }
            Value::Untold => {
                let why = format!("the value of {variable} comes from elsewhere");
                self.leave_untold(ask.0, why);
            }
            Value::Missing => self.leave_untold(ask.0, format!("{variable} is not set")),
        }
    }

    fn to(&mut self, ask: (Injection, Receiver), name: &str, port: Option<u16>, variable: &str) {
        let Some(port) = port.filter(|port| *port != 0) else {
            return self.leave_untold(ask.0, format!("{variable} has no port"));
        };
        let protocol = match ask.1 {
            Receiver::Statsd => Protocol::Udp,
            _ => Protocol::Tcp,
        };
        let host = match host(name, self.namespace) {
            Host::Untold(why) => {
                let why = format!("{variable} does not name a Service: {why}");
                return self.leave_untold(ask.0, why);
            }
            Host::Pod if self.host_network => Host::Node,
            Host::Pod if is_loopback(name) => {
                let why = format!("{variable} is the pod itself");
                return self.leave_untold(ask.0, why);
            }
            Host::Pod => {
                let why = format!("{variable} is the pod's own address");
                return self.leave_untold(ask.0, why);
            }
            host => host,
        };
        let port = Some((port, protocol));
        self.push(ask, Door { host, port }, may_be_outside(name));
    }

    fn push(&mut self, (made, receiver): (Injection, Receiver), door: Door, may_be_outside: bool) {
        self.endpoints.push(Endpoint {
            door,
            receiver,
            made,
            may_be_outside,
        });
    }

    fn leave_untold(&mut self, injection: Injection, why: String) {
        self.untold.push(UntoldAddress {
            injection,
            why,
            remedy: None,
        });
    }

    /// Whether a variable holds a `$(NAME)` where the address is that the kubelet leaves as it is; then
    /// nothing arrives, which is noted.
    fn is_unresolved(
        &mut self,
        injection: Injection,
        env: &Environment<'_>,
        variable: &str,
    ) -> bool {
        let Some((name, is_behind)) = env.unresolved(variable) else {
            return false;
        };
        let text = env.text(variable).unwrap_or_default();
        if !authority(text).contains(&format!("$({name})")) {
            return false;
        }
        let (why, remedy) = if is_behind {
            let why = format!("{name} is defined behind it");
            (why, format!("define {name} in front of {variable}"))
        } else {
            let why = format!("there is no {name}");
            (why, format!("define {name}, in front of {variable}"))
        };
        let why =
            format!("{variable} has $({name}), which the kubelet leaves as it is, since {why}");
        self.untold.push(UntoldAddress {
            injection,
            why,
            remedy: Some(remedy),
        });
        true
    }
}

/// The variable with the options of every JVM.
pub(super) const JAVA_OPTIONS: &str = "JAVA_TOOL_OPTIONS";

/// Whether a container's JVM loads a library that was injected.
pub(super) fn loads_java_library(env: &Environment<'_>) -> bool {
    let options = env.text(JAVA_OPTIONS).unwrap_or_default();
    let paths = [
        "-javaagent:/datadog-lib/",
        "-javaagent:/otel-auto-instrumentation-java/",
    ];
    paths.iter().any(|path| options.contains(path))
}

fn name(parts: &[&str]) -> String {
    parts.concat()
}

/// The first `datakit_addr` of logfwd's instances.
fn first_address(text: &str) -> Option<String> {
    let tree = json::parse(text).ok()?;
    let instances = tree.root_node()?;
    let mut addresses = instances
        .each_item()
        .filter_map(|instance| instance.get("datakit_addr").and_then(Node::as_string));
    let first = addresses.find(|address| !address.is_empty())?;
    Some(first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;
    use std::fmt::Write as _;

    /// Where an injection sends things from a container with these variables: host, port, receiver;
    /// and what is not told.
    fn talks(injection: Injection, env: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let mut text = "env:\n".to_owned();
        for (name, value) in env {
            let _ = writeln!(text, "- {{name: {name}, {value}}}");
        }
        let parsed = parse(&text).unwrap();
        let mut talks = Talks {
            namespace: "shop",
            host_network: false,
            endpoints: Distinct::default(),
            untold: Distinct::default(),
        };
        let env = Environment::of(parsed.tree.root_node().unwrap());
        talks.add(injection, &env);
        let told = talks.endpoints.items.iter().map(|one| {
            let host = match &one.door.host {
                Host::Service { namespace, name } => format!("{namespace}/{name}"),
                other => format!("{other:?}"),
            };
            let port = one
                .door
                .port
                .map(|(port, protocol)| (port, protocol.name()));
            format!("{host} {port:?} {:?}", one.receiver)
        });
        let untold = talks.untold.items.iter().map(|one| one.why.clone());
        (told.collect(), untold.collect())
    }

    const HOST: (&str, &str) = ("DD_AGENT_HOST", "value: datakit-service.datakit.svc");

    #[test]
    fn variables_of_ddtrace_have_an_order() {
        let (told, _) = talks(Injection::Ddtrace, &[HOST]);
        assert_eq!(
            told,
            ["datakit/datakit-service Some((8126, \"TCP\")) Ddtrace"]
        );
        let port = ("DD_TRACE_AGENT_PORT", "value: '9529'");
        let url = ("DD_TRACE_AGENT_URL", "value: 'http://other:80/x'");
        let profiling = ("DD_PROFILING_ENABLED", "value: 'true'");
        let (told, _) = talks(Injection::Ddtrace, &[HOST, port, url, profiling]);
        assert_eq!(
            told,
            [
                "shop/other Some((80, \"TCP\")) Ddtrace",
                "shop/other Some((80, \"TCP\")) Profile"
            ]
        );
        // Metrics are Java's alone, and can be switched off.
        let statsd = ("DD_JMXFETCH_STATSD_HOST", "value: s");
        let java = (
            JAVA_OPTIONS,
            "value: ' -javaagent:/datadog-lib/dd-java-agent.jar'",
        );
        let off = ("DD_JMXFETCH_ENABLED", "value: 'false'");
        let count = |env: &[(&str, &str)]| talks(Injection::Ddtrace, env).0.len();
        assert_eq!(count(&[HOST, statsd]), 1);
        assert_eq!(count(&[HOST, statsd, java]), 2);
        assert_eq!(count(&[HOST, statsd, java, off]), 1);
    }

    #[test]
    fn signals_of_otel_that_are_not_sent_need_nobody() {
        let general = ("OTEL_EXPORTER_OTLP_ENDPOINT", "value: 'http://a:4317'");
        let grpc = ("OTEL_EXPORTER_OTLP_PROTOCOL", "value: grpc");
        let (told, untold) = talks(Injection::Otel, &[general, grpc]);
        let expected = "shop/a Some((4317, \"TCP\")) Opentelemetry { grpc: Some(true) }";
        assert_eq!(told, [expected]);
        assert!(untold.is_empty());
        let metrics = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "value: 'http://b:1'");
        let none = ("OTEL_METRICS_EXPORTER", "value: none");
        assert_eq!(talks(Injection::Otel, &[general, metrics]).0.len(), 2);
        assert_eq!(talks(Injection::Otel, &[general, metrics, none]).0.len(), 1);
        assert_eq!(talks(Injection::Otel, &[]).1.len(), 1);
        let traces = ("OTEL_TRACES_EXPORTER", "value: none");
        assert_eq!(talks(Injection::Otel, &[traces]), (vec![], vec![]));
    }

    #[test]
    fn logfwd_has_its_address_from_variables_or_from_its_instances() {
        let node = (
            "LOGFWD_DATAKIT_HOST",
            "valueFrom: {fieldRef: {fieldPath: status.hostIP}}",
        );
        let port = ("LOGFWD_DATAKIT_PORT", "value: '9533'");
        let instances = (
            "LOGFWD_JSON_CONFIG",
            r#"value: '[{"loggings": []}, {"datakit_addr": "a.b.svc:9531"}]'"#,
        );
        let (told, _) = talks(Injection::Logfwd, &[node, port, instances]);
        assert_eq!(told, ["Node Some((9533, \"TCP\")) Logfwdserver"]);
        let (told, _) = talks(Injection::Logfwd, &[node, instances]);
        assert_eq!(told, ["b/a Some((9531, \"TCP\")) Logfwdserver"]);
        let operator = ("LOGFWD_DATAKIT_OPERATOR_ENDPOINT", "value: o.d.svc");
        let (told, untold) = talks(Injection::Logfwd, &[operator]);
        assert_eq!(told, ["d/o Some((443, \"TCP\")) Operator"]);
        assert_eq!(untold.len(), 1);
    }

    #[test]
    fn what_cannot_be_told_is_said_without_its_value() {
        for value in [
            "value: 10.1.2.3",
            "value: localhost",
            "value: secret.example.com",
            "value: 'se cret'",
            "value: ''",
            "valueFrom: {secretKeyRef: {name: secret, key: secret}}",
        ] {
            let (told, untold) = talks(Injection::Ddtrace, &[("DD_AGENT_HOST", value)]);
            assert!(told.is_empty(), "{value}");
            assert_eq!(untold.len(), 1, "{value}");
            assert!(!untold[0].contains("secret"), "{untold:?}");
        }
        let port = ("DD_TRACE_AGENT_PORT", "value: x");
        assert_eq!(talks(Injection::Ddtrace, &[HOST, port]).1.len(), 1);
    }
}
