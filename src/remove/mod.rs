//! The way back of the injections: a pod template to the changes that take out what was injected.
//!
//! One file for each injection, in their order; each knows its own things by the names and texts that
//! `inject/` gives them. What is there by the same name, but is not what the injection makes, is the
//! user's and stays. What cannot be told from what the user may have had is said in a notice.

mod ddtrace;
mod environment;
mod flameshot;
mod logfwd;
mod logging;
mod mount;
mod otel;
mod pod;
mod profiler;
mod settings;
mod startup;
mod tags;

use crate::change::{Change, Path};
use crate::config::Rules;
use crate::config::language::Language;
use crate::inject::{Injection, Notice, Switches};
use crate::workload::PodTemplate;

use environment::{Known, known};
use pod::Pod;

pub(crate) use startup::is_same as same_startup;
pub(crate) use startup::loads_library;

/// Takes out what was injected, by the names of the operator's things and by one set of rules.
#[derive(Debug)]
pub struct Remover<'r> {
    rules: &'r Rules,
    switches: &'r Switches,
    /// Whether the annotation for container logs goes whatever its value.
    any_logs: bool,
    /// Whether what an older configuration set goes, too, as far as that can be told.
    stale: bool,
    /// Rules whose annotation for container logs is an injection's as well.
    newer: Option<&'r Rules>,
    ddtrace: Known<'r>,
    otel: Known<'r>,
}

/// How far a tracing injection's own things reach.
#[derive(Clone, Copy, Debug)]
struct Reach {
    /// Whether what an older configuration set is among them.
    stale: bool,
    /// The language of the library; nothing where it may be any.
    language: Option<Language>,
}

impl Reach {
    /// Those of the languages that it may be.
    fn languages(self, all: &'static [Language]) -> impl Iterator<Item = Language> {
        let fits = move |own: &Language| self.language.is_none_or(|only| only == *own);
        all.iter().copied().filter(fits)
    }
}

/// What is taken out of a pod template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removal {
    /// What shall change, with paths below the template.
    pub changes: Vec<Change>,
    /// The injections of which something goes.
    pub removed: Vec<Injection>,
    /// Mounts of injections in containers that go as a whole: where they stand.
    pub own_mounts: Vec<Path>,
    /// What cannot be told from the user's own, or is left of an injection: warnings.
    pub notices: Vec<Notice>,
}

impl<'r> Remover<'r> {
    /// A remover by these rules, for the injections that are not switched off. `any_logs` says that
    /// the annotation for container logs goes whatever its value: somebody named it.
    #[must_use]
    pub fn new(rules: &'r Rules, switches: &'r Switches, any_logs: bool) -> Self {
        Self {
            rules,
            switches,
            any_logs,
            stale: false,
            newer: None,
            ddtrace: known(&rules.ddtrace, |rule| &rule.container),
            otel: known(&rules.otel, |rule| &rule.container),
        }
    }

    /// The same for what an older configuration set as well, as far as that can be told.
    #[must_use]
    pub fn of_stale(self) -> Self {
        Self {
            stale: true,
            ..self
        }
    }

    /// The same where the annotation for container logs may be that of newer rules, too: it does not stay
    /// beside what goes with it.
    #[must_use]
    pub fn or_newer(self, rules: &'r Rules) -> Self {
        Self {
            newer: Some(rules),
            ..self
        }
    }

    /// What is taken out of a pod template. Paths are below it.
    #[must_use]
    pub fn remove(&self, template: &PodTemplate<'_>) -> Removal {
        self.remove_these(template, &Injection::ALL, None)
    }

    /// The same for some of the injections. Where it is known which language's library a tracing injection
    /// brought, only that language's start-up variables are its own.
    #[must_use]
    pub fn remove_these(
        &self,
        template: &PodTemplate<'_>,
        these: &[Injection],
        language: Option<Language>,
    ) -> Removal {
        let mut pod = Pod::read(template);
        let mut removal = Removal::default();
        let notices = &mut removal.notices;
        let on =
            |injection: &Injection| these.contains(injection) && !self.switches.is_off(*injection);
        let mut rest: Vec<Injection> = Injection::ALL.into_iter().filter(on).collect();
        let reach = Reach {
            stale: self.stale,
            language,
        };
        // What one injection leaves of a start-up variable may be all that another had put there.
        loop {
            let known = removal.removed.len();
            rest.retain(|injection| {
                let found = match injection {
                    Injection::Ddtrace => ddtrace::remove(&mut pod, &self.ddtrace, reach, notices),
                    Injection::Otel => otel::remove(&mut pod, &self.otel, reach, notices),
                    Injection::Logfwd => logfwd::remove(&mut pod),
                    Injection::Flameshot => flameshot::remove(&mut pod, self.rules, notices),
                    Injection::Profiler => profiler::remove(&mut pod),
                    Injection::Logging => {
                        let all = [Some(self.rules), self.newer];
                        logging::remove(&mut pod, &all, self.any_logs, notices)
                    }
                };
                if found {
                    removal.removed.push(*injection);
                }
                !found
            });
            if removal.removed.len() == known {
                break;
            }
        }
        removal.removed.sort_unstable();
        // A pod that would have no container left is none that was injected.
        if removal.removed.is_empty() || pod.containers.iter().all(|own| own.goes) {
            return Removal::default();
        }
        removal.own_mounts = pod.own_mounts();
        removal.changes = pod.into_changes(&mut removal.notices);
        removal
    }
}
