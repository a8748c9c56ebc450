//! Files replaced all or none: each new file is written beside the old one, and only when all are
//! there, and on the disk, are they renamed over the old ones. Permissions and owners stay; a link's
//! target is rewritten, not the link. Where a rename fails, the files before it get their old text
//! back.
//!
//! A file that is not what was read any more is not replaced: it is compared, under a lock that other
//! runs of this program respect, right before its new text takes its place. What a machine that goes
//! down leaves is the old file or the new one, since a file is on the disk (`fsync`) before it is
//! renamed; the folders are written through as well, so that a run that said it is done is.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::temporary::{allow_open_files, hold, sweep, temporary_in, temporary_with};
use crate::parallel;

/// A file whose text is replaced.
#[derive(Clone, Copy, Debug)]
pub struct Replacement<'t> {
    /// Where.
    pub path: &'t Path,
    /// The text that was read there.
    pub old: &'t str,
    /// The text that takes its place.
    pub text: &'t str,
}

/// A file that is written below a folder.
#[derive(Clone, Copy, Debug)]
pub struct NewFile<'t> {
    /// Where, below the folder.
    pub path: &'t Path,
    /// What.
    pub text: &'t str,
    /// The file that it was made from: a new file gets its permissions, as far as the user's mask
    /// lets it.
    pub like: &'t Path,
}

/// Why files were not written, and which one was in the way.
#[derive(Debug)]
pub struct WriteError {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What went wrong.
    pub cause: Cause,
    /// Files that could not be put back: they hold their new text.
    pub left: Vec<PathBuf>,
}

/// What went wrong with a file.
#[derive(Debug)]
pub enum Cause {
    /// It cannot be written.
    Failed(io::Error),
    /// It is not what was read any more: in words.
    Changed(&'static str),
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

const CHANGED: Cause = Cause::Changed("the file has changed since it was read");
const GONE: Cause = Cause::Changed("the file is gone since it was read");

/// Files are written through on so many threads at a time: they wait for the disk, which does it
/// together.
const SYNCING: usize = 16;

/// A new file that waits beside the old one.
struct Staged<'t> {
    /// As the user knows it.
    path: PathBuf,
    /// The file itself, links followed.
    target: PathBuf,
    temporary: NamedTempFile,
    /// What must be there; nothing where that does not matter.
    old: Option<&'t str>,
    text: &'t str,
}

/// A file that has been replaced.
struct Replaced<'t> {
    path: PathBuf,
    target: PathBuf,
    text: &'t str,
    old: Old<'t>,
}

/// What was there.
enum Old<'t> {
    Text(&'t str),
    Bytes(Vec<u8>),
    Nothing,
    /// The new text, already: another run did the same.
    Same,
}

/// Replaces the files, all or none. One that already holds its new text counts as replaced.
///
/// # Errors
/// Where one of them cannot be written, or is not what was read; then all hold what they held before,
/// but for those that the error names.
pub fn replace_all(files: &[Replacement<'_>]) -> Result<(), WriteError> {
    allow_open_files(files.len());
    let mut staged = Vec::new();
    for file in files {
        let prepare = || -> Result<_, Cause> {
            let target = fs::canonicalize(file.path).map_err(gone)?;
            let mut now = File::open(&target).map_err(gone)?;
            let metadata = now.metadata()?;
            writable(&metadata)?;
            if !holds(&now, file.old)? {
                now.rewind()?;
                if !holds(&now, file.text)? {
                    return Err(CHANGED);
                }
            }
            let temporary = stage(&target, &metadata, file.text.as_bytes())?;
            Ok((target, temporary))
        };
        let (target, temporary) = prepare().map_err(failed(file.path))?;
        staged.push(Staged {
            path: file.path.to_path_buf(),
            target,
            temporary,
            old: Some(file.old),
            text: file.text,
        });
    }
    persist_all(staged)
}

/// Writes files below a folder, all or none; the folders are made where they are not there, and
/// files that are there are replaced.
///
/// # Errors
/// Where one of them cannot be written; then none is, but for those that the error names.
pub fn write_tree(root: &Path, files: &[NewFile<'_>]) -> Result<(), WriteError> {
    allow_open_files(files.len());
    let mut made = Vec::new();
    let written = write_below(root, files, &mut made);
    if written.is_err() {
        for folder in made.iter().rev() {
            // One that holds something by now stays.
            let _ = fs::remove_dir(folder);
        }
    }
    written
}

fn write_below(
    root: &Path,
    files: &[NewFile<'_>],
    made: &mut Vec<PathBuf>,
) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    for file in files {
        let target = root.join(file.path);
        let folder = target.parent().unwrap_or(root);
        let mut prepare = || -> Result<_, Cause> {
            make_folders(folder, made)?;
            Ok(match fs::symlink_metadata(&target) {
                Ok(old) if old.is_dir() => {
                    return Err(io::Error::other("this is a directory").into());
                }
                Ok(old) if old.is_file() => stage(&target, &old, file.text.as_bytes())?,
                // A link that is there is replaced, and not what it points to.
                _ => {
                    let mut temporary = temporary_with(folder, mode(file.like))?;
                    temporary.write_all(file.text.as_bytes())?;
                    temporary
                }
            })
        };
        let temporary = prepare().map_err(failed(&target))?;
        staged.push(Staged {
            path: target.clone(),
            target,
            temporary,
            old: None,
            text: file.text,
        });
    }
    persist_all(staged)
}

/// Makes a folder and those above it, and notes which were made.
fn make_folders(folder: &Path, made: &mut Vec<PathBuf>) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    fs::create_dir_all(folder)?;
    made.extend(missing.into_iter().rev().map(Path::to_path_buf));
    Ok(())
}

/// Removes what earlier runs left behind in the folders of some files, and gives its paths.
#[must_use]
pub fn sweep_beside(files: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        folders.insert(folder_of(&file).to_path_buf());
        if file.is_symlink()
            && let Ok(target) = fs::canonicalize(&file)
        {
            folders.insert(folder_of(&target).to_path_buf());
        }
    }
    folders.iter().flat_map(|folder| sweep(folder)).collect()
}

/// How many names a file has besides its own: hard links, which will not have its new text.
#[must_use]
pub fn other_names(path: &Path) -> u64 {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).map_or(0, |metadata| metadata.nlink().saturating_sub(1))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        0
    }
}

fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|own| !own.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn failed<E: Into<Cause>>(path: &Path) -> impl Fn(E) -> WriteError + use<E> {
    let path = path.to_path_buf();
    move |cause| WriteError {
        path: path.clone(),
        cause: cause.into(),
        left: Vec::new(),
    }
}

/// A file that was there when it was read, and is not any more.
fn gone(error: io::Error) -> Cause {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => GONE,
        _ => error.into(),
    }
}

/// Renames the new files over the old ones; where that fails for one, those before it are put back.
fn persist_all(staged: Vec<Staged<'_>>) -> Result<(), WriteError> {
    let sync = |staged: &Staged<'_>| {
        let synced = staged.temporary.as_file().sync_all();
        synced.map_err(failed(&staged.path))
    };
    parallel::for_each(staged.iter().collect(), SYNCING, sync)?;
    let mut done: Vec<Replaced<'_>> = Vec::new();
    let mut staged = staged.into_iter();
    for file in staged.by_ref() {
        let path = file.path.clone();
        match persist(file) {
            Ok(replaced) => done.push(replaced),
            Err(cause) => {
                // What they take on the disk may be needed to put the others back.
                drop(staged);
                return Err(WriteError {
                    left: roll_back(&done),
                    ..failed(&path)(cause)
                });
            }
        }
    }
    let folders: BTreeSet<&Path> = done.iter().map(|file| folder_of(&file.target)).collect();
    let through = |folder: &Path| File::open(folder).and_then(|folder| folder.sync_all());
    // Not every file system has that for folders.
    let _ = parallel::for_each(folders.into_iter().collect(), SYNCING, through);
    Ok(())
}

fn persist(file: Staged<'_>) -> Result<Replaced<'_>, Cause> {
    let rename = |temporary: NamedTempFile| {
        let renamed = temporary.persist(&file.target);
        renamed.map(|_| ()).map_err(|failure| failure.error)
    };
    let old = if let Some(old) = file.old {
        // Let go only when the new file is there, which whoever waits then looks at.
        let mut now = hold(&file.target).map_err(gone)?;
        if holds(&now, old)? {
            rename(file.temporary)?;
            Old::Text(old)
        } else {
            now.rewind()?;
            if !holds(&now, file.text)? {
                return Err(CHANGED);
            }
            Old::Same
        }
    } else {
        let old = match fs::read(&file.target) {
            Ok(old) => Old::Bytes(old),
            Err(error) if error.kind() == ErrorKind::NotFound => Old::Nothing,
            Err(error) => return Err(error.into()),
        };
        rename(file.temporary)?;
        old
    };
    Ok(Replaced {
        path: file.path,
        target: file.target,
        text: file.text,
        old,
    })
}

/// Whether an open file, from where it stands, holds a text and nothing more.
fn holds(mut file: &File, text: &str) -> io::Result<bool> {
    let mut rest = text.as_bytes();
    if file.metadata()?.len() != rest.len() as u64 {
        return Ok(false);
    }
    let mut part = vec![0; (64 * 1024).min(rest.len() + 1)];
    loop {
        let read = match file.read(&mut part) {
            Ok(0) => return Ok(rest.is_empty()),
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        match rest.split_at_checked(read) {
            Some((same, behind)) if *same == part[..read] => rest = behind,
            _ => return Ok(false),
        }
    }
}

fn writable(metadata: &Metadata) -> io::Result<()> {
    let why = if !metadata.is_file() {
        "this is no regular file"
    } else if metadata.permissions().readonly() {
        "the file is read-only"
    } else {
        return Ok(());
    };
    Err(io::Error::other(why))
}

/// Writes the new content beside an old file, with the old file's permissions and owner.
fn stage(target: &Path, old: &Metadata, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut temporary = temporary_in(folder_of(target))?;
    temporary.write_all(content)?;
    keep_owner(temporary.as_file(), old)?;
    temporary.as_file().set_permissions(old.permissions())?;
    Ok(temporary)
}

/// Gives a file the owner and the group that another one has.
///
/// # Errors
/// Where we may not: only a privileged user can give files away. To go on would let others read what
/// they could not, or keep somebody from their own file.
#[cfg(unix)]
pub(super) fn keep_owner(file: &File, like: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};
    let own = file.metadata()?;
    if (own.uid(), own.gid()) == (like.uid(), like.gid()) {
        return Ok(());
    }
    fchown(file, Some(like.uid()), Some(like.gid())).map_err(|_| {
        let (user, group) = (like.uid(), like.gid());
        io::Error::new(
            ErrorKind::PermissionDenied,
            format!("the file belongs to user {user}, group {group}, and would not any more"),
        )
    })
}

#[cfg(not(unix))]
pub(super) fn keep_owner(_: &File, _: &Metadata) -> io::Result<()> {
    Ok(())
}

/// The permissions of a file; those of any new file where it has none to tell.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).map_or(0o666, |metadata| metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0
}

/// Puts the old contents back, the last one first; a file that was not there goes. Gives the files
/// for which that fails. One that somebody has changed since is theirs.
fn roll_back(done: &[Replaced<'_>]) -> Vec<PathBuf> {
    let mut left = Vec::new();
    for file in done.iter().rev() {
        let old = match &file.old {
            Old::Text(text) => Some(text.as_bytes()),
            Old::Bytes(bytes) => Some(&bytes[..]),
            Old::Nothing => None,
            Old::Same => continue,
        };
        let back = || -> io::Result<()> {
            let now = hold(&file.target)?;
            if !holds(&now, file.text)? {
                return Ok(());
            }
            let Some(old) = old else {
                return fs::remove_file(&file.target);
            };
            let temporary = stage(&file.target, &now.metadata()?, old)?;
            temporary.as_file().sync_all()?;
            temporary.persist(&file.target)?;
            Ok(())
        };
        if back().is_err() && file.target.exists() {
            left.push(file.path.clone());
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replacement(path: &Path) -> Replacement<'_> {
        Replacement {
            path,
            old: "old",
            text: "new",
        }
    }

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
        replace_all(&[replacement(&link)]).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn where_one_file_cannot_be_written_none_is() {
        let folder = tempfile::tempdir().unwrap();
        let first = folder.path().join("a.yaml");
        let second = folder.path().join("b.yaml");
        fs::write(&first, "old").unwrap();
        fs::create_dir(&second).unwrap();
        let error = replace_all(&[replacement(&first), replacement(&second)]).unwrap_err();
        assert_eq!(error.path, second);
        assert_eq!(fs::read_to_string(&first).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_not_what_was_read_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let (first, second) = (at("a.yaml"), at("b.yaml"));
        for (now, text) in [
            (Some("odd"), "has changed"),
            (Some("older"), "has changed"),
            (Some(""), "has changed"),
            (None, "is gone"),
        ] {
            fs::write(&first, "old").unwrap();
            match now {
                Some(now) => fs::write(&second, now).unwrap(),
                None => fs::remove_file(&second).unwrap(),
            }
            let error = replace_all(&[replacement(&first), replacement(&second)]).unwrap_err();
            assert!(matches!(error.cause, Cause::Changed(why) if why.contains(text)));
            assert!(error.left.is_empty());
            assert_eq!(fs::read_to_string(&first).unwrap(), "old");
            assert_eq!(fs::read_to_string(&second).ok().as_deref(), now);
        }
        fs::write(&first, "old").unwrap();
        fs::write(&second, "new").unwrap();
        replace_all(&[replacement(&first), replacement(&second)]).unwrap();
        assert_eq!(fs::read_to_string(&first).unwrap(), "new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_replaced_is_put_back_and_what_others_wrote_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let done = |name: &str, now: &str, old| {
            fs::write(at(name), now).unwrap();
            Replaced {
                path: at(name),
                target: at(name),
                text: "new",
                old,
            }
        };
        let done = [
            done("text", "new", Old::Text("old")),
            done("bytes", "new", Old::Bytes(b"\xff".to_vec())),
            done("none", "new", Old::Nothing),
            done("same", "new", Old::Same),
            done("theirs", "theirs", Old::Text("old")),
        ];
        assert!(roll_back(&done).is_empty());
        let now = |name: &str| fs::read(at(name)).ok();
        assert_eq!(now("text").as_deref(), Some(&b"old"[..]));
        assert_eq!(now("bytes").as_deref(), Some(&b"\xff"[..]));
        assert_eq!(now("none"), None);
        assert_eq!(now("same").as_deref(), Some(&b"new"[..]));
        assert_eq!(now("theirs").as_deref(), Some(&b"theirs"[..]));
    }

    #[test]
    fn a_tree_is_written_below_its_folder_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("out");
        let like = folder.path().join("like.yaml");
        fs::write(&like, "x").unwrap();
        let file = |path| NewFile {
            path: Path::new(path),
            text: "x",
            like: &like,
        };
        write_tree(&root, &[file("sub/a.yaml")]).unwrap();
        assert_eq!(fs::read_to_string(root.join("sub/a.yaml")).unwrap(), "x");
        let files = [file("new/sub/b.yaml"), file("sub/a.yaml/c.yaml")];
        let error = write_tree(&root, &files).unwrap_err();
        assert_eq!(error.path, root.join("sub/a.yaml/c.yaml"));
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
        assert_eq!(fs::read_dir(root.join("sub")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_can_be_read_by_nobody_who_could_not_read_the_old_one() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let like = folder.path().join("secret.yaml");
        fs::write(&like, "x").unwrap();
        fs::set_permissions(&like, fs::Permissions::from_mode(0o600)).unwrap();
        let path = Path::new("secret.yaml");
        let root = folder.path().join("out");
        let mode = || fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
        let file = NewFile {
            path,
            text: "x",
            like: &like,
        };
        write_tree(&root, &[file]).unwrap();
        assert_eq!(mode(), 0o600);
        // What is there keeps its own.
        let permissions = fs::Permissions::from_mode(0o640);
        fs::set_permissions(root.join(path), permissions).unwrap();
        write_tree(&root, &[file]).unwrap();
        assert_eq!(mode(), 0o640);
    }
}
