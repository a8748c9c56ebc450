//! `DD_TAGS`, into which the configured pairs were merged: the way back of `inject/ddtrace/tags.rs`.

use super::pod::{Container, Fate, Variable};
use crate::change::Path;
use crate::config::env_value::{EnvSetting, EnvValue};
use crate::inject::Notice;
use crate::inject::ddtrace::tags::{NAME, pairs};

/// The tags that a rule configures.
fn configured(settings: &[EnvSetting]) -> Option<&str> {
    let tags = settings.iter().find(|own| own.name == NAME)?;
    match &tags.value {
        EnvValue::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// Whether a variable holds all the tags of a rule, perhaps among others.
pub(super) fn are_merged(settings: &[EnvSetting], variable: &Variable<'_>) -> bool {
    let Some(value) = variable.literal().filter(|_| variable.name == NAME) else {
        return false;
    };
    let has = |pair: &str| value.split(',').any(|own| own == pair);
    configured(settings).is_some_and(|tags| pairs(tags).all(|(_, pair)| has(pair)))
}

/// Takes the configured pairs out of the variable that the injection moved to the end: the last one
/// of its name. `path` gives the way to a variable.
pub(super) fn remove(
    container: &mut Container<'_>,
    settings: &[EnvSetting],
    path: impl Fn(usize) -> Path,
    notices: &mut Vec<Notice>,
) {
    let Some(configured) = configured(settings) else {
        return;
    };
    let Some(place) = container.env.iter().rposition(|own| own.name == NAME) else {
        return;
    };
    let variable = &mut container.env[place];
    let Some(value) = variable.literal() else {
        return;
    };
    let is_configured = |part: &&str| pairs(configured).any(|(_, pair)| pair == *part);
    let rest: Vec<&str> = value
        .split(',')
        .filter(|part| !is_configured(part))
        .collect();
    if value == configured || rest.is_empty() {
        variable.fate = Fate::Goes;
        return;
    }
    let rest = rest.join(",");
    if rest.len() == value.len() {
        return;
    }
    variable.fate = Fate::Becomes(rest);
    let message = format!(
        "the tags of the configuration are taken out of {NAME} of the container {}; the others stay, at \
         the place that the injection gave them",
        container.name
    );
    notices.push(Notice::new("tags-merged", message).at(Some(path(place))));
}
