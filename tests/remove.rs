//! What was injected comes out again: to the same bytes, but where something of the user's was
//! replaced or rewritten, or is the same as what is injected. Those cases are the variants of
//! [`Cause`], and nothing but what they name may be different afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what it cannot read, and says what it counted"
)]

mod causes;
mod equivalence;
mod random;
mod users;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use causes::{Cause, causes, configured, differences, drop_empty, items, name, templates};
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
    let lookup = Lookup {
        carriers: Vec::new(),
        namespace: namespace.to_owned(),
    };
    let rewriter = Rewriter {
        rules,
        work,
        switches: &Switches::default(),
        any_logs: false,
        previous: None,
        lookup: &lookup,
        format: None,
        tells_untouched: false,
        tells_missing: false,
        tells_stale: false,
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

fn codes(done: &Rewritten) -> Vec<&'static str> {
    let codes = done.events.iter().filter_map(|event| match event {
        Event::Diagnostic(one) => Some(one.code),
        _ => None,
    });
    codes.collect()
}

fn difference(one: &str, other: &str) -> String {
    let diff = similar::TextDiff::from_lines(one, other);
    diff.unified_diff().context_radius(2).to_string()
}

fn read(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let mut value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        value.apply_merge().unwrap();
        serde_json::to_value(value).unwrap()
    })
}

/// What was counted.
#[derive(Default)]
struct Tally {
    /// Documents to which something was injected.
    injected: usize,
    same: usize,
    causes: BTreeMap<String, usize>,
    failures: Vec<String>,
}

impl Tally {
    /// Injects, takes out again, and compares.
    fn check(
        &mut self,
        title: &str,
        rules: &Rules,
        config: &[(String, String)],
        namespace: &str,
        text: &str,
    ) {
        let injected = run(rules, Work::Inject, namespace, text);
        if !injected.changed {
            return;
        }
        self.injected += 1;
        let after = injected.text();
        let removed = run(rules, Work::Remove, namespace, &after);
        let back = removed.text();
        let again = run(rules, Work::Remove, namespace, &back).text();
        if again != back {
            let what = difference(&back, &again);
            self.fail(
                title,
                &format!("a second run changes its own output\n{what}"),
            );
        }
        // Of what was injected before, more comes out than was put in just now.
        let bare = run(rules, Work::Remove, namespace, text).text();
        if back == text || back == bare {
            self.same += 1;
            return;
        }
        let (before, injected_value) = (read(text), read(&after));
        let mut all = BTreeSet::new();
        for (before, after) in templates(&before).iter().zip(templates(&injected_value)) {
            all.extend(causes(before, &after, config));
        }
        let notes = codes(&injected);
        if notes.contains(&"alias-expanded") || notes.contains(&"merged-key-written-out") {
            all.insert(Cause::Alias);
        }
        *self.causes.entry(format!("{all:?}")).or_default() += 1;
        if all.is_empty() {
            let what = difference(text, &back);
            return self.fail(title, &format!("is different for no known cause\n{what}"));
        }
        let (back_value, original) = (templates(&read(&back)), templates(&read(&bare)));
        for (back, original) in back_value.into_iter().zip(original) {
            let problems = differences(back, original, &all, config);
            if !problems.is_empty() {
                let what = difference(
                    text,
                    &self::run(rules, Work::Remove, namespace, &after).text(),
                );
                self.fail(title, &format!("{all:?}\n{}\n{what}", problems.join("\n")));
            }
        }
    }

    fn fail(&mut self, title: &str, what: &str) {
        self.failures.push(format!("{title}: {what}"));
    }

    fn finish(self, least: usize) {
        let mut text = String::new();
        for (causes, count) in &self.causes {
            writeln!(text, "{count:>5} {causes}").unwrap();
        }
        let Self {
            injected,
            same,
            failures,
            ..
        } = self;
        println!("{injected} documents injected, {same} come out to the same bytes\n{text}");
        assert!(
            failures.is_empty(),
            "{} failures\n{}",
            failures.len(),
            failures.join("\n")
        );
        assert!(same >= least, "{same} of {injected}, expected {least}");
    }
}

#[test]
fn the_operators_pods_come_out_as_they_were() {
    let mut tally = Tally::default();
    let files = [
        ("v1.jsonl", Dialect::V1),
        ("v2.jsonl", Dialect::V2),
        ("v1-read-as-v2.jsonl", Dialect::V2),
    ];
    let mut number = 0;
    for (file, dialect) in files {
        for case in equivalence::cases(file) {
            number += 1;
            let source = Source::new("config", case["config"].to_string());
            let rules = config::from_json(&source, Some(dialect), &mut Vec::new()).unwrap();
            let configured = configured(&case["config"]);
            let namespace = case["namespace"].as_str().unwrap();
            let pod = &case["pod"];
            let deployed = deployment(pod, number + 389);
            let yaml = |value: &Json| YamlStyle::of(number + 389).write(value);
            let json = |value: &Json| JsonLayout::of(number).write(value);
            // Each in two forms of four.
            let forms = match number % 2 {
                0 => [
                    ("pod.yaml", yaml(pod)),
                    ("deployment.json", json(&deployed)),
                ],
                _ => [
                    ("pod.json", json(pod)),
                    ("deployment.yaml", yaml(&deployed)),
                ],
            };
            for (form, text) in forms {
                let title = format!("{} {form}", case["name"]);
                tally.check(&title, &rules.rules, &configured, namespace, &text);
            }
        }
    }
    tally.finish(1300);
}

/// A value with its keys in the order of the alphabet, as `kubectl get` writes it.
fn sorted(value: &Json) -> Json {
    match value {
        Json::Object(entries) => {
            let sorted: BTreeMap<&String, Json> = entries
                .iter()
                .map(|(key, own)| (key, sorted(own)))
                .collect();
            sorted
                .into_iter()
                .map(|(key, own)| (key.clone(), own))
                .collect()
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// What the operator itself put into a pod comes out of what the cluster has, too.
#[test]
fn the_operators_own_results_are_cleaned() {
    let files = [
        ("v1.jsonl", Dialect::V1),
        ("v2.jsonl", Dialect::V2),
        ("v1-read-as-v2.jsonl", Dialect::V2),
    ];
    let (mut changed, mut exact, mut number) = (0, 0, 0);
    let mut failures = Vec::new();
    for (file, dialect) in files {
        for case in equivalence::cases(file) {
            number += 1;
            let (pod, expect) = (&case["pod"], &case["expect"]);
            if equivalence::differences(pod, expect).is_empty() {
                continue;
            }
            let source = Source::new("config", case["config"].to_string());
            let rules = config::from_json(&source, Some(dialect), &mut Vec::new()).unwrap();
            let configured = configured(&case["config"]);
            let namespace = case["namespace"].as_str().unwrap();
            let clean = |text: &str| {
                let done = run(&rules.rules, Work::Remove, namespace, text);
                (done.changed, read(&done.text()))
            };
            let (_, mut bare) = clean(&pod.to_string());
            drop_empty(&mut bare);
            let exported = sorted(expect);
            let exported = match number % 2 {
                0 => YamlStyle::of(number).write(&exported),
                _ => JsonLayout::of(number).write(&exported),
            };
            let texts = [expect.to_string(), exported];
            for text in texts {
                let (was_changed, mut back) = clean(&text);
                changed += usize::from(was_changed);
                // A list in brackets among block style stays, as an empty one.
                drop_empty(&mut back);
                if equivalence::differences(&back, &bare).is_empty() {
                    exact += 1;
                    continue;
                }
                let causes = causes(pod, expect, &configured);
                let problems = differences(back, bare.clone(), &causes, &configured);
                if causes.is_empty() || !problems.is_empty() {
                    failures.push(format!("{} {causes:?}: {problems:?}\n{text}", case["name"]));
                }
            }
        }
    }
    println!("{changed} results cleaned, {exact} are the pod that was");
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(exact >= 1300, "{exact} of {changed}");
}

#[test]
fn real_manifests_come_out_as_they_were() {
    let Some(root) = std::env::var_os("DATAKIT_INJECT_CORPUS") else {
        println!("DATAKIT_INJECT_CORPUS is not set: nothing is read");
        return;
    };
    let json = include_str!("../testdata/config/everywhere.json");
    let source = Source::new("everywhere.json", json);
    let rules = config::from_json(&source, None, &mut Vec::new()).unwrap();
    let configured = configured(&serde_json::from_str(json).unwrap());
    let mut tally = Tally::default();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry.unwrap().into_path();
        let is_manifest =
            |ending: &std::ffi::OsStr| ["yaml", "yml", "json"].iter().any(|own| ending == *own);
        if !path.extension().is_some_and(is_manifest) {
            continue;
        }
        let name = path.display().to_string();
        let source = input::source(name.clone(), fs::read(&path).unwrap()).unwrap();
        let whole = run(&rules.rules, Work::Inject, "default", source.text());
        for (old, new) in whole.pairs() {
            if old != new {
                tally.check(&name, &rules.rules, &configured, "default", old);
            }
        }
    }
    tally.finish(340);
}

/// Scalars as people write them, with `@` where the lines of their text are indented.
const WRITTEN: [&str; 25] = [
    "-Xmx1g",
    "-Xmx1g -Xms1g  # enough",
    "-Xmx1g -Da=[1,2] -Db={x}",
    "-Xmx1g\n@-Xms1g",
    "/app",
    "/app:/lib",
    "./app lib",
    "x",
    "\"-Xmx1g\"",
    "'-Xmx1g -Da=''b'''",
    "\"-Xmx1g\n@-Xms1g\"",
    "\"12\"",
    "\"yes\"",
    ">-\n@-Xmx1g\n@-Xms1g",
    ">-\n@-Xmx1g",
    ">\n@-Xmx1g\n@-Xms1g",
    ">\n@-Xmx1g",
    ">  # folded\n@-Xmx1g\n@-Xms1g",
    "> # folded\n@-Xmx1g\n\n@-Xms1g",
    ">-\n@-Xmx1g\n@  -Xms1g",
    "|-\n@-Xmx1g",
    "|-\n@-Xmx1g\n@-Xms1g",
    "|\n@-Xmx1g\n@-Xms1g",
    "|\n@-Xmx1g  # text",
    "-Da=b:c -De=http://x/y#z",
];

/// A start-up variable that was extended comes back in the style in which it was written.
#[test]
fn start_up_variables_come_back_as_they_were_written() {
    let variables = [
        ("ddtraces", "java", "JAVA_TOOL_OPTIONS"),
        ("ddtraces", "python", "PYTHONPATH"),
        ("ddtraces", "nodejs", "NODE_OPTIONS"),
        ("ddtraces", "php", "PHP_INI_SCAN_DIR"),
        ("otels", "java", "JAVA_TOOL_OPTIONS"),
        ("otels", "python", "PYTHONPATH"),
        ("otels", "nodejs", "NODE_OPTIONS"),
    ];
    let mut failures = Vec::new();
    for (injection, language, name) in variables {
        let config = format!(
            r#"{{"admission_inject_v2": {{"{injection}": [{{"namespace_selectors": ["*"],
            "language": "{language}", "image": "i:1"}}]}}}}"#
        );
        let source = Source::new("config", config);
        let rules = config::from_json(&source, None, &mut Vec::new()).unwrap();
        for written in WRITTEN.map(|own| own.replace('@', "            ")) {
            // `docs/remove.md` names these: text at both ends, and text behind a line break.
            let both_ends = injection == "otels" && language == "python";
            let is_folded = written.starts_with('>') || written.starts_with("\"-Xmx1g\n");
            let ends_in_break = written.starts_with('>') && !written.starts_with(">-");
            if both_ends && is_folded || language == "php" && ends_in_break {
                continue;
            }
            for behind in ["", "\n", "        # - name: B\n"] {
                for newline in ["\n", "\r\n"] {
                    let text = format!(
                        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    \
                         - name: a\n      env:\n        - name: {name}\n          value: {written}\n{behind}\
                         \x20       - name: B\n          value: b\n      image: i:1\n"
                    );
                    let text = text.replace('\n', newline);
                    let injected = run(&rules.rules, Work::Inject, "default", &text);
                    assert!(injected.changed, "{text}");
                    let injected = injected.text();
                    let back = run(&rules.rules, Work::Remove, "default", &injected).text();
                    if back != text {
                        let what = difference(&text, &back);
                        failures.push(format!("{injection} {language} {written:?}\n{what}"));
                    }
                }
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn nothing_of_the_users_is_taken() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut checked, mut kept, mut around) = (0, 0, 0);
    let mut failures = Vec::new();
    for (file, dialect) in [("v1.jsonl", Dialect::V1), ("v2.jsonl", Dialect::V2)] {
        for case in equivalence::cases(file) {
            let source = Source::new("config", case["config"].to_string());
            let rules = config::from_json(&source, Some(dialect), &mut Vec::new()).unwrap();
            let namespace = case["namespace"].as_str().unwrap();
            let pod = &case["pod"];
            let done = run(&rules.rules, Work::Inject, namespace, &pod.to_string());
            let injected = read(&done.text());
            let configured = configured(&case["config"]);
            let causes = causes(pod, &injected, &configured);
            let names_twice = [Cause::SameName, Cause::SameText, Cause::EmptyVariable];
            if !done.changed || names_twice.iter().any(|own| causes.contains(own)) {
                continue;
            }
            checked += 1;
            let Additions {
                template,
                names,
                texts,
            } = add_to(pod, &injected, &mut random);
            let clean = |value: &Json| {
                let text = JsonLayout::of(checked).write(value);
                read(&run(&rules.rules, Work::Remove, namespace, &text).text())
            };
            let mut back = clean(&template);
            let mut found = Vec::new();
            all_names(&back, &mut found);
            for name in &names {
                kept += 1;
                if !found.contains(name) {
                    failures.push(format!("{}: {name} is gone\n{back}", case["name"]));
                }
            }
            for (container, key, expected) in &texts {
                around += 1;
                let container =
                    items(&back["spec"], "containers").find(|own| name(own) == container);
                let variable = items(container.unwrap(), "env").find(|own| name(own) == key);
                let text = variable.and_then(|own| own["value"].as_str());
                if text != Some(expected) {
                    failures.push(format!(
                        "{}: {key} is {text:?}, expected {expected:?}",
                        case["name"]
                    ));
                }
            }
            // The rest is what it would be without the user's additions.
            let mut expected = clean(&injected);
            without_additions(&mut back);
            for template in [&mut back, &mut expected] {
                drop_empty(template);
                let containers = template["spec"]["containers"].as_array_mut().unwrap();
                for container in containers {
                    if let Some(env) = container.get_mut("env").and_then(Json::as_array_mut) {
                        env.retain(|own| !texts.iter().any(|(_, key, _)| key == name(own)));
                    }
                }
                drop_empty(template);
            }
            let problems = differences(back, expected, &causes, &configured);
            if !problems.is_empty() {
                failures.push(format!("{}: {problems:?}\n{template}", case["name"]));
            }
        }
    }
    println!("{checked} pods, {kept} things and {around} texts of a user's");
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(checked > 400 && kept > 2000 && around > 150);
}

/// A document with some lines taken out, doubled, moved in or out, or cut short.
fn faulty(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(2) {
        let at = random.below(lines.len());
        match random.below(8) {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at].insert(0, ' '),
            3 => lines.insert(at, "  # a comment\n".to_owned()),
            4 => lines.insert(at, "        # a comment\n".to_owned()),
            5 => lines.insert(at, "\n".to_owned()),
            6 => lines.truncate(at + 1),
            _ => {
                let end = lines[at].trim_end().len();
                lines[at].truncate(end);
                let more = [
                    "", " # c\n", ": x\n", " |\n", " []\n", " &a\n", " *a\n", " ~\n",
                ];
                lines[at].push_str(more[random.below(more.len())]);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.concat()
}

/// No document makes taking out or replacing fail inside, or change its own output.
#[test]
fn no_document_breaks_the_way_back() {
    let config = include_str!("../testdata/config/everywhere.json");
    let rules = |config: &str| {
        let source = Source::new("config.json", config.to_owned());
        config::from_json(&source, None, &mut Vec::new())
            .unwrap()
            .rules
    };
    let (before, after) = (
        rules(config),
        rules(&config.replace(":v1.55.10", ":v2").replace("9533", "1")),
    );
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let seeds = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
    let seeds = seeds
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter(|text| text.contains("containers:") && text.len() < 3000);
    let seeds: Vec<String> = seeds
        .map(|text| attempt(&before, Work::Inject, &text).unwrap_or(text))
        .collect();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut removed, mut refreshed) = (0, 0);
    for _ in 0..1_500 {
        let text = faulty(&seeds[random.below(seeds.len())], &mut random);
        for (rules, work, count) in [
            (&before, Work::Remove, &mut removed),
            (&after, Work::Refresh, &mut refreshed),
        ] {
            let Some(once) = attempt(rules, work, &text) else {
                continue;
            };
            if once == text {
                continue;
            }
            *count += 1;
            let twice = attempt(rules, work, &once);
            assert!(
                twice.as_deref() == Some(&once),
                "{work:?} changes its own output\n{text}\n=>\n{once}\n=>\n{twice:?}"
            );
        }
    }
    println!("{removed} documents cleaned, {refreshed} refreshed");
    assert!(removed > 500 && refreshed > 500, "{removed}, {refreshed}");
}

/// What becomes of a text; nothing where it is refused. A fault of the program's own is a failure.
fn attempt(rules: &Rules, work: Work, text: &str) -> Option<String> {
    let lookup = Lookup::default();
    let rewriter = Rewriter {
        rules,
        work,
        switches: &Switches::default(),
        any_logs: false,
        previous: None,
        lookup: &lookup,
        format: None,
        tells_untouched: false,
        tells_missing: false,
        tells_stale: false,
        limits: &datakit_inject::limits::Limits::USUAL,
    };
    let done = rewriter.rewrite(&Source::new("any", text), 1);
    let errors = done.events.iter().filter_map(|event| match event {
        Event::Diagnostic(one) if one.severity == Severity::Error => Some(one.code),
        _ => None,
    });
    let errors: Vec<&str> = errors.collect();
    assert!(!errors.contains(&"internal"), "{:?}\n{text}", done.events);
    errors.is_empty().then(|| done.text())
}
