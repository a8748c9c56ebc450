//! The results of checks for people: what each subject relies on, a line or a few for each check, as
//! wide as the terminal.

use super::color::Style;
use super::preflight::Setting;
use super::report_text::{count, place};
use super::tree::{Line, Paper};
use crate::diagnostic::Location;
use crate::inject::Injection;
use crate::preflight::{Checkup, Finding, Group, Made, Status, SubjectKind};

/// In less than this many columns a message stands below its check, not beside it.
const BESIDE: usize = 40;

/// So many workloads are named of those that rely on something.
const NAMED: usize = 3;

/// The results as text.
#[must_use]
pub(super) fn render(checkup: &Checkup, setting: &Setting<'_>) -> String {
    let is_told = |finding: &&Finding| {
        !setting.quiet || matches!(finding.status, Status::Fail | Status::Unknown)
    };
    let told = |group: &'_ Group| -> Vec<Finding> {
        group.findings.iter().filter(is_told).cloned().collect()
    };
    let columns = columns(checkup, setting.width);
    let paper = Paper {
        width: setting.width,
        palette: setting.palette,
        cuts: false,
    };
    let mut text = String::new();
    for group in &checkup.groups {
        let findings = told(group);
        if findings.is_empty() {
            continue;
        }
        heading(group, &paper, &mut text);
        for finding in &findings {
            row(finding, columns, &paper, &mut text);
        }
        text.push('\n');
    }
    if !setting.quiet || !text.is_empty() {
        paper.wrap(&summary(checkup, setting), "", "", &mut text);
    }
    text
}

/// Where the columns of a row begin.
#[derive(Clone, Copy)]
struct Columns {
    /// How wide the names of checks are.
    check: usize,
    /// Where messages begin.
    message: usize,
    /// Whether a message stands beside its check.
    beside: bool,
}

fn columns(checkup: &Checkup, width: usize) -> Columns {
    let findings = checkup.groups.iter().flat_map(|group| &group.findings);
    let check = findings
        .map(|finding| finding.check.len())
        .max()
        .unwrap_or(0);
    // "  unknown  datakit-collector  "
    let message = 2 + Status::Unknown.name().len() + 2 + check + 2;
    let beside = width >= message + BESIDE;
    Columns {
        check,
        message: if beside { message } else { 4 },
        beside,
    }
}

/// The subject of a group, and who relies on it.
fn heading(group: &Group, paper: &Paper, text: &mut String) {
    let made = injections(&group.injections);
    let who = workloads(&group.workloads);
    let more = match group.kind {
        SubjectKind::Workload => made,
        SubjectKind::Nodes => "what only they can tell".to_owned(),
        SubjectKind::Connection => format!("{made} of {who}"),
        SubjectKind::Namespace => who,
    };
    let colon = if more.is_empty() { "" } else { ":" };
    let mut line = Line::styled(Style::Bold, &group.name)
        .then_in(Style::Bold, colon)
        .then(" ")
        .then(more);
    if let Some(location) = &group.location {
        line = line.and(at(location));
    }
    paper.wrap(&line, "", "    ", text);
}

/// A place behind what is said of it.
fn at(location: &Location) -> Line {
    Line::plain(" ").then_in(Style::Dim, format!("({})", place(location)))
}

/// Injections in words, each once with all that is told of it.
fn injections(made: &[Made]) -> String {
    let mut named: Vec<(Injection, Vec<&str>)> = Vec::new();
    for one in made {
        match named.last_mut() {
            Some((last, details)) if *last == one.injection => details.extend(one.detail),
            _ => named.push((one.injection, one.detail.into_iter().collect())),
        }
    }
    let words = named
        .into_iter()
        .map(|(injection, details)| match &details[..] {
            [] => injection.name().to_owned(),
            details => format!("{injection} ({})", details.join(", ")),
        });
    words.collect::<Vec<_>>().join(", ")
}

fn workloads(labels: &[String]) -> String {
    let mut named: Vec<String> = labels.iter().take(NAMED).cloned().collect();
    if labels.len() > NAMED {
        named.push(format!("{} more", labels.len() - NAMED));
    }
    match &named[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn row(finding: &Finding, columns: Columns, paper: &Paper, text: &mut String) {
    let style = match finding.status {
        Status::Pass => Style::Green,
        Status::Fail => Style::Error,
        Status::Unknown => Style::Warning,
        Status::Note => Style::Cyan,
    };
    let status = finding.status.name();
    let gap = " ".repeat(Status::Unknown.name().len() + 2 - status.len());
    let status = paper.palette.paint(style, status);
    let start = format!("  {status}{gap}{}", finding.check);
    let mut line = Line::plain(&finding.message);
    if let Some(location) = &finding.location {
        line = line.and(at(location));
    }
    let margin = " ".repeat(columns.message);
    let mut message = String::new();
    paper.wrap(&line, &margin, &margin, &mut message);
    text.push_str(&start);
    if columns.beside {
        text.push_str(&" ".repeat(columns.check + 2 - finding.check.len()));
        text.push_str(message.strip_prefix(&margin).unwrap_or(&message));
    } else {
        text.push('\n');
        text.push_str(&message);
    }
    if let Some(hint) = &finding.hint {
        let help = Line::styled(Style::Bold, "help:").then(" ").then(hint);
        paper.wrap(&help, &margin, &format!("{margin}  "), text);
    }
}

/// The numbers in words.
fn summary(checkup: &Checkup, setting: &Setting<'_>) -> Line {
    let (files, documents) = setting.read;
    let read = format!(
        "{}, {}, {}: ",
        count(files, "file"),
        count(documents, "document"),
        count(checkup.workloads, "workload")
    );
    if checkup.groups.is_empty() {
        let nothing = "none has or gets an injection, and so nothing is checked";
        return Line::plain(read).then(nothing);
    }
    let [fail, unknown, pass] =
        [Status::Fail, Status::Unknown, Status::Pass].map(|status| checkup.count(status));
    let style = if fail > 0 { Style::Error } else { Style::None };
    Line::plain(format!("{read}{} with injections; ", checkup.injected))
        .then_in(style, format!("{} failed", count(fail, "check")))
        .then(format!(", {unknown} cannot be told, {pass} passed"))
}
