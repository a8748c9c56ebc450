//! Keys that nobody reads, and keys that stand twice. The operator says nothing of either.

use super::Check;
use std::collections::HashMap;

use crate::config::object::{Field, folded, is_field};
use crate::config::schema::{Holds, Key, Keys};
use crate::config::text::ConfigText;
use crate::diagnostic::nearest;
use crate::source::Span;
use crate::yaml::Node;

/// How keys are compared: names of fields without regard to case, data exactly.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compared {
    AsFields,
    AsData,
}

impl Compared {
    fn same(self, key: Node<'_>, name: &str) -> bool {
        match self {
            Self::AsFields => is_field(key, name),
            Self::AsData => key.as_str() == Some(name),
        }
    }
}

impl Check<'_> {
    /// Looks at the keys of an object and of those below it.
    pub(super) fn keys(&mut self, object: &Field<'_>, known: Keys) {
        self.repeated(object, Compared::AsFields);
        self.unknown(object, known, Compared::AsFields);
        for key in known {
            let Some(value) = object.get(key.name) else {
                continue;
            };
            if !key.is_read {
                self.unread(&value);
                continue;
            }
            match key.holds {
                Holds::Scalar | Holds::Strings => {}
                Holds::Object(known) => {
                    if value.node.is_mapping() {
                        self.keys(&value, known);
                    }
                }
                Holds::Objects(known) => {
                    for item in object.objects(key.name) {
                        self.keys(&item, known);
                    }
                }
                Holds::Variables => self.repeated(&value, Compared::AsData),
                Holds::Images(known) => {
                    self.repeated(&value, Compared::AsData);
                    self.unknown(&value, known, Compared::AsData);
                    for key in known.iter().filter(|key| !key.is_read) {
                        if let Some(image) = value.get(key.name) {
                            self.unread(&image);
                        }
                    }
                }
            }
        }
    }

    /// Keys that stand more than once, each at the places that count no more.
    fn repeated(&mut self, object: &Field<'_>, compared: Compared) {
        let keys: Vec<Node<'_>> = object.node.raw_entries().map(|(key, _)| key).collect();
        let fold = |key: &Node<'_>| {
            let text = key.as_str().unwrap_or_default();
            match compared {
                Compared::AsFields => folded(text).collect(),
                Compared::AsData => text.to_owned(),
            }
        };
        let mut last: HashMap<String, usize> = HashMap::new();
        for (index, key) in keys.iter().enumerate() {
            last.insert(fold(key), index);
        }
        for (index, key) in keys.iter().enumerate() {
            let counts = last.get(&fold(key)).copied().unwrap_or(index);
            if counts == index {
                continue;
            }
            if self.is_full() {
                return;
            }
            let last = keys.get(counts).unwrap_or(key);
            let hint = last_one(self.text, key.span(), last.span());
            let name = path(object, key.as_str().unwrap_or_default());
            self.warn(
                "config-duplicate-key",
                *key,
                format!("`{name}` stands there more than once, and this one does not count"),
                Some(hint),
            );
        }
    }

    fn unknown(&mut self, object: &Field<'_>, known: Keys, compared: Compared) {
        for (key, _) in object.node.raw_entries() {
            if known.iter().any(|known| compared.same(key, known.name)) {
                continue;
            }
            if self.is_full() {
                return;
            }
            let text = key.as_str().unwrap_or_default();
            let near = nearest(text, known.iter().map(|known| known.name));
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", names(known)),
            };
            let message = format!("the operator knows no `{}`", path(object, text));
            self.warn("config-unknown-key", key, message, Some(hint));
        }
    }

    /// A value that means something in the other dialect alone.
    fn unread(&mut self, value: &Field<'_>) {
        let is_empty = value.node.as_string() == Some("");
        if !is_empty {
            let version = self.dialect.operator_version();
            let message = format!("operator {version} does not look at `{}`", value.path);
            self.warn("config-not-read", value.node, message, None);
        }
    }
}

/// Which of several keys counts: that at `last`, said beside the one at `own`.
pub(super) fn last_one(text: &ConfigText, own: Span, last: Span) -> String {
    let place = |span| text.source().line_column(text.span(span).start);
    let (own, last) = (place(own), place(last));
    if own.line == last.line {
        format!("the last one does, in column {}", last.column)
    } else {
        format!("the last one does, on line {}", last.line)
    }
}

fn path(object: &Field<'_>, key: &str) -> String {
    if object.path.is_empty() {
        key.to_owned()
    } else {
        format!("{}.{key}", object.path)
    }
}

fn names(known: &[Key]) -> String {
    let names: Vec<&str> = known.iter().map(|key| key.name).collect();
    names.join(", ")
}
