//! The document that changes are carried out on, looked at once; and what comes of it where they were
//! carried out in parts.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Mutex;

use super::new_text::{Stretch, new_text};
use super::style::{Findings, Memory, Surroundings};
use super::{EditError, EditNote, Edited, refuse};
use crate::source::Span;
use crate::yaml::{NodeId, Tree};

/// A document that can be edited.
#[derive(Debug)]
pub struct Ground<'t> {
    tree: &'t Tree<'t>,
    /// The document with a line break at its end: a final one that is missing is added, and taken away again.
    text: Cow<'t, str>,
    /// What has been found out about it so far.
    findings: Mutex<Findings>,
}

/// The edits that a part of the changes comes to. They have been checked.
#[derive(Debug, Default)]
pub struct EditedPart {
    pub(super) stretch: Stretch,
    pub(super) notes: Vec<EditNote>,
}

/// The root of a document.
///
/// # Errors
/// A document without a value has nothing that could be changed, and no place for it.
pub(super) fn root(tree: &Tree<'_>) -> Result<NodeId, EditError> {
    let root = tree.root().filter(|&root| {
        let Span { start, end } = tree.outer_span(root);
        start < end
    });
    root.ok_or_else(|| EditError::new("the document is empty", Span::at(0)))
}

impl<'t> Ground<'t> {
    /// Looks at a document.
    ///
    /// # Errors
    /// Where it is written in a way that nothing can be changed in it.
    pub fn new(tree: &'t Tree<'t>) -> Result<Self, EditError> {
        root(tree)?;
        // The scanner takes no such text.
        if !tree.is_plain_block_style() {
            refuse::line_breaks(tree)?;
            refuse::anchors(tree)?;
            refuse::signs_in_brackets(tree)?;
        }
        let text = tree.source_text();
        let text = if text.ends_with('\n') {
            Cow::Borrowed(text)
        } else {
            let memory = &Memory::default();
            let newline = Surroundings { text, tree, memory }.newline(text.len());
            Cow::Owned(format!("{text}{newline}"))
        };
        Ok(Self {
            tree,
            text,
            findings: Mutex::default(),
        })
    }

    pub(super) fn tree(&self) -> &'t Tree<'t> {
        self.tree
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What a part of the changes begins with, and leaves for the others [at its end](Self::learn).
    pub(super) fn memory(&self) -> Memory {
        let findings = self.findings.lock();
        Memory::knowing(findings.map_or_else(|_| Findings::default(), |own| own.clone()))
    }

    /// Keeps what a part of the changes found out.
    pub(super) fn learn(&self, memory: &Memory) {
        if let Ok(mut findings) = self.findings.lock() {
            memory.tell(self.tree, &mut findings);
        }
    }

    /// Whether what becomes of one item of a list depends on its own text alone, so that changes of
    /// different items can be planned and checked one after the other, each as if the others were not.
    #[must_use]
    pub fn can_be_edited_in_parts(&self) -> bool {
        let tree = self.tree;
        let is_open = matches!(self.text, Cow::Owned(_));
        let is_known = tree.is_json() || (tree.is_plain_block_style() && !is_open);
        is_known && !tree.has_aliases() && !tree.has_merge_keys()
    }

    /// What the parts come to, which are in the order of the text. Gives nothing where one reaches into
    /// another.
    #[must_use]
    pub fn join(&self, parts: impl IntoIterator<Item = EditedPart>) -> Option<Edited> {
        let (mut stretches, mut notes) = (Vec::new(), Vec::new());
        let (mut told, mut end) = (HashSet::new(), 0);
        for mut part in parts {
            if !part.stretch.is_empty() {
                if part.stretch.span.start < end {
                    return None;
                }
                end = part.stretch.span.end;
                stretches.push(part.stretch);
            }
            // What is odd on the way to the items is met on the way to those of each part.
            part.notes
                .retain(|note| told.insert((note.kind, note.span)));
            notes.append(&mut part.notes);
        }
        if stretches.is_empty() {
            return Some(Edited { new: None, notes });
        }
        let old = self.tree.source_text();
        let surplus = self.text.len() - old.len();
        let new = new_text(&self.text, old.len(), surplus, stretches);
        Some(Edited {
            new: Some(new).filter(|new| !new.is_same(old)),
            notes,
        })
    }
}
