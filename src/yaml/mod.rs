//! YAML and JSON: text to a tree with byte spans, a value to text, and what a plain scalar means.
//!
//! Two parsers make the same [`Tree`]: granit-parser for YAML, a small one of our own for JSON
//! (which YAML parsers refuse in places: surrogate pairs, escaped slashes) that also reads the
//! JSON inside annotations and configurations. Nothing here knows of Kubernetes.

mod builder;
pub mod emit;
pub mod graft;
pub mod indent;
pub mod json;
mod node;
pub mod parse;
mod quoted;
pub mod scalar;
pub mod scan;
pub mod tree;
pub mod value;
pub(crate) mod words;

use crate::limits::{Limit, Limits};

pub use graft::{Graft, Kept, KnownLines, Part};
pub use indent::{Columns, Indent};
pub use node::Node;
pub use parse::{ParseError, Parsed};
pub use tree::{Kind, Layout, NodeId, ScalarStyle, Spare, Tree};
pub use value::{Budget, Excess, Scalar, Value};

/// Collections may be nested this deep; what works on trees step by step downwards relies on it.
pub const MAX_DEPTH: usize = 256;

/// What is wrong with a text in which they are nested deeper.
pub const TOO_DEEP: &str = "nested too deeply (more than 256 levels)";

/// What is wrong with a text of more values than may be read.
pub const TOO_MANY_VALUES: &str = "more values than are read";

/// What is wrong with a text of more anchors than may be read.
pub const TOO_MANY_ANCHORS: &str = "more anchors than are read";

/// How much of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Values, keys among them.
    pub values: usize,
    /// Anchors.
    pub anchors: usize,
}

impl Most {
    /// All of it.
    pub const UNLIMITED: Self = Self {
        values: usize::MAX,
        anchors: usize::MAX,
    };

    /// What the limits of a run allow.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        Self {
            values: limits.in_memory(Limit::Values),
            anchors: limits.in_memory(Limit::Anchors),
        }
    }
}

/// Reads a text that holds one YAML document; a byte order mark must be cut off before.
///
/// # Errors
/// Where the text is no YAML, or is larger than 4 GiB.
pub fn parse(text: &str) -> Result<Parsed<'_>, ParseError> {
    parse_within(text, Most::UNLIMITED, Spare::default())
}

/// The same where the text has no more than that, in the memory of another tree.
///
/// # Errors
/// As [`parse`], and where it has more.
pub fn parse_within(text: &str, most: Most, spare: Spare) -> Result<Parsed<'_>, ParseError> {
    match scan::scan_within(text, most, spare)? {
        Some(tree) => Ok(Parsed {
            tree,
            second_root: None,
        }),
        None => parse::parse_full_within(text, most),
    }
}

/// The same where parts of the text, in their order, have known nodes; nothing where the text is not
/// in the plain block style or a part is not what it should be.
#[must_use]
pub fn parse_grafted<'t>(text: &'t str, grafts: &[Graft<'_>], spare: Spare) -> Option<Tree<'t>> {
    scan::scan_grafted(text, grafts, false, false, spare)
}

/// The same without the nodes that are known: [`Kind::Known`] stands for them. `ordinary` tells that
/// every part of the text [`is_ordinary`], so that its characters are not looked at again.
#[must_use]
pub fn parse_around<'t>(
    text: &'t str,
    grafts: &[Graft<'_>],
    ordinary: bool,
    spare: Spare,
) -> Option<Tree<'t>> {
    scan::scan_grafted(text, grafts, true, ordinary, spare)
}

/// Whether a text holds no character that readers of YAML refuse or take for a line break, carriage
/// returns aside.
#[must_use]
pub fn is_ordinary(text: &str) -> bool {
    scan::is_ordinary(text)
}
