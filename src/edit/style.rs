//! The style of the surroundings: columns, line breaks, how sequences are indented, how brackets
//! are filled. New text follows the nearest siblings, not the file and not a default
//! (`spec/3-editing.md`, rule 5).

use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::source::Span;
use crate::yaml::emit::{BlockStyle, FlowLines, FlowStyle, Literals};
use crate::yaml::words;
use crate::yaml::{Columns, Indent, Kind, Layout, NodeId, ScalarStyle, Tree};

/// The columns by which a mapping is indented where no mapping tells.
const DEFAULT_INDENT: usize = 2;

/// Looks at the surroundings of nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    pub(super) text: &'a str,
    pub(super) tree: &'a Tree<'a>,
    pub(super) memory: &'a Memory,
}

/// What was found out about a document once and may be asked again for each of very many edits.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// The offsets of all line feeds; made where lines are long.
    line_feeds: OnceCell<LineFeeds>,
    /// What a sequence's items, or else all nodes, tell of the indentation.
    indents: RefCell<Indents>,
    /// What was found for the collections that were asked for last.
    nearest: Cell<[Option<(NodeId, Indent)>; 4]>,
    /// The ranges of whole lines that are known to go, in the order of the text.
    gone: Vec<Span>,
}

impl Memory {
    /// Of a document that loses lines.
    pub(super) fn without_lines(gone: Vec<Span>) -> Self {
        Self {
            gone,
            ..Self::default()
        }
    }

    /// Of a document of which that is known.
    pub(super) fn knowing(findings: Findings) -> Self {
        Self {
            line_feeds: findings
                .line_feeds
                .map_or_else(OnceCell::new, OnceCell::from),
            indents: RefCell::new(findings.indents),
            ..Self::default()
        }
    }

    /// Adds to what is known of a document what took a look at all of it, or at a long list.
    pub(super) fn tell(&self, tree: &Tree<'_>, findings: &mut Findings) {
        if findings.line_feeds.is_none() {
            findings.line_feeds = self.line_feeds.get().cloned();
        }
        for (&place, &indent) in self.indents.borrow().iter() {
            if place.is_none_or(|list| tree.long_sequence(list).is_some()) {
                findings.indents.insert(place, indent);
            }
        }
    }

    /// The ranges of whole lines that are known to go.
    pub(super) fn lines_gone(&self) -> &[Span] {
        &self.gone
    }
}

/// The offsets of all line feeds of a text, which is shorter than 4 GiB.
type LineFeeds = Arc<Vec<u32>>;

/// What one part of a document's changes finds out for all of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    line_feeds: Option<LineFeeds>,
    indents: Indents,
}

/// What was measured at a sequence, or in the whole document.
type Indents = FxHashMap<Option<NodeId>, Indent>;

/// A line feed is looked for this far, in bytes, before all of them are listed.
const NEAR: usize = 1024;

impl<'a> Surroundings<'a> {
    /// The offset at which the line of `at` begins.
    #[inline]
    pub(super) fn line_start(self, at: usize) -> usize {
        self.line_feed_before(at).map_or(0, |newline| newline + 1)
    }

    /// The last line feed in front of an offset.
    #[inline]
    fn line_feed_before(self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if at.checked_sub(1).and_then(|last| bytes.get(last)) == Some(&b'\n') {
            return Some(at - 1);
        }
        let from = at.saturating_sub(NEAR);
        if self.memory.line_feeds.get().is_none() {
            match words::rfind(bytes, from, at, b'\n') {
                Some(found) => return Some(found),
                None if from == 0 => return None,
                None => {}
            }
        }
        self.listed_before(at)
    }

    /// The first line feed at or behind an offset.
    #[inline]
    fn line_feed_behind(self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        if self.memory.line_feeds.get().is_none() {
            let to = (at + NEAR).min(bytes.len());
            match memchr::memchr(b'\n', &bytes[at..to]) {
                Some(found) => return Some(at + found),
                None if to == bytes.len() => return None,
                None => {}
            }
        }
        self.listed_behind(at)
    }

    /// The same from the list of all.
    #[inline(never)]
    fn listed_before(self, at: usize) -> Option<usize> {
        let feeds = self.line_feeds();
        let behind = feeds.partition_point(|&feed| (feed as usize) < at);
        behind.checked_sub(1).map(|last| feeds[last] as usize)
    }

    /// The same from the list of all.
    #[inline(never)]
    fn listed_behind(self, at: usize) -> Option<usize> {
        let feeds = self.line_feeds();
        let behind = feeds.partition_point(|&feed| (feed as usize) < at);
        feeds.get(behind).map(|&feed| feed as usize)
    }

    fn line_feeds(self) -> &'a [u32] {
        let list = || {
            let feeds = memchr::memchr_iter(b'\n', self.text.as_bytes());
            // A list that grows is there twice for a moment, and there can be very many.
            let mut list = Vec::with_capacity(feeds.clone().count());
            list.extend(feeds.map_while(|feed| u32::try_from(feed).ok()));
            Arc::new(list)
        };
        self.memory.line_feeds.get_or_init(list)
    }

    /// The offset of the line break that ends the line of `at` (of its `\r`, if it has one), or
    /// the end of the text.
    pub(super) fn line_end(self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let Some(end) = self.line_feed_behind(at) else {
            return bytes.len();
        };
        if end > at && bytes[end - 1] == b'\r' {
            end - 1
        } else {
            end
        }
    }

    /// The offset at which the line behind that of `at` begins, or the end of the text.
    #[inline]
    pub(super) fn next_line(self, at: usize) -> usize {
        self.line_feed_behind(at)
            .map_or(self.text.len(), |feed| feed + 1)
    }

    /// The zero-based column of `at`, in bytes.
    #[inline]
    pub(super) fn column(self, at: usize) -> usize {
        at - self.line_start(at)
    }

    /// Whether nothing but blanks stands in front of `at` on its line.
    #[inline]
    pub(super) fn begins_line(self, at: usize) -> bool {
        let in_front = self.text.as_bytes().get(..at).unwrap_or_default();
        let mut in_front = in_front.iter().rev();
        in_front
            .find(|b| !matches!(b, b' ' | b'\t'))
            .is_none_or(|b| *b == b'\n')
    }

    /// The white space that the line of `at` begins with.
    pub(super) fn indentation(self, at: usize) -> &'a str {
        let line = &self.text[self.line_start(at)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// The line break of the line in front of `at`, or else the document's first, or else `\n`.
    pub(super) fn newline(self, at: usize) -> &'static str {
        let known = self
            .line_feed_before(at)
            .or_else(|| self.line_feed_behind(0))
            .map(|newline| self.text.as_bytes()[..newline].ends_with(b"\r"));
        if known == Some(true) { "\r\n" } else { "\n" }
    }

    /// The block style in a collection, or else at the root, for text behind offset `at`.
    pub(super) fn block_style(self, around: Option<NodeId>, at: usize) -> BlockStyle {
        let indent = self.nearest(around);
        let mapping_indent = indent.mapping.unwrap_or(DEFAULT_INDENT);
        let column = around.map_or(0, |around| self.column(self.tree.span(around).start));
        let depth = column + mapping_indent;
        BlockStyle {
            mapping_indent,
            sequence_indent: indent.sequence.unwrap_or(0),
            newline: self.newline(at),
            literals: if self.comment_comes_up(at, depth) {
                Literals::None
            } else {
                self.literals_in_front_of(at, depth)
            },
        }
    }

    /// Whether lines that go leave a comment behind an offset that would be one of a text's own lines, which
    /// are indented by `depth`.
    fn comment_comes_up(self, at: usize, depth: usize) -> bool {
        if self.memory.gone.is_empty() {
            return false;
        }
        let mut column = 0;
        for byte in self.what_stays(at).flatten() {
            match byte {
                b'\n' => column = 0,
                b' ' | b'\t' => column += 1,
                b'\r' => {}
                _ => return *byte == b'#' && column >= depth,
            }
        }
        false
    }

    /// Which literal blocks may end at the beginning of a line, their own lines being indented by at
    /// least `indentation`: empty lines behind a block belong to one that keeps them, lines of more
    /// blanks to every one.
    pub(super) fn literals_in_front_of(self, at: usize, indentation: usize) -> Literals {
        let mut literals = Literals::All;
        let (mut length, mut has_tab) = (0, false);
        // Byte by byte: there may be millions of such lines.
        for stretch in self.what_stays(at) {
            for byte in stretch {
                match byte {
                    b'\n' if length > indentation || has_tab => return Literals::None,
                    b'\n' => (literals, length) = (Literals::WithoutEmptyEnd, 0),
                    b' ' => length += 1,
                    b'\t' => (length, has_tab) = (length + 1, true),
                    b'\r' => {}
                    _ => return literals,
                }
            }
        }
        match length {
            0 => literals,
            _ if length > indentation || has_tab => Literals::None,
            _ => Literals::WithoutEmptyEnd,
        }
    }

    /// The text from an offset on, without the lines that are known to go.
    #[inline]
    fn what_stays(self, at: usize) -> impl Iterator<Item = &'a [u8]> {
        let gone = &self.memory.gone[..];
        let gone = &gone[gone.partition_point(|span| span.end <= at)..];
        let starts = std::iter::once(at).chain(gone.iter().map(|span| span.end));
        let ends = (gone.iter().map(|span| span.start)).chain(std::iter::once(self.text.len()));
        let bytes = self.text.as_bytes();
        starts
            .zip(ends)
            .map(|(start, end)| bytes.get(start..end).unwrap_or_default())
    }

    fn is_block(self, id: NodeId) -> bool {
        match self.tree.kind(id) {
            Kind::Mapping(layout) | Kind::Sequence(layout) => layout == Layout::Block,
            _ => false,
        }
    }

    fn is_mapping(self, id: NodeId) -> bool {
        matches!(self.tree.kind(id), Kind::Mapping(_))
    }

    /// Fills in what is not known yet and the first values of a block mapping tell that tell something.
    fn measure(self, mapping: NodeId, indent: &mut Indent) {
        let mut base = None;
        for (_, value) in self.tree.entries(mapping) {
            let (known, is_mapping) = match self.tree.kind(value) {
                Kind::Sequence(Layout::Block) => (&mut indent.sequence, false),
                Kind::Mapping(Layout::Block) => (&mut indent.mapping, true),
                _ => continue,
            };
            if known.is_known() {
                continue;
            }
            let base = *base.get_or_insert_with(|| self.column(self.tree.span(mapping).start));
            let below = self.column(self.tree.span(value).start);
            // Only a sequence may stand where its key does.
            if below > base || !is_mapping {
                *known = Columns::new(below.saturating_sub(base));
            }
            if indent.is_known() {
                break;
            }
        }
    }

    /// What the last items of a block sequence tell that tell something.
    fn in_items(self, sequence: NodeId) -> Indent {
        let (mut with_sequence, mut with_mapping) = (None, None);
        for item in self.tree.children(sequence) {
            if self.tree.kind(item) != Kind::Mapping(Layout::Block) {
                continue;
            }
            for (_, value) in self.tree.entries(item) {
                match self.tree.kind(value) {
                    Kind::Sequence(Layout::Block) => with_sequence = Some(item),
                    Kind::Mapping(Layout::Block) => with_mapping = Some(item),
                    _ => {}
                }
            }
        }
        let measured = |item: Option<NodeId>| {
            let mut indent = Indent::UNKNOWN;
            if let Some(item) = item {
                self.measure(item, &mut indent);
            }
            indent
        };
        Indent {
            sequence: measured(with_sequence).sequence,
            mapping: measured(with_mapping).mapping,
        }
    }

    /// What is measured in a collection and those around it, the innermost first, or else in the document:
    /// of a sequence, in its items, which are the siblings of a new one. It is remembered for the last few
    /// collections: most of them get several things. Where all are alike, nothing is measured.
    fn nearest(self, around: Option<NodeId>) -> Indent {
        if let Some(indent) = self.tree.common_indent() {
            debug_assert_eq!(indent, self.measured(around), "they are not all alike");
            return indent;
        }
        let Some(around) = around else {
            return self.measured(None);
        };
        let mut known = self.memory.nearest.get();
        if let Some((_, indent)) = known.iter().flatten().find(|(own, _)| *own == around) {
            return *indent;
        }
        let indent = self.measured(Some(around));
        known.rotate_right(1);
        known[0] = Some((around, indent));
        self.memory.nearest.set(known);
        indent
    }

    fn measured(self, around: Option<NodeId>) -> Indent {
        let remembered = |place: Option<NodeId>, find: &dyn Fn() -> Indent| {
            let known = self.memory.indents.borrow().get(&place).copied();
            known.unwrap_or_else(|| {
                let found = find();
                self.memory.indents.borrow_mut().insert(place, found);
                found
            })
        };
        let mut indent = Indent::UNKNOWN;
        for node in std::iter::successors(around, |&node| self.tree.parent(node)) {
            match self.tree.kind(node) {
                Kind::Mapping(Layout::Block) => self.measure(node, &mut indent),
                Kind::Sequence(Layout::Block) => {
                    indent = indent.or(remembered(Some(node), &|| self.in_items(node)));
                }
                _ => continue,
            }
            if indent.is_known() {
                return indent;
            }
        }
        indent.or(remembered(None, &|| {
            let mut indent = Indent::UNKNOWN;
            for id in self.tree.ids() {
                if self.tree.kind(id) == Kind::Mapping(Layout::Block) {
                    self.measure(id, &mut indent);
                }
                if indent.is_known() {
                    break;
                }
            }
            indent
        }))
    }

    /// A node and the collections around it, the innermost first.
    fn outwards(self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::once(id).chain(self.tree.ancestors(id))
    }

    /// The style of text inside the brackets of a flow collection.
    pub(super) fn flow_style(self, id: NodeId, spread: bool) -> FlowStyle {
        let colon_gap = self.colon_gap(id);
        let json = self.is_json(id);
        let lines = spread.then(|| FlowLines {
            indent: self.item_indentation(id).to_owned(),
            unit: self.flow_unit(id),
            newline: self.newline(self.tree.span(id).end),
            short_lists: false,
        });
        FlowStyle {
            json,
            colon_gap,
            comma_gap: self
                .nearest_comma_gap(id)
                .unwrap_or(if json { colon_gap } else { " " }),
            lines,
        }
    }

    /// What stands behind the commas of a flow collection.
    pub(super) fn gap_behind_commas(self, id: NodeId) -> &'static str {
        self.nearest_comma_gap(id)
            .unwrap_or_else(|| self.flow_style(id, false).comma_gap)
    }

    fn nearest_comma_gap(self, id: NodeId) -> Option<&'static str> {
        self.outwards(id)
            .filter(|&node| !self.is_block(node))
            .find_map(|node| self.comma_gap(node))
    }

    /// What stands behind the colons of the nearest mapping that has one.
    fn colon_gap(self, id: NodeId) -> &'static str {
        let colon = self
            .outwards(id)
            .filter(|&node| self.is_mapping(node))
            .find_map(|node| {
                let mut values = self.tree.entries(node).map(|(_, value)| value);
                values.find_map(|value| self.tree.lead(value))
            });
        colon.map_or(" ", |colon| self.gap_behind(colon + 1))
    }

    fn gap_behind(self, at: usize) -> &'static str {
        if self.text[at..].starts_with([' ', '\n', '\r', '\t']) {
            " "
        } else {
            ""
        }
    }

    /// The gap behind the comma between the first two of a flow collection's items.
    fn comma_gap(self, id: NodeId) -> Option<&'static str> {
        let mut items = self.flow_items(id);
        let (first, second) = (items.next()?, items.next()?);
        let between = &self.text[first.1..second.0];
        let comma = between.find(',')?;
        Some(self.gap_behind(first.1 + comma + 1))
    }

    /// The byte ranges of a flow collection's items: of a mapping, its keys with their values.
    pub(super) fn flow_items(self, id: NodeId) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut children = self.tree.children(id);
        let pairs = self.is_mapping(id);
        std::iter::from_fn(move || {
            let first = children.next()?;
            let last = if pairs { children.next()? } else { first };
            let start = self.tree.outer_span(first).start;
            let end = self.tree.span(last).end.max(self.tree.span(first).end);
            Some((start, end))
        })
    }

    /// Whether keys and strings must be in double quotes, as the nearest keys are.
    fn is_json(self, id: NodeId) -> bool {
        if self.tree.is_json() {
            return true;
        }
        let first_item = self.tree.children(id).next();
        let around = self.tree.ancestors(id);
        std::iter::once(id)
            .chain(first_item)
            .chain(around.take_while(|&node| !self.is_block(node)))
            .filter(|&node| self.is_mapping(node))
            .find_map(|node| self.tree.children(node).next())
            .is_some_and(|key| self.tree.kind(key) == Kind::Scalar(ScalarStyle::DoubleQuoted))
    }

    /// Whether the items of a flow collection stand on lines of their own.
    pub(super) fn items_on_lines(self, id: NodeId) -> bool {
        self.flow_items(id)
            .last()
            .is_some_and(|(start, _)| self.begins_line(start))
    }

    /// The indentation of the lines that a flow collection's items begin on.
    fn item_indentation(self, id: NodeId) -> &'a str {
        let at = self
            .flow_items(id)
            .last()
            .map_or(self.tree.span(id).start, |(start, _)| start);
        self.indentation(at)
    }

    /// The white space that a level of brackets adds, as the nearest collection over several lines
    /// shows it.
    fn flow_unit(self, id: NodeId) -> String {
        self.outwards(id)
            .filter(|&node| !self.is_block(node))
            .find_map(|node| {
                let (first, _) = self.flow_items(node).next()?;
                let outer = self.indentation(self.tree.span(node).start);
                let unit = self.indentation(first).strip_prefix(outer)?;
                (self.begins_line(first) && !unit.is_empty()).then(|| unit.to_owned())
            })
            .unwrap_or_else(|| " ".repeat(DEFAULT_INDENT))
    }
}
