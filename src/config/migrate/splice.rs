//! The new text of the JSON: members of its objects replaced, added and taken out, everything else as
//! it was.

use std::sync::Arc;

use super::{New, Profiler, sequence, slice};
use crate::config::object::is_field;
use crate::source::Span;
use crate::yaml::emit::{self, FlowLines, FlowStyle};
use crate::yaml::{Node, NodeId, Value, json};

const OLD: &str = "admission_inject";
const NEW: &str = "admission_inject_v2";

/// A key and its value.
type Member<'a> = (Node<'a>, Node<'a>);

/// Changes to a JSON text whose outermost value is an object.
pub(super) struct Splice<'a> {
    text: &'a str,
    root: Node<'a>,
    edits: Vec<(Span, String)>,
    /// The keys of the outermost members that are taken out.
    taken_out: Vec<NodeId>,
}

impl<'a> Splice<'a> {
    pub(super) fn new(text: &'a str, root: Node<'a>) -> Self {
        Self {
            text,
            root,
            edits: Vec::new(),
            taken_out: Vec::new(),
        }
    }

    /// Puts the new section in the place of the old one, or into the new one that is there.
    pub(super) fn put(&mut self, new: &New<'_>) {
        let of = |name: &str| -> Vec<Member<'a>> {
            let members = self.root.raw_entries();
            members.filter(|(key, _)| is_field(*key, name)).collect()
        };
        let (old, present) = (of(OLD), of(NEW));
        let [passed @ .., last] = &old[..] else {
            return;
        };
        // Those that stand again later do not count.
        self.take_out(passed);
        let style = self.style(self.root, *last);
        let left = new.profiler.as_ref().map(|own| self.left(own, &style));
        let lists = new.lists.iter().filter(|(_, rules)| !rules.is_empty());
        let lists = lists.map(|(name, rules)| (*name, sequence(rules.iter().cloned())));
        let Some(&(key, section)) = present.last().filter(|(_, value)| !value.is_null()) else {
            self.take_out(&present);
            let section = entry(NEW, &Value::mapping(lists), &style);
            let text = match left {
                Some(left) => format!("{left},{}{section}", separator(&style)),
                None => section,
            };
            return self.replace(*last, text);
        };
        if section.raw_entries().next().is_none() {
            let style = self.style(self.root, (key, section));
            let lists = emit::flow(&Value::mapping(lists), &style);
            self.edits.push((section.span(), lists));
        } else {
            for (name, rules) in &new.lists {
                self.set_list(section, name, rules);
            }
        }
        match left {
            Some(left) => self.replace(*last, left),
            None => self.take_out(&[*last]),
        }
    }

    /// What is left of the old section.
    fn left(&self, profiler: &Profiler<'_>, style: &FlowStyle) -> String {
        match profiler {
            Profiler::Anew(value) => {
                let section =
                    Value::Mapping(vec![(Value::string("profiler"), Arc::new(value.clone()))]);
                entry(OLD, &section, style)
            }
            Profiler::AsWritten(key, value) => {
                let member = Span::new(key.span().start, value.span().end);
                let member = slice(self.text, member);
                let (open, close) = match &style.lines {
                    Some(lines) => {
                        let line = format!("{}{}", lines.newline, lines.indent);
                        (format!("{line}{}", lines.unit), line)
                    }
                    None => (String::new(), String::new()),
                };
                format!("\"{OLD}\":{}{{{open}{member}{close}}}", style.colon_gap)
            }
        }
    }

    /// Gives a list of the new section its rules.
    fn set_list(&mut self, section: Node<'a>, name: &'static str, rules: &[Value]) {
        let members: Vec<Member<'a>> = section.raw_entries().collect();
        let mut own = members.iter().filter(|(key, _)| is_field(*key, name));
        match (own.next_back(), members.last()) {
            (Some(&(key, value)), _) => {
                let style = self.style(section, (key, value));
                let list = emit::flow(&sequence(rules.iter().cloned()), &style);
                self.edits.push((value.span(), list));
            }
            (None, _) if rules.is_empty() => {}
            (None, Some(&last)) => {
                let style = self.style(section, last);
                let member = entry(name, &sequence(rules.iter().cloned()), &style);
                let end = Span::at(last.1.span().end);
                let member = format!(",{}{member}", separator(&style));
                self.edits.push((end, member));
            }
            (None, None) => {}
        }
    }

    fn replace(&mut self, (key, value): Member<'_>, text: String) {
        let span = Span::new(key.span().start, value.span().end);
        self.edits.push((span, text));
    }

    /// Takes members of the outermost object out.
    fn take_out(&mut self, members: &[Member<'a>]) {
        self.taken_out
            .extend(members.iter().map(|(key, _)| key.id()));
    }

    /// The bytes that go with the members that are taken out: with each run of them a comma.
    fn holes(&self) -> Vec<Span> {
        let members: Vec<Member<'a>> = self.root.raw_entries().collect();
        let goes = |(key, _): &Member<'a>| self.taken_out.contains(&key.id());
        let mut holes: Vec<Span> = Vec::new();
        let mut stays: Option<Member<'a>> = None;
        let mut hole: Option<Span> = None;
        for member in members {
            let (key, value) = member;
            if goes(&member) {
                let start = hole.map_or(key.span().start, |hole| hole.start);
                hole = Some(Span::new(start, value.span().end));
                continue;
            }
            if let Some(hole) = hole.take() {
                holes.push(Span::new(hole.start, key.span().start));
            }
            stays = Some(member);
        }
        if let Some(hole) = hole {
            let start = stays.map_or(hole.start, |(_, value)| value.span().end);
            holes.push(Span::new(start, hole.end));
        }
        holes
    }

    /// How the text around a member of an object looks.
    fn style(&self, object: Node<'_>, (key, value): Member<'_>) -> FlowStyle {
        let between = Span::new(key.span().end, value.span().start);
        let behind_colon = slice(self.text, between).split_once(':');
        let gap = behind_colon.is_none_or(|(_, gap)| !gap.is_empty());
        let gap = if gap { " " } else { "" };
        let indent = self.indentation(key.span().start);
        let outer = self.indentation(object.span().start);
        let lines = indent.map(|indent| FlowLines {
            unit: outer
                .and_then(|outer| indent.strip_prefix(outer))
                .or(Some(indent))
                .filter(|unit| !unit.is_empty())
                .unwrap_or("    ")
                .to_owned(),
            indent: indent.to_owned(),
            newline: if self.text.contains("\r\n") {
                "\r\n"
            } else {
                "\n"
            },
            short_lists: true,
        });
        FlowStyle {
            json: true,
            colon_gap: gap,
            comma_gap: gap,
            lines,
        }
    }

    /// The white space in front of the first thing on the line of a place, where the line's first
    /// thing stands there or leads up to it; nothing where the whole text is one line.
    fn indentation(&self, at: usize) -> Option<&'a str> {
        if !self.text.trim().contains('\n') {
            return None;
        }
        let before = self.text.get(..at)?;
        let line = before.rfind('\n').map_or(0, |feed| feed + 1);
        let rest = self.text.get(line..)?;
        let width = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        rest.get(..width)
    }

    /// The new text.
    ///
    /// # Errors
    /// Where it is not what was meant.
    pub(super) fn finish(mut self) -> Result<String, String> {
        let holes = self.holes().into_iter();
        self.edits.extend(holes.map(|hole| (hole, String::new())));
        self.edits
            .sort_by_cached_key(|(span, _)| (span.start, span.end));
        let mut new = String::with_capacity(self.text.len());
        let mut done = 0;
        for (span, text) in &self.edits {
            let kept = self.text.get(done..span.start);
            new.push_str(kept.ok_or("two changes of the configuration overlap")?);
            new.push_str(text);
            done = span.end;
        }
        new.push_str(self.text.get(done..).unwrap_or_default());
        self.verify(&new)?;
        Ok(new)
    }

    /// The new text is JSON, and of its members those that are no injection's are as they were.
    fn verify(&self, new: &str) -> Result<(), String> {
        let tree = json::parse(new)
            .map_err(|error| format!("the new configuration is no JSON: {}", error.message))?;
        let others = |root: Node<'_>, text: &str| -> Vec<(String, String)> {
            let members = root.raw_entries();
            let members = members.filter(|(key, _)| !is_field(*key, OLD) && !is_field(*key, NEW));
            let member = |(key, value): Member<'_>| {
                let text = |node: Node<'_>| slice(text, node.span()).to_owned();
                (text(key), text(value))
            };
            members.map(member).collect()
        };
        let root = tree.root_node().ok_or("the new configuration is empty")?;
        if others(root, new) == others(self.root, self.text) {
            Ok(())
        } else {
            Err("the new configuration has lost something".to_owned())
        }
    }
}

/// A member as it stands in an object.
fn entry(name: &'static str, value: &Value, style: &FlowStyle) -> String {
    emit::flow_entry(&Value::string(name), value, style)
}

/// What stands behind the comma between two members.
fn separator(style: &FlowStyle) -> String {
    match &style.lines {
        Some(lines) => format!("{}{}", lines.newline, lines.indent),
        None => style.comma_gap.to_owned(),
    }
}
