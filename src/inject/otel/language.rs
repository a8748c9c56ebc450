//! What otel injects for each language: a new one is a row here and a file beside
//! (`spec/1-behaviour-v2.md`, section 7).

use super::{java, nodejs, python};
use crate::config::language::Language;
use crate::inject::startup::Added;

/// What differs between the languages.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    /// Where the library is mounted.
    pub(crate) directory: &'static str,
    /// What the init container runs.
    pub(super) command: &'static [&'static str],
    /// The variable that makes the runtime load it.
    pub(crate) variable: &'static str,
    /// The variable's value where it is missing or empty.
    pub(crate) alone: &'static str,
    /// Its value where it has one already; nothing where that loads the library already.
    pub(crate) extended: fn(&str) -> Option<String>,
    /// What that adds to it.
    pub(crate) added: &'static [Added],
    /// Why a value cannot be extended, if it cannot.
    pub(super) objection: fn(&str) -> Option<&'static str>,
}

/// The library of a language; nothing where there is none.
pub(crate) fn library(language: Language) -> Option<Library> {
    match language {
        Language::Java => Some(java::LIBRARY),
        Language::Python => Some(python::LIBRARY),
        Language::Nodejs => Some(nodejs::LIBRARY),
        Language::Php | Language::Golang => None,
    }
}
