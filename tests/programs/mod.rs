//! The programs of others that tests run: `DATAKIT_INJECT_HOSTS_BIN` names the folder that they
//! were installed to.

use std::path::PathBuf;

/// A program, or a file that comes with one. Nothing where no folder is named, which is said;
/// where one is named, it has to be there.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let Some(folder) = std::env::var_os("DATAKIT_INJECT_HOSTS_BIN") else {
        println!("skipped: DATAKIT_INJECT_HOSTS_BIN names no folder with {name}");
        return None;
    };
    let path = PathBuf::from(folder).join(name);
    assert!(path.exists(), "{} is not there", path.display());
    Some(path)
}
