//! Annotations for the operator that it does not know: mostly misspelt ones.

use super::outcome::Notice;
use super::pod::Pod;
use crate::change::Path;
use crate::config::Rules;
use crate::config::annotation::{LOGFWD_INSTANCES, PREFIX, SWITCHES, VERSIONS_V1, VERSIONS_V2};
use crate::config::language::Language;
use crate::config::rule::{Rule, Then};
use crate::diagnostic::nearest;

/// Warns of every annotation with the operator's prefix that nothing reads, and of those whose prefix
/// is nearly the operator's.
pub(super) fn unknown(pod: &Pod<'_>, rules: &Rules) -> Vec<Notice> {
    let versions = rules.version_annotations;
    let mut notices = Vec::new();
    for annotation in pod.annotations() {
        let key = annotation.key();
        if SWITCHES.contains(&key) || key == LOGFWD_INSTANCES {
            continue;
        }
        let notice = if versions.contains(&key) {
            if is_for_a_rule(key, rules) {
                continue;
            }
            let message = format!(
                "the annotation {key} has no effect: no rule of the configuration is for its language"
            );
            Notice::new("unknown-language", message)
                .hint("add a rule for that language, with its image, to the configuration")
        } else if let Some(bare) = key.strip_prefix(PREFIX) {
            let mut notice = odd(key);
            let near = meant(bare, versions);
            notice.hint = near.map(|near| format!("did you mean {PREFIX}{near}?"));
            notice
        } else if let Some(bare) = behind_misspelt_prefix(key) {
            let message = format!(
                "the annotation {key} is none of the operator's, which begin with {PREFIX}"
            );
            let near = meant(bare, versions).unwrap_or_else(|| bare.to_owned());
            Notice::new("unknown-annotation", message).hint(format!("did you mean {PREFIX}{near}?"))
        } else {
            continue;
        };
        let path = Path::new(["metadata", "annotations"]).join(key.to_owned());
        notices.push(notice.at(Some(path)));
    }
    notices
}

/// Whether a rule asks for a version annotation, or injects its language whoever asks.
fn is_for_a_rule(key: &str, rules: &Rules) -> bool {
    fn any<P>(rules: &[Rule<P>], key: &str, name: &str, language: impl Fn(&P) -> Language) -> bool {
        rules.iter().any(|rule| match (&rule.demand, &rule.then) {
            (Some(demand), _) => demand.annotation == key,
            (None, Then::Apply(payload)) => language(payload).name() == name,
            (None, Then::SkipTo(_) | Then::Refuse(_)) => false,
        })
    }
    let Some(version) = key.strip_prefix(PREFIX).and_then(Version::of) else {
        return true;
    };
    let name = version.language;
    if version.rest.starts_with("-profiler") {
        any(&rules.profiler, key, name, |own| own.language)
    } else if version.library.is_empty() {
        any(&rules.ddtrace, key, name, |own| own.language)
    } else {
        any(&rules.otel, key, name, |own| own.language)
    }
}

/// What is odd about an annotation with the operator's prefix.
fn odd(key: &str) -> Notice {
    let asks_for_version = key.ends_with("-lib.version") || key.ends_with("-profiler.version");
    if VERSIONS_V1.contains(&key) || VERSIONS_V2.contains(&key) {
        let message = format!(
            "the annotation {key} is known to another version of the operator, not to the one that is followed"
        );
        Notice::new("unknown-language", message)
    } else if asks_for_version {
        let message =
            format!("the annotation {key} names a language that the operator does not know");
        Notice::new("unknown-language", message)
    } else {
        let message = format!("the operator does not know the annotation {key}");
        Notice::new("unknown-annotation", message)
    }
}

/// The known annotation that is meant by one, both without the prefix: that is no part of the
/// misspelling, and would make everything near.
fn meant(bare: &str, versions: &[&str]) -> Option<String> {
    let known = SWITCHES
        .iter()
        .chain(&[LOGFWD_INSTANCES])
        .chain(versions)
        .filter_map(|own| own.strip_prefix(PREFIX));
    let Some(asked) = Version::of(bare) else {
        return nearest(bare, known).map(str::to_owned);
    };
    let languages = known
        .filter_map(Version::of)
        .filter(|own| own.library == asked.library && own.rest == asked.rest)
        .map(|own| own.language);
    let near = Language::meant(asked.language, languages)?;
    Some(format!("{}{near}{}", asked.library, asked.rest))
}

/// A version annotation's key: of `otel-java-lib.version`, `otel-`, `java` and `-lib.version`.
struct Version<'k> {
    library: &'k str,
    language: &'k str,
    rest: &'k str,
}

impl<'k> Version<'k> {
    fn of(bare: &'k str) -> Option<Self> {
        // A search of the standard library takes long to begin, and this is asked of every pod.
        let find = |suffix: &str| {
            let mut dashes = bare.match_indices('-');
            dashes.find(|&(at, _)| bare[at..].starts_with(suffix))
        };
        let (end, _) = find("-lib.version").or_else(|| find("-profiler.version"))?;
        let (name, rest) = bare.split_at(end);
        let start = if name.starts_with("otel-") {
            "otel-".len()
        } else {
            0
        };
        let (library, language) = name.split_at(start);
        Some(Self {
            library,
            language,
            rest,
        })
    }
}

/// What stands behind a prefix that is nearly the operator's.
fn behind_misspelt_prefix(key: &str) -> Option<&str> {
    let (prefix, bare) = key.split_once('/')?;
    // A look that costs little: most annotations are nobody's business here.
    if !prefix.contains("atak") || prefix == "datakit" {
        return None;
    }
    nearest(prefix, [PREFIX.trim_end_matches('/')]).map(|_| bare)
}
