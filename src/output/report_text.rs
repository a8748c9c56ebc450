//! The report for people: a line for each workload, warnings with their codes, errors with the
//! line that they are about (`spec/2-command-line.md`, "Report" and "Exit codes").

use std::fmt::Write as _;
use std::sync::Arc;

use unicode_width::UnicodeWidthChar;

use super::color::{Palette, Style};
use super::escape::{HASH, escape, is_odd};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::inject::{Injection, Reason, Skipped};
use crate::report::{About, Ending, Event, Report, Summary, Verbosity, Workload};
use crate::work::Work;

/// Lines longer than this are cut around the place that is meant.
const FRAME_WIDTH: usize = 160;

/// A tab is shown as this many blanks.
const TAB: usize = 4;

/// So many bytes are given on at a time: a report can be as long as what it is about.
const CHUNK: usize = 64 * 1024;

/// So many outcomes are kept in words.
const TOLD: usize = 16;

/// The text of a report. Where the result was held back, what would have been injected is not told.
#[must_use]
pub fn render(report: &Report, verbosity: Verbosity, palette: Palette) -> String {
    let mut whole = String::new();
    render_to(
        &mut |chunk| whole.push_str(chunk),
        report,
        verbosity,
        palette,
    );
    whole
}

/// The same in chunks, each of which is some whole lines.
pub fn render_to(
    take: &mut dyn FnMut(&str),
    report: &Report,
    verbosity: Verbosity,
    palette: Palette,
) {
    let is_checked = report.about == About::CheckedConfigurations;
    let verbosity = if report.ending.is_failure() && !is_checked {
        Verbosity::Quiet
    } else {
        verbosity
    };
    let (mut text, mut told) = (String::new(), Vec::new());
    for event in &report.events {
        push_event(&mut text, event, report, verbosity, palette, &mut told);
        if text.len() >= CHUNK {
            take(&text);
            text.clear();
        }
    }
    push_end(&mut text, report, verbosity);
    take(&text);
}

/// `told` are workloads whose outcome was told before, and that in words.
fn push_event<'r>(
    text: &mut String,
    event: &'r Event,
    report: &Report,
    verbosity: Verbosity,
    palette: Palette,
    told: &mut Vec<(&'r Workload, String)>,
) {
    match event {
        // What is explained is told already.
        Event::Workload(_) if !report.work.gives_manifests() => {}
        Event::Workload(workload) if verbosity >= Verbosity::Normal => {
            push_place(text, &workload.location);
            text.push_str(": ");
            text.push_str(&escape(&workload.object.label()));
            text.push_str(": ");
            // Most often the same was done to many workloads.
            if let Some((_, what)) = told.iter().find(|(own, _)| has_same(own, workload)) {
                text.push_str(what);
            } else {
                let what = outcome(workload, report);
                let mut what = escape(&what).into_owned();
                if workload.is_changed() && palette.is_on() {
                    what = palette.paint(Style::Green, &what);
                }
                text.push_str(&what);
                if told.len() >= TOLD {
                    told.clear();
                }
                told.push((workload, what));
            }
            text.push('\n');
        }
        Event::Document(own) if verbosity >= Verbosity::Verbose => {
            let (place, label) = (place(&own.location), escape(&own.label));
            let line = format!("{place}: {label}: no pod template");
            text.push_str(&palette.paint(Style::Dim, &line));
            text.push('\n');
        }
        Event::Diagnostic(diagnostic) => {
            if diagnostic.severity > Severity::Note || verbosity >= Verbosity::Normal {
                text.push_str(&render_diagnostic(diagnostic, palette));
            }
        }
        Event::Missing(diagnostic) | Event::Stale(diagnostic) => {
            text.push_str(&render_diagnostic(diagnostic, palette));
        }
        Event::Workload(_) | Event::Document(_) => {}
    }
}

/// Whether the same was done to two workloads, as far as that can be seen at once.
fn has_same(one: &Workload, other: &Workload) -> bool {
    Arc::ptr_eq(&one.attempts, &other.attempts)
        && one.other_work.is_none()
        && other.other_work.is_none()
}

/// What stands behind all events.
fn push_end(text: &mut String, report: &Report, verbosity: Verbosity) {
    let is_checked = report.about == About::CheckedConfigurations;
    if verbosity >= Verbosity::Normal
        && report.work.gives_manifests()
        && let Some(closing) = closing(report, report.dry_run)
    {
        let _ = writeln!(text, "{closing}");
    }
    let nothing = match report.work {
        Work::Explain => "nothing was explained",
        Work::Preflight => "nothing was checked",
        Work::Inject | Work::Remove | Work::Refresh if report.hands_back => "nothing was changed",
        Work::Inject | Work::Remove | Work::Refresh => "nothing was written",
    };
    match report.ending {
        Ending::Warned if is_checked => text.push_str("--strict: there was a warning\n"),
        Ending::Failed if is_checked => {}
        Ending::Warned => {
            let _ = writeln!(text, "--strict: there was a warning, and so {nothing}");
        }
        Ending::Failed => {
            let _ = writeln!(text, "{nothing}");
        }
        Ending::FailedInPart => {
            text.push_str("part of the result was written\n");
        }
        Ending::Done
        | Ending::Found
        | Ending::Refused
        | Ending::FailedAfterwards
        | Ending::WarnedAfterwards => {}
    }
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
pub fn outcome(workload: &Workload, report: &Report) -> String {
    if workload.is_changed() {
        changes(workload, report.dry_run)
    } else if report.work == Work::Remove {
        "skipped: nothing to remove".to_owned()
    } else {
        format!("skipped: {}", reasons(workload.skipped()))
    }
}

/// What was done to a workload, in words.
fn changes(workload: &Workload, dry_run: bool) -> String {
    let parts = [
        (
            workload.injected().is_empty(),
            injected as fn(&Workload, bool) -> String,
        ),
        (workload.refreshed().is_empty(), refreshed),
        (workload.removed().is_empty(), removed),
    ];
    let mut text = String::new();
    for (_, words) in parts.into_iter().filter(|(is_empty, _)| !is_empty) {
        let words = words(workload, dry_run);
        if text.is_empty() {
            text = words;
        } else {
            text.push_str("; ");
            text.push_str(&words);
        }
    }
    text
}

/// What was injected, in words.
pub(super) fn injected(workload: &Workload, dry_run: bool) -> String {
    let verb = if dry_run { "would inject" } else { "injected" };
    list(
        verb,
        workload
            .injected()
            .iter()
            .map(|one| (one.injection, one.detail)),
    )
}

/// What was taken out, in words.
pub(super) fn removed(workload: &Workload, dry_run: bool) -> String {
    let verb = if dry_run { "would remove" } else { "removed" };
    list(verb, workload.removed().iter().map(|one| (*one, None)))
}

/// What was replaced, in words, and why.
pub(super) fn refreshed(workload: &Workload, dry_run: bool) -> String {
    let verb = if dry_run {
        "would refresh"
    } else {
        "refreshed"
    };
    let all = workload.refreshed().iter();
    list(
        verb,
        all.map(|one| (one.injection, Some(one.differences.as_str()))),
    )
}

/// A verb and injections, each with more on it.
fn list<'d>(verb: &str, injections: impl Iterator<Item = (Injection, Option<&'d str>)>) -> String {
    let mut text = String::with_capacity(64);
    text.push_str(verb);
    for (index, (injection, detail)) in injections.enumerate() {
        text.push_str(if index == 0 { " " } else { ", " });
        text.push_str(injection.name());
        if let Some(detail) = detail {
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

/// The last line: what came of all. Nothing where there is nothing to say.
pub(super) fn closing(report: &Report, dry_run: bool) -> Option<String> {
    let numbers = &report.summary;
    if numbers.files == 0 {
        return None;
    }
    let changed = numbers.changed > 0;
    let what = match report.about {
        About::Manifests => return Some(summary(report, dry_run)),
        About::ShownConfiguration => return None,
        About::CheckedConfigurations => None,
        About::MigratedConfiguration if !changed => Some("unchanged"),
        About::MigratedConfiguration if dry_run => Some("would be carried over"),
        About::MigratedConfiguration => Some("carried over"),
    };
    let mut parts: Vec<String> = what.into_iter().map(str::to_owned).collect();
    parts.extend(problems(numbers));
    if parts.is_empty() {
        parts.push("nothing is wrong".to_owned());
    }
    let configurations = count(numbers.files, "configuration");
    Some(format!("{configurations}: {}", parts.join(", ")))
}

/// A number of things, in words.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// How many warnings and errors there are.
fn problems(numbers: &Summary) -> impl Iterator<Item = String> {
    let found = [(numbers.warnings, "warning"), (numbers.errors, "error")];
    let found = found.into_iter().filter(|(number, _)| *number > 0);
    found.map(|(number, noun)| count(number, noun))
}

/// The numbers in words.
pub(super) fn summary(report: &Report, dry_run: bool) -> String {
    let numbers = &report.summary;
    let would_be = if dry_run { "would be " } else { "" };
    let counted: &[(usize, &str)] = match report.work {
        Work::Inject | Work::Preflight => &[(numbers.injected, "injected")],
        Work::Explain => return told(numbers),
        Work::Remove => &[(numbers.cleaned, "cleaned")],
        Work::Refresh => &[
            (numbers.injected, "injected"),
            (numbers.refreshed, "refreshed"),
        ],
    };
    let counted = counted.iter();
    let mut parts: Vec<String> = counted
        .map(|(number, what)| format!("{number} {would_be}{what}"))
        .collect();
    parts.push(format!("{} skipped", numbers.skipped));
    if numbers.stale > 0 {
        parts.push(format!("{} stale", numbers.stale));
    }
    if numbers.missing > 0 {
        parts.push(format!("{} missing", numbers.missing));
    }
    parts.extend(problems(numbers));
    all_of(numbers, &parts)
}

/// The same of an explanation, which tells what is there from what would be.
fn told(numbers: &Summary) -> String {
    let mut parts = vec![
        format!("{} would be injected", numbers.injected),
        format!("{} injected", numbers.there),
        format!("{} skipped", numbers.skipped - numbers.there),
    ];
    parts.extend(problems(numbers));
    all_of(numbers, &parts)
}

fn all_of(numbers: &Summary, parts: &[String]) -> String {
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
            if location.hidden_from().is_none() || !location.text().is_empty() {
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
pub(super) fn place(location: &Location) -> String {
    let mut text = String::new();
    push_place(&mut text, location);
    text
}

fn push_place(text: &mut String, location: &Location) {
    let path = &location.path;
    if path.trim_start().starts_with("::") {
        text.push_str("./");
    }
    text.push_str(&escape(path));
    for number in [location.line, location.column] {
        text.push(':');
        text.push_str(&number.to_string());
    }
}

/// The line that is meant, with carets below the place.
fn frame(location: &Location, palette: Palette) -> String {
    let number = location.line.to_string();
    let margin = " ".repeat(number.len());
    // What is left out is pointed at by where it begins.
    let column = location.hidden_from().unwrap_or(usize::MAX);
    let start = location.column.min(column) - 1;
    let all: Vec<char> = location.text().chars().collect();
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
            c if is_odd(c) => escape(&c.to_string()).into_owned(),
            c => c.to_string(),
        };
        let width: usize = piece.chars().map(|c| c.width().unwrap_or(1)).sum();
        let at = first + index;
        if at < start {
            before += width;
        } else if at < start + location.width() {
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
        let numbers = crate::report::Summary {
            files: 1,
            documents: 5,
            workloads: 3,
            injected: 2,
            skipped: 1,
            warnings: 1,
            ..crate::report::Summary::default()
        };
        let report = Report {
            summary: numbers,
            ..Report::default()
        };
        assert_eq!(
            summary(&report, false),
            "1 file, 5 documents, 3 workloads: 2 injected, 1 skipped, 1 warning"
        );
    }
}
