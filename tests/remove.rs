//! What was injected comes out again: to the same bytes, but where something of the user's was
//! replaced or rewritten, or is the same as what is injected. Those cases are the variants of
//! [`Cause`], and `docs/remove.md` names them. Each is known by what stands in the manifest before it
//! is injected, and nothing but that may be different afterwards.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at what it cannot read, and says what it counted"
)]

mod equivalence;
mod random;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
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
use serde_json::{Value as Json, json};
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

/// Why a document does not come back as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    /// `restartPolicy` or `shareProcessNamespace` was there, and was replaced or is the same.
    Setting,
    /// `DD_TAGS` was there, was merged, and went to the end.
    Tags,
    /// A list or mapping that gets something was there without anything in it.
    Empty,
    /// A start-up variable was there without a text.
    EmptyVariable,
    /// A start-up variable named the library already.
    SameText,
    /// A variable was there as a rule sets it.
    SameVariable,
    /// A volume of the user's is shared with containers that did not mount it.
    Shared,
    /// A volume was there that nothing mounts, just as the profiler makes it.
    SameVolume,
    /// Something was there under a name of the operator's.
    SameName,
    /// PHP's variable was made, but not the one in front of it.
    PhpDirectory,
    /// An alias or a merge key was written out.
    Alias,
}

const STARTUP: [&str; 5] = [
    "JAVA_TOOL_OPTIONS",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "PHP_INI_SCAN_DIR",
    "DD_LOADER_PACKAGE_PATH",
];
const LIBRARIES: [&str; 2] = ["/datadog-lib", "/otel-auto-instrumentation"];
const EVERYDAY: [&str; 2] = ["tmp", "timezone"];

fn items<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> + use<'j> {
    value[key].as_array().into_iter().flatten()
}

fn name(value: &Json) -> &str {
    value["name"].as_str().unwrap_or_default()
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

fn is_empty_dir(volume: &Json) -> bool {
    volume.get("emptyDir").is_some_and(|own| !own.is_null())
}

/// The parts of a template to which things may be added, each with its key.
fn extensible(template: &Json) -> Vec<(&Json, &'static str)> {
    let spec = &template["spec"];
    let mut found = vec![
        (template, "metadata"),
        (&template["metadata"], "annotations"),
        (spec, "initContainers"),
        (spec, "volumes"),
    ];
    for container in items(spec, "containers") {
        found.extend([(container, "env"), (container, "volumeMounts")]);
    }
    found
}

/// The causes in a template, which became `after` when it was injected. `configured` are the texts of
/// the variables that rules set.
fn causes(before: &Json, after: &Json, configured: &[(String, String)]) -> BTreeSet<Cause> {
    let (spec, new) = (&before["spec"], &after["spec"]);
    let added = |list: &str, wanted: &str| {
        let has = |spec: &Json| items(spec, list).any(|own| name(own) == wanted);
        has(new) && !has(spec)
    };
    let profiles = ["datakit-profiler", "datakit-flameshot"];
    let profiles = profiles.iter().any(|own| added("containers", own));
    let traces = ["datakit-lib-init", "datakit-otel-lib-init"];
    let traces = traces.iter().any(|own| added("initContainers", own));
    let mut found = BTreeSet::new();
    let mut add = |cause, is_there: bool| {
        if is_there {
            found.insert(cause);
        }
    };
    let settings = ["restartPolicy", "shareProcessNamespace"];
    let has_setting = settings.iter().any(|key| spec.get(key).is_some());
    add(Cause::Setting, profiles && has_setting);
    let empty = |(around, key): &(&Json, &str)| around.get(key).is_some_and(is_empty);
    add(Cause::Empty, extensible(before).iter().any(empty));
    let empty_dirs: Vec<&str> = items(spec, "volumes")
        .filter(|own| is_empty_dir(own))
        .map(name)
        .collect();
    let all = ["containers", "initContainers"];
    let all = all.into_iter().flat_map(|list| items(spec, list));
    let mounted: Vec<&str> = all
        .flat_map(|own| items(own, "volumeMounts"))
        .map(name)
        .collect();
    for (container, after) in items(spec, "containers").zip(items(new, "containers")) {
        for variable in items(container, "env").filter(|_| traces) {
            let text = variable["value"].as_str().unwrap_or_default();
            let is_literal = variable["valueFrom"].is_null();
            let is_startup = is_literal && STARTUP.contains(&name(variable));
            add(Cause::Tags, is_literal && name(variable) == "DD_TAGS");
            add(Cause::EmptyVariable, is_startup && text.is_empty());
            let names_it = LIBRARIES.iter().any(|own| text.contains(own));
            add(Cause::SameText, is_startup && names_it);
            let mut known = configured.iter();
            let is_same = known.any(|(key, value)| key == name(variable) && value == text);
            add(Cause::SameVariable, is_literal && is_same);
            let is_loader = name(variable) == "DD_LOADER_PACKAGE_PATH";
            add(Cause::PhpDirectory, is_loader && !text.is_empty());
        }
        let own = items(container, "volumeMounts").count();
        let mut new = items(after, "volumeMounts").skip(own);
        add(
            Cause::Shared,
            new.any(|mount| empty_dirs.contains(&name(mount))),
        );
    }
    let everyday = |own: &Json| EVERYDAY.contains(&name(own)) && !mounted.contains(&name(own));
    add(
        Cause::SameVolume,
        profiles && items(spec, "volumes").any(everyday),
    );
    let mut names = ["volumes", "containers", "initContainers"]
        .into_iter()
        .flat_map(|list| items(spec, list))
        .map(name)
        .chain(mounted.iter().copied());
    add(Cause::SameName, names.any(is_operators));
    found
}

fn is_operators(name: &str) -> bool {
    name.starts_with("datakit-") || name == "flameshot-volume"
}

/// Takes out of a template what may be different for these causes.
fn forgive(
    template: &mut Json,
    causes: &BTreeSet<Cause>,
    empty_dirs: &[String],
    configured: &[(String, String)],
) {
    let has = |cause| causes.contains(&cause);
    if (has(Cause::Setting) || has(Cause::SameName))
        && let Some(spec) = template["spec"].as_object_mut()
    {
        spec.remove("restartPolicy");
        spec.remove("shareProcessNamespace");
    }
    let retain = |around: &mut Json, list: &str, stays: &dyn Fn(&Json) -> bool| {
        if let Some(items) = around.get_mut(list).and_then(Json::as_array_mut) {
            items.retain(|own| stays(own));
        }
    };
    retain(&mut template["spec"], "volumes", &|own| {
        !(has(Cause::SameVolume) && EVERYDAY.contains(&name(own))
            || has(Cause::SameName) && is_operators(name(own)))
    });
    let containers = template["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        retain(container, "env", &|own| {
            let text = own["value"].as_str().unwrap_or_default();
            let is_startup = STARTUP.contains(&name(own));
            let is_same = configured
                .iter()
                .any(|(key, value)| key == name(own) && value == text);
            !(has(Cause::Tags) && name(own) == "DD_TAGS"
                || (has(Cause::EmptyVariable) || has(Cause::SameText)) && is_startup
                || has(Cause::SameVariable) && is_same
                || has(Cause::PhpDirectory) && name(own) == "PHP_INI_SCAN_DIR")
        });
        retain(container, "volumeMounts", &|own| {
            !(has(Cause::Shared) && empty_dirs.iter().any(|known| known == name(own))
                || has(Cause::SameName) && is_operators(name(own)))
        });
    }
    // What the other causes leave empty is gone, too.
    drop_empty(template);
}

/// What is different in two templates, and is not forgiven.
fn differences(
    mut back: Json,
    mut original: Json,
    causes: &BTreeSet<Cause>,
    configured: &[(String, String)],
) -> Vec<String> {
    let empty_dirs = items(&original["spec"], "volumes").filter(|own| is_empty_dir(own));
    let empty_dirs: Vec<String> = empty_dirs.map(|own| name(own).to_owned()).collect();
    forgive(&mut back, causes, &empty_dirs, configured);
    forgive(&mut original, causes, &empty_dirs, configured);
    equivalence::differences(&back, &original)
}

/// Drops what is empty where things are added.
fn drop_empty(template: &mut Json) {
    let drop = |around: &mut Json, keys: &[&str]| {
        if let Some(entries) = around.as_object_mut() {
            entries.retain(|key, value| !(keys.contains(&key.as_str()) && is_empty(value)));
        }
    };
    if let Some(metadata) = template.get_mut("metadata") {
        drop(metadata, &["annotations"]);
    }
    drop(template, &["metadata"]);
    drop(&mut template["spec"], &["initContainers", "volumes"]);
    let containers = template["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        drop(container, &["env", "volumeMounts"]);
    }
}

/// The pod templates in a document: whatever has containers in its `spec`.
fn templates(document: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    if document["spec"]["containers"].is_array() {
        found.push(document.clone());
    }
    match document {
        Json::Object(entries) => found.extend(entries.values().flat_map(templates)),
        Json::Array(items) => found.extend(items.iter().flat_map(templates)),
        _ => {}
    }
    found
}

fn read(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let mut value: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        value.apply_merge().unwrap();
        serde_json::to_value(value).unwrap()
    })
}

/// The texts that a configuration sets variables to.
fn configured(config: &Json) -> Vec<(String, String)> {
    match config {
        Json::Object(entries) => {
            let own = entries.get("envs").and_then(Json::as_object);
            let own = own.into_iter().flatten();
            let own =
                own.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            own.chain(entries.values().flat_map(configured)).collect()
        }
        Json::Array(items) => items.iter().flat_map(configured).collect(),
        _ => Vec::new(),
    }
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
            for (form, text) in [
                ("pod.yaml", YamlStyle::of(number).write(pod)),
                ("pod.json", JsonLayout::of(number).write(pod)),
                (
                    "deployment.yaml",
                    YamlStyle::of(number + 389).write(&deployed),
                ),
                (
                    "deployment.json",
                    JsonLayout::of(number + 389).write(&deployed),
                ),
            ] {
                let title = format!("{} {form}", case["name"]);
                tally.check(&title, &rules.rules, &configured, namespace, &text);
            }
        }
    }
    tally.finish(2700);
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
            let texts = [
                expect.to_string(),
                YamlStyle::of(number).write(&exported),
                JsonLayout::of(number).write(&exported),
            ];
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
    assert!(exact >= 2000, "{exact} of {changed}");
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

/// What a user adds to an injected template: none of it has a name of the operator's, or is what a
/// rule sets.
struct Additions {
    /// The injected template with them.
    template: Json,
    /// Variables, mounts, volumes and containers, by their names.
    names: Vec<String>,
    /// Start-up variables with text around what was there: the container, the name, and what is left
    /// when the injection is taken out.
    texts: Vec<(String, String, String)>,
}

fn insert(list: &mut Json, random: &mut Random, item: Json) {
    if list.is_null() {
        *list = Json::Array(Vec::new());
    }
    let items = list.as_array_mut().unwrap();
    let place = random.below(items.len() + 1);
    items.insert(place, item);
}

fn add_to(before: &Json, injected: &Json, random: &mut Random) -> Additions {
    let mut template = injected.clone();
    let mut names = Vec::new();
    let mut texts = Vec::new();
    let own: Vec<String> = items(&before["spec"], "containers")
        .map(|own| name(own).to_owned())
        .collect();
    let new_name = |names: &mut Vec<String>| {
        let name = format!("users-{}", names.len());
        names.push(name.clone());
        name
    };
    for container in template["spec"]["containers"].as_array_mut().unwrap() {
        if !own.iter().any(|known| known == name(container)) {
            continue;
        }
        let container_name = name(container).to_owned();
        let variable = json!({"name": new_name(&mut names), "value": "-javaagent:/datadog-lib/dd-java-agent.jar"});
        insert(&mut container["env"], random, variable);
        let mount = json!({"name": new_name(&mut names), "mountPath": "/datadog-lib"});
        insert(&mut container["volumeMounts"], random, mount);
        let before = items(&before["spec"], "containers").find(|own| name(own) == container_name);
        for variable in container["env"].as_array_mut().unwrap() {
            let key = name(variable).to_owned();
            let Some(text) = variable["value"].as_str().map(str::to_owned) else {
                continue;
            };
            let mut same = items(before.unwrap(), "env").filter(|own| name(own) == key);
            let old = same
                .next()
                .map_or("", |own| own["value"].as_str().unwrap_or_default());
            let is_option = ["JAVA_TOOL_OPTIONS", "NODE_OPTIONS"].contains(&key.as_str())
                && LIBRARIES.iter().any(|own| text.contains(own));
            if is_option && text != old && same.next().is_none() {
                variable["value"] = Json::String(format!("-Da=1  {text}  -Db=2"));
                // Where there was nothing, otel's option has no blank of its own.
                let blank = if old.is_empty() && !text.starts_with(' ') {
                    ""
                } else {
                    " "
                };
                texts.push((
                    container_name.clone(),
                    key,
                    format!("-Da=1 {blank}{old}  -Db=2"),
                ));
            }
        }
    }
    let volume = json!({"name": new_name(&mut names), "emptyDir": {}});
    insert(&mut template["spec"]["volumes"], random, volume);
    for list in ["containers", "initContainers"] {
        let container = json!({
            "name": new_name(&mut names),
            "image": "users/own:1",
            "command": ["sh", "copy-lib.sh", "/datadog-lib"],
            "env": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"}],
            "volumeMounts": [{"name": "users", "mountPath": "/app/datakit-profiler"}],
        });
        // A key more at the end of `spec` would stand where the profiler's settings do.
        if template["spec"][list].is_array() {
            insert(&mut template["spec"][list], random, container);
        } else {
            names.pop();
        }
    }
    Additions {
        template,
        names,
        texts,
    }
}

/// The names of everything in a template.
fn all_names(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(entries) => {
            found.extend(
                entries
                    .get("name")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
            );
            entries.values().for_each(|own| all_names(own, found));
        }
        Json::Array(items) => items.iter().for_each(|own| all_names(own, found)),
        _ => {}
    }
}

/// Drops what a user has added.
fn without_additions(value: &mut Json) {
    let is_users = |own: &Json| name(own).starts_with("users-");
    match value {
        Json::Object(entries) => entries.values_mut().for_each(without_additions),
        Json::Array(items) => {
            items.retain(|own| !is_users(own));
            items.iter_mut().for_each(without_additions);
        }
        _ => {}
    }
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
