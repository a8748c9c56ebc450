//! The program: everything is in the library.

use std::process::ExitCode;

/// That of glibc takes up to a third more time for what we do (`docs/dependencies.md`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The allocator of musl takes about twice the time for what we do.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    datakit_inject::run::run(std::env::args_os(), &environment)
}
