//! A scalar gets a new value in its own place and, where that can hold it, in its own style.

use super::Draft;
use super::refuse::is_line_break_of_yaml_1_1;
use crate::source::Span;
use crate::yaml::emit;
use crate::yaml::scalar::{self, STRING_TAG};
use crate::yaml::{Kind, NodeId, Scalar, ScalarStyle};

impl Draft<'_> {
    /// Replaces a scalar that has text of its own by another one.
    pub(super) fn replace_scalar(&mut self, id: NodeId, new: &Scalar) {
        // A tag stays where it says the same of the new value.
        let says_string = |tag: &str| tag == STRING_TAG && !new.plain;
        let is_retagged = self.tree.tag(id).is_some_and(|tag| !says_string(tag));
        let is_plain = self.tree.kind(id) == Kind::Scalar(ScalarStyle::Plain);
        let is_sure = !is_plain || scalar::is_string_to_all(&new.text);
        if !is_retagged && !new.plain && is_sure && self.tree.text_is(id, &new.text) {
            // It is there already, in whatever style: what comes behind it has to leave it as it is.
            self.replaced.remove(&id);
            return;
        }
        if !is_retagged && self.shorten_scalar(id, new) {
            return;
        }
        let span = self.tree.span(id);
        let raw = &self.text[span.start..span.end];
        let in_brackets = self.tree.parent(id).is_some_and(|parent| {
            self.tree.is_in_brackets(parent) && self.at.flow_style(parent, false).json
        });
        let in_json = in_brackets || self.tree.is_json();
        if is_retagged {
            let outer = self.tree.outer_span(id);
            self.push(outer.start, outer.end, emit::inline(new, in_json));
            return;
        }
        let style = match self.tree.kind(id) {
            Kind::Scalar(style) if !new.plain => style,
            _ => ScalarStyle::Plain,
        };
        let old = self.tree.text(id);
        // Readers of YAML 1.1 take some characters for line breaks: the new text has them as escapes.
        let raw = if raw.contains(is_line_break_of_yaml_1_1) && !self.tree.is_json() {
            ""
        } else {
            raw
        };
        let text = match style {
            ScalarStyle::Plain => self
                .line_more(id, &new.text)
                .or_else(|| self.longer_plain(id, &new.text).filter(|_| !in_json)),
            ScalarStyle::SingleQuoted => emit::single_quoted(&new.text)
                .map(|quoted| requoted(raw, old, &new.text, single_escaped).unwrap_or(quoted)),
            ScalarStyle::DoubleQuoted => Some(
                requoted(raw, old, &new.text, double_escaped)
                    .unwrap_or_else(|| emit::double_quoted(&new.text)),
            ),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                if self.replace_block_scalar(id, &new.text) {
                    return;
                }
                Some(emit::double_quoted(&new.text))
            }
        };
        let text = text.unwrap_or_else(|| emit::inline(new, in_json));
        self.push(span.start, span.end, text);
    }

    /// A plain scalar of several lines with a line more, where that is all that is added: a line is
    /// a blank to its reader.
    fn line_more(&self, id: NodeId, new: &str) -> Option<String> {
        let span = self.tree.span(id);
        let raw = &self.text[span.start..span.end];
        let rest = new.strip_prefix(self.tree.text(id))?.strip_prefix(' ')?;
        let plain = rest
            .chars()
            .all(|c| c.is_ascii_graphic() && !"#,[]{}\"'".contains(c))
            && !rest.is_empty()
            && !rest.ends_with(':');
        let (newline, indentation) = (self.at.newline(span.end), self.at.indentation(span.end));
        (plain && raw.contains('\n')).then(|| format!("{raw}{newline}{indentation}{rest}"))
    }

    /// A plain scalar with text more, in front or behind, where that changes nothing of how the old text is
    /// read: it needs no quotes then, and stands as it stood when the text is taken out again.
    fn longer_plain(&self, id: NodeId, new: &str) -> Option<String> {
        let span = self.tree.span(id);
        let raw = &self.text[span.start..span.end];
        let old = self.tree.text(id);
        let is_string = scalar::is_string_to_all(old) && scalar::is_string_to_all(new);
        // Where the old text may be null or a number to a reader, the way back could not leave it plain.
        let is_plain = self.tree.kind(id) == Kind::Scalar(ScalarStyle::Plain);
        if !is_string || !is_plain || raw.contains(is_line_break_of_yaml_1_1) {
            return None;
        }
        let is_harmless = |text: &str| {
            text.chars().all(|c| c == ' ' || emit::is_plain_inside(c)) && !text.contains(": ")
        };
        let (front, behind) = new.split_once(old)?;
        let starts_well = front.is_empty()
            || (front.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic())
                && !front.ends_with(' ')
                // A colon at its end is a key's in front of a bracket.
                && raw.starts_with(emit::is_plain_inside));
        let ends_well = !behind.ends_with([' ', ':']);
        // At the beginning of a line it would end the document.
        let becomes = |marker: &str| new.starts_with(marker) && !old.starts_with(marker);
        let becomes_marker = becomes("---") || becomes("...");
        (starts_well && ends_well && is_harmless(front) && is_harmless(behind) && !becomes_marker)
            .then(|| format!("{front}{raw}{behind}"))
    }

    /// By how many columns the lines of a block scalar are indented; nothing where it has none.
    pub(super) fn block_scalar_depth(&self, id: NodeId) -> Option<usize> {
        // The header says it where the text begins with blanks of its own.
        let told = self.indicators(id).bytes().find(u8::is_ascii_digit);
        if let Some(digit) = told {
            return Some(self.base_column(id) + usize::from(digit - b'0'));
        }
        let Span { start, end } = self.tree.span(id);
        let content = self.text.get(self.at.line_end(start)..end)?;
        let first = content.lines().find(|line| !line.trim().is_empty())?;
        Some(first.len() - first.trim_start_matches(' ').len())
    }

    /// Gives a block scalar a new text: its header and its lines are edited apart, so that a
    /// comment behind the header stays. False where a block cannot hold the text.
    fn replace_block_scalar(&mut self, id: NodeId, new: &str) -> bool {
        let span = self.tree.span(id);
        let column = self.base_column(id);
        let header_end = self.at.line_end(span.start);
        let indicators = self.indicators(id);
        let content = self.text.get(header_end..span.end).unwrap_or_default();
        let depth = self.block_scalar_depth(id).unwrap_or_default();
        if depth <= column {
            return false;
        }
        let newline = self.at.newline(span.end);
        let folded = self.tree.kind(id) == Kind::Scalar(ScalarStyle::Folded);
        let old = self.tree.text(id);
        // A line more is a blank more in a folded scalar: nothing of the old text is touched.
        let line_more = new
            .strip_prefix(old)
            .and_then(|rest| rest.strip_prefix(' '))
            .filter(|rest| {
                folded
                    && indicators.contains('-')
                    && !more_indented(old)
                    && !rest.starts_with([' ', '\t'])
                    && !rest.trim().is_empty()
                    && !rest.contains('\n')
            });
        if let Some(rest) = line_more {
            let line = format!("{newline}{}{rest}", " ".repeat(depth));
            self.push(span.end, span.end, line);
            return true;
        }
        // Other text goes on in the last line.
        let goes_on = new.strip_prefix(old).filter(|added| {
            folded
                && indicators.contains('-')
                && !self.text[..span.end].ends_with([' ', '\t', '\n', '\r'])
                && !old.trim().is_empty()
                && !added.ends_with([' ', '\t'])
                && added.chars().all(|c| c == ' ' || emit::is_plain_inside(c))
        });
        if let Some(added) = goes_on {
            self.push(span.end, span.end, added.to_owned());
            return true;
        }
        // Below a line break that ends it, text with a blank in front is a deeper line; the header says
        // that no line break ends that one.
        let below = new
            .strip_prefix(old)
            .and_then(|rest| rest.strip_prefix(' '))
            .filter(|rest| {
                let lines = old.strip_suffix('\n').unwrap_or_default();
                folded
                    && indicators.is_empty()
                    && !lines.is_empty()
                    && !lines.ends_with('\n')
                    && !more_indented(lines)
                    && !self.text[..span.end].ends_with(['\n', '\r'])
                    && !rest.starts_with([' ', '\t'])
                    && !rest.trim().is_empty()
                    && !rest.contains('\n')
            });
        if let Some(rest) = below {
            self.push(span.start + 1, span.start + 1, "-".to_owned());
            let line = format!("{newline}{}{rest}", " ".repeat(depth + 1));
            self.push(span.end, span.end, line);
            return true;
        }
        // Text in front of the first line leaves the lines as they are, too.
        let in_front = new.strip_suffix(old).filter(|added| {
            folded
                && !old.is_empty()
                && !old.starts_with([' ', '\t', '\n'])
                && !added.starts_with([' ', '\t'])
                && added.chars().all(|c| c == ' ' || emit::is_plain_inside(c))
        });
        if let Some(added) = in_front {
            let blank = content.len() - content.trim_start().len();
            self.push(header_end + blank, header_end + blank, added.to_owned());
            // Its end stays: what comes behind it has to leave that as it is.
            self.replaced.remove(&id);
            return true;
        }
        let literals = (self.at).literals_in_front_of(self.at.next_line(span.end), depth);
        let block = emit::literal(new, column, depth - column, newline);
        let Some(block) = block.filter(|_| literals.take(new)) else {
            return false;
        };
        let (header, lines) = block.split_at(block.find(newline).unwrap_or(block.len()));
        // On one line folding does nothing, and so the style can stay.
        let header = if folded && !new.trim_end_matches('\n').contains('\n') {
            header.replacen('|', ">", 1)
        } else {
            header.to_owned()
        };
        let old_header = Span::new(span.start, span.start + 1 + indicators.len());
        if !is_same_header(&self.text[old_header.start..old_header.end], &header) {
            self.push(old_header.start, old_header.end, header);
        }
        self.push(header_end, span.end.max(header_end), lines);
        true
    }
}

/// Whether two headers say the same: their indicators can stand in any order.
fn is_same_header(one: &str, other: &str) -> bool {
    let sorted = |header: &str| {
        let mut bytes = header.as_bytes().to_vec();
        bytes.sort_unstable();
        bytes
    };
    sorted(one) == sorted(other)
}

/// Whether the last line of a folded text is deeper than the others: around such lines nothing is
/// folded.
fn more_indented(text: &str) -> bool {
    let last = text.rsplit('\n').next().unwrap_or_default();
    last.starts_with([' ', '\t'])
}

/// A new value for a quoted scalar: what is added to the old one is added to its text, so that its
/// escapes and line folds stay. Nothing where the old value is not part of the new one.
fn requoted(raw: &str, old: &str, new: &str, escaped: fn(&str) -> String) -> Option<String> {
    let quote = raw.get(..1)?;
    let inner = raw.get(1..raw.len().checked_sub(1)?)?;
    // At a line's edge blanks are nothing, and behind a backslash a quote is text.
    let solid = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != '\\');
    if let Some(added) = new.strip_prefix(old) {
        if inner.contains('\n') && !solid(inner.chars().next_back()) {
            return None;
        }
        return Some(format!("{quote}{inner}{}{quote}", escaped(added)));
    }
    let added = new.strip_suffix(old)?;
    if inner.contains('\n') && !solid(inner.chars().next()) {
        return None;
    }
    Some(format!("{quote}{}{inner}{quote}", escaped(added)))
}

fn single_escaped(text: &str) -> String {
    text.replace('\'', "''")
}

fn double_escaped(text: &str) -> String {
    let mut escaped = String::new();
    emit::push_escaped(&mut escaped, text);
    escaped
}
