//! The operator's own answers on 1,178 concrete pods (`testdata/vectors`) through the built program:
//! each pod as a Pod and as the template of a Deployment, in YAML and in JSON, in many styles of
//! writing. What comes out, read by other readers than the program's own, is what the operator
//! makes of the pod; the lines of the YAML stay; one thread writes the same bytes as several; and a
//! second run changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at what it cannot read, and says at the end what it compared"
)]

mod equivalence;
mod writing;

use std::fmt::Write as _;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value as Json;
use writing::{JsonLayout, YamlStyle, deployment};

/// The files of cases, the release that reads their configurations, and how many cases they hold.
const FILES: [(&str, &str, usize); 3] = [
    ("v1.jsonl", "1.5", 393),
    ("v2.jsonl", "1.9", 638),
    ("v1-read-as-v2.jsonl", "1.9", 147),
];

const FORMS: usize = 4;

const THREADS: usize = 2;

#[test]
fn the_program_makes_of_pods_and_deployments_what_the_operator_does() {
    let mut cases = Vec::new();
    for (file, version, expected) in FILES {
        let values = equivalence::cases(file);
        assert_eq!(values.len(), expected, "{file}: the number of cases");
        for value in values {
            let number = cases.len();
            cases.push(Case {
                file,
                version,
                number,
                value,
            });
        }
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut results = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            results.push((case.number, case.check()));
        }
        results
    };
    let mut results: Vec<(usize, Vec<Outcome>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.flatten().collect()
    });
    results.sort_by_key(|(number, _)| *number);

    let mut agreed = 0;
    let mut failures = String::new();
    for (number, outcomes) in results {
        for outcome in outcomes {
            if outcome.problems.is_empty() {
                agreed += 1;
                continue;
            }
            let title = cases[number].title();
            writeln!(failures, "{title}, {}", outcome.form).unwrap();
            for problem in outcome.problems {
                writeln!(failures, "    {}", problem.replace('\n', "\n    ")).unwrap();
            }
        }
    }
    let total = 1178 * FORMS;
    println!("{agreed} of {total} manifests agree");
    assert!(
        agreed == total,
        "{agreed} of {total} manifests agree\n{failures}"
    );
}

struct Case {
    file: &'static str,
    version: &'static str,
    /// Its number among all cases, which chooses how its manifests are written.
    number: usize,
    value: Json,
}

/// A manifest as it goes in, and what shall come out.
struct Manifest {
    name: &'static str,
    text: String,
    before: Json,
    expected: Json,
    layout: Option<JsonLayout>,
}

struct Outcome {
    form: &'static str,
    problems: Vec<String>,
}

impl Case {
    fn title(&self) -> String {
        let why = self.value["why"].as_str();
        let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
        let name = self.value["name"].as_str().unwrap_or_default();
        format!("{}: {name}{why}", self.file)
    }

    fn manifests(&self) -> [Manifest; FORMS] {
        let (pod, expect) = (&self.value["pod"], &self.value["expect"]);
        let (own, deployed) = (self.number, self.number + 389);
        let before = deployment(pod, deployed);
        let after = deployment(expect, deployed);
        let json_manifest = |name, number, before: &Json, expected: &Json| {
            let layout = JsonLayout::of(number);
            Manifest {
                name,
                text: layout.write(before),
                before: before.clone(),
                expected: expected.clone(),
                layout: Some(layout),
            }
        };
        let yaml_manifest = |name, number, before: &Json, expected: &Json| Manifest {
            name,
            text: YamlStyle::of(number).write(before),
            before: before.clone(),
            expected: expected.clone(),
            layout: None,
        };
        [
            yaml_manifest("pod.yaml", own, pod, expect),
            json_manifest("pod.json", own, pod, expect),
            yaml_manifest("deployment.yaml", deployed, &before, &after),
            json_manifest("deployment.json", deployed, &before, &after),
        ]
    }

    /// What becomes of the four manifests.
    fn check(&self) -> Vec<Outcome> {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("config.json"), self.value["config"].to_string()).unwrap();
        fs::create_dir(root.join("in")).unwrap();
        let manifests = self.manifests();
        for manifest in &manifests {
            fs::write(root.join("in").join(manifest.name), &manifest.text).unwrap();
        }
        let failed = self.run(root, "8", "in", "out").err();
        let failed_again = match &failed {
            Some(_) => None,
            None => [("in", "out-one-job"), ("out", "out2")]
                .into_iter()
                .find_map(|(from, to)| self.run(root, "1", from, to).err()),
        };
        let outcome = |manifest: &Manifest| {
            let mut problems: Vec<String> = failed.iter().chain(&failed_again).cloned().collect();
            if problems.is_empty() {
                let read = |folder: &str| fs::read(root.join(folder).join(manifest.name));
                match read("out").map(String::from_utf8) {
                    Ok(Ok(text)) => {
                        problems.extend(manifest.problems(&text));
                        if read("out-one-job").unwrap() != text.as_bytes() {
                            problems.push("one thread writes other bytes than several".to_owned());
                        }
                        match read("out2").map(String::from_utf8) {
                            Ok(Ok(again)) if again == text => {}
                            again => problems
                                .push(format!("a second run changes\n{text}\n--- to\n{again:?}")),
                        }
                    }
                    other => problems.push(format!("no text was written: {other:?}")),
                }
            }
            Outcome {
                form: manifest.name,
                problems,
            }
        };
        manifests.iter().map(outcome).collect()
    }

    /// The value of `--namespace`: for half of the manifests that name their own another one, which
    /// has no effect.
    fn namespace(&self) -> &str {
        let own = self.value["pod"]["metadata"].get("namespace");
        if own.is_some() && !self.number.is_multiple_of(2) {
            return "elsewhere";
        }
        self.value["namespace"].as_str().unwrap()
    }

    fn run(&self, root: &Path, jobs: &str, from: &str, to: &str) -> Result<(), String> {
        let output = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
            .args([
                "--quiet",
                "--jobs",
                jobs,
                "--config",
                "config.json",
                "--namespace",
            ])
            .arg(self.namespace())
            .args(["--operator-version", self.version, "--output-dir", to, from])
            .current_dir(root)
            .env_clear()
            .output()
            .unwrap();
        if output.status.success() && output.stdout.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{from} to {to}: {}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

impl Manifest {
    /// What is wrong with a text that the program made of this manifest.
    fn problems(&self, text: &str) -> Vec<String> {
        let read = match self.layout {
            Some(_) => serde_json::from_str(text).map_err(|error| error.to_string()),
            None => serde_yaml::from_str(text).map_err(|error| error.to_string()),
        };
        let after: Json = match read {
            Ok(after) => after,
            Err(error) => return vec![format!("cannot be read: {error}\n{text}")],
        };
        let mut problems = equivalence::differences(&after, &self.expected);
        if self.before == self.expected && text != self.text {
            problems.push("the text changes where the value does not".to_owned());
        }
        if self.text.ends_with('\n') != text.ends_with('\n') {
            problems.push("the line break at the end of the text comes or goes".to_owned());
        }
        match self.layout {
            Some(layout) => {
                let uniform = layout.write(&after);
                if text != uniform {
                    problems.push(format!(
                        "is not laid out as it was: {}",
                        first_difference(text, &uniform)
                    ));
                }
            }
            None => problems.extend(self.lost_line(text)),
        }
        if !problems.is_empty() {
            problems.push(format!("--- written\n{}\n--- became\n{text}", self.text));
        }
        problems
    }

    /// The first line of the original that is gone, or stands elsewhere, without need.
    fn lost_line(&self, text: &str) -> Option<String> {
        let crlf = self.text.contains("\r\n");
        let ends_oddly = |line: &&str| line.ends_with('\n') && line.ends_with("\r\n") != crlf;
        if let Some(line) = text.split_inclusive('\n').find(ends_oddly) {
            return Some(format!("this line ends as no other: {line:?}"));
        }
        let moves = tags_move(&self.before, &self.expected);
        let old: Vec<&str> = self.text.lines().collect();
        let tags = tags_items(&old);
        let of_tags = |index| tags.iter().position(|item| item.contains(&index));
        // An item that is moved keeps its lines in order, and the others do.
        let parts: Vec<Option<usize>> = (0..tags.len()).map(Some).chain([None]).collect();
        for part in parts {
            let mut new = text.lines();
            for (index, line) in old.iter().enumerate() {
                let item = of_tags(index);
                let is_in_part = if moves { item == part } else { part.is_none() };
                if is_in_part && !new.any(|now| now == *line || extends(line, now, item.is_some()))
                {
                    return Some(format!("line {} is lost or moved: {line}", index + 1));
                }
            }
        }
        None
    }
}

/// Whether a container's own `DD_TAGS` may stand elsewhere among its neighbours: merged, it goes to
/// the end.
fn tags_move(before: &Json, after: &Json) -> bool {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => before.iter().any(|(key, value)| {
            let after = &after.get(key).cloned().unwrap_or_default();
            let names = |list: &Json| -> Vec<Json> {
                let items = list.as_array().into_iter().flatten();
                items.map(|item| item["name"].clone()).collect()
            };
            if key == "env" {
                let mut left = names(after).into_iter();
                let names = names(value);
                let tags = names.iter().filter(|name| *name == "DD_TAGS").count();
                tags > 1 || !names.iter().all(|name| left.any(|own| own == *name))
            } else {
                tags_move(value, after)
            }
        }),
        (Json::Array(before), Json::Array(after)) => before
            .iter()
            .zip(after)
            .any(|(before, after)| tags_move(before, after)),
        _ => false,
    }
}

/// The lines of each list item that is about `DD_TAGS`.
fn tags_items(lines: &[&str]) -> Vec<RangeInclusive<usize>> {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let item = line.trim_start();
        if !(item.starts_with("- ") && item.contains("DD_TAGS")) {
            continue;
        }
        let rest = lines[start + 1..].iter().enumerate();
        let below = rest
            .take_while(|(_, below)| below.is_empty() || indentation(below) > indentation(line))
            .filter(|(_, below)| !below.is_empty());
        let end = start + below.last().map_or(0, |(index, _)| index + 1);
        found.push(start..=end);
    }
    found
}

/// Whether a line is another one with its value extended. That of `DD_TAGS` is merged: pairs that
/// are none go.
fn extends(old: &str, new: &str, is_tags: bool) -> bool {
    let is_flow_item = |line: &str| line.trim_start_matches([' ', '-']).starts_with('{');
    let grown = || {
        let mut now = new.chars();
        old.chars().all(|c| now.any(|own| own == c))
    };
    if is_flow_item(old) {
        return is_flow_item(new) && (grown() || old.contains("DD_TAGS"));
    }
    let Some((head, value)) = old.split_once(": ") else {
        return false;
    };
    let (value, comment) = value.split_at(value.find("  # note").unwrap_or(value.len()));
    let Some(after) = new.strip_prefix(head).and_then(|new| new.strip_prefix(':')) else {
        return false;
    };
    if !after.ends_with(comment) {
        return false;
    }
    match head.trim_start_matches([' ', '-']) {
        "restartPolicy" | "shareProcessNamespace" => true,
        "value" => is_tags || after.contains(value.trim_matches(['"', '\''])),
        _ if matches!(value, "{}" | "[]") => after.len() == comment.len(),
        _ if value.starts_with(['[', '{']) => grown() || old.contains("DD_TAGS"),
        _ => false,
    }
}

fn first_difference(text: &str, expected: &str) -> String {
    let pairs = text.lines().zip(expected.lines());
    match pairs.into_iter().find(|(own, wanted)| own != wanted) {
        Some((own, wanted)) => format!("{own}\nexpected {wanted}"),
        None => format!("{} bytes, expected {}", text.len(), expected.len()),
    }
}
