//! What a pod asks for, does not have, and does not get: what `--require-injected` is about
//! (`spec/4-hosts.md`; `kubectl kustomize` leaves functions out without a word).
//!
//! An injection that is not there and can be made is a change, and needs nothing from here.

use std::sync::Arc;

use super::outcome::{Injection, Notice, Outcome, Reason};
use super::pod::{Annotation, Pod};
use super::stock::Stock;
use super::switch::{self, Switches};
use crate::change::Path;
use crate::config::Rules;
use crate::config::annotation::{LOGFWD_INSTANCES, PREFIX};
use crate::config::rule::{Refusal, Rule, RulePlace};
use crate::config::select::{Selection, select};
use crate::workload::PodTemplate;

/// One notice for each injection that an annotation of the template or a rule asks for, and that
/// the template neither has nor gets by `outcome`, which is what the same rules made of it.
///
/// What is switched off, by annotation or option, is not asked for. Names decide what a pod has, as
/// they do for the operator: ddtrace is there where its init container is, whatever its language.
#[must_use]
pub fn missing(
    rules: &Rules,
    switches: &Switches,
    template: &PodTemplate<'_>,
    outcome: &Outcome,
) -> Vec<Notice> {
    let stock = Stock::default();
    let pod = Pod::read(template, &stock);
    // A malformed template is an error already.
    if outcome.malformed.is_some() || switch::all_off(&pod).is_some() {
        return Vec::new();
    }
    let mut notices = Vec::new();
    for skipped in &outcome.skipped {
        let injection = skipped.injection;
        if switch::off(&pod, switches, injection).is_some() {
            continue;
        }
        let incomplete = injection == Injection::Ddtrace && was_left_incomplete(outcome);
        if is_there(&skipped.reason) && !incomplete {
            continue;
        }
        let by_annotation = annotation_that_asks(&pod, injection);
        let notice = match by_annotation {
            Some(key) => {
                let why = if incomplete {
                    "an earlier injection is not complete".to_owned()
                } else {
                    why(&skipped.reason, key, rules)
                };
                let path = Path::new(["metadata", "annotations"]).join(key.to_owned());
                notice(injection, &format!("the annotation {key}"), &why).at(Some(path))
            }
            None if incomplete || is_up_to_the_rule(&skipped.reason) => {
                let Some(rule) = rule_that_selects(rules, &pod, injection) else {
                    continue;
                };
                let why = if incomplete {
                    "an earlier injection is not complete".to_owned()
                } else {
                    skipped.reason.to_string()
                };
                let mut notice = notice(injection, &format!("the rule {rule}"), &why);
                notice.rule = Some(rule.clone());
                notice
            }
            None => continue,
        };
        notices.push(notice);
    }
    notices
}

fn notice(injection: Injection, asker: &str, why: &str) -> Notice {
    let message = format!("{injection} is asked for by {asker}, but is not there: {why}");
    Notice::new("injection-missing", message)
}

/// Whether a reason says that the pod has the injection.
fn is_there(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::HasContainer(_)
            | Reason::HasInitContainer(_)
            | Reason::HasAnnotation(_)
            | Reason::Complete
            | Reason::Current
    )
}

/// Whether the rules warn that what is there of ddtrace is not all of it.
fn was_left_incomplete(outcome: &Outcome) -> bool {
    let mut notices = outcome.notices.iter();
    notices.any(|notice| notice.code == "ddtrace-repair")
}

/// Whether a rule that selects the pod asks in vain where an injection is skipped for this reason.
/// Where another injection takes precedence, or the rule is there to leave pods out, it does not
/// ask.
fn is_up_to_the_rule(reason: &Reason) -> bool {
    matches!(
        reason,
        Reason::NoContainers
            | Reason::UnsupportedLanguage(_)
            | Reason::ImageMissing(_)
            | Reason::Impossible(_)
    )
}

/// Why an annotation asks in vain.
fn why(reason: &Reason, key: &str, rules: &Rules) -> String {
    let is_known = key == LOGFWD_INSTANCES || rules.version_annotations.contains(&key);
    match reason {
        Reason::NoRuleMatches | Reason::AnnotationMissing(_) if is_known => {
            "no rule of the configuration gives it to this pod".to_owned()
        }
        Reason::NoRuleMatches | Reason::AnnotationMissing(_) => {
            "the operator that is followed does not know this annotation".to_owned()
        }
        reason => reason.to_string(),
    }
}

/// The first annotation of the pod that asks for an injection, known to the operator or not.
fn annotation_that_asks<'p>(pod: &'p Pod<'_>, injection: Injection) -> Option<&'p str> {
    let mut keys = pod.annotations().iter().map(Annotation::key);
    keys.find(|key| asked_for(key) == Some(injection))
}

/// The injection that an annotation of that key asks for, by the form of the key.
fn asked_for(key: &str) -> Option<Injection> {
    let rest = key.strip_prefix(PREFIX)?;
    if key == LOGFWD_INSTANCES {
        Some(Injection::Logfwd)
    } else if rest.ends_with("-profiler.version") {
        Some(Injection::Profiler)
    } else if rest.ends_with("-lib.version") {
        Some(if rest.starts_with("otel-") {
            Injection::Otel
        } else {
            Injection::Ddtrace
        })
    } else {
        None
    }
}

/// The rule that is the one for the pod, if there is one.
fn rule_that_selects<'r>(
    rules: &'r Rules,
    pod: &Pod<'_>,
    injection: Injection,
) -> Option<&'r Arc<RulePlace>> {
    fn chosen<'r, P>(rules: &'r [Rule<P>], pod: &Pod<'_>) -> Option<&'r Arc<RulePlace>> {
        match select(rules, pod) {
            Selection::Chosen { rule, .. }
            | Selection::Refused {
                rule,
                refusal: Refusal::UnsupportedLanguage(_),
            } => Some(&rule.place),
            Selection::Refused { .. } | Selection::AnnotationMissing(_) | Selection::NoMatch => {
                None
            }
        }
    }
    match injection {
        Injection::Ddtrace => chosen(&rules.ddtrace, pod),
        Injection::Otel => chosen(&rules.otel, pod),
        Injection::Logfwd => chosen(&rules.logfwd, pod),
        Injection::Flameshot => chosen(&rules.flameshot, pod),
        Injection::Profiler => chosen(&rules.profiler, pod),
        Injection::Logging => chosen(&rules.logging, pod),
    }
}
