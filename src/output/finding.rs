//! What a report for a host of code shows: errors, warnings and notes, and with `--check` every
//! workload that would change, each with a fingerprint that survives the moving of lines.

use std::collections::HashMap;

use super::escape::escape;
use super::report_text::{injected, refreshed, removed};
use super::repository::Repository;
use crate::diagnostic::{Diagnostic, Location, RuleReference};
use crate::input::STANDARD_INPUT;
use crate::report::{About, Event, Report, Workload};

/// One thing to show.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// What it is.
    pub(super) diagnostic: Diagnostic,
    /// 16 hexadecimal digits: the same for the same finding whatever its line, and no other's in
    /// the report.
    pub(super) fingerprint: String,
}

impl Finding {
    /// The message and what to do about it, without control characters.
    pub(super) fn text(&self) -> String {
        let message = escape(&self.diagnostic.message);
        match &self.diagnostic.hint {
            Some(hint) => format!("{message}\nhelp: {}", escape(hint)),
            None => message.into_owned(),
        }
    }
}

/// Everything that a report has to show, in the order of the input.
pub(super) fn findings(report: &Report, repository: &Repository) -> Vec<Finding> {
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut explained: Vec<&str> = Vec::new();
    for event in &report.events {
        match event {
            Event::Diagnostic(diagnostic)
            | Event::Missing(diagnostic)
            | Event::Stale(diagnostic) => {
                found.push(Diagnostic::clone(diagnostic));
            }
            Event::Workload(workload) if report.check && workload.is_changed() => {
                explained.push(&workload.location.path);
                found.extend(would_change(workload));
            }
            Event::Workload(_) | Event::Document(_) => {}
        }
    }
    if report.check {
        let changed = report.files.iter().filter(|file| file.changed);
        for file in changed.filter(|file| !explained.contains(&&*file.path)) {
            found.push(match report.about {
                About::MigratedConfiguration => not_migrated(&file.path),
                _ => not_converted(&file.path),
            });
        }
    }
    let mut taken: HashMap<u64, usize> = HashMap::new();
    let with_fingerprint = found.into_iter().map(|diagnostic| {
        let path = match &diagnostic.location {
            Some(location) => repository.path(&location.path),
            None => String::new(),
        };
        // What a message says can change with its subject, such as the list of injections.
        let about = diagnostic.subject.as_deref().unwrap_or(&diagnostic.message);
        let parts = [path.as_str(), diagnostic.code, about];
        let ordinal = taken.entry(hash(&parts)).or_default();
        *ordinal += 1;
        let ordinal = ordinal.to_string();
        let fingerprint = hash(&[parts[0], parts[1], parts[2], &ordinal]);
        Finding {
            fingerprint: format!("{fingerprint:016x}"),
            diagnostic,
        }
    });
    with_fingerprint.collect()
}

/// A workload to which something would be done: a finding for each kind of it.
fn would_change(workload: &Workload) -> Vec<Diagnostic> {
    let label = &workload.object.label();
    let kinds = [
        (
            Diagnostic::warning("not-injected", injected(workload, true)),
            !workload.injected().is_empty(),
            "datakit-inject --in-place writes it",
        ),
        (
            Diagnostic::warning("injection-stale", refreshed(workload, true)),
            !workload.refreshed().is_empty(),
            "datakit-inject --refresh --in-place writes it",
        ),
        (
            Diagnostic::warning("not-removed", removed(workload, true)),
            !workload.removed().is_empty(),
            "datakit-inject remove --in-place takes it out",
        ),
    ];
    let found = kinds.into_iter().filter(|(_, is_there, _)| *is_there);
    let found = found.map(|(mut diagnostic, _, command)| {
        diagnostic.message = format!("{label}: {}", diagnostic.message);
        diagnostic = diagnostic.about(label);
        if *workload.location.path != *STANDARD_INPUT {
            diagnostic = diagnostic.hint(command);
        }
        diagnostic.location = Some(workload.location.clone());
        let rule = workload.injected().first().map(|injected| &injected.rule);
        diagnostic.rule = rule.map(|rule| {
            Box::new(RuleReference {
                name: rule.to_string(),
                span: rule.is_entry().then_some(rule.span),
            })
        });
        diagnostic
    });
    found.collect()
}

/// A file that would change though nothing is done to a workload: `--output` converts it.
fn not_converted(path: &str) -> Diagnostic {
    let message = "the file is not in the format that --output asks for";
    about_file(Diagnostic::warning("not-converted", message), path)
}

/// A configuration that `config migrate` would change.
fn not_migrated(path: &str) -> Diagnostic {
    let message = "the configuration still has `admission_inject`";
    let diagnostic = Diagnostic::warning("not-migrated", message);
    about_file(
        diagnostic.hint("datakit-inject config migrate --in-place writes it"),
        path,
    )
}

/// A diagnostic about a file as a whole.
fn about_file(mut diagnostic: Diagnostic, path: &str) -> Diagnostic {
    diagnostic.location = Some(Location::of_file(path));
    diagnostic
}

/// FNV-1a in 64 bits, over parts that a zero byte separates: fingerprints are compared over years,
/// and the standard library's hashes may change with any release.
fn hash(parts: &[&str]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = parts
        .iter()
        .flat_map(|part| part.bytes().chain(std::iter::once(0)));
    bytes.fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, Span};

    fn report(text: &str) -> Report {
        let source = Source::new("a.yaml", text);
        let mut report = Report::default();
        for at in [text.len() - 2, text.len() - 1] {
            let warning = Diagnostic::warning("duplicate-key", "twice").about("pod/web");
            report.add(Event::Diagnostic(Box::new(
                warning.at(&source, Span::at(at)),
            )));
        }
        report
    }

    #[test]
    fn fingerprints_differ_in_a_report_and_survive_moved_lines() {
        let prints = |text: &str| -> Vec<String> {
            let found = findings(&report(text), &Repository::default());
            found.into_iter().map(|one| one.fingerprint).collect()
        };
        let before = prints("a\nb");
        assert_ne!(before[0], before[1]);
        assert_eq!(before, prints("# moved\n\n\na\nb"));
    }

    #[test]
    fn the_hash_is_the_published_one() {
        // FNV-1a of "a" and a zero byte.
        assert_eq!(hash(&["a"]), 0x089b_e207_b544_f1e4);
    }
}
