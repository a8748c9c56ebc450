//! Edits inside brackets, JSON among them: items and entries behind commas.

use super::patch::{Patch, Tail};
use super::{EditError, Editor};
use crate::source::Span;
use crate::yaml::emit::{self, FlowStyle};
use crate::yaml::{Kind, NodeId, Value};

impl Editor<'_> {
    /// Adds entries to the end of a flow mapping; `metadata` goes in front of its siblings.
    pub(super) fn add_flow_entries(
        &mut self,
        id: NodeId,
        added: &[(&str, Value)],
    ) -> Result<(), EditError> {
        self.refuse_without_brackets(id)?;
        let (front, behind): (Vec<_>, Vec<_>) =
            added.iter().partition(|(key, _)| *key == "metadata");
        let text = |entry: &&(&str, Value)| {
            let style = self.flow_style_for(id, &entry.1);
            emit::flow_entry(&Value::string(entry.0), &entry.1, &style)
        };
        let front: Vec<String> = front.iter().map(text).collect();
        let behind: Vec<String> = behind.iter().map(text).collect();
        self.insert_in_front(id, &front);
        self.insert_behind(id, &behind, true);
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
        let text = |value: &Value| emit::flow(value, &self.flow_style_for(id, value));
        let front: Vec<String> = patch.prepend.iter().map(|value| text(value)).collect();
        self.insert_in_front(id, &front);
        let mut behind = Vec::new();
        let mut stays: Vec<bool> = vec![true; items.len()];
        for part in &patch.tail {
            match part {
                Tail::New(value) => {
                    behind.push(emit::flow(value, &self.flow_style_for(id, value)));
                }
                Tail::Moved(index) => {
                    let item = *items
                        .get(*index)
                        .ok_or_else(|| self.error("the list has no such item", id))?;
                    let span = self.tree.outer_span(item);
                    behind.push(self.edited_range(item, patch.of_index(*index), span)?);
                    stays[*index] = false;
                }
            }
        }
        self.remove_items(items, &stays);
        self.insert_behind(id, &behind, stays.contains(&true));
        Ok(())
    }

    /// `[a: b]` is a mapping without brackets: nothing can be added to it.
    fn refuse_without_brackets(&self, id: NodeId) -> Result<(), EditError> {
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
        let siblings: Vec<NodeId> = match self.tree.kind(id) {
            Kind::Mapping(_) => self.tree.entries(id).map(|(_, value)| value).collect(),
            _ => self.tree.children(id).collect(),
        };
        let sibling = siblings
            .iter()
            .rev()
            .find(|&&sibling| self.tree.children(sibling).next().is_some());
        let spread = match sibling {
            Some(&sibling) => {
                let span = self.tree.span(sibling);
                self.text[span.start..span.end].contains('\n')
            }
            None => self.at.items_on_lines(id) && self.at.flow_style(id, false).json,
        };
        self.at.flow_style(id, spread && emit::needs_lines(value))
    }

    fn insert_in_front(&mut self, id: NodeId, texts: &[String]) {
        let Some(&(start, _)) = self.at.flow_items(id).first() else {
            return;
        };
        let gap = self.item_gap(id, start);
        for text in texts {
            self.push(start, start, format!("{text},{gap}"));
        }
    }

    /// What stands in front of an item behind its comma: a blank, nothing, or a new line.
    fn item_gap(&self, id: NodeId, start: usize) -> String {
        if self.at.begins_line(start) {
            format!("{}{}", self.at.newline(start), self.at.indentation(start))
        } else {
            self.at.flow_style(id, false).comma_gap.to_owned()
        }
    }

    /// Adds items behind the last one; `joined`: whether an item stays in front of them.
    fn insert_behind(&mut self, id: NodeId, texts: &[String], joined: bool) {
        let items = self.at.flow_items(id);
        let Some(&(start, end)) = items.last() else {
            return;
        };
        let close = self.tree.span(id).end.saturating_sub(1);
        let gap = self.item_gap(id, start);
        let comma = self.comma_behind(end, close);
        let line_end = self.at.line_end(end);
        let own_line = self.at.begins_line(start) && line_end < close;
        match comma {
            // The comma is there already: behind its line, or on a later one.
            Some(comma) if own_line || comma > line_end => {
                let behind = self.at.line_end(comma).min(close);
                let at = if own_line && behind < close {
                    behind
                } else {
                    comma + 1
                };
                let mut new = String::new();
                for text in texts {
                    new.push_str(&gap);
                    new.push_str(text);
                    new.push(',');
                }
                self.push(at, at, new);
            }
            None if own_line && joined && !texts.is_empty() => {
                self.push(end, end, ",");
                self.push(
                    line_end,
                    line_end,
                    format!("{gap}{}", texts.join(&format!(",{gap}"))),
                );
            }
            _ => {
                for (index, text) in texts.iter().enumerate() {
                    let first = index == 0 && !joined;
                    let new = if first {
                        text.clone()
                    } else {
                        format!(",{gap}{text}")
                    };
                    self.push(end, end, new);
                }
            }
        }
    }

    /// The comma between the last item, which ends at `end`, and the closing bracket.
    fn comma_behind(&self, end: usize, close: usize) -> Option<usize> {
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

    /// Takes out the items that do not stay, each with one comma.
    fn remove_items(&mut self, items: &[NodeId], stays: &[bool]) {
        let span = |index: usize| self.tree.outer_span(items[index]);
        let mut cuts = Vec::new();
        for index in (0..items.len()).filter(|&index| !stays[index]) {
            let cut = if index + 1 < items.len() {
                Span::new(span(index).start, span(index + 1).start)
            } else if let Some(kept) = (0..index).rev().find(|&before| stays[before]) {
                // What lies between has been cut already, up to this item.
                let from = if kept + 1 == index {
                    span(kept).end
                } else {
                    span(index).start
                };
                Span::new(from, span(index).end)
            } else {
                span(index)
            };
            cuts.push(cut);
        }
        for cut in cuts {
            self.push(cut.start, cut.end, "");
        }
    }

    /// Replaces a node inside brackets, or a whole document in flow style, by a value.
    pub(super) fn replace_in_flow(&mut self, id: NodeId, value: &Value) {
        let parent = self.at.ancestors(id).pop().unwrap_or(id);
        let spread = self.at.items_on_lines(parent) && self.at.flow_style(parent, false).json;
        let style = self
            .at
            .flow_style(parent, spread && emit::needs_lines(value));
        let text = emit::flow(value, &style);
        let outer = self.tree.outer_span(id);
        let key_alone = outer.start == outer.end && self.tree.lead(id).is_none();
        let text = match (outer.start == outer.end, key_alone) {
            (true, true) => format!(": {text}"),
            (true, false) => format!(" {text}"),
            _ => text,
        };
        self.push(outer.start, outer.end, text);
    }
}
