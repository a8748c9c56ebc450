//! The reading side of a [`Tree`], which the rules use: it follows aliases, takes the last of duplicate
//! keys (as Kubernetes does) and looks through merge keys, without ever taking a value apart.

use super::scalar;
use super::tree::{Kind, NodeId, ScalarStyle, Tree};
use crate::source::Span;

/// A node as the rules read it: aliases followed, duplicate and merge keys resolved.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) id: NodeId,
}

impl<'a> Node<'a> {
    /// Where the node stands, as written (an alias is not followed).
    #[must_use]
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The tree that it stands in.
    #[must_use]
    pub fn tree(self) -> &'a Tree<'a> {
        self.tree
    }

    /// The node's bytes in the document's text, as written.
    #[must_use]
    pub fn span(self) -> Span {
        self.tree.span(self.id)
    }

    fn content(self) -> NodeId {
        self.tree.resolve(self.id)
    }

    /// The value of a mapping's key; nothing for other nodes.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.tree
            .lookup(self.content(), key)
            .map(|id| self.tree.node(id))
    }

    /// The values of several of a mapping's keys, as [`Node::get`] gives each.
    #[must_use]
    #[allow(
        clippy::inline_always,
        reason = "the keys are known where it is called: comparing them is a load each"
    )]
    #[inline(always)]
    pub fn get_all<const N: usize>(self, keys: [&str; N]) -> [Option<Node<'a>>; N] {
        let found = self.tree.lookup_all(self.content(), keys);
        found.map(|id| id.map(|id| self.tree.node(id)))
    }

    /// The node at the end of a chain of keys.
    #[must_use]
    pub fn at(self, keys: &[&str]) -> Option<Node<'a>> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// A sequence's items; nothing for other nodes.
    #[must_use]
    pub fn items(self) -> Vec<Node<'a>> {
        let id = self.content();
        if self.is_sequence() {
            self.tree
                .children(id)
                .map(|item| self.tree.node(item))
                .collect()
        } else {
            Vec::new()
        }
    }

    /// The same one by one, without a list of them.
    pub fn each_item(self) -> impl Iterator<Item = Node<'a>> {
        let is_sequence = self.is_sequence();
        self.tree
            .children(self.content())
            .take_while(move |_| is_sequence)
            .map(|item| self.tree.node(item))
    }

    /// A mapping's entries with their keys' texts (keys that are no scalars are left out).
    #[must_use]
    pub fn entries(self) -> Vec<(&'a str, Node<'a>)> {
        let id = self.content();
        if let Some(entries) = self.tree.plain_texts(id) {
            return entries;
        }
        self.tree
            .effective_entries(id)
            .into_iter()
            .filter_map(|(key, value)| {
                let key = self.tree.resolve(key);
                matches!(self.tree.kind(key), Kind::Scalar(_))
                    .then(|| (self.tree.text(key), self.tree.node(value)))
            })
            .collect()
    }

    /// A mapping's entries as they stand, duplicates and merge keys included, with the keys' nodes.
    pub fn raw_entries(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let id = self.content();
        let is_mapping = self.is_mapping();
        self.tree
            .entries(id)
            .take_while(move |_| is_mapping)
            .map(|(key, value)| (self.tree.node(key), self.tree.node(value)))
    }

    /// A scalar's decoded text, whatever it would be resolved to; nothing for other nodes and for
    /// null.
    #[must_use]
    #[inline]
    pub fn as_str(self) -> Option<&'a str> {
        let id = self.content();
        (self.tree.is_scalar(id) && !self.tree.is_null(id)).then(|| self.tree.text(id))
    }

    /// The text of a scalar that is surely a string: quoted, a block, or tagged so; or plain text
    /// that Kubernetes reads as a string.
    #[must_use]
    pub fn as_string(self) -> Option<&'a str> {
        let id = self.content();
        let Kind::Scalar(style) = self.tree.kind(id) else {
            return None;
        };
        let is_string = match self.tree.tag(id) {
            Some(tag) => tag == scalar::STRING_TAG || tag == "!",
            None => style != ScalarStyle::Plain || scalar::is_string(self.tree.text(id)),
        };
        is_string.then(|| self.tree.text(id))
    }

    /// Whether the node is an untagged plain scalar that is null (`~`, `null`, nothing).
    #[must_use]
    pub fn is_null(self) -> bool {
        self.tree.is_null(self.content())
    }

    /// `true` or `false` where the node is an untagged plain scalar that Kubernetes reads as one.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        let id = self.content();
        (self.tree.kind(id) == Kind::Scalar(ScalarStyle::Plain) && self.tree.tag(id).is_none())
            .then(|| scalar::as_bool(self.tree.text(id)))
            .flatten()
    }

    /// Whether the node is a mapping.
    #[must_use]
    pub fn is_mapping(self) -> bool {
        matches!(self.tree.kind(self.content()), Kind::Mapping(_))
    }

    /// Whether the node is a sequence.
    #[must_use]
    pub fn is_sequence(self) -> bool {
        matches!(self.tree.kind(self.content()), Kind::Sequence(_))
    }

    /// Whether the node is a scalar (null included).
    #[must_use]
    pub fn is_scalar(self) -> bool {
        matches!(self.tree.kind(self.content()), Kind::Scalar(_))
    }

    /// What the node is, in words for a message.
    #[must_use]
    pub fn describe(self) -> &'static str {
        if self.is_null() {
            return "null";
        }
        match self.tree.kind(self.content()) {
            Kind::Mapping(_) => "a mapping",
            Kind::Sequence(_) => "a list",
            Kind::Scalar(_) if self.as_string().is_some() => "a string",
            Kind::Scalar(_) if self.as_bool().is_some() => "a boolean",
            Kind::Scalar(_) | Kind::Alias | Kind::Known => "a number",
        }
    }
}
