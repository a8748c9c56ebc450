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
    name: Arc<str>,
    text: String,
    /// What stands in front of each block of [`BLOCK`] bytes.
    blocks: OnceLock<Vec<Before>>,
}

/// How much stands in front of a place.
#[derive(Clone, Copy, Debug, Default)]
struct Before {
    /// Line feeds.
    feeds: usize,
    /// Characters.
    characters: usize,
}

/// Lines and characters are counted in blocks of this many bytes, once, and within a block when asked.
const BLOCK: usize = 4096;

/// The byte order mark that Windows editors put in front of a file.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

impl Source {
    /// Takes the name as the user gave it (a path, or `<stdin>`) and the whole text.
    #[must_use]
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            text: text.into(),
            blocks: OnceLock::new(),
        })
    }

    /// The name as the user gave it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The whole text, a byte order mark included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands in front of each block; counted on first use, since most sources are never asked.
    fn blocks(&self) -> &[Before] {
        self.blocks.get_or_init(|| {
            let blocks = self.text.as_bytes().chunks(BLOCK);
            let before = blocks.scan(Before::default(), |count, block| {
                let before = *count;
                count.feeds += memchr::memchr_iter(b'\n', block).count();
                count.characters += characters(block);
                Some(before)
            });
            before.collect()
        })
    }

    /// What stands in front of the block of a byte offset, and where the block begins. A text that
    /// fills its last block ends in it.
    fn block(&self, offset: usize) -> (Before, usize) {
        if offset < BLOCK {
            return (Before::default(), 0);
        }
        let blocks = self.blocks();
        let index = (offset / BLOCK).min(blocks.len().saturating_sub(1));
        (
            blocks.get(index).copied().unwrap_or_default(),
            index * BLOCK,
        )
    }

    /// The zero-based line of a byte offset that is no larger than the text.
    fn line_index(&self, offset: usize) -> usize {
        let (before, start) = self.block(offset);
        let block = &self.text.as_bytes()[start..offset];
        before.feeds + memchr::memchr_iter(b'\n', block).count()
    }

    /// Where the line of a byte offset begins, which is no larger than the text.
    fn line_start(&self, offset: usize) -> usize {
        let bytes = self.text.as_bytes();
        let from = offset.saturating_sub(BLOCK);
        if let Some(feed) = memchr::memrchr(b'\n', &bytes[from..offset]) {
            return from + feed + 1;
        }
        if from == 0 {
            return 0;
        }
        // A long line: its beginning is in the last block that has fewer line feeds in front of it.
        let (before, start) = self.block(from);
        let near = memchr::memrchr(b'\n', &bytes[start..from]);
        let fewer = |block: &Before| block.feeds < before.feeds;
        let block = self.blocks().partition_point(fewer).saturating_sub(1);
        let far = || {
            let start = block * BLOCK;
            let end = (start + BLOCK).min(bytes.len());
            let feed = memchr::memrchr(b'\n', &bytes[start..end]);
            feed.filter(|_| before.feeds > 0)
                .map(|feed| start + feed + 1)
        };
        near.map(|feed| start + feed + 1).or_else(far).unwrap_or(0)
    }

    /// How many characters stand in front of a byte offset that is no larger than the text.
    fn characters_before(&self, offset: usize) -> usize {
        let (before, start) = self.block(offset);
        before.characters + characters(&self.text.as_bytes()[start..offset])
    }

    /// The one-based line and column of a byte offset; an offset behind the end gives the end.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> LineColumn {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        LineColumn {
            line: self.line_index(offset) + 1,
            column: self.column(offset),
        }
    }

    /// The one-based column of a byte offset, which is at most that of the end.
    fn column(&self, offset: usize) -> usize {
        let start = self.line_start(offset);
        let mark = self.text.get(start..).is_some_and(begins_with_mark);
        let characters = if offset - start <= BLOCK {
            characters(&self.text.as_bytes()[start..offset])
        } else {
            self.characters_before(offset) - self.characters_before(start)
        };
        characters.saturating_sub(usize::from(mark)) + 1
    }

    /// The byte offset of a line and column; one that is not there is the end of its line or of the
    /// text.
    #[must_use]
    pub fn offset(&self, place: LineColumn) -> usize {
        let feeds = place.line.saturating_sub(1);
        // The last block that begins in front of the line feed that ends the line before.
        let block = self.blocks().partition_point(|block| block.feeds < feeds);
        let block = block.saturating_sub(1);
        let counted = self.blocks().get(block).copied().unwrap_or_default();
        let start = match feeds.checked_sub(counted.feeds + 1) {
            None => 0,
            Some(further) => {
                let rest = self
                    .text
                    .as_bytes()
                    .get(block * BLOCK..)
                    .unwrap_or_default();
                match memchr::memchr_iter(b'\n', rest).nth(further) {
                    Some(feed) => block * BLOCK + feed + 1,
                    None => return self.text.len(),
                }
            }
        };
        let line = self.line_around(start);
        // A byte order mark takes no column.
        let rest = self.text.get(start..).unwrap_or_default();
        let mark = rest.len() - rest.trim_start_matches(BYTE_ORDER_MARK).len();
        let before = line.char_indices().nth(place.column.saturating_sub(1));
        start + mark + before.map_or(line.len(), |(at, _)| at)
    }

    /// The text of the line of a byte offset, without its line end; empty behind the last line.
    #[must_use]
    pub fn line_around(&self, offset: usize) -> &str {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let start = self.line_start(offset);
        let length = memchr::memchr(b'\n', &bytes[start..]);
        let end = length.map_or(bytes.len(), |length| start + length);
        let text = &self.text[start..end];
        let text = text.strip_suffix('\r').unwrap_or(text);
        text.trim_start_matches(BYTE_ORDER_MARK)
    }

    /// The first `count` characters of the line of a byte offset, found without looking for the
    /// line's end, which can be millions of bytes away.
    pub fn line_head(&self, offset: usize, count: usize) -> impl Iterator<Item = char> {
        let start = self.line_start(offset.min(self.text.len()));
        let rest = self.text.get(start..).unwrap_or_default();
        let rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        let mut characters = rest.chars().peekable();
        let line = std::iter::from_fn(move || {
            let character = characters.next().filter(|next| *next != '\n')?;
            // A carriage return belongs to the line's end.
            (character != '\r' || characters.peek() != Some(&'\n')).then_some(character)
        });
        line.take(count)
    }
}

/// How many characters begin in a part of a text.
fn characters(bytes: &[u8]) -> usize {
    // All bytes of a character but the first are 10xxxxxx. Counted in bytes, the compiler looks at many at once.
    let count = |chunk: &[u8]| -> u8 {
        let begins = |byte: &u8| u8::from(byte & 0xc0 != 0x80);
        chunk.iter().map(begins).sum()
    };
    let chunks = bytes.chunks(usize::from(u8::MAX));
    chunks.map(|chunk| usize::from(count(chunk))).sum()
}

fn begins_with_mark(line: &str) -> bool {
    line.starts_with(BYTE_ORDER_MARK)
}

/// Counts the lines of a part of a text from its beginning on, so that threads which share a text need
/// not wait for all of it to be counted.
#[derive(Clone, Debug)]
pub struct LineCounter<'s> {
    source: &'s Source,
    start: usize,
    /// How far it has counted, and how many line feeds stand before.
    counted: (usize, usize),
    /// The last offset that was asked for, and its column.
    column: Option<(usize, usize)>,
}

impl<'s> LineCounter<'s> {
    /// Counts from `start` on, in bytes.
    #[must_use]
    pub fn new(source: &'s Source, start: usize) -> Self {
        Self {
            source,
            start,
            counted: (start, 0),
            column: None,
        }
    }

    /// The line of a byte offset, where the one that the part begins on is line 1, and the one-based
    /// column, in characters.
    pub fn line_column(&mut self, offset: usize) -> LineColumn {
        let bytes = self.source.text.as_bytes();
        if offset < self.counted.0 {
            self.counted = (self.start, 0);
            self.column = None;
        }
        let (from, before) = self.counted;
        let passed = memchr::memchr_iter(b'\n', &bytes[from..offset]).count();
        self.counted = (offset, before + passed);
        // All of a long line is not looked at for each place on it.
        let column = match self.column.filter(|_| passed == 0) {
            Some((known, column)) if known <= offset => column + characters(&bytes[known..offset]),
            _ => self.source.column(offset),
        };
        // In front of a byte order mark, which takes no column, nothing is known of what follows.
        self.column = (offset > 0).then_some((offset, column));
        LineColumn {
            line: self.counted.1 + 1,
            column,
        }
    }

    /// How many line feeds stand in front of a byte offset.
    pub fn lines_before(&mut self, offset: usize) -> usize {
        self.line_column(offset).line - 1
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
        for offset in [0, 3, 6, 9, 12] {
            assert_eq!(source.offset(source.line_column(offset)), offset);
        }
        let far = LineColumn { line: 9, column: 1 };
        assert_eq!(source.offset(far), source.text().len());
        assert_eq!(source.line_around(0), "a: 1");
        assert_eq!(source.line_around(5), "a: 1");
        assert_eq!(source.line_around(9), "中: x");
        assert_eq!(source.line_around(1000), "");
    }

    #[test]
    fn long_lines_have_columns_and_beginnings() {
        let long = "é".repeat(3 * BLOCK);
        let text = format!("\u{feff}{long}\nx\n{long}{long}\r\ny");
        let source = Source::new("t", text.clone());
        let mut counter = LineCounter::new(&source, 0);
        for (offset, _) in text.char_indices().step_by(509) {
            let start = text[..offset].rfind('\n').map_or(0, |feed| feed + 1);
            let before = text[start..offset].trim_start_matches(BYTE_ORDER_MARK);
            let column = before.chars().count() + 1;
            assert_eq!(source.line_column(offset).column, column, "{offset}");
            assert_eq!(counter.line_column(offset), source.line_column(offset));
            let line = text[start..].lines().next().unwrap();
            let line = line.trim_start_matches(BYTE_ORDER_MARK);
            assert_eq!(source.line_around(offset), line);
            let head: String = source.line_head(offset, 7).collect();
            assert_eq!(head, line.chars().take(7).collect::<String>());
        }
    }

    #[test]
    fn lines_are_counted_across_blocks() {
        for length in [2 * BLOCK - 1, 2 * BLOCK, 2 * BLOCK + 1] {
            let source = Source::new("t", "ab\n".repeat(BLOCK)[..length].to_owned());
            for offset in [0, 2, 3, BLOCK - 1, BLOCK, BLOCK + 1, length - 1, length] {
                let before = source.text()[..offset].matches('\n').count();
                let place = source.line_column(offset);
                assert_eq!(place.line, before + 1, "{offset}");
                assert_eq!(source.offset(place), offset);
            }
        }
    }

    #[test]
    fn a_byte_order_mark_takes_no_column() {
        let source = Source::new("t", "\u{feff}ab");
        assert_eq!(source.line_column(4).column, 2);
        assert_eq!(source.offset(source.line_column(4)), 4);
        assert_eq!(source.line_around(4), "ab");
    }
}
