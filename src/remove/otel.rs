//! OpenTelemetry's tracing libraries: the way back of `inject/otel`.

use super::Reach;
use super::environment::{self, Environment, Known};
use super::mount::is_empty_dir;
use super::pod::Pod;
use super::startup::{self, Startup};
use crate::change::Path;
use crate::config::language::OTEL;
use crate::inject::Notice;
use crate::inject::otel::language::{Library, library};
use crate::inject::otel::{INIT_CONTAINER, VOLUME};

pub(super) fn remove(
    pod: &mut Pod<'_>,
    known: &Known<'_>,
    reach: Reach,
    notices: &mut Vec<Notice>,
) -> bool {
    let libraries: Vec<Library> = reach.languages(OTEL).filter_map(library).collect();
    let is_directory = |path: &str| libraries.iter().any(|own| own.directory == path);
    let mut found = pod.take_init_containers(INIT_CONTAINER);
    found |= pod.take_mounts(|own| own.name == VOLUME && is_directory(own.path));
    found |= pod.take_volumes(|own| own.name == VOLUME && is_empty_dir(own));
    let mut startup = libraries.iter();
    found |= startup.any(|own| pod.has_variable(own.variable, own.alone));
    if !found {
        return false;
    }
    let environment = Environment::new(pod, known, "", reach.stale);
    for (index, container) in pod.containers.iter_mut().enumerate() {
        if container.goes {
            continue;
        }
        let mut made = None;
        for own in &libraries {
            let startup = Startup {
                name: own.variable,
                alone: Some(own.alone),
                added: own.added,
            };
            let taken = startup::remove(container, startup).filter(|taken| taken.was_made);
            made = made.into_iter().chain(taken.map(|taken| taken.index)).min();
        }
        let env = |variable| {
            let container = Path::new(["spec", "containers"]).join(index);
            container.join("env").join(variable)
        };
        // Nothing is special about tags here.
        for doubtful in environment.remove(container, made) {
            notices.push(environment::doubt(container, doubtful, env(doubtful)));
        }
        if let Some((first, notice)) = environment.leftover(container, made, "OTEL_") {
            notices.push(notice.at(Some(env(first))));
        }
        for own in &libraries {
            startup::warn_of_rest(container, &[own.variable], own.directory, env, notices);
        }
    }
    true
}
