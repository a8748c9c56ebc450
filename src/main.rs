//! The program: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Rewriting is many small allocations; `docs/performance.md` says what this one is worth.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    datakit_inject::run::run(std::env::args_os(), &environment)
}
