//! Whether two nodes say the same, as Kubernetes reads them: what the API server adds to what an
//! injection makes is no difference.

use crate::config::quantity;
use crate::yaml::Node;

/// Comparing two nodes looks at this many at most, aliases expanded.
const LIMIT: usize = 10_000;

/// The items of a list that is the value of a key; none where it is anything else.
pub(super) fn items<'a>(node: Node<'a>, key: &str) -> Vec<Node<'a>> {
    node.get(key).map(Node::items).unwrap_or_default()
}

/// A mapping's text under a key; empty where there is none.
pub(super) fn text<'a>(node: Node<'a>, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// A mapping's name.
pub(super) fn name(node: Node<'_>) -> &str {
    text(node, "name")
}

/// Whether everything that `wanted` says is said by `existing`, which may say more.
pub(super) fn covers(existing: Node<'_>, wanted: Node<'_>) -> bool {
    covers_below(existing, wanted, &mut { LIMIT })
}

fn covers_below(existing: Node<'_>, wanted: Node<'_>, budget: &mut usize) -> bool {
    let Some(left) = budget.checked_sub(1) else {
        return false;
    };
    *budget = left;
    if wanted.is_mapping() {
        return wanted.entries().into_iter().all(|(key, wanted)| {
            let own = existing.get(key).filter(|own| !own.is_null());
            own.map_or(is_nothing(wanted), |own| covers_below(own, wanted, budget))
        });
    }
    if wanted.is_sequence() {
        let (own, wanted) = (existing.items(), wanted.items());
        return own.len() == wanted.len()
            && own
                .into_iter()
                .zip(wanted)
                .all(|(own, wanted)| covers_below(own, wanted, budget));
    }
    let (own, wanted) = (existing.as_str(), wanted.as_str());
    own == wanted
        || own
            .zip(wanted)
            .is_some_and(|(own, wanted)| quantity::equal(own, wanted))
}

/// Null, an empty text, list or mapping.
pub(super) fn is_nothing(node: Node<'_>) -> bool {
    node.is_null()
        || node.as_str() == Some("")
        || (node.is_sequence() && node.items().is_empty())
        || (node.is_mapping() && node.entries().is_empty())
}
