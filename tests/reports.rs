//! What holds for every form of the report: on every golden case, for the documentation's example,
//! for GitHub's problem matcher, and where the host goes away.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod programs;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use regex_lite::Regex;
use serde_json::Value;

const FORMS: [&str; 4] = ["json", "sarif", "gitlab", "github"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program with words as a shell reads them, in a folder.
fn run(folder: &Path, words: &str, environment: &[(&str, &str)], stdin: Stdio) -> Output {
    Command::new("/bin/sh")
        .args(["-fc", &format!("exec \"$0\" {words}")])
        .arg(env!("CARGO_BIN_EXE_datakit-inject"))
        .env_clear()
        .envs(environment.iter().copied())
        .current_dir(folder)
        .stdin(stdin)
        .output()
        .unwrap()
}

/// A golden case that says nothing of reports itself.
struct Case {
    name: String,
    folder: PathBuf,
    words: String,
    environment: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for area in fs::read_dir(root().join("testdata/cases")).unwrap() {
        for case in fs::read_dir(area.unwrap().path()).unwrap() {
            let folder = case.unwrap().path();
            let words = fs::read_to_string(folder.join("cmd")).unwrap();
            let text = fs::read_to_string(folder.join("env")).unwrap_or_default();
            let pairs = text.lines().filter_map(|line| line.split_once('='));
            let environment: Vec<(String, String)> = pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            // A subcommand rewrites nothing, and so there is nothing to report.
            let own = ["install-plugin", "preflight", "explain"];
            let is_command = own.iter().any(|name| words.starts_with(name));
            if is_command || words.contains("--report") || text.contains("_REPORT") {
                continue;
            }
            cases.push(Case {
                name: folder.display().to_string(),
                folder,
                words: words.replace('\n', " "),
                environment,
            });
        }
    }
    assert!(cases.len() > 100);
    cases
}

impl Case {
    /// The output and the report of the case, with the report in a file.
    fn run(&self, form: &str) -> (Output, String) {
        let temporary = tempfile::tempdir().unwrap();
        let work = temporary.path().join("work");
        let from = self.folder.join("in");
        if from.is_dir() {
            let copied = Command::new("cp").arg("-RP").arg(from).arg(&work).status();
            assert!(copied.unwrap().success());
        } else {
            fs::create_dir(&work).unwrap();
        }
        let file = temporary.path().join("report").display().to_string();
        let mut environment: Vec<(&str, &str)> = vec![
            ("DATAKIT_INJECT_REPORT", form),
            ("DATAKIT_INJECT_REPORT_FILE", &file),
        ];
        let own = self.environment.iter();
        environment.extend(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let stdin = match fs::File::open(self.folder.join("stdin")) {
            Ok(file) => file.into(),
            Err(_) => Stdio::null(),
        };
        let output = run(&work, &self.words, &environment, stdin);
        let report = fs::read_to_string(&file)
            .unwrap_or_else(|_| panic!("{}: no report was written", self.name));
        (output, report)
    }
}

#[test]
fn a_report_file_is_always_written_and_changes_nothing_else() {
    let mut errors = 0;
    for case in cases() {
        if case.words.contains("--help") || case.words.contains("--version") {
            continue;
        }
        let (output, report) = case.run("json");
        let name = &case.name;
        let read = |file: &str| fs::read(case.folder.join(file)).unwrap_or_default();
        // Wrong usage is shown with all options that were given, those of the report among them.
        let text = |bytes: &[u8]| -> Vec<String> {
            let text = String::from_utf8_lossy(bytes);
            let lines = text.split('\n').filter(|line| !line.starts_with("Usage: "));
            lines.map(str::to_owned).collect()
        };
        assert_eq!(text(&output.stdout), text(&read("stdout")), "{name}");
        assert_eq!(text(&output.stderr), text(&read("stderr")), "{name}");
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["schemaVersion"], 1, "{name}");
        let code = output.status.code().unwrap();
        assert_eq!(report["exitCode"], code, "{name}");
        let results = report["results"].as_array().unwrap();
        let count = |key: &str, value: &str| {
            let found = results.iter().filter(|result| result[key] == value);
            found.count()
        };
        let summary = &report["summary"];
        assert_eq!(summary["workloads"], count("type", "workload"), "{name}");
        assert_eq!(summary["missing"], count("type", "missing"), "{name}");
        assert_eq!(summary["errors"], count("severity", "error"), "{name}");
        assert_eq!(summary["stale"], count("type", "stale"), "{name}");
        let findings = count("type", "missing") + count("type", "stale");
        let warnings = count("severity", "warning") - findings;
        assert_eq!(summary["warnings"], warnings, "{name}");
        assert_eq!(code == 2, count("severity", "error") > 0, "{name}");
        errors += usize::from(code == 2);
    }
    assert!(errors > 20, "too few cases with errors: {errors}");
}

#[test]
fn every_form_holds_what_its_reader_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (index, case) in cases().iter().enumerate() {
        let name = &case.name;
        let (output, report) = case.run("gitlab");
        let issues: Vec<Value> = serde_json::from_str(&report).unwrap();
        let prints: BTreeSet<&str> = issues
            .iter()
            .map(|issue| issue["fingerprint"].as_str().unwrap())
            .collect();
        assert_eq!(prints.len(), issues.len(), "{name}: equal fingerprints");
        let code = output.status.code().unwrap();
        assert!(code == 0 || !issues.is_empty(), "{name}: fails for nothing");
        for issue in &issues {
            assert!(
                issue["location"]["lines"]["begin"].as_u64() > Some(0),
                "{name}"
            );
            let path = issue["location"]["path"].as_str().unwrap();
            assert!(
                !path.is_empty() && !path.starts_with("./"),
                "{name}: {path}"
            );
        }

        let (_, report) = case.run("github");
        for line in report.lines() {
            let starts = ["::error ", "::warning ", "::notice "];
            let is_command = starts.iter().any(|start| line.starts_with(start));
            let is_summary = line.starts_with(|c: char| c.is_ascii_digit());
            assert!(is_command || is_summary, "{name}: {line}");
        }

        let (_, report) = case.run("sarif");
        let log: Value = serde_json::from_str(&report).unwrap();
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &run["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], result["ruleId"], "{name}");
        }
        let file = folder.path().join(format!("{index}.sarif"));
        fs::write(&file, report).unwrap();
        files.push(file);
    }
    let Some(check) = programs::find("check-jsonschema") else {
        return;
    };
    let schema = programs::find("sarif-2.1.0.json").unwrap();
    let validate = |files: &[PathBuf]| {
        let mut command = Command::new(&check);
        // The published schema has an expression that is one only without the `u` flag.
        command.args(["--regex-variant", "nonunicode", "--schemafile"]);
        command.arg(&schema).args(files);
        command.output().unwrap()
    };
    let output = validate(&files);
    let said = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{complaint}");
    println!("{} SARIF logs are valid", files.len());
    // The schema is one, and looks at results.
    let wrong = fs::read_to_string(&files[0])
        .unwrap()
        .replace("\"results\"", "\"result\"");
    let file = folder.path().join("wrong.sarif");
    fs::write(&file, wrong).unwrap();
    assert!(!validate(&[file]).status.success());
}

#[test]
fn no_report_holds_a_secret() {
    const MARK: &str = "hunter2";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let pod = |odd: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    \
             admission.datakit/java-lib.version: ''\n    admission.datakit/logfwd.instances: '{{'\n\
             spec:\n  containers:\n    - name: web\n      image: x\n      env:\n        \
             - {{name: JAVA_TOOL_OPTIONS, value: {MARK}}}\n        - {{name: A, value: {MARK}}}\n\
             {odd}"
        )
    };
    write("pod.yaml", &pod(""));
    write(
        "double.yaml",
        &pod("      env: [{name: A, value: hunter2}]\n"),
    );
    write(
        "secret.yaml",
        "apiVersion: v1\nkind: Secret\nstringData: {a: hunter2}\n---\nkind: 'Secret'\ndata: [hunter2: }\n",
    );
    write(
        "operator.json",
        r#"{"admission_inject_v2": {"ddtraces": [
            {"namespace_selectors": ["*"], "language": "java", "image": "x:1",
             "envs": {"A": "hunter2", "B": "{fieldref:hunter2}", "C": "{secretKeyRef:hunter2}", "D": 5}}]}}"#,
    );
    let mut seen = 0;
    for form in ["text", "none"].iter().chain(&FORMS) {
        for words in [
            "--check --verbose --require-injected pod.yaml double.yaml",
            "--check --verbose --require-injected --config operator.json pod.yaml double.yaml",
            "--check pod.yaml secret.yaml",
            "--check --strict --config operator.json pod.yaml",
        ] {
            let words = format!("{words} --report {form}");
            let output = run(folder.path(), &words, &[], Stdio::null());
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.stdout.is_empty());
            assert!(!said.contains(MARK), "{words}\n{said}");
            seen += said.len();
        }
    }
    assert!(seen > 10_000);
}

#[test]
fn the_example_of_the_page_is_what_comes() {
    let page = fs::read_to_string(root().join("docs/reports.md")).unwrap();
    let block = |after: &str, kind: &str| {
        let rest = page
            .split_once(after)
            .unwrap_or_else(|| panic!("{after}"))
            .1;
        let start = format!("```{kind}\n");
        let rest = rest.split_once(start.as_str()).unwrap().1;
        rest.split_once("```").unwrap().0.to_owned()
    };
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("web.yaml"), block("`web.yaml`", "yaml")).unwrap();
    fs::write(
        folder.path().join("operator.json"),
        block("`operator.json`", "json"),
    )
    .unwrap();
    for form in FORMS {
        let command =
            format!("datakit-inject --config operator.json --check --report {form} web.yaml");
        assert!(page.contains(&command), "{command}");
        let words = command.trim_start_matches("datakit-inject ");
        let output = run(folder.path(), words, &[], Stdio::null());
        let kind = if form == "github" { "text" } else { "json" };
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            block(&command, kind),
            "{form}"
        );
    }
}

#[test]
fn the_problem_matcher_reads_the_text_report() {
    let text = fs::read_to_string(root().join(".github/datakit-inject-matcher.json")).unwrap();
    let matchers: Value = serde_json::from_str(&text).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let deploy = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    \
                  admission.datakit/java-lib.version: ''\n    admission.datakit/ruby-lib.version: ''\n\
                  spec: {containers: [{name: web, image: x}]}\n";
    fs::write(folder.path().join("a web.yaml"), deploy).unwrap();
    fs::write(folder.path().join("broken.yaml"), "kind: Pod\nspec: [\n").unwrap();
    let mut found = BTreeSet::new();
    for words in ["--check 'a web.yaml'", "--check broken.yaml"] {
        let output = run(folder.path(), words, &[], Stdio::null());
        let said = String::from_utf8(output.stderr).unwrap();
        for line in said.lines() {
            let mut of_line = 0;
            for matcher in matchers["problemMatcher"].as_array().unwrap() {
                let pattern = &matcher["pattern"][0];
                let regex = Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
                let Some(groups) = regex.captures(line) else {
                    continue;
                };
                of_line += 1;
                let group = |key: &str| {
                    let index = usize::try_from(pattern[key].as_u64()?).unwrap();
                    groups.get(index).map(|group| group.as_str().to_owned())
                };
                let severity =
                    group("severity").or_else(|| matcher["severity"].as_str().map(str::to_owned));
                found.insert(format!(
                    "{} {}:{}:{} {} {}",
                    severity.unwrap(),
                    group("file").unwrap(),
                    group("line").unwrap(),
                    group("column").unwrap(),
                    group("code").unwrap_or_default(),
                    group("message").unwrap(),
                ));
            }
            assert!(of_line < 2, "two matchers take {line}");
        }
    }
    let found: Vec<String> = found.into_iter().collect();
    assert_eq!(
        found,
        [
            "error broken.yaml:2:7 not-yaml this is no YAML: unclosed bracket '['",
            "warning a web.yaml:1:1  pod/web: would inject ddtrace (java)",
            "warning a web.yaml:7:41 unknown-language pod/web: the annotation \
             admission.datakit/ruby-lib.version names a language that the operator does not know",
        ]
    );
}

#[test]
fn the_report_is_kept_where_nobody_reads_the_manifests() {
    let folder = tempfile::tempdir().unwrap();
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web}]}\n";
    fs::write(
        folder.path().join("a.yaml"),
        pod.to_owned() + &"# filler\n".repeat(100_000),
    )
    .unwrap();
    let status = Command::new("/bin/sh")
        .args([
            "-c",
            "\"$0\" --report json --report-file report.json a.yaml | true",
        ])
        .arg(env!("CARGO_BIN_EXE_datakit-inject"))
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(status.success());
    // The pipeline ends with its last program, which does not wait for ours.
    for _ in 0..100 {
        if folder.path().join("report.json").exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["summary"]["workloads"], 1);
}
