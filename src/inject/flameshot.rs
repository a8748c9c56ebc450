//! The profiler that watches several processes (`spec/1-behaviour-v2.md`, section 9).

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ContainerPort, EnvVar};

use super::account::Act;
use super::container::Container;
use super::outcome::{Failure, Injection, Notice, Reason};
use super::pod::{Annotation, Pod};
use super::stock::{Made, Stock};
use super::{environment, path, sidecar};
use crate::config::rule::Flameshot;

/// The sidecar.
pub(crate) const NAME: &str = "datakit-flameshot";

/// The volume that profiles are written to.
pub(crate) const VOLUME: &str = "flameshot-volume";
const PROCESSES_VARIABLE: &str = "FLAMESHOT_PROCESSES";
const PATH_VARIABLE: &str = Flameshot::PATH_VARIABLE;
const PORT_VARIABLE: &str = Flameshot::PORT_VARIABLE;

pub(super) fn inject(
    rule: &Flameshot,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    let mut env = environment::variables(&rule.container.envs, pod, stock);
    let text = |name: &str| {
        let variable = env.iter().find(|own| own.what.name == name)?;
        Some(variable.what.value.clone().unwrap_or_default())
    };
    let mut unusable = |why: String| {
        notices.push(Notice::new("flameshot-skipped", why.clone()).about_rule());
        Failure::from(Reason::Impossible(why.into()))
    };
    if rule.processes.is_empty() {
        return Err(unusable("the rule's `processes` is empty".to_owned()));
    }
    let Some(directory) = text(PATH_VARIABLE) else {
        let why = format!("the rule's variable {PATH_VARIABLE} is missing");
        return Err(unusable(why));
    };
    let port = text(PORT_VARIABLE).and_then(|port| port.parse::<i32>().ok());
    let Some(port) = port.filter(|port| *port > 0) else {
        let why = format!("the rule's variable {PORT_VARIABLE} is no port from 1 to 65535");
        return Err(unusable(why));
    };
    // The release takes any 32-bit integer, and so do the vectors; the API server does not.
    if port > i32::from(u16::MAX) {
        let message = format!("the rule's variable {PORT_VARIABLE} is no port: {port}");
        notices.push(
            Notice::new("flameshot-invalid-port", message)
                .hint("the API server refuses the pod; a port is 1 to 65535"),
        );
    }
    environment::replace(&mut env, PROCESSES_VARIABLE, &rule.processes, stock);
    add_sidecar(rule, pod, env, port, notices, stock)?;
    pod.add_volume(stock.empty_dir(VOLUME))?;
    pod.mount_everywhere(&stock.mount(VOLUME, &path::clean(&directory), false))?;
    if rule.prometheus_annotations {
        add_prometheus_annotations(pod, port, stock)?;
    }
    sidecar::warn_in_job(pod, Injection::Flameshot, true, notices);
    Ok(())
}

fn add_sidecar(
    rule: &Flameshot,
    pod: &mut Pod<'_>,
    env: Vec<Arc<Made<EnvVar>>>,
    port: i32,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    // The port is the rule's own, and so the same for all pods.
    let body = stock.body(rule, "", || {
        let mut container = sidecar::container(NAME, &rule.container, "", notices)?;
        container.command = Some(sidecar::command(&["/flameshot/flameshot"]));
        container.security_context = Some(sidecar::capabilities(&["SYS_PTRACE"]));
        container.ports = Some(vec![ContainerPort {
            name: Some("flameshot-port".to_owned()),
            container_port: port,
            protocol: Some("TCP".to_owned()),
            ..ContainerPort::default()
        }]);
        Ok::<_, Failure>(container)
    })?;
    sidecar::share_processes(pod);
    pod.add_container(Container::injected(body, env, Vec::new()))?;
    Ok(())
}

/// Unless the pod has any annotation for Prometheus.
fn add_prometheus_annotations(pod: &mut Pod<'_>, port: i32, stock: &Stock) -> Result<(), Failure> {
    let prefix = "prometheus.io/";
    let mut own = pod.annotations().iter().map(Annotation::key);
    if let Some(first) = own.find(|key| key.starts_with(prefix)) {
        let place = || pod.annotation_place(first);
        pod.journal
            .note(|| (Act::KeepAnnotations { prefix }, place()));
        return Ok(());
    }
    for (key, value) in prometheus_annotations(&port.to_string()) {
        pod.add_annotation(key, stock.string(value))?;
    }
    Ok(())
}

/// The annotations that have Prometheus read the sidecar's port.
pub(crate) fn prometheus_annotations(port: &str) -> [(&'static str, &str); 5] {
    [
        ("prometheus.io/scrape", "true"),
        ("prometheus.io/port", port),
        ("prometheus.io/scheme", "http"),
        ("prometheus.io/path", "/metrics"),
        ("prometheus.io/param_measurement", "flameshot"),
    ]
}
