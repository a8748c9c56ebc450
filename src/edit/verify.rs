//! The check that nothing leaves without: the new text, parsed again, is the old value with the
//! changes made, and nothing else.
//!
//! It compares the two trees and the patch side by side, without building either value, and looks
//! at each pair of nodes once however many aliases lead there. A plain scalar counts as a string
//! only where readers of YAML 1.1 and 1.2 both take it for one (`spec/3-editing.md`, rule 3).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::lines::NewLines;
use super::patch::{Patch, Tail};
use super::style::{Memory, Surroundings};
use super::{Spliced, kept};
use crate::change::Segment;
use crate::source::Span;
use crate::yaml::{
    Graft, Kind, KnownItems, NodeId, Parsed, Part, Scalar, ScalarStyle, Spare, Tree, Value, json,
    parse, parse_grafted, scalar,
};

/// Aliases can nest deeper than the text does; beyond this no manifest is meant.
const DEPTH_LIMIT: usize = 1_000;

/// Checks a document's new text. Where its lines are those that were read and compared before, in
/// another document or in this one before it was edited, it is enough that they are there, byte for
/// byte, in a place where they mean the same.
pub(super) fn verify(
    old: &Tree<'_>,
    patch: &Patch<'_>,
    text: &str,
    spliced: &Spliced<'_>,
    spare: &mut Spare,
) -> Result<(), String> {
    let memory = Memory::default();
    let at = Surroundings {
        text: old.source_text(),
        tree: old,
        memory: &memory,
    };
    let grafts = grafts(at, patch, spliced);
    let mut known = Known::default();
    let new = if old.is_json() {
        read_json(text)?
    } else if let Some(tree) = parse_grafted(text, &grafts, std::mem::take(spare)) {
        debug_assert!(
            read_yaml(text).as_ref() == Ok(&tree),
            "known lines do not mean what they say"
        );
        known = Known::new(&grafts, &spliced.shared);
        tree
    } else {
        read_yaml(text)?
    };
    let (Some(old_root), Some(new_root)) = (old.root(), new.root()) else {
        return Err("the result would be empty".to_owned());
    };
    let mut check = Check {
        old,
        new: &new,
        known,
        seen: HashSet::new(),
    };
    let fits = check.patched(old_root, patch, new_root, 0);
    *spare = new.into_spare();
    if fits {
        Ok(())
    } else {
        Err("the result would not be the intended value".to_owned())
    }
}

/// The lines of a new text whose nodes are known, in its order.
fn grafts<'k>(at: Surroundings<'k>, patch: &Patch<'_>, spliced: &Spliced<'k>) -> Vec<Graft<'k>> {
    let mut grafts: Vec<Graft<'k>> = Vec::with_capacity(2 * spliced.shared.len());
    for &(start, lines) in &spliced.shared {
        if let Some(items) = &lines.known {
            grafts.push(Graft {
                at: start + items.start(),
                part: Part::Items(items),
            });
        }
    }
    if !spliced.kept.is_empty() {
        let mut pieces = spliced.kept.iter().peekable();
        for lines in kept::lines(at, patch) {
            // Both stand in the order of the text.
            while pieces
                .next_if(|(piece, _)| piece.end < lines.lines.end)
                .is_some()
            {}
            let whole = |(piece, _): &&&(Span, usize)| {
                piece.start <= lines.lines.start && lines.lines.end <= piece.end
            };
            if let Some((piece, start)) = pieces.peek().filter(whole) {
                grafts.push(Graft {
                    at: start + (lines.lines.start - piece.start),
                    part: Part::Kept(lines),
                });
            }
        }
    }
    grafts.sort_unstable_by_key(|graft| graft.at);
    grafts
}

/// What is known of nodes of a new text.
#[derive(Default)]
struct Known {
    /// Items of shared lines: the places of their dashes, in order, and the addresses of their
    /// values.
    items: Vec<(usize, usize)>,
    /// Lines of the old text: where they begin in the new one, in order, and in the old one, and
    /// how long they are.
    kept: Vec<(usize, usize, usize)>,
}

impl Known {
    fn new(grafts: &[Graft<'_>], shared: &[(usize, &NewLines)]) -> Self {
        let mut known = Self::default();
        for (at, lines) in shared {
            let Some(items) = &lines.known else { continue };
            let start = at + items.start();
            let dashes = items.dashes().map(|dash| start + dash);
            let values = lines.values.iter().map(|value| Arc::as_ptr(value).addr());
            known.items.extend(dashes.zip(values));
        }
        for graft in grafts {
            if let Part::Kept(kept) = &graft.part {
                let length = kept.lines.end - kept.lines.start;
                known.kept.push((graft.at, kept.lines.start, length));
            }
        }
        known
    }

    /// Whether an item whose dash stands there is known to be the value.
    fn is_item(&self, dash: usize, value: &Arc<Value>) -> bool {
        let found = self.items.binary_search_by_key(&dash, |&(known, _)| known);
        found.is_ok_and(|place| self.items[place].1 == Arc::as_ptr(value).addr())
    }

    /// Whether an entry or item that begins at `new` is the one that began at `old`, its lines kept.
    fn is_kept(&self, old: usize, new: usize) -> bool {
        let behind = self.kept.partition_point(|&(start, _, _)| start <= new);
        let lines = behind.checked_sub(1).map(|place| self.kept[place]);
        lines.is_some_and(|(start, old_start, length)| {
            new - start < length && old_start + (new - start) == old
        })
    }
}

fn read_json(text: &str) -> Result<Tree<'_>, String> {
    json::parse(text).map_err(|error| {
        format!(
            "the result would be no JSON ({} at byte {})",
            error.message, error.offset
        )
    })
}

fn read_yaml(text: &str) -> Result<Tree<'_>, String> {
    let Parsed { tree, second_root } = parse(text).map_err(|error| {
        format!(
            "the result would be no YAML ({} at byte {})",
            error.message, error.offset
        )
    })?;
    if second_root.is_some() {
        return Err("the result would be two documents".to_owned());
    }
    Ok(tree)
}

/// Whether the nodes of items are the values.
pub(super) fn is_known(items: &KnownItems, values: &[&Arc<Value>]) -> bool {
    let tree = items.tree();
    let check = Check {
        old: &tree,
        new: &tree,
        known: Known::default(),
        seen: HashSet::new(),
    };
    let mut nodes = tree.root().into_iter().flat_map(|root| tree.children(root));
    values
        .iter()
        .all(|value| nodes.next().is_some_and(|node| check.is_value(value, node)))
        && nodes.next().is_none()
}

/// What a sequence's item has to be.
#[derive(Clone, Copy)]
enum Expected<'v> {
    New(&'v Arc<Value>),
    /// The item at this position of the old sequence.
    Old(usize),
}

struct Check<'a> {
    old: &'a Tree<'a>,
    new: &'a Tree<'a>,
    known: Known,
    /// Pairs that are equal, or are being compared right now.
    seen: HashSet<(NodeId, NodeId)>,
}

impl Check<'_> {
    /// Whether the new node is the old one with the patch applied.
    fn patched(&mut self, old: NodeId, patch: &Patch<'_>, new: NodeId, depth: usize) -> bool {
        if depth > DEPTH_LIMIT {
            return false;
        }
        if let Some(value) = patch.set {
            return self.is_value(value, new);
        }
        let (old, new) = (self.old.resolve(old), self.new.resolve(new));
        if self.old.node(old).is_null() || self.old.children(old).next().is_none() {
            return patch
                .apply(None)
                .is_ok_and(|value| self.is_value(&value, new));
        }
        match (self.old.kind(old), self.new.kind(new)) {
            (Kind::Mapping(_), Kind::Mapping(_)) => self.patched_mapping(old, patch, new, depth),
            (Kind::Sequence(_), Kind::Sequence(_)) => self.patched_sequence(old, patch, new, depth),
            _ => false,
        }
    }

    fn patched_mapping(
        &mut self,
        old: NodeId,
        patch: &Patch<'_>,
        new: NodeId,
        depth: usize,
    ) -> bool {
        self.patched_in_order(old, patch, new, depth) || self.patched_by_key(old, patch, new, depth)
    }

    /// The same where the entries that were there are there still, one after the other, and the
    /// new ones between or behind them. It is what an edit makes of most mappings, and needs no
    /// look at which of several equal or merged keys counts.
    fn patched_in_order(
        &mut self,
        old: NodeId,
        patch: &Patch<'_>,
        new: NodeId,
        depth: usize,
    ) -> bool {
        if self.old.has_aliases() || self.old.has_merge_keys() || patch.children.len() > 16 {
            return false;
        }
        let mut before = self.old.entries(old).peekable();
        let mut met = 0_u32;
        for (key, value) in self.new.entries(new) {
            let is_key =
                |own: &Segment| matches!(own, Segment::Key(own) if self.new.text_is(key, own));
            let place = (patch.children.iter())
                .position(|(own, _)| is_key(own))
                .filter(|_| self.new.is_scalar(key));
            let child = place.map(|place| &patch.children[place].1);
            let stood = before.next_if(|&(old_key, _)| {
                self.old.is_scalar(old_key)
                    && self.new.is_scalar(key)
                    && self.old.same_text(old_key, self.new, key)
            });
            let fits = match (stood, child) {
                (Some((_, old_value)), Some(child)) => {
                    self.patched(old_value, child, value, depth + 1)
                }
                (Some((old_key, old_value)), None) => {
                    let (start, new_start) =
                        (self.old.span(old_key).start, self.new.span(key).start);
                    self.known.is_kept(start, new_start)
                        || (self.same(old_key, key, depth + 1)
                            && self.same(old_value, value, depth + 1))
                }
                (None, Some(child)) => child
                    .apply(None)
                    .is_ok_and(|wanted| self.is_value(&wanted, value)),
                (None, None) => false,
            };
            if !fits {
                return false;
            }
            // A key that is added twice is none of ours.
            let bit = place.map_or(0, |place| 1 << place);
            if met & bit != 0 {
                return false;
            }
            met |= bit;
        }
        before.next().is_none() && met.count_ones() as usize == patch.children.len()
    }

    fn patched_by_key(
        &mut self,
        old: NodeId,
        patch: &Patch<'_>,
        new: NodeId,
        depth: usize,
    ) -> bool {
        let old_entries = self.old.effective_entries(old);
        let new_entries = self.new.effective_entries(new);
        let (new_by_key, new_odd) = by_key(self.new, &new_entries);
        let (old_by_key, old_odd) = by_key(self.old, &old_entries);
        let mut expected = old_by_key.len();
        for (segment, child) in &patch.children {
            let Segment::Key(key) = segment else {
                return false;
            };
            let Some(&value) = new_by_key.get(&**key) else {
                return false;
            };
            let fits = if let Some(&before) = old_by_key.get(&**key) {
                self.patched(before, child, value, depth + 1)
            } else {
                expected += 1;
                child
                    .apply(None)
                    .is_ok_and(|wanted| self.is_value(&wanted, value))
            };
            if !fits {
                return false;
            }
        }
        let kept = old_by_key.iter().all(|(key, &before)| {
            patch.has_key(key)
                || new_by_key
                    .get(key)
                    .is_some_and(|&after| self.same(before, after, depth + 1))
        });
        let odd_kept = old_odd.len() == new_odd.len()
            && old_odd.iter().zip(&new_odd).all(|(before, after)| {
                self.same(before.0, after.0, depth + 1) && self.same(before.1, after.1, depth + 1)
            });
        kept && odd_kept && expected == new_by_key.len()
    }

    fn patched_sequence(
        &mut self,
        old: NodeId,
        patch: &Patch<'_>,
        new: NodeId,
        depth: usize,
    ) -> bool {
        let old_items: Vec<NodeId> = self.old.children(old).collect();
        let new_items: Vec<NodeId> = self.new.children(new).collect();
        let kept = (0..old_items.len()).filter(|&index| !patch.moves(index));
        let expected: Vec<Expected<'_>> = (patch.prepend.iter().map(|value| Expected::New(value)))
            .chain(kept.map(Expected::Old))
            .chain(patch.tail.iter().map(|part| match part {
                Tail::New(value) => Expected::New(value),
                Tail::Moved(index) => Expected::Old(*index),
            }))
            .collect();
        expected.len() == new_items.len()
            && expected
                .iter()
                .zip(new_items)
                .all(|(item, after)| match *item {
                    Expected::New(value) => self.is_item(value, after),
                    Expected::Old(index) => match (old_items.get(index), patch.of_index(index)) {
                        (Some(&before), Some(child)) => {
                            self.patched(before, child, after, depth + 1)
                        }
                        (Some(&before), None) => {
                            let dashes = (self.old.lead(before), self.new.lead(after));
                            let kept = matches!(dashes, (Some(old), Some(new)) if self.known.is_kept(old, new));
                            kept || self.same(before, after, depth + 1)
                        }
                        (None, _) => false,
                    },
                })
    }

    /// Whether two nodes are the same value, written in whatever way.
    fn same(&mut self, old: NodeId, new: NodeId, depth: usize) -> bool {
        let (old, new) = (self.old.resolve(old), self.new.resolve(new));
        if depth > DEPTH_LIMIT {
            return false;
        }
        match (self.old.kind(old), self.new.kind(new)) {
            (Kind::Scalar(before), Kind::Scalar(after)) => {
                self.same_scalar(old, before, new, after)
            }
            (Kind::Mapping(_), Kind::Mapping(_)) | (Kind::Sequence(_), Kind::Sequence(_))
                if !self.old.has_aliases() && !self.new.has_aliases() =>
            {
                self.same_nodes(old, new)
            }
            (Kind::Mapping(_), Kind::Mapping(_)) | (Kind::Sequence(_), Kind::Sequence(_)) => {
                if !self.seen.insert((old, new)) {
                    return true;
                }
                let before: Vec<NodeId> = self.old.children(old).collect();
                let after: Vec<NodeId> = self.new.children(new).collect();
                before.len() == after.len()
                    && self.old.tag(old) == self.new.tag(new)
                    && before
                        .into_iter()
                        .zip(after)
                        .all(|(before, after)| self.same(before, after, depth + 1))
            }
            _ => false,
        }
    }

    fn same_scalar(
        &self,
        old: NodeId,
        before: ScalarStyle,
        new: NodeId,
        after: ScalarStyle,
    ) -> bool {
        let plain = |style| style == ScalarStyle::Plain;
        self.old.same_text(old, self.new, new)
            && self.old.tag(old) == self.new.tag(new)
            && (plain(before) == plain(after) || scalar::is_string_to_all(self.old.text(old)))
    }

    /// Whether two nodes and all below them are the same, where there are no aliases: nodes stand in
    /// the order of the text, so equal kinds and sizes make an equal shape.
    fn same_nodes(&self, old: NodeId, new: NodeId) -> bool {
        self.old.size(old) == self.new.size(new)
            && (self.old.subtree(old).zip(self.new.subtree(new))).all(|(before, after)| {
                match (self.old.kind(before), self.new.kind(after)) {
                    (Kind::Scalar(style), Kind::Scalar(new_style)) => {
                        self.same_scalar(before, style, after, new_style)
                    }
                    (Kind::Mapping(_), Kind::Mapping(_))
                    | (Kind::Sequence(_), Kind::Sequence(_)) => {
                        self.old.size(before) == self.new.size(after)
                            && self.old.tag(before) == self.new.tag(after)
                    }
                    _ => false,
                }
            })
    }

    /// Whether the new node is the value, which may be known.
    fn is_item(&self, value: &Arc<Value>, new: NodeId) -> bool {
        let dash = self.new.lead(new);
        let is_known = dash.is_some_and(|dash| self.known.is_item(dash, value));
        is_known || self.is_value(value, new)
    }

    /// Whether the new node is the value.
    fn is_value(&self, value: &Value, new: NodeId) -> bool {
        let new = self.new.resolve(new);
        match (value, self.new.kind(new)) {
            (Value::Scalar(wanted), Kind::Scalar(style)) => self.is_scalar(wanted, new, style),
            (Value::Sequence(items), Kind::Sequence(_)) => {
                let mut children = self.new.children(new);
                items.iter().all(|item| {
                    children
                        .next()
                        .is_some_and(|child| self.is_item(item, child))
                }) && children.next().is_none()
            }
            (Value::Mapping(entries), Kind::Mapping(_)) => {
                let mut children = self.new.entries(new);
                entries.iter().all(|(wanted_key, wanted)| {
                    children.next().is_some_and(|(key, child)| {
                        self.is_value(wanted_key, key) && self.is_value(wanted, child)
                    })
                }) && children.next().is_none()
            }
            _ => false,
        }
    }

    fn is_scalar(&self, wanted: &Scalar, new: NodeId, style: ScalarStyle) -> bool {
        let text = self.new.text(new);
        let plain = style == ScalarStyle::Plain;
        let tag = self.new.tag(new);
        if wanted.plain && plain && tag.is_none() && scalar::is_null(&wanted.text) {
            return scalar::is_null(text);
        }
        let tag_fits =
            tag == wanted.tag.as_deref() || (!wanted.plain && tag == Some(scalar::STRING_TAG));
        let sure = tag == Some(scalar::STRING_TAG) || scalar::is_string_to_all(text);
        text == wanted.text && tag_fits && (plain == wanted.plain || sure)
    }
}

/// Entries by the text of their keys, and those whose keys are no scalars.
#[allow(clippy::type_complexity, reason = "two plain lists, used once")]
fn by_key<'t>(
    tree: &'t Tree<'_>,
    entries: &[(NodeId, NodeId)],
) -> (HashMap<&'t str, NodeId>, Vec<(NodeId, NodeId)>) {
    let mut known = HashMap::new();
    let mut odd = Vec::new();
    for &(key, value) in entries {
        let name = tree.resolve(key);
        if matches!(tree.kind(name), Kind::Scalar(_)) {
            known.insert(tree.text(name), value);
        } else {
            odd.push((key, value));
        }
    }
    (known, odd)
}
