//! The report for people: a line for each workload, warnings with their codes, errors with the
//! line that they are about (`spec/2-command-line.md`, "Report" and "Exit codes").

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::color::{Palette, Style};
use super::escape::{HASH, escape, is_odd};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::inject::{Injected, Reason, Skipped};
use crate::report::{Ending, Event, Report, Summary, Verbosity, Workload};

/// Lines longer than this are cut around the place that is meant.
const FRAME_WIDTH: usize = 160;

/// A tab is shown as this many blanks.
const TAB: usize = 4;

/// The text of a report. Where the result was held back, what would have been injected is not told.
#[must_use]
pub fn render(report: &Report, verbosity: Verbosity, palette: Palette) -> String {
    let verbosity = if report.ending.is_failure() {
        Verbosity::Quiet
    } else {
        verbosity
    };
    let mut text = String::new();
    for event in &report.events {
        match event {
            Event::Workload(workload) if verbosity >= Verbosity::Normal => {
                let what = escape(&outcome(workload, report.dry_run));
                let what = if workload.is_injected() {
                    palette.paint(Style::Green, &what)
                } else {
                    what
                };
                let label = escape(&workload.object.label);
                let _ = writeln!(text, "{}: {label}: {what}", place(&workload.location));
            }
            Event::Document { location, label } if verbosity >= Verbosity::Verbose => {
                let line = format!("{}: {}: no pod template", place(location), escape(label));
                text.push_str(&palette.paint(Style::Dim, &line));
                text.push('\n');
            }
            Event::Diagnostic(diagnostic) => {
                if diagnostic.severity > Severity::Note || verbosity >= Verbosity::Normal {
                    text.push_str(&render_diagnostic(diagnostic, palette));
                }
            }
            Event::Missing(diagnostic) => text.push_str(&render_diagnostic(diagnostic, palette)),
            Event::Workload(_) | Event::Document { .. } => {}
        }
    }
    if verbosity >= Verbosity::Normal && report.summary.files > 0 {
        let _ = writeln!(text, "{}", summary(&report.summary, report.dry_run));
    }
    let nothing = if report.hands_back {
        "nothing was changed"
    } else {
        "nothing was written"
    };
    match report.ending {
        Ending::Warned => {
            let _ = writeln!(text, "--strict: there was a warning, and so {nothing}");
        }
        Ending::Failed => {
            let _ = writeln!(text, "{nothing}");
        }
        Ending::FailedInPart => {
            text.push_str("part of the result was written\n");
        }
        Ending::Done | Ending::Found | Ending::Refused | Ending::FailedAfterwards => {}
    }
    text
}

/// The errors of a report and nothing else (`--report none`): no failure is without a word.
#[must_use]
pub fn errors(report: &Report, palette: Palette) -> String {
    let errors = report.events.iter().filter_map(|event| match event {
        Event::Diagnostic(diagnostic) if diagnostic.severity == Severity::Error => {
            Some(render_diagnostic(diagnostic, palette))
        }
        _ => None,
    });
    errors.collect()
}

/// What happened to a workload, in words. May hold text of the user's.
#[must_use]
pub fn outcome(workload: &Workload, dry_run: bool) -> String {
    if workload.is_injected() {
        injections(&workload.injected, dry_run)
    } else {
        format!("skipped: {}", reasons(&workload.skipped))
    }
}

/// What was injected, in words.
pub(super) fn injections(injected: &[Injected], dry_run: bool) -> String {
    let verb = if dry_run { "would inject" } else { "injected" };
    let mut text = String::with_capacity(64);
    text.push_str(verb);
    for (index, one) in injected.iter().enumerate() {
        text.push_str(if index == 0 { " " } else { ", " });
        text.push_str(one.injection.name());
        if let Some(detail) = one.detail {
            text.push_str(" (");
            text.push_str(detail);
            text.push(')');
        }
    }
    text
}

/// Why nothing was injected, in words: the reasons that say more than that nobody asked, or the one that all
/// injections share.
fn reasons(skipped: &[Skipped]) -> String {
    if let Some(first) = skipped.first()
        && skipped.iter().all(|one| one.reason == first.reason)
    {
        return first.reason.to_string();
    }
    let told: Vec<String> = skipped
        .iter()
        .filter(|one| {
            !matches!(
                one.reason,
                Reason::NoRuleMatches | Reason::LeftOut | Reason::NothingAskedFor
            )
        })
        .map(|one| format!("{}: {}", one.injection, one.reason))
        .collect();
    let left_out: Vec<&str> = skipped
        .iter()
        .filter(|one| one.reason == Reason::LeftOut)
        .map(|one| one.injection.name())
        .collect();
    if told.is_empty() && !left_out.is_empty() {
        format!("no rule matches (left out: {})", left_out.join(", "))
    } else if told.is_empty() {
        Reason::NoRuleMatches.to_string()
    } else {
        told.join("; ")
    }
}

/// The numbers in words.
pub(super) fn summary(numbers: &Summary, dry_run: bool) -> String {
    let count = |number: usize, noun: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {noun}{plural}")
    };
    let injected = if dry_run {
        "would be injected"
    } else {
        "injected"
    };
    let mut parts = vec![
        format!("{} {injected}", numbers.injected),
        format!("{} skipped", numbers.skipped),
    ];
    if numbers.missing > 0 {
        parts.push(format!("{} missing", numbers.missing));
    }
    if numbers.warnings > 0 {
        parts.push(count(numbers.warnings, "warning"));
    }
    if numbers.errors > 0 {
        parts.push(count(numbers.errors, "error"));
    }
    format!(
        "{}, {}, {}: {}",
        count(numbers.files, "file"),
        count(numbers.documents, "document"),
        count(numbers.workloads, "workload"),
        parts.join(", ")
    )
}

/// The lines of one diagnostic: an error with its frame, anything else on one line.
#[must_use]
pub fn render_diagnostic(diagnostic: &Diagnostic, palette: Palette) -> String {
    let style = match diagnostic.severity {
        Severity::Error => Style::Error,
        Severity::Warning => Style::Warning,
        Severity::Note => Style::Cyan,
    };
    let label = palette.paint(style, diagnostic.severity.label());
    let message = escape(&diagnostic.message);
    let code = diagnostic.code;
    let mut text = String::new();
    match (&diagnostic.location, diagnostic.severity) {
        (Some(location), Severity::Error) => {
            let _ = writeln!(text, "{label}: {}: {message} [{code}]", place(location));
            if location.hidden_from.is_none() || !location.text.is_empty() {
                text.push_str(&frame(location, palette));
            }
        }
        (Some(location), _) => {
            let _ = writeln!(text, "{}: {label}: {message} [{code}]", place(location));
        }
        (None, _) => {
            let _ = writeln!(text, "{label}: {message} [{code}]");
        }
    }
    if let Some(hint) = &diagnostic.hint {
        let help = palette.paint(Style::Bold, "help");
        let indent = if diagnostic.severity == Severity::Error {
            ""
        } else {
            "  "
        };
        let _ = writeln!(text, "{indent}{help}: {}", escape(hint));
    }
    text
}

/// A path that begins like a workflow command of GitHub's gets its folder in front: lines of the
/// report begin with paths, and the runner reads every line (`spec/4-hosts.md`, b.5).
fn place(location: &Location) -> String {
    let path = &location.path;
    let folder = if path.trim_start().starts_with("::") {
        "./"
    } else {
        ""
    };
    format!(
        "{folder}{}:{}:{}",
        escape(path),
        location.line,
        location.column
    )
}

/// The line that is meant, with carets below the place.
fn frame(location: &Location, palette: Palette) -> String {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len());
    // What is left out is pointed at by where it begins.
    let column = location.hidden_from.unwrap_or(usize::MAX);
    let start = location.column.min(column) - 1;
    let all: Vec<char> = location.text.chars().collect();
    // A long line is shown from a little in front of the place.
    let first = if all.len() > FRAME_WIDTH {
        start.saturating_sub(FRAME_WIDTH / 2)
    } else {
        0
    };
    let shown = &all[first.min(all.len())..all.len().min(first + FRAME_WIDTH)];
    let (mut line, mut before, mut carets) = (String::new(), 0, 0);
    for (index, &c) in shown.iter().enumerate() {
        let piece = match c {
            '\t' => " ".repeat(TAB),
            '#' if index > 0 && shown[index - 1..].starts_with(&['#', '#', '[']) => HASH.to_owned(),
            c if is_odd(c) => escape(&c.to_string()),
            c => c.to_string(),
        };
        let width: usize = piece.chars().map(|c| c.width().unwrap_or(1)).sum();
        let at = first + index;
        if at < start {
            before += width;
        } else if at < start + location.width {
            carets += width;
        }
        line.push_str(&piece);
    }
    let bar = palette.paint(Style::Bold, "|");
    let carets = palette.paint(Style::Error, &"^".repeat(carets.max(1)));
    let number = palette.paint(Style::Bold, &number);
    format!(
        "{margin} {bar}\n{number} {bar} {}\n{margin} {bar} {}{carets}\n",
        line.trim_end(),
        " ".repeat(before)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    #[test]
    fn an_error_shows_its_line() {
        let source = Source::new("deploy.yaml", "a: 1\n\t名: {{ .Values }}\n");
        let error = Diagnostic::error("not-yaml", "this is no YAML")
            .at(&source, Span::new(11, 13))
            .hint("render it first");
        assert_eq!(
            render_diagnostic(&error, Palette::off()),
            "error: deploy.yaml:2:5: this is no YAML [not-yaml]\n  |\n2 |     名: {{ .Values }}\n  |         ^^\nhelp: render it first\n"
        );
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = Source::new("x", "y".repeat(5000));
        let error = Diagnostic::error("c", "m").at(&source, Span::new(3000, 3001));
        let text = render_diagnostic(&error, Palette::off());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[2].len(), "1 | ".len() + FRAME_WIDTH);
        assert_eq!(lines[3].len(), "  | ".len() + FRAME_WIDTH / 2 + 1);
    }

    #[test]
    fn the_summary_counts_in_words() {
        let numbers = Summary {
            files: 1,
            documents: 5,
            workloads: 3,
            injected: 2,
            skipped: 1,
            warnings: 1,
            ..Summary::default()
        };
        assert_eq!(
            summary(&numbers, false),
            "1 file, 5 documents, 3 workloads: 2 injected, 1 skipped, 1 warning"
        );
    }
}
