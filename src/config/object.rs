//! Reading JSON as Go's `encoding/json` reads it into a struct: the names of fields match without
//! regard to case, a key given twice counts with its last value, null is absent, unknown keys are
//! ignored, and a value of the wrong type is an error with its place (`spec/1-behaviour.md`,
//! section 2).

use super::text::ConfigText;
use crate::diagnostic::{Diagnostic, Sink};
use crate::source::Span;
use crate::yaml::Node;

/// The value of a field of a JSON object. An exact match is not preferred over one in another
/// case: Go sets the field each time, and so the last one counts.
#[must_use]
pub fn field<'a>(object: Node<'a>, name: &str) -> Option<Node<'a>> {
    object
        .raw_entries()
        .filter(|(key, _)| is_field(*key, name))
        .last()
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

/// Whether a key of an object is the field of that name.
#[must_use]
pub fn is_field(key: Node<'_>, name: &str) -> bool {
    key.as_str().is_some_and(|key| same_field(key, name))
}

fn same_field(key: &str, name: &str) -> bool {
    folded(key).eq(folded(name))
}

/// The letters of a key for the comparison with a field's name (ASCII) under Unicode's simple folding,
/// which takes the long s and the Kelvin sign for letters.
pub fn folded(key: &str) -> impl Iterator<Item = char> + '_ {
    key.chars().map(|c| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        _ => c.to_ascii_lowercase(),
    })
}

/// A value in the configuration with the way to it, for messages.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    /// The value.
    pub node: Node<'a>,
    /// Such as `admission_inject_v2.ddtraces[0].image`.
    pub path: String,
}

impl<'a> Field<'a> {
    /// The field of that name, unless it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Field<'a>> {
        Some(Field {
            node: field(self.node, name)?,
            path: if self.path.is_empty() {
                name.to_owned()
            } else {
                format!("{}.{name}", self.path)
            },
        })
    }

    /// The objects in the list of that name; what is none is left out, and reported by [`Reader`]
    /// alone.
    #[must_use]
    pub fn objects(&self, name: &str) -> Vec<Field<'a>> {
        let Some(list) = self.get(name) else {
            return Vec::new();
        };
        let items = list.node.items().into_iter().enumerate();
        items
            .filter(|(_, node)| node.is_mapping())
            .map(|(index, node)| Field {
                node,
                path: format!("{}[{index}]", list.path),
            })
            .collect()
    }

    /// The strings in the list of that name; what is none is left out.
    #[must_use]
    pub fn strings(&self, name: &str) -> Vec<(Node<'a>, &'a str)> {
        let items = self.get(name).map(|list| list.node.items());
        let items = items.unwrap_or_default().into_iter();
        items
            .filter_map(|node| Some((node, node.as_string()?)))
            .collect()
    }

    /// The string of that name; empty where there is none.
    #[must_use]
    pub fn string(&self, name: &str) -> &'a str {
        let string = self.get(name).and_then(|field| field.node.as_string());
        string.unwrap_or_default()
    }

    /// Whether the boolean of that name is true.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).and_then(|field| field.node.as_bool()) == Some(true)
    }
}

/// Takes values out of the configuration and reports what is wrong with them. A value that cannot be
/// read counts as absent, so that all errors are found in one go.
pub struct Reader<'s> {
    text: &'s ConfigText,
    sink: &'s mut dyn Sink,
    faults: Vec<Span>,
    /// How much was reported.
    told: usize,
}

/// Nobody reads more findings about one configuration than these, and to tell each takes time.
pub const MOST_FINDINGS: usize = 500;

/// Of so many the lines are shown: what of them may be a secret is looked for in all that is above.
const WITH_LINES: usize = 50;

/// What is said where there are more.
pub fn left_out(sink: &mut dyn Sink) {
    let message = format!("there is more than can be told: {MOST_FINDINGS} findings are listed");
    sink.report(Diagnostic::note("findings-left-out", message));
}

/// The values of a configuration that could not be read: nothing is known of what they were meant to
/// say.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Their bytes in the JSON, in the order of the text.
    spans: Vec<Span>,
}

impl Faults {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether a value or one below it is among them.
    #[must_use]
    pub fn are_within(&self, value: Node<'_>) -> bool {
        let Span { start, end } = value.span();
        let behind = self.spans.partition_point(|fault| fault.start < start);
        self.spans.get(behind).is_some_and(|fault| fault.end <= end)
    }
}

impl<'s> Reader<'s> {
    /// Reads values of `text`; what is wrong goes to `sink`.
    pub fn new(text: &'s ConfigText, sink: &'s mut dyn Sink) -> Self {
        Self {
            text,
            sink,
            faults: Vec::new(),
            told: 0,
        }
    }

    /// The text that is read.
    #[must_use]
    pub fn text(&self) -> &'s ConfigText {
        self.text
    }

    /// How many errors were reported. Where that stays the same, what was read in between says what
    /// it looks like.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.faults.len()
    }

    /// What could not be read.
    #[must_use]
    pub fn into_faults(self) -> Faults {
        if self.told > MOST_FINDINGS {
            left_out(self.sink);
        }
        let mut spans = self.faults;
        spans.sort_by_cached_key(|span| (span.start, span.end));
        Faults { spans }
    }

    /// Reports an error at a value.
    pub fn error(&mut self, code: &'static str, node: Node<'_>, message: impl Into<String>) {
        self.faults.push(node.span());
        self.tell(Diagnostic::error(code, message), node);
    }

    fn tell(&mut self, diagnostic: Diagnostic, node: Node<'_>) {
        self.told += 1;
        if self.told <= WITH_LINES {
            self.sink.report(self.text.locate(diagnostic, node.span()));
        } else if self.told <= MOST_FINDINGS {
            let span = self.text.span(node.span());
            self.sink
                .report(diagnostic.at_place(self.text.source(), span));
        }
    }

    /// Reports a warning at a value.
    pub fn warn(
        &mut self,
        code: &'static str,
        node: Node<'_>,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        let mut diagnostic = Diagnostic::warning(code, message);
        diagnostic.hint = hint.map(Into::into);
        self.tell(diagnostic, node);
    }

    fn wrong_type(&mut self, field: &Field<'_>, expected: &str) {
        let message = format!(
            "`{}` must be {expected}, not {}",
            field.path,
            match field.node.describe() {
                "a mapping" => "an object",
                other => other,
            }
        );
        self.error("config-wrong-type", field.node, message);
    }

    /// The value itself, where it is an object.
    pub fn as_object<'a>(&mut self, field: Field<'a>) -> Option<Field<'a>> {
        if field.node.is_mapping() {
            return Some(field);
        }
        self.wrong_type(&field, "an object");
        None
    }

    /// The object of that name in `parent`.
    pub fn object<'a>(&mut self, parent: &Field<'a>, name: &str) -> Option<Field<'a>> {
        let field = parent.get(name)?;
        self.as_object(field)
    }

    /// The items of the list of that name; nothing stands for one that is null.
    pub fn list<'a>(&mut self, parent: &Field<'a>, name: &str) -> Vec<(Field<'a>, bool)> {
        let Some(field) = parent.get(name) else {
            return Vec::new();
        };
        if !field.node.is_sequence() {
            self.wrong_type(&field, "a list");
            return Vec::new();
        }
        let items = field.node.items().into_iter().enumerate();
        items
            .map(|(index, node)| {
                let path = format!("{}[{index}]", field.path);
                (Field { node, path }, node.is_null())
            })
            .collect()
    }

    /// The objects in the list of that name, with their positions; none for one that is null.
    pub fn objects<'a>(
        &mut self,
        parent: &Field<'a>,
        name: &str,
    ) -> Vec<(usize, Result<Field<'a>, Node<'a>>)> {
        let mut found = Vec::new();
        for (index, (item, is_null)) in self.list(parent, name).into_iter().enumerate() {
            if is_null {
                found.push((index, Err(item.node)));
            } else if let Some(object) = self.as_object(item) {
                found.push((index, Ok(object)));
            }
        }
        found
    }

    /// The strings in the list of that name; nulls are left out.
    pub fn strings<'a>(&mut self, parent: &Field<'a>, name: &str) -> Vec<(Node<'a>, &'a str)> {
        let mut found = Vec::new();
        for (item, is_null) in self.list(parent, name) {
            match item.node.as_string() {
                Some(text) => found.push((item.node, text)),
                None if is_null => {}
                None => self.wrong_type(&item, "a string"),
            }
        }
        found
    }

    /// The string of that name; empty where it is absent.
    pub fn string<'a>(&mut self, parent: &Field<'a>, name: &str) -> &'a str {
        let Some(field) = parent.get(name) else {
            return "";
        };
        field.node.as_string().unwrap_or_else(|| {
            self.wrong_type(&field, "a string");
            ""
        })
    }

    /// The boolean of that name; false where it is absent.
    pub fn boolean(&mut self, parent: &Field<'_>, name: &str) -> bool {
        let Some(field) = parent.get(name) else {
            return false;
        };
        field.node.as_bool().unwrap_or_else(|| {
            self.wrong_type(&field, "true or false");
            false
        })
    }

    /// The entries of the object of that name, whose keys are data: they match exactly, the last of
    /// one key counts and stands where the first one stood. Null is left out.
    pub fn map<'a>(&mut self, parent: &Field<'a>, name: &str) -> Vec<(&'a str, Node<'a>)> {
        self.object(parent, name)
            .map(|object| object.node.entries())
            .unwrap_or_default()
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::json;

    #[test]
    fn fields_match_without_regard_to_case_and_the_last_one_counts() {
        let tree = json::parse(r#"{"Image": "a", "IMAGE": "b", "x": null, "ima\u017fe": 1}"#);
        let tree = tree.unwrap();
        let root = tree.root_node().unwrap();
        let image = field(root, "image").and_then(Node::as_string);
        assert_eq!(image, Some("b"));
        assert!(field(root, "x").is_none());
        assert!(field(root, "y").is_none());
        assert!(same_field("RESOURCE\u{17f}", "resources"));
    }
}
