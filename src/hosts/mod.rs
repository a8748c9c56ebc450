//! Who calls us, what they send and what they expect: one binary serves every host and finds out by
//! itself which one it is in (`spec/4-hosts.md`).
//!
//! - `options`: the object by which kustomize and kpt hand over options;
//! - `operator_config`: the operator's configuration in it;
//! - `plugin`: kustomize's exec plugins, called with a file that holds that object;
//! - `install`: puts the program where kustomize looks for it;
//! - `resource_list`: KRM functions, called with everything in one `ResourceList`;
//! - `results`: what happened, in the form in which a function tells it;
//! - `comments`: what keeps comments with their items where kpt copies them.
//!
//! All other hosts (Helm, Argo CD, a pipe) send a plain stream and expect one.

mod comments;
pub mod install;
mod operator_config;
pub mod options;
pub mod plugin;
pub mod resource_list;
pub mod results;

pub use options::Options;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sink};
use crate::input::{self, Input};
use crate::limits::Limits;
use crate::source::Source;

/// Who called us.
#[derive(Clone, Debug)]
pub enum Host {
    /// Anybody who sends a plain stream: a pipe, Helm, Argo CD, a person.
    Stream,
    /// kustomize, as its exec plugin.
    KustomizePlugin {
        /// The file with the configuration object.
        config: PathBuf,
    },
    /// kustomize or kpt, as their KRM function.
    Function {
        /// What they sent.
        list: Arc<Source>,
    },
}

/// An input, or why there is none.
pub type Reading = Result<Arc<Source>, Box<Diagnostic>>;

/// A call of the program.
#[derive(Debug)]
pub struct Call {
    /// Who made it.
    pub host: Host,
    /// Standard input, where it had to be read to know.
    pub standard_input: Option<Reading>,
}

impl Call {
    /// Finds out who calls us: `plugin_config` is what [`plugin::take_config`] gave, `paths` are
    /// those that shall be read. Standard input is read where there is nothing else to read, with
    /// `jobs` threads, and no more of it than the limits allow.
    #[must_use]
    pub fn new(
        plugin_config: Option<PathBuf>,
        paths: &[String],
        jobs: usize,
        limits: &Limits,
    ) -> Self {
        if let Some(config) = plugin_config {
            return Self {
                host: Host::KustomizePlugin { config },
                standard_input: None,
            };
        }
        if paths.iter().any(|path| path != "-") {
            return Self {
                host: Host::Stream,
                standard_input: None,
            };
        }
        let read = input::read(&Input::Standard, jobs, limits);
        let host = match &read {
            Ok(source) if resource_list::is_resource_list(source.text(), limits) => {
                Host::Function {
                    list: source.clone(),
                }
            }
            _ => Host::Stream,
        };
        Self {
            host,
            standard_input: Some(read),
        }
    }
}

impl Host {
    /// Whether the host takes the output for all that there is, so that less would be deleted.
    #[must_use]
    pub fn takes_output_for_all(&self) -> bool {
        !matches!(self, Self::Stream)
    }

    /// The options that the host hands over; files that they name are read below `folder`. Every
    /// problem goes to `sink`; nothing is given where there was one.
    pub fn options(&self, folder: &Path, sink: &mut dyn Sink) -> Option<Options> {
        match self {
            Self::Stream => Some(Options::default()),
            Self::KustomizePlugin { config } => plugin::read_config(config, folder, sink),
            Self::Function { list } => resource_list::options(list, folder, sink),
        }
    }
}
