//! The changes of a document as a tree of their paths, and what they make of a value.

use std::collections::{HashMap, HashSet};

use crate::change::{Change, Operation, Path, Segment};
use crate::yaml::{Scalar, Value};

/// What happens at a node and below it.
#[derive(Debug, Default)]
pub(super) struct Patch<'c> {
    /// The value that takes the node's place; then nothing else happens here.
    pub(super) set: Option<&'c Value>,
    /// Sequences: what comes in front, in order.
    pub(super) prepend: Vec<&'c Value>,
    /// Sequences: what comes behind, in order.
    pub(super) tail: Vec<Tail<'c>>,
    /// What happens below, in the order in which the changes first name it.
    pub(super) children: Vec<(&'c Segment, Patch<'c>)>,
    /// Where each of them stands.
    places: HashMap<&'c Segment, usize>,
    /// The items that move to the end.
    moved: HashSet<usize>,
}

/// Something behind a sequence's items.
#[derive(Clone, Copy, Debug)]
pub(super) enum Tail<'c> {
    New(&'c Value),
    /// The item that stood at this position.
    Moved(usize),
}

/// Changes that do not fit each other or the value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) String);

impl<'c> Patch<'c> {
    pub(super) fn new(changes: &'c [Change]) -> Result<Self, Misfit> {
        let mut root = Self::default();
        for change in changes {
            let (segments, moved) = match (&change.operation, change.path.0.split_last()) {
                (Operation::MoveLast, Some((Segment::Index(index), list))) => (list, Some(*index)),
                (Operation::MoveLast, _) => return Err(misfit(&change.path, "is no list item")),
                _ => (&change.path.0[..], None),
            };
            let patch = segments.iter().try_fold(&mut root, |patch, segment| {
                if patch.set.is_some() {
                    return Err(misfit(&change.path, "lies below a value that is replaced"));
                }
                Ok(patch.child(segment))
            })?;
            match (&change.operation, moved) {
                (_, Some(index)) => {
                    patch.tail.push(Tail::Moved(index));
                    patch.moved.insert(index);
                }
                (Operation::Append(value), _) => patch.tail.push(Tail::New(value)),
                (Operation::Prepend(value), _) => patch.prepend.push(value),
                (Operation::Set(value), _) => {
                    if !patch.is_empty() {
                        return Err(misfit(&change.path, "is changed twice"));
                    }
                    patch.set = Some(value);
                }
                (Operation::MoveLast, None) => {}
            }
        }
        Ok(root)
    }

    fn child(&mut self, segment: &'c Segment) -> &mut Self {
        let index = *self.places.entry(segment).or_insert_with(|| {
            self.children.push((segment, Self::default()));
            self.children.len() - 1
        });
        &mut self.children[index].1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_none()
            && self.prepend.is_empty()
            && self.tail.is_empty()
            && self.children.is_empty()
    }

    /// Whether the node is, or becomes, a sequence.
    fn makes_sequence(&self) -> bool {
        !self.prepend.is_empty()
            || !self.tail.is_empty()
            || matches!(self.children.first(), Some((Segment::Index(_), _)))
    }

    /// The patch of the item at `index`, if it has one.
    pub(super) fn of_index(&self, index: usize) -> Option<&Self> {
        self.of(&Segment::Index(index))
    }

    /// The patch of what lies behind a segment, if it has one.
    pub(super) fn of(&self, segment: &Segment) -> Option<&Self> {
        self.places
            .get(segment)
            .map(|&place| &self.children[place].1)
    }

    /// Whether a mapping's key is changed.
    pub(super) fn has_key(&self, key: &str) -> bool {
        !self.places.is_empty() && self.places.contains_key(&Segment::from(key))
    }

    /// Whether the item at `index` moves to the end.
    pub(super) fn moves(&self, index: usize) -> bool {
        self.moved.contains(&index)
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
    pub(super) fn apply(&self, value: Option<Value>) -> Result<Value, Misfit> {
        if let Some(value) = self.set {
            return Ok(value.clone());
        }
        let value = value.filter(|value| !is_empty(value));
        if self.is_empty() {
            return value.ok_or_else(|| Misfit("a change is empty".to_owned()));
        }
        if self.makes_sequence() {
            self.apply_to_sequence(value)
        } else {
            self.apply_to_mapping(value)
        }
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
        for (segment, _) in &self.children {
            if !matches!(segment, Segment::Index(index) if *index < patched.len()) {
                return Err(Misfit("the list has no such item".to_owned()));
            }
        }
        let mut tail = Vec::new();
        for part in &self.tail {
            tail.push(match part {
                Tail::New(value) => (*value).clone(),
                Tail::Moved(index) => patched
                    .get(*index)
                    .cloned()
                    .ok_or_else(|| Misfit("the list has no such item".to_owned()))?,
            });
        }
        let mut index = 0;
        patched.retain(|_| {
            index += 1;
            !self.moves(index - 1)
        });
        let mut all: Vec<Value> = self.prepend.iter().copied().cloned().collect();
        all.append(&mut patched);
        all.append(&mut tail);
        Ok(Value::Sequence(all))
    }

    fn apply_to_mapping(&self, value: Option<Value>) -> Result<Value, Misfit> {
        let mut entries = match value {
            None => Vec::new(),
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
                let inherited = merged(&entries, key, 0).cloned();
                let value = patch.apply(inherited)?;
                let entry = (Value::string(key.clone()), value);
                if key == "metadata" {
                    entries.insert(0, entry);
                } else {
                    entries.push(entry);
                }
            }
        }
        Ok(Value::Mapping(entries))
    }
}

fn misfit(path: &Path, why: &str) -> Misfit {
    Misfit(format!("{path} {why}"))
}

fn is_key(name: &Value, key: &str) -> bool {
    matches!(name, Value::Scalar(Scalar { text, .. }) if text == key)
}

/// The value that a mapping has by its merge keys.
fn merged<'v>(entries: &'v [(Value, Value)], key: &str, depth: usize) -> Option<&'v Value> {
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
        .flat_map(|source| match source {
            Value::Sequence(items) => items.as_slice(),
            other => std::slice::from_ref(other),
        })
        .find_map(|source| match source {
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
