//! `datakit-inject config`: options of what is done with the operator's configuration itself.

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Args, Subcommand, ValueEnum, ValueHint};

use super::{OperatorVersion, ReportOptions};

const CHECK_EXAMPLES: &str = "\
Examples:
  Look at a configuration before it goes to the cluster:
      datakit-inject config check datakit-operator.yaml
  Look at the one in the cluster:
      kubectl -n datakit get cm datakit-operator-config -o yaml |
          datakit-inject config check -
  Fail a pipeline on warnings as well, and show them beside the changed lines:
      datakit-inject config check --strict --report github operator.json
  See what another release would say of it:
      datakit-inject config check --operator-version 1.9 operator.json

What is found:
  unknown and repeated keys, values of the wrong type, selectors that do not
  compile or can never match, rules that no pod gets to, images without a
  version, resources that the API server refuses, and faults of the JSON in
  strings (config, log_configs), each at its line and column in the file.

Exit codes:
  0  nothing is wrong, or there are warnings only
  2  there is an error: the operator cannot read this
  3  --strict, and there was a warning";

const SHOW_EXAMPLES: &str = "\
Examples:
  See where the configuration in force comes from:
      datakit-inject config show > /dev/null
  Write down the built-in default, to begin with:
      datakit-inject config show > operator.json
  Read the rules in the order in which they are asked:
      datakit-inject config show --output text datakit-operator.yaml

What is printed has the same effect as the original: give it with --config.
What the operator does not look at is left out.";

const MIGRATE_EXAMPLES: &str = "\
Examples:
  Look at what would change:
      datakit-inject config migrate --diff datakit-operator.yaml
  Rewrite the file; everything around the JSON stays byte for byte:
      datakit-inject config migrate --in-place datakit-operator.yaml
  Migrate what is in the cluster:
      kubectl -n datakit get cm datakit-operator-config -o yaml |
          datakit-inject config migrate -
  Write down what release 1.9 makes of the old configuration by itself:
      datakit-inject config migrate --as-1.9 operator.json

What release 1.9 cannot do as releases before 1.7 did is a warning at its
place. The project's documentation lists all that differs: docs/config.md.

Exit codes:
  0  done; with --check: nothing would change
  1  --check: something would change
  2  wrong usage, or a configuration that cannot be read
  3  --strict, and there was a warning: nothing is written";

/// What `config` is about.
#[derive(Clone, Debug, Args)]
pub struct ConfigArguments {
    /// What to do
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What can be done with a configuration.
#[derive(Clone, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Find what is wrong with a configuration
    #[command(after_long_help = CHECK_EXAMPLES, max_term_width = 100)]
    Check(CheckArguments),

    /// Print the configuration in force
    #[command(after_long_help = SHOW_EXAMPLES, max_term_width = 100)]
    Show(ShowArguments),

    /// Carry a configuration over to release 1.9
    #[command(after_long_help = MIGRATE_EXAMPLES, max_term_width = 100)]
    Migrate(MigrateArguments),
}

/// The options that say which configuration is meant.
#[derive(Clone, Debug, Args)]
pub struct SourceOptions {
    /// The operator's configuration, where no PATH is given
    #[arg(
        short,
        long,
        value_name = "PATH",
        value_hint = ValueHint::FilePath,
        env = "DATAKIT_INJECT_CONFIG",
        help_heading = "Configuration"
    )]
    pub config: Option<String>,
}

/// The option that says how a configuration is read.
#[derive(Clone, Debug, Args)]
pub struct ReadingOptions {
    /// The release whose reading of the configuration to follow [default: by its keys]
    #[arg(
        long,
        value_name = "VERSION",
        env = "DATAKIT_INJECT_OPERATOR_VERSION",
        help_heading = "Configuration"
    )]
    pub operator_version: Option<OperatorVersion>,
}

/// The options of `config check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArguments {
    /// Configurations: the operator's JSON, YAML with the ConfigMap that holds it, or - for standard
    /// input [default: the one in force]
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub paths: Vec<String>,

    /// Which configuration
    #[command(flatten)]
    pub source: SourceOptions,

    /// How it is read
    #[command(flatten)]
    pub reading: ReadingOptions,

    /// What is said of it
    #[command(flatten)]
    pub report: ReportOptions,
}

/// The options of `config show`.
#[derive(Clone, Debug, Args)]
pub struct ShowArguments {
    /// A configuration: the operator's JSON, YAML with the ConfigMap that holds it, or - for standard
    /// input [default: the one in force]
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub path: Option<String>,

    /// Which configuration
    #[command(flatten)]
    pub source: SourceOptions,

    /// How it is read
    #[command(flatten)]
    pub reading: ReadingOptions,

    /// What is printed
    #[arg(
        short,
        long,
        value_name = "FORM",
        default_value = "json",
        help_heading = "Output"
    )]
    pub output: ShownForm,

    /// What is said of it
    #[command(flatten)]
    pub report: ReportOptions,
}

/// `config show --output`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "lower")]
pub enum ShownForm {
    /// A configuration with the same effect
    Json,
    /// The rules in the order in which they are asked
    Text,
}

/// The options of `config migrate`.
#[derive(Clone, Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct MigrateArguments {
    /// A configuration: the operator's JSON, YAML with the ConfigMap that holds it, or - for standard
    /// input [default: the one in force]
    #[arg(value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub path: Option<String>,

    /// Which configuration
    #[command(flatten)]
    pub source: SourceOptions,

    /// Keep the effect that release 1.9 gives the old configuration, not the one it was written for
    #[arg(long = "as-1.9", help_heading = "Configuration")]
    pub as_release: bool,

    /// Rewrite the file, where it changes
    #[arg(short, long, env = "DATAKIT_INJECT_IN_PLACE", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub in_place: bool,

    /// Print a unified diff instead of the configuration
    #[arg(long, env = "DATAKIT_INJECT_DIFF", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub diff: bool,

    /// Write nothing; exit 1 where something would change
    #[arg(long, env = "DATAKIT_INJECT_CHECK", value_parser = FalseyValueParser::new(), action = ArgAction::SetTrue, help_heading = "Output")]
    pub check: bool,

    /// What is said of it
    #[command(flatten)]
    pub report: ReportOptions,
}
