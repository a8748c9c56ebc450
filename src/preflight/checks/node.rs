//! What only a node can tell.

use super::Note;
use crate::inject::Injection;
use crate::preflight::pod::Reliance;

fn has(reliance: &Reliance, wanted: &[Injection]) -> bool {
    let mut made = reliance.made.iter();
    made.any(|one| wanted.contains(&one.injection))
}

/// The notes on nodes, in the order in which they are told.
pub(in crate::preflight) const NOTES: [Note; 5] = [
    Note {
        name: "perf-events",
        applies: |reliance| has(reliance, &[Injection::Profiler, Injection::Flameshot]),
        message: "kernel.perf_event_paranoid must be 2 or lower, and kernel.kptr_restrict 0 for the \
                  symbols of the kernel, for async-profiler to profile a JVM",
        lists: |_| Vec::new(),
        hint: "on a node: sysctl kernel.perf_event_paranoid kernel.kptr_restrict",
    },
    Note {
        name: "ptrace",
        applies: |reliance| has(reliance, &[Injection::Profiler, Injection::Flameshot]),
        message: "kernel.yama.ptrace_scope must be below 3, and no profile of seccomp, AppArmor or \
                  SELinux may forbid ptrace, for a profiler to look at another process",
        lists: |_| Vec::new(),
        hint: "on a node: sysctl kernel.yama.ptrace_scope",
    },
    Note {
        name: "library",
        applies: |reliance| has(reliance, &[Injection::Ddtrace, Injection::Otel]),
        message: "the library must fit the application's image: the version of its runtime, and its C \
                  library (glibc or musl)",
        lists: |_| Vec::new(),
        hint: "the operator's documentation has the versions that each image is for",
    },
    Note {
        name: "network",
        applies: |reliance| !reliance.endpoints.is_empty(),
        message: "no NetworkPolicy and no firewall may be between the pods and DataKit",
        lists: |_| Vec::new(),
        hint: "from a pod: curl -s http://datakit-service.datakit.svc:9529/v1/ping",
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
        hint: "where the registry wants to know who pulls: imagePullSecrets of the pod template or of \
               its ServiceAccount",
    },
];
