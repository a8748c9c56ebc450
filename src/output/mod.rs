//! The only module that writes: manifests and diffs to standard output, the report to standard
//! error, files.
//!
//! - `report`: the forms of a report, each in a file of its own: `report_text` for people,
//!   `report_json`, `report_github`, `report_sarif` and `report_gitlab` for programs, with what the
//!   last three have in common in `finding`, `repository` and `rule_help`;
//! - `shown_rules`: the rules of a configuration for people;
//! - `report_file`: the report in a file;
//! - `explain`: why workloads are injected or not, for people (a `tree`) and for programs;
//! - `preflight`: the results of checks, `preflight_text` for people and `preflight_json` for programs;
//! - `width`: how many columns a line may have;
//! - `escape`: what names and lines of the user's must not do to a terminal or a log;
//! - `color`: which stream has colours, and which;
//! - `files`: files replaced all or none, with `temporary` for what stands beside them meanwhile;
//! - `program`: this program, where another one looks for it.

pub mod color;
pub mod escape;
pub mod explain;
pub mod files;
mod finding;
pub mod preflight;
mod preflight_json;
mod preflight_text;
pub mod program;
pub mod report;
pub mod report_file;
mod report_github;
mod report_gitlab;
mod report_json;
mod report_sarif;
pub mod report_text;
pub mod repository;
mod rule_help;
pub mod shown_rules;
mod temporary;
mod tree;
pub mod width;

use std::io::{self, BufWriter, Write};

use similar::ChangeTag;

use crate::diff::{Hunk, header_path};
use color::{Palette, Style};
use escape::{escape_line, is_odd};

/// Whether standard output took what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// All of it.
    All,
    /// The reader went away (`| head`): no error, and nothing more to say.
    Closed,
}

/// Small pieces are gathered to this many bytes before they are written; larger ones are written
/// as they are.
const BUFFER: usize = 16 * 1024;

/// Why standard output did not take all of it.
#[derive(Debug)]
pub struct OutputError {
    /// What went wrong.
    pub error: io::Error,
    /// Whether a part was written before.
    pub in_part: bool,
}

/// Writes pieces of text to standard output.
///
/// # Errors
/// Where that fails for another reason than a reader that went away.
pub fn to_stdout<'t>(pieces: impl IntoIterator<Item = &'t str>) -> Result<Written, OutputError> {
    let inner = unbuffered_stdout().map_err(|error| OutputError {
        error,
        in_part: false,
    })?;
    let noting = Noting { inner, took: false };
    let mut stdout = BufWriter::with_capacity(BUFFER, noting);
    let written = pieces
        .into_iter()
        .try_for_each(|piece| stdout.write_all(piece.as_bytes()))
        .and_then(|()| stdout.flush());
    let in_part = stdout.get_ref().took;
    // What could not be written is not tried again.
    let _ = stdout.into_parts();
    match written {
        Ok(()) => Ok(Written::All),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Written::Closed),
        Err(error) => Err(OutputError { error, in_part }),
    }
}

/// Standard output without the buffer for lines that the standard library has in front of it, which
/// takes what is not written yet, and writes each of our buffers in two parts.
#[cfg(unix)]
fn unbuffered_stdout() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    let stdout = io::stdout();
    let own = stdout.as_fd().try_clone_to_owned()?;
    Ok(std::fs::File::from(own))
}

#[cfg(not(unix))]
fn unbuffered_stdout() -> io::Result<io::StdoutLock<'static>> {
    Ok(io::stdout().lock())
}

/// Notes whether a writer has taken anything.
struct Noting<W> {
    inner: W,
    took: bool,
}

impl<W: Write> Write for Noting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.took |= count > 0;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Writes to standard error; nobody is there to be told where that fails.
pub fn to_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Writes what the command line's parser has to say: help and versions to standard output, wrong
/// usage to standard error, in its own colours. It repeats what was typed, or what a glob gave.
pub fn usage(message: &clap::Error) {
    let text = message.render().to_string();
    let is_harmless =
        |line: &str| !line.trim_start().starts_with("::") && !line.chars().any(is_odd);
    if message.use_stderr() && !text.lines().all(is_harmless) {
        let lines = text.lines().map(|line| {
            // GitHub's runner would take the line for a command.
            escape_line(line).replacen("::", "\\u{3a}:", 1) + "\n"
        });
        to_stderr(&lines.collect::<String>());
    } else {
        let _ = message.print();
    }
}

/// The text of a file's diff; nothing where there are no hunks. What people look at (`shown`: on a
/// terminal, or coloured) has characters that steer the terminal escaped; what `patch` reads has them
/// as they are.
#[must_use]
pub fn render_diff(name: &str, hunks: &[Hunk<'_>], palette: Palette, shown: bool) -> String {
    let mut text = String::new();
    if hunks.is_empty() {
        return text;
    }
    let mut line = |style: Style, content: &str| {
        // The line break stays outside the colour, so that no terminal paints the rest of a line.
        let body = content.strip_suffix('\n').unwrap_or(content);
        let body = body
            .strip_suffix('\r')
            .filter(|_| palette.is_on() || shown)
            .unwrap_or(body);
        let escaped = if shown {
            escape_line(body)
        } else {
            body.into()
        };
        text.push_str(&palette.paint(style, &escaped));
        text.push_str(&content[body.len()..]);
    };
    line(Style::Bold, &format!("--- {}\n", header_path("a", name)));
    line(Style::Bold, &format!("+++ {}\n", header_path("b", name)));
    for hunk in hunks {
        line(Style::Cyan, &format!("{}\n", hunk.header()));
        for changed in &hunk.lines {
            let (style, sign) = match changed.tag {
                ChangeTag::Equal => (Style::None, ' '),
                ChangeTag::Delete => (Style::Red, '-'),
                ChangeTag::Insert => (Style::Green, '+'),
            };
            line(style, &format!("{sign}{}", changed.text));
            if !changed.text.ends_with('\n') {
                line(Style::None, "\n\\ No newline at end of file\n");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::hunks;

    #[test]
    fn a_diff_is_what_patch_reads() {
        let parts = [("a\r\nb", "a\r\nc\n")];
        assert_eq!(
            render_diff("x.yaml", &hunks(&parts), Palette::off(), false),
            "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+c\n"
        );
        assert_eq!(render_diff("x", &[], Palette::off(), false), "");
    }

    #[test]
    fn a_diff_that_is_shown_cannot_steer_the_terminal() {
        let parts = [("a\n", "\tb: \u{1b}[8m\u{202e}\r\n")];
        let text = |shown| render_diff("x\u{1b}", &hunks(&parts), Palette::off(), shown);
        assert_eq!(
            text(true),
            "--- \"a/x\\033\"\n+++ \"b/x\\033\"\n@@ -1 +1 @@\n-a\n+\tb: \\u{1b}[8m\\u{202e}\r\n"
        );
        assert!(text(false).ends_with("+\tb: \u{1b}[8m\u{202e}\r\n"));
    }

    #[test]
    fn colours_end_before_the_line_does() {
        let text = render_diff("x", &hunks(&[("a\n", "b\n")]), Palette::on(), true);
        assert!(text.contains("\u{1b}[31m-a\u{1b}[0m\n"), "{text:?}");
        assert!(text.contains("\u{1b}[32m+b\u{1b}[0m\n"), "{text:?}");
    }
}
