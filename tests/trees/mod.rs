//! Folders of manifests that a run rewrites in place, and what became of each: for the tests of what
//! goes wrong meanwhile.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// What it held before.
    Old,
    /// What a whole run makes of it.
    New,
    /// Something else: the beginning of it.
    Other(String),
}

/// `files/w0.yaml` and so on, each of which a run changes.
pub(crate) struct Tree {
    folder: TempDir,
    old: Vec<String>,
    new: Vec<String>,
}

/// The program that is tested: the one that `DATAKIT_INJECT_TEST_PROGRAM` names, or else this build.
pub(crate) fn program_path() -> PathBuf {
    let named = std::env::var_os("DATAKIT_INJECT_TEST_PROGRAM").map(PathBuf::from);
    named.unwrap_or_else(|| env!("CARGO_BIN_EXE_datakit-inject").into())
}

/// The program, with nothing in its environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(program_path());
    command.env_clear();
    command
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Says what a test leaves out, past the test runner, which swallows what tests print.
pub(crate) fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED {name}: {why}");
}

fn manifest(index: usize) -> String {
    let lines = "  # a line that stays\n".repeat(index % 7 * 40);
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{index}\n{lines}spec:\n  template:\n    \
         metadata:\n      annotations:\n        admission.datakit/java-lib.version: \"\"\n    spec:\n      \
         containers:\n        - name: web\n          image: example.com/web:{index}\n"
    )
}

impl Tree {
    /// A new tree of so many files, and what a run makes of them.
    pub(crate) fn new(count: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        fs::create_dir(&files).unwrap();
        let mut tree = Self {
            folder,
            old: (0..count).map(manifest).collect(),
            new: Vec::new(),
        };
        for index in 0..count {
            tree.restore(index);
        }
        let out = tree.path().join("expected");
        let mut command = program();
        command.arg("--output-dir").arg(&out).arg(&files);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let read = |index| fs::read_to_string(out.join(format!("w{index}.yaml"))).unwrap();
        tree.new = (0..count).map(read).collect();
        fs::remove_dir_all(out).unwrap();
        assert!(tree.old.iter().zip(&tree.new).all(|(old, new)| old != new));
        tree
    }

    /// The folder around the files.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.path().join("files")
    }

    pub(crate) fn file(&self, index: usize) -> PathBuf {
        self.files().join(format!("w{index}.yaml"))
    }

    pub(crate) fn count(&self) -> usize {
        self.old.len()
    }

    /// Gives a file what it held before.
    pub(crate) fn restore(&self, index: usize) {
        fs::write(self.file(index), &self.old[index]).unwrap();
    }

    /// Makes a user the owner of the files and of their folder.
    pub(crate) fn give_to(&self, user: u32) {
        for index in 0..self.count() {
            chown(self.file(index), Some(user), Some(user)).unwrap();
        }
        chown(self.files(), Some(user), Some(user)).unwrap();
    }

    /// What each file holds, in that folder.
    pub(crate) fn states(&self, files: &Path) -> Vec<State> {
        let state = |index: usize| {
            let now = fs::read(files.join(format!("w{index}.yaml"))).unwrap_or_default();
            if now == self.old[index].as_bytes() {
                State::Old
            } else if now == self.new[index].as_bytes() {
                State::New
            } else {
                let now = String::from_utf8_lossy(&now);
                State::Other(now.chars().take(60).collect())
            }
        };
        (0..self.count()).map(state).collect()
    }

    /// Asserts that each file holds that, and that nothing stands beside them.
    pub(crate) fn all(&self, expected: &State) {
        let states = self.states(&self.files());
        let others = states
            .iter()
            .enumerate()
            .filter(|(_, state)| *state != expected);
        let others: Vec<_> = others.take(5).collect();
        assert!(others.is_empty(), "not {expected:?}: {others:?}");
        assert_eq!(self.temporary(), 0);
    }

    /// How many files stand beside them.
    pub(crate) fn temporary(&self) -> usize {
        let entries = fs::read_dir(self.files()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name());
        let is_hidden = |name: &std::ffi::OsString| name.to_string_lossy().starts_with('.');
        names.filter(is_hidden).count()
    }
}
