//! The lines of a document that stay as they are: whole entries and items that no change is in or
//! below. The check of the result knows their nodes from the document's own tree.

use std::ops::Range;

use super::patch::Patch;
use super::style::Surroundings;
use crate::change::Segment;
use crate::source::Span;
use crate::yaml::{Kept, Kind, Layout, NodeId, Tree};

/// The entries and items that stay, in the order of the text, those that follow each other together.
/// Only of a document in the plain block style, which is the one that the scanner reads, and the items of
/// lists in JSON.
pub(super) fn lines<'a>(at: Surroundings<'a>, patch: &Patch<'_>) -> Vec<Kept<'a>> {
    let mut search = Search {
        at,
        found: Vec::with_capacity(16),
    };
    if (at.tree.is_plain_block_style() || at.tree.is_json())
        && let Some(root) = at.tree.root()
    {
        search.below(root, patch);
    }
    search.found
}

struct Search<'a> {
    at: Surroundings<'a>,
    found: Vec<Kept<'a>>,
}

/// A child of a collection that stays: its first node, its last one, and where it begins.
#[derive(Clone, Copy)]
struct Child {
    first: NodeId,
    last: NodeId,
    start: usize,
}

/// Children that stay, one behind the other: the first, the last but one, and the last.
#[derive(Clone, Copy)]
struct Run {
    first: Child,
    before_last: Option<Child>,
    last: Child,
}

/// The items of a sequence, with their positions; of a long one not those in the middle of a run that the
/// patch does not reach: the ends of a run tell where it is. Where the first one does not begin its line, as
/// in `- - a`, that leaves the last two of the run, and less is known than could be.
fn items_to_look_at<'a>(
    tree: &'a Tree<'a>,
    id: NodeId,
    patch: &Patch<'_>,
) -> impl Iterator<Item = (usize, NodeId)> + use<'a> {
    let long = tree.long_sequence(id);
    let short = long.is_none().then(|| tree.children(id).enumerate());
    let long = long.map(|items| {
        let reach = patch.reach();
        let start = reach.start.min(items.len());
        let end = reach.end.clamp(start, items.len());
        let of_run = |run: Range<usize>| {
            let first = run.clone().take(1);
            first.chain(run.end.saturating_sub(2).max(run.start + 1)..run.end)
        };
        let positions = of_run(0..start).chain(start..end);
        let positions = positions.chain(of_run(end..items.len()));
        positions.map(|index| (index, items[index]))
    });
    short
        .into_iter()
        .flatten()
        .chain(long.into_iter().flatten())
}

impl<'a> Search<'a> {
    fn tree(&self) -> &'a Tree<'a> {
        self.at.tree
    }

    /// Looks through a collection that a patch changes something in. The depth is that of the patch.
    fn below(&mut self, id: NodeId, patch: &Patch<'_>) {
        if patch.set.is_some() || !patch.prepend.is_empty() || patch.moves_any() {
            return;
        }
        match self.tree().kind(id) {
            Kind::Mapping(Layout::Block) => self.mapping(id, patch),
            Kind::Sequence(Layout::Block) => self.sequence(id, patch),
            Kind::Mapping(Layout::Flow) if self.tree().is_json() => self.below_keys(id, patch),
            Kind::Sequence(Layout::Flow) if self.tree().is_json() => {
                self.items_in_brackets(id, patch);
            }
            _ => {}
        }
    }

    fn mapping(&mut self, id: NodeId, patch: &Patch<'_>) {
        let tree = self.tree();
        let mut run: Option<Run> = None;
        for (key, value) in tree.entries(id) {
            let start = tree.outer_span(key).start;
            let child = patch.children.iter().find(
                |(segment, _)| matches!(segment, Segment::Key(own) if tree.text_is(key, own)),
            );
            match child {
                Some((_, child)) => {
                    self.close(id, &mut run, Some(start));
                    self.below(value, child);
                }
                None => self.add(&mut run, key, value, start),
            }
        }
        self.close(id, &mut run, None);
    }

    fn sequence(&mut self, id: NodeId, patch: &Patch<'_>) {
        let tree = self.tree();
        let mut run: Option<Run> = None;
        for (index, item) in items_to_look_at(tree, id, patch) {
            let dash = tree.lead(item).unwrap_or_default();
            match patch.of_index(index) {
                Some(child) => {
                    self.close(id, &mut run, Some(dash));
                    self.below(item, child);
                }
                None => self.add(&mut run, item, item, dash),
            }
        }
        self.close(id, &mut run, None);
    }

    /// Looks through what changes below the keys of an object. Of two equal ones the last counts.
    fn below_keys(&mut self, id: NodeId, patch: &Patch<'_>) {
        let tree = self.tree();
        let mut below = patch.children.iter().filter_map(|(segment, child)| {
            let Segment::Key(key) = segment else {
                return None;
            };
            Some((tree.own_entry(id, key)?.1, child))
        });
        let Some((value, child)) = below.next() else {
            return;
        };
        let mut all: Vec<(NodeId, &Patch<'_>)> = below.collect();
        // Most often there is no other one.
        if all.is_empty() {
            return self.below(value, child);
        }
        all.push((value, child));
        all.sort_by_key(|(value, _)| tree.span(*value).start);
        for (value, child) in all {
            self.below(value, child);
        }
    }

    fn items_in_brackets(&mut self, id: NodeId, patch: &Patch<'_>) {
        let tree = self.tree();
        let mut run: Option<(NodeId, NodeId)> = None;
        let kept = |(first, last): (NodeId, NodeId)| Kept {
            tree,
            collection: id,
            first,
            last,
            lines: Span::new(tree.span(first).start, tree.span(last).end),
            column: 0,
        };
        for (index, item) in items_to_look_at(tree, id, patch) {
            match patch.of_index(index) {
                Some(child) => {
                    self.found.extend(run.take().map(kept));
                    self.below(item, child);
                }
                None => run = Some((run.map_or(item, |(first, _)| first), item)),
            }
        }
        self.found.extend(run.map(kept));
    }

    /// Adds a child to a run; the first one must begin its line.
    #[inline]
    fn add(&self, run: &mut Option<Run>, first: NodeId, last: NodeId, start: usize) {
        let child = Child { first, last, start };
        if let Some(run) = run {
            run.before_last = Some(run.last);
            run.last = child;
        } else if self.at.begins_line(start) {
            *run = Some(Run {
                first: child,
                before_last: None,
                last: child,
            });
        }
    }

    /// Ends a run in front of the line of the next child, which begins there, or else behind the last line
    /// of its own.
    #[inline]
    fn close(&mut self, collection: NodeId, run: &mut Option<Run>, next: Option<usize>) {
        if let Some(run) = run.take() {
            self.keep(collection, &run, next);
        }
    }

    fn keep(&mut self, collection: NodeId, run: &Run, next: Option<usize>) {
        let Run {
            first,
            before_last,
            mut last,
        } = *run;
        let mut end = next.map(|next| self.at.line_start(next));
        // Behind a block scalar, blank lines and comments may be its own.
        if end.is_none() && self.ends_in_block_scalar(last.last) {
            end = Some(self.at.line_start(last.start));
            let Some(before) = before_last else { return };
            last = before;
        }
        let tree = self.tree();
        let behind = || self.at.next_line(tree.span(last.last).end);
        let line = self.at.line_start(first.start);
        self.found.push(Kept {
            tree,
            collection,
            first: first.first,
            last: last.last,
            lines: Span::new(line, end.unwrap_or_else(behind)),
            column: first.start - line,
        });
    }

    fn ends_in_block_scalar(&self, id: NodeId) -> bool {
        let last = self.tree().subtree(id).last();
        last.is_some_and(|last| self.tree().is_block_scalar(last))
    }
}
