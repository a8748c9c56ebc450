//! Whether DataKit listens where connections lead.

use crate::preflight::conf::Collector;
use crate::preflight::connection::Route;
use crate::preflight::datakit::{DataKit, Enablement, HTTP_LISTEN, Listen};
use crate::preflight::endpoint::Receiver;
use crate::preflight::finding::Verdict;

/// Where logfwdserver and statsd listen by what DataKit writes for them, and opentelemetry's gRPC.
const LOGFWDSERVER: (bool, u16) = (false, 9533);
const STATSD: (bool, u16) = (false, 8125);
const OTEL_GRPC: (bool, u16) = (true, 4317);

/// Whether DataKit listens where the connection leads.
pub(super) fn listen(route: &Route<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for behind in &route.behind {
        let Some((datakit, answers)) = &behind.datakit else {
            continue;
        };
        let label = &behind.workload.known.label;
        for (door, receivers) in &route.connection.doors {
            let port = door.and_then(|(port, protocol)| {
                // Where nothing leads to the port yet, it is DataKit's that has to be opened.
                let is_closed = route.port(port, protocol).is_none();
                let reached = route.port_at(behind.workload, port, protocol);
                reached.or(is_closed.then_some(port))
            });
            let Some(port) = port else { continue };
            let mut http_is_told = false;
            for receiver in receivers {
                let answer = receiver.collector().and_then(|name| answers.get(name));
                // Otherwise, what is said of the collector says it all.
                let Some(Enablement::Yes(found)) = answer.map(|answer| &**answer) else {
                    continue;
                };
                let Some(listener) = listener(*receiver, datakit, found, port) else {
                    continue;
                };
                let is_http = listener.setting == HTTP_LISTEN;
                if !(is_http && std::mem::replace(&mut http_is_told, is_http)) {
                    verdicts.push(listener.reached(label, port));
                }
            }
        }
    }
    verdicts
}

/// Something of DataKit's that listens.
struct Listener {
    /// What it is, in words.
    what: &'static str,
    /// The setting that says where.
    setting: &'static str,
    /// Where it listens; nothing for what the input does not tell.
    at: Vec<Option<Listen>>,
    /// Why the input does not tell it, and what to do, where that is known.
    doubt: Option<(String, String)>,
}

/// Why the files of a collector do not tell where it listens, by the name of the key that does.
fn doubt(found: &[Collector], key: &str) -> Option<(String, String)> {
    let misspelt = found.iter().find_map(|own| own.misspelt.as_ref());
    let (why, hint) = match misspelt {
        Some(written) => (
            format!("its conf file sets {written}, which DataKit does not know"),
            format!("did you mean {key}?"),
        ),
        None if found.is_empty() => return None,
        None => (
            format!("its conf file sets no {key}"),
            format!("set {key} there"),
        ),
    };
    Some((why, hint))
}

/// What of DataKit's listens for a receiver, whose collector's files were `found`.
fn listener(
    receiver: Receiver,
    datakit: &DataKit,
    found: &[Collector],
    port: u16,
) -> Option<Listener> {
    let http = datakit.http();
    Some(match receiver {
        Receiver::Statsd => Listener {
            what: "statsd",
            setting: "service_address in its statsd.conf",
            at: DataKit::listens(found, Some(STATSD), |own| own.address.as_ref()),
            doubt: doubt(found, "service_address"),
        },
        Receiver::Logfwdserver => Listener {
            what: "logfwdserver",
            setting: "address in its logfwdserver.conf",
            at: match found {
                [] => DataKit::listens(found, Some(LOGFWDSERVER), |_| None),
                // Where a file of the user's has no address, DataKit knows none.
                _ => DataKit::listens(found, None, |own| own.address.as_ref()),
            },
            doubt: doubt(found, "address"),
        },
        Receiver::Opentelemetry { grpc }
            if grpc.unwrap_or(http.is_none_or(|http| http.port != port)) =>
        {
            let at = match datakit.otel_grpc() {
                Some(own) => vec![Some(own.clone())],
                None => DataKit::listens(found, Some(OTEL_GRPC), |own| own.grpc.as_ref()),
            };
            Listener {
                what: "the gRPC of opentelemetry",
                setting: "addr of the gRPC (ENV_INPUT_OTEL_GRPC, or its opentelemetry.conf)",
                at,
                doubt: doubt(found, "addr").filter(|_| datakit.otel_grpc().is_none()),
            }
        }
        Receiver::Ddtrace | Receiver::Profile | Receiver::Opentelemetry { .. } => Listener {
            what: "the HTTP API",
            setting: HTTP_LISTEN,
            at: vec![http.cloned()],
            doubt: None,
        },
        Receiver::Container | Receiver::Operator => return None,
    })
}

impl Listener {
    /// Whether it listens on a port, and not for its own pod alone.
    fn reached(&self, label: &str, port: u16) -> Verdict {
        let (what, setting) = (self.what, self.setting);
        let mut told = self.at.iter().flatten();
        if told.any(|own| own.port == port && !own.is_loopback) {
            return Verdict::pass(format!("{what} of {label} listens on port {port}"));
        }
        let told = self.at.iter().map(Option::as_ref);
        let Some(own) = told
            .collect::<Option<Vec<&Listen>>>()
            .and_then(|all| all.first().copied())
        else {
            let message = format!("the input does not tell where {what} of {label} listens");
            let is_told_by_none = self.at.iter().all(Option::is_none);
            return match self.doubt.as_ref().filter(|_| is_told_by_none) {
                Some((why, hint)) => {
                    Verdict::unknown(format!("{message}: {why}")).hint(hint.as_str())
                }
                None => Verdict::unknown(message),
            };
        };
        let where_else = if own.is_loopback {
            "on localhost alone".to_owned()
        } else {
            format!("on port {}, not {port}", own.port)
        };
        let default = if own.location.is_none() && setting == HTTP_LISTEN {
            format!(", since {setting} is not set")
        } else {
            String::new()
        };
        let message = format!("{what} of {label} listens {where_else}{default}");
        let verdict = Verdict::fail(message).hint(format!("set {setting} to 0.0.0.0:{port}"));
        match &own.location {
            Some(location) => verdict.at(location),
            None => verdict,
        }
    }
}
