//! The annotation for container logs: the way back of `inject/logging`.

use super::mount::{is_empty_dir, is_numbered};
use super::pod::{Pod, Shared};
use crate::change::Path;
use crate::config::Rules;
use crate::config::annotation::LOGS;
use crate::config::rule::Then;
use crate::inject::logging::{VOLUME_PREFIX, log_files};
use crate::inject::{Injection, Notice};

/// `any_logs` says that the annotation goes whatever its value.
pub(super) fn remove(
    pod: &mut Pod<'_>,
    rules: &[Option<&Rules>],
    any_logs: bool,
    notices: &mut Vec<Notice>,
) -> bool {
    let mut found = pod.take_mounts(|own| is_numbered(own.name, VOLUME_PREFIX));
    found |= pod.take_volumes(|own| is_numbered(own.name, VOLUME_PREFIX) && is_empty_dir(own));
    let is_rules = |value: &str| {
        let mut rules = rules.iter().flatten().flat_map(|own| &own.logging);
        rules.any(|rule| matches!(&rule.then, Then::Apply(logging) if logging.config == value))
    };
    let mut annotations = pod.annotations.iter_mut();
    let Some(annotation) = annotations.find(|own| own.key == LOGS) else {
        return found;
    };
    let value = annotation.value.unwrap_or_default();
    if any_logs || is_rules(value) {
        annotation.goes = true;
        let files = log_files(value);
        let directories = files.into_iter().flat_map(|files| files.directories);
        pod.shared.extend(directories.map(|path| Shared {
            path,
            injection: Injection::Logging,
        }));
        return true;
    }
    if found {
        let message = format!(
            "the annotation {LOGS} is kept: no logging rule of the configuration has its value"
        );
        let place = Path::new(["metadata", "annotations", LOGS]);
        notices.push(
            Notice::new("annotation-kept", message)
                .at(Some(place))
                .hint("give the configuration that it was injected with, in the same run, or --only logging"),
        );
    }
    found
}
