//! What the tests on the operator's recorded answers share: the cases, and when two pods are the
//! same (`testdata/vectors`).

use std::path::Path;

use datakit_inject::config::quantity;
use serde_json::Value as Json;

/// The cases of a file: objects with `config`, `namespace`, `pod` and `expect`.
pub(crate) fn cases(file: &str) -> Vec<Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/vectors")
        .join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What differs, under the equivalence of the recorded answers: an empty `value` is none,
/// quantities compare by value, the keys of mappings have no order.
pub(crate) fn differences(ours: &Json, theirs: &Json) -> Vec<String> {
    let mut found = Vec::new();
    compare(ours, theirs, &mut Vec::new(), &mut found);
    found
}

fn compare(ours: &Json, theirs: &Json, path: &mut Vec<String>, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Json::Object(left), Json::Object(right)) => {
            let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            let is_variable = path.len() > 1 && path[path.len() - 2] == "env";
            for key in keys {
                let value = |map: &serde_json::Map<String, Json>| {
                    let value = map.get(key).cloned().unwrap_or_default();
                    let dropped = is_variable && key == "value" && value == "";
                    if dropped { Json::Null } else { value }
                };
                path.push(key.clone());
                compare(&value(left), &value(right), path, found);
                path.pop();
            }
        }
        (Json::Array(left), Json::Array(right)) => {
            if left.len() != right.len() {
                let names = |list: &[Json]| {
                    let names = list.iter().map(|item| match &item["name"] {
                        Json::Null => item.to_string(),
                        name => name.to_string(),
                    });
                    names.collect::<Vec<_>>().join(", ")
                };
                let place = path.join(".");
                found.push(format!(
                    "{place}: [{}], expected [{}]",
                    names(left),
                    names(right)
                ));
                return;
            }
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                path.push(index.to_string());
                compare(left, right, path, found);
                path.pop();
            }
        }
        (Json::String(left), Json::String(right)) if is_quantity(path) => {
            if !quantity::equal(left, right) {
                found.push(format!("{}: {left}, expected {right}", path.join(".")));
            }
        }
        (left, right) if left == right => {}
        (left, right) => found.push(format!("{}: {left}, expected {right}", path.join("."))),
    }
}

fn is_quantity(path: &[String]) -> bool {
    path.iter().any(|key| key == "resources") || path.last().is_some_and(|key| key == "divisor")
}
