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
pub(crate) const NAME: &str = "datakit-profiler";

/// The volume that all containers share with it.
pub(crate) const VOLUME: &str = "datakit-profiler-volume";
/// Where that is mounted.
pub(crate) const DIRECTORY: &str = "/app/datakit-profiler";
/// Volumes, and where each is mounted unless any container mounts something there.
pub(crate) const EVERYDAY: [(&str, &str); 2] = [("tmp", "/tmp"), ("timezone", "/etc/localtime")];

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
    let [(tmp, _), (timezone, _)] = EVERYDAY;
    pod.add_volume(stock.empty_dir(tmp))?;
    pod.add_volume(stock.volume(timezone, node_timezone))?;
    pod.mount_everywhere(&stock.mount(VOLUME, DIRECTORY, false))?;
    // Where any container mounts something there, none gets ours.
    for (name, path) in EVERYDAY {
        if !pod.is_mounted(path) {
            pod.mount_everywhere(&stock.mount(name, path, false))?;
        }
    }
    sidecar::warn_in_job(pod, Injection::Profiler, true, notices);
    Ok(())
}

/// The node's time zone.
fn node_timezone() -> Volume {
    Volume {
        name: EVERYDAY[1].0.to_owned(),
        host_path: Some(HostPathVolumeSource {
            path: EVERYDAY[1].1.to_owned(),
            type_: Some("FileOrCreate".to_owned()),
        }),
        ..Volume::default()
    }
}
