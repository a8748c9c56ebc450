//! Puts this program where kustomize looks for its plugins (`spec/4-hosts.md`, b.2).

use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::input::describe;
use crate::output::program::{self, Found};

use super::plugin;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The folder that kustomize looks below, where it is none of its own.
    pub plugin_home: Option<PathBuf>,
    /// A copy of the program instead of a link to it.
    pub copy: bool,
    /// Take the place of what is there, whatever it is.
    pub force: bool,
}

/// Installs `program` (its path) as kustomize's plugin, and says what was done and what comes next.
///
/// # Errors
/// Where kustomize's folder is not known, something else has the place, or it cannot be written.
pub fn kustomize(
    request: &Request,
    program: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<String, Box<Diagnostic>> {
    let usual = plugin::root(environment, &Path::is_dir);
    let root = request.plugin_home.clone().or(usual.clone());
    let Some(root) = root else {
        let message =
            "kustomize has no plugin folder: neither HOME nor KUSTOMIZE_PLUGIN_HOME is set";
        let error = Diagnostic::error("plugin-not-installed", message);
        return Err(Box::new(error.hint("name a folder: --plugin-home DIR")));
    };
    // kustomize runs in other folders than this one.
    let root = std::path::absolute(&root).unwrap_or(root);
    let place = plugin::place(&root);
    let found = program::look(&place, program);
    if found == Found::Other && !request.force {
        let message = format!(
            "{} is there, and is neither a link to this program nor a copy of it",
            place.display()
        );
        let error = Diagnostic::error("plugin-not-installed", message);
        return Err(Box::new(error.hint("--force takes its place")));
    }
    let what = if request.copy {
        "a copy of"
    } else {
        "a link to"
    };
    program::put(&place, program, request.copy).map_err(|error| {
        let message = format!("{}: {}", place.display(), describe(&error));
        Box::new(Diagnostic::error("plugin-not-installed", message))
    })?;
    let mut text = format!("{}\nis now {what} {}\n", place.display(), program.display());
    if usual.map(|usual| std::path::absolute(&usual).unwrap_or(usual)) != Some(root.clone()) {
        text.push_str(
            "\nkustomize does not look there by itself:\n\n    export KUSTOMIZE_PLUGIN_HOME=",
        );
        text.push_str(&root.display().to_string());
        text.push('\n');
    }
    text.push_str(NEXT);
    Ok(text)
}

/// What comes next.
const NEXT: &str = "
Next: write a file datakit-inject.yaml,

    apiVersion: datakit.guance.com/v1alpha1
    kind: DatakitInject
    metadata:
      name: datakit-inject

name it in kustomization.yaml,

    transformers:
    - datakit-inject.yaml

and build:

    kubectl kustomize --enable-alpha-plugins .
";

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            plugin_home: None,
            copy: false,
            force: false,
        }
    }

    #[test]
    fn without_a_home_there_is_no_place() {
        let error = kustomize(&request(), Path::new("/p"), &|_| None).unwrap_err();
        assert_eq!(error.code, "plugin-not-installed");
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_ours_stays() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().display().to_string();
        let environment = |name: &str| (name == "HOME").then(|| folder.clone());
        let program = home.path().join("datakit-inject");
        std::fs::write(&program, "program").unwrap();
        let place = plugin::place(&home.path().join(".config/kustomize/plugin"));

        let text = kustomize(&request(), &program, &environment).unwrap();
        assert!(text.contains(&place.display().to_string()), "{text}");
        assert!(!text.contains("export"), "{text}");
        assert_eq!(std::fs::read_link(&place).unwrap(), program);
        // Once more is no error.
        kustomize(&request(), &program, &environment).unwrap();

        std::fs::remove_file(&place).unwrap();
        std::fs::write(&place, "theirs").unwrap();
        let error = kustomize(&request(), &program, &environment).unwrap_err();
        assert_eq!(error.code, "plugin-not-installed");
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "theirs");

        let force = Request {
            force: true,
            copy: true,
            plugin_home: None,
        };
        kustomize(&force, &program, &environment).unwrap();
        assert!(!place.is_symlink());
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "program");
        // A copy of the same program is ours.
        kustomize(&request(), &program, &environment).unwrap();
        assert!(place.is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_of_ones_own_has_to_be_named_to_kustomize() {
        let home = tempfile::tempdir().unwrap();
        let program = home.path().join("datakit-inject");
        std::fs::write(&program, "program").unwrap();
        let own = Request {
            plugin_home: Some(home.path().join("plugins")),
            ..request()
        };
        let text = kustomize(&own, &program, &|_| None).unwrap();
        assert!(text.contains("export KUSTOMIZE_PLUGIN_HOME="), "{text}");
    }
}
