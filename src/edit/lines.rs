//! The lines of block items, made once for each way in which they stand in a document: what is
//! injected is the same value in thousands of documents, and those look much alike.

use std::collections::HashMap;
use std::sync::Arc;

use crate::yaml::Value;
use crate::yaml::emit::{self, BlockStyle};

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
#[derive(Clone, Debug)]
pub(super) struct ItemLines {
    pub(super) text: Arc<str>,
    /// Whether they end in a block scalar that would lose its last line break, were the one behind
    /// it left out.
    pub(super) needs_break: bool,
}

/// The lines that have been made. Each keeps its value, so that no other can take its address.
#[derive(Debug, Default)]
pub(super) struct Lines(HashMap<Key, (Arc<Value>, ItemLines)>);

impl Lines {
    /// The lines of a block sequence's item whose dash stands at `column`, with `gap` blanks behind
    /// the dash.
    pub(super) fn item(
        &mut self,
        value: &Arc<Value>,
        column: usize,
        gap: usize,
        style: BlockStyle,
    ) -> ItemLines {
        let key = Key {
            value: Arc::as_ptr(value).addr(),
            column,
            gap,
            style,
        };
        if let Some((_, lines)) = self.0.get(&key) {
            return lines.clone();
        }
        let lines = ItemLines {
            text: emit::block_item(value, column, gap, style).into(),
            needs_break: emit::ends_in_block_scalar(value),
        };
        if self.0.len() >= LIMIT {
            self.0.clear();
        }
        self.0.insert(key, (value.clone(), lines.clone()));
        lines
    }
}
