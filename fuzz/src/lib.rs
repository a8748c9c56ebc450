//! What the fuzz targets have in common: the checks, which are those of `cargo test`.

#[path = "../../tests/checks/mod.rs"]
pub mod checks;
#[path = "../../tests/random/mod.rs"]
mod random;

use checks::rewriting::Checked;

/// A check that fails is a crash, and says why.
pub fn hold<T>(checked: Checked<T>) {
    if let Err(why) = checked {
        panic!("{why}");
    }
}

/// An input's parts, which zero bytes separate: text before, choices behind.
pub fn parts(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}
