//! The profiler for one language (`spec/1-behaviour.md`, section 5.3; `spec/1-behaviour-v2.md`,
//! section 10).

use k8s_openapi::api::core::v1::{HostPathVolumeSource, Volume};

use super::container::Container;
use super::outcome::{Failure, Injection, Notice};
use super::pod::Pod;
use super::stock::Stock;
use super::{environment, sidecar};
use crate::config::rule::Profiler;

/// The sidecar.
pub(super) const NAME: &str = "datakit-profiler";

const VOLUME: &str = "datakit-profiler-volume";
const DIRECTORY: &str = "/app/datakit-profiler";

pub(super) fn inject(
    rule: &Profiler,
    version: &str,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    let body = stock.body(rule, version, || {
        let mut container = sidecar::container(NAME, &rule.container, version, notices)?;
        container.command = Some(sidecar::command(&["bash", "cmd.sh"]));
        container.working_dir = Some(DIRECTORY.to_owned());
        container.security_context = Some(sidecar::capabilities(&["SYS_PTRACE", "SYS_ADMIN"]));
        Ok::<_, Failure>(container)
    })?;
    let env = environment::variables(&rule.container.envs, pod, stock);
    sidecar::share_processes(pod);
    pod.add_container(Container::injected(body, env, Vec::new()))?;
    pod.add_volume(stock.empty_dir(VOLUME))?;
    pod.add_volume(stock.empty_dir("tmp"))?;
    pod.add_volume(stock.volume("timezone", timezone))?;
    pod.mount_everywhere(&stock.mount(VOLUME, DIRECTORY, false))?;
    // Where any container mounts something there, none gets ours.
    for (name, path) in [("tmp", "/tmp"), ("timezone", "/etc/localtime")] {
        if !pod.is_mounted(path) {
            pod.mount_everywhere(&stock.mount(name, path, false))?;
        }
    }
    sidecar::warn_in_job(pod, Injection::Profiler, true, notices);
    Ok(())
}

/// The node's time zone.
fn timezone() -> Volume {
    Volume {
        name: "timezone".to_owned(),
        host_path: Some(HostPathVolumeSource {
            path: "/etc/localtime".to_owned(),
            type_: Some("FileOrCreate".to_owned()),
        }),
        ..Volume::default()
    }
}
