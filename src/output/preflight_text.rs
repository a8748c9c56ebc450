//! The results of checks for people: what each subject relies on, a line or a few for each check, as
//! wide as the terminal.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::color::Style;
use super::preflight::Setting;
use super::report_text::{count, escape, place};
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
    let mut text = String::new();
    for group in &checkup.groups {
        let findings = told(group);
        if findings.is_empty() {
            continue;
        }
        heading(group, setting, &mut text);
        for finding in &findings {
            row(finding, columns, setting, &mut text);
        }
        text.push('\n');
    }
    if !setting.quiet || !text.is_empty() {
        text.push_str(&summary(checkup, setting));
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
fn heading(group: &Group, setting: &Setting<'_>, text: &mut String) {
    let made = injections(&group.injections);
    let who = workloads(&group.workloads);
    let more = match group.kind {
        SubjectKind::Workload => made,
        SubjectKind::Nodes => "what only they can tell".to_owned(),
        SubjectKind::Connection => format!("{made} of {who}"),
        SubjectKind::Namespace => who,
    };
    let colon = if more.is_empty() { "" } else { ":" };
    let name = format!("{}{colon}", escape(&group.name));
    let mut words: Vec<(Style, String)> = Vec::new();
    words.extend(name.split(' ').map(|word| (Style::Bold, word.to_owned())));
    let plain = more.split(' ').filter(|word| !word.is_empty());
    words.extend(plain.map(|word| (Style::None, word.to_owned())));
    if let Some(location) = &group.location {
        words.push((Style::Dim, format!("({})", place(location))));
    }
    wrap(&words, "", "    ", setting, text);
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
    let mut named: Vec<String> = labels
        .iter()
        .take(NAMED)
        .map(|label| escape(label))
        .collect();
    if labels.len() > NAMED {
        named.push(format!("{} more", labels.len() - NAMED));
    }
    match &named[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn row(finding: &Finding, columns: Columns, setting: &Setting<'_>, text: &mut String) {
    let style = match finding.status {
        Status::Pass => Style::Green,
        Status::Fail => Style::Error,
        Status::Unknown => Style::Warning,
        Status::Note => Style::Cyan,
    };
    let status = finding.status.name();
    let gap = " ".repeat(Status::Unknown.name().len() + 2 - status.len());
    let painted = setting.palette.paint(style, status);
    let start = format!("  {painted}{gap}{}", finding.check);
    let mut words: Vec<(Style, String)> = escape(&finding.message)
        .split(' ')
        .map(|word| (Style::None, word.to_owned()))
        .collect();
    if let Some(location) = &finding.location {
        words.push((Style::Dim, format!("({})", place(location))));
    }
    let rest = " ".repeat(columns.message);
    let first = if columns.beside {
        let gap = " ".repeat(columns.check + 2 - finding.check.len());
        format!("{start}{gap}")
    } else {
        text.push_str(&start);
        text.push('\n');
        rest.clone()
    };
    wrap(&words, &first, &rest, setting, text);
    if let Some(hint) = &finding.hint {
        let mut words = vec![(Style::Bold, "help:".to_owned())];
        let hint = escape(hint);
        words.extend(hint.split(' ').map(|word| (Style::None, word.to_owned())));
        wrap(&words, &rest, &format!("{rest}  "), setting, text);
    }
}

/// Words on lines that are as wide as they may be; a word that is wider has a line of its own. What
/// stands in front of the first line is as wide as what stands in front of the others, but for its
/// colours.
fn wrap(
    words: &[(Style, String)],
    first: &str,
    rest: &str,
    setting: &Setting<'_>,
    text: &mut String,
) {
    let limit = setting.width;
    text.push_str(first);
    let mut at = if first.is_empty() { 0 } else { width(rest) };
    let mut is_first = true;
    for (style, word) in words {
        let wide = width(word);
        if !is_first && at + 1 + wide > limit {
            text.push('\n');
            text.push_str(rest);
            at = width(rest);
        } else if !is_first {
            text.push(' ');
            at += 1;
        }
        text.push_str(&setting.palette.paint(*style, word));
        at += wide;
        is_first = false;
    }
    text.push('\n');
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The numbers in words.
fn summary(checkup: &Checkup, setting: &Setting<'_>) -> String {
    let (files, documents) = setting.read;
    let read = format!(
        "{}, {}, {}: ",
        count(files, "file"),
        count(documents, "document"),
        count(checkup.workloads, "workload")
    );
    let told = [Status::Fail, Status::Unknown, Status::Pass].map(|status| checkup.count(status));
    let mut text = String::new();
    if checkup.groups.is_empty() {
        let _ = writeln!(
            text,
            "{read}none has or gets an injection, and so nothing is checked"
        );
        return text;
    }
    let [fail, unknown, pass] = told;
    let failed = format!("{} failed", count(fail, "check"));
    let style = if fail > 0 { Style::Error } else { Style::None };
    let failed = setting.palette.paint(style, &failed);
    let _ = writeln!(
        text,
        "{read}{} with injections; {failed}, {unknown} cannot be told, {pass} passed",
        checkup.injected
    );
    text
}
