//! The results of checks as one JSON object with everything in it, in a versioned form
//! (`docs/preflight.md`).
//!
//! Structs and not maps: the order of their fields is the order in the text.

use serde::Serialize;

use super::preflight::Setting;
use crate::diagnostic::Location;
use crate::preflight::{Checkup, Finding, Group, Made, Status};

/// Counts up where a reader of the form before would be misled.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'c> {
    schema_version: u32,
    program: &'static str,
    version: &'static str,
    configuration: &'c str,
    exit_code: u8,
    subjects: Vec<Subject<'c>>,
    summary: Numbers,
}

#[derive(Serialize)]
struct Subject<'c> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'c str,
    place: Option<Place<'c>>,
    injections: Vec<Injection>,
    workloads: &'c [String],
    checks: Vec<Check<'c>>,
}

#[derive(Serialize)]
#[allow(clippy::struct_field_names, reason = "they are the names in the JSON")]
struct Check<'c> {
    check: &'static str,
    status: &'static str,
    message: &'c str,
    hint: Option<&'c str>,
    place: Option<Place<'c>>,
}

#[derive(Serialize)]
struct Injection {
    injection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

/// Lines and columns count from 1, columns in characters.
#[derive(Serialize)]
struct Place<'c> {
    path: &'c str,
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Numbers {
    files: usize,
    documents: usize,
    workloads: usize,
    injected: usize,
    pass: usize,
    fail: usize,
    unknown: usize,
    note: usize,
}

/// The results as JSON, with a line break at its end.
#[must_use]
pub(super) fn render(checkup: &Checkup, setting: &Setting<'_>) -> String {
    let (files, documents) = setting.read;
    let document = Document {
        schema_version: SCHEMA_VERSION,
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        configuration: setting.configuration,
        exit_code: setting.exit_code,
        subjects: checkup.groups.iter().map(subject).collect(),
        summary: Numbers {
            files,
            documents,
            workloads: checkup.workloads,
            injected: checkup.injected,
            pass: checkup.count(Status::Pass),
            fail: checkup.count(Status::Fail),
            unknown: checkup.count(Status::Unknown),
            note: checkup.count(Status::Note),
        },
    };
    super::report_json::text(&document)
}

fn subject(group: &Group) -> Subject<'_> {
    let injection = |made: &Made| Injection {
        injection: made.injection.name(),
        detail: made.detail,
    };
    Subject {
        kind: group.kind.name(),
        name: &group.name,
        place: group.location.as_ref().map(place),
        injections: group.injections.iter().map(injection).collect(),
        workloads: &group.workloads,
        checks: group.findings.iter().map(check).collect(),
    }
}

fn check(finding: &Finding) -> Check<'_> {
    Check {
        check: finding.check,
        status: finding.status.name(),
        message: &finding.message,
        hint: finding.hint.as_deref(),
        place: finding.location.as_ref().map(place),
    }
}

fn place(location: &Location) -> Place<'_> {
    Place {
        path: &location.path,
        line: location.line,
        column: location.column,
    }
}
