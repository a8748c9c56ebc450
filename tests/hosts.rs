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

#[path = "hosts/argo_cd.rs"]
mod argo_cd;
#[path = "hosts/helm.rs"]
mod helm;
#[path = "hosts/kpt.rs"]
mod kpt;
#[path = "hosts/kustomize.rs"]
mod kustomize;
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
pub(crate) struct Place {
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
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Runs commands; `helm` is Helm 3 or 4 as the heading says.
    pub(crate) fn shell(&self, commands: &str, heading: &str) -> Output {
        self.link_helm(heading);
        let mut shell = Command::new("sh");
        shell.args(["-euc", commands]).current_dir(self.path(""));
        self.run(shell)
    }

    /// Runs the `generate` command of Argo CD's plugin in a folder, as the sidecar of the repo-server
    /// does: with its environment and without standard input.
    pub(crate) fn generate(&self, folder: &str, environment: &[(&str, &str)]) -> Output {
        self.link_helm("");
        let plugin = fs::read_to_string(repository().join("hosts/argo-cd/plugin.yaml")).unwrap();
        let plugin: serde_yaml::Value = serde_yaml::from_str(&plugin).unwrap();
        let generate = &plugin["spec"]["generate"];
        let words = |name: &str| {
            let list = generate[name].as_sequence().unwrap();
            list.iter().map(|word| word.as_str().unwrap().to_owned())
        };
        let words: Vec<String> = words("command").chain(words("args")).collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .current_dir(self.path(folder))
            .envs([
                ("ARGOCD_APP_NAME", "shop"),
                ("ARGOCD_APP_NAMESPACE", "prod"),
                ("ARGOCD_APP_PROJECT_NAME", "default"),
                (
                    "ARGOCD_APP_REVISION",
                    "0123456789abcdef0123456789abcdef01234567",
                ),
                ("ARGOCD_APP_SOURCE_PATH", folder),
                ("KUBE_VERSION", "1.33.0"),
                ("KUBE_API_VERSIONS", "v1,apps/v1,example.com/v1/Widget"),
            ]);
        command.envs(environment.iter().copied());
        self.run(command)
    }

    fn link_helm(&self, heading: &str) {
        let helm = self.root.path().join("bin/helm");
        let _ = fs::remove_file(&helm);
        let version = if heading.contains("Helm 4") {
            "helm4"
        } else {
            "helm3"
        };
        symlink(self.programs.join(version), helm).unwrap();
    }

    /// Runs a command with an environment of its own and nothing on standard input.
    fn run(&self, mut command: Command) -> Output {
        let own: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        let path = format!("{}/bin:/usr/bin:/bin", self.root.path().display());
        command
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.root.path().join("home"))
            .envs(own)
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

/// A Deployment that asks for the ddtrace library for Python.
const ASKING: &str = r#"apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      annotations:
        admission.datakit/python-lib.version: ""
    spec:
      containers:
      - name: web
        image: example.com/web:1.0
        envFrom:
        - configMapRef:
            name: settings
"#;
