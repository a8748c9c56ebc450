//! The one model of rules that both dialects are lowered into.
//!
//! What differs between the operator's releases is a value that a rule carries (what happens where
//! its annotation is missing, which directory a path stands for, …), so that neither the choice of
//! a rule nor the injections know of dialects.

use std::sync::Arc;

use super::container::ContainerSettings;
use super::language::Language;
use super::selector::Selector;
use crate::source::Span;

/// All rules of a configuration, each ruleset in the order in which its rules are asked.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Datadog's tracing libraries.
    pub ddtrace: Vec<Rule<Ddtrace>>,
    /// OpenTelemetry's tracing libraries.
    pub otel: Vec<Rule<Otel>>,
    /// The log forwarder.
    pub logfwd: Vec<Rule<Logfwd>>,
    /// The profiler that watches several processes.
    pub flameshot: Vec<Rule<Flameshot>>,
    /// The profiler for one language.
    pub profiler: Vec<Rule<Profiler>>,
    /// The annotation for container logs.
    pub logging: Vec<Rule<Logging>>,
    /// Whether ddtrace leaves a pod that has otel's init container already to otel.
    pub ddtrace_yields_to_otel: bool,
    /// The version annotations that rules of this dialect can ask for.
    pub version_annotations: &'static [&'static str],
}

/// One rule of a ruleset.
#[derive(Clone, Debug)]
pub struct Rule<P> {
    /// Where it was written.
    pub place: Arc<RulePlace>,
    /// Which pods it is about.
    pub selector: Selector,
    /// The annotation that the pod must have, if any.
    pub demand: Option<Demand>,
    /// What happens to a pod that matches and meets the demand.
    pub then: Then<P>,
}

/// Where a rule was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulePlace {
    /// The list that it stands in, such as `admission_inject_v2.ddtraces`.
    pub ruleset: &'static str,
    /// Its position there, from 0; none for what needs no entry, such as dialect v1's annotations.
    pub index: Option<usize>,
    /// Its `name`; empty where it has none.
    pub name: Arc<str>,
    /// The bytes of the entry in the source of the configuration.
    pub span: Span,
}

impl RulePlace {
    /// Whether the rule was written as an entry, and is not one that every configuration has.
    #[must_use]
    pub fn is_entry(&self) -> bool {
        self.index.is_some() || !self.name.is_empty()
    }
}

impl std::fmt::Display for RulePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.ruleset)?;
        if let Some(index) = self.index {
            write!(f, "[{index}]")?;
        }
        if !self.name.is_empty() {
            write!(f, " ({})", self.name)?;
        }
        Ok(())
    }
}

/// An annotation that must exist; it may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The annotation's key.
    pub annotation: String,
    /// What happens where it is missing.
    pub unmet: Unmet,
}

/// What happens where a matching rule's annotation is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// The next rule is asked.
    NextRule,
    /// No rule is chosen.
    Stop,
}

/// What a rule does that matches.
#[derive(Clone, Debug)]
pub enum Then<P> {
    /// It is the rule.
    Apply(P),
    /// The search goes on at that position of the ruleset.
    SkipTo(usize),
    /// It is the rule, and injects nothing.
    Refuse(Refusal),
}

/// Why a rule that was chosen injects nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its language is none that the ruleset knows; empty where it names none.
    UnsupportedLanguage(String),
    /// It is there to leave pods out: it names no language on purpose.
    NoLanguage,
}

/// What a ddtrace rule injects.
#[derive(Clone, Debug)]
pub struct Ddtrace {
    /// The library's language.
    pub language: Language,
    /// The init container that brings it.
    pub container: ContainerSettings,
    /// The build of PHP's loader.
    pub php_loader_flavor: &'static str,
    /// What happens to a pod that has the init container already.
    pub reinvocation: Reinvocation,
    /// Whether a start-up variable that names the library already is left alone.
    pub keeps_complete_variables: bool,
}

/// What ddtrace does to a pod that was injected before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reinvocation {
    /// Nothing.
    Leave,
    /// A start-up variable that was lost is put back (`spec/1-behaviour-v2.md`, section 6).
    RepairJava,
}

/// What an otel rule injects.
#[derive(Clone, Debug)]
pub struct Otel {
    /// The library's language.
    pub language: Language,
    /// The init container that brings it.
    pub container: ContainerSettings,
}

/// What a logfwd rule injects.
#[derive(Clone, Debug)]
pub struct Logfwd {
    /// The sidecar.
    pub container: ContainerSettings,
    /// What happens where the annotation is no list of instances.
    pub invalid_instances: InvalidInstances,
    /// Which directory a path without a wildcard stands for.
    pub directory: DirectoryOf,
    /// The rule's own `log_configs`, JSON; empty where it has none.
    pub log_configs: String,
    /// More paths to mount.
    pub log_volume_paths: Vec<String>,
    /// Whether the pod's labels are mounted too.
    pub pod_info: bool,
}

/// What logfwd does where its annotation is empty or no list of instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidInstances {
    /// Nothing is injected.
    Skip,
    /// The sidecar goes in without: it can fetch its settings over the network.
    Ignore,
}

/// Which directory a path without a wildcard stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryOf {
    /// The one that the path is in.
    Parent,
    /// The path itself.
    Itself,
}

/// What a flameshot rule injects.
#[derive(Clone, Debug)]
pub struct Flameshot {
    /// The sidecar.
    pub container: ContainerSettings,
    /// The `processes` text; empty where it is missing.
    pub processes: String,
    /// Whether Prometheus annotations are added.
    pub prometheus_annotations: bool,
}

impl Flameshot {
    /// The variable of the rule that says where results are written.
    pub const PATH_VARIABLE: &str = "FLAMESHOT_PROFILING_PATH";
    /// The variable of the rule that says on which port the sidecar listens.
    pub const PORT_VARIABLE: &str = "FLAMESHOT_HTTP_LOCAL_PORT";
}

/// What a profiler rule injects.
#[derive(Clone, Debug)]
pub struct Profiler {
    /// The language that is profiled.
    pub language: Language,
    /// The sidecar.
    pub container: ContainerSettings,
}

/// What a logging rule injects.
#[derive(Clone, Debug)]
pub struct Logging {
    /// The annotation's text, JSON.
    pub config: String,
}

impl<P> Rule<P> {
    /// Whether a pod that this rule matches is never shown to the rules behind it.
    fn ends_the_search(&self) -> bool {
        let decides = !matches!(self.then, Then::SkipTo(_));
        decides
            && self
                .demand
                .as_ref()
                .is_none_or(|demand| demand.unmet == Unmet::Stop)
    }
}

/// The rules that no pod can ever reach, since a rule in front of them takes every pod: the
/// position of each entry, with the entry that takes all. Only entries that are `sound` are looked at.
#[must_use]
pub fn unreachable<P>(
    rules: &[Rule<P>],
    sound: impl Fn(&RulePlace) -> bool,
) -> Vec<(&RulePlace, &RulePlace)> {
    let takes_all = |rule: &Rule<P>| rule.selector.takes_every_pod() && rule.ends_the_search();
    let Some(last) = rules
        .iter()
        .position(|rule| takes_all(rule) && sound(&rule.place))
    else {
        return Vec::new();
    };
    let Some((taker, behind)) = rules.get(last..).and_then(<[_]>::split_first) else {
        return Vec::new();
    };
    let skipped_to = rules.iter().filter_map(|rule| match rule.then {
        Then::SkipTo(index) if index > last => Some(index - last - 1),
        _ => None,
    });
    let reachable_from = skipped_to.min().unwrap_or(behind.len());
    let mut found: Vec<(&RulePlace, &RulePlace)> = Vec::new();
    for rule in behind.iter().take(reachable_from) {
        let place = &rule.place;
        let is_new = found.last().is_none_or(|(known, _)| **known != **place);
        if *place != taker.place && is_new && sound(place) {
            found.push((place, &taker.place));
        }
    }
    found
}
