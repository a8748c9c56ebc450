//! Collections in brackets, as far as they are simple.

use memchr::memrchr;

use super::{KEY_LIMIT, Scanner};
use crate::source::Span;
use crate::yaml::MAX_DEPTH;
use crate::yaml::tree::{Kind, Layout};

impl Scanner<'_> {
    /// Reads the flow collection at `at`, and gives the offset behind it.
    pub(super) fn flow(&mut self, at: usize, lead: usize) -> Option<usize> {
        let mut open: Vec<bool> = Vec::new();
        let mut at = at;
        let mut lead = Some(lead);
        // Whether a key, or an item, or the closing bracket may come next; otherwise a comma.
        let mut fresh = true;
        loop {
            if self.tree.len() > self.most {
                return None;
            }
            at = self.skip_flow_blank(at)?;
            let byte = *self.bytes.get(at)?;
            match byte {
                b'[' | b'{' if fresh => {
                    if open.len() + self.frames.len() >= MAX_DEPTH - 2 {
                        return None;
                    }
                    // A collection as a key is nothing for us.
                    if open.last() == Some(&true) && lead.is_none() {
                        return None;
                    }
                    let mapping = byte == b'{';
                    let kind = if mapping {
                        Kind::Mapping(Layout::Flow)
                    } else {
                        Kind::Sequence(Layout::Flow)
                    };
                    self.tree.open(kind, Span::new(at, at + 1), lead.take());
                    open.push(mapping);
                    at += 1;
                }
                b']' | b'}' => {
                    if lead.is_some() || open.pop() != Some(byte == b'}') {
                        return None;
                    }
                    at += 1;
                    self.tree.close(Some(at));
                    if open.is_empty() {
                        return Some(at);
                    }
                    fresh = false;
                }
                b',' if !fresh => {
                    at += 1;
                    fresh = true;
                }
                _ if fresh => {
                    let in_mapping = *open.last()?;
                    let (start, end) = (at, self.flow_scalar_end(at)?);
                    let quoted = matches!(byte, b'"' | b'\'');
                    self.quoted_or_plain(start, end, lead, false)?;
                    let is_key = in_mapping && lead.is_none();
                    lead = None;
                    at = end;
                    let behind = self.skip_flow_blank(at)?;
                    let colon = self.bytes.get(behind) == Some(&b':');
                    if is_key {
                        let gap = self.bytes.get(behind + 1);
                        let separated = matches!(gap, Some(b' ' | b'\n' | b'\r'));
                        // An absent value, or a key over several lines, is for the full parser.
                        let one_line = memrchr(b'\n', &self.bytes[at..behind]).is_none();
                        let short = behind - start <= KEY_LIMIT;
                        if !colon || !one_line || !(separated || quoted) || !short {
                            return None;
                        }
                        lead = Some(behind);
                        at = behind + 1;
                    } else if colon {
                        return None;
                    } else {
                        fresh = false;
                    }
                }
                _ => return None,
            }
        }
    }

    fn skip_flow_blank(&self, mut at: usize) -> Option<usize> {
        loop {
            match self.bytes.get(at) {
                Some(b' ' | b'\r') => at += 1,
                Some(b'\n') => {
                    at += 1;
                    let line = &self.bytes[at..];
                    if line.starts_with(b"---") || line.starts_with(b"...") {
                        return None;
                    }
                }
                // Comments and tabs are left to the full parser.
                Some(b'#' | b'\t') | None => return None,
                Some(_) => return Some(at),
            }
        }
    }

    /// Where the scalar at `at` in brackets ends, on its line.
    fn flow_scalar_end(&self, at: usize) -> Option<usize> {
        // The line's end is not looked for: a line can be millions of scalars long.
        let first = self.bytes[at];
        if matches!(first, b'"' | b'\'') {
            let quoted = self.quoted(at, first)?;
            return (!quoted.lines).then_some(quoted.close + 1);
        }
        let odd = matches!(first, b'?' | b':') || (first == b'-' && !self.is_digit(at + 1));
        if odd || !self.can_start_plain(first, at) {
            return None;
        }
        let stop = self.bytes[at..].iter().position(|b| {
            matches!(
                b,
                b',' | b'[' | b']' | b'{' | b'}' | b':' | b'#' | b'\t' | b'\n' | b'\r'
            )
        });
        let stop = at + stop?;
        let end = at + self.text[at..stop].trim_end_matches(' ').len();
        match self.bytes[stop] {
            b',' | b']' | b'}' => Some(end),
            b':' if self.bytes.get(stop + 1) == Some(&b' ') && end > at => Some(end),
            _ => None,
        }
    }
}
