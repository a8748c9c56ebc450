//! The project has one address, that of `Cargo.toml`: every file that names it names this one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::fs;
use std::path::{Path, PathBuf};

const ADDRESS: &str = env!("CARGO_PKG_REPOSITORY");
const NAME: &str = env!("CARGO_PKG_NAME");

/// What users read or run, relative to the project.
const PLACES: [&str; 12] = [
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "action.yml",
    ".pre-commit-hooks.yaml",
    "install.sh",
    "docs",
    "hosts",
    "templates",
    "tools",
];

fn files(path: &Path, found: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let mut inner: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        inner.sort();
        for path in inner {
            files(&path, found);
        }
    } else {
        found.push(path.to_owned());
    }
}

/// Addresses in a text that lead to a repository of the project's name, whoever owns it: URLs, and
/// `OWNER/NAME@RELEASE` as a workflow has it.
fn addresses(text: &str) -> Vec<&str> {
    let ends = |c: char| c.is_whitespace() || "\"'`<>()[]{}|,;".contains(c);
    let words = text.split(ends);
    let words = words.map(|word| word.find("http").map_or(word, |start| &word[start..]));
    let words = words.filter(|word| {
        let repository = format!("/{NAME}");
        let url = word.contains("://");
        word.split_once(&repository).is_some_and(|(_, rest)| {
            (url && (rest.is_empty() || rest.starts_with(['/', '.', '@', '#', '?'])))
                || (!url && rest.starts_with("@v"))
        })
    });
    words.collect()
}

#[test]
fn every_file_names_the_address_of_the_package() {
    let owner_and_name = ADDRESS.strip_prefix("https://github.com/").unwrap();
    assert!(owner_and_name.ends_with(&format!("/{NAME}")), "{ADDRESS}");
    // Where a mirror is meant, the page says so by this host.
    let mirror = "https://mirror.example.com/";
    let allowed = [
        ADDRESS.to_owned(),
        format!("https://raw.githubusercontent.com/{owner_and_name}/"),
        format!("{owner_and_name}@v{}", env!("CARGO_PKG_VERSION")),
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for place in PLACES {
        files(&root.join(place), &mut found);
    }
    let (mut seen, mut wrong) = (0, Vec::new());
    for file in found {
        let text = fs::read_to_string(&file).unwrap();
        for address in addresses(&text) {
            let known = allowed.iter().any(|start| address.starts_with(start));
            seen += 1;
            if !known && !address.starts_with(mirror) {
                wrong.push(format!("{}: {address}", file.display()));
            }
        }
    }
    println!("{seen} addresses");
    assert!(seen > 12, "{seen}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_installer_and_the_template_name_the_address() {
    let read =
        |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
    assert!(read("install.sh").contains(&format!("${{DATAKIT_INJECT_REPOSITORY:-{ADDRESS}}}\n")));
    let template = read("templates/datakit-inject.gitlab-ci.yml");
    assert!(template.contains(&format!("INJECT_REPOSITORY: {ADDRESS}\n")));
    assert!(read("Dockerfile").contains(&format!("image.source=\"{ADDRESS}\"")));
}
