//! What the command line means: arguments and environment, settled. Whoever has the settings needs
//! neither any more.

use std::path::PathBuf;

use crate::cli::{
    Arguments, ColorWhen, Given, InjectionName, OperatorVersion, OutputFormat, Typed,
};
use crate::config::{Dialect, Named};
use crate::convert::Format;
use crate::diagnostic::{Diagnostic, Sink};
use crate::hosts::Options;
use crate::inject::{Injection, Switches};
use crate::input::FileSelection;
use crate::output::color::{ColorChoice, Palette, palettes};
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
    /// How much is reported.
    pub verbosity: Verbosity,
    /// The colours of standard output.
    pub stdout: Palette,
    /// The colours of standard error.
    pub stderr: Palette,
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
        let mut paths = arguments.paths;
        paths.extend(arguments.filename);
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
            .namespace
            .filter(|namespace| !namespace.is_empty())
            .or_else(|| variable("ARGOCD_APP_NAMESPACE"))
            .or_else(|| variable("HELM_NAMESPACE"))
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
        let choice = match arguments.color {
            ColorWhen::Auto => ColorChoice::Auto,
            ColorWhen::Always => ColorChoice::Always,
            ColorWhen::Never => ColorChoice::Never,
        };
        let (stdout, stderr) = palettes(choice, environment);
        let (only, skip) = (injections(&arguments.only), injections(&arguments.skip));
        Some(Self {
            paths,
            selection: FileSelection {
                exclude: arguments.exclude,
                allow_empty: arguments.allow_empty,
            },
            // What the environment names is found there, and said to come from there.
            config: arguments
                .config
                .filter(|_| given.has("config"))
                .map(|path| Named::File {
                    path,
                    by: "--config",
                }),
            dialect: arguments.operator_version.map(|version| match version {
                OperatorVersion::V1_5 => Dialect::V1,
                OperatorVersion::V1_9 => Dialect::V2,
            }),
            lookup: Lookup {
                carriers: arguments.pod_template,
                namespace,
            },
            switches: switches(&only, &skip),
            only,
            skip,
            format: arguments.output.map(|format| match format {
                OutputFormat::Yaml => Format::Yaml,
                OutputFormat::Json => Format::Json,
            }),
            destination,
            jobs: arguments.jobs.map_or_else(parallel::available, usize::from),
            strict: arguments.strict,
            verbosity: match (arguments.quiet, arguments.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, true) => Verbosity::Verbose,
                _ => Verbosity::Normal,
            },
            stdout,
            stderr,
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
        ("--in-place", arguments.in_place),
        ("--output-dir", arguments.output_dir.is_some()),
        ("--diff", arguments.diff),
        ("--check", arguments.check),
    ];
    let asked: Vec<&str> = asked
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(name, _)| name)
        .collect();
    match asked[..] {
        [] => Some(Destination::Stdout),
        ["--in-place"] => Some(Destination::InPlace),
        ["--output-dir"] => arguments.output_dir.clone().map(Destination::Folder),
        ["--diff" | "--check"] | ["--diff", "--check"] => Some(Destination::Nowhere {
            diff: arguments.diff,
            check: arguments.check,
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
