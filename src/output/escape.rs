//! Text of the user's on its way to a terminal, a log or a report: characters that steer a terminal,
//! turn the direction of writing, or cannot be seen are written as escapes, so that a name is a name
//! and no more.

use std::borrow::Cow;
use std::fmt::Write as _;

/// GitHub's runner takes `##[` for the beginning of a command wherever it stands in a line
/// (`actions/runner`, `ActionCommand.cs`, `TryParse`): its second character is written like this.
pub(super) const HASH: &str = "\\u{23}";

/// Whether a character does something else than to be seen: control characters (C0, DEL, C1), what
/// turns the direction of writing, line and paragraph separators, and what has no width.
#[must_use]
pub(super) fn is_odd(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// Text of the user's on one line, without a character that is [odd](is_odd), so that a name cannot
/// steer the terminal or begin a line of its own.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    // Most text is seen as it stands.
    let holds_command = text.contains('#') && text.contains("##[");
    if !holds_command && (is_plain(text) || !text.chars().any(is_odd)) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("##[", &format!("#{HASH}["));
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if is_odd(c) => push_code(&mut escaped, c),
            c => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

/// A line of the user's as a terminal shows it: tabs stay, everything else that is [odd](is_odd) is
/// escaped.
pub(super) fn escape_line(line: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| is_odd(c) && c != '\t';
    if is_plain(line) || !line.chars().any(is_escaped) {
        return Cow::Borrowed(line);
    }
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        if is_escaped(c) {
            push_code(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Whether a text has nothing but what ASCII has to be seen, and blanks.
fn is_plain(text: &str) -> bool {
    // Without a branch for each, so that the compiler can look at many bytes at once.
    let is_seen = |byte| (b' '..=b'~').contains(&byte);
    text.bytes().fold(true, |all, byte| all & is_seen(byte))
}

fn push_code(text: &mut String, c: char) {
    let _ = write!(text, "\\u{{{:x}}}", u32::from(c));
}

/// JSON in which everything [odd](is_odd) is written as JSON's own escapes: it means the same. Only its
/// line breaks stay, which stand between its values.
pub(super) fn escape_json(json: &str) -> String {
    // GitHub's runner looks for it in files, too.
    let json = json.replace("##[", "#\\u0023[");
    let is_escaped = |c: char| is_odd(c) && c != '\n';
    if !json.chars().any(is_escaped) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_steer_the_terminal() {
        assert_eq!(
            escape("a\u{1b}[2Jb\n::error::\u{202e}\u{9b}1m"),
            "a\\u{1b}[2Jb\\n::error::\\u{202e}\\u{9b}1m"
        );
        assert_eq!(escape("名"), "名");
        assert_eq!(escape("a##[error]b"), "a#\\u{23}[error]b");
        assert_eq!(
            escape("a\u{200d}\u{e0041}\u{61c}"),
            "a\\u{200d}\\u{e0041}\\u{61c}"
        );
    }

    #[test]
    fn lines_keep_their_tabs() {
        assert_eq!(escape_line("\ta: b\u{1b}[8m\r"), "\ta: b\\u{1b}[8m\\u{d}");
        assert!(matches!(escape_line("\ta: 名"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_means_the_same() {
        let text = "\u{9b}\u{7f}##[\u{e0041}\u{202e}名\t";
        let json = serde_json::to_string_pretty(&[text]).unwrap();
        let escaped = escape_json(&json);
        assert_eq!(
            escaped,
            "[\n  \"\\u009b\\u007f#\\u0023[\\udb40\\udc41\\u202e名\\t\"\n]"
        );
        assert_eq!(
            serde_json::from_str::<Vec<String>>(&escaped).unwrap(),
            [text]
        );
    }
}
