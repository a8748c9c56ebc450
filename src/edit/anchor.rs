//! Other uses of an edited anchor keep the old value: they are expanded with it
//! (`spec/3-editing.md`, rule 6).

use super::{EditError, EditNoteKind, Editor};
use crate::yaml::{Kind, NodeId};

impl Editor<'_> {
    /// Expands every alias of a node whose value changes, but for those that are replaced anyway.
    pub(super) fn expand_other_aliases(&mut self) -> Result<(), EditError> {
        if !self.tree.has_aliases() {
            return Ok(());
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        let aliases: Vec<(NodeId, NodeId)> = self
            .tree
            .ids()
            .filter(|&id| self.tree.kind(id) == Kind::Alias)
            .filter_map(|id| Some((id, self.tree.target(id)?)))
            .filter(|(_, target)| self.touched.binary_search(target).is_ok())
            .filter(|&(id, _)| {
                !self
                    .replaced
                    .iter()
                    .any(|&node| self.tree.contains(node, id))
            })
            .collect();
        for (alias, target) in aliases {
            let old = self.value(target)?;
            self.note(EditNoteKind::ExpandedOtherAlias, alias);
            self.replace(alias, &old)?;
        }
        Ok(())
    }
}
