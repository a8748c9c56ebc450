//! Any changes on any document: what the editor makes of them is the intended value, and every line
//! that need not change is there still.

use std::sync::Arc;

use datakit_inject::change::{Change, Changes, Operation, Path, Segment};
use datakit_inject::edit::{EditError, Edited, Editor};
use datakit_inject::yaml::{self, Kind, NodeId, Tree, Value, json};

use super::choices::Choices;
use super::lines::lost_line;
use super::rewriting::{Checked, new_scalars_are_what_they_say, value_is_intended};

/// What became of a document and changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// The text is no document.
    NoDocument,
    /// The editor says that it cannot do that.
    Refused,
    /// The changes make no difference.
    Same,
    /// It is another text, and the second reader read the intended value.
    Verified,
    /// It is another text, which the second reader cannot tell anything of.
    Changed,
}

/// Keys that changes add, odd ones among them; but for `<<`, which the second reader takes for a
/// merge key in quotes, too.
const KEYS: [&str; 13] = [
    "env", "metadata", "a", "volumes", "name", "yes", "1", "~", "a: b", "#", "", "k\n2", "\u{4e2d}",
];

/// Texts of values that changes put in, odd ones among them.
const TEXTS: [&str; 28] = [
    "x",
    "nginx:1.22",
    "yes",
    "012",
    "",
    " -javaagent:/datadog-lib/dd-java-agent.jar",
    "trailing ",
    "a: b",
    "a #b",
    "- a",
    "two\nlines",
    "two\nlines\n",
    "\n",
    "\n\nthree\n\n\n",
    "  deep\nless",
    "deep\n  er\n",
    "\ttab\n\ttab",
    "---",
    "a\n---\nb\n",
    "a\n...\n",
    "'\"\\",
    "$(POD_NAME)",
    "\u{85}\u{2028}",
    "\u{1f600}",
    "\u{7}\r\n",
    "{a: [b]}",
    "{{ .Values.x }}",
    "*a",
];

/// A value for changes to put in.
pub fn value(choices: &mut Choices<'_>, depth: usize) -> Value {
    match choices.below(if depth > 2 { 4 } else { 6 }) {
        0 | 1 => Value::string(*choices.pick(&TEXTS)),
        2 => Value::bool(choices.below(2) == 1),
        3 => Value::plain(choices.below(10_000).to_string()),
        4 => {
            let items = (0..choices.below(4)).map(|_| Arc::new(value(choices, depth + 1)));
            Value::Sequence(items.collect())
        }
        _ => {
            // Keys are those of Kubernetes' types, and differ from each other.
            let keys = ["name", "value", "valueFrom"];
            let count = choices.below(4);
            let entries = keys.into_iter().take(count);
            let entries: Vec<_> = entries
                .map(|key| (key, value(choices, depth + 1)))
                .collect();
            Value::mapping(entries)
        }
    }
}

/// A few changes that a document may take.
pub fn changes(tree: &Tree<'_>, root: NodeId, choices: &mut Choices<'_>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for _ in 0..=choices.below(4) {
        let mut path: Vec<Segment> = Vec::new();
        let mut here = root;
        let operation = loop {
            // An alias may stand for what it stands in.
            if path.len() > 64 {
                break Operation::Set(Arc::new(value(choices, 0)));
            }
            let node = tree.resolve(here);
            let empty = tree.children(node).next().is_none();
            match tree.kind(node) {
                Kind::Mapping(_) if !empty => {
                    // No change is made of a merge key.
                    let entries = tree
                        .entries(node)
                        .filter(|(key, _)| !tree.is_merge_key(*key));
                    let entries: Vec<(NodeId, NodeId)> = entries.collect();
                    let choice = choices.below(entries.len() + 3);
                    match entries.get(choice) {
                        Some(&(key, value)) if tree.is_scalar(tree.resolve(key)) => {
                            let key = tree.text(tree.resolve(key)).to_owned();
                            path.push(Segment::from(key));
                            here = value;
                        }
                        _ if choice == entries.len() => {
                            path.push(Segment::from(*choices.pick(&KEYS)));
                            break Operation::Set(Arc::new(value(choices, 0)));
                        }
                        _ if choice == entries.len() + 1 && !entries.is_empty() => {
                            let (key, _) = *choices.pick(&entries);
                            let key = tree.text(tree.resolve(key)).to_owned();
                            path.push(Segment::from(key));
                            break Operation::Remove;
                        }
                        _ => break Operation::Set(Arc::new(value(choices, 0))),
                    }
                }
                Kind::Sequence(_) if !empty => {
                    let count = tree.children(node).count();
                    let choice = choices.below(count + 5);
                    if choice < count {
                        path.push(Segment::from(choice));
                        here = tree.children(node).nth(choice).unwrap_or(here);
                        continue;
                    }
                    break match choice - count {
                        0 | 1 => Operation::Append(Arc::new(value(choices, 0))),
                        2 => Operation::Prepend(Arc::new(value(choices, 0))),
                        last => {
                            path.push(Segment::from(choices.below(count)));
                            if last == 3 {
                                Operation::MoveLast
                            } else {
                                Operation::Remove
                            }
                        }
                    };
                }
                // Nothing can be added to a scalar but null: that is tried now and then.
                Kind::Scalar(_) if !tree.node(node).is_null() && choices.below(16) < 15 => {
                    break Operation::Set(Arc::new(value(choices, 0)));
                }
                _ => match choices.below(3) {
                    0 => break Operation::Set(Arc::new(value(choices, 0))),
                    1 => break Operation::Append(Arc::new(value(choices, 0))),
                    _ => {
                        path.push(Segment::from(*choices.pick(&KEYS)));
                        break Operation::Set(Arc::new(value(choices, 0)));
                    }
                },
            }
        };
        let change = Change::new(Path(path.into()), operation);
        // Changes that do not fit each other are refused: that, too, is tried now and then.
        let fits = changes.iter().all(|other| fit(other, &change));
        let moves_twice = change.operation == Operation::MoveLast && changes.contains(&change);
        if (fits || choices.below(16) == 15) && !moves_twice {
            changes.push(change);
        }
    }
    changes
}

/// Whether neither change is at or below what the other replaces.
fn fit(one: &Change, other: &Change) -> bool {
    let covers = |outer: &Change, inner: &Change| {
        matches!(outer.operation, Operation::Set(_) | Operation::Remove)
            && inner.path.0.starts_with(&outer.path.0)
    };
    !covers(one, other) && !covers(other, one)
}

/// A text's tree, where it is one document without a second behind `...`.
fn read(text: &str) -> Option<Tree<'_>> {
    if let Ok(tree) = json::parse(text) {
        return Some(tree);
    }
    let parsed = yaml::parse(text).ok()?;
    parsed.second_root.is_none().then_some(parsed.tree)
}

fn edit(editor: &mut Editor, tree: &Tree<'_>, changes: &[Change]) -> Result<Edited, EditError> {
    let changes = Changes {
        base: Path::default(),
        below: changes.to_vec(),
    };
    editor.edit(tree, &[changes])
}

/// Bytes as a document and, behind a byte of zero, the choices that make the changes.
pub fn check(bytes: &[u8]) -> Checked<Became> {
    let end = bytes.iter().position(|byte| *byte == 0);
    let (text, choices) = bytes.split_at(end.unwrap_or(bytes.len()));
    let choices = choices
        .split_first()
        .map_or(&[][..], |(_, choices)| choices);
    match std::str::from_utf8(text) {
        Ok(text) => check_document(text, &mut Choices::new(choices)),
        Err(_) => Ok(Became::NoDocument),
    }
}

/// Edits a document as the choices say, and asks for all that must hold of the result.
pub fn check_document(text: &str, choices: &mut Choices<'_>) -> Checked<Became> {
    let Some(tree) = read(text) else {
        return Ok(Became::NoDocument);
    };
    let Some(root) = tree.root() else {
        return Ok(Became::NoDocument);
    };
    let changes = changes(&tree, root, choices);
    check_changes(&tree, &changes).map_err(|why| format!("{why}\n{changes:?}"))
}

fn check_changes(tree: &Tree<'_>, changes: &[Change]) -> Checked<Became> {
    let text = tree.source_text();
    let mut editor = Editor::default();
    let edited = match edit(&mut editor, tree, changes) {
        Ok(edited) => edited,
        Err(error) if error.internal => return Err(format!("a defect of its own: {error:?}")),
        Err(_) => return Ok(Became::Refused),
    };
    if edit(&mut editor, tree, changes).as_ref() != Ok(&edited) {
        return Err("the same changes again make another text".to_owned());
    }
    let Some(new) = &edited.new else {
        let verified = value_is_intended(text, text, changes)?;
        let _ = verified;
        return Ok(Became::Same);
    };
    let new = new.text(text);
    if let Some(line) = lost_line(tree, changes, &new) {
        return Err(format!("this line is lost: {line:?}\n{new}"));
    }
    let verified = value_is_intended(text, &new, changes).map_err(|why| format!("{why}\n{new}"))?;
    let Some(new_tree) = read(&new) else {
        return Err(format!("the result is no document\n{new}"));
    };
    new_scalars_are_what_they_say(tree, &new_tree, changes)?;
    settled(&mut editor, &new_tree, changes)?;
    Ok(if verified {
        Became::Verified
    } else {
        Became::Changed
    })
}

/// Setting a scalar again to what it was set to changes nothing but quotes: a key in quotes that came
/// with it may have told of JSON. A value of several parts may be laid out in another way than what it
/// took the place of.
fn settled(editor: &mut Editor, new: &Tree<'_>, changes: &[Change]) -> Checked {
    let shifts = |change: &Change| {
        matches!(
            change.operation,
            Operation::Prepend(_) | Operation::MoveLast | Operation::Remove
        )
    };
    if changes.iter().any(shifts) {
        return Ok(());
    }
    let sets = changes.iter().filter(|change| {
        matches!(&change.operation, Operation::Set(value) if matches!(**value, Value::Scalar(_)))
    });
    let sets: Vec<Change> = sets.cloned().collect();
    if sets.is_empty() {
        return Ok(());
    }
    let text = new.source_text();
    match edit(editor, new, &sets) {
        Ok(Edited { new: None, .. }) => Ok(()),
        Ok(Edited {
            new: Some(twice), ..
        }) => {
            let twice = twice.text(text);
            if twice.replace('"', "") == text.replace('"', "") {
                return Ok(());
            }
            Err(format!(
                "setting the same again changes\n{text}\ninto\n{twice}"
            ))
        }
        Err(error) => Err(format!("setting the same again fails: {error:?}\n{text}")),
    }
}
