//! The JSON text of a configuration, and where its bytes stand in the file that it came from.

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
}

/// Where a text that stands in another one stands there.
#[derive(Clone, Debug)]
pub enum Placement {
    /// Its lines begin at these bytes.
    Lines(Vec<usize>),
    /// Somewhere in there.
    Within(Span),
    /// In stretches: from these bytes of the text on (ascending) it stands at these of the source,
    /// byte for byte up to the next stretch.
    Stretches(Vec<(usize, usize)>),
    /// The text says the same as a part of the source in other words: from these bytes of the text
    /// on (ascending) it is what stands there in the source.
    Values(Vec<(usize, Span)>),
}

impl Placement {
    /// The place of a string in a document that begins at `base` bytes of `text`.
    #[must_use]
    pub fn of_scalar(text: &str, base: usize, value: Node<'_>) -> Self {
        let tree = value.tree();
        let id = tree.resolve(value.id());
        let span = tree.span(id).shifted(base);
        let raw = text.get(span.start..span.end).unwrap_or_default();
        match tree.kind(id) {
            Kind::Scalar(ScalarStyle::Literal) => {
                Self::Lines(line_starts(text, span, tree.text(id)))
            }
            // On several lines a quoted text is folded.
            Kind::Scalar(style @ (ScalarStyle::DoubleQuoted | ScalarStyle::SingleQuoted))
                if !raw.contains('\n') =>
            {
                Self::Stretches(stretches(raw, span.start, style, tree.text(id)))
            }
            _ => Self::Within(span),
        }
    }
}

/// The stretches of a quoted text on one line, which begins at `base`: each escape ends one.
fn stretches(raw: &str, base: usize, style: ScalarStyle, decoded: &str) -> Vec<(usize, usize)> {
    let mark = match style {
        ScalarStyle::SingleQuoted => '\'',
        _ => '\\',
    };
    let mut at = 1;
    let mut found = vec![(0, base + at)];
    let mut done = 0;
    while let Some(plain) = raw.get(at..).and_then(|rest| rest.find(mark)) {
        let Some(character) = decoded
            .get(done + plain..)
            .and_then(|rest| rest.chars().next())
        else {
            break;
        };
        let escape = raw.get(at + plain..).unwrap_or_default();
        let length = match escape.as_bytes().get(1) {
            Some(b'x') => 4,
            // A pair of escapes stands for one character.
            Some(b'u') if character.len_utf8() == 4 => 12,
            Some(b'u') => 6,
            Some(b'U') => 10,
            _ => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        found.push((done + plain, base + at + plain));
        done += plain + character.len_utf8();
        at += plain + length;
        found.push((done, base + at));
    }
    found
}

/// Where the lines of a literal block scalar begin in `text`, behind the indentation: what a line
/// has more than its decoded text.
fn line_starts(text: &str, span: Span, decoded: &str) -> Vec<usize> {
    let block = text.get(span.start..span.end).unwrap_or_default();
    let mut start = span.start;
    let mut lines = block.split_inclusive('\n');
    start += lines.next().map_or(0, str::len);
    let mut starts = Vec::new();
    let mut decoded = decoded.split('\n');
    for line in lines {
        let inner = decoded.next().unwrap_or_default();
        let bare = line.trim_end_matches(['\n', '\r']);
        starts.push(start + bare.len().saturating_sub(inner.len()));
        start += line.len();
    }
    starts
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
            Some((json, Placement::Lines(starts))) => {
                let before = json.get(..span.start).unwrap_or(json);
                let line = before.matches('\n').count();
                let column = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
                let covered = json.get(span.start..span.end).unwrap_or_default();
                let width = covered.lines().next().map_or(0, str::len);
                let start = starts.get(line).map_or(0, |start| start + column);
                Span::new(start, start + width)
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
        let inner = stretches(raw, span.start, ScalarStyle::DoubleQuoted, &text);
        let placement = match &self.inner {
            Some((_, Placement::Within(_) | Placement::Values(_))) => {
                Placement::Within(self.span(span))
            }
            // A string stands on one line, and so a stretch of it stands in one piece there.
            None | Some((_, Placement::Lines(_))) => Placement::Stretches(
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
        if let (Some((json, Placement::Lines(_))), Some(location)) =
            (&self.inner, &mut diagnostic.location)
            && let Some(from) = secret::hidden_from(json.as_bytes(), span.start)
        {
            let from = self.span(Span::at(from)).start;
            location.hide_from(self.source.line_column(from).column);
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
        let inside = ConfigText::inside(source.clone(), json, Placement::Lines(vec![7, 11, 24]));
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
        let all = &folded[3..];
        assert_eq!(
            words_of_inner(folded),
            ["[", "a", "]"].map(|word| pair(word, all))
        );
    }
}
