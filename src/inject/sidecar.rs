//! What all containers that are injected have in common: image, pull policy, resources; and what is
//! odd about a sidecar in a Job.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    Capabilities, Container as KubernetesContainer, ResourceRequirements, SecurityContext,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::container::Container;
use super::outcome::{Injection, Notice, Reason};
use super::pod::Pod;
use crate::config::container::{Amounts, ContainerSettings, Image, Resources};

/// Whether a container is one that the operator injects beside the user's: what is done to every
/// container on a later run passes over these, so that running twice changes nothing
/// (`spec/1-behaviour-v2.md`, section 13).
pub(super) fn is_ours(container: &Container<'_>) -> bool {
    [
        super::logfwd::NAME,
        super::flameshot::NAME,
        super::profiler::NAME,
    ]
    .contains(&container.name())
}

/// A container with the settings of a rule, without variables and mounts.
///
/// # Errors
/// Where no image is configured; a notice then names the key that is missing.
pub(super) fn container(
    name: &str,
    settings: &ContainerSettings,
    version: &str,
    notices: &mut Vec<Notice>,
) -> Result<KubernetesContainer, Reason> {
    Ok(KubernetesContainer {
        name: name.to_owned(),
        image: Some(image(&settings.image, version, notices)?),
        image_pull_policy: Some(settings.image_pull_policy.name().to_owned()),
        resources: resources(&settings.resources),
        ..KubernetesContainer::default()
    })
}

/// The image in its version.
///
/// # Errors
/// Where none is configured; a notice then names the key that is missing.
fn image(image: &Image, version: &str, notices: &mut Vec<Notice>) -> Result<String, Reason> {
    if image.reference.trim().is_empty() {
        let message = format!("no image is configured: `{}` is missing", image.key);
        notices
            .push(Notice::new("image-missing", message).hint("add the image to the configuration"));
        return Err(Reason::ImageMissing(image.key.as_str().into()));
    }
    Ok(image.with_version(version))
}

fn resources(resources: &Resources) -> Option<ResourceRequirements> {
    let half = |amounts: &Amounts| {
        let set = [("cpu", &amounts.cpu), ("memory", &amounts.memory)];
        let set: BTreeMap<String, Quantity> = set
            .into_iter()
            .filter_map(|(key, amount)| Some((key.to_owned(), Quantity(amount.clone()?))))
            .collect();
        (!set.is_empty()).then_some(set)
    };
    let requirements = ResourceRequirements {
        claims: None,
        limits: half(&resources.limits),
        requests: half(&resources.requests),
    };
    (requirements != ResourceRequirements::default()).then_some(requirements)
}

/// A security context that adds capabilities.
pub(super) fn capabilities(added: &[&str]) -> SecurityContext {
    SecurityContext {
        capabilities: Some(Capabilities {
            add: Some(added.iter().map(|name| (*name).to_owned()).collect()),
            drop: None,
        }),
        ..SecurityContext::default()
    }
}

/// Texts as a command.
pub(super) fn command(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Lets the containers of the pod see each other's processes, and run for ever: but for the latter
/// in a Job's template, where the API server refuses it (`spec/1-behaviour.md`, section 5.5).
pub(super) fn share_processes(pod: &mut Pod<'_>) {
    pod.share_processes(!pod.runs_to_completion);
}

/// Warns of a sidecar that never ends in a pod that is meant to end.
pub(super) fn warn_in_job(
    pod: &Pod<'_>,
    injection: Injection,
    wants_restart: bool,
    notices: &mut Vec<Notice>,
) {
    if !pod.runs_to_completion {
        return;
    }
    notices.push(
        Notice::new(
            "sidecar-in-job",
            format!("the {injection} sidecar never ends, and so the Job will not complete"),
        )
        .hint(format!(
            "switch it off in the pod template with the annotation {}: \"false\"",
            injection.switch().unwrap_or_default()
        )),
    );
    if wants_restart {
        notices.push(Notice::new(
            "restart-policy-kept",
            format!(
                "the restart policy stays what it is: the operator sets Always for {injection}, \
                 which the API server refuses in a Job's pod template"
            ),
        ));
    }
}
