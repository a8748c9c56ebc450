//! The lines of new items and entries, made once for each way in which they stand in a document: what
//! is injected is the same in thousands of documents, and those look much alike.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHasher};

use super::patch::Patch;
use super::verify;
use crate::yaml::emit::{self, BlockStyle, FlowStyle};
use crate::yaml::{KnownLines, Value, is_ordinary};

/// How many are kept. New texts share them: the longer they are kept, the less memory many texts take.
#[derive(Clone, Copy, Debug)]
struct Capacity {
    /// Of those in block style; more are forgotten all at once.
    in_block_style: usize,
    /// Of those in brackets so many that were asked for last, and so many from before.
    generation_in_brackets: usize,
}

impl Capacity {
    /// Where new texts are kept.
    const MANY: Self = Self {
        in_block_style: 1024,
        generation_in_brackets: 512,
    };
    /// Where they are not, what is kept only takes memory, and saves but a little time.
    const FEW: Self = Self {
        in_block_style: 256,
        generation_in_brackets: 64,
    };
}

impl Default for Capacity {
    fn default() -> Self {
        Self::MANY
    }
}

/// What stands in front of values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lead {
    /// Each value is an item: a dash and so many blanks.
    Dash(usize),
    /// A key, whose value is the only one.
    Key(Cow<'static, str>),
    /// A key, below which each value is an item.
    KeyOfItems(Cow<'static, str>),
}

/// How values stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stance {
    /// The column of the dashes or of the key.
    column: usize,
    lead: Lead,
    style: BlockStyle,
}

/// The lines of items or of an entry.
#[derive(Debug)]
pub(super) struct NewLines {
    pub(super) text: Arc<str>,
    /// The values that they are of. They are kept, so that no others can take their addresses.
    pub(super) values: Vec<Arc<Value>>,
    /// Whether they end in a block scalar that would lose its last line break, were the one behind
    /// it left out.
    pub(super) needs_break: bool,
    /// Whether its characters are all such as the scanner takes.
    pub(super) ordinary: bool,
    /// What stands in front of the values.
    pub(super) lead: Lead,
    /// The nodes of the items or of the entry, which have been found to be the values.
    pub(super) known: Option<KnownLines>,
    /// Of an item or entry in brackets that is JSON, and has been found to be the values: how deep its
    /// collections are nested.
    pub(super) json_depth: Option<usize>,
}

impl NewLines {
    /// Whether they are items, of the values that `next` gives one by one.
    pub(super) fn are<'v>(&self, mut next: impl FnMut() -> Option<&'v Arc<Value>>) -> bool {
        matches!(self.lead, Lead::Dash(_))
            && (self.values.iter()).all(|own| next().is_some_and(|value| Arc::ptr_eq(own, value)))
    }

    /// Whether they are the entry that a patch makes of nothing, with that key.
    pub(super) fn are_made_of(&self, key: &str, patch: &Patch<'_>) -> bool {
        match &self.lead {
            Lead::Dash(_) => false,
            Lead::Key(own) => own == key && patch.set.is_some_and(|value| self.is_all(&[value])),
            Lead::KeyOfItems(own) => {
                own == key && patch.appended().is_some_and(|values| self.is_all(&values))
            }
        }
    }

    /// Whether they are the entry of a key and a value.
    pub(super) fn are_entry(&self, key: &Value, value: &Arc<Value>) -> bool {
        let is_key = |own: &str| matches!(key, Value::Scalar(key) if !key.plain && key.tag.is_none() && key.text == own);
        match (&self.lead, &**value) {
            (Lead::Key(own), _) => is_key(own) && self.is_all(&[value]),
            (Lead::KeyOfItems(own), Value::Sequence(items)) => {
                is_key(own) && self.is_all(&items.iter().collect::<Vec<_>>())
            }
            _ => false,
        }
    }

    fn is_all(&self, values: &[&Arc<Value>]) -> bool {
        self.values.len() == values.len()
            && (self.values.iter().zip(values)).all(|(own, value)| Arc::ptr_eq(own, value))
    }
}

/// The lines that have been made.
#[derive(Debug, Default)]
pub(super) struct Lines {
    capacity: Capacity,
    made: Vec<(Stance, Arc<NewLines>)>,
    /// Where each stands, by the [`hash`] of its values and their stance. Of two with the same hash, the
    /// later one is known.
    places: FxHashMap<u64, usize>,
    /// What is asked for next, most likely: documents get the same things in the same order.
    next: usize,
    /// Items and entries in brackets, by the hash of their values, of what stands in front of them, and of
    /// their style, which stands beside them.
    in_brackets: FxHashMap<u64, (FlowStyle, Arc<NewLines>)>,
    /// Those that have not been asked for since there were too many.
    older: FxHashMap<u64, (FlowStyle, Arc<NewLines>)>,
}

/// Whether a value is held by more than its change, and so may be met again in another document.
pub(super) fn is_shared(value: &Arc<Value>) -> bool {
    Arc::strong_count(value) > 1
}

fn address(value: &Arc<Value>) -> usize {
    Arc::as_ptr(value).addr()
}

impl Lines {
    /// Keeps few from now on.
    pub(super) fn keep_few(&mut self) {
        self.capacity = Capacity::FEW;
    }

    /// The lines of values in `column`. They are kept where all the values are shared.
    pub(super) fn of(
        &mut self,
        values: &[&Arc<Value>],
        column: usize,
        lead: Lead,
        style: BlockStyle,
    ) -> Arc<NewLines> {
        if !values.iter().all(|value| is_shared(value)) {
            return Arc::new(make(values, column, &lead, style, false));
        }
        let stance = Stance {
            column,
            lead,
            style,
        };
        if let Some(lines) = self.known(self.next, values, &stance) {
            self.next += 1;
            return lines;
        }
        let hash = hash(values, &stance);
        if let Some(&place) = self.places.get(&hash)
            && let Some(lines) = self.known(place, values, &stance)
        {
            self.next = place + 1;
            return lines;
        }
        let lines = Arc::new(make(values, column, &stance.lead, style, true));
        if self.made.len() >= self.capacity.in_block_style {
            self.made.clear();
            self.places.clear();
        }
        self.places.insert(hash, self.made.len());
        self.made.push((stance, lines.clone()));
        self.next = self.made.len();
        lines
    }

    /// The lines at a place, where they are those of the values.
    #[inline]
    fn known(
        &self,
        place: usize,
        values: &[&Arc<Value>],
        stance: &Stance,
    ) -> Option<Arc<NewLines>> {
        let (own, lines) = self.made.get(place)?;
        (lines.is_all(values) && own == stance).then(|| lines.clone())
    }
}

fn hash(values: &[&Arc<Value>], stance: &impl Hash) -> u64 {
    let mut hasher = FxHasher::default();
    for value in values {
        address(value).hash(&mut hasher);
    }
    stance.hash(&mut hasher);
    hasher.finish()
}

impl Lines {
    /// An item in brackets. It is kept where the value is shared.
    pub(super) fn in_brackets(&mut self, value: &Arc<Value>, style: FlowStyle) -> Arc<NewLines> {
        let lead = Lead::Dash(0);
        self.kept_in_brackets(&[value], lead, style, |style| emit::flow(value, style))
    }

    /// An entry in brackets, of a key and what a patch makes of nothing. It is kept where all that it is
    /// made of is shared.
    pub(super) fn entry_in_brackets(
        &mut self,
        key: Cow<'static, str>,
        patch: &Patch<'_>,
        whole: &Value,
        style: FlowStyle,
    ) -> Arc<NewLines> {
        let name = Value::string(key.clone());
        let text = |style: &FlowStyle| emit::flow_entry(&name, whole, style);
        if let Some(value) = patch.set {
            return self.kept_in_brackets(&[value], Lead::Key(key), style, text);
        }
        let lead = Lead::KeyOfItems(key);
        match patch.appended() {
            Some(values) => self.kept_in_brackets(&values, lead, style, text),
            // Made of more than one thing: nothing is known of it.
            None => Arc::new(in_brackets(&[], lead, &style, text(&style), false)),
        }
    }

    fn kept_in_brackets(
        &mut self,
        values: &[&Arc<Value>],
        lead: Lead,
        style: FlowStyle,
        text: impl FnOnce(&FlowStyle) -> String,
    ) -> Arc<NewLines> {
        if !values.iter().all(|value| is_shared(value)) {
            let text = text(&style);
            return Arc::new(in_brackets(values, lead, &style, text, false));
        }
        let hash = hash(values, &(&lead, &style));
        let is_meant = |(own, known): &(FlowStyle, Arc<NewLines>)| {
            known.is_all(values) && (own, &known.lead) == (&style, &lead)
        };
        if let Some(kept) = self.in_brackets.get(&hash).filter(|kept| is_meant(kept)) {
            return kept.1.clone();
        }
        let older = self.older.remove(&hash).filter(is_meant);
        let (style, lines) = older.unwrap_or_else(|| {
            let text = text(&style);
            let made = in_brackets(values, lead, &style, text, true);
            (style, Arc::new(made))
        });
        if self.in_brackets.len() >= self.capacity.generation_in_brackets {
            self.older = std::mem::take(&mut self.in_brackets);
        }
        self.in_brackets.insert(hash, (style, lines.clone()));
        lines
    }
}

/// What an item or entry in brackets is; `known` asks whether it is JSON of the values.
fn in_brackets(
    values: &[&Arc<Value>],
    lead: Lead,
    style: &FlowStyle,
    text: String,
    known: bool,
) -> NewLines {
    let json_depth = (known && style.json)
        .then(|| verify::known_json_depth(&text, &lead, values))
        .flatten();
    NewLines {
        ordinary: is_ordinary(&text),
        text: text.into(),
        values: values.iter().map(|value| Arc::clone(value)).collect(),
        needs_break: false,
        lead,
        known: None,
        json_depth,
    }
}

/// Makes lines; `known` asks for their nodes.
fn make(
    values: &[&Arc<Value>],
    column: usize,
    lead: &Lead,
    style: BlockStyle,
    known: bool,
) -> NewLines {
    let mut text = String::new();
    let items = |text: &mut String, column, gap| {
        for value in values {
            text.push_str(&emit::block_item(value, column, gap, style));
        }
    };
    match lead {
        Lead::Dash(gap) => items(&mut text, column, *gap),
        Lead::Key(key) => {
            let key = Value::string(key.clone());
            for value in values {
                text.push_str(&emit::block_entry(&key, value, column, style));
            }
        }
        Lead::KeyOfItems(key) => {
            let key = Value::string(key.clone());
            text.push_str(&emit::block_key(&key, column, style.newline));
            items(&mut text, column + style.sequence_indent, 1);
        }
    }
    let text: Arc<str> = text.into();
    let are_items = matches!(lead, Lead::Dash(_));
    let known = (known
        .then(|| KnownLines::read(&text, column, are_items))
        .flatten())
    .filter(|known| verify::is_known(&known.tree(), lead, values));
    NewLines {
        ordinary: is_ordinary(&text),
        text,
        values: values.iter().map(|value| Arc::clone(value)).collect(),
        needs_break: values
            .last()
            .is_some_and(|value| emit::ends_in_block_scalar(value)),
        lead: lead.clone(),
        known,
        json_depth: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: FlowStyle = FlowStyle {
        json: true,
        colon_gap: " ",
        comma_gap: " ",
        lines: None,
    };

    #[test]
    fn items_in_brackets_are_kept_as_long_as_they_are_asked_for() {
        let mut lines = Lines::default();
        lines.keep_few();
        let generation = lines.capacity.generation_in_brackets;
        let text = |number: usize| Arc::new(Value::string(format!("text {number}")));
        let values: Vec<Arc<Value>> = (0..4 * generation).map(text).collect();
        // Somebody else holds them as well: they may come again.
        let _others = values.clone();
        let first = lines.in_brackets(&values[0], STYLE);
        assert_eq!(&*first.text, "\"text 0\"");
        for (number, value) in values.iter().enumerate() {
            let made = lines.in_brackets(value, STYLE);
            assert_eq!(*made.text, format!("\"text {number}\""));
            assert!(lines.in_brackets.len() <= generation && lines.older.len() <= generation);
            assert!(Arc::ptr_eq(&first, &lines.in_brackets(&values[0], STYLE)));
        }
        let other = FlowStyle {
            json: false,
            ..STYLE
        };
        assert!(!Arc::ptr_eq(&first, &lines.in_brackets(&values[0], other)));
        let dropped = lines.in_brackets(&values[1], STYLE);
        for value in &values[2 * generation..] {
            lines.in_brackets(value, STYLE);
        }
        let again = lines.in_brackets(&values[1], STYLE);
        assert!(!Arc::ptr_eq(&dropped, &again) && dropped.text == again.text);
    }
}
