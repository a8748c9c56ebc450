//! The report as one JSON object with everything in it, in a versioned form (`docs/reports.md`).
//!
//! Structs and not maps: the order of their fields is the order in the text. Lines of manifests are
//! never quoted, so that no value of a variable or a Secret gets into a report.

use serde::Serialize;

use super::escape::escape_json;
use crate::diagnostic::{Diagnostic, Location, RuleReference};
use crate::inject::{Injected, Reason, Skipped};
use crate::report::{ConfigurationInForce, Event, Report, Summary, Workload};

/// Counts up where a reader of the form before would be misled.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'r> {
    schema_version: u32,
    program: &'static str,
    version: &'static str,
    configuration: Option<&'r str>,
    exit_code: u8,
    /// Whether the injections were made, not only looked at.
    written: bool,
    files: Vec<File<'r>>,
    results: Vec<Entry<'r>>,
    summary: Numbers,
}

#[derive(Serialize)]
struct File<'r> {
    path: &'r str,
    documents: usize,
    changed: bool,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Entry<'r> {
    Workload(Object<'r>),
    Document(Untouched<'r>),
    Missing(Remark<'r>),
    Stale(Remark<'r>),
    Diagnostic(Remark<'r>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'r> {
    path: &'r str,
    line: usize,
    column: usize,
    document: usize,
    api_version: Option<&'r str>,
    kind: &'r str,
    namespace: Option<&'r str>,
    name: Option<&'r str>,
    status: &'static str,
    injections: Vec<Attempt<'r>>,
}

#[derive(Serialize)]
struct Attempt<'r> {
    injection: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize)]
struct Untouched<'r> {
    path: &'r str,
    line: usize,
    column: usize,
    object: &'r str,
}

#[derive(Serialize)]
pub(super) struct Remark<'r> {
    code: &'static str,
    severity: &'static str,
    message: &'r str,
    object: Option<&'r str>,
    #[serde(flatten)]
    place: Option<Place<'r>>,
    hint: Option<&'r str>,
    rule: Option<Rule<'r>>,
}

/// Lines and columns count from 1, columns in characters; the end is behind the last one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place<'r> {
    path: &'r str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

/// A rule of the configuration, with its place where it is written in one.
#[derive(Serialize)]
struct Rule<'r> {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
}

#[derive(Serialize)]
struct Numbers {
    files: usize,
    documents: usize,
    workloads: usize,
    injected: usize,
    cleaned: usize,
    refreshed: usize,
    skipped: usize,
    missing: usize,
    stale: usize,
    warnings: usize,
    errors: usize,
}

/// The report as JSON, with a line break at its end.
#[must_use]
pub(super) fn render(report: &Report) -> String {
    let written = !report.dry_run && !report.ending.is_failure();
    let configuration = report.configuration.as_ref();
    let Summary {
        files,
        documents,
        workloads,
        injected,
        cleaned,
        refreshed,
        skipped,
        missing,
        stale,
        warnings,
        errors,
        there: _,
        changed: _,
    } = report.summary;
    text(&Document {
        schema_version: SCHEMA_VERSION,
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        configuration: configuration.map(|configuration| configuration.origin.as_str()),
        exit_code: report.ending.code(),
        written,
        files: report
            .files
            .iter()
            .map(|file| File {
                path: &file.path,
                documents: file.documents,
                changed: file.changed,
            })
            .collect(),
        results: report
            .events
            .iter()
            .map(|event| match event {
                Event::Workload(own) => Entry::Workload(workload(own, configuration, written)),
                Event::Document(own) => Entry::Document(Untouched {
                    path: &own.location.path,
                    line: own.location.line,
                    column: own.location.column,
                    object: &own.label,
                }),
                Event::Missing(own) => Entry::Missing(remark(own, configuration)),
                Event::Stale(own) => Entry::Stale(remark(own, configuration)),
                Event::Diagnostic(own) => Entry::Diagnostic(remark(own, configuration)),
            })
            .collect(),
        summary: Numbers {
            files,
            documents,
            workloads,
            injected,
            cleaned,
            refreshed,
            skipped,
            missing,
            stale,
            warnings,
            errors,
        },
    })
}

/// A value as JSON for people and programs, with a line break at its end.
pub(super) fn text(value: &impl Serialize) -> String {
    let mut text = escape_json(&serde_json::to_string_pretty(value).unwrap_or_default());
    text.push('\n');
    text
}

fn workload<'r>(
    own: &'r Workload,
    configuration: Option<&'r ConfigurationInForce>,
    written: bool,
) -> Object<'r> {
    let made = if written { "injected" } else { "would-inject" };
    let taken = if written { "removed" } else { "would-remove" };
    let injected = own.injected().iter().map(|one: &Injected| Attempt {
        injection: one.injection.name(),
        status: made,
        detail: one.detail,
        rule: Some(rule(
            &RuleReference {
                name: one.rule.to_string(),
                span: one.rule.is_entry().then_some(one.rule.span),
            },
            configuration,
        )),
        reason: None,
        message: None,
    });
    let removed = own.removed().iter().map(|one| Attempt {
        injection: one.name(),
        status: taken,
        detail: None,
        rule: None,
        reason: None,
        message: None,
    });
    let replaced = if written {
        "refreshed"
    } else {
        "would-refresh"
    };
    let refreshed = own.refreshed().iter().map(|one| Attempt {
        injection: one.injection.name(),
        status: replaced,
        detail: None,
        rule: None,
        reason: None,
        message: Some(one.differences.clone()),
    });
    let skipped = own.skipped().iter().map(|one: &Skipped| Attempt {
        injection: one.injection.name(),
        status: "skipped",
        detail: None,
        rule: None,
        reason: Some(reason(&one.reason)),
        message: Some(one.reason.to_string()),
    });
    Object {
        path: &own.location.path,
        line: own.location.line,
        column: own.location.column,
        document: own.document,
        api_version: own.object.api_version(),
        kind: own.object.kind(),
        namespace: own.object.namespace(),
        name: own.object.name(),
        status: if !own.injected().is_empty() {
            made
        } else if !own.removed().is_empty() {
            taken
        } else if !own.refreshed().is_empty() {
            replaced
        } else {
            "skipped"
        },
        injections: injected
            .chain(removed)
            .chain(refreshed)
            .chain(skipped)
            .collect(),
    }
}

pub(super) fn remark<'r>(
    own: &'r Diagnostic,
    configuration: Option<&'r ConfigurationInForce>,
) -> Remark<'r> {
    Remark {
        code: own.code,
        severity: own.severity.label(),
        message: &own.message,
        object: own.subject.as_deref(),
        place: own.location.as_ref().map(|location| Place {
            path: &location.path,
            line: location.line,
            column: location.column,
            end_line: location.line,
            end_column: location.column + location.width(),
        }),
        hint: own.hint.as_deref(),
        rule: own.rule.as_ref().map(|own| rule(own, configuration)),
    }
}

fn rule<'r>(own: &RuleReference, configuration: Option<&'r ConfigurationInForce>) -> Rule<'r> {
    let written = own.span.zip(configuration);
    let place = written.map(|(span, own)| (own, Location::new(&own.source, span)));
    Rule {
        name: own.name.clone(),
        path: written.map(|(_, own)| &**own.source.name()),
        line: place.as_ref().map(|(_, place)| place.line),
        column: place.as_ref().map(|(_, place)| place.column),
    }
}

/// The word for a reason, which stays what it is when the wording of the message changes.
pub(super) const fn reason(reason: &Reason) -> &'static str {
    match reason {
        Reason::NoContainers => "no-containers",
        Reason::LeftOut => "left-out",
        Reason::SwitchedOff(_) => "switched-off",
        Reason::NoRuleMatches => "no-rule-matches",
        Reason::AnnotationMissing(_) => "annotation-missing",
        Reason::UnsupportedLanguage(_) => "unsupported-language",
        Reason::NoLanguage => "no-language",
        Reason::HasContainer(_) => "has-container",
        Reason::HasInitContainer(_) => "has-init-container",
        Reason::HasAnnotation(_) => "has-annotation",
        Reason::Yields(_) => "yields",
        Reason::Complete => "complete",
        Reason::Current => "current",
        Reason::ImageMissing(_) => "image-missing",
        Reason::Impossible(_) => "impossible",
        Reason::NothingAskedFor => "nothing-asked-for",
        Reason::Malformed => "malformed",
    }
}
