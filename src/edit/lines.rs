//! The lines of block items and entries, made once for each way in which they stand in a document: what is
//! injected is the same value in thousands of documents, and those look much alike.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use super::verify;
use crate::yaml::emit::{self, BlockStyle};
use crate::yaml::{KnownItem, Value};

/// How many are kept; more are forgotten all at once.
const LIMIT: usize = 1024;

/// A value, by its address, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    value: usize,
    column: usize,
    lead: Lead,
    style: BlockStyle,
}

/// What stands in front of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Lead {
    /// A dash and so many blanks.
    Dash(usize),
    /// A key.
    Key(Cow<'static, str>),
}

/// The lines of an item or entry.
#[derive(Debug)]
pub(super) struct ItemLines {
    pub(super) text: Arc<str>,
    /// The value that they are of. It is kept, so that no other can take its address.
    pub(super) value: Arc<Value>,
    /// Whether they end in a block scalar that would lose its last line break, were the one behind
    /// it left out.
    pub(super) needs_break: bool,
    /// An item's nodes, which have been found to be the value.
    pub(super) known: Option<KnownItem>,
}

/// The lines that have been made.
#[derive(Debug, Default)]
pub(super) struct Lines {
    made: Vec<(Key, Arc<ItemLines>)>,
    /// Where each stands.
    places: HashMap<Key, usize>,
    /// What is asked for next, most likely: documents get the same things in the same order.
    next: usize,
}

impl Lines {
    /// The lines of a block sequence's item whose dash stands at `column`, with `gap` blanks behind
    /// the dash.
    pub(super) fn item(
        &mut self,
        value: &Arc<Value>,
        column: usize,
        gap: usize,
        style: BlockStyle,
    ) -> Arc<ItemLines> {
        self.lines(value, column, Lead::Dash(gap), style)
    }

    /// The lines of a block mapping's entry whose key stands at `column`.
    pub(super) fn entry(
        &mut self,
        key: &Cow<'static, str>,
        value: &Arc<Value>,
        column: usize,
        style: BlockStyle,
    ) -> Arc<ItemLines> {
        self.lines(value, column, Lead::Key(key.clone()), style)
    }

    fn lines(
        &mut self,
        value: &Arc<Value>,
        column: usize,
        lead: Lead,
        style: BlockStyle,
    ) -> Arc<ItemLines> {
        let key = Key {
            value: Arc::as_ptr(value).addr(),
            column,
            lead,
            style,
        };
        let expected = self.made.get(self.next).filter(|(known, _)| *known == key);
        let place = match expected {
            Some(_) => Some(self.next),
            None => self.places.get(&key).copied(),
        };
        if let Some((place, (_, lines))) =
            place.and_then(|place| Some((place, self.made.get(place)?)))
        {
            self.next = place + 1;
            return lines.clone();
        }
        let (text, known): (Arc<str>, _) = match &key.lead {
            Lead::Dash(gap) => {
                let text: Arc<str> = emit::block_item(value, column, *gap, style).into();
                let known = KnownItem::read(&text, column);
                (text, known)
            }
            Lead::Key(name) => {
                let name = Value::string(name.clone());
                let text = emit::block_entry(&name, value, column, style);
                (text.into(), None)
            }
        };
        let lines = Arc::new(ItemLines {
            known: known.filter(|known| verify::is_known(known, value)),
            text,
            value: value.clone(),
            needs_break: emit::ends_in_block_scalar(value),
        });
        // A value that only its change and these lines hold is this document's, and not met again.
        if Arc::strong_count(value) <= 2 {
            return lines;
        }
        if self.made.len() >= LIMIT {
            self.made.clear();
            self.places.clear();
        }
        self.places.insert(key.clone(), self.made.len());
        self.made.push((key, lines.clone()));
        self.next = self.made.len();
        lines
    }
}
