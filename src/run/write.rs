//! Where the new texts go: standard output, files, a diff, or what a host expects.

use std::collections::HashMap;
use std::path::PathBuf;

use super::{Item, Run};
use crate::convert::Format;
use crate::diagnostic::Diagnostic;
use crate::diff;
use crate::document;
use crate::hosts::Host;
use crate::hosts::results::Outcome;
use crate::input::{self, Input};
use crate::output::files::{NewFile, WriteError, replace_all, write_tree};
use crate::output::{self, Written};
use crate::report::Event;
use crate::settings::Destination;
use crate::source::BYTE_ORDER_MARK;

impl Run {
    pub(super) fn write(&mut self, items: &[Item]) -> Result<Written, Box<Diagnostic>> {
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
                    output::to_stderr(&self.diff(items));
                }
                let unchanged = items.iter().map(|item| item.result.source.text());
                let unchanged: String = unchanged.collect();
                self.write_whole(&unchanged, outcome)
            }
            Destination::Stdout => {
                let stream = stream(items, self.settings.format);
                // Whoever reads the output would take nothing for an order to delete everything.
                if stream.is_empty()
                    && items
                        .iter()
                        .any(|item| !item.result.source.text().is_empty())
                {
                    let message = "nothing would be written: the input holds no value";
                    return Err(Box::new(Diagnostic::error("output-empty", message)));
                }
                stdout(stream)
            }
            Destination::Nowhere { diff: true, .. } => stdout([self.diff(items).as_str()]),
            Destination::Nowhere { .. } => Ok(Written::All),
            Destination::InPlace => {
                let changed: Vec<&Item> = items.iter().filter(|item| item.result.changed).collect();
                let texts: Vec<String> = changed.iter().map(|item| item.result.text()).collect();
                let files: Vec<NewFile<'_>> = changed
                    .iter()
                    .zip(&texts)
                    .filter_map(|(item, text)| match &item.input {
                        Input::File { path, .. } => Some(NewFile { path, text }),
                        Input::Standard => None,
                    })
                    .collect();
                replace_all(&files).map_err(|error| not_written(&error))?;
                Ok(Written::All)
            }
            Destination::Folder(root) => {
                let texts: Vec<String> = items.iter().map(|item| item.result.text()).collect();
                let mut taken: HashMap<&PathBuf, &PathBuf> = HashMap::new();
                let mut files = Vec::new();
                for (item, text) in items.iter().zip(&texts) {
                    let Input::File { path, relative } = &item.input else {
                        continue;
                    };
                    if let Some(other) = taken.insert(relative, path) {
                        let message = format!(
                            "{} and {} would both be written to {}",
                            other.display(),
                            path.display(),
                            root.join(relative).display()
                        );
                        return Err(Box::new(Diagnostic::error("output-twice", message)));
                    }
                    files.push(NewFile {
                        path: relative,
                        text,
                    });
                }
                write_tree(root, &files).map_err(|error| not_written(&error))?;
                Ok(Written::All)
            }
        }
    }

    /// Writes what a host takes for everything; as a function with the results in it.
    fn write_whole(&mut self, text: &str, outcome: Outcome) -> Result<Written, Box<Diagnostic>> {
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

    fn diff(&self, items: &[Item]) -> String {
        items
            .iter()
            .filter(|item| item.result.changed)
            .map(|item| {
                let name = match &item.input {
                    Input::Standard => "stdin".to_owned(),
                    Input::File { .. } => item.input.name(),
                };
                let pairs = item.result.pairs();
                output::render_diff(&name, &diff::hunks(&pairs), self.settings.stdout)
            })
            .collect()
    }
}

pub(super) fn stdout<'t>(
    pieces: impl IntoIterator<Item = &'t str>,
) -> Result<Written, Box<Diagnostic>> {
    output::to_stdout(pieces).map_err(|error| {
        let message = format!("standard output: {}", input::describe(&error));
        Box::new(Diagnostic::error("output-failed", message))
    })
}

fn not_written(error: &WriteError) -> Box<Diagnostic> {
    let message = format!(
        "{}: {}",
        error.path.display(),
        input::describe(&error.error)
    );
    Box::new(Diagnostic::error("output-failed", message))
}

/// The new texts one after the other. Between files stands a separator, where the next one does not
/// begin with its own and the output is YAML; a byte order mark only stands at the beginning.
fn stream(items: &[Item], format: Option<Format>) -> Vec<&str> {
    let mut stream: Vec<&str> = Vec::new();
    for item in items {
        let mut pieces = item.result.pieces();
        if let (Some(last), Some(first)) = (stream.last(), pieces.first_mut()) {
            *first = first.trim_start_matches(BYTE_ORDER_MARK);
            if !last.ends_with('\n') {
                stream.push("\n");
            }
            if format != Some(Format::Json) && !document::begins_with_separator(first) {
                stream.push("---\n");
            }
        }
        stream.extend(pieces);
    }
    stream
}
