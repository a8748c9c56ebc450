//! OpenTelemetry for Python: two directories in `PYTHONPATH`, one in front and one behind.

use super::language::Library;
use crate::inject::startup::Added;

pub(super) const LIBRARY: Library = Library {
    directory: SUFFIX,
    command: &[
        "cp",
        "-r",
        "/autoinstrumentation/.",
        "/otel-auto-instrumentation-python",
    ],
    variable: "PYTHONPATH",
    alone: "/otel-auto-instrumentation-python/opentelemetry/instrumentation/auto_instrumentation:\
            /otel-auto-instrumentation-python",
    extended: |value| (!is_complete(value)).then(|| format!("{PREFIX}:{value}:{SUFFIX}")),
    added: &[Added::in_front(PREFIX, ':'), Added::behind(SUFFIX, ':')],
    objection,
};

const PREFIX: &str =
    "/otel-auto-instrumentation-python/opentelemetry/instrumentation/auto_instrumentation";
const SUFFIX: &str = "/otel-auto-instrumentation-python";

/// The first component is the prefix, the last one the suffix, each exactly once.
fn is_complete(value: &str) -> bool {
    let components: Vec<&str> = value.split(':').collect();
    let once = |own: &str| components.iter().filter(|other| **other == own).count() == 1;
    components.first() == Some(&PREFIX)
        && components.last() == Some(&SUFFIX)
        && once(PREFIX)
        && once(SUFFIX)
}

fn objection(value: &str) -> Option<&'static str> {
    let is = |part: &str, own: &str| part == own || part.strip_suffix('/') == Some(own);
    if value.split(':').any(|part| is(part, "/datadog-lib")) {
        return Some("it loads Datadog's library");
    }
    let occurs = value
        .split(':')
        .any(|part| is(part, PREFIX) || is(part, SUFFIX));
    (occurs && !is_complete(value)).then_some("it names OpenTelemetry's library in another way")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_both_directories_in_their_places_are_complete() {
        assert!(is_complete(LIBRARY.alone));
        assert!(is_complete(&format!("{PREFIX}:/app:{SUFFIX}")));
        for value in [
            format!("/app:{PREFIX}:{SUFFIX}"),
            format!("{PREFIX}:/app"),
            format!("{PREFIX}:{SUFFIX}:{SUFFIX}"),
            format!("{SUFFIX}/"),
            "/datadog-lib/".to_owned(),
        ] {
            assert!(objection(&value).is_some(), "{value}");
        }
        assert_eq!(objection("/app"), None);
    }
}
