//! A parser's events to a [`Tree`].

use std::borrow::Cow;

use super::graft::Kept;
use super::indent::Indent;
use super::tree::{Kind, NONE, NodeData, NodeId, ScalarStyle, Spare, Style, Tree, verbatim};
use crate::source::Span;

/// Builds a [`Tree`] from a parser's events, which come in the order of the text.
#[derive(Debug)]
pub(super) struct Builder<'t> {
    text: &'t str,
    nodes: Vec<NodeData>,
    decoded: Vec<Box<str>>,
    tags: Vec<(u32, Box<str>)>,
    /// The collection that was opened last and is still open.
    parent: u32,
    /// The end of the last leaf or closing bracket: where a block collection ends.
    last_end: u32,
    has_aliases: bool,
    has_merge_keys: bool,
}

/// What a parser knows of a node when it meets it.
#[derive(Clone, Debug)]
pub(super) struct NewNode<'t> {
    pub(super) kind: Kind,
    pub(super) span: Span,
    pub(super) outer: usize,
    pub(super) lead: Option<usize>,
    pub(super) target: Option<NodeId>,
    pub(super) tag: Option<Box<str>>,
    pub(super) text: Cow<'t, str>,
}

impl NewNode<'_> {
    pub(super) fn new(kind: Kind, span: Span) -> Self {
        Self {
            kind,
            span,
            outer: span.start,
            lead: None,
            target: None,
            tag: None,
            text: Cow::Borrowed(""),
        }
    }
}

/// An offset, or a number of nodes, of a text that is shorter than 4 GiB.
#[allow(
    clippy::cast_possible_truncation,
    reason = "the callers see to it that it is shorter, and there are several for each node"
)]
#[inline]
fn offset(bytes: usize) -> u32 {
    debug_assert!(u32::try_from(bytes).is_ok());
    bytes as u32
}

/// A text of so many bytes is large.
const LARGE: usize = 1024 * 1024;
/// As many nodes as a document may have by default (`docs/limits.md`), and a few more.
const DENSE: usize = 1_010_000;

impl<'t> Builder<'t> {
    /// `text` is shorter than 4 GiB: the callers see to that.
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            nodes: Vec::new(),
            decoded: Vec::new(),
            tags: Vec::new(),
            parent: NONE,
            last_end: 0,
            has_aliases: false,
            has_merge_keys: false,
        }
    }

    /// The same in the memory of another tree, with room for the nodes that a text of that size
    /// usually has.
    pub(super) fn reusing(text: &'t str, spare: Spare) -> Self {
        let mut builder = Self::new(text);
        builder.nodes = spare.0;
        builder.nodes.clear();
        // Of a large text, room for the densest that is taken in by default: what is not used of it costs
        // nothing, and a list that grows is there twice for a moment.
        let room = if text.len() < LARGE {
            text.len() / 16
        } else {
            (text.len() / 2).min(DENSE)
        };
        builder.nodes.reserve(room);
        builder
    }

    /// Whether nothing has been added yet.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many nodes have been added.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node that is added next.
    pub(super) fn next_id(&self) -> NodeId {
        NodeId(offset(self.nodes.len()))
    }

    /// Where the last node begins, in bytes; 0 where there is none.
    pub(super) fn last_start(&self) -> usize {
        self.nodes.last().map_or(0, |node| node.start as usize)
    }

    /// Adds a node and gives its position.
    pub(super) fn push(&mut self, new: NewNode<'t>) -> NodeId {
        let id = self.push_verbatim(new.kind, new.span, new.lead);
        let node = &mut self.nodes[id.index()];
        node.outer = offset(new.outer);
        if let Some(target) = new.target {
            node.extra = target.0;
        }
        if let Some(tag) = new.tag {
            node.tagged = true;
            self.tags.push((id.0, tag));
        }
        self.has_aliases |= new.kind == Kind::Alias;
        if matches!(new.kind, Kind::Scalar(_)) && self.text.get(verbatim(node)) != Some(&new.text) {
            self.has_merge_keys |= new.text == "<<";
            node.extra = offset(self.decoded.len());
            self.decoded.push(new.text.into());
        }
        id
    }

    /// Adds a node without anchor and tag; a scalar's text is what stands there.
    #[inline]
    pub(super) fn push_verbatim(&mut self, kind: Kind, span: Span, lead: Option<usize>) -> NodeId {
        if matches!(kind, Kind::Scalar(_) | Kind::Alias) {
            self.last_end = offset(span.end);
            if span.end.wrapping_sub(span.start) == 2 {
                self.has_merge_keys |= self.text.get(span.start..span.end) == Some("<<");
            }
        }
        self.add(kind, span, lead)
    }

    /// The same of a scalar that begins with a letter, a digit or a quote.
    #[inline]
    pub(super) fn push_word(&mut self, style: ScalarStyle, span: Span, lead: Option<usize>) {
        self.last_end = offset(span.end);
        self.add(Kind::Scalar(style), span, lead);
    }

    #[inline]
    fn add(&mut self, kind: Kind, span: Span, lead: Option<usize>) -> NodeId {
        let id = offset(self.nodes.len());
        let start = offset(span.start);
        self.nodes.push(NodeData {
            start,
            end: offset(span.end),
            outer: start,
            lead: lead.map_or(NONE, offset),
            next: id + 1,
            parent: self.parent,
            extra: NONE,
            kind,
            tagged: false,
        });
        NodeId(id)
    }

    /// Adds a collection; the nodes that follow are its children until [`Builder::close`].
    pub(super) fn open(&mut self, kind: Kind, span: Span, lead: Option<usize>) -> NodeId {
        let id = self.add(kind, span, lead);
        self.parent = id.0;
        id
    }

    /// The same with an anchor or a tag.
    pub(super) fn open_with(&mut self, new: NewNode<'t>) -> NodeId {
        let id = self.push(new);
        self.parent = id.0;
        id
    }

    /// Adds nodes of another tree, whose lines stand at `at` bytes of this one's text. It has neither
    /// aliases nor tags.
    pub(super) fn keep(&mut self, kept: &Kept<'_>, at: usize) {
        let known = kept.tree;
        let root = self.parent;
        let nodes = offset(self.nodes.len()).wrapping_sub(kept.first.0);
        let bytes = offset(at).wrapping_sub(offset(kept.lines.start));
        let behind = known.nodes[kept.last.index()].next as usize;
        self.nodes.reserve(behind - kept.first.index());
        for node in &known.nodes[kept.first.index()..behind] {
            let mut extra = node.extra;
            if extra != NONE {
                let text = known.decoded[extra as usize].clone();
                extra = offset(self.decoded.len());
                self.decoded.push(text);
            }
            self.nodes.push(NodeData {
                start: node.start.wrapping_add(bytes),
                end: node.end.wrapping_add(bytes),
                outer: node.outer.wrapping_add(bytes),
                lead: if node.lead == NONE {
                    NONE
                } else {
                    node.lead.wrapping_add(bytes)
                },
                next: node.next.wrapping_add(nodes),
                parent: if node.parent == kept.collection.0 {
                    root
                } else {
                    node.parent.wrapping_add(nodes)
                },
                extra,
                ..*node
            });
        }
        self.has_merge_keys |= known.has_merge_keys;
        // Not the end of the last node: a bracket may stand behind it.
        let last = &known.nodes[kept.last.index()];
        self.last_end = last.end.wrapping_add(bytes);
    }

    /// Adds known lines without their nodes, as the graft at `place`: an item, or an entry.
    pub(super) fn skip(&mut self, kept: &Kept<'_>, shown: Span, place: usize, item: bool) {
        self.skip_text(shown, place, item);
        self.has_merge_keys |= kept.tree.has_merge_keys;
    }

    /// Adds known text without its nodes, as the one at `place`: an item, or an entry.
    pub(super) fn skip_text(&mut self, span: Span, place: usize, item: bool) {
        for _ in 0..if item { 1 } else { 2 } {
            let id = self.add(Kind::Known, span, None);
            self.nodes[id.index()].extra = offset(place);
        }
        self.last_end = offset(span.end);
    }

    /// Ends the collection that was opened last, at `end` bytes; `None`: where its last node ends.
    pub(super) fn close(&mut self, end: Option<usize>) {
        self.last_end = end.map_or(self.last_end, offset);
        let next = offset(self.nodes.len());
        let Some(node) = self.nodes.get_mut(self.parent as usize) else {
            return;
        };
        node.next = next;
        node.end = self.last_end.max(node.start);
        self.parent = node.parent;
    }

    /// Corrects where a collection begins, once its first item has been met.
    pub(super) fn set_start(&mut self, id: NodeId, start: usize) {
        let node = &mut self.nodes[id.index()];
        // An anchor or tag in front keeps its place.
        if node.outer >= node.start {
            node.outer = offset(start);
        }
        node.start = offset(start);
    }

    /// Tells the place of a node's anchor. A value that is absent stands behind it.
    pub(super) fn anchor(&mut self, id: NodeId, anchor: Span) {
        let (start, end) = (offset(anchor.start), offset(anchor.end));
        let node = &mut self.nodes[id.index()];
        let absent = matches!(node.kind, Kind::Scalar(_)) && node.start == node.end;
        if absent && node.end < end {
            if node.outer == node.start {
                node.outer = start;
            }
            (node.start, node.end) = (end, end);
            self.last_end = end;
        }
        node.outer = node.outer.min(start);
    }

    /// Ends the tree.
    pub(super) fn finish(self) -> Tree<'t> {
        Tree {
            style: Style::Any,
            indent: None,
            long: Vec::new(),
            text: self.text,
            nodes: self.nodes,
            decoded: self.decoded,
            tags: self.tags,
            has_aliases: self.has_aliases,
            has_merge_keys: self.has_merge_keys,
        }
    }

    /// Ends the tree of a text in the plain block style, without anchors; `indent` is what all its
    /// collections say, unless they differ.
    pub(super) fn finish_scanned(self, indent: Option<Indent>) -> Tree<'t> {
        Tree {
            style: Style::PlainBlock,
            indent,
            ..self.finish()
        }
    }

    /// Ends the tree of a JSON text.
    pub(super) fn finish_json(self) -> Tree<'t> {
        Tree {
            style: Style::Json,
            ..self.finish()
        }
    }
}
