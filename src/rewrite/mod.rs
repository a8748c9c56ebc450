//! One text through the pipeline: cut into stretches of documents, which several threads work on, and
//! put together again; `task.rs` is the work on one document, `lot.rs` that on some of them side by side,
//! `parts.rs` that on one with many workloads.

mod lot;
mod parts;
mod remake;
mod said;
mod survey;
mod task;

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use crate::config::Rules;
use crate::convert::Format;
use crate::diagnostic::{Diagnostic, Location};
use crate::document::{self, Document};
use crate::edit::{Editor, NewText};
use crate::inject::{Injector, Switches};
use crate::limits::{Limit, Limits};
use crate::parallel;
use crate::remark::Remarks;
use crate::remove::Remover;
use crate::report::Event;
use crate::source::{LineCounter, Source, Span};
use crate::work::Work;
use crate::workload::Lookup;
use crate::yaml::{Budget, Spare};

pub use survey::{Surveyed, Surveyor};

use lot::Lot;
use remake::Remaker;
use said::Said;
use task::Task;

/// What a text is rewritten by.
#[derive(Clone, Copy, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own"
)]
pub struct Rewriter<'r> {
    /// What is done to pod templates.
    pub work: Work,
    /// The rules in force.
    pub rules: &'r Rules,
    /// The rules by which injections that are there were made, where somebody knows them.
    pub previous: Option<&'r Rules>,
    /// Which injections are made.
    pub switches: &'r Switches,
    /// Whether the annotation for container logs is taken out whatever its value.
    pub any_logs: bool,
    /// How pod templates are found.
    pub lookup: &'r Lookup,
    /// The format to convert to.
    pub format: Option<Format>,
    /// Whether documents that are left alone are among the events.
    pub tells_untouched: bool,
    /// Whether injections that are asked for and cannot be made are among the events.
    pub tells_missing: bool,
    /// Whether injections that another configuration made are among the events.
    pub tells_stale: bool,
    /// How much is taken in.
    pub limits: &'r Limits,
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
    /// The same without its texts, old and new, where only what happened is of interest. It takes no
    /// more memory than it needs: thousands of files may be kept like this.
    #[must_use]
    pub fn without_texts(mut self) -> Self {
        self.events.shrink_to_fit();
        Self {
            source: NOTHING.clone(),
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

    /// The same where each pair but the last ends with a line break: JSON documents can share a line.
    #[must_use]
    pub fn pairs_of_lines(&self) -> Vec<(&str, Cow<'_, str>)> {
        let text = self.source.text();
        let mut pairs: Vec<(&str, Cow<'_, str>)> = Vec::new();
        let mut start = 0;
        for (part, (old, new)) in self.parts.iter().zip(self.pairs()) {
            match pairs.last_mut() {
                Some((before, made)) if !(before.ends_with('\n') && made.ends_with('\n')) => {
                    *before = &text[start..part.span.end];
                    made.to_mut().push_str(&new);
                }
                _ => {
                    start = part.span.start;
                    pairs.push((old, new));
                }
            }
        }
        pairs
    }

    /// The whole new text in pieces, with a byte order mark where the old one had it: runs of
    /// documents that stay are one piece of the old text.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let text = self.source.text();
        let behind = self.parts.iter().rfind(|part| part.new.is_some());
        let rest = &text[behind.map_or(0, |last| last.span.end)..];
        let mut kept = 0;
        let changed = self
            .parts
            .iter()
            .filter_map(|part| Some((part.span, part.new.as_ref()?)));
        let pieces = changed.flat_map(move |(span, new)| {
            let in_front = &text[kept..span.start];
            kept = span.end;
            std::iter::once(in_front).chain(new.pieces(&text[span.start..span.end]))
        });
        pieces
            .chain(std::iter::once(rest))
            .filter(|piece| !piece.is_empty())
    }

    /// The whole new text.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces().collect()
    }
}

/// The text of those whose texts are dropped.
static NOTHING: LazyLock<Arc<Source>> = LazyLock::new(|| Source::new("", ""));

/// What a thread keeps from one document to the next.
#[derive(Debug)]
pub struct Bench<'r> {
    injector: Injector<'r>,
    /// Only where something is taken out.
    remover: Option<Remover<'r>>,
    /// Only where stale injections are told or replaced.
    remaker: Option<Remaker<'r>>,
    editor: Editor,
    /// The memory of trees, one for each document of a lot.
    spares: [Spare; lot::MOST],
    /// What was said of the last workloads.
    said: Said,
    /// How many threads a document may take.
    jobs: usize,
}

impl Bench<'_> {
    /// The same where new texts are not kept: it keeps less from one text to the next.
    #[must_use]
    pub fn keeping_little(mut self) -> Self {
        self.editor.keep_little();
        self
    }
}

/// What became of a stretch of documents.
#[derive(Default)]
struct Stretch {
    /// Where its first document begins: a byte order mark belongs to none.
    start: usize,
    /// Documents that stay and stand one behind the other are one part.
    parts: Vec<Part>,
    /// The lines of workloads and documents, and the documents of workloads, are counted from the
    /// beginning of the stretch.
    events: Vec<Event>,
    /// How many documents hold something.
    documents: usize,
    /// How many lines it has.
    lines: usize,
}

impl Stretch {
    /// Adds documents that change, with their new texts; what has been passed up to each of them stays.
    fn change(&mut self, changed: impl IntoIterator<Item = (Span, NewText)>) {
        for (span, new) in changed {
            self.stay_to(span.start);
            let new = Some(new);
            self.parts.push(Part { span, new });
        }
    }

    /// Adds what stays up to an offset.
    fn stay_to(&mut self, end: usize) {
        let start = (self.parts.last()).map_or(self.start, |last| last.span.end);
        if start < end {
            let span = Span::new(start, end);
            self.parts.push(Part { span, new: None });
        }
    }
}

/// The events of a stretch, as they come.
struct Log<'s> {
    source: &'s Source,
    lines: LineCounter<'s>,
    /// Which document they are about: from 1 in the stretch, those that hold nothing not counted.
    document: usize,
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
type OnStretch<'w, 'r> = dyn Fn(&mut Bench<'r>, Span) -> Stretch + Sync + 'w;

/// A thread takes documents of about this many bytes at a time.
const STRETCH: usize = 128 * 1024;

impl<'r> Rewriter<'r> {
    /// Rewrites a text, on up to `jobs` threads where it is large. Errors are among the events; the
    /// documents that they are about stay as they are.
    #[must_use]
    pub fn rewrite(&self, source: &Arc<Source>, jobs: usize) -> Rewritten {
        self.rewrite_on(source, |tasks, work| {
            let begin = || Bench {
                jobs: (jobs / tasks.len().max(1)).max(1),
                ..self.bench()
            };
            parallel::map(tasks, jobs, begin, |bench, task| work(bench, *task))
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
            remover: (self.work == Work::Remove)
                .then(|| Remover::new(self.rules, self.switches, self.any_logs)),
            remaker: (self.work == Work::Refresh || self.tells_stale).then(|| Remaker::new(self)),
            editor: Editor::new(Budget::of(self.limits)),
            spares: Default::default(),
            said: Said::default(),
            jobs: 1,
        }
    }

    fn rewrite_on(
        &self,
        source: &Arc<Source>,
        run: impl FnOnce(&[Span], &OnStretch<'_, 'r>) -> Vec<Stretch>,
    ) -> Rewritten {
        let first = self.first_document(source.text());
        let spans = document::stretches(source.text(), STRETCH);
        let documents = AtomicUsize::new(0);
        let stretches = run(&spans, &|bench, span| {
            let stretch = self.stretch(bench, source, span, first, &documents);
            documents.fetch_add(stretch.documents, Ordering::Relaxed);
            stretch
        });
        if let Some(error) = self.too_many(source, documents.into_inner()) {
            return Rewritten {
                source: source.clone(),
                parts: Vec::new(),
                events: vec![Event::Diagnostic(error)],
                documents: 0,
                changed: false,
            };
        }
        // Lists that grow are there twice for a moment, and there can be a million documents.
        let parts = stretches.iter().map(|stretch| stretch.parts.len()).sum();
        let events = stretches.iter().map(|stretch| stretch.events.len()).sum();
        let mut rewritten = Rewritten {
            source: source.clone(),
            parts: Vec::with_capacity(parts),
            events: Vec::with_capacity(events),
            documents: 0,
            changed: false,
        };
        let mut lines = 0;
        for mut stretch in stretches {
            for event in &mut stretch.events {
                match event {
                    Event::Workload(workload) => {
                        workload.location.line += lines;
                        workload.document += rewritten.documents;
                    }
                    Event::Document(untouched) => untouched.location.line += lines,
                    Event::Diagnostic(_) | Event::Missing(_) | Event::Stale(_) => {}
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
        let mut starts = document::documents(text)
            .filter(|document| !document::is_blank(&text[document.span.start..document.span.end]))
            .map(|document| document.span.start);
        starts.next()
    }

    /// The error that a text holds more documents than are taken in; at least so many have been `met`.
    fn too_many(&self, source: &Source, met: usize) -> Option<Box<Diagnostic>> {
        let most = self.limits.in_memory(Limit::Documents);
        if met <= most {
            return None;
        }
        let is_more = |document: &Document| {
            !document::is_blank(&source.text()[document.span.start..document.span.end])
        };
        let mut documents = document::documents(source.text()).filter(is_more);
        let first = documents.nth(most)?;
        let all = (most as u64).saturating_add(1 + documents.count() as u64);
        let error = self
            .limits
            .exceeded(Limit::Documents, "there are more than", Some(all));
        Some(Box::new(error.at_place(source, Span::at(first.span.start))))
    }

    /// Works on a stretch, unless other stretches have `met` more documents than are taken in already.
    fn stretch(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        span: Span,
        first: Option<usize>,
        met: &AtomicUsize,
    ) -> Stretch {
        let mut documents = document::split_stretch(source.text(), span).peekable();
        let mut stretch = Stretch {
            start: (documents.peek()).map_or(span.end, |first| first.span.start),
            ..Stretch::default()
        };
        let most = self.limits.in_memory(Limit::Documents);
        let room = most.saturating_sub(met.load(Ordering::Relaxed));
        let mut log = Log {
            source,
            lines: LineCounter::new(source, span.start),
            document: 0,
            events: Vec::new(),
        };
        let mut number = 0;
        let mut lot = Lot::default();
        for document in documents {
            let text = &source.text()[document.span.start..document.span.end];
            if document::is_blank(text) {
                // JSON has no form for a document without a value: it goes where the output is JSON.
                if self.format == Some(Format::Json) {
                    stretch.change(lot.work(bench, &mut log));
                    stretch.change([(document.span, NewText::whole(String::new()))]);
                }
                continue;
            }
            number += 1;
            if number > room {
                break;
            }
            let passes = self.passes(text);
            if passes && !self.tells_untouched && self.work != Work::Explain {
                continue;
            }
            if !lot.has_room(text.len()) {
                stretch.change(lot.work(bench, &mut log));
            }
            let first = first == Some(document.span.start);
            lot.push(self.task(source, document, passes, first), number);
        }
        stretch.change(lot.work(bench, &mut log));
        stretch.stay_to(span.end);
        stretch.lines = log.lines.lines_before(span.end);
        stretch.documents = number;
        stretch.events = log.events;
        stretch
    }

    /// Whether no pod template can be in a document, so that it need not be read. One that is converted is
    /// read, and one that is too large is looked at no further: it is an error.
    fn passes(&self, text: &str) -> bool {
        let carriers = &self.lookup.carriers;
        let carriers: Vec<&str> = carriers.iter().map(|own| own.kind.as_str()).collect();
        self.format.is_none()
            && text.len() <= self.limits.in_memory(Limit::DocumentSize)
            && document::passes_unparsed(text, &carriers)
    }

    /// The work on a document, which [passes](Self::passes) or does not; `first` where no document in front
    /// of it holds anything.
    fn task<'w>(
        &'w self,
        source: &'w Source,
        document: Document,
        passes: bool,
        first: bool,
    ) -> Task<'w> {
        let text = &source.text()[document.span.start..document.span.end];
        Task {
            rewriter: self,
            remarks: Remarks {
                source,
                base: document.span.start,
                text,
                work: self.work,
                shows_lines: true,
            },
            text,
            json: document.json,
            passes,
            first,
            errors: AtomicUsize::default(),
        }
    }
}
