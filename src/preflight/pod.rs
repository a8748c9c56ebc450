//! What the injections of a pod rely on: read from the pod template as it is with them, so that no rule
//! of theirs is told a second time here.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::container::{OwnContainer, ReadOnlyContainer};
use super::endpoint::{Endpoint, Talks, UntoldAddress};
use super::environment::Environment;
use super::finding::Made;
use super::objects::ObjectKind;
use crate::config::Rules;
use crate::config::container::ContainerSettings;
use crate::config::rule::{Rule, Then};
use crate::diagnostic::Location;
use crate::inject::Injection;
use crate::yaml::Node;

/// The names of the variables that the rules of a configuration set, with the injections that do.
#[derive(Clone, Debug, Default)]
pub struct Configured(HashMap<String, Vec<Injection>>);

impl Configured {
    /// Those of a configuration.
    #[must_use]
    pub fn of(rules: &Rules) -> Self {
        let mut own = Self::default();
        own.add(Injection::Ddtrace, &rules.ddtrace, |rule| &rule.container);
        own.add(Injection::Otel, &rules.otel, |rule| &rule.container);
        own.add(Injection::Logfwd, &rules.logfwd, |rule| &rule.container);
        own.add(Injection::Flameshot, &rules.flameshot, |rule| {
            &rule.container
        });
        own.add(Injection::Profiler, &rules.profiler, |rule| &rule.container);
        own
    }

    fn add<P>(
        &mut self,
        injection: Injection,
        rules: &[Rule<P>],
        container: fn(&P) -> &ContainerSettings,
    ) {
        for rule in rules {
            let Then::Apply(payload) = &rule.then else {
                continue;
            };
            for setting in container(payload).envs.iter() {
                let injections = self.0.entry(setting.name.clone()).or_default();
                if !injections.contains(&injection) {
                    injections.push(injection);
                }
            }
        }
    }

    fn is_set_by(&self, name: &str, made: &[Made]) -> bool {
        let injections = self.0.get(name);
        injections
            .is_some_and(|injections| made.iter().any(|one| injections.contains(&one.injection)))
    }
}

/// What the injections of a pod rely on.
#[derive(Clone, Debug, Default)]
pub struct Reliance {
    /// The injections that it has or gets.
    pub(super) made: Vec<Made>,
    pub(super) endpoints: Vec<Endpoint>,
    /// Where nobody knows where something is sent.
    pub(super) untold: Vec<UntoldAddress>,
    pub(super) reads: Vec<MetadataRead>,
    pub(super) objects: Vec<ObjectUse>,
    pub(super) containers: Vec<OwnContainer>,
    /// Volumes of the injections that are a path of the node.
    pub(super) host_paths: Vec<String>,
    /// The user's containers whose root file system is read-only, where a library goes into them.
    pub(super) read_only: Vec<ReadOnlyContainer>,
    /// What is asked for and cannot be injected.
    pub(super) missing: Vec<Missing>,
}

/// Things in the order in which they came, each once.
#[derive(Clone, Debug)]
pub(super) struct Distinct<T> {
    pub(super) items: Vec<T>,
    known: HashSet<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            known: HashSet::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    pub(super) fn push(&mut self, item: T) {
        if self.known.insert(item.clone()) {
            self.items.push(item);
        }
    }
}

/// An injection that is asked for and cannot be made.
#[derive(Clone, Debug)]
pub struct Missing {
    /// What it is, in words.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where it is asked for.
    pub location: Option<Location>,
}

/// A variable that has the value of a label or an annotation of the pod.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MetadataRead {
    pub(super) variable: String,
    /// `label` or `annotation`.
    pub(super) what: &'static str,
    pub(super) key: String,
    pub(super) is_there: bool,
}

/// A Secret or a `ConfigMap` that the pod needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ObjectUse {
    pub(super) kind: ObjectKind,
    pub(super) name: String,
    /// The key in it; nothing for the pull of images.
    pub(super) key: Option<String>,
    /// What needs it: a variable, or `imagePullSecrets`.
    pub(super) user: String,
}

impl Reliance {
    /// What a pod template with these injections relies on. `template` has them, and stands in
    /// `namespace`.
    #[must_use]
    pub fn of(
        template: Node<'_>,
        namespace: &str,
        made: Vec<Made>,
        configured: &Configured,
    ) -> Self {
        let spec = template.get("spec");
        let part = |key: &str| spec.and_then(|spec| spec.get(key));
        let mut references = References::default();
        let mut own = Self {
            made,
            ..Self::default()
        };
        let mut talks = Talks {
            namespace,
            host_network: part("hostNetwork").and_then(Node::as_bool) == Some(true),
            endpoints: Distinct::default(),
            untold: Distinct::default(),
        };
        let ours = own.made.iter().filter_map(|one| {
            let container = one.injection.container_in(template)?;
            let (name, is_init) = one.injection.container()?;
            Some((one.injection, name, is_init, container))
        });
        let ours: Vec<_> = ours.collect();
        for (injection, name, is_init, container) in &ours {
            let one = OwnContainer::read((*injection, name, *is_init), *container, template);
            own.containers.push(one);
            let env = Environment::of(*container);
            if !is_init {
                talks.add(*injection, &env);
            }
            references.note(&env, |_| true, template);
        }
        let libraries = [Injection::Ddtrace, Injection::Otel];
        let has = |injection: Injection| own.made.iter().any(|one| one.injection == injection);
        let libraries: Vec<Injection> = libraries.into_iter().filter(|one| has(*one)).collect();
        if has(Injection::Logging) {
            talks.add(Injection::Logging, &Environment::default());
        }
        let is_ours =
            |container: &Node<'_>| ours.iter().any(|(.., known)| known.id() == container.id());
        let containers = part("containers").into_iter().flat_map(Node::each_item);
        for container in containers.filter(|one| !is_ours(one)) {
            let env = Environment::of(container);
            for library in &libraries {
                talks.add(*library, &env);
            }
            if !libraries.is_empty() {
                own.read_only
                    .extend(ReadOnlyContainer::read(container, &env));
            }
            let counts = |name: &str| configured.is_set_by(name, &own.made);
            references.note(&env, counts, template);
        }
        own.endpoints = talks.endpoints.items;
        own.untold = talks.untold.items;
        let pulls = part("imagePullSecrets")
            .into_iter()
            .flat_map(Node::each_item);
        for name in pulls.filter_map(|one| one.get("name").and_then(Node::as_str)) {
            references.need(ObjectKind::Secret, name, None, "imagePullSecrets");
        }
        own.reads = references.reads.items;
        own.objects = references.objects.items;
        if let Some(volumes) = part("volumes").filter(|_| own.profiles()) {
            let timezone = volumes.each_item().find(|volume| {
                volume.get("name").and_then(Node::as_str) == Some("timezone")
                    && volume.get("hostPath").is_some_and(|path| !path.is_null())
            });
            own.host_paths
                .extend(timezone.map(|_| "timezone".to_owned()));
        }
        own
    }

    /// Adds an injection that is asked for and cannot be made.
    pub fn add_missing(&mut self, missing: Missing) {
        self.missing.push(missing);
    }

    fn profiles(&self) -> bool {
        self.made
            .iter()
            .any(|one| one.injection == Injection::Profiler)
    }
}

/// What variables refer to.
#[derive(Default)]
struct References {
    reads: Distinct<MetadataRead>,
    objects: Distinct<ObjectUse>,
}

impl References {
    /// What the variables of a container refer to, of those that count.
    fn note(&mut self, env: &Environment<'_>, counts: impl Fn(&str) -> bool, template: Node<'_>) {
        let mut variables: Vec<_> = env.each().filter(|(name, _)| counts(name)).collect();
        variables.sort_by_cached_key(|(_, variable)| variable.node.span().start);
        for (name, variable) in variables {
            let Some(source) = variable.node.get("valueFrom") else {
                continue;
            };
            if let Some(path) = source.at(&["fieldRef", "fieldPath"]).and_then(Node::as_str) {
                self.note_read(name, path, template);
            }
            let sources = [
                ("secretKeyRef", ObjectKind::Secret),
                ("configMapKeyRef", ObjectKind::ConfigMap),
            ];
            for (source_key, kind) in sources {
                let Some(reference) = source.get(source_key) else {
                    continue;
                };
                let [object, key, optional] = reference.get_all(["name", "key", "optional"]);
                let object = object.and_then(Node::as_str);
                if let Some(object) = object
                    && optional.and_then(Node::as_bool) != Some(true)
                {
                    self.need(kind, object, key.and_then(Node::as_str), name);
                }
            }
        }
    }

    fn note_read(&mut self, variable: &str, path: &str, template: Node<'_>) {
        let key_in = |list: &str| {
            let rest = path.strip_prefix("metadata.")?.strip_prefix(list)?;
            rest.strip_prefix("['")?.strip_suffix("']")
        };
        for (list, what) in [("labels", "label"), ("annotations", "annotation")] {
            let Some(key) = key_in(list) else { continue };
            let value = template.at(&["metadata", list, key]);
            self.reads.push(MetadataRead {
                variable: variable.to_owned(),
                what,
                key: key.to_owned(),
                is_there: value.is_some_and(|value| value.as_str().is_some()),
            });
        }
    }

    fn need(&mut self, kind: ObjectKind, name: &str, key: Option<&str>, user: &str) {
        if !name.is_empty() {
            self.objects.push(ObjectUse {
                kind,
                name: name.to_owned(),
                key: key.map(str::to_owned),
                user: user.to_owned(),
            });
        }
    }
}
