//! A scalar that becomes shorter: text is taken out of it, and the rest stays as it is written. It is the
//! way back of what `scalar` does where it adds text.

use super::Draft;
use crate::yaml::{Kind, NodeId, Scalar, ScalarStyle, emit, json, parse, scalar};

/// A text is looked for in this many places at most.
const TRIES: usize = 16;

impl Draft<'_> {
    /// Takes text out of a scalar, where that is all that makes the new value of the old one, and
    /// leaves the rest as it is written. False where the scalar has to be written anew.
    pub(super) fn shorten_scalar(&mut self, id: NodeId, new: &Scalar) -> bool {
        let old = self.tree.text(id);
        let (new, is_plain) = (&*new.text, new.plain);
        if is_plain || new.len() >= old.len() {
            return false;
        }
        let span = self.tree.span(id);
        let raw = &self.text[span.start..span.end];
        let style = self.tree.kind(id);
        let quoted = match style {
            Kind::Scalar(ScalarStyle::Plain) if !scalar::is_string_to_all(new) => return false,
            Kind::Scalar(style) => {
                matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
            }
            _ => return false,
        };
        let is_block = style == Kind::Scalar(ScalarStyle::Folded)
            || style == Kind::Scalar(ScalarStyle::Literal);
        // Nothing is in quotes, and not a block of no lines.
        if new.is_empty() && !quoted {
            return false;
        }
        let Some(piece) = piece_taken(old, new) else {
            return self.shorten_plain(id, new);
        };
        let escaped = match style {
            Kind::Scalar(ScalarStyle::SingleQuoted) => piece.replace('\'', "''"),
            Kind::Scalar(ScalarStyle::DoubleQuoted) => {
                let mut escaped = String::new();
                emit::push_escaped(&mut escaped, piece);
                escaped
            }
            _ => piece.to_owned(),
        };
        // A blank of the value may be a line's end in the text.
        let blank = escaped.starts_with(' ');
        let inner = escaped.strip_prefix(' ').unwrap_or(&escaped);
        if inner.is_empty() {
            return false;
        }
        let is_json = self.tree.is_json();
        let reads = |text: &str| {
            if quoted && is_json {
                let tree = json::parse(text).ok();
                return tree
                    .is_some_and(|tree| tree.root().is_some_and(|id| tree.text_is(id, new)));
            }
            let parsed = parse(text)
                .ok()
                .filter(|parsed| parsed.second_root.is_none());
            // Blanks in front of it would be those of its line, where readers differ in tabs.
            let begins_well = !text.starts_with(char::is_whitespace);
            begins_well
                && parsed.is_some_and(|parsed| {
                    let tree = parsed.tree;
                    tree.root()
                        .is_some_and(|id| tree.kind(id) == style && tree.text_is(id, new))
                })
        };
        // The line break that ends a block is behind its text.
        let reads = |text: &str| reads(text) || (is_block && reads(&format!("{text}\n")));
        if style == Kind::Scalar(ScalarStyle::Folded)
            && let Some((header, line)) = line_below(raw, old, new)
            && reads(&format!(">{}", &raw[header..line]))
        {
            self.push(span.start + 1, span.start + header, "");
            self.push(span.start + line, span.end, "");
            self.replaced.insert(id);
            return true;
        }
        for (at, _) in raw.rmatch_indices(inner).take(TRIES) {
            let exact = at.checked_sub(usize::from(blank));
            let exact = exact.filter(|&from| raw[from..].starts_with(&*escaped));
            let exact = exact.map(|from| (from, from + escaped.len()));
            let start = raw[..at].trim_end().len();
            let folded =
                (blank && raw[start..at].contains('\n')).then_some((start, at + inner.len()));
            for (start, end) in folded.into_iter().chain(exact) {
                if reads(&format!("{}{}", &raw[..start], &raw[end..])) {
                    self.push(span.start + start, span.start + end, "");
                    let breaks = |text: &str| text.len() - text.trim_end_matches('\n').len();
                    if breaks(old) == breaks(new) {
                        // Its end stays: what comes behind it has to leave that as it is.
                        self.replaced.remove(&id);
                    }
                    return true;
                }
            }
        }
        false
    }
}

impl Draft<'_> {
    /// The same where text is taken out in front and behind, for a plain scalar.
    fn shorten_plain(&mut self, id: NodeId, new: &str) -> bool {
        if self.tree.kind(id) != Kind::Scalar(ScalarStyle::Plain) || new.is_empty() {
            return false;
        }
        let span = self.tree.span(id);
        let raw = &self.text[span.start..span.end];
        let Some((front, behind)) = self.tree.text(id).split_once(new) else {
            return false;
        };
        let rest = raw
            .strip_prefix(front)
            .and_then(|raw| raw.strip_suffix(behind));
        let is_new = |rest: &str| {
            parse(rest).is_ok_and(|parsed| {
                let tree = parsed.tree;
                let root = tree.root().filter(|_| parsed.second_root.is_none());
                root.is_some_and(|id| {
                    tree.kind(id) == Kind::Scalar(ScalarStyle::Plain) && tree.text_is(id, new)
                })
            })
        };
        if !rest.is_some_and(is_new) {
            return false;
        }
        self.push(span.start, span.start + front.len(), "");
        self.push(span.end - behind.len(), span.end, "");
        self.replaced.insert(id);
        true
    }
}

/// Where `scalar` has put text below the last line of a folded block that ended in a line break: the end of
/// the indicator in its header, and the end of the line in front of the text.
fn line_below(raw: &str, old: &str, new: &str) -> Option<(usize, usize)> {
    let added = old.strip_prefix(new)?.strip_prefix(' ')?;
    let is_below = new.ends_with('\n') && !added.contains('\n') && raw.starts_with(">-");
    let line = raw.rfind('\n').filter(|_| is_below)?;
    let line = if raw[..line].ends_with('\r') {
        line - 1
    } else {
        line
    };
    (raw[line..].trim() == added).then_some((">-".len(), line))
}

/// The text whose absence makes `new` of `old`.
fn piece_taken<'t>(old: &'t str, new: &str) -> Option<&'t str> {
    let same = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b);
    let mut start = same.count();
    let length = old.len() - new.len();
    // The same text can often be found in several places; the last word is whole there.
    while !(old.is_char_boundary(start) && old.is_char_boundary(start + length)) {
        start = start.checked_sub(1)?;
    }
    let taken = |start: usize| {
        let piece = old.get(start..start + length)?;
        (old.get(..start)? == new.get(..start)?
            && old.get(start + length..)? == new.get(start..)?)
        .then_some(piece)
    };
    let begins_with_separator =
        |start: usize| taken(start).filter(|piece| piece.starts_with([' ', ':']));
    let first = start.saturating_sub(length);
    (first..=start)
        .rev()
        .find_map(begins_with_separator)
        .or_else(|| (first..=start).rev().find_map(taken))
}
