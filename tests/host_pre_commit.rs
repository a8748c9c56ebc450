//! pre-commit itself builds our hooks and runs them on a repository: `docs/hosts/pre-commit.md`.

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

use programs::{CONFIGURATION, Snapshot, blocks, deployment, find, tag, text};

const PAGE: &str = "docs/hosts/pre-commit.md";

/// More manifests than go into one batch.
const MANIFESTS: usize = 44;

/// Files that are YAML, and no Kubernetes manifests.
const OTHERS: usize = 6;

/// A repository with manifests, two of which ask for an injection, and the YAML of other programs.
fn repository(snapshot: &Snapshot) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    for index in 0..MANIFESTS {
        let asks = index == 7 || index == 31;
        write(
            &format!("k8s/{index:02}.yaml"),
            &deployment(&format!("web-{index}"), asks),
        );
    }
    write("operator.json", CONFIGURATION);
    write("values.yaml", "image: {tag: \"1.0\"}\nreplicas: 2\n");
    write(
        "docker-compose.yml",
        "services:\n  web:\n    image: web\n    ports: [\"80:80\"]\n",
    );
    write(
        ".github/workflows/ci.yml",
        "on: push\njobs:\n  a:\n    steps:\n      - run: 'true'\n",
    );
    write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: chart\nversion: 0.1.0\n",
    );
    write(
        "chart/templates/web.yaml",
        "kind: Pod\nspec: {{ toYaml .Values }}\n",
    );
    write("empty.yaml", "");
    write(".pre-commit-config.yaml", &blocks(PAGE, "yaml")[0]);
    snapshot.commit_all(folder.path());
    folder
}

/// The numbers of files in the summary lines of a log: one for each batch.
fn batches(log: &str) -> Vec<usize> {
    let lines = log.lines().filter(|line| line.contains(" workload"));
    let numbers = lines.filter_map(|line| line.split_once(" file")?.0.parse().ok());
    numbers.collect()
}

fn run(snapshot: &Snapshot, folder: &Path, home: &Path, words: &[&str]) -> (i32, String) {
    let output = snapshot
        .command("pre-commit", folder)
        .args(words)
        .env("PRE_COMMIT_HOME", home)
        .env("PRE_COMMIT_COLOR", "never")
        .output()
        .unwrap();
    (output.status.code().unwrap(), text(&output))
}

#[test]
fn pre_commit_builds_and_runs_both_hooks() {
    if find("pre-commit").is_none() {
        return;
    }
    let snapshot = Snapshot::take();
    let folder = repository(&snapshot);
    let home = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let read =
        |index: usize| fs::read_to_string(folder.join(format!("k8s/{index:02}.yaml"))).unwrap();

    // As the page says to try it.
    let command = blocks(PAGE, "sh").remove(1);
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    assert_eq!(words[..2], ["try-repo", programs::ADDRESS]);
    let (code, log) = run(&snapshot, folder, home.path(), &words);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("- exit code: 1"), "{log}");
    for index in [7, 31] {
        assert!(log.contains(&format!("+++ b/k8s/{index:02}.yaml")), "{log}");
    }
    assert_eq!(log.matches("--- a/").count(), 2, "{log}");
    // Nothing is said of all the others.
    let said = log.split_once("- exit code: 1\n\n").unwrap().1;
    for line in said.lines().filter(|line| !line.is_empty()) {
        assert!(line.starts_with(['-', '+', '@', ' ']), "{line}\n{log}");
    }
    assert_eq!(
        read(7),
        deployment("web-7", true),
        "a check changes nothing"
    );

    // The page's configuration, as it stands: the first run rewrites, the second one is clean.
    let config = blocks(PAGE, "yaml").remove(0);
    assert!(
        config.contains(&format!("rev: {}\n", tag())),
        "the page speaks of another release"
    );
    let all: Vec<String> = blocks(PAGE, "sh")[0]
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let all: Vec<&str> = all.iter().skip(1).map(String::as_str).collect();
    let (code, log) = run(&snapshot, folder, home.path(), &all);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("files were modified by this hook"), "{log}");
    let passed = |log: &str| log.lines().filter(|line| line.ends_with("Passed")).count();
    assert_eq!(passed(&log), 1, "the check behind the fix passes\n{log}");
    for index in 0..MANIFESTS {
        let (text, asks) = (read(index), index == 7 || index == 31);
        assert_eq!(text.contains("datakit-lib-init"), asks, "{index}\n{text}");
        if !asks {
            assert_eq!(text, deployment(&format!("web-{index}"), false));
        }
    }
    assert!(read(7).contains("- name: web # stays\n"));
    assert!(
        read(7).contains("example.com/dd-lib-java-init:1.30"),
        "the configuration counts"
    );
    let (code, log) = run(&snapshot, folder, home.path(), &all);
    assert_eq!((code, passed(&log)), (0, 2), "{log}");
    assert!(
        !log.contains("k8s/"),
        "a hook that passes says nothing\n{log}"
    );

    // All files are looked at, in several batches, the YAML of others among them.
    let loud = config.replace(
        "      - id: datakit-inject-check\n",
        "      - id: datakit-inject-check\n        entry: datakit-inject --check\n        verbose: true\n",
    );
    fs::write(folder.join(".pre-commit-config.yaml"), loud).unwrap();
    let (code, log) = run(&snapshot, folder, home.path(), &all);
    assert_eq!(code, 0, "{log}");
    let batches = batches(&log);
    assert_eq!(batches.iter().sum::<usize>(), MANIFESTS + OTHERS, "{log}");
    let processors = std::thread::available_parallelism().unwrap().get();
    assert!(batches.len() > 1 || processors == 1, "{log}");
    let of_manifests = log.lines().filter(|line| line.starts_with("k8s/"));
    assert_eq!(of_manifests.count(), MANIFESTS, "{log}");

    // An error reaches whoever commits, and nothing is written.
    fs::write(folder.join("k8s/00.yaml"), "kind: Pod\nspec: [\n").unwrap();
    fs::write(folder.join("k8s/01.yaml"), deployment("again", true)).unwrap();
    let hook = ["run", "datakit-inject-fix", "--all-files"];
    let (code, log) = run(&snapshot, folder, home.path(), &hook);
    assert_eq!(code, 1, "{log}");
    assert!(
        log.contains("error: k8s/00.yaml:2:7: this is no YAML"),
        "{log}"
    );
    assert!(log.contains("- exit code: 2"), "{log}");
    assert_eq!(read(1), deployment("again", true));
}
