//! A document's new text in pieces: what stays is not copied, and what is the same in many documents
//! is shared by them.

use std::slice;
use std::sync::Arc;

use super::lines::NewLines;
use super::{Text, TextEdit};
use crate::source::Span;

/// A text that was made of an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewText(Vec<Piece>);

/// A part of a new text. Small: those of all documents of an input are kept until the last one has been
/// worked on.
#[derive(Clone, Debug)]
enum Piece {
    /// The bytes from one offset of the old text to another. A text that is edited is shorter than 4 GiB.
    Kept(u32, u32),
    /// Text of this document alone.
    Own(Box<Box<str>>),
    /// The same where it has few bytes: how many, and these.
    Short(u8, [u8; SHORT]),
    /// Text that many documents have.
    Shared(Arc<NewLines>),
    /// A part that was edited by itself: none of its pieces is such a one again.
    Part(Box<NewText>),
}

/// As many bytes as there is room for beside a number.
const SHORT: usize = 14;

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Kept(start, end), Self::Kept(other_start, other_end)) => {
                (start, end) == (other_start, other_end)
            }
            (Self::Part(part), Self::Part(other)) => part == other,
            (Self::Kept(..) | Self::Part(_), _) | (_, Self::Kept(..) | Self::Part(_)) => false,
            _ => self.text("") == other.text(""),
        }
    }
}

impl Eq for Piece {}

impl Piece {
    fn kept(start: usize, end: usize) -> Self {
        let offset = |bytes| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self::Kept(offset(start), offset(end))
    }

    fn own(text: String) -> Self {
        let mut bytes = [0; SHORT];
        match (u8::try_from(text.len()), bytes.get_mut(..text.len())) {
            (Ok(length), Some(room)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short(length, bytes)
            }
            _ => Self::Own(Box::new(text.into())),
        }
    }

    /// It, or the pieces of the part that it is.
    fn flat(&self) -> &[Self] {
        match self {
            Self::Part(part) => &part.0,
            _ => slice::from_ref(self),
        }
    }

    /// `old` is the text that the new one was made of. A part has none by itself.
    fn text<'t>(&'t self, old: &'t str) -> &'t str {
        match self {
            Self::Kept(start, end) => old.get(*start as usize..*end as usize).unwrap_or_default(),
            Self::Own(text) => text,
            Self::Short(length, bytes) => {
                let text = bytes.get(..usize::from(*length)).unwrap_or_default();
                std::str::from_utf8(text).unwrap_or_default()
            }
            Self::Shared(lines) => &lines.text,
            Self::Part(_) => "",
        }
    }
}

impl NewText {
    /// A text that has nothing of the old one.
    #[must_use]
    pub fn whole(text: String) -> Self {
        Self(vec![Piece::own(text)])
    }

    /// Whether it is the old text that it was made of.
    pub(super) fn is_same(&self, old: &str) -> bool {
        let length = self.pieces(old).map(str::len).sum::<usize>();
        length == old.len() && self.text(old) == old
    }

    /// Its pieces, in order. `old` is the text that it was made of.
    pub fn pieces<'t>(&'t self, old: &'t str) -> impl Iterator<Item = &'t str> {
        let flat = self.0.iter().flat_map(Piece::flat);
        flat.map(|piece| piece.text(old))
    }

    /// All of it. `old` is the text that it was made of.
    #[must_use]
    pub fn text(&self, old: &str) -> String {
        self.pieces(old).collect()
    }
}

/// Sorted edits of a part of a text, and what stays between them.
#[derive(Debug, Default)]
pub(super) struct Stretch {
    /// Where the first edit begins, and the last one ends.
    pub(super) span: Span,
    pieces: Vec<Piece>,
}

impl Stretch {
    pub(super) fn new(edits: Vec<TextEdit>) -> Self {
        let start = edits.first().map_or(0, |edit| edit.start);
        let mut stretch = Self {
            span: Span::at(start),
            // With what stays in front and behind.
            pieces: Vec::with_capacity(2 * edits.len() + 1),
        };
        for edit in edits {
            stretch.keep_to(edit.start);
            stretch.span.end = edit.end;
            stretch.pieces.push(match edit.text {
                Text::Own(text) => Piece::own(text),
                Text::Shared(lines) => Piece::Shared(lines),
            });
        }
        stretch
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Adds what stays up to an offset.
    fn keep_to(&mut self, end: usize) {
        if self.span.end < end {
            self.pieces.push(Piece::kept(self.span.end, end));
            self.span.end = end;
        }
    }
}

/// The text with its edits. Of the text, `length` bytes are those of the document; at the end, `surplus` bytes
/// are left out.
pub(super) fn new_text(
    text: &str,
    length: usize,
    surplus: usize,
    stretches: impl IntoIterator<Item = Stretch>,
) -> NewText {
    let mut stretches = stretches.into_iter();
    let mut whole = stretches.next().unwrap_or_default();
    let mut more = stretches.peekable();
    if more.peek().is_some() {
        // Of many parts, no list is made of all their pieces: it would be there beside them for a moment.
        whole.pieces = vec![Piece::Part(Box::new(NewText(whole.pieces)))];
    }
    if whole.span.start > 0 {
        whole.pieces.insert(0, Piece::kept(0, whole.span.start));
    }
    for stretch in more {
        whole.keep_to(stretch.span.start);
        whole
            .pieces
            .push(Piece::Part(Box::new(NewText(stretch.pieces))));
        whole.span.end = stretch.span.end;
    }
    let end = text.len().saturating_sub(surplus);
    whole.keep_to(end.min(length));
    let added = text.get(length.max(whole.span.end)..end);
    if let Some(added) = added.filter(|added| !added.is_empty()) {
        whole.pieces.push(Piece::own(added.to_owned()));
    }
    whole.pieces.shrink_to_fit();
    NewText(whole.pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_small_and_texts_of_any_length_are_kept() {
        assert_eq!(size_of::<Piece>(), 16);
        for length in 0..20 {
            let text = "é".repeat(length);
            assert_eq!(NewText::whole(text.clone()).text(""), text);
        }
    }
}
