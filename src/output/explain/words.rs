//! What a rule that was asked said of a pod, in words.

use crate::config::rule::Unmet;
use crate::config::select::Verdict;
use crate::config::selector::{Answer, Asked, Combination};
use crate::explanation::TemplateExplanation;
use crate::inject::{Consulted, LabelsInWords, RuleInWords};
use crate::output::color::Style;
use crate::output::tree::Line;

/// So many entries of a selector are named, unless everything is told.
const ENTRIES: usize = 3;

/// Why the rule is the one, or why not.
pub(super) fn verdict(
    consulted: &Consulted,
    template: &TemplateExplanation,
    tells_everything: bool,
) -> Line {
    let rule = &consulted.rule;
    let words = Words {
        rule,
        template,
        tells_everything,
    };
    let annotation = || {
        let key = rule.annotation.as_deref().unwrap_or_default();
        Line::styled(Style::Cyan, key)
    };
    match consulted.verdict {
        Verdict::PassedOver => {
            Line::plain("passed over: a rule in front of it sends the search on")
        }
        Verdict::NotSelected(answer) => words.refusal(answer),
        Verdict::AnnotationMissing(answer, unmet) => words
            .consent(answer)
            .then(", but the annotation ")
            .and(annotation())
            .then(match unmet {
                Unmet::NextRule => " is not there",
                Unmet::Stop => " is not there, and no other rule is asked",
            }),
        Verdict::SendsOn(answer) => words
            .consent(answer)
            .then(", but it names no language: the namespaces are asked"),
        Verdict::Chosen(answer) => words.consent(answer),
    }
}

struct Words<'r> {
    rule: &'r RuleInWords,
    template: &'r TemplateExplanation,
    tells_everything: bool,
}

impl Words<'_> {
    /// By which entries the pod is meant.
    fn consent(&self, answer: Answer) -> Line {
        let namespace = match answer.namespaces {
            Asked::Matches(index) => self.rule.namespaces.get(index),
            Asked::Not | Asked::NoneMatches => None,
        };
        let labels = match answer.labels {
            Asked::Matches(index) => self.rule.labels.get(index),
            Asked::Not | Asked::NoneMatches => None,
        };
        let namespace = namespace.map(|text| {
            let own = Line::plain("namespace ").then(&self.template.namespace);
            own.then(" matches ").and(selector(text))
        });
        let labels = labels.map(|own| {
            let line = Line::plain("labels match ").and(selector(&own.text));
            line.and(self.met(own))
        });
        let said: Vec<Line> = namespace.into_iter().chain(labels).collect();
        if said.is_empty() {
            return Line::plain("it is about every pod");
        }
        Line::list(said)
    }

    /// By which entries it is not.
    fn refusal(&self, answer: Answer) -> Line {
        let mut said = Vec::new();
        if answer.namespaces == Asked::NoneMatches {
            let own = Line::plain("namespace ").then(&self.template.namespace);
            let entries = self.rule.namespaces.iter().map(|text| selector(text));
            said.push(own.and(self.none_of(" does not match ", " matches none of ", entries)));
        }
        if answer.labels == Asked::NoneMatches {
            let entries = self.rule.labels.iter();
            let entries = entries.map(|own| selector(&own.text).and(self.met(own)));
            let own = self.none_of(" do not match ", " match none of ", entries);
            said.push(Line::plain("labels").and(own));
        }
        match (self.rule.combination, said.is_empty()) {
            (_, true) => Line::plain("it has no selector that matches"),
            (Combination::All, _) => Line::list(said),
            (Combination::Any, _) => {
                let mut said = said.into_iter();
                let first = said.next().unwrap_or_default();
                said.fold(first, |line, other| line.then(", and ").and(other))
            }
        }
    }

    fn none_of(
        &self,
        one: &str,
        several: &str,
        entries: impl ExactSizeIterator<Item = Line>,
    ) -> Line {
        let count = entries.len();
        // To name one less than there are takes as much room as to count it.
        let shown = if self.tells_everything || count <= ENTRIES + 1 {
            count
        } else {
            ENTRIES
        };
        let verb = Line::plain(if count == 1 { one } else { several });
        let list = verb.and(Line::list(entries.take(shown)));
        if shown < count {
            return list.then(format!(" and {} more", count - shown));
        }
        list
    }

    /// The labels that a selector met.
    fn met(&self, selector: &LabelsInWords) -> Line {
        let met: Vec<Line> = selector
            .keys
            .iter()
            .map(|key| {
                let mut labels = self.template.labels.iter();
                match labels.find(|(own, _)| own == key) {
                    Some((_, value)) => Line::plain(format!("{key}={value}")),
                    None => Line::plain(format!("no {key}")),
                }
            })
            .collect();
        if met.is_empty() {
            return Line::default();
        }
        Line::plain(" (").and(Line::list(met)).then(")")
    }
}

/// A selector as it is written.
fn selector(text: &str) -> Line {
    Line::plain("`").then_in(Style::Cyan, text).then("`")
}
