//! YAML and JSON: text to a tree with byte spans, a value to text, and what a plain scalar means.
//!
//! Two parsers make the same [`Tree`]: granit-parser for YAML, a small one of our own for JSON
//! (which YAML parsers refuse in places: surrogate pairs, escaped slashes) that also reads the
//! JSON inside annotations and configurations. Nothing here knows of Kubernetes.

pub mod emit;
pub mod json;
pub mod parse;
pub mod scalar;
pub mod tree;
pub mod value;

pub use parse::{ParseError, Parsed, parse};
pub use tree::{Kind, Layout, Node, NodeId, ScalarStyle, Tree};
pub use value::{Scalar, Value};
