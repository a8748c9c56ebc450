//! Users, capabilities and read-only file systems of a pod, against what is injected into it.

use super::Subject;
use crate::inject::Injection;
use crate::preflight::container::OwnContainer;
use crate::preflight::finding::Verdict;

/// Whether the kubelet starts what is injected where the pod, or the context that was copied, demands
/// another user than root
/// (<https://kubernetes.io/docs/tasks/configure-pod-container/security-context/>).
pub(super) fn run_as_non_root(subject: &Subject<'_>) -> Vec<Verdict> {
    let one = |own: &OwnContainer| {
        let name = own.name;
        match own.run_as_user {
            Some(0) => Verdict::fail(format!(
                "{name} must not run as root (runAsNonRoot), but its user is 0 (runAsUser): the \
                 kubelet does not start it"
            ))
            .hint("set runAsUser of the pod's securityContext to another user"),
            Some(user) => Verdict::pass(format!(
                "{name} must not run as root (runAsNonRoot), and its user is {user}"
            )),
            None => Verdict::unknown(format!(
                "{name} must not run as root (runAsNonRoot), and its image decides which user it is"
            ))
            .hint(
                "set runAsUser of the pod's securityContext: the kubelet does not start an image \
                 whose user is root, or has a name instead of a number",
            ),
        }
    };
    let containers = subject.reliance.containers.iter();
    containers
        .filter(|own| own.run_as_non_root)
        .map(one)
        .collect()
}

/// Whether the capabilities of a sidecar have an effect: the runtime gives them to root alone.
pub(super) fn capabilities(subject: &Subject<'_>) -> Vec<Verdict> {
    let one = |own: &OwnContainer| {
        let (name, adds) = (own.name, own.adds.join(" and "));
        let has = if own.adds.len() == 1 { "has" } else { "have" };
        // Otherwise its image decides, and those of the operator are root.
        Some(match own.run_as_user? {
            0 => Verdict::pass(format!("{name} runs as root, and so has {adds}")),
            user => Verdict::unknown(format!(
                "{name} runs as user {user}, for whom {adds} {has} no effect unless its image gives \
                 them to the program"
            ))
            .hint(
                "set runAsUser in the application's containers instead of the pod's securityContext",
            ),
        })
    };
    let containers = subject.reliance.containers.iter();
    containers
        .filter(|own| !own.is_init && !own.adds.is_empty())
        .filter_map(one)
        .collect()
}

/// Whether what is injected can write where it has to.
pub(super) fn read_only(subject: &Subject<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for own in &subject.reliance.containers {
        match &own.unwritable {
            Some((volume, kind)) => verdicts.push(
                Verdict::fail(format!(
                    "{} writes to the volume {volume}, which is read-only: it is the pod's own, of \
                     the kind {kind}",
                    own.name
                ))
                .hint("give that volume of the pod another name"),
            ),
            None if own.is_init => {
                let message = format!("{} writes to a volume that it can write to", own.name);
                verdicts.push(Verdict::pass(message));
            }
            None => {}
        }
    }
    for container in &subject.reliance.read_only {
        let name = &container.name;
        verdicts.push(if container.lacks_tmp {
            Verdict::unknown(format!(
                "the container {name} has a read-only root file system, and nothing is mounted at \
                 /tmp, where the Java library has its temporary files"
            ))
            .hint("mount an emptyDir at /tmp")
        } else {
            let message = format!(
                "the read-only root file system of the container {name} does not hinder the library"
            );
            Verdict::pass(message)
        });
    }
    verdicts
}

/// What an annotation of the pod template turns an injection off.
pub(super) fn leave_out(injection: Injection) -> String {
    let switch = injection.switch().unwrap_or_default();
    format!("{switch}: \"false\"")
}
