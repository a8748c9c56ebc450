//! One document through the pipeline: its tree, its workloads, what the rules make of them, the edited
//! text.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::remake::{self, Remade, RemadeTemplate};
use super::{Bench, Log, Rewriter};
use crate::change::{Change, Changes};
use crate::convert::{self, Format};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document;
use crate::edit::{Edited, Editor, NewText};
use crate::inject::{self, Injection, Notice, Outcome, Reason, Skipped};
use crate::limits::Limit;
use crate::refresh::{self, Comparison, Pair, Slot};
use crate::remark::Remarks;
use crate::report::{Attempts, Event, ObjectName, OtherWork, Workload};
use crate::source::{LineCounter, Source, Span};
use crate::work::Work;
use crate::workload::{Object, PodTemplate};
use crate::yaml::{self, Budget, Most, Spare, Tree, json};

/// The work on one document.
pub(super) struct Task<'w> {
    pub(super) rewriter: &'w Rewriter<'w>,
    pub(super) remarks: Remarks<'w>,
    pub(super) text: &'w str,
    pub(super) json: bool,
    /// Whether no pod template can be in it.
    pub(super) passes: bool,
    /// Whether no document in front of this one holds anything.
    pub(super) first: bool,
    /// How many errors have been told.
    pub(super) errors: AtomicUsize,
}

/// Of so many errors of a document the lines are shown.
const SHOWN: usize = 100;

/// What was done to an object, and what is said of it.
#[derive(Default)]
struct Done {
    attempts: Attempts,
    other_work: OtherWork,
    remarks: Vec<Event>,
}

impl Done {
    /// An object can carry several templates.
    fn add_removed(&mut self, removed: &[Injection]) {
        let own = &mut self.other_work.removed;
        own.extend(removed);
        own.sort_unstable();
        own.dedup();
    }
}

/// Boxed: an error is rare, and larger than everything else that is handed around.
pub(super) type Result<T> = std::result::Result<T, Box<Diagnostic>>;

/// A document that has been read.
pub(super) enum Read<'w> {
    /// It did not have to be: it holds no pod template.
    Passed,
    /// Its tree, and where another document begins in it, if one does.
    Tree(Tree<'w>, Option<usize>),
}

/// A document of which it is known what becomes of it.
pub(super) enum Decided<'w> {
    /// Its new text; nothing where it stays as it is.
    Done(Option<NewText>),
    /// What is to change in it.
    Changes(Tree<'w>, Vec<Changes>),
}

impl<'w> Task<'w> {
    /// The whole work: [`read`](Self::read), [`decide`](Self::decide), [`edit`](Self::edit).
    pub(super) fn run(&self, bench: &mut Bench<'_>, log: &mut Log<'_>) -> Result<Option<NewText>> {
        let read = self.read(std::mem::take(&mut bench.spares[0]))?;
        let decided = self.decide(read, bench, log)?;
        self.edit(decided, &mut bench.editor, &mut bench.spares[0], log)
    }

    /// Its bytes in the source.
    pub(super) fn span(&self) -> Span {
        let start = self.remarks.base;
        Span::new(start, start + self.text.len())
    }

    /// Whether something was injected that is to be looked at once more.
    pub(super) fn must_settle(&self, events: &[Event]) -> bool {
        let is_injected =
            |event: &Event| matches!(event, Event::Workload(own) if !own.injected().is_empty());
        self.rewriter.work == Work::Refresh && events.iter().any(is_injected)
    }

    /// A document's new text, in which something was injected, with what is stale in that replaced: with
    /// the injection there, variables of the user's may be those of an older configuration as well as
    /// any (`docs/refresh.md`), and a next run must have nothing left to do.
    pub(super) fn settled(
        &self,
        new: NewText,
        bench: &mut Bench<'_>,
        events: &mut [Event],
    ) -> NewText {
        let text = new.text(self.text);
        let source = Source::new("", text.as_str());
        let mut log = Log {
            source: &source,
            lines: LineCounter::new(&source, 0),
            document: 0,
            events: Vec::new(),
        };
        let task = Task {
            rewriter: self.rewriter,
            remarks: Remarks {
                source: &source,
                base: 0,
                text: &text,
                work: Work::Refresh,
                shows_lines: true,
            },
            text: &text,
            json: self.json,
            passes: self.passes,
            first: self.first,
            errors: AtomicUsize::default(),
        };
        let Ok(Some(newer)) = task.run(bench, &mut log) else {
            return new;
        };
        // Only what is replaced is news: all else was said of the first text, at its places.
        let told = events.iter_mut().filter_map(|event| match event {
            Event::Workload(own) => Some(own),
            _ => None,
        });
        let again = log.events.into_iter().filter_map(|event| match event {
            Event::Workload(own) => Some(own),
            _ => None,
        });
        for (told, again) in told.zip(again) {
            let again = again.other_work.map(|own| own.refreshed);
            if let Some(refreshed) = again.filter(|refreshed| !refreshed.is_empty()) {
                let other = told.other_work.get_or_insert_default();
                other.refreshed.extend(refreshed);
            }
        }
        NewText::whole(newer.text(&text))
    }

    /// Reads the document, where a pod template can be in it, into the memory of an older one.
    pub(super) fn read(&self, spare: Spare) -> Result<Read<'w>> {
        if self.text.len() > self.rewriter.limits.in_memory(Limit::DocumentSize) {
            return Err(self.remarks.too_large(self.rewriter.limits));
        }
        if self.passes {
            return Ok(Read::Passed);
        }
        let (mut tree, second_root) = self.parse(spare)?;
        tree.remember_long_sequences();
        Ok(Read::Tree(tree, second_root))
    }

    /// Finds the workloads of a document that has been read, and what the rules make of them; very many
    /// are edited here as well, part by part.
    pub(super) fn decide(
        &self,
        read: Read<'w>,
        bench: &mut Bench<'_>,
        log: &mut Log<'_>,
    ) -> Result<Decided<'w>> {
        let (tree, second_root) = match read {
            Read::Tree(tree, second_root) => (tree, second_root),
            Read::Passed => {
                self.tell_passed(log);
                return Ok(Decided::Done(None));
            }
        };
        let Some(root) = tree.root_node() else {
            return Ok(Decided::Done(None));
        };
        let remade = match self.remake(&tree, root, bench) {
            Ok(remade) => remade.filter(|_| second_root.is_none()),
            Err(error) if self.rewriter.work == Work::Refresh => {
                return Err(self.remarks.cannot_edit(&error, self.rewriter.limits));
            }
            // What cannot be taken out cannot be compared either.
            Err(_) => None,
        };
        let objects = self.rewriter.lookup.objects(root);
        if objects.is_empty() && self.rewriter.tells_untouched {
            let location = log.location(self.remarks.base + root.span().start);
            let label = "no Kubernetes object".to_owned();
            log.push(Event::untouched(location, label));
        }
        let is_usual = remade.is_none() && second_root.is_none() && self.rewriter.format.is_none();
        if is_usual && let Some(edited) = self.in_parts(&tree, &objects, bench, log) {
            self.tell_edit_notes(&edited, log);
            return Ok(Decided::Done(edited.new));
        }
        let changes = self.plan(&objects, remade.as_ref(), bench, log);
        if let Some(at) = second_root {
            if !changes.is_empty() || self.rewriter.format.is_some() {
                return Err(Box::new(self.remarks.two_documents(at, Severity::Error)));
            }
            let warning = self.remarks.two_documents(at, Severity::Warning);
            log.push(Event::Diagnostic(Box::new(warning)));
        }
        drop(objects);
        Ok(Decided::Changes(tree, changes))
    }

    /// Carries out what has been decided. The memory of the tree goes to `spare`, unless the document was
    /// converted, or cannot be edited.
    pub(super) fn edit(
        &self,
        decided: Decided<'w>,
        editor: &mut Editor,
        spare: &mut Spare,
        log: &mut Log<'_>,
    ) -> Result<Option<NewText>> {
        let (tree, changes) = match decided {
            Decided::Done(new) => return Ok(new),
            Decided::Changes(tree, changes) => (tree, changes),
        };
        let mut new = None;
        if !changes.is_empty() {
            let edited = (editor.edit(&tree, &changes))
                .map_err(|error| self.remarks.cannot_edit(&error, self.rewriter.limits))?;
            self.tell_edit_notes(&edited, log);
            new = edited.new;
        }
        if let Some(format) = self.rewriter.format {
            let new = new.map(|new| new.text(self.text));
            let converted = self.convert(new, &tree, format)?;
            let differs = converted.filter(|converted| converted != self.text);
            return Ok(differs.map(NewText::whole));
        }
        *spare = tree.into_spare();
        Ok(new)
    }

    /// Says of a document that holds no pod template what is asked for.
    fn tell_passed(&self, log: &mut Log<'_>) {
        if self.rewriter.tells_untouched {
            let kind = document::kind_in_column_zero(self.text).unwrap_or_default();
            let location = log.location(self.remarks.base + self.first_content());
            log.push(Event::untouched(location, kind.to_lowercase()));
        }
        if self.rewriter.work == Work::Explain {
            self.judge(log);
        }
    }

    fn tell_edit_notes(&self, edited: &Edited, log: &mut Log<'_>) {
        let notes = edited.notes.iter();
        log.events
            .extend(notes.map(|note| self.remarks.edit_note(*note)));
    }

    /// Says what is wrong with a document that injecting passes without looking at it.
    fn judge(&self, log: &mut Log<'_>) {
        match self.parse(Spare::default()) {
            Ok((_, None)) => {}
            Ok((_, Some(at))) => {
                let warning = self.remarks.two_documents(at, Severity::Warning);
                log.push(Event::Diagnostic(Box::new(warning)));
            }
            Err(error) => {
                if let Some(warning) = Remarks::passed_broken(*error) {
                    log.push(Event::Diagnostic(Box::new(warning)));
                }
            }
        }
    }

    pub(super) fn parse(&self, spare: Spare) -> Result<(Tree<'w>, Option<usize>)> {
        let most = Most::of(self.rewriter.limits);
        if self.json {
            match json::parse_within(self.text, most) {
                Ok(tree) => return Ok((tree, None)),
                Err(error) if error.message == yaml::TOO_MANY_VALUES => {
                    return Err(self.remarks.not_json(&error, self.rewriter.limits));
                }
                Err(_) => {}
            }
        }
        match yaml::parse_within(self.text, most, spare) {
            Ok(parsed) => Ok((parsed.tree, parsed.second_root)),
            Err(error) => {
                let is_excess = Remarks::is_excess(&error.message);
                let json = (!is_excess && looks_like_json(self.text))
                    .then(|| json::parse_prefix(self.text).err());
                match json.flatten() {
                    Some(json) => Err(self.remarks.not_json(&json, self.rewriter.limits)),
                    None => Err(self.remarks.not_yaml(&error, self.rewriter.limits)),
                }
            }
        }
    }

    /// What becomes of objects of the document, or all of them.
    pub(super) fn plan(
        &self,
        objects: &[Object<'_>],
        remade: Option<&Remade>,
        bench: &mut Bench<'_>,
        log: &mut Log<'_>,
    ) -> Vec<Changes> {
        let mut changes = Vec::new();
        let is_json = |object: &Object<'_>| object.node.tree().is_json();
        let is_json = objects.first().is_some_and(is_json);
        let fresh = remade.and_then(|own| remake::read(&own.text, is_json));
        let fresh = fresh.as_ref().and_then(Tree::root_node);
        let fresh = fresh.map(|root| self.rewriter.lookup.objects(root));
        let fresh = fresh.iter().flatten().flat_map(|own| &own.templates);
        let remade = remade
            .map(|own| own.templates.as_slice())
            .unwrap_or_default();
        let mut anew = remade.iter().zip(fresh);
        for object in objects {
            let location = log.location(self.remarks.base + object.node.span().start);
            if object.templates.is_empty() {
                if object.looks_like_carrier() {
                    log.push(self.remarks.unknown_carrier(object));
                } else if self.rewriter.tells_untouched {
                    log.push(Event::untouched(location, object.label()));
                }
                continue;
            }
            let mut done = Done::default();
            if self.rewriter.work != Work::Remove {
                done.remarks = self.remarks.misplaced(object);
            }
            for template in &object.templates {
                let anew = anew.next();
                let whole = (object, template);
                let below = self.template(whole, anew, bench, &mut done);
                if !below.is_empty() {
                    changes.push(Changes {
                        base: template.path.clone(),
                        below,
                    });
                }
            }
            log.push(Event::Workload(Box::new(Workload {
                location,
                object: ObjectName::of(object),
                document: log.document,
                attempts: bench.said.attempts(done.attempts),
                other_work: (!done.other_work.is_empty()).then(|| Box::new(done.other_work)),
            })));
            log.events.append(&mut done.remarks);
        }
        changes
    }

    /// What becomes of one pod template; `anew` is the same one injected anew, where it was injected
    /// before.
    fn template(
        &self,
        (object, template): (&Object<'_>, &PodTemplate<'_>),
        anew: Option<(&RemadeTemplate, &PodTemplate<'_>)>,
        bench: &Bench<'_>,
        done: &mut Done,
    ) -> Vec<Change> {
        if self.rewriter.work == Work::Explain {
            let (outcome, accounts) = bench.injector.explain(template);
            let told = self.remarks.explained(object, template, &outcome, accounts);
            done.other_work.explanation.push(told);
            return self.take(outcome, template, object, done);
        }
        if let (Work::Remove, Some(remover)) = (self.rewriter.work, &bench.remover) {
            let removal = remover.remove(template);
            self.tell(&removal.notices, template, object, done);
            done.add_removed(&removal.removed);
            return removal.changes;
        }
        if let Some((remade, _)) = anew {
            done.remarks.extend(remade.kept.iter().map(|kept| {
                let notice = refresh::kept_notice(kept, template);
                let make = if refresh::is_asked_for(&kept.reason) {
                    Diagnostic::warning
                } else {
                    Diagnostic::note
                };
                Event::Diagnostic(
                    self.remarks
                        .notice(&notice, template, &object.label(), make)
                        .into(),
                )
            }));
        }
        let Some((remade, fresh)) = anew.filter(|(remade, _)| !remade.remade.is_empty()) else {
            return self.inject(template, object, bench, done);
        };
        let comparison = refresh::compare(&Pair {
            template,
            fresh,
            remade: &remade.remade,
            own_mounts: &remade.own_mounts,
        });
        if self.rewriter.work == Work::Refresh {
            return self.refresh(template, remade, comparison, object, bench, done);
        }
        done.remarks.extend(comparison.stale.iter().map(|stale| {
            let notice = refresh::notice(stale, template);
            let make = Diagnostic::warning;
            Event::Stale(
                self.remarks
                    .notice(&notice, template, &object.label(), make)
                    .into(),
            )
        }));
        self.inject(template, object, bench, done)
    }

    /// Replaces what is stale in a template that was injected before, and injects the rest.
    fn refresh(
        &self,
        template: &PodTemplate<'_>,
        remade: &RemadeTemplate,
        comparison: Comparison,
        object: &Object<'_>,
        bench: &Bench<'_>,
        done: &mut Done,
    ) -> Vec<Change> {
        let Comparison { changes, stale } = comparison;
        // What is stale is in the way of nothing: what is odd is odd about the template without it.
        let current;
        let outcome = if stale.is_empty() {
            current = bench.injector.inject(template);
            &current
        } else {
            &remade.outcome
        };
        self.tell(&outcome.notices, template, object, done);
        self.tell(&remade.notices, template, object, done);
        let is_there = |injection: Injection| {
            let slot = Slot::of(injection);
            remade.remade.iter().any(|own| Slot::of(*own) == slot)
        };
        let Attempts { injected, skipped } = &mut done.attempts;
        let made = outcome.injected.iter();
        injected.extend(made.filter(|own| !is_there(own.injection)).cloned());
        let left = outcome.skipped.iter();
        skipped.extend(left.filter(|own| !is_there(own.injection)).cloned());
        if stale.is_empty() {
            skipped.extend(remade.remade.iter().map(|own| Skipped {
                injection: *own,
                reason: Reason::Current,
            }));
            skipped.sort_by_key(|own| own.injection);
        }
        done.other_work.refreshed.extend(stale);
        changes
    }

    /// What the rules make of a pod template.
    fn inject(
        &self,
        template: &PodTemplate<'_>,
        object: &Object<'_>,
        bench: &Bench<'_>,
        done: &mut Done,
    ) -> Vec<Change> {
        self.take(bench.injector.inject(template), template, object, done)
    }

    /// Takes what the rules made of a template.
    fn take(
        &self,
        outcome: Outcome,
        template: &PodTemplate<'_>,
        object: &Object<'_>,
        done: &mut Done,
    ) -> Vec<Change> {
        self.tell(&outcome.notices, template, object, done);
        if let Some(malformed) = &outcome.malformed {
            let told = self.errors.fetch_add(1, Ordering::Relaxed);
            let remarks = Remarks {
                shows_lines: told < SHOWN,
                ..self.remarks
            };
            let error = remarks.notice(malformed, template, &object.label(), Diagnostic::error);
            done.remarks.push(Event::Diagnostic(error.into()));
        }
        if self.rewriter.tells_missing {
            let (rules, switches) = (self.rewriter.rules, self.rewriter.switches);
            let missing = inject::missing(rules, switches, template, &outcome);
            done.remarks.extend(missing.iter().map(|notice| {
                let make = Diagnostic::warning;
                Event::Missing(
                    self.remarks
                        .notice(notice, template, &object.label(), make)
                        .into(),
                )
            }));
        }
        append(&mut done.attempts.injected, outcome.injected);
        append(&mut done.attempts.skipped, outcome.skipped);
        outcome.changes
    }

    /// Warnings about a pod template.
    fn tell(
        &self,
        notices: &[Notice],
        template: &PodTemplate<'_>,
        object: &Object<'_>,
        done: &mut Done,
    ) {
        if notices.is_empty() {
            return;
        }
        let label = object.label();
        let make = Diagnostic::warning;
        let told = self.remarks.notices(notices, template, &label, make);
        let told = told.map(|own| Event::Diagnostic(own.into()));
        done.remarks.extend(told);
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
            Some(text) if tree.is_json() => {
                edited = json::parse(text)
                    .map_err(|error| self.remarks.not_json(&error, self.rewriter.limits))?;
                (&edited, text.as_str())
            }
            Some(text) => {
                edited = yaml::parse(text)
                    .map_err(|error| self.remarks.not_yaml(&error, self.rewriter.limits))?
                    .tree;
                (&edited, text.as_str())
            }
        };
        let Some(root) = tree.root() else {
            return Ok(None);
        };
        let aliases = Budget::of(self.rewriter.limits);
        let converted = match format {
            Format::Yaml if !tree.is_json() => return Ok(new),
            // Behind another document it needs a separator, which JSON did not.
            Format::Yaml => convert::to_yaml(tree, root, aliases).map(|yaml| {
                let separator = if self.first {
                    ""
                } else {
                    "---
"
                };
                format!("{separator}{yaml}")
            }),
            Format::Json if tree.is_json() => return Ok(Some(format!("{}\n", text.trim()))),
            Format::Json => convert::to_json(tree, root, aliases),
        };
        converted
            .map(Some)
            .map_err(|error| self.remarks.cannot_convert(&error, self.rewriter.limits))
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

/// Adds items to others; most often there are none yet, and nothing is copied.
fn append<T>(items: &mut Vec<T>, mut more: Vec<T>) {
    if items.is_empty() {
        *items = more;
    } else {
        items.append(&mut more);
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
