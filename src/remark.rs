//! What is said of a document: errors, warnings and notes in words, at their place in the source.

use crate::change::{Path, Places};
use crate::convert::ConvertError;
use crate::diagnostic::{Diagnostic, Location, RuleReference, Severity};
use crate::edit::{EditError, EditNote, EditNoteKind};
use crate::explanation::{NamespaceFrom, TemplateExplanation};
use crate::inject::{Account, Notice, Outcome};
use crate::input;
use crate::limits::{Limit, Limits};
use crate::report::Event;
use crate::source::{Source, Span};
use crate::work::Work;
use crate::workload::{Object, PodTemplate};
use crate::yaml::{self, Excess, Node, NodeId, Tree, json};

/// In a parser's message: a quoted text goes on at the column of its key, which kubectl takes and the
/// specification of YAML forbids (`spec/6-yaml-facts.md`).
const AT_KEYS_COLUMN: &str = "multiline quoted scalar";

/// In a parser's message: there is a NUL byte.
const NUL: &str = "`\\u{0}'";

/// A document that something is said of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remarks<'d> {
    pub(crate) source: &'d Source,
    /// Where the document begins in the source, in bytes.
    pub(crate) base: usize,
    /// The document.
    pub(crate) text: &'d str,
    /// What is done to it.
    pub(crate) work: Work,
    /// Whether the lines of errors are shown.
    pub(crate) shows_lines: bool,
}

impl Remarks<'_> {
    /// A span of the document, in bytes of the source.
    fn span(&self, span: Span) -> Span {
        span.shifted(self.base)
    }

    /// An error at a span of the document.
    fn error(&self, diagnostic: Diagnostic, span: Span) -> Diagnostic {
        diagnostic.at(self.source, self.span(span))
    }

    /// Remarks of the rules, each at its place below the template.
    pub(crate) fn notices<'n>(
        &self,
        notices: impl IntoIterator<Item = &'n Notice>,
        template: &PodTemplate<'_>,
        label: &str,
        make: fn(&'static str, String) -> Diagnostic,
    ) -> impl Iterator<Item = Diagnostic> {
        let mut places = Places::new(template.node);
        notices
            .into_iter()
            .map(move |notice| self.placed(notice, &mut places, template, label, make))
    }

    /// A remark of the rules, at its place below the template.
    pub(crate) fn notice(
        &self,
        notice: &Notice,
        template: &PodTemplate<'_>,
        label: &str,
        make: fn(&'static str, String) -> Diagnostic,
    ) -> Diagnostic {
        let mut places = Places::new(template.node);
        self.placed(notice, &mut places, template, label, make)
    }

    fn placed<'t>(
        &self,
        notice: &Notice,
        places: &mut Places<'t>,
        template: &PodTemplate<'t>,
        label: &str,
        make: fn(&'static str, String) -> Diagnostic,
    ) -> Diagnostic {
        let node = match &notice.path {
            Some(path) => places.nearest(path),
            None => template.node,
        };
        let mut diagnostic = make(notice.code, [label, ": ", &notice.message].concat());
        diagnostic.hint = notice.hint.as_deref().map(Into::into);
        diagnostic.rule = notice.rule.as_ref().map(|rule| {
            Box::new(RuleReference {
                name: rule.to_string(),
                span: rule.is_entry().then_some(rule.span),
            })
        });
        let diagnostic = diagnostic.about(label);
        let span = self.span(node.span());
        if self.shows_lines {
            diagnostic.at(self.source, span)
        } else {
            diagnostic.at_place(self.source, span)
        }
    }

    /// What the rules tell of a template, at its places in the source.
    pub(crate) fn explained(
        &self,
        object: &Object<'_>,
        template: &PodTemplate<'_>,
        outcome: &Outcome,
        accounts: Vec<Account<Path>>,
    ) -> TemplateExplanation {
        let metadata = template.node.get("metadata");
        let own = metadata
            .and_then(|metadata| metadata.get("namespace"))
            .and_then(Node::as_str)
            .filter(|namespace| !namespace.is_empty());
        let is_object = template.node.id() == object.node.id();
        let namespace_from = if own.is_some() && !is_object {
            NamespaceFrom::Template
        } else if object.namespace.is_some() {
            NamespaceFrom::Workload
        } else {
            NamespaceFrom::Default
        };
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let labels = labels.map(Node::entries).unwrap_or_default().into_iter();
        let text =
            |(key, value): (&str, Node<'_>)| Some((key.to_owned(), value.as_str()?.to_owned()));
        let mut places = Places::new(template.node);
        let mut place = |path: &Path| self.bare(places.nearest(path).span());
        TemplateExplanation {
            path: template.path.to_string(),
            location: self.bare(template.node.span()),
            namespace: template.namespace.clone(),
            namespace_from,
            labels: labels.filter_map(text).collect(),
            injected: outcome.injected.clone(),
            skipped: outcome.skipped.clone(),
            accounts: accounts
                .into_iter()
                .map(|account| account.map_places(&mut place))
                .collect(),
        }
    }

    /// The place of a span of the document, without its line.
    fn bare(&self, span: Span) -> Location {
        let place = self.source.line_column(self.span(span).start);
        Location::bare(self.source, place)
    }

    /// The document is broken, but injecting does not look at it. Nothing where kubectl takes it.
    pub(crate) fn passed_broken(error: Diagnostic) -> Option<Diagnostic> {
        if error.message.contains(AT_KEYS_COLUMN) {
            return None;
        }
        let message = format!(
            "{}; injecting passes this document as it is, since its kind carries no pod",
            error.message
        );
        Some(Diagnostic {
            hint: error.hint,
            location: error.location,
            ..Diagnostic::warning("broken-document", message)
        })
    }

    /// Steering annotations that stand above the pod template, where nobody reads them.
    pub(crate) fn misplaced(&self, object: &Object<'_>) -> Vec<Event> {
        object
            .misplaced_annotations()
            .into_iter()
            .map(|(key, value)| {
                let label = object.label();
                let place = object
                    .templates
                    .first()
                    .map(|template| {
                        template
                            .path
                            .join("metadata")
                            .join("annotations")
                            .to_string()
                    })
                    .unwrap_or_default();
                Event::Diagnostic(
                    Diagnostic::warning(
                        "annotation-on-workload",
                        format!("{label}: the annotation {key} has no effect here"),
                    )
                    .about(&label)
                    .at(self.source, self.span(value.span()))
                    .hint(format!(
                        "the operator reads it on the pod template: {place}"
                    ))
                    .into(),
                )
            })
            .collect()
    }

    /// An object of an unknown kind that holds what looks like a pod template.
    pub(crate) fn unknown_carrier(&self, object: &Object<'_>) -> Event {
        let group = object.group.filter(|group| !group.is_empty());
        let kind = match group {
            Some(group) => format!("{}.{group}", object.kind),
            None => object.kind.to_owned(),
        };
        Event::Diagnostic(
            Diagnostic::warning(
                "unknown-pod-template",
                format!(
                    "{}: what looks like a pod template at spec.template is left alone, since this \
                     kind is not known to carry one",
                    object.label()
                ),
            )
            .about(object.label())
            .at(self.source, self.span(Span::at(object.node.span().start)))
            .hint(format!("--pod-template {kind}=spec.template rewrites it"))
            .into(),
        )
    }

    /// What an edit did besides adding text.
    pub(crate) fn edit_note(&self, note: EditNote) -> Event {
        let span = self.span(note.span);
        let (what, done) = match self.work {
            Work::Remove => ("what is taken out", "changed"),
            _ => ("what is injected", "injected"),
        };
        let diagnostic = match note.kind {
            EditNoteKind::ExpandedEditedAlias => {
                let message = format!(
                    "this alias is written out here, since {what} belongs to this use alone"
                );
                Diagnostic::note("alias-expanded", message)
            }
            EditNoteKind::ExpandedOtherAlias => {
                let message = format!(
                    "this alias is written out with its old value, since what it stood for is {done}"
                );
                Diagnostic::note("alias-expanded", message)
            }
            EditNoteKind::WrittenOutMergedKey => {
                let message =
                    format!("{what} here comes by this merge key, and is written out beside it");
                Diagnostic::note("merged-key-written-out", message)
            }
            EditNoteKind::DuplicateKey => Diagnostic::warning(
                "duplicate-key",
                "this key stands here more than once; the last one counts",
            ),
        };
        Event::Diagnostic(diagnostic.at(self.source, span).into())
    }

    /// The document has more levels than are read.
    fn too_deep(&self, offset: usize) -> Box<Diagnostic> {
        let diagnostic = Diagnostic::error("limit-exceeded", yaml::TOO_DEEP);
        let diagnostic = self.error(diagnostic, Span::at(offset));
        Box::new(diagnostic.hint("no option allows more: no manifest is nested like that"))
    }

    /// An alias stands in what it stands for.
    fn endless(&self, alias: Span) -> Box<Diagnostic> {
        let message = "this alias stands inside of its own anchor: written out, it would never end";
        let diagnostic = self.error(Diagnostic::error("limit-exceeded", message), alias);
        let hint = "take the alias out: no manifest is meant like that, and kubectl refuses it";
        Box::new(diagnostic.hint(hint))
    }

    /// The document is larger than a run takes in.
    pub(crate) fn too_large(&self, limits: &Limits) -> Box<Diagnostic> {
        let size = Some(self.text.len() as u64);
        let error = limits.exceeded(Limit::DocumentSize, "the document is larger than", size);
        // All of it may be on this line.
        Box::new(error.at_place(self.source, Span::at(self.base)))
    }

    /// Aliases make too much of the document.
    fn excess(&self, excess: Excess, span: Span, limits: &Limits) -> Box<Diagnostic> {
        let (limit, what) = match excess {
            Excess::Values => (Limit::AliasValues, "aliases expand to more than"),
            Excess::Bytes => (Limit::AliasSize, "aliases expand to a text of more than"),
            Excess::Depth => {
                let endless = yaml::parse(self.text).ok();
                let endless = endless.and_then(|parsed| endless_alias(&parsed.tree));
                return match endless {
                    Some(alias) => self.endless(alias),
                    None => self.too_deep(span.start),
                };
            }
        };
        Box::new(self.error(limits.exceeded(limit, what, None), span))
    }

    /// Whether a parser's message tells that there is more of something than is read.
    pub(crate) fn is_excess(message: &str) -> bool {
        [
            yaml::TOO_DEEP,
            yaml::TOO_MANY_VALUES,
            yaml::TOO_MANY_ANCHORS,
        ]
        .contains(&message)
    }

    /// The document has more of something than is read: what a parser's message tells of it.
    fn too_much(&self, message: &str, offset: usize, limits: &Limits) -> Option<Box<Diagnostic>> {
        let (limit, what) = match message {
            yaml::TOO_DEEP => return Some(self.too_deep(offset)),
            yaml::TOO_MANY_VALUES => (Limit::Values, "the document has more than"),
            yaml::TOO_MANY_ANCHORS => (Limit::Anchors, "the document has more than"),
            _ => return None,
        };
        let error = limits.exceeded(limit, what, None);
        Some(Box::new(self.error(error, Span::at(offset))))
    }

    /// The document is no YAML, or there is too much of it.
    pub(crate) fn not_yaml(&self, error: &yaml::ParseError, limits: &Limits) -> Box<Diagnostic> {
        if let Some(excess) = self.too_much(&error.message, error.offset, limits) {
            return excess;
        }
        let mut offset = error.offset;
        let (why, hint) = if error.message.contains(NUL) {
            let wide = input::wide_encoding(self.source.text().as_bytes());
            let hint = wide.unwrap_or("take the byte out; or is the file no text at all?");
            ("a NUL byte is no part of it", Some(hint))
        } else if let Some(key) = long_key(self.text, error.offset) {
            offset = key;
            let hint = "write the key as `? KEY`, and `: VALUE` on the line below it";
            (
                "a key with its `:` on the same line has at most 1,024 characters",
                Some(hint),
            )
        } else if error.message.contains(AT_KEYS_COLUMN) {
            let hint = "indent the further lines of the quoted text deeper than its key";
            (error.message.as_str(), Some(hint))
        } else {
            (error.message.as_str(), template_hint(self.text))
        };
        let diagnostic = Diagnostic::error("not-yaml", format!("this is no YAML: {why}"));
        let diagnostic = self.error(diagnostic, Span::at(offset));
        Box::new(match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        })
    }

    /// The document is no JSON, or there is too much of it.
    pub(crate) fn not_json(&self, error: &json::JsonError, limits: &Limits) -> Box<Diagnostic> {
        if let Some(excess) = self.too_much(error.message, error.offset, limits) {
            return excess;
        }
        let diagnostic =
            Diagnostic::error("not-json", format!("this is no JSON: {}", error.message));
        Box::new(self.error(diagnostic, Span::at(error.offset)))
    }

    /// Behind a bare `...` stands another document.
    pub(crate) fn two_documents(&self, at: usize, severity: Severity) -> Diagnostic {
        let message = "a second document begins behind `...` without a `---`; kubectl drops it \
                       silently";
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error("second-document", message),
            _ => Diagnostic::warning("second-document", message),
        };
        self.error(diagnostic, Span::at(at))
            .hint("put a line with --- in front of it")
    }

    /// The changes cannot be carried out on the document.
    pub(crate) fn cannot_edit(&self, error: &EditError, limits: &Limits) -> Box<Diagnostic> {
        if let Some(excess) = error.excess {
            return self.excess(excess, error.span, limits);
        }
        let what = match self.work {
            Work::Remove => "injections cannot be taken out of this document",
            _ => "this document cannot be injected",
        };
        let message = format!("{what}: {}", error.message);
        let diagnostic = if error.internal {
            Diagnostic::error("internal", message)
        } else {
            Diagnostic::error("cannot-edit", message)
        };
        Box::new(self.error(diagnostic, error.span).hint(error.hint))
    }

    /// The document has no form in the other format.
    pub(crate) fn cannot_convert(&self, error: &ConvertError, limits: &Limits) -> Box<Diagnostic> {
        if let Some(excess) = error.excess {
            return self.excess(excess, error.span, limits);
        }
        let diagnostic = Diagnostic::error("cannot-convert", error.message);
        Box::new(self.error(diagnostic, error.span))
    }
}

/// The first alias that stands in what it stands for.
fn endless_alias(tree: &Tree<'_>) -> Option<Span> {
    let is_endless = |alias: &NodeId| {
        let (inner, outer) = (tree.span(*alias), tree.target(*alias));
        let outer = outer.map(|target| tree.span(target));
        outer.is_some_and(|outer| outer.start <= inner.start && inner.end <= outer.end)
    };
    let alias = tree.ids().find(is_endless)?;
    Some(tree.span(alias))
}

/// Where a key begins that is longer than YAML allows in front of a `:` on its line, where a parser
/// stopped for it: in front of the key, or at its `:`, or right behind that.
fn long_key(text: &str, offset: usize) -> Option<usize> {
    /// What YAML allows, in characters.
    const LONGEST: usize = 1024;
    let is_long = |key: &str| key.chars().nth(LONGEST).is_some();
    let line = text[..offset].rfind('\n').map_or(0, |at| at + 1);
    let before = &text[line..offset];
    let rest = text[offset..].lines().next().unwrap_or_default();
    let key = match before.trim_end().strip_suffix(':') {
        Some(key) => key,
        None if rest.starts_with(':') => before,
        None => {
            let end = rest.find(": ").or(rest.strip_suffix(':').map(str::len))?;
            return is_long(&rest[..end]).then_some(offset);
        }
    };
    let key = key.trim_end();
    let start = match key.chars().next_back() {
        Some(quote @ ('"' | '\'')) => key[..key.len() - 1].rfind(quote),
        _ => key.rfind([' ', '{', '[', ',']).map(|at| at + 1),
    };
    let start = start.unwrap_or(0);
    // Behind a colon stands a value, which may be that long.
    if key[..start].trim_end().ends_with(':') {
        return None;
    }
    is_long(&key[start..]).then_some(line + start)
}

/// What to do about a text that is a template of something.
fn template_hint(text: &str) -> Option<&'static str> {
    if text.contains("{{") && !text.contains("{%") {
        Some("this looks like a Helm template; render it first: helm template . | datakit-inject")
    } else if text.contains("{%") || text.contains("<%") {
        Some("this looks like a template; render it first and give the result to datakit-inject")
    } else {
        None
    }
}
