//! `config migrate`: the new JSON in the place of the old one, and where the result goes.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::super::write::{not_written, stdout};
use super::{ConfigRun, in_order};
use crate::change::{self, Change, Changes, Operation};
use crate::cli::MigrateArguments;
use crate::config::text::{ConfigText, Holder};
use crate::config::{self, Effect};
use crate::diagnostic::Diagnostic;
use crate::diff;
use crate::edit::{EditNote, EditNoteKind, Editor};
use crate::input::STANDARD_INPUT;
use crate::limits::Limits;
use crate::output::color::palettes;
use crate::output::files::{Replacement, replace_all};
use crate::output::{self, Written};
use crate::remark::Remarks;
use crate::report::{Ending, Event};
use crate::settings::{Destination, color_choice};
use crate::source::{Source, Span};
use crate::work::Work;
use crate::yaml::{self, Value, emit, json};

impl ConfigRun<'_> {
    pub(super) fn migrate(mut self, arguments: &MigrateArguments) -> ExitCode {
        let path = arguments.path.as_deref();
        let asked = match self.named_once(path.is_some(), &arguments.source) {
            Ok(asked) => asked,
            Err(error) => return self.publisher.refuse([*error]),
        };
        let mut usage: Vec<Diagnostic> = Vec::new();
        let (diff, check) = (arguments.diff, arguments.check);
        let destination = Destination::new(arguments.in_place, None, diff, check, &mut usage);
        let Some(destination) = destination else {
            return self.publisher.refuse(usage);
        };
        self.report.check = check;
        self.report.dry_run = diff || check;
        let Some((_, text)) = self.find(path, asked) else {
            return self.finish(Ending::Failed);
        };
        let source = text.source().clone();
        let file = (destination == Destination::InPlace).then(|| file_of(&text));
        if file.as_ref().is_some_and(Option::is_none) {
            let message = format!("--in-place needs a file: {} is none", source.name());
            let error = Diagnostic::error("usage", message).hint("name the file");
            return self.publisher.refuse([error]);
        }
        let effect = if arguments.as_release {
            Effect::Release
        } else {
            Effect::Kept
        };
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let json = config::migrate(&text, effect, &mut diagnostics);
        in_order(&mut diagnostics);
        self.add_all(diagnostics);
        let Some(json) = json else {
            return self.finish(Ending::Failed);
        };
        let new = match self.around(&text, &json) {
            Ok(new) => new,
            Err(error) => {
                self.report.add(Event::Diagnostic(error));
                return self.finish(Ending::Failed);
            }
        };
        let changed = new != source.text();
        self.add_file(&text, changed);
        if let Some(failed) = self.strict_ending() {
            return self.finish(failed);
        }
        let written = match &destination {
            Destination::InPlace => match file.flatten().filter(|_| changed) {
                Some(path) => {
                    let file = Replacement {
                        path: Path::new(&path),
                        old: source.text(),
                        text: &new,
                    };
                    let replaced = replace_all(&[file]);
                    replaced
                        .map(|()| Written::All)
                        .map_err(|error| not_written(&error))
                }
                None => Ok(Written::All),
            },
            Destination::Nowhere { diff: true, .. } => {
                let name = match &**source.name() {
                    STANDARD_INPUT => "stdin",
                    name => name.trim_matches(['<', '>']),
                };
                let pairs = [(source.text(), new.as_str())];
                let palette = palettes(color_choice(&arguments.report), self.environment).0;
                let shown = std::io::stdout().is_terminal() || palette.is_on();
                let text = output::render_diff(name, &diff::hunks(&pairs), palette, shown);
                stdout([text.as_str()])
            }
            Destination::Nowhere { .. } => Ok(Written::All),
            Destination::Stdout | Destination::Folder(_) => stdout([new.as_str()]),
        };
        let ending = if check && changed {
            Ending::Found
        } else {
            Ending::Done
        };
        self.close(written, ending)
    }

    /// The whole text with another JSON in the place of its own. What happens to the document around
    /// it besides goes to the report.
    fn around(&mut self, text: &ConfigText, json: &str) -> Result<String, Box<Diagnostic>> {
        let source = text.source();
        if json == text.json() {
            return Ok(source.text().to_owned());
        }
        let slice = |from, to| source.text().get(from..to).unwrap_or_default();
        let Some(holder) = text.holder() else {
            let before = source.text().len() - text.json().len();
            return Ok(format!("{}{json}", slice(0, before)));
        };
        if let Some(new) = folded(text, holder, json) {
            return Ok(new);
        }
        let Span { start, end } = holder.document;
        let remarks = Remarks {
            source,
            base: start,
            text: slice(start, end),
            work: Work::default(),
            shows_lines: true,
        };
        let parsed;
        let tree = if holder.json {
            json::parse(remarks.text).map_err(|error| remarks.not_json(&error, &Limits::USUAL))?
        } else {
            parsed = yaml::parse(remarks.text)
                .map_err(|error| remarks.not_yaml(&error, &Limits::USUAL))?;
            parsed.tree
        };
        let value = Arc::new(Value::string(without_blank_lines(json)));
        let changes = [Changes {
            base: change::Path::default(),
            below: vec![Change::new(holder.path.clone(), Operation::Set(value))],
        }];
        let edited = Editor::default().edit(&tree, &changes);
        let edited = edited.map_err(|error| {
            let mut diagnostic = remarks.cannot_edit(&error, &Limits::default());
            diagnostic.message = format!("the document cannot be changed: {}", error.message);
            diagnostic
        })?;
        // That the configuration itself is written anew is what was asked for.
        let others = |note: &EditNote| note.kind != EditNoteKind::ExpandedEditedAlias;
        for note in edited.notes.into_iter().filter(others) {
            self.report.add(remarks.edit_note(note));
        }
        let new = edited.new.map(|new| new.text(remarks.text));
        let new = new.as_deref().unwrap_or(remarks.text);
        let (before, behind) = (slice(0, start), slice(end, source.text().len()));
        Ok(format!("{before}{new}{behind}"))
    }
}

/// The whole text with another JSON in the place of its own, which stands on several lines that YAML
/// folds: only what differs is written anew, and all other lines stay as they are. Nothing where the
/// string is written in another way, or where the result does not say the same.
fn folded(text: &ConfigText, holder: &Holder, json: &str) -> Option<String> {
    let source = text.source().text();
    let scalar = source.get(holder.scalar.start..holder.scalar.end)?;
    let quote = scalar.chars().next().filter(|_| scalar.contains('\n'))?;
    let old = text.json();
    let (from, to, changed) = difference(old, json)?;
    let place = |at| text.span(Span::at(at)).start;
    let (start, end) = (place(from), place(to));
    let indentation = match quote {
        '>' => {
            let (_, lines) = scalar.split_once('\n')?;
            let line = lines.lines().find(|line| !line.trim().is_empty())?;
            let blanks = |line: &str| line.len() - line.trim_start_matches(' ').len();
            let own = blanks(old.trim_start_matches('\n'));
            " ".repeat(blanks(line).checked_sub(own)?)
        }
        '"' | '\'' => {
            let line = scalar
                .lines()
                .skip(1)
                .find(|line| !line.trim().is_empty())?;
            let bare = line.trim_start_matches([' ', '\t']);
            line.get(..line.len() - bare.len())?.to_owned()
        }
        _ => return None,
    };
    let newline = if scalar.contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    let mut new = source.get(..start)?.to_owned();
    for (index, line) in changed.split('\n').enumerate() {
        if index > 0 {
            new.push_str(newline);
            new.push_str(&indentation);
        }
        match quote {
            '"' => emit::push_escaped(&mut new, line),
            '\'' => new.push_str(&line.replace('\'', "''")),
            _ => new.push_str(line),
        }
    }
    new.push_str(source.get(end..)?);
    let read = config::find_in(Source::new(text.source().name().clone(), new.as_str())).ok()?;
    let is_same = json::compact(read.json()) == json::compact(json)
        && read.holder().is_some_and(|own| own.path == holder.path);
    is_same.then_some(new)
}

/// Where two JSON texts differ: the bytes of the first one, without white space around them, and what
/// the second one has there.
fn difference<'n>(old: &str, new: &'n str) -> Option<(usize, usize, &'n str)> {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let length = |pairs: usize, (own, _): (char, char)| pairs + own.len_utf8();
    let before = old.chars().zip(new.chars()).take_while(same);
    let from = old.get(..before.fold(0, length))?.trim_end().len();
    let (old_rest, new_rest) = (old.get(from..)?, new.get(from..)?);
    let behind = old_rest.chars().rev().zip(new_rest.chars().rev());
    let behind = behind.take_while(same).fold(0, length);
    let tail = old_rest.get(old_rest.len() - behind..)?.trim_start().len();
    let changed = new_rest.get(..new_rest.len() - tail)?;
    Some((from, old.len() - tail, changed))
}

/// The file that a configuration came from; nothing where it came from elsewhere, which is named in
/// angle brackets.
fn file_of(text: &ConfigText) -> Option<String> {
    let name = text.source().name();
    (!name.starts_with('<')).then(|| name.to_string())
}

/// A text without the blanks of lines that hold nothing else, which are nothing to JSON and cannot stand
/// in every block scalar.
fn without_blank_lines(json: &str) -> String {
    let is_blank = |line: &str| line.trim_matches([' ', '\t', '\r', '\n']).is_empty();
    let lines = json.split_inclusive('\n');
    let lines = lines.map(|line| match line.strip_suffix('\n') {
        Some(blank) if is_blank(blank) => "\n",
        _ => line,
    });
    lines.collect()
}
