//! kustomize's exec plugins (`spec/4-hosts.md`, b.2): the first argument is a file with the
//! configuration object, the manifests come as a plain stream, and standard error is thrown away
//! where all went well.
//!
//! kustomize finds a plugin by its place: `ROOT/GROUP/VERSION/KIND in lower case/KIND`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Sink};
use crate::input;
use crate::yaml;

use super::options::{self, Options, Site};

/// The kind of the configuration object that kustomize looks this plugin up by.
pub const KIND: &str = "DatakitInject";

/// Its apiVersion.
pub const API_VERSION: &str = "datakit.guance.com/v1alpha1";

/// How kustomize names the temporary file with the configuration object.
const CONFIG_PREFIX: &str = "kust-plugin-config-";

/// Set by kustomize to the configuration object, unless that is large.
const CONFIG_VARIABLE: &str = "KUSTOMIZE_PLUGIN_CONFIG_STRING";

/// Takes the configuration object's file out of the arguments (the first is the program's own
/// name) where kustomize called us as its plugin: where our name is the plugin's, or the variable
/// is set and the first argument looks like kustomize's. Either alone could be inherited or chosen
/// by somebody else.
pub fn take_config(
    arguments: &mut Vec<OsString>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Option<PathBuf> {
    let own_name = arguments.first().map(Path::new)?.file_name();
    let first = arguments.get(1).map(PathBuf::from)?;
    let is_ours = own_name == Some(OsStr::new(KIND))
        && !first.as_os_str().to_string_lossy().starts_with('-')
        && first.is_file();
    let name = first.file_name().map(OsStr::to_string_lossy);
    let is_kustomizes = environment(CONFIG_VARIABLE).is_some()
        && name.is_some_and(|name| name.starts_with(CONFIG_PREFIX));
    (is_ours || is_kustomizes).then(|| {
        arguments.remove(1);
        first
    })
}

/// Reads the configuration object in a file. Every problem goes to `sink`; nothing is given where
/// there was one.
pub fn read_config(path: &Path, folder: &Path, sink: &mut dyn Sink) -> Option<Options> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = format!(
                "the configuration object {} cannot be read: {}",
                path.display(),
                input::describe(&error)
            );
            sink.report(Diagnostic::error("option-unreadable", message));
            return None;
        }
    };
    // The file is gone when somebody reads the message.
    let source = input::source("<configuration object>", bytes)
        .map_err(|error| sink.report(*error))
        .ok()?;
    let parsed = match yaml::parse(source.text()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let message = format!("the configuration object is no YAML: {}", error.message);
            let place = crate::source::Span::at(error.offset);
            sink.report(Diagnostic::error("option-unreadable", message).at(&source, place));
            return None;
        }
    };
    let Some(object) = parsed.tree.root_node() else {
        return Some(Options::default());
    };
    let site = Site {
        source: &source,
        base: 0,
        folder,
    };
    options::read(object, site, sink)
}

/// Where kustomize looks for the plugin below its plugin folder.
#[must_use]
pub fn place(root: &Path) -> PathBuf {
    let mut place = root.to_path_buf();
    place.extend(API_VERSION.split('/'));
    place.push(KIND.to_lowercase());
    place.push(KIND);
    place
}

/// The folder below which kustomize looks for plugins: the first that is there of
/// `KUSTOMIZE_PLUGIN_HOME`, `XDG_CONFIG_HOME/kustomize/plugin`, `HOME/.config/kustomize/plugin` and
/// `HOME/kustomize/plugin` (kustomize's `api/konfig/plugins.go`). Where none is there, the first
/// that can be named is the one to make.
pub fn root(
    environment: &dyn Fn(&str) -> Option<String>,
    is_folder: &dyn Fn(&Path) -> bool,
) -> Option<PathBuf> {
    let variable = |name: &str| {
        let value = environment(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let below = |name: &str, path: &str| variable(name).map(|folder| folder.join(path));
    let candidates: Vec<PathBuf> = [
        variable("KUSTOMIZE_PLUGIN_HOME"),
        below("XDG_CONFIG_HOME", "kustomize/plugin"),
        below("HOME", ".config/kustomize/plugin"),
        below("HOME", "kustomize/plugin"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let there = candidates.iter().find(|folder| is_folder(folder));
    there.or(candidates.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(words: &[&str], is_set: bool) -> Option<Vec<String>> {
        let mut arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        let environment = |name: &str| {
            (is_set && name == CONFIG_VARIABLE).then(|| "kind: DatakitInject".to_owned())
        };
        take_config(&mut arguments, &environment).map(|_| {
            let words = arguments.iter().map(|word| word.to_string_lossy());
            words.map(String::from).collect()
        })
    }

    #[test]
    fn kustomize_is_known_by_its_file_and_our_name() {
        let config = "/tmp/kust-plugin-config-123";
        let rest = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect());
        assert_eq!(taken(&["x", config, "-q"], true), rest(&["x", "-q"]));
        assert_eq!(taken(&["x", config], false), None);
        assert_eq!(taken(&["x", "a.yaml"], true), None);
        assert_eq!(taken(&["x"], true), None);
        let file = tempfile::NamedTempFile::new().unwrap();
        let file = file.path().to_str().unwrap();
        assert_eq!(
            taken(&["/p/DatakitInject", file], false),
            rest(&["/p/DatakitInject"])
        );
        assert_eq!(taken(&["/p/DatakitInject", "/no/such"], false), None);
        assert_eq!(taken(&["/p/DatakitInject", "--help"], false), None);
    }

    #[test]
    fn the_plugin_folder_is_found_as_kustomize_finds_it() {
        let all = [
            ("KUSTOMIZE_PLUGIN_HOME", "/k"),
            ("XDG_CONFIG_HOME", "/x"),
            ("HOME", "/h"),
        ];
        let found = |set: &[(&str, &str)], there: &[&str]| {
            let environment = |name: &str| {
                let one = set.iter().find(|(own, _)| *own == name);
                one.map(|(_, value)| (*value).to_owned())
            };
            let is_folder = |path: &Path| there.iter().any(|one| Path::new(one) == path);
            root(&environment, &is_folder).map(|path| path.display().to_string())
        };
        assert_eq!(found(&all, &[]).as_deref(), Some("/k"));
        assert_eq!(
            found(&all, &["/h/kustomize/plugin"]).as_deref(),
            Some("/h/kustomize/plugin")
        );
        assert_eq!(
            found(&all[1..], &[]).as_deref(),
            Some("/x/kustomize/plugin")
        );
        assert_eq!(
            found(&all[2..], &[]).as_deref(),
            Some("/h/.config/kustomize/plugin")
        );
        assert_eq!(found(&[("HOME", "")], &[]), None);
    }

    #[test]
    fn the_place_is_made_of_group_version_and_kind() {
        assert_eq!(
            place(Path::new("/p")),
            Path::new("/p/datakit.guance.com/v1alpha1/datakitinject/DatakitInject")
        );
    }
}
