//! Every host as it is: the real programs call the built one.
//!
//! `DATAKIT_INJECT_HOSTS_BIN` names the folder with the programs, which `tests/hosts/install` fills.
//! Without it these tests say that they were left out; with it, a program that is missing is a
//! failure.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it left out"
)]

#[path = "hosts/page.rs"]
mod page;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAMS: [&str; 5] = ["kustomize", "kubectl", "kpt", "helm3", "helm4"];

/// The folder with the hosts' programs, all of them there; nothing where none is named.
fn programs() -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("DATAKIT_INJECT_HOSTS_BIN").map(PathBuf::from) else {
        println!(
            "left out: DATAKIT_INJECT_HOSTS_BIN names no folder (tests/hosts/install makes one)"
        );
        return None;
    };
    for program in PROGRAMS {
        let path = folder.join(program);
        assert!(path.is_file(), "{} is not there", path.display());
    }
    Some(folder)
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An empty folder with a home of its own and the programs on PATH.
pub struct Place {
    root: tempfile::TempDir,
    programs: PathBuf,
}

impl Place {
    /// Nothing where the programs are not there.
    fn new() -> Option<Self> {
        let programs = programs()?;
        let root = tempfile::tempdir().unwrap();
        for folder in ["work", "home", "bin"] {
            fs::create_dir(root.path().join(folder)).unwrap();
        }
        let bin = root.path().join("bin");
        symlink(
            env!("CARGO_BIN_EXE_datakit-inject"),
            bin.join("datakit-inject"),
        )
        .unwrap();
        for program in PROGRAMS {
            symlink(programs.join(program), bin.join(program)).unwrap();
        }
        // What the pages call by the path from the project's root.
        symlink(repository().join("hosts"), root.path().join("work/hosts")).unwrap();
        Some(Self { root, programs })
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join("work").join(path)
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs commands; `helm` is Helm 3 or 4 as the heading says.
    pub fn shell(&self, commands: &str, heading: &str) -> Output {
        let helm = self.root.path().join("bin/helm");
        let _ = fs::remove_file(&helm);
        let version = if heading.contains("Helm 4") {
            "helm4"
        } else {
            "helm3"
        };
        symlink(self.programs.join(version), helm).unwrap();
        let path = format!("{}/bin:/usr/bin:/bin", self.root.path().display());
        Command::new("sh")
            .args(["-euc", commands])
            .current_dir(self.path(""))
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.root.path().join("home"))
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Runs commands that succeed; gives what they print.
    fn done(&self, commands: &str) -> String {
        let output = self.shell(commands, "");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{commands}\n{errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs commands that fail; gives what they print and what they say.
    fn failed(&self, commands: &str, heading: &str) -> (String, String) {
        let output = self.shell(commands, heading);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (printed, said) = (text(&output.stdout), text(&output.stderr));
        assert!(!output.status.success(), "{commands}\n{printed}\n{said}");
        (printed, said)
    }
}

fn carry_out(name: &str) {
    let Some(place) = Place::new() else { return };
    let compared = page::carry_out(name, &place);
    assert!(compared > 0, "{name} compares nothing");
    println!("{name}: {compared} comparisons");
}

#[test]
fn the_page_on_kustomize_is_true() {
    carry_out("kustomize.md");
}

#[test]
fn the_page_on_kpt_is_true() {
    carry_out("kpt.md");
}

#[test]
fn the_page_on_helm_is_true() {
    carry_out("helm.md");
}
