//! The operator's injections: a pod template and the rules to a list of changes.
//!
//! One file for each injection, which says what it adds and looks at nothing but the pod and its
//! rule; this file has their order. The pod is a light view of the user's document
//! (`pod.rs`, `container.rs`), and what is injected is made of Kubernetes' own types.

mod annotation;
mod changes;
mod container;
mod ddtrace;
mod environment;
mod flameshot;
mod logfwd;
mod logging;
mod manifest;
mod missing;
mod mount;
mod otel;
mod outcome;
mod path;
mod pod;
mod profiler;
mod sidecar;
mod switch;
mod tracing;

use crate::config::Rules;
use crate::config::annotation::LOGS;
use crate::config::rule::{Refusal, Rule, RulePlace};
use crate::config::select::{Selection, Subject, select};
use crate::workload::PodTemplate;

pub use missing::missing;
pub use outcome::{Injected, Injection, Notice, Outcome, Reason, Skipped};
pub use switch::Switches;

use outcome::{Failure, Flaw};
use pod::Pod;

/// Decides what is injected into a pod template: ddtrace or otel, then logfwd, flameshot, profiler,
/// logging, each on the result of those before (`spec/1-behaviour.md`, section 1). Paths in the
/// outcome are below the template.
#[must_use]
pub fn inject(rules: &Rules, switches: &Switches, template: &PodTemplate<'_>) -> Outcome {
    let pod = Pod::read(template);
    let mut run = Run {
        outcome: Outcome {
            notices: annotation::unknown(&pod, rules.version_annotations),
            ..Outcome::default()
        },
        pod,
        switches,
        flaw: None,
    };
    run.all(rules);
    let mut outcome = run.outcome;
    if let Some(flaw) = run.flaw {
        for injected in outcome.injected.drain(..) {
            outcome.skipped.push(Skipped {
                injection: injected.injection,
                reason: Reason::Malformed,
            });
        }
        outcome.malformed = Some(flaw.into());
    } else {
        outcome.changes = run.pod.into_changes();
    }
    outcome.skipped.sort_by_key(|skipped| skipped.injection);
    outcome
}

/// The injections of one template, while they run.
struct Run<'p, 's> {
    pod: Pod<'p>,
    switches: &'s Switches,
    outcome: Outcome,
    /// The first part of the template that could not be written to.
    flaw: Option<Flaw>,
}

impl<'p> Run<'p, '_> {
    fn all(&mut self, rules: &Rules) {
        if let Some(reason) = self.nothing_at_all() {
            for injection in Injection::ALL {
                self.skip(injection, reason.clone());
            }
            return;
        }
        tracing::run(self, rules);

        let injection = Injection::Logfwd;
        self.sidecar(
            injection,
            logfwd::NAME,
            &rules.logfwd,
            |rule, _, pod, notices| logfwd::inject(rule, pod, notices).map(|()| None),
        );
        let injection = Injection::Flameshot;
        self.sidecar(
            injection,
            flameshot::NAME,
            &rules.flameshot,
            |rule, _, pod, notices| flameshot::inject(rule, pod, notices).map(|()| None),
        );
        let injection = Injection::Profiler;
        self.sidecar(
            injection,
            profiler::NAME,
            &rules.profiler,
            |rule, version, pod, notices| {
                profiler::inject(rule, version, pod, notices)?;
                Ok(Some(rule.language.name().to_owned()))
            },
        );
        let is_there = self
            .pod
            .annotation(LOGS)
            .map(|_| Reason::HasAnnotation(LOGS));
        self.ruleset(
            Injection::Logging,
            is_there,
            &rules.logging,
            |rule, _, pod, notices| logging::inject(rule, pod, notices).map(|()| None),
        );
    }

    /// Why nothing is injected, whatever the rules say.
    fn nothing_at_all(&self) -> Option<Reason> {
        if self.pod.containers.items.is_empty() && self.pod.containers.sound().is_ok() {
            return Some(Reason::NoContainers);
        }
        switch::all_off(&self.pod)
    }

    fn skip(&mut self, injection: Injection, reason: Reason) {
        self.outcome.skipped.push(Skipped { injection, reason });
    }

    /// A ruleset that injects a container, unless one of that name is there.
    fn sidecar<P>(
        &mut self,
        injection: Injection,
        name: &'static str,
        rules: &[Rule<P>],
        inject: Inject<'p, P>,
    ) {
        let is_there = self.pod.has_container(name);
        let is_there = is_there.then_some(Reason::HasContainer(name));
        self.ruleset(injection, is_there, rules, inject);
    }

    fn ruleset<P>(
        &mut self,
        injection: Injection,
        is_there: Option<Reason>,
        rules: &[Rule<P>],
        inject: Inject<'p, P>,
    ) {
        if let Some(reason) = switch::off(&self.pod, self.switches, injection).or(is_there) {
            return self.skip(injection, reason);
        }
        match select(rules, &self.pod) {
            Selection::Chosen {
                rule,
                payload,
                demanded,
            } => self.attempt(injection, &rule.place, |pod, notices| {
                inject(payload, &demanded, pod, notices)
            }),
            Selection::Refused { rule, refusal } => self.refuse(injection, rule, refusal),
            Selection::AnnotationMissing(key) => {
                self.skip(injection, Reason::AnnotationMissing(key.to_owned()));
            }
            Selection::NoMatch => self.skip(injection, Reason::NoRuleMatches),
        }
    }

    /// Injects into a copy of the pod, which takes the pod's place where that could be completed.
    fn attempt(
        &mut self,
        injection: Injection,
        rule: &RulePlace,
        inject: impl FnOnce(&mut Pod<'p>, &mut Vec<Notice>) -> Result<Option<String>, Failure>,
    ) {
        let mut copy = self.pod.clone();
        let before = self.outcome.notices.len();
        let result = inject(&mut copy, &mut self.outcome.notices);
        for notice in &mut self.outcome.notices[before..] {
            if notice.about_rule {
                notice.rule = Some(rule.clone());
                notice
                    .hint
                    .get_or_insert_with(|| format!("the rule is {rule}"));
            }
        }
        match result {
            Ok(detail) => {
                self.pod = copy;
                let rule = rule.clone();
                self.outcome.injected.push(Injected {
                    injection,
                    detail,
                    rule,
                });
            }
            Err(Failure::Skipped(reason)) => self.skip(injection, reason),
            Err(Failure::Malformed(flaw)) => {
                self.skip(injection, Reason::Malformed);
                self.flaw.get_or_insert(flaw);
            }
        }
    }

    /// A rule was chosen that injects nothing.
    fn refuse<P>(&mut self, injection: Injection, rule: &Rule<P>, refusal: &Refusal) {
        let reason = match refusal {
            Refusal::UnsupportedLanguage(name) => {
                let what = if name.is_empty() {
                    "it names no language".to_owned()
                } else {
                    format!("{injection} does not support its language {name}")
                };
                let message = format!("{} is the rule for this pod, but {what}", rule.place);
                let mut notice = Notice::new("unsupported-language", message);
                notice.rule = Some(rule.place.clone());
                self.outcome.notices.push(notice);
                Reason::UnsupportedLanguage(name.clone())
            }
            Refusal::NoLanguage => Reason::NoLanguage,
        };
        self.skip(injection, reason);
    }
}

/// What injects by a rule: the rule, the value of the annotation that it demands, the pod, and what
/// is odd; gives more on what was injected.
type Inject<'p, P> =
    fn(&P, &str, &mut Pod<'p>, &mut Vec<Notice>) -> Result<Option<String>, Failure>;

#[cfg(test)]
mod tests;
