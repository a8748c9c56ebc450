//! Where the new texts go: standard output, files, a diff, or what a host expects.

use std::collections::HashMap;
use std::io::{self, ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

use super::{Item, Run};
use crate::convert::Format;
use crate::diagnostic::{Diagnostic, Location};
use crate::diff;
use crate::document;
use crate::hosts::Host;
use crate::hosts::results::Outcome;
use crate::input::{self, Input};
use crate::output::files::{
    Cause, NewFile, Replacement, WriteError, other_names, replace_all, sweep_beside, write_tree,
};
use crate::output::{self, OutputError, Written};
use crate::publish::{Publisher, leftover_removed};
use crate::report::{Ending, Event, Report};
use crate::settings::Destination;
use crate::source::{BYTE_ORDER_MARK, LineColumn};

impl Run {
    pub(super) fn write(&mut self, items: &[Item<'_>]) -> Result<Written, NotWritten> {
        if !self.settings.work.gives_manifests() {
            return self.explain();
        }
        match &self.settings.destination {
            Destination::Stdout if matches!(self.host, Host::Function { .. }) => {
                let text: String = items.iter().map(|item| item.result.text()).collect();
                self.write_whole(&text, Outcome::Done)
            }
            // These hosts take the output for all that there is, whatever we were asked for: no
            // output would be the order to delete everything.
            Destination::Nowhere { diff, check } if self.host.takes_output_for_all() => {
                let outcome = if *check {
                    Outcome::Checked
                } else {
                    Outcome::Done
                };
                if *diff {
                    output::to_stderr(&self.diff(items, io::stderr().is_terminal()));
                }
                let unchanged = items.iter().map(|item| item.result.source.text());
                let unchanged: String = unchanged.collect();
                self.write_whole(&unchanged, outcome)
            }
            Destination::Stdout => {
                let mut stream = stream(items, self.settings.format).peekable();
                // Whoever reads the output would take nothing for an order to delete everything.
                if stream.peek().is_none()
                    && items
                        .iter()
                        .any(|item| !item.result.source.text().is_empty())
                {
                    let message = "nothing would be written: the input holds no value";
                    let error = Diagnostic::error("output-empty", message);
                    return Err(Box::new(error).into());
                }
                stdout(stream)
            }
            Destination::Nowhere { diff: true, .. } => {
                let is_terminal = io::stdout().is_terminal();
                stdout([self.diff(items, is_terminal).as_str()])
            }
            Destination::Nowhere { .. } => Ok(Written::All),
            Destination::InPlace => {
                let changed: Vec<&Item<'_>> =
                    items.iter().filter(|item| item.result.changed).collect();
                let texts: Vec<String> = changed.iter().map(|item| item.result.text()).collect();
                let files: Vec<Replacement<'_>> = changed
                    .iter()
                    .zip(&texts)
                    .filter_map(|(item, text)| match item.input {
                        Input::File { path, .. } => Some(Replacement {
                            path,
                            old: item.result.source.text(),
                            text,
                        }),
                        Input::Standard => None,
                    })
                    .collect();
                replace_all(&files).map_err(|error| not_written(&error))?;
                Ok(Written::All)
            }
            Destination::Folder(root) => {
                let texts: Vec<String> = items.iter().map(|item| item.result.text()).collect();
                let places: Vec<Option<PathBuf>> =
                    items.iter().map(|item| item.input.relative()).collect();
                let mut taken: HashMap<&PathBuf, &Path> = HashMap::new();
                let mut files = Vec::new();
                for ((item, text), relative) in items.iter().zip(&texts).zip(&places) {
                    let (Input::File { path, .. }, Some(relative)) = (item.input, relative) else {
                        continue;
                    };
                    if let Some(other) = taken.insert(relative, path) {
                        let message = format!(
                            "{} and {} would both be written to {}",
                            other.display(),
                            path.display(),
                            root.join(relative).display()
                        );
                        let error = Diagnostic::error("output-twice", message);
                        return Err(Box::new(error).into());
                    }
                    files.push(NewFile {
                        path: relative,
                        text,
                        like: path,
                    });
                }
                write_tree(root, &files).map_err(|error| not_written(&error))?;
                Ok(Written::All)
            }
        }
    }

    /// Writes what a host takes for everything; as a function with the results in it.
    fn write_whole(&mut self, text: &str, outcome: Outcome) -> Result<Written, NotWritten> {
        let Host::Function { list } = &self.host else {
            return stdout([text]);
        };
        match self.with_results(list, text, outcome) {
            Ok(text) => stdout([text.as_str()]),
            Err(warning) => {
                self.report.add(Event::Diagnostic(warning));
                stdout([text])
            }
        }
    }

    /// Warns of files that are replaced and have other names, which keep the old text: to write through
    /// to these could change what somebody keeps a link to so that it stays.
    pub(super) fn tell_hard_links(&mut self, items: &[Item<'_>]) {
        if self.settings.destination != Destination::InPlace {
            return;
        }
        let changed = items.iter().filter(|item| item.result.changed);
        let files: Vec<(&Item<'_>, &Path)> = changed
            .filter_map(|item| match item.input {
                Input::File { path, .. } => Some((item, &**path)),
                Input::Standard => None,
            })
            .collect();
        let paths: Vec<&Path> = files.iter().map(|(_, path)| *path).collect();
        for ((item, _), others) in files.iter().zip(other_names(&paths)) {
            let names = |count: u64| match count {
                1 => "1 other name".to_owned(),
                count => format!("{count} other names"),
            };
            let what = match (others.replaced, others.kept) {
                (0, 0) => continue,
                (0, kept) => format!("{} (hard links): there the old text stays", names(kept)),
                (replaced, 0) => format!(
                    "{} (hard links), replaced as well: they are one file no longer",
                    names(replaced)
                ),
                (replaced, kept) => format!(
                    "{} (hard links): under {kept} the old text stays, and {replaced} will be a file \
                     of its own as well",
                    names(replaced + kept)
                ),
            };
            let message = format!("the file has {what}");
            let mut warning = Diagnostic::warning("hard-link-split", message);
            let start = LineColumn { line: 1, column: 1 };
            warning.location = Some(Location::bare(&item.result.source, start));
            self.report.add(Event::Diagnostic(Box::new(warning)));
        }
    }

    /// Removes what runs that were cut off have left behind where files are written, and says so.
    pub(super) fn sweep(&mut self, items: &[Item<'_>]) {
        let inputs = items.iter().map(|item| item.input);
        let swept = match &self.settings.destination {
            Destination::InPlace => sweep_beside(inputs.filter_map(|input| match input {
                Input::File { path, .. } => Some(path.to_path_buf()),
                Input::Standard => None,
            })),
            Destination::Folder(root) => {
                let relative = inputs.filter_map(Input::relative);
                sweep_beside(relative.map(|relative| root.join(relative)))
            }
            Destination::Stdout | Destination::Nowhere { .. } => return,
        };
        for path in swept {
            self.report
                .add(Event::Diagnostic(Box::new(leftover_removed(&path))));
        }
    }

    fn diff(&self, items: &[Item<'_>], is_terminal: bool) -> String {
        let palette = self.settings.stdout;
        let shown = is_terminal || palette.is_on();
        items
            .iter()
            .filter(|item| item.result.changed)
            .map(|item| {
                let name = match item.input {
                    Input::Standard => "stdin".into(),
                    Input::File { .. } => item.input.name(),
                };
                let pairs = item.result.pairs_of_lines();
                output::render_diff(&name, &diff::hunks(&pairs), palette, shown)
            })
            .collect()
    }
}

/// Why the result is not where it should be, and whether part of it is.
pub(super) struct NotWritten {
    pub(super) diagnostic: Box<Diagnostic>,
    in_part: bool,
}

impl NotWritten {
    /// How a run ends by it.
    pub(super) fn ending(&self) -> Ending {
        if self.in_part {
            Ending::FailedInPart
        } else {
            Ending::Failed
        }
    }
}

impl From<Box<Diagnostic>> for NotWritten {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self {
            diagnostic,
            in_part: false,
        }
    }
}

/// How a run ends after its result was written, or was not: where not, the report says why.
pub(super) fn end(
    written: Result<Written, NotWritten>,
    ending: Ending,
    report: &mut Report,
    publisher: &mut Publisher,
) -> Ending {
    match written {
        Ok(Written::All) => ending,
        Ok(Written::Closed) => {
            publisher.says_text = false;
            ending
        }
        Err(failure) => {
            let ending = failure.ending();
            report.add(Event::Diagnostic(failure.diagnostic));
            ending
        }
    }
}

pub(super) fn stdout<'t>(pieces: impl IntoIterator<Item = &'t str>) -> Result<Written, NotWritten> {
    output::to_stdout(pieces).map_err(|OutputError { error, in_part }| {
        let message = format!("standard output: {}", input::describe(&error));
        let mut error = Diagnostic::error("output-failed", message);
        if in_part {
            error = error.hint("what stands there already is not whole: do not use it");
        }
        NotWritten {
            diagnostic: Box::new(error),
            in_part,
        }
    })
}

pub(super) fn not_written(error: &WriteError) -> NotWritten {
    let path = error.path.display();
    let mut diagnostic = match &error.cause {
        Cause::Failed(why) => {
            let message = format!("{path}: {}", input::describe(why));
            let diagnostic = Diagnostic::error("output-failed", message);
            match why.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => diagnostic.hint(
                    "every new file is written beside the old one before any takes its place: there \
                     must be room for all of them",
                ),
                ErrorKind::PermissionDenied => diagnostic.hint(
                    "a new file is written beside the old one and takes its place, with the same \
                     owner: run as the owner of the files, or with --output-dir",
                ),
                // Files are opened without waiting; only a lock is waited for.
                ErrorKind::WouldBlock => diagnostic.hint(
                    "end the program that holds it (fuser names it on Linux), and run it again",
                ),
                ErrorKind::ReadOnlyFilesystem => {
                    diagnostic.hint("--output-dir writes the result elsewhere")
                }
                _ => diagnostic,
            }
        }
        Cause::Refused(why, hint) => {
            Diagnostic::error("output-failed", format!("{path}: {why}")).hint(hint.as_str())
        }
        Cause::Changed(why) => {
            let error = Diagnostic::error("input-changed", format!("{path}: {why}"));
            error.hint("somebody else writes there; run it again")
        }
    };
    if !error.left.is_empty() {
        let left: Vec<String> = error
            .left
            .iter()
            .map(|own| own.display().to_string())
            .collect();
        diagnostic = diagnostic.hint(format!(
            "these files were replaced before, and could not be put back: {}",
            left.join(", ")
        ));
    }
    NotWritten {
        diagnostic: Box::new(diagnostic),
        in_part: !error.left.is_empty(),
    }
}

/// The new texts one after the other. Between files stands a separator, where the next one does not
/// begin with its own and the output is YAML; a byte order mark only stands at the beginning.
fn stream<'i>(items: &'i [Item<'_>], format: Option<Format>) -> impl Iterator<Item = &'i str> {
    // Whether what stands in front ends its line, where anything stands there.
    let mut ends_line: Option<bool> = None;
    items.iter().enumerate().flat_map(move |(index, item)| {
        let mut pieces = item.result.pieces();
        let mut first = pieces.next();
        let (mut line_break, mut separator) = (None, None);
        if let (Some(ends_line), Some(first)) = (ends_line, &mut first) {
            *first = first.trim_start_matches(BYTE_ORDER_MARK);
            line_break = (!ends_line).then_some("\n");
            let is_separated =
                format == Some(Format::Json) || document::begins_with_separator(first);
            separator = (!is_separated).then_some("---\n");
        }
        if index + 1 < items.len()
            && let Some(last) = item.result.pieces().last()
        {
            ends_line = Some(last.ends_with('\n'));
        }
        line_break
            .into_iter()
            .chain(separator)
            .chain(first)
            .chain(pieces)
    })
}
