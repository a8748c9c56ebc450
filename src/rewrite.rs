//! One text through the pipeline: its documents, their trees, their workloads, what the rules make
//! of them, the edited text.

use std::borrow::Cow;
use std::sync::Arc;

use crate::change::Changes;
use crate::config::Rules;
use crate::convert::{self, Format};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::document::{self, Document};
use crate::edit::{Editor, NewText};
use crate::inject::{Injector, Switches};
use crate::parallel;
use crate::remark::Remarks;
use crate::report::{Event, Status};
use crate::source::{LineCounter, Source, Span};
use crate::workload::Lookup;
use crate::yaml::{self, Node, Spare, Tree, json};

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
    /// The memory of trees.
    spare: Spare,
}

/// What became of a stretch of documents.
#[derive(Default)]
struct Stretch {
    /// Documents that stay and stand one behind the other are one part.
    parts: Vec<Part>,
    /// The lines of workloads and documents are counted from the beginning of the stretch.
    events: Vec<Event>,
    /// How many documents hold something.
    documents: usize,
    /// How many lines it has.
    lines: usize,
}

/// The events of a stretch, as they come.
struct Log<'s> {
    source: &'s Source,
    lines: LineCounter<'s>,
    events: Vec<Event>,
}

impl Log<'_> {
    fn push(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The place of a byte offset of the source; its line is counted from the stretch's first.
    fn location(&mut self, offset: usize) -> Location {
        Location::bare(self.source, self.lines.line_column(offset))
    }
}

/// The work on a stretch.
type Work<'w, 'r> = dyn Fn(&mut Bench<'r>, Span) -> Stretch + Sync + 'w;

/// A thread takes documents of about this many bytes at a time.
const STRETCH: usize = 256 * 1024;

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
                |bench, task| work(bench, *task),
            )
        })
    }

    /// Rewrites a text on this thread, with what the thread keeps from one text to the next.
    #[must_use]
    pub fn rewrite_with(&self, bench: &mut Bench<'r>, source: &Arc<Source>) -> Rewritten {
        self.rewrite_on(source, |tasks, work| {
            tasks.iter().map(|task| work(bench, *task)).collect()
        })
    }

    /// What a thread keeps from one text to the next.
    #[must_use]
    pub fn bench(&self) -> Bench<'r> {
        Bench {
            injector: Injector::new(self.rules, self.switches),
            editor: Editor::default(),
            spare: Spare::default(),
        }
    }

    fn rewrite_on(
        &self,
        source: &Arc<Source>,
        run: impl FnOnce(&[Span], &Work<'_, 'r>) -> Vec<Stretch>,
    ) -> Rewritten {
        let first = self.first_document(source.text());
        let spans = document::stretches(source.text(), STRETCH);
        let stretches = run(&spans, &|bench, span| {
            self.stretch(bench, source, span, first)
        });
        let mut rewritten = Rewritten {
            source: source.clone(),
            parts: Vec::new(),
            events: Vec::new(),
            documents: 0,
            changed: false,
        };
        let mut lines = 0;
        for mut stretch in stretches {
            for event in &mut stretch.events {
                if let Event::Workload { location, .. } | Event::Document { location, .. } = event {
                    location.line += lines;
                }
            }
            lines += stretch.lines;
            rewritten.documents += stretch.documents;
            rewritten.changed |= stretch.parts.iter().any(|part| part.new.is_some());
            rewritten.events.append(&mut stretch.events);
            rewritten.parts.append(&mut stretch.parts);
        }
        rewritten
    }

    /// Where the first document that holds something begins; asked only where the output is another
    /// format than the input.
    fn first_document(&self, text: &str) -> Option<usize> {
        self.format?;
        let documents = document::split(text).into_iter();
        let mut starts = documents
            .filter(|document| !document::is_blank(&text[document.span.start..document.span.end]))
            .map(|document| document.span.start);
        starts.next()
    }

    fn stretch(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        span: Span,
        first: Option<usize>,
    ) -> Stretch {
        let mut stretch = Stretch::default();
        let mut log = Log {
            source,
            lines: LineCounter::new(source, span.start),
            events: Vec::new(),
        };
        for document in document::split_stretch(source.text(), span) {
            let text = &source.text()[document.span.start..document.span.end];
            let new = if document::is_blank(text) {
                // JSON has no form for a document without a value: it goes where the output is JSON.
                (self.format == Some(Format::Json)).then(|| NewText::whole(String::new()))
            } else {
                stretch.documents += 1;
                let first = first == Some(document.span.start);
                self.document(bench, source, document, first, &mut log)
            };
            match stretch.parts.last_mut() {
                Some(last) if last.new.is_none() && new.is_none() => {
                    last.span.end = document.span.end;
                }
                _ => stretch.parts.push(Part {
                    span: document.span,
                    new,
                }),
            }
        }
        stretch.lines = log.lines.lines_before(span.end);
        stretch.events = log.events;
        stretch
    }

    fn document(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        document: Document,
        first: bool,
        log: &mut Log<'_>,
    ) -> Option<NewText> {
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
        task.run(bench, log).unwrap_or_else(|diagnostic| {
            log.push(Event::Diagnostic(*diagnostic));
            None
        })
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
    fn run(&self, bench: &mut Bench<'_>, log: &mut Log<'_>) -> Result<Option<NewText>> {
        let carriers: Vec<&str> = (self.rewriter.lookup.carriers.iter())
            .map(|carrier| carrier.kind.as_str())
            .collect();
        if self.rewriter.format.is_none() && document::passes_unparsed(self.text, &carriers) {
            if self.rewriter.tells_untouched {
                let kind = document::kind_in_column_zero(self.text).unwrap_or_default();
                let location = log.location(self.remarks.base + self.first_content());
                log.push(Event::Document {
                    location,
                    label: kind.to_lowercase(),
                });
            }
            return Ok(None);
        }
        let (tree, second_root) = self.parse(std::mem::take(&mut bench.spare))?;
        let Some(root) = tree.root_node() else {
            return Ok(None);
        };
        let changes = self.plan(root, &bench.injector, log);
        let mut new = None;
        if let Some(at) = second_root {
            if !changes.is_empty() || self.rewriter.format.is_some() {
                return Err(Box::new(self.remarks.two_documents(at, Severity::Error)));
            }
            let warning = self.remarks.two_documents(at, Severity::Warning);
            log.push(Event::Diagnostic(warning));
        }
        if !changes.is_empty() {
            let edited = (bench.editor.edit(&tree, &changes))
                .map_err(|error| self.remarks.cannot_edit(&error))?;
            log.events.extend(
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
            None => {
                bench.spare = tree.into_spare();
                Ok(new)
            }
        }
    }

    fn parse(&self, spare: Spare) -> Result<(Tree<'_>, Option<usize>)> {
        if self.json {
            let tree = json::parse(self.text).map_err(|error| self.remarks.not_json(&error))?;
            return Ok((tree, None));
        }
        match yaml::parse_reusing(self.text, spare) {
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
    fn plan(&self, root: Node<'_>, injector: &Injector<'_>, log: &mut Log<'_>) -> Vec<Changes> {
        let mut changes = Vec::new();
        let objects = self.rewriter.lookup.objects(root);
        if objects.is_empty() && self.rewriter.tells_untouched {
            let location = log.location(self.remarks.base + root.span().start);
            log.push(Event::Document {
                location,
                label: "no Kubernetes object".to_owned(),
            });
        }
        for object in &objects {
            let location = log.location(self.remarks.base + object.node.span().start);
            let label = object.label();
            if object.templates.is_empty() {
                if object.looks_like_carrier() {
                    log.push(self.remarks.unknown_carrier(object));
                } else if self.rewriter.tells_untouched {
                    log.push(Event::Document { location, label });
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
                injected.extend(outcome.injected);
                skipped.extend(outcome.skipped);
                if !outcome.changes.is_empty() {
                    changes.push(Changes {
                        base: template.path.clone(),
                        below: outcome.changes,
                    });
                }
            }
            let status = if injected.is_empty() {
                Status::Skipped(skipped)
            } else {
                Status::Injected(injected)
            };
            log.push(Event::Workload {
                location,
                label,
                status,
            });
            log.events.append(&mut remarks);
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
