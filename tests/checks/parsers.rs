//! Two readers of one text: the scanner for the plain block style beside the full parser, the reader
//! of JSON beside that of others.

use datakit_inject::document::split;
use datakit_inject::source::BYTE_ORDER_MARK;
use datakit_inject::yaml::parse::parse_full;
use datakit_inject::yaml::scalar::{Resolved, resolve};
use datakit_inject::yaml::scan::scan;
use datakit_inject::yaml::{Kind, NodeId, ScalarStyle, Tree, json};
use serde_json::Value as Json;

use super::rewriting::Checked;

/// The only thing that the scanner takes and the full parser does not: a quoted text that goes on
/// at its key's column, as kubectl takes it; not in a document with anchors.
const KNOWN: &str = "invalid indentation in multiline quoted scalar";

/// What became of a document in both parsers.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Found {
    Equal,
    /// The scanner gave up.
    Left,
    /// The scanner takes the quoted text that only the full parser refuses.
    Known,
}

/// Bytes in all readers: as a stream of YAML, and as JSON.
pub fn check(bytes: &[u8]) -> Checked {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    for document in documents(text) {
        compare(document)?;
    }
    compare_json(text).map(|_| ())
}

/// A document in the scanner and in the full parser.
pub fn compare(text: &str) -> Result<Found, String> {
    let Some(scanned) = scan(text) else {
        return Ok(Found::Left);
    };
    match parse_full(text) {
        Err(error) if error.message.contains(KNOWN) && scanned.is_plain_block_style() => {
            Ok(Found::Known)
        }
        Err(error) => Err(format!("wrongly accepted: {error:?}")),
        Ok(full) if full.second_root.is_some() => Err("two documents accepted".to_owned()),
        Ok(full) if full.tree == scanned => Ok(Found::Equal),
        Ok(full) => Err(first_difference(&scanned, &full.tree)),
    }
}

/// The first node in which two trees differ.
pub fn first_difference(scanned: &Tree<'_>, full: &Tree<'_>) -> String {
    let nodes = |tree: &Tree<'_>| -> Vec<String> {
        let draw = |id| {
            let (kind, span, lead) = (tree.kind(id), tree.outer_span(id), tree.lead(id));
            format!("{kind:?} {span:?} {lead:?} {:?}", tree.text(id))
        };
        tree.ids().map(draw).collect()
    };
    let (scanned, full) = (nodes(scanned), nodes(full));
    let at = scanned
        .iter()
        .zip(&full)
        .take_while(|(one, other)| one == other)
        .count();
    format!(
        "node {at}: scanned {:?}, full {:?}",
        scanned.get(at),
        full.get(at)
    )
}

/// The YAML documents of a text.
pub fn documents(text: &str) -> Vec<&str> {
    let text = text.trim_start_matches(BYTE_ORDER_MARK);
    let documents = split(text).into_iter();
    let texts = documents.map(|document| &text[document.span.start..document.span.end]);
    texts.filter(|text| json::parse(text).is_err()).collect()
}

/// serde_json's nesting limit, below which both readers must agree.
const DEPTH: usize = 120;

/// A text under our reader of JSON and under another's: both refuse it, or both read one value.
pub fn compare_json(text: &str) -> Result<bool, String> {
    let theirs: Result<Json, _> = serde_json::from_str(text);
    match (json::parse(text), theirs) {
        (Ok(tree), Ok(theirs)) => {
            let root = tree.root().ok_or("a value without a node")?;
            match json_value(&tree, root, 0) {
                Some(ours) if ours != theirs => Err(format!("{ours} is not {theirs}")),
                _ => Ok(true),
            }
        }
        (Err(_), Err(_)) => Ok(false),
        (Ok(tree), Err(theirs)) => {
            if is_beyond_serde(&theirs) {
                return Ok(false);
            }
            Err(format!("taken, but {theirs}: {:?}", tree.source_text()))
        }
        (Err(ours), Ok(theirs)) => {
            let depth = depth(&theirs);
            if depth > DEPTH {
                return Ok(false);
            }
            Err(format!("refused ({}), but it is {theirs}", ours.message))
        }
    }
}

/// Whether a text is JSON that serde_json has no value for: numbers beyond all floats, half of a
/// surrogate pair, and depths beyond its limit.
pub fn is_beyond_serde(error: &serde_json::Error) -> bool {
    let why = error.to_string();
    let known = ["out of range", "recursion limit", "surrogate", "hex escape"];
    known.iter().any(|known| why.contains(known))
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(entries) => 1 + entries.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// The value of a tree of JSON, the last of equal keys; nothing where it is too deep to compare.
fn json_value(tree: &Tree<'_>, id: NodeId, depth: usize) -> Option<Json> {
    if depth > DEPTH {
        return None;
    }
    Some(match tree.kind(id) {
        Kind::Scalar(ScalarStyle::Plain) => match resolve(tree.text(id)) {
            Resolved::Null => Json::Null,
            Resolved::Bool(value) => Json::Bool(value),
            _ => serde_json::from_str(tree.text(id)).ok()?,
        },
        Kind::Scalar(_) => Json::String(tree.text(id).to_owned()),
        Kind::Sequence(_) => {
            let items = tree
                .children(id)
                .map(|item| json_value(tree, item, depth + 1));
            Json::Array(items.collect::<Option<_>>()?)
        }
        Kind::Mapping(_) => {
            let entries = tree.entries(id).map(|(key, value)| {
                Some((
                    tree.text(key).to_owned(),
                    json_value(tree, value, depth + 1)?,
                ))
            });
            Json::Object(entries.collect::<Option<_>>()?)
        }
        Kind::Alias | Kind::Known => return None,
    })
}
