//! The pod as the rules see it: a light view of a pod template, to which things are added by name.
//!
//! A pod is cloned for each injection and kept where the injection could be completed, so that one
//! that fails leaves nothing behind (`spec/1-behaviour.md`, section 3).

use std::borrow::Cow;

use k8s_openapi::api::core::v1::{
    Container as KubernetesContainer, EmptyDirVolumeSource, Volume as KubernetesVolume, VolumeMount,
};

use super::container::{Container, InitContainer, List};
use super::outcome::Flaw;
use crate::change::Path;
use crate::config::select::Subject;
use crate::workload::PodTemplate;
use crate::yaml::Node;

/// A pod template as the rules see it.
#[derive(Clone, Debug)]
pub(super) struct Pod<'a> {
    root: Node<'a>,
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
}

/// An annotation.
#[derive(Clone, Debug)]
pub(super) struct Annotation<'a> {
    pub(super) key: Cow<'a, str>,
    pub(super) value: Cow<'a, str>,
    pub(super) is_ours: bool,
}

/// A volume.
#[derive(Clone, Debug)]
pub(super) struct Volume<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) is_empty_dir: bool,
    /// Nothing where the user wrote it.
    pub(super) ours: Option<KubernetesVolume>,
}

impl<'a> Pod<'a> {
    /// The view of a template.
    pub(super) fn read(template: &'a PodTemplate<'_>) -> Self {
        let root = template.node;
        let spec = root.get("spec");
        let spec_part = |key: &str| spec.and_then(|spec| spec.get(key));
        let metadata = root.get("metadata");
        let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
        let labels = metadata.and_then(|metadata| metadata.get("labels"));
        let annotations_flaw = mapping_flaw(metadata, &["metadata"])
            .or_else(|| mapping_flaw(annotations, &["metadata", "annotations"]));
        let path = |key: &str| Path::new(["spec", key]);
        Self {
            root,
            namespace: &template.namespace,
            runs_to_completion: template.runs_to_completion,
            labels: texts(labels),
            annotations: texts(annotations)
                .into_iter()
                .map(|(key, value)| Annotation {
                    key: Cow::Borrowed(key),
                    value: Cow::Borrowed(value),
                    is_ours: false,
                })
                .collect(),
            annotations_flaw,
            containers: List::read(spec_part("containers"), path("containers"), Container::read),
            init_containers: List::read(
                spec_part("initContainers"),
                path("initContainers"),
                |_, node| InitContainer::Written(node),
            ),
            volumes: List::read(spec_part("volumes"), path("volumes"), Volume::read),
            restart_always: false,
            share_processes: false,
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
    pub(super) fn add_annotation(&mut self, key: &str, value: &str) -> Result<(), Flaw> {
        if let Some(flaw) = &self.annotations_flaw {
            return Err(flaw.clone());
        }
        if self.annotation(key).is_none() {
            self.annotations.push(Annotation {
                key: Cow::Owned(key.to_owned()),
                value: Cow::Owned(value.to_owned()),
                is_ours: true,
            });
        }
        Ok(())
    }

    /// Whether a regular container of that name is there.
    pub(super) fn has_container(&self, name: &str) -> bool {
        self.containers.items.iter().any(|own| own.name == name)
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
    pub(super) fn add_container(&mut self, container: KubernetesContainer) -> Result<(), Flaw> {
        self.containers.append(Container::injected(container))
    }

    /// The first volume of that name.
    pub(super) fn volume(&self, name: &str) -> Option<&Volume<'a>> {
        self.volumes.items.iter().find(|own| own.name == name)
    }

    /// Appends a volume, unless one of its name is there.
    pub(super) fn add_volume(&mut self, volume: KubernetesVolume) -> Result<(), Flaw> {
        if self.volume(&volume.name).is_some() {
            return Ok(());
        }
        self.volumes.append(volume.into())
    }

    /// Mounts a volume in every regular container that does not mount one of that name.
    pub(super) fn mount_everywhere(&mut self, mount: &VolumeMount) -> Result<(), Flaw> {
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

    fn label(&self, key: &str) -> Option<&str> {
        let found = self.labels.iter().find(|(own, _)| *own == key);
        found.map(|(_, value)| *value)
    }

    fn annotation(&self, key: &str) -> Option<&str> {
        let found = self.annotations.iter().find(|own| own.key == key);
        found.map(|own| own.value.as_ref())
    }
}

impl<'a> Volume<'a> {
    fn read(_: usize, node: Node<'a>) -> Self {
        let name = node.get("name").and_then(Node::as_str);
        Self {
            name: Cow::Borrowed(name.unwrap_or_default()),
            is_empty_dir: node.get("emptyDir").is_some_and(|source| !source.is_null()),
            ours: None,
        }
    }
}

impl From<KubernetesVolume> for Volume<'_> {
    fn from(volume: KubernetesVolume) -> Self {
        Self {
            name: Cow::Owned(volume.name.clone()),
            is_empty_dir: volume.empty_dir.is_some(),
            ours: Some(volume),
        }
    }
}

/// A volume with `emptyDir: {}`.
pub(super) fn empty_dir(name: &str) -> KubernetesVolume {
    KubernetesVolume {
        name: name.to_owned(),
        empty_dir: Some(EmptyDirVolumeSource::default()),
        ..KubernetesVolume::default()
    }
}

/// A mount without further settings.
pub(super) fn mount(name: &str, path: &str) -> VolumeMount {
    VolumeMount {
        name: name.to_owned(),
        mount_path: path.to_owned(),
        ..VolumeMount::default()
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

fn mapping_flaw(node: Option<Node<'_>>, path: &[&str]) -> Option<Flaw> {
    let node = node.filter(|node| !node.is_null() && !node.is_mapping())?;
    Some(Flaw {
        path: Path::new(path.iter().copied()),
        expected: "a mapping",
        found: node.describe(),
    })
}
