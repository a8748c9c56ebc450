//! What keeps comments with their items where kpt copies them (`spec/4-hosts.md`, b.1.6).
//!
//! When a function returns, kpt copies the comments of what it sent into what it gets: a comment
//! goes wherever there is none, in lists from the item at one position to the item at the same
//! position. Items that have moved (a container's own `DD_TAGS` goes to the end of its `env`) would
//! get their neighbours' comments. A comment that is there is left alone, and so each place that
//! would get a wrong one gets an empty one.

use crate::yaml::{Budget, Kind, Node, NodeId, Tree};

use super::resource_list::{first_document, parse, slice};

/// By these kpt knows what became of an item when the function returns; nobody else has them.
const ID_ANNOTATIONS: [&str; 2] = ["internal.config.kubernetes.io/id", "config.k8s.io/id"];

/// Lists inside lists are followed to this depth.
const DEPTH_LIMIT: usize = 64;

/// `new`, made of the list `old`, with an empty comment wherever kpt would put a wrong one; nothing
/// where it would put none.
pub(super) fn shield(old: &str, new: &str) -> Option<String> {
    if old == new || !old.contains('#') {
        return None;
    }
    let (was, is) = (first_document(old)?, first_document(new)?);
    if was.json || is.json {
        return None;
    }
    let (old, text) = (slice(old, was), slice(new, is));
    let (old_tree, tree) = (parse(old, was)?, parse(text, is)?);
    let mut shield = Shield {
        old: Side {
            text: old,
            tree: &old_tree,
        },
        new: Side { text, tree: &tree },
        insertions: Vec::new(),
    };
    let items = |tree: &Tree<'_>| {
        let items = tree.root_node()?.get("items")?.items();
        Some(items.into_iter().map(Node::id).collect::<Vec<_>>())
    };
    for (item, other) in items(&old_tree)?.into_iter().zip(items(&tree)?) {
        if has_id(tree.node(other)) {
            shield.compare(item, other, 0);
        }
    }
    let mut insertions = shield.insertions;
    insertions.sort_by_cached_key(|(at, _)| *at);
    insertions.dedup();
    if insertions.is_empty() {
        return None;
    }
    let mut shielded = String::with_capacity(new.len() + 16 * insertions.len());
    let mut done = 0;
    for (at, comment) in insertions {
        shielded.push_str(&text[done..at]);
        shielded.push_str(&comment);
        done = at;
    }
    shielded.push_str(&text[done..]);
    is_same_value(&tree, &shielded)
        .then(|| [&new[..is.span.start], &shielded, &new[is.span.end..]].concat())
}

/// Whether an item has what kpt finds its comments by.
fn has_id(item: Node<'_>) -> bool {
    let annotations = item.at(&["metadata", "annotations"]);
    let has = |name| annotations.is_some_and(|annotations| annotations.get(name).is_some());
    ID_ANNOTATIONS.iter().any(|name| has(name))
}

/// Comments change no value; this makes sure of it.
fn is_same_value(tree: &Tree<'_>, text: &str) -> bool {
    // What is too much to be compared is not the same.
    let value = |tree: &Tree<'_>| tree.value(tree.root()?, &mut Budget::default());
    let value_of_tree = value(tree);
    value_of_tree.is_some()
        && crate::yaml::parse(text).is_ok_and(|parsed| value(&parsed.tree) == value_of_tree)
}

/// A text and its tree.
#[derive(Clone, Copy)]
struct Side<'t> {
    text: &'t str,
    tree: &'t Tree<'t>,
}

struct Shield<'t> {
    old: Side<'t>,
    new: Side<'t>,
    /// What goes where in the new text.
    insertions: Vec<(usize, String)>,
}

impl Shield<'_> {
    /// Looks for items that are not where they were.
    fn compare(&mut self, was: NodeId, is: NodeId, depth: usize) {
        let (old, new) = (self.old.tree, self.new.tree);
        if depth > DEPTH_LIMIT || self.old.slice(was) == self.new.slice(is) {
            return;
        }
        match (old.kind(was), new.kind(is)) {
            (Kind::Mapping(_), Kind::Mapping(_)) => {
                for (key, value) in old.entries(was) {
                    if let Some((_, other)) = new.own_entry(is, old.text(key)) {
                        self.compare(value, other, depth + 1);
                    }
                }
            }
            (Kind::Sequence(_), Kind::Sequence(_)) => {
                for (item, other) in old.children(was).zip(new.children(is)) {
                    if self.old.name(item) == self.new.name(other) {
                        self.compare(item, other, depth + 1);
                    } else {
                        self.cover_item(item, other);
                    }
                }
            }
            _ => {}
        }
    }

    /// Covers an item that stands where another one stood.
    fn cover_item(&mut self, was: NodeId, is: NodeId) {
        let (Some(old_dash), Some(dash)) = (self.old.tree.lead(was), self.new.tree.lead(is)) else {
            return;
        };
        if self.old.has_comment_above(old_dash) && !self.new.has_comment_above(dash) {
            self.insert_line(self.new.line_start(dash), self.new.column(dash));
        }
        self.cover(was, is);
        let (old_end, end) = (self.old.end_of_line(was), self.new.end_of_line(is));
        let column = self.new.column(dash);
        if self
            .old
            .has_comment_below(old_end, self.old.column(old_dash))
            && !self.new.has_comment_below(end, column)
        {
            self.insert_line(end, column + 2);
        }
    }

    /// Covers the values in an item, key by key.
    fn cover(&mut self, was: NodeId, is: NodeId) {
        let (old, new) = (self.old.tree, self.new.tree);
        let is_mapping = |tree: &Tree<'_>, id| matches!(tree.kind(id), Kind::Mapping(_));
        if !is_mapping(old, was) || !is_mapping(new, is) {
            return;
        }
        for (index, (key, value)) in old.entries(was).enumerate() {
            let Some((name, content)) = new.own_entry(is, old.text(key)) else {
                continue;
            };
            let (old_at, at) = (old.span(key).start, new.span(name).start);
            let is_first = new
                .entries(is)
                .next()
                .is_some_and(|(first, _)| first == name);
            if index > 0
                && !is_first
                && self.old.has_comment_above(old_at)
                && !self.new.has_comment_above(at)
            {
                self.insert_line(self.new.line_start(at), self.new.column(at));
            }
            let behind = self.new.behind(name, content);
            if self.old.has_comment(self.old.behind(key, value)) && !self.new.has_comment(behind) {
                let line = self.new.rest_of_line(behind);
                let at = behind + line.trim_end_matches(['\r', '\n']).len();
                self.insertions.push((at, " #".to_owned()));
            }
            self.cover(value, content);
        }
    }

    fn insert_line(&mut self, at: usize, column: usize) {
        let comment = format!("{}#\n", " ".repeat(column));
        self.insertions.push((at, comment));
    }
}

impl Side<'_> {
    /// What an item of a list goes by.
    fn name(&self, item: NodeId) -> Option<&str> {
        let matches = matches!(self.tree.kind(item), Kind::Mapping(_));
        let (_, name) = matches.then(|| self.tree.own_entry(item, "name"))??;
        Some(self.tree.text(name))
    }

    fn slice(&self, id: NodeId) -> &str {
        let span = self.tree.span(id);
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    fn column(&self, at: usize) -> usize {
        at - self.line_start(at)
    }

    fn rest_of_line(&self, at: usize) -> &str {
        let rest = &self.text[at..];
        rest.split_inclusive('\n').next().unwrap_or_default()
    }

    /// The byte behind the last line of a node.
    fn end_of_line(&self, id: NodeId) -> usize {
        let end = self.tree.span(id).end;
        if self.text[..end].ends_with('\n') {
            return end;
        }
        end + self.rest_of_line(end).len()
    }

    /// Whether a comment stands on the line above the one of that byte.
    fn has_comment_above(&self, at: usize) -> bool {
        let before = &self.text[..self.line_start(at)];
        let line = before.lines().next_back().unwrap_or_default();
        line.trim_start().starts_with('#')
    }

    /// Whether a comment that is indented deeper than `column` stands on the line at that byte.
    fn has_comment_below(&self, at: usize, column: usize) -> bool {
        let line = self.rest_of_line(at);
        let text = line.trim_start();
        text.starts_with('#') && line.len() - text.len() > column
    }

    /// From where on a comment on a value's line can stand: behind a value on one line, behind the
    /// key of everything else.
    fn behind(&self, key: NodeId, value: NodeId) -> usize {
        let span = self.tree.span(value);
        let whole = self.text.get(self.tree.span(key).end..span.end);
        if whole.is_some_and(|whole| !whole.contains('\n')) {
            span.end
        } else {
            self.tree.lead(value).map_or(span.end, |colon| colon + 1)
        }
    }

    /// Whether the rest of a line holds a comment.
    fn has_comment(&self, at: usize) -> bool {
        self.rest_of_line(at).contains(" #")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(item: &str) -> String {
        let lines = item.lines().map(|line| format!("  {line}\n"));
        format!(
            "kind: ResourceList\nitems:\n- metadata: {{annotations: {{config.k8s.io/id: '1'}}}}\n  env:\n{}",
            lines.collect::<String>()
        )
    }

    #[test]
    fn moved_items_get_comments_of_their_own() {
        let old = "# about a\n- name: a # a\n  value: x # v\n- name: b\n  value: y\n- name: c # c\n  value: z\n  # end\n";
        let new = "- name: b\n  value: y\n- name: c # c\n  value: z\n  # end\n- name: i\n  value: j\n# about a\n- name: a # a\n  value: x # v\n";
        let expected = "#\n- name: b #\n  value: y #\n- name: c # c\n  value: z\n  # end\n- name: i #\n  value: j\n  #\n# about a\n- name: a # a\n  value: x # v\n";
        assert_eq!(shield(&list(old), &list(new)), Some(list(expected)));
    }

    #[test]
    fn where_nothing_moves_nothing_is_added() {
        let old = "# about a\n- name: a # a\n  value: x # v\n";
        let new = format!("{old}- name: i\n  value: j\n");
        assert_eq!(shield(&list(old), &list(&new)), None);
        assert_eq!(shield(&list(old), &list(old)), None);
        let moved = format!("- name: i\n{old}");
        assert!(shield(&list(old), &list(&moved)).is_some());
        let source = |text: &str| list(text).replace("config.k8s.io/id", "x");
        assert_eq!(shield(&source(old), &source(&moved)), None);
        let bare = "- name: a\n- name: b\n";
        let swapped = "- name: b\n- name: a\n";
        assert_eq!(shield(&list(bare), &list(swapped)), None);
    }
}
