//! A program in a place where another one looks for it.

use std::fs;
use std::io;
use std::path::Path;

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// The program: a link to it or to another one of its name, or a copy of it.
    Ours,
    /// Something else.
    Other,
}

/// What stands in a place that is meant for `program`.
#[must_use]
pub fn look(place: &Path, program: &Path) -> Found {
    if fs::symlink_metadata(place).is_err() {
        return Found::Nothing;
    }
    let is_ours = match fs::read_link(place) {
        Ok(target) => target.file_name() == program.file_name(),
        Err(_) => is_copy(place, program).unwrap_or(false),
    };
    if is_ours { Found::Ours } else { Found::Other }
}

fn is_copy(place: &Path, program: &Path) -> io::Result<bool> {
    let same_size = fs::metadata(place)?.len() == fs::metadata(program)?.len();
    Ok(same_size && fs::read(place)? == fs::read(program)?)
}

/// Links the program from the place, or copies it there, and makes the folders above. A file or
/// link that is there is replaced in one step.
///
/// # Errors
/// Where that fails; then what was there stays.
pub fn put(place: &Path, program: &Path, copy: bool) -> io::Result<()> {
    let folder = place.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    if place.is_dir() && !place.is_symlink() {
        return Err(io::Error::other("this is a directory"));
    }
    // Built in a folder of its own beside the place, so that nobody ever finds half of it.
    let beside = tempfile::Builder::new()
        .prefix(".datakit-inject-")
        .tempdir_in(folder)?;
    let new = beside.path().join("new");
    if copy {
        fs::copy(program, &new)?;
    } else {
        link(program, &new)?;
    }
    fs::rename(&new, place)
}

#[cfg(unix)]
fn link(program: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, place)
}

/// Links need a privilege there that few have.
#[cfg(not(unix))]
fn link(program: &Path, place: &Path) -> io::Result<()> {
    fs::copy(program, place).map(|_| ())
}
