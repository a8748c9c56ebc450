//! A value to text: new lines in block style, or text inside brackets, in the style of the
//! surroundings.
//!
//! A string is written without quotes only where no reader of YAML 1.1 or 1.2 could take it for
//! anything else (`spec/6-yaml-facts.md`, section 4, "Rule used for emission"); the rule is
//! stricter than YAML on purpose.

use std::fmt::Write as _;

use super::scalar;
use super::value::{Scalar, Value};

/// How block sequences stand below their key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlockStyle {
    /// The columns by which a mapping is indented below its key; at least one.
    pub mapping_indent: usize,
    /// The columns by which a sequence's dashes are indented below its key; often none.
    pub sequence_indent: usize,
    /// The line break.
    pub newline: &'static str,
    /// Which strings over several lines become literal blocks; the others are in double quotes.
    pub literals: Literals,
}

/// Which strings over several lines can be literal blocks, with what stands behind them: lines of
/// blanks there can become part of a block's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Literals {
    /// All.
    All,
    /// Those that do not end in empty lines of their own.
    WithoutEmptyEnd,
    /// None.
    None,
}

impl Literals {
    /// Whether a text can be one.
    #[must_use]
    pub fn take(self, text: &str) -> bool {
        match self {
            Self::All => true,
            Self::WithoutEmptyEnd => !text.ends_with("\n\n"),
            Self::None => false,
        }
    }
}

/// How text inside brackets looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlowStyle {
    /// Every key and string in double quotes, as JSON demands.
    pub json: bool,
    /// What stands behind a `:` — a blank or nothing.
    pub colon_gap: &'static str,
    /// What stands behind a `,` where the next item is on the same line.
    pub comma_gap: &'static str,
    /// Where every item has a line of its own: how. Otherwise all stands on one line.
    pub lines: Option<FlowLines>,
}

/// How flow collections are spread over lines.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FlowLines {
    /// The white space in front of the line that the text begins on.
    pub indent: String,
    /// The white space that each level adds.
    pub unit: String,
    /// The line break.
    pub newline: &'static str,
    /// Whether a list of single values stays on one line.
    pub short_lists: bool,
}

/// The lines of a block mapping's entry whose key stands at `column`: each line with its
/// indentation and line break.
#[must_use]
pub fn block_entry(key: &Value, value: &Value, column: usize, style: BlockStyle) -> String {
    let mut lines = String::new();
    push_blanks(&mut lines, column);
    push_entry(&mut lines, key, value, column, style);
    lines
}

/// The line of a block mapping's key at `column` whose value stands on the lines below.
#[must_use]
pub fn block_key(key: &Value, column: usize, newline: &str) -> String {
    let mut line = String::new();
    push_blanks(&mut line, column);
    push_key(&mut line, key, column, newline);
    line.push_str(newline);
    line
}

/// The lines of a block sequence's item whose dash stands at `column`, with `gap` blanks behind
/// the dash (at least one).
#[must_use]
pub fn block_item(value: &Value, column: usize, gap: usize, style: BlockStyle) -> String {
    let mut lines = String::new();
    push_blanks(&mut lines, column);
    push_item(&mut lines, value, column, gap, style);
    lines
}

/// The lines of a collection that is not empty, below its key, whose mapping stands at `column`:
/// the entries or items with their indentation.
#[must_use]
pub fn block_lines(value: &Value, column: usize, style: BlockStyle) -> String {
    let mut lines = String::new();
    push_lines(&mut lines, value, column, style);
    lines
}

fn push_lines(lines: &mut String, value: &Value, column: usize, style: BlockStyle) {
    match value {
        Value::Mapping(entries) => {
            let inner = column + style.mapping_indent;
            for (key, value) in entries {
                push_blanks(lines, inner);
                push_entry(lines, key, value, inner, style);
            }
        }
        Value::Sequence(items) => {
            let inner = column + style.sequence_indent;
            for item in items {
                push_blanks(lines, inner);
                push_item(lines, item, inner, 1, style);
            }
        }
        Value::Scalar(_) => {}
    }
}

/// Adds blanks without making a text of them first.
fn push_blanks(text: &mut String, count: usize) {
    text.extend(std::iter::repeat_n(' ', count));
}

/// A whole document in block style.
#[must_use]
pub fn block_document(value: &Value, style: BlockStyle) -> String {
    match value {
        Value::Mapping(entries) if !entries.is_empty() => entries
            .iter()
            .map(|(key, value)| block_entry(key, value, 0, style))
            .collect(),
        Value::Sequence(items) if !items.is_empty() => items
            .iter()
            .map(|item| block_item(item, 0, 1, style))
            .collect(),
        Value::Scalar(scalar) => inline(scalar, false) + style.newline,
        _ => flow(value, &ONE_LINE) + style.newline,
    }
}

/// Whether a value is a collection with something in it, which in block style stands on lines of
/// its own.
#[must_use]
pub fn needs_lines(value: &Value) -> bool {
    match value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => !items.is_empty(),
        Value::Mapping(entries) => !entries.is_empty(),
    }
}

/// Whether a value's lines end in a block scalar that would lose its last line break, were the one
/// behind it left out.
#[must_use]
pub fn ends_in_block_scalar(value: &Value) -> bool {
    match value {
        Value::Scalar(scalar) => !scalar.plain && scalar.text.ends_with('\n'),
        Value::Sequence(items) => items.last().is_some_and(|item| ends_in_block_scalar(item)),
        Value::Mapping(entries) => entries
            .last()
            .is_some_and(|(_, value)| ends_in_block_scalar(value)),
    }
}

fn push_entry(lines: &mut String, key: &Value, value: &Value, column: usize, style: BlockStyle) {
    push_key(lines, key, column, style.newline);
    if needs_lines(value) {
        lines.push_str(style.newline);
        push_lines(lines, value, column, style);
    } else {
        lines.push(' ');
        push_leaf(lines, value, column, style);
    }
}

/// The bytes of the longest key that stands on one line with its colon: YAML says 1,024 characters.
const LONGEST_KEY: usize = 1000;

fn push_key(lines: &mut String, key: &Value, column: usize, newline: &str) {
    let start = lines.len();
    match key {
        Value::Scalar(scalar) => push_inline(lines, scalar, false),
        // A key that is a collection only comes from a document that has it so.
        _ => lines.push_str(&flow(key, &ONE_LINE)),
    }
    if lines.len() - start > LONGEST_KEY {
        lines.insert_str(start, "? ");
        lines.push_str(newline);
        push_blanks(lines, column);
    }
    lines.push(':');
}

fn push_item(lines: &mut String, value: &Value, column: usize, gap: usize, style: BlockStyle) {
    lines.push('-');
    push_blanks(lines, gap);
    let inner = column + 1 + gap;
    match value {
        Value::Mapping(entries) if !entries.is_empty() => {
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    push_blanks(lines, inner);
                }
                push_entry(lines, key, value, inner, style);
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    push_blanks(lines, inner);
                }
                push_item(lines, item, inner, 1, style);
            }
        }
        _ => push_leaf(lines, value, column, style),
    }
}

/// Adds a scalar or an empty collection, and the line break.
fn push_leaf(lines: &mut String, value: &Value, column: usize, style: BlockStyle) {
    match value {
        Value::Scalar(scalar) => push_block_scalar(lines, scalar, column, style),
        Value::Sequence(_) => lines.push_str("[]"),
        Value::Mapping(_) => lines.push_str("{}"),
    }
    lines.push_str(style.newline);
}

/// Adds a scalar as it stands behind a `:` or `-` whose mapping or dash is at `column`: on one line,
/// or as a literal block where it has several. Without the last line break.
fn push_block_scalar(lines: &mut String, scalar: &Scalar, column: usize, style: BlockStyle) {
    let several = !scalar.plain && scalar.tag.is_none() && scalar.text.contains('\n');
    let block = (several && style.literals.take(&scalar.text))
        .then(|| literal(&scalar.text, column, style.mapping_indent, style.newline))
        .flatten();
    match block {
        Some(block) => lines.push_str(&block),
        None => push_inline(lines, scalar, false),
    }
}

/// A literal block with its header, its lines `indent` columns to the right of `column`, without
/// the last line break; nothing where a block could not hold the text.
#[must_use]
pub fn literal(text: &str, column: usize, indent: usize, newline: &str) -> Option<String> {
    let content = text.trim_end_matches('\n');
    let fits = !content.is_empty()
        && text
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
        && !content.starts_with('\t')
        && text
            .split('\n')
            .all(|line| line.is_empty() || !line.trim_matches([' ', '\t']).is_empty());
    if !fits {
        return None;
    }
    let mut block = String::from("|");
    if content.starts_with([' ', '\n']) {
        // Only a single digit can tell the indentation.
        if indent > 9 {
            return None;
        }
        let _ = write!(block, "{indent}");
    }
    let breaks = text.len() - content.len();
    match breaks {
        0 => block.push('-'),
        1 => {}
        _ => block.push('+'),
    }
    let margin = " ".repeat(column + indent);
    for line in content.split('\n') {
        block.push_str(newline);
        if !line.is_empty() {
            block.push_str(&margin);
            block.push_str(line);
        }
    }
    for _ in 1..breaks {
        block.push_str(newline);
    }
    Some(block)
}

/// A scalar on one line.
#[must_use]
pub fn inline(scalar: &Scalar, json: bool) -> String {
    let mut text = String::new();
    push_inline(&mut text, scalar, json);
    text
}

fn push_inline(text: &mut String, scalar: &Scalar, json: bool) {
    if let Some(tag) = scalar.tag.as_deref().filter(|_| !json) {
        text.push_str(&tag_text(tag));
        text.push(' ');
    }
    if scalar.plain && !(json && scalar::is_string(&scalar.text)) {
        if is_plain_anywhere(&scalar.text) {
            text.push_str(if scalar.text.is_empty() {
                "null"
            } else {
                &scalar.text
            });
            return;
        }
    } else if !json && is_safe_plain(&scalar.text) {
        text.push_str(&scalar.text);
        return;
    }
    push_double_quoted(text, &scalar.text);
}

fn tag_text(tag: &str) -> String {
    match tag.strip_prefix("tag:yaml.org,2002:") {
        Some(name) => format!("!!{name}"),
        None if tag.starts_with('!') => tag.to_owned(),
        None => format!("!<{tag}>"),
    }
}

/// Whether a plain scalar of the user's can stand plain wherever we may have to put it.
fn is_plain_anywhere(text: &str) -> bool {
    !text.starts_with(|c: char| "-?:,[]{}#&*!|>'\"%@` ".contains(c) && !is_number_start(text))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && text
            .chars()
            .all(|c| is_printable(c) && !",[]{}\n\t".contains(c))
}

fn is_number_start(text: &str) -> bool {
    text.strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
}

/// Whether a character is nothing but text within a plain scalar, in block and flow style alike; a colon
/// is not at its end.
#[must_use]
pub fn is_plain_inside(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_./:@%+=$()~^;-".contains(c)
}

/// Whether a string may be written without quotes, in block and flow style alike.
#[must_use]
pub fn is_safe_plain(text: &str) -> bool {
    let mut bytes = text.bytes();
    let starts_well = match bytes.next() {
        Some(b'/' | b'a'..=b'z' | b'A'..=b'Z') => true,
        Some(b'_') => bytes.next().is_some_and(|b| b.is_ascii_alphabetic()),
        _ => return is_quantity(text),
    };
    starts_well
        && text.chars().all(is_plain_inside)
        && !text.ends_with(':')
        && scalar::is_string_to_all(text)
}

/// A number with a unit, such as `100m` or `64Mi`: no reader takes it for a number.
fn is_quantity(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number = &text[..text.len() - unit.len()];
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && matches!(
            unit,
            "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei"
        )
}

/// Whether a character can stand in YAML text as it is and survive every reader.
fn is_printable(c: char) -> bool {
    !(c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{e000}'
                ..='\u{f8ff}'
        ))
}

/// The text in double quotes, as JSON and YAML both read it.
#[must_use]
pub fn double_quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_double_quoted(&mut quoted, text);
    quoted
}

fn push_double_quoted(quoted: &mut String, text: &str) {
    quoted.push('"');
    push_escaped(quoted, text);
    quoted.push('"');
}

/// Adds the text as it stands between double quotes.
pub fn push_escaped(quoted: &mut String, text: &str) {
    let stays = |b: &u8| matches!(b, b' '..=b'~') && !matches!(b, b'"' | b'\\');
    if text.as_bytes().iter().all(stays) {
        quoted.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || !is_printable(c)) {
        let (clean, odd) = rest.split_at(at);
        quoted.push_str(clean);
        let mut characters = odd.chars();
        match characters.next() {
            Some('"') => quoted.push_str("\\\""),
            Some('\\') => quoted.push_str("\\\\"),
            Some('\n') => quoted.push_str("\\n"),
            Some('\t') => quoted.push_str("\\t"),
            Some('\r') => quoted.push_str("\\r"),
            // All of them are in the first plane: others stand as they are, since YAML readers
            // refuse pairs of escapes.
            Some(c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            None => {}
        }
        rest = characters.as_str();
    }
    quoted.push_str(rest);
}

/// The text in single quotes; nothing where they cannot hold it on one line.
#[must_use]
pub fn single_quoted(text: &str) -> Option<String> {
    text.chars()
        .all(is_printable)
        .then(|| format!("'{}'", text.replace('\'', "''")))
}

const ONE_LINE: FlowStyle = FlowStyle {
    json: false,
    colon_gap: " ",
    comma_gap: " ",
    lines: None,
};

/// A value as it stands inside brackets, or as JSON.
#[must_use]
pub fn flow(value: &Value, style: &FlowStyle) -> String {
    let mut text = String::new();
    push_flow(&mut text, value, style, 0);
    text
}

/// A key and its value as they stand inside the brackets of a flow mapping.
#[must_use]
pub fn flow_entry(key: &Value, value: &Value, style: &FlowStyle) -> String {
    let mut text = String::new();
    push_flow_entry(&mut text, key, value, style, 0);
    text
}

fn push_flow_entry(text: &mut String, key: &Value, value: &Value, style: &FlowStyle, level: usize) {
    let start = text.len();
    match key {
        // JSON has no keys but strings.
        Value::Scalar(scalar) if style.json => push_double_quoted(text, &scalar.text),
        _ => push_flow(text, key, style, level),
    }
    if !style.json && text.len() - start > LONGEST_KEY {
        text.insert_str(start, "? ");
        text.push(' ');
    }
    text.push(':');
    text.push_str(if style.json { style.colon_gap } else { " " });
    push_flow(text, value, style, level);
}

fn push_flow(text: &mut String, value: &Value, style: &FlowStyle, level: usize) {
    let (open, close, count) = match value {
        Value::Scalar(scalar) => return push_inline(text, scalar, style.json),
        Value::Sequence(items) => ('[', ']', items.len()),
        Value::Mapping(entries) => ('{', '}', entries.len()),
    };
    let lines = style.lines.as_ref();
    let lines = lines.filter(|lines| count > 0 && !(lines.short_lists && is_short(value)));
    text.push(open);
    for index in 0..count {
        if index > 0 {
            text.push(',');
        }
        match lines {
            Some(lines) => push_line(text, lines, level + 1),
            None if index > 0 => text.push_str(style.comma_gap),
            None => {}
        }
        match value {
            Value::Sequence(items) => push_flow(text, &items[index], style, level + 1),
            Value::Mapping(entries) => {
                let (key, value) = &entries[index];
                push_flow_entry(text, key, value, style, level + 1);
            }
            Value::Scalar(_) => {}
        }
    }
    if let Some(lines) = lines {
        push_line(text, lines, level);
    }
    text.push(close);
}

/// Whether a value is a list of single values.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Sequence(items) => items.iter().all(|item| matches!(**item, Value::Scalar(_))),
        Value::Scalar(_) | Value::Mapping(_) => false,
    }
}

fn push_line(text: &mut String, lines: &FlowLines, level: usize) {
    text.push_str(lines.newline);
    text.push_str(&lines.indent);
    for _ in 0..level {
        text.push_str(&lines.unit);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::yaml::parse;

    const STYLE: BlockStyle = BlockStyle {
        mapping_indent: 2,
        sequence_indent: 0,
        newline: "\n",
        literals: Literals::All,
    };

    #[test]
    fn strings_are_plain_only_where_no_reader_could_err() {
        for text in [
            "web",
            "/datadog-lib",
            "a.b/c:1.2@x",
            "x$(POD)",
            "_x",
            "100m",
            "0.5Gi",
            "x=y",
        ] {
            assert_eq!(inline(scalar_of(&Value::string(text)), false), text);
        }
        for text in [
            "yes",
            "on",
            "y",
            "no",
            "~",
            "null",
            "1e3",
            "0x1f",
            "012",
            "1_000",
            "1:30",
            ".inf",
            "2001-01-01",
            "=",
            "<<",
            "",
            " a",
            "a ",
            "- a",
            "a: b",
            "a #b",
            "0 * * * *",
            "9529",
            "a,b",
            "[",
            "x:",
            "é",
            "_1",
            "1E",
            "NaN",
            "a b",
            "#",
            "&a",
            "*a",
            "!a",
            "%a",
            "@a",
            "`",
        ] {
            let quoted = inline(scalar_of(&Value::string(text)), false);
            assert!(quoted.starts_with('"'), "{text}");
            let read = parse(&quoted).unwrap();
            assert_eq!(read.tree.text(read.tree.root().unwrap()), text);
        }
        assert_eq!(
            double_quoted("a\"\\\n\t\u{1}\u{85}\u{feff}😀"),
            "\"a\\\"\\\\\\n\\t\\u0001\\u0085\\ufeff😀\""
        );
    }

    fn scalar_of(value: &Value) -> &Scalar {
        match value {
            Value::Scalar(scalar) => scalar,
            _ => panic!("no scalar"),
        }
    }

    #[test]
    fn text_of_several_lines_reads_back_from_its_block() {
        for text in [
            "a\n",
            "a",
            "a\n\n",
            "a\n  b\n",
            "  a\nb",
            "\na",
            "\n\n a\n",
            "a\n\nb\n\n\n",
            "a\r\nb",
            "\n",
            "a\n \nb",
            "\ta\nb",
            "a\u{85}\n",
            "- a\n",
            "---\n",
            "...\nx",
            "#a\nb",
        ] {
            for column in [0, 4] {
                let value = Value::mapping([("k", Value::string(text)), ("z", Value::string("e"))]);
                let entry = Value::mapping([("m", value)]);
                let style = BlockStyle {
                    mapping_indent: 3,
                    ..STYLE
                };
                let lines = block_lines(&entry, column, style);
                let read = parse(&lines).unwrap();
                let root = read.tree.root_node().unwrap();
                assert_eq!(
                    root.at(&["m", "k"]).unwrap().as_string(),
                    Some(text),
                    "{lines}"
                );
                assert_eq!(
                    root.at(&["m", "z"]).unwrap().as_string(),
                    Some("e"),
                    "{lines}"
                );
            }
        }
    }

    #[test]
    fn collections_stand_in_the_style_asked_for() {
        let value = Value::mapping([
            ("name", Value::string("p")),
            ("emptyDir", Value::Mapping(Vec::new())),
            (
                "args",
                Value::Sequence(vec![
                    Arc::new(Value::string("a")),
                    Arc::new(Value::Sequence(vec![Arc::new(Value::bool(true))])),
                ]),
            ),
        ]);
        assert_eq!(
            block_item(
                &value,
                2,
                3,
                BlockStyle {
                    sequence_indent: 2,
                    ..STYLE
                }
            ),
            "  -   name: p\n      emptyDir: {}\n      args:\n        - a\n        - - true\n"
        );
        assert_eq!(
            flow(&value, &ONE_LINE),
            "{name: p, emptyDir: {}, args: [a, [true]]}"
        );
        let json = FlowStyle {
            json: true,
            colon_gap: "",
            comma_gap: "",
            lines: None,
        };
        assert_eq!(
            flow(&value, &json),
            r#"{"name":"p","emptyDir":{},"args":["a",[true]]}"#
        );
        let lines = FlowLines {
            indent: "\t".into(),
            unit: "\t".into(),
            newline: "\n",
            short_lists: false,
        };
        let pretty = FlowStyle {
            json: true,
            colon_gap: " ",
            comma_gap: " ",
            lines: Some(lines),
        };
        assert_eq!(
            flow(&value, &pretty),
            "{\n\t\t\"name\": \"p\",\n\t\t\"emptyDir\": {},\n\t\t\"args\": [\n\t\t\t\"a\",\n\t\t\t[\n\t\t\t\ttrue\n\t\t\t]\n\t\t]\n\t}"
        );
    }

    #[test]
    fn what_the_user_wrote_plain_stays_plain() {
        for text in ["0644", "yes", "-5", "1e3", "~"] {
            assert_eq!(inline(scalar_of(&Value::plain(text)), false), text);
        }
        assert_eq!(inline(scalar_of(&Value::plain("a: b")), false), "\"a: b\"");
        assert_eq!(inline(scalar_of(&Value::plain("web")), true), "\"web\"");
        let tagged = Scalar {
            text: "5".into(),
            plain: true,
            tag: Some("tag:yaml.org,2002:str".into()),
        };
        assert_eq!(inline(&tagged, false), "!!str 5");
    }
}
