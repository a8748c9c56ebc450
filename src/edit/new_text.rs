//! A document's new text in pieces: what stays is not copied, and what is the same in many documents
//! is shared by them.

use std::sync::Arc;

use crate::source::Span;

/// A text that was made of an old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewText(Vec<Piece>);

/// A part of a new text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes of the old text.
    Kept(Span),
    /// Text of this document alone.
    Own(Box<str>),
    /// Text that many documents have.
    Shared(Arc<str>),
}

impl NewText {
    pub(super) fn new(mut pieces: Vec<Piece>) -> Self {
        pieces.shrink_to_fit();
        Self(pieces)
    }

    /// A text that has nothing of the old one.
    #[must_use]
    pub fn whole(text: String) -> Self {
        Self(vec![Piece::Own(text.into())])
    }

    /// Whether it is the old text that it was made of.
    pub(super) fn is_same(&self, old: &str) -> bool {
        let length = self.pieces(old).map(str::len).sum::<usize>();
        length == old.len() && self.text(old) == old
    }

    /// Its pieces, in order. `old` is the text that it was made of.
    pub fn pieces<'t>(&'t self, old: &'t str) -> impl Iterator<Item = &'t str> {
        self.0.iter().map(|piece| match piece {
            Piece::Kept(span) => old.get(span.start..span.end).unwrap_or_default(),
            Piece::Own(text) => text,
            Piece::Shared(text) => text,
        })
    }

    /// All of it. `old` is the text that it was made of.
    #[must_use]
    pub fn text(&self, old: &str) -> String {
        self.pieces(old).collect()
    }
}
