//! Annotations for the operator that it does not know: mostly misspelt ones.

use super::outcome::Notice;
use super::pod::Pod;
use crate::change::Path;
use crate::config::annotation::{LOGFWD_INSTANCES, PREFIX, SWITCHES, VERSIONS_V1, VERSIONS_V2};
use crate::diagnostic::nearest;

/// Warns of every annotation with the operator's prefix that nothing reads. `versions` are the
/// version annotations that the configuration's dialect knows.
pub(super) fn unknown(pod: &Pod<'_>, versions: &[&str]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for annotation in pod.annotations() {
        let key = annotation.key();
        let is_known =
            SWITCHES.contains(&key) || key == LOGFWD_INSTANCES || versions.contains(&key);
        if !key.starts_with(PREFIX) || is_known {
            continue;
        }
        let known = SWITCHES
            .iter()
            .chain(&[LOGFWD_INSTANCES])
            .chain(versions)
            .copied();
        let asks_for_version = key.ends_with("-lib.version") || key.ends_with("-profiler.version");
        let (code, message) = if VERSIONS_V1.contains(&key) || VERSIONS_V2.contains(&key) {
            let message = format!(
                "the annotation {key} is known to another version of the operator, not to the one that is followed"
            );
            ("unknown-language", message)
        } else if asks_for_version {
            let message =
                format!("the annotation {key} names a language that the operator does not know");
            ("unknown-language", message)
        } else {
            let message = format!("the operator does not know the annotation {key}");
            ("unknown-annotation", message)
        };
        let notice = Notice::new(code, message);
        let mut notice = notice.at(Some(
            Path::new(["metadata", "annotations"]).join(key.to_owned()),
        ));
        // The prefix is no part of the misspelling, and would make everything near.
        let bare = key.strip_prefix(PREFIX).unwrap_or(key);
        let known = known.filter_map(|own| own.strip_prefix(PREFIX));
        let near = match language_of(bare) {
            Some((language, rest)) => nearest(
                language,
                known
                    .filter_map(language_of)
                    .filter(|(_, other)| *other == rest)
                    .map(|(language, _)| language),
            )
            .map(|near| format!("{near}{rest}")),
            None => nearest(bare, known).map(str::to_owned),
        };
        notice.hint = near.map(|near| format!("did you mean {PREFIX}{near}?"));
        notices.push(notice);
    }
    notices
}

/// The language in a version annotation's key, and what stands behind it: of `java-lib.version`,
/// `java` and `-lib.version`.
fn language_of(key: &str) -> Option<(&str, &str)> {
    let end = key
        .find("-lib.version")
        .or_else(|| key.find("-profiler.version"))?;
    Some(key.split_at(end))
}
