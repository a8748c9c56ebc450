//! The flow goes one way: a file imports only from modules above its own in the list.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::fs;
use std::path::Path;

/// The modules in the order of the flow; a module may use those in front of it and itself.
const ORDER: [&str; 32] = [
    "source",
    "secret",
    "diagnostic",
    "limits",
    "parallel",
    "pages",
    "input",
    "yaml",
    "change",
    "document",
    "config",
    "workload",
    "inject",
    "remove",
    "refresh",
    "edit",
    "convert",
    "diff",
    "work",
    "explanation",
    "preflight",
    "report",
    "output",
    "hosts",
    "remark",
    "rewrite",
    "cli",
    "settings",
    "command",
    "publish",
    "run",
    "main",
];

fn rank(module: &str) -> usize {
    ORDER
        .iter()
        .position(|known| *known == module)
        .unwrap_or_else(|| panic!("the module {module} has no place in the list"))
}

/// The top-level modules that a file names after `crate::`.
fn imports(text: &str) -> Vec<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .filter(|name: &String| !name.is_empty())
        .collect()
}

#[test]
fn no_file_imports_from_below_itself() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(&root) {
        let entry = entry.unwrap();
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "rs") || path.ends_with("lib.rs") {
            continue;
        }
        let relative = path.strip_prefix(&root).unwrap();
        let first = relative
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy();
        let own = first.trim_end_matches(".rs");
        for used in imports(&fs::read_to_string(path).unwrap()) {
            seen += 1;
            assert!(
                rank(&used) <= rank(own),
                "{}: imports {used}, which stands below {own}",
                relative.display()
            );
        }
    }
    assert!(seen > 50, "the imports were not found");
}

#[test]
fn the_library_lists_its_modules_in_the_order_of_the_flow() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(modules.len() > 10);
    assert!(
        modules.is_sorted_by_key(|module| rank(module)),
        "{modules:?}"
    );
}

#[test]
fn the_design_lists_the_modules_in_the_order_of_the_flow() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let design = fs::read_to_string(root.join("docs/design.md")).unwrap();
    let rows = design
        .lines()
        .skip_while(|line| *line != "| file or folder | what it is for |")
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let mut listed = Vec::new();
    for row in rows {
        let names = row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2);
        for name in names {
            assert!(root.join("src").join(name).exists(), "no src/{name}");
            listed.push(
                name.trim_end_matches('/')
                    .trim_end_matches(".rs")
                    .to_owned(),
            );
        }
    }
    let expected: Vec<&str> = ORDER.into_iter().filter(|name| *name != "main").collect();
    assert_eq!(listed, expected);
}
