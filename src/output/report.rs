//! The forms of a report: one file beside this one for each.

use super::color::Palette;
use super::repository::Repository;
use super::{report_github, report_gitlab, report_json, report_sarif, report_text};
use crate::report::{Report, Verbosity};

/// The form of a report (`--report`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReportForm {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object with everything in it (`docs/reports.md`).
    Json,
    /// Workflow commands, which GitHub shows beside the lines of a change.
    Github,
    /// SARIF 2.1.0.
    Sarif,
    /// GitLab's code quality report.
    Gitlab,
    /// Errors alone, in text.
    None,
}

impl ReportForm {
    /// Whether it says something of every file that was read.
    #[must_use]
    pub const fn lists_files(self) -> bool {
        !matches!(self, Self::Text | Self::None)
    }
}

/// What a form may need besides the report.
#[derive(Clone, Debug)]
pub struct Setting {
    /// How much is said to people; the forms for programs say everything.
    pub verbosity: Verbosity,
    /// The colours of text.
    pub palette: Palette,
    /// Where paths begin in the forms for hosts of code.
    pub repository: Repository,
}

/// Writes a report in one of its forms to standard error; nobody is there to be told where that fails.
pub fn to_stderr(form: ReportForm, report: &Report, setting: &Setting) {
    match form {
        ReportForm::Text => {
            let take = &mut |chunk: &str| super::to_stderr(chunk);
            report_text::render_to(take, report, setting.verbosity, setting.palette);
        }
        _ => super::to_stderr(&render(form, report, setting)),
    }
}

/// A report in one of its forms, ready to be written.
#[must_use]
pub fn render(form: ReportForm, report: &Report, setting: &Setting) -> String {
    match form {
        ReportForm::Text => report_text::render(report, setting.verbosity, setting.palette),
        ReportForm::Json => report_json::render(report),
        ReportForm::Github => report_github::render(report, setting.verbosity, &setting.repository),
        ReportForm::Sarif => report_sarif::render(report, &setting.repository),
        ReportForm::Gitlab => report_gitlab::render(report, &setting.repository),
        ReportForm::None => report_text::errors(report, setting.palette),
    }
}
