//! Datadog's tracing libraries: the way back of `inject/ddtrace`.

use super::environment::{self, Known};
use super::mount::is_empty_dir;
use super::pod::Pod;
use super::startup::{self, Startup};
use super::tags;
use crate::change::Path;
use crate::config::language::DDTRACE_V2;
use crate::inject::Notice;
use crate::inject::ddtrace::language::startup_variables;
use crate::inject::ddtrace::tags::NAME;
use crate::inject::ddtrace::{DIRECTORY, INIT_CONTAINER, VOLUME};

/// The variable that PHP's injection makes in front of the one that it extends.
const PHP_LOADER: &str = "DD_LOADER_PACKAGE_PATH";

pub(super) fn remove(pod: &mut Pod<'_>, known: &Known<'_>, notices: &mut Vec<Notice>) -> bool {
    let mut found = pod.take_init_containers(INIT_CONTAINER);
    found |= pod.take_mounts(|own| own.name == VOLUME && own.path == DIRECTORY);
    found |= pod.take_volumes(|own| own.name == VOLUME && is_empty_dir(own));
    if !found {
        return false;
    }
    let containers = pod.container_names();
    let settings = environment::of_rule(pod, known);
    let variables = || DDTRACE_V2.iter().flat_map(|own| startup_variables(*own));
    let names: Vec<&str> = variables().map(|own| own.name).collect();
    for (index, container) in pod.containers.iter_mut().enumerate() {
        if container.goes {
            continue;
        }
        let mut loader_goes = false;
        for own in variables() {
            // Where a value was made, taking out what is added leaves nothing. It is not so in PHP's
            // variable, whose directory may be the user's own text unless the loader's was made, too.
            let is_made = own.added.is_empty() || loader_goes;
            let startup = Startup {
                name: own.name,
                alone: is_made.then_some(own.alone),
                added: own.added,
            };
            let goes = startup::remove(container, startup);
            loader_goes |= goes && own.name == PHP_LOADER;
        }
        environment::remove(container, settings, &containers, NAME);
        let env = |variable| path(index).join("env").join(variable);
        tags::remove(container, settings, env, notices);
        startup::warn_of_rest(container, &names, DIRECTORY, env, notices);
    }
    true
}

fn path(container: usize) -> Path {
    Path::new(["spec", "containers"]).join(container)
}
