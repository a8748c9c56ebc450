//! Datadog's tracing libraries: the way back of `inject/ddtrace`.

use super::Reach;
use super::environment::{self, Environment, Known};
use super::mount::is_empty_dir;
use super::pod::Pod;
use super::startup::{self, Startup};
use super::tags;
use crate::change::Path;
use crate::config::language::DDTRACE_V2;
use crate::inject::Notice;
use crate::inject::ddtrace::language::{PHP_LOADER, startup_variables};
use crate::inject::ddtrace::tags::NAME;
use crate::inject::ddtrace::{DIRECTORY, INIT_CONTAINER, VOLUME};

pub(super) fn remove(
    pod: &mut Pod<'_>,
    known: &Known<'_>,
    reach: Reach,
    notices: &mut Vec<Notice>,
) -> bool {
    let mut found = pod.take_init_containers(INIT_CONTAINER);
    found |= pod.take_mounts(|own| own.name == VOLUME && own.path == DIRECTORY);
    found |= pod.take_volumes(|own| own.name == VOLUME && is_empty_dir(own));
    let variables = || reach.languages(DDTRACE_V2).flat_map(startup_variables);
    found |= variables().any(|own| !own.added.is_empty() && pod.has_variable(own.name, own.alone));
    if !found {
        return false;
    }
    let environment = Environment::new(pod, known, NAME, reach.stale);
    let names: Vec<&str> = variables().map(|own| own.name).collect();
    for (index, container) in pod.containers.iter_mut().enumerate() {
        if container.goes {
            continue;
        }
        let mut made = None;
        let mut loader_goes = false;
        for own in variables() {
            // Where a value was made, taking out what is added leaves nothing. It is not so in PHP's
            // variable, whose directory may be the user's own text unless the loader's was made, too.
            let mut added = own.added.iter();
            let rest = added.try_fold(own.alone.to_owned(), |rest, added| added.without(&rest));
            let is_made = own.added.is_empty() || loader_goes || rest.as_deref() == Some("");
            let startup = Startup {
                name: own.name,
                alone: is_made.then_some(own.alone),
                added: own.added,
            };
            let taken = startup::remove(container, startup);
            loader_goes |= taken.is_some() && own.name == PHP_LOADER;
            let own_place = taken.filter(|taken| taken.was_made);
            made = made
                .into_iter()
                .chain(own_place.map(|taken| taken.index))
                .min();
        }
        let env = |variable| path(index).join("env").join(variable);
        for doubtful in environment.remove(container, made) {
            notices.push(environment::doubt(container, doubtful, env(doubtful)));
        }
        tags::remove(container, environment.settings, env, notices);
        if let Some((first, notice)) = environment.leftover(container, made, "DD_") {
            notices.push(notice.at(Some(env(first))));
        }
        startup::warn_of_rest(container, &names, DIRECTORY, env, notices);
    }
    true
}

fn path(container: usize) -> Path {
    Path::new(["spec", "containers"]).join(container)
}
