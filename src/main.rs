//! The program: everything is in the library.

use std::process::ExitCode;

/// That of glibc takes up to a third more time for what we do, and on two threads those of musl and the one
/// below take six times as long (`docs/dependencies.md`).
#[cfg(any(
    all(target_os = "linux", target_env = "gnu"),
    all(target_env = "musl", feature = "mimalloc")
))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The allocator of musl takes about twice the time for what we do. This one needs no C compiler.
#[cfg(all(target_env = "musl", not(feature = "mimalloc")))]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

fn main() -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    datakit_inject::run::run(std::env::args_os(), &environment)
}
