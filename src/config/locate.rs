//! Where the configuration comes from: a file, the environment, or what is built in
//! (`spec/2-command-line.md`, "Configuration").

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::sync::Arc;

use super::text::{ConfigText, Holder, Placement};
use crate::change::Path;
use crate::diagnostic::{Diagnostic, Location, Sink, nearest};
use crate::document::{self, Document};
use crate::input::{self, describe};
use crate::source::{BYTE_ORDER_MARK, Source, Span};
use crate::yaml::{self, Node, Tree, json};

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

const BUILT_IN_NAME: &str = "the built-in default";

impl Origin {
    /// Whether nobody gave one, and the built-in default counts.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        self.description == BUILT_IN_NAME
    }
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
        None => (BUILT_IN_NAME, BUILT_IN.to_owned()),
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
    let named = format!("the configuration file {path} (from {from})");
    let bytes = file.and_then(read_to_limit).map_err(|why| {
        if why.kind() == ErrorKind::NotFound {
            error("config-not-found", format!("{named} is not there"), "")
        } else {
            let message = format!("{named} cannot be read: {}", describe(&why));
            error("config-unreadable", message, "")
        }
    })?;
    input::source(path, bytes).map_err(|not_utf8| {
        let message = format!("{named} is not UTF-8");
        Box::new(Diagnostic {
            code: "config-unreadable",
            message,
            ..*not_utf8
        })
    })
}

fn read_to_limit(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        let message = format!("it is larger than {} MiB", LIMIT >> 20);
        return Err(std::io::Error::other(message));
    }
    Ok(bytes)
}

/// The JSON in a text: the text itself, or what a `ConfigMap` in it has under `data.jsonconfig`.
///
/// # Errors
/// Where it is neither, or several `ConfigMap`s have one.
pub(super) fn find_json(source: Arc<Source>) -> Result<ConfigText, Box<Diagnostic>> {
    let text = source.text();
    let bare = text.trim_start_matches(BYTE_ORDER_MARK);
    let is_json = match json::parse(bare) {
        // A ConfigMap can be written in JSON, too.
        Ok(tree) if !is_object_of_kubernetes(&tree) => return Ok(ConfigText::whole(source)),
        // What begins like JSON can be YAML in flow style, or several objects.
        Ok(_) => false,
        Err(_) => looks_like_json(text),
    };
    let mut found = Vec::new();
    for document in document::split(text) {
        let slice = text
            .get(document.span.start..document.span.end)
            .unwrap_or_default();
        if !slice.contains(KEY) {
            continue;
        }
        let parsed = match yaml::parse(slice) {
            Ok(parsed) => parsed,
            Err(_) if is_json => continue,
            Err(why) => {
                let message = format!(
                    "the configuration is neither JSON nor YAML: {}",
                    why.message
                );
                let place = Span::at(document.span.start + why.offset);
                let error = Diagnostic::error("config-unreadable", message);
                return Err(Box::new(error.at(&source, place)));
            }
        };
        for (path, object) in config_maps(&parsed.tree) {
            found.extend(candidate(text, document, &path, object));
        }
    }
    if found.len() > 1 {
        let first = found.first().map_or(Span::at(0), |own| own.span);
        let places: Vec<String> = found
            .iter()
            .map(|own| {
                let line = source.line_column(own.span.start).line;
                match own.name.as_str() {
                    "" => format!("one without a name on line {line}"),
                    name => format!("{name} on line {line}"),
                }
            })
            .collect();
        found.retain(|own| own.name == CONFIG_MAP);
        if found.len() != 1 {
            let message = format!(
                "several ConfigMaps have `data.{KEY}`: {}",
                places.join(", ")
            );
            let error = Diagnostic::error("config-ambiguous", message);
            let hint = "name the one that counts datakit-operator-config";
            return Err(Box::new(unquoted(error, &source, first, false).hint(hint)));
        }
    }
    match found.pop() {
        Some(found) => {
            let text = ConfigText::inside(source, found.json, found.placement);
            Ok(text.held_by(found.holder))
        }
        None if is_json && !begins_with_object(bare) => Ok(ConfigText::whole(source)),
        None => Err(Box::new(none_found(&source))),
    }
}

/// An error at a place whose line is quoted up to there (and with it, where that `is_key`): all of a
/// configuration can stand behind it, values included.
fn unquoted(error: Diagnostic, source: &Source, place: Span, is_key: bool) -> Diagnostic {
    let mut error = error.at(source, place);
    if let Some(location) = &mut error.location {
        let width = if is_key { location.width() } else { 0 };
        location.hide_from(location.column + width);
    }
    error
}

/// Whether a JSON text is an object of Kubernetes, one that can be or hold a `ConfigMap`.
fn is_object_of_kubernetes(tree: &Tree<'_>) -> bool {
    let kind = tree.root_node().and_then(|root| root.get("kind"));
    kind.and_then(Node::as_str)
        .is_some_and(|kind| kind == "ConfigMap" || kind.ends_with("List"))
}

/// Whether the first of several JSON values is an object of Kubernetes, of any kind.
fn begins_with_object(text: &str) -> bool {
    let first = json::parse_prefix(text);
    first.is_ok_and(|(tree, _)| {
        let kind = tree.root_node().and_then(|root| root.get("kind"));
        kind.and_then(Node::as_str).is_some()
    })
}

/// The `ConfigMap`s of a document, with the ways to them: the document itself, or the items of a list.
fn config_maps<'t>(tree: &'t Tree<'_>) -> Vec<(Path, Node<'t>)> {
    let Some(root) = tree.root_node() else {
        return Vec::new();
    };
    let items = root.get("items").map(Node::items).unwrap_or_default();
    let items = items.into_iter().enumerate();
    let items = items.map(|(index, item)| (Path::new(["items"]).join(index), item));
    std::iter::once((Path::default(), root))
        .chain(items)
        .filter(|(_, object)| object.get("kind").and_then(Node::as_str) == Some("ConfigMap"))
        .collect()
}

/// The error that a text has no configuration, at what comes nearest to one.
fn none_found(source: &Source) -> Diagnostic {
    let text = source.text();
    let mut first = None;
    for document in document::split(text) {
        let base = document.span.start;
        let slice = text.get(base..document.span.end).unwrap_or_default();
        if !slice.contains("ConfigMap") {
            continue;
        }
        let Ok(parsed) = yaml::parse(slice) else {
            continue;
        };
        for (_, object) in config_maps(&parsed.tree) {
            first.get_or_insert(Span::at(object.span().shifted(base).start));
            let data = object.get("data").into_iter();
            for (key, value) in data.flat_map(Node::raw_entries) {
                let name = key.as_str().unwrap_or_default();
                if name == KEY {
                    let message = format!(
                        "`data.{KEY}` must be a string with the operator's JSON, not {}",
                        value.describe()
                    );
                    let error = Diagnostic::error("config-wrong-type", message);
                    return unquoted(error, source, value.span().shifted(base), false)
                        .hint(format!("`{KEY}: |` makes a string of the lines below it"));
                }
                if nearest(name, [KEY]).is_some() {
                    let message = format!(
                        "no ConfigMap in here has `data.{KEY}`, and this one has `data.{name}`"
                    );
                    let error = Diagnostic::error("config-no-jsonconfig", message);
                    let error = unquoted(error, source, key.span().shifted(base), true);
                    return error.hint(format!("did you mean `{KEY}`?"));
                }
            }
        }
    }
    let message = format!("this is no JSON, and no ConfigMap in it has `data.{KEY}`");
    let mut error = Diagnostic::error("config-no-jsonconfig", message)
        .hint("the configuration is the operator's JSON, or its datakit-operator.yaml");
    if let Some(place) = first {
        return unquoted(error, source, place, false);
    }
    error.location = Some(Location::of_file(source.name().clone()));
    error
}

/// Whether a text that is no JSON was meant to be: its first character behind comments is a brace.
fn looks_like_json(text: &str) -> bool {
    let is_comment = |line: &&str| {
        let line = line.trim();
        line.is_empty() || line.starts_with('#') || line.starts_with("//") || line.starts_with("/*")
    };
    text.trim_start_matches(BYTE_ORDER_MARK)
        .lines()
        .find(|line| !is_comment(line))
        .is_none_or(|line| line.trim_start().starts_with(['{', '[']))
}

struct Candidate {
    name: String,
    /// The bytes of the string in the source.
    span: Span,
    json: String,
    placement: Placement,
    holder: Holder,
}

/// A `ConfigMap` at `path` of a document of `text`, where it has the key.
fn candidate(text: &str, document: Document, path: &Path, object: Node<'_>) -> Option<Candidate> {
    let value = object.at(&["data", KEY])?;
    let json = value.as_string()?.to_owned();
    let name = object.at(&["metadata", "name"]).and_then(Node::as_str);
    let Span { start, end } = document.span;
    let is_json = || json::parse(text.get(start..end).unwrap_or_default()).is_ok();
    Some(Candidate {
        name: name.unwrap_or_default().to_owned(),
        span: value.span().shifted(start),
        json,
        placement: Placement::of_scalar(text, start, value),
        holder: Holder {
            document: document.span,
            // Its brackets alone can be those of YAML in flow style.
            json: document.json && is_json(),
            path: path.join("data").join(KEY),
            scalar: value.span().shifted(start),
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
    fn what_begins_like_json_can_be_yaml() {
        let flow = "# c\n{kind: ConfigMap, data: {jsonconfig: \"{\\\"a\\\": 1}\"}}\n";
        for text in [flow.to_owned(), flow.replace("{kind", "{\"kind\"")] {
            let found = json(&text).unwrap();
            assert_eq!(found.json(), "{\"a\": 1}");
            assert!(!found.holder().unwrap().json);
        }
        let service = "{\"kind\": \"Service\"}\n";
        let map = "{\"kind\": \"ConfigMap\", \"data\": {\"jsonconfig\": \"{}\"}}\n";
        let found = json(&format!("{service}{map}")).unwrap();
        assert!(found.json() == "{}" && found.holder().unwrap().json);
        let none = json(&service.repeat(2)).unwrap_err();
        assert_eq!(none.code, "config-no-jsonconfig");
        // Two configurations are none.
        let twice = "{\"admission_inject_v2\": {}}\n{}\n";
        assert_eq!(json(twice).unwrap().json(), twice);
    }

    #[test]
    fn what_comes_nearest_to_a_configuration_has_a_place() {
        let place = |text: &str| {
            let error = json(text).unwrap_err();
            let place = error.location.unwrap();
            (error.code, place.line, place.column, error.hint)
        };
        let hint = |text: &str| Some(text.into());
        for key in ["jsonConfig", "jsonconfg"] {
            assert_eq!(
                place(&format!(
                    "a: 1\n---\nkind: ConfigMap\ndata:\n  {key}: '{{}}'\n"
                )),
                (
                    "config-no-jsonconfig",
                    5,
                    3,
                    hint("did you mean `jsonconfig`?")
                )
            );
        }
        assert_eq!(
            place("kind: ConfigMap\ndata:\n  jsonconfig: {a: 1}\n"),
            (
                "config-wrong-type",
                3,
                15,
                hint("`jsonconfig: |` makes a string of the lines below it")
            )
        );
        let (code, line, ..) = place("a: 1\n---\nkind: ConfigMap\ndata: {x: y}\n");
        assert_eq!((code, line), ("config-no-jsonconfig", 3));
        let (code, line, ..) = place("a: 1\n");
        assert_eq!((code, line), ("config-no-jsonconfig", 1));
        let one = "kind: ConfigMap\ndata: {jsonconfig: '[]'}\n";
        let error = json(&format!("{one}---\n{one}")).unwrap_err();
        assert!(
            error
                .message
                .ends_with("one without a name on line 2, one without a name on line 5")
        );
        assert_eq!(error.location.unwrap().line, 2);
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
