//! Rule 2 of editing without reformatting: every line that was there is there still, in order, but
//! for those whose value is replaced, extended or expanded, and those of items that move.
//!
//! Which lines these are is told by the tree of the unchanged document and the changes, not by the
//! editor and not by how a line looks.

use datakit_inject::change::{Change, Operation, Segment};
use datakit_inject::source::Span;
use datakit_inject::yaml::{Kind, Layout, NodeId, Tree};

/// What may become of a line of the old text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It stays where it is.
    Stays,
    /// It stays, somewhere else.
    Moves,
    /// It may be another one.
    Changes,
}

/// The lines of a text; a comma more at a line's end is no difference.
fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(|line| line.trim_end().trim_end_matches(','))
        .collect()
}

/// The first line that must have stayed and has not, or that must still be somewhere and is not.
pub fn lost_line(tree: &Tree<'_>, changes: &[Change], new: &str) -> Option<String> {
    let old = tree.source_text();
    let fates = fates(tree, changes);
    let (old_lines, new_lines) = (lines(old), lines(new));
    let mut rest = new_lines.iter();
    for (line, fate) in old_lines.iter().zip(&fates) {
        let kept = match fate {
            Fate::Stays => rest.any(|other| other == line),
            Fate::Moves => new_lines.contains(line),
            Fate::Changes => true,
        };
        if !kept {
            return Some((*line).to_owned());
        }
    }
    None
}

/// What may become of each line.
pub fn fates(tree: &Tree<'_>, changes: &[Change]) -> Vec<Fate> {
    let text = tree.source_text();
    let mut fates = Fates {
        starts: std::iter::once(0)
            .chain(text.match_indices('\n').map(|(feed, _)| feed + 1))
            .collect(),
        blank: text
            .lines()
            .map(|line| line.trim().is_empty() || line.trim().starts_with('#'))
            .collect(),
        of: Vec::new(),
    };
    fates.of = vec![Fate::Stays; fates.starts.len()];
    if let Some(root) = tree.root() {
        for change in changes {
            fates.change(tree, root, change);
        }
    }
    // Uses of an anchor are written out where its value changes.
    if tree.has_aliases() {
        for id in tree.ids().filter(|&id| tree.kind(id) == Kind::Alias) {
            let Span { start, end } = tree.span(id);
            fates.mark(start, end, Fate::Changes);
        }
    }
    // A block scalar at an end without line break gets another header, or loses a line of blanks, so
    // that it keeps its value.
    if !text.ends_with('\n')
        && let Some(last) = tree.ids().last()
    {
        let start = tree.span(last).start;
        fates.mark(start, start, Fate::Changes);
        if fates.blank.last() == Some(&true) {
            fates.mark(text.len(), text.len(), Fate::Changes);
        }
    }
    fates.of
}

struct Fates {
    /// Where each line begins.
    starts: Vec<usize>,
    /// Which lines hold nothing, or a comment alone.
    blank: Vec<bool>,
    of: Vec<Fate>,
}

impl Fates {
    /// The line of a byte.
    fn line(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at) - 1
    }

    /// Marks the lines of a range of bytes.
    fn mark(&mut self, start: usize, end: usize, fate: Fate) {
        self.mark_lines(self.line(start.min(end)), self.line(end), fate);
    }

    fn mark_lines(&mut self, first: usize, last: usize, fate: Fate) {
        for own in self.of.get_mut(first..=last).into_iter().flatten() {
            *own = fate.max(*own);
        }
    }

    fn change(&mut self, tree: &Tree<'_>, root: NodeId, change: &Change) {
        let path = &*change.path.0;
        let (id, missing) = reach(tree, root, path);
        let is_there = missing.is_empty();
        match change.operation {
            Operation::MoveLast => return self.goes(tree, id, Fate::Moves),
            Operation::Remove => return self.goes(tree, id, Fate::Changes),
            Operation::Append(_) | Operation::Prepend(_) | Operation::Set(_) => {}
        }
        let children: Vec<NodeId> = tree.children(id).collect();
        let Span { start, end } = tree.span(id);
        if children.is_empty() || (is_there && matches!(change.operation, Operation::Set(_))) {
            // Replaced, or written out, or null or empty and not so any more.
            let outer = tree.outer_span(id).start;
            self.mark(
                tree.lead(id).unwrap_or(outer).min(outer),
                end,
                Fate::Changes,
            );
        } else if let Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) = tree.kind(id) {
            // In brackets new text stands on the line of what is last.
            let last = children.last().map_or(start, |last| tree.span(*last).end);
            self.mark(last, end, Fate::Changes);
        }
        // What goes in front may share its line with a dash.
        if matches!(change.operation, Operation::Prepend(_))
            || missing.first() == Some(&"metadata".into())
        {
            let first = children
                .first()
                .map_or(start, |first| tree.span(*first).start);
            self.mark(start, first, Fate::Changes);
        }
    }

    /// An item that moves, or an item or entry that is taken out, with the comments in front of it and
    /// behind it.
    fn goes(&mut self, tree: &Tree<'_>, child: NodeId, fate: Fate) {
        let Some(around) = tree.parent(child) else {
            return;
        };
        let Span { start, end } = tree.span(around);
        let children: Vec<NodeId> = tree.children(around).collect();
        let is_mapping = matches!(tree.kind(around), Kind::Mapping(_));
        // Of a mapping's entry the key stands in front.
        let width = if is_mapping { 2 } else { 1 };
        if let Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) = tree.kind(around) {
            // With nothing left in them, brackets are written anew, without an anchor or a tag.
            let outer = tree.outer_span(around).start;
            let outer = tree.lead(around).map_or(outer, |lead| lead.min(outer));
            let start = if children.len() == width {
                outer
            } else {
                start
            };
            self.mark(start, end, Fate::Changes);
            return;
        }
        let place = children.iter().position(|own| *own == child);
        let entry = place.unwrap_or(0) / width * width;
        let before = entry
            .checked_sub(1)
            .map(|before| tree.span(children[before]).end);
        let next = children.get(entry + width).map(|next| {
            let own = tree.outer_span(*next).start;
            if is_mapping {
                own
            } else {
                tree.lead(*next).unwrap_or(own)
            }
        });
        // The lines between it and its neighbours hold comments and blanks alone, and so do those
        // behind the last.
        let first = before.map_or(self.line(start), |end| self.line(end) + 1);
        let behind = || {
            let line = self.line(end);
            let behind = self.blank.iter().skip(line + 1);
            line + behind.take_while(|blank| **blank).count()
        };
        // A key that is absent has no line of its own.
        let own = children
            .get(entry + width - 1)
            .map_or(end, |own| tree.span(*own).end);
        let last = next.map_or_else(behind, |next| {
            (self.line(next).max(1) - 1).max(self.line(own))
        });
        self.mark_lines(first, last, fate);
        if fate == Fate::Changes && (before.is_none() || next.is_none()) {
            // What is first may share its line with a dash, and what has nothing in it any more is
            // written in another way, on the line of its key.
            let line = self.line(start);
            let key = tree.lead(around).map_or(line, |lead| self.line(lead));
            let second = next.map_or(line, |next| self.line(next));
            self.mark_lines(key, second.max(line), fate);
        }
    }
}

/// The node that a path leads to, or the last one on the way that stands there itself (aliases and
/// merge keys are not looked through), and the segments that lead on from there.
fn reach<'p>(tree: &Tree<'_>, root: NodeId, path: &'p [Segment]) -> (NodeId, &'p [Segment]) {
    let mut here = root;
    for (index, segment) in path.iter().enumerate() {
        let next = match segment {
            Segment::Key(key) => tree.own_entry(here, key).map(|(_, value)| value),
            Segment::Index(item) if matches!(tree.kind(here), Kind::Sequence(_)) => {
                tree.children(here).nth(*item)
            }
            Segment::Index(_) => None,
        };
        match next {
            Some(next) => here = next,
            None => return (here, &path[index..]),
        }
    }
    (here, &[])
}
