//! The check that nothing leaves without: the new text, parsed again, is the old value with the
//! changes made, and nothing else.
//!
//! It compares the two trees and the patch side by side, without building either value, and looks
//! at each pair of nodes once however many aliases lead there. A plain scalar counts as a string
//! only where readers of YAML 1.1 and 1.2 both take it for one (`spec/3-editing.md`, rule 3).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::slice;
use std::sync::Arc;

use super::abridged::{Abridged, Known};
use super::lines::Lead;
use super::patch::{Patch, Tail};
use super::refuse;
use crate::change::Segment;
use crate::yaml::{
    Kept, Kind, NodeId, Parsed, Scalar, ScalarStyle, Spare, Tree, Value, json, parse, parse_around,
    scalar,
};

/// Aliases can nest deeper than the text does; beyond this no manifest is meant.
const DEPTH_LIMIT: usize = 1_000;

/// A document's new text.
pub(super) struct NewDocument<'n> {
    /// What is looked at.
    pub(super) text: &'n str,
    /// What of it is known.
    pub(super) abridged: &'n Abridged<'n>,
    /// All of it.
    pub(super) whole: &'n dyn Fn() -> Cow<'n, str>,
}

/// Checks a document's new text. Where its lines are those that were read and compared before, in
/// another document or in this one before it was edited, it is enough that they are put there, in a place
/// where they mean the same.
pub(super) fn verify(
    old: &Tree<'_>,
    patch: &Patch<'_>,
    new: &NewDocument<'_>,
    spare: &mut Spare,
) -> Result<(), String> {
    let Some(old_root) = old.root() else {
        return Err("the result would be empty".to_owned());
    };
    let fits = fits(old, patch, new.text, new.abridged, spare);
    debug_assert!(
        !fits || is_whole(old, old_root, patch, &(new.whole)()) == Ok(true),
        "what is known is not what was asked for"
    );
    if fits || is_whole(old, old_root, patch, &(new.whole)())? {
        Ok(())
    } else {
        Err("the result would not be the intended value".to_owned())
    }
}

/// Whether an abridged text is found to be what the patch makes of the old value; where not, the whole text
/// may be.
pub(super) fn fits(
    old: &Tree<'_>,
    patch: &Patch<'_>,
    text: &str,
    abridged: &Abridged<'_>,
    spare: &mut Spare,
) -> bool {
    let (Some(root), known) = (old.root(), &abridged.known) else {
        return false;
    };
    let is_read_whole = if old.is_json() {
        known.is_empty()
    } else {
        old.has_aliases() || old.has_merge_keys()
    };
    if is_read_whole {
        return false;
    }
    let memory = std::mem::take(spare);
    let new = if old.is_json() {
        json::parse_around(text, &abridged.json, memory).ok()
    } else {
        let ordinary = old.is_plain_block_style() && abridged.ordinary;
        parse_around(text, &abridged.grafts, ordinary, memory)
    };
    new.is_some_and(|new| {
        let fits = Check::new(old, &new, known).all(root, patch);
        *spare = new.into_spare();
        fits
    })
}

/// Whether a new text, read as a whole, is what the patch makes of the old value.
pub(super) fn is_whole(
    old: &Tree<'_>,
    old_root: NodeId,
    patch: &Patch<'_>,
    text: &str,
) -> Result<bool, String> {
    let new = if old.is_json() {
        read_json(text)?
    } else {
        read_yaml(text)?
    };
    Ok(Check::new(old, &new, &[]).all(old_root, patch))
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

/// Whether the nodes of lines are the values behind what leads to them.
pub(super) fn is_known(tree: &Tree<'_>, lead: &Lead, values: &[&Arc<Value>]) -> bool {
    let check = Check::new(tree, tree, &[]);
    let Some(root) = tree.root() else {
        return false;
    };
    let are = |nodes: &[NodeId]| {
        nodes.len() == values.len()
            && (values.iter().zip(nodes)).all(|(value, &node)| check.is_value(value, node))
    };
    let items = |of: NodeId| are(&tree.children(of).collect::<Vec<_>>());
    let key = match lead {
        Lead::Dash(_) => return items(root),
        Lead::Key(key) | Lead::KeyOfItems(key) => key,
    };
    let mut entries = tree.entries(root);
    let (Some((name, value)), None) = (entries.next(), entries.next()) else {
        return false;
    };
    check.is_value(&Value::string(key.clone()), name)
        && match lead {
            Lead::KeyOfItems(_) => matches!(tree.kind(value), Kind::Sequence(_)) && items(value),
            _ => are(&[value]),
        }
}

/// How deep an item or entry of JSON is nested, where it is the values behind what leads to them.
pub(super) fn known_json_depth(text: &str, lead: &Lead, values: &[&Arc<Value>]) -> Option<usize> {
    let whole = match lead {
        Lead::Dash(_) => format!("[{text}]"),
        Lead::Key(_) | Lead::KeyOfItems(_) => format!("{{{text}}}"),
    };
    let tree = json::parse(&whole).ok()?;
    is_known(&tree, lead, values).then(|| tree.depth() - 1)
}

/// What a sequence's item has to be.
#[derive(Clone, Copy)]
enum Expected<'v> {
    New(&'v Arc<Value>),
    /// The item at this position of the old sequence.
    Old(usize),
}

/// What the items of a sequence have to be, one after the other.
struct ExpectedItems<'p, 'v> {
    patch: &'p Patch<'v>,
    in_front: slice::Iter<'p, &'v Arc<Value>>,
    /// The positions of those that were there and have not been met yet.
    kept: Range<usize>,
    behind: slice::Iter<'p, Tail<'v>>,
}

impl<'v> ExpectedItems<'_, 'v> {
    #[inline]
    fn next(&mut self) -> Option<Expected<'v>> {
        if let Some(value) = self.in_front.next() {
            return Some(Expected::New(value));
        }
        for index in self.kept.by_ref() {
            if !self.patch.moves(index) && !self.patch.removes_item(index) {
                return Some(Expected::Old(index));
            }
        }
        self.behind.next().map(|part| match part {
            Tail::New(value) => Expected::New(value),
            Tail::Moved(index) => Expected::Old(*index),
        })
    }

    /// Whether the items from the first to the last of those that are kept are the next that are
    /// expected, one behind the other. They are met then.
    fn pass(&mut self, items: &[NodeId], kept: Kept<'_>) -> bool {
        let patch = self.patch;
        if self.in_front.len() > 0 || patch.moves_any() || patch.removes_any() {
            return false;
        }
        let Some(next @ [first, ..]) = items.get(self.kept.clone()) else {
            return false;
        };
        // Items stand in the order of the text, as their nodes do.
        let last = next.binary_search(&kept.last);
        let (true, Ok(last)) = (*first == kept.first, last) else {
            return false;
        };
        let passed = self.kept.start..self.kept.start + last + 1;
        self.kept.start = passed.end;
        !patch.reaches(passed)
    }
}

struct Check<'a> {
    old: &'a Tree<'a>,
    new: &'a Tree<'a>,
    /// What the known lines of the new tree are.
    known: &'a [Known<'a>],
    /// Pairs that are equal, or are being compared right now.
    seen: HashSet<(NodeId, NodeId)>,
}

impl<'a> Check<'a> {
    fn new(old: &'a Tree<'a>, new: &'a Tree<'a>, known: &'a [Known<'a>]) -> Self {
        Self {
            old,
            new,
            known,
            seen: HashSet::new(),
        }
    }

    /// Whether the new tree is the old one with the patch applied.
    fn all(&mut self, old_root: NodeId, patch: &Patch<'_>) -> bool {
        let root = self.new.root();
        root.is_some_and(|root| self.patched(old_root, patch, root, 0))
    }

    /// What a node of the new tree stands for that is known.
    fn known(&self, new: NodeId) -> Option<Known<'a>> {
        self.known.get(self.new.known(new)?).copied()
    }

    /// Whether the new node is the old one with the patch applied.
    fn patched(&mut self, old: NodeId, patch: &Patch<'_>, new: NodeId, depth: usize) -> bool {
        if depth > DEPTH_LIMIT {
            return false;
        }
        if let Some(value) = patch.set {
            return self.is_value(value, new);
        }
        let (old, new) = (self.old.resolve(old), self.new.resolve(new));
        if self.old.is_null(old) || self.old.children(old).next().is_none() {
            return patch
                .apply(None)
                .is_ok_and(|value| self.is_value(&value, new));
        }
        if own_tag(self.old, old) != own_tag(self.new, new) {
            return false;
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
        let odd = self.old.has_aliases() || self.old.has_merge_keys() || patch.removes_any();
        if odd || patch.children.len() > 16 {
            return false;
        }
        let (tree, new_tree) = (self.old, self.new);
        let mut before = tree.entries(old).peekable();
        let mut met = 0_u32;
        for (key, value) in new_tree.entries(new) {
            match self.known(key) {
                Some(Known::Kept(kept)) => {
                    let is_first = before.peek().is_some_and(|&(first, _)| first == kept.first);
                    if !is_first || !before.any(|(_, last)| last == kept.last) {
                        return false;
                    }
                    continue;
                }
                Some(Known::New(lines)) => {
                    let place = (patch.children.iter()).position(|(own, child)| {
                        matches!(own, Segment::Key(own) if lines.are_made_of(own, child))
                    });
                    let bit = place.map_or(0, |place| 1 << place);
                    if bit == 0 || met & bit != 0 {
                        return false;
                    }
                    met |= bit;
                    continue;
                }
                None => {}
            }
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
                    self.same(old_key, key, depth + 1) && self.same(old_value, value, depth + 1)
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
        expected = expected.saturating_sub(patch.removed().count());
        let kept = old_by_key.iter().all(|(key, &before)| {
            patch.has_key(key)
                || patch.removes_key(key)
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
        let old_items = self.old.items(old);
        let mut expected = ExpectedItems {
            patch,
            in_front: patch.prepend.iter(),
            kept: 0..old_items.len(),
            behind: patch.tail.iter(),
        };
        let new_tree = self.new;
        for after in new_tree.children(new) {
            let fits = match self.known(after) {
                Some(Known::New(lines)) => lines.are(|| match expected.next() {
                    Some(Expected::New(value)) => Some(value),
                    _ => None,
                }),
                Some(Known::Kept(kept)) => expected.pass(&old_items, kept),
                None => match expected.next() {
                    Some(Expected::New(value)) => self.is_value(value, after),
                    Some(Expected::Old(index)) => {
                        match (old_items.get(index), patch.of_index(index)) {
                            (Some(&before), Some(child)) => {
                                self.patched(before, child, after, depth + 1)
                            }
                            (Some(&before), None) => self.same(before, after, depth + 1),
                            (None, _) => false,
                        }
                    }
                    None => false,
                },
            };
            if !fits {
                return false;
            }
        }
        expected.next().is_none()
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
                    && own_tag(self.old, old) == own_tag(self.new, new)
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
        if !self.old.same_text(old, self.new, new) {
            // What an anchor of nothing stands for is written out as null.
            return self.old.node(old).is_null() && self.new.node(new).is_null();
        }
        self.old.tag(old) == self.new.tag(new)
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

    /// Whether the new node is the value.
    fn is_value(&self, value: &Value, new: NodeId) -> bool {
        let new = self.new.resolve(new);
        if !self.new.is_scalar(new) && own_tag(self.new, new).is_some() {
            return false;
        }
        match (value, self.new.kind(new)) {
            (Value::Scalar(wanted), Kind::Scalar(style)) => self.is_scalar(wanted, new, style),
            (Value::Sequence(items), Kind::Sequence(_)) => {
                let mut items = items.iter();
                let mut children = self.new.children(new);
                let fit = children.all(|child| match self.known(child) {
                    Some(Known::New(lines)) => lines.are(|| items.next()),
                    Some(Known::Kept(_)) => false,
                    None => items.next().is_some_and(|item| self.is_value(item, child)),
                });
                fit && items.next().is_none()
            }
            (Value::Mapping(entries), Kind::Mapping(_)) => {
                let mut children = self.new.entries(new);
                entries.iter().all(|(wanted_key, wanted)| {
                    children
                        .next()
                        .is_some_and(|(key, child)| match self.known(key) {
                            Some(Known::New(lines)) => lines.are_entry(wanted_key, wanted),
                            Some(Known::Kept(_)) => false,
                            None => self.is_value(wanted_key, key) && self.is_value(wanted, child),
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
        let is_sure = || tag == Some(scalar::STRING_TAG) || scalar::is_string_to_all(text);
        text == wanted.text && tag_fits && (plain == wanted.plain || is_sure())
    }
}

/// The tag of a list or mapping, where it says more than that it is one.
#[inline]
fn own_tag<'t>(tree: &'t Tree<'_>, id: NodeId) -> Option<&'t str> {
    tree.tag(id).filter(|tag| refuse::is_own_tag(tag))
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
