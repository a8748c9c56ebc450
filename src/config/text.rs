//! The JSON text of a configuration, and where its bytes stand in the file that it came from.

use std::sync::Arc;

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
}

/// Where a text that stands in another one stands there.
#[derive(Clone, Debug)]
pub enum Placement {
    /// Its lines begin at these bytes.
    Lines(Vec<usize>),
    /// Somewhere in there.
    Within(Span),
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
        match tree.kind(id) {
            Kind::Scalar(ScalarStyle::Literal) => {
                Self::Lines(line_starts(text, span, tree.text(id)))
            }
            _ => Self::Within(span),
        }
    }
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
        }
    }

    /// The JSON stands in the source.
    #[must_use]
    pub fn inside(source: Arc<Source>, json: String, placement: Placement) -> Self {
        Self {
            source,
            inner: Some((json, placement)),
        }
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
}
