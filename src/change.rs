//! What shall change in a document, in terms of its value: the words that the rules and the editor
//! have in common. The rules make changes and see no text; the editor carries them out and sees no
//! rule.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::yaml::{Node, NodeId, Value};

/// One step down into a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A mapping's key; those of what is injected are known when the program is built.
    Key(Cow<'static, str>),
    /// A sequence's item, counted from 0 in the unchanged document.
    Index(usize),
}

impl From<&'static str> for Segment {
    fn from(key: &'static str) -> Self {
        Self::Key(Cow::Borrowed(key))
    }
}

impl From<String> for Segment {
    fn from(key: String) -> Self {
        Self::Key(Cow::Owned(key))
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A way down from a document's root (or, for the rules, from a pod template). Cheap to clone: many
/// changes share one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Arc<[Segment]>);

impl Path {
    /// The path of the segments, in order.
    pub fn new<S: Into<Segment>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self(segments.into_iter().map(Into::into).collect())
    }

    /// This path and one step more.
    #[must_use]
    pub fn join(&self, segment: impl Into<Segment>) -> Self {
        self.extended(std::iter::once(segment.into()))
    }

    /// This path and more steps.
    #[must_use]
    pub fn extended(&self, segments: impl Iterator<Item = Segment>) -> Self {
        Self(self.0.iter().cloned().chain(segments).collect())
    }

    /// The path of `inner` below this one.
    #[must_use]
    pub fn concat(&self, inner: &Self) -> Self {
        self.extended(inner.0.iter().cloned())
    }
}

impl fmt::Display for Path {
    /// As kubectl writes it: `spec.containers[0].env`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) if index == 0 => write!(f, "{key}")?,
                Segment::Key(key) => write!(f, ".{key}")?,
                Segment::Index(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

/// Finds the nodes that paths lead to. What stands below a large collection is looked at once for all
/// paths that go through it.
#[derive(Debug)]
pub struct Places<'a> {
    root: Node<'a>,
    large: FxHashMap<NodeId, Children<'a>>,
}

#[derive(Debug)]
enum Children<'a> {
    Entries(HashMap<&'a str, Node<'a>>),
    Items(Vec<Node<'a>>),
}

/// Where more is below a collection than this, it is kept.
const LARGE: usize = 32;

impl<'a> Places<'a> {
    /// For paths from `root` down.
    #[must_use]
    pub fn new(root: Node<'a>) -> Self {
        Self {
            root,
            large: FxHashMap::default(),
        }
    }

    /// The node that the path leads to, or the last one on the way that is there.
    pub fn nearest(&mut self, path: &Path) -> Node<'a> {
        let mut at = self.root;
        for segment in path.0.iter() {
            match self.below(at, segment) {
                Some(node) => at = node,
                None => break,
            }
        }
        at
    }

    fn below(&mut self, node: Node<'a>, segment: &Segment) -> Option<Node<'a>> {
        if let Some(children) = self.large.get(&node.id()) {
            return match (children, segment) {
                (Children::Entries(entries), Segment::Key(key)) => entries.get(&**key).copied(),
                (Children::Items(items), Segment::Index(index)) => items.get(*index).copied(),
                _ => None,
            };
        }
        match segment {
            Segment::Key(key) => {
                if node.raw_entries().nth(LARGE).is_some() {
                    let entries = node.entries().into_iter().collect();
                    self.large.insert(node.id(), Children::Entries(entries));
                    return self.below(node, segment);
                }
                node.get(key)
            }
            Segment::Index(index) => {
                if node.each_item().nth(LARGE).is_some() {
                    let items = node.items();
                    self.large.insert(node.id(), Children::Items(items));
                    return self.below(node, segment);
                }
                node.each_item().nth(*index)
            }
        }
    }
}

/// What happens at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The value becomes the last item of the sequence at the path, which is made where it is
    /// missing, empty or null.
    Append(Arc<Value>),
    /// The value becomes the first item of that sequence.
    Prepend(Arc<Value>),
    /// The value at the path is replaced; a missing key is added, and so are missing mappings on
    /// the way to it.
    Set(Arc<Value>),
    /// The item of a sequence at the path becomes the sequence's last one, behind those that are
    /// appended by changes before this one. Other changes below it are made as well.
    MoveLast,
    /// The item of a sequence, or the entry of a mapping, at the path is taken out. Nothing else
    /// happens at or below it. An entry's key stands in its mapping once, and comes by no merge key.
    Remove,
}

/// One change. All changes of a document are carried out together: their paths are those of the
/// unchanged document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where.
    pub path: Path,
    /// What.
    pub operation: Operation,
}

impl Change {
    /// The operation at the path.
    #[must_use]
    pub fn new(path: Path, operation: Operation) -> Self {
        Self { path, operation }
    }
}

/// Changes whose paths all begin at the same place of a document, such as a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// That place.
    pub base: Path,
    /// The changes, with paths from there.
    pub below: Vec<Change>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_kubectl_writes_them() {
        let path = Path::new(["spec", "containers"]).join(0).join("env");
        assert_eq!(path.to_string(), "spec.containers[0].env");
    }
}
