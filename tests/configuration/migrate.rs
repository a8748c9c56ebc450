//! Configurations that are carried over have the effect that they had: dialect v1 on the old one and
//! dialect v2 on the new one make the same of every pod, but for the differences that are listed here,
//! each with its reason. A difference that is not listed fails, and so does one that is listed and no
//! longer there.
//!
//! What release 1.9 makes of the old configuration is the same without exception.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use datakit_inject::config::annotation::JS_LIB_VERSION;
use datakit_inject::config::container::ContainerSettings;
use datakit_inject::config::rule::{
    Ddtrace, DirectoryOf, InvalidInstances, Reinvocation, Rule, Then,
};
use datakit_inject::config::text::ConfigText;
use datakit_inject::config::{Dialect, Effect, Rules, migrate};
use datakit_inject::diagnostic::Diagnostic;
use datakit_inject::source::Source;

use super::pods::{Case, own_cases};
use super::{equivalence, read};

/// A difference: what makes release 1.9 do otherwise, and the rules without it.
struct Difference {
    /// The word by which the list and `docs/config.md` call it.
    name: &'static str,
    /// Makes the new rules do as the old ones did, in this respect alone.
    undo: fn(new: &mut Rules, old: &Rules),
}

const DIFFERENCES: [Difference; 12] = [
    Difference {
        name: "logfwd-pod-info",
        undo: |new, _| logfwd(new, |own| own.pod_info = false),
    },
    Difference {
        name: "logfwd-directories",
        undo: |new, _| logfwd(new, |own| own.directory = DirectoryOf::Parent),
    },
    Difference {
        name: "logfwd-unreadable-annotation",
        undo: |new, _| logfwd(new, |own| own.invalid_instances = InvalidInstances::Skip),
    },
    Difference {
        name: "logging-selectors",
        undo: |new, old| new.logging.clone_from(&old.logging),
    },
    Difference {
        name: "ddtrace-loaded-already",
        undo: |new, _| ddtrace(new, |own| own.keeps_complete_variables = false),
    },
    Difference {
        name: "ddtrace-repair",
        undo: |new, _| ddtrace(new, |own| own.reinvocation = Reinvocation::Leave),
    },
    Difference {
        name: "ddtrace-behind-otel",
        undo: |new, _| new.ddtrace_yields_to_otel = false,
    },
    Difference {
        name: "js-annotation",
        undo: |new, old| {
            let is_js = |rule: &&Rule<Ddtrace>| {
                let demand = rule.demand.as_ref();
                demand.is_some_and(|demand| demand.annotation == JS_LIB_VERSION)
            };
            let rule = old.ddtrace.iter().find(is_js).unwrap().clone();
            let asked = new.ddtrace.iter().take_while(|rule| rule.demand.is_some());
            let behind = asked.count();
            let mut rule = rule;
            if let Then::Apply(own) = &mut rule.then {
                own.keeps_complete_variables = true;
                own.reinvocation = Reinvocation::Leave;
            }
            new.ddtrace.insert(behind, rule);
        },
    },
    Difference {
        name: "annotation-without-image",
        undo: |new, old| {
            // Such a rule injects nothing, and no other rule is asked.
            let mut position = 0;
            for rule in old.ddtrace.iter().take_while(|rule| rule.demand.is_some()) {
                let Then::Apply(own) = &rule.then else {
                    continue;
                };
                let annotation = &rule.demand.as_ref().unwrap().annotation;
                let is_there = new.ddtrace.get(position).is_some_and(|new| {
                    let demand = new.demand.as_ref();
                    demand.is_some_and(|demand| demand.annotation == *annotation)
                });
                if is_there {
                    position += 1;
                } else if own.container.image.reference.is_empty() {
                    new.ddtrace.insert(position, rule.clone());
                    position += 1;
                }
            }
        },
    },
    Difference {
        name: "profiler-annotation",
        undo: |new, old| {
            if new.profiler.iter().any(|rule| rule.demand.is_none()) {
                new.profiler.clone_from(&old.profiler);
            }
        },
    },
    Difference {
        name: "empty-resources",
        undo: |new, old| {
            containers(new, old, |new, old| {
                new.resources.clone_from(&old.resources);
            });
        },
    },
    Difference {
        name: "text-like-a-reference",
        undo: |new, old| containers(new, old, |new, old| new.envs.clone_from(&old.envs)),
    },
];

fn logfwd(rules: &mut Rules, change: impl Fn(&mut datakit_inject::config::rule::Logfwd)) {
    for rule in &mut rules.logfwd {
        if let Then::Apply(own) = &mut rule.then {
            change(own);
        }
    }
}

/// Changes each new container by what the old section says of its own.
fn containers(
    new: &mut Rules,
    old: &Rules,
    change: fn(&mut ContainerSettings, &ContainerSettings),
) {
    if let Some(Then::Apply(own)) = old.ddtrace.first().map(|rule| &rule.then) {
        ddtrace(new, |new| change(&mut new.container, &own.container));
    }
    if let Some(Then::Apply(own)) = old.logfwd.first().map(|rule| &rule.then) {
        logfwd(new, |new| change(&mut new.container, &own.container));
    }
    if let Some(Then::Apply(own)) = old.profiler.first().map(|rule| &rule.then) {
        for rule in &mut new.profiler {
            if let Then::Apply(new) = &mut rule.then {
                change(&mut new.container, &own.container);
            }
        }
    }
}

fn ddtrace(rules: &mut Rules, change: impl Fn(&mut Ddtrace)) {
    for rule in &mut rules.ddtrace {
        if let Then::Apply(own) = &mut rule.then {
            change(own);
        }
    }
}

fn migrated(text: &str, effect: Effect) -> String {
    let mut problems: Vec<Diagnostic> = Vec::new();
    let text = ConfigText::whole(Source::new("config", text));
    let new = migrate(&text, effect, &mut problems);
    new.unwrap_or_else(|| panic!("{problems:?}"))
}

/// The listed differences: the names of the cases that have each.
fn listed(path: &Path) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let mut listed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut at = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_suffix(':') {
            name.clone_into(&mut at);
        } else if !line.is_empty() {
            listed
                .entry(at.clone())
                .or_default()
                .push(line.trim().to_owned());
        }
    }
    listed
}

#[test]
fn what_is_carried_over_has_the_effect_that_it_had() {
    let vectors = equivalence::cases("v1.jsonl");
    let cases = vectors.iter().map(Case::of_vector).chain(own_cases());
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut same, mut count) = (0, 0);
    let mut failures = Vec::new();
    for case in cases {
        count += 1;
        let text = case.config.to_string();
        let old = read(&text, Some(Dialect::V1)).rules;
        let new = read(&migrated(&text, Effect::Kept), None);
        assert_eq!(new.dialect, Dialect::V2, "{}", case.name);
        let before = case.after(&old);
        let differs = |without: &[usize]| {
            let mut rules = new.rules.clone();
            for (index, difference) in DIFFERENCES.iter().enumerate() {
                if !without.contains(&index) {
                    (difference.undo)(&mut rules, &old);
                }
            }
            equivalence::differences(&case.after(&rules), &before)
        };
        let others = differs(&[]);
        if !others.is_empty() {
            failures.push(format!("{}: {}", case.name, others.join("\n    ")));
            continue;
        }
        let is_same = equivalence::differences(&case.after(&new.rules), &before).is_empty();
        same += usize::from(is_same);
        if is_same {
            continue;
        }
        let before_it = found.values().map(Vec::len).sum::<usize>();
        for (index, difference) in DIFFERENCES.iter().enumerate() {
            if !differs(&[index]).is_empty() {
                let cases = found.entry(difference.name.to_owned()).or_default();
                cases.push(case.name.clone());
            }
        }
        let has_any = found.values().map(Vec::len).sum::<usize>() > before_it;
        assert!(has_any, "{}: no difference says why", case.name);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!("{same} of {count} pods are the same");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/migrate/differences.txt");
    if std::env::var_os("UPDATE").is_some() {
        let mut text = String::from(
            "# The pods of which release 1.9 makes something else after their configuration was carried\n\
             # over, by the difference that they show. docs/config.md has the reasons.\n",
        );
        for difference in &DIFFERENCES {
            writeln!(text, "\n{}:", difference.name).unwrap();
            for case in found.get(difference.name).into_iter().flatten() {
                writeln!(text, "  {case}").unwrap();
            }
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let listed = listed(&path);
    for difference in &DIFFERENCES {
        assert!(
            listed
                .get(difference.name)
                .is_some_and(|cases| !cases.is_empty()),
            "no pod shows the difference {}",
            difference.name
        );
    }
    assert_eq!(found, listed);
}

#[test]
fn the_page_names_every_difference() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/config.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let named: Vec<&str> = rows.map(|(name, _)| name).collect();
    for difference in &DIFFERENCES {
        assert!(
            named.contains(&difference.name),
            "docs/config.md: {}",
            difference.name
        );
    }
}

#[test]
fn what_release_1_9_makes_of_it_is_written_down_without_a_difference() {
    for file in ["v1-read-as-v2.jsonl", "v1.jsonl", "v2.jsonl"] {
        let vectors = equivalence::cases(file);
        let cases: Vec<Case> = vectors
            .iter()
            .map(Case::of_vector)
            .chain(own_cases())
            .collect();
        for case in cases {
            let text = case.config.to_string();
            let old = read(&text, Some(Dialect::V2)).rules;
            let new = read(&migrated(&text, Effect::Release), Some(Dialect::V2)).rules;
            let found = equivalence::differences(&case.after(&new), &case.after(&old));
            assert!(found.is_empty(), "{}: {found:?}\n{text}", case.name);
        }
    }
}

#[test]
fn carrying_over_twice_changes_nothing() {
    for file in ["v1.jsonl", "v2.jsonl"] {
        for vector in equivalence::cases(file) {
            let text = serde_json::to_string_pretty(&vector["config"]).unwrap();
            for effect in [Effect::Kept, Effect::Release] {
                let once = migrated(&text, effect);
                assert_eq!(migrated(&once, effect), once, "{}", vector["name"]);
            }
        }
    }
}
