//! Edits in block style: new entries and items, whole lines.

use std::borrow::Cow;
use std::sync::Arc;

use super::lines::{Lead, NewLines, is_shared};
use super::patch::{Misfit, Patch, Tail};
use super::{Draft, EditError, Text, TextEdit, refuse};
use crate::source::Span;
use crate::yaml::emit::{self, BlockStyle, Literals};
use crate::yaml::{NodeId, Value};

/// What a key that is added to a mapping gets.
pub(super) enum Added<'p> {
    /// A value.
    Value(Arc<Value>),
    /// What a patch makes of nothing.
    New(&'p Patch<'p>),
}

impl Added<'_> {
    /// The whole value.
    pub(super) fn value(&self) -> Result<Arc<Value>, Misfit> {
        match self {
            Self::Value(value) => Ok(value.clone()),
            Self::New(patch) => patch.apply(None),
        }
    }
}

/// Where new lines are put.
#[derive(Clone, Copy)]
struct LinePlace {
    /// The beginning of a line.
    at: usize,
    /// The column of keys or dashes.
    column: usize,
    style: BlockStyle,
    /// How deep in the tree the lines stand.
    depth: usize,
}

/// Where items of a block sequence are put.
#[derive(Clone, Copy)]
struct BlockPlace {
    /// The beginning of a line.
    at: usize,
    /// The column of the dashes.
    column: usize,
    /// The blanks behind a dash.
    gap: usize,
}

impl Draft<'_> {
    /// Adds entries to the end of a block mapping; `metadata` goes in front of its siblings.
    pub(super) fn add_block_entries(
        &mut self,
        id: NodeId,
        added: &[(&Cow<'static, str>, Added<'_>)],
    ) -> Result<(), EditError> {
        let start = self.tree.span(id).start;
        refuse::tab_in_front(self.at, start)?;
        let column = self.at.column(start);
        let behind = self
            .before_open_block_scalar(id)
            .unwrap_or_else(|| self.behind(self.tree.span(id).end, column));
        let depth = self.depth_below(id);
        for (key, value) in added {
            let front = (**key == "metadata").then(|| self.front_of(id)).flatten();
            let at = front.unwrap_or(behind);
            let place = LinePlace {
                at,
                column,
                style: self.at.block_style(Some(id), at),
                depth,
            };
            match value {
                Added::Value(value) => self.insert_entry((*key).clone(), value, place),
                Added::New(patch) => {
                    let new = self.insert_new((*key).clone(), patch, place);
                    new.map_err(self.misfit(id))?;
                }
            }
        }
        Ok(())
    }

    fn insert_entry(&mut self, key: Cow<'static, str>, value: &Arc<Value>, place: LinePlace) {
        let lead = Lead::Key(key);
        let lines = (self.lines).of(&[value], place.column, lead, place.style);
        self.insert_new_lines(place.at, lines, place.depth);
    }

    /// Inserts an entry whose value is made of nothing: what is shared among documents keeps its own
    /// lines below the keys on the way to it.
    fn insert_new(
        &mut self,
        key: Cow<'static, str>,
        patch: &Patch<'_>,
        place: LinePlace,
    ) -> Result<(), Misfit> {
        let LinePlace {
            at,
            column,
            style,
            depth,
        } = place;
        if let Some(value) = patch.set {
            self.insert_entry(key, value, place);
            return Ok(());
        }
        if let Some(values) = patch.appended() {
            if values.iter().all(|value| is_shared(value)) {
                let lead = Lead::KeyOfItems(key);
                let lines = self.lines.of(&values, column, lead, style);
                self.insert_new_lines(at, lines, depth);
                return Ok(());
            }
        } else if let Some(entries) = patch.entries() {
            let line = emit::block_key(&Value::string(key), column, style.newline);
            self.insert_text(at, Text::Own(line), false, depth);
            let below = LinePlace {
                column: column + style.mapping_indent,
                ..place
            };
            for (key, patch) in entries {
                self.insert_new(key.clone(), patch, below)?;
            }
            return Ok(());
        }
        self.insert_entry(key, &patch.apply(None)?, place);
        Ok(())
    }

    /// Where a first entry's lines go: in front of the first key and the comments above it;
    /// nothing where the key does not begin its line, or its `?` stands on a line above.
    fn front_of(&self, id: NodeId) -> Option<usize> {
        let first = self.tree.children(id).next()?;
        let start = self.tree.outer_span(first).start;
        let end = self.tree.lead(id).unwrap_or_default();
        let is_marked = !self.tree.is_plain_block_style() && self.has_question_mark(end, start);
        (self.at.begins_line(start) && !is_marked).then(|| self.above_comments(start, end))
    }

    /// The beginning of the line of `start`, or of the comment lines right above it, but not above
    /// the line behind `end`: what looks like a comment there may be text of a block scalar.
    fn above_comments(&self, start: usize, end: usize) -> usize {
        let mut at = self.at.line_start(start);
        let floor = self.at.next_line(end);
        while at > floor {
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

    /// Where the child of a collection that stands in front of `child` ends, or else where the
    /// collection's own `:` or `-` is.
    fn end_in_front(&self, collection: NodeId, child: NodeId) -> usize {
        self.tree
            .children(collection)
            .take_while(|&other| other != child)
            .last()
            .map_or(self.tree.lead(collection).unwrap_or_default(), |other| {
                self.tree.span(other).end
            })
    }

    /// A block scalar that ends the text without a line break has none in its value; anything
    /// behind it would give it one. A new key goes in front of that scalar's key instead.
    fn before_open_block_scalar(&self, mapping: NodeId) -> Option<usize> {
        let scalar = self.open_block_scalar()?;
        let (key, value) = self.tree.entries(mapping).last()?;
        let start = self.tree.outer_span(key).start;
        let last = self.tree.contains(value, scalar) && !self.is_replaced(scalar);
        let end = self.end_in_front(mapping, key);
        (last && self.at.begins_line(start))
            .then(|| self.above_comments(start, end))
            .filter(|&at| !self.goes(at))
    }

    /// Whether a place is inside of what is taken out or replaced, so that nothing can be put there: the
    /// line of a key that takes the place of one behind a dash.
    fn goes(&self, at: usize) -> bool {
        (self.edits.iter()).any(|edit| edit.start < at && at < edit.end)
    }

    /// The block scalar at the end of a text whose missing line break counts.
    fn open_block_scalar(&self) -> Option<NodeId> {
        if !self.open_end {
            return None;
        }
        let last = self.tree.ids().last()?;
        let block = self.tree.is_block_scalar(last);
        // In front of the line break, which may be of two characters.
        let content_end = self.at.line_end(self.text.len().saturating_sub(2));
        let at_end = self.tree.span(last).end == content_end;
        (block && at_end && !self.indicators(last).contains('-')).then_some(last)
    }

    /// Whether that block scalar is the last thing in the text still, as it was.
    pub(super) fn open_end_stays(&self) -> bool {
        let scalar = self.open_block_scalar();
        scalar.is_some_and(|scalar| !self.chomped && !self.is_replaced(scalar))
    }

    /// Whether a node ends in a block scalar whose last line break belongs to its value.
    fn ends_with_break(&self, id: NodeId) -> bool {
        let last = self.tree.subtree(id).last();
        last.is_some_and(|last| {
            self.tree.is_block_scalar(last) && self.tree.text(last).ends_with('\n')
        })
    }

    /// What stands behind the `|` or `>` of a block scalar.
    pub(super) fn indicators(&self, scalar: NodeId) -> &str {
        let header = &self.text[self.tree.span(scalar).start + 1..];
        let end = header.find([' ', '\t', '\r', '\n', '#']);
        &header[..end.unwrap_or(header.len())]
    }

    /// The offset of the line behind a block node that ends at `end`: comment lines that are
    /// indented deeper than `column` belong to it.
    pub(super) fn behind(&self, end: usize, column: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut behind = self.at.next_line(end);
        let mut line = behind;
        let mut at = line;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' | b'\r' => at += 1,
                b'\n' => {
                    at += 1;
                    line = at;
                }
                b'#' if at - line > column => {
                    behind = self.at.next_line(at);
                    (line, at) = (behind, behind);
                }
                _ => break,
            }
        }
        behind
    }

    /// Inserts whole lines at the beginning of a line; `value` is what they end with, `depth` how
    /// deep in the tree they stand.
    fn insert_lines(&mut self, at: usize, lines: String, value: &Value, depth: usize) {
        let needs_break = emit::ends_in_block_scalar(value);
        self.insert_text(at, Text::Own(lines), needs_break, depth);
    }

    fn insert_new_lines(&mut self, at: usize, lines: Arc<NewLines>, depth: usize) {
        let needs_break = lines.needs_break;
        self.insert_text(at, Text::Shared(lines), needs_break, depth);
    }

    fn insert_text(&mut self, at: usize, text: Text, needs_break: bool, depth: usize) {
        if at == self.text.len() {
            self.chomp_open_block_scalar(NodeId::ROOT);
        }
        self.edits.push(TextEdit {
            start: at,
            end: at,
            text,
            depth,
            needs_break,
        });
    }

    /// Lets the block scalar at the end of the text keep its value when lines come behind it, if it
    /// stands at or below a node that stays or moves as it is.
    pub(super) fn chomp_open_block_scalar(&mut self, below: NodeId) {
        let Some(scalar) = self.open_block_scalar().filter(|_| !self.chomped) else {
            return;
        };
        if self.is_replaced(scalar) || !self.tree.contains(below, scalar) {
            return;
        }
        self.chomped = true;
        let value = self.tree.text(scalar);
        let content = value.trim_end_matches('\n').len();
        let chomping = match value.len() - content {
            0 => "-",
            1 if content > 0 => "",
            // Empty lines of its own, and then one of blanks that nothing ends: that one goes.
            _ => {
                let line = self.at.line_start(self.text.len() - 1);
                self.push(line, self.text.len(), "");
                return;
            }
        };
        let indicators = self.indicators(scalar);
        let adapted = format!("{}{chomping}", indicators.replace('+', ""));
        let start = self.tree.span(scalar).start + 1;
        self.push(start, start + indicators.len(), adapted);
    }

    /// What follows a block scalar can become part of its text: lines of blanks that are deeper than its
    /// lines, and empty lines where its header says that it keeps them. Such a text cannot come to stand in
    /// front of the line at an offset.
    fn refuse_longer_text(&self, scalar: NodeId, at: usize) -> Result<(), EditError> {
        if !self.tree.is_block_scalar(scalar) || self.is_replaced(scalar) {
            return Ok(());
        }
        // Where it has no lines of its own, none of blanks becomes one.
        let depth = self.block_scalar_depth(scalar).unwrap_or(usize::MAX);
        let keeps = self.indicators(scalar).contains('+');
        match self.at.literals_in_front_of(at, depth) {
            Literals::All => Ok(()),
            Literals::WithoutEmptyEnd if !keeps => Ok(()),
            _ => Err(self
                .error(
                    "empty lines would come to stand behind this text, and become part of it",
                    scalar,
                )
                .hint("take the empty lines out that follow what is changed")),
        }
    }

    /// The same for each text that stands in front of lines that go.
    pub(super) fn refuse_longer_texts(&self) -> Result<(), EditError> {
        let gone = self.at.memory.lines_gone();
        if gone.is_empty() {
            return Ok(());
        }
        let nodes: Vec<NodeId> = self.tree.ids().collect();
        for span in gone {
            let behind = nodes.partition_point(|&node| self.tree.span(node).start < span.start);
            let Some(&last) = behind.checked_sub(1).and_then(|last| nodes.get(last)) else {
                continue;
            };
            let between = self.text.get(self.tree.span(last).end..span.start);
            if between.is_some_and(|between| between.trim().is_empty()) {
                self.refuse_longer_text(last, span.end)?;
            }
        }
        Ok(())
    }

    /// Whether a node's text is replaced, or that of a node around it.
    fn is_replaced(&self, id: NodeId) -> bool {
        let mut around = std::iter::once(id).chain(self.tree.ancestors(id));
        around.any(|node| self.replaced.contains(&node))
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
        refuse::tab_in_front(self.at, dash)?;
        let column = self.at.column(dash);
        let gap = self.gap(last).or_else(|| self.gap(first)).unwrap_or(1);
        for value in &patch.prepend {
            // On the dash's own line stands nothing else, unless the list is an item of a list.
            if !self.at.begins_line(dash) {
                return Err(self.error("nothing can be put in front of this list", id));
            }
            let at = self.at.line_start(dash);
            let place = BlockPlace { at, column, gap };
            self.put_block_items(id, items, &[Tail::New(value)], patch, place)?;
        }
        // What ends up behind the last item is appended; what ends up between the others and the
        // last one, because that one moves to the end, is put in front of it instead.
        let stays_last = items.len() - 1;
        let (front, behind) = patch.tail_around(stays_last);
        let last_dash = self.tree.lead(last).unwrap_or_default();
        if !front.is_empty() {
            let goes = patch.removes_any() && self.goes(self.at.line_start(last_dash));
            if goes || !self.at.begins_line(last_dash) {
                return Err(self.error("nothing can be put in front of this item", last));
            }
            let at = if patch.prepend.is_empty() {
                self.above_comments(last_dash, self.end_in_front(id, last))
            } else {
                // What goes in front of the whole list must not come to stand behind.
                self.at.line_start(last_dash)
            };
            let place = BlockPlace { at, column, gap };
            self.put_block_items(id, items, front, patch, place)?;
        }
        if let Some(child) = patch
            .of_index(stays_last)
            .filter(|_| patch.moves(stays_last))
        {
            self.node(last, child)?;
        }
        if behind.is_empty() {
            return Ok(());
        }
        let at = self.behind(self.tree.span(id).end, column);
        let place = BlockPlace { at, column, gap };
        self.put_block_items(id, items, behind, patch, place)
    }

    /// Puts new items, and items from elsewhere in the sequence, at one place.
    fn put_block_items(
        &mut self,
        id: NodeId,
        items: &[NodeId],
        parts: &[Tail<'_>],
        patch: &Patch<'_>,
        place: BlockPlace,
    ) -> Result<(), EditError> {
        let BlockPlace { at, column, gap } = place;
        if parts.is_empty() {
            return Ok(());
        }
        let (style, depth) = (self.at.block_style(Some(id), at), self.depth_below(id));
        let mut parts = parts.iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Tail::New(value) => {
                    // Shared ones that stand one behind the other are shared as a whole.
                    let mut values = Vec::with_capacity(parts.len() + 1);
                    values.push(*value);
                    while let Some(Tail::New(next)) = parts.peek()
                        && is_shared(value)
                        && is_shared(next)
                    {
                        values.push(next);
                        parts.next();
                    }
                    let lines = self.lines.of(&values, column, Lead::Dash(gap), style);
                    self.insert_new_lines(at, lines, depth);
                }
                Tail::Moved(index) => {
                    let item = self.item(id, items, *index)?;
                    if let Some(last) = self.tree.subtree(item).last() {
                        self.refuse_longer_text(last, at)?;
                    }
                    let lines = self.moved_lines(item, patch.of_index(*index), column)?;
                    let needs_break = self.ends_with_break(item);
                    self.insert_text(at, Text::Own(lines), needs_break, depth);
                }
            }
        }
        Ok(())
    }

    /// How deep in the tree what stands in a collection is.
    fn depth_below(&self, collection: NodeId) -> usize {
        self.tree.ancestors(collection).count() + 1
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
    ) -> Result<String, EditError> {
        let dash = self.tree.lead(item).unwrap_or_default();
        if !self.at.begins_line(dash) {
            return Err(self.error("this item cannot be moved", item));
        }
        let start = self.at.line_start(dash);
        let behind = self.behind(self.tree.span(item).end, column);
        let lines = self.edited_range(item, patch, Span::new(start, behind))?;
        self.push(start, behind, "");
        Ok(lines)
    }

    /// Replaces the value of a block mapping's key, or the item of a block sequence, by a value.
    pub(super) fn replace_in_block(
        &mut self,
        id: NodeId,
        value: &Value,
        in_mapping: bool,
    ) -> Result<(), EditError> {
        let around = self.tree.parent(id);
        let depth = around.map_or(0, |around| self.depth_below(around)) + 1;
        let lead = self
            .tree
            .lead(id)
            .ok_or_else(|| self.error("this key cannot be replaced", id))?;
        let outer = self.tree.outer_span(id);
        let column = self.base_column(id);
        let (line_behind, comments_end) =
            (self.at.next_line(outer.end), self.behind(outer.end, column));
        // A block scalar would take the comments behind it for its own lines.
        let next_line = if ends_in_text_over_lines(value) {
            comments_end
        } else {
            line_behind
        };
        let style = self.at.block_style(around, next_line);
        let between = &self.text[lead + 1..outer.start.max(lead + 1)];
        let kept = lead + 1 + between.trim_end().len();
        if in_mapping && emit::needs_lines(value) {
            self.push(kept, outer.end, "");
            let lines = emit::block_lines(value, column, style);
            self.insert_lines(next_line, lines, value, depth);
            return Ok(());
        }
        // The first line takes the node's place, the others follow the line that it stands on. What stands
        // on lines of its own makes room for it behind the key or dash: a collection, and a scalar that
        // becomes one of several lines, which cannot stand behind a tab either.
        let behind_lead = if emit::needs_lines(value) {
            between.contains(['\n', '\t'])
        } else {
            between.contains('\n') && !self.tree.is_scalar(id)
        };
        // The lines of a text that the first line opens cannot follow behind comments.
        let comments =
            (behind_lead && between.trim_end().contains('\n')) || line_behind < next_line;
        let literals = if comments && begins_with_text_over_lines(value) {
            Literals::None
        } else {
            style.literals
        };
        let style = BlockStyle { literals, ..style };
        let item = emit::block_item(value, column, self.gap(id).unwrap_or(1), style);
        let text = item[column..]
            .trim_start_matches('-')
            .trim_start_matches(' ');
        let (head, rest) = match text.find(style.newline) {
            Some(end) => (&text[..end], &text[end + style.newline.len()..]),
            None => (text, ""),
        };
        if behind_lead {
            self.push(kept, outer.end, "");
        }
        let absent = outer.start == outer.end;
        let (start, head) = if behind_lead || absent {
            (lead + 1, format!(" {head}"))
        } else {
            (outer.start, head.to_owned())
        };
        let end = if behind_lead {
            start
        } else {
            outer.end.max(start)
        };
        self.push(start, end, head);
        if !rest.is_empty() {
            self.insert_lines(next_line, rest.to_owned(), value, depth);
        }
        Ok(())
    }
}

/// Whether the first line of a value in block style is that of a text over several lines.
fn begins_with_text_over_lines(value: &Value) -> bool {
    match value {
        Value::Scalar(_) => is_text_over_lines(value),
        Value::Sequence(items) => items
            .first()
            .is_some_and(|item| begins_with_text_over_lines(item)),
        // A collection would stand on the lines below its key.
        Value::Mapping(entries) => entries
            .first()
            .is_some_and(|(_, value)| is_text_over_lines(value)),
    }
}

/// Whether the last lines of a value in block style are those of a text.
fn ends_in_text_over_lines(value: &Value) -> bool {
    match value {
        Value::Scalar(_) => is_text_over_lines(value),
        Value::Sequence(items) => (items.last()).is_some_and(|item| ends_in_text_over_lines(item)),
        Value::Mapping(entries) => {
            (entries.last()).is_some_and(|(_, value)| ends_in_text_over_lines(value))
        }
    }
}

fn is_text_over_lines(value: &Value) -> bool {
    matches!(value, Value::Scalar(scalar) if !scalar.plain && scalar.text.contains('\n'))
}
