//! Start-up variables: the text by which a runtime loads a library, out of what the user has there.

use super::pod::{Container, Fate, Pod, Variable};
use crate::config::language::{DDTRACE_V2, Language, OTEL};
use crate::inject::ddtrace::language::startup_variables;
use crate::inject::otel::language::library;
use crate::inject::startup::Added;
use crate::inject::{Injection, Notice, ddtrace, otel};
use crate::workload::PodTemplate;

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
    let goes = rest.is_empty() && variable.has_only(&["name", "value"]);
    // A blank in front is nobody else's: the user may have added text behind it since. Without it, a text
    // that names the library alone is the user's own.
    let was_made = startup.alone.is_some_and(|alone| {
        before == alone || (alone.starts_with(' ') && before.starts_with(alone))
    });
    variable.fate = if goes {
        Fate::Goes
    } else {
        Fate::Becomes(rest)
    };
    Some(Taken { index, was_made })
}

/// How a library is loaded by a start-up variable.
struct Loader {
    variable: &'static str,
    added: &'static [Added],
    /// Whether a value loads it.
    loads: Loads,
}

#[derive(Clone, Copy)]
enum Loads {
    Ddtrace(fn(&str) -> bool),
    /// What it becomes, if it does not yet.
    Otel(fn(&str) -> Option<String>),
}

impl Loader {
    fn is_in(&self, value: &str) -> bool {
        match self.loads {
            Loads::Ddtrace(is_complete) => is_complete(value),
            Loads::Otel(extended) => extended(value).is_none(),
        }
    }
}

/// How a tracing injection's library for a language is loaded.
fn loaders(injection: Injection, language: Language) -> Vec<Loader> {
    match injection {
        Injection::Ddtrace => startup_variables(language)
            .iter()
            .map(|own| Loader {
                variable: own.name,
                added: own.added,
                loads: Loads::Ddtrace(own.is_complete),
            })
            .collect(),
        Injection::Otel => library(language)
            .into_iter()
            .map(|own| Loader {
                variable: own.variable,
                added: own.added,
                loads: Loads::Otel(own.extended),
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Whether a tracing injection brought the library for that language into a pod: it is there, a container
/// loads that one, and no container loads another language's alone. What else loads a library there is
/// the user's.
pub(crate) fn loads_library(
    template: &PodTemplate<'_>,
    injection: Injection,
    language: Language,
) -> bool {
    let is_there = |injection: Injection| injection.container_in(template.node).is_some();
    let (volume, all, other) = match injection {
        Injection::Ddtrace => (ddtrace::VOLUME, DDTRACE_V2, Injection::Otel),
        Injection::Otel => (otel::VOLUME, OTEL, Injection::Ddtrace),
        _ => return false,
    };
    if !is_there(injection) || is_there(other) {
        return false;
    }
    let pod = Pod::read(template);
    let mounting = pod.containers.iter();
    let mounting = mounting.filter(|own| own.mounts.iter().any(|mount| mount.name == volume));
    let mut is_loaded = false;
    for container in mounting {
        let loads = |own: &Loader| {
            let mut variables = container.env.iter();
            let variable = variables.find(|variable| variable.name == own.variable);
            let text = variable.and_then(Variable::literal);
            text.is_some_and(|text| own.is_in(text))
        };
        let own = loaders(injection, language);
        if !own.is_empty() && own.iter().all(loads) {
            is_loaded = true;
            continue;
        }
        let others = all.iter().filter(|own| **own != language);
        let mut others = others.flat_map(|own| loaders(injection, *own));
        if others.any(|own| !own.added.is_empty() && loads(&own)) {
            return false;
        }
    }
    is_loaded
}

/// Whether two values of a start-up variable load the same libraries, and say the same besides: where
/// in the value a library stands is no difference, and neither is how often.
pub(crate) fn is_same(name: &str, one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.to_owned(), other.to_owned());
    let mut is_known = false;
    for (injection, languages) in [(Injection::Ddtrace, DDTRACE_V2), (Injection::Otel, OTEL)] {
        let all = languages.iter().flat_map(|own| loaders(injection, *own));
        for loader in all.filter(|own| own.variable == name && !own.added.is_empty()) {
            match (loader.is_in(&one), loader.is_in(&other)) {
                (true, true) => {}
                (false, false) => continue,
                _ => return false,
            }
            is_known = true;
            for added in loader.added {
                for value in [&mut one, &mut other] {
                    while let Some(rest) = added.without(value) {
                        *value = rest;
                    }
                }
            }
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
