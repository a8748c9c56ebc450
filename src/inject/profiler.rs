//! The profiler for one language (`spec/1-behaviour.md`, section 5.3; `spec/1-behaviour-v2.md`,
//! section 10).

use k8s_openapi::api::core::v1::{HostPathVolumeSource, Volume};

use super::outcome::{Failure, Injection, Notice};
use super::pod::{Pod, empty_dir, mount};
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
) -> Result<(), Failure> {
    let mut container = sidecar::container(NAME, &rule.container, version, notices)?;
    container.command = Some(sidecar::command(&["bash", "cmd.sh"]));
    container.working_dir = Some(DIRECTORY.to_owned());
    container.security_context = Some(sidecar::capabilities(&["SYS_PTRACE", "SYS_ADMIN"]));
    container.env = Some(environment::variables(&rule.container.envs, pod));
    sidecar::share_processes(pod);
    pod.add_container(container)?;
    pod.add_volume(empty_dir(VOLUME))?;
    pod.add_volume(empty_dir("tmp"))?;
    pod.add_volume(timezone())?;
    pod.mount_everywhere(&mount(VOLUME, DIRECTORY))?;
    // Where any container mounts something there, none gets ours.
    for (name, path) in [("tmp", "/tmp"), ("timezone", "/etc/localtime")] {
        if !pod.is_mounted(path) {
            pod.mount_everywhere(&mount(name, path))?;
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
