//! The JSON text of a configuration, and where its bytes stand in the file that it came from.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::change::Path;
use crate::diagnostic::Diagnostic;
use crate::secret;
use crate::source::{Source, Span};
use crate::yaml::{Kind, Node, ScalarStyle};

/// The operator's JSON.
#[derive(Clone, Debug)]
pub struct ConfigText {
    source: Arc<Source>,
    /// Nothing where it is the whole source.
    inner: Option<(String, Placement)>,
    holder: Option<Holder>,
}

/// The string in a document that a configuration stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The bytes of the document in the source.
    pub document: Span,
    /// Whether that document is JSON.
    pub json: bool,
    /// The way from the document's root to the string.
    pub path: Path,
    /// The bytes of the string in the source, quotes included.
    pub scalar: Span,
}

/// Where a text that stands in another one stands there.
#[derive(Clone, Debug)]
pub enum Placement {
    /// Somewhere in there.
    Within(Span),
    /// In stretches: from these bytes of the text on (ascending) it stands at these of the source,
    /// byte for byte up to the next stretch.
    Stretches(Vec<Stretch>),
    /// The text says the same as a part of the source in other words: from these bytes of the text
    /// on (ascending) it is what stands there in the source.
    Values(Vec<(usize, Span)>),
}

/// Where a part of a text begins, in the text and in the source.
type Stretch = (usize, usize);

impl Placement {
    /// The place of a string in a document that begins at `base` bytes of `text`.
    #[must_use]
    pub fn of_scalar(text: &str, base: usize, value: Node<'_>) -> Self {
        let tree = value.tree();
        let id = tree.resolve(value.id());
        let span = tree.span(id).shifted(base);
        let raw = text.get(span.start..span.end).unwrap_or_default();
        let decoded = tree.text(id);
        let stretches = match tree.kind(id) {
            Kind::Scalar(style @ (ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted)) => {
                quoted(raw, span.start, style, decoded)
            }
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded) => {
                // Behind the line with the `|` or the `>`.
                let header = raw.find('\n').map_or(raw.len(), |feed| feed + 1);
                let lines = raw.get(header..).unwrap_or_default();
                unquoted(lines, span.start + header, decoded)
            }
            Kind::Scalar(ScalarStyle::Plain) => unquoted(raw, span.start, decoded),
            _ => None,
        };
        stretches.map_or(Self::Within(span), Self::Stretches)
    }
}

/// White space within a line.
const BLANKS: [char; 2] = [' ', '\t'];

/// The stretches of a quoted text, which begins at `base` and can go on over lines: what folding makes
/// of their ends is counted. Nothing where that does not come to the text.
fn quoted(raw: &str, base: usize, style: ScalarStyle, decoded: &str) -> Option<Vec<Stretch>> {
    let inner = raw.get(1..raw.len().checked_sub(1)?)?;
    let mut found = Vec::new();
    let (mut at, mut done) = (base + 1, 0);
    // How many lines without anything there were since the last one with something, and whether that
    // one's end was escaped.
    let (mut empty, mut escaped) = (0, false);
    let mut lines = inner.split_inclusive('\n').peekable();
    let mut is_first = true;
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let is_last = lines.peek().is_none() && !line.ends_with('\n');
        let mut content = line.trim_end_matches(['\n', '\r']);
        let mut indent = 0;
        if !is_first {
            indent = content.len() - content.trim_start_matches(BLANKS).len();
            content = content.get(indent..).unwrap_or_default();
            if content.is_empty() && !is_last {
                empty += 1;
                continue;
            }
            done += match (escaped, empty) {
                (false, 0) => 1,
                (_, empty) => empty,
            };
        }
        (is_first, empty, escaped) = (false, 0, false);
        if !is_last {
            let trimmed = content.trim_end_matches(BLANKS);
            let marks = trimmed.len() - trimmed.trim_end_matches('\\').len();
            let is_escape = style == ScalarStyle::DoubleQuoted && marks % 2 == 1;
            escaped = is_escape && trimmed.len() == content.len();
            content = match (is_escape, escaped) {
                (false, _) => trimmed,
                (true, true) => trimmed.get(..trimmed.len() - 1)?,
                // A blank that is escaped stays.
                (true, false) => content.get(..=trimmed.len())?,
            };
        }
        done = escapes(content, start + indent, style, decoded, done, &mut found);
    }
    if found.is_empty() {
        found.push((0, base + 1));
    }
    let folded_end = usize::from(inner.ends_with('\n'));
    (folded_end == 0 && done == decoded.len()).then_some(found)
}

/// Adds the stretches of a quoted text on one line, which stands at `at` and is what stands at `done`
/// in the decoded text: each escape ends one. Gives where the decoded text is behind it.
fn escapes(
    content: &str,
    at: usize,
    style: ScalarStyle,
    decoded: &str,
    mut done: usize,
    found: &mut Vec<Stretch>,
) -> usize {
    let mark = match style {
        ScalarStyle::SingleQuoted => '\'',
        _ => '\\',
    };
    found.push((done, at));
    let mut passed = 0;
    while let Some(plain) = content.get(passed..).and_then(|rest| rest.find(mark)) {
        let Some(character) = decoded
            .get(done + plain..)
            .and_then(|rest| rest.chars().next())
        else {
            break;
        };
        let escape = content.get(passed + plain..).unwrap_or_default();
        let length = match escape.as_bytes().get(1) {
            Some(b'x') => 4,
            // A pair of escapes stands for one character.
            Some(b'u') if character.len_utf8() == 4 => 12,
            Some(b'u') => 6,
            Some(b'U') => 10,
            _ => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        found.push((done + plain, at + passed + plain));
        done += plain + character.len_utf8();
        passed += plain + length;
        found.push((done, at + passed));
    }
    done + content.len().saturating_sub(passed)
}

/// The stretches of a text without quotes, whose lines begin at `at`: each line of it stands there as it
/// is, whatever became of its ends. Nothing where that is not so.
fn unquoted(lines: &str, mut at: usize, decoded: &str) -> Option<Vec<Stretch>> {
    let mut found: Vec<Stretch> = Vec::new();
    let mut done = 0;
    for line in lines.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_end_matches(['\n', '\r', ' ', '\t']);
        let content = content.trim_start_matches(BLANKS);
        if content.is_empty() {
            continue;
        }
        let rest = decoded.get(done..)?;
        let bare = rest.trim_start_matches([' ', '\t', '\n']);
        if bare.is_empty() {
            // What is left are comments.
            break;
        }
        if !bare.starts_with(content) {
            return None;
        }
        done += rest.len() - bare.len();
        let start = start + line.find(content).unwrap_or(0);
        // What is in front of the first word has a place, too.
        found.push((if found.is_empty() { 0 } else { done }, start));
        if found.len() == 1 && done > 0 {
            found.push((done, start));
        }
        done += content.len();
    }
    let rest = decoded.get(done..)?;
    rest.trim_start_matches([' ', '\t', '\n'])
        .is_empty()
        .then_some(found)
}

impl ConfigText {
    /// The source is the JSON.
    #[must_use]
    pub fn whole(source: Arc<Source>) -> Self {
        Self {
            source,
            inner: None,
            holder: None,
        }
    }

    /// The JSON stands in the source.
    #[must_use]
    pub fn inside(source: Arc<Source>, json: String, placement: Placement) -> Self {
        Self {
            source,
            inner: Some((json, placement)),
            holder: None,
        }
    }

    /// The JSON is the text of this string.
    #[must_use]
    pub fn held_by(self, holder: Holder) -> Self {
        Self {
            holder: Some(holder),
            ..self
        }
    }

    /// The string that the JSON is the text of; nothing where it is the whole source, or stands there
    /// in another form.
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        self.holder.as_ref()
    }

    /// The file, or what stands for one.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The JSON, without a byte order mark.
    #[must_use]
    pub fn json(&self) -> &str {
        match &self.inner {
            Some((json, _)) => json,
            None => self.source.text().trim_start_matches('\u{feff}'),
        }
    }

    /// Bytes of the JSON as bytes of the source.
    #[must_use]
    pub fn span(&self, span: Span) -> Span {
        match &self.inner {
            None => span.shifted(self.source.text().len() - self.json().len()),
            Some((_, Placement::Within(whole))) => *whole,
            Some((_, Placement::Stretches(stretches))) => {
                let place = |at: usize| {
                    let behind = stretches.partition_point(|(start, _)| *start <= at);
                    let stretch = behind.checked_sub(1).and_then(|index| stretches.get(index));
                    stretch.map_or(0, |(start, source)| source + (at - start))
                };
                let start = place(span.start);
                Span::new(start, place(span.end).max(start))
            }
            Some((_, Placement::Values(values))) => {
                let behind = values.partition_point(|(start, _)| *start <= span.start);
                let value = behind.checked_sub(1).and_then(|index| values.get(index));
                value.map_or(Span::at(0), |(_, span)| *span)
            }
        }
    }

    /// The text of a string in the JSON, as one that stands in the same source: escapes of the JSON
    /// and of what is around it are looked through.
    #[must_use]
    pub fn embedded(&self, string: Node<'_>) -> Self {
        let span = string.span();
        let text = string.as_string().unwrap_or_default().to_owned();
        let raw = self.json().get(span.start..span.end).unwrap_or_default();
        let content = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        let mut inner = Vec::new();
        let style = ScalarStyle::DoubleQuoted;
        escapes(content, span.start + 1, style, &text, 0, &mut inner);
        let placement = match &self.inner {
            Some((_, Placement::Within(_) | Placement::Values(_))) => {
                Placement::Within(self.span(span))
            }
            None => Placement::Stretches(
                inner
                    .into_iter()
                    .map(|(at, json)| (at, self.span(Span::at(json)).start))
                    .collect(),
            ),
            Some((_, Placement::Stretches(_))) => {
                let mut both: Vec<(usize, usize)> = Vec::new();
                let mut next = inner.iter().skip(1).peekable();
                let mut stretch = inner.first().copied().unwrap_or_default();
                for (at, _) in text.char_indices() {
                    while let Some(following) = next.next_if(|(start, _)| *start <= at) {
                        stretch = *following;
                    }
                    let source = self.span(Span::at(stretch.1 + (at - stretch.0))).start;
                    let goes_on = both
                        .last()
                        .is_some_and(|(start, from)| from + (at - start) == source);
                    if !goes_on {
                        both.push((at, source));
                    }
                }
                Placement::Stretches(both)
            }
        };
        Self::inside(self.source.clone(), text, placement)
    }

    /// Adds the place of bytes of the JSON to a diagnostic.
    #[must_use]
    pub fn locate(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        let mut diagnostic = diagnostic.at(&self.source, self.span(span));
        // Lines that are indented nowhere tell more in the JSON than where it stands.
        if let (Some((json, Placement::Stretches(_))), Some(location)) =
            (&self.inner, &mut diagnostic.location)
            && let Some(from) = secret::hidden_from(json.as_bytes(), span.start)
        {
            let from = self.source.line_column(self.span(Span::at(from)).start);
            match from.line.cmp(&location.line) {
                // A line of the JSON can stand on several lines here.
                Ordering::Less => location.hide_from(1),
                Ordering::Equal => location.hide_from(from.column),
                Ordering::Greater => {}
            }
        }
        diagnostic
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_the_json_are_bytes_of_the_file() {
        let source = Source::new("c", "\u{feff}{}");
        let whole = ConfigText::whole(source);
        assert_eq!(whole.json(), "{}");
        assert_eq!(whole.span(Span::new(0, 2)), Span::new(3, 5));

        let source = Source::new("c", "a: |\n  {\n    \"b\": 1\n  }\n");
        let json = "{\n  \"b\": 1\n}\n".to_owned();
        let lines = Placement::Stretches(vec![(0, 7), (2, 11), (11, 22)]);
        let inside = ConfigText::inside(source.clone(), json, lines);
        let span = inside.span(Span::new(4, 7));
        assert_eq!(source.text().get(span.start..span.end), Some("\"b\""));
    }

    /// The words of a JSON string in a YAML scalar, each with what stands at its place.
    fn words_of_inner(yaml: &str) -> Vec<(String, String)> {
        let parsed = crate::yaml::parse(yaml).unwrap();
        let value = parsed.tree.root_node().unwrap().get("k").unwrap();
        let json = value.as_string().unwrap().to_owned();
        let placement = Placement::of_scalar(yaml, 0, value);
        let source = Source::new("c", yaml);
        let outer = ConfigText::inside(source.clone(), json, placement);
        let tree = crate::yaml::json::parse(outer.json()).unwrap();
        let string = tree.root_node().unwrap().get("config").unwrap();
        let inner = outer.embedded(string);
        let words = inner.json().split(' ').filter(|word| !word.is_empty());
        let place = |word: &str| {
            let at = inner.json().find(word).unwrap();
            let span = inner.span(Span::new(at, at + word.len()));
            source.text().get(span.start..span.end).unwrap().to_owned()
        };
        words.map(|word| (word.to_owned(), place(word))).collect()
    }

    #[test]
    fn text_in_text_has_its_place_behind_all_escapes() {
        let pair = |word: &str, place: &str| (word.to_owned(), place.to_owned());
        let literal =
            "k: |\n  {\n    \"config\": \"[ \\\"é\\\" \\u00e9x \\ud83d\\ude00y ]\"\n  }\n";
        let expected = [
            pair("[", "["),
            pair("\"é\"", r#"\"é\""#),
            pair("éx", r"\u00e9x"),
            pair("😀y", r"\ud83d\ude00y"),
            pair("]", "]"),
        ];
        assert_eq!(words_of_inner(literal), expected);
        // As kubectl prints it where a line ends with a blank.
        let quoted = r#"k: "{\n\t\"config\": \"[ \\\"a\\\" 'b' ]\"\n}""#;
        let expected = [
            pair("[", "["),
            pair("\"a\"", r#"\\\"a\\\""#),
            pair("'b'", "'b'"),
            pair("]", "]"),
        ];
        assert_eq!(words_of_inner(quoted), expected);
        let single = r#"k: '{"config": "[ it''s \"a\" ]"}'"#;
        let expected = [
            pair("[", "["),
            pair("it's", "it''s"),
            pair("\"a\"", r#"\"a\""#),
            pair("]", "]"),
        ];
        assert_eq!(words_of_inner(single), expected);
        let folded = "k: \"{\\\"config\\\":\n \\\"[ a ]\\\"}\"";
        let expected = ["[", "a", "]"].map(|word| pair(word, word));
        assert_eq!(words_of_inner(folded), expected);
    }

    #[test]
    fn every_word_has_its_place_in_every_style() {
        for yaml in [
            "k: >\n  {\"config\":\n   \"x\",\n\n  \"b\": [1,\n  2]}\n  \n",
            "k: >2-\n    {\"config\":\n  \"x\"\n  }\n# behind\n",
            "k: >\r\n  {\"config\":\r\n  \"x\"}\r\n",
            "k: |+2\n  {\n    \"config\":  \n\n  \"x\"}\n\n",
            "k: \"{ \\\"config\\\":  \n\n\n   \\\"x\\\",\\\n   \\ \\\"b\\\"  \\\n\n : 1,\\ \n \\n \\\"c\\\": [\n ]}\n \"",
            "k: '{\"config\":\n\n  \"x\",   \n  \"b''c\": [1,\n 2]}'",
            "k: {x: 1}\n",
            "k:\n  a config:x\n  b\n\n  c\n",
            "k: &a !!str >-\n  {\"config\": \"x\",\n  \"b\": 1}\n",
        ] {
            let parsed = crate::yaml::parse(yaml).unwrap();
            let value = parsed.tree.root_node().unwrap().get("k").unwrap();
            let Some(text) = value.as_string() else {
                continue;
            };
            let source = Source::new("c", yaml);
            let placement = Placement::of_scalar(yaml, 0, value);
            assert!(matches!(placement, Placement::Stretches(_)), "{yaml}");
            let inside = ConfigText::inside(source, text.to_owned(), placement);
            for (at, character) in text.char_indices() {
                if character.is_ascii_whitespace() {
                    continue;
                }
                let start = inside.span(Span::at(at)).start;
                let found = yaml.get(start..).unwrap().trim_start_matches('\\');
                assert!(found.starts_with(character), "{yaml}: {character} at {at}");
            }
        }
    }
}
