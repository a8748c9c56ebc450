//! What readers of YAML take differently: a document is not edited where that could make another one of
//! it for some of them (`spec/3-editing.md`, rule 3; `spec/6-yaml-facts.md`, section 7).

use super::style::Surroundings;
use super::{EditError, TextEdit};
use crate::source::Span;
use crate::yaml::{Kind, NodeId, ScalarStyle, Tree};

/// A lone carriage return, a byte order mark inside the text and the line breaks that YAML 1.1 has
/// beside the line feed are read as line breaks or content by some readers and not by others.
pub(super) fn line_breaks(tree: &Tree<'_>) -> Result<(), EditError> {
    let text = tree.source_text();
    let bytes = text.as_bytes();
    let lone = memchr::memchr_iter(b'\r', bytes).find(|&at| bytes.get(at + 1) != Some(&b'\n'));
    if let Some(at) = lone {
        return Err(EditError::new(
            "a carriage return without a line feed stands here, which readers of YAML take differently",
            Span::at(at),
        )
        .hint("end all lines in the same way, with a line feed"));
    }
    if let Some(at) = text.find(crate::source::BYTE_ORDER_MARK) {
        return Err(EditError::new(
            "a byte order mark stands inside the text, which readers of YAML take differently",
            Span::at(at),
        )
        .hint("take the mark out: it belongs to the beginning of a file, if anywhere"));
    }
    // JSON knows no such line breaks.
    if tree.is_json() {
        return Ok(());
    }
    if let Some((at, odd)) = line_break_outside_of_quotes(tree) {
        let message = format!(
            "the character U+{:04X} stands here, which readers of YAML 1.1 take for a line break",
            u32::from(odd)
        );
        return Err(EditError::new(message, Span::at(at))
            .hint("take the character out, or write it as an escape in double quotes"));
    }
    Ok(())
}

/// A list or mapping that has a tag of its own, or a scalar with a `!` alone, at a node or below it, aliases
/// followed. Where it would have to be written anew, nobody knows what the tag says of the new one.
pub(super) fn own_tag(tree: &Tree<'_>, id: NodeId) -> Result<(), EditError> {
    let is_tagged = |id: &NodeId| {
        tree.tag(*id).is_some_and(|tag| {
            if tree.is_scalar(*id) {
                // It makes a text of what nothing else is said of, and there is no other way to write it.
                tag == "!"
            } else {
                is_own_tag(tag)
            }
        })
    };
    let found = tree.subtree(tree.resolve(id)).find(is_tagged);
    let has_aliases = || {
        tree.subtree(tree.resolve(id))
            .any(|id| tree.kind(id) == Kind::Alias)
    };
    // What an alias stands for stands anywhere in front of it.
    let found = found.or_else(|| has_aliases().then(|| tree.ids().find(is_tagged)).flatten());
    match found {
        None => Ok(()),
        Some(found) => Err(EditError::new(
            "this has a tag, and would have to be written anew",
            tree.outer_span(found),
        )
        .hint("leave the tag out: Kubernetes needs none")),
    }
}

/// Whether a tag says more of a list or mapping than that it is one. A `!` alone does not, but there are
/// readers that take it for a tag.
pub(super) fn is_own_tag(tag: &str) -> bool {
    !matches!(tag, "tag:yaml.org,2002:map" | "tag:yaml.org,2002:seq")
}

/// Some characters are part of an anchor's name in YAML 1.2, and end it in YAML 1.1: the colon of
/// `&name: value` is the sign of a key there.
pub(super) fn anchors(tree: &Tree<'_>) -> Result<(), EditError> {
    if tree.is_json() {
        return Ok(());
    }
    for id in tree.ids() {
        let (outer, content) = (tree.outer_span(id).start, tree.span(id).start);
        let properties = tree.source_text().get(outer..content).unwrap_or_default();
        let mut words = properties.split_ascii_whitespace();
        let found = words.find_map(|word| {
            let end = word.strip_prefix('&')?.find([':', '?', '%', '@', '`'])?;
            Some((word, word[1 + end..].chars().next()?))
        });
        if let Some((word, end)) = found {
            let message =
                format!("the anchor {word} has a `{end}`, where it ends for readers of YAML 1.1");
            return Err(
                EditError::new(message, Span::new(outer, content)).hint("give it another name")
            );
        }
    }
    Ok(())
}

/// A `?` or `:` in brackets is always the sign of a key or value in YAML 1.1; in YAML 1.2 it is part of the
/// text that it begins, where no blank follows it.
pub(super) fn signs_in_brackets(tree: &Tree<'_>) -> Result<(), EditError> {
    if tree.is_json() {
        return Ok(());
    }
    let plain = Kind::Scalar(ScalarStyle::Plain);
    let is_below_brackets =
        |id: NodeId| (tree.parent(id)).is_some_and(|parent| tree.is_in_brackets(parent));
    let mut plain_texts = tree.ids().filter(|&id| tree.kind(id) == plain);
    let found = plain_texts.find_map(|id| {
        let Span { start, end } = tree.span(id);
        let text = tree.source_text().get(start..end).unwrap_or_default();
        let told = match text.as_bytes().first() {
            Some(b'?') => (
                "a question mark begins this text in brackets, which readers of YAML 1.1 take for that of a key",
                "put the text in quotes, or a blank behind the mark",
            ),
            Some(b':') => (
                "a colon begins this text in brackets, which readers of YAML 1.1 take for that of a value",
                "put the text in quotes",
            ),
            _ => return None,
        };
        is_below_brackets(id).then_some((id, told))
    });
    let Some((id, (message, hint))) = found else {
        return Ok(());
    };
    Err(EditError::new(message, tree.span(id)).hint(hint))
}

/// What ends a line in YAML 1.1 and not in YAML 1.2.
pub(super) fn is_line_break_of_yaml_1_1(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The first of these line breaks that stands outside of quotes, where it may end a value.
fn line_break_outside_of_quotes(tree: &Tree<'_>) -> Option<(usize, char)> {
    let odd = |(_, c): &(usize, char)| is_line_break_of_yaml_1_1(*c);
    let mut breaks = tree.source_text().char_indices().filter(odd).peekable();
    breaks.peek()?;
    let is_quoted = |id: &NodeId| {
        let kind = tree.kind(*id);
        matches!(
            kind,
            Kind::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
        )
    };
    // In the order of the text.
    let quoted = tree.ids().filter(is_quoted).map(|id| tree.span(id));
    let quoted: Vec<Span> = quoted.collect();
    breaks.find(|&(at, _)| {
        let before = quoted.partition_point(|span| span.start <= at);
        before == 0 || quoted[before - 1].end <= at
    })
}

/// A line that begins with a tab and holds nothing, or a comment, is taken by readers of YAML 1.1
/// behind text without quotes and nowhere else: nothing may come between them.
pub(super) fn tabs_behind(
    tree: &Tree<'_>,
    text: &str,
    edits: &[TextEdit],
) -> Result<(), EditError> {
    // The scanner takes no such line, and JSON may have tabs anywhere.
    if tree.is_plain_block_style() || tree.is_json() {
        return Ok(());
    }
    for edit in edits {
        let begins_line = edit.end == 0 || text[..edit.end].ends_with('\n');
        let rest = &text[edit.end..];
        let next = rest.find('\n').map_or(rest.len(), |feed| feed + 1);
        let mut at = edit.end + if begins_line { 0 } else { next };
        for line in text[at..].split_inclusive('\n') {
            let content = line.trim_start_matches([' ', '\t']);
            let blanks = &line[..line.len() - content.len()];
            if !content.starts_with(['#', '\n', '\r']) && !content.is_empty() {
                break;
            }
            if let Some(tab) = blanks.find('\t') {
                let message =
                    "a tab begins this line, and something would have to go in front of it";
                return Err(EditError::new(message, Span::at(at + tab))
                    .hint("readers of YAML 1.1 refuse such a tab: put blanks in its place"));
            }
            at += line.len();
        }
    }
    Ok(())
}

/// A tab in front of a key or a dash is taken by some readers for the indentation that it cannot be: what
/// comes beside has no column that is the same to all.
pub(super) fn tab_in_front(at: Surroundings<'_>, start: usize) -> Result<(), EditError> {
    if at.tree.is_plain_block_style() {
        // Its reader takes none there.
        return Ok(());
    }
    let line = at.line_start(start);
    match at
        .indentation(start)
        .find('\t')
        .filter(|_| at.begins_line(start))
    {
        None => Ok(()),
        Some(tab) => Err(EditError::new(
            "a tab stands in front of a key or a dash, and something would have to go beside it",
            Span::at(line + tab),
        )
        .hint("put blanks in its place")),
    }
}

/// A comment stands behind what is taken out, and the lines of a text in front: deeper than these lines,
/// it would be one of them.
pub(super) fn swallowed_comment(tree: &Tree<'_>, new: &str) -> Option<EditError> {
    let texts = tree.ids().filter(|id| tree.is_block_scalar(*id));
    let mut ends = texts.map(|id| (id, tree.span(id)));
    ends.find_map(|(_, span)| {
        let old = tree.source_text().get(span.start..span.end)?;
        // Where the text still stands there, what follows it now is the comment.
        let at = new.find(old)? + old.len();
        let behind = new.get(at..)?.trim_start();
        behind.starts_with('#').then(|| {
            let message =
                "a comment behind what is taken out would become part of the text in front of it";
            EditError::new(message, span)
                .hint("put the comment elsewhere, or indent it less than the text")
        })
    })
}

/// The scanner takes a quoted text that goes on at its key's column, as kubectl does; the full parser
/// does not. Where the result is one for the full parser, the text must be indented first.
pub(super) fn quotes(tree: &Tree<'_>, message: &str) -> Option<EditError> {
    let is_quoted = |id: &NodeId| {
        let kind = tree.kind(*id);
        let quoted = matches!(
            kind,
            Kind::Scalar(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
        );
        let Span { start, end } = tree.span(*id);
        quoted && tree.source_text()[start..end].contains('\n')
    };
    if !tree.is_plain_block_style() || !message.contains("multiline quoted scalar") {
        return None;
    }
    let id = tree.ids().find(is_quoted)?;
    let message = "a quoted text goes on at the column of its key, or in front of it";
    let error = EditError::new(message, tree.span(id));
    Some(error.hint("indent the further lines of the quoted text deeper than its key"))
}
