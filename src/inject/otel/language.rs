//! What otel injects for each language: a new one is a row here and a file beside
//! (`spec/1-behaviour-v2.md`, section 7).

use super::{java, nodejs, python};
use crate::config::language::Language;

/// What differs between the languages.
#[derive(Clone, Copy)]
pub(super) struct Library {
    /// Where the library is mounted.
    pub(super) directory: &'static str,
    /// What the init container runs.
    pub(super) command: &'static [&'static str],
    /// The variable that makes the runtime load it.
    pub(super) variable: &'static str,
    /// The variable's value where it is missing or empty.
    pub(super) alone: &'static str,
    /// Its value where it has one already; nothing where that loads the library already.
    pub(super) extended: fn(&str) -> Option<String>,
    /// Why a value cannot be extended, if it cannot.
    pub(super) objection: fn(&str) -> Option<&'static str>,
}

/// The library of a language; nothing where there is none.
pub(super) fn library(language: Language) -> Option<Library> {
    match language {
        Language::Java => Some(java::LIBRARY),
        Language::Python => Some(python::LIBRARY),
        Language::Nodejs => Some(nodejs::LIBRARY),
        Language::Php | Language::Golang => None,
    }
}
