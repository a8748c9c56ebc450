//! What quoted scalars say, for the scanner: escapes and folded lines. What it does not know it leaves to
//! the full parser.

use memchr::{memchr, memchr2};

/// The text of a single-quoted scalar, where it is not what stands there.
pub(super) fn single_quoted(raw: &str) -> Option<String> {
    memchr2(b'\'', b'\n', raw.as_bytes())?;
    let text = raw.replace("''", "'");
    Some(if text.contains('\n') {
        folded(&text)
    } else {
        text
    })
}

/// A quoted text over several lines as its reader sees it: a line break is a blank, a blank line a
/// line break, and the blanks around line breaks are nothing.
fn folded(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').collect();
    let last = lines.len() - 1;
    let mut folded = String::with_capacity(text.len());
    let mut breaks = 0;
    for (index, line) in lines.into_iter().enumerate() {
        let mut line = line.strip_suffix('\r').unwrap_or(line);
        if index > 0 {
            line = line.trim_start_matches([' ', '\t']);
        }
        if index < last {
            line = line.trim_end_matches([' ', '\t']);
        }
        if index > 0 && index < last && line.is_empty() {
            breaks += 1;
            continue;
        }
        if index > 0 {
            if breaks == 0 {
                folded.push(' ');
            } else {
                folded.extend(std::iter::repeat_n('\n', breaks));
            }
            breaks = 0;
        }
        folded.push_str(line);
    }
    folded
}

/// The text of a double-quoted scalar, where it is not what stands there; gives up at an escape that
/// it does not know.
#[allow(
    clippy::option_option,
    reason = "what stands there is an answer; giving up is none"
)]
pub(super) fn double_quoted(raw: &str) -> Option<Option<String>> {
    if memchr2(b'\\', b'\n', raw.as_bytes()).is_none() {
        return Some(None);
    }
    let escape_in = |text: &str| memchr(b'\\', text.as_bytes());
    if memchr(b'\n', raw.as_bytes()).is_some() {
        // An escaped line break, or an escape beside one, is left to the full parser.
        if escape_in(raw).is_some() {
            return None;
        }
        return Some(Some(folded(raw)));
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = escape_in(rest) {
        text.push_str(&rest[..at]);
        let (character, length) = escape(&rest.as_bytes()[at..])?;
        text.push(character);
        rest = rest.get(at + length..)?;
    }
    text.push_str(rest);
    Some(Some(text))
}

fn escape(bytes: &[u8]) -> Option<(char, usize)> {
    Some(match bytes.get(1)? {
        b'n' => ('\n', 2),
        b't' => ('\t', 2),
        b'"' => ('"', 2),
        b'\\' => ('\\', 2),
        b'/' => ('/', 2),
        b'r' => ('\r', 2),
        b'e' => ('\u{1b}', 2),
        b'u' => {
            let digits = std::str::from_utf8(bytes.get(2..6)?).ok()?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            (char::from_u32(u32::from_str_radix(digits, 16).ok()?)?, 6)
        }
        _ => return None,
    })
}
