//! Checks what the injections of the inputs rely on, and says so on standard output.

use std::process::ExitCode;

use super::{Run, stdout};
use crate::config::Configuration;
use crate::input::Input;
use crate::output::preflight::{Setting, render};
use crate::output::width;
use crate::preflight::{Checkup, Cluster, Configured, Status, examine};
use crate::report::{Ending, Event};
use crate::rewrite::{Rewriter, Surveyor};
use crate::work::Work;

impl Run {
    /// Looks at the inputs, makes the checks, and writes what they say: unless an input cannot be read,
    /// since then the checks would speak of a cluster with holes.
    pub(super) fn preflight(mut self, config: &Configuration, inputs: &[Input]) -> ExitCode {
        let rewriter = Rewriter {
            work: Work::Inject,
            rules: &config.rules,
            previous: None,
            switches: &self.settings.switches,
            any_logs: false,
            lookup: &self.settings.lookup,
            format: None,
            tells_untouched: false,
            tells_missing: true,
            tells_stale: false,
            limits: &self.settings.limits,
        };
        let configured = Configured::of(&config.rules);
        let surveyor = Surveyor {
            rewriter: &rewriter,
            configured: &configured,
        };
        let mut seen = Vec::new();
        let mut events = Vec::new();
        let (mut files, mut documents) = (0, 0);
        let read = self.on_each(
            inputs,
            || rewriter.bench(),
            |source, jobs| surveyor.survey(source, jobs),
            |bench, source| surveyor.survey_with(bench, source),
            |_, result| match result {
                Ok(mut surveyed) => {
                    files += 1;
                    documents += surveyed.documents;
                    seen.append(&mut surveyed.seen);
                    events.extend(surveyed.diagnostics.into_iter().map(Event::Diagnostic));
                }
                Err(error) => events.push(Event::Diagnostic(error)),
            },
        );
        if let Err(error) = read {
            events = vec![Event::Diagnostic(error)];
        }
        for event in events {
            self.report.add(event);
        }
        if self.report.summary.errors > 0 {
            return self.finish(Ending::Failed);
        }
        let checkup = examine(&Cluster::new(seen));
        let ending = self.ending_of(&checkup);
        let setting = Setting {
            form: self.settings.checkup.form,
            quiet: self.settings.checkup.quiet,
            palette: self.settings.stdout,
            width: width::of_stdout(),
            configuration: &config.origin.description,
            read: (files, documents),
            exit_code: ending.code(),
        };
        let written = stdout([render(&checkup, &setting).as_str()]);
        self.close(written, ending)
    }

    /// How checks end: the gravest of what they found.
    fn ending_of(&self, checkup: &Checkup) -> Ending {
        let warned = self.report.summary.warnings > 0 || checkup.count(Status::Unknown) > 0;
        if checkup.count(Status::Fail) > 0 {
            Ending::Found
        } else if self.settings.strict && warned {
            Ending::WarnedAfterwards
        } else {
            Ending::Done
        }
    }
}
