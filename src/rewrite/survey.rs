//! One text looked at: what its documents show of the cluster, and what their pods rely on once they are
//! injected. The documents go through the same pipeline as for rewriting, and their pods are read from
//! its result.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use super::task::Task;
use super::{Bench, Log, Rewriter};
use crate::diagnostic::{Diagnostic, Location};
use crate::document::{self, Document};
use crate::inject::{self, Reason};
use crate::limits::Limit;
use crate::parallel;
use crate::preflight::{Configured, Eye, KINDS, Made, Missing, Reliance, Seen};
use crate::report::{Event, Workload};
use crate::source::{LineCounter, Source, Span};
use crate::workload::{Object, PodTemplate};
use crate::yaml::{Node, Spare};

/// A text that has been looked at.
#[derive(Debug, Default)]
pub struct Surveyed {
    /// What it shows, in the order of the text.
    pub seen: Vec<Seen>,
    /// What is wrong or odd with it, in the order of the text.
    pub diagnostics: Vec<Box<Diagnostic>>,
    /// How many documents hold something.
    pub documents: usize,
}

/// Looks at texts.
#[derive(Clone, Copy, Debug)]
pub struct Surveyor<'r> {
    /// What injects.
    pub rewriter: &'r Rewriter<'r>,
    /// The variables that its rules set.
    pub configured: &'r Configured,
}

impl<'r> Surveyor<'r> {
    /// Looks at a text, on up to `jobs` threads where it is large.
    #[must_use]
    pub fn survey(&self, source: &Arc<Source>, jobs: usize) -> Surveyed {
        let spans = document::stretches(source.text(), super::STRETCH);
        let begin = || self.rewriter.bench();
        let parts = parallel::map(&spans, jobs, begin, |bench, span| {
            self.stretch(bench, source, *span)
        });
        self.whole(source, parts)
    }

    /// Looks at a text on this thread, with what the thread keeps from one text to the next.
    #[must_use]
    pub fn survey_with(&self, bench: &mut Bench<'r>, source: &Arc<Source>) -> Surveyed {
        let spans = document::stretches(source.text(), super::STRETCH);
        let parts = spans
            .into_iter()
            .map(|span| self.stretch(bench, source, span));
        self.whole(source, parts.collect())
    }

    fn whole(&self, source: &Source, parts: Vec<Surveyed>) -> Surveyed {
        let whole = Surveyed::whole(parts);
        match self.rewriter.too_many(source, whole.documents) {
            Some(error) => Surveyed {
                diagnostics: vec![error],
                ..Surveyed::default()
            },
            None => whole,
        }
    }

    fn stretch(&self, bench: &mut Bench<'_>, source: &Source, span: Span) -> Surveyed {
        let mut surveyed = Surveyed::default();
        for document in document::split_stretch(source.text(), span) {
            let text = &source.text()[document.span.start..document.span.end];
            if document::is_blank(text) {
                continue;
            }
            surveyed.documents += 1;
            if surveyed.documents > self.rewriter.limits.in_memory(Limit::Documents) {
                break;
            }
            self.document(bench, source, document, &mut surveyed);
        }
        surveyed
    }

    fn document(
        &self,
        bench: &mut Bench<'_>,
        source: &Source,
        document: Document,
        surveyed: &mut Surveyed,
    ) {
        let text = &source.text()[document.span.start..document.span.end];
        let passes = self.rewriter.passes(text);
        let task = self.rewriter.task(source, document, passes, false);
        let mut log = Log {
            source,
            lines: LineCounter::new(source, document.span.start),
            document: 0,
            events: Vec::new(),
        };
        let seen = self.look(&task, bench, &mut log);
        surveyed
            .diagnostics
            .extend(log.events.into_iter().filter_map(|event| match event {
                Event::Diagnostic(diagnostic) => Some(diagnostic),
                Event::Workload(_) | Event::Document(_) | Event::Missing(_) | Event::Stale(_) => {
                    None
                }
            }));
        match seen {
            Ok(seen) => surveyed.seen.extend(seen),
            Err(error) => surveyed.diagnostics.push(error),
        }
    }

    fn look(
        &self,
        task: &Task<'_>,
        bench: &mut Bench<'_>,
        log: &mut Log<'_>,
    ) -> Result<Vec<Seen>, Box<Diagnostic>> {
        let new = task.run(bench, log)?;
        let lookup = self.rewriter.lookup;
        let mut wanted: Vec<&str> = KINDS.to_vec();
        wanted.extend(lookup.carriers.iter().map(|carrier| carrier.kind.as_str()));
        if document::passes_unparsed(task.text, &wanted) {
            return Ok(Vec::new());
        }
        let (tree, _) = task.parse(std::mem::take(&mut bench.spares[0]))?;
        let Some(root) = tree.root_node() else {
            return Ok(Vec::new());
        };
        let objects = lookup.objects(root);
        // What carries no pod stays as it is, and so do the places of its parts.
        let place = |node: Node<'_>| {
            let offset = task.remarks.base + node.span().start;
            Location::bare(task.remarks.source, task.remarks.source.line_column(offset))
        };
        let eye = Eye {
            namespace: &lookup.namespace,
            place: &place,
        };
        let new = new.map(|new| new.text(task.text));
        let task_of_result;
        let result = match &new {
            Some(text) => {
                task_of_result = Task {
                    rewriter: task.rewriter,
                    remarks: task.remarks,
                    text,
                    json: task.json,
                    passes: false,
                    first: false,
                    errors: AtomicUsize::default(),
                };
                Some(task_of_result.parse(Spare::default())?.0)
            }
            None => None,
        };
        let injected = match result.as_ref().map(crate::yaml::Tree::root_node) {
            Some(Some(root)) => lookup.objects(root),
            _ => objects.clone(),
        };
        let mut told = told(&log.events).into_iter();
        let mut seen = Vec::new();
        for (object, injected) in objects.iter().zip(&injected) {
            if object.templates.is_empty() {
                seen.extend(eye.see(object));
                continue;
            }
            let mut told = told.next();
            for (template, injected) in object.templates.iter().zip(&injected.templates) {
                let reliance = self.reliance(injected, object, told.as_ref());
                // What is missing is missing once.
                if let Some(told) = &mut told {
                    told.missing.clear();
                }
                seen.push(eye.see_workload(object, template, reliance));
            }
        }
        drop(injected);
        drop(objects);
        bench.spares[0] = tree.into_spare();
        Ok(seen)
    }

    /// What the injections of a pod template, as it is with them, rely on; nothing where it has none and
    /// none is asked for.
    fn reliance(
        &self,
        template: &PodTemplate<'_>,
        object: &Object<'_>,
        told: Option<&Told<'_>>,
    ) -> Option<Reliance> {
        let detail = |injection| {
            let injected = told.map(|told| told.workload.injected());
            let mut injected = injected.unwrap_or_default().iter();
            injected.find(|own| own.injection == injection)?.detail
        };
        let present = inject::present(template.node, self.rewriter.rules);
        let present = present
            .into_iter()
            .filter(|injection| !self.rewriter.switches.is_off(*injection));
        let made = present.map(|injection| Made {
            injection,
            detail: detail(injection),
        });
        let made: Vec<Made> = made.collect();
        let missing = told.map(|told| told.missing.as_slice()).unwrap_or_default();
        if made.is_empty() && missing.is_empty() {
            return None;
        }
        let mut reliance = Reliance::of(template.node, &template.namespace, made, self.configured);
        let label = format!("{}: ", object.label());
        for diagnostic in missing {
            let message = diagnostic.message.strip_prefix(&label);
            reliance.add_missing(Missing {
                message: message.unwrap_or(&diagnostic.message).to_owned(),
                hint: diagnostic.hint.as_deref().map(Into::into),
                location: diagnostic.location.clone(),
            });
        }
        Some(reliance)
    }
}

impl Surveyed {
    fn whole(parts: Vec<Self>) -> Self {
        let mut whole = Self::default();
        for mut part in parts {
            whole.seen.append(&mut part.seen);
            whole.diagnostics.append(&mut part.diagnostics);
            whole.documents += part.documents;
        }
        whole
    }
}

/// What rewriting told of a workload.
struct Told<'e> {
    workload: &'e Workload,
    /// What is asked for and cannot be injected.
    missing: Vec<&'e Diagnostic>,
    /// The rules that are odd by themselves: that is a warning, and no matter of this pod.
    odd_rules: Vec<&'e str>,
}

/// What rewriting told of the workloads of a document, in their order.
fn told(events: &[Event]) -> Vec<Told<'_>> {
    let mut all: Vec<Told<'_>> = Vec::new();
    for event in events {
        match event {
            Event::Workload(workload) => all.push(Told {
                workload,
                missing: Vec::new(),
                odd_rules: Vec::new(),
            }),
            Event::Missing(diagnostic) => {
                if let Some(last) = all.last_mut() {
                    last.missing.push(diagnostic);
                }
            }
            Event::Diagnostic(diagnostic) => {
                if let (Some(last), Some(rule)) = (all.last_mut(), &diagnostic.rule) {
                    last.odd_rules.push(&rule.name);
                }
            }
            Event::Document(_) | Event::Stale(_) => {}
        }
    }
    for own in &mut all {
        // What has no container is a part of something, or its pods are made elsewhere.
        let mut skipped = own.workload.skipped().iter();
        if skipped.any(|skipped| skipped.reason == Reason::NoContainers) {
            own.missing.clear();
        }
        let is_odd = |missing: &&Diagnostic| {
            let rule = missing.rule.as_ref();
            rule.is_some_and(|rule| own.odd_rules.contains(&rule.name.as_str()))
        };
        own.missing.retain(|missing| !is_odd(missing));
    }
    all
}
