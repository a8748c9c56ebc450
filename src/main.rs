//! The program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    datakit_inject::run::run(std::env::args_os(), &environment)
}
