//! Where the configuration comes from: a file, the environment, or what is built in
//! (`spec/2-command-line.md`, "Configuration").

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use super::text::{ConfigText, Holder, Placement};
use crate::change::Path;
use crate::diagnostic::{Diagnostic, Sink};
use crate::document::{self, Document};
use crate::input::{self, describe};
use crate::source::{Source, Span};
use crate::yaml::{self, Node, json};

/// The documented default of the operator, driven by annotations alone.
const BUILT_IN: &str = include_str!("default.json");

/// The `ConfigMap` that the operator's own manifest has its configuration in.
const CONFIG_MAP: &str = "datakit-operator-config";
const KEY: &str = "jsonconfig";

/// Where the configuration in force came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// In words, for messages: `operator.json (from --config)`.
    pub description: String,
}

/// A configuration file may be this large.
const LIMIT: u64 = 64 << 20;

/// The first of: `explicit` (a path, who named it, and whether it is read below the working directory alone), `DATAKIT_INJECT_CONFIG` (a path), `ENV_CONFIG_FILE` (a path),
/// `ENV_JSON_CONFIG` (the JSON itself), the built-in default. A variable that is set to nothing
/// counts as not set.
pub(super) fn locate(
    explicit: Option<(&str, &'static str, bool)>,
    environment: &dyn Fn(&str) -> Option<String>,
    sink: &mut dyn Sink,
) -> Option<(Origin, ConfigText)> {
    let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
    let file = explicit
        .map(|(path, by, confined)| (path.to_owned(), by, confined))
        .or_else(|| {
            let path = variable("DATAKIT_INJECT_CONFIG")?;
            Some((path, "DATAKIT_INJECT_CONFIG", false))
        })
        .or_else(|| Some((variable("ENV_CONFIG_FILE")?, "ENV_CONFIG_FILE", false)));
    if let Some((path, from, confined)) = file {
        let text = read(&path, from, confined)
            .and_then(find_json)
            .map_err(|diagnostic| sink.report(*diagnostic))
            .ok()?;
        let description = format!("{path} (from {from})");
        return Some((Origin { description }, text));
    }
    let (description, json) = match variable("ENV_JSON_CONFIG") {
        Some(json) => ("ENV_JSON_CONFIG", json),
        None => ("the built-in default", BUILT_IN.to_owned()),
    };
    let name = format!("<{description}>");
    let origin = Origin {
        description: description.to_owned(),
    };
    Some((origin, ConfigText::whole(Source::new(name, json))))
}

/// An error with what to do about it, if anything is to be said.
fn error(code: &'static str, message: String, hint: &str) -> Box<Diagnostic> {
    let error = Diagnostic::error(code, message);
    Box::new(if hint.is_empty() {
        error
    } else {
        error.hint(hint)
    })
}

fn read(path: &str, from: &str, confined: bool) -> Result<Arc<Source>, Box<Diagnostic>> {
    if path == "-" {
        return Err(error(
            "config-unreadable",
            format!("{from}: the configuration cannot come from standard input"),
            "name a file; standard input is for manifests",
        ));
    }
    let file = if confined {
        input::open_below(".".as_ref(), path.as_ref())
    } else {
        File::open(path)
    };
    file.and_then(read_to_limit)
        .map(|text| Source::new(path, text))
        .map_err(|why| {
            let file = format!("the configuration file {path} (from {from})");
            match why.kind() {
                ErrorKind::NotFound => {
                    error("config-not-found", format!("{file} is not there"), "")
                }
                ErrorKind::InvalidData => {
                    error("config-unreadable", format!("{file} is not UTF-8"), "")
                }
                _ => error(
                    "config-unreadable",
                    format!("{file} cannot be read: {}", describe(&why)),
                    "",
                ),
            }
        })
}

fn read_to_limit(file: File) -> std::io::Result<String> {
    let mut text = String::new();
    file.take(LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIMIT {
        let message = format!("it is larger than {} MiB", LIMIT >> 20);
        return Err(std::io::Error::other(message));
    }
    Ok(text)
}

/// The JSON in a text: the text itself, or what a `ConfigMap` in it has under `data.jsonconfig`.
///
/// # Errors
/// Where it is neither, or several `ConfigMap`s have one.
pub(super) fn find_json(source: Arc<Source>) -> Result<ConfigText, Box<Diagnostic>> {
    let text = source.text();
    let whole = json::parse(text.trim_start_matches('\u{feff}'));
    let is_json = match &whole {
        // A ConfigMap can be written in JSON, too.
        Ok(tree) => tree.root_node().is_some_and(|root| {
            let kind = root.get("kind").and_then(Node::as_str);
            !kind.is_some_and(|kind| kind == "ConfigMap" || kind.ends_with("List"))
        }),
        Err(_) => looks_like_json(text) && document::split(text).len() == 1,
    };
    drop(whole);
    if is_json {
        return Ok(ConfigText::whole(source));
    }
    let mut found = Vec::new();
    for document in document::split(text) {
        let slice = text
            .get(document.span.start..document.span.end)
            .unwrap_or_default();
        if !slice.contains(KEY) {
            continue;
        }
        let parsed = yaml::parse(slice).map_err(|why| {
            let message = format!(
                "the configuration is neither JSON nor YAML: {}",
                why.message
            );
            let place = Span::at(document.span.start + why.offset);
            Box::new(Diagnostic::error("config-unreadable", message).at(&source, place))
        })?;
        let Some(root) = parsed.tree.root_node() else {
            continue;
        };
        let items = root.get("items").map(Node::items).unwrap_or_default();
        let items = items.into_iter().enumerate();
        let items = items.map(|(index, item)| (Path::new(["items"]).join(index), item));
        for (path, object) in std::iter::once((Path::default(), root)).chain(items) {
            found.extend(candidate(text, document, &path, object));
        }
    }
    if found.len() > 1 {
        let names: Vec<String> = found.iter().map(|own| own.name.clone()).collect();
        found.retain(|own| own.name == CONFIG_MAP);
        if found.len() != 1 {
            return Err(error(
                "config-ambiguous",
                format!(
                    "{}: several ConfigMaps have `data.{KEY}`: {}",
                    source.name(),
                    names.join(", ")
                ),
                "name the one that counts datakit-operator-config",
            ));
        }
    }
    match found.pop() {
        Some(found) => {
            let text = ConfigText::inside(source, found.json, found.placement);
            Ok(text.held_by(found.holder))
        }
        None => Err(error(
            "config-no-jsonconfig",
            format!(
                "{}: this is no JSON, and no ConfigMap in it has `data.{KEY}`",
                source.name()
            ),
            "the configuration is the operator's JSON, or its datakit-operator.yaml",
        )),
    }
}

/// Whether a text that is no JSON was meant to be: its first character behind comments is a brace.
fn looks_like_json(text: &str) -> bool {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with("//") || line.starts_with("/*")
    };
    text.trim_start_matches('\u{feff}')
        .lines()
        .find(|line| !is_comment(line))
        .is_none_or(|line| line.trim_start().starts_with(['{', '[']))
}

struct Candidate {
    name: String,
    json: String,
    placement: Placement,
    holder: Holder,
}

/// A `ConfigMap` with the key at `path` of a document of `text`.
fn candidate(text: &str, document: Document, path: &Path, object: Node<'_>) -> Option<Candidate> {
    if object.get("kind").and_then(Node::as_str) != Some("ConfigMap") {
        return None;
    }
    let value = object.at(&["data", KEY])?;
    let json = value.as_string()?.to_owned();
    let name = object.at(&["metadata", "name"]).and_then(Node::as_str);
    Some(Candidate {
        name: name.unwrap_or_default().to_owned(),
        json,
        placement: Placement::of_scalar(text, document.span.start, value),
        holder: Holder {
            document: document.span,
            json: document.json,
            path: path.join("data").join(KEY),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n---\n\
        # the operator's\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: datakit-operator-config\n\
        data:\n  jsonconfig: |-\n    {\n        \"log_level\": \"info\",\n\n        \"x\": 1\n    }\n";

    fn json(text: &str) -> Result<ConfigText, Box<Diagnostic>> {
        find_json(Source::new("c.yaml", text))
    }

    #[test]
    fn json_is_the_configuration_itself() {
        for text in [
            "{}",
            " {\"a\": 1}\n",
            "// c\n{}",
            "# c\n{\"a\": 1}",
            "\u{feff}{}",
            "{oops",
        ] {
            let found = json(text).unwrap();
            assert_eq!(found.json(), text.trim_start_matches('\u{feff}'), "{text}");
        }
    }

    #[test]
    fn a_config_map_among_documents_has_it() {
        let found = json(MANIFEST).unwrap();
        assert!(found.json().starts_with("{\n    \"log_level\""));
        let at = found.json().find("\"x\"").unwrap();
        let place = found.source().line_column(found.span(Span::at(at)).start);
        assert_eq!((place.line, place.column), (15, 9));
        let holder = found.holder().unwrap();
        assert!(!holder.json && holder.document.start > 0);
        assert_eq!(holder.path.to_string(), "data.jsonconfig");
        let listed = "kind: List\nitems:\n- {}\n- kind: ConfigMap\n  data: {jsonconfig: '{}'}\n";
        let found = json(listed).unwrap();
        assert_eq!(
            found.holder().unwrap().path.to_string(),
            "items[1].data.jsonconfig"
        );
        let json_form = "{\"kind\": \"ConfigMap\", \"data\": {\"jsonconfig\": \"{}\"}}";
        assert_eq!(json(json_form).unwrap().json(), "{}");
    }

    #[test]
    fn several_config_maps_are_told_apart_by_name() {
        let other = "kind: ConfigMap\nmetadata: {name: other}\ndata: {jsonconfig: '[]'}\n";
        let both = format!("{MANIFEST}---\n{other}");
        assert!(json(&both).unwrap().json().starts_with('{'));
        assert_eq!(json(other).unwrap().json(), "[]");
        let twice = format!("{other}---\n{other}");
        assert_eq!(json(&twice).unwrap_err().code, "config-ambiguous");
        assert_eq!(json("a: 1\n").unwrap_err().code, "config-no-jsonconfig");
        let broken = "kind: ConfigMap\ndata:\n  jsonconfig: [\n";
        assert_eq!(json(broken).unwrap_err().code, "config-unreadable");
    }

    #[test]
    fn the_first_place_that_names_one_counts() {
        let describe = |explicit: Option<&str>, set: &[(&str, &str)]| {
            let environment = |name: &str| {
                let found = set.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let mut problems = Vec::new();
            let explicit = explicit.map(|path| (path, "--config", false));
            let found = locate(explicit, &environment, &mut problems);
            match found {
                Some((origin, _)) => origin.description,
                None => problems.remove(0).code.to_owned(),
            }
        };
        assert_eq!(describe(None, &[]), "the built-in default");
        assert_eq!(
            describe(None, &[("ENV_JSON_CONFIG", "{}"), ("ENV_CONFIG_FILE", "")]),
            "ENV_JSON_CONFIG"
        );
        assert_eq!(
            describe(
                None,
                &[("ENV_JSON_CONFIG", "{}"), ("ENV_CONFIG_FILE", "/no/such")]
            ),
            "config-not-found"
        );
        assert_eq!(describe(Some("-"), &[]), "config-unreadable");
        assert_eq!(describe(Some("/no/such"), &[]), "config-not-found");
        assert_eq!(describe(Some("/"), &[]), "config-unreadable");
    }
}
