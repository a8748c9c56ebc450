//! What a run works with: the configuration in force, and what is to be read. Every kind of work on
//! manifests begins here.

use std::path::Path;

use super::Run;
use crate::config::{self, Configuration};
use crate::diagnostic::{Diagnostic, Severity};
use crate::input::Input;
use crate::report::{ConfigurationInForce, Event};
use crate::settings::Destination;

/// What a run works with.
pub(super) struct Loaded {
    /// The configuration in force, with its rules.
    pub(super) config: Configuration,
    /// The configuration that injections were made with before, where one is named.
    pub(super) previous: Option<Configuration>,
    /// What is to be read, in its order.
    pub(super) inputs: Vec<Input>,
}

impl Run {
    /// Settles what the host asks for, reads the configuration, and finds the inputs. What is odd
    /// about them goes to the report; nothing is given where the run cannot go on, and then the report
    /// has the errors. A path that is not there is an error in the report, too, but the others are
    /// given, so that one run names the errors of all of them.
    pub(super) fn load(&mut self, environment: &dyn Fn(&str) -> Option<String>) -> Option<Loaded> {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        // Relative paths are looked up from here, by whatever name.
        let folder = Path::new(".");
        let Some(options) = self.host.options(folder, &mut diagnostics) else {
            self.add_all(diagnostics);
            return None;
        };
        self.settings.take(options);
        let config = config::find(
            self.settings.config.as_ref(),
            environment,
            self.settings.dialect,
            &mut diagnostics,
        );
        // Rules are read list by list; people read from top to bottom.
        diagnostics.sort_by_cached_key(Diagnostic::place);
        let Some(config) = config else {
            // What follows from an error is no news.
            diagnostics.retain(|one| one.severity == Severity::Error);
            self.add_all(diagnostics);
            return None;
        };
        let previous = match &self.settings.previous {
            None => None,
            Some(named) => {
                let mut found = Vec::new();
                let dialect = self.settings.dialect;
                let previous = config::find(Some(named), environment, dialect, &mut found);
                // What is odd about it is no business of today's.
                found.retain(|one| one.severity == Severity::Error);
                if previous.is_none() {
                    self.add_all(found);
                    return None;
                }
                previous
            }
        };
        self.report.configuration = Some(ConfigurationInForce {
            origin: config.origin.description.clone(),
            operator_version: config.dialect.operator_version(),
            source: config.text.source().clone(),
        });
        let mut inputs = self
            .settings
            .selection
            .gather(&self.settings.paths, &mut diagnostics);
        self.add_all(diagnostics);
        if let Err(diagnostic) = self.keep_report_apart(&mut inputs) {
            self.publisher.drop_file();
            self.report.add(Event::Diagnostic(diagnostic));
            return None;
        }
        Some(Loaded {
            config,
            previous,
            inputs,
        })
    }

    /// Leaves the report of an earlier run out of the inputs.
    ///
    /// # Errors
    /// Where the report would take the place of a manifest that is written.
    fn keep_report_apart(&self, inputs: &mut Vec<Input>) -> Result<(), Box<Diagnostic>> {
        let Some(file) = &self.publisher.file else {
            return Ok(());
        };
        inputs.retain(|input| match input {
            Input::File { path, .. } => !file.is(path),
            Input::Standard => true,
        });
        let Destination::Folder(root) = &self.settings.destination else {
            return Ok(());
        };
        let written = inputs.iter().filter_map(Input::relative);
        let written = written.map(|relative| root.join(relative));
        for path in written {
            if file.is(&path) {
                let message = format!("--report-file would take the place of {}", path.display());
                return Err(Box::new(Diagnostic::error("usage", message)));
            }
        }
        Ok(())
    }

    /// Adds what there is to say to the report.
    pub(super) fn add_all(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.report.add(Event::Diagnostic(Box::new(diagnostic)));
        }
    }
}
