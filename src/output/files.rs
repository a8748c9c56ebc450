//! Files replaced all or none: each new file is written beside the old one, and only when all are
//! there they are renamed over the old ones. Permissions stay; a link's target is rewritten, not
//! the link.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// A file and what it shall hold.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'t> {
    /// Where.
    pub path: &'t Path,
    /// What.
    pub text: &'t str,
}

/// Why files were not written, and which one was in the way.
#[derive(Debug)]
pub struct WriteError {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What went wrong.
    pub error: io::Error,
}

/// A new file that waits beside the old one.
struct Staged {
    /// As the user knows it.
    path: PathBuf,
    /// The file itself, links followed.
    target: PathBuf,
    temporary: NamedTempFile,
}

/// Replaces the files, all or none.
///
/// # Errors
/// Where one of them cannot be written; then all hold what they held before.
pub fn replace_all(files: &[NewFile<'_>]) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    for file in files {
        let failed = failed(file.path);
        let target = fs::canonicalize(file.path).map_err(&failed)?;
        let temporary = stage(&target, file.text.as_bytes()).map_err(&failed)?;
        staged.push(Staged {
            path: file.path.to_path_buf(),
            target,
            temporary,
        });
    }
    persist_all(staged)
}

/// Writes files below a folder, all or none; the folders are made where they are not there, and
/// files that are there are replaced.
///
/// # Errors
/// Where one of them cannot be written; then none is.
pub fn write_tree(root: &Path, files: &[NewFile<'_>]) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    for file in files {
        let target = root.join(file.path);
        let failed = failed(&target);
        let folder = target.parent().unwrap_or(root);
        fs::create_dir_all(folder).map_err(&failed)?;
        let mut temporary = temporary_in(folder).map_err(&failed)?;
        temporary.write_all(file.text.as_bytes()).map_err(&failed)?;
        readable(temporary.as_file()).map_err(&failed)?;
        if target.is_dir() {
            return Err(failed(io::Error::other("this is a directory")));
        }
        staged.push(Staged {
            path: target.clone(),
            target,
            temporary,
        });
    }
    persist_all(staged)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> WriteError + use<> {
    let path = path.to_path_buf();
    move |error| WriteError {
        path: path.clone(),
        error,
    }
}

pub(super) fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    Builder::new()
        .prefix(".datakit-inject-")
        .tempfile_in(folder)
}

/// Renames the new files over the old ones; where that fails for one, those before it are put back.
fn persist_all(staged: Vec<Staged>) -> Result<(), WriteError> {
    let mut done: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for file in staged {
        let old = match fs::read(&file.target) {
            Ok(old) => Ok(Some(old)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        };
        let renamed = old.and_then(|old| {
            file.temporary
                .persist(&file.target)
                .map(|_| old)
                .map_err(|failure| failure.error)
        });
        match renamed {
            Ok(old) => done.push((file.target, old)),
            Err(error) => {
                roll_back(&done);
                return Err(failed(&file.path)(error));
            }
        }
    }
    Ok(())
}

/// Writes the new content beside the old file, with the old file's permissions and owner.
fn stage(target: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let metadata = fs::metadata(target)?;
    let writable = !metadata.permissions().readonly();
    if !metadata.is_file() || !writable {
        let why = if writable {
            "this is no regular file"
        } else {
            "the file is read-only"
        };
        return Err(io::Error::other(why));
    }
    let folder = target.parent().unwrap_or(Path::new("."));
    let mut temporary = temporary_in(folder)?;
    temporary.write_all(content)?;
    keep_owner(temporary.path(), &metadata);
    temporary
        .as_file()
        .set_permissions(metadata.permissions())?;
    temporary.as_file().sync_all()?;
    Ok(temporary)
}

/// Gives a file the owner that another one has, as far as we may: only a privileged user can give
/// files away, and for everybody else the owner is the same already.
#[cfg(unix)]
fn keep_owner(path: &Path, like: &fs::Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(path, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &fs::Metadata) {}

/// Puts the old contents back, the last one first; a file that was not there goes.
fn roll_back(done: &[(PathBuf, Option<Vec<u8>>)]) {
    for (path, old) in done.iter().rev() {
        match old {
            Some(old) => {
                if let Ok(temporary) = stage(path, old) {
                    let _ = temporary.persist(path);
                }
            }
            None => {
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Temporary files are private; a new manifest is as readable as any new file usually is.
#[cfg(unix)]
pub(super) fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub(super) fn readable(_: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("real.yaml");
        let link = folder.path().join("link.yaml");
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real.yaml", &link).unwrap();
        replace_all(&[NewFile {
            path: &link,
            text: "new",
        }])
        .unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("a.yaml");
        let second = folder.path().join("b.yaml");
        fs::write(&first, "old").unwrap();
        fs::create_dir(&second).unwrap();
        let files = [
            NewFile {
                path: &first,
                text: "new",
            },
            NewFile {
                path: &second,
                text: "new",
            },
        ];
        let error = replace_all(&files).unwrap_err();
        assert_eq!(error.path, second);
        assert_eq!(fs::read_to_string(&first).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_tree_is_written_below_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("out");
        let path = Path::new("sub/a.yaml");
        write_tree(&root, &[NewFile { path, text: "x" }]).unwrap();
        assert_eq!(fs::read_to_string(root.join(path)).unwrap(), "x");
    }
}
