//! Start-up variables: the text by which a runtime loads a library, out of what the user has there.

use super::pod::{Container, Fate};
use crate::config::language::{DDTRACE_V2, OTEL};
use crate::inject::Notice;
use crate::inject::ddtrace::language::startup_variables;
use crate::inject::otel::language::library;
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

/// A start-up variable out of which the text was taken.
#[derive(Clone, Copy)]
pub(super) struct Taken {
    /// Its position.
    pub(super) index: usize,
    /// Whether the injection made it, so that everything behind it came later.
    pub(super) was_made: bool,
}

/// Takes the text out of the first variable of that name; one that holds nothing else goes, and the next
/// of that name is the first one then. Gives which it was.
pub(super) fn remove(container: &mut Container<'_>, startup: Startup) -> Option<Taken> {
    let mut first = None;
    while let Some(taken) = remove_from_first(container, startup) {
        first = first.or(Some(taken));
        if container.env[taken.index].fate != Fate::Goes {
            break;
        }
    }
    first
}

fn remove_from_first(container: &mut Container<'_>, startup: Startup) -> Option<Taken> {
    let index = container
        .env
        .iter()
        .position(|own| own.name == startup.name && own.fate != Fate::Goes)?;
    let variable = &mut container.env[index];
    let before = variable.rest()?.to_owned();
    let mut rest = before.clone();
    if startup.alone == Some(&*before) {
        rest.clear();
    } else {
        for added in startup.added {
            // What is there in part is somebody else's.
            rest = added.without(&rest)?;
            // What names the library once more cannot be loaded either, when the library is gone.
            while let Some(shorter) = added.without(&rest) {
                rest = shorter;
            }
        }
    }
    if rest == before {
        return None;
    }
    // A blank in front is nobody else's: the user may have added text behind it since.
    let has_mark = |alone: &str| alone.starts_with(' ') && before.starts_with(alone);
    let goes = rest.is_empty() && variable.has_only(&["name", "value"]);
    let was_made = goes || startup.alone.is_some_and(has_mark);
    variable.fate = if goes {
        Fate::Goes
    } else {
        Fate::Becomes(rest)
    };
    Some(Taken { index, was_made })
}

/// Whether two values of a start-up variable load the same libraries, and say the same besides: where
/// in the value a library stands is no difference.
pub(crate) fn is_same(name: &str, one: &str, other: &str) -> bool {
    let ddtrace = DDTRACE_V2
        .iter()
        .flat_map(|own| startup_variables(*own))
        .map(|own| (own.name, own.added));
    let otel = OTEL
        .iter()
        .filter_map(|own| library(*own))
        .map(|own| (own.variable, own.added));
    let (mut one, mut other) = (one.to_owned(), other.to_owned());
    let mut is_known = false;
    for added in ddtrace
        .chain(otel)
        .filter(|own| own.0 == name)
        .flat_map(|own| own.1)
    {
        match (added.without(&one), added.without(&other)) {
            (Some(rest), Some(other_rest)) => (one, other, is_known) = (rest, other_rest, true),
            (None, None) => {}
            _ => return false,
        }
    }
    is_known && one == other
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
        let names_it = variable.rest().is_some_and(|rest| rest.contains(directory));
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
