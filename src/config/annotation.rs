//! The annotations that the operator reads, by name (`spec/1-behaviour.md`, sections 1 and 5;
//! `spec/1-behaviour-v2.md`, sections 6 to 10).

use super::language::Language;

/// What all annotations for the operator begin with.
pub const PREFIX: &str = "admission.datakit/";
/// Turns everything off.
pub const ENABLED: &str = "admission.datakit/enabled";
/// The log collection that logfwd is asked for.
pub const LOGFWD_INSTANCES: &str = "admission.datakit/logfwd.instances";
/// The log collection of a container's own output: what the logging injection writes.
pub const LOGS: &str = "datakit/logs";

/// The annotation that asks for ddtrace in dialect v1 under Node.js's other name.
pub const JS_LIB_VERSION: &str = "admission.datakit/js-lib.version";

/// The switches, that of the whole included.
pub const SWITCHES: &[&str] = &[
    ENABLED,
    "admission.datakit/ddtrace.enabled",
    "admission.datakit/otel.enabled",
    "admission.datakit/logfwd.enabled",
    "admission.datakit/flameshot.enabled",
    "admission.datakit/profiler.enabled",
];

/// The version annotations that dialect v1 reads.
pub const VERSIONS_V1: &[&str] = &[
    "admission.datakit/java-lib.version",
    "admission.datakit/python-lib.version",
    "admission.datakit/nodejs-lib.version",
    JS_LIB_VERSION,
    "admission.datakit/java-profiler.version",
    "admission.datakit/python-profiler.version",
    "admission.datakit/golang-profiler.version",
];

/// The version annotations that dialect v2 reads.
pub const VERSIONS_V2: &[&str] = &[
    "admission.datakit/java-lib.version",
    "admission.datakit/python-lib.version",
    "admission.datakit/php-lib.version",
    "admission.datakit/nodejs-lib.version",
    "admission.datakit/otel-java-lib.version",
    "admission.datakit/otel-python-lib.version",
    "admission.datakit/otel-nodejs-lib.version",
    "admission.datakit/java-profiler.version",
    "admission.datakit/python-profiler.version",
    "admission.datakit/golang-profiler.version",
];

/// The annotation whose presence asks for ddtrace, and whose value is the library's version.
#[must_use]
pub fn ddtrace_version(language: Language) -> String {
    format!("{PREFIX}{}-lib.version", language.name())
}

/// The annotation whose presence asks for otel, and whose value is the library's version.
#[must_use]
pub fn otel_version(language: Language) -> String {
    format!("{PREFIX}otel-{}-lib.version", language.name())
}

/// The annotation whose presence asks for the profiler, and whose value is its version.
#[must_use]
pub fn profiler_version(language: Language) -> String {
    format!("{PREFIX}{}-profiler.version", language.name())
}

/// Whether a switch's value turns its injection off: anything that Go's `strconv.ParseBool` does
/// not read as false leaves it on (`spec/1-behaviour.md`, section 1).
#[must_use]
pub fn is_off(value: &str) -> bool {
    matches!(value, "0" | "f" | "F" | "false" | "False" | "FALSE")
}
