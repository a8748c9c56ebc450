//! The file that `--report-file` names: opened before anything is read, so that a run whose report
//! cannot be kept does nothing; filled at the end, by renaming a new file over the old one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::files::keep_owner;
use super::temporary::{sweep, temporary_in, temporary_with};

/// A report file that waits for its text.
#[derive(Debug)]
pub struct ReportFile {
    target: PathBuf,
    way: Way,
    /// What earlier runs left behind beside it, and is gone now.
    pub swept: Vec<PathBuf>,
}

#[derive(Debug)]
enum Way {
    /// A new file beside the target.
    Renamed(NamedTempFile),
    /// A pipe or a device, which cannot be replaced.
    Direct(File),
}

impl ReportFile {
    /// Gets ready to write to a path. A link's target is written, not the link.
    ///
    /// # Errors
    /// Where no file can be made there.
    pub fn open(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path);
        if metadata.as_ref().is_ok_and(fs::Metadata::is_dir) {
            return Err(io::Error::other("this is a directory"));
        }
        let is_device = metadata.as_ref().is_ok_and(|metadata| !metadata.is_file());
        // `/dev/stderr` is a link to whatever that stream is.
        if is_device || path.starts_with("/dev") || path.starts_with("/proc") {
            let file = OpenOptions::new().append(true).open(path)?;
            return Ok(Self {
                target: path.to_path_buf(),
                way: Way::Direct(file),
                swept: Vec::new(),
            });
        }
        if may_be_manifest(path) && !beginning(path).is_ok_and(|bytes| is_report(&bytes)) {
            return Err(io::Error::other(
                "this file is there, and holds something else than a report in JSON",
            ));
        }
        let target = fs::canonicalize(path).or_else(|_| std::path::absolute(path))?;
        let folder = target.parent().filter(|own| !own.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let swept = sweep(folder);
        let temporary = match metadata {
            Ok(old) => {
                let temporary = temporary_in(folder)?;
                // A report is nobody's own: where its owner cannot be kept, it has another one.
                let _ = keep_owner(temporary.as_file(), &old);
                temporary.as_file().set_permissions(old.permissions())?;
                temporary
            }
            Err(_) => temporary_with(folder, 0o666)?,
        };
        Ok(Self {
            target,
            way: Way::Renamed(temporary),
            swept,
        })
    }

    /// Whether a path names the same file.
    #[must_use]
    pub fn is(&self, path: &Path) -> bool {
        let path = fs::canonicalize(path).or_else(|_| std::path::absolute(path));
        path.is_ok_and(|path| path == self.target)
    }

    /// Writes the report.
    ///
    /// # Errors
    /// Where that fails; an old file is then as it was.
    pub fn write(self, text: &str) -> io::Result<()> {
        match self.way {
            Way::Renamed(mut temporary) => {
                temporary.write_all(text.as_bytes())?;
                temporary.persist(self.target).map_err(|own| own.error)?;
                Ok(())
            }
            Way::Direct(mut file) => file.write_all(text.as_bytes()),
        }
    }
}

/// Whether a file is there under a name that manifests have: a report does not take its place.
fn may_be_manifest(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("yaml" | "yml" | "json")) && path.is_file()
}

/// So much of a file tells whether it is a report.
const BEGINNING: u64 = 4096;

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a text begins as the forms in JSON do, which no manifest does, or is empty.
fn is_report(bytes: &[u8]) -> bool {
    let begins: [&[u8]; 3] = [b"{\n  \"schemaVersion\"", b"{\n  \"$schema\"", b"["];
    let is_empty = (bytes.len() as u64) < BEGINNING && bytes.trim_ascii().is_empty();
    is_empty || begins.iter().any(|own| bytes.starts_with(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_report_is_replaced_and_a_link_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.json");
        let link = folder.path().join("link.json");
        fs::write(
            &real,
            "[\n  {\"old\": \"and longer than the new one\"}\n]\n",
        )
        .unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("real.json", &link).unwrap();
        #[cfg(not(unix))]
        let link = real.clone();
        let file = ReportFile::open(&link).unwrap();
        assert!(file.is(&real));
        file.write("new").unwrap();
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
        #[cfg(unix)]
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn a_manifest_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, is_replaced) in [
            ("a.yaml", "kind: Pod\n", false),
            ("a.yml", "{}", false),
            ("a.json", "{\"kind\": \"Pod\"}", false),
            ("b.json", "{\n  \"schemaVersion\": 1\n}\n", true),
            ("c.json", "{\n  \"$schema\": \"\"\n}\n", true),
            ("d.json", "[]\n", true),
            ("e.json", "", true),
            ("report.txt", "1 file\n", true),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            assert_eq!(ReportFile::open(&path).is_ok(), is_replaced, "{name}");
        }
    }

    #[test]
    fn a_report_that_cannot_be_kept_is_known_at_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ReportFile::open(folder.path()).is_err());
        assert!(ReportFile::open(&folder.path().join("none/a.json")).is_err());
    }

    #[test]
    fn an_unused_report_file_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        drop(ReportFile::open(&folder.path().join("a.json")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_and_not_replaced() {
        ReportFile::open(Path::new("/dev/null"))
            .unwrap()
            .write("x")
            .unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
