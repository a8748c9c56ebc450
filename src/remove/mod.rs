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
use crate::inject::{Injection, Notice, Switches};
use crate::workload::PodTemplate;

use environment::{Known, known};
use pod::Pod;

pub(crate) use startup::is_same as same_startup;

/// Takes out what was injected, by the names of the operator's things and by one set of rules.
#[derive(Debug)]
pub struct Remover<'r> {
    rules: &'r Rules,
    switches: &'r Switches,
    /// Whether the annotation for container logs goes whatever its value.
    any_logs: bool,
    /// Whether what an older configuration set goes, too, as far as that can be told.
    stale: bool,
    ddtrace: Known<'r>,
    otel: Known<'r>,
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

    /// What is taken out of a pod template. Paths are below it.
    #[must_use]
    pub fn remove(&self, template: &PodTemplate<'_>) -> Removal {
        self.remove_these(template, &Injection::ALL)
    }

    /// The same for some of the injections.
    #[must_use]
    pub fn remove_these(&self, template: &PodTemplate<'_>, these: &[Injection]) -> Removal {
        let mut pod = Pod::read(template);
        let mut removal = Removal::default();
        let notices = &mut removal.notices;
        let on =
            |injection: &Injection| these.contains(injection) && !self.switches.is_off(*injection);
        let mut rest: Vec<Injection> = Injection::ALL.into_iter().filter(on).collect();
        // What one injection leaves of a start-up variable may be all that another had put there.
        loop {
            let known = removal.removed.len();
            rest.retain(|injection| {
                let found = match injection {
                    Injection::Ddtrace => {
                        ddtrace::remove(&mut pod, &self.ddtrace, self.stale, notices)
                    }
                    Injection::Otel => otel::remove(&mut pod, &self.otel, self.stale, notices),
                    Injection::Logfwd => logfwd::remove(&mut pod),
                    Injection::Flameshot => flameshot::remove(&mut pod, self.rules),
                    Injection::Profiler => profiler::remove(&mut pod),
                    Injection::Logging => {
                        logging::remove(&mut pod, self.rules, self.any_logs, notices)
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
