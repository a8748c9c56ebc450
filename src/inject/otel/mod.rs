//! OpenTelemetry's tracing libraries: like ddtrace's, but nothing is changed where anything in the
//! pod speaks against it (`spec/1-behaviour-v2.md`, section 7).

mod compatible;
mod java;
pub(crate) mod language;
mod nodejs;
mod python;
mod security;
mod validate;

use std::borrow::Cow;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Container as KubernetesContainer;

use super::container::Container;
use super::outcome::{Failure, Flaw, Notice, Reason};
use super::pod::Pod;
use super::stock::Stock;
use super::{environment, manifest, sidecar};
use crate::config::rule::Otel;
use crate::yaml::{Budget, Value};
use language::{Library, library};

/// The init container.
pub(crate) const INIT_CONTAINER: &str = "datakit-otel-lib-init";

/// The volume that the library is brought into.
pub(crate) const VOLUME: &str = "datakit-otel-auto-instrument";

/// The init container as the rule wants it.
struct Desired<'a> {
    container: Arc<KubernetesContainer>,
    /// The first regular container's, as the user wrote it.
    security_context: Option<crate::yaml::Node<'a>>,
}

/// Gives whether anything was missing.
pub(super) fn inject(
    rule: &Otel,
    version: &str,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<bool, Failure> {
    let Some(library) = library(rule.language) else {
        let name = rule.language.name();
        return Err(Reason::UnsupportedLanguage(name.into()).into());
    };
    if security::refuses_root(pod) {
        notices.push(
            Notice::new(
                "run-as-non-root",
                "otel is not injected: the init container would run as root, which runAsNonRoot forbids (run_as_non_root_without_run_as_user)",
            )
            .hint("set runAsUser beside runAsNonRoot: the init container runs as the first container does"),
        );
        let why = "runAsNonRoot without a runAsUser";
        return Err(Reason::Impossible(why.into()).into());
    }
    let library_mount = stock.mount(VOLUME, library.directory, false);
    let container = stock.body(rule, version, || {
        let mut container = sidecar::container(INIT_CONTAINER, &rule.container, version, notices)?;
        container.command = Some(sidecar::command(library.command));
        container.volume_mounts = Some(vec![library_mount.what.clone()]);
        Ok::<_, Failure>(container)
    })?;
    let desired = Desired {
        container,
        security_context: security::context_of_first(pod),
    };
    if let Err(objection) = validate::validate(pod, &desired, &library) {
        let message = format!("otel is not injected: {}", objection.why);
        notices.push(Notice::new("otel-skipped", message).at(objection.path));
        return Err(Reason::Impossible(objection.why.into()).into());
    }
    let mut changed = add_init_container(pod, &desired)?;
    changed |= pod.volume(VOLUME).is_none();
    pod.add_volume(stock.empty_dir(VOLUME))?;
    let env = environment::variables(&rule.container.envs, pod, stock);
    for container in pod.each_container()?.filter(|own| !sidecar::is_ours(own)) {
        let before = container.revision;
        extend(container, &library, stock)?;
        container.add_mount(&library_mount)?;
        for variable in &env {
            container.add_variable(variable)?;
        }
        changed |= container.revision != before;
    }
    Ok(changed)
}

fn add_init_container(pod: &mut Pod<'_>, desired: &Desired<'_>) -> Result<bool, Failure> {
    if pod.init_container(INIT_CONTAINER).is_some() {
        pod.note_init_container_kept(INIT_CONTAINER);
        return Ok(false);
    }
    let security_context = match desired.security_context {
        None => None,
        Some(node) => Some(copy(node)?),
    };
    let container = manifest::value(&*desired.container);
    let container = manifest::with_security_context(container, security_context);
    pod.add_init_container(INIT_CONTAINER, Arc::new(container))?;
    Ok(true)
}

/// A security context may have this many values with so much text, aliases expanded.
const COPY_LIMIT: Budget = Budget::new(10_000, 1 << 20);

fn copy(node: crate::yaml::Node<'_>) -> Result<Value, Failure> {
    let mut budget = COPY_LIMIT;
    node.tree().value(node.id(), &mut budget).ok_or_else(|| {
        let why = "the first container's security context is too large to copy";
        Reason::Impossible(why.into()).into()
    })
}

/// Makes a container's variable load the library, where it does not.
fn extend(container: &mut Container<'_>, library: &Library, stock: &Stock) -> Result<(), Flaw> {
    let value = match container.variable(library.variable) {
        Some(own) if !own.value().is_empty() => {
            let Some(value) = (library.extended)(own.value()) else {
                container.note_complete(library.variable);
                return Ok(());
            };
            Cow::Owned(value)
        }
        _ => Cow::Borrowed(library.alone),
    };
    container.extend_variable(library.variable, value, library.extended, stock)
}
