//! Pod Security (<https://kubernetes.io/docs/concepts/security/pod-security-standards/>): whether the
//! namespace lets in what is injected. What the pod had before is its own matter.
//!
//! `shareProcessNamespace`, which the profilers set, is no matter of these standards: they forbid the
//! node's namespaces (`hostPID`), not those of the pod.

use super::Subject;
use super::user::leave_out;
use crate::inject::Injection;
use crate::preflight::container::OwnContainer;
use crate::preflight::finding::Verdict;
use crate::preflight::objects::Namespace;
use crate::preflight::pod::Reliance;

/// A level of the standards; each forbids what those before it forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Privileged,
    Baseline,
    Restricted,
}

impl Level {
    fn of(text: &str) -> Option<Self> {
        [Self::Privileged, Self::Baseline, Self::Restricted]
            .into_iter()
            .find(|level| level.name() == text)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

/// A demand of the standards on a container.
struct Demand {
    /// The level that has it first.
    level: Level,
    /// The minor version of Kubernetes that has it first.
    since: u32,
    /// How a container breaks it, in words.
    broken: fn(&OwnContainer) -> Option<String>,
}

/// The capabilities that `baseline` lets a container add.
const CAPABILITIES: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

const DEMANDS: [Demand; 9] = [
    Demand {
        level: Level::Baseline,
        since: 0,
        broken: |own| own.privileged.then(|| "is privileged".to_owned()),
    },
    Demand {
        level: Level::Baseline,
        since: 0,
        broken: |own| {
            let added = own.adds.iter().map(String::as_str);
            let forbidden = added.filter(|one| !CAPABILITIES.contains(one));
            let forbidden: Vec<&str> = forbidden.collect();
            (!forbidden.is_empty()).then(|| format!("adds {}", forbidden.join(" and ")))
        },
    },
    Demand {
        level: Level::Baseline,
        since: 19,
        broken: |own| {
            let unconfined = own.seccomp.as_deref() == Some("Unconfined");
            unconfined.then(|| "has no seccomp profile (Unconfined)".to_owned())
        },
    },
    Demand {
        level: Level::Restricted,
        since: 8,
        broken: |own| {
            let allows = own.allows_escalation;
            allows.then(|| "does not set allowPrivilegeEscalation: false".to_owned())
        },
    },
    Demand {
        level: Level::Restricted,
        since: 0,
        broken: |own| (!own.run_as_non_root).then(|| "may run as root".to_owned()),
    },
    Demand {
        level: Level::Restricted,
        since: 23,
        broken: |own| (own.run_as_user == Some(0)).then(|| "runs as user 0".to_owned()),
    },
    Demand {
        level: Level::Restricted,
        since: 19,
        broken: |own| {
            let profile = own.seccomp.as_deref();
            let told = matches!(profile, Some("RuntimeDefault" | "Localhost" | "Unconfined"));
            (!told).then(|| "sets no seccompProfile".to_owned())
        },
    },
    Demand {
        level: Level::Restricted,
        since: 22,
        broken: |own| (!own.drops_all).then(|| "does not drop all capabilities".to_owned()),
    },
    Demand {
        level: Level::Restricted,
        since: 22,
        broken: |own| {
            let added = own.adds.iter().map(String::as_str);
            let forbidden = added.filter(|one| CAPABILITIES.contains(one));
            let forbidden: Vec<&str> = forbidden.filter(|one| *one != "NET_BIND_SERVICE").collect();
            (!forbidden.is_empty()).then(|| format!("adds {}", forbidden.join(" and ")))
        },
    },
];

/// How what is injected breaks a level in a version, in words, with the injections that do.
fn broken(reliance: &Reliance, level: Level, version: u32) -> (Vec<String>, Vec<Injection>) {
    let (mut ways, mut injections) = (Vec::new(), Vec::new());
    for own in &reliance.containers {
        let demands = DEMANDS
            .iter()
            .filter(|demand| demand.level <= level && demand.since <= version);
        let broken: Vec<String> = demands.filter_map(|demand| (demand.broken)(own)).collect();
        if !broken.is_empty() {
            ways.push(format!("{} {}", own.name, broken.join(", ")));
            injections.push(own.injection);
        }
    }
    if level >= Level::Baseline && !reliance.host_paths.is_empty() {
        let volumes = reliance.host_paths.join(", ");
        ways.push(format!("the volume {volumes} is a path of the node"));
        if !injections.contains(&Injection::Profiler) {
            injections.push(Injection::Profiler);
        }
    }
    (ways, injections)
}

/// The minor version of `v1.N`; the latest where it is another word.
fn minor(version: Option<&str>) -> u32 {
    let number = version.and_then(|version| version.strip_prefix("v1."));
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or(u32::MAX)
}

/// Whether the pod's namespace lets in what is injected.
pub(super) fn pod_security(subject: &Subject<'_>) -> Vec<Verdict> {
    let Some(namespace) = subject.cluster.namespace(&subject.workload.known.namespace) else {
        // That is said once for the namespace.
        return Vec::new();
    };
    let Some(enforced) = &namespace.enforce else {
        return Vec::new();
    };
    if subject.reliance.containers.is_empty() {
        return Vec::new();
    }
    vec![by(namespace, enforced, subject.reliance)]
}

fn by(namespace: &Namespace, enforced: &str, reliance: &Reliance) -> Verdict {
    let label = &namespace.known.label;
    let Some(level) = Level::of(enforced) else {
        let message = format!("{label} enforces a level that Pod Security does not know");
        return Verdict::unknown(message)
            .hint("the levels are privileged, baseline and restricted")
            .at(&namespace.known.location);
    };
    let version = minor(namespace.enforce_version.as_deref());
    let (ways, injections) = broken(reliance, level, version);
    let name = level.name();
    if ways.is_empty() {
        return Verdict::pass(format!(
            "{label} enforces {name}, which lets in what is injected"
        ));
    }
    let switches: Vec<String> = injections.into_iter().map(leave_out).collect();
    let message = format!(
        "{label} enforces {name}, and so refuses the pods: {}",
        ways.join("; ")
    );
    Verdict::fail(message)
        .hint(format!(
            "leave out what is refused (annotation {}), or have the namespace enforce another level",
            switches.join(" or ")
        ))
        .at(&namespace.known.location)
}

/// What is to be said of a namespace that is not in the input: nothing where no level would refuse what
/// is injected there.
pub(in crate::preflight) fn unknown_namespace<'r>(
    name: &str,
    pods: impl Iterator<Item = &'r Reliance>,
) -> Option<Verdict> {
    let lowest = pods.filter_map(|reliance| {
        let levels = [Level::Baseline, Level::Restricted];
        levels
            .into_iter()
            .find(|level| !broken(reliance, *level, u32::MAX).0.is_empty())
    });
    let level = lowest.min()?;
    let or_above = if level == Level::Baseline {
        "baseline or restricted"
    } else {
        "restricted"
    };
    let message = format!(
        "the Namespace {name} is not in the input: if it enforces {or_above}, it refuses pods with \
         what is injected"
    );
    Some(Verdict::unknown(message).hint(format!(
        "name its manifest, too, or look: kubectl get namespace {name} --show-labels"
    )))
}
