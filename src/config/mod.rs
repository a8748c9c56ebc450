//! The operator's configuration: where it comes from, and from what is written to one model of
//! rules.
//!
//! `v1.rs` and `v2.rs` read a dialect as it is written and lower it into `rule.rs`'s model; a new
//! dialect is a file beside them. A new ruleset is a type in `rule.rs`, a reader in the dialects
//! that have it, and a file in `inject/`.

pub mod annotation;
mod check;
pub mod container;
mod cover;
mod dialect;
pub mod env_value;
mod expression;
#[cfg(test)]
mod expression_cases;
mod expression_class;
pub mod glob;
pub mod label_selector;
pub mod language;
mod locate;
mod migrate;
pub mod object;
pub mod qualified_name;
pub mod quantity;
pub mod rule;
mod schema;
pub mod select;
pub mod selector;
mod shadow;
mod show;
pub mod text;
mod unicode_class;
mod v1;
mod v2;
mod v2_legacy;

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sink};
use crate::source::{Source, Span};
use crate::yaml::json;

pub use check::check;
pub use dialect::Dialect;
pub use locate::Origin;
pub use migrate::{Effect, migrate};
pub use rule::Rules;

use object::{Faults, Field, Reader};
use text::ConfigText;

/// A configuration that has been read.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Its rules.
    pub rules: Rules,
    /// Whose reading of it they are.
    pub dialect: Dialect,
    /// Where it came from.
    pub origin: Origin,
    /// The JSON itself.
    pub text: ConfigText,
}

/// A configuration that somebody named.
#[derive(Clone, Debug)]
pub enum Named {
    /// That in a file.
    File {
        /// Its path.
        path: String,
        /// Who named it, in messages: `--config`.
        by: &'static str,
        /// Whether it is read below the working directory alone, links included: it was named by
        /// something that may come from elsewhere.
        confined: bool,
    },
    /// The JSON itself.
    Text(Origin, ConfigText),
}

/// Finds and reads the configuration in force: the one that was `named`, else what the environment
/// names, else the built-in default (`spec/2-command-line.md`, "Configuration"). `dialect` overrides
/// what the configuration's own keys say. Every problem goes to `sink`; nothing is given where there
/// was an error.
pub fn find(
    named: Option<&Named>,
    environment: &dyn Fn(&str) -> Option<String>,
    dialect: Option<Dialect>,
    sink: &mut dyn Sink,
) -> Option<Configuration> {
    let (origin, text) = locate(named, environment, sink)?;
    read(origin, text, dialect, sink)
}

/// Finds the configuration in force as [`find`] does, without reading it.
pub fn locate(
    named: Option<&Named>,
    environment: &dyn Fn(&str) -> Option<String>,
    sink: &mut dyn Sink,
) -> Option<(Origin, ConfigText)> {
    match named {
        Some(Named::Text(origin, text)) => Some((origin.clone(), text.clone())),
        Some(Named::File { path, by, confined }) => {
            locate::locate(Some((path, by, *confined)), environment, sink)
        }
        None => locate::locate(None, environment, sink),
    }
}

/// The configuration in a text that was read elsewhere: the operator's JSON, or YAML with the
/// `ConfigMap` that holds it.
///
/// # Errors
/// Where the text is neither.
pub fn find_in(source: Arc<Source>) -> Result<ConfigText, Box<Diagnostic>> {
    locate::find_json(source)
}

/// The same from a source that is the operator's JSON.
pub fn from_json(
    source: &Arc<Source>,
    dialect: Option<Dialect>,
    sink: &mut dyn Sink,
) -> Option<Configuration> {
    let text = ConfigText::whole(source.clone());
    let origin = Origin {
        description: source.name().to_string(),
    };
    read(origin, text, dialect, sink)
}

/// Reads a configuration. `dialect` overrides what its own keys say. Every problem goes to `sink`;
/// nothing is given where there was an error.
pub fn read(
    origin: Origin,
    text: ConfigText,
    dialect: Option<Dialect>,
    sink: &mut dyn Sink,
) -> Option<Configuration> {
    let (rules, dialect) = read_text(&text, dialect, sink)?;
    Some(Configuration {
        rules,
        dialect,
        origin,
        text,
    })
}

fn read_text(
    text: &ConfigText,
    dialect: Option<Dialect>,
    sink: &mut dyn Sink,
) -> Option<(Rules, Dialect)> {
    let lowered = lower(text, dialect, sink)?;
    if !lowered.faults.is_empty() {
        return None;
    }
    dialect::warn_unreachable(
        &lowered.rules,
        |_| true,
        |place, message| {
            let warning = Diagnostic::warning("rule-never-matches", message);
            sink.report(warning.at(text.source(), place.span));
        },
    );
    Some((lowered.rules, lowered.dialect))
}

/// A configuration as rules, whatever could be read of it.
struct Lowered {
    rules: Rules,
    dialect: Dialect,
    /// What could not be read, and is absent from the rules.
    faults: Faults,
}

/// Nothing is given where the text is no JSON, or no object.
fn lower(text: &ConfigText, dialect: Option<Dialect>, sink: &mut dyn Sink) -> Option<Lowered> {
    let tree = match json::parse(text.json()) {
        Ok(tree) => tree,
        Err(error) => {
            sink.report(not_json(text, &error));
            return None;
        }
    };
    let root = Field {
        node: tree.root_node()?,
        path: String::new(),
    };
    let mut reader = Reader::new(text, sink);
    if !root.node.is_mapping() && !root.node.is_null() {
        let message = format!(
            "the configuration must be a JSON object, not {}",
            root.node.describe()
        );
        reader.error("config-wrong-type", root.node, message);
        return None;
    }
    let dialect = dialect_of(&root, dialect);
    // Read for their type alone, as the operator does.
    reader.string(&root, "server_listen");
    reader.string(&root, "log_level");
    let rules = match dialect {
        Dialect::V1 => v1::lower(&mut reader, &root),
        Dialect::V2 => v2::lower(&mut reader, &root),
    };
    Some(Lowered {
        rules,
        dialect,
        faults: reader.into_faults(),
    })
}

/// Whose reading a configuration has: the one that was told, or else that which its keys are for.
fn dialect_of(root: &Field<'_>, told: Option<Dialect>) -> Dialect {
    told.unwrap_or_else(|| match root.get("admission_inject_v2") {
        Some(_) => Dialect::V2,
        None => Dialect::V1,
    })
}

fn not_json(text: &ConfigText, error: &json::JsonError) -> Diagnostic {
    let message = format!("the configuration is no JSON: {}", error.message);
    let diagnostic = Diagnostic::error("config-not-json", message);
    let diagnostic = text.locate(diagnostic, Span::at(error.offset));
    if error.message.contains("comment") {
        return diagnostic.hint("take the comment out: the operator cannot read it either");
    }
    diagnostic
}

#[cfg(test)]
mod tests;
