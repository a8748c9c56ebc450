//! Changes to byte edits on the original text, to the new text, checked.
//!
//! The changes are planned against the tree of the unchanged document; each becomes ranges of its
//! text that are replaced. One pass splices them. Nothing is parsed again in between and nothing is
//! printed back from a tree, so what is not edited stays the same bytes (`spec/3-editing.md`).
//!
//! - `ground`: the document that is edited, and what its parts come to;
//! - `patch`: the changes as a tree of their paths;
//! - `style`: what the surroundings look like;
//! - `block`, `flow`, `scalar`: where text goes and how it looks;
//! - `lines`: the lines of what is put into many documents, made once;
//! - `remove`: what is taken out, with its lines and the comments on them;
//! - `shorten`: text that is taken out of a scalar;
//! - `anchor`: what to do about other uses of an edited anchor;
//! - `kept`: the lines that stay;
//! - `abridged`: the new text, without what is known of it;
//! - `refuse`: what readers of YAML take differently, so that nothing may be put there;
//! - `new_text`: the result, in pieces;
//! - `verify`: the new text, parsed again, is exactly the intended value.

mod abridged;
mod anchor;
mod block;
mod flow;
mod ground;
mod kept;
mod lines;
mod new_text;
mod patch;
mod refuse;
mod remove;
#[cfg(test)]
mod remove_tests;
mod scalar;
mod shorten;
mod style;
mod verify;

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use crate::change::{Changes, Segment};
use crate::source::Span;
use crate::yaml::{Budget, Excess, Kind, Layout, NodeId, Spare, Tree, Value};

use abridged::{Abridged, Extent, abridge};
use block::Added;
use lines::{Lines, NewLines};
use new_text::{Stretch, new_text};
use patch::{Misfit, Patch};
use style::{Memory, Surroundings};

pub use ground::{EditedPart, Ground};
pub use new_text::NewText;

/// A document's new text, and what the user should know of how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The new text; nothing where the changes make no difference.
    pub new: Option<NewText>,
    /// What happened besides adding text.
    pub notes: Vec<EditNote>,
}

/// Something that happened besides adding text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EditNote {
    /// What.
    pub kind: EditNoteKind,
    /// Where, in bytes of the unchanged text.
    pub span: Span,
}

/// The kinds of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EditNoteKind {
    /// An alias was replaced by what it stood for, since this use of it was to change.
    ExpandedEditedAlias,
    /// An alias was replaced by what it stood for, since its anchor's node was to change.
    ExpandedOtherAlias,
    /// A key that came by a merge key was written out.
    WrittenOutMergedKey,
    /// A key stands there more than once; the last one counts.
    DuplicateKey,
}

/// Why a document cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditError {
    /// What is in the way.
    pub message: String,
    /// Where, in bytes of the unchanged text.
    pub span: Span,
    /// What to do about it.
    pub hint: &'static str,
    /// True where the check of the result failed: a defect of this program, not of the input.
    pub internal: bool,
    /// What aliases make too much of, where it is that.
    pub excess: Option<Excess>,
}

const WRITE_PLAINLY: &str = "write this part of the document in plain block style";
const REPORT_IT: &str = "this is a defect of datakit-inject: please report it with the document";

/// Edits documents. It keeps the lines that it makes of a value for the next document that the same
/// value goes into, and its memory, so each thread has its own.
#[derive(Debug, Default)]
pub struct Editor {
    /// How much the aliases of a document may be expanded to.
    aliases: Budget,
    lines: Lines,
    spare: Spare,
    /// The new text of the document at hand, which is read again.
    new_text: String,
    /// Room for about as many edits as the document before had: the parts of a list have as many.
    edits: usize,
}

impl Editor {
    /// An editor that expands the aliases of a document to no more than that.
    #[must_use]
    pub fn new(aliases: Budget) -> Self {
        Self {
            aliases,
            ..Self::default()
        }
    }

    /// Keeps little for documents to come, where their new texts are not kept either.
    pub fn keep_little(&mut self) {
        self.lines.keep_few();
    }

    /// Carries out the changes on a document.
    ///
    /// The result has been parsed again and is exactly the intended value.
    ///
    /// # Errors
    /// Where the document is written in a way that the changes cannot be carried out on, or the
    /// check of the result fails.
    pub fn edit(&mut self, tree: &Tree<'_>, changes: &[Changes]) -> Result<Edited, EditError> {
        let root = ground::root(tree)?;
        let patch =
            Patch::new(changes).map_err(|misfit| EditError::from_misfit(misfit, Span::at(0)))?;
        if patch.is_empty() {
            return Ok(Edited {
                new: None,
                notes: Vec::new(),
            });
        }
        let ground = Ground::new(tree)?;
        let at = Surroundings {
            text: ground.text(),
            tree,
            memory: &Memory::default(),
        };
        let mut plan = self.plan(at, root, &patch)?;
        let gone = plan.lines_gone_above_others(ground.text());
        if !gone.is_empty() {
            // What a text may look like depends on the lines that come to stand behind it.
            let memory = &Memory::without_lines(gone);
            plan = self.plan(Surroundings { memory, ..at }, root, &patch)?;
        }
        let notes = std::mem::take(&mut plan.notes);
        let new = self.new_text(at, root, &patch, plan)?;
        Ok(Edited { new, notes })
    }

    /// Plans and checks a part of the changes of a document that [can be edited in
    /// parts](Ground::can_be_edited_in_parts). Gives nothing where they are to be carried out together with
    /// the others.
    pub fn edit_part(&mut self, ground: &Ground<'_>, changes: &[Changes]) -> Option<EditedPart> {
        let (tree, text) = (ground.tree(), ground.text());
        let root = tree.root()?;
        let patch = Patch::new(changes).ok()?;
        let memory = &ground.memory();
        let at = Surroundings { text, tree, memory };
        let plan = self.plan(at, root, &patch).ok()?;
        if plan.removed || !plan.lines_gone_above_others(text).is_empty() {
            return None;
        }
        let Plan { edits, notes, .. } = plan;
        refuse::tabs_behind(tree, text, &edits).ok()?;
        let kept = kept::lines(at, &patch);
        ground.learn(memory);
        let new_text = &mut self.new_text;
        let abridged = abridge(text, &edits, &kept, Extent::Beginning, new_text).ok()?;
        let fits = verify::fits(tree, &patch, new_text, &abridged, &mut self.spare);
        debug_assert!(
            !fits
                || splice(text, &edits)
                    .is_ok_and(|whole| verify::is_whole(tree, root, &patch, &whole) == Ok(true)),
            "what is known is not what was asked for"
        );
        fits.then(|| EditedPart {
            stretch: Stretch::new(edits),
            notes,
        })
    }

    /// Carries out a plan on a document's text, with a line break at its end, and checks what comes of it.
    /// Gives nothing where it makes no difference.
    fn new_text(
        &mut self,
        at: Surroundings<'_>,
        root: NodeId,
        patch: &Patch<'_>,
        plan: Plan,
    ) -> Result<Option<NewText>, EditError> {
        let Plan {
            edits,
            removed,
            open_end_stays,
            ..
        } = plan;
        let Surroundings { text, tree, .. } = at;
        let length = tree.source_text().len();
        let is_open = length < text.len();
        refuse::tabs_behind(tree, text, &edits)?;
        // Where something is taken out, or a line break is none of the text's, lines can come to mean
        // something else: none of the old ones are known then, and the others are looked at whole. Nothing
        // of that is so in JSON.
        let is_whole = (is_open || removed) && !tree.is_json();
        let extent = if is_whole {
            Extent::Whole
        } else {
            Extent::Beginning
        };
        let kept = if is_whole || removed {
            Vec::new()
        } else {
            kept::lines(at, patch)
        };
        let abridged = abridge(text, &edits, &kept, extent, &mut self.new_text)?;
        let needs_break = edits
            .last()
            .is_some_and(|edit| edit.start == text.len() && edit.needs_break)
            || (is_open && !open_end_stays && remove::ends_in_block_scalar(&self.new_text));
        let mut surplus = 0;
        if is_open && !needs_break {
            let new_text = &self.new_text;
            let end = new_text
                .strip_suffix("\r\n")
                .or_else(|| new_text.strip_suffix('\n'));
            let end = end.map_or(new_text.len(), str::len);
            surplus = new_text.len() - end;
            self.new_text.truncate(end);
        }
        let whole = || {
            if is_whole {
                return Cow::Borrowed(self.new_text.as_str());
            }
            // They have been put into the text before: none overlap.
            let mut whole = splice(text, &edits).unwrap_or_default();
            whole.truncate(whole.len().saturating_sub(surplus));
            Cow::Owned(whole)
        };
        let result = verify::NewDocument {
            text: &self.new_text,
            abridged: &abridged,
            whole: &whole,
        };
        // Of JSON more is read again than of YAML: memory for that is kept where parts of a list follow each
        // other, and not from one file to the next.
        let none = &mut Spare::default();
        let spare = if tree.is_json() {
            none
        } else {
            &mut self.spare
        };
        verify::verify(tree, patch, &result, spare).map_err(|message| {
            let swallowed = removed.then(|| refuse::swallowed_comment(tree, &whole()));
            let refusal = refuse::quotes(tree, &message).or(swallowed.flatten());
            refusal.unwrap_or(EditError {
                message,
                span: tree.span(root),
                hint: REPORT_IT,
                internal: true,
                excess: None,
            })
        })?;
        let new = if is_whole && is_open {
            NewText::whole(self.new_text.clone())
        } else {
            new_text(text, length, surplus, [Stretch::new(edits)])
        };
        Ok(Some(new).filter(|new| !new.is_same(tree.source_text())))
    }

    /// Plans what a patch asks for at the root of a document, whose text has a line break at its end.
    fn plan(
        &mut self,
        at: Surroundings<'_>,
        root: NodeId,
        patch: &Patch<'_>,
    ) -> Result<Plan, EditError> {
        let mut draft = Draft {
            at,
            tree: at.tree,
            text: at.text,
            lines: &mut self.lines,
            aliases: self.aliases,
            open_end: at.text.len() != at.tree.source_text().len(),
            edits: Vec::with_capacity(self.edits),
            touched: Vec::new(),
            moved: Vec::new(),
            replaced: HashSet::new(),
            chomped: false,
            removed: false,
            notes: Vec::new(),
        };
        draft.node(root, patch)?;
        draft.expand_other_aliases()?;
        let open_end_stays = draft.open_end_stays();
        draft.refuse_longer_texts()?;
        let Draft {
            mut edits,
            notes,
            removed,
            ..
        } = draft;
        // Rounded up to a power of two: blocks of few sizes are used again by the allocator.
        self.edits = edits.len().next_power_of_two().clamp(32, 4096);
        sort(&mut edits);
        Ok(Plan {
            edits,
            notes,
            removed,
            open_end_stays,
        })
    }
}

/// What is done to a document.
struct Plan {
    /// In the order of the text.
    edits: Vec<TextEdit>,
    notes: Vec<EditNote>,
    /// Whether anything is taken out.
    removed: bool,
    /// Whether the block scalar that ends a text without a line break is there still, as it was.
    open_end_stays: bool,
}

impl Plan {
    /// The ranges of whole lines that go, where empty lines, lines of blanks or comments that are indented
    /// follow one of them: those can become part of the text in front.
    fn lines_gone_above_others(&self, text: &str) -> Vec<Span> {
        let begins_line = |at: usize| at == 0 || text[..at].ends_with('\n');
        let mut gone: Vec<Span> = Vec::new();
        for edit in &self.edits {
            let is_gone = edit.text.is_empty() && begins_line(edit.start) && begins_line(edit.end);
            match gone.last_mut() {
                Some(last) if is_gone && last.end == edit.start => last.end = edit.end,
                _ if is_gone => gone.push(Span::new(edit.start, edit.end)),
                _ => {}
            }
        }
        let can_be_text = |line: &str| {
            let content = line.trim_start_matches([' ', '\t', '\r']);
            content.is_empty() || (content.starts_with('#') && content.len() < line.len())
        };
        let above_such = |span: &Span| {
            let line = text[span.end..].split('\n').next();
            span.end < text.len() && line.is_some_and(can_be_text)
        };
        if gone.iter().any(above_such) {
            gone
        } else {
            Vec::new()
        }
    }
}

/// The check alone that [`Editor::edit`] ends with, with nothing known of the new text. Only to
/// measure it by itself (`benches/stages.rs`).
///
/// # Errors
/// Where the new text is not what the changes make of the document.
#[doc(hidden)]
pub fn check(tree: &Tree<'_>, changes: &[Changes], new_text: &str) -> Result<(), String> {
    let patch = Patch::new(changes).map_err(|misfit| format!("{misfit:?}"))?;
    let result = verify::NewDocument {
        text: new_text,
        abridged: &Abridged::default(),
        whole: &|| Cow::Borrowed(new_text),
    };
    verify::verify(tree, &patch, &result, &mut Spare::default())
}

/// One range of the original text and what takes its place.
#[derive(Clone, Debug)]
struct TextEdit {
    start: usize,
    end: usize,
    text: Text,
    /// How deep in the tree the new text stands: of two insertions at one place the deeper one
    /// belongs to what stands in front, and comes first.
    depth: usize,
    /// Whether the new text ends with a line break that belongs to its value.
    needs_break: bool,
}

/// New text: of this document alone, or the same in many.
#[derive(Clone, Debug)]
enum Text {
    Own(String),
    Shared(Arc<NewLines>),
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Own(text) => text,
            Self::Shared(lines) => &lines.text,
        }
    }
}

/// The edits of a document, as far as they are known.
struct Draft<'a> {
    at: Surroundings<'a>,
    tree: &'a Tree<'a>,
    /// The document with a line break at its end.
    text: &'a str,
    lines: &'a mut Lines,
    /// What may still be made of aliases.
    aliases: Budget,
    /// Whether that line break was missing.
    open_end: bool,
    edits: Vec<TextEdit>,
    /// Nodes whose value changes: those on the way to a change, and those below a moved or
    /// replaced one.
    touched: Vec<NodeId>,
    /// Nodes that move, in a document with aliases.
    moved: Vec<NodeId>,
    /// Nodes whose text is replaced as a whole.
    replaced: HashSet<NodeId>,
    /// Whether the header of the block scalar that ends the text has been adapted.
    chomped: bool,
    /// Whether anything is taken out.
    removed: bool,
    notes: Vec<EditNote>,
}

impl Draft<'_> {
    /// Replaces a range of the text.
    fn push(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.push_text(start, end, Text::Own(text.into()));
    }

    fn push_text(&mut self, start: usize, end: usize, text: Text) {
        if start < end || !text.is_empty() {
            self.edits.push(TextEdit {
                start,
                end,
                text,
                depth: 0,
                needs_break: false,
            });
        }
    }

    fn note(&mut self, kind: EditNoteKind, id: NodeId) {
        self.notes.push(EditNote {
            kind,
            span: self.tree.span(id),
        });
    }

    fn error(&self, message: impl Into<String>, id: NodeId) -> EditError {
        EditError::new(message, self.tree.span(id))
    }

    fn misfit(&self, id: NodeId) -> impl FnOnce(Misfit) -> EditError + use<> {
        let span = self.tree.span(id);
        move |misfit| EditError::from_misfit(misfit, span)
    }

    /// A node's value with its aliases expanded.
    fn value(&mut self, id: NodeId) -> Result<Arc<Value>, EditError> {
        refuse::own_tag(self.tree, id)?;
        let value = self.tree.value(id, &mut self.aliases);
        value.map(Arc::new).ok_or_else(|| EditError {
            excess: self.aliases.excess,
            ..self
                .error("this alias expands to too much", id)
                .hint("write out here what the alias stands for")
        })
    }

    /// Plans what a patch asks for at a node and below it.
    fn node(&mut self, id: NodeId, patch: &Patch<'_>) -> Result<(), EditError> {
        if let Some(value) = patch.set {
            self.touch_all(id);
            if self.tree.kind(id) == Kind::Alias {
                self.note(EditNoteKind::ExpandedEditedAlias, id);
            }
            return self.replace(id, value);
        }
        if self.tree.kind(id) == Kind::Alias {
            let old = self.value(id)?;
            let new = patch.apply(Some(old)).map_err(self.misfit(id))?;
            self.note(EditNoteKind::ExpandedEditedAlias, id);
            return self.replace(id, &new);
        }
        if self.tree.has_aliases() {
            self.touched.push(id);
        }
        let node = self.tree.node(id);
        if self.tree.is_null(id) || self.tree.children(id).next().is_none() {
            if node.is_scalar() && !node.is_null() {
                return Err(self.error(format!("this is {}", node.describe()), id));
            }
            refuse::own_tag(self.tree, id)?;
            let new = patch.apply(None).map_err(self.misfit(id))?;
            return if self.holds_comment(id) {
                self.fill(id, &new);
                Ok(())
            } else {
                self.replace(id, &new)
            };
        }
        match self.tree.kind(id) {
            Kind::Mapping(layout) => self.mapping(id, layout, patch),
            Kind::Sequence(layout) => self.sequence(id, layout, patch),
            Kind::Scalar(_) | Kind::Alias | Kind::Known => {
                Err(self.error(format!("this is {}", node.describe()), id))
            }
        }
    }

    fn mapping(&mut self, id: NodeId, layout: Layout, patch: &Patch<'_>) -> Result<(), EditError> {
        let mut added = Vec::new();
        for (segment, child) in &patch.children {
            let Segment::Key(key) = segment else {
                return Err(self.error("this is a mapping, not a list", id));
            };
            let mut entries = self.tree.own_entries(id, key);
            let first = entries.next();
            let last = entries.last();
            if let Some((name, value)) = last.or(first) {
                if last.is_some() {
                    self.note(EditNoteKind::DuplicateKey, name);
                }
                self.node(value, child)?;
                continue;
            }
            let inherited = match self.tree.inherited(id, key) {
                Some(merged) => {
                    let merge_key = self
                        .tree
                        .entries(id)
                        .find(|&(key, _)| self.tree.is_merge_key(key));
                    let place = merge_key.map_or(merged, |(key, _)| key);
                    self.note(EditNoteKind::WrittenOutMergedKey, place);
                    Some(self.value(merged)?)
                }
                None => None,
            };
            added.push((
                key,
                match inherited {
                    None => Added::New(child),
                    Some(_) => Added::Value(child.apply(inherited).map_err(self.misfit(id))?),
                },
            ));
        }
        if patch.removes_any() && self.take_out(id, patch, added.len())? {
            return Ok(());
        }
        if added.is_empty() {
            return Ok(());
        }
        match layout {
            Layout::Block => self.add_block_entries(id, &added)?,
            Layout::Flow => self.add_flow_entries(id, &added, patch)?,
        }
        Ok(())
    }

    fn sequence(&mut self, id: NodeId, layout: Layout, patch: &Patch<'_>) -> Result<(), EditError> {
        let tree = self.tree;
        let items = tree.items(id);
        for (segment, child) in &patch.children {
            let Segment::Index(index) = segment else {
                return Err(self.error("this is a list, not a mapping", id));
            };
            let item = self.item(id, &items, *index)?;
            // One that moves is edited where its text is taken from.
            if !patch.moves(*index) {
                self.node(item, child)?;
            }
        }
        if patch.removes_any()
            && self.take_out(id, patch, patch.prepend.len() + patch.tail.len())?
        {
            return Ok(());
        }
        match layout {
            Layout::Block => self.change_block_items(id, &items, patch),
            Layout::Flow => self.change_flow_items(id, &items, patch),
        }
    }

    /// The item at a position of a sequence.
    fn item(&self, id: NodeId, items: &[NodeId], index: usize) -> Result<NodeId, EditError> {
        let item = items.get(index).copied();
        item.ok_or_else(|| self.error("the list has no such item", id))
    }

    /// The column that the lines of a node in block style are deeper than: that of its mapping's
    /// keys, or of its dash; what is the whole document stands as if in column 0.
    fn base_column(&self, id: NodeId) -> usize {
        let base = match self.tree.parent(id) {
            None => return 0,
            Some(parent) if matches!(self.tree.kind(parent), Kind::Mapping(_)) => {
                self.tree.span(parent).start
            }
            _ => self.tree.lead(id).unwrap_or(self.tree.span(id).start),
        };
        self.at.column(base)
    }

    /// Plans what a patch asks for at a node, and gives the new text of a range around it instead
    /// of leaving the edits among the others.
    fn edited_range(
        &mut self,
        id: NodeId,
        patch: Option<&Patch<'_>>,
        range: Span,
    ) -> Result<String, EditError> {
        self.touch_all(id);
        if self.tree.has_aliases() {
            self.moved.push(id);
        }
        let before = self.edits.len();
        if let Some(patch) = patch {
            self.node(id, patch)?;
        }
        self.expand_aliases_in(id)?;
        self.chomp_open_block_scalar(id);
        let mut edits = self.edits.split_off(before);
        sort(&mut edits);
        let edits = edits
            .into_iter()
            .map(|edit| {
                let start = edit.start.checked_sub(range.start);
                let end = edit.end.checked_sub(range.start);
                match (start, end) {
                    (Some(start), Some(end)) if edit.end <= range.end => {
                        Ok(TextEdit { start, end, ..edit })
                    }
                    _ => Err(self.error("this item cannot be moved", id)),
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        splice(&self.text[range.start..range.end], &edits)
    }

    /// Replaces a node by a value, where it stands.
    fn replace(&mut self, id: NodeId, value: &Value) -> Result<(), EditError> {
        self.replaced.insert(id);
        let around = self.tree.parent(id).map(|parent| self.tree.kind(parent));
        match (value, around) {
            (Value::Scalar(scalar), _) if self.is_own_scalar(id) => {
                self.replace_scalar(id, scalar);
            }
            (_, Some(Kind::Mapping(Layout::Block))) => self.replace_in_block(id, value, true)?,
            (_, Some(Kind::Sequence(Layout::Block))) => self.replace_in_block(id, value, false)?,
            _ => self.replace_in_flow(id, value)?,
        }
        Ok(())
    }

    /// Whether the node is a scalar with text of its own.
    fn is_own_scalar(&self, id: NodeId) -> bool {
        let span = self.tree.span(id);
        matches!(self.tree.kind(id), Kind::Scalar(_)) && span.start < span.end
    }

    fn touch_all(&mut self, id: NodeId) {
        if self.tree.has_aliases() {
            self.touched.extend(self.tree.subtree(id));
        }
    }
}

impl EditError {
    fn new(message: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            span,
            hint: WRITE_PLAINLY,
            internal: false,
            excess: None,
        }
    }

    fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    fn from_misfit(misfit: Misfit, span: Span) -> Self {
        Self::new(misfit.0, span)
    }
}

/// Insertions stand in front of what is replaced at their place, deeper ones in front of others;
/// those of one depth keep the order in which they were planned, since the sort is stable.
fn sort(edits: &mut [TextEdit]) {
    edits.sort_by_key(|edit| (edit.start, edit.end, Reverse(edit.depth)));
}

/// The text with its edits, which are sorted.
///
/// # Errors
/// Where two of them overlap.
fn splice(text: &str, edits: &[TextEdit]) -> Result<String, EditError> {
    let mut whole = String::new();
    abridge(text, edits, &[], Extent::Whole, &mut whole)?;
    Ok(whole)
}
