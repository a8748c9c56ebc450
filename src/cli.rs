//! The command line as it is typed: options, their help, no logic.

#![allow(
    clippy::doc_markdown,
    reason = "the doc comments are the help text that is printed as it stands"
)]

mod config;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{FalseyValueParser, Styles, styling::AnsiColor};
use clap::parser::ValueSource;
use clap::{
    ArgAction, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint,
};
use glob::Pattern;

use crate::explanation::WorkloadPattern;
use crate::limits;
use crate::workload::CustomCarrier;

pub use config::{
    CheckArguments, ConfigArguments, ConfigCommand, MigrateArguments, ReadingOptions,
    ShowArguments, ShownForm, SourceOptions,
};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// The short help, for somebody who typed the name alone at a terminal.
pub const SHORT_HELP: &str = "\
datakit-inject rewrites Kubernetes manifests the way the Datakit Operator would
change their pods.

  datakit-inject < deploy.yaml | kubectl apply -f -    rewrite, and apply
  datakit-inject --diff k8s/                           show what would change
  datakit-inject --in-place k8s/                       rewrite the files
  datakit-inject --check k8s/                          exit 1 on any change
  datakit-inject explain k8s/                          say what, and why

Nothing was named to read, and standard input is a terminal.
See datakit-inject --help.
";

const EXAMPLES: &str = "\
Examples:
  Rewrite a manifest on its way to the cluster:
      datakit-inject < deploy.yaml | kubectl apply -f -
  See what would change below a folder, with the operator's own configuration:
      datakit-inject --config datakit-operator.yaml --diff k8s/
  Rewrite the files themselves; only those that change are touched:
      datakit-inject --config datakit-operator.yaml --in-place k8s/
  Fail a pipeline where a manifest is not as it should be:
      datakit-inject --check --diff k8s/
  Replace what an older configuration injected:
      datakit-inject --config datakit-operator.yaml --refresh --in-place k8s/
  Find what a build left without its injection:
      kubectl kustomize overlays/prod |
          datakit-inject --check --require-injected
  Check that DataKit is there for what is injected:
      datakit-inject preflight datakit.yaml k8s/
  Ask why a workload is injected or not:
      datakit-inject explain --workload deployment/web k8s/

What asks for an injection:
  A rule of the configuration that selects the pod's namespace or labels, or an
  annotation on the pod template (spec.template.metadata.annotations), such as:
      admission.datakit/java-lib.version: \"\"      the ddtrace library for Java
      admission.datakit/enabled: \"false\"          nothing at all

Configuration, the first that is there:
  --config PATH, DATAKIT_INJECT_CONFIG (a path), ENV_CONFIG_FILE (a path),
  ENV_JSON_CONFIG (the JSON itself), the operator's documented default.

Exit codes:
  0  done; with --check: nothing would change
  1  --check: something would change or is stale; with --require-injected:
     or is missing
  2  wrong usage, configuration, input or output
  3  --strict, and there was a warning";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  Why every workload below a folder is injected or not:
      datakit-inject explain --config datakit-operator.yaml k8s/
  Why one of them does not get the ddtrace library:
      datakit-inject explain --workload deployment/web --injection ddtrace k8s/
  All workloads of a namespace whose names begin alike, in a rendered chart:
      helm template . |
          datakit-inject explain --namespace prod --workload 'prod/*/web-*'
  Every rule that was asked, not the first few alone:
      datakit-inject explain --verbose --workload web web.yaml
  For a program: what would be injected, by which rule:
      datakit-inject explain -o json k8s/ |
          jq '.workloads[].templates[].injections[]
              | select(.status == \"would-inject\") | .rule.name'

Exit codes:
  0  explained, whatever the explanation says
  2  wrong usage, configuration or input, or no such workload
  3  --strict, and there was a warning";

const PREFLIGHT_EXAMPLES: &str = "\
Examples:
  Check that DataKit is there for what is injected below a folder:
      datakit-inject preflight --config datakit-operator.yaml datakit.yaml k8s/
  Check what a build gives, with DataKit's manifests beside it:
      kubectl kustomize prod | datakit-inject preflight datakit.yaml -
  What fails alone, and what cannot be told:
      datakit-inject preflight --quiet datakit.yaml k8s/
  Fail a pipeline where something is missing, or cannot be told:
      datakit-inject preflight --strict datakit.yaml namespaces.yaml k8s/
  For a program: every check that failed:
      datakit-inject preflight -o json datakit.yaml k8s/ |
          jq '.subjects[] | .name as $subject | .checks[]
              | select(.status == \"fail\") | {$subject, check, message}'

What is checked:
  the Service that the injected variables name, its port and its pods;
  DataKit's collectors, and where they listen; Pod Security of the namespaces;
  users, capabilities and read-only file systems; labels, Secrets and
  ConfigMaps that variables read. docs/preflight.md has them all. The input is
  all that is looked at: name DataKit's manifests, Namespaces and Secrets
  beside the workloads.

Exit codes:
  0  no check failed
  1  a check failed
  2  wrong usage, configuration or input
  3  --strict: no check failed, but something cannot be told, or there was a
     warning";

/// The short help of `remove`.
pub const SHORT_REMOVE_HELP: &str = "\
datakit-inject remove takes injections out of Kubernetes manifests again.

  datakit-inject remove < injected.yaml                show what is left
  datakit-inject remove --diff k8s/                    show what would go
  datakit-inject remove --in-place k8s/                rewrite the files
  datakit-inject remove --check k8s/                   exit 1 if something goes

Nothing was named to read, and standard input is a terminal.
See datakit-inject remove --help.
";

const REMOVE_EXAMPLES: &str = "\
Examples:
  See what would be taken out, with the configuration that was injected with:
      datakit-inject remove --config datakit-operator.yaml --diff k8s/
  Take it out; only the files that change are touched:
      datakit-inject remove --config datakit-operator.yaml --in-place k8s/
  Take out the profiler alone:
      datakit-inject remove --only profiler --in-place k8s/
  Clean what the cluster has, whoever injected it:
      kubectl get deployment web -o yaml |
          datakit-inject remove --config datakit-operator.yaml
  Fail a pipeline where a manifest still has an injection:
      datakit-inject remove --check k8s/

Without the configuration:
  Names tell containers, volumes and mounts, and text tells start-up options.
  Variables, tags and the annotations prometheus.io/... need the configuration
  that set them, and so does the annotation datakit/logs, unless --only names
  logging. It has to be given in the same run: what tells them is gone
  afterwards, and a later run leaves them alone.

Exit codes:
  0  done; with --check: nothing would be taken out
  1  --check: something would be taken out
  2  wrong usage, configuration, input or output
  3  --strict, and there was a warning";

/// Rewrites Kubernetes manifests the way the Datakit Operator changes pods, and changes nothing
/// else.
///
/// Reads manifests from files, directories or standard input, adds to their pod templates what the
/// operator's admission webhook would add to the pods, and writes them back: comments, order,
/// quotes, indentation and line endings stay.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "datakit-inject",
    version,
    styles = STYLES,
    after_long_help = EXAMPLES,
    max_term_width = 100,
    args_conflicts_with_subcommands = true,
    subcommand_help_heading = "Commands"
)]
pub struct Arguments {
    /// What to do instead of rewriting manifests. A path of that name is written ./NAME
    #[command(subcommand)]
    pub verb: Option<Verb>,

    /// What is read
    #[command(flatten)]
    pub input: InputOptions,

    /// What is done
    #[command(flatten)]
    pub rules: RuleOptions,

    /// Where the result goes
    #[command(flatten)]
    pub output: OutputOptions,

    /// What is done where a pod was injected before, or cannot be
    #[command(flatten)]
    pub inject: InjectOptions,

    /// What is said of it
    #[command(flatten)]
    pub report: ReportOptions,
}

/// The options that say what is read.
#[derive(Clone, Debug, Args)]
pub struct InputOptions {
    /// Files, directories (every *.yaml, *.yml and *.json below), or - for standard input
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub paths: Vec<String>,

    /// The same as a PATH, for kubectl's habit
    #[arg(
        short,
        long,
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_FILENAME",
        help_heading = "Input"
    )]
    pub filename: Vec<String>,

    /// Leave paths out; * stays inside a name, ** crosses folders
    #[arg(
        long,
        value_name = "GLOB",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_EXCLUDE",
        value_delimiter = ',',
        help_heading = "Input"
    )]
    pub exclude: Vec<Pattern>,

    /// Take a directory without manifests for an empty input
    #[arg(long, env = "DATAKIT_INJECT_ALLOW_EMPTY", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Input")]
    pub allow_empty: bool,

    /// A further kind that carries a pod template, for example
    /// OpenGaussCluster.opengauss.sig=spec.template
    #[arg(
        long,
        value_name = "KIND[.GROUP]=PATH",
        value_hint = ValueHint::Other,
        env = "DATAKIT_INJECT_POD_TEMPLATE",
        value_delimiter = ',',
        help_heading = "Input"
    )]
    pub pod_template: Vec<CustomCarrier>,

    /// Take more, or less, than usual: input-size, files, total-size, documents, document-size,
    /// values, anchors, alias-values or alias-size, for example document-size=512M
    #[arg(
        long,
        value_name = "NAME=VALUE",
        value_hint = ValueHint::Other,
        env = "DATAKIT_INJECT_LIMIT",
        value_delimiter = ',',
        help_heading = "Input"
    )]
    pub limit: Vec<limits::Setting>,
}

/// The options that say by which rules injections are made.
#[derive(Clone, Debug, Args)]
pub struct RuleOptions {
    /// The operator's configuration: its JSON, or YAML with the ConfigMap that holds it
    /// (datakit-operator.yaml as it is)
    #[arg(
        short,
        long,
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_CONFIG",
        help_heading = "Rules"
    )]
    pub config: Option<String>,

    /// Namespace of objects that name none [default: ARGOCD_APP_NAMESPACE, HELM_NAMESPACE, or
    /// default]
    #[arg(
        short,
        long,
        value_name = "NS",
        value_hint = ValueHint::Other,
        env = "DATAKIT_INJECT_NAMESPACE",
        help_heading = "Rules"
    )]
    pub namespace: Option<String>,

    /// The release whose reading of the configuration to follow [default: by its keys]
    #[arg(
        long,
        value_name = "VERSION",
        env = "DATAKIT_INJECT_OPERATOR_VERSION",
        help_heading = "Rules"
    )]
    pub operator_version: Option<OperatorVersion>,

    /// These injections only
    #[arg(
        long,
        value_name = "LIST",
        env = "DATAKIT_INJECT_ONLY",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub only: Vec<InjectionName>,

    /// Leave these injections out
    #[arg(
        long,
        value_name = "LIST",
        env = "DATAKIT_INJECT_SKIP",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub skip: Vec<InjectionName>,
}

/// The options that are about injecting alone.
#[derive(Clone, Debug, Default, Args)]
pub struct InjectOptions {
    /// With --check: exit 1 as well where an injection that a pod template or a rule asks for is
    /// not there and cannot be made
    #[arg(long, env = "DATAKIT_INJECT_REQUIRE_INJECTED", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub require_injected: bool,

    /// Replace injections that were made with another configuration: another image, other variables
    #[arg(long, env = "DATAKIT_INJECT_REFRESH", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Earlier injections")]
    pub refresh: bool,

    /// With --refresh or --check: the configuration that injections were made with before, which
    /// tells the variables that it set from yours
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_PREVIOUS_CONFIG",
        help_heading = "Earlier injections"
    )]
    pub previous_config: Option<String>,
}

/// The options that say where the result goes.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct OutputOptions {
    /// Convert the output [default: each document stays what it was]
    #[arg(
        short,
        long,
        value_name = "FORMAT",
        env = "DATAKIT_INJECT_OUTPUT",
        help_heading = "Output"
    )]
    pub output: Option<OutputFormat>,

    /// Rewrite the files that change: all of them, or none where one fails
    #[arg(short, long, env = "DATAKIT_INJECT_IN_PLACE", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub in_place: bool,

    /// Write the tree below DIR instead
    #[arg(
        long,
        value_name = "DIR",
        value_hint = ValueHint::DirPath,
        env = "DATAKIT_INJECT_OUTPUT_DIR",
        help_heading = "Output"
    )]
    pub output_dir: Option<PathBuf>,

    /// Print a unified diff instead of manifests
    #[arg(long, env = "DATAKIT_INJECT_DIFF", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub diff: bool,

    /// Write no manifests; exit 1 where something would change
    #[arg(long, env = "DATAKIT_INJECT_CHECK", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub check: bool,

    /// Worker threads [default: as many as the machine has]
    #[arg(short, long, value_name = "N", value_hint = ValueHint::Other, env = "DATAKIT_INJECT_JOBS", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Output")]
    pub jobs: Option<u16>,
}

/// The options of the report.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct ReportOptions {
    /// The form of the report
    #[arg(
        long,
        value_name = "FORM",
        env = "DATAKIT_INJECT_REPORT",
        default_value = "text",
        help_heading = "Report"
    )]
    pub report: ReportName,

    /// Write the report to a file, in the form of --report; standard error keeps the text
    #[arg(
        long,
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_REPORT_FILE",
        help_heading = "Report"
    )]
    pub report_file: Option<PathBuf>,

    /// Take a warning for an error: exit 3, nothing written
    #[arg(long, env = "DATAKIT_INJECT_STRICT", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Report")]
    pub strict: bool,

    /// Report warnings and errors only
    #[arg(short, long, env = "DATAKIT_INJECT_QUIET", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, conflicts_with = "verbose", help_heading = "Report")]
    pub quiet: bool,

    /// Report every document, also those left alone
    #[arg(short, long, env = "DATAKIT_INJECT_VERBOSE", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Report")]
    pub verbose: bool,

    /// When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto
    #[arg(
        long,
        value_name = "WHEN",
        env = "DATAKIT_INJECT_COLOR",
        default_value = "auto",
        help_heading = "Report"
    )]
    pub color: ColorWhen,
}

/// What the program does instead of injecting.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Say for each workload and each injection what happens, and why
    ///
    /// For each pod template: which injections it has, would get or does not get; the rule that
    /// decides, with its place in the configuration, and why the rules in front of it do not; the
    /// annotation that asks for an injection or switches it off; what would be added, extended and
    /// left as it is, container by container. Nothing is written. Values of variables are never shown.
    #[command(after_long_help = EXPLAIN_EXAMPLES)]
    Explain(Box<ExplainArguments>),

    /// Take injections out of manifests again
    ///
    /// Reads manifests as injecting does, and takes out of their pod templates what the operator or
    /// this program put in: containers, volumes and mounts by their names, start-up options by their
    /// text, and with the configuration that they were injected with the variables, tags and annotations
    /// that it sets. What only added lines comes out to the bytes that were there before; nothing of
    /// yours is taken.
    #[command(after_long_help = REMOVE_EXAMPLES)]
    Remove(Box<RemoveArguments>),

    /// Check that what injections rely on is there
    ///
    /// Looks at the pods as they are with their injections, and at DataKit, Services, Namespaces,
    /// Secrets and ConfigMaps in the same input: what the injections rely on and what is there, as
    /// checks that pass, fail, or cannot be told. Nothing is written, and no cluster is asked.
    #[command(after_long_help = PREFLIGHT_EXAMPLES)]
    Preflight(Box<PreflightArguments>),

    /// Check, print or convert the operator's configuration
    #[command(after_help = config::EXAMPLES)]
    Config(Box<ConfigArguments>),

    /// Something else than rewriting manifests
    #[command(flatten)]
    Other(Command),
}

/// What the program does besides rewriting manifests.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Put this program where another one looks for its plugins
    InstallPlugin {
        /// Whose plugin to be
        #[arg(value_name = "HOST")]
        host: PluginHost,

        /// The folder of plugins [default: where kustomize looks]
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        plugin_home: Option<PathBuf>,

        /// Copy the program instead of linking it
        #[arg(long)]
        copy: bool,

        /// Take the place of what is there, whatever it is
        #[arg(long)]
        force: bool,
    },
}

/// The options of `explain`.
#[derive(Clone, Debug, Args)]
pub struct ExplainArguments {
    /// What is read
    #[command(flatten)]
    pub input: InputOptions,

    /// What is explained
    #[command(flatten)]
    pub rules: RuleOptions,

    /// How
    #[command(flatten)]
    pub explain: ExplainOptions,
}

/// The options that are about explaining alone.
#[derive(Clone, Debug, Default, Args)]
pub struct ExplainOptions {
    /// Explain these workloads only: deployment/web, prod/deployment/web, or web; wildcards are *
    /// and ?
    #[arg(
        long,
        value_name = "[[NS/]KIND/]NAME",
        value_hint = ValueHint::Other,
        env = "DATAKIT_INJECT_WORKLOAD",
        value_delimiter = ',',
        help_heading = "Explanation"
    )]
    pub workload: Vec<WorkloadPattern>,

    /// Explain these injections only
    #[arg(
        long,
        value_name = "LIST",
        env = "DATAKIT_INJECT_INJECTION",
        value_delimiter = ',',
        help_heading = "Explanation"
    )]
    pub injection: Vec<InjectionName>,

    /// The form of the explanation
    #[arg(
        short,
        long,
        value_name = "FORM",
        env = "DATAKIT_INJECT_EXPLAIN_OUTPUT",
        default_value = "text",
        help_heading = "Explanation"
    )]
    pub output: ExplanationName,

    /// Name every rule that was asked and every label, however many there are
    #[arg(short, long, env = "DATAKIT_INJECT_VERBOSE", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Explanation")]
    pub verbose: bool,

    /// Take a warning for an error: exit 3, nothing explained
    #[arg(long, env = "DATAKIT_INJECT_STRICT", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Explanation")]
    pub strict: bool,

    /// When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto
    #[arg(
        long,
        value_name = "WHEN",
        env = "DATAKIT_INJECT_COLOR",
        default_value = "auto",
        help_heading = "Explanation"
    )]
    pub color: ColorWhen,

    /// Worker threads [default: as many as the machine has]
    #[arg(short, long, value_name = "N", value_hint = ValueHint::Other, env = "DATAKIT_INJECT_JOBS", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Explanation")]
    pub jobs: Option<u16>,
}

/// `explain --output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum ExplanationName {
    /// A tree for people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// The options of `remove`.
#[derive(Clone, Debug, Args)]
pub struct RemoveArguments {
    /// What is read
    #[command(flatten)]
    pub input: InputOptions,

    /// What is taken out
    #[command(flatten)]
    pub rules: RuleOptions,

    /// Where the result goes
    #[command(flatten)]
    pub output: OutputOptions,

    /// What is said of it
    #[command(flatten)]
    pub report: ReportOptions,
}

/// The options of `preflight`.
#[derive(Clone, Debug, Args)]
pub struct PreflightArguments {
    /// What is read
    #[command(flatten)]
    pub input: InputOptions,

    /// What would be injected
    #[command(flatten)]
    pub rules: RuleOptions,

    /// How the checks are told
    #[command(flatten)]
    pub preflight: PreflightOptions,
}

/// The options that are about checking alone.
#[derive(Clone, Debug, Default, Args)]
pub struct PreflightOptions {
    /// The form of the result
    #[arg(
        short,
        long,
        value_name = "FORM",
        env = "DATAKIT_INJECT_PREFLIGHT_OUTPUT",
        default_value = "text",
        help_heading = "Checks"
    )]
    pub output: CheckupName,

    /// Exit 3 where something cannot be told, or there was a warning
    #[arg(long, env = "DATAKIT_INJECT_STRICT", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Checks")]
    pub strict: bool,

    /// Tell only what fails and what cannot be told
    #[arg(short, long, env = "DATAKIT_INJECT_QUIET", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Checks")]
    pub quiet: bool,

    /// When to use colours; NO_COLOR and CLICOLOR_FORCE count with auto
    #[arg(
        long,
        value_name = "WHEN",
        env = "DATAKIT_INJECT_COLOR",
        default_value = "auto",
        help_heading = "Checks"
    )]
    pub color: ColorWhen,

    /// Worker threads [default: as many as the machine has]
    #[arg(short, long, value_name = "N", value_hint = ValueHint::Other, env = "DATAKIT_INJECT_JOBS", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Checks")]
    pub jobs: Option<u16>,
}

/// `preflight --output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum CheckupName {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object
    Json,
}

/// The programs that look for plugins in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum PluginHost {
    /// kustomize and kubectl kustomize
    Kustomize,
}

/// What was typed, and which of it was.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Options with their values, from the command line or from the environment.
    pub arguments: Arguments,
    /// The options that stand on the command line itself.
    pub given: Given,
}

/// The options that stand on the command line itself: they win over what a host says, which wins
/// over the environment.
#[derive(Clone, Debug, Default)]
pub struct Given(HashSet<String>);

impl Given {
    /// Whether an option, named by its field, is among them.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

/// Reads a command line, the first word of which is the program's name.
///
/// # Errors
/// Where it is wrong, or asks for help or the version: clap's words for it.
pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Typed, clap::Error> {
    let mut command = Arguments::command();
    let matches = command.try_get_matches_from_mut(words)?;
    let arguments =
        Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    let mut given = HashSet::new();
    let mut level = Some(&matches);
    while let Some(matches) = level {
        let is_typed = |name: &&str| matches.value_source(name) == Some(ValueSource::CommandLine);
        let names = matches.ids().map(clap::Id::as_str).filter(is_typed);
        given.extend(names.map(str::to_owned));
        level = matches.subcommand().map(|(_, matches)| matches);
    }
    Ok(Typed {
        given: Given(given),
        arguments,
    })
}

/// `--operator-version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OperatorVersion {
    /// Releases 1.4 to 1.6: admission_inject
    #[value(name = "1.5")]
    V1_5,
    /// Release 1.9: admission_inject_v2
    #[value(name = "1.9")]
    V1_9,
}

/// `--only`, `--skip`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum InjectionName {
    /// The ddtrace library
    Ddtrace,
    /// The OpenTelemetry agent
    Otel,
    /// The log sidecar
    Logfwd,
    /// The flameshot sidecar
    Flameshot,
    /// The profiler sidecar
    Profiler,
    /// The annotation that steers log collection
    Logging,
}

/// `--output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum OutputFormat {
    /// JSON documents become YAML
    Yaml,
    /// YAML documents become JSON
    Json,
}

/// `--report`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum ReportName {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object
    Json,
    /// Workflow commands for GitHub Actions
    Github,
    /// SARIF 2.1.0
    Sarif,
    /// A code quality report for GitLab
    Gitlab,
    /// Errors alone, as text
    None,
}

/// `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum ColorWhen {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &[&str]) -> Typed {
        parse(words.iter().map(OsString::from)).unwrap()
    }

    /// The texts behind the options of a command and of those below it, with their names.
    fn broken_by_hand(command: &clap::Command, texts: &mut Vec<(String, String)>) {
        if let Some(text) = command.get_after_long_help() {
            texts.push((command.get_name().to_owned(), text.to_string()));
        }
        for below in command.get_subcommands() {
            broken_by_hand(below, texts);
        }
    }

    #[test]
    fn texts_that_are_broken_by_hand_fit_a_narrow_terminal() {
        let mut texts = vec![
            ("SHORT_HELP".to_owned(), SHORT_HELP.to_owned()),
            ("SHORT_REMOVE_HELP".to_owned(), SHORT_REMOVE_HELP.to_owned()),
        ];
        broken_by_hand(&Arguments::command(), &mut texts);
        assert!(texts.len() > 8);
        for (name, text) in &texts {
            for line in text.lines() {
                // What is wider would be broken once more, in 80 columns.
                assert!(line.chars().count() < 80, "{name}: {line}");
            }
        }
        for width in [80, 100] {
            let mut command = Arguments::command().term_width(width);
            command.build();
            for name in ["remove", "preflight", "explain", "config"] {
                let below = command.find_subcommand_mut(name).unwrap();
                let help = below.render_long_help().to_string();
                let text = below.get_after_long_help().map(ToString::to_string);
                assert!(
                    help.contains(&text.unwrap_or_default()),
                    "{name} at {width}: {help}"
                );
            }
        }
    }

    #[test]
    fn a_command_is_the_first_word_alone() {
        let command = typed(&["x", "install-plugin", "kustomize"]).arguments.verb;
        assert!(matches!(
            command,
            Some(Verb::Other(Command::InstallPlugin { .. }))
        ));
        let command = typed(&["x", "remove", "--diff", "k8s"]).arguments.verb;
        assert!(
            matches!(command, Some(Verb::Remove(own)) if own.output.diff && own.input.paths == ["k8s"])
        );
        for words in [
            &["x", "./install-plugin"][..],
            &["x", "--", "install-plugin"],
            &["x", "a", "install-plugin"],
            &["x", "-q", "install-plugin"],
        ] {
            let arguments = typed(words).arguments;
            assert!(arguments.verb.is_none(), "{words:?}");
            assert!(!arguments.input.paths.is_empty(), "{words:?}");
        }
    }

    #[test]
    fn what_is_typed_is_known_from_what_is_not() {
        let given = typed(&["x", "--strict", "--only", "ddtrace"]).given;
        assert!(given.has("strict") && given.has("only"));
        assert!(!given.has("skip") && !given.has("color"));
    }

    #[test]
    fn examples_stand_on_lines_of_a_narrow_terminal() {
        let mut left = vec![Arguments::command()];
        while let Some(command) = left.pop() {
            let texts = [command.get_after_long_help(), command.get_after_help()];
            for text in texts.into_iter().flatten() {
                for line in text.to_string().lines() {
                    assert!(line.chars().count() < 80, "{}: {line}", command.get_name());
                }
            }
            left.extend(command.get_subcommands().cloned());
        }
    }

    #[test]
    fn help_can_be_asked_for_like_a_command() {
        let words = ["x", "help", "config", "check"].map(OsString::from);
        let help = parse(words).unwrap_err();
        assert_eq!(help.kind(), clap::error::ErrorKind::DisplayHelp);
        assert!(help.to_string().contains("datakit-inject config check"));
        let arguments = typed(&["x", "./help"]).arguments;
        assert_eq!(arguments.input.paths, ["./help"]);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_option_has_its_variable() {
        for argument in Arguments::command().get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            if matches!(long, "help" | "version") {
                continue;
            }
            let wanted = format!("DATAKIT_INJECT_{}", long.replace('-', "_").to_uppercase());
            let variable = argument
                .get_env()
                .map(|name| name.to_string_lossy().into_owned());
            assert_eq!(variable, Some(wanted), "--{long}");
        }
    }
}
