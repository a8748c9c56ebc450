//! The unified diff between the old and the new text of a file.
//!
//! The texts come as the documents that they are made of, and only documents that differ are
//! compared, so that a long stream costs what its changes cost.

use std::borrow::Cow;
use std::fmt::Write as _;

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices};

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// A run of changes with the context around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk<'t> {
    /// The one-based first line and the number of lines, before and after.
    pub old: (usize, usize),
    /// The same in the new text.
    pub new: (usize, usize),
    /// Its lines.
    pub lines: Vec<Line<'t>>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// Kept, taken out or added.
    pub tag: ChangeTag,
    /// The line with its line break, if it has one.
    pub text: &'t str,
}

/// The hunks between two texts that are made of corresponding parts: `(old, new)`, in order.
#[must_use]
pub fn hunks<'t, N: AsRef<str>>(parts: &'t [(&'t str, N)]) -> Vec<Hunk<'t>> {
    let mut old_lines: Vec<&str> = Vec::new();
    let mut new_lines: Vec<&str> = Vec::new();
    let mut ops: Vec<DiffOp> = Vec::new();
    for (old, new) in parts {
        let new = new.as_ref();
        let (old_start, new_start) = (old_lines.len(), new_lines.len());
        old_lines.extend(old.split_inclusive('\n'));
        if *old == new {
            new_lines.extend_from_slice(&old_lines[old_start..]);
            let len = old_lines.len() - old_start;
            ops.push(DiffOp::Equal {
                old_index: old_start,
                new_index: new_start,
                len,
            });
            continue;
        }
        new_lines.extend(new.split_inclusive('\n'));
        let found = capture_diff_slices(
            Algorithm::Myers,
            &old_lines[old_start..],
            &new_lines[new_start..],
        );
        ops.extend(
            found
                .into_iter()
                .map(|op| shifted(op, old_start, new_start)),
        );
    }
    similar::group_diff_ops(joined(ops), CONTEXT)
        .into_iter()
        .filter(|group| group.iter().any(|op| !matches!(op, DiffOp::Equal { .. })))
        .filter_map(|group| hunk(&group, &old_lines, &new_lines))
        .collect()
}

/// An operation on lines that begin at other positions.
fn shifted(op: DiffOp, old: usize, new: usize) -> DiffOp {
    match op {
        DiffOp::Equal {
            old_index,
            new_index,
            len,
        } => DiffOp::Equal {
            old_index: old_index + old,
            new_index: new_index + new,
            len,
        },
        DiffOp::Delete {
            old_index,
            old_len,
            new_index,
        } => DiffOp::Delete {
            old_index: old_index + old,
            old_len,
            new_index: new_index + new,
        },
        DiffOp::Insert {
            old_index,
            new_index,
            new_len,
        } => DiffOp::Insert {
            old_index: old_index + old,
            new_index: new_index + new,
            new_len,
        },
        DiffOp::Replace {
            old_index,
            old_len,
            new_index,
            new_len,
        } => DiffOp::Replace {
            old_index: old_index + old,
            old_len,
            new_index: new_index + new,
            new_len,
        },
    }
}

/// Runs of equal lines that meet at the edge of two parts are one run.
fn joined(ops: Vec<DiffOp>) -> Vec<DiffOp> {
    let mut all: Vec<DiffOp> = Vec::with_capacity(ops.len());
    for op in ops {
        if let (Some(DiffOp::Equal { len: before, .. }), DiffOp::Equal { len, .. }) =
            (all.last_mut(), &op)
        {
            *before += len;
        } else {
            all.push(op);
        }
    }
    all
}

fn hunk<'t>(group: &[DiffOp], old: &[&'t str], new: &[&'t str]) -> Option<Hunk<'t>> {
    let (first, last) = (group.first()?, group.last()?);
    let range = |start: usize, end: usize| {
        // A hunk without lines on one side names the line in front of it.
        (start + usize::from(end > start), end - start)
    };
    let mut lines = Vec::new();
    for op in group {
        let (tag, old_range, new_range) = op.as_tag_tuple();
        let mut add = |tag, texts: &[&'t str]| {
            lines.extend(texts.iter().map(|&text| Line { tag, text }));
        };
        if tag == similar::DiffTag::Equal {
            add(ChangeTag::Equal, &old[old_range]);
        } else {
            add(ChangeTag::Delete, &old[old_range]);
            add(ChangeTag::Insert, &new[new_range]);
        }
    }
    Some(Hunk {
        old: range(first.old_range().start, last.old_range().end),
        new: range(first.new_range().start, last.new_range().end),
        lines,
    })
}

impl Hunk<'_> {
    /// The line that a hunk begins with: `@@ -1,3 +1,5 @@`.
    #[must_use]
    pub fn header(&self) -> String {
        let range = |(start, count): (usize, usize)| match count {
            1 => start.to_string(),
            _ => format!("{start},{count}"),
        };
        format!("@@ -{} +{} @@", range(self.old), range(self.new))
    }
}

/// A path as `patch` and `git apply` read it in a header: with a slash between its parts, relative,
/// in quotes where it holds a control character, a quote or a backslash. A tab behind it ends it
/// where it holds a blank.
#[must_use]
pub fn header_path(prefix: &str, name: &str) -> String {
    // `patch` and `git apply` refuse paths that lead out of the folder that they run in.
    let mut name = name;
    while let Some(rest) = ["./", "../", "/"]
        .iter()
        .find_map(|start| name.strip_prefix(start))
    {
        name = rest;
    }
    let path = format!("{prefix}/{name}");
    if path
        .chars()
        .any(|c| c.is_control() || c == '"' || c == '\\')
    {
        let mut quoted = String::from("\"");
        for byte in path.bytes() {
            match byte {
                b'"' | b'\\' => {
                    quoted.push('\\');
                    quoted.push(char::from(byte));
                }
                0x20..0x7f => quoted.push(char::from(byte)),
                _ => {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
        }
        quoted.push('"');
        return quoted;
    }
    let end: Cow<'_, str> = if path.contains(' ') {
        "\t".into()
    } else {
        "".into()
    };
    format!("{path}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(parts: &[(&str, &str)]) -> String {
        let mut drawn = String::new();
        for hunk in hunks(parts) {
            writeln!(drawn, "{}", hunk.header()).unwrap();
            for line in &hunk.lines {
                write!(drawn, "{}{}", line.tag, line.text).unwrap();
            }
        }
        drawn
    }

    #[test]
    fn changes_in_neighbouring_documents_share_their_context() {
        let parts = [
            ("a\nb\n", "a\nB\n"),
            ("---\nc\n", "---\nc\n"),
            ("---\nd\n", "---\nd\ne\n"),
        ];
        assert_eq!(
            draw(&parts),
            "@@ -1,6 +1,7 @@\n a\n-b\n+B\n ---\n c\n ---\n d\n+e\n"
        );
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let old: String = (1..=20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("2\n3\n", "2\nx\n3\n").replace("20\n", "");
        assert_eq!(
            draw(&[(&old, &new)]),
            "@@ -1,5 +1,6 @@\n 1\n 2\n+x\n 3\n 4\n 5\n@@ -17,4 +18,3 @@\n 17\n 18\n 19\n-20\n"
        );
        assert_eq!(draw(&[("a\n", "a\n")]), "");
        assert_eq!(draw(&[("", "a")]), "@@ -0,0 +1 @@\n+a");
    }

    #[test]
    fn paths_are_relative_and_quoted_where_they_must_be() {
        assert_eq!(header_path("a", "./k8s/x.yaml"), "a/k8s/x.yaml");
        assert_eq!(header_path("b", "/abs/x.yaml"), "b/abs/x.yaml");
        assert_eq!(header_path("b", "../.././.x.yaml"), "b/.x.yaml");
        assert_eq!(header_path("a", "with blank.yaml"), "a/with blank.yaml\t");
        assert_eq!(header_path("a", "é\"\n"), "\"a/\\303\\251\\\"\\012\"");
    }
}
