//! What the program does besides rewriting manifests: one function a subcommand.

use crate::cli::{Command, PluginHost};
use crate::diagnostic::Diagnostic;
use crate::hosts::install;
use crate::input;

/// Carries out a subcommand; gives what is printed.
///
/// # Errors
/// Where it cannot be carried out; then nothing was.
pub fn execute(
    command: Command,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Box<Diagnostic>> {
    match command {
        Command::InstallPlugin {
            host: PluginHost::Kustomize,
            plugin_home,
            copy,
            force,
        } => {
            let program = std::env::current_exe().map_err(|error| {
                let message = format!("this program: {}", input::describe(&error));
                Box::new(Diagnostic::error("plugin-not-installed", message))
            })?;
            let request = install::Request {
                plugin_home,
                copy,
                force,
            };
            install::kustomize(&request, &program, environment)
        }
    }
}
