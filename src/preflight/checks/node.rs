//! What only a node can tell.

use std::collections::HashSet;

use super::Note;
use crate::inject::Injection;
use crate::preflight::address::{Host, Protocol};
use crate::preflight::endpoint::{Endpoint, Receiver};
use crate::preflight::pod::Reliance;

fn has(reliance: &Reliance, wanted: &[Injection]) -> bool {
    let mut made = reliance.made.iter();
    made.any(|one| wanted.contains(&one.injection))
}

/// So many hosts are named of those that are to be asked.
const ASKED: usize = 3;

/// How to ask from a pod whether what is sent arrives, for the first hosts that something is sent to.
fn ask(reliances: &[&Reliance]) -> String {
    let endpoints = || reliances.iter().flat_map(|own| &own.endpoints);
    // An answer of the HTTP API says more than an open port.
    let (http, others): (Vec<&Endpoint>, Vec<&Endpoint>) = endpoints().partition(|one| {
        matches!(
            one.receiver,
            Receiver::Ddtrace | Receiver::Profile | Receiver::Opentelemetry { grpc: Some(false) }
        )
    });
    let mut known = HashSet::new();
    let mut commands = Vec::new();
    for (endpoint, is_http) in
        (http.into_iter().map(|one| (one, true))).chain(others.into_iter().map(|one| (one, false)))
    {
        let Some((port, Protocol::Tcp)) = endpoint.door.port else {
            continue;
        };
        if !known.insert(&endpoint.door.host) {
            continue;
        }
        let host = match &endpoint.door.host {
            Host::Service { namespace, name } if endpoint.may_be_outside => {
                format!("{name}.{namespace}")
            }
            Host::Service { namespace, name } => format!("{name}.{namespace}.svc"),
            Host::Node | Host::Pod | Host::Untold(_) => "NODE".to_owned(),
        };
        commands.push(if is_http {
            format!("curl -s http://{host}:{port}/v1/ping")
        } else {
            format!("nc -vz {host} {port}")
        });
        if commands.len() == ASKED {
            break;
        }
    }
    let node = if known.contains(&Host::Node) {
        ", NODE being the address of its node"
    } else {
        ""
    };
    match &commands[..] {
        [] => "what is sent by UDP has no answer: look at DataKit's log".to_owned(),
        commands => format!("from a pod{node}: {}", commands.join("; ")),
    }
}

/// The notes on nodes, in the order in which they are told.
pub(in crate::preflight) const NOTES: [Note; 5] = [
    Note {
        name: "perf-events",
        applies: |reliance| has(reliance, &[Injection::Profiler, Injection::Flameshot]),
        message: "kernel.perf_event_paranoid must be 2 or lower, and kernel.kptr_restrict 0 for the \
                  symbols of the kernel, for async-profiler to profile a JVM",
        lists: |_| Vec::new(),
        hint: |_| "on a node: sysctl kernel.perf_event_paranoid kernel.kptr_restrict".to_owned(),
    },
    Note {
        name: "ptrace",
        applies: |reliance| has(reliance, &[Injection::Profiler, Injection::Flameshot]),
        message: "kernel.yama.ptrace_scope must be below 3, and no profile of seccomp, AppArmor or \
                  SELinux may forbid ptrace, for a profiler to look at another process",
        lists: |_| Vec::new(),
        hint: |_| "on a node: sysctl kernel.yama.ptrace_scope".to_owned(),
    },
    Note {
        name: "library",
        applies: |reliance| has(reliance, &[Injection::Ddtrace, Injection::Otel]),
        message: "the library must fit the application's image: the version of its runtime, and its C \
                  library (glibc or musl)",
        lists: |_| Vec::new(),
        hint: |_| "the operator's documentation has the versions that each image is for".to_owned(),
    },
    Note {
        name: "network",
        applies: |reliance| reliance.endpoints.iter().any(|one| one.door.port.is_some()),
        message: "no NetworkPolicy and no firewall may be between the pods and DataKit",
        lists: |_| Vec::new(),
        hint: ask,
    },
    Note {
        name: "images",
        applies: |reliance| !reliance.containers.is_empty(),
        message: "the nodes must be able to pull the images of what is injected",
        lists: |reliance| {
            reliance
                .containers
                .iter()
                .map(|own| own.image.as_str())
                .collect()
        },
        hint: |_| {
            let hint = "where the registry wants to know who pulls: imagePullSecrets of the pod template \
                        or of its ServiceAccount";
            hint.to_owned()
        },
    },
];
