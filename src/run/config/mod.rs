//! `datakit-inject config`: a configuration is found, checked, printed or carried over
//! (`migrate.rs`).

mod migrate;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use super::write::{NotWritten, end, stdout};
use crate::cli::{
    CheckArguments, ConfigArguments, ConfigCommand, Given, ReadingOptions, ShowArguments,
    ShownForm, SourceOptions,
};
use crate::config::text::ConfigText;
use crate::config::{self, Dialect, Named, Origin};
use crate::diagnostic::Diagnostic;
use crate::input::{self, Input, STANDARD_INPUT};
use crate::limits::Limits;
use crate::output::color::palettes;
use crate::output::{Written, shown_rules, width};
use crate::publish::{Publisher, named};
use crate::report::{About, ConfigurationInForce, Ending, Event, ReadFile, Report};
use crate::settings::{Reporting, check_report_file, color_choice, dialect};

/// Does what was asked for; `words` are the arguments as they were typed, and `given` those of them
/// that stand on the command line itself.
pub(super) fn run(
    arguments: &ConfigArguments,
    given: &Given,
    words: &[OsString],
    environment: &dyn Fn(&str) -> Option<String>,
) -> ExitCode {
    let (about, options) = match &arguments.command {
        ConfigCommand::Check(own) => (About::CheckedConfigurations, &own.report),
        ConfigCommand::Show(own) => (About::ShownConfiguration, &own.report),
        ConfigCommand::Migrate(own) => (About::MigratedConfiguration, &own.report),
    };
    let reporting = Reporting::new(options, environment);
    let publisher = match Publisher::new(reporting, &named(words, environment)) {
        Ok(publisher) => publisher,
        Err(code) => return code,
    };
    let run = ConfigRun {
        publisher,
        report: Report {
            about,
            ..Report::default()
        },
        strict: options.strict,
        given,
        environment,
    };
    let mut usage: Vec<Diagnostic> = Vec::new();
    if check_report_file(options, &mut usage).is_none() {
        return run.publisher.refuse(usage);
    }
    match &arguments.command {
        ConfigCommand::Check(own) => run.check(own),
        ConfigCommand::Show(own) => run.show(own),
        ConfigCommand::Migrate(own) => run.migrate(own),
    }
}

/// A run over configurations.
struct ConfigRun<'r> {
    publisher: Publisher,
    report: Report,
    strict: bool,
    given: &'r Given,
    environment: &'r dyn Fn(&str) -> Option<String>,
}

type Found = (Origin, ConfigText);

impl ConfigRun<'_> {
    fn check(mut self, arguments: &CheckArguments) -> ExitCode {
        self.report.dry_run = true;
        let paths = once_each(&arguments.paths);
        let asked = match self.named_once(!paths.is_empty(), &arguments.source) {
            Ok(asked) => asked,
            Err(error) => return self.publisher.refuse([*error]),
        };
        let told = told(&arguments.reading);
        if paths.is_empty() {
            self.check_one(None, asked, told);
        }
        for path in paths {
            self.check_one(Some(path), None, told);
        }
        let ending = self.ending();
        self.finish(ending)
    }

    fn check_one(&mut self, path: Option<&str>, asked: Option<Named>, told: Option<Dialect>) {
        let Some((_, text)) = self.find(path, asked) else {
            // It was asked for, and so it counts.
            self.report.summary.files += 1;
            return;
        };
        self.add_file(&text, false);
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        config::check(&text, told, &mut diagnostics);
        self.add_all(diagnostics);
    }

    fn show(mut self, arguments: &ShowArguments) -> ExitCode {
        let path = arguments.path.as_deref();
        let asked = match self.named_once(path.is_some(), &arguments.source) {
            Ok(asked) => asked,
            Err(error) => return self.publisher.refuse([*error]),
        };
        let Some((origin, text)) = self.find(path, asked) else {
            return self.finish(Ending::Failed);
        };
        self.add_file(&text, false);
        let told = told(&arguments.reading);
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let config = config::read(origin, text, told, &mut diagnostics);
        in_order(&mut diagnostics);
        self.add_all(diagnostics);
        let Some(config) = config else {
            return self.finish(Ending::Failed);
        };
        let by_option = self.given.has("operator_version");
        let reason = match (told, config.dialect) {
            (Some(_), _) if by_option => "as --operator-version says",
            (Some(_), _) => "as DATAKIT_INJECT_OPERATOR_VERSION says",
            (None, Dialect::V1) => "since it has no admission_inject_v2",
            (None, Dialect::V2) => "since it has admission_inject_v2",
        };
        let origin = &config.origin.description;
        let version = config.dialect.operator_version();
        let provenance = [
            ("Configuration", origin.clone()),
            ("Read as", format!("operator {version}, {reason}")),
        ];
        let text = match arguments.output {
            ShownForm::Json => {
                let [(_, origin), (_, reading)] = &provenance;
                let message = format!("this is {origin}, read as {reading}");
                let note = Diagnostic::note("configuration-origin", message);
                self.report.add(Event::Diagnostic(Box::new(note)));
                config.shown()
            }
            ShownForm::Text => {
                let palette = palettes(color_choice(&arguments.report), self.environment).0;
                shown_rules::render(&config, &provenance, width::of_stdout(), palette)
            }
        };
        self.report.configuration = Some(ConfigurationInForce {
            origin: origin.clone(),
            operator_version: config.dialect.operator_version(),
            source: config.text.source().clone(),
        });
        if let Some(failed) = self.strict_ending() {
            return self.finish(failed);
        }
        let written = stdout([text.as_str()]);
        self.close(written, Ending::Done)
    }

    /// The configuration that `--config` names, where no path does.
    ///
    /// # Errors
    /// Where both do.
    fn named_once(
        &self,
        has_path: bool,
        source: &SourceOptions,
    ) -> Result<Option<Named>, Box<Diagnostic>> {
        // What the environment names is found there, and said to come from there.
        let path = source.config.clone().filter(|_| self.given.has("config"));
        if has_path && path.is_some() {
            let message = "the configuration is named twice, by a PATH and by --config";
            let error = Diagnostic::error("usage", message).hint("leave one of the two out");
            return Err(Box::new(error));
        }
        let by = "--config";
        Ok(path.map(|path| Named::File {
            path,
            by,
            confined: false,
        }))
    }

    /// The configuration at a path, else the one that was `asked` for, else the one in force.
    fn find(&mut self, path: Option<&str>, asked: Option<Named>) -> Option<Found> {
        if path == Some("-") {
            let found =
                input::read(&Input::Standard, 1, &Limits::default()).and_then(config::find_in);
            let origin = Origin {
                description: STANDARD_INPUT.to_owned(),
            };
            return match found {
                Ok(text) => Some((origin, text)),
                Err(error) => {
                    self.report.add(Event::Diagnostic(error));
                    None
                }
            };
        }
        let named = path.map(|path| Named::File {
            path: path.to_owned(),
            by: "the command line",
            confined: false,
        });
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let found = config::locate(named.or(asked).as_ref(), self.environment, &mut diagnostics);
        self.add_all(diagnostics);
        found
    }

    fn add_file(&mut self, text: &ConfigText, changed: bool) {
        self.report.summary.files += 1;
        self.report.summary.changed += usize::from(changed);
        self.report.files.push(ReadFile {
            path: text.source().name().clone(),
            documents: 1,
            changed,
        });
    }

    fn add_all(&mut self, diagnostics: Vec<Diagnostic>) {
        for diagnostic in diagnostics {
            self.report.add(Event::Diagnostic(Box::new(diagnostic)));
        }
    }

    /// How a run ends where a warning is an error, and there was one.
    fn strict_ending(&self) -> Option<Ending> {
        (self.strict && self.report.summary.warnings > 0).then_some(Ending::Warned)
    }

    fn ending(&self) -> Ending {
        if self.report.summary.errors > 0 {
            Ending::Failed
        } else {
            self.strict_ending().unwrap_or(Ending::Done)
        }
    }

    /// Ends the run after something was written, or was not.
    fn close(mut self, written: Result<Written, NotWritten>, ending: Ending) -> ExitCode {
        let ending = end(written, ending, &mut self.report, &mut self.publisher);
        self.finish(ending)
    }

    fn finish(mut self, ending: Ending) -> ExitCode {
        self.report.ending = ending;
        self.publisher.publish(self.report)
    }
}

/// The paths in their order without those that come again, as other commands take theirs: standard
/// input can be read once alone.
fn once_each(paths: &[String]) -> Vec<&str> {
    let mut seen: HashSet<PathBuf> = HashSet::new();
    let paths = paths.iter().map(String::as_str);
    paths
        .filter(|path| {
            let parts = Path::new(path).components();
            seen.insert(parts.filter(|part| *part != Component::CurDir).collect())
        })
        .collect()
}

fn told(reading: &ReadingOptions) -> Option<Dialect> {
    reading.operator_version.map(dialect)
}

/// People read from top to bottom.
fn in_order(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_cached_key(Diagnostic::place);
}
