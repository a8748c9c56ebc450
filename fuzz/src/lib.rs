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
