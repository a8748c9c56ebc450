//! What a document means to a reader that is not ours, and what changes make of that meaning, worked
//! out in another way than the program does.

use std::collections::{BTreeMap, BTreeSet};

use datakit_inject::change::{Change, Operation, Segment};
use datakit_inject::yaml::Value;
use serde_yaml::Value as Read;

/// A document under the second reader; nothing where that reader refuses it, as it does duplicate
/// keys, or cannot be trusted with it: it takes an alias for the last anchor of that name, and not for
/// the last in front of it.
pub fn second_reading(text: &str) -> Option<Read> {
    if has_anchor_twice(text) {
        return None;
    }
    // Kubernetes reads JSON as JSON: some characters are line breaks in YAML alone.
    if let Ok(value) = serde_json::from_str(text) {
        return Some(value);
    }
    let mut value: Read = serde_yaml::from_str(text).ok()?;
    value.apply_merge().ok()?;
    Some(value)
}

/// Whether what looks like an anchor stands in a text twice.
fn has_anchor_twice(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || "[]{},".contains(c));
    let is_anchor =
        |word: &&str| word.len() > 1 && word.starts_with('&') && !word.starts_with("&&");
    let mut anchors = words.filter(is_anchor);
    let mut known = BTreeSet::new();
    !anchors.all(|anchor| known.insert(anchor))
}

/// A value of the program's as the second reader reads it.
pub fn read_value(value: &Value) -> Option<Read> {
    Some(match value {
        Value::Scalar(scalar) if scalar.plain => serde_yaml::from_str(&scalar.text).ok()?,
        Value::Scalar(scalar) => Read::String(scalar.text.clone().into_owned()),
        Value::Sequence(items) => {
            let items = items.iter().map(|item| read_value(item));
            Read::Sequence(items.collect::<Option<_>>()?)
        }
        Value::Mapping(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| Some((read_value(key)?, read_value(value)?)));
            Read::Mapping(entries.collect::<Option<_>>()?)
        }
    })
}

/// What happens to one list.
#[derive(Default)]
struct ListChanges<'c> {
    front: Vec<&'c Value>,
    tail: Vec<Tail<'c>>,
    removed: Vec<usize>,
}

enum Tail<'c> {
    New(&'c Value),
    Moved(usize),
}

/// What the changes make of a value. Indices are those before the changes, and a moved item goes
/// behind what was appended before it. Nothing where a change has no place in the value, or leads
/// through a key that is no string to this reader.
pub fn intended(mut value: Read, changes: &[Change]) -> Option<Read> {
    // Values first, while all indices are still those of the unchanged document.
    for change in changes {
        if let Operation::Set(new) = &change.operation {
            *at(&mut value, &change.path.0)? = read_value(new)?;
        }
    }
    for change in changes {
        if let (Operation::Remove, Some((Segment::Key(key), around))) =
            (&change.operation, change.path.0.split_last())
        {
            let key = Read::String(key.clone().into_owned());
            at(&mut value, around)?.as_mapping_mut()?.remove(&key)?;
        }
    }
    let mut lists: BTreeMap<&[Segment], ListChanges<'_>> = BTreeMap::new();
    for change in changes {
        let path = &*change.path.0;
        match &change.operation {
            Operation::Set(_) => {}
            Operation::Append(new) => lists.entry(path).or_default().tail.push(Tail::New(new)),
            Operation::Prepend(new) => lists.entry(path).or_default().front.push(new),
            Operation::Remove => match path.split_last()? {
                (Segment::Index(index), list) => {
                    lists.entry(list).or_default().removed.push(*index);
                }
                (Segment::Key(_), _) => {}
            },
            Operation::MoveLast => {
                let (Segment::Index(index), list) = path.split_last()? else {
                    return None;
                };
                lists
                    .entry(list)
                    .or_default()
                    .tail
                    .push(Tail::Moved(*index));
            }
        }
    }
    // Inner lists before those around them, whose items they are in.
    let mut lists: Vec<_> = lists.into_iter().collect();
    lists.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
    for (path, changes) in lists {
        let list = at(&mut value, path)?;
        let is_empty_mapping = list.as_mapping().is_some_and(serde_yaml::Mapping::is_empty);
        if list.is_null() || is_empty_mapping {
            *list = Read::Sequence(Vec::new());
        }
        let items = std::mem::take(list.as_sequence_mut()?);
        let mut new = Vec::new();
        for value in changes.front {
            new.push(read_value(value)?);
        }
        let goes = |index: usize| {
            let mut tail = changes.tail.iter();
            changes.removed.contains(&index)
                || tail.any(|part| matches!(part, Tail::Moved(moved) if *moved == index))
        };
        let kept = items.iter().enumerate().filter(|(index, _)| !goes(*index));
        new.extend(kept.map(|(_, item)| item.clone()));
        for part in &changes.tail {
            new.push(match part {
                Tail::New(value) => read_value(value)?,
                Tail::Moved(index) => items.get(*index)?.clone(),
            });
        }
        // A tag on the list stays.
        *list.as_sequence_mut()? = new;
    }
    Some(value)
}

/// The value at a path; missing keys are made on the way.
fn at<'v>(value: &'v mut Read, path: &[Segment]) -> Option<&'v mut Read> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Key(key) => {
            let is_empty_list = value.as_sequence().is_some_and(Vec::is_empty);
            if value.is_null() || is_empty_list {
                *value = Read::Mapping(serde_yaml::Mapping::new());
            }
            let entries = value.as_mapping_mut()?;
            // A number or a tagged text is a key of the same text to us, and another one there.
            if !entries.keys().all(|key| matches!(key, Read::String(_))) {
                return None;
            }
            let key = Read::String(key.clone().into_owned());
            Some(entries.entry(key).or_insert(Read::Null))
        }
        Segment::Index(index) => value.as_sequence_mut()?.get_mut(*index),
    })
}
