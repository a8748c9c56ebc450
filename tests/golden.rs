//! The golden folders: `testdata/cases/<area>/<case>/` holds a command and all that it reads,
//! writes and says, compared byte for byte.
//!
//! | file | what |
//! | --- | --- |
//! | `cmd` | the options on the first line, the paths on the second; words in quotes may hold blanks |
//! | `in/` | the working directory, copied to a temporary one |
//! | `stdin` | standard input; none: it is empty |
//! | `env` | further environment, `NAME=value` lines |
//! | `stdout`, `stderr`, `exit` | what is expected; none: empty, empty, 0 |
//! | `out/` | the working directory afterwards; none: as before |
//!
//! `UPDATE=1 cargo test --test golden` writes the expectations anew. Each case runs on one thread and
//! on eight, to the same bytes. After each the program runs on its own output, and nothing may change.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

type Tree = BTreeMap<String, Vec<u8>>;

/// The files below a folder, links by what they point to.
fn tree(root: &Path) -> Tree {
    fn collect(root: &Path, folder: &Path, files: &mut Tree) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            if path.is_symlink() {
                let target = fs::read_link(&path).unwrap();
                files.insert(name, format!("-> {}", target.display()).into_bytes());
            } else if path.is_dir() {
                collect(root, &path, files);
            } else {
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut files = Tree::new();
    collect(root, root, &mut files);
    files
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).into_iter().flatten() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), target).unwrap();
        } else if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Words as a shell splits them: blanks separate, quotes of both kinds hold together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn run(
    folder: &Path,
    arguments: &[String],
    environment: &[(String, String)],
    stdin: &[u8],
) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = pipe.write_all(&stdin);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// A `ResourceList` without the results at its end, which tell of one run and not of the items.
fn without_results(text: &[u8]) -> &[u8] {
    let forms: [(&[u8], &[u8]); 2] = [
        (b"\nkind: ResourceList\n", b"\nresults:\n"),
        (
            b"\n  \"kind\": \"ResourceList\",\n",
            b"\n  \"results\": [\n",
        ),
    ];
    let last = |what: &[u8]| text.windows(what.len()).rposition(|part| part == what);
    let results = forms.map(|(kind, results)| last(kind).and_then(|_| last(results)));
    let at = results.into_iter().flatten().next();
    &text[..at.unwrap_or(text.len())]
}

struct Case {
    name: String,
    folder: PathBuf,
}

impl Case {
    fn read(&self, file: &str) -> Vec<u8> {
        fs::read(self.folder.join(file)).unwrap_or_default()
    }

    fn expect(&self, file: &str, actual: &[u8], update: bool, failures: &mut Vec<String>) {
        let path = self.folder.join(file);
        if update {
            if actual.is_empty() {
                let _ = fs::remove_file(path);
            } else {
                fs::write(path, actual).unwrap();
            }
            return;
        }
        let expected = self.read(file);
        if expected != actual {
            failures.push(format!(
                "{}: {file} differs\n--- expected\n{}\n--- got\n{}",
                self.name,
                String::from_utf8_lossy(&expected),
                String::from_utf8_lossy(actual)
            ));
        }
    }

    fn check(&self, jobs: &str, update: bool, failures: &mut Vec<String>) {
        let cmd = String::from_utf8(self.read("cmd")).unwrap();
        let mut lines = cmd.lines();
        let options = words(lines.next().unwrap_or_default());
        let paths = words(lines.next().unwrap_or_default());
        let environment = String::from_utf8(self.read("env")).unwrap();
        // What is said of a wrong command names every option that is set.
        let tells_options = String::from_utf8_lossy(&self.read("stderr")).contains("\nUsage: ");
        let jobs = (!tells_options).then_some(("DATAKIT_INJECT_JOBS", jobs));
        let environment: Vec<(String, String)> = jobs
            .into_iter()
            .chain(environment.lines().filter_map(|line| line.split_once('=')))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let temporary = tempfile::tempdir().unwrap();
        let work = temporary.path().join("work");
        copy(&self.folder.join("in"), &work);
        let before = tree(&work);
        let all: Vec<String> = options.iter().chain(&paths).cloned().collect();
        let output = run(&work, &all, &environment, &self.read("stdin"));
        let after = tree(&work);
        let code = output.status.code().expect("the program ends by itself");

        self.expect("stdout", &output.stdout, update, failures);
        self.expect("stderr", &output.stderr, update, failures);
        let exit = if code == 0 {
            String::new()
        } else {
            format!("{code}\n")
        };
        self.expect("exit", exit.as_bytes(), update, failures);
        let out = self.folder.join("out");
        if update {
            let _ = fs::remove_dir_all(&out);
            if after != before {
                copy(&work, &out);
            }
        } else {
            let expected = if out.is_dir() { tree(&out) } else { before };
            if expected != after {
                let names = |tree: &Tree| tree.keys().cloned().collect::<Vec<_>>().join(" ");
                let different: Vec<&String> = after
                    .keys()
                    .filter(|name| expected.get(*name) != after.get(*name))
                    .collect();
                failures.push(format!(
                    "{}: the files differ: {different:?}\nexpected {}\ngot      {}",
                    self.name,
                    names(&expected),
                    names(&after)
                ));
            }
        }
        if code == 0 {
            self.check_again(&work, &options, &all, &environment, &output, failures);
        }
    }

    /// The program on its own output changes nothing.
    fn check_again(
        &self,
        work: &Path,
        options: &[String],
        all: &[String],
        environment: &[(String, String)],
        output: &Output,
        failures: &mut Vec<String>,
    ) {
        let has = |names: &[&str]| {
            options.iter().any(|option| {
                names
                    .iter()
                    .any(|name| option.split('=').next() == Some(name))
            })
        };
        if has(&[
            "--diff",
            "--check",
            "--help",
            "-h",
            "--version",
            "-V",
            "--output-dir",
            "explain",
            "preflight",
        ]) {
            return;
        }
        let changed = if has(&["--in-place", "-i"]) {
            // A report says what happened this time.
            let manifests = || {
                let mut files = tree(work);
                files.retain(|name, _| !name.starts_with("report."));
                files
            };
            let before = manifests();
            run(work, all, environment, b"");
            before != manifests()
        } else {
            let again = run(work, options, environment, &output.stdout).stdout;
            without_results(&again) != without_results(&output.stdout)
        };
        if changed {
            failures.push(format!(
                "{}: a second run changes its own output",
                self.name
            ));
        }
    }
}

#[test]
fn every_golden_folder_is_exact() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut cases = Vec::new();
    for area in fs::read_dir(&root).unwrap() {
        let area = area.unwrap().path();
        for case in fs::read_dir(&area).unwrap() {
            let folder = case.unwrap().path();
            let name = folder
                .strip_prefix(&root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            cases.push(Case { name, folder });
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    let update = std::env::var_os("UPDATE").is_some();
    let mut failures = Vec::new();
    for case in &cases {
        assert!(
            case.folder.join("cmd").is_file(),
            "{} has no cmd",
            case.name
        );
        for jobs in ["1", "8"] {
            case.check(jobs, update, &mut failures);
        }
    }
    assert!(!cases.is_empty());
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    println!("{} golden folders", cases.len());
}
