//! What is injected, made once: the same variable, mount or container goes into thousands of pods,
//! and its value is shared by all of them.
//!
//! A stock belongs to one set of rules, whose parts it knows by their addresses, and to one thread.
//! What depends on a pod (a variable with the user's text in it) is kept too, as long as there is
//! room; a full shelf is cleared, so that no input makes a stock grow without bound.

use std::cell::RefCell;
use std::convert::Infallible;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    Container as KubernetesContainer, EmptyDirVolumeSource, EnvVar, Volume, VolumeMount,
};
use k8s_openapi::serde::Serialize;
use rustc_hash::FxHashMap;

use super::manifest;
use crate::config::selector::NamespaceExpression;
use crate::yaml::Value;

/// What a shelf holds at most.
const SHELF: usize = 64;
/// How many finished containers are kept at most.
const CONTAINERS: usize = 1024;
/// How many namespaces are remembered at most.
const NAMESPACES: usize = 1024;

/// Something that is injected, and its value.
#[derive(Debug)]
pub(super) struct Made<T> {
    pub(super) what: T,
    pub(super) value: Arc<Value>,
}

impl<T: Serialize> Made<T> {
    pub(super) fn new(what: T) -> Arc<Self> {
        let value = Arc::new(manifest::value(&what));
        Arc::new(Self { what, value })
    }
}

/// Log files that a rule names.
#[derive(Debug, Default)]
pub(crate) struct LogFiles {
    /// The JSON text that is handed on.
    pub(super) text: String,
    /// The directories that they are in, in their order.
    pub(crate) directories: Vec<String>,
}

/// A part of the rules: its address. The rules stay where they are while a stock is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PartOfRules(usize);

impl PartOfRules {
    fn of<T>(part: &T) -> Self {
        Self(std::ptr::from_ref(part).addr())
    }
}

/// Few things, found by looking at each.
#[derive(Debug)]
struct Shelf<K, V>(RefCell<Vec<(K, V)>>);

impl<K, V> Default for Shelf<K, V> {
    fn default() -> Self {
        Self(RefCell::new(Vec::new()))
    }
}

impl<K, V: Clone> Shelf<K, V> {
    /// The thing whose key fits, made where there is none.
    fn take(&self, fits: impl Fn(&K, &V) -> bool, make: impl FnOnce() -> (K, V)) -> V {
        let Ok(thing) = self.try_take(fits, || Ok::<_, Infallible>(make()));
        thing
    }

    /// The same where making it can fail.
    fn try_take<E>(
        &self,
        fits: impl Fn(&K, &V) -> bool,
        make: impl FnOnce() -> Result<(K, V), E>,
    ) -> Result<V, E> {
        let mut found = None;
        for (key, thing) in self.0.borrow().iter() {
            if fits(key, thing) {
                found = Some(thing.clone());
                break;
            }
        }
        if let Some(found) = found {
            return Ok(found);
        }
        let (key, thing) = make()?;
        let mut things = self.0.borrow_mut();
        if things.len() >= SHELF {
            things.clear();
        }
        things.push((key, thing.clone()));
        Ok(thing)
    }
}

/// An injected container as it has become: its own settings, its variables and its mounts. It keeps
/// its parts, whose addresses are its key.
#[derive(Debug)]
struct Finished {
    _body: Arc<KubernetesContainer>,
    _env: Vec<Arc<Made<EnvVar>>>,
    _mounts: Vec<Arc<Made<VolumeMount>>>,
    value: Arc<Value>,
}

/// Everything that has been made.
#[derive(Debug, Default)]
pub(super) struct Stock {
    settings: Shelf<PartOfRules, Arc<Made<EnvVar>>>,
    texts: Shelf<(), Arc<Made<EnvVar>>>,
    mounts: Shelf<(), Arc<Made<VolumeMount>>>,
    /// Those that are empty directories, and others: a user's may have the name of one of ours.
    volumes: Shelf<bool, Arc<Made<Volume>>>,
    strings: Shelf<(), Arc<Value>>,
    log_files: Shelf<PartOfRules, Option<Arc<LogFiles>>>,
    bodies: Shelf<(PartOfRules, String), Arc<KubernetesContainer>>,
    init_containers: Shelf<(PartOfRules, String), Arc<Value>>,
    finished: RefCell<FxHashMap<Vec<usize>, Finished>>,
    /// Which of the rules' expressions match a namespace, as far as that was asked.
    namespaces: RefCell<FxHashMap<String, Vec<(PartOfRules, bool)>>>,
}

impl Stock {
    /// Whether an expression of the rules matches a namespace.
    pub(super) fn is_in_namespace(
        &self,
        namespace: &str,
        expression: &NamespaceExpression,
    ) -> bool {
        let part = PartOfRules::of(expression);
        let mut namespaces = self.namespaces.borrow_mut();
        if let Some(known) = namespaces.get_mut(namespace) {
            if let Some((_, answer)) = known.iter().find(|(own, _)| *own == part) {
                return *answer;
            }
            let answer = expression.matches(namespace);
            known.push((part, answer));
            return answer;
        }
        if namespaces.len() >= NAMESPACES {
            namespaces.clear();
        }
        let answer = expression.matches(namespace);
        namespaces.insert(namespace.to_owned(), vec![(part, answer)]);
        answer
    }

    /// The variable that a rule's setting asks for; `fits` tells whether one that was made for
    /// another pod is the same in this one.
    pub(super) fn setting<T>(
        &self,
        setting: &T,
        fits: impl Fn(&EnvVar) -> bool,
        make: impl FnOnce() -> EnvVar,
    ) -> Arc<Made<EnvVar>> {
        let part = PartOfRules::of(setting);
        self.settings.take(
            |own, made| *own == part && fits(&made.what),
            || (part, Made::new(make())),
        )
    }

    /// A variable with a text.
    pub(super) fn text(&self, name: &str, text: &str) -> Arc<Made<EnvVar>> {
        let fits = |made: &EnvVar| made.name == name && made.value.as_deref() == Some(text);
        self.texts.take(
            |(), made| fits(&made.what),
            || {
                let variable = EnvVar {
                    name: name.to_owned(),
                    value: Some(text.to_owned()),
                    value_from: None,
                };
                ((), Made::new(variable))
            },
        )
    }

    /// A mount of a volume at a path.
    pub(super) fn mount(&self, name: &str, path: &str, read_only: bool) -> Arc<Made<VolumeMount>> {
        let read_only = read_only.then_some(true);
        let fits = |own: &VolumeMount| {
            own.name == name && own.mount_path == path && own.read_only == read_only
        };
        self.mounts.take(
            |(), made| fits(&made.what),
            || {
                let mount = VolumeMount {
                    name: name.to_owned(),
                    mount_path: path.to_owned(),
                    read_only,
                    ..VolumeMount::default()
                };
                ((), Made::new(mount))
            },
        )
    }

    /// A volume with `emptyDir: {}`.
    pub(super) fn empty_dir(&self, name: &str) -> Arc<Made<Volume>> {
        self.volume_of(true, name, || Volume {
            name: name.to_owned(),
            empty_dir: Some(EmptyDirVolumeSource::default()),
            ..Volume::default()
        })
    }

    /// A volume of another kind, which is always the same under its name.
    pub(super) fn volume(&self, name: &str, make: impl FnOnce() -> Volume) -> Arc<Made<Volume>> {
        self.volume_of(false, name, make)
    }

    fn volume_of(
        &self,
        is_empty_dir: bool,
        name: &str,
        make: impl FnOnce() -> Volume,
    ) -> Arc<Made<Volume>> {
        self.volumes.take(
            |kind, made| *kind == is_empty_dir && made.what.name == name,
            || (is_empty_dir, Made::new(make())),
        )
    }

    /// A string.
    pub(super) fn string(&self, text: &str) -> Arc<Value> {
        let fits = |own: &Value| matches!(own, Value::Scalar(own) if own.text == text);
        self.strings.take(
            |(), own| fits(own),
            || ((), Arc::new(Value::string(text.to_owned()))),
        )
    }

    /// The log files that a part of the rules names, read once; nothing where they cannot be read.
    pub(super) fn log_files<T>(
        &self,
        rule: &T,
        read: impl FnOnce() -> Option<LogFiles>,
    ) -> Option<Arc<LogFiles>> {
        let part = PartOfRules::of(rule);
        self.log_files
            .take(|own, _| *own == part, || (part, read().map(Arc::new)))
    }

    /// The settings of a rule's container in a version, without variables and mounts.
    pub(super) fn body<T, E>(
        &self,
        rule: &T,
        version: &str,
        make: impl FnOnce() -> Result<KubernetesContainer, E>,
    ) -> Result<Arc<KubernetesContainer>, E> {
        let part = PartOfRules::of(rule);
        self.bodies.try_take(
            |own, _| own.0 == part && own.1 == version,
            || Ok(((part, version.to_owned()), Arc::new(make()?))),
        )
    }

    /// The value of a rule's init container in a version.
    pub(super) fn init_container<T, E>(
        &self,
        rule: &T,
        version: &str,
        make: impl FnOnce() -> Result<KubernetesContainer, E>,
    ) -> Result<Arc<Value>, E> {
        let part = PartOfRules::of(rule);
        self.init_containers.try_take(
            |own, _| own.0 == part && own.1 == version,
            || {
                let value = manifest::value(&make()?);
                Ok(((part, version.to_owned()), Arc::new(value)))
            },
        )
    }

    /// The value of a container of these parts.
    pub(super) fn container(
        &self,
        body: &Arc<KubernetesContainer>,
        env: Vec<Arc<Made<EnvVar>>>,
        mounts: Vec<Arc<Made<VolumeMount>>>,
    ) -> Arc<Value> {
        let key: Vec<usize> = std::iter::once(Arc::as_ptr(body).addr())
            .chain(env.iter().map(|part| Arc::as_ptr(part).addr()))
            .chain(mounts.iter().map(|part| Arc::as_ptr(part).addr()))
            .collect();
        let mut finished = self.finished.borrow_mut();
        if let Some(known) = finished.get(&key) {
            return known.value.clone();
        }
        let container = KubernetesContainer {
            env: (!env.is_empty()).then(|| env.iter().map(|part| part.what.clone()).collect()),
            volume_mounts: (!mounts.is_empty())
                .then(|| mounts.iter().map(|part| part.what.clone()).collect()),
            ..(**body).clone()
        };
        let value = Arc::new(manifest::value(&container));
        if finished.len() >= CONTAINERS {
            finished.clear();
        }
        let entry = Finished {
            _body: body.clone(),
            _env: env,
            _mounts: mounts,
            value: value.clone(),
        };
        finished.insert(key, entry);
        value
    }
}
