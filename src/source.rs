//! A text with a name: what was read from one file or from standard input.
//!
//! Everything that later speaks of a position speaks of bytes in a [`Source`] (zero-based,
//! half-open [`Span`]s). Only when a position is shown to a person does it become a one-based line
//! and column; that conversion is here and nowhere else.

use std::sync::{Arc, OnceLock};

/// A half-open range of zero-based byte offsets into a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one; never smaller than `start`.
    pub end: usize,
}

impl Span {
    /// The range from `start` to `end`, both in bytes.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty range at `offset` bytes.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// The same range in a text in which this one's text begins at `base` bytes.
    #[must_use]
    pub const fn shifted(self, base: usize) -> Self {
        Self::new(self.start + base, self.end + base)
    }
}

/// A one-based line and column as people and editors count them; columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters (Unicode scalar values).
    pub column: usize,
}

/// A named text. Cheap to share: documents, trees and diagnostics refer to it.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    line_starts: OnceLock<Vec<usize>>,
}

/// The byte order mark that Windows editors put in front of a file.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

impl Source {
    /// Takes the name as the user gave it (a path, or `<stdin>`) and the whole text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            line_starts: OnceLock::new(),
        })
    }

    /// The name as the user gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text, a byte order mark included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte offsets at which lines begin; found on first use, since most sources are never
    /// asked.
    fn line_starts(&self) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at + 1))
                .collect()
        })
    }

    /// The one-based line and column of a byte offset; an offset behind the end gives the end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|&start| start <= offset) - 1;
        let before = &self.text[starts[line]..offset];
        let column = before.trim_start_matches(BYTE_ORDER_MARK).chars().count();
        LineColumn {
            line: line + 1,
            column: column + 1,
        }
    }

    /// The byte offset of a line and column; one that is not there is the end of its line or of the
    /// text.
    #[must_use]
    pub fn offset(&self, place: LineColumn) -> usize {
        let starts = self.line_starts();
        let Some(&start) = place.line.checked_sub(1).and_then(|line| starts.get(line)) else {
            return self.text.len();
        };
        let line = self.line(place.line);
        // A byte order mark takes no column.
        let mark =
            self.text[start..].len() - self.text[start..].trim_start_matches(BYTE_ORDER_MARK).len();
        let before = line.char_indices().nth(place.column.saturating_sub(1));
        start + mark + before.map_or(line.len(), |(at, _)| at)
    }

    /// The text of a one-based line without its line end; empty where there is no such line.
    #[must_use]
    pub fn line(&self, line: usize) -> &str {
        let starts = self.line_starts();
        let Some(&start) = line.checked_sub(1).and_then(|index| starts.get(index)) else {
            return "";
        };
        let end = starts
            .get(line)
            .map_or(self.text.len(), |next| next.saturating_sub(1));
        let text = &self.text[start..end.max(start)];
        let text = text.strip_suffix('\r').unwrap_or(text);
        text.trim_start_matches(BYTE_ORDER_MARK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_one_based_and_count_characters() {
        let source = Source::new("t", "a: 1\r\n中: x\n");
        let at = |offset| {
            let place = source.line_column(offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(3), (1, 4));
        assert_eq!(at(6), (2, 1));
        assert_eq!(at(9), (2, 2));
        assert_eq!(at(1000), (3, 1));
        assert_eq!(source.line(1), "a: 1");
        assert_eq!(source.line(2), "中: x");
        assert_eq!(source.line(3), "");
        assert_eq!(source.line(4), "");
        for offset in [0, 3, 6, 9, 12] {
            assert_eq!(source.offset(source.line_column(offset)), offset);
        }
        let far = LineColumn { line: 9, column: 1 };
        assert_eq!(source.offset(far), source.text().len());
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let source = Source::new("t", "\u{feff}ab");
        assert_eq!(source.line_column(4).column, 2);
        assert_eq!(source.offset(source.line_column(4)), 4);
        assert_eq!(source.line(1), "ab");
    }
}
