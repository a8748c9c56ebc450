//! Lines whose nodes are known: what is put into many documents is read once, and where the same
//! lines stand in a text again, byte for byte, its nodes are taken over.
//!
//! That is no guess. In block style the lines of an item say all about it but for two things: that a
//! sequence stands in the column of its dash, and that no line behind it goes on with it. The scanner
//! looks at both.

use std::sync::Arc;

use super::scan;
use super::tree::{Kind, ScalarStyle, Tree};

/// The lines of an item of a block sequence, and its nodes.
#[derive(Debug)]
pub struct KnownItem {
    lines: Arc<str>,
    column: usize,
    depth: usize,
    /// A sequence with this item alone, without its text.
    nodes: Tree<'static>,
}

impl KnownItem {
    /// Reads the lines of an item whose dash stands at `column`. Gives nothing where the scanner gives
    /// up, and where the lines end in a block scalar, which what stands behind it could belong to.
    #[must_use]
    pub fn read(lines: &Arc<str>, column: usize) -> Option<Self> {
        let tree = scan::scan_item(lines, column)?;
        let root = tree.root()?;
        let last = tree.ids().last()?;
        let block = matches!(
            tree.kind(last),
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        );
        let one = tree.children(root).count() == 1;
        let ends = lines.ends_with('\n') && tree.span(last).end < lines.len();
        (one && !block && ends).then(|| Self {
            lines: lines.clone(),
            column,
            depth: tree.depth(),
            nodes: tree.without_text(),
        })
    }

    pub(super) fn lines(&self) -> &str {
        &self.lines
    }

    /// The column of the dash, in bytes.
    #[must_use]
    pub fn column(&self) -> usize {
        self.column
    }

    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn nodes(&self) -> &Tree<'static> {
        &self.nodes
    }

    /// The sequence with the item alone.
    #[must_use]
    pub fn tree(&self) -> Tree<'_> {
        self.nodes.with_text(&self.lines)
    }
}

/// A place in a text where the lines of a known item stand.
#[derive(Clone, Copy, Debug)]
pub struct Graft<'k> {
    /// The offset of the beginning of the first line, in bytes.
    pub at: usize,
    /// The item.
    pub item: &'k KnownItem,
}
