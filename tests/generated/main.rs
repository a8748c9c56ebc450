//! What is made from the definition of the command line, and committed: shell completions, the
//! manual page, the table of options. It is made anew here and compared byte for byte.
//!
//! The commands in the pages are held against the definition, too.
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

/// The words of every `datakit-inject …` in a page's shell blocks, up to a pipe.
fn commands(page: &str) -> Vec<Vec<&str>> {
    let mut found = Vec::new();
    let mut shell = false;
    for line in page.lines().map(str::trim_start) {
        if let Some(language) = line.strip_prefix("```") {
            shell = matches!(language, "sh" | "console");
        } else if shell {
            for command in line.trim_start_matches("$ ").split(['|', ';', '&']) {
                let words: Vec<&str> = command.split_whitespace().collect();
                if words.first() == Some(&"datakit-inject") {
                    found.push(words);
                }
            }
        }
    }
    found
}

#[test]
fn the_pages_use_options_that_exist() {
    let command = command();
    let below = command.get_subcommands();
    let below = below.flat_map(|own| [own].into_iter().chain(own.get_subcommands()));
    let commands_with_arguments = [&command].into_iter().chain(below);
    let known: Vec<String> = commands_with_arguments
        .flat_map(Command::get_arguments)
        .filter_map(|option| Some(format!("--{}", option.get_long()?)))
        .collect();
    let mut seen = 0;
    for entry in walkdir::WalkDir::new(root().join("docs"))
        .into_iter()
        .chain(walkdir::WalkDir::new(root()).max_depth(1))
    {
        let path = entry.unwrap().into_path();
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let page = fs::read_to_string(&path).unwrap();
        for words in commands(&page) {
            for word in words.iter().filter(|word| word.starts_with("--")) {
                let option = word.split('=').next().unwrap();
                assert!(
                    known.iter().any(|known| known == option),
                    "{}: {} has no {option}",
                    path.display(),
                    words.join(" ")
                );
                seen += 1;
            }
        }
    }
    println!("{seen} options in the pages");
    assert!(seen > 20, "the commands were not found");
}

#[test]
fn the_tables_of_options() {
    let path = Path::new("docs/usage.md");
    let page = fs::read_to_string(root().join(path)).unwrap();
    let made = option_table::put_into(&page, &option_table::all(&command()));
    settle(&[(path.to_owned(), made)]);
}
