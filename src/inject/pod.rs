//! The pod as the rules see it: a light view of a pod template, to which things are added by name.
//!
//! It counts what is done to it, so that an injection that fails half-way is noticed, and leaves
//! nothing behind (`spec/1-behaviour.md`, section 3).

use std::sync::Arc;

use k8s_openapi::api::core::v1::{Volume as KubernetesVolume, VolumeMount};

use super::account::Act;
use super::container::{Container, InitContainer, List};
use super::journal::{Journal, adding_init_container, adding_volume};
use super::outcome::Flaw;
use super::stock::{Made, Stock};
use crate::change::Path;
use crate::config::select::Subject;
use crate::config::selector::NamespaceExpression;
use crate::workload::PodTemplate;
use crate::yaml::{Node, Value};

/// A pod template as the rules see it.
#[derive(Debug)]
pub(super) struct Pod<'a> {
    root: Node<'a>,
    stock: &'a Stock,
    namespace: &'a str,
    /// Whether its containers are meant to end.
    pub(super) runs_to_completion: bool,
    labels: Vec<(&'a str, &'a str)>,
    annotations: Vec<Annotation<'a>>,
    annotations_flaw: Option<Flaw>,
    pub(super) containers: List<Container<'a>>,
    pub(super) init_containers: List<InitContainer<'a>>,
    pub(super) volumes: List<Volume<'a>>,
    /// Set where `restartPolicy` shall become `Always`.
    pub(super) restart_always: bool,
    /// Set where `shareProcessNamespace` shall become true.
    pub(super) share_processes: bool,
    /// Counts what was done to it, its containers aside.
    revision: usize,
    /// Tells what was done to it, its containers aside, where somebody asks.
    pub(super) journal: Journal,
}

/// An annotation.
#[derive(Debug)]
pub(super) enum Annotation<'a> {
    /// The user wrote it: its key and value.
    Written(&'a str, &'a str),
    /// It is ours.
    Ours(&'static str, Arc<Value>),
}

/// A volume.
#[derive(Debug)]
pub(super) enum Volume<'a> {
    /// The user wrote it.
    Written {
        /// Its name.
        name: &'a str,
        /// Whether it is an `emptyDir`.
        is_empty_dir: bool,
    },
    /// It is ours.
    Ours(Arc<Made<KubernetesVolume>>),
}

impl<'a> Pod<'a> {
    /// The view of a template.
    pub(super) fn read(template: &'a PodTemplate<'_>, stock: &'a Stock) -> Self {
        let root = template.node;
        let [metadata, spec] = root.get_all(["metadata", "spec"]);
        let [containers, init_containers, volumes] = spec.map_or([None; 3], |spec| {
            spec.get_all(["containers", "initContainers", "volumes"])
        });
        let [annotations, labels] = metadata.map_or([None; 2], |metadata| {
            metadata.get_all(["annotations", "labels"])
        });
        let annotations_flaw = mapping_flaw(metadata, &["metadata"])
            .or_else(|| mapping_flaw(annotations, &["metadata", "annotations"]));
        let path = |key: &'static str| move || Path::new(["spec", key]);
        Self {
            root,
            stock,
            namespace: &template.namespace,
            runs_to_completion: template.runs_to_completion,
            labels: texts(labels),
            annotations: texts(annotations)
                .into_iter()
                .map(|(key, value)| Annotation::Written(key, value))
                .collect(),
            annotations_flaw,
            containers: List::read(containers, path("containers"), Container::read),
            init_containers: List::read(init_containers, path("initContainers"), |_, node| {
                InitContainer::Written(node)
            }),
            volumes: List::read(volumes, path("volumes"), Volume::read),
            restart_always: false,
            share_processes: false,
            revision: 0,
            journal: Journal::default(),
        }
    }

    /// The value of a key of `spec`.
    pub(super) fn spec(&self, key: &str) -> Option<Node<'a>> {
        self.root.at(&["spec", key])
    }

    /// All annotations.
    pub(super) fn annotations(&self) -> &[Annotation<'a>] {
        &self.annotations
    }

    /// Adds an annotation, unless one of its key is there.
    pub(super) fn add_annotation(
        &mut self,
        key: &'static str,
        value: Arc<Value>,
    ) -> Result<(), Flaw> {
        if let Some(flaw) = &self.annotations_flaw {
            return Err(flaw.clone());
        }
        if self.annotation(key).is_none() {
            self.revision += 1;
            let adding = || Act::AddAnnotation {
                key: key.to_owned(),
            };
            self.journal.note(|| (adding(), None));
            self.annotations.push(Annotation::Ours(key, value));
        }
        Ok(())
    }

    /// Lets its containers see each other's processes, and run for ever where `restart_always`.
    pub(super) fn share_processes(&mut self, restart_always: bool) {
        self.revision += 1;
        self.note_shared_processes(restart_always);
        self.share_processes = true;
        self.restart_always = restart_always;
    }

    /// A number that is another one after anything was done to the pod.
    pub(super) fn revision(&self) -> usize {
        let containers = self.containers.items.iter();
        self.revision + containers.map(|own| own.revision).sum::<usize>()
    }

    /// Whether a regular container of that name is there.
    pub(super) fn has_container(&self, name: &str) -> bool {
        self.containers.items.iter().any(|own| own.name() == name)
    }

    /// The first init container of that name.
    pub(super) fn init_container(&self, name: &str) -> Option<&InitContainer<'a>> {
        let mut own = self.init_containers.items.iter();
        own.find(|own| own.name() == name)
    }

    /// Every regular container that is there at this moment.
    pub(super) fn each_container(
        &mut self,
    ) -> Result<impl Iterator<Item = &mut Container<'a>>, Flaw> {
        self.containers.sound()?;
        Ok(self.containers.items.iter_mut())
    }

    /// Appends a container of ours. Its name is known to be free.
    pub(super) fn add_container(&mut self, mut container: Container<'a>) -> Result<(), Flaw> {
        self.revision += 1;
        self.note_container(&mut container);
        self.containers.append(container)
    }

    /// Appends an init container of ours.
    pub(super) fn add_init_container(
        &mut self,
        name: &'static str,
        value: Arc<Value>,
    ) -> Result<(), Flaw> {
        self.revision += 1;
        self.journal
            .note(|| (adding_init_container(name, &value), None));
        self.init_containers
            .append(InitContainer::Ours(name, value))
    }

    /// The first volume of that name.
    pub(super) fn volume(&self, name: &str) -> Option<&Volume<'a>> {
        self.volumes.items.iter().find(|own| own.name() == name)
    }

    /// Appends a volume, unless one of its name is there.
    pub(super) fn add_volume(&mut self, volume: Arc<Made<KubernetesVolume>>) -> Result<(), Flaw> {
        if self.volume(&volume.what.name).is_some() {
            self.note_volume_kept(&volume.what.name);
            return Ok(());
        }
        self.revision += 1;
        self.journal.note(|| (adding_volume(&volume.what), None));
        self.volumes.append(Volume::Ours(volume))
    }

    /// Mounts a volume in every regular container that does not mount one of that name.
    pub(super) fn mount_everywhere(&mut self, mount: &Arc<Made<VolumeMount>>) -> Result<(), Flaw> {
        self.each_container()?
            .try_for_each(|container| container.add_mount(mount))
    }

    /// Whether any regular container mounts something at that very path.
    pub(super) fn is_mounted(&self, path: &str) -> bool {
        self.containers.items.iter().any(|own| own.mounts_at(path))
    }
}

impl Subject for Pod<'_> {
    fn namespace(&self) -> &str {
        self.namespace
    }

    fn is_in_namespace(&self, expression: &NamespaceExpression) -> bool {
        self.stock.is_in_namespace(self.namespace, expression)
    }

    fn label(&self, key: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(own, _)| *own == key);
        found.map(|(_, value)| *value)
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        let found = self.annotations.iter().find(|own| own.key() == key);
        found.map(Annotation::value)
    }
}

impl<'a> Volume<'a> {
    fn read(_: usize, node: Node<'a>) -> Self {
        let [name, empty_dir] = node.get_all(["name", "emptyDir"]);
        Self::Written {
            name: name.and_then(Node::as_str).unwrap_or_default(),
            is_empty_dir: empty_dir.is_some_and(|source| !source.is_null()),
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written { name, .. } => name,
            Self::Ours(made) => &made.what.name,
        }
    }

    /// Whether it is an `emptyDir`.
    pub(super) fn is_empty_dir(&self) -> bool {
        match self {
            Self::Written { is_empty_dir, .. } => *is_empty_dir,
            Self::Ours(made) => made.what.empty_dir.is_some(),
        }
    }
}

impl Annotation<'_> {
    /// Its key.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Written(key, _) | Self::Ours(key, _) => key,
        }
    }

    /// Its text.
    fn value(&self) -> &str {
        match self {
            Self::Written(_, value) => value,
            Self::Ours(_, value) => value.as_text().unwrap_or_default(),
        }
    }
}

/// A mapping's scalars as texts: `true` and `0` are read as they are written; null is absent.
fn texts(node: Option<Node<'_>>) -> Vec<(&str, &str)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries
        .into_iter()
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .collect()
}

fn mapping_flaw(node: Option<Node<'_>>, path: &[&'static str]) -> Option<Flaw> {
    let node = node.filter(|node| !node.is_null() && !node.is_mapping())?;
    Some(Flaw {
        path: Path::new(path.iter().copied()),
        expected: "a mapping",
        found: node.describe(),
    })
}
