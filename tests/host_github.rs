//! The action as a runner of GitHub Actions runs it: the workflows of `docs/hosts/github-actions.md`
//! step by step, the action's own scripts with `bash` as the runner calls it.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod programs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use programs::{ADDRESS, CONFIGURATION, Snapshot, blocks, deployment, find, root, tag, text};
use serde_yaml::Value;

const PAGE: &str = "docs/hosts/github-actions.md";

/// This repository as a step names it.
fn action() -> String {
    let name = ADDRESS.strip_prefix("https://github.com/").unwrap();
    format!("{name}@{}", tag())
}

/// What a runner keeps for a job.
struct Runner<'s> {
    snapshot: &'s Snapshot,
    /// The checkout of the user's repository.
    workspace: PathBuf,
    /// `RUNNER_TEMP`, and the files that steps write to.
    temp: PathBuf,
    /// What steps put in front of `PATH`.
    path: Vec<String>,
    /// Where the action's files are.
    action_path: PathBuf,
}

/// What a step did.
struct Done {
    code: i32,
    log: String,
    outputs: String,
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn string(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => serde_yaml::to_string(other).unwrap().trim().to_owned(),
    }
}

fn steps(value: &Value) -> &Vec<Value> {
    value["steps"].as_sequence().unwrap()
}

impl Runner<'_> {
    /// Runs a script as `shell: bash` does: `bash --noprofile --norc -eo pipefail FILE`.
    fn script(&mut self, script: &str, environment: &BTreeMap<String, String>) -> Done {
        let file = self.temp.join("step.sh");
        fs::write(&file, script).unwrap();
        let files = ["GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"];
        let mut command = self.snapshot.command("bash", &self.workspace);
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&file);
        for name in files {
            fs::write(self.temp.join(name), "").unwrap();
            command.env(name, self.temp.join(name));
        }
        command.env("CI", "true").env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_WORKSPACE", &self.workspace);
        command.env("GITHUB_ACTION_PATH", &self.action_path);
        command.env("RUNNER_TEMP", &self.temp);
        command.envs(environment);
        let before = std::env::var("PATH").unwrap();
        let path: Vec<&str> = self
            .path
            .iter()
            .rev()
            .map(String::as_str)
            .chain([&*before])
            .collect();
        command.env("PATH", path.join(":"));
        let output = command.output().unwrap();
        let added = fs::read_to_string(self.temp.join("GITHUB_PATH")).unwrap();
        self.path.extend(added.lines().map(str::to_owned));
        Done {
            code: output.status.code().unwrap(),
            log: text(&output),
            outputs: fs::read_to_string(self.temp.join("GITHUB_OUTPUT")).unwrap(),
        }
    }

    /// Runs the steps of our action; it ends with the first one that fails.
    fn action(&mut self, with: &Value) -> Done {
        let action = yaml(&fs::read_to_string(root().join("action.yml")).unwrap());
        for (given, _) in with.as_mapping().into_iter().flatten() {
            assert!(!action["inputs"][given].is_null(), "no input {given:?}");
        }
        assert_eq!(action["runs"]["using"], "composite");
        let mut last = None;
        for step in steps(&action["runs"]) {
            assert_eq!(step["shell"], "bash");
            let mut environment = BTreeMap::new();
            for (name, value) in step["env"].as_mapping().unwrap() {
                let value = string(value);
                let input = value.strip_prefix("${{ inputs.");
                let value = match input.and_then(|rest| rest.strip_suffix(" }}")) {
                    Some(input) => match &with[input] {
                        Value::Null => string(&action["inputs"][input]["default"]),
                        given => string(given).trim_end().to_owned(),
                    },
                    None => value,
                };
                assert!(!value.contains("${{"), "{value}");
                environment.insert(string(name), value);
            }
            let script = step["run"].as_str().unwrap();
            // Inputs are text of others: they come by the environment, never as part of a script.
            assert!(!script.contains("${{"), "{script}");
            let done = self.script(script, &environment);
            if done.code != 0 {
                return done;
            }
            last = Some(done);
        }
        last.unwrap()
    }

    /// Runs the steps of a workflow's only job: ours, scripts, and of others what has no effect here.
    fn workflow(&mut self, text: &str) -> Vec<Done> {
        let workflow = yaml(text);
        let jobs = workflow["jobs"].as_mapping().unwrap();
        let (_, job) = jobs.iter().next().unwrap();
        let mut all = Vec::new();
        for step in steps(job) {
            let done = match step["uses"].as_str() {
                Some("actions/checkout@v4") => continue,
                Some("github/codeql-action/upload-sarif@v3") => {
                    let file = step["with"]["sarif_file"].as_str().unwrap();
                    let log = fs::read_to_string(self.workspace.join(file)).unwrap();
                    all.push(Done {
                        code: 0,
                        log,
                        outputs: String::new(),
                    });
                    continue;
                }
                Some(ours) => {
                    assert_eq!(ours, action());
                    self.action(&step["with"])
                }
                None => self.script(step["run"].as_str().unwrap(), &BTreeMap::new()),
            };
            let goes_on = done.code == 0 || step["continue-on-error"].as_bool() == Some(true);
            all.push(done);
            if !goes_on {
                break;
            }
        }
        all
    }
}

/// The log without what stands between `::stop-commands::` and its token.
fn heard(log: &str) -> String {
    let mut heard = String::new();
    let mut token: Option<String> = None;
    for line in log.lines() {
        if let Some(word) = &token {
            if line.trim() == format!("::{word}::") {
                token = None;
            }
        } else if let Some(word) = line.strip_prefix("::stop-commands::") {
            assert!(word.len() >= 32, "{word}");
            token = Some(word.to_owned());
        } else {
            heard.push_str(line);
            heard.push('\n');
        }
    }
    assert!(token.is_none(), "commands are never heard again\n{log}");
    heard
}

/// A user's repository with manifests, and what it pushes to.
fn repository(snapshot: &Snapshot, workspace: &Path, remote: &Path) {
    fs::create_dir_all(workspace.join("k8s")).unwrap();
    let write = |name: &str, content: &str| fs::write(workspace.join(name), content).unwrap();
    // A line that the runner would take for a command, in the context of the diff.
    let hostile = deployment("web", true) + "# a comment\n ::error::from a manifest\n";
    let hostile = hostile.replace(" ::error", "        # x\n  #\n  # ::error");
    write("k8s/web.yaml", &hostile);
    write("k8s/plain.yaml", &deployment("plain", false));
    write("operator.json", CONFIGURATION);
    snapshot.commit_all(workspace);
    let git = |words: &[&str]| {
        let status = snapshot.command("git", workspace).args(words).status();
        assert!(status.unwrap().success(), "{words:?}");
    };
    git(&["clone", "--quiet", "--bare", ".", remote.to_str().unwrap()]);
    git(&["remote", "add", "origin", remote.to_str().unwrap()]);
    git(&["fetch", "--quiet"]);
    git(&["branch", "--quiet", "--set-upstream-to", "origin/main"]);
}

#[test]
fn the_workflows_of_the_page_run_as_they_stand() {
    if find("check-jsonschema").is_none() {
        return;
    }
    let snapshot = Snapshot::take();
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("repo");
    let temp = folder.path().join("temp");
    let remote = folder.path().join("remote");
    fs::create_dir(&temp).unwrap();
    repository(&snapshot, &workspace, &remote);
    let mut runner = Runner {
        snapshot: &snapshot,
        workspace: workspace.clone(),
        temp,
        path: Vec::new(),
        action_path: snapshot.path().to_path_buf(),
    };
    let pages = blocks(PAGE, "yaml");
    let [check, commit, scan] = &pages[..] else {
        panic!("the page has other workflows: {}", pages.len());
    };

    let done = runner.workflow(check);
    let step = &done[0];
    assert_eq!((done.len(), step.code), (1, 1), "{}", step.log);
    assert_eq!(step.outputs, "exit-code=1\n");
    let commands: Vec<String> = heard(&step.log)
        .lines()
        .filter(|line| line.trim_start().starts_with("::"))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        commands,
        [
            "::group::What would change",
            "::endgroup::",
            "::warning file=k8s/web.yaml,line=1,col=1,title=not-injected::deployment/web: \
             would inject ddtrace (java)%0Ahelp: datakit-inject --in-place writes it",
        ],
        "{}",
        step.log
    );
    assert!(
        step.log.contains("+        - name: datakit-lib-init"),
        "{}",
        step.log
    );
    assert!(
        step.log
            .contains("2 files, 2 documents, 2 workloads: 1 would be injected, 1 skipped")
    );

    let done = runner.workflow(scan);
    let codes: Vec<i32> = done.iter().map(|done| done.code).collect();
    assert_eq!(codes, [1, 0], "{}", done[0].log);
    assert!(
        done[1].log.contains("\"ruleId\": \"not-injected\""),
        "{}",
        done[1].log
    );
    fs::remove_file(workspace.join("datakit-inject.sarif")).unwrap();

    let done = runner.workflow(commit);
    let codes: Vec<i32> = done.iter().map(|done| done.code).collect();
    assert_eq!(codes, [0, 0], "{}{}", done[0].log, done[1].log);
    let written = fs::read_to_string(workspace.join("k8s/web.yaml")).unwrap();
    assert!(written.contains("datakit-lib-init"), "{written}");
    let pushed = snapshot
        .command("git", &remote)
        .args(["show", "main:k8s/web.yaml"])
        .output();
    assert_eq!(text(&pushed.unwrap()), written);

    let done = runner.workflow(check);
    assert_eq!(done[0].code, 0, "{}", done[0].log);
    assert_eq!(done[0].outputs, "exit-code=0\n");

    // The other inputs.
    fs::write(workspace.join("k8s/b c.yaml"), deployment("blank", true)).unwrap();
    let with = |text: &str| yaml(text);
    let done = runner.action(&with(
        "{mode: diff, paths: \"k8s/b c.yaml\\nk8s/web.yaml\\n\"}",
    ));
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(done.log.contains("+++ b/k8s/b c.yaml"), "{}", done.log);
    let done = runner.action(&with("{paths: k8s, args: \"--skip ddtrace\\n--verbose\"}"));
    assert_eq!(done.code, 0, "{}", done.log);
    let done = runner.action(&with("{paths: none, mode: write}"));
    assert_eq!(done.code, 2, "{}", done.log);
    assert!(
        done.log
            .contains("::error title=input-not-found::none: No such file"),
        "{}",
        done.log
    );
    let done = runner.action(&with("{mode: destroy}"));
    assert_eq!(done.code, 2, "{}", done.log);
    assert!(done.log.starts_with("::error::"), "{}", done.log);
}

#[test]
fn a_version_is_left_to_the_installer() {
    if find("check-jsonschema").is_none() {
        return;
    }
    let snapshot = Snapshot::take();
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("repo");
    let temp = folder.path().join("temp");
    fs::create_dir(&workspace).unwrap();
    fs::create_dir(&temp).unwrap();
    fs::write(workspace.join("web.yaml"), deployment("web", false)).unwrap();
    // In place of the installer, which is tested by itself: it says how it was called.
    let installer = folder.path().join("install.sh");
    let program = env!("CARGO_BIN_EXE_datakit-inject");
    let script =
        format!("#!/bin/sh\nset -eu\necho \"$*\" > called\ncp {program} \"$4/datakit-inject\"\n");
    fs::write(&installer, script).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&installer, executable).unwrap();
    let mut runner = Runner {
        snapshot: &snapshot,
        workspace: workspace.clone(),
        temp: temp.clone(),
        path: Vec::new(),
        action_path: folder.path().to_path_buf(),
    };
    let done = runner.action(&yaml("{version: 0.1.0}"));
    assert_eq!(done.code, 0, "{}", done.log);
    assert!(
        done.log.contains("1 file, 1 document, 1 workload"),
        "{}",
        done.log
    );
    let called = fs::read_to_string(workspace.join("called")).unwrap();
    let to = format!("{}/datakit-inject/bin", temp.display());
    assert_eq!(called, format!("--version 0.1.0 --to {to}\n"));
    // The installer itself takes these options, and means the same release and place.
    fs::remove_file(temp.join("datakit-inject/bin/datakit-inject")).unwrap();
    let output = std::process::Command::new(root().join("install.sh"))
        .args(called.split_whitespace())
        .arg("--dry-run")
        .env_remove("DATAKIT_INJECT_BASE_URL")
        .env_remove("DATAKIT_INJECT_REPOSITORY")
        .output()
        .unwrap();
    let said = text(&output);
    assert!(output.status.success(), "{said}");
    let release = format!("would download {ADDRESS}/releases/download/v0.1.0/");
    assert!(said.contains(&release), "{said}");
    let place = format!("would write {to}/datakit-inject\n");
    assert!(said.contains(&place), "{said}");
}

#[test]
fn the_action_and_the_workflows_are_valid() {
    let Some(check) = find("check-jsonschema") else {
        return;
    };
    let actionlint = find("actionlint").unwrap();
    let shellcheck = find("shellcheck").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let workflows = folder.path().join(".github/workflows");
    fs::create_dir_all(&workflows).unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    fs::copy(root().join("action.yml"), folder.path().join("action.yml")).unwrap();
    let run = |program: &Path, words: &[&str]| {
        let mut command = std::process::Command::new(program);
        let output = command
            .args(words)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {}", text(&output));
    };
    run(
        &check,
        &["--builtin-schema", "vendor.github-actions", "action.yml"],
    );
    let pages = blocks(PAGE, "yaml");
    for (index, page) in pages.iter().enumerate() {
        let name = format!(".github/workflows/{index}.yml");
        fs::write(folder.path().join(&name), page).unwrap();
        run(
            &check,
            &["--builtin-schema", "vendor.github-workflows", &name],
        );
        // The action in place, so that its inputs are looked at.
        let here = page.replace(&action(), "./");
        assert_ne!(&here, page);
        fs::write(folder.path().join(&name), here).unwrap();
        run(
            &actionlint,
            &["-shellcheck", shellcheck.to_str().unwrap(), &name],
        );
    }
    assert_eq!(pages.len(), 3);
    let action = yaml(&fs::read_to_string(root().join("action.yml")).unwrap());
    for step in steps(&action["runs"]) {
        let script = step["run"].as_str().unwrap();
        fs::write(folder.path().join("step.sh"), script).unwrap();
        run(&shellcheck, &["--shell", "bash", "step.sh"]);
    }
}
