//! KRM functions (`spec/4-hosts.md`, b.1): kustomize and kpt send one `ResourceList` with the items
//! and the configuration object, and take one back.
//!
//! The items are rewritten in place like those of any other list. What is added is `results`: what
//! happened, for hosts that show it or keep it. It is put into the finished text by the editor, so
//! that everything else stays as it is.

use std::path::Path as FilePath;
use std::sync::Arc;

use memchr::memmem;

use crate::change::{Change, Changes, Operation, Path};
use crate::diagnostic::{Diagnostic, Sink};
use crate::document::{self, Document};
use crate::edit::Editor;
use crate::limits::{Limit, Limits};
use crate::source::Source;
use crate::yaml::{self, Most, Node, Spare, Tree, Value, json};

use super::comments;
use super::options::{self, Options, Site};

const KIND: &str = "ResourceList";
pub(super) const FUNCTION_CONFIG: &str = "functionConfig";

/// Whether the first document of a text is a `ResourceList`, and no larger than the limits allow.
#[must_use]
pub fn is_resource_list(text: &str, limits: &Limits) -> bool {
    // Most streams are none, and a search costs far less than to split them.
    if memmem::find(text.as_bytes(), KIND.as_bytes()).is_none() {
        return false;
    }
    first_document(text).is_some_and(|document| {
        let text = slice(text, document);
        if text.len() > limits.in_memory(Limit::DocumentSize) {
            return false;
        }
        match document::kind_in_column_zero(text) {
            Some(kind) => kind == KIND,
            None => parse_within(text, document, Most::of(limits)).is_some_and(|tree| {
                let kind = tree.root_node().and_then(|root| root.get("kind"));
                kind.and_then(Node::as_str) == Some(KIND)
            }),
        }
    })
}

/// The options in the list's `functionConfig`. Every problem goes to `sink`; nothing is given where
/// there was one. A text that cannot be parsed says nothing here: it is reported where it is
/// rewritten.
pub fn options(source: &Arc<Source>, folder: &FilePath, sink: &mut dyn Sink) -> Option<Options> {
    let Some(document) = first_document(source.text()) else {
        return Some(Options::default());
    };
    let tree = parse(slice(source.text(), document), document);
    let root = tree.as_ref().and_then(Tree::root_node);
    let Some(object) = root.and_then(|root| root.get(FUNCTION_CONFIG)) else {
        return Some(Options::default());
    };
    let site = Site {
        source,
        base: document.span.start,
        folder,
    };
    options::read(object, site, sink)
}

/// The list with the results in it, in place of those that it had; `text` is what became of the
/// list, `old` what it was.
///
/// # Errors
/// Where the results cannot be put in; the list is complete without.
pub fn with_results(text: &str, old: &str, results: Vec<Value>) -> Result<String, Box<Diagnostic>> {
    let shielded = comments::shield(old, text);
    let text = shielded.as_deref().unwrap_or(text);
    let (Some(document), false) = (first_document(text), results.is_empty()) else {
        return Ok(text.to_owned());
    };
    let list = slice(text, document);
    let left_out = |message: String| {
        let message = format!("the results are left out of the ResourceList: {message}");
        Box::new(Diagnostic::warning("results-left-out", message))
    };
    let tree =
        parse(list, document).ok_or_else(|| left_out("it is not one document".to_owned()))?;
    let results = results.into_iter().map(Arc::new).collect();
    let set = Operation::Set(Arc::new(Value::Sequence(results)));
    let changes = Changes {
        base: Path::default(),
        below: vec![Change::new(Path::new(["results"]), set)],
    };
    let edited = Editor::default()
        .edit(&tree, &[changes])
        .map_err(|error| left_out(error.message))?;
    let (before, behind) = (&text[..document.span.start], &text[document.span.end..]);
    let list: String = match &edited.new {
        Some(new) => new.text(list),
        None => list.to_owned(),
    };
    Ok([before, &list, behind].concat())
}

/// The first document that holds something.
pub(super) fn first_document(text: &str) -> Option<Document> {
    document::documents(text).find(|document| !document::is_blank(slice(text, *document)))
}

pub(super) fn slice(text: &str, document: Document) -> &str {
    &text[document.span.start..document.span.end]
}

pub(super) fn parse(text: &str, document: Document) -> Option<Tree<'_>> {
    parse_within(text, document, Most::UNLIMITED)
}

fn parse_within(text: &str, document: Document, most: Most) -> Option<Tree<'_>> {
    if document.json {
        return json::parse_within(text, most).ok();
    }
    let parsed = yaml::parse_within(text, most, Spare::default()).ok()?;
    parsed.second_root.is_none().then_some(parsed.tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_known_in_every_form() {
        for text in [
            "kind: ResourceList\n",
            "# c\n---\napiVersion: v1\nkind: 'ResourceList'\n",
            "{\"kind\": \"ResourceList\"}",
            "{kind: ResourceList}",
        ] {
            assert!(is_resource_list(text, &Limits::default()), "{text}");
        }
        for text in [
            "",
            "kind: List\n",
            "kind: A\n---\nkind: ResourceList\n",
            "kind: ConfigMap\ndata:\n  kind: ResourceList\n",
            "[ResourceList",
        ] {
            assert!(!is_resource_list(text, &Limits::default()), "{text}");
        }
    }

    #[test]
    fn results_take_the_place_of_older_ones() {
        let results = || vec![Value::mapping([("message", Value::string("m"))])];
        let list = "kind: ResourceList\nitems: []\nresults:\n- message: old\n  tags:\n    a: b\n";
        assert_eq!(
            with_results(list, list, results()).unwrap(),
            "kind: ResourceList\nitems: []\nresults:\n- message: m\n"
        );
        let list = "{\"kind\": \"ResourceList\", \"items\": []}\n";
        assert_eq!(
            with_results(list, list, results()).unwrap(),
            "{\"kind\": \"ResourceList\", \"items\": [], \"results\": [{\"message\": \"m\"}]}\n"
        );
        assert_eq!(with_results(list, list, Vec::new()).unwrap(), list);
    }
}
