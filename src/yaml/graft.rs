//! Lines whose nodes are known: what is put into many documents is read once, and where the same
//! lines are put into a text again, its nodes are taken over.
//!
//! That is no guess. In block style the lines of an item say all about it but for two things: that a
//! sequence stands in the column of its dash, and that no line behind it goes on with it. The scanner
//! looks at both. The same holds for entries of a mapping, and for the lines of a document that stay
//! as they are when others are added to it.

use std::sync::Arc;

use memchr::memchr;

use super::scan;
use super::tree::{Kind, NodeId, Tree};
use crate::source::Span;

/// The lines of items of a block sequence, or of entries of a block mapping, and their nodes.
#[derive(Debug)]
pub struct KnownLines {
    text: Arc<str>,
    /// How many bytes the first line has.
    first_line: usize,
    column: usize,
    depth: usize,
    /// A sequence or mapping with these items or entries alone, without its text.
    nodes: Tree<'static>,
    first: NodeId,
    last: NodeId,
}

impl KnownLines {
    /// Reads the items or else the entries whose lines are `text`, and whose dashes or keys stand at
    /// `column`, in bytes. Gives nothing where the scanner gives up, and where the lines end in a block
    /// scalar, which what stands behind it could belong to.
    #[must_use]
    pub fn read(text: &Arc<str>, column: usize, are_items: bool) -> Option<Self> {
        let lines: &str = text;
        let tree = scan::scan_lines(lines, column, are_items)?;
        let last = tree.ids().last()?;
        let block = tree.is_block_scalar(last);
        let root = tree.root()?;
        // The first entry's key, and the last one's value.
        let first = tree.children(root).next()?;
        let last_item = tree.children(root).last()?;
        let ends = lines.ends_with('\n') && tree.span(last).end < lines.len();
        (!block && ends).then(|| Self {
            text: text.clone(),
            first_line: first_line(lines),
            column,
            depth: tree.depth(),
            first,
            last: last_item,
            nodes: tree.without_text(),
        })
    }

    pub(super) fn lines(&self) -> &str {
        &self.text
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The items or entries as what is kept of the collection.
    pub(super) fn kept(&self) -> Kept<'_> {
        Kept {
            tree: &self.nodes,
            collection: NodeId::ROOT,
            first: self.first,
            last: self.last,
            lines: Span::new(0, self.lines().len()),
            column: self.column,
        }
    }

    /// The collection with the items or entries alone.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        self.nodes.with_text(self.lines())
    }
}

/// A part of a document that stands in another text as it is: the lines of whole entries of a block mapping
/// or whole items of a block sequence, one behind the other, or items of a list in JSON with what is between
/// them.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'k> {
    /// The document's tree.
    pub tree: &'k Tree<'k>,
    /// The collection.
    pub collection: NodeId,
    /// The first node: the first entry's key, or the first item.
    pub first: NodeId,
    /// The last entry's value, or the last item.
    pub last: NodeId,
    /// The lines, in bytes of the document, from the beginning of the first one; in JSON from the first item
    /// to the end of the last one.
    pub lines: Span,
    /// The column of the keys or dashes, in bytes; 0 in JSON.
    pub column: usize,
}

/// A place in a text where lines stand whose nodes are known, or the first of these lines alone: whether
/// a text in front goes on in them, and what they belong to, that one says.
#[derive(Clone, Copy, Debug)]
pub struct Graft<'k> {
    /// The offset of the beginning of the first line, in bytes.
    pub at: usize,
    /// What stands there.
    pub part: Part<'k>,
    /// How many bytes of it stand there: whole lines.
    pub shown: usize,
}

impl<'k> Graft<'k> {
    /// Lines that stand at `at` bytes as they are.
    #[must_use]
    pub fn whole(at: usize, part: Part<'k>) -> Self {
        let shown = part.text().len();
        Self { at, part, shown }
    }

    /// Lines of which the first one alone stands at `at` bytes.
    #[must_use]
    pub fn first_line(at: usize, part: Part<'k>) -> Self {
        let shown = match &part {
            Part::Read(known) => known.first_line,
            Part::Kept(_) => first_line(part.text()),
        };
        Self { at, part, shown }
    }

    /// What stands there.
    #[must_use]
    pub fn text(&self) -> &'k str {
        self.part.text().get(..self.shown).unwrap_or_default()
    }
}

/// How many bytes the first of some lines has, with its line feed.
fn first_line(lines: &str) -> usize {
    memchr(b'\n', lines.as_bytes()).map_or(lines.len(), |end| end + 1)
}

/// Lines whose nodes are known.
#[derive(Clone, Copy, Debug)]
pub enum Part<'k> {
    /// Items or entries that were read from their lines alone.
    Read(&'k KnownLines),
    /// Lines of another document.
    Kept(Kept<'k>),
}

impl<'k> Part<'k> {
    fn text(&self) -> &'k str {
        match self {
            Self::Read(known) => known.lines(),
            Self::Kept(kept) => {
                let text = kept.tree.source_text();
                let lines = text.get(kept.lines.start..kept.lines.end);
                lines.unwrap_or_default()
            }
        }
    }

    pub(super) fn column(&self) -> usize {
        match self {
            Self::Read(known) => known.column(),
            Self::Kept(kept) => kept.column,
        }
    }

    /// Whether they are items of a sequence, and not entries of a mapping.
    pub(super) fn are_items(&self) -> bool {
        let kind = match self {
            Self::Read(known) => known.nodes.kind(NodeId::ROOT),
            Self::Kept(kept) => kept.tree.kind(kept.collection),
        };
        matches!(kind, Kind::Sequence(_))
    }
}
