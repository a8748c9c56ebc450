//! The results of checks, in their forms: one file beside this one for each.

use super::color::Palette;
use super::{preflight_json, preflight_text};
use crate::preflight::Checkup;

/// The form of the results (`preflight --output`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckupForm {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object with everything in it (`docs/preflight.md`).
    Json,
}

/// What a form may need besides the results.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'s> {
    /// The form.
    pub form: CheckupForm,
    /// Whether what passes is left out of the text.
    pub quiet: bool,
    /// The colours of text.
    pub palette: Palette,
    /// How many columns the text may be wide.
    pub width: usize,
    /// Where the configuration in force came from, in words.
    pub configuration: &'s str,
    /// How many files and documents were read.
    pub read: (usize, usize),
    /// The exit code of the run.
    pub exit_code: u8,
}

/// Results in one of their forms, ready to be written.
#[must_use]
pub fn render(checkup: &Checkup, setting: &Setting<'_>) -> String {
    match setting.form {
        CheckupForm::Text => preflight_text::render(checkup, setting),
        CheckupForm::Json => preflight_json::render(checkup, setting),
    }
}
