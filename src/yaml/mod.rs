//! YAML and JSON: text to a tree with byte spans, a value to text, and what a plain scalar means.
//!
//! Two parsers make the same [`Tree`]: granit-parser for YAML, a small one of our own for JSON
//! (which YAML parsers refuse in places: surrogate pairs, escaped slashes) that also reads the
//! JSON inside annotations and configurations. Nothing here knows of Kubernetes.

pub mod emit;
pub mod json;
pub mod parse;
pub mod scalar;
pub mod scan;
pub mod tree;
pub mod value;

pub use parse::{ParseError, Parsed};
pub use tree::{Kind, Layout, Node, NodeId, ScalarStyle, Tree};
pub use value::{Scalar, Value};

/// Reads a text that holds one YAML document; a byte order mark must be cut off before.
///
/// # Errors
/// Where the text is no YAML, or is larger than 4 GiB.
pub fn parse(text: &str) -> Result<Parsed<'_>, ParseError> {
    match scan::scan(text) {
        Some(tree) => Ok(Parsed {
            tree,
            second_root: None,
        }),
        None => parse::parse_full(text),
    }
}
