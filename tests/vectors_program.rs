//! The operator's own answers on 1,178 concrete pods (`testdata/vectors`) through the built program:
//! each pod as a Pod and as the template of a Deployment, in YAML and in JSON, in many styles of
//! writing. What comes out, read by other readers than the program's own, is what the operator
//! makes of the pod; the lines of the YAML stay; and a second run changes nothing.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at what it cannot read, and says at the end what it compared"
)]

mod equivalence;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde_json::ser::PrettyFormatter;
use serde_json::{Map, Value as Json, json};

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
            failures += &format!("{}, {}\n", cases[number].title(), outcome.form);
            for problem in outcome.problems {
                failures += &format!("    {}\n", problem.replace('\n', "\n    "));
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
        let failed = self.run(root, "in", "out").err();
        let failed_again = match &failed {
            Some(_) => None,
            None => self.run(root, "out", "out2").err(),
        };
        let outcome = |manifest: &Manifest| {
            let mut problems: Vec<String> = failed.iter().chain(&failed_again).cloned().collect();
            if problems.is_empty() {
                let read = |folder: &str| fs::read(root.join(folder).join(manifest.name));
                let again = read("out2");
                match read("out").map(String::from_utf8) {
                    Ok(Ok(text)) => {
                        problems.extend(manifest.problems(&text));
                        if again.is_ok_and(|again| again == text.as_bytes()) {
                            // A second run changes nothing.
                        } else {
                            problems.push(format!("a second run changes\n{text}"));
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

    fn run(&self, root: &Path, from: &str, to: &str) -> Result<(), String> {
        let output = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
            .args(["--quiet", "--config", "config.json", "--namespace"])
            .arg(self.value["namespace"].as_str().unwrap())
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
            None => problems.extend(self.lost_lines(text)),
        }
        if !problems.is_empty() {
            problems.push(format!("--- written\n{}\n--- became\n{text}", self.text));
        }
        problems
    }

    /// The first line of the original that is gone, or stands elsewhere, without need.
    fn lost_lines(&self, text: &str) -> Option<String> {
        let lines = |text: &str| -> Vec<String> {
            let lines = text.split_inclusive('\n');
            lines
                .map(|line| line.trim_end_matches('\n').to_owned())
                .collect()
        };
        let crlf = self.text.contains("\r\n");
        let odd = lines(text).into_iter().enumerate().find(|(index, line)| {
            let ends = index + 1 < text.split_inclusive('\n').count() || text.ends_with('\n');
            ends && line.ends_with('\r') != crlf
        });
        if let Some((index, line)) = odd {
            return Some(format!("line {} ends as no other: {line}", index + 1));
        }
        let plain = |text: &str| -> Vec<String> {
            let lines = text.lines();
            lines.map(str::to_owned).collect()
        };
        let (old, mut new) = (plain(&self.text), plain(text));
        let moves = tags_move(&self.before, &self.expected);
        let mut old: Vec<&String> = old.iter().collect();
        if moves {
            // The lines that were moved are somewhere; the others are where they were.
            let kept = similar::capture_diff_slices(
                similar::Algorithm::Myers,
                &old.iter().map(|line| line.as_str()).collect::<Vec<_>>(),
                &new.iter().map(String::as_str).collect::<Vec<_>>(),
            );
            let _ = kept;
        }
        let mut at = new.drain(..);
        for line in old.drain(..) {
            if !at.by_ref().any(|now| now == *line || extends(line, &now)) {
                return Some(format!("this line is lost, or is not in order: {line}"));
            }
        }
        None
    }
}
