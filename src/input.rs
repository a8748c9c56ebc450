//! What the user named on the command line, to the texts that are rewritten: files, directories,
//! standard input (`spec/2-command-line.md`, "Input").

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use glob::{MatchOptions, Pattern};
use memchr::memchr_iter;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Diagnostic, Location, Sink};
use crate::limits::{Limit, Limits};
use crate::pages;
use crate::parallel;
use crate::secret;
use crate::source::{Source, Span};

/// How standard input is named in messages.
pub const STANDARD_INPUT: &str = "<stdin>";

/// The endings of manifests in a directory.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The path of a file, as far as the user gave it, and its name in messages. Where the path is UTF-8, and
/// so almost always, they are one text, which places in reports share: there can be very many files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath(Kept);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kept {
    Utf8(Arc<str>),
    Other(Box<(PathBuf, Arc<str>)>),
}

impl FilePath {
    /// The path as messages name it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        match &self.0 {
            Kept::Utf8(name) => name,
            Kept::Other(own) => &own.1,
        }
    }
}

impl Deref for FilePath {
    type Target = Path;

    fn deref(&self) -> &Path {
        match &self.0 {
            Kept::Utf8(name) => Path::new(&**name),
            Kept::Other(own) => &own.0,
        }
    }
}

impl AsRef<Path> for FilePath {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl From<&Path> for FilePath {
    fn from(path: &Path) -> Self {
        Self(match path.to_str() {
            Some(name) => Kept::Utf8(name.into()),
            None => Kept::Other(Box::new((
                path.to_path_buf(),
                path.to_string_lossy().into(),
            ))),
        })
    }
}

/// Something to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input.
    Standard,
    /// A file.
    File {
        /// Its path.
        path: FilePath,
        /// How many components of it lead to the directory that was named, or that it stands in where it
        /// was named itself.
        above: u32,
    },
}

impl Input {
    /// The name in messages: the path as the user gave it.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Standard => STANDARD_INPUT.into(),
            Self::File { path, .. } => path.name().clone(),
        }
    }

    /// A file's path below the directory that was named, or its name where it was named itself. It is not
    /// kept: there are many files, and few runs that ask.
    #[must_use]
    pub fn relative(&self) -> Option<PathBuf> {
        match self {
            Self::Standard => None,
            Self::File { path, above } => Some(path.components().skip(*above as usize).collect()),
        }
    }
}

/// Which of the files in directories are read.
#[derive(Clone, Debug, Default)]
pub struct FileSelection {
    /// Paths that are left out.
    pub exclude: Vec<Pattern>,
    /// Whether a directory without manifests is no error.
    pub allow_empty: bool,
    /// Whether what is read will be replaced: pipes and devices cannot be, and are not waited for.
    pub replaced: bool,
    /// How many there may be.
    pub limits: Limits,
}

/// `*` stays inside a path's component; `**` crosses them.
const GLOB: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

impl FileSelection {
    fn leaves_out(&self, path: &Path, relative: &Path) -> bool {
        self.exclude.iter().any(|pattern| {
            let name_alone = !pattern.as_str().contains('/')
                && path
                    .file_name()
                    .is_some_and(|name| pattern.matches_with(&name.to_string_lossy(), GLOB));
            name_alone
                || pattern.matches_path_with(path, GLOB)
                || pattern.matches_path_with(relative, GLOB)
        })
    }

    /// The inputs that the paths name, in their order, the files of a directory in name order, each
    /// once. No path is standard input. Every problem goes to `sink`.
    pub fn gather(&self, paths: &[String], sink: &mut dyn Sink) -> Vec<Input> {
        if paths.is_empty() {
            return vec![Input::Standard];
        }
        let mut inputs = Vec::new();
        let mut all_found = true;
        for path in paths {
            if path == "-" {
                inputs.push(Input::Standard);
                continue;
            }
            match fs::metadata(path) {
                Ok(metadata) if metadata.is_dir() => {
                    all_found &= self.walk(path, &mut inputs, sink);
                }
                Ok(metadata) if self.replaced && !metadata.is_file() => {
                    all_found = false;
                    let message = format!("{path}: this is no regular file");
                    let error = Diagnostic::error("output-failed", message);
                    sink.report(error.hint("leave --in-place out, and it is read like a file"));
                }
                Ok(_) => {
                    let path = Path::new(path);
                    let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
                    if !self.leaves_out(path, &relative) {
                        let above = components(path).saturating_sub(1);
                        let path = FilePath::from(path);
                        inputs.push(Input::File { path, above });
                    }
                }
                Err(error) => {
                    all_found = false;
                    let message = format!("{path}: {}", describe(&error));
                    sink.report(if error.kind() == ErrorKind::NotFound {
                        Diagnostic::error("input-not-found", message)
                            .hint("name a file, a directory, or - for standard input")
                    } else {
                        unreadable(message, &error)
                    });
                }
            }
        }
        let most = self.limits.in_memory(Limit::Files);
        if let Some(beyond) = inputs.get(most) {
            let mut error = self
                .limits
                .exceeded(Limit::Files, "there are more than", None);
            error.location = Some(Location::of_file(beyond.name()));
            sink.report(error);
            inputs.clear();
            return inputs;
        }
        // A walk gives each path once.
        if paths.len() > 1 {
            let mut seen = HashSet::new();
            inputs.retain(|input| {
                seen.insert(match input {
                    Input::Standard => PathBuf::from("-"),
                    Input::File { path, .. } => path
                        .components()
                        .filter(|part| *part != Component::CurDir)
                        .collect(),
                })
            });
        }
        if all_found && inputs.is_empty() && !self.exclude.is_empty() && !self.allow_empty {
            sink.report(
                Diagnostic::error(
                    "no-manifests",
                    "--exclude leaves out everything that was named",
                )
                .hint("--allow-empty takes that for an empty input"),
            );
        }
        inputs
    }

    /// Adds the manifests below a directory; false where that was reported as an error.
    fn walk(&self, root: &str, inputs: &mut Vec<Input>, sink: &mut dyn Sink) -> bool {
        let before = inputs.len();
        let mut charts = Vec::new();
        let entries = WalkDir::new(root)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| {
                let chart = is_chart_templates(entry);
                if chart {
                    charts.push(entry.path().to_path_buf());
                }
                let name = entry.file_name().as_encoded_bytes();
                let hidden = entry.depth() > 0 && name.starts_with(b".");
                let left_out = entry.depth() > 0 && !self.exclude.is_empty() && {
                    let relative = entry.path().strip_prefix(root).unwrap_or(entry.path());
                    self.leaves_out(entry.path(), relative)
                };
                !(chart || hidden || left_out)
            });
        let above = components(Path::new(root));
        let mut failures = Vec::new();
        let mut special = Vec::new();
        let mut allowed = None;
        for entry in entries {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    failures.push(unwalkable(root, error));
                    continue;
                }
            };
            match Met::of(&entry) {
                Met::Manifest => {
                    if entry.path_is_symlink()
                        && let Some(outside) = leads_out(entry.path(), root, &mut allowed)
                    {
                        failures.push(outside);
                        continue;
                    }
                    inputs.push(Input::File {
                        path: FilePath::from(entry.path()),
                        above,
                    });
                    if inputs.len() as u64 > self.limits.get(Limit::Files) {
                        break;
                    }
                }
                Met::Other => {}
                Met::Special => special.push(entry.into_path()),
                Met::Nowhere(error) => failures.push(leads_nowhere(entry.path(), &error)),
            }
        }
        let readable = failures.is_empty();
        for failure in failures {
            sink.report(failure);
        }
        for path in &special {
            sink.report(left_out(path));
        }
        let rendering = |templates: &PathBuf| {
            let chart = templates.parent().unwrap_or(Path::new("."));
            format!(
                "render them first: helm template {} | datakit-inject",
                chart.display()
            )
        };
        for templates in &charts {
            let message = format!(
                "{} holds the templates of a Helm chart and is left out",
                templates.display()
            );
            let note = Diagnostic::note("helm-templates-left-out", message);
            sink.report(note.hint(rendering(templates)));
        }
        // Of what cannot be read, nobody knows what it holds.
        let empty = readable && inputs.len() == before && !self.allow_empty;
        if empty {
            let (what, hint) = match charts.first() {
                Some(templates) => ("only the templates of a Helm chart", rendering(templates)),
                None => (
                    if special.is_empty() {
                        "no *.yaml, *.yml or *.json"
                    } else {
                        "no regular file called *.yaml, *.yml or *.json"
                    },
                    "--allow-empty takes it for an empty input".to_owned(),
                ),
            };
            let message = format!("{root}: the directory holds {what}");
            sink.report(Diagnostic::error("no-manifests", message).hint(hint));
        }
        readable && !empty
    }
}

fn components(path: &Path) -> u32 {
    u32::try_from(path.components().count()).unwrap_or(u32::MAX)
}

/// What is met in a directory.
enum Met {
    /// A file with one of the endings, or a link to one.
    Manifest,
    /// Something that is no manifest, and is passed over.
    Other,
    /// What has such a name and is neither a file nor a directory: a pipe, a device.
    Special,
    /// A link with such a name that leads to nothing.
    Nowhere(io::Error),
}

impl Met {
    fn of(entry: &DirEntry) -> Self {
        let ending = entry.path().extension().unwrap_or_default();
        if !ENDINGS.iter().any(|known| ending == *known) {
            return Self::Other;
        }
        let mut kind = entry.file_type();
        if entry.path_is_symlink() {
            match fs::metadata(entry.path()) {
                Ok(metadata) => kind = metadata.file_type(),
                Err(error) => return Self::Nowhere(error),
            }
        }
        if kind.is_file() {
            Self::Manifest
        } else if kind.is_dir() {
            Self::Other
        } else {
            Self::Special
        }
    }
}

/// A link that was met in a directory and leads to nothing.
fn leads_nowhere(link: &Path, why: &io::Error) -> Diagnostic {
    let why = match why.kind() {
        ErrorKind::NotFound => "this link leads nowhere".to_owned(),
        _ => format!("this link cannot be followed: {}", describe(why)),
    };
    let message = format!("{}: {why}", link.display());
    Diagnostic::error("input-not-found", message).hint("remove the link, or --exclude it")
}

/// Something that was met in a directory and may not end when it is read.
fn left_out(path: &Path) -> Diagnostic {
    let message = format!(
        "{}: this is no regular file and is left out",
        path.display()
    );
    let hint = "name it itself, and it is read; --exclude it, and nothing is said of it";
    Diagnostic::warning("special-file-left-out", message).hint(hint)
}

/// A part of a directory that cannot be looked at.
fn unwalkable(root: &str, error: walkdir::Error) -> Diagnostic {
    let path = error
        .path()
        .map_or_else(|| root.to_owned(), |path| path.display().to_string());
    // There is no other reason where links are not followed.
    let why = error
        .into_io_error()
        .unwrap_or_else(|| io::Error::other("it cannot be read"));
    unreadable(format!("{path}: {}", describe(&why)), &why)
}

/// The error that something cannot be read, with what to do where that is known.
fn unreadable(message: String, why: &io::Error) -> Diagnostic {
    let error = Diagnostic::error("input-unreadable", message);
    if why.kind() == ErrorKind::PermissionDenied {
        return error
            .hint("the user who runs the program must be able to read it; or --exclude it");
    }
    error
}

/// What is wrong with a link that was met in a directory: it leads neither below that directory nor
/// below the working directory. Whoever names a directory that somebody else has filled means what is
/// in it, and not what a link picks out elsewhere. `allowed` keeps the two folders.
fn leads_out(link: &Path, root: &str, allowed: &mut Option<[PathBuf; 2]>) -> Option<Diagnostic> {
    let target = fs::canonicalize(link).ok()?;
    let folders = allowed.get_or_insert_with(|| {
        [root, "."].map(|folder| fs::canonicalize(folder).unwrap_or_default())
    });
    let is_inside = |folder: &PathBuf| !folder.as_os_str().is_empty() && target.starts_with(folder);
    if folders.iter().any(is_inside) {
        return None;
    }
    let message = format!(
        "{}: this link leads out of {root}, to {}",
        link.display(),
        target.display()
    );
    let hint = "name the file itself, which is read wherever it leads, or --exclude it";
    Some(Diagnostic::error("link-leads-out", message).hint(hint))
}

/// What a path leads to, `..` and links looked through; nothing where that is outside of a folder.
fn find_below(folder: &Path, path: &Path) -> io::Result<Option<PathBuf>> {
    let folder = fs::canonicalize(folder)?;
    let target = fs::canonicalize(folder.join(path))?;
    Ok(target.starts_with(folder).then_some(target))
}

/// Whether a path leads out of a folder, `..` and links looked through. Of what is not there, the
/// written path decides.
#[must_use]
pub fn leads_outside(folder: &Path, path: &Path) -> bool {
    if let Ok(found) = find_below(folder, path) {
        return found.is_none();
    }
    let Ok(folder) = fs::canonicalize(folder) else {
        return true;
    };
    let mut target = folder.clone();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                target.pop();
            }
            part => target.push(part),
        }
    }
    !target.starts_with(folder)
}

/// Opens a regular file whose path, `..` and links looked through, does not lead out of a folder.
///
/// # Errors
/// Where it does, or the file cannot be opened or is something else, which is not waited for.
pub fn open_below(folder: &Path, path: &Path) -> io::Result<File> {
    let outside = || io::Error::other("the path leads out of the working directory");
    let target = find_below(folder, path)?.ok_or_else(outside)?;
    let file = open_without_waiting(&target)?;
    let metadata = file.metadata()?;
    // A part of the path may have become a link in between.
    if fs::canonicalize(&target)? != target || !is_same(&fs::metadata(&target)?, &metadata) {
        return Err(outside());
    }
    if !metadata.is_file() {
        return Err(io::Error::other("this is no regular file"));
    }
    Ok(file)
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
    fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether a file that was opened is the one that its path led to afterwards.
#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// The `templates` folder beside a `Chart.yaml`.
fn is_chart_templates(entry: &DirEntry) -> bool {
    entry.file_type().is_dir()
        && entry.file_name() == "templates"
        && entry
            .path()
            .parent()
            .is_some_and(|chart| chart.join("Chart.yaml").is_file())
}

/// Reads an input whole, on up to `jobs` threads where it is large.
///
/// # Errors
/// Where it cannot be read, is no UTF-8, or is larger than the limits allow.
pub fn read(input: &Input, jobs: usize, limits: &Limits) -> Result<Arc<Source>, Box<Diagnostic>> {
    let most = limits.get(Limit::InputSize);
    read_most(input, jobs, most).map_err(|error| match error {
        ReadError::TooLarge => too_large_alone(input, limits),
        ReadError::Other(diagnostic) => diagnostic,
    })
}

/// Reads the inputs of a run, which has a limit for all of them.
#[derive(Debug)]
pub struct Reader<'l> {
    limits: &'l Limits,
    /// How many bytes have been read, and whether there were more than may be.
    read: AtomicU64,
    is_exhausted: AtomicBool,
}

impl<'l> Reader<'l> {
    /// Nothing has been read yet.
    #[must_use]
    pub const fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            read: AtomicU64::new(0),
            is_exhausted: AtomicBool::new(false),
        }
    }

    /// Reads an input as [`read`] does.
    ///
    /// # Errors
    /// As there, and where all inputs together are larger than the limits allow.
    pub fn read(&self, input: &Input, jobs: usize) -> Result<Arc<Source>, Box<Diagnostic>> {
        let (one, all) = (
            self.limits.get(Limit::InputSize),
            self.limits.get(Limit::TotalSize),
        );
        let left = all.saturating_sub(self.read.load(Ordering::Relaxed));
        match read_most(input, jobs, one.min(left)) {
            Ok(source) => {
                let size = source.text().len() as u64;
                self.read.fetch_add(size, Ordering::Relaxed);
                Ok(source)
            }
            Err(ReadError::TooLarge) if left < one => {
                self.is_exhausted.store(true, Ordering::Relaxed);
                // How large all are is told in the end.
                Err(too_large(input, self.limits, Limit::TotalSize, None))
            }
            Err(ReadError::TooLarge) => Err(too_large_alone(input, self.limits)),
            Err(ReadError::Other(diagnostic)) => Err(diagnostic),
        }
    }

    /// The error that all inputs together are larger than the limits allow, where that is so, at the
    /// first one in their order that is too much, whichever was read first.
    #[must_use]
    pub fn exhausted(&self, inputs: &[Input]) -> Option<Box<Diagnostic>> {
        if !self.is_exhausted.load(Ordering::Relaxed) {
            return None;
        }
        let most = self.limits.get(Limit::TotalSize);
        let size = |input: &Input| size(input).unwrap_or(0);
        let mut sum = 0_u64;
        let first = inputs.iter().find(|input| {
            sum = sum.saturating_add(size(input));
            sum > most
        });
        let first = first.or(inputs.last())?;
        let all = inputs.iter().map(size).fold(0, u64::saturating_add);
        Some(too_large(first, self.limits, Limit::TotalSize, Some(all)))
    }
}

/// Why there is no text of an input.
enum ReadError {
    /// It is larger than was asked for.
    TooLarge,
    /// Something else: in words.
    Other(Box<Diagnostic>),
}

/// How large a file is; of standard input nobody knows.
fn size(input: &Input) -> Option<u64> {
    match input {
        Input::File { path, .. } => Some(fs::metadata(path).ok()?.len()),
        Input::Standard => None,
    }
}

fn too_large_alone(input: &Input, limits: &Limits) -> Box<Diagnostic> {
    too_large(input, limits, Limit::InputSize, size(input))
}

/// `known` is how much there is, where that is known.
fn too_large(input: &Input, limits: &Limits, limit: Limit, known: Option<u64>) -> Box<Diagnostic> {
    let what = match limit {
        Limit::TotalSize => "up to here, the files are together larger than",
        _ => "this is larger than",
    };
    let mut error = limits.exceeded(limit, what, known);
    error.location = Some(Location::of_file(input.name()));
    Box::new(error)
}

fn read_most(input: &Input, jobs: usize, most: u64) -> Result<Arc<Source>, ReadError> {
    let name = input.name();
    let bytes = match input {
        Input::Standard => read_standard(jobs, most),
        Input::File { path, .. } => File::open(path).and_then(|file| read_file(file, jobs, most)),
    };
    let bytes = bytes.map_err(|error| {
        let message = format!("{name}: {}", describe(&error));
        let error = match error.get_ref() {
            Some(inner) if inner.is::<TooLarge>() => return ReadError::TooLarge,
            Some(inner) if inner.is::<ChangedMeanwhile>() => {
                let error = Diagnostic::error("input-changed", message);
                error.hint("somebody else writes there; run it again")
            }
            _ => unreadable(message, &error),
        };
        ReadError::Other(Box::new(error))
    })?;
    source(name, bytes).map_err(ReadError::Other)
}

/// There is more than was asked for.
#[derive(Debug)]
struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("it is too large")
    }
}

impl std::error::Error for TooLarge {}

/// A file was written while it was read: what was read may be half of the one and half of the other.
#[derive(Debug)]
struct ChangedMeanwhile;

impl std::fmt::Display for ChangedMeanwhile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the file has changed while it was read")
    }
}

impl std::error::Error for ChangedMeanwhile {}

/// What of a file changes when somebody writes it.
fn stamp(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

fn read_standard(jobs: usize, most: u64) -> io::Result<Vec<u8>> {
    let stdin = io::stdin().lock();
    #[cfg(unix)]
    {
        // Standard input that is a file is read as a file. What was buffered would be lost; nothing
        // is, since nobody has read from it.
        use std::os::fd::AsFd;
        if let Ok(file) = stdin.as_fd().try_clone_to_owned() {
            return read_file(File::from(file), jobs, most);
        }
    }
    let mut bytes = Vec::new();
    read_rest(stdin, &mut bytes, most)?;
    Ok(bytes)
}

/// Reads what is left of something, as long as there are no more than so many bytes in the end.
fn read_rest(rest: impl Read, bytes: &mut Vec<u8>, most: u64) -> io::Result<()> {
    let room = most.saturating_sub(bytes.len() as u64);
    rest.take(room.saturating_add(1)).read_to_end(bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(TooLarge));
    }
    Ok(())
}

/// Up to this many bytes are read by one thread.
const PART: usize = 4 << 20;

fn read_file(mut file: File, jobs: usize, most: u64) -> io::Result<Vec<u8>> {
    let before = file.metadata().ok().filter(Metadata::is_file);
    if before
        .as_ref()
        .is_some_and(|metadata| metadata.len() > most)
    {
        return Err(io::Error::other(TooLarge));
    }
    let size = (before.as_ref())
        .and_then(|metadata| usize::try_from(metadata.len()).ok())
        .unwrap_or(0);
    if size > PART {
        // What it holds takes more memory than huge pages could save from here on.
        pages::allow_huge();
    }
    let mut bytes = Vec::new();
    if jobs > 1 && size > PART {
        bytes = read_parts(&mut file, size, jobs)?;
    }
    bytes.try_reserve(size.saturating_sub(bytes.len()))?;
    // What has been added to the file since is read as well; of other things than files, all is.
    read_rest(&file, &mut bytes, most)?;
    if let Some(before) = before
        && stamp(&file.metadata()?) != stamp(&before)
    {
        return Err(io::Error::other(ChangedMeanwhile));
    }
    Ok(bytes)
}

/// Reads up to `size` bytes from where the file stands, several threads each their part: most of the
/// time goes into making room in memory, which each can do for itself.
#[cfg(unix)]
fn read_parts(file: &mut File, size: usize, jobs: usize) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let start = file.stream_position()?;
    let mut bytes = vec![0; size - usize::try_from(start).unwrap_or(size).min(size)];
    let mut parts: Vec<(u64, &mut [u8])> = Vec::new();
    let mut at = start;
    for part in bytes.chunks_mut(PART) {
        let length = part.len() as u64;
        parts.push((at, part));
        at += length;
    }
    let shared = &*file;
    let read = parallel::for_each(parts, jobs, |(at, part)| shared.read_exact_at(part, at));
    match read {
        Ok(()) => {
            file.seek(SeekFrom::Start(at))?;
            Ok(bytes)
        }
        // The file became shorter meanwhile: it is read again, as it is now.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            file.seek(SeekFrom::Start(start))?;
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

#[cfg(not(unix))]
fn read_parts(_: &mut File, _: usize, _: usize) -> io::Result<Vec<u8>> {
    Ok(Vec::new())
}

/// The text of some bytes.
///
/// # Errors
/// Where they are no UTF-8.
pub fn source(name: impl Into<Arc<str>>, bytes: Vec<u8>) -> Result<Arc<Source>, Box<Diagnostic>> {
    let name = name.into();
    String::from_utf8(bytes)
        .map(|text| Source::new(name.clone(), text))
        .map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let hint = wide_encoding(&bytes).unwrap_or("save it as UTF-8");
            // What stands behind the place may tell that it is in a Secret.
            let hidden = secret::hidden_from(&bytes, valid);
            bytes.truncate(valid);
            let known = Source::new(name, String::from_utf8(bytes).unwrap_or_default());
            let mut error = Diagnostic::error("not-utf8", "this is no UTF-8 text")
                .at(&known, Span::at(valid))
                .hint(hint);
            if let (Some(from), Some(location)) = (hidden, &mut error.location) {
                location.hide_from(known.line_column(from).column);
            }
            Box::new(error)
        })
}

/// What to do about bytes that look like text with two or four bytes for each character.
#[must_use]
pub fn wide_encoding(bytes: &[u8]) -> Option<&'static str> {
    /// So many bytes at the beginning tell.
    const LOOKED_AT: usize = 64;
    const UTF_16: &str = "it looks like UTF-16; save it as UTF-8";
    const UTF_32: &str = "it looks like UTF-32; save it as UTF-8";
    match bytes {
        // In UTF-16 this would begin with a NUL.
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some(UTF_32),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some(UTF_16),
        _ => {}
    }
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let zeros = memchr_iter(0, head).count();
    // Letters of the Latin alphabet have one NUL byte in two, or three in four.
    if zeros * 8 >= head.len() * 5 && zeros > 2 {
        Some(UTF_32)
    } else if zeros * 8 >= head.len() * 3 && zeros > 2 {
        Some(UTF_16)
    } else {
        None
    }
}

/// An input or output error without the number that the standard library adds.
#[must_use]
pub fn describe(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((text, _)) => text.to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(selection: &FileSelection, root: &Path) -> (Vec<String>, Vec<&'static str>) {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let inputs = selection.gather(&[root.to_string_lossy().into_owned()], &mut diagnostics);
        let names = inputs
            .iter()
            .map(|input| match input {
                Input::Standard => "-".to_owned(),
                Input::File { .. } => {
                    let relative = input.relative().unwrap();
                    relative.to_string_lossy().into_owned()
                }
            })
            .collect();
        (names, diagnostics.iter().map(|d| d.code).collect())
    }

    #[test]
    fn a_directory_is_walked_in_name_order() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for path in [
            "b.yml",
            "a.yaml",
            "c.json",
            "d.txt",
            ".hidden.yaml",
            "sub/x.yaml",
            ".git/y.yaml",
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "a: 1\n").unwrap();
        }
        for path in [
            "chart/Chart.yaml",
            "chart/values.yaml",
            "chart/templates/t.yaml",
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), "a: 1\n").unwrap();
        }
        let (found, codes) = names(&FileSelection::default(), root);
        assert_eq!(
            found,
            [
                "a.yaml",
                "b.yml",
                "c.json",
                "chart/Chart.yaml",
                "chart/values.yaml",
                "sub/x.yaml"
            ]
        );
        assert_eq!(codes, ["helm-templates-left-out"]);
        let exclude = ["chart", "*.json", "sub/*"].map(|glob| Pattern::new(glob).unwrap());
        let selection = FileSelection {
            exclude: exclude.into(),
            ..FileSelection::default()
        };
        assert_eq!(names(&selection, root).0, ["a.yaml", "b.yml"]);
    }

    #[test]
    fn an_empty_directory_is_an_error_unless_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let mut selection = FileSelection::default();
        assert_eq!(names(&selection, folder.path()).1, ["no-manifests"]);
        selection.allow_empty = true;
        assert_eq!(names(&selection, folder.path()), (vec![], vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_in_a_directory_does_not_lead_out_of_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("k8s");
        fs::create_dir(&root).unwrap();
        fs::write(folder.path().join("outside.yaml"), "a: 1\n").unwrap();
        fs::write(root.join("real.yaml"), "a: 1\n").unwrap();
        symlink("real.yaml", root.join("inside.yaml")).unwrap();
        let selection = FileSelection::default();
        let both = vec!["inside.yaml".to_owned(), "real.yaml".to_owned()];
        assert_eq!(names(&selection, &root), (both.clone(), vec![]));
        symlink("../outside.yaml", root.join("link.yaml")).unwrap();
        assert_eq!(
            names(&selection, &root),
            (both.clone(), vec!["link-leads-out"])
        );
        // What is named itself is read, and what is left out is not looked at.
        let link = root.join("link.yaml");
        assert_eq!(
            names(&selection, &link),
            (vec!["link.yaml".to_owned()], vec![])
        );
        let selection = FileSelection {
            exclude: vec![Pattern::new("link.yaml").unwrap()],
            ..FileSelection::default()
        };
        assert_eq!(names(&selection, &root), (both, vec![]));
        // Below the working directory is where the tests run.
        let mut allowed = None;
        fs::remove_file(&link).unwrap();
        symlink(fs::canonicalize("Cargo.toml").unwrap(), &link).unwrap();
        assert!(leads_out(&link, &root.to_string_lossy(), &mut allowed).is_none());
    }

    #[cfg(unix)]
    #[test]
    fn what_a_directory_holds_and_is_not_read_is_said() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let pipe = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, root.join("ff.yaml"), pipe, mode, 0).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, root.join("ff"), pipe, mode, 0).unwrap();
        let mut selection = FileSelection::default();
        let alone = ["special-file-left-out", "no-manifests"];
        assert_eq!(names(&selection, root), (vec![], alone.into()));
        fs::write(root.join("web.yaml"), "a: 1\n").unwrap();
        fs::create_dir(root.join("d.yaml")).unwrap();
        symlink("d.yaml", root.join("e.yaml")).unwrap();
        symlink("none", root.join("none.txt")).unwrap();
        let web = vec!["web.yaml".to_owned()];
        let special = vec!["special-file-left-out"];
        assert_eq!(names(&selection, root), (web.clone(), special));
        symlink("none", root.join("link.yaml")).unwrap();
        symlink("loop.yaml", root.join("loop.yaml")).unwrap();
        let all = [
            "input-not-found",
            "input-not-found",
            "special-file-left-out",
        ];
        assert_eq!(names(&selection, root), (web.clone(), all.into()));
        selection.exclude = ["l*.yaml", "ff*"]
            .map(|glob| Pattern::new(glob).unwrap())
            .into();
        assert_eq!(names(&selection, root), (web, vec![]));
    }

    #[test]
    fn text_in_wider_characters_is_recognised() {
        let text = "apiVersion: v1\nkind: Pod\n";
        let wide = |unit: fn(u32) -> Vec<u8>| -> Vec<u8> {
            text.chars().flat_map(|c| unit(c as u32)).collect()
        };
        let utf16 = |c: u32| vec![u8::try_from(c).unwrap(), 0];
        let utf16_big = |c: u32| vec![0, u8::try_from(c).unwrap()];
        for (bytes, expected) in [
            (wide(utf16), Some("UTF-16")),
            (wide(utf16_big), Some("UTF-16")),
            (wide(|c| c.to_le_bytes().into()), Some("UTF-32")),
            (wide(|c| c.to_be_bytes().into()), Some("UTF-32")),
            (b"\xff\xfea\0".to_vec(), Some("UTF-16")),
            (b"\xff\xfe\0\0a\0\0\0".to_vec(), Some("UTF-32")),
            (b"\0\0\xfe\xff\0\0\0a".to_vec(), Some("UTF-32")),
            (text.as_bytes().to_vec(), None),
            (b"a: \"\0\"\n".to_vec(), None),
            (Vec::new(), None),
        ] {
            let hint = wide_encoding(&bytes);
            assert_eq!(hint.is_some(), expected.is_some(), "{bytes:?}");
            assert!(
                hint.unwrap_or_default()
                    .contains(expected.unwrap_or_default())
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_confined_to_a_folder_is_a_file_in_it() {
        use std::os::unix::fs::symlink;
        let outer = tempfile::tempdir().unwrap();
        let folder = fs::canonicalize(outer.path()).unwrap().join("in");
        fs::create_dir_all(folder.join("sub")).unwrap();
        fs::write(outer.path().join("secret"), "x").unwrap();
        fs::write(folder.join("config"), "y").unwrap();
        symlink("../secret", folder.join("out")).unwrap();
        symlink("config", folder.join("link")).unwrap();
        symlink("/dev", folder.join("dev")).unwrap();
        symlink("sub/../../secret", folder.join("round")).unwrap();
        let pipe = rustix::fs::FileType::Fifo;
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, folder.join("pipe"), pipe, mode, 0).unwrap();
        let absolute = |name: &str| folder.join(name).to_string_lossy().into_owned();
        let inside = [
            "config",
            "link",
            "./sub/./../config",
            "../in/config",
            &absolute("config"),
            &absolute("sub/../link"),
        ];
        for path in inside {
            assert!(!leads_outside(&folder, Path::new(path)), "{path}");
            assert!(open_below(&folder, Path::new(path)).is_ok(), "{path}");
        }
        let outside = [
            "out",
            "round",
            "dev/null",
            "../secret",
            "../none",
            "none/../../none",
            "/none",
            "/etc/passwd",
            "..",
            &absolute("out"),
            &absolute("../none"),
        ];
        for path in outside {
            assert!(leads_outside(&folder, Path::new(path)), "{path}");
            assert!(open_below(&folder, Path::new(path)).is_err(), "{path}");
        }
        for path in ["pipe", "sub", "none", "sub/../none", "", &absolute("none")] {
            assert!(!leads_outside(&folder, Path::new(path)), "{path}");
            assert!(open_below(&folder, Path::new(path)).is_err(), "{path}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let error = source("x", b"a: 1\nb: \xff\n".to_vec()).unwrap_err();
        let location = error.location.unwrap();
        assert_eq!((location.line, location.column), (2, 4));
        assert!(
            source("x", b"\xff\xfea\0".to_vec())
                .unwrap_err()
                .hint
                .unwrap()
                .contains("UTF-16")
        );
    }
}
