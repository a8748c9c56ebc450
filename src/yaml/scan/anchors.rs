//! Anchors and aliases where they stand for values: `key: &name …`, `- *name`.

use std::collections::HashMap;

use super::{Scanner, Slot};
use crate::source::Span;
use crate::yaml::builder::NewNode;
use crate::yaml::tree::{Kind, NodeId};

/// The anchors of a document, as far as it has been read.
pub(super) struct Anchors<'t> {
    /// The last node of each name.
    nodes: HashMap<&'t str, NodeId>,
    /// How many there are, those of one name counted each.
    count: usize,
    /// How many there may be.
    pub(super) most: usize,
}

impl Anchors<'_> {
    /// None yet, and as many as `most` may come.
    pub(super) fn new(most: usize) -> Self {
        Self {
            nodes: HashMap::new(),
            count: 0,
            most,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl Scanner<'_> {
    /// The `&name` or `*name` at `at`; gives up where the name is odd or does not end with its word.
    fn property(&self, at: usize) -> Option<Span> {
        let is_name = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let length = self.bytes[at + 1..]
            .iter()
            .take_while(|b| is_name(b))
            .count();
        let end = at + 1 + length;
        let ends = matches!(self.bytes.get(end), None | Some(b' ' | b'\n' | b'\r'));
        (length > 0 && ends).then(|| Span::new(at, end))
    }

    /// Reads the alias at `at`, the value behind `lead`; gives the line behind it.
    pub(super) fn alias(&mut self, at: usize, lead: usize) -> Option<usize> {
        let span = self.property(at)?;
        let mut node = NewNode::new(Kind::Alias, span);
        node.lead = Some(lead);
        node.target = Some(*self.anchors.nodes.get(&self.text[at + 1..span.end])?);
        self.tree.push(node);
        self.rest_is_blank(span.end)
    }

    /// Reads the anchor at `at`, in the slot, and what has it: the rest of the line, or else what comes on
    /// the next ones.
    pub(super) fn anchor(&mut self, at: usize, slot: Slot) -> Option<usize> {
        let anchor = self.property(at)?;
        self.anchors.count += 1;
        if self.anchors.count > self.anchors.most {
            return None;
        }
        let value = self.first_non_blank(anchor.end);
        match self.bytes.get(value) {
            None | Some(b'\n' | b'\r' | b'#') => Some(self.pend(slot, Some(anchor), value)),
            Some(b'&' | b'*' | b'\t') => None,
            // A key is none of what is read here: the anchor would be that of the key.
            Some(_) => self.with_anchor(Some(anchor), |own| own.leaf(value, slot)),
        }
    }

    /// Reads a node, the next one to be added, which has that anchor.
    pub(super) fn with_anchor<R>(
        &mut self,
        anchor: Option<Span>,
        read: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let Some(anchor) = anchor else {
            return read(self);
        };
        let id = self.begin_anchored(anchor);
        let read = read(self);
        self.end_anchored(id, anchor);
        read
    }

    /// Notes that the node which is added next has that anchor, and gives that node: there may be aliases
    /// of it in it.
    pub(super) fn begin_anchored(&mut self, anchor: Span) -> NodeId {
        let id = self.tree.next_id();
        let name = &self.text[anchor.start + 1..anchor.end];
        self.anchors.nodes.insert(name, id);
        id
    }

    /// Tells the place of the anchor, when the node has been read, or its beginning. Others may have been read
    /// behind it only where it is a collection or holds a character: an absent one ends with its anchor.
    pub(super) fn end_anchored(&mut self, id: NodeId, anchor: Span) {
        // Where it was given up at once, there is none.
        if id != self.tree.next_id() {
            self.tree.anchor(id, anchor);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::yaml::parse::parse_full;
    use crate::yaml::scan::{scan, scan_lines, scan_within};
    use crate::yaml::{Most, Spare};

    #[test]
    fn anchors_and_aliases_of_values_are_read_as_the_full_parser_does() {
        for text in [
            "a: &x 1\nb: *x\n",
            "a: &x  \"1\"  # c\nb: *x  # c\n",
            "a: &x-1_b\n  c: d\nb:\n  <<: *x-1_b\n  e: f\n",
            "a: &x # c\n\n  - b\n  - &y c\n",
            "a: &x\n- b\nc: *x\n",
            "a: &x\nb: *x\n",
            "- &x\n- *x\n- &x 2\n- *x\n- &x\n  a: *x\n",
            "a: &x [b, {c: d}]\nb: &y |\n  e\nc: *y\nd: &z f\n  g\n",
            "a: &x 1\r\nb: *x\r\n",
            "a: &x 1\nb: *x",
            "a: 1\nb: &x",
        ] {
            let scanned = scan(text).unwrap_or_else(|| panic!("given up at: {text}"));
            assert_eq!(scanned, parse_full(text).unwrap().tree, "{text}");
            assert!(!scanned.is_plain_block_style(), "{text}");
        }
    }

    #[test]
    fn others_are_left_to_it() {
        for text in [
            "a: *x\n",
            "a: &x 1\nb: *x c\n",
            "a: &x 1\n*x : b\n",
            "&x a: 1\n",
            "&x\na: 1\n",
            "a:\n  &x b\n",
            "- &x a: 1\n  b: 2\n",
            "- &x \"a\": 1\n",
            "a: &x &y 1\n",
            "a: &x 1\nb: &y *x\n",
            "a: &x !!str 1\n",
            "a: &x: 1\n",
            "a: &\u{e9} 1\n",
            "a: [&x 1, *x]\n",
            // Whether such a text is taken depends on who reads it.
            "a: &x 1\nb: \"c\n  d\"\n",
        ] {
            assert!(scan(text).is_none(), "{text}");
        }
    }

    #[test]
    fn no_more_are_read_than_may_be() {
        let most = |anchors| Most {
            values: usize::MAX,
            anchors,
        };
        let text = "a: &x 1\nb: &x 2\n";
        let read = |anchors| scan_within(text, most(anchors), Spare::default()).unwrap();
        assert!(read(2).is_some());
        assert!(read(1).is_none());
        assert!(scan_lines("- a: &x 1\n", 0, true).is_none());
    }
}
