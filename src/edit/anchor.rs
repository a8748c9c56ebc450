//! Other uses of an edited anchor keep the old value: they are expanded with it
//! (`spec/3-editing.md`, rule 6).

use super::{Draft, EditError, EditNoteKind};
use crate::yaml::{Kind, NodeId};

impl Draft<'_> {
    /// Expands every alias of a node whose value changes, but for those that are replaced anyway.
    pub(super) fn expand_other_aliases(&mut self) -> Result<(), EditError> {
        if !self.tree.has_aliases() {
            return Ok(());
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        let aliases: Vec<NodeId> = self
            .tree
            .ids()
            .filter(|&id| {
                let target = self.tree.target(id);
                target.is_some_and(|target| self.touched.binary_search(&target).is_ok())
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
