//! A configuration as it is in force: what its dialect looks at, and no more, under the names that
//! the operator's documentation has, in its order.

use std::sync::Arc;

use super::object::Field;
use super::schema::{self, Holds, Keys};
use super::text::ConfigText;
use super::{Configuration, Dialect};
use crate::yaml::emit::{self, FlowLines, FlowStyle};
use crate::yaml::{Budget, Node, Tree, Value, json};

impl Configuration {
    /// The configuration as JSON that has the same effect: read again, its rules are these. Keys that
    /// nobody reads, those that stand again later, nulls, and variables that are no strings are left
    /// out; selectors that cannot be used stay.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.text, self.dialect) + "\n"
    }
}

fn shown(text: &ConfigText, dialect: Dialect) -> String {
    let tree = json::parse(text.json()).ok();
    let root = tree.as_ref().and_then(Tree::root_node);
    let mut entries = match root.filter(|root| root.is_mapping()) {
        Some(node) => {
            let root = Field {
                node,
                path: String::new(),
            };
            entries(&root, schema::root(dialect))
        }
        None => Vec::new(),
    };
    // Whoever reads it again goes by this key.
    let position = |name: &str| {
        entries
            .iter()
            .position(|(key, _)| key.as_text() == Some(name))
    };
    if dialect == Dialect::V2 && position("admission_inject_v2").is_none() {
        let place = position("admission_mutate").unwrap_or(entries.len());
        let empty = Arc::new(Value::Mapping(Vec::new()));
        entries.insert(place, (Value::string("admission_inject_v2"), empty));
    }
    emit::flow(&Value::Mapping(entries), &style())
}

/// How the operator's documentation writes its configuration.
fn style() -> FlowStyle {
    FlowStyle {
        json: true,
        colon_gap: " ",
        comma_gap: " ",
        lines: Some(FlowLines {
            indent: String::new(),
            unit: "    ".to_owned(),
            newline: "\n",
            short_lists: true,
        }),
    }
}

type Entries = Vec<(Value, Arc<Value>)>;

/// The fields of an object that are looked at.
fn entries(object: &Field<'_>, known: Keys) -> Entries {
    let read = known.iter().filter(|key| key.is_read);
    read.filter_map(|key| {
        let field = object.get(key.name)?;
        let value = match key.holds {
            Holds::Scalar => value(field.node)?,
            Holds::Strings => strings(field.node),
            Holds::Object(known) => Value::Mapping(entries(&field, known)),
            Holds::Objects(known) => objects(&field, known),
            Holds::Variables => variables(field.node, |value| value.as_string().is_some()),
            Holds::Images(_) => variables(field.node, |value| !value.is_null()),
        };
        Some((Value::string(key.name), Arc::new(value)))
    })
    .collect()
}

fn value(node: Node<'_>) -> Option<Value> {
    // Aliases, which could make it larger, JSON has none.
    node.tree().value(node.id(), &mut Budget::UNLIMITED.clone())
}

fn strings(list: Node<'_>) -> Value {
    let items = list.items().into_iter();
    let texts = items.filter_map(|item| item.as_string().map(str::to_owned));
    Value::Sequence(texts.map(|text| Arc::new(Value::string(text))).collect())
}

/// A null keeps its place, so that the entries behind it keep theirs.
fn objects(list: &Field<'_>, known: Keys) -> Value {
    let items = list.node.items().into_iter().map(|node| {
        Arc::new(if node.is_null() {
            Value::plain("null")
        } else {
            let path = String::new();
            Value::Mapping(entries(&Field { node, path }, known))
        })
    });
    Value::Sequence(items.collect())
}

/// The entries of an object whose keys are data.
pub(super) fn variables(object: Node<'_>, counts: impl Fn(Node<'_>) -> bool) -> Value {
    let entries = object.entries().into_iter();
    let entries = entries.filter(|(_, value)| counts(*value));
    let entries = entries.filter_map(|(name, node)| {
        let key = Value::string(name.to_owned());
        Some((key, Arc::new(value(node)?)))
    });
    Value::Mapping(entries.collect())
}
