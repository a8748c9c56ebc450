//! Paths as hosts of code want them: from the root of the repository, with `/`.

use std::path::{Component, Path, PathBuf};

use crate::input::STANDARD_INPUT;

/// What standard input is called where a path has to be one.
const STDIN: &str = "stdin";

/// A checkout that paths are told from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repository {
    root: PathBuf,
    /// The working directory below the root.
    below: PathBuf,
}

impl Repository {
    /// Takes the working directory, and what the environment says the root of the checkout is:
    /// `GITHUB_WORKSPACE`, or else `CI_PROJECT_DIR`, where the working directory is in it. Without
    /// one the working directory is the root.
    #[must_use]
    pub fn new(working_directory: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let named = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];
        let mut roots = named.into_iter().filter_map(environment);
        let found = roots.find_map(|root| {
            let root = PathBuf::from(root);
            let below = working_directory.strip_prefix(&root).ok()?.to_path_buf();
            (!root.as_os_str().is_empty()).then_some(Self { root, below })
        });
        found.unwrap_or_else(|| Self {
            root: working_directory.to_path_buf(),
            below: PathBuf::new(),
        })
    }

    /// A path as the user gave it, from the root; one outside of the checkout stays absolute.
    #[must_use]
    pub fn path(&self, path: &str) -> String {
        if path == STANDARD_INPUT {
            return STDIN.to_owned();
        }
        let path = Path::new(path);
        let path = match path.strip_prefix(&self.root) {
            Ok(below) => below.to_path_buf(),
            Err(_) => self.below.join(path),
        };
        let mut parts: Vec<String> = Vec::new();
        let mut start = "";
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir if parts.last().is_some_and(|part| part != "..") => {
                    parts.pop();
                }
                Component::RootDir => start = "/",
                part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
            }
        }
        format!("{start}{}", parts.join("/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_root_of_the_checkout() {
        let environment =
            |name: &str| (name == "GITHUB_WORKSPACE").then(|| "/work/repo".to_owned());
        let inside = Repository::new(Path::new("/work/repo/deploy"), &environment);
        let outside = Repository::new(Path::new("/tmp"), &environment);
        for (repository, path, expected) in [
            (&inside, "web.yaml", "deploy/web.yaml"),
            (&inside, "./a/../web.yaml", "deploy/web.yaml"),
            (&inside, "../web.yaml", "web.yaml"),
            (&inside, "/work/repo/k8s/web.yaml", "k8s/web.yaml"),
            (&inside, "/etc/web.yaml", "/etc/web.yaml"),
            (&inside, "<stdin>", "stdin"),
            (&outside, "./web.yaml", "web.yaml"),
            (&outside, "../web.yaml", "../web.yaml"),
        ] {
            assert_eq!(repository.path(path), expected, "{path}");
        }
    }
}
