//! Lines whose nodes are known: what is put into many documents is read once, and where the same
//! lines stand in a text again, byte for byte, its nodes are taken over.
//!
//! That is no guess. In block style the lines of an item say all about it but for two things: that a
//! sequence stands in the column of its dash, and that no line behind it goes on with it. The scanner
//! looks at both.

use std::sync::Arc;

use super::scan;
use super::tree::{Kind, ScalarStyle, Tree};

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
        let ends = lines.ends_with('\n') && tree.span(last).end < lines.len();
        (!block && ends).then(|| Self {
            text: text.clone(),
            start,
            column,
            depth: tree.depth(),
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

    pub(super) fn nodes(&self) -> &Tree<'static> {
        &self.nodes
    }

    /// The sequence with the items alone.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        self.nodes.with_text(self.lines())
    }
}

/// A place in a text where the lines of known items stand.
#[derive(Clone, Copy, Debug)]
pub struct Graft<'k> {
    /// The offset of the beginning of the first line, in bytes.
    pub at: usize,
    /// The items.
    pub items: &'k KnownItems,
}
