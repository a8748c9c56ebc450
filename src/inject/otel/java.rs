//! OpenTelemetry for Java: an agent in `JAVA_TOOL_OPTIONS`.

use super::language::Library;
use crate::inject::startup::Added;

pub(super) const LIBRARY: Library = Library {
    directory: "/otel-auto-instrumentation-java",
    command: &[
        "cp",
        "/javaagent.jar",
        "/otel-auto-instrumentation-java/javaagent.jar",
    ],
    variable: "JAVA_TOOL_OPTIONS",
    alone: OPTION,
    extended: |value| {
        let is_there = value.split_whitespace().any(|word| word == OPTION);
        (!is_there).then(|| format!("{value} {OPTION}"))
    },
    added: &[Added::behind(OPTION, ' ')],
    objection: |value| {
        value
            .contains("dd-java-agent.jar")
            .then_some("it loads Datadog's agent")
    },
};

const OPTION: &str = "-javaagent:/otel-auto-instrumentation-java/javaagent.jar";
