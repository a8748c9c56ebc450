//! The report of a run to where it was asked for: standard error, a file, or both.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::diagnostic::Diagnostic;
use crate::input;
use crate::output::color::Palette;
use crate::output::report::{ReportForm, Setting, render, to_stderr};
use crate::output::report_file::ReportFile;
use crate::report::{Ending, Event, Report};
use crate::settings::Reporting;

/// Takes a run's report at its end, however it ends.
#[derive(Debug)]
pub(crate) struct Publisher {
    pub(crate) form: ReportForm,
    pub(crate) setting: Setting,
    /// The report file, ready to be written.
    pub(crate) file: Option<ReportFile>,
    /// Whether standard error gets anything; off where it was told in another way, or where nobody
    /// reads the result.
    pub(crate) says_text: bool,
}

impl Publisher {
    /// Opens the report file, if one is named.
    ///
    /// # Errors
    /// Where there can be none, or it would take the place of something that is `named` to be read:
    /// that is said, and the exit code given.
    pub(crate) fn new(reporting: Reporting, named: &[PathBuf]) -> Result<Self, ExitCode> {
        let mut publisher = Self {
            form: reporting.form,
            setting: reporting.setting,
            file: None,
            says_text: true,
        };
        let Some(path) = reporting.file.filter(|path| path.as_os_str() != "-") else {
            return Ok(publisher);
        };
        match ReportFile::open(&path) {
            Ok(file) => {
                if let Some(path) = named.iter().find(|path| file.is(path)) {
                    let path = path.display();
                    let message = format!("--report-file would take the place of {path}");
                    publisher.form = ReportForm::Text;
                    return Err(publisher.refuse([Diagnostic::error("usage", message)]));
                }
                publisher.file = Some(file);
                Ok(publisher)
            }
            Err(error) => {
                let why = input::describe(&error);
                let message = format!("--report-file {}: {why}", path.display());
                publisher.form = ReportForm::Text;
                let hint = "give the report a file of its own, in a folder that is there";
                Err(publisher.refuse([Diagnostic::error("output-failed", message).hint(hint)]))
            }
        }
    }

    /// Leaves the report file as it is: it would take the place of something else.
    pub(crate) fn drop_file(&mut self) {
        self.file = None;
        self.form = ReportForm::Text;
    }

    /// Ends a run that did not begin.
    pub(crate) fn refuse(self, errors: impl IntoIterator<Item = Diagnostic>) -> ExitCode {
        let mut report = Report {
            ending: Ending::Refused,
            ..Report::default()
        };
        for error in errors {
            report.add(Event::Diagnostic(Box::new(error)));
        }
        self.publish(report)
    }

    /// Writes the report, and gives the exit code: that of the run, unless the report cannot be
    /// kept.
    pub(crate) fn publish(self, mut report: Report) -> ExitCode {
        for path in self.file.iter().flat_map(|file| &file.swept) {
            report.add(Event::Diagnostic(Box::new(leftover_removed(path))));
        }
        let Some(file) = self.file else {
            if self.says_text {
                to_stderr(self.form, &report, &self.setting);
            }
            return end(report);
        };
        let plain = Setting {
            palette: Palette::off(),
            ..self.setting.clone()
        };
        if let Err(error) = file.write(&render(self.form, &report, &plain)) {
            let message = format!("--report-file: {}", input::describe(&error));
            let error = Diagnostic::error("output-failed", message);
            report.add(Event::Diagnostic(Box::new(error)));
            if report.ending.code() == Ending::Done.code() {
                report.ending = Ending::FailedAfterwards;
            }
        }
        if self.says_text {
            to_stderr(ReportForm::Text, &report, &self.setting);
        }
        end(report)
    }
}

/// The exit code of a run, which is over: what is said of very many workloads need not be taken apart for that.
fn end(report: Report) -> ExitCode {
    let code = report.ending.code();
    std::mem::forget(report);
    ExitCode::from(code)
}

/// A run that was cut off left a temporary file behind, which is gone now.
pub(crate) fn leftover_removed(path: &Path) -> Diagnostic {
    let path = path.display();
    let message = format!("{path}: a run that was cut off left this temporary file; it is removed");
    Diagnostic::note("leftover-removed", message)
}

/// Everything that arguments and environment may name as something to read: words that are none
/// name nothing. The value of `--report-file` is not among them.
pub(crate) fn named(
    arguments: &[OsString],
    environment: &dyn Fn(&str) -> Option<String>,
) -> Vec<PathBuf> {
    let mut named = Vec::new();
    let mut is_report = false;
    for word in arguments.iter().skip(1) {
        let text = word.to_str().unwrap_or_default();
        if !is_report && !text.starts_with("--report-file=") {
            let value = text.split_once('=').map_or(text, |(_, value)| value);
            named.extend([PathBuf::from(word), PathBuf::from(value)]);
        }
        is_report = text == "--report-file";
    }
    let variables = [
        "DATAKIT_INJECT_FILENAME",
        "DATAKIT_INJECT_CONFIG",
        "DATAKIT_INJECT_PREVIOUS_CONFIG",
        "ENV_CONFIG_FILE",
    ];
    named.extend(
        variables
            .into_iter()
            .filter_map(environment)
            .map(PathBuf::from),
    );
    named.retain(|path| !path.as_os_str().is_empty());
    named
}
