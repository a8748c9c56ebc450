//! One thread and eight write the same bytes, say the same and end the same: on streams that are
//! large enough for threads to start, and on folders.
//!
//! The other tests run on small files. Here the pods of the operator's recorded answers, the editing
//! cases and, where `DATAKIT_INJECT_CORPUS` and `DATAKIT_INJECT_CORPUS_BROKEN` name folders, the
//! manifests in them go through the program as one stream each, and as the folders that they are.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use datakit_inject::config::{self, Rules};
use datakit_inject::diagnostic::Severity;
use datakit_inject::inject::Switches;
use datakit_inject::report::Event;
use datakit_inject::rewrite::Rewriter;
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;

/// Injects into every pod.
const EVERYWHERE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/testdata/config/everywhere.json"
);

/// Eight times what a thread takes at a time (128 KiB), nearly: all get something to do.
const LARGE: usize = 1_000_000;

/// What a run wrote and said.
#[derive(PartialEq, Eq)]
struct Run {
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

fn run(jobs: &str, arguments: &[&str], stdin: &str, folder: &Path) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
        .args(["--config", EVERYWHERE, "--jobs", jobs])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that reads files closes its input.
        scope.spawn(move || pipe.write_all(stdin.as_bytes()).ok());
        child.wait_with_output().unwrap()
    });
    Run {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: output.stderr,
    }
}

/// Runs on one thread and on eight; the run, where both are the same.
fn same(arguments: &[&str], stdin: &str, folder: &Path) -> Run {
    let one = run("1", arguments, stdin, folder);
    let eight = run("8", arguments, stdin, folder);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let differ = |one: &[u8], eight: &[u8]| {
        let (one, eight) = (text(one), text(eight));
        let pair = one.lines().zip(eight.lines()).find(|(a, b)| a != b);
        format!("{} and {} bytes, first {pair:?}", one.len(), eight.len())
    };
    assert!(
        one == eight,
        "{arguments:?}: --jobs 1 and --jobs 8 differ: exit codes {:?} and {:?}, standard output {}, \
         standard error {}",
        one.code,
        eight.code,
        differ(&one.stdout, &eight.stdout),
        differ(&one.stderr, &eight.stderr),
    );
    one
}

/// Everything that the program can make of a stream, on one thread and on eight. `code` is how it
/// ends where it writes.
fn stream_is_the_same(what: &str, stream: &str, code: i32) {
    assert!(
        stream.len() >= LARGE,
        "{what}: {} bytes start no threads",
        stream.len()
    );
    let here = Path::new(".");
    let written = same(&["--verbose"], stream, here);
    assert_eq!(
        written.code,
        Some(code),
        "{what}: {}",
        String::from_utf8_lossy(&written.stderr)
    );
    same(&["--diff", "--check"], stream, here);
    same(&["--output", "json", "--strict"], stream, here);
    if code == 0 {
        let lines = String::from_utf8(written.stderr).unwrap();
        let injected = lines.matches(": injected ").count();
        assert!(
            injected >= 200,
            "{what}: only {injected} workloads are injected"
        );
        println!("{what}: {} bytes, {injected} injected", stream.len());
    } else {
        assert!(written.stdout.is_empty(), "{what}");
    }
}

/// The documents one after the other, again and again until the stream is large.
fn large(documents: &[String]) -> String {
    assert!(!documents.is_empty());
    let mut stream = String::new();
    while stream.len() < LARGE {
        for document in documents {
            if !document.starts_with("---") {
                stream.push_str("---\n");
            }
            stream.push_str(document);
            if !stream.ends_with('\n') {
                stream.push('\n');
            }
        }
    }
    stream
}

fn rules() -> Rules {
    let source = Source::new("config.json", fs::read_to_string(EVERYWHERE).unwrap());
    let config = config::from_json(&source, None, &mut Vec::new());
    config.unwrap().rules
}

/// Whether a text goes through without an error: one with an error would keep all others from being
/// written.
fn is_sound(rules: &Rules, text: &str) -> bool {
    let lookup = Lookup {
        carriers: Vec::new(),
        namespace: "default".to_owned(),
    };
    let rewriter = Rewriter {
        work: Work::Inject,
        rules,
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
    let is_error = |event: &Event| matches!(event, Event::Diagnostic(diagnostic) if diagnostic.severity == Severity::Error);
    let rewritten = rewriter.rewrite(&Source::new("text", text), 1);
    !rewritten.events.iter().any(is_error)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

/// The manifests below a folder.
fn manifests(root: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(root).sort_by_file_name();
    let paths = files
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| {
            path.extension()
                .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
        });
    let texts = paths.filter_map(|path| String::from_utf8(fs::read(path).unwrap()).ok());
    texts
        .map(|text| text.trim_start_matches('\u{feff}').to_owned())
        .collect()
}

/// Two folders hold the same files with the same bytes; how many.
fn same_files(one: &Path, other: &Path) -> usize {
    let files = |root: &Path| -> Vec<(PathBuf, Vec<u8>)> {
        let entries = walkdir::WalkDir::new(root).sort_by_file_name().into_iter();
        let entries = entries
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().is_file());
        entries
            .map(|entry| {
                let name = entry.path().strip_prefix(root).unwrap().to_owned();
                (name, fs::read(entry.path()).unwrap())
            })
            .collect()
    };
    let (one, other) = (files(one), files(other));
    assert_eq!(one.len(), other.len());
    for ((name, text), (other_name, other_text)) in one.iter().zip(&other) {
        assert_eq!(name, other_name);
        assert!(text == other_text, "{} differs", name.display());
    }
    one.len()
}

#[test]
fn the_pods_of_the_vectors() {
    let rules = rules();
    let mut documents = Vec::new();
    let mut refused = 0;
    for file in ["v1.jsonl", "v2.jsonl", "v1-read-as-v2.jsonl"] {
        let text = fs::read_to_string(folder("vectors").join(file)).unwrap();
        for line in text.lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let mut pod = String::new();
            let number = documents.len();
            if number.is_multiple_of(3) {
                writeln!(pod, "{}", case["pod"]).unwrap();
            } else {
                pod = serde_yaml::to_string(&case["pod"]).unwrap();
            }
            if is_sound(&rules, &pod) {
                documents.push(pod);
            } else {
                refused += 1;
            }
        }
    }
    assert!(documents.len() > 1000, "{refused} pods are refused");
    stream_is_the_same("the vectors", &large(&documents), 0);
}

#[test]
fn the_editing_cases() {
    let rules = rules();
    let all = manifests(&folder("editing-cases"));
    let documents: Vec<String> = all
        .iter()
        .filter(|text| is_sound(&rules, text))
        .cloned()
        .collect();
    assert!(documents.len() > 80, "only {}", documents.len());
    stream_is_the_same("the editing cases", &large(&documents), 0);
}

#[test]
fn errors_come_in_the_order_of_the_text() {
    let broken = [
        "a: [1\n",
        "kind: Deployment\nspec: {template: {spec: {containers: 1}}}\n",
        "b: \"\n",
    ];
    let sound = manifests(&folder("quickstart"));
    let documents: Vec<String> = sound
        .iter()
        .map(String::as_str)
        .chain(broken)
        .map(str::to_owned)
        .collect();
    stream_is_the_same("errors among manifests", &large(&documents), 2);
}

#[test]
fn the_corpus() {
    let rules = rules();
    let Some(root) = std::env::var_os("DATAKIT_INJECT_CORPUS").map(PathBuf::from) else {
        println!("DATAKIT_INJECT_CORPUS is not set: nothing is read");
        return;
    };
    let root = root.canonicalize().unwrap();
    let all = manifests(&root);
    let documents: Vec<String> = all
        .iter()
        .filter(|text| is_sound(&rules, text))
        .cloned()
        .collect();
    assert!(
        documents.len() > 300,
        "{} of {} files",
        documents.len(),
        all.len()
    );
    stream_is_the_same("the corpus as a stream", &large(&documents), 0);

    let work = tempfile::tempdir().unwrap();
    let path = root.to_str().unwrap();
    same(&["--verbose", path], "", work.path());
    same(&["--diff", "--check", path], "", work.path());
    for jobs in ["1", "8"] {
        let run = run(jobs, &["--output-dir", jobs, path], "", work.path());
        assert_eq!(
            run.code,
            Some(0),
            "{}",
            String::from_utf8_lossy(&run.stderr)
        );
    }
    let files = same_files(&work.path().join("1"), &work.path().join("8"));
    assert!(files > 300, "only {files} files");
    println!("the corpus as a folder: {files} files");
}

#[test]
fn the_broken_corpus() {
    let Some(root) = std::env::var_os("DATAKIT_INJECT_CORPUS_BROKEN").map(PathBuf::from) else {
        println!("DATAKIT_INJECT_CORPUS_BROKEN is not set: nothing is read");
        return;
    };
    let root = root.canonicalize().unwrap();
    let run = same(&["--verbose", root.to_str().unwrap()], "", Path::new("."));
    assert_eq!(run.code, Some(2));
    stream_is_the_same("the broken corpus", &large(&manifests(&root)), 2);
}
