//! What the command line means: arguments and environment, settled. Whoever has the settings needs
//! neither any more.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::cli::{
    Arguments, CheckupName, ColorWhen, Command, ConfigArguments, ExplainArguments, ExplainOptions,
    ExplanationName, Given, InjectOptions, InjectionName, InputOptions, OperatorVersion,
    OutputFormat, OutputOptions, PreflightArguments, PreflightOptions, RemoveArguments, ReportName,
    ReportOptions, RuleOptions, Typed, Verb,
};
use crate::config::{Dialect, Named};
use crate::convert::Format;
use crate::diagnostic::{Diagnostic, Sink};
use crate::explanation::WorkloadPattern;
use crate::hosts::Options;
use crate::inject::{Injection, Switches};
use crate::input::FileSelection;
use crate::limits::Limits;
use crate::output::color::{ColorChoice, Palette, palettes};
use crate::output::explain::ExplanationForm;
use crate::output::preflight::CheckupForm;
use crate::output::report::{ReportForm, Setting};
use crate::output::repository::Repository;
use crate::parallel;
use crate::report::Verbosity;
use crate::work::Work;
use crate::workload::Lookup;

/// The namespace of objects that name none, where nobody else does.
const DEFAULT_NAMESPACE: &str = "default";

/// A run over manifests as it was typed: the same options serve each kind of work.
#[derive(Clone, Debug)]
pub struct Job {
    /// What is done.
    pub work: Work,
    input: InputOptions,
    rules: RuleOptions,
    inject: InjectOptions,
    explain: ExplainOptions,
    preflight: PreflightOptions,
    output: OutputOptions,
    /// What is said of it.
    pub report: ReportOptions,
    given: Given,
}

impl Job {
    /// The job that was typed.
    ///
    /// # Errors
    /// Where it is none: a command that does something else than working on manifests.
    pub fn new(typed: Typed) -> Result<Self, Otherwise> {
        let Typed { arguments, given } = typed;
        let Arguments {
            verb,
            input,
            rules,
            inject,
            output,
            report,
        } = arguments;
        match verb {
            None => Ok(Self {
                work: if inject.refresh {
                    Work::Refresh
                } else {
                    Work::Inject
                },
                input,
                rules,
                inject,
                explain: ExplainOptions::default(),
                preflight: PreflightOptions::default(),
                output,
                report,
                given,
            }),
            Some(Verb::Remove(arguments)) => {
                let RemoveArguments {
                    input,
                    rules,
                    output,
                    report,
                } = *arguments;
                Ok(Self {
                    work: Work::Remove,
                    input,
                    rules,
                    inject: InjectOptions::default(),
                    explain: ExplainOptions::default(),
                    preflight: PreflightOptions::default(),
                    output,
                    report,
                    given,
                })
            }
            Some(Verb::Preflight(arguments)) => {
                let PreflightArguments {
                    input,
                    rules,
                    preflight,
                } = *arguments;
                Ok(Self {
                    work: Work::Preflight,
                    input,
                    rules,
                    inject: InjectOptions::default(),
                    output: OutputOptions {
                        jobs: preflight.jobs,
                        ..OutputOptions::default()
                    },
                    // The result of the checks is the report; what is odd is said as everywhere.
                    report: ReportOptions {
                        strict: preflight.strict,
                        color: preflight.color,
                        quiet: true,
                        ..ReportOptions::default()
                    },
                    explain: ExplainOptions::default(),
                    preflight,
                    given,
                })
            }
            Some(Verb::Explain(arguments)) => {
                let ExplainArguments {
                    input,
                    rules,
                    explain,
                } = *arguments;
                Ok(Self {
                    work: Work::Explain,
                    input,
                    rules,
                    inject: InjectOptions::default(),
                    output: OutputOptions {
                        jobs: explain.jobs,
                        ..OutputOptions::default()
                    },
                    // The explanation is the report; what is odd is said as everywhere.
                    report: ReportOptions {
                        strict: explain.strict,
                        color: explain.color,
                        ..ReportOptions::default()
                    },
                    explain,
                    preflight: PreflightOptions::default(),
                    given,
                })
            }
            Some(Verb::Config(arguments)) => Err(Otherwise::Config(arguments, given)),
            Some(Verb::Other(command)) => Err(Otherwise::Command(command)),
        }
    }
}

/// What was typed, where that is no work on manifests.
#[derive(Clone, Debug)]
pub enum Otherwise {
    /// Something is done with the configuration itself; with the options on the command line.
    Config(Box<ConfigArguments>, Given),
    /// Anything else.
    Command(Command),
}

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

impl Destination {
    fn of(options: &OutputOptions, sink: &mut dyn Sink) -> Option<Self> {
        let folder = options.output_dir.clone();
        Self::new(options.in_place, folder, options.diff, options.check, sink)
    }

    /// The destination that the options of these names ask for. Options that do not go together are
    /// reported.
    pub fn new(
        in_place: bool,
        output_dir: Option<PathBuf>,
        diff: bool,
        check: bool,
        sink: &mut dyn Sink,
    ) -> Option<Self> {
        let asked = [
            ("--in-place", in_place),
            ("--output-dir", output_dir.is_some()),
            ("--diff", diff),
            ("--check", check),
        ];
        let asked: Vec<&str> = asked
            .into_iter()
            .filter(|(_, on)| *on)
            .map(|(name, _)| name)
            .collect();
        match asked[..] {
            [] => Some(Self::Stdout),
            ["--in-place"] => Some(Self::InPlace),
            ["--output-dir"] => output_dir.map(Self::Folder),
            ["--diff" | "--check"] | ["--diff", "--check"] => Some(Self::Nowhere { diff, check }),
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
    /// Settles what the options say of the report.
    #[must_use]
    pub fn new(options: &ReportOptions, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let working_directory = std::env::current_dir().unwrap_or_default();
        Self {
            form: form(options.report),
            file: (options.report_file.clone()).filter(|path| !path.as_os_str().is_empty()),
            setting: Setting {
                verbosity: match (options.quiet, options.verbose) {
                    (true, _) => Verbosity::Quiet,
                    (_, true) => Verbosity::Verbose,
                    _ => Verbosity::Normal,
                },
                palette: palettes(color_choice(options), environment).1,
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

/// When colours are used.
#[must_use]
pub fn color_choice(options: &ReportOptions) -> ColorChoice {
    match options.color {
        ColorWhen::Auto => ColorChoice::Auto,
        ColorWhen::Always => ColorChoice::Always,
        ColorWhen::Never => ColorChoice::Never,
    }
}

/// What is explained, and how.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    /// The workloads; all of them where none is named.
    pub workloads: Vec<WorkloadPattern>,
    /// The injections; all of them where none is named.
    pub injections: Vec<Injection>,
    /// The form of the explanation.
    pub form: ExplanationForm,
    /// Whether lists are told to their ends.
    pub tells_everything: bool,
}

/// How checks are told.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckupSetting {
    /// The form.
    pub form: CheckupForm,
    /// Whether what passes is left out.
    pub quiet: bool,
}

/// Everything that a run depends on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is done.
    pub work: Work,
    /// Paths to read; none is standard input.
    pub paths: Vec<String>,
    /// Which files below directories are read.
    pub selection: FileSelection,
    /// How much is taken in.
    pub limits: Limits,
    /// The configuration, where one was named.
    pub config: Option<Named>,
    /// The configuration that injections were made with before, where one was named.
    pub previous: Option<Named>,
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
    /// What is explained, and how.
    pub narrowed: Narrowed,
    /// How checks are told.
    pub checkup: CheckupSetting,
}

impl Settings {
    /// Settles what was typed, with the environment for what it leaves open. Wrong usage goes to
    /// `sink`.
    #[allow(
        clippy::too_many_lines,
        reason = "one value for each option, in their order"
    )]
    pub fn new(
        job: Job,
        environment: &dyn Fn(&str) -> Option<String>,
        sink: &mut dyn Sink,
    ) -> Option<Self> {
        let destination = if job.work.gives_manifests() {
            Destination::of(&job.output, sink)?
        } else {
            Destination::Nowhere {
                diff: false,
                check: false,
            }
        };
        check_report(&job, sink)?;
        let Job {
            work,
            input,
            rules,
            inject,
            explain,
            preflight,
            output,
            report,
            given,
        } = job;
        let stdout = palettes(color_choice(&report), environment).0;
        let limits = Limits::new(&input.limit);
        let mut paths = input.paths;
        paths.extend(input.filename);
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
        let namespace = rules
            .namespace
            .filter(|namespace| !namespace.is_empty())
            .or_else(|| variable("ARGOCD_APP_NAMESPACE"))
            .or_else(|| variable("HELM_NAMESPACE"))
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        let (only, skip) = (injections(&rules.only), injections(&rules.skip));
        Some(Self {
            work,
            paths,
            selection: FileSelection {
                exclude: input.exclude,
                allow_empty: input.allow_empty,
                replaced: destination == Destination::InPlace,
                limits,
            },
            limits,
            // What the environment names is found there, and said to come from there.
            config: rules
                .config
                .filter(|_| given.has("config"))
                .map(|path| Named::File {
                    path,
                    by: "--config",
                    confined: false,
                }),
            dialect: rules.operator_version.map(dialect),
            // Only where something is compared.
            previous: (inject
                .previous_config
                .filter(|_| inject.refresh || output.check))
            .map(|path| Named::File {
                path,
                by: "--previous-config",
                confined: false,
            }),
            lookup: Lookup {
                carriers: input.pod_template,
                namespace,
            },
            switches: switches(&only, &skip),
            only,
            skip,
            format: output.output.map(|format| match format {
                OutputFormat::Yaml => Format::Yaml,
                OutputFormat::Json => Format::Json,
            }),
            destination,
            jobs: output.jobs.map_or_else(parallel::available, usize::from),
            strict: report.strict,
            tells_untouched: report.verbose,
            require_injected: inject.require_injected,
            stdout,
            narrowed: Narrowed {
                workloads: explain.workload,
                injections: injections(&explain.injection),
                form: match explain.output {
                    ExplanationName::Text => ExplanationForm::Text,
                    ExplanationName::Json => ExplanationForm::Json,
                },
                tells_everything: explain.verbose,
            },
            checkup: CheckupSetting {
                form: match preflight.output {
                    CheckupName::Text => CheckupForm::Text,
                    CheckupName::Json => CheckupForm::Json,
                },
                quiet: preflight.quiet,
            },
            given,
        })
    }

    /// Whether `--only` names an injection.
    #[must_use]
    pub fn names(&self, injection: Injection) -> bool {
        self.only.contains(&injection)
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

/// Nothing where the options on checks and reports do not fit together.
fn check_report(job: &Job, sink: &mut dyn Sink) -> Option<()> {
    if job.inject.require_injected && !job.output.check {
        let message = "--require-injected goes with --check";
        let hint = "add --check: what is missing is found, and nothing is written";
        sink.report(Diagnostic::error("usage", message).hint(hint));
        return None;
    }
    let compares = job.inject.refresh || job.output.check;
    if job.given.has("previous_config") && !compares {
        let message = "--previous-config goes with --refresh or --check";
        let hint = "add --refresh: what that configuration set is replaced";
        sink.report(Diagnostic::error("usage", message).hint(hint));
        return None;
    }
    check_report_file(&job.report, sink)
}

/// Nothing where the options on the report do not fit together.
pub fn check_report_file(options: &ReportOptions, sink: &mut dyn Sink) -> Option<()> {
    let Some(file) = &options.report_file else {
        return Some(());
    };
    if options.report == ReportName::None {
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

/// The dialect of a release.
#[must_use]
pub fn dialect(version: OperatorVersion) -> Dialect {
    match version {
        OperatorVersion::V1_5 => Dialect::V1,
        OperatorVersion::V1_9 => Dialect::V2,
    }
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
