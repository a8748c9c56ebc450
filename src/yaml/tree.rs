//! The tree of one document: nodes with byte spans into its text.
//!
//! The nodes stand in one vector in the order of the text, each with the index behind its subtree,
//! so that a tree is one allocation and walking it is walking memory. A mapping's children
//! alternate key, value. Positions are bytes from the beginning of the document's text; the tree
//! knows nothing of the file that the text came from.
//!
//! `node.rs` has the reading side that the rules use.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::indent::Indent;
use super::node::Node;
use super::scalar;
use super::value::{Budget, Scalar, Value};
use crate::source::Span;

/// The position of a node in its [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The document's only top-level node, where it has one.
    pub const ROOT: Self = Self(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// By indentation.
    Block,
    /// In brackets, as in JSON. A single pair in a flow sequence (`[a: b]`) is a flow mapping
    /// without brackets.
    Flow,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A single value.
    Scalar(ScalarStyle),
    /// A list.
    Sequence(Layout),
    /// Keys and values.
    Mapping(Layout),
    /// `*name`
    Alias,
    /// Text whose nodes are known, in the place of whole entries or items. Only in a tree of
    /// [`parse_around`](super::parse_around), or of that for [`json`](super::json), where each stands for one
    /// of what is known: as an item in a sequence, as both key and value in a mapping.
    Known,
}

pub(super) const NONE: u32 = u32::MAX;

/// Chains of merge keys, and aliases that are expanded, are followed to this depth.
const DEPTH_LIMIT: usize = super::MAX_DEPTH;

/// A node, small: a document has many, and they are walked more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NodeData {
    /// Content, without anchor and tag.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Where the anchor, the tag or else the content begins.
    pub(super) outer: u32,
    /// The `-` of an item of a block sequence, the `:` of a mapping's value.
    pub(super) lead: u32,
    /// The index behind the last node of this subtree.
    pub(super) next: u32,
    /// The collection that the node stands in.
    pub(super) parent: u32,
    /// An alias's target; of a scalar whose text is not what stands there, the position of its
    /// text among `decoded`; of known lines, which they are.
    pub(super) extra: u32,
    pub(super) kind: Kind,
    pub(super) tagged: bool,
}

/// The nodes of one document.
#[derive(Clone, Debug)]
pub struct Tree<'t> {
    pub(super) text: &'t str,
    pub(super) nodes: Vec<NodeData>,
    /// Texts of scalars that are not what stands there: folded, escaped, of block scalars.
    pub(super) decoded: Vec<Box<str>>,
    /// The tags, with the positions of their nodes.
    pub(super) tags: Vec<(u32, Box<str>)>,
    pub(super) has_aliases: bool,
    pub(super) has_merge_keys: bool,
    pub(super) style: Style,
    /// What all block collections say, where their reader knows.
    pub(super) indent: Option<Indent>,
    /// The items of long sequences, in the order of these, where [they are
    /// known](Self::remember_long_sequences).
    pub(super) long: Vec<(NodeId, Box<[NodeId]>)>,
}

/// A sequence of so many items is long.
const LONG: usize = 256;

/// How a text is written, as far as its reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In the plain block style that the scanner reads, and without anchors.
    PlainBlock,
    /// As anything that YAML allows.
    Any,
    /// As JSON.
    Json,
}

/// The memory of a tree that is no longer needed.
#[derive(Debug, Default)]
pub struct Spare(pub(super) Vec<NodeData>);

impl Spare {
    /// Gives the memory back where it is that of more nodes than so many.
    pub fn keep_up_to(&mut self, nodes: usize) {
        if self.0.capacity() > nodes {
            self.0 = Vec::new();
        }
    }
}

/// The range of a scalar's text where it is what stands there: all of it, or what is between the
/// quotes.
#[inline]
pub(super) fn verbatim(node: &NodeData) -> std::ops::Range<usize> {
    let (start, end) = (node.start as usize, node.end as usize);
    match node.kind {
        Kind::Scalar(ScalarStyle::Plain) => start..end,
        Kind::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => {
            start + 1..end.saturating_sub(1).max(start + 1)
        }
        _ => start..start,
    }
}

/// The scanner and the full parser make equal trees.
impl PartialEq for Tree<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
            && self.nodes == other.nodes
            && self.decoded == other.decoded
            && self.tags == other.tags
            && self.is_json() == other.is_json()
    }
}

impl Eq for Tree<'_> {}

impl<'t> Tree<'t> {
    /// Gives up the tree for its memory.
    #[must_use]
    pub fn into_spare(self) -> Spare {
        Spare(self.nodes)
    }

    /// The tree without the text that its spans refer to.
    pub(super) fn without_text(self) -> Tree<'static> {
        Tree {
            text: "",
            nodes: self.nodes,
            decoded: self.decoded,
            tags: self.tags,
            has_aliases: self.has_aliases,
            has_merge_keys: self.has_merge_keys,
            style: self.style,
            indent: self.indent,
            long: self.long,
        }
    }

    /// The same tree with its text again.
    pub(super) fn with_text<'n>(&self, text: &'n str) -> Tree<'n> {
        Tree {
            text,
            ..self.clone()
        }
    }

    /// How deep its collections are nested.
    pub(crate) fn depth(&self) -> usize {
        let mut depths: Vec<usize> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let above = (node.parent != NONE).then(|| depths[node.parent as usize] + 1);
            depths.push(above.unwrap_or(0));
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// The text that the spans refer to.
    #[must_use]
    pub fn source_text(&self) -> &'t str {
        self.text
    }

    /// The document's only top-level node; nothing where it holds none (blank, or comments alone).
    #[must_use]
    pub fn root(&self) -> Option<NodeId> {
        (!self.nodes.is_empty()).then_some(NodeId(0))
    }

    /// The root as a [`Node`].
    #[must_use]
    pub fn root_node(&self) -> Option<Node<'_>> {
        self.root().map(|id| self.node(id))
    }

    /// The reading side of a node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { tree: self, id }
    }

    /// Whether the text was read as JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.style == Style::Json
    }

    /// The collection that a node stands in; nothing for the root.
    #[must_use]
    pub fn parent(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.nodes[id.index()].parent;
        (parent != NONE).then_some(NodeId(parent))
    }

    /// The collections around a node, the innermost first.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        std::iter::successors(self.parent(id), |&above| self.parent(above))
    }

    /// Whether it is written in the plain block style that the scanner reads, without anchors.
    #[must_use]
    pub fn is_plain_block_style(&self) -> bool {
        self.style == Style::PlainBlock
    }

    /// By how much its block collections are indented, where it is known that all are indented alike; what
    /// there is none of is not known.
    #[must_use]
    pub fn common_indent(&self) -> Option<Indent> {
        self.indent
    }

    /// A node and all below it, in the order of the text.
    pub fn subtree(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (id.0..self.nodes[id.index()].next).map(NodeId)
    }

    /// True where the document holds an alias anywhere.
    #[must_use]
    pub fn has_aliases(&self) -> bool {
        self.has_aliases
    }

    /// True where the document holds what may be a merge key anywhere.
    #[must_use]
    pub fn has_merge_keys(&self) -> bool {
        self.has_merge_keys
    }

    /// How many nodes a node and all below it are.
    #[must_use]
    pub fn size(&self, id: NodeId) -> usize {
        (self.nodes[id.index()].next - id.0) as usize
    }

    /// Whether the node is a scalar; an alias is none.
    #[must_use]
    pub fn is_scalar(&self, id: NodeId) -> bool {
        matches!(self.kind(id), Kind::Scalar(_))
    }

    /// Every node, in the order of the text.
    pub fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(NONE)).map(NodeId)
    }

    /// What the node is; an alias is an alias.
    #[must_use]
    pub fn kind(&self, id: NodeId) -> Kind {
        self.nodes[id.index()].kind
    }

    /// The node's content in bytes, without its anchor and tag. A block collection ends with its
    /// last leaf, a block scalar (which begins with its `|` or `>`) with its last line's end, an
    /// absent value is empty and stands behind its `:` or `-`.
    #[must_use]
    pub fn span(&self, id: NodeId) -> Span {
        let node = &self.nodes[id.index()];
        Span::new(node.start as usize, node.end as usize)
    }

    /// The same with the anchor and tag in front.
    #[must_use]
    pub fn outer_span(&self, id: NodeId) -> Span {
        let node = &self.nodes[id.index()];
        Span::new(node.outer as usize, node.end as usize)
    }

    /// The byte offset of the `-` of a block sequence's item or of the `:` of a mapping's value.
    #[must_use]
    pub fn lead(&self, id: NodeId) -> Option<usize> {
        let lead = self.nodes[id.index()].lead;
        (lead != NONE).then_some(lead as usize)
    }

    /// A scalar's decoded text; empty for everything else.
    #[must_use]
    #[inline]
    pub fn text(&self, id: NodeId) -> &str {
        let node = &self.nodes[id.index()];
        if node.extra == NONE {
            let range = verbatim(node);
            self.text.get(range).unwrap_or_default()
        } else if matches!(node.kind, Kind::Scalar(_)) {
            &self.decoded[node.extra as usize]
        } else {
            ""
        }
    }

    /// Whether a node is an untagged plain scalar that is null (`~`, `null`, nothing); an alias is none.
    #[must_use]
    #[inline]
    pub fn is_null(&self, id: NodeId) -> bool {
        let node = &self.nodes[id.index()];
        // Most plain scalars are longer than all that mean null.
        node.kind == Kind::Scalar(ScalarStyle::Plain)
            && !node.tagged
            && (node.extra != NONE || node.end.saturating_sub(node.start) <= 4)
            && self.text_is_null(id)
    }

    /// Apart from the look in front of it, which is part of its callers: it is rarely asked for.
    #[inline(never)]
    fn text_is_null(&self, id: NodeId) -> bool {
        scalar::is_null(self.text(id))
    }

    /// Whether a node's text and that of another tree's node are the same.
    #[must_use]
    #[inline]
    pub fn same_text(&self, id: NodeId, other: &Tree<'_>, other_id: NodeId) -> bool {
        let (node, other_node) = (&self.nodes[id.index()], &other.nodes[other_id.index()]);
        if node.extra != NONE || other_node.extra != NONE {
            return self.text(id) == other.text(other_id);
        }
        let (range, other_range) = (verbatim(node), verbatim(other_node));
        range.len() == other_range.len()
            && self.text.as_bytes().get(range) == other.text.as_bytes().get(other_range)
    }

    /// Whether that is a node's text.
    #[must_use]
    #[inline]
    pub fn text_is(&self, id: NodeId, text: &str) -> bool {
        let node = &self.nodes[id.index()];
        if node.extra != NONE {
            return self.text(id) == text;
        }
        let range = verbatim(node);
        range.len() == text.len() && self.text.as_bytes().get(range) == Some(text.as_bytes())
    }

    /// Whether the node is a list or mapping in brackets.
    #[must_use]
    pub fn is_in_brackets(&self, id: NodeId) -> bool {
        matches!(
            self.kind(id),
            Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow)
        )
    }

    /// Whether the node is a literal or a folded scalar: its lines end where deeper ones do.
    #[must_use]
    pub fn is_block_scalar(&self, id: NodeId) -> bool {
        matches!(
            self.kind(id),
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        )
    }

    /// The node's tag as resolved, such as `tag:yaml.org,2002:str` or `!local`.
    #[must_use]
    #[inline]
    pub fn tag(&self, id: NodeId) -> Option<&str> {
        if !self.nodes[id.index()].tagged {
            return None;
        }
        let found = self.tags.binary_search_by_key(&id.0, |&(node, _)| node);
        found.ok().map(|place| &*self.tags[place].1)
    }

    /// The node that an alias stands for; nothing for other nodes.
    #[must_use]
    pub fn target(&self, id: NodeId) -> Option<NodeId> {
        let node = &self.nodes[id.index()];
        (node.kind == Kind::Alias && node.extra != NONE).then_some(NodeId(node.extra))
    }

    /// Which of the known lines a node stands for, if it does.
    #[must_use]
    pub fn known(&self, id: NodeId) -> Option<usize> {
        let node = &self.nodes[id.index()];
        (node.kind == Kind::Known).then_some(node.extra as usize)
    }

    /// The node itself, or what it is an alias of.
    #[must_use]
    pub fn resolve(&self, id: NodeId) -> NodeId {
        // An anchor cannot stand on an alias, so one step is all there ever is.
        self.target(id).unwrap_or(id)
    }

    /// Whether `inner` is `outer` or stands below it in the text (aliases are not followed).
    #[must_use]
    pub fn contains(&self, outer: NodeId, inner: NodeId) -> bool {
        (outer.0..self.nodes[outer.index()].next).contains(&inner.0)
    }

    /// Makes a list of the items of each long sequence: whoever looks for some of them would go through all
    /// that stand in front otherwise.
    pub fn remember_long_sequences(&mut self) {
        if self.nodes.len() <= LONG {
            return;
        }
        // Each item has a node at least.
        let can_be_long =
            |id: &NodeId| matches!(self.kind(*id), Kind::Sequence(_)) && self.size(*id) > LONG;
        let long = self.ids().filter(can_be_long);
        let long = long.map(|id| (id, self.children(id).collect::<Box<[NodeId]>>()));
        self.long = long.filter(|(_, items)| items.len() >= LONG).collect();
    }

    /// The items of a sequence that is long, where they are known.
    #[must_use]
    pub fn long_sequence(&self, id: NodeId) -> Option<&[NodeId]> {
        if self.long.is_empty() {
            return None;
        }
        let found = self.long.binary_search_by_key(&id, |(own, _)| *own);
        found.ok().map(|place| &*self.long[place].1)
    }

    /// The items of a sequence.
    #[must_use]
    pub fn items(&self, id: NodeId) -> Cow<'_, [NodeId]> {
        match self.long_sequence(id) {
            Some(items) => Cow::Borrowed(items),
            None => Cow::Owned(self.children(id).collect()),
        }
    }

    /// The children in the order of the text: a sequence's items, a mapping's keys and values in
    /// turn, nothing for scalars and aliases.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.nodes[id.index()].next;
        let mut at = id.0 + 1;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let child = NodeId(at);
                at = self.nodes[child.index()].next;
                child
            })
        })
    }

    /// A mapping's keys and values as they stand there: duplicates and merge keys included.
    pub fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> + '_ {
        let mut children = self.children(id);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// Whether a key is the merge key `<<`.
    #[must_use]
    pub fn is_merge_key(&self, key: NodeId) -> bool {
        self.kind(key) == Kind::Scalar(ScalarStyle::Plain) && self.text(key) == "<<"
    }

    /// The last entry of a mapping with that key, as it stands there: merge keys are not looked
    /// through.
    #[must_use]
    #[inline]
    pub fn own_entry(&self, mapping: NodeId, key: &str) -> Option<(NodeId, NodeId)> {
        self.own_entries(mapping, key).last()
    }

    /// All entries of a mapping with that key, as they stand there.
    pub(crate) fn own_entries(
        &self,
        mapping: NodeId,
        key: &str,
    ) -> impl Iterator<Item = (NodeId, NodeId)> {
        let is_mapping = matches!(self.kind(mapping), Kind::Mapping(_));
        self.entries(mapping)
            .filter(move |&(name, _)| is_mapping && self.key_is(name, key))
    }

    #[inline]
    fn key_is(&self, key: NodeId, text: &str) -> bool {
        match self.plain_key(key) {
            Some(own) => own == text.as_bytes(),
            None => self.odd_key_is(key, text),
        }
    }

    /// The text of a key that stands there as it is, as most do.
    #[inline]
    fn plain_key(&self, key: NodeId) -> Option<&[u8]> {
        let node = &self.nodes[key.index()];
        let is_scalar = matches!(node.kind, Kind::Scalar(_));
        (is_scalar && node.extra == NONE)
            .then(|| self.text.as_bytes().get(verbatim(node)))
            .flatten()
    }

    /// Whether that is the text of a key that is no scalar, or is read as something else than what stands there.
    fn odd_key_is(&self, key: NodeId, text: &str) -> bool {
        let key = self.resolve(key);
        self.is_scalar(key) && self.text_is(key, text)
    }

    /// The value of a key, the mapping's own or else one that comes through a merge key.
    #[must_use]
    #[inline]
    pub fn lookup(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        if let Some((_, value)) = self.own_entry(mapping, key) {
            return Some(value);
        }
        self.inherited(mapping, key)
    }

    /// The value of a key that comes through a merge key, whether or not the mapping has one of its
    /// own.
    #[must_use]
    #[inline]
    pub fn inherited(&self, mapping: NodeId, key: &str) -> Option<NodeId> {
        if !self.has_merge_keys {
            return None;
        }
        let mut seen = HashSet::from([mapping]);
        self.lookup_merged(mapping, key, &mut seen, 0)
    }

    /// The same of several keys, in one walk over the mapping where it has no merge keys.
    #[allow(
        clippy::inline_always,
        reason = "the keys are known where it is called: comparing them is a load each"
    )]
    #[inline(always)]
    pub(super) fn lookup_all<const N: usize>(
        &self,
        mapping: NodeId,
        keys: [&str; N],
    ) -> [Option<NodeId>; N] {
        if self.has_merge_keys {
            return keys.map(|key| self.lookup(mapping, key));
        }
        let mut found = [None; N];
        if matches!(self.kind(mapping), Kind::Mapping(_)) {
            for (name, value) in self.entries(mapping) {
                let place = match self.plain_key(name) {
                    Some(own) => keys.iter().position(|key| key.as_bytes() == own),
                    None => keys.iter().position(|key| self.odd_key_is(name, key)),
                };
                if let Some(place) = place {
                    found[place] = Some(value);
                }
            }
        }
        found
    }

    /// Looks through the merge keys. A mapping that was looked at once has nothing new a second
    /// time, however many merge keys lead to it.
    fn lookup_merged(
        &self,
        mapping: NodeId,
        key: &str,
        seen: &mut HashSet<NodeId>,
        depth: usize,
    ) -> Option<NodeId> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        self.merged(mapping).into_iter().find_map(|source| {
            if !seen.insert(source) {
                return None;
            }
            match self.own_entry(source, key) {
                Some((_, value)) => Some(value),
                None => self.lookup_merged(source, key, seen, depth + 1),
            }
        })
    }

    /// The mappings that a mapping's merge keys bring in, the strongest first.
    fn merged(&self, mapping: NodeId) -> Vec<NodeId> {
        let mut sources = Vec::new();
        if !matches!(self.kind(mapping), Kind::Mapping(_)) {
            return sources;
        }
        for (key, value) in self.entries(mapping) {
            if !self.is_merge_key(key) {
                continue;
            }
            let value = self.resolve(value);
            match self.kind(value) {
                Kind::Mapping(_) => sources.push(value),
                Kind::Sequence(_) => {
                    sources.extend(self.children(value).map(|item| self.resolve(item)));
                }
                _ => {}
            }
        }
        sources
    }

    /// A mapping's entries as Kubernetes reads them: the last of duplicate keys, merge keys looked
    /// through, in the order in which the keys first stand there.
    #[must_use]
    pub fn effective_entries(&self, mapping: NodeId) -> Vec<(NodeId, NodeId)> {
        let mut found: Vec<(NodeId, NodeId)> = Vec::new();
        let mut places = HashMap::new();
        let mut seen = HashSet::from([mapping]);
        self.collect_entries(mapping, &mut found, &mut places, &mut seen, 0);
        found
    }

    /// The same with the keys' texts, of a small mapping whose entries are what they seem: keys that
    /// are scalars, each once, none of them a merge key or an alias.
    pub(super) fn plain_texts(&self, mapping: NodeId) -> Option<Vec<(&str, Node<'_>)>> {
        const FEW: usize = 16;
        if !matches!(self.kind(mapping), Kind::Mapping(_)) {
            return None;
        }
        let mut found: Vec<(&str, Node<'_>)> = Vec::with_capacity(8);
        for (key, value) in self.entries(mapping) {
            let text = self.text(key);
            let plain = matches!(self.kind(key), Kind::Scalar(_)) && text != "<<";
            let again = found.iter().any(|&(known, _)| known == text);
            if !plain || again || found.len() == FEW {
                return None;
            }
            found.push((text, self.node(value)));
        }
        Some(found)
    }

    fn collect_entries<'s>(
        &'s self,
        mapping: NodeId,
        found: &mut Vec<(NodeId, NodeId)>,
        places: &mut HashMap<&'s str, (usize, usize)>,
        seen: &mut HashSet<NodeId>,
        depth: usize,
    ) {
        if depth > DEPTH_LIMIT || !matches!(self.kind(mapping), Kind::Mapping(_)) {
            return;
        }
        let own_level = places.len();
        for (key, value) in self.entries(mapping) {
            if self.is_merge_key(key) {
                continue;
            }
            let name = self.resolve(key);
            if !matches!(self.kind(name), Kind::Scalar(_)) {
                found.push((key, value));
                continue;
            }
            match places.get(self.text(name)) {
                // A key of this very mapping again: the last one counts.
                Some(&(place, rank)) if rank >= own_level => found[place] = (key, value),
                // The merging mapping's own key wins over the merged one.
                Some(_) => {}
                None => {
                    places.insert(self.text(name), (found.len(), places.len()));
                    found.push((key, value));
                }
            }
        }
        for source in self.merged(mapping) {
            if seen.insert(source) {
                self.collect_entries(source, found, places, seen, depth + 1);
            }
        }
    }

    /// The value of a node, aliases expanded and merge keys kept as they stand. Nothing is given where
    /// the `budget` does not suffice, so that no document can make us expand it without bound.
    #[must_use]
    pub fn value(&self, id: NodeId, budget: &mut Budget) -> Option<Value> {
        self.value_at(id, budget, 0)
    }

    fn value_at(&self, id: NodeId, budget: &mut Budget, depth: usize) -> Option<Value> {
        let id = self.resolve(id);
        let text = match self.kind(id) {
            Kind::Scalar(_) => self.text(id).len(),
            _ => 0,
        };
        budget.take(text, depth)?;
        Some(match self.kind(id) {
            Kind::Scalar(style) => Value::Scalar(Scalar {
                text: self.text(id).to_owned().into(),
                plain: style == ScalarStyle::Plain,
                tag: self.tag(id).map(str::to_owned),
            }),
            Kind::Sequence(_) => Value::Sequence(
                self.children(id)
                    .map(|item| self.value_at(item, budget, depth + 1).map(Arc::new))
                    .collect::<Option<_>>()?,
            ),
            Kind::Mapping(_) => {
                let mut entries = Vec::new();
                for (key, value) in self.entries(id) {
                    entries.push((
                        self.value_at(key, budget, depth + 1)?,
                        Arc::new(self.value_at(value, budget, depth + 1)?),
                    ));
                }
                Value::Mapping(entries)
            }
            // Resolved above; an alias of an alias does not exist. What is known has no node here.
            Kind::Alias | Kind::Known => return None,
        })
    }
}
