//! What is taken out: entries and items with their lines and the comments on them, in brackets with
//! one of the commas around them.
//!
//! It is the way back of what `block` and `flow` do, so that what was put in comes out to
//! the same bytes. A comment that stands beside what is taken out, and not in it, stays
//! (`spec/3-editing.md`, rule 5).

use std::collections::HashSet;

use super::patch::{Misfit, Patch, not_once};
use super::{Draft, EditError};
use crate::change::Segment;
use crate::source::Span;
use crate::yaml::{Kind, Layout, NodeId, Value, parse};

/// An item, or an entry's key and value.
#[derive(Clone, Copy)]
struct Unit {
    first: NodeId,
    last: NodeId,
    /// From its dash, or from its key with what belongs to that, to the end of its content.
    span: Span,
    gone: bool,
}

impl Draft<'_> {
    /// Takes out of a collection what a patch says; `added` is how many entries or items come to it.
    /// True where that was all, the additions among it.
    pub(super) fn take_out(
        &mut self,
        id: NodeId,
        patch: &Patch<'_>,
        added: usize,
    ) -> Result<bool, EditError> {
        let units = self.units(id, patch)?;
        self.removed = true;
        for unit in units.iter().filter(|unit| unit.gone) {
            self.forget(unit.first);
            self.forget(unit.last);
        }
        let nothing_stays = units.iter().all(|unit| unit.gone);
        let in_brackets = self.tree.is_in_brackets(id);
        if in_brackets {
            self.refuse_without_brackets(id)?;
        }
        // Where an item of the same brackets moves, too, or nothing of what was there is left, there
        // is no way of writing that could be kept.
        let anew = match (nothing_stays, in_brackets) {
            (true, true) => added > 0 || !self.holds_comment(id),
            (true, false) => added == 0 || !self.at.begins_line(units[0].span.start),
            (false, true) => patch.moves_any(),
            (false, false) => false,
        };
        if anew {
            let old = self.value(id)?;
            let new = patch.apply(Some(old)).map_err(self.misfit(id))?;
            self.touch_all(id);
            self.edits_below(id);
            if nothing_stays && added == 0 && !in_brackets && self.empty_block(id, &new) {
                return Ok(true);
            }
            if in_brackets && added > 0 {
                self.replaced.insert(id);
                self.replace_in_flow(id, &new)?;
            } else {
                self.replace(id, &new)?;
            }
            return Ok(true);
        }
        if in_brackets {
            self.refuse_question_marks(self.tree.span(id).start + 1, &units, |start| start)?;
            self.take_out_of_brackets(id, &units);
        } else {
            self.take_out_lines(id, &units)?;
        }
        Ok(false)
    }

    /// The items or entries of a collection.
    fn units(&self, id: NodeId, patch: &Patch<'_>) -> Result<Vec<Unit>, EditError> {
        let mut units = Vec::new();
        let mut gone = HashSet::new();
        let mut more_than_once = false;
        let is_mapping = matches!(self.tree.kind(id), Kind::Mapping(_));
        let mut children = self.tree.children(id);
        while let Some(first) = children.next() {
            let last = if is_mapping {
                children.next().unwrap_or(first)
            } else {
                first
            };
            let segment = if is_mapping {
                Segment::from(self.tree.text(self.tree.resolve(first)).to_owned())
            } else {
                Segment::from(units.len())
            };
            let dash = self.tree.lead(first).filter(|_| !is_mapping);
            let start = dash.unwrap_or(self.tree.outer_span(first).start);
            let end = self.tree.span(last).end.max(self.tree.span(first).end);
            let is_gone = patch.removes(&segment)
                && (!is_mapping || self.tree.is_scalar(self.tree.resolve(first)));
            if is_gone {
                more_than_once |= !gone.insert(segment);
            }
            units.push(Unit {
                first,
                last,
                span: Span::new(start, end),
                gone: is_gone,
            });
        }
        for segment in patch.removed() {
            if patch.of(segment).is_some() {
                let twice = Misfit("something is changed and taken out".to_owned());
                return Err(self.misfit(id)(twice));
            }
            let Segment::Key(key) = segment else { continue };
            if self.tree.inherited(id, key).is_some() {
                return Err(self.misfit(id)(not_once(key)));
            }
        }
        if more_than_once || gone.len() != patch.removed().count() {
            let what = "what is taken out is not there, or more than once";
            return Err(self.error(what, id));
        }
        Ok(units)
    }

    /// Marks a node that is taken out: its aliases are not expanded, those of its anchors elsewhere
    /// are.
    fn forget(&mut self, id: NodeId) {
        self.touch_all(id);
        self.replaced.extend(self.tree.subtree(id));
    }

    /// Drops what is planned below a node that is replaced as a whole.
    fn edits_below(&mut self, id: NodeId) {
        let span = self.tree.span(id);
        let inside = |start: usize, end: usize| span.start <= start && end <= span.end;
        self.edits.retain(|edit| !inside(edit.start, edit.end));
    }

    /// Writes empty brackets in the place of a whole document, below its anchor, or behind the key of a
    /// collection that stood on the lines below it. False where it does not stand there.
    fn empty_block(&mut self, id: NodeId, empty: &Value) -> bool {
        let brackets = match empty {
            Value::Sequence(_) => "[]",
            Value::Mapping(_) => "{}",
            Value::Scalar(_) => return false,
        };
        if self.tree.parent(id).is_none() {
            let Span { start, end } = self.tree.span(id);
            self.replaced.insert(id);
            let text = self.separated(end, brackets.to_owned());
            self.push(start, end, text);
            return true;
        }
        let outer = self.tree.outer_span(id);
        let colon = self
            .tree
            .lead(id)
            .filter(|&at| self.text[at..].starts_with(':'));
        let Some(behind) = colon.map(|colon| colon + 1) else {
            return false;
        };
        let line_end = self.at.line_end(behind);
        if outer.start <= line_end {
            return false;
        }
        self.replaced.insert(id);
        self.push(behind, behind, format!(" {brackets}"));
        let column = self.at.column(outer.start);
        let last = self.behind(outer.end, column) - 1;
        self.push(line_end, self.at.line_end(last), "");
        true
    }

    /// Takes whole lines out of a collection in block style, of which something stays.
    fn take_out_lines(&mut self, id: NodeId, units: &[Unit]) -> Result<(), EditError> {
        let staying = units.iter().position(|unit| !unit.gone);
        let above = match (self.tree.lead(id), self.tree.parent(id)) {
            (Some(lead), _) => lead + 1,
            (None, None) => 0,
            (None, Some(_)) => self.tree.outer_span(id).start,
        };
        self.refuse_question_marks(above, units, |start| self.at.line_start(start))?;
        for (index, unit) in units.iter().enumerate().filter(|(_, unit)| unit.gone) {
            if self.at.begins_line(unit.span.start) {
                self.take_out_unit(unit);
                continue;
            }
            // The first one stands behind the dash of an item, or behind the `?` of a key; only in the
            // first case can the next one take its place.
            let next = staying.filter(|_| index == 0).map(|next| units[next]);
            let column = self.at.column(unit.span.start);
            let next = next.filter(|next| self.at.column(next.span.start) == column);
            let behind_dash = self.text[self.at.line_start(unit.span.start)..unit.span.start]
                .trim_start_matches(' ')
                .bytes()
                .all(|byte| byte == b'-' || byte == b' ');
            let Some(next) = next.filter(|_| behind_dash) else {
                return Err(self.error("this part of the document cannot be taken out", id));
            };
            let rest = self.behind(unit.span.end, column);
            let between = &self.text[rest..next.span.start];
            let comment = between.find('#').filter(|_| rest < next.span.start);
            self.push(
                unit.span.start,
                comment.map_or(next.span.start, |at| rest + at),
                "",
            );
        }
        Ok(())
    }

    /// Takes out an item or entry that begins its line. Of an entry with a collection below it, each
    /// part goes by itself: comments between the parts are neither's.
    fn take_out_unit(&mut self, unit: &Unit) {
        let start = self.at.line_start(unit.span.start);
        let column = self.at.column(unit.span.start);
        let value = unit.last;
        let is_block = matches!(
            self.tree.kind(value),
            Kind::Mapping(Layout::Block) | Kind::Sequence(Layout::Block)
        );
        let lead = self.tree.lead(value);
        let inner = self.units_below(value);
        let mut before = lead.unwrap_or_default();
        let own_lines = inner.iter().all(|own| {
            let start = own.span.start;
            // The `?` of a key on another line would stay.
            let is_whole = !self.has_question_mark(before, start);
            before = own.span.end;
            is_whole && self.at.begins_line(start) && lead.is_some_and(|lead| lead < start)
        });
        if unit.first == unit.last || !is_block || !own_lines || inner.is_empty() {
            let behind = self.behind(unit.span.end, column);
            self.push(start, behind, "");
            return;
        }
        let key_line = self.at.next_line(lead.unwrap_or(unit.span.start));
        self.push(start, key_line, "");
        // The lines of its anchor and its tag, between the key and the collection.
        let content = self.at.line_start(self.tree.span(value).start);
        let mut line = self.at.line_start(self.tree.outer_span(value).start);
        while key_line <= line && line < content {
            let next = self.at.next_line(line);
            let is_property = self.text[line..next].trim_start().starts_with(['&', '!']);
            if is_property {
                self.push(line, next, "");
            }
            line = next;
        }
        for own in inner {
            self.take_out_unit(&own);
        }
    }

    /// All items or entries of a collection.
    fn units_below(&self, id: NodeId) -> Vec<Unit> {
        self.units(id, &Patch::default()).unwrap_or_default()
    }

    /// The `?` of a key belongs to no node, and would stay: in brackets, and on a line above the key. It is
    /// looked for from `above` on, and up to a place for each beginning of a unit.
    fn refuse_question_marks(
        &self,
        above: usize,
        units: &[Unit],
        up_to: impl Fn(usize) -> usize,
    ) -> Result<(), EditError> {
        let mut before = above;
        for unit in units {
            if unit.gone && self.has_question_mark(before, up_to(unit.span.start)) {
                return Err(self.error("this part of the document cannot be taken out", unit.first));
            }
            before = unit.span.end;
        }
        Ok(())
    }

    /// Whether a `?` stands in a range between nodes, outside of comments.
    pub(super) fn has_question_mark(&self, start: usize, end: usize) -> bool {
        let mut lines = self.text.get(start..end).unwrap_or_default().lines();
        lines.any(|line| {
            let comment = line.find('#').unwrap_or(line.len());
            line[..comment].contains('?')
        })
    }

    /// Takes items or entries out of brackets.
    fn take_out_of_brackets(&mut self, id: NodeId, units: &[Unit]) {
        let close = self.tree.span(id).end - 1;
        let Some(last_staying) = units.iter().rposition(|unit| !unit.gone) else {
            // Only a comment is left.
            for unit in units {
                let next = self.comma_behind(unit.span.end, close);
                // Right behind a bracket it would be none.
                let is_near = self.text[unit.span.end..].starts_with('#');
                let blank = if is_near { " " } else { "" };
                self.push(unit.span.start, unit.span.end, blank);
                if let Some(comma) = next {
                    self.push(comma, comma + 1, "");
                }
            }
            return;
        };
        for (index, unit) in units[..last_staying].iter().enumerate() {
            if unit.gone {
                self.remove_in_front_of(unit.span, units[index + 1].span.start);
            }
        }
        let (Some(first), Some(last)) = (units.get(last_staying + 1), units.last()) else {
            return;
        };
        let before = units[last_staying].span.end;
        let comma = self
            .comma_behind(before, first.span.start)
            .unwrap_or(before);
        let gap = &self.text[before..first.span.start];
        if !gap.contains('#') {
            self.push(before, last.span.end, "");
            return;
        }
        // The comment is about the one that stays. A comma at the end was there before.
        let line = self.at.line_start(first.span.start);
        let kept = self.at.line_end(line.saturating_sub(1));
        let trailing = self.comma_behind(last.span.end, close);
        let end = trailing.map_or(last.span.end, |trailing| trailing + 1);
        // The bracket must not come to stand in the comment.
        let stays_behind = self.text[end..close].contains('\n');
        let start = if stays_behind { kept } else { first.span.start };
        if trailing.is_none() && comma < start {
            self.push(comma, comma + 1, "");
        }
        self.push(start, end, "");
    }
}

/// Whether a text ends in a block scalar that needs the line break at its end.
pub(super) fn ends_in_block_scalar(text: &str) -> bool {
    if memchr::memchr2(b'|', b'>', text.as_bytes()).is_none() {
        return false;
    }
    let Ok(parsed) = parse(text) else {
        return false;
    };
    let tree = parsed.tree;
    let last = tree.ids().last();
    last.is_some_and(|last| tree.is_block_scalar(last) && tree.text(last).ends_with('\n'))
}
