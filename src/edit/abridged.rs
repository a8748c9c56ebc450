//! A new text for its check: what is known of it stands there by its beginning alone. That is the first
//! line of lines, and the first character in JSON: whether what is in front of them goes on in them, that
//! shows, and nothing else in them depends on what is around (`yaml/graft.rs`, `yaml/json.rs`). So most of
//! a text is neither copied nor compared to be checked.

use super::lines::{Lead, NewLines};
use super::{EditError, REPORT_IT, Text, TextEdit};
use crate::source::Span;
use crate::yaml::json::KnownJson;
use crate::yaml::{Graft, Kept, Part, is_ordinary};

/// What a known part of a new text is.
#[derive(Clone, Copy)]
pub(super) enum Known<'k> {
    /// Items or an entry that were found to be what these lines are of.
    New(&'k NewLines),
    /// Entries or items of the old document, from the first to the last.
    Kept(Kept<'k>),
}

/// What stands where in a new text that may be abridged.
#[derive(Default)]
pub(super) struct Abridged<'k> {
    /// In block style: the lines that are known, in their order.
    pub(super) grafts: Vec<Graft<'k>>,
    /// In JSON: the items and entries that are known, in their order.
    pub(super) json: Vec<KnownJson<'k>>,
    /// What each of them is.
    pub(super) known: Vec<Known<'k>>,
    /// Whether the characters of what is new are all such as the scanner takes.
    pub(super) ordinary: bool,
}

/// How much of what is known stands in the text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Beginning,
}

/// Puts sorted edits into the text, in one pass. `kept` are the lines that are known of what stays, in
/// their order.
///
/// # Errors
/// Where two edits overlap.
pub(super) fn abridge<'k>(
    text: &str,
    edits: &'k [TextEdit],
    kept: &[Kept<'k>],
    extent: Extent,
    new: &mut String,
) -> Result<Abridged<'k>, EditError> {
    new.clear();
    if extent == Extent::Whole {
        // A text that grows step by step is there twice for a moment.
        new.reserve(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    }
    let mut writer = Writer {
        text,
        kept,
        extent,
        new,
        made: Abridged {
            known: Vec::with_capacity(edits.len() + kept.len()),
            ordinary: true,
            ..Abridged::default()
        },
    };
    let mut done = 0;
    for edit in edits {
        let overlap = || EditError {
            message: "two edits overlap".to_owned(),
            span: Span::new(edit.start, edit.end),
            hint: REPORT_IT,
            internal: true,
            excess: None,
        };
        if edit.start < done || edit.end < edit.start {
            return Err(overlap());
        }
        (writer.stay(Span::new(done, edit.start))).ok_or_else(overlap)?;
        writer.add(&edit.text);
        done = edit.end;
    }
    writer.stay(Span::new(done, text.len()));
    Ok(writer.made)
}

/// Writes a new text.
struct Writer<'k, 'w> {
    /// The old text.
    text: &'w str,
    /// What is known of it and comes behind what is written.
    kept: &'w [Kept<'k>],
    extent: Extent,
    new: &'w mut String,
    made: Abridged<'k>,
}

impl<'k> Writer<'k, '_> {
    /// What stays of the old text from one edit to the next; nothing where that is no text.
    #[inline]
    fn stay(&mut self, span: Span) -> Option<()> {
        let mut from = span.start;
        while let [lines, rest @ ..] = self.kept {
            if lines.lines.end > span.end {
                break;
            }
            self.kept = rest;
            // An edit stands in these.
            if lines.lines.start < from {
                continue;
            }
            self.new.push_str(self.text.get(from..lines.lines.start)?);
            let known = Known::Kept(*lines);
            if lines.tree.is_json() {
                // As deep as they stood, what is in them is not too deep.
                let whole = lines.tree.source_text();
                let whole = whole.get(lines.lines.start..lines.lines.end)?;
                self.pass(whole, 0, true, known);
            } else {
                self.graft(Part::Kept(*lines), known);
            }
            from = lines.lines.end;
        }
        self.new.push_str(self.text.get(from..span.end)?);
        Some(())
    }

    /// What an edit puts there.
    fn add(&mut self, text: &'k Text) {
        let lines = match text {
            Text::Own(text) => {
                self.made.ordinary &= is_ordinary(text);
                self.new.push_str(text);
                return;
            }
            Text::Shared(lines) => &**lines,
        };
        self.made.ordinary &= lines.ordinary;
        if let Some(known) = &lines.known {
            self.graft(Part::Read(known), Known::New(lines));
        } else if let Some(depth) = lines.json_depth {
            let is_item = matches!(lines.lead, Lead::Dash(_));
            self.pass(&lines.text, depth, is_item, Known::New(lines));
        } else {
            self.new.push_str(&lines.text);
        }
    }

    /// Known text in JSON: an entry, or items.
    fn pass(&mut self, whole: &'k str, depth: usize, is_item: bool, known: Known<'k>) {
        let first = whole.chars().next().map_or(0, char::len_utf8);
        let shown = match self.extent {
            Extent::Whole => whole,
            Extent::Beginning => &whole[..first],
        };
        self.made.json.push(KnownJson {
            at: self.new.len(),
            shown,
            depth,
            is_item,
        });
        self.made.known.push(known);
        self.new.push_str(shown);
    }

    /// Known lines in block style.
    #[allow(
        clippy::inline_always,
        reason = "several in each document, at two places"
    )]
    #[inline(always)]
    fn graft(&mut self, part: Part<'k>, known: Known<'k>) {
        let graft = match self.extent {
            Extent::Whole => Graft::whole(self.new.len(), part),
            Extent::Beginning => Graft::first_line(self.new.len(), part),
        };
        self.new.push_str(graft.text());
        if self.made.grafts.is_empty() {
            // In JSON there are none.
            self.made.grafts.reserve(self.made.known.capacity());
        }
        self.made.grafts.push(graft);
        self.made.known.push(known);
    }
}
