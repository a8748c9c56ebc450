//! The lines of block items, made once for each way in which they stand in a document: what is
//! injected is the same value in thousands of documents, and those look much alike.

use std::collections::HashMap;
use std::sync::Arc;

use super::verify;
use crate::yaml::emit::{self, BlockStyle};
use crate::yaml::{KnownItem, Value};

/// How many are kept; more are forgotten all at once.
const LIMIT: usize = 1024;

/// A value, by its address, and how it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    value: usize,
    column: usize,
    gap: usize,
    style: BlockStyle,
}

/// The lines of an item.
#[derive(Debug)]
pub(super) struct ItemLines {
    pub(super) text: Arc<str>,
    /// The value that they are of. It is kept, so that no other can take its address.
    pub(super) value: Arc<Value>,
    /// Whether they end in a block scalar that would lose its last line break, were the one behind
    /// it left out.
    pub(super) needs_break: bool,
    /// Their nodes, which have been found to be the value.
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
        let key = Key {
            value: Arc::as_ptr(value).addr(),
            column,
            gap,
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
        let text: Arc<str> = emit::block_item(value, column, gap, style).into();
        let known = KnownItem::read(&text, column);
        let lines = Arc::new(ItemLines {
            known: known.filter(|known| verify::is_known(known, value)),
            text,
            value: value.clone(),
            needs_break: emit::ends_in_block_scalar(value),
        });
        if self.made.len() >= LIMIT {
            self.made.clear();
            self.places.clear();
        }
        self.places.insert(key, self.made.len());
        self.made.push((key, lines.clone()));
        self.next = self.made.len();
        lines
    }
}
