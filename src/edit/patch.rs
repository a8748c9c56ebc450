//! The changes of a document as a tree of their paths, and what they make of a value.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::change::{Changes, Operation, Path, Segment};
use crate::yaml::{Scalar, Value};

/// What happens at a node and below it.
#[derive(Debug, Default)]
pub(super) struct Patch<'c> {
    /// The value that takes the node's place; then nothing else happens here.
    pub(super) set: Option<&'c Arc<Value>>,
    /// Sequences: what comes in front, in order.
    pub(super) prepend: Vec<&'c Arc<Value>>,
    /// Sequences: what comes behind, in order.
    pub(super) tail: Vec<Tail<'c>>,
    /// What happens below, in the order in which the changes first name it.
    pub(super) children: Vec<(&'c Segment, Patch<'c>)>,
    /// What few patches have; apart, since a document can have very many patches.
    rare: Option<Box<Rare<'c>>>,
}

#[derive(Debug, Default)]
struct Rare<'c> {
    /// Where each of the children stands, where they are too many to look at each: those of a mapping, and
    /// those of a sequence.
    keys: HashMap<&'c str, usize>,
    items: FxHashMap<usize, usize>,
    /// From which position to which the items are: those of the sequence outside of it are not looked up.
    reach: Range<usize>,
    /// The items that move to the end.
    moved: HashSet<usize>,
    /// The items and entries that are taken out.
    removed: HashSet<&'c Segment>,
}

impl<'c> Rare<'c> {
    fn set_place(&mut self, segment: &'c Segment, place: usize) {
        match segment {
            Segment::Key(key) => self.keys.insert(key, place),
            Segment::Index(index) => {
                let (start, end) = (*index, index.saturating_add(1));
                self.reach = if self.items.is_empty() {
                    start..end
                } else {
                    self.reach.start.min(start)..self.reach.end.max(end)
                };
                self.items.insert(*index, place)
            }
        };
    }

    fn place(&self, segment: &Segment) -> Option<usize> {
        match segment {
            Segment::Key(key) => self.keys.get(&**key),
            Segment::Index(index) if self.reach.contains(index) => self.items.get(index),
            Segment::Index(_) => None,
        }
        .copied()
    }
}

/// Up to this many children are found by looking at each.
const FEW: usize = 16;

/// Something behind a sequence's items.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tail<'c> {
    New(&'c Arc<Value>),
    /// The item that stood at this position.
    Moved(usize),
}

/// Changes that do not fit each other or the value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) String);

impl<'c> Patch<'c> {
    pub(super) fn new(changes: &'c [Changes]) -> Result<Self, Misfit> {
        let mut root = Self::default();
        for group in changes {
            root.add(group)?;
        }
        Ok(root)
    }

    fn add(&mut self, group: &'c Changes) -> Result<(), Misfit> {
        let mut base = self;
        for segment in group.base.0.iter() {
            base = base.child(segment);
        }
        let mut changes = group.below.iter();
        while let Some(change) = changes.next() {
            let (segments, moved) = match (&change.operation, change.path.0.split_last()) {
                (Operation::MoveLast, Some((Segment::Index(index), list))) => (list, Some(*index)),
                (Operation::MoveLast, _) => return Err(misfit(&change.path, "is no list item")),
                (Operation::Remove, Some((last, around))) => {
                    base.remove(around, last, &change.path)?;
                    continue;
                }
                _ => (&change.path.0[..], None),
            };
            let patch = segments.iter().try_fold(&mut *base, |patch, segment| {
                if patch.set.is_some() {
                    return Err(misfit(&change.path, "lies below a value that is replaced"));
                }
                Ok(patch.child(segment))
            })?;
            if patch.set.is_some() {
                return Err(misfit(&change.path, "is changed twice"));
            }
            match (&change.operation, moved) {
                (_, Some(index)) if patch.removes_item(index) => {
                    return Err(misfit(&change.path, "is changed twice"));
                }
                (_, Some(index)) => {
                    patch.tail.push(Tail::Moved(index));
                    patch.rare.get_or_insert_default().moved.insert(index);
                }
                (Operation::Append(value), _) => {
                    // Most often others go behind the same list, by the same path.
                    let more = changes
                        .as_slice()
                        .iter()
                        .map_while(|next| match &next.operation {
                            Operation::Append(value)
                                if Arc::ptr_eq(&next.path.0, &change.path.0) =>
                            {
                                Some(Tail::New(value))
                            }
                            _ => None,
                        });
                    let count = more.clone().count();
                    if patch.tail.is_empty() {
                        patch.tail = Vec::with_capacity(count + 1);
                    }
                    patch.tail.push(Tail::New(value));
                    patch.tail.extend(more);
                    if let Some(last) = count.checked_sub(1) {
                        changes.nth(last);
                    }
                }
                (Operation::Prepend(value), _) => patch.prepend.push(value),
                (Operation::Set(value), _) => {
                    if !patch.is_empty() {
                        return Err(misfit(&change.path, "is changed twice"));
                    }
                    patch.set = Some(value);
                }
                (Operation::MoveLast | Operation::Remove, None) => {}
            }
        }
        Ok(())
    }

    /// Takes out what a segment leads to in the collection at the end of a path.
    fn remove(
        &mut self,
        around: &'c [Segment],
        last: &'c Segment,
        path: &Path,
    ) -> Result<(), Misfit> {
        let holder = around.iter().try_fold(self, |patch, segment| {
            let whole = patch.set.is_some() || patch.removes(segment);
            if whole {
                return Err(misfit(path, "lies below what is taken out"));
            }
            Ok(patch.child(segment))
        })?;
        let moves = matches!(last, Segment::Index(index) if holder.moves(*index));
        let is_changed = holder.set.is_some() || holder.of(last).is_some() || moves;
        if is_changed || !holder.rare.get_or_insert_default().removed.insert(last) {
            return Err(misfit(path, "is changed twice"));
        }
        Ok(())
    }

    #[inline]
    fn child(&mut self, segment: &'c Segment) -> &mut Self {
        let place = match self.place(segment) {
            Some(place) => place,
            None => self.add_child(segment),
        };
        &mut self.children[place].1
    }

    #[inline(never)]
    fn add_child(&mut self, segment: &'c Segment) -> usize {
        let place = self.children.len();
        if place == 0 {
            // Most often there is no other one.
            self.children = vec![(segment, Self::default())];
            return 0;
        }
        self.children.push((segment, Self::default()));
        if place >= FEW {
            let rare = self.rare.get_or_insert_default();
            let first = if place == FEW { 0 } else { place };
            for (place, (own, _)) in self.children.iter().enumerate().skip(first) {
                rare.set_place(own, place);
            }
        }
        place
    }

    #[inline]
    fn place(&self, segment: &Segment) -> Option<usize> {
        if self.children.len() > FEW {
            return self.place_among_many(segment);
        }
        self.children.iter().position(|(own, _)| *own == segment)
    }

    #[inline(never)]
    fn place_among_many(&self, segment: &Segment) -> Option<usize> {
        self.rare.as_ref()?.place(segment)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_none()
            && self.prepend.is_empty()
            && self.tail.is_empty()
            && self.children.is_empty()
            && !self.removes_any()
    }

    /// What is appended to a sequence, where nothing else happens.
    pub(super) fn appended(&self) -> Option<Vec<&'c Arc<Value>>> {
        let nothing_else = self.set.is_none()
            && self.prepend.is_empty()
            && self.children.is_empty()
            && !self.removes_any();
        if !nothing_else || self.tail.is_empty() {
            return None;
        }
        let values = self.tail.iter().map(|part| match part {
            Tail::New(value) => Some(*value),
            Tail::Moved(_) => None,
        });
        values.collect()
    }

    /// The keys that get something below them, where nothing else happens, `metadata` first.
    pub(super) fn entries(&self) -> Option<Vec<(&'c Cow<'static, str>, &Self)>> {
        let nothing_else = self.set.is_none()
            && self.prepend.is_empty()
            && self.tail.is_empty()
            && !self.removes_any();
        if !nothing_else || self.children.is_empty() {
            return None;
        }
        let entries = self.children.iter().map(|(segment, child)| match segment {
            Segment::Key(key) => Some((key, child)),
            Segment::Index(_) => None,
        });
        let mut entries: Vec<_> = entries.collect::<Option<_>>()?;
        entries.sort_by_key(|(key, _)| *key != "metadata");
        Some(entries)
    }

    /// Whether the node is, or becomes, a sequence.
    fn makes_sequence(&self) -> bool {
        !self.prepend.is_empty()
            || !self.tail.is_empty()
            || matches!(self.children.first(), Some((Segment::Index(_), _)))
            || matches!(self.removed().next(), Some(Segment::Index(_)))
    }

    /// The patch of the item at `index`, if it has one.
    #[inline]
    pub(super) fn of_index(&self, index: usize) -> Option<&Self> {
        // Most often something is appended, and nothing else.
        if self.children.is_empty() {
            return None;
        }
        self.of(&Segment::Index(index))
    }

    /// The patch of what lies behind a segment, if it has one.
    pub(super) fn of(&self, segment: &Segment) -> Option<&Self> {
        self.place(segment).map(|place| &self.children[place].1)
    }

    /// From which position to which the items are that something happens below: none outside.
    pub(super) fn reach(&self) -> Range<usize> {
        if self.children.len() > FEW {
            let rare = self.rare.as_ref();
            return rare.map_or(0..0, |rare| rare.reach.clone());
        }
        let items = self.children.iter().filter_map(|(own, _)| match own {
            Segment::Index(index) => Some(*index),
            Segment::Key(_) => None,
        });
        let end = items.clone().max().map_or(0, |last| last.saturating_add(1));
        items.min().unwrap_or(end)..end
    }

    /// Whether something happens below one of these items.
    pub(super) fn reaches(&self, items: Range<usize>) -> bool {
        let reach = self.reach();
        let mut common = items.start.max(reach.start)..items.end.min(reach.end);
        common.any(|index| self.of_index(index).is_some())
    }

    /// Whether a mapping's key is changed.
    pub(super) fn has_key(&self, key: &str) -> bool {
        if self.children.len() <= FEW {
            let is_key = |own: &Segment| matches!(own, Segment::Key(own) if own == key);
            return self.children.iter().any(|(own, _)| is_key(own));
        }
        self.place(&Segment::from(key.to_owned())).is_some()
    }

    /// Whether the item at `index` moves to the end.
    pub(super) fn moves(&self, index: usize) -> bool {
        let rare = self.rare.as_ref();
        rare.is_some_and(|rare| rare.moved.contains(&index))
    }

    /// Whether any item moves to the end.
    pub(super) fn moves_any(&self) -> bool {
        self.rare
            .as_ref()
            .is_some_and(|rare| !rare.moved.is_empty())
    }

    /// Whether anything is taken out.
    pub(super) fn removes_any(&self) -> bool {
        self.rare
            .as_ref()
            .is_some_and(|rare| !rare.removed.is_empty())
    }

    /// Whether what a segment leads to is taken out.
    pub(super) fn removes(&self, segment: &Segment) -> bool {
        let rare = self.rare.as_ref();
        rare.is_some_and(|rare| rare.removed.contains(segment))
    }

    /// Whether the item at `index` is taken out.
    pub(super) fn removes_item(&self, index: usize) -> bool {
        self.removes_any() && self.removes(&Segment::Index(index))
    }

    /// Whether the entry of a key is taken out.
    pub(super) fn removes_key(&self, key: &str) -> bool {
        self.removes_any() && self.removes(&Segment::from(key.to_owned()))
    }

    /// What is taken out, in no order.
    pub(super) fn removed(&self) -> impl Iterator<Item = &'c Segment> {
        let rare = self.rare.iter();
        rare.flat_map(|rare| rare.removed.iter().copied())
    }

    /// What comes in front of the item at `last`, because that one moves to the end where it stands
    /// already, and what comes behind it; nothing in front where it does not move.
    pub(super) fn tail_around(&self, last: usize) -> (&[Tail<'c>], &[Tail<'c>]) {
        let place = self
            .tail
            .iter()
            .position(|part| matches!(part, Tail::Moved(index) if *index == last));
        match place {
            Some(place) => (&self.tail[..place], &self.tail[place + 1..]),
            None => (&[], &self.tail),
        }
    }

    /// What the patch makes of a value; nothing, null and empty collections become what it needs.
    pub(super) fn apply(&self, value: Option<Arc<Value>>) -> Result<Arc<Value>, Misfit> {
        if let Some(value) = self.set {
            return Ok(value.clone());
        }
        let value = value.filter(|value| !is_empty(value));
        if self.is_empty() {
            return value.ok_or_else(|| Misfit("a change is empty".to_owned()));
        }
        let value = value.map(Arc::unwrap_or_clone);
        Ok(Arc::new(if self.makes_sequence() {
            self.apply_to_sequence(value)?
        } else {
            self.apply_to_mapping(value)?
        }))
    }

    fn apply_to_sequence(&self, value: Option<Value>) -> Result<Value, Misfit> {
        let items = match value {
            None => Vec::new(),
            Some(Value::Sequence(items)) => items,
            Some(_) => return Err(Misfit("the value is no list".to_owned())),
        };
        let mut patched = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| match self.of_index(index) {
                Some(patch) => patch.apply(Some(item)),
                None => Ok(item),
            })
            .collect::<Result<Vec<_>, _>>()?;
        let named = self.children.iter().map(|(segment, _)| *segment);
        for segment in named.chain(self.removed()) {
            if !matches!(segment, Segment::Index(index) if *index < patched.len()) {
                return Err(Misfit("the list has no such item".to_owned()));
            }
        }
        let mut tail = Vec::with_capacity(self.tail.len());
        for part in &self.tail {
            tail.push(match part {
                Tail::New(value) => Arc::clone(value),
                Tail::Moved(index) => patched
                    .get(*index)
                    .cloned()
                    .ok_or_else(|| Misfit("the list has no such item".to_owned()))?,
            });
        }
        let mut index = 0;
        patched.retain(|_| {
            index += 1;
            !self.moves(index - 1) && !self.removes_item(index - 1)
        });
        let mut all = Vec::with_capacity(self.prepend.len() + patched.len() + tail.len());
        all.extend(self.prepend.iter().copied().cloned());
        all.append(&mut patched);
        all.append(&mut tail);
        Ok(Value::Sequence(all))
    }

    fn apply_to_mapping(&self, value: Option<Value>) -> Result<Value, Misfit> {
        let mut entries = match value {
            None => Vec::with_capacity(self.children.len()),
            Some(Value::Mapping(entries)) => entries,
            Some(_) => return Err(Misfit("the value is no mapping".to_owned())),
        };
        for (segment, patch) in &self.children {
            let Segment::Key(key) = segment else {
                return Err(Misfit("a list position in a mapping".to_owned()));
            };
            if let Some(entry) = entries.iter_mut().rev().find(|(name, _)| is_key(name, key)) {
                entry.1 = patch.apply(Some(entry.1.clone()))?;
            } else {
                let inherited = merged(&entries, key, 0).map(Arc::clone);
                let value = patch.apply(inherited)?;
                let entry = (Value::string(key.clone()), value);
                if key == "metadata" {
                    entries.insert(0, entry);
                } else {
                    entries.push(entry);
                }
            }
        }
        for segment in self.removed() {
            let Segment::Key(key) = segment else {
                return Err(Misfit("a list position in a mapping".to_owned()));
            };
            let before = entries.len();
            entries.retain(|(name, _)| !is_key(name, key));
            if before - entries.len() != 1 || merged(&entries, key, 0).is_some() {
                return Err(not_once(key));
            }
        }
        Ok(Value::Mapping(entries))
    }
}

/// A key that is taken out must be gone afterwards.
pub(super) fn not_once(key: &str) -> Misfit {
    Misfit(format!(
        "{key} does not stand in this mapping once, and by itself"
    ))
}

fn misfit(path: &Path, why: &str) -> Misfit {
    Misfit(format!("{path} {why}"))
}

fn is_key(name: &Value, key: &str) -> bool {
    matches!(name, Value::Scalar(Scalar { text, .. }) if text == key)
}

/// The value that a mapping has by its merge keys.
fn merged<'v>(
    entries: &'v [(Value, Arc<Value>)],
    key: &str,
    depth: usize,
) -> Option<&'v Arc<Value>> {
    if depth > 64 {
        return None;
    }
    let sources = entries.iter().filter_map(|(name, value)| match name {
        Value::Scalar(Scalar {
            text, plain: true, ..
        }) if text == "<<" => Some(value),
        _ => None,
    });
    sources
        .flat_map(|source| match &**source {
            Value::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(source),
        })
        .find_map(|source| match &**source {
            Value::Mapping(entries) => entries
                .iter()
                .rev()
                .find(|(name, _)| is_key(name, key))
                .map(|(_, value)| value)
                .or_else(|| merged(entries, key, depth + 1)),
            _ => None,
        })
}

/// Null, `[]` and `{}`: what becomes a list or a mapping as it is needed.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Scalar(scalar) => {
            scalar.plain && scalar.tag.is_none() && crate::yaml::scalar::is_null(&scalar.text)
        }
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(entries) => entries.is_empty(),
    }
}
