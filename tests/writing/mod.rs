//! Manifests in many styles of writing: what the tests on the operator's recorded answers write their
//! pods in.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Value as Json, json};

/// A Deployment whose template is that pod. `number` chooses what stands behind the template, and
/// whether a template without labels and annotations has `metadata`.
pub(crate) fn deployment(pod: &Json, number: usize) -> Json {
    let own = &pod["metadata"];
    let mut metadata = json!({"name": "deployment"});
    if let Some(namespace) = own.get("namespace") {
        metadata["namespace"] = namespace.clone();
    }
    let of_template = ["labels", "annotations"].into_iter().filter_map(|key| {
        let value = own.get(key)?;
        Some((key.to_owned(), value.clone()))
    });
    let of_template: Map<String, Json> = of_template.collect();
    let mut template = json!({});
    if !of_template.is_empty() || number.is_multiple_of(2) {
        template["metadata"] = Json::Object(of_template);
    }
    template["spec"] = pod["spec"].clone();
    let mut spec = json!({"replicas": 2, "template": template});
    if number.is_multiple_of(3) {
        spec["strategy"] = json!({"type": "Recreate"});
    }
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
}

/// How a JSON manifest is written.
#[derive(Clone, Copy)]
pub(crate) struct JsonLayout {
    /// What a level adds; nothing: all stands on one line.
    indentation: Option<&'static [u8]>,
    final_newline: bool,
}

impl JsonLayout {
    pub(crate) fn of(number: usize) -> Self {
        Self {
            indentation: [None, Some(&b"  "[..]), Some(b"    "), Some(b"\t")][number % 4],
            final_newline: !number.is_multiple_of(3),
        }
    }

    pub(crate) fn write(self, value: &Json) -> String {
        let mut text = match self.indentation {
            None => value.to_string(),
            Some(indentation) => {
                let mut bytes = Vec::new();
                let formatter = PrettyFormatter::with_indent(indentation);
                let mut writer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
                value.serialize(&mut writer).unwrap();
                String::from_utf8(bytes).unwrap()
            }
        };
        if self.final_newline {
            text.push('\n');
        }
        text
    }
}

/// How a YAML manifest is written.
#[derive(Clone, Copy)]
pub(crate) struct YamlStyle {
    /// How far mappings stand below their keys.
    indentation: usize,
    /// How far sequences stand below their keys.
    sequences: usize,
    /// The blanks behind a dash.
    gap: usize,
    quotes: Quotes,
    flow: Flow,
    /// Whether strings of several lines are literal blocks.
    literals: bool,
    comments: bool,
    marker: bool,
    newline: &'static str,
    /// What the text ends with.
    end: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
enum Quotes {
    Single,
    Double,
    /// None where nothing could take the string for something else.
    Sparse,
}

/// What is written in brackets.
#[derive(Clone, Copy, PartialEq)]
enum Flow {
    /// What is empty.
    Empty,
    /// Lists of scalars.
    Scalars,
    /// Lists below containers, and volumes.
    Lists,
    /// The items of lists.
    Items,
}

impl YamlStyle {
    /// The divisors have little in common, so that everything meets everything.
    pub(crate) fn of(number: usize) -> Self {
        let indentation = if number % 4 < 2 { 2 } else { 4 };
        let newline = if number.is_multiple_of(5) {
            "\r\n"
        } else {
            "\n"
        };
        Self {
            indentation,
            sequences: if number.is_multiple_of(2) {
                0
            } else {
                indentation
            },
            gap: if number.is_multiple_of(17) { 3 } else { 1 },
            quotes: [Quotes::Sparse, Quotes::Single, Quotes::Double][number / 4 % 3],
            flow: match number % 11 {
                0 => Flow::Lists,
                1 => Flow::Items,
                2..5 => Flow::Scalars,
                _ => Flow::Empty,
            },
            literals: number % 7 < 4,
            comments: number % 19 < 10,
            marker: number.is_multiple_of(13),
            newline,
            end: if number % 23 < 16 { newline } else { "" },
        }
    }

    pub(crate) fn write(self, value: &Json) -> String {
        let mut writer = YamlWriter {
            style: self,
            lines: Vec::new(),
            count: 0,
        };
        if self.marker {
            writer.lines.push("---".to_owned());
        }
        writer.entries(value, String::new(), 0);
        writer.lines.join(self.newline) + self.end
    }

    fn string(self, text: &str) -> String {
        let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
        let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
        let is_word = words.contains(&text.to_lowercase().as_str());
        match self.quotes {
            Quotes::Sparse if begins && text.chars().all(is_safe) && !is_word => text.to_owned(),
            Quotes::Single if !text.contains(char::is_control) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            _ => Json::from(text).to_string(),
        }
    }

    fn key(self, key: &str) -> String {
        let sparse = Self {
            quotes: Quotes::Sparse,
            ..self
        };
        sparse.string(key)
    }

    /// A value on one line.
    fn flow(self, value: &Json) -> String {
        match value {
            Json::String(text) => self.string(text),
            Json::Array(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Json::Object(entries) => {
                let entry = |(key, value): (&String, &Json)| {
                    format!("{}: {}", self.key(key), self.flow(value))
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
            other => other.to_string(),
        }
    }

    fn is_on_one_line(self, key: &str, value: &Json) -> bool {
        match value {
            Json::Object(entries) => entries.is_empty(),
            Json::Array(items) => {
                let listed = matches!(key, "env" | "volumeMounts" | "volumes");
                let scalars = !items.iter().any(|item| item.is_object() || item.is_array());
                items.is_empty()
                    || (self.flow == Flow::Lists && listed)
                    || (self.flow == Flow::Scalars && scalars)
            }
            _ => true,
        }
    }

    fn is_literal(self, value: &Json) -> bool {
        self.literals
            && value.as_str().is_some_and(|text| {
                let plain = !text.contains(|c: char| c.is_control() && c != '\n');
                plain
                    && text.contains('\n')
                    && !text.ends_with('\n')
                    && !text.starts_with([' ', '\n'])
            })
    }
}

struct YamlWriter {
    style: YamlStyle,
    lines: Vec<String>,
    count: usize,
}

impl YamlWriter {
    /// The entries of a mapping at a column; `lead` is what the first one's line begins with.
    fn entries(&mut self, mapping: &Json, lead: String, column: usize) {
        let mut lead = Some(lead);
        for (key, value) in mapping.as_object().into_iter().flatten() {
            let start = lead.take().unwrap_or_else(|| " ".repeat(column));
            self.entry(
                &format!("{start}{}:", self.style.key(key)),
                key,
                value,
                column,
            );
        }
    }

    fn entry(&mut self, head: &str, key: &str, value: &Json, column: usize) {
        let style = self.style;
        if style.is_literal(value) {
            self.line(format!("{head} |-"));
            let indentation = " ".repeat(column + style.indentation);
            for line in value.as_str().into_iter().flat_map(str::lines) {
                self.lines
                    .push(format!("{indentation}{line}").trim_end().to_owned());
            }
            return;
        }
        if style.is_on_one_line(key, value) {
            self.line(format!("{head} {}", style.flow(value)));
            return;
        }
        self.line(head.to_owned());
        if value.is_object() {
            let column = column + style.indentation;
            self.entries(value, " ".repeat(column), column);
        }
        let column = column + style.sequences;
        for item in value.as_array().into_iter().flatten() {
            let lead = format!("{}-{}", " ".repeat(column), " ".repeat(style.gap));
            let is_block = item.as_object().is_some_and(|item| !item.is_empty());
            if is_block && style.flow != Flow::Items {
                self.entries(item, lead, column + 1 + style.gap);
            } else {
                self.line(lead + &style.flow(item));
            }
        }
    }

    /// A line, and now and then a comment above it, a blank line, or a comment behind it.
    fn line(&mut self, mut line: String) {
        self.count += 1;
        if self.style.comments {
            if self.count.is_multiple_of(7) {
                self.lines.push(String::new());
            }
            if self.count.is_multiple_of(3) {
                let indentation = " ".repeat(line.len() - line.trim_start().len());
                self.lines.push(format!(
                    "{indentation}# note {} on the next line",
                    self.count
                ));
            }
            if self.count.is_multiple_of(5) {
                write!(line, "  # note {}", self.count).unwrap();
            }
        }
        self.lines.push(line);
    }
}
