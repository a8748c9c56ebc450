//! Which rule of a ruleset is the one for a pod. One search serves every ruleset of both dialects.

use super::rule::{Refusal, Rule, Then, Unmet};
use super::selector::{Answer, NamespaceExpression};

/// A pod, as far as the choice of a rule looks at it.
pub trait Subject {
    /// The effective namespace.
    fn namespace(&self) -> &str;
    /// Whether an expression matches it. Whoever has many pods can remember that.
    fn is_in_namespace(&self, expression: &NamespaceExpression) -> bool {
        expression.matches(self.namespace())
    }
    /// A label's value.
    fn label(&self, key: &str) -> Option<&str>;
    /// An annotation's value.
    fn annotation(&self, key: &str) -> Option<&str>;
}

/// What the search found.
#[derive(Debug)]
pub enum Selection<'r, P> {
    /// The rule, what it injects, and the value of the annotation that it demands.
    Chosen {
        /// The rule.
        rule: &'r Rule<P>,
        /// What it injects.
        payload: &'r P,
        /// The value of its annotation; empty where it demands none.
        demanded: String,
    },
    /// A rule was chosen, and injects nothing.
    Refused {
        /// The rule.
        rule: &'r Rule<P>,
        /// Why.
        refusal: &'r Refusal,
    },
    /// Rules match, but the pod lacks the annotation of each; the first one is named.
    AnnotationMissing(&'r str),
    /// No rule matches.
    NoMatch,
}

/// What the search learns of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A rule in front of it sent the search on behind it.
    PassedOver,
    /// Its selector does not mean the pod.
    NotSelected(Answer),
    /// The pod lacks the annotation that it demands; the search goes on, or ends here.
    AnnotationMissing(Answer, Unmet),
    /// It sends the search on to a later rule.
    SendsOn(Answer),
    /// It is the rule.
    Chosen(Answer),
}

/// Asks the rules in their order.
pub fn select<'r, P>(rules: &'r [Rule<P>], pod: &dyn Subject) -> Selection<'r, P> {
    select_telling(rules, pod, |_, _| {})
}

/// The same, which tells of each rule that is asked, in their order, what it learns.
pub fn select_telling<'r, P>(
    rules: &'r [Rule<P>],
    pod: &dyn Subject,
    mut tell: impl FnMut(&'r Rule<P>, Verdict),
) -> Selection<'r, P> {
    let mut missing = None;
    let mut from = 0;
    for (index, rule) in rules.iter().enumerate() {
        if index < from {
            tell(rule, Verdict::PassedOver);
            continue;
        }
        let answer = rule.selector.ask(pod);
        if !answer.is_met {
            tell(rule, Verdict::NotSelected(answer));
            continue;
        }
        let mut demanded = String::new();
        if let Some(demand) = &rule.demand {
            let Some(value) = pod.annotation(&demand.annotation) else {
                tell(rule, Verdict::AnnotationMissing(answer, demand.unmet));
                // Dialect v1's annotations are asked of every pod: that is no match to speak of.
                if rule.place.is_entry() {
                    missing.get_or_insert(demand.annotation.as_str());
                }
                match demand.unmet {
                    Unmet::NextRule => continue,
                    Unmet::Stop => break,
                }
            };
            value.clone_into(&mut demanded);
        }
        match &rule.then {
            Then::Apply(payload) => {
                tell(rule, Verdict::Chosen(answer));
                return Selection::Chosen {
                    rule,
                    payload,
                    demanded,
                };
            }
            Then::Refuse(refusal) => {
                tell(rule, Verdict::Chosen(answer));
                return Selection::Refused { rule, refusal };
            }
            Then::SkipTo(index) => {
                tell(rule, Verdict::SendsOn(answer));
                from = *index;
            }
        }
    }
    missing.map_or(Selection::NoMatch, Selection::AnnotationMissing)
}

/// How many rules are about this pod, whatever annotations they demand.
#[must_use]
pub fn matching<P>(rules: &[Rule<P>], pod: &dyn Subject) -> usize {
    rules
        .iter()
        .filter(|rule| rule.selector.matches(pod))
        .count()
}
