//! JSON text to the same tree that YAML gives.
//!
//! It takes what Go's `encoding/json` takes, since the operator reads its configuration and
//! annotations with that: RFC 8259, where a `\u` escape that is half of a surrogate pair stands for
//! U+FFFD. No recursion: the depth is bounded by [`MAX_DEPTH`], not by the stack.

use std::borrow::Cow;

use super::builder::{Builder, NewNode};
use super::tree::{Kind, Layout, ScalarStyle, Spare, Tree};
use super::words::find_end_of_text;
use super::{MAX_DEPTH, Most, TOO_DEEP, TOO_MANY_VALUES};
use crate::source::Span;

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub message: &'static str,
}

/// A place in a JSON text where an item or an entry stands that has been read before.
#[derive(Clone, Copy, Debug)]
pub struct KnownJson<'k> {
    /// Its offset in bytes.
    pub at: usize,
    /// What of its text stands there: all of it, or its first character alone. Where it ends only what
    /// stands in front of it says.
    pub shown: &'k str,
    /// How deep its collections are nested: 0 where it has none.
    pub depth: usize,
    /// Whether it is an item of a list, and not an entry of an object.
    pub is_item: bool,
}

/// Reads a text that is one JSON value with nothing but white space around it.
///
/// # Errors
/// Where it is none.
pub fn parse(text: &str) -> Result<Tree<'_>, JsonError> {
    parse_within(text, Most::UNLIMITED)
}

/// The same where the text has no more than that.
///
/// # Errors
/// Where it is none, or has more.
pub fn parse_within(text: &str, most: Most) -> Result<Tree<'_>, JsonError> {
    whole(text, most, &[], Spare::default())
}

/// The same without the nodes of parts of it that are known, in their order: [`Kind::Known`] stands for
/// them. Nothing in JSON depends on what stands around it but for where it ends, so that an item or entry
/// that ends in front of a comma or bracket is the one that was read before. The tree is in the memory of
/// another one.
///
/// # Errors
/// Where it is none, or one of the parts does not stand where it should.
pub fn parse_around<'t>(
    text: &'t str,
    known: &[KnownJson<'_>],
    spare: Spare,
) -> Result<Tree<'t>, JsonError> {
    whole(text, Most::UNLIMITED, known, spare)
}

fn whole<'t>(
    text: &'t str,
    most: Most,
    known: &[KnownJson<'_>],
    spare: Spare,
) -> Result<Tree<'t>, JsonError> {
    let (tree, end) = prefix_within(text, most, known, spare)?;
    let rest = skip_white_space(text.as_bytes(), end);
    if rest < text.len() {
        return Err(error_at(
            text.as_bytes(),
            rest,
            "there is more behind the value",
        ));
    }
    Ok(tree)
}

/// Reads the JSON value at the beginning of a text and gives the byte offset behind it.
///
/// # Errors
/// Where there is none.
pub fn parse_prefix(text: &str) -> Result<(Tree<'_>, usize), JsonError> {
    prefix_within(text, Most::UNLIMITED, &[], Spare::default())
}

fn prefix_within<'t>(
    text: &'t str,
    most: Most,
    known: &[KnownJson<'_>],
    spare: Spare,
) -> Result<(Tree<'t>, usize), JsonError> {
    if u32::try_from(text.len()).is_err() {
        return Err(JsonError {
            offset: 0,
            message: "the text is larger than 4 GiB",
        });
    }
    Parser {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tree: Builder::reusing(text, spare),
        most: most.values,
        known,
        passed: 0,
    }
    .run()
}

/// Most strings are shorter: to look at so many bytes one by one costs less than a call of `memchr`.
const SHORT: usize = 16;

/// The byte offset behind the object or list at the beginning of a text, found by its brackets alone:
/// whether it is JSON only reading it tells. Nothing where there is none, or it has no end.
#[must_use]
pub fn end_of_brackets(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let start = bytes.iter().position(|b| !b.is_ascii_whitespace())?;
    let inside = bytes.get(start + 1..)?.trim_ascii_start().first();
    let opens = match bytes[start] {
        b'{' => matches!(inside, Some(b'"' | b'}')),
        first => first == b'[',
    };
    if !opens {
        return None;
    }
    let (mut depth, mut at) = (0_usize, start);
    loop {
        match bytes.get(at)? {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => {
                at += 1;
                loop {
                    let rest = bytes.get(at..)?;
                    let is_met = |byte: &u8| matches!(byte, b'"' | b'\\');
                    at += match rest.iter().take(SHORT).position(is_met) {
                        Some(near) => near,
                        None => SHORT + memchr::memchr2(b'"', b'\\', rest.get(SHORT..)?)?,
                    };
                    if bytes[at] == b'"' {
                        break;
                    }
                    at += 2;
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The text without the white space outside strings; everything else stays byte for byte
/// (`spec/1-behaviour.md`, section 4). The text must be JSON already.
#[must_use]
pub fn compact(text: &str) -> String {
    let mut compacted = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in text.chars() {
        if in_string {
            compacted.push(character);
            (in_string, escaped) = match character {
                _ if escaped => (true, false),
                '\\' => (true, true),
                '"' => (false, false),
                _ => (true, false),
            };
        } else if !matches!(character, ' ' | '\t' | '\n' | '\r') {
            in_string = character == '"';
            compacted.push(character);
        }
    }
    compacted
}

fn skip_white_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

fn error_at(bytes: &[u8], offset: usize, message: &'static str) -> JsonError {
    let message = match bytes.get(offset..) {
        Some([b'#', ..] | [b'/', b'/' | b'*', ..]) => "JSON has no comments",
        Some([]) | None => "the text ends too early",
        Some([b'\'', ..]) => "JSON strings stand in double quotes",
        Some(_) => message,
    };
    JsonError { offset, message }
}

struct Parser<'t, 'k> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tree: Builder<'t>,
    /// No more nodes than these are read.
    most: usize,
    /// What is not to be read, and how many of that have been passed.
    known: &'k [KnownJson<'k>],
    passed: usize,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    /// A value or `]`.
    FirstItem,
    /// A key or `}`.
    FirstKey,
    Key,
    /// `,` or the closing bracket, or the end of the whole.
    Separator,
}

impl<'t> Parser<'t, '_> {
    fn run(mut self) -> Result<(Tree<'t>, usize), JsonError> {
        // The open collections: true for an object.
        let mut open: Vec<bool> = Vec::new();
        let mut expect = Expect::Value;
        // The colon in front of the value that comes next.
        let mut lead = None;
        loop {
            if self.tree.len() > self.most {
                return Err(JsonError {
                    offset: self.tree.last_start(),
                    message: TOO_MANY_VALUES,
                });
            }
            self.at = skip_white_space(self.bytes, self.at);
            if self.passes_known(&open, expect) {
                expect = Expect::Separator;
                continue;
            }
            let byte = self.bytes.get(self.at).copied();
            match (expect, byte) {
                (Expect::FirstItem, Some(b']')) | (Expect::FirstKey, Some(b'}')) => {
                    self.close(&mut open);
                    expect = Expect::Separator;
                }
                (Expect::Value | Expect::FirstItem, Some(byte @ (b'{' | b'['))) => {
                    if open.len() == MAX_DEPTH {
                        return Err(JsonError {
                            offset: self.at,
                            message: TOO_DEEP,
                        });
                    }
                    let object = byte == b'{';
                    let kind = if object {
                        Kind::Mapping(Layout::Flow)
                    } else {
                        Kind::Sequence(Layout::Flow)
                    };
                    self.tree
                        .open(kind, Span::new(self.at, self.at + 1), lead.take());
                    self.at += 1;
                    open.push(object);
                    expect = if object {
                        Expect::FirstKey
                    } else {
                        Expect::FirstItem
                    };
                }
                (Expect::Value | Expect::FirstItem, _) => {
                    self.scalar(lead.take())?;
                    expect = Expect::Separator;
                }
                (Expect::FirstKey | Expect::Key, Some(b'"')) => {
                    self.scalar(None)?;
                    self.at = skip_white_space(self.bytes, self.at);
                    if self.bytes.get(self.at) != Some(&b':') {
                        return Err(error_at(
                            self.bytes,
                            self.at,
                            "a `:` is missing behind the key",
                        ));
                    }
                    lead = Some(self.at);
                    self.at += 1;
                    expect = Expect::Value;
                }
                (Expect::FirstKey | Expect::Key, _) => {
                    let message = if byte == Some(b'}') {
                        "a comma stands in front of the closing bracket"
                    } else {
                        "a key in double quotes is missing"
                    };
                    return Err(error_at(self.bytes, self.at, message));
                }
                (Expect::Separator, _) => {
                    let Some(&object) = open.last() else {
                        let end = self.end_of_value()?;
                        return Ok((self.tree.finish_json(), end));
                    };
                    match byte {
                        Some(b',') => {
                            self.at += 1;
                            expect = if object { Expect::Key } else { Expect::Value };
                        }
                        Some(b'}') if object => self.close(&mut open),
                        Some(b']') if !object => self.close(&mut open),
                        _ => {
                            let message = if object {
                                "a `,` or `}` is missing"
                            } else {
                                "a `,` or `]` is missing"
                            };
                            return Err(error_at(self.bytes, self.at, message));
                        }
                    }
                }
            }
        }
    }

    /// Passes the item or entry that is known to stand here, if one is.
    #[inline]
    fn passes_known(&mut self, open: &[bool], expect: Expect) -> bool {
        let Some(known) = self
            .known
            .get(self.passed)
            .filter(|known| known.at == self.at)
        else {
            return false;
        };
        let fits = match expect {
            Expect::Value | Expect::FirstItem => known.is_item && open.last() == Some(&false),
            Expect::Key | Expect::FirstKey => !known.is_item,
            Expect::Separator => false,
        };
        let end = known.at + known.shown.len();
        if !fits
            || known.shown.is_empty()
            || open.len() + known.depth > MAX_DEPTH
            || self.bytes.get(known.at..end) != Some(known.shown.as_bytes())
        {
            return false;
        }
        let span = Span::new(known.at, end);
        self.tree.skip_text(span, self.passed, known.is_item);
        self.passed += 1;
        self.at = end;
        true
    }

    /// White space behind the whole value has been skipped already; it is none of the value's. What is
    /// known must have been met.
    fn end_of_value(&self) -> Result<usize, JsonError> {
        if self.passed < self.known.len() {
            let message = "something known does not stand where it should";
            return Err(error_at(self.bytes, self.at, message));
        }
        Ok(self.bytes[..self.at].trim_ascii_end().len())
    }

    fn close(&mut self, open: &mut Vec<bool>) {
        open.pop();
        self.at += 1;
        self.tree.close(Some(self.at));
    }

    fn scalar(&mut self, lead: Option<usize>) -> Result<(), JsonError> {
        let start = self.at;
        let rest = &self.bytes[start..];
        // Most strings hold no escapes.
        if rest.first() == Some(&b'"')
            && let Some(close) = find_end_of_text(self.bytes, start + 1)
            && self.bytes[close] == b'"'
        {
            self.at = close + 1;
            let kind = Kind::Scalar(ScalarStyle::DoubleQuoted);
            self.tree
                .push_verbatim(kind, Span::new(start, self.at), lead);
            return Ok(());
        }
        let (style, text) = if rest.first() == Some(&b'"') {
            (ScalarStyle::DoubleQuoted, self.string()?)
        } else {
            let length = [&b"true"[..], b"false", b"null"]
                .into_iter()
                .find(|word| rest.starts_with(word))
                .map_or_else(|| number_length(rest), |word| Some(word.len()))
                .ok_or_else(|| error_at(self.bytes, start, "a value is missing"))?;
            self.at += length;
            if self
                .bytes
                .get(self.at)
                .is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.')
            {
                return Err(error_at(self.bytes, start, "this is no JSON value"));
            }
            (
                ScalarStyle::Plain,
                Cow::Borrowed(&self.text[start..self.at]),
            )
        };
        let (kind, span) = (Kind::Scalar(style), Span::new(start, self.at));
        if matches!(text, Cow::Borrowed(_)) {
            self.tree.push_verbatim(kind, span, lead);
            return Ok(());
        }
        let mut node = NewNode::new(kind, span);
        node.lead = lead;
        node.text = text;
        self.tree.push(node);
        Ok(())
    }

    /// Reads the string whose opening quote is at `self.at`, and goes behind its closing one.
    fn string(&mut self) -> Result<Cow<'t, str>, JsonError> {
        let start = self.at + 1;
        let mut at = start;
        let mut decoded = String::new();
        let mut copied = start;
        loop {
            at = find_end_of_text(self.bytes, at).ok_or(JsonError {
                offset: start - 1,
                message: "the string has no end",
            })?;
            match self.bytes[at] {
                b'"' => {
                    self.at = at + 1;
                    return Ok(if copied == start {
                        Cow::Borrowed(&self.text[start..at])
                    } else {
                        decoded.push_str(&self.text[copied..at]);
                        Cow::Owned(decoded)
                    });
                }
                b'\\' => {
                    decoded.push_str(&self.text[copied..at]);
                    let (character, length) = escape(&self.bytes[at..]).ok_or(JsonError {
                        offset: at,
                        message: "this escape is none of JSON's",
                    })?;
                    decoded.push(character);
                    at += length;
                    copied = at;
                }
                _ => {
                    return Err(JsonError {
                        offset: at,
                        message: "a control character stands in a string",
                    });
                }
            }
        }
    }
}

/// The character that an escape stands for, and the escape's length in bytes.
fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    let character = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let unit = hex(bytes.get(2..6)?)?;
            let low = match bytes.get(6..12) {
                Some([b'\\', b'u', digits @ ..]) => hex(digits),
                _ => None,
            };
            if let (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) = (unit, low) {
                let code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Some((char::from_u32(code)?, 12));
            }
            return Some((
                char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER),
                6,
            ));
        }
        _ => return None,
    };
    Some((character, 2))
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, &digit| {
        Some(number * 16 + char::from(digit).to_digit(16)?)
    })
}

/// The length of the JSON number at the beginning, if one is there.
fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| {
        bytes[from.min(bytes.len())..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return None;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_passed_where_it_stands_and_nowhere_else() {
        let around = |text, at, known, is_item, depth| {
            let known = KnownJson {
                at,
                shown: known,
                depth,
                is_item,
            };
            parse_around(text, &[known], Spare::default()).map(|tree| {
                let known: Vec<_> = tree.ids().filter(|&id| tree.known(id) == Some(0)).collect();
                (known.len(), tree.ids().count())
            })
        };
        // The list, what is known, the other item.
        assert_eq!(around("[1, [2]]", 1, "1", true, 0), Ok((1, 4)));
        assert_eq!(around("[1, [2]]", 4, "[2]", true, 1), Ok((1, 3)));
        // As key and as value.
        assert_eq!(
            around("{\"a\": [0]}", 1, "\"a\": [0]", false, 1),
            Ok((2, 3))
        );
        assert_eq!(
            around("{\"a\":0 , \"b\":1}", 9, "\"b\":1", false, 0),
            Ok((2, 5))
        );
        for (text, at, known, is_item, depth) in [
            // Something goes on with it, or nothing separates it.
            ("[12]", 1, "1", true, 0),
            ("[1 2]", 1, "1", true, 0),
            // Other text.
            ("[1]", 1, "2", true, 0),
            // No item, or no entry.
            ("{\"a\": 1}", 6, "1", true, 0),
            ("{\"a\": 1}", 1, "\"a\"", true, 0),
            ("[\"a\"]", 1, "\"a\"", false, 0),
            // Inside of a text, and behind the end.
            ("[\"1\"]", 2, "1", true, 0),
            ("[1] ", 3, "1", true, 0),
            // Too deep together.
            ("[1]", 1, "1", true, MAX_DEPTH),
        ] {
            assert!(
                around(text, at, known, is_item, depth).is_err(),
                "{text} {known}"
            );
        }
    }

    #[test]
    fn values_have_spans_and_decoded_texts() {
        let text = r#" {"a": [1, "x\n", true], "b": {}} "#;
        let tree = parse(text).unwrap();
        let root = tree.root_node().unwrap();
        let span = root.span();
        assert_eq!(&text[span.start..span.end], text.trim());
        let items = root.get("a").unwrap().items();
        assert_eq!(items.len(), 3);
        assert_eq!(items[1].as_string(), Some("x\n"));
        assert_eq!(items[2].as_bool(), Some(true));
        assert!(root.get("b").unwrap().is_mapping());
        assert_eq!(tree.lead(root.get("a").unwrap().id()), Some(5));
    }

    #[test]
    fn surrogates_are_read_as_go_reads_them() {
        let tree = parse(r#""\ud83d\ude00 \ud83d \/""#).unwrap();
        assert_eq!(tree.text(tree.root().unwrap()), "😀 \u{fffd} /");
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place() {
        for (text, offset, message) in [
            ("", 0, "the text ends too early"),
            ("{\"a\": 1} x", 9, "there is more behind the value"),
            ("{\"a\" 1}", 5, "a `:` is missing behind the key"),
            (
                "{\"a\": 1,}",
                8,
                "a comma stands in front of the closing bracket",
            ),
            ("[1 2]", 3, "a `,` or `]` is missing"),
            ("[01]", 1, "a value is missing"),
            ("[1.]", 1, "a value is missing"),
            ("// c\n{}", 0, "JSON has no comments"),
            ("{\n# c\n}", 2, "JSON has no comments"),
            ("\"a", 0, "the string has no end"),
            ("\"\\x\"", 1, "this escape is none of JSON's"),
            ("\"\t\"", 1, "a control character stands in a string"),
            ("nulls", 0, "this is no JSON value"),
        ] {
            assert_eq!(
                parse(text).unwrap_err(),
                JsonError { offset, message },
                "{text}"
            );
        }
        assert!(parse(&"[".repeat(300)).is_err());
    }

    #[test]
    fn a_prefix_ends_behind_its_value() {
        assert_eq!(parse_prefix("{}  \n{}").unwrap().1, 2);
        assert_eq!(parse_prefix("12 ").unwrap().1, 2);
        for (text, end) in [
            (" {} x", Some(3)),
            ("{\"a}\": [1, \"\\\"]\"]}{}", Some(18)),
            ("[[], {\n}]\n", Some(9)),
            ("{a: b}", None),
            ("{\"a\": [", None),
            ("{\"a", None),
            ("{\"a\\", None),
            ("{", None),
            ("", None),
            ("a", None),
        ] {
            assert_eq!(end_of_brackets(text), end, "{text}");
        }
    }

    #[test]
    fn strings_of_any_length_hide_their_brackets() {
        for length in (0..4 * SHORT).chain([1000]) {
            let letters = "x".repeat(length);
            let whole = [
                format!("[\"{letters}\"]"),
                format!("[\"{letters}}}]\"]"),
                format!("[\"{letters}\\\"]\"]"),
                format!("[\"{letters}\\\\\"]"),
            ];
            for text in whole {
                assert_eq!(end_of_brackets(&text), Some(text.len()), "{text}");
                assert_eq!(end_of_brackets(&format!("{text} ]")), Some(text.len()));
            }
            for text in [
                format!("[\"{letters}"),
                format!("[\"{letters}\\"),
                format!("[\"{letters}\\\"]"),
            ] {
                assert_eq!(end_of_brackets(&text), None, "{text}");
            }
        }
    }

    #[test]
    fn compaction_keeps_everything_but_white_space_outside_strings() {
        assert_eq!(
            compact("{ \"a\\\" b\" : 1.0e5 ,\n\t\"a\": \"\\u00e9 \\/\" }"),
            "{\"a\\\" b\":1.0e5,\"a\":\"\\u00e9 \\/\"}"
        );
    }
}
