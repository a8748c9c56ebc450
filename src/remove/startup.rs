//! Start-up variables: the text by which a runtime loads a library, out of what the user has there.

use super::pod::{Container, Fate};
use crate::inject::Notice;
use crate::inject::startup::Added;

/// A start-up variable as an injection leaves it.
#[derive(Clone, Copy)]
pub(super) struct Startup {
    pub(super) name: &'static str,
    /// Its value where the injection made it, if that can be told.
    pub(super) alone: Option<&'static str>,
    /// What the injection added to a value that was there.
    pub(super) added: &'static [Added],
}

/// Takes the text out of the first variable of that name; one that holds nothing else goes. Gives
/// whether anything was there.
pub(super) fn remove(container: &mut Container<'_>, startup: Startup) -> bool {
    let mut variables = container.env.iter_mut();
    let Some(variable) = variables.find(|own| own.name == startup.name) else {
        return false;
    };
    let before = match &variable.fate {
        Fate::Goes => return false,
        Fate::Becomes(text) => Some(text.as_str()),
        Fate::Stays => variable.literal(),
    };
    let Some(before) = before else { return false };
    let rest = if Some(before) == startup.alone {
        String::new()
    } else {
        let mut rest = before.to_owned();
        for added in startup.added {
            match added.without(&rest) {
                Some(shorter) => rest = shorter,
                // What is there in part is somebody else's.
                None => return false,
            }
        }
        rest
    };
    if rest == before {
        return false;
    }
    variable.fate = if rest.is_empty() && variable.has_only(&["name", "value"]) {
        Fate::Goes
    } else {
        Fate::Becomes(rest)
    };
    true
}

/// Warns of start-up variables that still name a directory which is no longer mounted.
pub(super) fn warn_of_rest(
    container: &Container<'_>,
    names: &[&'static str],
    directory: &str,
    path: impl Fn(usize) -> crate::change::Path,
    notices: &mut Vec<Notice>,
) {
    for (index, variable) in container.env.iter().enumerate() {
        let rest = match &variable.fate {
            Fate::Goes => continue,
            Fate::Becomes(text) => Some(text.as_str()),
            Fate::Stays => variable.literal(),
        };
        let names_it = rest.is_some_and(|rest| rest.contains(directory));
        if names_it && names.contains(&variable.name) {
            let message = format!(
                "the variable {} of the container {} still names {directory}, in a way that no injection writes",
                variable.name, container.name
            );
            let notice = Notice::new("startup-variable-kept", message);
            notices.push(notice.at(Some(path(index))));
        }
    }
}
