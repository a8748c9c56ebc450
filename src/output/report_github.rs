//! The report as workflow commands, which GitHub Actions shows beside the lines of a change
//! (`spec/4-hosts.md`, b.5; `actions/toolkit`, `packages/core/src/command.ts`).
//!
//! The runner takes a line for a command where it begins with `::`, on either stream. Every line
//! here begins with text of ours, and what comes from manifests has no line breaks.

use std::fmt::Write as _;

use super::escape::escape_line;
use super::finding::{Finding, findings};
use super::report_text::closing;
use super::repository::Repository;
use crate::diagnostic::{Location, Severity};
use crate::input::STANDARD_INPUT;
use crate::report::{Report, Verbosity};

/// The report's commands, and the numbers: GitHub shows no more than ten errors and ten warnings
/// of a step.
#[must_use]
pub(super) fn render(report: &Report, verbosity: Verbosity, repository: &Repository) -> String {
    let mut text = String::new();
    for finding in findings(report, repository) {
        let command = match finding.diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note if verbosity == Verbosity::Quiet => continue,
            Severity::Note => "notice",
        };
        let properties = properties(&finding, repository);
        let message = data(&message(&finding));
        let _ = writeln!(text, "::{command} {properties}::{message}");
    }
    let dry_run = report.dry_run || report.ending.is_failure();
    if verbosity > Verbosity::Quiet
        && let Some(closing) = closing(report, dry_run)
    {
        let _ = writeln!(text, "{closing}");
    }
    text
}

/// Where a finding is, as far as a file of the checkout is meant, and its code.
fn properties(finding: &Finding, repository: &Repository) -> String {
    let mut properties = String::new();
    if let Some(location) = place(finding) {
        let file = property(&repository.path(&location.path));
        let (line, column) = (location.line, location.column);
        let _ = write!(properties, "file={file},line={line},");
        // The end of a place that is no more than a beginning is not known.
        if location.width() > 1 {
            let end = column + location.width() - 1;
            let _ = write!(properties, "endLine={line},col={column},endColumn={end},");
        } else {
            let _ = write!(properties, "col={column},");
        }
    }
    let _ = write!(properties, "title={}", property(finding.diagnostic.code));
    properties
}

fn place(finding: &Finding) -> Option<&Location> {
    let location = finding.diagnostic.location.as_ref();
    location.filter(|location| *location.path != *STANDARD_INPUT)
}

/// What is said of standard input has its place in front: there is no file to show it at.
fn message(finding: &Finding) -> String {
    match &finding.diagnostic.location {
        Some(location) if *location.path == *STANDARD_INPUT => format!(
            "{}:{}:{}: {}",
            location.path,
            location.line,
            location.column,
            finding.text()
        ),
        _ => finding.text(),
    }
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a command's property. What is odd in it, but for line breaks, which GitHub decodes, is
/// no part of a file's name that anybody means.
fn property(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape_line).collect();
    data(&lines.join("\n"))
        .replace(':', "%3A")
        .replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic;
    use crate::report::{Event, ReadFile};
    use crate::source::{Source, Span};

    #[test]
    fn a_command_is_one_line_whatever_a_name_holds() {
        let source = Source::new("a,b:%\n::error::x.yaml", "kind: Pod\n");
        let warning = Diagnostic::warning("duplicate-key", "100%\n::stop-commands::x\r")
            .at(&source, Span::new(6, 9))
            .hint("a\n::b");
        let mut report = Report::default();
        report.add(Event::Diagnostic(Box::new(warning)));
        assert_eq!(
            render(&report, Verbosity::Normal, &Repository::default()),
            "::warning file=a%2Cb%3A%25%0A%3A%3Aerror%3A%3Ax.yaml,line=1,endLine=1,col=7,endColumn=9,\
             title=duplicate-key::100%25\\n::stop-commands::x\\r%0Ahelp: a\\n::b\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn every_finding_is_one_command(path in ".{0,12}", message in "(?s).{0,40}", hint in "(?s).{0,12}") {
            let source = Source::new(path, "kind: Pod\n");
            let mut report = Report::default();
            for severity in [Diagnostic::error, Diagnostic::warning, Diagnostic::note] {
                let finding = severity("usage", message.clone()).hint(hint.clone());
                report.add(Event::Diagnostic(Box::new(finding.at(&source, Span::new(0, 4)))));
            }
            let text = render(&report, Verbosity::Normal, &Repository::default());
            let starts = ["::error file=", "::warning file=", "::notice file="];
            assert_eq!(text.split_terminator(['\n', '\r']).count(), starts.len(), "{text:?}");
            for (line, start) in text.lines().zip(starts) {
                assert!(line.starts_with(start), "{line}");
                // The properties end where they are meant to.
                let (properties, _) = line[2..].split_once("::").unwrap();
                assert!(properties.ends_with(",title=usage"), "{line}");
                assert_eq!(properties.matches(',').count(), 5, "{line}");
            }
        }
    }

    #[test]
    fn a_file_that_is_converted_is_a_finding() {
        let report = Report {
            check: true,
            files: vec![ReadFile {
                path: "a.json".into(),
                documents: 1,
                changed: true,
            }],
            ..Report::default()
        };
        let text = render(&report, Verbosity::Normal, &Repository::default());
        assert!(
            text.starts_with("::warning file=a.json,line=1,col=1,title=not-converted::"),
            "{text}"
        );
    }
}
