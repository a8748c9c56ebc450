//! What was injected with one configuration is stale under another one, and is replaced so that it is
//! stale no more. What is current is never stale, and nothing of the user's is replaced.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what it cannot read, and says what it counted"
)]

mod equivalence;
mod random;
mod users;
mod writing;

use std::fs;

use datakit_inject::config::{self, Dialect, Rules};
use datakit_inject::diagnostic::Severity;
use datakit_inject::inject::Switches;
use datakit_inject::input;
use datakit_inject::report::Event;
use datakit_inject::rewrite::{Rewriter, Rewritten};
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use random::Random;
use serde_json::Value as Json;
use users::{Additions, add_to, all_names, without_additions};
use writing::{JsonLayout, YamlStyle, deployment};

/// Runs one kind of work over a text, which must come to no error.
fn run(rules: &Rules, work: Work, namespace: &str, text: &str) -> Rewritten {
    run_after(rules, None, work, namespace, text)
}

/// The same where it is known by what the injections were made.
fn run_after(
    rules: &Rules,
    previous: Option<&Rules>,
    work: Work,
    namespace: &str,
    text: &str,
) -> Rewritten {
    let lookup = Lookup {
        carriers: Vec::new(),
        namespace: namespace.to_owned(),
    };
    let rewriter = Rewriter {
        rules,
        work,
        switches: &Switches::default(),
        any_logs: false,
        previous,
        lookup: &lookup,
        format: None,
        tells_untouched: false,
        tells_missing: false,
        tells_stale: work == Work::Inject,
        limits: &datakit_inject::limits::Limits::USUAL,
    };
    let done = rewriter.rewrite(&Source::new("manifest", text), 1);
    for event in &done.events {
        if let Event::Diagnostic(one) = event {
            assert!(one.severity != Severity::Error, "{one:?}\n{text}");
        }
    }
    done
}

/// What is said of injections that are stale.
fn stale(done: &Rewritten) -> Vec<&str> {
    let stale = done.events.iter().filter_map(|event| match event {
        Event::Stale(one) => Some(one.message.as_str()),
        _ => None,
    });
    stale.collect()
}

fn rules(config: &Json, dialect: Option<Dialect>) -> Rules {
    let source = Source::new("config", config.to_string());
    let config = config::from_json(&source, dialect, &mut Vec::new());
    config.unwrap().rules
}

fn difference(one: &str, other: &str) -> String {
    let diff = similar::TextDiff::from_lines(one, other);
    diff.unified_diff().context_radius(2).to_string()
}

const FILES: [(&str, Dialect); 3] = [
    ("v1.jsonl", Dialect::V1),
    ("v2.jsonl", Dialect::V2),
    ("v1-read-as-v2.jsonl", Dialect::V2),
];

/// A pod in four forms.
fn forms(pod: &Json, number: usize) -> [(&'static str, String); 4] {
    let other = number + 389;
    let deployed = deployment(pod, other);
    [
        ("pod.yaml", YamlStyle::of(number).write(pod)),
        ("pod.json", JsonLayout::of(number).write(pod)),
        ("deployment.yaml", YamlStyle::of(other).write(&deployed)),
        ("deployment.json", JsonLayout::of(other).write(&deployed)),
    ]
}

/// Whether a start-up variable of the user's names a library already.
fn names_a_library(pod: &Json) -> bool {
    let containers = pod["spec"]["containers"].as_array().into_iter().flatten();
    let mut variables = containers.flat_map(|own| own["env"].as_array().into_iter().flatten());
    variables.any(|own| {
        let text = own["value"].as_str().unwrap_or_default();
        text.contains("/datadog-lib") || text.contains("/otel-auto-instrumentation")
    })
}

fn finish(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn what_is_current_is_not_stale() {
    let (mut checked, mut number) = (0, 0);
    let mut failures = Vec::new();
    for (file, dialect) in FILES {
        for case in equivalence::cases(file) {
            number += 1;
            let rules = rules(&case["config"], Some(dialect));
            let namespace = case["namespace"].as_str().unwrap();
            // Something of the operator's may have been there before.
            let bare = run(&rules, Work::Inject, namespace, &case["pod"].to_string());
            if !stale(&bare).is_empty() || names_a_library(&case["pod"]) {
                continue;
            }
            let mut texts = Vec::new();
            if number % 2 == 0 {
                texts.push(("the operator's", case["expect"].to_string()));
            }
            let (form, text) = &forms(&case["pod"], number)[number % 4];
            texts.push((form, run(&rules, Work::Inject, namespace, text).text()));
            for (form, text) in texts {
                checked += 1;
                let again = run(&rules, Work::Inject, namespace, &text);
                let found = stale(&again);
                if !found.is_empty() {
                    failures.push(format!("{} {form}: {found:?}\n{text}", case["name"]));
                }
                let refreshed = run(&rules, Work::Refresh, namespace, &text);
                if found.is_empty() && refreshed.text() != again.text() {
                    let what = difference(&again.text(), &refreshed.text());
                    failures.push(format!("{} {form} is refreshed\n{what}", case["name"]));
                }
            }
        }
    }
    println!("{checked} documents are current");
    finish(&failures);
    assert!(checked > 1000, "{checked}");
}

/// Start-up variables that a user may have, of every language: none is what an injection makes alone,
/// which nobody can tell from one that it made.
const OWN_STARTUP: [(&str, &str); 12] = [
    ("PYTHONPATH", "/datadog-lib/:/app"),
    ("PYTHONPATH", "/app:/datadog-lib/"),
    ("PYTHONPATH", "/app:/datadog-lib/:/datadog-lib/"),
    (
        "NODE_OPTIONS",
        "--require=/datadog-lib/node_modules/dd-trace/init --x",
    ),
    (
        "NODE_OPTIONS",
        "--require=/datadog-lib/node_modules/dd-trace/init",
    ),
    (
        "NODE_OPTIONS",
        "--require /otel-auto-instrumentation-nodejs/autoinstrumentation.js --x",
    ),
    (
        "JAVA_TOOL_OPTIONS",
        "-javaagent:/datadog-lib/dd-java-agent.jar -Xmx1g",
    ),
    (
        "JAVA_TOOL_OPTIONS",
        "-javaagent:/datadog-lib/dd-java-agent.jar",
    ),
    (
        "JAVA_TOOL_OPTIONS",
        "-Xmx1g -javaagent:/datadog-lib/dd-java-agent.jar=a=b -javaagent:/datadog-lib/dd-java-agent.jar",
    ),
    (
        "JAVA_TOOL_OPTIONS",
        "-Xmx1g -javaagent:/otel-auto-instrumentation-java/javaagent.jar",
    ),
    ("PHP_INI_SCAN_DIR", "/conf:/datadog-lib"),
    ("DD_LOADER_PACKAGE_PATH", "/opt/loader"),
];

/// Puts some of them into a pod's containers.
fn with_own_startup(pod: &Json, random: &mut Random) -> Json {
    let mut pod = pod.clone();
    let containers = pod["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        let Some(container) = container.as_object_mut() else {
            continue;
        };
        let env = container.entry("env").or_insert(Json::Null);
        if env.is_null() {
            *env = Json::Array(Vec::new());
        }
        let Some(env) = env.as_array_mut() else {
            continue;
        };
        for _ in 0..=random.below(3) {
            let (name, value) = OWN_STARTUP[random.below(OWN_STARTUP.len())];
            if env.iter().all(|own| own["name"] != name) {
                let place = random.below(env.len() + 1);
                env.insert(place, serde_json::json!({"name": name, "value": value}));
            }
        }
    }
    pod
}

/// What names a library in a user's own start-up variable stays the user's, whatever its language, as long
/// as the library is there.
#[test]
fn what_was_injected_just_now_is_not_stale() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut checked, mut failures) = (0, Vec::new());
    for (file, dialect) in FILES {
        for case in equivalence::cases(file) {
            let before = rules(&case["config"], Some(dialect));
            let after = rules(&another(&case["config"]), Some(dialect));
            let namespace = case["namespace"].as_str().unwrap();
            let bare = run(&before, Work::Inject, namespace, &case["pod"].to_string());
            if !stale(&bare).is_empty() || names_a_library(&case["pod"]) {
                continue;
            }
            let pod = with_own_startup(&case["pod"], &mut random);
            let injected = run(&before, Work::Inject, namespace, &pod.to_string()).text();
            checked += 1;
            for previous in [None, Some(&before)] {
                let known = if previous.is_some() {
                    " after itself"
                } else {
                    ""
                };
                let check = |work| run_after(&before, previous, work, namespace, &injected);
                let found = check(Work::Inject);
                if !stale(&found).is_empty() || found.text() != injected {
                    let found = stale(&found);
                    failures.push(format!("{}{known}: {found:?}\n{injected}", case["name"]));
                }
                let refreshed = check(Work::Refresh).text();
                if refreshed != injected {
                    let what = difference(&injected, &refreshed);
                    failures.push(format!("{}{known} is refreshed\n{what}", case["name"]));
                }
                // And it stays under a newer configuration.
                let newer = run_after(&after, previous, Work::Refresh, namespace, &injected);
                let newer: Json = serde_json::from_str(&newer.text()).unwrap();
                for (container, new) in containers(&pod).zip(containers(&newer)) {
                    for (name, value) in OWN_STARTUP {
                        let has = |container: &Json| {
                            let env = container["env"].as_array().into_iter().flatten();
                            let mut env = env.filter(|own| own["name"] == name);
                            env.any(|own| {
                                own["value"].as_str().is_some_and(|own| own.contains(value))
                            })
                        };
                        if has(container) && !has(new) {
                            failures.push(format!(
                                "{}{known}: {name} has lost {value}\n{injected}\n{newer}",
                                case["name"]
                            ));
                        }
                    }
                }
            }
        }
    }
    println!("{checked} pods are current");
    finish(&failures);
    assert!(checked > 500, "{checked}");
}

fn containers(pod: &Json) -> impl Iterator<Item = &Json> {
    pod["spec"]["containers"].as_array().into_iter().flatten()
}

/// Another configuration of the same rules: other images, other and more variables, other resources.
fn another(config: &Json) -> Json {
    match config {
        Json::Object(entries) => {
            let changed = entries.iter().map(|(key, value)| {
                let is_image = key == "image" || key.ends_with("_image");
                let value = match (key.as_str(), value) {
                    (_, Json::String(text)) if is_image && !text.is_empty() => {
                        Json::String(format!("{text}-new"))
                    }
                    ("envs", Json::Object(envs)) => {
                        let mut new = serde_json::Map::new();
                        for (index, (key, value)) in envs.iter().enumerate() {
                            let value = match value.as_str() {
                                Some(text)
                                    if index % 2 == 1
                                        && !text.starts_with('{')
                                        && key != "DD_TAGS"
                                        && !key.starts_with("FLAMESHOT") =>
                                {
                                    Json::String(format!("{text}-new"))
                                }
                                _ => value.clone(),
                            };
                            new.insert(key.clone(), value);
                        }
                        new.insert("ADDED_SINCE".to_owned(), Json::String("x".to_owned()));
                        Json::Object(new)
                    }
                    ("cpu", Json::String(_)) => Json::String("77m".to_owned()),
                    (_, value) => another(value),
                };
                (key.clone(), value)
            });
            Json::Object(changed.collect())
        }
        Json::Array(items) => items.iter().map(another).collect(),
        other => other.clone(),
    }
}

/// The same with logs of other directories.
fn with_other_logs(config: &Json) -> Json {
    match config {
        Json::Object(entries) => {
            let changed = entries.iter().map(|(key, value)| {
                let value = match value {
                    Json::String(text) if key == "config" => {
                        Json::String(text.replace("/var/log", "/var/other"))
                    }
                    value => with_other_logs(value),
                };
                (key.clone(), value)
            });
            Json::Object(changed.collect())
        }
        Json::Array(items) => items.iter().map(with_other_logs).collect(),
        other => other.clone(),
    }
}

/// What happens to a document that was injected with one configuration, under another one.
fn replace(
    title: &str,
    rules: (&Rules, &Rules),
    namespace: &str,
    text: &str,
    failures: &mut Vec<String>,
) -> bool {
    let (before, after) = rules;
    let injected = run(before, Work::Inject, namespace, text);
    if !injected.changed {
        return false;
    }
    let injected = injected.text();
    let found = run(after, Work::Inject, namespace, &injected);
    let refreshed = run(after, Work::Refresh, namespace, &injected);
    if stale(&found).is_empty() == (refreshed.text() != found.text()) {
        let what = difference(&injected, &refreshed.text());
        failures.push(format!("{title}: {:?}, but\n{what}", stale(&found)));
    }
    let once = refreshed.text();
    let twice = run(after, Work::Refresh, namespace, &once).text();
    if twice != once {
        failures.push(format!(
            "{title}: changes its own output\n{}",
            difference(&once, &twice)
        ));
    }
    let checked = run(after, Work::Inject, namespace, &once);
    if !stale(&checked).is_empty() || checked.changed {
        let what = difference(&once, &checked.text());
        failures.push(format!(
            "{title}: is still stale: {:?}\n{what}\n{}",
            stale(&checked),
            difference(&injected, &once)
        ));
    }
    !stale(&found).is_empty()
}

#[test]
fn what_was_stale_is_current_afterwards() {
    let (mut replaced, mut number) = (0, 0);
    let mut failures = Vec::new();
    for (file, dialect) in FILES {
        for case in equivalence::cases(file) {
            number += 1;
            if names_a_library(&case["pod"]) {
                continue;
            }
            let before = rules(&case["config"], Some(dialect));
            let after = rules(&another(&case["config"]), Some(dialect));
            let namespace = case["namespace"].as_str().unwrap();
            // Each in one form and one direction, which change at different paces.
            let (form, text) = &forms(&case["pod"], number)[number % 4];
            let title = format!("{} {form}", case["name"]);
            let rules = match number % 3 {
                0 => (&after, &before),
                _ => (&before, &after),
            };
            replaced += usize::from(replace(&title, rules, namespace, text, &mut failures));
        }
    }
    println!("{replaced} documents replaced");
    finish(&failures);
    assert!(replaced > 500, "{replaced}");
}

#[test]
fn real_manifests_that_were_stale_are_current_afterwards() {
    let Some(root) = std::env::var_os("DATAKIT_INJECT_CORPUS") else {
        println!("DATAKIT_INJECT_CORPUS is not set: nothing is read");
        return;
    };
    let config = include_str!("../testdata/config/everywhere.json");
    let config: Json = serde_json::from_str(config).unwrap();
    let (before, after) = (rules(&config, None), rules(&another(&config), None));
    let (mut replaced, mut failures) = (0, Vec::new());
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let ending = path.extension().unwrap_or_default();
        if !["yaml", "yml", "json"].iter().any(|own| ending == *own) {
            continue;
        }
        let name = path.display().to_string();
        let source = input::source(name.clone(), fs::read(&path).unwrap()).unwrap();
        for rules in [(&before, &after), (&after, &before)] {
            let done = replace(&name, rules, "default", source.text(), &mut failures);
            replaced += usize::from(done);
        }
    }
    println!("{replaced} files replaced");
    finish(&failures);
    assert!(replaced > 400, "{replaced}");
}

/// A pod whose lists have no order, and neither have tags.
fn unordered(value: &Json) -> Json {
    match value {
        Json::Object(entries) => {
            let is_tags = entries.get("name").and_then(Json::as_str) == Some("DD_TAGS");
            let entries = entries.iter().map(|(key, value)| {
                let value = match value {
                    Json::String(tags) if is_tags && key == "value" => {
                        let mut tags: Vec<&str> = tags.split(',').collect();
                        tags.sort_unstable();
                        Json::String(tags.join(","))
                    }
                    value => unordered(value),
                };
                (key.clone(), value)
            });
            Json::Object(entries.collect())
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(unordered).collect();
            let key = |own: &Json| (own["name"].to_string(), own["mountPath"].to_string());
            items.sort_by_key(key);
            Json::Array(items)
        }
        other => other.clone(),
    }
}

/// Where the configuration before is known, nothing of it is left.
#[test]
fn what_is_replaced_is_what_would_be_injected() {
    let (mut replaced, mut failures) = (0, Vec::new());
    for (file, dialect) in FILES {
        for case in equivalence::cases(file) {
            let pod = &case["pod"];
            if names_a_library(pod) {
                continue;
            }
            let before = rules(&case["config"], Some(dialect));
            let after = with_other_logs(&another(&case["config"]));
            let after = rules(&after, Some(dialect));
            let namespace = case["namespace"].as_str().unwrap();
            let text = pod.to_string();
            let bare = run(&before, Work::Remove, namespace, &text);
            let injected = run(&before, Work::Inject, namespace, &text).text();
            let back = run(&before, Work::Remove, namespace, &injected).text();
            // What cannot be told from the user's own is another test's business.
            if bare.changed || injected == text || back != text {
                continue;
            }
            let refresh =
                |text: &str| run_after(&after, Some(&before), Work::Refresh, namespace, text);
            let refreshed = refresh(&injected).text();
            let again = refresh(&refreshed);
            if again.text() != refreshed {
                failures.push(format!("{}: changes its own output", case["name"]));
            }
            let is_told = |event: &Event| matches!(event, Event::Diagnostic(one) if one.code == "injection-not-refreshed");
            if again.events.iter().any(is_told) {
                failures.push(format!(
                    "{}: says that it is not as it should be",
                    case["name"]
                ));
            }
            let read = |text: &str| unordered(&serde_json::from_str(text).unwrap());
            let wanted = run(&after, Work::Inject, namespace, &text).text();
            let problems = equivalence::differences(&read(&refreshed), &read(&wanted));
            if !problems.is_empty() {
                failures.push(format!("{}: {problems:?}\n{injected}", case["name"]));
            }
            replaced += 1;
        }
    }
    println!("{replaced} pods are what they would be");
    finish(&failures);
    assert!(replaced > 400, "{replaced}");
}

#[test]
fn what_a_user_has_added_is_not_touched() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut checked, mut kept, mut failures) = (0, 0, Vec::new());
    for (file, dialect) in FILES {
        for case in equivalence::cases(file) {
            let before = rules(&case["config"], Some(dialect));
            let after = rules(&another(&case["config"]), Some(dialect));
            let namespace = case["namespace"].as_str().unwrap();
            let pod = &case["pod"];
            let injected = run(&before, Work::Inject, namespace, &pod.to_string());
            let has_own =
                !stale(&run(&before, Work::Inject, namespace, &pod.to_string())).is_empty();
            if !injected.changed || has_own || names_a_library(pod) {
                continue;
            }
            let injected: Json = serde_json::from_str(&injected.text()).unwrap();
            let Additions {
                template,
                names,
                texts,
            } = add_to(pod, &injected, &mut random);
            checked += 1;
            let layout = JsonLayout::of(checked);
            let refresh = |value: &Json| -> (Vec<&'static str>, Json) {
                let text = layout.write(value);
                let done = run(&after, Work::Refresh, namespace, &text);
                let codes = done.events.iter().filter_map(|event| match event {
                    Event::Diagnostic(one) => Some(one.code),
                    _ => None,
                });
                (codes.collect(), serde_json::from_str(&done.text()).unwrap())
            };
            let (codes, mut after) = refresh(&template);
            let all = after.to_string();
            let mut found = Vec::new();
            all_names(&after, &mut found);
            for name in &names {
                if !found.contains(name) {
                    failures.push(format!("{}: {name} is gone\n{template}", case["name"]));
                }
            }
            for (_, key, _) in &texts {
                let kept = all.matches("-Da=1 ").count();
                if kept < texts.len() || all.matches(" -Db=2").count() < texts.len() {
                    failures.push(format!(
                        "{}: the text in {key} is gone\n{all}",
                        case["name"]
                    ));
                }
            }
            // What the user added may keep a library from being injected, or a variable from being told
            // from the user's own: that is said, and all stays as it is.
            let told = ["injection-not-refreshed", "variable-kept"];
            if told.iter().any(|code| codes.contains(code)) {
                kept += 1;
                continue;
            }
            without_additions(&mut after);
            let (_, mut wanted) = refresh(&injected);
            for pod in [&mut after, &mut wanted] {
                for container in pod["spec"]["containers"].as_array_mut().unwrap() {
                    if let Some(env) = container.get_mut("env").and_then(Json::as_array_mut) {
                        env.retain(|own| !texts.iter().any(|(_, key, _)| own["name"] == **key));
                    }
                }
            }
            let mut problems = equivalence::differences(&unordered(&after), &unordered(&wanted));
            problems.retain(|own| !own.ends_with("expected null") && !own.contains("[], expected"));
            if !problems.is_empty() {
                failures.push(format!("{}: {problems:?}\n{template}", case["name"]));
            }
        }
    }
    println!("{checked} pods, {kept} of them left as they are");
    finish(&failures);
    assert!(checked > 500 && kept < checked / 4, "{checked}, {kept}");
}
