//! Datadog's tracing libraries: an init container brings one into a volume that all containers
//! mount, and variables make their runtimes load it (`spec/1-behaviour.md`, section 5.1;
//! `spec/1-behaviour-v2.md`, section 6).

pub(crate) mod language;
mod repair;
pub(crate) mod tags;

use std::borrow::Cow;

use super::container::Container;
use super::outcome::{Failure, Notice, Reason};
use super::pod::Pod;
use super::stock::Stock;
use super::{environment, sidecar};
use crate::config::rule::Ddtrace;
use language::{StartupVariable, startup_variables};

pub(super) use repair::repair;

/// The init container.
pub(crate) const INIT_CONTAINER: &str = "datakit-lib-init";

/// The volume that the library is brought into.
pub(crate) const VOLUME: &str = "datakit-auto-instrument";
/// Where the library is mounted.
pub(crate) const DIRECTORY: &str = "/datadog-lib";

pub(super) fn inject(
    rule: &Ddtrace,
    version: &str,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    let library = stock.mount(VOLUME, DIRECTORY, false);
    let init = stock.init_container(rule, version, || {
        let mut init = sidecar::container(INIT_CONTAINER, &rule.container, version, notices)?;
        init.command = Some(language::command(rule.language, rule.php_loader_flavor));
        init.volume_mounts = Some(vec![library.what.clone()]);
        Ok::<_, Failure>(init)
    })?;
    let env = environment::variables(&rule.container.envs, pod, stock);
    for container in pod.each_container()? {
        for variable in startup_variables(rule.language) {
            if !extend(container, variable, rule.keeps_complete_variables, stock)? {
                notices.push(not_extended(container, variable));
                let why = format!(
                    "the variable {} of the container {} comes from elsewhere",
                    variable.name,
                    container.name()
                );
                return Err(Reason::Impossible(why.into()).into());
            }
        }
        container.add_mount(&library)?;
        for variable in &env {
            let what = &variable.what;
            if what.name != tags::NAME {
                container.add_variable(variable)?;
            } else if let Some(configured) = what.value.as_deref().filter(|v| !v.is_empty()) {
                tags::apply(container, configured, stock)?;
            } else {
                tags::note_left_out(container);
            }
        }
    }
    pod.add_volume(stock.empty_dir(VOLUME))?;
    pod.add_init_container(INIT_CONTAINER, init)?;
    Ok(())
}

/// Makes a container's variable load the library; false where its value comes from elsewhere.
fn extend(
    container: &mut Container<'_>,
    variable: &StartupVariable,
    keeps_complete: bool,
    stock: &Stock,
) -> Result<bool, Failure> {
    let value = match container.variable(variable.name) {
        Some(own) if own.is_reference() => return Ok(false),
        Some(own) if keeps_complete && (variable.is_complete)(own.value()) => {
            container.note_complete(variable.name);
            return Ok(true);
        }
        Some(own) if !own.value().is_empty() => Cow::Owned((variable.extended)(own.value())),
        _ => Cow::Borrowed(variable.alone),
    };
    let extended = |value: &str| Some((variable.extended)(value));
    container.extend_variable(variable.name, value, extended, stock)?;
    Ok(true)
}

fn not_extended(container: &Container<'_>, variable: &StartupVariable) -> Notice {
    let message = format!(
        "the variable {} of the container {} comes from valueFrom and cannot be extended",
        variable.name,
        container.name()
    );
    Notice::new("cannot-extend-variable", message)
        .at(container.variable_path(variable.name))
        .hint("give the variable a literal value, or none")
}
