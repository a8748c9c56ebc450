//! What tests of other programs have in common: where the programs are, this repository as they
//! would fetch it, and the examples of the documentation.
//!
//! `DATAKIT_INJECT_HOSTS_BIN` names the folder that the programs were installed to.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The address that the pages give this repository.
pub(crate) const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");

/// A program, or a file that comes with one. Nothing where no folder is named, which is said;
/// where one is named, it has to be there.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("DATAKIT_INJECT_HOSTS_BIN") else {
        println!("skipped: DATAKIT_INJECT_HOSTS_BIN names no folder with {name}");
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "{} is not there", path.display());
    Some(path)
}

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The release that the pages speak of.
pub(crate) fn tag() -> String {
    format!("v{}", env!("CARGO_PKG_VERSION"))
}

/// The fenced blocks of a page that have a language, in order.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let start = format!("```{language}\n");
    let parts = text.split(start.as_str()).skip(1);
    let blocks = parts.map(|part| part.split_once("```").unwrap().0.to_owned());
    blocks.collect()
}

/// This repository as others fetch it, built from what is in the working tree.
pub(crate) struct Snapshot {
    folder: tempfile::TempDir,
}

impl Snapshot {
    /// Copies what git tracks or would track, commits it, and tags it with the release.
    pub(crate) fn take() -> Self {
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root())
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", text(&listed));
        let folder = tempfile::tempdir().unwrap();
        let snapshot = Self { folder };
        for name in String::from_utf8(listed.stdout).unwrap().split('\0') {
            let (from, to) = (root().join(name), snapshot.path().join(name));
            if from.is_symlink() || !from.is_file() {
                continue;
            }
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
        }
        snapshot.commit_all(snapshot.path());
        let tagged = snapshot
            .command("git", snapshot.path())
            .args(["tag", &tag()])
            .status();
        assert!(tagged.unwrap().success());
        snapshot
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a folder a repository with all that is in it.
    pub(crate) fn commit_all(&self, folder: &Path) {
        for arguments in [
            &["init", "--quiet"][..],
            &["add", "--all", "--force"],
            &["commit", "--quiet", "--message", "All of it"],
        ] {
            let status = self.command("git", folder).args(arguments).status();
            assert!(status.unwrap().success(), "git {arguments:?}");
        }
    }

    /// A command in a folder, without what the environment says of us or of hosts. The programs of
    /// others are found first; git takes the address of the pages for this repository, and cargo
    /// builds quickly.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(folder);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let foreign = [
                "DATAKIT_INJECT_",
                "GITHUB_",
                "CI_",
                "GIT_",
                "PRE_COMMIT",
                "CARGO_",
            ];
            let kept = ["CARGO_HOME", "CARGO_NET_OFFLINE"];
            if foreign.iter().any(|start| name.starts_with(start)) && !kept.contains(&&*name) {
                command.env_remove(name.as_ref());
            }
        }
        let mut folders: Vec<OsString> = Vec::new();
        folders.extend(std::env::var_os("DATAKIT_INJECT_HOSTS_BIN"));
        folders.extend(std::env::var_os("PATH"));
        command.env("PATH", folders.join(&OsString::from(":")));
        let instead = format!("url.file://{}.insteadOf", self.path().display());
        let settings = [
            ("user.name", "test"),
            ("user.email", "test@example.com"),
            ("safe.directory", "*"),
            ("init.defaultBranch", "main"),
            ("advice.detachedHead", "false"),
            (&instead, ADDRESS),
        ];
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (index, (key, value)) in settings.into_iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{index}"), key);
            command.env(format!("GIT_CONFIG_VALUE_{index}"), value);
        }
        command.env("CARGO_NET_GIT_FETCH_WITH_CLI", "true");
        command.env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts"),
        );
        for (setting, value) in [
            ("OPT_LEVEL", "0"),
            ("LTO", "off"),
            ("CODEGEN_UNITS", "16"),
            ("INCREMENTAL", "false"),
        ] {
            command.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
        }
        command
    }
}

/// All that a program said.
pub(crate) fn text(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    let texts = streams.map(|stream| String::from_utf8_lossy(stream).into_owned());
    texts.concat()
}

/// A manifest that asks for an injection, or for none.
pub(crate) fn deployment(name: &str, asks: bool) -> String {
    let annotation = if asks {
        "admission.datakit/java-lib.version"
    } else {
        "example.com/note"
    };
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    \
         metadata:\n      annotations:\n        {annotation}: \"\"\n    spec:\n      \
         containers:\n        - name: web # stays\n          image: example.com/web:1.0\n"
    )
}

/// A configuration as the pages name one: `operator.json`.
pub(crate) const CONFIGURATION: &str = r#"{
  "admission_inject_v2": {
    "ddtraces": [
      {
        "namespace_selectors": ["*"],
        "check_annotation": true,
        "language": "java",
        "image": "example.com/dd-lib-java-init:1.30"
      }
    ]
  }
}
"#;
