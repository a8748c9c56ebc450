//! One text through the pipeline: its documents, their trees, their workloads, what the rules make
//! of them, the edited text.

use std::sync::Arc;

use crate::change::Change;
use crate::config::Rules;
use crate::convert::{self, Format};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::document::{self, Document};
use crate::edit::{self, EditError, EditNote, EditNoteKind};
use crate::inject::{self, Notice, Reason, Skipped, Switches};
use crate::parallel;
use crate::report::{Event, Outcome};
use crate::source::{BYTE_ORDER_MARK, Source, Span};
use crate::workload::{Lookup, Object, PodTemplate};
use crate::yaml::{self, Node, Tree, json};

/// What a text is rewritten by.
#[derive(Clone, Copy, Debug)]
pub struct Rewriter<'r> {
    /// The rules in force.
    pub rules: &'r Rules,
    /// Which injections are made.
    pub switches: &'r Switches,
    /// How pod templates are found.
    pub lookup: &'r Lookup,
    /// The format to convert to.
    pub format: Option<Format>,
}

/// A document of a text, and what became of it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes in the text.
    pub span: Span,
    /// Its new text; nothing where it stays as it is.
    pub text: Option<String>,
}

/// A text that has been rewritten.
#[derive(Clone, Debug)]
pub struct Rewritten {
    /// The text as it was.
    pub source: Arc<Source>,
    /// Its documents, in order and without a gap.
    pub parts: Vec<Part>,
    /// What happened, in the order of the text.
    pub events: Vec<Event>,
    /// How many documents hold something.
    pub documents: usize,
}

impl Rewritten {
    /// Whether anything is different.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.parts.iter().any(|part| part.text.is_some())
    }

    /// The documents' old and new texts, side by side.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, &str)> {
        let text = self.source.text();
        self.parts
            .iter()
            .map(|part| {
                let old = &text[part.span.start..part.span.end];
                (old, part.text.as_deref().unwrap_or(old))
            })
            .collect()
    }

    /// The whole new text in pieces, with a byte order mark where the old one had it: runs of
    /// documents that stay are one piece of the old text.
    #[must_use]
    pub fn pieces(&self) -> Vec<&str> {
        let text = self.source.text();
        let mut pieces = Vec::new();
        let mut kept = 0;
        let mut end = 0;
        for part in &self.parts {
            if let Some(new) = &part.text {
                pieces.push(&text[kept..part.span.start]);
                pieces.push(new.as_str());
                kept = part.span.end;
            }
            end = part.span.end;
        }
        pieces.push(&text[kept..end.max(kept)]);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// The whole new text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces().concat()
    }
}

/// What became of one document.
struct Outlook {
    text: Option<String>,
    events: Vec<Event>,
    /// Whether the document holds nothing.
    blank: bool,
}

/// A thread takes documents of about this many bytes at a time.
const TASK_SIZE: usize = 128 * 1024;

/// The documents in runs that are worth a thread's while.
fn tasks(documents: &[Document]) -> Vec<&[Document]> {
    let mut tasks = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (index, document) in documents.iter().enumerate() {
        size += document.span.end - document.span.start;
        if size >= TASK_SIZE {
            tasks.push(&documents[start..=index]);
            (start, size) = (index + 1, 0);
        }
    }
    if start < documents.len() {
        tasks.push(&documents[start..]);
    }
    tasks
}

impl Rewriter<'_> {
    /// Rewrites a text, on up to `jobs` threads where it is large. Errors are among the events; the
    /// documents that they are about stay as they are.
    #[must_use]
    pub fn rewrite(&self, source: &Arc<Source>, jobs: usize) -> Rewritten {
        let documents = document::split(source.text());
        let tasks = tasks(&documents);
        let outlooks = parallel::map(&tasks, jobs, |task| -> Vec<Outlook> {
            task.iter()
                .map(|document| self.outlook(source, *document))
                .collect()
        });
        let mut rewritten = Rewritten {
            source: source.clone(),
            parts: Vec::with_capacity(documents.len()),
            events: Vec::new(),
            documents: 0,
        };
        for (document, outlook) in documents.iter().zip(outlooks.into_iter().flatten()) {
            rewritten.documents += usize::from(!outlook.blank);
            rewritten.events.extend(outlook.events);
            rewritten.parts.push(Part {
                span: document.span,
                text: outlook.text,
            });
        }
        rewritten
    }

    fn outlook(&self, source: &Source, document: Document) -> Outlook {
        let text = &source.text()[document.span.start..document.span.end];
        let mut outlook = if document::is_blank(text) {
            self.blank_document()
        } else {
            self.document(source, document)
        };
        outlook.text = outlook.text.filter(|new| new != text);
        outlook
    }

    /// JSON has no form for a document without a value: it goes where the output is JSON.
    fn blank_document(&self) -> Outlook {
        Outlook {
            text: (self.format == Some(Format::Json)).then(String::new),
            events: Vec::new(),
            blank: true,
        }
    }

    fn document(&self, source: &Source, document: Document) -> Outlook {
        let work = Work {
            rewriter: self,
            source,
            base: document.span.start,
            text: &source.text()[document.span.start..document.span.end],
            json: document.json,
        };
        let mut events = Vec::new();
        let text = match work.run(&mut events) {
            Ok(text) => text,
            Err(diagnostic) => {
                events.push(Event::Diagnostic(*diagnostic));
                None
            }
        };
        Outlook {
            text,
            events,
            blank: false,
        }
    }
}

/// The work on one document.
struct Work<'w> {
    rewriter: &'w Rewriter<'w>,
    source: &'w Source,
    /// Where the document begins in the source, in bytes.
    base: usize,
    text: &'w str,
    json: bool,
}

/// Boxed: an error is rare, and larger than everything else that is handed around.
type Result<T> = std::result::Result<T, Box<Diagnostic>>;

impl Work<'_> {
    fn run(&self, events: &mut Vec<Event>) -> Result<Option<String>> {
        let carriers: Vec<&str> = (self.rewriter.lookup.carriers.iter())
            .map(|carrier| carrier.kind.as_str())
            .collect();
        if self.rewriter.format.is_none() && document::passes_unparsed(self.text, &carriers) {
            let kind = document::kind_in_column_zero(self.text).unwrap_or_default();
            events.push(Event::Document {
                location: self.location(Span::at(self.first_content())),
                label: kind.to_lowercase(),
            });
            return Ok(None);
        }
        let (tree, second_root) = self.parse()?;
        let Some(root) = tree.root_node() else {
            return Ok(None);
        };
        let changes = self.plan(root, events);
        let mut new = None;
        if let Some(at) = second_root {
            if !changes.is_empty() || self.rewriter.format.is_some() {
                return Err(Box::new(self.two_documents(at, Severity::Error)));
            }
            let warning = self.two_documents(at, Severity::Warning);
            events.push(Event::Diagnostic(warning));
        }
        if !changes.is_empty() {
            let edited = edit::edit(&tree, &changes).map_err(|error| self.cannot_edit(&error))?;
            events.extend(edited.notes.iter().map(|note| self.edit_note(*note)));
            new = Some(edited.text);
        }
        match self.rewriter.format {
            Some(format) => self.convert(new, &tree, format),
            None => Ok(new),
        }
    }

    fn parse(&self) -> Result<(Tree<'_>, Option<usize>)> {
        if self.json {
            let tree = json::parse(self.text).map_err(|error| self.not_json(&error))?;
            return Ok((tree, None));
        }
        match yaml::parse(self.text) {
            Ok(parsed) => Ok((parsed.tree, parsed.second_root)),
            Err(error) => {
                let json = json::parse_prefix(self.text).err();
                match json.filter(|_| looks_like_json(self.text)) {
                    Some(error) => Err(self.not_json(&error)),
                    None => Err(self.not_yaml(&error)),
                }
            }
        }
    }

    /// What the rules make of the document's workloads.
    fn plan(&self, root: Node<'_>, events: &mut Vec<Event>) -> Vec<Change> {
        let mut changes = Vec::new();
        let objects = self.rewriter.lookup.objects(root);
        if objects.is_empty() {
            events.push(Event::Document {
                location: self.location(Span::at(root.span().start)),
                label: "no Kubernetes object".to_owned(),
            });
        }
        for object in &objects {
            let location = self.location(Span::at(object.node.span().start));
            let label = object.label();
            if object.templates.is_empty() {
                if object.looks_like_carrier() {
                    events.push(self.unknown_carrier(object));
                } else {
                    events.push(Event::Document { location, label });
                }
                continue;
            }
            let mut injected = Vec::new();
            let mut skipped = Vec::new();
            let mut remarks = self.misplaced(object);
            for template in &object.templates {
                let outcome = inject::inject(self.rewriter.rules, self.rewriter.switches, template);
                remarks.extend(outcome.notices.iter().map(|notice| {
                    Event::Diagnostic(self.notice(notice, template, &label, Diagnostic::warning))
                }));
                if let Some(malformed) = &outcome.malformed {
                    remarks.push(Event::Diagnostic(self.notice(
                        malformed,
                        template,
                        &label,
                        Diagnostic::error,
                    )));
                }
                injected.extend(outcome.injected.iter().map(|one| match &one.detail {
                    Some(detail) => format!("{} ({detail})", one.injection),
                    None => one.injection.to_string(),
                }));
                skipped.extend(outcome.skipped);
                changes.extend(outcome.changes.into_iter().map(|change| Change {
                    path: template.path.concat(&change.path),
                    operation: change.operation,
                }));
            }
            let outcome = if injected.is_empty() {
                Outcome::Skipped(in_words(&skipped))
            } else {
                Outcome::Injected(injected)
            };
            events.push(Event::Workload {
                location,
                label,
                outcome,
            });
            events.append(&mut remarks);
        }
        changes
    }

    fn convert(
        &self,
        new: Option<String>,
        tree: &Tree<'_>,
        format: Format,
    ) -> Result<Option<String>> {
        let edited;
        let (tree, text) = match &new {
            None => (tree, self.text),
            Some(text) if self.json => {
                edited = json::parse(text).map_err(|error| self.not_json(&error))?;
                (&edited, text.as_str())
            }
            Some(text) => {
                edited = yaml::parse(text)
                    .map_err(|error| self.not_yaml(&error))?
                    .tree;
                (&edited, text.as_str())
            }
        };
        let Some(root) = tree.root() else {
            return Ok(None);
        };
        let converted = match format {
            Format::Yaml if !self.json => return Ok(new),
            // Behind another document it needs a separator, which JSON did not.
            Format::Yaml => convert::to_yaml(tree, root).map(|yaml| {
                let separator = if self.is_first() {
                    ""
                } else {
                    "---
"
                };
                format!("{separator}{yaml}")
            }),
            Format::Json if self.json => return Ok(Some(format!("{}\n", text.trim()))),
            Format::Json => convert::to_json(tree, root),
        };
        converted.map(Some).map_err(|error| {
            Box::new(
                Diagnostic::error("cannot-convert", error.message)
                    .at(self.source, self.span(error.span)),
            )
        })
    }

    /// Whether nothing but blank documents stands in front.
    fn is_first(&self) -> bool {
        document::is_blank(self.source.text()[..self.base].trim_start_matches(BYTE_ORDER_MARK))
    }

    /// The offset of the first byte that is neither blank, nor comment, nor separator.
    fn first_content(&self) -> usize {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            if !document::is_blank(line) {
                return at + line.len() - line.trim_start().len();
            }
            at += line.len();
        }
        0
    }

    fn span(&self, span: Span) -> Span {
        span.shifted(self.base)
    }

    fn location(&self, span: Span) -> Location {
        Location::new(self.source, self.span(span))
    }

    /// A remark of the rules, at its place below the template.
    fn notice(
        &self,
        notice: &Notice,
        template: &PodTemplate<'_>,
        label: &str,
        make: fn(&'static str, String) -> Diagnostic,
    ) -> Diagnostic {
        let node = match &notice.path {
            Some(path) => path.nearest(template.node),
            None => template.node,
        };
        let mut diagnostic = make(notice.code, format!("{label}: {}", notice.message));
        diagnostic.hint.clone_from(&notice.hint);
        diagnostic.at(self.source, self.span(node.span()))
    }

    fn misplaced(&self, object: &Object<'_>) -> Vec<Event> {
        let label = object.label();
        object
            .misplaced_annotations()
            .into_iter()
            .map(|(key, value)| {
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
                    .at(self.source, self.span(value.span()))
                    .hint(format!(
                        "the operator reads it on the pod template: {place}"
                    )),
                )
            })
            .collect()
    }

    fn unknown_carrier(&self, object: &Object<'_>) -> Event {
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
            .at(self.source, self.span(Span::at(object.node.span().start)))
            .hint(format!("--pod-template {kind}=spec.template rewrites it")),
        )
    }

    fn edit_note(&self, note: EditNote) -> Event {
        let span = self.span(note.span);
        let diagnostic = match note.kind {
            EditNoteKind::ExpandedEditedAlias => Diagnostic::note(
                "alias-expanded",
                "this alias is written out here, since what is injected belongs to this use alone",
            ),
            EditNoteKind::ExpandedOtherAlias => Diagnostic::note(
                "alias-expanded",
                "this alias is written out with its old value, since what it stood for is injected",
            ),
            EditNoteKind::WrittenOutMergedKey => Diagnostic::note(
                "merged-key-written-out",
                "what is injected here comes by this merge key, and is written out beside it",
            ),
            EditNoteKind::DuplicateKey => Diagnostic::warning(
                "duplicate-key",
                "this key stands here more than once; the last one counts",
            ),
        };
        Event::Diagnostic(diagnostic.at(self.source, span))
    }

    fn not_yaml(&self, error: &yaml::ParseError) -> Box<Diagnostic> {
        let diagnostic =
            Diagnostic::error("not-yaml", format!("this is no YAML: {}", error.message))
                .at(self.source, self.span(Span::at(error.offset)));
        let hint = if error.message.contains("multiline quoted scalar") {
            Some("indent the further lines of the quoted text deeper than its key")
        } else {
            template_hint(self.text)
        };
        Box::new(match hint {
            Some(hint) => diagnostic.hint(hint),
            None => diagnostic,
        })
    }

    fn not_json(&self, error: &json::JsonError) -> Box<Diagnostic> {
        let diagnostic =
            Diagnostic::error("not-json", format!("this is no JSON: {}", error.message))
                .at(self.source, self.span(Span::at(error.offset)));
        Box::new(diagnostic)
    }

    fn two_documents(&self, at: usize, severity: Severity) -> Diagnostic {
        let message = "a second document begins behind `...` without a `---`; kubectl drops it \
                       silently";
        let diagnostic = match severity {
            Severity::Error => Diagnostic::error("second-document", message),
            _ => Diagnostic::warning("second-document", message),
        };
        diagnostic
            .at(self.source, self.span(Span::at(at)))
            .hint("put a line with --- in front of it")
    }

    fn cannot_edit(&self, error: &EditError) -> Box<Diagnostic> {
        let message = format!("this document cannot be injected: {}", error.message);
        let diagnostic = if error.internal {
            Diagnostic::error("internal", message)
        } else {
            Diagnostic::error("cannot-edit", message)
        };
        Box::new(
            diagnostic
                .at(self.source, self.span(error.span))
                .hint(error.hint),
        )
    }
}

/// Why nothing was injected: the reasons that say more than that nobody asked, or the one that all
/// injections share.
fn in_words(skipped: &[Skipped]) -> String {
    if let Some(first) = skipped.first()
        && skipped.iter().all(|one| one.reason == first.reason)
    {
        return first.reason.to_string();
    }
    let told: Vec<String> = skipped
        .iter()
        .filter(|one| {
            !matches!(
                one.reason,
                Reason::NoRuleMatches | Reason::LeftOut | Reason::NothingAskedFor
            )
        })
        .map(|one| format!("{}: {}", one.injection, one.reason))
        .collect();
    let left_out: Vec<&str> = skipped
        .iter()
        .filter(|one| one.reason == Reason::LeftOut)
        .map(|one| one.injection.name())
        .collect();
    if told.is_empty() && !left_out.is_empty() {
        format!("no rule matches (left out: {})", left_out.join(", "))
    } else if told.is_empty() {
        Reason::NoRuleMatches.to_string()
    } else {
        told.join("; ")
    }
}

/// Whether a text that begins with a bracket is meant as JSON and not as YAML's flow style.
fn looks_like_json(text: &str) -> bool {
    let text = text.trim_start();
    text.strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '}', '/']))
        || text
            .strip_prefix('[')
            .is_some_and(|rest| rest.trim_start().starts_with(['{', '"']))
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
