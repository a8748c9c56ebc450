//! The operator's injections: a pod template and the rules to a list of changes.
//!
//! One file for each injection, which says what it adds and looks at nothing but the pod and its
//! rule; this file has their order. The pod is a light view of the user's document
//! (`pod.rs`, `container.rs`), and what is injected is made of Kubernetes' own types.

mod account;
mod annotation;
mod changes;
mod container;
pub(crate) mod ddtrace;
mod environment;
pub(crate) mod flameshot;
mod journal;
pub(crate) mod logfwd;
pub(crate) mod logging;
pub(crate) mod manifest;
mod missing;
mod mount;
pub(crate) mod otel;
mod outcome;
mod path;
mod pod;
mod presence;
pub(crate) mod profiler;
mod sidecar;
pub(crate) mod startup;
mod stock;
mod switch;
mod trace;
mod tracing;

use std::sync::Arc;

use crate::change::Path;
use crate::config::Rules;
use crate::config::annotation::LOGS;
use crate::config::language::{DDTRACE_V2, Language, OTEL, PROFILER};
use crate::config::rule::{Refusal, Rule, RulePlace};
use crate::config::select::{Selection, Subject, select};
use crate::workload::PodTemplate;

pub use account::{Account, Act, Consulted, Deed, Evidence, Exhibit, LabelsInWords, RuleInWords};
pub use missing::missing;
pub use outcome::{Injected, Injection, Notice, Outcome, Reason, Skipped};
pub use presence::present;
pub use switch::Switches;

use outcome::{Failure, Flaw};
use pod::Pod;
use stock::Stock;
use trace::{Trace, Words};

/// Injects by one set of rules. It keeps what it has made for one pod for the next, so each thread
/// has its own.
#[derive(Debug)]
pub struct Injector<'r> {
    rules: &'r Rules,
    switches: &'r Switches,
    stock: Stock,
    words: Words,
}

impl<'r> Injector<'r> {
    /// An injector by these rules, without the injections that are switched off.
    #[must_use]
    pub fn new(rules: &'r Rules, switches: &'r Switches) -> Self {
        Self {
            rules,
            switches,
            stock: Stock::default(),
            words: Words::default(),
        }
    }

    /// Decides what is injected into a pod template: ddtrace or otel, then logfwd, flameshot,
    /// profiler, logging, each on the result of those before (`spec/1-behaviour.md`, section 1).
    /// Paths in the outcome are below the template.
    #[must_use]
    pub fn inject(&self, template: &PodTemplate<'_>) -> Outcome {
        self.decide(template, || None).0
    }

    /// The same, with an account of each injection in their order: why it is made or not, and what is
    /// done.
    #[must_use]
    pub fn explain(&self, template: &PodTemplate<'_>) -> (Outcome, Vec<Account<Path>>) {
        self.decide(template, || Some(Trace::new(&self.words)))
    }

    /// Decides, and tells of it where a trace is given.
    fn decide<'s>(
        &'s self,
        template: &PodTemplate<'_>,
        trace: impl Fn() -> Option<Trace<'s>>,
    ) -> (Outcome, Vec<Account<Path>>) {
        let mut given_up = Vec::new();
        loop {
            let mut pod = Pod::read(template, &self.stock);
            let trace = trace();
            if trace.is_some() {
                pod.keep_journal();
            }
            let mut run = Run {
                outcome: Outcome {
                    notices: annotation::unknown(&pod, self.rules),
                    ..Outcome::default()
                },
                pod,
                switches: self.switches,
                stock: &self.stock,
                flaw: None,
                given_up: &given_up,
                spoiled: None,
                trace,
            };
            run.all(self.rules);
            match run.spoiled.take() {
                // What is given up once is given up at once the next time: this comes to an end.
                Some(failed) => given_up.push(failed),
                None => return run.finish(),
            }
        }
    }
}

/// An injection that failed after it had done something to the pod, which is then read anew.
struct GivenUp {
    injection: Injection,
    failure: Failure,
    notices: Vec<Notice>,
}

/// The injections of one template, while they run.
struct Run<'p> {
    pod: Pod<'p>,
    switches: &'p Switches,
    stock: &'p Stock,
    outcome: Outcome,
    /// The first part of the template that could not be written to.
    flaw: Option<Flaw>,
    /// What failed half-way before.
    given_up: &'p [GivenUp],
    /// What failed half-way just now: the pod can no longer be used.
    spoiled: Option<GivenUp>,
    /// Tells why, where somebody asks.
    trace: Option<Trace<'p>>,
}

impl<'p> Run<'p> {
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
            |rule, _, pod, notices, stock| logfwd::inject(rule, pod, notices, stock).map(|()| None),
        );
        let injection = Injection::Flameshot;
        self.sidecar(
            injection,
            flameshot::NAME,
            &rules.flameshot,
            |rule, _, pod, notices, stock| {
                flameshot::inject(rule, pod, notices, stock).map(|()| None)
            },
        );
        let injection = Injection::Profiler;
        self.sidecar(
            injection,
            profiler::NAME,
            &rules.profiler,
            |rule, version, pod, notices, stock| {
                profiler::inject(rule, version, pod, notices, stock)?;
                Ok(Some(rule.language.name()))
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
            |rule, _, pod, notices, stock| {
                logging::inject(rule, pod, notices, stock).map(|()| None)
            },
        );
    }

    /// Why nothing is injected, whatever the rules say.
    fn nothing_at_all(&self) -> Option<Reason> {
        if self.pod.containers.items.is_empty() && self.pod.containers.sound().is_ok() {
            return Some(Reason::NoContainers);
        }
        switch::all_off(&self.pod)
    }

    /// Says something odd about an injection.
    fn remark(&mut self, injection: Injection, notice: Notice) {
        if let Some(trace) = &mut self.trace {
            trace.remark(injection, std::slice::from_ref(&notice));
        }
        self.outcome.notices.push(notice);
    }

    fn skip(&mut self, injection: Injection, reason: Reason) {
        if let Some(trace) = &mut self.trace {
            trace.skip(injection, &reason, &self.pod);
        }
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
        match self.select(injection, rules) {
            Selection::Chosen {
                rule,
                payload,
                demanded,
            } => self.attempt(injection, &rule.place, |pod, notices, stock| {
                inject(payload, &demanded, pod, notices, stock)
            }),
            Selection::Refused { rule, refusal } => self.refuse(injection, rule, refusal),
            Selection::AnnotationMissing(key) => {
                self.skip(injection, Reason::AnnotationMissing(key.into()));
            }
            Selection::NoMatch => self.skip(injection, Reason::NoRuleMatches),
        }
    }

    /// Chooses a rule for an injection.
    fn select<'r, P>(&mut self, injection: Injection, rules: &'r [Rule<P>]) -> Selection<'r, P> {
        match &mut self.trace {
            None => select(rules, &self.pod),
            Some(trace) => trace.select(injection, rules, &self.pod),
        }
    }

    /// Injects into the pod. Where that cannot be completed the pod must be as it was: one to which
    /// something was done already is spoiled, and the run is repeated without this injection.
    fn attempt(
        &mut self,
        injection: Injection,
        rule: &Arc<RulePlace>,
        inject: impl FnOnce(
            &mut Pod<'p>,
            &mut Vec<Notice>,
            &Stock,
        ) -> Result<Option<&'static str>, Failure>,
    ) {
        let known = self
            .given_up
            .iter()
            .find(|failed| failed.injection == injection);
        if let Some(failed) = known {
            for notice in &failed.notices {
                self.remark(injection, notice.clone());
            }
            return self.fail(injection, failed.failure.clone());
        }
        let (revision, before) = (self.pod.revision(), self.outcome.notices.len());
        let result = inject(&mut self.pod, &mut self.outcome.notices, self.stock);
        for notice in &mut self.outcome.notices[before..] {
            if notice.about_rule {
                notice.rule = Some(rule.clone());
                notice
                    .hint
                    .get_or_insert_with(|| format!("the rule is {rule}"));
            }
        }
        if let Some(trace) = &mut self.trace {
            trace.attempted(injection, &mut self.pod, result.is_ok());
            trace.remark(injection, &self.outcome.notices[before..]);
        }
        match result {
            Ok(detail) => self.outcome.injected.push(Injected {
                injection,
                detail,
                rule: rule.clone(),
            }),
            Err(failure) if self.pod.revision() == revision => self.fail(injection, failure),
            Err(failure) => {
                self.spoiled.get_or_insert_with(|| GivenUp {
                    injection,
                    failure,
                    notices: self.outcome.notices.split_off(before),
                });
            }
        }
    }

    fn fail(&mut self, injection: Injection, failure: Failure) {
        match failure {
            Failure::Skipped(reason) => self.skip(injection, reason),
            Failure::Malformed(flaw) => {
                self.skip(injection, Reason::Malformed);
                self.flaw.get_or_insert(flaw);
            }
        }
    }

    fn finish(self) -> (Outcome, Vec<Account<Path>>) {
        let mut outcome = self.outcome;
        if let Some(flaw) = self.flaw {
            for injected in outcome.injected.drain(..) {
                outcome.skipped.push(Skipped {
                    injection: injected.injection,
                    reason: Reason::Malformed,
                });
            }
            outcome.malformed = Some(flaw.into());
        } else {
            outcome.changes = self.pod.into_changes(self.stock);
        }
        outcome.skipped.sort_by_key(|skipped| skipped.injection);
        (outcome, self.trace.map(Trace::finish).unwrap_or_default())
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
                let known = languages(injection).iter().map(|known| known.name());
                let near = Language::meant(name, known).filter(|near| near != name);
                notice.hint = near.map(|near| format!("did you mean the language {near}?"));
                self.remark(injection, notice);
                Reason::UnsupportedLanguage(name.as_str().into())
            }
            Refusal::NoLanguage => Reason::NoLanguage,
        };
        self.skip(injection, reason);
    }
}

/// The languages that an injection knows in any dialect.
fn languages(injection: Injection) -> &'static [Language] {
    match injection {
        Injection::Ddtrace => DDTRACE_V2,
        Injection::Otel => OTEL,
        Injection::Profiler => PROFILER,
        Injection::Logfwd | Injection::Flameshot | Injection::Logging => &[],
    }
}

/// What injects by a rule: the rule, the value of the annotation that it demands, the pod, and what
/// is odd; gives more on what was injected.
type Inject<'p, P> =
    fn(&P, &str, &mut Pod<'p>, &mut Vec<Notice>, &Stock) -> Result<Option<&'static str>, Failure>;

#[cfg(test)]
mod tests;
