//! The configuration object: the options of the command line as a Kubernetes object, which
//! kustomize and kpt hand over (`spec/4-hosts.md`, the table at the beginning).
//!
//! It is of any apiVersion and kind, with the options below `spec`; a `ConfigMap` has the same below
//! `data`, all of them strings.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use crate::config::{Dialect, Named};
use crate::convert::ConvertError;
use crate::diagnostic::{Diagnostic, Sink, nearest};
use crate::inject::Injection;
use crate::input;
use crate::source::{Source, Span};
use crate::workload::CustomCarrier;
use crate::yaml::Node;

use super::operator_config;

/// What the object says; nothing where it leaves something open.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `config`, `configFile`: the operator's configuration.
    pub config: Option<Named>,
    /// `namespace`: of objects that name none.
    pub namespace: Option<String>,
    /// `operatorVersion`: the release to follow.
    pub dialect: Option<Dialect>,
    /// `only`: these injections.
    pub only: Option<Vec<Injection>>,
    /// `skip`: all but these.
    pub skip: Option<Vec<Injection>>,
    /// `podTemplates`: further kinds that carry a pod template.
    pub carriers: Option<Vec<CustomCarrier>>,
    /// `strict`: whether a warning is an error.
    pub strict: Option<bool>,
}

/// The options' names.
const FIELDS: [&str; 8] = [
    "config",
    "configFile",
    "namespace",
    "operatorVersion",
    "only",
    "skip",
    "podTemplates",
    "strict",
];

/// What else may stand in the object; the last two are read by kustomize.
const OBJECT: [&str; 6] = [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "argsOneLiner",
    "argsFromFile",
];
const CONFIG_MAP: [&str; 5] = ["apiVersion", "kind", "metadata", "data", "immutable"];

/// Where a configuration object stands.
#[derive(Clone, Copy, Debug)]
pub struct Site<'s> {
    /// The text.
    pub source: &'s Arc<Source>,
    /// Where in it the object's document begins, in bytes.
    pub base: usize,
    /// The working directory: files are read below it.
    pub folder: &'s Path,
}

/// Reads a configuration object; null is one that says nothing. Every problem goes to `sink`;
/// nothing is given where there was one.
pub fn read(object: Node<'_>, site: Site<'_>, sink: &mut dyn Sink) -> Option<Options> {
    let mut reader = Reader {
        site,
        sink,
        failed: false,
    };
    let options = reader.object(object);
    (!reader.failed).then_some(options)
}

struct Reader<'s, 'k> {
    site: Site<'s>,
    sink: &'k mut dyn Sink,
    failed: bool,
}

impl Reader<'_, '_> {
    fn report(&mut self, diagnostic: Diagnostic, span: Span) {
        self.failed = true;
        let span = span.shifted(self.site.base);
        self.sink.report(diagnostic.at(self.site.source, span));
    }

    fn invalid(&mut self, node: Node<'_>, field: &str, expected: &str) {
        let found = match node.as_str() {
            Some(text) if !text.contains('\n') => format!("`{text}`"),
            _ => node.describe().to_owned(),
        };
        let message = format!("`{field}` must be {expected}, not {found}");
        self.report(Diagnostic::error("option-invalid", message), node.span());
    }

    fn unknown(&mut self, key: Node<'_>, parent: &str, known: &[&str]) {
        let name = key.as_str().unwrap_or_default();
        let known_here = || known.iter().copied();
        let hint = if parent.is_empty() && FIELDS.contains(&name) {
            let place = if known.contains(&"data") {
                "data"
            } else {
                "spec"
            };
            format!("options stand below `{place}`")
        } else {
            match nearest(name, known_here()) {
                Some(known) => format!("did you mean `{parent}{known}`?"),
                None => format!("known are: {}", known.join(", ")),
            }
        };
        let message = format!("the configuration object has no field `{parent}{name}`");
        let error = Diagnostic::error("option-unknown", message).hint(hint);
        self.report(error, key.span());
    }

    fn object(&mut self, object: Node<'_>) -> Options {
        if object.is_null() {
            return Options::default();
        }
        if !object.is_mapping() {
            self.invalid(object, "functionConfig", "an object");
            return Options::default();
        }
        let is_config_map = object.get("kind").and_then(Node::as_str) == Some("ConfigMap");
        let (known, key): (&[&str], _) = if is_config_map {
            (&CONFIG_MAP, "data")
        } else {
            (&OBJECT, "spec")
        };
        for (name, _) in object.raw_entries() {
            if !name.as_str().is_some_and(|name| known.contains(&name)) {
                self.unknown(name, "", known);
            }
        }
        let Some(fields) = object.get(key).filter(|fields| !fields.is_null()) else {
            return Options::default();
        };
        if !fields.is_mapping() {
            self.invalid(fields, key, "an object");
            return Options::default();
        }
        let parent = format!("{key}.");
        for (name, _) in fields.raw_entries() {
            if !name.as_str().is_some_and(|name| FIELDS.contains(&name)) {
                self.unknown(name, &parent, &FIELDS);
            }
        }
        let field = |name: &'static str| {
            let value = fields.get(name).filter(|value| !value.is_null())?;
            Some((value, format!("{parent}{name}")))
        };
        Options {
            config: self.config(field("config"), field("configFile")),
            namespace: field("namespace")
                .and_then(|(value, name)| self.text(value, &name).map(str::to_owned))
                .filter(|namespace| !namespace.is_empty()),
            dialect: field("operatorVersion").and_then(|(value, name)| {
                self.parsed(value, &name, "1.5 or 1.9", |text| {
                    [Dialect::V1, Dialect::V2]
                        .into_iter()
                        .find(|dialect| dialect.operator_version() == text)
                })
            }),
            only: field("only").and_then(|(value, name)| self.injections(value, &name)),
            skip: field("skip").and_then(|(value, name)| self.injections(value, &name)),
            carriers: field("podTemplates").and_then(|(value, name)| {
                self.list(value, &name, "KIND[.GROUP]=PATH", |text| text.parse().ok())
            }),
            strict: field("strict").and_then(|(value, name)| {
                self.parsed(value, &name, "true or false", |text| text.parse().ok())
            }),
        }
    }

    fn text<'a>(&mut self, value: Node<'a>, name: &str) -> Option<&'a str> {
        let text = value.as_str();
        if text.is_none() {
            self.invalid(value, name, "a string");
        }
        text
    }

    fn parsed<T>(
        &mut self,
        value: Node<'_>,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = value.as_str().and_then(parse);
        if parsed.is_none() {
            self.invalid(value, name, expected);
        }
        parsed
    }

    /// The items of a list, or of a string with commas; `expected` is said of one item.
    fn list<T>(
        &mut self,
        value: Node<'_>,
        name: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<Vec<T>> {
        if let Some(text) = value.as_str() {
            let mut found = Vec::new();
            for item in text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
            {
                let Some(parsed) = parse(item) else {
                    let message = format!("`{name}` must be {expected}, not `{item}`");
                    self.report(Diagnostic::error("option-invalid", message), value.span());
                    return None;
                };
                found.push(parsed);
            }
            return Some(found);
        }
        if !value.is_sequence() {
            self.invalid(value, name, &format!("a list, each item {expected}"));
            return None;
        }
        let items = value.items().into_iter().enumerate();
        items
            .map(|(index, item)| {
                let name = format!("{name}[{index}]");
                self.parsed(item, &name, expected, &parse)
            })
            .collect()
    }

    fn injections(&mut self, value: Node<'_>, name: &str) -> Option<Vec<Injection>> {
        let names = Injection::ALL.map(Injection::name).join(", ");
        self.list(value, name, &format!("one of {names}"), |text| {
            Injection::ALL.into_iter().find(|one| one.name() == text)
        })
    }

    /// The operator's configuration, from `config` or `configFile`.
    fn config(
        &mut self,
        inline: Option<(Node<'_>, String)>,
        file: Option<(Node<'_>, String)>,
    ) -> Option<Named> {
        match (inline, file) {
            (Some((_, config)), Some((value, name))) => {
                let message = format!("`{config}` and `{name}` cannot be used together");
                let error = Diagnostic::error("option-invalid", message);
                self.report(error.hint("leave one of them out"), value.span());
                None
            }
            (Some((value, name)), None) => {
                let read = operator_config::inline(value, name.clone(), self.site);
                let refuse = |error: ConvertError| {
                    let message = format!("`{name}`: {}", error.message);
                    self.report(Diagnostic::error("option-invalid", message), error.span);
                };
                read.map_err(refuse).ok()
            }
            (None, Some((value, name))) => {
                let path = self.text(value, &name)?;
                let by = if name.starts_with("data") {
                    "data.configFile"
                } else {
                    "spec.configFile"
                };
                if let Err(error) = self.file_below(path, by) {
                    self.report(*error, value.span());
                    return None;
                }
                let path = path.to_owned();
                let confined = true;
                Some(Named::File { path, by, confined })
            }
            (None, None) => None,
        }
    }

    /// Whether a file can be read, and is below the working directory; here its place is still known.
    ///
    /// # Errors
    /// Where that is not so.
    fn file_below(&self, path: &str, by: &str) -> Result<(), Box<Diagnostic>> {
        let hint =
            "the path is relative to the folder that the program runs in; put the file there";
        if input::leads_outside(self.site.folder, path.as_ref()) {
            let message = format!("`{by}`: {path} is not below the working directory");
            return Err(Box::new(
                Diagnostic::error("option-config-file", message).hint(hint),
            ));
        }
        let Err(why) = input::open_below(self.site.folder, path.as_ref()) else {
            return Ok(());
        };
        let file = format!("the configuration file {path} (from {by})");
        Err(Box::new(if why.kind() == ErrorKind::NotFound {
            Diagnostic::error("config-not-found", format!("{file} is not there")).hint(hint)
        } else {
            let message = format!("{file} cannot be read: {}", input::describe(&why));
            let hint = "name a regular file that the user who runs the program can read";
            Diagnostic::error("config-unreadable", message).hint(hint)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn options(text: &str) -> Result<Options, Vec<String>> {
        let source = Source::new("object.yaml", text);
        let parsed = parse(text).unwrap();
        let mut sink: Vec<Diagnostic> = Vec::new();
        let site = Site {
            source: &source,
            base: 0,
            folder: Path::new("."),
        };
        read(parsed.tree.root_node().unwrap(), site, &mut sink).ok_or_else(|| {
            sink.iter()
                .map(|one| {
                    let place = one.location.as_ref().unwrap();
                    let hint = one.hint.as_deref().unwrap_or_default();
                    format!("{}:{} {} | {hint}", place.line, place.column, one.message)
                })
                .collect()
        })
    }

    #[test]
    fn both_forms_say_the_same() {
        let spec = "kind: Any\nspec:\n  namespace: prod\n  operatorVersion: 1.9\n  only: [ddtrace, logfwd]\n  \
                    podTemplates: [A.b=spec.c]\n  strict: true\n  configFile: Cargo.toml\n";
        let data = "kind: ConfigMap\ndata:\n  namespace: prod\n  operatorVersion: '1.9'\n  only: ddtrace, logfwd\n  \
                    podTemplates: A.b=spec.c\n  strict: 'true'\n  configFile: src/../Cargo.toml\n";
        for (text, by) in [(spec, "spec.configFile"), (data, "data.configFile")] {
            let options = options(text).unwrap();
            assert_eq!(options.namespace.as_deref(), Some("prod"), "{text}");
            assert_eq!(options.dialect, Some(Dialect::V2));
            let only = [Injection::Ddtrace, Injection::Logfwd];
            assert_eq!(options.only.as_deref(), Some(&only[..]));
            assert_eq!(options.skip, None);
            assert_eq!(options.carriers.map(|carriers| carriers.len()), Some(1));
            assert_eq!(options.strict, Some(true));
            assert!(
                matches!(options.config, Some(Named::File { path, by: from, confined: true }) if path.ends_with("Cargo.toml") && from == by)
            );
        }
        assert!(options("~").unwrap().config.is_none());
        assert!(options("spec:\n").unwrap().config.is_none());
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        for (text, expected) in [
            (
                "spec:\n  namespce: x\n",
                "2:3 the configuration object has no field `spec.namespce` | did you mean `spec.namespace`?",
            ),
            (
                "namespace: x\n",
                "1:1 the configuration object has no field `namespace` | options stand below `spec`",
            ),
            (
                "kind: ConfigMap\nspec: {}\n",
                "2:1 the configuration object has no field `spec` | known are: apiVersion, kind, metadata, data, immutable",
            ),
            (
                "spec: {only: [ddtrace, jave]}",
                "1:24 `spec.only[1]` must be one of ddtrace, otel, logfwd, flameshot, profiler, logging, not `jave` | ",
            ),
            (
                "spec: {skip: 'otel, java'}",
                "1:14 `spec.skip` must be one of ddtrace, otel, logfwd, flameshot, profiler, logging, not `java` | ",
            ),
            (
                "spec: {operatorVersion: 2}",
                "1:25 `spec.operatorVersion` must be 1.5 or 1.9, not `2` | ",
            ),
            ("spec: []", "1:7 `spec` must be an object, not a list | "),
            (
                "spec: {strict: maybe}",
                "1:16 `spec.strict` must be true or false, not `maybe` | ",
            ),
            (
                "spec: {config: {}, configFile: x}",
                "1:32 `spec.config` and `spec.configFile` cannot be used together | leave one of them out",
            ),
            (
                "spec: {configFile: src/none.json}",
                "1:20 the configuration file src/none.json (from spec.configFile) is not there | the path is \
                 relative to the folder that the program runs in; put the file there",
            ),
            (
                "data: {configFile: src}\nkind: ConfigMap",
                "1:20 the configuration file src (from data.configFile) cannot be read: this is no regular file | \
                 name a regular file that the user who runs the program can read",
            ),
        ] {
            assert_eq!(options(text).unwrap_err(), [expected], "{text}");
        }
    }
}
