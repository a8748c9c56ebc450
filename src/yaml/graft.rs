//! Lines whose nodes are known: what is put into many documents is read once, and where the same
//! lines stand in a text again, byte for byte, its nodes are taken over.
//!
//! That is no guess. In block style the lines of an item say all about it but for two things: that a
//! sequence stands in the column of its dash, and that no line behind it goes on with it. The scanner
//! looks at both. The same holds for entries of a mapping, and for the lines of a document that stay
//! as they are when others are added to it.

use std::sync::Arc;

use super::scan;
use super::tree::{Kind, NodeId, ScalarStyle, Tree};
use crate::source::Span;

/// The lines of items of a block sequence, and their nodes.
#[derive(Debug)]
pub struct KnownItems {
    text: Arc<str>,
    /// Where in the text the items' lines begin.
    start: usize,
    column: usize,
    depth: usize,
    /// A sequence with these items alone, without its text.
    nodes: Tree<'static>,
    first: NodeId,
    last: NodeId,
}

impl KnownItems {
    /// Reads the items whose lines are `text` from `start` on, and whose dashes stand at `column`, all
    /// in bytes. Gives nothing where the scanner gives up, and where the lines end in a block scalar,
    /// which what stands behind it could belong to.
    #[must_use]
    pub fn read(text: &Arc<str>, start: usize, column: usize) -> Option<Self> {
        let lines = text.get(start..)?;
        let tree = scan::scan_items(lines, column)?;
        let last = tree.ids().last()?;
        let block = matches!(
            tree.kind(last),
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        );
        let root = tree.root()?;
        let first = tree.children(root).next()?;
        let last_item = tree.children(root).last()?;
        let ends = lines.ends_with('\n') && tree.span(last).end < lines.len();
        (!block && ends).then(|| Self {
            text: text.clone(),
            start,
            column,
            depth: tree.depth(),
            first,
            last: last_item,
            nodes: tree.without_text(),
        })
    }

    /// Where in the text that they were read from the items' lines begin, in bytes.
    #[must_use]
    pub fn start(&self) -> usize {
        self.start
    }

    /// The offsets of their dashes from that place, in bytes.
    pub fn dashes(&self) -> impl Iterator<Item = usize> {
        let items = self.nodes.root().into_iter();
        let items = items.flat_map(|root| self.nodes.children(root));
        items.filter_map(|item| self.nodes.lead(item))
    }

    pub(super) fn lines(&self) -> &str {
        self.text.get(self.start..).unwrap_or_default()
    }

    pub(super) fn column(&self) -> usize {
        self.column
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The items as what is kept of the sequence.
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

    /// The sequence with the items alone.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        self.nodes.with_text(self.lines())
    }
}

/// Lines of a document that stand in another text as they are: whole entries of a block mapping, or
/// whole items of a block sequence, one behind the other.
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
    /// The lines, in bytes of the document, from the beginning of the first one.
    pub lines: Span,
    /// The column of the keys or dashes, in bytes.
    pub column: usize,
}

/// A place in a text where lines stand whose nodes are known.
#[derive(Clone, Copy, Debug)]
pub struct Graft<'k> {
    /// The offset of the beginning of the first line, in bytes.
    pub at: usize,
    /// What stands there.
    pub part: Part<'k>,
}

/// Lines whose nodes are known.
#[derive(Clone, Copy, Debug)]
pub enum Part<'k> {
    /// Items that were read from their lines alone.
    Items(&'k KnownItems),
    /// Lines of another document.
    Kept(Kept<'k>),
}

impl Part<'_> {
    pub(super) fn lines(&self) -> &[u8] {
        match self {
            Self::Items(items) => items.lines().as_bytes(),
            Self::Kept(kept) => {
                let text = kept.tree.source_text().as_bytes();
                let lines = text.get(kept.lines.start..kept.lines.end);
                lines.unwrap_or_default()
            }
        }
    }

    pub(super) fn column(&self) -> usize {
        match self {
            Self::Items(items) => items.column(),
            Self::Kept(kept) => kept.column,
        }
    }

    /// Whether they are items of a sequence, and not entries of a mapping.
    pub(super) fn are_items(&self) -> bool {
        match self {
            Self::Items(_) => true,
            Self::Kept(kept) => matches!(kept.tree.kind(kept.collection), Kind::Sequence(_)),
        }
    }
}
