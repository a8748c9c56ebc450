//! What `config show` and `config migrate` make of a configuration has the effect that it shall have,
//! on the operator's recorded pods.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

#[path = "../applied/mod.rs"]
mod applied;
#[path = "../equivalence/mod.rs"]
mod equivalence;
mod faulty;
mod migrate;
mod pods;
#[path = "../random/mod.rs"]
mod random;
mod show;

use datakit_inject::config::{Configuration, Dialect, from_json};
use datakit_inject::diagnostic::Diagnostic;
use datakit_inject::source::Source;

fn read(text: &str, dialect: Option<Dialect>) -> Configuration {
    let mut problems: Vec<Diagnostic> = Vec::new();
    let read = from_json(&Source::new("config", text), dialect, &mut problems);
    read.unwrap_or_else(|| panic!("{problems:?}\n{text}"))
}
