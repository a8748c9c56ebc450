//! Temporary files that a later run can tell apart: its own that were left behind from those of a run
//! that is still alive, and from files of the user's.
//!
//! A run that is killed cannot remove what it wrote beside the files that it was to replace. So these
//! files have names that nothing else has, and the run that made one keeps it locked (`flock`) for as
//! long as it lives; the system drops the lock with the process, however that ends, in whatever
//! container it runs. What has such a name and is not locked is nobody's.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::{Builder, NamedTempFile};

const PREFIX: &str = ".datakit-inject-";
const SUFFIX: &str = ".tmp";

/// How many random letters and digits stand between the two.
const RANDOM: usize = 12;

/// How often a name is tried: a run that cleans up can take a file for left behind in the moment
/// between its creation and its lock, and then it is made anew.
const ATTEMPTS: usize = 16;

/// How long a file that somebody else has locked is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes a temporary file in a folder, private to the user, and locks it.
///
/// # Errors
/// Where no file can be made there.
pub(super) fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    make(Builder::new().prefix(PREFIX).suffix(SUFFIX), folder)
}

/// The same with the permissions that a new file of the user's has, or fewer: `mode` as far as the
/// user's mask lets it.
///
/// # Errors
/// Where no file can be made there.
#[cfg(unix)]
pub(super) fn temporary_with(folder: &Path, mode: u32) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let permissions = fs::Permissions::from_mode(mode);
    make(
        Builder::new()
            .prefix(PREFIX)
            .suffix(SUFFIX)
            .permissions(permissions),
        folder,
    )
}

#[cfg(not(unix))]
pub(super) fn temporary_with(folder: &Path, _: u32) -> io::Result<NamedTempFile> {
    temporary_in(folder)
}

fn make(builder: &mut Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    let builder = builder.rand_bytes(RANDOM);
    for _ in 0..ATTEMPTS {
        let file = builder.tempfile_in(folder)?;
        if lock(file.as_file()) != Lock::Taken && stands_at(file.as_file(), file.path()) {
            return Ok(file);
        }
    }
    Err(io::Error::other(
        "the temporary files of this run are removed by somebody else",
    ))
}

/// Whether a name is one of a temporary file of ours.
fn is_ours(name: &OsStr) -> bool {
    let name = name.to_str().unwrap_or_default();
    let random = name
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX));
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

/// Removes the temporary files in a folder that were left behind; gives their paths. What cannot be
/// looked at or removed stays: that is no reason not to do what was asked for.
#[must_use]
pub(super) fn sweep(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let left = entries
        .filter(|entry| is_ours(&entry.file_name()))
        .map(|entry| entry.path())
        .filter(|path| remove_if_left(path));
    // Paths are kept in such sets elsewhere: a sort of their own would be 8 kB of the program.
    let mut swept = BTreeSet::new();
    for path in left {
        swept.insert(path);
    }
    swept.into_iter().collect()
}

fn remove_if_left(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let Some(file) = is_file.then(|| open(path, true)).and_then(Result::ok) else {
        return false;
    };
    // Held while the file goes, so that nobody can take the name for its own in between.
    lock(&file) == Lock::Held && stands_at(&file, path) && fs::remove_file(path).is_ok()
}

/// Opens a file and locks it, so that no two runs replace it at the same time. Where it is locked,
/// that is waited for, but not for long.
///
/// # Errors
/// Where it cannot be opened, or stays locked.
pub(super) fn hold(path: &Path) -> io::Result<File> {
    let start = Instant::now();
    loop {
        let file = open(path, false)?;
        match lock(&file) {
            Lock::Held | Lock::Unknown if stands_at(&file, path) => return Ok(file),
            // Another run has replaced it meanwhile.
            Lock::Held | Lock::Unknown => {}
            Lock::Taken if start.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Lock::Taken => {
                return Err(io::Error::new(
                    io::ErrorKind::WouldBlock,
                    "another program has locked the file",
                ));
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    /// It is ours.
    Held,
    /// Somebody else has it.
    Taken,
    /// This file system has no locks.
    Unknown,
}

/// Opens a file, no link, and without waiting for what is none.
///
/// # Errors
/// Where it cannot be opened.
#[cfg(unix)]
pub(super) fn open(path: &Path, write: bool) -> io::Result<File> {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt;
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    fs::OpenOptions::new()
        .read(true)
        // Locks over a network need it.
        .write(write)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

#[cfg(unix)]
fn lock(file: &File) -> Lock {
    use rustix::fs::{FlockOperation, flock};
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Lock::Held,
        Err(rustix::io::Errno::WOULDBLOCK) => Lock::Taken,
        Err(_) => Lock::Unknown,
    }
}

/// Whether an open file is the one that has that name.
#[cfg(unix)]
fn stands_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (Ok(own), Ok(named)) = (file.metadata(), fs::symlink_metadata(path)) else {
        return false;
    };
    (own.dev(), own.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
pub(super) fn open(path: &Path, _: bool) -> io::Result<File> {
    File::open(path)
}

/// A lock would keep others from reading there.
#[cfg(not(unix))]
fn lock(_: &File) -> Lock {
    Lock::Unknown
}

#[cfg(not(unix))]
fn stands_at(_: &File, _: &Path) -> bool {
    true
}

/// Lets this process have so many files open at a time, where the system lets it.
#[cfg(unix)]
pub(super) fn allow_open_files(count: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// What else is open.
    const OTHERS: u64 = 64;
    let wanted = count as u64 + OTHERS;
    let limit = getrlimit(Resource::Nofile);
    let maximum = limit.maximum.unwrap_or(u64::MAX);
    if limit.current.is_some_and(|current| current < wanted) {
        let current = Some(wanted.min(maximum));
        // Where that fails, the file that cannot be opened is reported.
        let _ = setrlimit(Resource::Nofile, Rlimit { current, ..limit });
    }
}

#[cfg(not(unix))]
pub(super) fn allow_open_files(_: usize) {}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_left_behind_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let alive = temporary_in(folder.path()).unwrap();
        let left = temporary_in(folder.path()).unwrap().keep().unwrap();
        drop(left.0);
        let of_others = [
            ".datakit-inject-notes.yaml",
            ".datakit-inject-abc.tmp",
            ".datakit-inject-abcdefgh-jkl.tmp",
            "datakit-inject-abcdefghijkl.tmp",
            "web.yaml",
        ];
        for name in of_others {
            fs::write(at(name), "mine").unwrap();
        }
        let folder_of_that_name = at(".datakit-inject-Folder000000.tmp");
        fs::create_dir(&folder_of_that_name).unwrap();
        let link = at(".datakit-inject-Link00000000.tmp");
        std::os::unix::fs::symlink("web.yaml", &link).unwrap();
        assert_eq!(sweep(folder.path()), [left.1]);
        for name in of_others {
            assert_eq!(fs::read_to_string(at(name)).unwrap(), "mine", "{name}");
        }
        assert!(alive.path().exists() && folder_of_that_name.exists() && link.is_symlink());
        drop(alive);
        assert_eq!(names(folder.path()).len(), of_others.len() + 2);
        assert!(sweep(Path::new("/no/such/folder")).is_empty());
    }

    #[test]
    fn a_locked_file_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.yaml");
        fs::write(&path, "x").unwrap();
        let held = hold(&path).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| hold(&path));
            std::thread::sleep(Duration::from_millis(50));
            assert!(!waiting.is_finished());
            // Replaced while it is waited for: the new one is held.
            fs::write(folder.path().join("new"), "y").unwrap();
            fs::rename(folder.path().join("new"), &path).unwrap();
            drop(held);
            let now = waiting.join().unwrap().unwrap();
            assert!(stands_at(&now, &path));
        });
        let _held = hold(&path).unwrap();
        let error = hold(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
