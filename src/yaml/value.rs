//! A YAML value that stands in no text: what we inject, and what a part of the user's document is
//! expanded to.
//!
//! Parts are shared, not copied: what is injected into thousands of pods is made once.
//!
//! Mappings keep their order. A scalar remembers whether it is a string or was written plain, since
//! what a plain scalar means (`yes`, `0644`, `1e3`) is the reader's business and must survive as it
//! was written.

use std::borrow::Cow;
use std::sync::Arc;

use crate::limits::{Limit, Limits};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Arc<Value>>),
    /// Keys and values in the order in which they are written.
    Mapping(Vec<(Value, Arc<Value>)>),
}

/// A single value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The decoded text; the keys of what is injected are known when the program is built.
    pub text: Cow<'static, str>,
    /// True where the text is a plain scalar that its reader resolves (a number, a boolean, null,
    /// or a string of the user's that was written without quotes); false where it is a string.
    pub plain: bool,
    /// An explicit tag as written, such as `!!str`.
    pub tag: Option<String>,
}

/// How much may be made of a document where its aliases are expanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Values.
    pub values: usize,
    /// Bytes of text in them.
    pub bytes: usize,
    /// What did not suffice.
    pub excess: Option<Excess>,
}

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Values.
    Values,
    /// Bytes of text.
    Bytes,
    /// Levels, one in the other.
    Depth,
}

impl Default for Budget {
    fn default() -> Self {
        Self::of(&Limits::default())
    }
}

impl Budget {
    /// What the limits of a run allow.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        let [values, bytes] = [Limit::AliasValues, Limit::AliasSize];
        Self::new(limits.in_memory(values), limits.in_memory(bytes))
    }

    /// No limit: what is expanded has no aliases.
    pub const UNLIMITED: Self = Self::new(usize::MAX, usize::MAX);

    /// So many values with so much text.
    #[must_use]
    pub const fn new(values: usize, bytes: usize) -> Self {
        Self {
            values,
            bytes,
            excess: None,
        }
    }

    /// Takes a value with so many bytes of text, at that depth; nothing where there is no room for it.
    pub fn take(&mut self, bytes: usize, depth: usize) -> Option<()> {
        if depth > super::MAX_DEPTH {
            self.excess = Some(Excess::Depth);
            return None;
        }
        let Some(values) = self.values.checked_sub(1) else {
            self.excess = Some(Excess::Values);
            return None;
        };
        let Some(bytes) = self.bytes.checked_sub(bytes) else {
            self.excess = Some(Excess::Bytes);
            return None;
        };
        (self.values, self.bytes) = (values, bytes);
        Some(())
    }
}

impl Value {
    /// A string, whatever its text looks like.
    pub fn string(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Scalar(Scalar {
            text: text.into(),
            plain: false,
            tag: None,
        })
    }

    /// Text that stands in the output as it is and means what its reader takes it for.
    pub fn plain(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Scalar(Scalar {
            text: text.into(),
            plain: true,
            tag: None,
        })
    }

    /// A scalar's text; nothing for other values.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Scalar(scalar) => Some(&scalar.text),
            Self::Sequence(_) | Self::Mapping(_) => None,
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn bool(value: bool) -> Self {
        Self::plain(if value { "true" } else { "false" })
    }

    /// A mapping with string keys, in the order given.
    pub fn mapping<K: Into<Cow<'static, str>>>(
        entries: impl IntoIterator<Item = (K, Value)>,
    ) -> Self {
        Self::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| (Self::string(key), Arc::new(value)))
                .collect(),
        )
    }
}
