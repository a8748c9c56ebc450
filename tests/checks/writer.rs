//! A value as a document that people could have written: in block style, in brackets or as JSON, with
//! comments, quotes, anchors and merge keys, as the choices say. Whatever they say, the document means
//! the value.
//!
//! Nothing of the program's own way to write values is used here.

use std::fmt::Write as _;

use serde::Serialize as _;
use serde_json::{Map, Value as Json};

use super::choices::Choices;

/// How a document looks: numbers are chances in a hundred, or columns.
#[derive(Clone, Debug)]
struct Style {
    indent: usize,
    dash: usize,
    brackets: usize,
    quotes: usize,
    comments: usize,
    blank_lines: usize,
    anchors: usize,
    merges: usize,
    own_line: usize,
}

/// A value in a style of its own, with a line break at its end or not. `name` makes its comments and
/// anchors other ones than those of other documents.
pub fn document(value: &Json, name: usize, choices: &mut Choices<'_>) -> String {
    if choices.percent(12) {
        return json(value, choices);
    }
    let style = Style {
        indent: *choices.pick(&[2, 2, 2, 2, 4, 3, 1]),
        dash: 0,
        brackets: *choices.pick(&[0, 0, 20, 60]),
        quotes: *choices.pick(&[0, 10, 90]),
        comments: *choices.pick(&[0, 0, 10, 30]),
        blank_lines: *choices.pick(&[0, 0, 5]),
        anchors: *choices.pick(&[0, 0, 10, 40]),
        merges: *choices.pick(&[0, 100]),
        own_line: *choices.pick(&[0, 0, 0, 20]),
    };
    let dash = if choices.percent(40) { style.indent } else { 0 };
    let mut writer = Writer {
        choices,
        style: Style { dash, ..style },
        name,
        out: String::new(),
        known: Vec::new(),
        anchors: 0,
        comments: 0,
    };
    if writer.percent(writer.style.comments) {
        writer.comment_line(0);
    }
    match value {
        Json::Object(entries) if !entries.is_empty() && !writer.percent(2) => {
            writer.mapping(entries, 0, true);
        }
        Json::Array(items) if !items.is_empty() && !writer.percent(2) => {
            writer.sequence(items, 0, true);
        }
        _ => {
            writer.flow(value);
            writer.end_line();
        }
    }
    let mut text = writer.out;
    if choices.percent(10) {
        text = text.replace('\n', "\r\n");
    }
    text
}

/// A value as JSON: on one line, or indented in some way.
fn json(value: &Json, choices: &mut Choices<'_>) -> String {
    let indent: &[u8] = match choices.below(4) {
        0 => return value.to_string() + "\n",
        1 => b"  ",
        2 => b"\t",
        _ => b"    ",
    };
    let mut text = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(indent);
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, format);
    value.serialize(&mut serializer).unwrap();
    String::from_utf8(text).unwrap() + "\n"
}

struct Writer<'w, 'b> {
    choices: &'w mut Choices<'b>,
    style: Style,
    name: usize,
    out: String,
    /// The anchors that have been written, with what they stand for.
    known: Vec<(String, Json)>,
    anchors: usize,
    comments: usize,
}

impl Writer<'_, '_> {
    fn percent(&mut self, chance: usize) -> bool {
        // Nothing is chosen where nothing can be: the choices are for what is to come.
        chance > 0 && self.choices.percent(chance)
    }

    fn comment(&mut self) -> String {
        self.comments += 1;
        format!("# note {}-{}", self.name, self.comments)
    }

    fn comment_line(&mut self, column: usize) {
        let comment = self.comment();
        let _ = writeln!(self.out, "{}{comment}", " ".repeat(column));
    }

    /// What may stand in front of an entry or item.
    fn in_front(&mut self, column: usize) {
        if self.percent(self.style.blank_lines) {
            self.out.push('\n');
        }
        if self.percent(self.style.comments) {
            self.comment_line(column);
        }
    }

    fn end_line(&mut self) {
        if self.percent(self.style.comments) {
            let gap = *self.choices.pick(&[" ", "  "]);
            let comment = self.comment();
            let _ = write!(self.out, "{gap}{comment}");
        }
        self.out.push('\n');
    }

    /// A block mapping whose keys stand in a column; the first on the line that there is already
    /// where it does not begin one.
    fn mapping(&mut self, entries: &Map<String, Json>, column: usize, begins_line: bool) {
        let merged = self.merged(entries);
        let mut begins_line = begins_line;
        if let Some((name, _)) = &merged {
            self.margin(column, begins_line);
            let _ = writeln!(self.out, "<<: *{name}");
            begins_line = true;
        }
        let merged = merged.map(|(_, entries)| entries).unwrap_or_default();
        for (key, value) in entries.iter().filter(|(key, _)| !merged.contains_key(*key)) {
            if begins_line {
                self.in_front(column);
            }
            self.margin(column, begins_line);
            begins_line = true;
            let key = self.key(key);
            self.out.push_str(&key);
            self.out.push(':');
            self.behind(value, column, false);
        }
    }

    fn margin(&mut self, column: usize, begins_line: bool) {
        if begins_line {
            self.out.push_str(&" ".repeat(column));
        }
    }

    /// An anchor of a mapping all of whose entries are among these, but for some.
    fn merged(&mut self, entries: &Map<String, Json>) -> Option<(String, Map<String, Json>)> {
        let found = self.known.iter().find_map(|(name, known)| {
            let own = known.as_object()?;
            let some = !own.is_empty() && own.len() < entries.len();
            let fits = own
                .iter()
                .all(|(key, value)| entries.get(key) == Some(value));
            (some && fits).then(|| (name.clone(), own.clone()))
        })?;
        self.percent(self.style.merges).then_some(found)
    }

    fn sequence(&mut self, items: &[Json], column: usize, begins_line: bool) {
        let mut begins_line = begins_line;
        for item in items {
            if begins_line {
                self.in_front(column);
            }
            self.margin(column, begins_line);
            begins_line = true;
            self.out.push('-');
            self.behind(item, column, true);
        }
    }

    /// A value behind the `:` of a key or the `-` of an item in a column, and the line's end.
    fn behind(&mut self, value: &Json, column: usize, is_item: bool) {
        let known = self.known.iter().find(|(_, known)| known == value);
        let known = known.map(|(name, _)| name.clone());
        if let Some(name) = known.filter(|_| !value.is_null())
            && self.percent(70)
        {
            let _ = write!(self.out, " *{name}");
            return self.end_line();
        }
        // Lists are what is edited most.
        let chance = self.style.anchors * if value.is_array() { 2 } else { 1 };
        let anchor = self.percent(chance);
        self.anchors += usize::from(anchor);
        let name = anchor.then(|| format!("a{}-{}", self.name, self.anchors));
        if let Some(name) = &name {
            let _ = write!(self.out, " &{name}");
        }
        let is_collection = matches!(value, Json::Array(items) if !items.is_empty())
            || matches!(value, Json::Object(entries) if !entries.is_empty());
        if is_collection && !self.percent(self.style.brackets) {
            self.block(value, column, is_item, anchor);
        } else if !self.several_lines(value, column) {
            if value.is_null() {
                let null = *self.choices.pick(&["", " null", " ~"]);
                self.out.push_str(null);
            } else {
                self.out.push(' ');
                self.flow(value);
            }
            self.end_line();
        }
        if let Some(name) = name {
            self.known.push((name, value.clone()));
        }
    }

    /// A collection in block style.
    fn block(&mut self, value: &Json, column: usize, is_item: bool, has_anchor: bool) {
        let compact = is_item && !has_anchor && !self.percent(self.style.own_line);
        let below = match (compact, is_item, value) {
            (true, ..) => {
                self.out.push(' ');
                column + 2
            }
            (false, true, _) => column + self.style.indent.max(2),
            (false, false, Json::Array(_)) => column + self.style.dash,
            (false, false, _) => column + self.style.indent,
        };
        if !compact {
            self.end_line();
        }
        match value {
            Json::Array(items) => self.sequence(items, below, !compact),
            Json::Object(entries) => self.mapping(entries, below, !compact),
            _ => {}
        }
    }

    /// Writes a text over several lines, where it is one that can be.
    fn several_lines(&mut self, value: &Json, column: usize) -> bool {
        let Json::String(text) = value else {
            return false;
        };
        let indent = " ".repeat(column + self.style.indent);
        let is_printable = |c: char| {
            c == '\n' || !c.is_control() && c != '\u{feff}' && !c.is_whitespace() || c == ' '
        };
        let lines: Vec<&str> = text.trim_end_matches('\n').split('\n').collect();
        let blank = |line: &&str| !line.is_empty() && line.trim().is_empty();
        let can_be_literal = text.chars().all(is_printable)
            && !lines[0].starts_with(' ')
            && !lines[0].is_empty()
            && !lines.iter().any(blank);
        if text.contains('\n') && can_be_literal && self.percent(80) {
            let breaks = text.len() - text.trim_end_matches('\n').len();
            let chomping = ["-", "", "+"][breaks.min(2)];
            let _ = writeln!(self.out, " |{chomping}");
            for line in &lines {
                let margin = if line.is_empty() { "" } else { &indent };
                let _ = writeln!(self.out, "{margin}{line}");
            }
            self.out.push_str(&"\n".repeat(breaks.saturating_sub(1)));
            return true;
        }
        // A line break in the place of a blank.
        let blank = text.find(' ').filter(|at| {
            let (before, behind) = (&text[..*at], &text[at + 1..]);
            let solid = |c: char| c.is_ascii_alphanumeric();
            before.ends_with(solid) && behind.starts_with(solid) && !text.ends_with(' ')
        });
        let Some(at) = blank.filter(|_| can_be_literal && !text.contains('\n')) else {
            return false;
        };
        if !self.percent(self.style.own_line) {
            return false;
        }
        let (before, behind) = (&text[..at], &text[at + 1..]);
        if behind.contains("  ") || before.contains("  ") {
            return false;
        }
        if self.percent(50) {
            let _ = writeln!(self.out, " >-\n{indent}{before}\n{indent}{behind}");
        } else {
            let quoted = Json::from(format!("{before}\n{behind}")).to_string();
            let quoted = quoted.replacen("\\n", &format!("\n{indent}"), 1);
            self.out.push(' ');
            self.out.push_str(&quoted);
            self.end_line();
        }
        true
    }

    /// A value on one line.
    fn flow(&mut self, value: &Json) {
        match value {
            Json::Array(items) => {
                let gap = *self.choices.pick(&["", " "]);
                self.out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { gap });
                    self.flow(item);
                }
                self.out.push_str(gap);
                self.out.push(']');
            }
            Json::Object(entries) => {
                let gap = *self.choices.pick(&["", " "]);
                self.out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.out.push_str(if index > 0 { ", " } else { gap });
                    let key = self.key(key);
                    self.out.push_str(&key);
                    self.out.push_str(": ");
                    self.flow(value);
                }
                self.out.push_str(gap);
                self.out.push('}');
            }
            Json::String(text) => {
                let text = self.scalar(text);
                self.out.push_str(&text);
            }
            other => self.out.push_str(&other.to_string()),
        }
    }

    fn key(&mut self, key: &str) -> String {
        if can_be_plain(key) && !self.percent(self.style.quotes / 4) {
            key.to_owned()
        } else {
            quoted(key, self.choices)
        }
    }

    fn scalar(&mut self, text: &str) -> String {
        if can_be_plain(text) && !self.percent(self.style.quotes) {
            text.to_owned()
        } else {
            quoted(text, self.choices)
        }
    }
}

fn quoted(text: &str, choices: &mut Choices<'_>) -> String {
    let single = text
        .chars()
        .all(|c| !c.is_control() && c != '\u{feff}' && !matches!(c, '\u{2028}' | '\u{2029}'));
    if single && choices.percent(30) {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        let escaped = Json::from(text).to_string();
        // JSON lets stand what YAML 1.1 takes for line breaks and marks.
        ['\u{7f}', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}']
            .iter()
            .fold(escaped, |text, c| {
                text.replace(*c, &format!("\\u{:04x}", u32::from(*c)))
            })
    }
}

/// Whether a text is the same without quotes, to all readers; careful rather than exact.
fn can_be_plain(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "/._-:@ $()=%+".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_')
        && text.chars().all(known)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && super::scalars::is_string_to_all(text)
        && !["nan", "inf"].contains(&text.to_ascii_lowercase().as_str())
}
