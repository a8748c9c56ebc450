//! A configuration and a stream out of choices, and what must hold of them.

use std::collections::BTreeSet;
use std::fmt;

use datakit_inject::config::Rules;
use datakit_inject::inject::{Injection, Reason, Switches};
use datakit_inject::report::{Event, Workload};
use datakit_inject::rewrite::Rewritten;

use super::choices::Choices;
use super::forms::{diff_leads_to_the_new_text, reports_are_well_formed};
use super::rewriting::{self, Checked, Seen, any_rules, errors, rewrite};
use super::second_reader::second_reading;
use super::{configurations, workloads, writer};

/// What was seen of the cases.
pub type Made = Seen;

/// A configuration and the documents of a stream.
#[derive(Clone, Debug)]
pub struct Case {
    /// The operator's JSON.
    pub configuration: String,
    /// The documents, each with the line of dashes that it begins with.
    pub documents: Vec<String>,
    /// The same documents in another order.
    pub shuffled: Vec<usize>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "configuration:\n{}\n\nstream:\n{}",
            self.configuration,
            self.stream()
        )
    }
}

/// The generator's own document must be what it was made of: it is no use else.
fn is_sound(text: &str, value: &serde_json::Value) -> bool {
    let read = second_reading(text).map(|read| serde_json::to_value(read).unwrap_or_default());
    read.as_ref() == Some(value)
}

impl Case {
    pub fn new(choices: &mut Choices<'_>) -> Self {
        let configuration = configurations::configuration(choices);
        let count = *choices.pick(&[1, 1, 2, 3]);
        let mut documents = Vec::new();
        for number in 0..count {
            let object = workloads::object(choices);
            let text = writer::document(&object, number, choices);
            assert!(
                is_sound(&text, &object),
                "the writer writes another value:\n{object}\n{text}"
            );
            let dashes = *choices.pick(&["---\n", "--- # next\n", "---\n# on top\n", "---\n\n"]);
            documents.push(format!("{dashes}{text}"));
        }
        let mut shuffled: Vec<usize> = Vec::new();
        for number in 0..count {
            shuffled.insert(choices.below(number + 1), number);
        }
        Self {
            configuration,
            documents,
            shuffled,
        }
    }

    /// All documents, one behind the other.
    pub fn stream(&self) -> String {
        self.documents.concat()
    }

    fn rules(&self) -> Option<Rules> {
        any_rules(&self.configuration, None)
    }
}

/// Every rule of editing without reformatting, and that the forms of the result are sound.
pub fn editing(case: &Case) -> Checked<Made> {
    let Some(rules) = case.rules() else {
        return Ok(Made::default());
    };
    let (result, seen) = rewriting::check(&rules, &Switches::default(), &case.stream())?;
    diff_leads_to_the_new_text(&result)?;
    reports_are_well_formed(&result)?;
    Ok(seen)
}

/// What becomes of a document does not depend on those beside it: a stream in any order becomes its
/// documents, each as it becomes alone, and says the same of each.
pub fn order(case: &Case) -> Checked<Made> {
    let Some(rules) = case.rules() else {
        return Ok(Made::default());
    };
    let rewrite = |text: &str| rewrite(&rules, &Switches::default(), None, text);
    let alone: Vec<Rewritten> = case.documents.iter().map(|text| rewrite(text)).collect();
    let in_order: Vec<usize> = (0..case.documents.len()).collect();
    for order in [&in_order, &case.shuffled] {
        let text: String = order
            .iter()
            .map(|at| case.documents[*at].as_str())
            .collect();
        let wanted: String = order.iter().map(|at| alone[*at].text()).collect();
        let together = rewrite(&text);
        if together.text() != wanted {
            return Err(format!(
                "in the order {order:?} it becomes\n{}\nand not\n{wanted}",
                together.text()
            ));
        }
        let said = |results: &[&Rewritten]| -> Vec<String> {
            results
                .iter()
                .flat_map(|result| result.events.iter().map(without_place))
                .collect()
        };
        let wanted: Vec<&Rewritten> = order.iter().map(|at| &alone[*at]).collect();
        if said(&[&together]) != said(&wanted) {
            return Err(format!("in the order {order:?} it says something else"));
        }
    }
    Ok(Made {
        changed: alone.iter().filter(|result| result.changed).count(),
        ..Made::default()
    })
}

/// What an event says, but not of which line.
pub fn without_place(event: &Event) -> String {
    match event {
        Event::Workload(one) => {
            format!(
                "{} {:?} {:?}",
                one.object.label(),
                one.injected(),
                one.skipped()
            )
        }
        Event::Document(own) => own.label.clone(),
        Event::Diagnostic(one) | Event::Missing(one) | Event::Stale(one) => {
            format!("{:?} {} {}", one.severity, one.code, one.message)
        }
    }
}

pub fn workloads_of(result: &Rewritten) -> Vec<&Workload> {
    let workloads = result.events.iter().filter_map(|event| match event {
        Event::Workload(one) => Some(&**one),
        _ => None,
    });
    workloads.collect()
}

fn injected(workload: &Workload) -> BTreeSet<Injection> {
    workload
        .injected()
        .iter()
        .map(|one| one.injection)
        .collect()
}

/// What `--only a` and `--skip a` inject together is what the whole injects: each injection is made or
/// not whatever the others do (`spec/1-behaviour.md`, section 3), but for one. Where ddtrace is left
/// out, otel may be injected where it yields to ddtrace else (`spec/1-behaviour-v2.md`, section 5).
///
/// And one injection at a time, in the operator's order, each on the result of the one before, is the
/// whole: the same value (`spec/1-behaviour.md`, section 1). Where ddtrace is chosen and fails, otel is
/// left out of that, too.
pub fn only_and_skip(case: &Case) -> Checked<Made> {
    let Some(rules) = case.rules() else {
        return Ok(Made::default());
    };
    let stream = case.stream();
    let run = |switches: &Switches, text: &str| rewrite(&rules, switches, None, text);
    let whole = run(&Switches::default(), &stream);
    if !errors(&whole).is_empty() {
        return Ok(Made {
            refused: 1,
            ..Made::default()
        });
    }
    let all = Injection::ALL;
    for injection in all {
        let only = run(&Switches::new(Some(&[injection]), &[]), &stream);
        let others: Vec<Injection> = all.into_iter().filter(|one| *one != injection).collect();
        if run(&Switches::new(None, &others), &stream).text() != only.text() {
            return Err(format!("--only {injection} is not to skip the others"));
        }
        let skip = run(&Switches::new(None, &[injection]), &stream);
        let rows = workloads_of(&whole).into_iter().zip(workloads_of(&only));
        for ((whole, only), skip) in rows.zip(workloads_of(&skip)) {
            adds_up(injection, whole, only, skip)?;
        }
    }
    one_after_the_other(&rules, &whole, &stream)?;
    Ok(Made {
        changed: usize::from(whole.changed),
        ..Made::default()
    })
}

pub fn adds_up(
    injection: Injection,
    whole: &Workload,
    only: &Workload,
    skip: &Workload,
) -> Checked {
    let (whole_has, only_has, mut skip_has) = (injected(whole), injected(only), injected(skip));
    let yields = |reason: &Reason| *reason == Reason::Yields(Injection::Ddtrace);
    let otel_yields = whole
        .skipped()
        .iter()
        .any(|one| one.injection == Injection::Otel && yields(&one.reason));
    let mut expected: BTreeSet<Injection> = whole_has
        .iter()
        .copied()
        .filter(|one| *one == injection)
        .collect();
    if injection == Injection::Otel && otel_yields {
        // Alone, nothing is there to yield to.
        expected.extend(only_has.iter().filter(|one| **one == Injection::Otel));
    }
    if injection == Injection::Ddtrace && otel_yields {
        skip_has.remove(&Injection::Otel);
    }
    let rest: BTreeSet<Injection> = whole_has
        .iter()
        .copied()
        .filter(|one| *one != injection)
        .collect();
    if only_has != expected || skip_has != rest {
        return Err(format!(
            "{}: all inject {whole_has:?}, --only {injection} {only_has:?}, --skip {injection} {skip_has:?}",
            whole.object.label()
        ));
    }
    Ok(())
}

pub fn one_after_the_other(rules: &Rules, whole: &Rewritten, stream: &str) -> Checked {
    // Which workload is left to ddtrace is told for each, and a run is for all.
    let left = workloads_of(whole).into_iter().any(|one| {
        let has_ddtrace = injected(one).contains(&Injection::Ddtrace);
        let mut skipped = one.skipped().iter();
        let yields = skipped.any(|one| one.reason == Reason::Yields(Injection::Ddtrace));
        yields && !has_ddtrace
    });
    if left {
        return Ok(());
    }
    let mut text = stream.to_owned();
    for injection in Injection::ALL {
        let result = rewrite(rules, &Switches::new(Some(&[injection]), &[]), None, &text);
        if let Some(error) = errors(&result).first() {
            return Err(format!(
                "--only {injection} fails on what is injected: {error:?}"
            ));
        }
        text = result.text();
    }
    let read = |text: &str| -> Vec<_> {
        let documents = datakit_inject::document::split(text);
        let documents = documents
            .iter()
            .map(|one| &text[one.span.start..one.span.end]);
        documents.map(second_reading).collect()
    };
    if read(&text) != read(&whole.text()) {
        return Err(format!(
            "one after the other they make\n{text}\nand together\n{}",
            whole.text()
        ));
    }
    Ok(())
}
