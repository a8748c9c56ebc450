//! Where a variable sends what is collected: a host and a port, or a URL, to the Service that it names.

use std::net::IpAddr;

/// A host as a pod sees it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Host {
    /// A Service of the cluster.
    Service {
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
    /// The node that the pod runs on.
    Node,
    /// The pod itself.
    Pod,
    /// Something that the manifests do not tell: why, in words.
    Untold(&'static str),
}

/// A transport protocol, as a Service's port names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Protocol {
    Tcp,
    Udp,
}

impl Protocol {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
        }
    }
}

/// What stands for the address of the pod's node in a value: no variable can hold a NUL.
pub(super) const NODE: &str = "\0node";
/// What stands for the pod's own address.
pub(super) const POD: &str = "\0pod";
/// What stands for something that the manifests do not tell.
pub(super) const UNTOLD: &str = "\0untold";

/// Whether a name may as well be that of a host outside of the cluster as of a Service: `datakit.io`.
pub(super) fn may_be_outside(name: &str) -> bool {
    name.trim_end_matches('.').split('.').count() == 2
}

/// The host that a name means in a pod of `namespace`.
pub(super) fn host(name: &str, namespace: &str) -> Host {
    let name = name.trim_end_matches('.');
    match name {
        NODE => return Host::Node,
        POD => return Host::Pod,
        _ if name.contains('\0') => return Host::Untold("its value comes from elsewhere"),
        "" => return Host::Untold("it is empty"),
        _ if is_loopback(name) => return Host::Pod,
        _ if bare(name).parse::<IpAddr>().is_ok() => {
            return Host::Untold("it is an IP address, which only the cluster knows");
        }
        _ => {}
    }
    let labels: Vec<&str> = name.split('.').collect();
    if !labels.iter().all(|label| is_label(label)) {
        return Host::Untold("it is no host name");
    }
    let service = |name: &str, namespace: &str| Host::Service {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    // NAME.NAMESPACE.svc, and whatever the cluster's own domain is; in front of a headless Service
    // stands the name of a pod.
    let svc = labels.iter().skip(2).position(|label| *label == "svc");
    match (&labels[..], svc) {
        ([name], _) => service(name, namespace),
        ([name, namespace], _) | ([name, namespace, ..], Some(0)) => service(name, namespace),
        (_, Some(_)) => Host::Untold("it names one pod of a Service"),
        _ => Host::Untold("it names a host outside of the cluster"),
    }
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A host without the brackets around an address of IPv6.
fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Whether a host is the machine itself, and nobody else's.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || bare(host)
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// `HOST:PORT`, with an address of IPv6 in brackets; either may be missing.
pub(super) fn split_port(text: &str) -> (&str, Option<&str>) {
    let behind = text.rfind(']').map_or(0, |at| at + 1);
    match text[behind..].rfind(':') {
        // More than one colon outside of brackets: an address of IPv6 without a port.
        Some(at) if behind > 0 || !text[..at].contains(':') => {
            (&text[..behind + at], Some(&text[behind + at + 1..]))
        }
        _ => (text, None),
    }
}

/// The host and port of a URL, or of `HOST:PORT` without a scheme; the port is the scheme's where
/// none is written. Nothing for other schemes than `http` and `https`.
pub(super) fn of_url(text: &str) -> Option<(&str, Option<u16>)> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let default = match scheme.map(str::to_ascii_lowercase).as_deref() {
        None => None,
        Some("http") => Some(80),
        Some("https") => Some(443),
        Some(_) => return None,
    };
    let (host, port) = split_port(authority(rest));
    match port {
        Some(port) => port.parse().ok().map(|port| (host, Some(port))),
        None => Some((host, default)),
    }
}

/// The part of a URL that says where it leads: host and port.
pub(super) fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Whether a URL names something on its host.
pub(super) fn has_path(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    !path.trim_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_service_where_the_clusters_dns_says_so() {
        let service = |name: &str, namespace: &str| Host::Service {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        for (text, expected) in [
            ("datakit", service("datakit", "shop")),
            ("a.b", service("a", "b")),
            ("a.b.svc", service("a", "b")),
            ("a.b.svc.", service("a", "b")),
            ("a.b.svc.cluster.local", service("a", "b")),
            ("a.b.svc.example.com", service("a", "b")),
            (NODE, Host::Node),
            (POD, Host::Pod),
            ("localhost", Host::Pod),
            ("127.0.0.1", Host::Pod),
            ("[::1]", Host::Pod),
        ] {
            assert_eq!(host(text, "shop"), expected, "{text}");
        }
        for text in [
            "",
            "10.0.0.1",
            "fe80::1",
            "openway.guance.com",
            "pod-0.a.b.svc",
            "a b",
            "a..b",
            UNTOLD,
            "x\0node",
        ] {
            assert!(matches!(host(text, "shop"), Host::Untold(_)), "{text:?}");
        }
    }

    #[test]
    fn urls_have_hosts_and_ports() {
        for (text, expected) in [
            ("http://a:9529/otel/v1/traces", Some(("a", Some(9529)))),
            ("http://user:pass@a:9529", Some(("a", Some(9529)))),
            ("https://a/x", Some(("a", Some(443)))),
            ("http://[::1]:80", Some(("[::1]", Some(80)))),
            ("a:443", Some(("a", Some(443)))),
            ("a", Some(("a", None))),
            ("http://a:x", None),
            ("http://a:99999", None),
            ("unix:///var/run/apm.socket", None),
        ] {
            assert_eq!(of_url(text), expected, "{text}");
        }
        for (text, expected) in [
            ("http://a:9529/otel", true),
            ("http://a:9529/", false),
            ("http://a:9529", false),
            ("a:4317", false),
            ("a/b", true),
        ] {
            assert_eq!(has_path(text), expected, "{text}");
        }
        assert_eq!(split_port("0.0.0.0:9529"), ("0.0.0.0", Some("9529")));
        assert_eq!(split_port("[::]:9529"), ("[::]", Some("9529")));
        assert_eq!(split_port(":9529"), ("", Some("9529")));
        assert_eq!(split_port("fe80::1"), ("fe80::1", None));
    }
}
