//! Configurations that are carried over have the effect that they had: dialect v1 on the old one and
//! dialect v2 on the new one make the same of every pod, but for the differences that are listed here,
//! each with its reason. A difference that is not listed fails, and so does one that is listed and no
//! longer there.
//!
//! What release 1.9 makes of the old configuration is the same without exception.

use std::collections::BTreeMap;
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
use serde_json::{Value as Json, json};

use super::applied::inject_into;
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
                new.resources.clone_from(&old.resources)
            })
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

/// A pod and the configuration for it.
struct Case {
    name: String,
    config: Json,
    pod: Json,
    namespace: String,
}

impl Case {
    fn of_vector(vector: &Json) -> Self {
        Self {
            name: vector["name"].as_str().unwrap().to_owned(),
            config: vector["config"].clone(),
            pod: vector["pod"].clone(),
            namespace: vector["namespace"].as_str().unwrap().to_owned(),
        }
    }

    fn after(&self, rules: &Rules) -> Json {
        inject_into(rules, &self.pod, &self.namespace, false).0
    }
}

fn migrated(text: &str, effect: Effect) -> String {
    let mut problems: Vec<Diagnostic> = Vec::new();
    let text = ConfigText::whole(Source::new("config", text));
    let new = migrate(&text, effect, &mut problems);
    new.unwrap_or_else(|| panic!("{problems:?}"))
}

/// Pods for what the recorded ones do not show.
fn own_cases() -> Vec<Case> {
    let pod = |annotation: &str, env: Json| {
        json!({
            "metadata": {"name": "own", "annotations": {annotation: ""}},
            "spec": {"containers": [{"name": "c", "image": "i:1", "env": env}]},
        })
    };
    let ddtrace = |more: Json| {
        let mut section = json!({
            "images": {"java_agent_image": "hub/java:1", "js_agent_image": "hub/js:1"},
            "envs": {"A": "b"},
        });
        for (key, value) in more.as_object().unwrap() {
            section[key] = value.clone();
        }
        json!({"admission_inject": {"ddtrace": section}})
    };
    let java = "admission.datakit/java-lib.version";
    let mut cases = Vec::new();
    let mut add = |name: &str, config: Json, pod: Json| {
        cases.push(Case {
            name: format!("own-{name}"),
            config,
            pod,
            namespace: "prod".to_owned(),
        });
    };
    let option = "-javaagent:/datadog-lib/dd-java-agent.jar";
    add(
        "loads-the-agent-already",
        ddtrace(json!({})),
        pod(
            java,
            json!([{"name": "JAVA_TOOL_OPTIONS", "value": option}]),
        ),
    );
    let mut injected = pod(java, json!([]));
    injected["spec"]["initContainers"] = json!([{"name": "datakit-lib-init", "image": "i:1",
        "volumeMounts": [{"name": "datakit-auto-instrument", "mountPath": "/datadog-lib"}]}]);
    injected["spec"]["volumes"] = json!([{"name": "datakit-auto-instrument", "emptyDir": {}}]);
    injected["spec"]["containers"][0]["volumeMounts"] =
        json!([{"name": "datakit-auto-instrument", "mountPath": "/datadog-lib"}]);
    add("lost-its-variable", ddtrace(json!({})), injected);
    let mut traced = pod(java, json!([]));
    traced["spec"]["initContainers"] = json!([{"name": "datakit-otel-lib-init", "image": "i:1"}]);
    add("has-otel", ddtrace(json!({})), traced);
    add("js", ddtrace(json!({})), pod(JS_LIB_VERSION, json!([])));
    let python = "admission.datakit/python-lib.version";
    let everywhere = json!([{"namespace": "*", "language": "java"}]);
    add(
        "no-image-and-a-namespace",
        ddtrace(json!({"enabled_namespaces": everywhere})),
        pod(python, json!([])),
    );
    add("no-image", ddtrace(json!({})), pod(python, json!([])));
    for amounts in [
        json!({}),
        json!({"limits": {}}),
        json!({"requests": {"cpu": ""}}),
    ] {
        let name = format!("resources {amounts}");
        add(
            &name,
            ddtrace(json!({"resources": amounts})),
            pod(java, json!([])),
        );
    }
    let secret = json!({"envs": {"A": "b", "SECRET": "{secretKeyRef:s.k}"}});
    add("secret", ddtrace(secret), pod(java, json!([])));
    // Rules that lead past others, and rules that leave pods out.
    let label = |text: &str, language: &str| json!({"labelselector": text, "language": language});
    let namespace = |text: &str, language: &str| json!({"namespace": text, "language": language});
    let lists = json!({
        "enabled_labelselectors": [label("tier=1", ""), label("app", "js"), label("app=x", "php"),
            label("!app,n", "ruby"), label("tier=2", ""), label("", "java")],
        "enabled_namespaces": [namespace("^prod$", "java"), namespace("test", ""),
            namespace("", "nodejs"), namespace("(", "java")],
    });
    let all = json!({"tier": ["1", "2", null], "app": ["x", "y", null], "n": ["1", null]});
    let mut number = 0;
    for tier in all["tier"].as_array().unwrap() {
        for app in all["app"].as_array().unwrap() {
            for n in all["n"].as_array().unwrap() {
                for namespace in ["prod", "my-test", "other"] {
                    let mut labels = serde_json::Map::new();
                    for (key, value) in [("tier", tier), ("app", app), ("n", n)] {
                        if !value.is_null() {
                            labels.insert(key.to_owned(), value.clone());
                        }
                    }
                    let mut pod = pod("x", json!([]));
                    pod["metadata"]["labels"] = Json::Object(labels);
                    number += 1;
                    cases.push(Case {
                        name: format!("own-lists-{number}"),
                        config: ddtrace(lists.clone()),
                        pod: pod.clone(),
                        namespace: namespace.to_owned(),
                    });
                    let mut profiler = lists.clone();
                    profiler["images"] = json!({"java_profiler_image": "hub/p:1"});
                    cases.push(Case {
                        name: format!("own-profiler-lists-{number}"),
                        config: json!({"admission_inject": {"profiler": profiler}}),
                        pod,
                        namespace: namespace.to_owned(),
                    });
                }
            }
        }
    }
    let profiler = |more: Json| {
        let mut section = json!({"images": {"java_profiler_image": "hub/java:1"}});
        for (key, value) in more.as_object().unwrap() {
            section[key] = value.clone();
        }
        json!({"admission_inject": {"profiler": section}})
    };
    for (name, more) in [
        ("profiler-without-variables", json!({})),
        (
            "profiler-with-a-language-left-out",
            json!({"enabled_namespaces": [namespace("prod", "")]}),
        ),
        (
            "profiler-for-a-namespace",
            json!({"enabled_namespaces": [namespace("test", "java")]}),
        ),
    ] {
        for language in ["java", "python"] {
            let annotation = format!("admission.datakit/{language}-profiler.version");
            cases.push(Case {
                name: format!("own-{name}-{language}"),
                config: profiler(more.clone()),
                pod: pod(&annotation, json!([])),
                namespace: "prod".to_owned(),
            });
        }
    }
    cases
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
            text.push_str(&format!("\n{}:\n", difference.name));
            for case in found.get(difference.name).into_iter().flatten() {
                text.push_str(&format!("  {case}\n"));
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
