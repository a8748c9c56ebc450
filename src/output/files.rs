//! Files replaced all or none: each new file is written beside the old one, and only when all are
//! there, and on the disk, are they renamed over the old ones. Permissions and owners stay; a link's
//! target is rewritten, not the link, and below a folder only where it does not lead out of it. Where a
//! rename fails, the files before it get their old text back.
//!
//! A file that is not what was read any more is not replaced: it is compared, under a lock that other
//! runs of this program respect, right before its new text takes its place. What a machine that goes
//! down leaves is the old file or the new one, since a file is on the disk (`fsync`) before it is
//! renamed; the folders are written through as well, so that a run that said it is done is.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::temporary::{allow_open_files, hold, open, sweep, temporary_in, temporary_with};
use crate::input::describe;
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
    /// It is nothing that is replaced: why, and what to do about it.
    Refused(String, String),
}

impl Cause {
    fn refused(why: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused(why.into(), hint.into())
    }
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
            let mut now = open(&target, false).map_err(gone)?;
            let metadata = now.metadata()?;
            writable(&metadata, files)?;
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
/// files that are there are replaced. A link that leads to a file below the folder stays, and that file
/// is replaced.
///
/// # Errors
/// Where one of them cannot be written, or would be outside of the folder; then none is, but for those
/// that the error names.
pub fn write_tree(root: &Path, files: &[NewFile<'_>]) -> Result<(), WriteError> {
    allow_open_files(files.len());
    let mut tree = Below {
        root,
        real: None,
        last: None,
        made: Vec::new(),
    };
    let written = write_below(&mut tree, files);
    if written.is_err() {
        for folder in tree.made.iter().rev() {
            // One that holds something by now stays.
            let _ = fs::remove_dir(folder);
        }
    }
    written
}

fn write_below(tree: &mut Below<'_>, files: &[NewFile<'_>]) -> Result<(), WriteError> {
    let mut staged = Vec::new();
    let mut taken: HashMap<PathBuf, &NewFile<'_>> = HashMap::new();
    for file in files {
        let path = tree.root.join(file.path);
        let (target, old) = tree.target(&path)?;
        if let Some(other) = taken.insert(target.clone(), file)
            && other.text != file.text
        {
            let why = format!(
                "this is the same file as {}, by a link, and would have another text",
                tree.root.join(other.path).display()
            );
            let hint = "remove the link, and both are written";
            return Err(failed(&path)(Cause::refused(why, hint)));
        }
        let prepare = || {
            if let Some(old) = &old {
                return stage(&target, old, file.text.as_bytes());
            }
            let mut temporary = temporary_with(folder_of(&target), mode(file.like))?;
            temporary.write_all(file.text.as_bytes())?;
            Ok(temporary)
        };
        let temporary = prepare().map_err(failed(&path))?;
        staged.push(Staged {
            path,
            target,
            temporary,
            old: None,
            text: file.text,
        });
    }
    persist_all(staged)
}

/// The folder that files are written below.
struct Below<'r> {
    root: &'r Path,
    /// The same with links looked through, once it is there.
    real: Option<PathBuf>,
    /// The folder of the last file, as it is named and as it is: most files share it with others.
    last: Option<(PathBuf, PathBuf)>,
    /// The folders that were made.
    made: Vec<PathBuf>,
}

impl Below<'_> {
    /// The file that is replaced for a path below the folder, links looked through, and what is known
    /// of it where it is there; its folder is made.
    fn target(&mut self, path: &Path) -> Result<(PathBuf, Option<Metadata>), WriteError> {
        let folder = self.folder(folder_of(path))?;
        let target = folder.join(path.file_name().unwrap_or_default());
        let old = match fs::symlink_metadata(&target) {
            Ok(old) => old,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok((target, None)),
            Err(error) => return Err(failed(path)(error)),
        };
        let (target, old) = if old.is_symlink() {
            let target = fs::canonicalize(&target).map_err(|error| {
                let why = format!("this link leads nowhere: {}", describe(&error));
                failed(path)(Cause::refused(why, "remove the link"))
            })?;
            self.keep_inside(path, &target)?;
            let old = fs::metadata(&target).map_err(failed(path))?;
            (target, old)
        } else {
            (target, old)
        };
        if old.is_file() {
            return Ok((target, Some(old)));
        }
        let why = if old.is_dir() {
            "this is a directory"
        } else {
            "this is no regular file"
        };
        let hint = "name another directory by --output-dir, or move it away";
        Err(failed(path)(Cause::refused(why, hint)))
    }

    /// Makes a folder and those above it, and gives it with links looked through.
    fn folder(&mut self, folder: &Path) -> Result<PathBuf, WriteError> {
        if let Some((last, real)) = &self.last
            && last == folder
        {
            return Ok(real.clone());
        }
        if self.real.is_none() {
            let root = or_here(self.root);
            self.make(root)?;
            self.real = Some(fs::canonicalize(root).map_err(failed(root))?);
        }
        self.make(folder)?;
        let real = fs::canonicalize(folder).map_err(failed(folder))?;
        self.last = Some((folder.to_path_buf(), real.clone()));
        Ok(real)
    }

    /// Makes a folder and those above it, none of them outside of the root by a link.
    fn make(&mut self, folder: &Path) -> Result<(), WriteError> {
        let is_missing = |folder: &&Path| fs::symlink_metadata(or_here(folder)).is_err();
        let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
        if let Some(there) = folder.ancestors().nth(missing.len()).map(or_here) {
            if !there.is_dir() {
                let why = "this is no directory, and a directory is needed there";
                let hint = "name another directory by --output-dir, or move it away";
                return Err(failed(there)(Cause::refused(why, hint)));
            }
            let real = fs::canonicalize(there).map_err(failed(there))?;
            if there.starts_with(self.root) {
                self.keep_inside(there, &real)?;
            }
        }
        fs::create_dir_all(folder).map_err(failed(folder))?;
        let made = missing.into_iter().rev().map(Path::to_path_buf);
        self.made.extend(made);
        Ok(())
    }

    /// # Errors
    /// Where a path leads out of the folder by a link: who names a folder for what is written means
    /// that nothing else changes.
    fn keep_inside(&self, path: &Path, real: &Path) -> Result<(), WriteError> {
        let Some(root) = &self.real else {
            return Ok(());
        };
        if real.starts_with(root) {
            return Ok(());
        }
        let why = format!(
            "this link leads out of {}, to {}",
            self.root.display(),
            real.display()
        );
        let hint = "remove the link, or name the directory that it leads to by --output-dir";
        Err(failed(path)(Cause::refused(why, hint)))
    }
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

/// The names of a file besides its own: hard links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherNames {
    /// How many are replaced as well.
    pub replaced: u64,
    /// How many are not, and keep the old text.
    pub kept: u64,
}

/// The other names of each of the files that are replaced together.
#[cfg(unix)]
#[must_use]
pub fn other_names(paths: &[&Path]) -> Vec<OtherNames> {
    use std::os::unix::fs::MetadataExt;
    let file = |path: &&Path| {
        let metadata = fs::metadata(path).ok()?;
        let identity = (metadata.dev(), metadata.ino());
        (metadata.nlink() > 1).then(|| (identity, metadata.nlink() - 1))
    };
    let files: Vec<Option<((u64, u64), u64)>> = paths.iter().map(file).collect();
    // A path and a symbolic link to it are one name.
    let mut names: HashMap<(u64, u64), BTreeSet<PathBuf>> = HashMap::new();
    for (path, file) in paths.iter().zip(&files) {
        if let (Some((identity, _)), Ok(name)) = (file, fs::canonicalize(path)) {
            names.entry(*identity).or_default().insert(name);
        }
    }
    let others = files.iter().map(|file| {
        let Some((identity, others)) = file else {
            return OtherNames::default();
        };
        let together = names.get(identity).map_or(1, BTreeSet::len) as u64;
        let replaced = together.saturating_sub(1).min(*others);
        OtherNames {
            replaced,
            kept: others - replaced,
        }
    });
    others.collect()
}

#[cfg(not(unix))]
#[must_use]
pub fn other_names(paths: &[&Path]) -> Vec<OtherNames> {
    vec![OtherNames::default(); paths.len()]
}

fn folder_of(file: &Path) -> &Path {
    or_here(file.parent().unwrap_or(Path::new("")))
}

/// The empty path stands for the working directory.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    }
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
        let old = match read_regular(&file.target) {
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

/// Reads a file; anything else, which it may have become meanwhile, is not waited for.
fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = open(path, false)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("this is no regular file"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
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

/// # Errors
/// Where a file is nothing that is replaced; `all` are those of the run, of which others may be like it.
fn writable(metadata: &Metadata, all: &[Replacement<'_>]) -> Result<(), Cause> {
    if !metadata.is_file() {
        let hint = "leave --in-place out, and it is read like a file";
        return Err(Cause::refused("this is no regular file", hint));
    }
    if !metadata.permissions().readonly() {
        return Ok(());
    }
    let is_read_only = |file: &&Replacement<'_>| {
        fs::metadata(file.path).is_ok_and(|own| own.is_file() && own.permissions().readonly())
    };
    let others = all.iter().filter(is_read_only).count().saturating_sub(1);
    let why = match others {
        0 => "the file is read-only".to_owned(),
        1 => "the file is read-only, and so is 1 more".to_owned(),
        more => format!("the file is read-only, and so are {more} more"),
    };
    let hint = "chmod u+w lets it be replaced; --output-dir writes the result elsewhere";
    Err(Cause::refused(why, hint))
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
        assert_eq!(error.path, root.join("sub/a.yaml"));
        assert_eq!(fs::read_dir(&root).unwrap().count(), 1);
        assert_eq!(fs::read_dir(root.join("sub")).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_tree_stays_and_does_not_lead_out_of_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("out");
        let outside = folder.path().join("outside");
        fs::create_dir_all(root.join("sub")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("a.yaml"), "old").unwrap();
        fs::write(root.join("real.yaml"), "old").unwrap();
        symlink("../real.yaml", root.join("sub/link.yaml")).unwrap();
        symlink("sub", root.join("near")).unwrap();
        let file = |path| NewFile {
            path: Path::new(path),
            text: "new",
            like: Path::new("none"),
        };
        write_tree(&root, &[file("sub/link.yaml"), file("near/x.yaml")]).unwrap();
        assert!(root.join("sub/link.yaml").is_symlink());
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!(read(&root.join("real.yaml")), "new");
        assert_eq!(read(&root.join("sub/x.yaml")), "new");
        let twice = NewFile {
            text: "other",
            ..file("real.yaml")
        };
        let error = write_tree(&root, &[file("sub/link.yaml"), twice]).unwrap_err();
        assert_eq!(error.path, root.join("real.yaml"));

        symlink(&outside, root.join("far")).unwrap();
        symlink(outside.join("a.yaml"), root.join("a.yaml")).unwrap();
        symlink(outside.join("none"), root.join("nowhere.yaml")).unwrap();
        symlink("loop.yaml", root.join("loop.yaml")).unwrap();
        for (path, named) in [
            ("far/new/x.yaml", "far"),
            ("far/a.yaml", "far"),
            ("a.yaml", "a.yaml"),
            ("nowhere.yaml", "nowhere.yaml"),
            ("nowhere.yaml/x.yaml", "nowhere.yaml"),
            ("loop.yaml", "loop.yaml"),
        ] {
            let error = write_tree(&root, &[file("first.yaml"), file(path)]).unwrap_err();
            assert_eq!(error.path, root.join(named), "{path}");
            assert!(matches!(error.cause, Cause::Refused(..)), "{path}");
            assert!(!root.join("first.yaml").exists(), "{path}");
        }
        assert_eq!(read(&outside.join("a.yaml")), "old");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_a_tree_is_refused_and_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        let path = folder.path().join("f.yaml");
        rustix::fs::mknodat(rustix::fs::CWD, &path, pipe, mode, 0).unwrap();
        let file = NewFile {
            path: Path::new("f.yaml"),
            text: "x",
            like: Path::new("none"),
        };
        let error = write_tree(folder.path(), &[file]).unwrap_err();
        assert!(matches!(error.cause, Cause::Refused(why, _) if why == "this is no regular file"));
        assert!(read_regular(&path).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
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
