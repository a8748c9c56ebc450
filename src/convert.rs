//! A document in the other format: YAML as JSON, JSON as YAML (`--output`).
//!
//! This is the one place where a whole document is printed anew, because the user asked for it.

use std::sync::Arc;

use crate::source::Span;
use crate::yaml::emit::{self, BlockStyle, FlowLines, FlowStyle, Literals};
use crate::yaml::scalar::{self, Resolved};
use crate::yaml::{Budget, Excess, Kind, NodeId, ScalarStyle, Tree, Value};

/// The format that output is converted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Block style.
    Yaml,
    /// Indented by four blanks, as kubectl writes it.
    Json,
}

/// Why a document has no other form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvertError {
    /// What is in the way.
    pub message: &'static str,
    /// Where, in bytes of the document's text.
    pub span: Span,
    /// What its aliases make too much of, where it is that.
    pub excess: Option<Excess>,
}

/// A document as JSON text with a line break behind it: aliases and merge keys expanded, plain
/// scalars as Kubernetes reads them. `aliases` bounds what these add to the document.
///
/// # Errors
/// Where a value has no form in JSON, or aliases make too much of the document.
pub fn to_json(tree: &Tree<'_>, root: NodeId, aliases: Budget) -> Result<String, ConvertError> {
    let value = json_value(tree, root, &mut whole(tree, aliases), 0)?;
    let style = FlowStyle {
        json: true,
        colon_gap: " ",
        comma_gap: " ",
        lines: Some(FlowLines {
            indent: String::new(),
            unit: "    ".to_owned(),
            newline: "\n",
            short_lists: false,
        }),
    };
    Ok(emit::flow(&value, &style) + "\n")
}

/// A JSON document as YAML text in block style. `aliases` bounds what these add to the document: none,
/// where it is JSON.
///
/// # Errors
/// Where the document is too large.
pub fn to_yaml(tree: &Tree<'_>, root: NodeId, aliases: Budget) -> Result<String, ConvertError> {
    let value = json_value(tree, root, &mut whole(tree, aliases), 0)?;
    let style = BlockStyle {
        mapping_indent: 2,
        sequence_indent: 0,
        newline: "\n",
        literals: Literals::All,
    };
    Ok(emit::block_document(&value, style))
}

/// The budget for all of a document: what stands there, and what its aliases may add.
fn whole(tree: &Tree<'_>, aliases: Budget) -> Budget {
    Budget::new(
        aliases.values.saturating_add(tree.ids().count()),
        aliases.bytes.saturating_add(tree.source_text().len()),
    )
}

fn json_value(
    tree: &Tree<'_>,
    id: NodeId,
    budget: &mut Budget,
    depth: usize,
) -> Result<Value, ConvertError> {
    let error = |message| ConvertError {
        message,
        span: tree.span(id),
        excess: None,
    };
    let node = tree.resolve(id);
    let text = match tree.kind(node) {
        Kind::Scalar(_) => tree.text(node).len(),
        _ => 0,
    };
    if budget.take(text, depth).is_none() {
        return Err(ConvertError {
            excess: budget.excess,
            ..error("its aliases make too much of this document")
        });
    }
    match tree.kind(node) {
        Kind::Scalar(style) => {
            scalar_value(tree, node, style).ok_or_else(|| error("JSON knows no infinite numbers"))
        }
        Kind::Sequence(_) => Ok(Value::Sequence(
            tree.children(node)
                .map(|item| json_value(tree, item, budget, depth + 1).map(Arc::new))
                .collect::<Result<_, _>>()?,
        )),
        Kind::Mapping(_) => {
            let mut entries = Vec::new();
            for (key, value) in tree.effective_entries(node) {
                let name = tree.resolve(key);
                if !matches!(tree.kind(name), Kind::Scalar(_)) {
                    return Err(error("JSON knows no keys but strings"));
                }
                entries.push((
                    Value::string(tree.text(name).to_owned()),
                    Arc::new(json_value(tree, value, budget, depth + 1)?),
                ));
            }
            Ok(Value::Mapping(entries))
        }
        Kind::Alias | Kind::Known => Err(error("this alias stands for nothing")),
    }
}

fn scalar_value(tree: &Tree<'_>, id: NodeId, style: ScalarStyle) -> Option<Value> {
    let text = tree.text(id);
    let is_string = style != ScalarStyle::Plain
        || tree
            .tag(id)
            .is_some_and(|tag| tag == scalar::STRING_TAG || tag == "!");
    if is_string {
        return Some(Value::string(text.to_owned()));
    }
    Some(match scalar::resolve(text) {
        Resolved::Null => Value::plain("null"),
        Resolved::Bool(value) => Value::bool(value),
        Resolved::Integer(digits) => Value::plain(digits),
        Resolved::Float(number) => Value::plain(json_number(&number)),
        Resolved::NotFinite => return None,
        Resolved::String => Value::string(text.to_owned()),
    })
}

/// A number as JSON spells it: `.5` is `0.5`, `1.` is `1`, and no zeros in front.
fn json_number(number: &str) -> String {
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number),
    };
    let split = number.find(['e', 'E']).unwrap_or(number.len());
    let (mantissa, exponent) = number.split_at(split);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{json, parse};

    #[test]
    fn yaml_becomes_the_json_that_kubernetes_reads_it_as() {
        let text = "base: &b {x: 0644, y: yes}\na:\n  <<: *b\n  y: 'yes'\nl: [~, .5, 1., 1_0, 007.5, 1:30]\ne: {}\n5: !!str 6\n";
        let parsed = parse(text).unwrap();
        let json = to_json(&parsed.tree, parsed.tree.root().unwrap(), Budget::default()).unwrap();
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            read,
            serde_json::json!({
                "base": {"x": 420, "y": true},
                "a": {"y": "yes", "x": 420},
                "l": [null, 0.5, 1, 10, 7.5, "1:30"],
                "e": {},
                "5": "6",
            })
        );
        assert!(json.starts_with("{\n    \"base\": {\n        \"x\": 420,"));
    }

    #[test]
    fn json_becomes_block_style() {
        let tree =
            json::parse(r#"{"a": [{"b": "yes", "c": 1e3}], "d": "x\ny\n", "e": []}"#).unwrap();
        assert_eq!(
            to_yaml(&tree, tree.root().unwrap(), Budget::default()).unwrap(),
            "a:\n- b: \"yes\"\n  c: 1e3\nd: |\n  x\n  y\ne: []\n"
        );
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        for text in [".inf", "? [a]\n: b"] {
            let parsed = parse(text).unwrap();
            assert!(
                to_json(&parsed.tree, parsed.tree.root().unwrap(), Budget::default()).is_err(),
                "{text}"
            );
        }
        let bomb: String = (1..12).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            format!(
                "{text}a{n}: &a{n} [{}]\n",
                vec![format!("*a{}", n - 1); 9].join(",")
            )
        });
        let parsed = parse(&bomb).unwrap();
        let root = parsed.tree.root().unwrap();
        for (budget, excess) in [
            (Budget::new(1000, 1 << 20), Excess::Values),
            (Budget::new(1 << 20, 1000), Excess::Bytes),
        ] {
            let error = to_json(&parsed.tree, root, budget).unwrap_err();
            assert_eq!(error.excess, Some(excess));
        }
        // What has no aliases may be as large as it likes.
        let list = format!("[{}]", "x, ".repeat(1000));
        let parsed = parse(&list).unwrap();
        let root = parsed.tree.root().unwrap();
        assert!(to_json(&parsed.tree, root, Budget::new(0, 0)).is_ok());
    }
}
