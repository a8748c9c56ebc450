//! YAML text to a [`Tree`], on granit-parser.
//!
//! granit gives events with byte spans; what it leaves out is found by looking at the text between
//! them: the `-` and `:` in front of a node, the header of a block scalar, and where a block
//! scalar really ends (`spec/6-yaml-facts.md`, section 2 lists what its spans do and do not say).

use std::collections::HashMap;

use granit_parser::{
    Event, Parser, ScalarStyle as GranitStyle, Span as GranitSpan, StructureStyle,
};

use super::builder::{Builder, NewNode};
use super::tree::{Kind, Layout, NodeId, ScalarStyle, Spare, Tree};
use super::{MAX_DEPTH, Most, TOO_DEEP, TOO_MANY_ANCHORS, TOO_MANY_VALUES};
use crate::source::Span;

/// Why a text is no YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub message: String,
}

/// One document, read.
#[derive(Clone, Debug)]
pub struct Parsed<'t> {
    /// Its tree.
    pub tree: Tree<'t>,
    /// The byte offset of a second document in the same text, begun behind a `...` without `---`.
    /// kubectl drops it silently.
    pub second_root: Option<usize>,
}

/// Reads a text that holds one YAML document; a byte order mark must be cut off before.
///
/// # Errors
/// Where the text is no YAML, or is larger than 4 GiB.
pub fn parse_full(text: &str) -> Result<Parsed<'_>, ParseError> {
    parse_full_within(text, Most::UNLIMITED)
}

/// The same where the text has no more than that.
///
/// # Errors
/// As [`parse_full`], and where it has more.
pub(super) fn parse_full_within(text: &str, most: Most) -> Result<Parsed<'_>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(ParseError {
            offset: 0,
            message: "the document is larger than 4 GiB".to_owned(),
        });
    }
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut reader = Reader::new(text);
    for event in Parser::new_from_str_with_options(text, options) {
        // The iterator may repeat an error for ever: the first one ends it.
        let (event, span) = event.map_err(|error| refusal(text, &error))?;
        if reader.second_root.is_some() {
            continue;
        }
        reader.event(event, &span);
        if let Some(offset) = reader.too_deep {
            return Err(ParseError {
                offset: floor(text, offset),
                message: TOO_DEEP.to_owned(),
            });
        }
        if let Some(offset) = reader.misplaced {
            return Err(ParseError {
                offset,
                message: "this `:` stands left of the mapping that it belongs to".to_owned(),
            });
        }
        if let Some(excess) = reader.excess(most) {
            return Err(ParseError {
                offset: floor(text, reader.cursor),
                message: excess.to_owned(),
            });
        }
    }
    Ok(Parsed {
        tree: reader.tree.finish(),
        second_root: reader.second_root,
    })
}

/// granit's error, at the place that is to be mended: a tab that it found while it looked ahead is
/// where the tab stands.
fn refusal(text: &str, error: &granit_parser::ScanError) -> ParseError {
    let offset = floor(text, error.marker().byte_offset().unwrap_or(text.len()));
    let mut message = error.info();
    if message == "recursion limit exceeded" {
        TOO_DEEP.clone_into(&mut message);
    }
    let tab = text[offset..]
        .find('\t')
        .filter(|_| message.contains("found a tab"));
    ParseError {
        offset: tab.map_or(offset, |tab| offset + tab),
        message,
    }
}

/// The byte offset behind the last line of a text that begins with `...`; 0 where there is none.
fn behind_end_marker(text: &str) -> usize {
    let mut markers = memchr::memmem::rfind_iter(text.as_bytes(), b"...");
    let last = markers.find(|at| *at == 0 || text.as_bytes()[at - 1] == b'\n');
    last.map_or(0, |at| {
        let feed = memchr::memchr(b'\n', &text.as_bytes()[at..]);
        feed.map_or(text.len(), |feed| at + feed + 1)
    })
}

fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// A collection whose children are being read.
struct Frame {
    id: NodeId,
    mapping: bool,
    layout: Layout,
    /// Its first byte, as far as it is known.
    start: usize,
    /// In a mapping: whether a value comes next.
    expects_value: bool,
    /// In a block sequence: whether its first `-` has been met.
    started: bool,
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    tree: Builder<'t>,
    frames: Vec<Frame>,
    anchors: HashMap<usize, NodeId>,
    last: Option<NodeId>,
    /// The end of what has been read.
    cursor: usize,
    documents: usize,
    second_root: Option<usize>,
    /// Where a collection begins that is nested too deeply: blocks and brackets together.
    too_deep: Option<usize>,
    /// A `:` that stands farther left than the keys of its mapping, which granit takes and the specification
    /// of YAML and kubectl do not.
    misplaced: Option<usize>,
}

/// What stands in front of a node.
#[derive(Default)]
struct Front {
    /// The `-` or `:`.
    lead: Option<usize>,
    /// The byte offset whose column the indentation indicator of a block scalar counts from.
    parent: Option<usize>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            tree: Builder::reusing(text, Spare::default()),
            frames: Vec::new(),
            anchors: HashMap::new(),
            last: None,
            cursor: 0,
            documents: 0,
            second_root: None,
            too_deep: None,
            misplaced: None,
        }
    }

    /// What there is more of by now than may be read.
    fn excess(&self, most: Most) -> Option<&'static str> {
        if self.tree.len() > most.values {
            Some(TOO_MANY_VALUES)
        } else if self.anchors.len() > most.anchors {
            Some(TOO_MANY_ANCHORS)
        } else {
            None
        }
    }

    fn event(&mut self, event: Event<'t>, span: &GranitSpan) {
        let range = span.byte_range().unwrap_or(self.cursor..self.cursor);
        let tag_span = span.tag_span().and_then(|span| span.byte_range());
        match event {
            Event::DocumentStart(explicit, _) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.second_root = Some(range.start);
                } else {
                    // Without a `---` a `...` may stand in front of it.
                    let front = self.text.get(..range.start).unwrap_or_default();
                    let start = if explicit {
                        range.end
                    } else {
                        behind_end_marker(front)
                    };
                    self.cursor = self.cursor.max(start);
                }
            }
            Event::Scalar(text, style, _, tag) => {
                let front = self.front();
                let after_tag = tag_span.as_ref().map_or(self.cursor, |tag| tag.end);
                let mut node = self.scalar(text, style, &range, &front, after_tag);
                node.lead = front.lead;
                self.add(node, tag.as_deref(), tag_span);
            }
            Event::Alias(anchor) => {
                let front = self.front();
                let mut node = NewNode::new(Kind::Alias, Span::new(range.start, range.end));
                node.lead = front.lead;
                node.target = self.anchors.get(&anchor).copied();
                self.add(node, None, None);
            }
            Event::SequenceStart(style, _, tag) => {
                self.open(
                    Kind::Sequence(layout(style)),
                    &range,
                    tag.as_deref(),
                    tag_span,
                );
            }
            Event::MappingStart(style, _, tag) => {
                self.open(
                    Kind::Mapping(layout(style)),
                    &range,
                    tag.as_deref(),
                    tag_span,
                );
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(range.end),
            Event::Anchor(id, _) => {
                if let Some(node) = self.last {
                    self.anchors.insert(id, node);
                    self.tree.anchor(node, Span::new(range.start, range.end));
                }
                self.cursor = self.cursor.max(range.end);
            }
            _ => {}
        }
    }

    /// Finds what stands in front of the next node, between the end of what has been read and it.
    fn front(&mut self) -> Front {
        let Some(frame) = self.frames.last_mut() else {
            return Front::default();
        };
        let flow = frame.layout == Layout::Flow;
        // A colon behind a comma is that of the next key, which may be absent.
        let at = skip_blank(self.bytes, self.cursor, flow && !frame.expects_value);
        let found = self.bytes.get(at).copied();
        if !frame.mapping {
            if flow || found != Some(b'-') {
                return Front::default();
            }
            if !frame.started {
                frame.started = true;
                frame.start = at;
                self.tree.set_start(frame.id, at);
            }
            self.cursor = at + 1;
            return Front {
                lead: Some(at),
                parent: Some(at),
            };
        }
        if frame.expects_value {
            let parent = Some(frame.start);
            // One that stands apart and begins a text is that of the next key.
            let is_own = flow || at == self.cursor || is_blank_or_end(self.bytes.get(at + 1));
            let lead = (found == Some(b':') && is_own).then_some(at);
            if lead.is_some() {
                self.cursor = at + 1;
                if !flow && self.is_left_of_its_mapping(at) {
                    self.misplaced = Some(at);
                }
            }
            return Front { lead, parent };
        }
        let explicit = found == Some(b'?') && is_blank_or_end(self.bytes.get(at + 1));
        if explicit {
            self.cursor = at + 1;
        } else if found == Some(b':') {
            // A key that is absent stands at its colon, not in front of the comments above.
            self.cursor = at;
        }
        Front {
            lead: None,
            parent: explicit.then_some(at),
        }
    }

    /// Whether a byte begins its line farther left than the open block mapping.
    fn is_left_of_its_mapping(&self, at: usize) -> bool {
        let (Some(own), Some(column)) = (self.frames.last(), self.column_where_line_begins(at))
        else {
            return false;
        };
        column < self.column_in_line(own.start)
    }

    /// The column of a byte that nothing but blanks stands in front of in its line.
    fn column_where_line_begins(&self, at: usize) -> Option<usize> {
        let column = self.column_in_line(at);
        let front = &self.bytes[at - column..at];
        front.iter().all(|byte| *byte == b' ').then_some(column)
    }

    /// The number of bytes between the beginning of its line, which any break of a line ends, and `at`.
    fn column_in_line(&self, at: usize) -> usize {
        at - memchr::memrchr2(b'\n', b'\r', &self.bytes[..at]).map_or(0, |feed| feed + 1)
    }

    /// A scalar's node, with the span that granit does not give for absent and block scalars.
    fn scalar(
        &self,
        text: std::borrow::Cow<'t, str>,
        style: GranitStyle,
        range: &std::ops::Range<usize>,
        front: &Front,
        after_tag: usize,
    ) -> NewNode<'t> {
        let style = match style {
            GranitStyle::SingleQuoted => ScalarStyle::SingleQuoted,
            GranitStyle::DoubleQuoted => ScalarStyle::DoubleQuoted,
            GranitStyle::Literal => ScalarStyle::Literal,
            GranitStyle::Folded => ScalarStyle::Folded,
            GranitStyle::Plain => ScalarStyle::Plain,
        };
        let mut text = text;
        let span = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = self.header_start(after_tag.max(self.cursor));
                let parent = front.parent.map(|at| column(self.bytes, at));
                let block = block_scalar_end(self.text, start, parent);
                // granit gives the last line a break that is not there; kubectl does not.
                if block.open && text.ends_with('\n') {
                    text.to_mut().pop();
                }
                // Nor does a line of blanks that nothing ends have one.
                if !text.is_empty() && text.bytes().all(|b| b == b'\n') {
                    text = "\n"
                        .repeat(self.breaks_behind_header(start, block.end))
                        .into();
                }
                Span::new(start, block.end)
            }
            ScalarStyle::Plain if range.is_empty() => {
                let behind = front.lead.map_or(self.cursor, |lead| lead + 1);
                let mut node = NewNode::new(
                    Kind::Scalar(style),
                    Span::at(behind.max(after_tag.min(range.start.max(behind)))),
                );
                node.text = "".into();
                return node;
            }
            _ => Span::new(range.start, range.end),
        };
        let mut node = NewNode::new(Kind::Scalar(style), span);
        node.text = text;
        node
    }

    /// The line breaks behind the header's of a block scalar that ends at `end`, its own among them.
    fn breaks_behind_header(&self, header: usize, end: usize) -> usize {
        // The end is in front of the line break, which may be of two characters.
        let feed = memchr::memchr(b'\n', &self.bytes[end..]);
        let behind = feed.map_or(self.bytes.len(), |feed| end + feed + 1);
        let breaks = memchr::memchr_iter(b'\n', &self.bytes[header..behind]);
        breaks.count().saturating_sub(1)
    }

    /// The `|` or `>` of a block scalar, behind its anchor and tag.
    fn header_start(&self, from: usize) -> usize {
        let mut at = skip_blank(self.bytes, from, false);
        while matches!(self.bytes.get(at), Some(b'&' | b'!')) {
            while self.bytes.get(at).is_some_and(|b| !b.is_ascii_whitespace()) {
                at += 1;
            }
            at = skip_blank(self.bytes, at, false);
        }
        at.min(self.text.len())
    }

    fn add(
        &mut self,
        mut node: NewNode<'t>,
        tag: Option<&granit_parser::Tag>,
        tag_span: Option<std::ops::Range<usize>>,
    ) {
        set_tag(&mut node, tag, tag_span);
        self.cursor = self.cursor.max(node.span.end);
        self.met();
        self.last = Some(self.tree.push(node));
    }

    fn open(
        &mut self,
        kind: Kind,
        range: &std::ops::Range<usize>,
        tag: Option<&granit_parser::Tag>,
        tag_span: Option<std::ops::Range<usize>>,
    ) {
        let front = self.front();
        let mut node = NewNode::new(kind, Span::new(range.start, range.end));
        node.lead = front.lead;
        let properties_end = tag_span.as_ref().map_or(0, |tag| tag.end);
        set_tag(&mut node, tag, tag_span);
        self.met();
        let id = self.tree.open_with(node);
        self.last = Some(id);
        let (mapping, layout) = match kind {
            Kind::Mapping(layout) => (true, layout),
            Kind::Sequence(layout) => (false, layout),
            _ => (false, Layout::Block),
        };
        if layout == Layout::Flow {
            self.cursor = self.cursor.max(range.end);
        }
        self.cursor = self.cursor.max(properties_end);
        if self.frames.len() == MAX_DEPTH {
            self.too_deep = Some(range.start);
        }
        self.frames.push(Frame {
            id,
            mapping,
            layout,
            start: range.start,
            expects_value: false,
            started: false,
        });
    }

    /// Notes in the open mapping that a key or its value has been met.
    fn met(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.expects_value = frame.mapping && !frame.expects_value;
        }
    }

    fn close(&mut self, end: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if frame.layout == Layout::Flow && self.closes_with_bracket(end) {
            self.tree.close(Some(end));
            self.cursor = self.cursor.max(end);
        } else {
            self.tree.close(None);
        }
    }

    /// A pair in a flow sequence (`[a: b]`) is a mapping that no bracket closes.
    fn closes_with_bracket(&self, end: usize) -> bool {
        end > self.cursor
            && end
                .checked_sub(1)
                .and_then(|at| self.bytes.get(at))
                .is_some_and(|byte| matches!(byte, b']' | b'}'))
    }
}

/// Whether a sign of structure may stand in front of that byte in block style.
fn is_blank_or_end(behind: Option<&u8>) -> bool {
    matches!(behind, None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

fn layout(style: StructureStyle) -> Layout {
    match style {
        StructureStyle::Block => Layout::Block,
        StructureStyle::Flow => Layout::Flow,
    }
}

fn set_tag(
    node: &mut NewNode<'_>,
    tag: Option<&granit_parser::Tag>,
    tag_span: Option<std::ops::Range<usize>>,
) {
    node.tag = tag.map(|tag| tag.to_string().into_boxed_str());
    if let Some(span) = tag_span {
        node.outer = node.outer.min(span.start);
    }
}

/// The offset of the first byte from `at` on that is neither white space nor in a comment (nor, in
/// a flow collection, a comma).
fn skip_blank(bytes: &[u8], mut at: usize, flow: bool) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' => at += 1,
            b',' if flow => at += 1,
            b'#' => at = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end),
            _ => break,
        }
    }
    at
}

/// The number of bytes between the beginning of its line and `at`.
fn column(bytes: &[u8], at: usize) -> usize {
    at - memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |newline| newline + 1)
}

/// Where a block scalar ends, and how.
pub(super) struct BlockEnd {
    /// In bytes; before the line break.
    pub(super) end: usize,
    /// Whether the text ends with the scalar's last line, so that its value has no line break
    /// there.
    pub(super) open: bool,
}

/// Where a block scalar ends: at the end of its last line of content, before the line break; with
/// `+`, of the last blank line that it keeps. `header` is the offset of its `|` or `>`, `parent`
/// the column that the lines are deeper than and that an indentation indicator counts from.
pub(super) fn block_scalar_end(text: &str, header: usize, parent: Option<usize>) -> BlockEnd {
    let bytes = text.as_bytes();
    let line_end = |at: usize| {
        memchr::memchr(b'\n', &bytes[at.min(bytes.len())..]).map_or(bytes.len(), |end| at + end)
    };
    let mut at = line_end(header);
    let header_line = &text[header.min(at)..at];
    let indicators = header_line.split([' ', '\t', '#']).next().unwrap_or("");
    let keep = indicators.contains('+');
    let mut indent = indicators
        .bytes()
        .find(u8::is_ascii_digit)
        .map(|digit| parent.unwrap_or(0) + usize::from(digit - b'0'));
    let mut end = header + indicators.trim_end_matches('\r').len();
    let mut open = false;
    while at < bytes.len() {
        let start = at + 1;
        let stop = line_end(start);
        let line = text[start..stop].trim_end_matches('\r');
        let spaces = line.bytes().take_while(|&b| b == b' ').count();
        let blank = spaces == line.len();
        if blank && indent.is_none_or(|indent| spaces <= indent) {
            // Behind the last line break there is no line.
            if keep && start < bytes.len() {
                end = start + line.len();
            }
        } else {
            if indent.is_none() && parent.is_some_and(|parent| spaces <= parent) {
                break;
            }
            let indent = *indent.get_or_insert(spaces);
            if spaces < indent || (indent == 0 && ends_document(line)) {
                break;
            }
            end = start + line.len();
            open = stop == bytes.len();
        }
        at = stop;
    }
    BlockEnd { end, open }
}

fn ends_document(line: &str) -> bool {
    line == "..." || line.starts_with("... ") || line == "---" || line.starts_with("--- ")
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    /// The tree, one line a node: depth, kind, lead and the text that the span covers.
    fn draw(text: &str) -> String {
        let parsed = parse_full(text).unwrap();
        let tree = &parsed.tree;
        let mut drawn = String::new();
        for id in tree.ids() {
            let span = tree.outer_span(id);
            let lead = tree.lead(id).map_or(String::new(), |at| format!("@{at} "));
            writeln!(
                drawn,
                "{:?} {lead}{:?}",
                tree.kind(id),
                &text[span.start..span.end]
            )
            .unwrap();
        }
        drawn
    }

    #[test]
    fn an_absent_value_in_brackets_stands_in_front_of_the_next_key() {
        for text in ["{a,:0,b: 1}", "{a,: 0,b: 1}", "{a , ? ,b: 1}"] {
            let parsed = parse_full(text).unwrap();
            let tree = &parsed.tree;
            let root = tree.root().unwrap();
            let spans = tree
                .entries(root)
                .flat_map(|(key, value)| [tree.span(key), tree.span(value)]);
            let bounds: Vec<usize> = spans.flat_map(|span| [span.start, span.end]).collect();
            assert_eq!(bounds.len(), 12, "{text}");
            assert!(bounds.is_sorted(), "{text}: {bounds:?}");
        }
    }

    #[test]
    fn spans_end_where_their_content_does() {
        let text = "a:\n- x: |\n    c\n\n- y: [1, {b: 2}]  # c\n# d\nz:\n";
        assert_eq!(
            draw(text),
            "Mapping(Block) \"a:\\n- x: |\\n    c\\n\\n- y: [1, {b: 2}]  # c\\n# d\\nz:\"\n\
             Scalar(Plain) \"a\"\n\
             Sequence(Block) @1 \"- x: |\\n    c\\n\\n- y: [1, {b: 2}]\"\n\
             Mapping(Block) @3 \"x: |\\n    c\"\n\
             Scalar(Plain) \"x\"\n\
             Scalar(Literal) @6 \"|\\n    c\"\n\
             Mapping(Block) @17 \"y: [1, {b: 2}]\"\n\
             Scalar(Plain) \"y\"\n\
             Sequence(Flow) @20 \"[1, {b: 2}]\"\n\
             Scalar(Plain) \"1\"\n\
             Mapping(Flow) \"{b: 2}\"\n\
             Scalar(Plain) \"b\"\n\
             Scalar(Plain) @28 \"2\"\n\
             Scalar(Plain) \"z\"\n\
             Scalar(Plain) @44 \"\"\n"
        );
    }

    #[test]
    fn properties_aliases_and_odd_keys_are_placed() {
        let text = "- &m !!map\n  q: &s 1\n- *m\n- ? k\n  : v\n- [a: b]\n- !!str\n";
        assert_eq!(
            draw(text),
            "Sequence(Block) \"- &m !!map\\n  q: &s 1\\n- *m\\n- ? k\\n  : v\\n- [a: b]\\n- !!str\"\n\
             Mapping(Block) @0 \"&m !!map\\n  q: &s 1\"\n\
             Scalar(Plain) \"q\"\n\
             Scalar(Plain) @14 \"&s 1\"\n\
             Alias @21 \"*m\"\n\
             Mapping(Block) @26 \"? k\\n  : v\"\n\
             Scalar(Plain) \"k\"\n\
             Scalar(Plain) @34 \"v\"\n\
             Sequence(Flow) @38 \"[a: b]\"\n\
             Mapping(Flow) \"a: b\"\n\
             Scalar(Plain) \"a\"\n\
             Scalar(Plain) @42 \"b\"\n\
             Scalar(Plain) @47 \"!!str\"\n"
        );
        let parsed = parse_full(text).unwrap();
        let tree = &parsed.tree;
        let alias = tree.ids().find(|&id| tree.kind(id) == Kind::Alias).unwrap();
        assert_eq!(
            tree.text(tree.children(tree.resolve(alias)).nth(1).unwrap()),
            "1"
        );
    }

    #[test]
    fn block_scalars_end_with_their_last_line() {
        for (text, end) in [
            ("|\n  a\n\n", "|\n  a"),
            ("|+\n  a\n\n", "|+\n  a\n"),
            ("|\n  a\n   \nb", "|\n  a\n   "),
            ("|\n  a", "|\n  a"),
            ("|-  # c\r\n  a\r\n\r\nb", "|-  # c\r\n  a"),
            (">2\n    a\n  b\n c", ">2\n    a\n  b"),
            ("|\n\n", "|"),
        ] {
            assert_eq!(
                &text[..block_scalar_end(text, 0, None).end],
                end,
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_second_document_without_separator_is_noticed() {
        assert_eq!(
            parse_full("a: 1\n...\nb: 2\n").unwrap().second_root,
            Some(9)
        );
        assert_eq!(parse_full("a: 1\n...\n# end\n").unwrap().second_root, None);
    }

    #[test]
    fn errors_have_a_place() {
        let error = parse_full("a: b: c\n").unwrap_err();
        assert_eq!(error.offset, 4);
        assert!(parse_full(&"[".repeat(100_000)).is_err());
        assert!(parse_full("a: \u{0}").is_err());
    }
}
