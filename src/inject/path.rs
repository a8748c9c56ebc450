//! Paths as Go's `path/filepath` cleans them (`spec/1-behaviour.md`, section 4).

/// `//` → `/`, `.` dropped, `a/..` dropped, no trailing slash, empty → `.`.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if rooted => {}
            _ => kept.push(part),
        }
    }
    let joined = kept.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

/// All up to the last `/`, cleaned.
pub(super) fn directory(path: &str) -> String {
    let end = path.rfind('/').map_or(0, |slash| slash + 1);
    clean(path.get(..end).unwrap_or_default())
}

/// The directory that files with wildcards in their names are in: that of the text before the first
/// `*`; nothing for a path without one.
pub(super) fn before_wildcard(path: &str) -> Option<String> {
    let (before, _) = path.split_once('*')?;
    Some(directory(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_go_cleans_them() {
        for (path, cleaned, parent) in [
            ("", ".", "."),
            ("x.log", "x.log", "."),
            ("/x.log", "/x.log", "/"),
            ("/a//b/./c/", "/a/b/c", "/a/b/c"),
            ("/a/b/../c", "/a/c", "/a"),
            ("/../a", "/a", "/"),
            ("../a/../..", "../..", ".."),
            ("a/..", ".", "a"),
            ("/", "/", "/"),
            ("./a", "a", "."),
        ] {
            assert_eq!(clean(path), cleaned, "{path}");
            assert_eq!(directory(path), parent, "{path}");
        }
        assert_eq!(
            before_wildcard("/var/log/a*/b"),
            Some("/var/log".to_owned())
        );
        assert_eq!(before_wildcard("*.log"), Some(".".to_owned()));
        assert_eq!(before_wildcard("/a/b"), None);
    }
}
