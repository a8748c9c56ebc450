//! What is linked: every crate has a row in `docs/dependencies.md`, those that use `unsafe` with the
//! reason, and neither they nor this program reach the network or run another one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use walkdir::WalkDir;

/// The platforms that releases are made for, and one more.
const TARGETS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What cargo says; nothing where it would have to download something for it.
fn cargo(arguments: &[&str]) -> Option<String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--locked", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("--offline") {
        println!("skipped: {arguments:?}: {said}");
        return None;
    }
    assert!(output.status.success(), "{arguments:?}: {said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The crates that are linked, or run while it is built, by name and version, with their features; `edges`
/// tells whether those are among them that only build scripts need.
fn linked(target: &str, edges: &str) -> Option<BTreeMap<(String, String), String>> {
    let form = "{p}|{f}";
    let tree = cargo(&[
        "tree",
        "-e",
        edges,
        "--all-features",
        "--prefix",
        "none",
        "--format",
        form,
        "--target",
        target,
    ])?;
    let crates = tree.lines().map(|line| {
        let (package, features) = line.split_once('|').unwrap();
        let mut words = package.split_whitespace();
        let (name, version) = (words.next().unwrap(), words.next().unwrap());
        let key = (name.to_owned(), version.trim_start_matches('v').to_owned());
        (key, features.trim_end_matches(" (*)").to_owned())
    });
    let crates: BTreeMap<_, _> = crates
        .filter(|((name, _), _)| name != env!("CARGO_PKG_NAME"))
        .collect();
    assert!(crates.len() > 30, "{target}: {}", crates.len());
    Some(crates)
}

/// Where the crates' sources are.
fn sources(target: &str) -> Option<BTreeMap<(String, String), PathBuf>> {
    let metadata = cargo(&[
        "metadata",
        "--format-version",
        "1",
        "--all-features",
        "--filter-platform",
        target,
    ])?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let packages = packages.map(|package| {
        let text = |name: &str| package[name].as_str().unwrap().to_owned();
        let folder = Path::new(&text("manifest_path"))
            .parent()
            .unwrap()
            .to_path_buf();
        ((text("name"), text("version")), folder)
    });
    Some(packages.collect())
}

/// The lines of code below a folder, comments aside.
fn code(folder: &Path) -> Vec<String> {
    let files = WalkDir::new(folder.join("src"))
        .into_iter()
        .map(Result::unwrap);
    let code = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "rs"));
    let mut lines = Vec::new();
    for file in code {
        let text = String::from_utf8_lossy(&fs::read(file.path()).unwrap()).into_owned();
        let code = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default());
        lines.extend(code.map(str::to_owned));
    }
    lines
}

/// Whether a line has a word; what stands behind it, each time.
fn behind<'l>(line: &'l str, word: &'l str) -> impl Iterator<Item = &'l str> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).filter_map(move |(at, _)| {
        let (before, behind) = (&line[..at], &line[at + word.len()..]);
        (!before.ends_with(is_part) && !behind.starts_with(is_part)).then_some(behind)
    })
}

/// Whether code below a folder uses `unsafe`; the word by itself can stand in a text.
fn uses_unsafe(folder: &Path) -> bool {
    let opens = ["{", "fn ", "impl", "trait ", "extern ", "("];
    code(folder).iter().any(|line| {
        behind(line, "unsafe").any(|rest| {
            let rest = rest.trim();
            rest.is_empty() || opens.iter().any(|open| rest.starts_with(open))
        })
    })
}

/// The crates that the page lists: those with `unsafe` in the rows of their table, and the others.
fn listed() -> (BTreeSet<String>, BTreeSet<String>) {
    let page = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let section = page
        .split("\n## `unsafe`\n")
        .nth(1)
        .expect("there is such a section");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let mut with = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(cells[3].len() > 5, "a reason is missing: {row}");
        with.insert(cells[1].trim_matches('`').to_owned());
    }
    let without = section.split("Without `unsafe`:").nth(1).unwrap();
    let without = without.split("\n\n").next().unwrap();
    let without = without
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    (with, without)
}

#[test]
fn every_crate_is_listed_and_those_with_unsafe_have_a_reason() {
    let (with, without) = listed();
    let mut found = BTreeSet::new();
    let mut all = true;
    for target in TARGETS {
        let (Some(crates), Some(sources)) = (linked(target, "normal,build"), sources(target))
        else {
            all = false;
            continue;
        };
        for package in crates.keys() {
            let (name, _) = package;
            found.insert(name.clone());
            if uses_unsafe(&sources[package]) {
                assert!(
                    with.contains(name),
                    "{name} is linked for {target}, uses `unsafe`, and has no row in docs/dependencies.md"
                );
            } else {
                assert!(
                    without.contains(name) || with.contains(name),
                    "{name} is linked for {target} and not named in docs/dependencies.md"
                );
                assert!(!with.contains(name), "{name} uses no `unsafe`");
            }
        }
    }
    assert!(!found.is_empty(), "no target could be looked at");
    if all {
        let listed: BTreeSet<String> = with.union(&without).cloned().collect();
        let gone: Vec<_> = listed.difference(&found).collect();
        assert!(gone.is_empty(), "no longer linked: {gone:?}");
    }
    println!("{} crates, {} with unsafe", found.len(), with.len());
}

#[test]
fn nothing_reaches_the_network_or_runs_a_program() {
    let words = [
        "TcpStream",
        "TcpListener",
        "UdpSocket",
        "UnixStream",
        "UnixDatagram",
        "UnixListener",
        "ToSocketAddrs",
        "CommandExt",
        "libloading",
        "dlopen",
        "asm",
    ];
    let lines = code(root());
    assert!(lines.len() > 10_000);
    for word in words {
        let line = lines
            .iter()
            .find(|line| behind(line, word).next().is_some());
        assert!(line.is_none(), "src/ names {word}: {line:?}");
    }
    for file in WalkDir::new(root().join("src")) {
        let file = file.unwrap();
        if !file.file_type().is_file() {
            continue;
        }
        let text = fs::read_to_string(file.path()).unwrap();
        let code: String = text.split_whitespace().collect();
        // An address that is only read is no connection.
        let code = code.replace("std::net::IpAddr;", "");
        for what in [
            "std::net",
            "process::Command",
            "process::{Command",
            ",Command}",
            "rustix::net",
            "Command::new(",
        ] {
            let is_ours = what == ",Command}" && !code.contains("process::{");
            assert!(
                is_ours || !code.contains(what),
                "{}: {what}",
                file.path().display()
            );
        }
    }
    // What could be done with it, and is not switched on.
    let host = TARGETS
        .into_iter()
        .find_map(|target| linked(target, "normal"))
        .expect("one target can be looked at");
    let features = |name: &str| {
        let (_, features) = host.iter().find(|((own, _), _)| own == name).unwrap();
        features
            .split(',')
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let rustix = features("rustix");
    assert!(rustix.contains("fs"));
    for feature in ["net", "runtime", "io_uring", "all-apis"] {
        assert!(
            !rustix.contains(feature),
            "rustix has the feature {feature}"
        );
    }
    let runtimes = [
        "tokio", "mio", "socket2", "hyper", "reqwest", "ureq", "curl", "openssl", "rustls",
        "async-io",
    ];
    for name in runtimes {
        assert!(!host.keys().any(|(own, _)| own == name), "{name} is linked");
    }
}

#[test]
fn this_package_forbids_unsafe() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("unsafe_code = \"forbid\""));
    assert!(!uses_unsafe(root()));
}
