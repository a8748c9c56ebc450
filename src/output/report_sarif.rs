//! The report as SARIF 2.1.0, as GitHub's code scanning and others read it (`spec/4-hosts.md`,
//! b.5; OASIS, "Static Analysis Results Interchange Format Version 2.1.0").
//!
//! What has a place is a result; what has none, such as an error in the options, is a notification
//! of the invocation, since code scanning refuses results without a place.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::escape::escape;
use super::finding::{Finding, findings};
use super::report_json::text;
use super::repository::Repository;
use super::rule_help::{RuleHelp, help};
use crate::diagnostic::{Location, RuleReference, Severity};
use crate::report::{ConfigurationInForce, Report};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Serialize)]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    invocations: [Invocation; 1],
    /// Our columns count characters; SARIF's own default is UTF-16.
    column_kind: &'static str,
    results: Vec<Outcome<'r>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

impl Text {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    descriptor: Descriptor,
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
struct Descriptor {
    id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'r> {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Place; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    related_locations: Option<[Place; 1]>,
    partial_fingerprints: Fingerprints<'r>,
}

#[derive(Serialize)]
struct Fingerprints<'r> {
    #[serde(rename = "datakitInject/v1")]
    own: Cow<'r, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// The report as JSON, with a line break at its end.
#[must_use]
pub(super) fn render(report: &Report, repository: &Repository) -> String {
    let mut rules: Vec<Rule> = Vec::new();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for finding in findings(report, repository) {
        let diagnostic = &finding.diagnostic;
        let (code, level) = (diagnostic.code, level(diagnostic.severity));
        let message = Text::new(finding.text());
        let Some(location) = &diagnostic.location else {
            notifications.push(Notification {
                descriptor: Descriptor { id: code },
                level,
                message,
            });
            continue;
        };
        let known = rules.iter().position(|rule| rule.id == code);
        let rule_index = known.unwrap_or_else(|| {
            rules.push(rule(code));
            rules.len() - 1
        });
        let related = diagnostic.rule.as_ref();
        let related =
            related.and_then(|own| asking_rule(own, report.configuration.as_ref(), repository));
        results.push(Outcome {
            rule_id: code,
            rule_index,
            level,
            message,
            locations: [place(location, None, repository)],
            related_locations: related.map(|place| [place]),
            partial_fingerprints: fingerprints(&finding),
        });
    }
    text(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules,
                },
            },
            invocations: [Invocation {
                execution_successful: report.summary.errors == 0,
                exit_code: report.ending.code(),
                tool_execution_notifications: notifications,
            }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

fn fingerprints(finding: &Finding) -> Fingerprints<'static> {
    Fingerprints {
        own: finding.fingerprint.clone().into(),
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn rule(id: &'static str) -> Rule {
    let RuleHelp {
        short,
        description,
        advice,
    } = help(id);
    Rule {
        id,
        short_description: Text::new(short),
        full_description: Text::new(description),
        help: Text::new(advice),
    }
}

/// The rule of the configuration, where that is a file.
fn asking_rule(
    own: &RuleReference,
    configuration: Option<&ConfigurationInForce>,
    repository: &Repository,
) -> Option<Place> {
    let source = &configuration?.source;
    // What is built in or comes from a variable is no file: `<the built-in default>`.
    if source.name().starts_with('<') {
        return None;
    }
    let message = Text::new(escape(&format!("the rule {}", own.name)));
    Some(place(
        &Location::new(source, own.span?),
        Some(message),
        repository,
    ))
}

fn place(location: &Location, message: Option<Text>, repository: &Repository) -> Place {
    Place {
        physical_location: PhysicalLocation {
            artifact_location: Artifact {
                uri: uri(&repository.path(&location.path)),
            },
            region: Region {
                start_line: location.line,
                start_column: location.column,
                end_line: location.line,
                end_column: location.column + location.width(),
            },
        },
        message,
    }
}

/// A path as a URI: relative, or `file:` where it is absolute.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        // RFC 3986: unreserved characters, and the separator.
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(uri("k8s/a b:ü.yaml"), "k8s/a%20b%3A%C3%BC.yaml");
        assert_eq!(uri("/etc/x.yaml"), "file:///etc/x.yaml");
    }
}
