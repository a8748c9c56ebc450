//! The report as GitLab's code quality report: an array, empty where there is nothing to say
//! (`spec/4-hosts.md`, b.5).

use serde::Serialize;

use super::finding::{Finding, findings};
use super::report_json::text;
use super::repository::Repository;
use crate::diagnostic::Severity;
use crate::report::Report;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    fingerprint: String,
    severity: &'static str,
    location: Place,
}

#[derive(Serialize)]
struct Place {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// The report as JSON, with a line break at its end.
#[must_use]
pub(super) fn render(report: &Report, repository: &Repository) -> String {
    let issues: Vec<Issue> = findings(report, repository)
        .into_iter()
        .map(|finding| issue(finding, repository))
        .collect();
    text(&issues)
}

fn issue(finding: Finding, repository: &Repository) -> Issue {
    let location = finding.diagnostic.location.as_ref();
    Issue {
        description: finding.text(),
        check_name: finding.diagnostic.code,
        severity: severity(&finding),
        location: Place {
            // GitLab asks for a place; an error in the options has none.
            path: location.map_or_else(|| ".".to_owned(), |own| repository.path(&own.path)),
            lines: Lines {
                begin: location.map_or(1, |own| own.line),
            },
        },
        fingerprint: finding.fingerprint,
    }
}

/// GitLab's words: what makes `--check` fail is major, any other warning is minor.
fn severity(finding: &Finding) -> &'static str {
    match (finding.diagnostic.severity, finding.diagnostic.code) {
        (Severity::Error, _) => "critical",
        (_, "not-injected" | "not-converted" | "injection-missing") => "major",
        (Severity::Warning, _) => "minor",
        (Severity::Note, _) => "info",
    }
}
