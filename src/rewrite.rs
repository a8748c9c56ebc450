//! One text through the pipeline: its documents, their trees, their workloads, what the rules make
//! of them, the edited text.

use std::borrow::Cow;
use std::sync::Arc;

use crate::change::Changes;
use crate::config::Rules;
use crate::convert::{self, Format};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{self, Document};
use crate::edit::{Editor, NewText};
use crate::inject::{Injector, Switches, missing};
use crate::parallel;
use crate::remark::Remarks;
use crate::report::{Event, ObjectName, Workload};
use crate::source::{Source, Span};
use crate::workload::Lookup;
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
    /// Whether documents that are left alone are among the events.
    pub tells_untouched: bool,
    /// Whether injections that are asked for and cannot be made are among the events.
    pub tells_missing: bool,
}

/// A document of a text, and what became of it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes in the text.
    pub span: Span,
    /// Its new text; nothing where it stays as it is.
    pub new: Option<NewText>,
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
    /// Whether anything is different.
    pub changed: bool,
}

impl Rewritten {
    /// The same without its texts, old and new, where only what happened is of interest.
    #[must_use]
    pub fn without_texts(self) -> Self {
        Self {
            source: Source::new(self.source.name().clone(), ""),
            parts: Vec::new(),
            ..self
        }
    }

    /// The documents' old and new texts, side by side.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&str, Cow<'_, str>)> {
        let text = self.source.text();
        self.parts
            .iter()
            .map(|part| {
                let old = &text[part.span.start..part.span.end];
                let new = part.new.as_ref();
                (
                    old,
                    new.map_or(Cow::Borrowed(old), |new| Cow::Owned(new.text(old))),
                )
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
        for part in &self.parts {
            if let Some(new) = &part.new {
                pieces.push(&text[kept..part.span.start]);
                pieces.extend(new.pieces(&text[part.span.start..part.span.end]));
                kept = part.span.end;
            }
        }
        pieces.push(&text[kept..]);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// The whole new text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces().concat()
    }
}

/// What a thread keeps from one document to the next.
#[derive(Debug)]
pub struct Bench<'r> {
    injector: Injector<'r>,
    editor: Editor,
}

/// What became of one document.
struct Outlook {
    new: Option<NewText>,
    events: Vec<Event>,
    /// Whether the document holds nothing.
    blank: bool,
}

/// The work on a run of documents.
type Work<'w, 'r> = dyn Fn(&mut Bench<'r>, &[Document]) -> Vec<Outlook> + Sync + 'w;

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

impl<'r> Rewriter<'r> {
    /// Rewrites a text, on up to `jobs` threads where it is large. Errors are among the events; the
    /// documents that they are about stay as they are.
    #[must_use]
    pub fn rewrite(&self, source: &Arc<Source>, jobs: usize) -> Rewritten {
        self.rewrite_on(source, |tasks, work| {
            parallel::map(
                tasks,
                jobs,
                || self.bench(),
                |bench, task| work(bench, task),
            )
        })
    }

    /// Rewrites a text on this thread, with what the thread keeps from one text to the next.
    #[must_use]
    pub fn rewrite_with(&self, bench: &mut Bench<'r>, source: &Arc<Source>) -> Rewritten {
        self.rewrite_on(source, |tasks, work| {
            tasks.iter().map(|task| work(bench, task)).collect()
        })
    }

    /// What a thread keeps from one text to the next.
    #[must_use]
    pub fn bench(&self) -> Bench<'r> {
        Bench {
            injector: Injector::new(self.rules, self.switches),
            editor: Editor::default(),
        }
    }

    fn rewrite_on(
        &self,
        source: &Arc<Source>,
        run: impl FnOnce(&[&[Document]], &Work<'_, 'r>) -> Vec<Vec<Outlook>>,
    ) -> Rewritten {
        let documents = document::split(source.text());
        let first = documents.iter().position(|document| {
            let text = &source.text()[document.span.start..document.span.end];
            !document::is_blank(text)
        });
        let first = first.map(|index| documents[index].span.start);
        let tasks = tasks(&documents);
        let outlooks = run(&tasks, &|bench, task| {
            task.iter()
                .map(|document| {
                    let first = first == Some(document.span.start);
                    self.outlook(bench, source, *document, first)
                })
                .collect()
        });
        let mut rewritten = Rewritten {
            source: source.clone(),
            parts: Vec::with_capacity(documents.len()),
            events: Vec::new(),
            documents: 0,
            changed: false,
        };
        for (document, mut outlook) in documents.iter().zip(outlooks.into_iter().flatten()) {
            rewritten.documents += usize::from(!outlook.blank);
            rewritten.changed |= outlook.new.is_some();
            for event in &mut outlook.events {
                if let Event::Workload(workload) = event {
                    workload.document = rewritten.documents;
                }
            }
            rewritten.events.extend(outlook.events);
            rewritten.parts.push(Part {
                span: document.span,
                new: outlook.new,
            });
        }
        rewritten
    }

    fn outlook(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        document: Document,
        first: bool,
    ) -> Outlook {
        let text = &source.text()[document.span.start..document.span.end];
        if document::is_blank(text) {
            self.blank_document()
        } else {
            self.document(bench, source, document, first)
        }
    }

    /// JSON has no form for a document without a value: it goes where the output is JSON.
    fn blank_document(&self) -> Outlook {
        Outlook {
            new: (self.format == Some(Format::Json)).then(|| NewText::whole(String::new())),
            events: Vec::new(),
            blank: true,
        }
    }

    fn document(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        document: Document,
        first: bool,
    ) -> Outlook {
        let text = &source.text()[document.span.start..document.span.end];
        let task = Task {
            rewriter: self,
            remarks: Remarks {
                source,
                base: document.span.start,
                text,
            },
            text,
            json: document.json,
            first,
        };
        let mut events = Vec::new();
        let new = match task.run(bench, &mut events) {
            Ok(new) => new,
            Err(diagnostic) => {
                events.push(Event::Diagnostic(*diagnostic));
                None
            }
        };
        Outlook {
            new,
            events,
            blank: false,
        }
    }
}

/// The work on one document.
struct Task<'w> {
    rewriter: &'w Rewriter<'w>,
    remarks: Remarks<'w>,
    text: &'w str,
    json: bool,
    /// Whether no document in front of this one holds anything.
    first: bool,
}

/// Boxed: an error is rare, and larger than everything else that is handed around.
type Result<T> = std::result::Result<T, Box<Diagnostic>>;

impl Task<'_> {
    fn run(&self, bench: &mut Bench<'_>, events: &mut Vec<Event>) -> Result<Option<NewText>> {
        let carriers: Vec<&str> = (self.rewriter.lookup.carriers.iter())
            .map(|carrier| carrier.kind.as_str())
            .collect();
        if self.rewriter.format.is_none() && document::passes_unparsed(self.text, &carriers) {
            if self.rewriter.tells_untouched {
                let kind = document::kind_in_column_zero(self.text).unwrap_or_default();
                events.push(Event::Document {
                    location: self.remarks.location(self.first_content()),
                    label: kind.to_lowercase(),
                });
            }
            return Ok(None);
        }
        let (tree, second_root) = self.parse()?;
        let Some(root) = tree.root_node() else {
            return Ok(None);
        };
        let changes = self.plan(root, &bench.injector, events);
        let mut new = None;
        if let Some(at) = second_root {
            if !changes.is_empty() || self.rewriter.format.is_some() {
                return Err(Box::new(self.remarks.two_documents(at, Severity::Error)));
            }
            let warning = self.remarks.two_documents(at, Severity::Warning);
            events.push(Event::Diagnostic(warning));
        }
        if !changes.is_empty() {
            let edited = (bench.editor.edit(&tree, &changes))
                .map_err(|error| self.remarks.cannot_edit(&error))?;
            events.extend(
                edited
                    .notes
                    .iter()
                    .map(|note| self.remarks.edit_note(*note)),
            );
            new = edited.new;
        }
        match self.rewriter.format {
            Some(format) => {
                let new = new.map(|new| new.text(self.text));
                let converted = self.convert(new, &tree, format)?;
                let differs = converted.filter(|converted| converted != self.text);
                Ok(differs.map(NewText::whole))
            }
            None => Ok(new),
        }
    }

    fn parse(&self) -> Result<(Tree<'_>, Option<usize>)> {
        if self.json {
            let tree = json::parse(self.text).map_err(|error| self.remarks.not_json(&error))?;
            return Ok((tree, None));
        }
        match yaml::parse(self.text) {
            Ok(parsed) => Ok((parsed.tree, parsed.second_root)),
            Err(error) => {
                let json = json::parse_prefix(self.text).err();
                match json.filter(|_| looks_like_json(self.text)) {
                    Some(error) => Err(self.remarks.not_json(&error)),
                    None => Err(self.remarks.not_yaml(&error)),
                }
            }
        }
    }

    /// What the rules make of the document's workloads.
    fn plan(
        &self,
        root: Node<'_>,
        injector: &Injector<'_>,
        events: &mut Vec<Event>,
    ) -> Vec<Changes> {
        let mut changes = Vec::new();
        let objects = self.rewriter.lookup.objects(root);
        if objects.is_empty() && self.rewriter.tells_untouched {
            events.push(Event::Document {
                location: self.remarks.location(root.span().start),
                label: "no Kubernetes object".to_owned(),
            });
        }
        for object in &objects {
            let location = self.remarks.location(object.node.span().start);
            let label = object.label();
            if object.templates.is_empty() {
                if object.looks_like_carrier() {
                    events.push(self.remarks.unknown_carrier(object));
                } else if self.rewriter.tells_untouched {
                    events.push(Event::Document { location, label });
                }
                continue;
            }
            let mut injected = Vec::new();
            let mut skipped = Vec::new();
            let mut remarks = self.remarks.misplaced(object);
            for template in &object.templates {
                let outcome = injector.inject(template);
                remarks.extend(outcome.notices.iter().map(|notice| {
                    Event::Diagnostic(self.remarks.notice(
                        notice,
                        template,
                        &label,
                        Diagnostic::warning,
                    ))
                }));
                if let Some(malformed) = &outcome.malformed {
                    remarks.push(Event::Diagnostic(self.remarks.notice(
                        malformed,
                        template,
                        &label,
                        Diagnostic::error,
                    )));
                }
                if self.rewriter.tells_missing {
                    let rules = (self.rewriter.rules, self.rewriter.switches);
                    let missing = missing(rules.0, rules.1, template, &outcome);
                    remarks.extend(missing.iter().map(|notice| {
                        let make = Diagnostic::warning;
                        Event::Missing(self.remarks.notice(notice, template, &label, make))
                    }));
                }
                injected.extend(outcome.injected);
                skipped.extend(outcome.skipped);
                if !outcome.changes.is_empty() {
                    changes.push(Changes {
                        base: template.path.clone(),
                        below: outcome.changes,
                    });
                }
            }
            events.push(Event::Workload(Box::new(Workload {
                location,
                object: ObjectName::of(object),
                document: 0,
                injected,
                skipped,
            })));
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
                edited = json::parse(text).map_err(|error| self.remarks.not_json(&error))?;
                (&edited, text.as_str())
            }
            Some(text) => {
                edited = yaml::parse(text)
                    .map_err(|error| self.remarks.not_yaml(&error))?
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
                let separator = if self.first {
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
        converted
            .map(Some)
            .map_err(|error| self.remarks.cannot_convert(&error))
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
