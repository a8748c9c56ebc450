//! Other uses of an edited anchor keep the old value: they are expanded with it
//! (`spec/3-editing.md`, rule 6).

use super::{Draft, EditError, EditNoteKind};
use crate::yaml::{Kind, NodeId, Tree};

/// The anchors of what moves, which another node may have as well.
struct MovedAnchors<'t> {
    tree: &'t Tree<'t>,
    /// Each with where it goes to.
    names: Vec<(&'t str, usize)>,
}

impl<'t> MovedAnchors<'t> {
    fn of(tree: &'t Tree<'t>, moved: &[NodeId]) -> Self {
        let mut names = Vec::new();
        for &root in moved {
            for node in tree.subtree(root) {
                let (outer, content) = (tree.outer_span(node), tree.span(node));
                let front = tree.source_text().get(outer.start..content.start);
                let mut words = front.unwrap_or_default().split_ascii_whitespace();
                let anchor = words.find_map(|word| word.strip_prefix('&'));
                // It goes to the end of its list.
                let list = tree.parent(root).unwrap_or(root);
                names.extend(anchor.map(|name| (name, tree.span(list).end)));
            }
        }
        Self { tree, names }
    }

    /// Whether a moved anchor may come to stand between an alias and the node that it stands for.
    fn comes_between(&self, alias: NodeId) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let span = self.tree.span(alias);
        let text = self.tree.source_text().get(span.start..span.end);
        let name = text.and_then(|text| text.strip_prefix('*'));
        self.names
            .iter()
            .any(|(own, place)| name == Some(own) && *place <= span.start)
    }
}

impl Draft<'_> {
    /// Expands every alias of a node whose value changes, but for those that are replaced anyway.
    pub(super) fn expand_other_aliases(&mut self) -> Result<(), EditError> {
        if !self.tree.has_aliases() {
            return Ok(());
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        let anchors = MovedAnchors::of(self.tree, &self.moved);
        let aliases: Vec<NodeId> = self
            .tree
            .ids()
            .filter(|&id| {
                let target = self.tree.target(id);
                target.is_some_and(|target| {
                    self.touched.binary_search(&target).is_ok() || anchors.comes_between(id)
                })
            })
            .collect();
        self.expand(&aliases)
    }

    /// Expands the aliases at and below a node that moves: behind another place of the text they
    /// could stand for something else.
    pub(super) fn expand_aliases_in(&mut self, id: NodeId) -> Result<(), EditError> {
        if !self.tree.has_aliases() {
            return Ok(());
        }
        let below = self.tree.subtree(id);
        let aliases: Vec<NodeId> = below
            .filter(|&node| self.tree.kind(node) == Kind::Alias)
            .collect();
        self.expand(&aliases)
    }

    fn expand(&mut self, aliases: &[NodeId]) -> Result<(), EditError> {
        for &alias in aliases {
            let gone = self.replaced.contains(&alias)
                || self
                    .tree
                    .ancestors(alias)
                    .any(|above| self.replaced.contains(&above));
            if gone {
                continue;
            }
            let old = self.value(alias)?;
            self.note(EditNoteKind::ExpandedOtherAlias, alias);
            self.replace(alias, &old)?;
        }
        Ok(())
    }
}
