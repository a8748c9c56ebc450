//! Edits in block style: new entries and items, whole lines.

use super::patch::{Patch, Tail};
use super::{EditError, Editor};
use crate::source::Span;
use crate::yaml::emit::{self, BlockStyle};
use crate::yaml::{Kind, NodeId, ScalarStyle, Value};

impl Editor<'_> {
    /// Adds entries to the end of a block mapping; `metadata` goes in front of its siblings.
    pub(super) fn add_block_entries(&mut self, id: NodeId, added: &[(&str, Value)]) {
        let column = self.at.column(self.tree.span(id).start);
        let mut chain = self.at.ancestors(id);
        chain.push(id);
        let end = self.tree.span(id).end;
        for (key, value) in added {
            let front = (*key == "metadata").then(|| self.front_of(id)).flatten();
            let at = match front {
                Some(at) => at,
                None => self
                    .before_open_block_scalar(id)
                    .unwrap_or_else(|| self.behind(end, column)),
            };
            let style = self.at.block_style(&chain, at);
            let lines = emit::block_entry(&Value::string(*key), value, column, style);
            self.insert_lines(at, lines, value, style, chain.len());
        }
    }

    /// Where a first entry's lines go: in front of the first key and the comments above it;
    /// nothing where the key does not begin its line.
    fn front_of(&self, id: NodeId) -> Option<usize> {
        let first = self.tree.children(id).next()?;
        let start = self.tree.outer_span(first).start;
        self.at
            .begins_line(start)
            .then(|| self.above_comments(start))
    }

    /// The beginning of the line of `start`, or of the comment lines right above it.
    fn above_comments(&self, start: usize) -> usize {
        let mut at = self.at.line_start(start);
        while at > 0 {
            let above = self.at.line_start(at - 1);
            if !self.text[above..at]
                .trim_start_matches([' ', '\t'])
                .starts_with('#')
            {
                break;
            }
            at = above;
        }
        at
    }

    /// A block scalar that ends the text without a line break has none in its value; anything
    /// behind it would give it one. A new key goes in front of that scalar's key instead.
    fn before_open_block_scalar(&self, mapping: NodeId) -> Option<usize> {
        self.open_block_scalar()?;
        let (key, value) = self.tree.entries(mapping).last()?;
        let ends_the_text = self.tree.span(value).end == self.text.len();
        let start = self.tree.outer_span(key).start;
        (ends_the_text && self.at.begins_line(start)).then(|| self.above_comments(start))
    }

    /// The block scalar at the end of the text whose missing line break counts.
    fn open_block_scalar(&self) -> Option<NodeId> {
        if self.text.ends_with('\n') {
            return None;
        }
        let last = self.tree.ids().last()?;
        let span = self.tree.span(last);
        let block = matches!(
            self.tree.kind(last),
            Kind::Scalar(ScalarStyle::Literal | ScalarStyle::Folded)
        );
        let header = self.text[span.start..].lines().next().unwrap_or_default();
        let indicators = header.split([' ', '\t', '#']).next().unwrap_or_default();
        (block && span.end == self.text.len() && !indicators.contains('-')).then_some(last)
    }

    /// The offset of the line behind a block node that ends at `end`: comment lines that are
    /// indented deeper than `column` belong to it.
    pub(super) fn behind(&self, end: usize, column: usize) -> usize {
        let mut behind = self.at.next_line(end);
        let mut at = behind;
        while at < self.text.len() {
            let next = self.at.next_line(at);
            let line = &self.text[at..next];
            let content = line.trim_start_matches([' ', '\t']);
            if content.starts_with('#') {
                if line.len() - content.len() <= column {
                    break;
                }
                behind = next;
            } else if !content.trim().is_empty() {
                break;
            }
            at = next;
        }
        behind
    }

    /// Inserts whole lines at the beginning of a line or at the end of the text; `value` is what
    /// they end with. A text without a final line break stays one, where the value allows it.
    fn insert_lines(
        &mut self,
        at: usize,
        mut lines: String,
        value: &Value,
        style: BlockStyle,
        depth: usize,
    ) {
        if at == self.text.len() && !self.text.is_empty() && !self.text.ends_with('\n') {
            self.chomp_open_block_scalar();
            if !emit::ends_in_block_scalar(value) {
                lines.truncate(lines.len() - style.newline.len());
            }
            lines.insert_str(0, style.newline);
        }
        self.push_at_depth(at, at, lines, depth);
    }

    /// Lets the block scalar at the end of the text keep its value when lines come behind it.
    fn chomp_open_block_scalar(&mut self) {
        if self.chomped {
            return;
        }
        let Some(scalar) = self.open_block_scalar() else {
            return;
        };
        self.chomped = true;
        let start = self.tree.span(scalar).start + 1;
        let header = self.text[start..].lines().next().unwrap_or_default();
        let indicators = header.split([' ', '\t', '#']).next().unwrap_or_default();
        let strip = format!("{}-", indicators.replace('+', ""));
        self.push(start, start + indicators.len(), strip);
    }

    /// Adds items to a block sequence and moves items to its end.
    pub(super) fn change_block_items(
        &mut self,
        id: NodeId,
        items: &[NodeId],
        patch: &Patch<'_>,
    ) -> Result<(), EditError> {
        let (Some(&first), Some(&last)) = (items.first(), items.last()) else {
            return Ok(());
        };
        let dash = self.tree.lead(first).unwrap_or_default();
        let column = self.at.column(dash);
        let gap = self.gap(last).or_else(|| self.gap(first)).unwrap_or(1);
        let mut chain = self.at.ancestors(id);
        chain.push(id);
        for value in &patch.prepend {
            // On the dash's own line stands nothing else, unless the list is an item of a list.
            if !self.at.begins_line(dash) {
                return Err(self.error("nothing can be put in front of this list", id));
            }
            let at = self.at.line_start(dash);
            let style = self.at.block_style(&chain, at);
            let lines = emit::block_item(value, column, gap, style);
            self.push(at, at, lines);
        }
        let only_in_place =
            matches!(&patch.tail[..], [Tail::Moved(index)] if index + 1 == items.len());
        if only_in_place {
            if let Some(child) = patch.of_index(items.len() - 1) {
                self.node(last, child)?;
            }
            return Ok(());
        }
        let end = self.behind(self.tree.span(id).end, column);
        let style = self.at.block_style(&chain, end);
        for part in &patch.tail {
            match part {
                Tail::New(value) => {
                    let lines = emit::block_item(value, column, gap, style);
                    self.insert_lines(end, lines, value, style, chain.len());
                }
                Tail::Moved(index) => {
                    let item = *items
                        .get(*index)
                        .ok_or_else(|| self.error("the list has no such item", id))?;
                    let text = self.moved_lines(item, patch.of_index(*index), column, style)?;
                    self.insert_lines(end, text, &Value::Sequence(Vec::new()), style, chain.len());
                }
            }
        }
        Ok(())
    }

    /// The blanks between an item's dash and its content, where both stand on one line.
    fn gap(&self, item: NodeId) -> Option<usize> {
        let dash = self.tree.lead(item)?;
        let content = self.tree.outer_span(item).start;
        let between = self.text.get(dash + 1..content)?;
        let blank = !between.is_empty() && between.bytes().all(|b| b == b' ');
        blank.then_some(between.len())
    }

    /// Takes an item's lines out, with the comments on them, and gives them as they shall stand
    /// elsewhere.
    fn moved_lines(
        &mut self,
        item: NodeId,
        patch: Option<&Patch<'_>>,
        column: usize,
        style: BlockStyle,
    ) -> Result<String, EditError> {
        let dash = self.tree.lead(item).unwrap_or_default();
        if !self.at.begins_line(dash) {
            return Err(self.error("this item cannot be moved", item));
        }
        let start = self.at.line_start(dash);
        let behind = self.behind(self.tree.span(item).end, column);
        let mut lines = self.edited_range(item, patch, Span::new(start, behind))?;
        if !lines.ends_with('\n') {
            lines.push_str(style.newline);
        }
        // An item that ends the text leaves with the line break in front of it.
        let cut = if behind == self.text.len() && !self.text.ends_with('\n') && start > 0 {
            self.at.line_end(start - 1)
        } else {
            start
        };
        self.push(cut, behind, "");
        Ok(lines)
    }

    /// Replaces the value of a block mapping's key, or the item of a block sequence, by a value.
    pub(super) fn replace_in_block(
        &mut self,
        parent: NodeId,
        id: NodeId,
        value: &Value,
    ) -> Result<(), EditError> {
        let chain = self.at.ancestors(id);
        let lead = self
            .tree
            .lead(id)
            .ok_or_else(|| self.error("this key cannot be replaced", id))?;
        let outer = self.tree.outer_span(id);
        let next_line = self.at.next_line(outer.end);
        let style = self.at.block_style(&chain, next_line);
        let base = match self.tree.kind(parent) {
            Kind::Mapping(_) => self.tree.span(parent).start,
            _ => lead,
        };
        let column = self.at.column(base);
        if matches!(self.tree.kind(parent), Kind::Mapping(_)) && emit::needs_lines(value) {
            let between = &self.text[lead + 1..outer.start.max(lead + 1)];
            let kept = lead + 1 + between.trim_end().len();
            self.push(kept, outer.end, "");
            let lines = emit::block_lines(value, column, style);
            self.insert_lines(next_line, lines, value, style, chain.len() + 1);
            return Ok(());
        }
        // The first line takes the node's place, the others follow the line that it stands on.
        let item = emit::block_item(value, column, self.gap(id).unwrap_or(1), style);
        let text = item[column..]
            .trim_start_matches('-')
            .trim_start_matches(' ');
        let (head, rest) = match text.find(style.newline) {
            Some(end) => (&text[..end], &text[end + style.newline.len()..]),
            None => (text, ""),
        };
        let absent = outer.start == outer.end;
        let start = if absent { lead + 1 } else { outer.start };
        let head = if absent {
            format!(" {head}")
        } else {
            head.to_owned()
        };
        self.push(start, outer.end.max(start), head);
        if !rest.is_empty() {
            self.insert_lines(next_line, rest.to_owned(), value, style, chain.len() + 1);
        }
        Ok(())
    }
}
