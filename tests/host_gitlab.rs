//! The job template as a runner of GitLab CI runs it: the examples of `docs/hosts/gitlab-ci.md`
//! with what they include, their scripts with `bash` as the runner calls it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod programs;

use std::fs;
use std::path::Path;

use programs::{ADDRESS, CONFIGURATION, Snapshot, blocks, deployment, find, root, tag, text};
use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

const PAGE: &str = "docs/hosts/gitlab-ci.md";

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

/// A mapping over another one, as GitLab merges what is included: mappings key by key, anything
/// else as a whole.
fn merge(below: &Value, above: &Value) -> Value {
    let (Value::Mapping(below), Value::Mapping(above)) = (below, above) else {
        return above.clone();
    };
    let mut merged: Mapping = below.clone();
    for (key, value) in above {
        let value = match below.get(key) {
            Some(old) => merge(old, value),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    Value::Mapping(merged)
}

/// The only job of a configuration, with what it includes.
fn job(text: &str) -> Value {
    let mut whole = yaml(text);
    if let Some(included) = whole.get("include") {
        let address = included[0]["remote"].as_str().unwrap();
        let raw = ADDRESS.replace("https://github.com/", "https://raw.githubusercontent.com/");
        let file = address.strip_prefix(&format!("{raw}/{}/", tag()));
        let file = file.unwrap_or_else(|| panic!("the page speaks of another release: {address}"));
        let template = yaml(&fs::read_to_string(root().join(file)).unwrap());
        whole = merge(&template, &whole);
    }
    let jobs = whole.as_mapping().unwrap().iter();
    let mut jobs = jobs.filter(|(name, _)| name.as_str() != Some("include"));
    let (_, job) = jobs.next().unwrap();
    assert!(jobs.next().is_none());
    job.clone()
}

/// Runs the scripts of a job in a checkout: one shell for all of them, which ends with the first
/// command that fails.
fn run(
    snapshot: &Snapshot,
    job: &Value,
    checkout: &Path,
    path: &str,
    home: &Path,
) -> (i32, String) {
    let mut script = String::new();
    for part in ["before_script", "script"] {
        for line in job[part].as_sequence().into_iter().flatten() {
            script.push_str(line.as_str().unwrap());
            script.push('\n');
        }
    }
    let mut command = snapshot.command("bash", checkout);
    command.args(["-c", &format!("set -eo pipefail\n{script}")]);
    command.env("CI_PROJECT_DIR", checkout).env("PATH", path);
    // The program is installed below the user's folder; cargo's own stays where it is.
    let old_home = std::env::var("HOME").unwrap();
    let set = |name: &str, folder: &str| {
        std::env::var(name).unwrap_or_else(|_| format!("{old_home}/{folder}"))
    };
    command.env("CARGO_HOME", set("CARGO_HOME", ".cargo"));
    command.env("RUSTUP_HOME", set("RUSTUP_HOME", ".rustup"));
    command.env("HOME", home);
    for (name, value) in job["variables"].as_mapping().into_iter().flatten() {
        command.env(name.as_str().unwrap(), value.as_str().unwrap());
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), text(&output))
}

/// The report that the job hands to GitLab.
fn report(job: &Value, checkout: &Path) -> Vec<Json> {
    let artifacts = &job["artifacts"];
    assert_eq!(
        artifacts["when"], "always",
        "a job that fails has a report, too"
    );
    let file = artifacts["reports"]["codequality"].as_str().unwrap();
    let text = fs::read_to_string(checkout.join(file)).unwrap();
    fs::remove_file(checkout.join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn the_jobs_of_the_page_run_as_they_stand() {
    if find("check-jsonschema").is_none() {
        return;
    }
    let snapshot = Snapshot::take();
    let folder = tempfile::tempdir().unwrap();
    let (checkout, home) = (folder.path().join("repo"), folder.path().join("home"));
    fs::create_dir_all(checkout.join("k8s")).unwrap();
    fs::create_dir(&home).unwrap();
    let write = |name: &str, content: &str| fs::write(checkout.join(name), content).unwrap();
    let pages = blocks(PAGE, "yaml");
    let [included, _, alone] = &pages[..] else {
        panic!("the page has other jobs: {}", pages.len());
    };
    write(".gitlab-ci.yml", included);
    write("k8s/web.yaml", &deployment("web", true));
    write("k8s/plain.yaml", &deployment("plain", false));
    write("operator.json", CONFIGURATION);

    // The image has no program: it is built.
    let bare = std::env::var("PATH").unwrap();
    let job_included = job(included);
    let (code, log) = run(&snapshot, &job_included, &checkout, &bare, &home);
    assert_eq!(code, 1, "{log}");
    let program = home.join(".datakit-inject/bin");
    assert!(program.join("datakit-inject").is_file(), "{log}");
    assert!(log.contains("+        - name: datakit-lib-init"), "{log}");
    assert!(
        log.contains("k8s/web.yaml:1:1: deployment/web: would inject ddtrace (java)"),
        "{log}"
    );
    let issues = report(&job_included, &checkout);
    assert_eq!(issues.len(), 1);
    assert_eq!(issues[0]["check_name"], "not-injected");
    assert_eq!(issues[0]["location"]["path"], "k8s/web.yaml");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 1);

    // The image has it, and the job stands alone: the same finding, on another line by now.
    let path = format!("{}:{bare}", program.display());
    write(
        "k8s/web.yaml",
        &format!("# moved\n{}", deployment("web", true)),
    );
    let job_alone = job(alone);
    let (code, log) = run(&snapshot, &job_alone, &checkout, &path, &home);
    assert_eq!(code, 1, "{log}");
    let moved = report(&job_alone, &checkout);
    assert_eq!(moved[0]["fingerprint"], issues[0]["fingerprint"]);
    assert_eq!(moved[0]["location"]["lines"]["begin"], 2);

    // Nothing to say, and an error.
    write("k8s/web.yaml", &deployment("web", false));
    let (code, log) = run(&snapshot, &job_included, &checkout, &path, &home);
    assert_eq!(code, 0, "{log}");
    assert_eq!(report(&job_included, &checkout), Vec::<Json>::new());
    write("operator.json", "{");
    let (code, log) = run(&snapshot, &job_included, &checkout, &path, &home);
    assert_eq!(code, 2, "{log}");
    let issues = report(&job_included, &checkout);
    assert_eq!(issues[0]["severity"], "critical");
    assert_eq!(issues[0]["location"]["path"], "operator.json");
}

#[test]
fn the_template_and_the_examples_are_valid() {
    let Some(check) = find("check-jsonschema") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut texts = blocks(PAGE, "yaml");
    let template = root().join("templates/datakit-inject.gitlab-ci.yml");
    texts.push(fs::read_to_string(template).unwrap());
    for text_of_one in &texts {
        let file = folder.path().join("ci.yml");
        fs::write(&file, text_of_one).unwrap();
        let mut command = std::process::Command::new(&check);
        let command = command
            .args(["--builtin-schema", "vendor.gitlab-ci"])
            .arg(&file);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}\n{text_of_one}", text(&output));
    }
}
