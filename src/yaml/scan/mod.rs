//! The plain block style that manifests are written in, to a [`Tree`], fast.
//!
//! A scanner without recursion for block mappings and sequences, plain, quoted and literal scalars,
//! simple flow collections (`flow.rs`), and the anchors and aliases of values (`anchors.rs`). It gives
//! up at the first thing that it does not know (tags, `?` keys, tabs, directives, folded scalars, a
//! second document, anything odd), and the full parser reads the document from the beginning. What it
//! accepts it reads exactly as the full parser does, but for one thing: in a document without anchors, a
//! quoted scalar may go on at any column, as `kubectl` takes it.

mod anchors;
mod flow;

use std::borrow::Cow;

use memchr::memchr;

use self::anchors::Anchors;
use super::builder::{Builder, NewNode};
use super::graft::{Graft, Part};
use super::indent::CommonIndent;
use super::parse::ParseError;
use super::parse::block_scalar_end;
use super::quoted::{double_quoted, single_quoted};
use super::tree::{Kind, Layout, ScalarStyle, Spare, Tree};
use super::words::{find_end_of_word, find3, first_non_blank};
use super::{MAX_DEPTH, Most, TOO_MANY_VALUES};
use crate::source::Span;

/// The full parser looks for the `:` behind a key within this many characters.
const KEY_LIMIT: usize = 1000;

/// Reads a document, or gives up.
#[must_use]
pub fn scan(text: &str) -> Option<Tree<'_>> {
    scan_grafted(text, &[], false, false, Spare::default())
}

/// The same in the memory of another tree. `grafts` are parts of the text, in their order, whose
/// nodes are known; where they are left `out`, [`Kind::Known`] stands for them. `ordinary` tells that
/// the characters of the text need no look, its carriage returns aside.
#[must_use]
pub(super) fn scan_grafted<'t>(
    text: &'t str,
    grafts: &[Graft<'_>],
    out: bool,
    ordinary: bool,
    spare: Spare,
) -> Option<Tree<'t>> {
    let content = if ordinary {
        // Not plain: it may hold tabs and carriage returns, which are looked for then.
        Content::Ordinary
    } else {
        Content::of(text)
    };
    let mut scanner = Scanner::new(text, content, spare)?;
    let start = scanner.skip_start()?;
    scanner.run(start, grafts, out)?;
    scanner.finish()
}

/// The same for a whole text of no more than so many values and anchors.
///
/// # Errors
/// Where it has more: the place of those.
pub(super) fn scan_within(
    text: &str,
    most: Most,
    spare: Spare,
) -> Result<Option<Tree<'_>>, ParseError> {
    let Some(mut scanner) = Scanner::new(text, Content::of(text), spare) else {
        return Ok(None);
    };
    scanner.most = most.values;
    scanner.anchors.most = most.anchors;
    let end = scanner
        .skip_start()
        .and_then(|start| scanner.run(start, &[], false));
    if scanner.tree.len() > most.values {
        return Err(ParseError {
            offset: scanner.tree.last_start(),
            message: TOO_MANY_VALUES.to_owned(),
        });
    }
    Ok(end.and_then(|()| scanner.finish()))
}

/// The nodes of items of a block sequence whose dashes stand at `column`, or else of entries of a
/// mapping whose keys do, read from their lines alone, below the collection, which is the root.
#[must_use]
pub(super) fn scan_lines(lines: &str, column: usize, are_items: bool) -> Option<Tree<'_>> {
    let mut scanner = Scanner::new(lines, Content::of(lines), Spare::default())?;
    // The nodes are copied into other trees, in which no alias could find its target.
    scanner.anchors.most = 0;
    scanner.open(!are_items, column, column, None)?;
    scanner.run(0, &[], false)?;
    scanner.finish()
}

/// What a text is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Content {
    /// ASCII characters that are seen, blanks and line feeds.
    Plain,
    /// No character that readers of YAML refuse or take for a line break, carriage returns aside.
    Ordinary,
    /// Anything.
    Odd,
}

impl Content {
    fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        // Most texts are plain. The first step makes 0 of a line feed and leaves the other control characters
        // below 0x20; the second makes the largest number of that 0, and the others are below 0x1f.
        let (smallest, largest) = bytes.iter().fold((u8::MAX, 0), |(smallest, largest), &b| {
            let moved = (b ^ b'\n').wrapping_sub(1);
            (moved.min(smallest), b.max(largest))
        });
        if smallest >= 0x1f && largest < 0x7f {
            return Self::Plain;
        }
        let control = bytes.iter().fold(false, |found, &b| found | is_control(b));
        if control || (largest >= 0x80 && text.chars().any(is_odd)) {
            Self::Odd
        } else {
            Self::Ordinary
        }
    }
}

/// Whether a text holds no character that readers of YAML refuse or take for a line break, carriage
/// returns aside.
pub(super) fn is_ordinary(text: &str) -> bool {
    Content::of(text) != Content::Odd
}

/// Whether a carriage return stands anywhere but in front of a line feed.
fn has_lone_return(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// A control character that is no white space. Without branches, so that the compiler can look at
/// many bytes at once.
#[allow(
    clippy::needless_bitwise_bool,
    reason = "a branch would cost more than the comparison"
)]
fn is_control(b: u8) -> bool {
    ((b < 0x20) & (b != b'\n') & (b != b'\r') & (b != b'\t')) | (b == 0x7f)
}

/// A character beyond ASCII that is a control, a line break, a mark or none at all.
fn is_odd(c: char) -> bool {
    matches!(
        c,
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// An open block collection.
struct Frame {
    mapping: bool,
    /// The column of its keys or dashes.
    column: usize,
}

/// A `:` or `-`, behind which a value stands.
#[derive(Clone, Copy)]
struct Slot {
    lead: usize,
    /// The column of the key or dash.
    column: usize,
}

/// A slot whose value has not been met yet.
#[derive(Clone, Copy)]
struct Pending {
    slot: Slot,
    /// The anchor behind it.
    anchor: Option<Span>,
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    tree: Builder<'t>,
    frames: Vec<Frame>,
    pending: Option<Pending>,
    /// Whether the text holds a tab.
    tabs: bool,
    /// No more nodes than these are read, and the few that a line may have beyond.
    most: usize,
    anchors: Anchors<'t>,
    /// Whether a quoted text has met a line break.
    quoted_lines: bool,
    indent: CommonIndent,
    /// A line whose content was looked for already, and where it begins.
    content: (usize, usize),
    /// Where the lines of the next graft begin, or the text ends.
    stop: usize,
}

impl<'t> Scanner<'t> {
    /// Gives up at a text that is too large, or not of the `content` that it reads.
    fn new(text: &'t str, content: Content, spare: Spare) -> Option<Self> {
        let is_plain = content == Content::Plain;
        if u32::try_from(text.len()).is_err()
            || content == Content::Odd
            || (!is_plain && has_lone_return(text.as_bytes()))
        {
            return None;
        }
        Some(Scanner {
            text,
            bytes: text.as_bytes(),
            tree: Builder::reusing(text, spare),
            frames: Vec::with_capacity(16),
            pending: None,
            tabs: !is_plain && memchr(b'\t', text.as_bytes()).is_some(),
            most: usize::MAX,
            anchors: Anchors::new(usize::MAX),
            quoted_lines: false,
            indent: CommonIndent::new(),
            content: (usize::MAX, 0),
            stop: text.len(),
        })
    }

    fn run(&mut self, start: usize, grafts: &[Graft<'_>], out: bool) -> Option<()> {
        let mut at = start;
        let mut grafts = grafts.iter().enumerate();
        let mut next = grafts.next();
        loop {
            self.stop = next.map_or(self.bytes.len(), |(_, graft)| graft.at);
            while at < self.bytes.len() && at != self.stop {
                if self.tree.len() > self.most {
                    return None;
                }
                let content = match self.content {
                    (line, content) if line == at => content,
                    _ => self.first_non_blank(at),
                };
                at = match self.bytes.get(content) {
                    None => self.bytes.len(),
                    Some(b'\n') => content + 1,
                    Some(b'\r') => content + 2,
                    Some(b'#') => self.next_line(content),
                    Some(b'\t') => return None,
                    Some(_) => self.content_line(content, content - at)?,
                };
            }
            // One that was passed over would have been read twice, or not at all.
            match next {
                Some((place, graft)) if graft.at == at => {
                    at = self.graft(graft, out.then_some(place))?;
                    next = grafts.next();
                }
                Some(_) => return None,
                None => return Some(()),
            }
        }
    }

    fn finish(mut self) -> Option<Tree<'t>> {
        self.end_pending();
        while !self.frames.is_empty() {
            self.pop();
        }
        // A separator alone stands for null; a text without one for nothing.
        if self.tree.is_empty() {
            return None;
        }
        if self.anchors.is_empty() {
            return Some(self.tree.finish_scanned(self.indent.finish()));
        }
        // Such a document is edited as the full parser's are, so what that refuses is not taken.
        (!self.quoted_lines).then(|| self.tree.finish())
    }

    /// Passes over the separator that the document may begin with.
    fn skip_start(&self) -> Option<usize> {
        if !self.text.starts_with("---") {
            return Some(0);
        }
        let end = self.line_end(0);
        let rest = self.text[3..end].trim_end_matches('\r');
        let trimmed = rest.trim_start_matches(' ');
        let plain = trimmed.is_empty() || (trimmed.starts_with('#') && rest.starts_with(' '));
        plain.then(|| self.next_line(0))
    }

    #[inline]
    fn first_non_blank(&self, at: usize) -> usize {
        first_non_blank(self.bytes, at)
    }

    /// The offset of the next line feed, or the end.
    fn line_end(&self, at: usize) -> usize {
        memchr(b'\n', &self.bytes[at..]).map_or(self.bytes.len(), |length| at + length)
    }

    fn next_line(&self, at: usize) -> usize {
        (self.line_end(at) + 1).min(self.bytes.len())
    }

    /// The end of the line of `at` without its line break.
    fn content_end(&self, at: usize) -> usize {
        let end = self.line_end(at);
        if end > at && self.bytes[end - 1] == b'\r' {
            end - 1
        } else {
            end
        }
    }

    /// Whether a `-` or `:` is one of structure: a blank or the line's end follows.
    fn is_indicator(&self, at: usize) -> bool {
        matches!(self.bytes.get(at + 1), None | Some(b' ' | b'\n' | b'\r'))
    }

    fn starts_item(&self, at: usize) -> bool {
        self.bytes.get(at) == Some(&b'-') && self.is_indicator(at)
    }

    /// Reads a line whose first content is at `at`, in `column`; gives where to go on, always at
    /// the beginning of a line.
    #[inline]
    fn content_line(&mut self, at: usize, column: usize) -> Option<usize> {
        if column == 0 {
            let line = &self.bytes[at..];
            let marker = line.starts_with(b"---") || line.starts_with(b"...");
            if marker || line[0] == b'%' {
                return None;
            }
        }
        let item = self.starts_item(at);
        let (mut slot, mut anchor, mut opens) = (None, None, true);
        if let Some(pending) = self.take_pending(column, item) {
            (slot, anchor) = (Some(pending.slot), pending.anchor);
        } else {
            self.pop_to(column, item);
            match self.frames.last() {
                Some(frame) if frame.column == column && frame.mapping != item => opens = false,
                // The root: nothing has been met yet.
                None if self.tree.is_empty() && column == 0 => {}
                _ => return None,
            }
        }
        let id = anchor.map(|anchor| self.begin_anchored(anchor));
        let next = self.line(at, column, slot, opens);
        if let (Some(id), Some(anchor)) = (id, anchor) {
            self.end_anchored(id, anchor);
        }
        next
    }

    /// What is pending, where a line in that column is its value; else its value is absent.
    #[inline]
    fn take_pending(&mut self, column: usize, item: bool) -> Option<Pending> {
        let Slot {
            lead,
            column: around,
        } = self.pending?.slot;
        // A mapping's list may stand where its key does.
        let unindented = item && column == around && self.bytes[lead] == b':';
        if column > around || unindented {
            self.pending.take()
        } else {
            self.end_pending();
            None
        }
    }

    /// Ends the collections that a line in that column ends.
    #[inline]
    fn pop_to(&mut self, column: usize, item: bool) {
        while self
            .frames
            .last()
            .is_some_and(|frame| frame.column > column)
        {
            self.pop();
        }
        // A sequence that is not indented ends with the next key of its mapping.
        let unindented =
            (self.frames.last()).is_some_and(|frame| !frame.mapping && frame.column == column);
        if !item && unindented {
            self.pop();
        }
    }

    /// Adds the nodes of lines that are known, or what stands for the graft at that place. A line that goes
    /// on behind them would stand deeper than their keys or dashes, where nothing is open any more, and so is
    /// given up at.
    fn graft(&mut self, graft: &Graft<'_>, place: Option<usize>) -> Option<usize> {
        let (part, at) = (&graft.part, graft.at);
        let (shown, column, items) = (graft.text(), part.column(), part.are_items());
        let end = at + shown.len();
        if shown.is_empty() || self.bytes.get(at..end) != Some(shown.as_bytes()) {
            return None;
        }
        if let Some(pending) = self.take_pending(column, items) {
            // The lines were read without one.
            if pending.anchor.is_some() {
                return None;
            }
            self.open(!items, at + column, column, Some(pending.slot.lead))?;
        } else if self.tree.is_empty() && column == 0 {
            self.open(!items, at, column, None)?;
        } else {
            self.pop_to(column, items);
        }
        let frame = self.frames.last()?;
        if frame.mapping == items || frame.column != column {
            return None;
        }
        let kept = match part {
            Part::Read(known) => {
                if self.frames.len() + known.depth() >= MAX_DEPTH - 1 {
                    return None;
                }
                known.kept()
            }
            Part::Kept(kept) => {
                // As deep as they stood, what is in them is not too deep.
                if kept.tree.ancestors(kept.collection).count() + 1 != self.frames.len() {
                    return None;
                }
                *kept
            }
        };
        self.indent.add_unknown();
        match place {
            Some(place) => (self.tree).skip(&kept, Span::new(at, end), place, items),
            None => self.tree.keep(&kept, at),
        }
        Some(end)
    }

    /// Leaves a value to the next lines, where none stands at `at` on its own; gives the next line.
    fn pend(&mut self, slot: Slot, anchor: Option<Span>, at: usize) -> usize {
        self.pending = Some(Pending { slot, anchor });
        match self.bytes.get(at) {
            Some(b'\n') => at + 1,
            _ => self.next_line(at.min(self.bytes.len())),
        }
    }

    /// The value of what is pending is absent.
    fn end_pending(&mut self) {
        if let Some(pending) = self.pending.take() {
            let kind = Kind::Scalar(ScalarStyle::Plain);
            let lead = pending.slot.lead;
            let (span, lead) = (Span::at(lead + 1), Some(lead));
            self.with_anchor(pending.anchor, |own| {
                own.tree.push_verbatim(kind, span, lead)
            });
        }
    }

    fn pop(&mut self) {
        if self.frames.pop().is_some() {
            self.tree.close(None);
        }
    }

    #[inline]
    fn open(&mut self, mapping: bool, at: usize, column: usize, lead: Option<usize>) -> Option<()> {
        if self.frames.len() >= MAX_DEPTH - 1 {
            return None;
        }
        let kind = if mapping {
            Kind::Mapping(Layout::Block)
        } else {
            Kind::Sequence(Layout::Block)
        };
        if let Some(around) = self.frames.last().filter(|around| around.mapping) {
            let columns = column.saturating_sub(around.column);
            self.indent.add(mapping, columns);
        }
        self.tree.open(kind, Span::at(at), lead);
        self.frames.push(Frame { mapping, column });
        Some(())
    }

    /// Reads dashes at `at`, in `column`, and what stands behind them: most often a plain word as a key and
    /// another one, or nothing, behind it. Goes on with the lines behind as long as they are such, and gives
    /// the next one. Where it `opens` a collection, that is the value of the slot, or the root; else the
    /// innermost one is that of the column.
    #[inline]
    fn line(
        &mut self,
        mut at: usize,
        mut column: usize,
        mut slot: Option<Slot>,
        mut opens: bool,
    ) -> Option<usize> {
        // The line behind the last one that was read to its end; nothing while a part of a line is.
        let mut unread = None;
        'lines: loop {
            while self.starts_item(at) {
                if opens {
                    self.open(false, at, column, slot.map(|slot| slot.lead))?;
                }
                let own = Slot { lead: at, column };
                let value = self.first_non_blank(at + 1);
                match self.bytes.get(value) {
                    None | Some(b'\n' | b'\r' | b'#') => {
                        return Some(self.pend(own, None, value));
                    }
                    Some(b'\t') => return None,
                    Some(b'&' | b'*') => return self.leaf(value, own),
                    Some(_) => {}
                }
                column += value - at;
                (at, slot, opens, unread) = (value, Some(own), true, None);
            }
            loop {
                let Some(colon) = self.plain_key(at) else {
                    break 'lines;
                };
                if opens {
                    self.open(true, at, column, slot.map(|slot| slot.lead))?;
                    opens = false;
                }
                let style = ScalarStyle::Plain;
                self.tree.push_word(style, Span::new(at, colon), None);
                let lead = colon;
                let own = Slot { lead, column };
                let value = colon + 2;
                let is_below = self.bytes.get(colon + 1) == Some(&b'\n');
                let (next_line, content) = if is_below {
                    (slot, opens) = (Some(own), true);
                    (value, self.first_non_blank(value))
                } else {
                    let Some(Word {
                        style,
                        end,
                        content,
                    }) = self.word(value, column)
                    else {
                        return self.behind_colon(own);
                    };
                    let span = Span::new(value, end);
                    self.tree.push_word(style, span, Some(lead));
                    (end + 1, content)
                };
                self.content = (next_line, content);
                unread = Some(next_line);
                if next_line == self.stop || self.tree.len() > self.most {
                    break 'lines;
                }
                let next_column = content - next_line;
                if is_below {
                    if next_column > column || (next_column == column && self.starts_item(content))
                    {
                        (at, column) = (content, next_column);
                        continue 'lines;
                    }
                    break 'lines;
                }
                if next_column != column {
                    break 'lines;
                }
                at = content;
            }
        }
        if unread.is_none() {
            return self.other_line(at, column, slot, opens);
        }
        // The last one was a key, and nothing that is read here opens its value.
        if opens {
            let (slot, anchor) = (slot?, None);
            self.pending = Some(Pending { slot, anchor });
        }
        unread
    }

    /// The same of what is none of that.
    #[inline(never)]
    fn other_line(
        &mut self,
        at: usize,
        column: usize,
        slot: Option<Slot>,
        opens: bool,
    ) -> Option<usize> {
        let key = self.key_if_any(at)?;
        if opens && key.is_some() {
            self.open(true, at, column, slot.map(|slot| slot.lead))?;
        }
        match key {
            Some(key) => self.entry(at, column, key),
            // A scalar or a flow collection alone is a root that no manifest has.
            None if opens => self.leaf(at, slot?),
            None => None,
        }
    }

    /// The colon of the key at `at`, where it is one as most are: a plain word right in front of its
    /// colon. Nothing where it takes a closer look to tell.
    #[inline]
    fn plain_key(&self, at: usize) -> Option<usize> {
        if self.tabs || !self.bytes.get(at)?.is_ascii_alphanumeric() {
            return None;
        }
        let colon = find_end_of_word(self.bytes, at)?;
        let is_key = self.bytes[colon] == b':'
            && matches!(self.bytes.get(colon + 1), Some(b' ' | b'\n'))
            && colon - at <= KEY_LIMIT;
        is_key.then_some(colon)
    }

    /// The word at `at`, plain or quoted, that is a value of a mapping in `column`, where nothing in it or
    /// behind it takes a closer look.
    #[inline]
    fn word(&self, at: usize, column: usize) -> Option<Word> {
        match self.bytes.get(at)? {
            b'"' => self.quoted_word(at),
            first if first.is_ascii_alphanumeric() => self.plain_word(at, column),
            _ => None,
        }
    }

    /// The same of a quoted one.
    #[inline]
    fn quoted_word(&self, at: usize) -> Option<Word> {
        let close = find3(self.bytes, at + 1, b'"', b'\\', b'\n')?;
        let is_word = self.bytes[close] == b'"' && self.bytes.get(close + 1) == Some(&b'\n');
        is_word.then(|| Word {
            style: ScalarStyle::DoubleQuoted,
            end: close + 1,
            content: self.first_non_blank(close + 2),
        })
    }

    /// The same of plain text.
    #[inline]
    fn plain_word(&self, at: usize, column: usize) -> Option<Word> {
        let mut end = find_end_of_word(self.bytes, at)?;
        while self.bytes[end] != b'\n' {
            let next = self.bytes.get(end + 1);
            let inside = match self.bytes[end] {
                // A colon inside a word is text, as in an address.
                b':' => next.is_some_and(u8::is_ascii_graphic),
                // So is one blank between two words.
                b' ' => !matches!(next, None | Some(b' ' | b'#' | b'\n' | b'\r')),
                b'!' | b'"' => true,
                _ => false,
            };
            if !inside {
                return None;
            }
            end = find_end_of_word(self.bytes, end + 1)?;
        }
        // A deeper line would go on with it; so may one behind a blank line.
        let content = self.first_non_blank(end + 1);
        let goes_on = match self.bytes.get(content) {
            None => false,
            Some(b'\n' | b'\r') => true,
            Some(_) => content - (end + 1) > column,
        };
        (!goes_on).then_some(Word {
            style: ScalarStyle::Plain,
            end,
            content,
        })
    }

    /// Reads the key at `at` and what stands behind its colon.
    fn entry(&mut self, at: usize, column: usize, key: Key) -> Option<usize> {
        let Key {
            end,
            colon,
            verbatim,
        } = key;
        self.quoted_or_plain(at, end, None, verbatim)?;
        let lead = colon;
        self.behind_colon(Slot { lead, column })
    }

    /// Reads what stands behind a key's colon.
    fn behind_colon(&mut self, slot: Slot) -> Option<usize> {
        let value = self.first_non_blank(slot.lead + 1);
        match self.bytes.get(value) {
            None | Some(b'\n' | b'\r' | b'#') => Some(self.pend(slot, None, value)),
            Some(b'\t') => None,
            Some(_) if self.starts_item(value) => None,
            Some(_) => self.leaf(value, slot),
        }
    }

    /// The key at `at`, if one is there; gives up where that cannot be told.
    #[allow(
        clippy::option_option,
        reason = "no key is an answer; giving up is none"
    )]
    fn key_if_any(&self, at: usize) -> Option<Option<Key>> {
        match self.bytes[at] {
            quote @ (b'"' | b'\'') => {
                let quoted = self.quoted(at, quote)?;
                if quoted.lines {
                    // It goes on behind its line: no key can.
                    return Some(None);
                }
                let end = quoted.close + 1;
                let colon = self.first_non_blank(end);
                let key = self.bytes.get(colon) == Some(&b':');
                if key && (!self.is_indicator(colon) || colon - at > KEY_LIMIT) {
                    return None;
                }
                let verbatim = !quoted.escapes;
                Some(key.then_some(Key {
                    end,
                    colon,
                    verbatim,
                }))
            }
            b'[' | b'{' | b'|' | b'>' => Some(None),
            first => {
                if !self.can_start_plain(first, at) {
                    return None;
                }
                let mut place = at;
                loop {
                    let Some(found) = find3(self.bytes, place, b':', b'#', b'\n') else {
                        return Some(None);
                    };
                    place = found;
                    match self.bytes[place] {
                        b':' if self.is_indicator(place) => break,
                        b':' if self.bytes.get(place + 1) == Some(&b'\t') => return None,
                        b'\n' => return Some(None),
                        // A comment: no colon counts behind it.
                        b'#' if place > at && self.bytes[place - 1] == b' ' => return Some(None),
                        _ => place += 1,
                    }
                }
                if place - at > KEY_LIMIT || place == at {
                    return None;
                }
                let key = &self.bytes[at..place];
                if self.tabs && key.contains(&b'\t') {
                    return None;
                }
                let blanks = key.iter().rev().take_while(|b| **b == b' ').count();
                Some(Some(Key {
                    end: place - blanks,
                    colon: place,
                    verbatim: true,
                }))
            }
        }
    }

    fn is_digit(&self, at: usize) -> bool {
        self.bytes.get(at).is_some_and(u8::is_ascii_digit)
    }

    #[inline]
    fn can_start_plain(&self, first: u8, at: usize) -> bool {
        match first {
            b'-' | b'?' | b':' => !self.is_indicator(at) && self.bytes.get(at + 1) != Some(&b'\t'),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
            | b'"' | b'%' | b'@' | b'`' => false,
            _ => true,
        }
    }

    /// Adds the scalar from `at` to `end`; `verbatim` where it is known to say what stands there.
    fn quoted_or_plain(
        &mut self,
        at: usize,
        end: usize,
        lead: Option<usize>,
        verbatim: bool,
    ) -> Option<()> {
        let raw = at + 1..end - 1;
        let (style, text) = match self.bytes[at] {
            b'"' if verbatim => (ScalarStyle::DoubleQuoted, None),
            b'\'' if verbatim => (ScalarStyle::SingleQuoted, None),
            b'"' => (ScalarStyle::DoubleQuoted, double_quoted(&self.text[raw])?),
            b'\'' => (ScalarStyle::SingleQuoted, single_quoted(&self.text[raw])),
            _ => (ScalarStyle::Plain, None),
        };
        self.push_scalar(style, at, end, lead, text);
        Some(())
    }

    #[inline]
    fn push_scalar(
        &mut self,
        style: ScalarStyle,
        start: usize,
        end: usize,
        lead: Option<usize>,
        decoded: Option<String>,
    ) {
        let (kind, span) = (Kind::Scalar(style), Span::new(start, end));
        let Some(text) = decoded else {
            self.tree.push_verbatim(kind, span, lead);
            return;
        };
        let mut node = NewNode::new(kind, span);
        node.lead = lead;
        node.text = Cow::Owned(text);
        self.tree.push(node);
    }

    /// Reads a scalar, flow collection or alias that is the value of the slot, with its anchor.
    fn leaf(&mut self, at: usize, slot: Slot) -> Option<usize> {
        let Slot { lead, column } = slot;
        match self.bytes[at] {
            quote @ (b'"' | b'\'') => {
                let quoted = self.quoted(at, quote)?;
                let close = quoted.close;
                if quoted.lines {
                    self.quoted_lines = true;
                    let raw = &self.text[at + 1..close];
                    if raw.contains('\t') || has_marker_line(raw) {
                        return None;
                    }
                }
                let verbatim = !quoted.lines && !quoted.escapes;
                self.quoted_or_plain(at, close + 1, Some(lead), verbatim)?;
                self.rest_is_blank(close + 1)
            }
            b'|' => self.literal(at, lead, column),
            b'*' => self.alias(at, lead),
            b'&' => self.anchor(at, slot),
            b'[' | b'{' => {
                let end = self.flow(at, lead)?;
                self.rest_is_blank(end)
            }
            first if self.can_start_plain(first, at) => self.plain(at, lead, column),
            _ => None,
        }
    }

    /// The quoted text that begins with the quote at `at`.
    fn quoted(&self, at: usize, quote: u8) -> Option<Quoted> {
        let mut quoted = Quoted {
            close: 0,
            lines: false,
            escapes: false,
        };
        let mut from = at + 1;
        loop {
            let place = find3(self.bytes, from, quote, b'\\', b'\n')?;
            from = place + 1;
            match self.bytes[place] {
                b'\n' => quoted.lines = true,
                b'\\' => {
                    if quote == b'"' {
                        quoted.escapes = true;
                        // Whatever it is, it ends nothing; a line break is still one.
                        quoted.lines |= self.bytes.get(from) == Some(&b'\n');
                        from += 1;
                    }
                }
                _ if quote == b'\'' && self.bytes.get(from) == Some(&b'\'') => {
                    quoted.escapes = true;
                    from += 1;
                }
                _ => {
                    quoted.close = place;
                    return Some(quoted);
                }
            }
        }
    }

    /// The line behind `at`, where nothing but blanks and a comment is left of this one.
    fn rest_is_blank(&self, at: usize) -> Option<usize> {
        let content = self.first_non_blank(at);
        match self.bytes.get(content) {
            None => Some(self.bytes.len()),
            Some(b'\n') => Some(content + 1),
            Some(b'\r') => Some(content + 2),
            Some(b'#') if content > at => Some(self.next_line(content)),
            Some(_) => None,
        }
    }

    /// The plain text of a line; gives up at what would be a key.
    fn plain_line(&self, at: usize) -> Option<PlainLine> {
        let mut comment = false;
        let mut from = at;
        let (stop, next) = loop {
            let Some(place) = find3(self.bytes, from, b'\n', b':', b'#') else {
                break (self.bytes.len(), self.bytes.len());
            };
            let before = self.bytes[place - 1];
            match self.bytes[place] {
                b'\n' if before == b'\r' => break (place - 1, place + 1),
                b'\n' => break (place, place + 1),
                b':' if self.is_indicator(place) => return None,
                b':' if self.bytes.get(place + 1) == Some(&b'\t') => return None,
                b'#' if place > at && before == b' ' => {
                    comment = true;
                    break (place, self.next_line(place));
                }
                b'#' if place > at && before == b'\t' => return None,
                _ => {}
            }
            from = place + 1;
        };
        let text = &self.bytes[at..stop];
        let blanks = text.iter().rev().take_while(|b| **b == b' ').count();
        let end = stop - blanks;
        // Blanks of both kinds at the end or in between are left to the full parser.
        let odd = self.tabs && self.bytes[at..end].contains(&b'\t');
        (!odd).then_some(PlainLine { end, next, comment })
    }

    fn plain(&mut self, at: usize, lead: usize, column: usize) -> Option<usize> {
        let mut line = self.plain_line(at)?;
        let mut folded: Option<String> = None;
        while !line.comment {
            let (more, blanks) = self.continuation(line.next, column)?;
            let Some(more) = more else { break };
            let text = folded.get_or_insert_with(|| self.text[at..line.end].to_owned());
            line = self.plain_line(more)?;
            if blanks == 0 {
                text.push(' ');
            } else {
                text.extend(std::iter::repeat_n('\n', blanks));
            }
            text.push_str(&self.text[more..line.end]);
        }
        self.push_scalar(ScalarStyle::Plain, at, line.end, Some(lead), folded);
        Some(line.next)
    }

    /// The first content of the next line of a plain scalar, if it has one, and the number of blank
    /// lines in between.
    fn continuation(&self, from: usize, column: usize) -> Option<(Option<usize>, usize)> {
        let mut at = from;
        let mut blanks = 0;
        loop {
            let content = self.first_non_blank(at);
            match self.bytes.get(content) {
                Some(b'\n') => at = content + 1,
                Some(b'\r') => at = content + 2,
                Some(b'\t') => return None,
                None | Some(b'#') => return Some((None, blanks)),
                Some(&first) => {
                    if content - at <= column {
                        return Some((None, blanks));
                    }
                    let safe = first.is_ascii_alphanumeric() || b"-/.$(=+_<".contains(&first);
                    return (safe && !self.starts_item(content)).then_some((Some(content), blanks));
                }
            }
            blanks += 1;
        }
    }

    fn literal(&mut self, at: usize, lead: usize, column: usize) -> Option<usize> {
        let header_end = self.content_end(at);
        let header = &self.text[at + 1..header_end];
        let indicators = header.split(' ').next().unwrap_or_default();
        let rest = header[indicators.len()..].trim_start_matches(' ');
        let chomping = match indicators {
            "" => Chomping::Clip,
            "-" => Chomping::Strip,
            "+" => Chomping::Keep,
            // An explicit indentation is rare.
            _ => return None,
        };
        if !(rest.is_empty() || rest.starts_with('#')) {
            return None;
        }
        let end = block_scalar_end(self.text, at, Some(column)).end;
        let (text, next) = self.literal_lines(self.next_line(at), column, chomping)?;
        self.push_scalar(ScalarStyle::Literal, at, end, Some(lead), Some(text));
        Some(next)
    }

    /// The lines of a literal block from `at` on, decoded, and where they end.
    fn literal_lines(
        &self,
        from: usize,
        column: usize,
        chomping: Chomping,
    ) -> Option<(String, usize)> {
        let mut at = from;
        let mut indent = None;
        let mut text = String::new();
        let mut breaks = 0;
        let mut widest_blank = 0;
        while at < self.bytes.len() {
            let content = self.first_non_blank(at);
            let line_end = self.content_end(at);
            let spaces = content - at;
            if content >= line_end {
                // A blank line; one deeper than the text is content.
                match indent {
                    Some(indent) if spaces > indent => {
                        text.extend(std::iter::repeat_n('\n', breaks));
                        breaks = 0;
                        text.push_str(&self.text[at + indent..line_end]);
                    }
                    _ => widest_blank = widest_blank.max(spaces),
                }
            } else {
                let first = indent.is_none();
                let depth = indent.unwrap_or(spaces);
                if spaces < depth || depth <= column {
                    break;
                }
                if first && (widest_blank > depth || self.bytes[content] == b'\t') {
                    return None;
                }
                indent = Some(depth);
                text.extend(std::iter::repeat_n('\n', breaks));
                breaks = 0;
                text.push_str(&self.text[at + depth..line_end]);
            }
            let next = self.next_line(at);
            if next > line_end {
                breaks += 1;
            }
            at = next;
        }
        // A tab where the indentation would be is an error to some readers.
        if self.bytes.get(self.first_non_blank(at)) == Some(&b'\t') {
            return None;
        }
        // Readers differ in what a block without text is worth.
        if text.is_empty() {
            return None;
        }
        match chomping {
            Chomping::Strip => {}
            Chomping::Clip => {
                if breaks > 0 {
                    text.push('\n');
                }
            }
            Chomping::Keep => text.extend(std::iter::repeat_n('\n', breaks)),
        }
        Some((text, at))
    }
}

/// A mapping's key.
#[derive(Clone, Copy)]
struct Key {
    /// Where it ends, in bytes.
    end: usize,
    /// Where its colon is.
    colon: usize,
    /// Whether it says what stands there.
    verbatim: bool,
}

/// A value that ends its line.
struct Word {
    style: ScalarStyle,
    /// Where it ends, and its line with it.
    end: usize,
    /// The first content of the next line.
    content: usize,
}

/// A quoted text.
struct Quoted {
    /// The offset of the quote that ends it.
    close: usize,
    /// Whether it goes on behind its line.
    lines: bool,
    /// Whether something in it stands for something else.
    escapes: bool,
}

/// A line of a plain scalar.
struct PlainLine {
    /// Where its text ends.
    end: usize,
    /// Where the next line begins.
    next: usize,
    /// Whether a comment follows the text.
    comment: bool,
}

#[derive(Clone, Copy)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

/// Whether a line of a scalar begins like a document marker.
fn has_marker_line(raw: &str) -> bool {
    raw.split('\n')
        .skip(1)
        .any(|line| line.starts_with("---") || line.starts_with("..."))
}
