//! Edits inside brackets, JSON among them: items and entries behind commas.

use std::borrow::Cow;
use std::sync::Arc;

use super::block::Added;
use super::patch::{Patch, Tail};
use super::refuse::is_line_break_of_yaml_1_1;
use super::{Draft, EditError, Text};
use crate::source::Span;
use crate::yaml::emit::{self, FlowStyle};
use crate::yaml::{Kind, NodeId, Value};

impl Draft<'_> {
    /// Adds entries to the end of a flow mapping; `metadata` goes in front of its siblings.
    pub(super) fn add_flow_entries(
        &mut self,
        id: NodeId,
        added: &[(&Cow<'static, str>, Added<'_>)],
        patch: &Patch<'_>,
    ) -> Result<(), EditError> {
        self.refuse_without_brackets(id)?;
        let absent = |id: NodeId| self.tree.outer_span(id).start == self.tree.span(id).end;
        // A `?` alone would be that of the key that comes behind it.
        let is_mark = |(key, value): &(NodeId, NodeId)| {
            absent(*key) && absent(*value) && self.tree.lead(*value).is_none()
        };
        if let Some((key, _)) = self.tree.entries(id).find(is_mark) {
            return Err(self.error("nothing can stand behind a question mark alone", key));
        }
        let (mut front, mut behind) = (Vec::new(), Vec::with_capacity(added.len()));
        for (key, added) in added {
            let value = added.value().map_err(self.misfit(id))?;
            let style = self.flow_style_for(id, &value);
            let text = match added {
                Added::New(patch) => {
                    let key = (*key).clone();
                    Text::Shared(self.lines.entry_in_brackets(key, patch, &value, style))
                }
                Added::Value(_) => {
                    let key = Value::string((*key).clone());
                    Text::Own(emit::flow_entry(&key, &value, &style))
                }
            };
            if **key == "metadata" {
                front.push(text);
            } else {
                behind.push(text);
            }
        }
        let stays = |key: NodeId| !patch.removes_key(self.tree.text(self.tree.resolve(key)));
        let first = self.tree.entries(id).find(|&(key, _)| stays(key));
        // The mark of a key that is absent is none of its text: what is put in front would be the key.
        let has_mark = |key: NodeId| {
            let in_front = &self.text[..self.tree.outer_span(key).start];
            absent(key) && in_front.trim_end().ends_with('?')
        };
        if let Some((key, _)) = first.filter(|(key, _)| !front.is_empty() && has_mark(*key)) {
            return Err(self.error("nothing can stand behind a question mark alone", key));
        }
        self.insert_in_front(id, first.map(|(key, _)| key), &front);
        self.insert_behind(id, &behind);
        Ok(())
    }

    /// Adds items to a flow sequence and moves items to its end.
    pub(super) fn change_flow_items(
        &mut self,
        id: NodeId,
        items: &[NodeId],
        patch: &Patch<'_>,
    ) -> Result<(), EditError> {
        self.refuse_without_brackets(id)?;
        let Some(stays_last) = items.len().checked_sub(1) else {
            return Ok(());
        };
        // As in block style: what comes to stand in front of the last item is put there.
        let (front, behind) = patch.tail_around(stays_last);
        let front = self.flow_texts(id, items, front, patch)?;
        let behind = self.flow_texts(id, items, behind, patch)?;
        self.remove_items(items, patch);
        let last = items[stays_last];
        // First, since it may drop what is planned where the item begins.
        if let Some(child) = patch
            .of_index(stays_last)
            .filter(|_| patch.moves(stays_last))
        {
            self.node(last, child)?;
        }
        let mut prepended = Vec::with_capacity(patch.prepend.len());
        for value in &patch.prepend {
            prepended.push(self.flow_text(id, value));
        }
        let stays = |index: usize| {
            index == stays_last || !(patch.moves(index) || patch.removes_item(index))
        };
        let first = (items.iter().enumerate()).find(|(index, _)| stays(*index));
        self.insert_in_front(id, first.map(|(_, item)| *item), &prepended);
        self.insert_at(id, self.tree.outer_span(last).start, &front);
        self.insert_behind(id, &behind);
        Ok(())
    }

    /// The text of a new item.
    fn flow_text(&mut self, id: NodeId, value: &Arc<Value>) -> Text {
        let style = self.flow_style_for(id, value);
        Text::Shared(self.lines.in_brackets(value, style))
    }

    /// The texts of new items, and of items from elsewhere in the sequence.
    fn flow_texts(
        &mut self,
        id: NodeId,
        items: &[NodeId],
        parts: &[Tail<'_>],
        patch: &Patch<'_>,
    ) -> Result<Vec<Text>, EditError> {
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            texts.push(match part {
                Tail::New(value) => self.flow_text(id, value),
                Tail::Moved(index) => {
                    let item = self.item(id, items, *index)?;
                    let span = self.tree.outer_span(item);
                    Text::Own(self.edited_range(item, patch.of_index(*index), span)?)
                }
            });
        }
        Ok(texts)
    }

    /// Whether an empty collection in brackets holds a comment.
    pub(super) fn holds_comment(&self, id: NodeId) -> bool {
        let span = self.tree.span(id);
        !matches!(self.tree.kind(id), Kind::Scalar(_))
            && self.text[span.start..span.end].contains('#')
    }

    /// Fills an empty collection in brackets, behind the comments in it. The brackets are those of the
    /// value: an empty mapping can become a list.
    pub(super) fn fill(&mut self, id: NodeId, value: &Value) {
        let Span { start, end } = self.tree.span(id);
        let close = end - 1;
        let style = self.at.flow_style(id, false);
        let whole = emit::flow(value, &style);
        let (open_bracket, rest) = whole.split_at(1);
        let (inner, close_bracket) = rest.split_at(rest.len() - 1);
        let (newline, indentation) = (self.at.newline(close), self.at.indentation(close));
        let inner = format!("{inner}{newline}{indentation}");
        if self.text[start..].starts_with(open_bracket) {
            self.push(close, close, inner);
        } else {
            self.push(start, start + 1, open_bracket);
            self.push(close, end, inner + close_bracket);
        }
    }

    /// `[a: b]` is a mapping without brackets: nothing can be added to it.
    pub(super) fn refuse_without_brackets(&self, id: NodeId) -> Result<(), EditError> {
        let span = self.tree.span(id);
        let bracketed = self.text[span.start..span.end].starts_with(['[', '{'])
            && self.text[..span.end].ends_with([']', '}']);
        if bracketed {
            Ok(())
        } else {
            Err(self.error("this mapping has no brackets to add to", id))
        }
    }

    /// The style of a new item or entry's value: spread over lines where its siblings are.
    fn flow_style_for(&self, id: NodeId, value: &Value) -> FlowStyle {
        self.flow_style_beside(id, None, value)
    }

    /// The same of a value that takes the place of another one.
    fn flow_style_beside(&self, id: NodeId, old: Option<NodeId>, value: &Value) -> FlowStyle {
        let step = match self.tree.kind(id) {
            Kind::Mapping(_) => 2,
            _ => 1,
        };
        // Of a mapping, the values.
        let siblings = self.tree.children(id).skip(step - 1).step_by(step);
        let sibling = siblings
            .filter(|&sibling| Some(sibling) != old && self.tree.children(sibling).next().is_some())
            .last();
        let spread = match sibling {
            Some(sibling) => {
                let span = self.tree.span(sibling);
                self.text[span.start..span.end].contains('\n')
            }
            None => self.at.items_on_lines(id) && self.at.flow_style(id, false).json,
        };
        self.at.flow_style(id, spread && emit::needs_lines(value))
    }

    /// Adds items in front of the first one that stays.
    fn insert_in_front(&mut self, id: NodeId, first: Option<NodeId>, texts: &[Text]) {
        if let Some(first) = first {
            self.insert_at(id, self.tree.outer_span(first).start, texts);
        }
    }

    /// Adds items in front of the one that begins at `start`.
    fn insert_at(&mut self, id: NodeId, start: usize, texts: &[Text]) {
        if texts.is_empty() {
            return;
        }
        let gap = self.item_gap(id, start);
        let mut new = self.joined(texts.len());
        for text in texts {
            new.add(text);
            new.add_own(",");
            new.add_own(&gap);
        }
        self.push_all(start, new);
    }

    /// What stands in front of an item behind its comma: a blank, nothing, or a new line.
    fn item_gap(&self, id: NodeId, start: usize) -> String {
        if self.at.begins_line(start) {
            format!("{}{}", self.at.newline(start), self.at.indentation(start))
        } else {
            self.at.gap_behind_commas(id).to_owned()
        }
    }

    /// Adds items behind the last one.
    fn insert_behind(&mut self, id: NodeId, texts: &[Text]) {
        if texts.is_empty() {
            return;
        }
        let Some((start, end)) = self.at.flow_items(id).last() else {
            return;
        };
        let close = self.tree.span(id).end.saturating_sub(1);
        let gap = self.item_gap(id, start);
        let comma = self.comma_behind(end, close);
        let line_end = self.at.line_end(end);
        let own_line = self.at.begins_line(start) && line_end < close;
        let mut new = self.joined(texts.len());
        match comma {
            // The comma is there already: behind its line, or on a later one.
            Some(comma) if own_line || comma > line_end => {
                let behind = self.at.line_end(comma).min(close);
                let at = if own_line && behind < close {
                    behind
                } else {
                    comma + 1
                };
                for text in texts {
                    new.add_own(&gap);
                    new.add(text);
                    new.add_own(",");
                }
                self.push_all(at, new);
            }
            None if own_line => {
                self.push(end, end, self.separated(end, ",".to_owned()));
                for (index, text) in texts.iter().enumerate() {
                    new.add_own(if index > 0 { "," } else { "" });
                    new.add_own(&gap);
                    new.add(text);
                }
                self.push_all(line_end, new);
            }
            _ => {
                let (front, back) = self.blanks_at(end);
                new.add_own(front);
                for text in texts {
                    new.add_own(",");
                    new.add_own(&gap);
                    new.add(text);
                }
                new.add_own(back);
                self.push_all(end, new);
            }
        }
    }

    /// Room for so many texts, with what is between them.
    fn joined(&self, texts: usize) -> Joined {
        let apart = self.tree.is_json();
        Joined {
            apart,
            parts: Vec::with_capacity(if apart { 2 * texts + 1 } else { 1 }),
        }
    }

    /// Inserts texts at one place, in their order.
    fn push_all(&mut self, at: usize, texts: Joined) {
        for text in texts.parts {
            self.push_text(at, at, text);
        }
    }

    /// The blanks that a comma which is put there needs in front, and any text behind. Right behind a colon
    /// a comma would belong to the key: a value that is absent keeps a blank. So does a comment right behind
    /// it, which is none behind anything else.
    fn blanks_at(&self, end: usize) -> (&'static str, &'static str) {
        let blank = |needed| if needed { " " } else { "" };
        let (front, back) = (&self.text[..end], &self.text[end..]);
        (blank(front.ends_with(':')), blank(back.starts_with('#')))
    }

    /// Text that is put there, with the blanks that it needs.
    pub(super) fn separated(&self, end: usize, mut new: String) -> String {
        let (front, back) = self.blanks_at(end);
        if new.starts_with(',') {
            new.insert_str(0, front);
        }
        new.push_str(back);
        new
    }

    /// The comma between the last item, which ends at `end`, and the closing bracket.
    pub(super) fn comma_behind(&self, end: usize, close: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = end;
        while at < close {
            match bytes[at] {
                b',' => return Some(at),
                b'#' => at = self.at.line_end(at),
                _ => at += 1,
            }
        }
        None
    }

    /// Takes out the items that move, each with the comma behind it; an item that has a line
    /// of its own takes the line along. The last item always stays.
    fn remove_items(&mut self, items: &[NodeId], patch: &Patch<'_>) {
        if !patch.moves_any() {
            return;
        }
        for index in (0..items.len().saturating_sub(1)).filter(|&index| patch.moves(index)) {
            let span = self.tree.outer_span(items[index]);
            let next = self.tree.outer_span(items[index + 1]).start;
            self.remove_in_front_of(span, next);
        }
    }

    /// Takes out an item with the comma behind it; `next` is where the item behind that begins.
    pub(super) fn remove_in_front_of(&mut self, span: Span, next: usize) {
        let comma = self
            .comma_behind(span.end, next)
            .map_or(span.end, |comma| comma + 1);
        if self.text[span.end..comma].contains('#') {
            // A comment stands between the item and its comma, and stays.
            self.push(span.start, span.end, "");
            self.push(comma - 1, comma, "");
            return;
        }
        let blanks = &self.text[comma..next];
        let content = comma + (blanks.len() - blanks.trim_start_matches([' ', '\t']).len());
        if content == next {
            self.push(span.start, next, "");
        } else if self.at.begins_line(span.start) && content == self.at.line_end(comma) {
            let line = self.at.line_start(span.start);
            self.push(line, self.at.next_line(comma), "");
        } else {
            // A comment stays where it is.
            self.push(span.start, comma, "");
        }
    }

    /// Replaces a node inside brackets, or a whole document in flow style, by a value.
    pub(super) fn replace_in_flow(&mut self, id: NodeId, value: &Value) -> Result<(), EditError> {
        let parent = self.tree.parent(id).unwrap_or(id);
        let style = self.flow_style_beside(parent, Some(id), value);
        let text = emit::flow(value, &style);
        let outer = self.tree.outer_span(id);
        let text = match self.tree.lead(id) {
            _ if outer.start < outer.end => text,
            Some(_) => format!(" {text}"),
            // A key alone has not even a colon, and must be on one line to get one.
            None => {
                let children = self.tree.children(parent);
                let key = children.take_while(|&child| child != id).last();
                let start = key.map_or(outer.start, |key| self.tree.outer_span(key).start);
                let ends_line = |c| c == '\n' || is_line_break_of_yaml_1_1(c);
                if self.text[start..outer.start].contains(ends_line) {
                    return Err(self.error("this key stands on several lines", id));
                }
                // The name of an alias, an anchor or a tag would take the colon for its own.
                let is_name = key.is_some_and(|key| {
                    let span = self.tree.span(key);
                    self.tree.kind(key) == Kind::Alias || span.start == span.end
                });
                let blank = if is_name { " " } else { "" };
                format!("{blank}: {text}")
            }
        };
        let text = self.separated(outer.end, text);
        self.push(outer.start, outer.end, text);
        Ok(())
    }
}

/// Texts one behind the other, for one place.
struct Joined {
    /// Whether what is known of a text counts, so that it has to be kept apart: in JSON.
    apart: bool,
    parts: Vec<Text>,
}

impl Joined {
    fn add(&mut self, text: &Text) {
        match text {
            Text::Shared(lines) if self.apart && lines.json_depth.is_some() => {
                self.parts.push(text.clone());
            }
            _ => self.add_own(text),
        }
    }

    fn add_own(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Text::Own(own)) => own.push_str(text),
            _ if text.is_empty() => {}
            _ => self.parts.push(Text::Own(text.to_owned())),
        }
    }
}
