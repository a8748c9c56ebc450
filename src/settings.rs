//! What the command line means: arguments and environment, settled. Whoever has the settings needs
//! neither any more.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::{
    Arguments, ColorWhen, Given, InjectionName, OperatorVersion, OutputFormat, ReportName, Typed,
};
use crate::config::{Dialect, Named};
use crate::convert::Format;
use crate::diagnostic::{Diagnostic, Sink};
use crate::hosts::Options;
use crate::inject::{Injection, Switches};
use crate::input::FileSelection;
use crate::output::color::{ColorChoice, Palette, palettes};
use crate::output::report::{ReportForm, Setting};
use crate::output::repository::Repository;
use crate::parallel;
use crate::report::Verbosity;
use crate::workload::Lookup;

/// The namespace of objects that name none, where nobody else does.
const DEFAULT_NAMESPACE: &str = "default";

/// Where the result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Manifests to standard output.
    Stdout,
    /// The files themselves.
    InPlace,
    /// A tree below a folder.
    Folder(PathBuf),
    /// A diff to standard output, or nothing but an exit code, or both.
    Nowhere {
        /// Print a diff.
        diff: bool,
        /// Exit with 1 where something would change.
        check: bool,
    },
}

/// Where the report goes, and how it looks. Settled before everything else, so that wrong usage of
/// the other options is reported as it was asked for.
#[derive(Clone, Debug)]
pub struct Reporting {
    /// Its form: in the file where there is one, else on standard error.
    pub form: ReportForm,
    /// The file; standard error then has the text.
    pub file: Option<PathBuf>,
    /// What the forms need.
    pub setting: Setting,
}

impl Reporting {
    /// Settles what the arguments say of the report.
    #[must_use]
    pub fn new(arguments: &Arguments, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let working_directory = std::env::current_dir().unwrap_or_default();
        Self {
            form: form(arguments.report.report),
            file: (arguments.report.report_file.clone())
                .filter(|path| !path.as_os_str().is_empty()),
            setting: Setting {
                verbosity: match (arguments.report.quiet, arguments.report.verbose) {
                    (true, _) => Verbosity::Quiet,
                    (_, true) => Verbosity::Verbose,
                    _ => Verbosity::Normal,
                },
                palette: palettes(color_choice(arguments), environment).1,
                repository: Repository::new(&working_directory, environment),
            },
        }
    }

    /// The report file and its form in arguments that cannot be read as a whole: hosts that hide
    /// standard error leave nothing else to say why. Nothing where no file is named.
    #[must_use]
    pub fn of_misused(
        arguments: &[OsString],
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Self> {
        let words: Vec<&str> = arguments
            .iter()
            .filter_map(|word| word.to_str())
            .take_while(|word| *word != "--")
            .collect();
        let value = |option: &str, variable: &str| {
            let given = words.iter().enumerate().find_map(|(index, word)| {
                match word.strip_prefix(option)? {
                    "" => words.get(index + 1).copied(),
                    rest => rest.strip_prefix('='),
                }
            });
            given.map(str::to_owned).or_else(|| environment(variable))
        };
        let file = value("--report-file", "DATAKIT_INJECT_REPORT_FILE")?;
        let name = value("--report", "DATAKIT_INJECT_REPORT").unwrap_or_default();
        let name = ReportName::from_str(&name, false).unwrap_or(ReportName::Text);
        (!file.is_empty()).then(|| Self {
            form: form(name),
            file: Some(PathBuf::from(file)),
            setting: Setting {
                verbosity: Verbosity::default(),
                palette: Palette::off(),
                repository: Repository::default(),
            },
        })
    }
}

fn form(name: ReportName) -> ReportForm {
    match name {
        ReportName::Text => ReportForm::Text,
        ReportName::Json => ReportForm::Json,
        ReportName::Github => ReportForm::Github,
        ReportName::Sarif => ReportForm::Sarif,
        ReportName::Gitlab => ReportForm::Gitlab,
        ReportName::None => ReportForm::None,
    }
}

fn color_choice(arguments: &Arguments) -> ColorChoice {
    match arguments.report.color {
        ColorWhen::Auto => ColorChoice::Auto,
        ColorWhen::Always => ColorChoice::Always,
        ColorWhen::Never => ColorChoice::Never,
    }
}

/// Everything that a run depends on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Paths to read; none is standard input.
    pub paths: Vec<String>,
    /// Which files below directories are read.
    pub selection: FileSelection,
    /// The configuration, where one was named.
    pub config: Option<Named>,
    /// The release to follow, where one was named.
    pub dialect: Option<Dialect>,
    /// How pod templates are found.
    pub lookup: Lookup,
    /// Which injections are made.
    pub switches: Switches,
    only: Vec<Injection>,
    skip: Vec<Injection>,
    given: Given,
    /// The format to convert to.
    pub format: Option<Format>,
    /// Where the result goes.
    pub destination: Destination,
    /// The number of worker threads; at least one.
    pub jobs: usize,
    /// Whether a warning is an error.
    pub strict: bool,
    /// Whether documents that are left alone are reported.
    pub tells_untouched: bool,
    /// Whether an injection that is asked for, and is not there, is a finding of `--check`.
    pub require_injected: bool,
    /// The colours of standard output.
    pub stdout: Palette,
}

impl Settings {
    /// Settles what was typed, with the environment for what it leaves open. Wrong usage goes to
    /// `sink`.
    pub fn new(
        typed: Typed,
        environment: &dyn Fn(&str) -> Option<String>,
        sink: &mut dyn Sink,
    ) -> Option<Self> {
        let Typed { arguments, given } = typed;
        let destination = destination(&arguments, sink)?;
        check_report(&arguments, sink)?;
        let stdout = palettes(color_choice(&arguments), environment).0;
        let mut paths = arguments.input.paths;
        paths.extend(arguments.input.filename);
        let standard_input = paths.is_empty() || paths.iter().any(|path| path == "-");
        let nameless = match destination {
            Destination::InPlace => Some("--in-place"),
            Destination::Folder(_) => Some("--output-dir"),
            _ => None,
        };
        if let Some(option) = nameless.filter(|_| standard_input) {
            sink.report(
                Diagnostic::error(
                    "usage",
                    format!("{option} needs files: standard input has no name to write to"),
                )
                .hint("name a file or a directory"),
            );
            return None;
        }
        let variable = |name: &str| environment(name).filter(|value| !value.is_empty());
        let namespace = arguments
            .rules
            .namespace
            .filter(|namespace| !namespace.is_empty())
            .or_else(|| variable("ARGOCD_APP_NAMESPACE"))
            .or_else(|| variable("HELM_NAMESPACE"))
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        let (only, skip) = (
            injections(&arguments.rules.only),
            injections(&arguments.rules.skip),
        );
        Some(Self {
            paths,
            selection: FileSelection {
                exclude: arguments.input.exclude,
                allow_empty: arguments.input.allow_empty,
                replaced: destination == Destination::InPlace,
            },
            // What the environment names is found there, and said to come from there.
            config: arguments
                .rules
                .config
                .filter(|_| given.has("config"))
                .map(|path| Named::File {
                    path,
                    by: "--config",
                    confined: false,
                }),
            dialect: arguments
                .rules
                .operator_version
                .map(|version| match version {
                    OperatorVersion::V1_5 => Dialect::V1,
                    OperatorVersion::V1_9 => Dialect::V2,
                }),
            lookup: Lookup {
                carriers: arguments.input.pod_template,
                namespace,
            },
            switches: switches(&only, &skip),
            only,
            skip,
            format: arguments.output.output.map(|format| match format {
                OutputFormat::Yaml => Format::Yaml,
                OutputFormat::Json => Format::Json,
            }),
            destination,
            jobs: arguments
                .output
                .jobs
                .map_or_else(parallel::available, usize::from),
            strict: arguments.report.strict,
            tells_untouched: arguments.report.verbose,
            require_injected: arguments.output.require_injected,
            stdout,
            given,
        })
    }

    /// Takes the host's options (`spec/4-hosts.md`): they win over the environment, and what stands
    /// on the command line wins over them.
    pub fn take(&mut self, options: Options) {
        let given = &self.given;
        if let Some(config) = options.config.filter(|_| !given.has("config")) {
            self.config = Some(config);
        }
        if let Some(namespace) = options.namespace.filter(|_| !given.has("namespace")) {
            self.lookup.namespace = namespace;
        }
        if let Some(dialect) = options.dialect.filter(|_| !given.has("operator_version")) {
            self.dialect = Some(dialect);
        }
        if let Some(carriers) = options.carriers.filter(|_| !given.has("pod_template")) {
            self.lookup.carriers = carriers;
        }
        if let Some(strict) = options.strict.filter(|_| !given.has("strict")) {
            self.strict = strict;
        }
        if let Some(only) = options.only.filter(|_| !given.has("only")) {
            self.only = only;
        }
        if let Some(skip) = options.skip.filter(|_| !given.has("skip")) {
            self.skip = skip;
        }
        self.switches = switches(&self.only, &self.skip);
    }
}

fn destination(arguments: &Arguments, sink: &mut dyn Sink) -> Option<Destination> {
    let asked = [
        ("--in-place", arguments.output.in_place),
        ("--output-dir", arguments.output.output_dir.is_some()),
        ("--diff", arguments.output.diff),
        ("--check", arguments.output.check),
    ];
    let asked: Vec<&str> = asked
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| name)
        .collect();
    match asked[..] {
        [] => Some(Destination::Stdout),
        ["--in-place"] => Some(Destination::InPlace),
        ["--output-dir"] => arguments.output.output_dir.clone().map(Destination::Folder),
        ["--diff" | "--check"] | ["--diff", "--check"] => Some(Destination::Nowhere {
            diff: arguments.output.diff,
            check: arguments.output.check,
        }),
        _ => {
            sink.report(
                Diagnostic::error(
                    "usage",
                    format!("{} cannot be used together", asked.join(" and ")),
                )
                .hint(
                    "each of them says where the result goes; only --diff and --check go together",
                ),
            );
            None
        }
    }
}

/// Nothing where the options on checks and reports do not fit together.
fn check_report(arguments: &Arguments, sink: &mut dyn Sink) -> Option<()> {
    if arguments.output.require_injected && !arguments.output.check {
        let message = "--require-injected goes with --check";
        let hint = "add --check: what is missing is found, and nothing is written";
        sink.report(Diagnostic::error("usage", message).hint(hint));
        return None;
    }
    let Some(file) = &arguments.report.report_file else {
        return Some(());
    };
    if arguments.report.report == ReportName::None {
        let message = "--report none leaves --report-file without a report";
        sink.report(Diagnostic::error("usage", message).hint("leave one of the two out"));
        return None;
    }
    if file.as_os_str() == "-" {
        let message = "--report-file names a file, and standard output carries manifests";
        let hint = "without --report-file the report goes to standard error";
        sink.report(Diagnostic::error("usage", message).hint(hint));
        return None;
    }
    Some(())
}

/// Which injections are off: those that `--only` does not name, and those that `--skip` names.
fn switches(only: &[Injection], skip: &[Injection]) -> Switches {
    Switches::new((!only.is_empty()).then_some(only), skip)
}

fn injections(list: &[InjectionName]) -> Vec<Injection> {
    let named = |name: &InjectionName| match name {
        InjectionName::Ddtrace => Injection::Ddtrace,
        InjectionName::Otel => Injection::Otel,
        InjectionName::Logfwd => Injection::Logfwd,
        InjectionName::Flameshot => Injection::Flameshot,
        InjectionName::Profiler => Injection::Profiler,
        InjectionName::Logging => Injection::Logging,
    };
    list.iter().map(named).collect()
}
