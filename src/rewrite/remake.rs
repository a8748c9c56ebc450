//! A document with its injections taken out and made again, to see what of them is stale.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::task::Task;
use super::{Bench, Rewriter};
use crate::change::{Change, Changes, Path};
use crate::config::language::Language;
use crate::edit::{EditError, Editor};
use crate::inject::{Injection, Notice, Outcome, Reason, Skipped};
use crate::refresh::Slot;
use crate::remove::{Removal, Remover, loads_library};
use crate::workload::PodTemplate;
use crate::yaml::{self, Node, Tree, json};

/// A document that was injected before, injected anew.
#[derive(Debug)]
pub(super) struct Remade {
    /// Its text.
    pub(super) text: String,
    /// Its templates, in the order of the text.
    pub(super) templates: Vec<RemadeTemplate>,
}

/// What was done to a template.
#[derive(Debug, Default)]
pub(super) struct RemadeTemplate {
    /// The injections that were taken out and made again.
    pub(super) remade: Vec<Injection>,
    /// Injections that are there and are not made again, and why.
    pub(super) kept: Vec<Skipped>,
    /// The mounts of ours in containers of ours.
    pub(super) own_mounts: Vec<Path>,
    /// What cannot be told from the user's own.
    pub(super) notices: Vec<Notice>,
    /// What was made of it without them.
    pub(super) outcome: Outcome,
}

/// What makes documents anew.
#[derive(Debug)]
pub(super) struct Remaker<'r> {
    remover: Remover<'r>,
}

impl<'r> Remaker<'r> {
    pub(super) fn new(rewriter: &Rewriter<'r>) -> Self {
        let remover = |rules| Remover::new(rules, rewriter.switches, rewriter.any_logs);
        Self {
            remover: match rewriter.previous {
                // By this one everything can be told.
                Some(previous) => remover(previous).or_newer(rewriter.rules),
                None => remover(rewriter.rules).of_stale(),
            },
        }
    }
}

/// Whether a document can hold an injection: a search for what is in each of them costs far less than to
/// look for them.
fn may_be_injected(text: &str) -> bool {
    static SIGNS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| {
        // A name of the operator's, its annotation, and what start-up variables name. A text with
        // escapes may hold them in another form.
        let signs = [
            "datakit-",
            "datakit/logs",
            "datadog-lib",
            "otel-auto-instrumentation",
            "\\",
        ];
        signs.map(Finder::new).into()
    });
    SIGNS
        .iter()
        .any(|sign| sign.find(text.as_bytes()).is_some())
}

/// Reads a text as what the document was.
pub(super) fn read(text: &str, is_json: bool) -> Option<Tree<'_>> {
    if is_json {
        return json::parse(text).ok();
    }
    yaml::parse(text).ok().map(|parsed| parsed.tree)
}

impl Task<'_> {
    /// Injects a document anew; nothing where none of its templates was injected before.
    ///
    /// # Errors
    /// Where it is written in a way that keeps the injections from being taken out.
    pub(super) fn remake(
        &self,
        tree: &Tree<'_>,
        root: Node<'_>,
        bench: &mut Bench<'_>,
    ) -> Result<Option<Remade>, EditError> {
        let Bench {
            injector,
            remaker: Some(remaker),
            editor,
            ..
        } = bench
        else {
            return Ok(None);
        };
        if !may_be_injected(self.text) {
            return Ok(None);
        }
        let objects = self.rewriter.lookup.objects(root);
        let templates: Vec<&PodTemplate<'_>> =
            objects.iter().flat_map(|own| &own.templates).collect();
        let mut there = vec![Injection::ALL.to_vec(); templates.len()];
        let mut kept: Vec<Vec<Skipped>> = vec![Vec::new(); templates.len()];
        let mut languages: Vec<Option<Language>> = vec![None; templates.len()];
        for (place, template) in templates.iter().enumerate() {
            // Where one library alone is loaded, it is the one that was brought; else the rule may tell.
            if let Some((injection, language)) = only_library(template) {
                there[place].retain(|own| !is_other(*own, injection));
                languages[place] = Some(language);
            }
        }
        // Each turn takes out less than the one before.
        for _ in 0..=(Injection::ALL.len() + 1) * templates.len() {
            let removals = templates.iter().zip(&there).zip(&languages);
            let removals: Vec<Removal> = removals
                .map(|((template, these), language)| {
                    let mut removal = remaker.remover.remove_these(template, these, *language);
                    // All else is made again.
                    removal.notices.retain(|own| own.code == "variable-kept");
                    removal
                })
                .collect();
            if removals.iter().all(|own| own.removed.is_empty()) {
                return Ok(all_kept(self.text, kept));
            }
            let changes = removals.iter().map(|own| own.changes.clone());
            let bare = edited(editor, tree, &templates, changes)?;
            let Some(bare_tree) = read(&bare, tree.is_json()) else {
                return Ok(None);
            };
            let Some(root) = bare_tree.root_node() else {
                return Ok(None);
            };
            let bare_objects = self.rewriter.lookup.objects(root);
            let bare_templates: Vec<&PodTemplate<'_>> =
                bare_objects.iter().flat_map(|own| &own.templates).collect();
            let outcomes: Vec<Outcome> = bare_templates
                .iter()
                .map(|template| injector.inject(template))
                .collect();
            if outcomes.len() != templates.len()
                || outcomes.iter().any(|own| own.malformed.is_some())
            {
                return Ok(None);
            }
            let mut settled = true;
            for (place, (removal, outcome)) in removals.iter().zip(&outcomes).enumerate() {
                let library = library(outcome).filter(|_| languages[place].is_none());
                if let Some((injection, language)) = library
                    && loads_library(templates[place], injection, language)
                {
                    there[place].retain(|own| !is_other(*own, injection));
                    languages[place] = Some(language);
                    let less = (remaker.remover).remove_these(
                        templates[place],
                        &there[place],
                        Some(language),
                    );
                    // What loads another library is the user's, and has to be there from the beginning.
                    if less.changes != removal.changes {
                        settled = false;
                        continue;
                    }
                }
                let (again, not) = split(removal, outcome);
                settled &= not.is_empty();
                there[place] = again;
                kept[place].extend(not);
            }
            if !settled {
                continue;
            }
            let changes = outcomes.iter().map(|own| own.changes.clone());
            let text = edited(editor, &bare_tree, &bare_templates, changes)?;
            let templates = removals.into_iter().zip(outcomes).zip(kept);
            let templates = templates.map(|((removal, outcome), kept)| RemadeTemplate {
                remade: removal.removed,
                kept,
                own_mounts: removal.own_mounts,
                notices: removal.notices,
                outcome,
            });
            return Ok(Some(Remade {
                text,
                templates: templates.collect(),
            }));
        }
        Ok(None)
    }
}

/// A document of which nothing is made again; nothing where nothing is kept either.
fn all_kept(text: &str, kept: Vec<Vec<Skipped>>) -> Option<Remade> {
    let nothing = kept.iter().all(Vec::is_empty);
    let templates = kept.into_iter().map(|kept| RemadeTemplate {
        kept,
        ..RemadeTemplate::default()
    });
    (!nothing).then(|| Remade {
        text: text.to_owned(),
        templates: templates.collect(),
    })
}

/// Whether this is the other one of the tracing injections.
fn is_other(own: Injection, injection: Injection) -> bool {
    Slot::of(own) == Slot::Tracing && own != injection
}

/// The tracing library that a template has, where it loads no other one that it could have.
fn only_library(template: &PodTemplate<'_>) -> Option<(Injection, Language)> {
    let all = [Injection::Ddtrace, Injection::Otel].into_iter();
    let all = all.flat_map(|injection| Language::ALL.map(|language| (injection, language)));
    let mut loaded =
        all.filter(|(injection, language)| loads_library(template, *injection, *language));
    let first = loaded.next()?;
    loaded.next().is_none().then_some(first)
}

/// The tracing library that was injected, and its language.
fn library(outcome: &Outcome) -> Option<(Injection, Language)> {
    let mut injected = outcome.injected.iter();
    let tracing = injected.find(|own| Slot::of(own.injection) == Slot::Tracing)?;
    let language = Language::among(&Language::ALL, tracing.detail?)?;
    Some((tracing.injection, language))
}

/// The injections that were taken out, in two: those that are made again, by themselves or by another one
/// of their slot, and those that are not, with the reason.
fn split(removal: &Removal, outcome: &Outcome) -> (Vec<Injection>, Vec<Skipped>) {
    let mut again = Vec::new();
    let mut not = Vec::new();
    for injection in removal.removed.iter().copied() {
        let slot = Slot::of(injection);
        if outcome
            .injected
            .iter()
            .any(|own| Slot::of(own.injection) == slot)
        {
            again.push(injection);
            continue;
        }
        let reason = outcome
            .skipped
            .iter()
            .find(|own| own.injection == injection);
        let reason = reason.map_or(Reason::NoRuleMatches, |own| own.reason.clone());
        not.push(Skipped { injection, reason });
    }
    (again, not)
}

/// A document with the changes of its templates.
fn edited(
    editor: &mut Editor,
    tree: &Tree<'_>,
    templates: &[&PodTemplate<'_>],
    changes: impl Iterator<Item = Vec<Change>>,
) -> Result<String, EditError> {
    let changes = templates.iter().zip(changes);
    let changes: Vec<Changes> = changes
        .filter(|(_, below)| !below.is_empty())
        .map(|(template, below)| Changes {
            base: template.path.clone(),
            below,
        })
        .collect();
    let text = tree.source_text();
    let edited = editor.edit(tree, &changes)?;
    Ok(edited
        .new
        .map_or_else(|| text.to_owned(), |new| new.text(text)))
}
