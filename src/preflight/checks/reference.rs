//! What the variables of injections refer to: labels of the pod, Secrets, `ConfigMap`s, addresses.

use super::Subject;
use crate::config::selector::is_cluster_only;
use crate::preflight::cluster::Kept;
use crate::preflight::connection::Route;
use crate::preflight::finding::Verdict;
use crate::preflight::objects::ObjectKind;
use crate::preflight::pod::{Missing, ObjectUse};

/// Whether everything that is asked for can be injected.
pub(super) fn missing(subject: &Subject<'_>) -> Vec<Verdict> {
    let one = |missing: &Missing| {
        let mut verdict = Verdict::fail(missing.message.clone());
        if let Some(location) = &missing.location {
            verdict = verdict.at(location);
        }
        match &missing.hint {
            Some(hint) => verdict.hint(hint.clone()),
            None => verdict,
        }
    };
    subject.reliance.missing.iter().map(one).collect()
}

/// Whether the manifests tell where an injection sends what it collects.
pub(super) fn address(subject: &Subject<'_>) -> Vec<Verdict> {
    let untold = subject.reliance.untold.iter();
    let verdicts = untold.map(|one| {
        if let Some(remedy) = &one.remedy {
            let message = format!(
                "what {} collects is sent nowhere: {}",
                one.injection, one.why
            );
            return Verdict::fail(message).hint(remedy.clone());
        }
        let message = format!(
            "the input does not tell where {} sends what it collects: {}",
            one.injection, one.why
        );
        Verdict::unknown(message)
    });
    verdicts.collect()
}

/// Whether the labels and annotations are there that variables have their values from.
pub(super) fn labels(subject: &Subject<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for read in &subject.reliance.reads {
        let (variable, what, key) = (&read.variable, read.what, &read.key);
        verdicts.push(if read.is_there {
            Verdict::pass(format!("{variable} has the value of the {what} {key}"))
        } else if is_cluster_only(key) {
            let message = format!("{variable} reads the {what} {key}, which the cluster may add");
            Verdict::unknown(message)
        } else {
            let message = format!(
                "{variable} reads the {what} {key}, which the pod template lacks, and so is empty"
            );
            let hint = format!("add the {what} {key} to the pod template, or set {variable} there");
            Verdict::fail(message).hint(hint)
        });
    }
    verdicts
}

/// Whether the Secrets are there.
pub(super) fn secrets(subject: &Subject<'_>) -> Vec<Verdict> {
    objects(subject, ObjectKind::Secret)
}

/// Whether the `ConfigMap`s are there.
pub(super) fn config_maps(subject: &Subject<'_>) -> Vec<Verdict> {
    objects(subject, ObjectKind::ConfigMap)
}

fn objects(subject: &Subject<'_>, kind: ObjectKind) -> Vec<Verdict> {
    let namespace = &subject.workload.known.namespace;
    let uses = subject.reliance.objects.iter();
    let uses = uses.filter(|one| one.kind == kind);
    uses.map(|one| object(subject, namespace, one)).collect()
}

fn object(subject: &Subject<'_>, namespace: &str, needed: &ObjectUse) -> Verdict {
    let ObjectUse {
        kind,
        name,
        key,
        user,
    } = needed;
    let kind_name = kind.name();
    match subject.cluster.kept(*kind, namespace, name) {
        Kept::There { known, keys } => {
            let lacks = key
                .as_ref()
                .filter(|key| keys.is_some_and(|keys| keys.binary_search(key).is_err()));
            match lacks {
                Some(key) => Verdict::fail(format!(
                    "the {kind_name} {name} has no key {key}, which {user} needs"
                ))
                .hint(format!("add the key to the {kind_name}"))
                .at(&known.location),
                None => Verdict::pass(format!("{user} has its {kind_name} {name}")),
            }
        }
        Kept::Elsewhere(other) => Verdict::fail(format!(
            "{user} needs the {kind_name} {name}, which is in the namespace {other} and not in \
             {namespace}"
        ))
        .hint(format!(
            "a pod reads objects of its own namespace alone: put the {kind_name} there, too"
        )),
        Kept::Missing => Verdict::fail(format!(
            "{user} needs the {kind_name} {name}, which is not among those of the namespace \
             {namespace} in the input"
        ))
        .hint(format!("add the {kind_name}, or name its manifest, too")),
        Kept::Untold => Verdict::unknown(format!(
            "{user} needs the {kind_name} {name}, and no {kind_name} of the namespace {namespace} \
             is in the input"
        )),
    }
}

/// Whether the `ConfigMap`s are there without which DataKit's pods do not start.
pub(super) fn config_maps_of_datakit(route: &Route<'_>) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for behind in &route.behind {
        let Some((datakit, _)) = &behind.datakit else {
            continue;
        };
        let known = &behind.workload.known;
        for name in &datakit.mounts.needed {
            let (label, namespace) = (&known.label, &known.namespace);
            let verdict = match route.cluster.kept(ObjectKind::ConfigMap, namespace, name) {
                Kept::There { .. } => {
                    Verdict::pass(format!("{label} has its ConfigMap {name}"))
                }
                Kept::Elsewhere(_) | Kept::Missing => Verdict::fail(format!(
                    "{label} does not start without the ConfigMap {name}, which is not among those of \
                     the namespace {namespace} in the input"
                ))
                .hint("add the ConfigMap, or name its manifest, too")
                .at(&known.location),
                Kept::Untold => Verdict::unknown(format!(
                    "{label} does not start without the ConfigMap {name}, and no ConfigMap of the \
                     namespace {namespace} is in the input"
                )),
            };
            verdicts.push(verdict);
        }
    }
    verdicts
}
