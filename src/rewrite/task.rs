//! One document through the pipeline: its tree, its workloads, what the rules make of them, the edited
//! text.

use super::{Bench, Log, Rewriter};
use crate::change::Changes;
use crate::convert::{self, Format};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document;
use crate::edit::NewText;
use crate::inject::{self, Injector};
use crate::remark::Remarks;
use crate::report::{Event, ObjectName, Workload};
use crate::work::Work;
use crate::yaml::{self, Node, Spare, Tree, json};

/// The work on one document.
pub(super) struct Task<'w> {
    pub(super) rewriter: &'w Rewriter<'w>,
    pub(super) remarks: Remarks<'w>,
    pub(super) text: &'w str,
    pub(super) json: bool,
    /// Whether no document in front of this one holds anything.
    pub(super) first: bool,
}

/// Boxed: an error is rare, and larger than everything else that is handed around.
type Result<T> = std::result::Result<T, Box<Diagnostic>>;

impl Task<'_> {
    pub(super) fn run(&self, bench: &mut Bench<'_>, log: &mut Log<'_>) -> Result<Option<NewText>> {
        let carriers: Vec<&str> = (self.rewriter.lookup.carriers.iter())
            .map(|carrier| carrier.kind.as_str())
            .collect();
        if self.rewriter.format.is_none() && document::passes_unparsed(self.text, &carriers) {
            if self.rewriter.tells_untouched {
                let kind = document::kind_in_column_zero(self.text).unwrap_or_default();
                let location = log.location(self.remarks.base + self.first_content());
                log.push(Event::Document {
                    location: location.into(),
                    label: kind.to_lowercase(),
                });
            }
            if self.rewriter.work == Work::Explain {
                self.judge(log);
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
            log.push(Event::Diagnostic(Box::new(warning)));
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
        if let Some(format) = self.rewriter.format {
            let new = new.map(|new| new.text(self.text));
            let converted = self.convert(new, &tree, format)?;
            let differs = converted.filter(|converted| converted != self.text);
            return Ok(differs.map(NewText::whole));
        }
        bench.spare = tree.into_spare();
        Ok(new)
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
                let warning = Remarks::passed_broken(*error);
                log.push(Event::Diagnostic(Box::new(warning)));
            }
        }
    }

    pub(super) fn parse(&self, spare: Spare) -> Result<(Tree<'_>, Option<usize>)> {
        if self.json
            && let Ok(tree) = json::parse(self.text)
        {
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
                location: location.into(),
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
                    log.push(Event::Document {
                        location: location.into(),
                        label,
                    });
                }
                continue;
            }
            let mut injected = Vec::new();
            let mut skipped = Vec::new();
            let mut explanation = Vec::new();
            let mut remarks = self.remarks.misplaced(object);
            for template in &object.templates {
                let outcome = match self.rewriter.work {
                    Work::Explain => {
                        let (outcome, accounts) = injector.explain(template);
                        let told = self.remarks.explained(object, template, &outcome, accounts);
                        explanation.push(told);
                        outcome
                    }
                    _ => injector.inject(template),
                };
                remarks.extend(outcome.notices.iter().map(|notice| {
                    Event::Diagnostic(
                        self.remarks
                            .notice(notice, template, &label, Diagnostic::warning)
                            .into(),
                    )
                }));
                if let Some(malformed) = &outcome.malformed {
                    remarks.push(Event::Diagnostic(
                        self.remarks
                            .notice(malformed, template, &label, Diagnostic::error)
                            .into(),
                    ));
                }
                if self.rewriter.tells_missing {
                    let rules = (self.rewriter.rules, self.rewriter.switches);
                    let missing = inject::missing(rules.0, rules.1, template, &outcome);
                    remarks.extend(missing.iter().map(|notice| {
                        let make = Diagnostic::warning;
                        Event::Missing(self.remarks.notice(notice, template, &label, make).into())
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
            log.push(Event::Workload(Box::new(Workload {
                location,
                object: ObjectName::of(object),
                document: log.document,
                injected,
                skipped,
                explanation,
            })));
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
            Some(text) if tree.is_json() => {
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
            Format::Yaml if !tree.is_json() => return Ok(new),
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
            Format::Json if tree.is_json() => return Ok(Some(format!("{}\n", text.trim()))),
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
