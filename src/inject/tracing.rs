//! ddtrace or otel: who goes first (`spec/1-behaviour-v2.md`, section 5).

use super::outcome::{Injection, Notice, Reason};
use super::{Run, ddtrace, otel, switch};
use crate::config::Rules;
use crate::config::rule::{Otel, Reinvocation, Rule};
use crate::config::select::{Selection, matching};

/// Runs ddtrace, and where no rule of its is chosen, otel.
pub(super) fn run(run: &mut Run<'_>, rules: &Rules) {
    let was_injected = run.pod.init_container(ddtrace::INIT_CONTAINER).is_some();
    let is_final = run_ddtrace(run, rules, was_injected);
    if is_final || was_injected {
        let reason = switch::off(&run.pod, run.switches, Injection::Otel);
        let reason = reason.unwrap_or(if rules.otel.is_empty() {
            Reason::NoRuleMatches
        } else {
            Reason::Yields(Injection::Ddtrace)
        });
        run.skip(Injection::Otel, reason);
    } else {
        run_otel(run, &rules.otel);
    }
}

/// Gives whether a rule was chosen, which is final whatever became of it.
fn run_ddtrace(run: &mut Run<'_>, rules: &Rules, was_injected: bool) -> bool {
    let injection = Injection::Ddtrace;
    if let Some(reason) = switch::off(&run.pod, run.switches, injection) {
        run.skip(injection, reason);
        return false;
    }
    let has_library = || Reason::HasInitContainer(ddtrace::INIT_CONTAINER);
    let selection = run.select(injection, &rules.ddtrace);
    let matches = matches!(
        selection,
        Selection::Chosen { .. } | Selection::Refused { .. }
    );
    let has_otel = run.pod.init_container(otel::INIT_CONTAINER).is_some();
    if matches && has_otel && rules.ddtrace_yields_to_otel {
        let message = format!(
            "a ddtrace rule matches, but the init container {} is there: the pod is left to otel",
            otel::INIT_CONTAINER
        );
        run.remark(injection, Notice::new("otel-kept", message));
        run.skip(injection, Reason::Yields(Injection::Otel));
        return false;
    }
    let (place, rule, version) = match selection {
        Selection::Chosen {
            rule,
            payload,
            demanded,
        } => (&rule.place, payload, demanded),
        _ if was_injected => {
            run.skip(injection, has_library());
            return matches;
        }
        Selection::Refused { rule, refusal } => {
            run.refuse(injection, rule, refusal);
            return true;
        }
        Selection::AnnotationMissing(key) => {
            run.skip(injection, Reason::AnnotationMissing(key.into()));
            return false;
        }
        Selection::NoMatch => {
            run.skip(injection, Reason::NoRuleMatches);
            return false;
        }
    };
    let language = || Some(rule.language.name());
    if !was_injected {
        run.attempt(injection, place, |pod, notices, stock| {
            ddtrace::inject(rule, &version, pod, notices, stock)?;
            Ok(language())
        });
        return true;
    }
    match rule.reinvocation {
        Reinvocation::Leave => run.skip(injection, has_library()),
        Reinvocation::RepairJava => run.attempt(injection, place, |pod, notices, stock| {
            if ddtrace::repair(rule, pod, notices, stock)? {
                Ok(language())
            } else {
                Err(has_library().into())
            }
        }),
    }
    true
}

fn run_otel(run: &mut Run<'_>, rules: &[Rule<Otel>]) {
    let injection = Injection::Otel;
    if let Some(reason) = switch::off(&run.pod, run.switches, injection) {
        return run.skip(injection, reason);
    }
    let selection = run.select(injection, rules);
    if let Selection::Chosen { rule, .. } | Selection::Refused { rule, .. } = &selection {
        let several = matching(rules, &run.pod);
        if several > 1 {
            let message = format!(
                "multiple otel rules matched: {several}; {} is the one that counts",
                rule.place
            );
            let notice = Notice::new("multiple-rules", message);
            run.remark(injection, notice);
        }
    }
    match selection {
        Selection::Chosen {
            rule,
            payload,
            demanded,
        } => run.attempt(injection, &rule.place, |pod, notices, stock| {
            if otel::inject(payload, &demanded, pod, notices, stock)? {
                Ok(Some(payload.language.name()))
            } else {
                Err(Reason::Complete.into())
            }
        }),
        Selection::Refused { rule, refusal } => run.refuse(injection, rule, refusal),
        Selection::AnnotationMissing(key) => {
            run.skip(injection, Reason::AnnotationMissing(key.into()));
        }
        Selection::NoMatch => run.skip(injection, Reason::NoRuleMatches),
    }
}
