//! A pod that was injected before and has lost its start-up variable since gets it back
//! (`spec/1-behaviour-v2.md`, section 6, "Repair").

use super::{DIRECTORY, INIT_CONTAINER, VOLUME, extend, not_extended, startup_variables};
use crate::change::Path;
use crate::config::rule::Ddtrace;
use crate::inject::container::{Container, InitContainer, List, Mount};
use crate::inject::outcome::{Failure, Notice, Reason};
use crate::inject::pod::Pod;
use crate::inject::sidecar;
use crate::inject::stock::Stock;

/// Puts the variables back into every container that mounts the library. Gives whether anything was
/// lost.
pub(in crate::inject) fn repair(
    rule: &Ddtrace,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<bool, Failure> {
    if let Err(reason) = check(pod) {
        let message = format!("an earlier injection is not complete, and is left alone: {reason}");
        notices.push(Notice::new("ddtrace-repair", message));
        return Err(Reason::HasInitContainer(INIT_CONTAINER).into());
    }
    pod.note_init_container_kept(INIT_CONTAINER);
    let mut repaired = false;
    for container in pod.each_container()? {
        if !mounts_library(container) {
            continue;
        }
        for variable in startup_variables(rule.language) {
            let before = container.revision;
            if !extend(container, variable, rule.keeps_complete_variables, stock)? {
                container.note_kept(variable.name);
                notices.push(not_extended(container, variable));
            }
            repaired |= container.revision != before;
        }
    }
    Ok(repaired)
}

fn check(pod: &Pod<'_>) -> Result<(), &'static str> {
    if pod
        .volume(VOLUME)
        .is_none_or(|volume| !volume.is_empty_dir())
    {
        return Err(
            "the volume of the library is missing or no emptyDir (volume_missing_or_invalid)",
        );
    }
    let init_mounts = match pod.init_container(INIT_CONTAINER) {
        Some(InitContainer::Written(node)) => {
            List::read(node.get("volumeMounts"), Path::default, Mount::read).items
        }
        _ => Vec::new(),
    };
    if !init_mounts.iter().any(is_library) {
        return Err("the init container does not mount the library (init_container_mount_missing)");
    }
    if !pod.containers.items.iter().any(mounts_library) {
        return Err("no container mounts the library (application_mount_missing)");
    }
    Ok(())
}

fn mounts_library(container: &Container<'_>) -> bool {
    // A sidecar that shares the directory was not there when the library was injected.
    !sidecar::is_ours(container) && container.mounts.items.iter().any(is_library)
}

fn is_library(mount: &Mount<'_>) -> bool {
    mount.name() == VOLUME && mount.path() == DIRECTORY
}
