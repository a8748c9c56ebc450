//! What a run tells of itself where somebody asks why: nothing here decides anything.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::account::{Account, Consulted, Evidence, Exhibit, LabelsInWords, RuleInWords};
use super::outcome::{Injection, Notice, Reason};
use super::pod::Pod;
use super::{ddtrace, otel};
use crate::change::Path;
use crate::config::annotation::{LOGFWD_INSTANCES, LOGS};
use crate::config::rule::Rule;
use crate::config::select::{Selection, Subject, Verdict, select_telling};

/// The rules in words, made once for all pods.
#[derive(Debug, Default)]
pub(super) struct Words(RefCell<FxHashMap<usize, Arc<RuleInWords>>>);

impl Words {
    fn of<P>(&self, rule: &Rule<P>) -> Arc<RuleInWords> {
        let mut known = self.0.borrow_mut();
        let address = std::ptr::from_ref(rule).addr();
        let words = known.entry(address);
        words.or_insert_with(|| Arc::new(in_words(rule))).clone()
    }
}

fn in_words<P>(rule: &Rule<P>) -> RuleInWords {
    let selector = &rule.selector;
    let labels = selector.labels().iter().map(|own| {
        let mut keys: Vec<String> = Vec::new();
        for key in own.keys() {
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
        LabelsInWords {
            text: own.text().to_owned(),
            keys,
        }
    });
    let namespaces = selector.namespaces().iter();
    RuleInWords {
        place: rule.place.clone(),
        namespaces: namespaces.map(|own| own.text().to_owned()).collect(),
        labels: labels.collect(),
        combination: selector.combination(),
        annotation: rule.demand.as_ref().map(|own| own.annotation.clone()),
    }
}

/// The accounts of one template's injections, while they run.
#[derive(Debug)]
pub(super) struct Trace<'w> {
    words: &'w Words,
    accounts: Vec<Account<Path>>,
}

impl<'w> Trace<'w> {
    pub(super) fn new(words: &'w Words) -> Self {
        Self {
            words,
            accounts: Injection::ALL.map(Account::new).into(),
        }
    }

    /// The account of an injection.
    pub(super) fn of(&mut self, injection: Injection) -> Option<&mut Account<Path>> {
        let mut accounts = self.accounts.iter_mut();
        accounts.find(|own| own.injection == injection)
    }

    /// Chooses a rule for an injection, and tells how.
    pub(super) fn select<'r, P>(
        &mut self,
        injection: Injection,
        rules: &'r [Rule<P>],
        pod: &Pod<'_>,
    ) -> Selection<'r, P> {
        let mut asked = Vec::new();
        let selection = select_telling(rules, pod, |rule, verdict| {
            asked.push((rule, verdict));
        });
        let words = self.words;
        if let Some(account) = self.of(injection) {
            account.not_asked = rules.len().saturating_sub(asked.len());
            // Of an entry that is a rule for each language, the one that was chosen counts.
            let chosen = asked
                .last()
                .filter(|own| matches!(own.1, Verdict::Chosen(_)));
            let chosen = chosen.map(|own| own.0.place.clone());
            let is_told = |rule: &Rule<P>, verdict: Verdict| {
                matches!(verdict, Verdict::Chosen(_))
                    || !rule.place.is_entry()
                    || chosen.as_ref() != Some(&rule.place)
            };
            for (rule, verdict) in asked {
                if !is_told(rule, verdict) {
                    continue;
                }
                if let (Verdict::Chosen(_), Some(demand)) = (verdict, &rule.demand) {
                    account.evidence.push(annotation(&demand.annotation, pod));
                }
                let rule = words.of(rule);
                account.asked.push(Consulted { rule, verdict });
            }
        }
        selection
    }

    /// An injection is not made.
    pub(super) fn skip(&mut self, injection: Injection, reason: &Reason, pod: &Pod<'_>) {
        let evidence = match reason {
            Reason::SwitchedOff(key) => annotation(key, pod),
            Reason::HasAnnotation(key) => annotation(key, pod),
            Reason::HasContainer(name) => Evidence {
                what: Exhibit::Container((*name).to_owned()),
                place: pod.container_place(name),
            },
            Reason::HasInitContainer(name) => init_container(name, pod),
            Reason::Yields(Injection::Ddtrace)
                if pod.init_container(ddtrace::INIT_CONTAINER).is_some() =>
            {
                init_container(ddtrace::INIT_CONTAINER, pod)
            }
            Reason::Yields(Injection::Otel) => init_container(otel::INIT_CONTAINER, pod),
            _ => return,
        };
        if let Some(account) = self.of(injection) {
            account.evidence.push(evidence);
        }
    }

    /// An injection was tried: the pod's journal has what was done, which counts where it was made.
    pub(super) fn attempted(&mut self, injection: Injection, pod: &mut Pod<'_>, is_made: bool) {
        let deeds = pod.take_journal();
        if let Some(account) = self.of(injection).filter(|_| is_made) {
            account.deeds = deeds;
        }
    }

    /// Something is odd about an injection.
    pub(super) fn remark(&mut self, injection: Injection, notices: &[Notice]) {
        if let Some(account) = self.of(injection) {
            let messages = notices.iter().map(|notice| notice.message.clone());
            account.remarks.extend(messages);
        }
    }

    /// The accounts, in the order of the injections.
    pub(super) fn finish(self) -> Vec<Account<Path>> {
        self.accounts
    }
}

fn annotation(key: &str, pod: &Pod<'_>) -> Evidence<Path> {
    // These become variables of a container, or are long.
    let is_long = matches!(key, LOGFWD_INSTANCES | LOGS);
    let value = pod.annotation(key).filter(|_| !is_long);
    Evidence {
        what: Exhibit::Annotation {
            key: key.to_owned(),
            value: value.map(str::to_owned),
        },
        place: pod.annotation_place(key),
    }
}

fn init_container(name: &str, pod: &Pod<'_>) -> Evidence<Path> {
    Evidence {
        what: Exhibit::InitContainer(name.to_owned()),
        place: pod.init_container_place(name),
    }
}
