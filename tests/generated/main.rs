//! What is made from the definition of the command line, and committed: shell completions, the
//! manual page, the table of options. It is made anew here and compared byte for byte.
//!
//! `UPDATE=1 cargo test --test generated` writes it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it wrote"
)]

mod completion;
mod manual;
mod option_table;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use datakit_inject::cli::Arguments;

/// The command line, with what clap adds to it itself.
fn command() -> Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares what is committed with what was made, or writes it with `UPDATE=1`.
fn settle(made: &[(PathBuf, String)]) {
    assert!(!made.is_empty());
    let update = std::env::var_os("UPDATE").is_some();
    let mut stale = Vec::new();
    for (path, text) in made {
        let committed = fs::read_to_string(root().join(path)).unwrap_or_default();
        if committed == *text {
            continue;
        }
        if update {
            fs::create_dir_all(root().join(path).parent().unwrap()).unwrap();
            fs::write(root().join(path), text).unwrap();
            println!("wrote {}", path.display());
        } else {
            stale.push(path.display().to_string());
        }
    }
    assert!(
        stale.is_empty(),
        "not what src/cli.rs gives: {}\nUPDATE=1 cargo test --test generated writes them",
        stale.join(", ")
    );
}

/// The files of a folder whose names begin and end so, relative to the project.
fn committed(folder: &str, start: &str, end: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(start) && name.ends_with(end))
        .map(|name| Path::new(folder).join(name))
        .collect();
    found.sort();
    found
}

/// Nothing that was once made stays behind.
fn nothing_else(made: &[(PathBuf, String)], committed: Vec<PathBuf>) {
    for path in committed {
        assert!(
            made.iter().any(|(known, _)| *known == path),
            "{}: nothing makes this file any more; remove it",
            path.display()
        );
    }
}

#[test]
fn completions() {
    let made = completion::all(&command());
    settle(&made);
    nothing_else(&made, committed("completions", "", ""));
}

#[test]
fn manual_pages() {
    let made = manual::all(&command());
    settle(&made);
    nothing_else(&made, committed("docs", "datakit-inject", ".1"));
}

#[test]
fn the_tables_of_options() {
    let path = Path::new("docs/usage.md");
    let page = fs::read_to_string(root().join(path)).unwrap();
    let made = option_table::put_into(&page, &option_table::all(&command()));
    settle(&[(path.to_owned(), made)]);
}
