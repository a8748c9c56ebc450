//! What happened, in the form in which a KRM function tells it: the `results` of a `ResourceList`
//! (`spec/4-hosts.md`, b.1.1).

use std::fmt::Write as _;

use crate::change::{Path, Segment};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::output::report_text;
use crate::report::{Event, Report, Verbosity};
use crate::source::{LineColumn, Source, Span};
use crate::workload::{Lookup, Object};
use crate::yaml::{Kind, Node, NodeId, Tree, Value};

use super::resource_list::{FUNCTION_CONFIG, first_document, parse, slice};

/// Where an item comes from, in the words of kpt and of its predecessors.
const PATH_ANNOTATIONS: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];
const INDEX_ANNOTATIONS: [&str; 2] = [
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
];

/// How a run ended, as far as the results say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The items are rewritten.
    Done,
    /// The items stay, and what would have changed is an error (`--check`).
    Checked,
    /// The items stay: there was an error, or a warning under `--strict`.
    Failed,
}

/// What happened, as the `results` of the list that was read from `source`.
#[must_use]
pub fn results(
    source: &Source,
    lookup: &Lookup,
    report: &Report,
    verbosity: Verbosity,
    outcome: Outcome,
) -> Vec<Value> {
    let document = first_document(source.text());
    let tree = document.and_then(|document| parse(slice(source.text(), document), document));
    let root = tree.as_ref().and_then(Tree::root_node);
    let places = Places {
        source,
        base: document.map_or(0, |document| document.span.start),
        objects: root.map(|root| lookup.objects(root)).unwrap_or_default(),
        function_config: root.and_then(|root| root.get(FUNCTION_CONFIG)),
    };
    let shown = |event: &&Event| match event {
        Event::Workload(_) => outcome != Outcome::Failed && verbosity >= Verbosity::Normal,
        Event::Document(_) => false,
        Event::Missing(_) | Event::Stale(_) => true,
        Event::Diagnostic(one) => {
            let quiet = outcome == Outcome::Failed || verbosity < Verbosity::Normal;
            one.severity > Severity::Note || !quiet
        }
    };
    let events = report.events.iter().filter(shown);
    events
        .map(|event| places.result(event, report, outcome))
        .collect()
}

/// The objects of the list, to say which one something happened to.
struct Places<'a> {
    source: &'a Source,
    base: usize,
    objects: Vec<Object<'a>>,
    function_config: Option<Node<'a>>,
}

impl Places<'_> {
    fn result(&self, event: &Event, report: &Report, outcome: Outcome) -> Value {
        let (location, severity, message, code) = match event {
            Event::Workload(workload) => {
                let severity = if outcome == Outcome::Checked && workload.is_changed() {
                    Severity::Error
                } else {
                    Severity::Note
                };
                let message = report_text::outcome(workload, report);
                (Some(&workload.location), severity, message, None)
            }
            Event::Missing(one) | Event::Stale(one) => {
                let location = one.location.as_ref();
                (location, Severity::Error, self.message(one), Some(one.code))
            }
            Event::Document(own) => (Some(&own.location), Severity::Note, own.label.clone(), None),
            Event::Diagnostic(one) => {
                let message = self.message(one);
                let fatal = outcome == Outcome::Failed && one.severity == Severity::Warning;
                let severity = if fatal && report.summary.errors == 0 {
                    Severity::Error
                } else {
                    one.severity
                };
                (one.location.as_ref(), severity, message, Some(one.code))
            }
        };
        let mut entries = vec![
            ("message", Value::string(message)),
            ("severity", Value::string(severity_name(severity))),
        ];
        if let Some(location) = location.filter(|location| location.path == *self.source.name()) {
            entries.extend(self.about(location, matches!(event, Event::Workload(_))));
        }
        if let Some(code) = code {
            entries.push(("tags", Value::mapping([("code", Value::string(code))])));
        }
        Value::mapping(entries)
    }

    /// A diagnostic in one line.
    fn message(&self, diagnostic: &Diagnostic) -> String {
        let mut message = String::new();
        // A place outside the list has no other way to be told.
        let location = diagnostic.location.as_ref();
        if let Some(other) = location.filter(|place| place.path != *self.source.name()) {
            let _ = write!(message, "{}:{}:{}: ", other.path, other.line, other.column);
        }
        let _ = write!(message, "{} [{}]", diagnostic.message, diagnostic.code);
        if let Some(hint) = &diagnostic.hint {
            let _ = write!(message, "; {hint}");
        }
        message
    }

    /// Which object a place belongs to, where in it, and the file that it came from.
    fn about(&self, location: &Location, is_workload: bool) -> Vec<(&'static str, Value)> {
        let place = LineColumn {
            line: location.line,
            column: location.column,
        };
        let Some(at) = self.source.offset(place).checked_sub(self.base) else {
            return Vec::new();
        };
        let covers = |node: Node<'_>| {
            let Span { start, end } = node.span();
            (start..=end).contains(&at)
        };
        let object = self.objects.iter().rfind(|object| covers(object.node));
        let Some(node) = object
            .map(|object| object.node)
            .or(self.function_config.filter(|node| covers(*node)))
        else {
            return Vec::new();
        };
        let field = match object.and_then(|object| object.templates.first()) {
            Some(template) if is_workload => below_object(&template.path),
            _ => path_to(node.tree(), node.tree().resolve(node.id()), at),
        };
        let mut entries = Vec::new();
        if let Some(reference) = reference(node) {
            entries.push(("resourceRef", reference));
            if !field.0.is_empty() {
                let path = Value::string(field.to_string());
                entries.push(("field", Value::mapping([("path", path)])));
            }
        }
        if let Some(path) = annotation(node, &PATH_ANNOTATIONS) {
            let mut file = vec![("path", Value::string(path.to_owned()))];
            let index = annotation(node, &INDEX_ANNOTATIONS);
            if let Some(index) = index.and_then(|index| index.parse::<u32>().ok()) {
                file.push(("index", Value::plain(index.to_string())));
            }
            entries.push(("file", Value::mapping(file)));
        }
        entries
    }
}

/// The specification's words.
const fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "info",
    }
}

/// The object as results refer to it; nothing where it lacks what the specification demands.
fn reference(node: Node<'_>) -> Option<Value> {
    let text = |keys: &[&str]| node.at(keys).and_then(Node::as_str).map(str::to_owned);
    let mut entries = vec![
        ("apiVersion", Value::string(text(&["apiVersion"])?)),
        ("kind", Value::string(text(&["kind"])?)),
    ];
    if let Some(namespace) = text(&["metadata", "namespace"]) {
        entries.push(("namespace", Value::string(namespace)));
    }
    entries.push(("name", Value::string(text(&["metadata", "name"])?)));
    Some(Value::mapping(entries))
}

fn annotation<'a>(node: Node<'a>, names: &[&str]) -> Option<&'a str> {
    let annotations = node.at(&["metadata", "annotations"])?;
    names
        .iter()
        .find_map(|name| annotations.get(name).and_then(Node::as_str))
}

/// What a path in the document is below the item that it leads into: an object's own way to its pod
/// template has no lists. A Pod is its own template; what matters of it is its `spec`.
fn below_object(path: &Path) -> Path {
    let is_index = |segment: &Segment| matches!(segment, Segment::Index(_));
    let behind = path.0.iter().rposition(is_index).map_or(0, |at| at + 1);
    match &path.0[behind..] {
        [] => Path::new(["spec"]),
        way => Path(way.into()),
    }
}

/// The way from a node down to what stands at a byte of its text.
fn path_to(tree: &Tree<'_>, from: NodeId, at: usize) -> Path {
    let mut path = Path::default();
    let mut here = from;
    loop {
        let starts = |id: NodeId| tree.outer_span(id).start <= at;
        let (segment, next) = match tree.kind(here) {
            Kind::Mapping(_) => match tree
                .entries(here)
                .take_while(|(key, _)| starts(*key))
                .last()
            {
                Some((key, value)) => (
                    Segment::from(tree.text(tree.resolve(key)).to_owned()),
                    value,
                ),
                None => return path,
            },
            Kind::Sequence(_) => {
                let items = tree.children(here).enumerate();
                match items.take_while(|(_, item)| starts(*item)).last() {
                    Some((index, item)) => (Segment::from(index), item),
                    None => return path,
                }
            }
            Kind::Scalar(_) | Kind::Alias | Kind::Known => return path,
        };
        path = path.join(segment);
        if tree.outer_span(next).start > at {
            return path;
        }
        here = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml;

    #[test]
    fn a_place_has_its_path() {
        let text = "a:\n  b:\n  - x: |\n      1\n    y: {z: 2}\n";
        let tree = yaml::parse(text).unwrap().tree;
        let at = |what: &str| {
            let found = path_to(&tree, tree.root().unwrap(), text.find(what).unwrap());
            found.to_string()
        };
        assert_eq!(at("x:"), "a.b[0].x");
        assert_eq!(at("|"), "a.b[0].x");
        assert_eq!(at("y:"), "a.b[0].y");
        assert_eq!(at("2"), "a.b[0].y.z");
        assert_eq!(at("b:"), "a.b");
    }
}
