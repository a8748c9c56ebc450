//! What in a pod speaks against otel (`spec/1-behaviour-v2.md`, section 7, "Validation"). Nothing is
//! changed where anything does.

use super::compatible::is_compatible;
use super::language::Library;
use super::{Desired, INIT_CONTAINER, VOLUME};
use crate::change::Path;
use crate::inject::container::{Container, InitContainer};
use crate::inject::ddtrace;
use crate::inject::pod::Pod;
use crate::inject::sidecar;

/// Why not, and where.
#[derive(Debug)]
pub(super) struct Objection {
    pub(super) why: String,
    pub(super) path: Option<Path>,
}

fn object<T>(why: impl Into<String>, path: Option<Path>) -> Result<T, Objection> {
    Err(Objection {
        why: why.into(),
        path,
    })
}

pub(super) fn validate(
    pod: &Pod<'_>,
    desired: &Desired<'_>,
    library: &Library,
) -> Result<(), Objection> {
    for (index, container) in pod.init_containers.items.iter().enumerate() {
        let path = Some(Path::new(["spec", "initContainers"]).join(index));
        let name = container.name();
        if name == ddtrace::INIT_CONTAINER {
            return object(format!("the init container {name} is there"), path);
        }
        let InitContainer::Written(node) = container else {
            continue;
        };
        if name == INIT_CONTAINER && !is_compatible(*node, desired) {
            let why = format!("the init container {name} is there, and is not what the rule wants");
            return object(why, path);
        }
    }
    if pod.volume(VOLUME).is_some_and(|own| !own.is_empty_dir()) {
        let path = Path::new(["spec", "volumes"]);
        return object(format!("the volume {VOLUME} is no emptyDir"), Some(path));
    }
    let containers = || {
        pod.containers
            .items
            .iter()
            .filter(|own| !sidecar::is_ours(own))
    };
    containers().try_for_each(|own| mounts(own, library))?;
    containers().try_for_each(|own| variable(own, library))
}

fn mounts(container: &Container<'_>, library: &Library) -> Result<(), Objection> {
    for mount in &container.mounts.items {
        let is_volume = mount.name() == VOLUME;
        let is_path = mount.path() == library.directory;
        let what = if matches!(mount.path(), "/datadog-lib" | "/datadog-lib/") {
            "Datadog's library"
        } else if is_volume != is_path {
            "something else at the volume or the path of the library"
        } else if is_volume && mount.has_sub_path() {
            "a part of the library's volume"
        } else {
            continue;
        };
        let why = format!("the container {} mounts {what}", container.name());
        return object(why, container.path("volumeMounts"));
    }
    Ok(())
}

fn variable(container: &Container<'_>, library: &Library) -> Result<(), Objection> {
    let name = library.variable;
    let mut found = container.env.items.iter().filter(|own| own.name() == name);
    let Some(own) = found.next() else {
        return Ok(());
    };
    let problem = if found.next().is_some() {
        "it is there more than once"
    } else if own.is_reference() {
        "it comes from valueFrom"
    } else if let Some(objection) = (library.objection)(own.value()) {
        objection
    } else {
        return Ok(());
    };
    let why = format!(
        "the variable {name} of the container {} cannot be extended: {problem}",
        container.name()
    );
    object(why, container.variable_path(name))
}
