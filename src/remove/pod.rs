//! The pod template as removing sees it: its lists, and what becomes of each part of them.

use super::mount::warn_of_shared;
use super::settings;
use crate::change::{Change, Operation, Path};
use crate::inject::{Injection, Notice};
use crate::workload::PodTemplate;
use crate::yaml::{Kind, Layout, Node, Value};

/// A pod template of which parts go.
#[derive(Debug)]
pub(super) struct Pod<'a> {
    pub(super) root: Node<'a>,
    /// Whether its containers are meant to end.
    pub(super) runs_to_completion: bool,
    pub(super) containers: Vec<Container<'a>>,
    pub(super) init_containers: Vec<Container<'a>>,
    pub(super) volumes: Vec<Volume<'a>>,
    pub(super) annotations: Vec<Annotation<'a>>,
    /// Directories for which a volume of the user's may have been shared.
    pub(super) shared: Vec<Shared>,
    /// Sidecars that go and had the pod's processes shared.
    pub(super) process_watchers: Vec<Node<'a>>,
}

/// A directory that an injection mounts in every container.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) path: String,
    pub(super) injection: Injection,
}

/// A container, regular or not.
#[derive(Debug)]
pub(super) struct Container<'a> {
    pub(super) node: Node<'a>,
    pub(super) name: &'a str,
    pub(super) goes: bool,
    pub(super) env: Vec<Variable<'a>>,
    pub(super) mounts: Vec<Mount<'a>>,
}

/// A variable.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    pub(super) node: Node<'a>,
    pub(super) name: &'a str,
    pub(super) fate: Fate,
}

/// What becomes of a variable.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stays as it is.
    Stays,
    /// It stays with another text.
    Becomes(String),
    /// It is taken out.
    Goes,
}

/// A mount.
#[derive(Debug)]
pub(super) struct Mount<'a> {
    /// The name of its volume.
    pub(super) name: &'a str,
    pub(super) path: &'a str,
    /// Whether it mounts the whole volume.
    pub(super) is_whole: bool,
    pub(super) goes: bool,
}

/// A volume.
#[derive(Debug)]
pub(super) struct Volume<'a> {
    pub(super) node: Node<'a>,
    pub(super) name: &'a str,
    /// Set where it goes, unless somebody mounts it still.
    pub(super) goes: bool,
}

/// An annotation.
#[derive(Debug)]
pub(super) struct Annotation<'a> {
    pub(super) key: &'a str,
    pub(super) value: Option<&'a str>,
    pub(super) goes: bool,
}

fn text<'a>(node: Node<'a>, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

/// The items of a list that is the value of a key; none where it is anything else.
fn items<'a>(node: Option<Node<'a>>, key: &str) -> impl Iterator<Item = Node<'a>> {
    let list = node.and_then(|node| node.get(key));
    list.into_iter().flat_map(Node::items)
}

impl<'a> Pod<'a> {
    /// The view of a template.
    pub(super) fn read(template: &PodTemplate<'a>) -> Self {
        let root = template.node;
        let spec = root.get("spec");
        let annotations = root.at(&["metadata", "annotations"]);
        let entries = annotations.map(Node::entries).unwrap_or_default();
        Self {
            root,
            runs_to_completion: template.runs_to_completion,
            containers: items(spec, "containers").map(Container::read).collect(),
            init_containers: items(spec, "initContainers").map(Container::read).collect(),
            volumes: items(spec, "volumes")
                .map(|node| Volume {
                    node,
                    name: text(node, "name"),
                    goes: false,
                })
                .collect(),
            annotations: entries
                .into_iter()
                .map(|(key, value)| Annotation {
                    key,
                    value: value.as_str(),
                    goes: false,
                })
                .collect(),
            shared: Vec::new(),
            process_watchers: Vec::new(),
        }
    }

    /// The names of the regular containers.
    pub(super) fn container_names(&self) -> Vec<&'a str> {
        self.containers.iter().map(|own| own.name).collect()
    }

    /// Takes out every regular container of that name; gives them.
    pub(super) fn take_containers(&mut self, name: &str) -> Vec<Node<'a>> {
        take(&mut self.containers, name)
    }

    /// Takes out every init container of that name; gives whether there was one.
    pub(super) fn take_init_containers(&mut self, name: &str) -> bool {
        !take(&mut self.init_containers, name).is_empty()
    }

    /// Takes out the volumes that fit; gives whether there was one that no container mounts any more:
    /// one that stays in use tells nothing of an injection.
    pub(super) fn take_volumes(&mut self, fits: impl Fn(&Volume<'a>) -> bool) -> bool {
        let mut found = false;
        for index in 0..self.volumes.len() {
            if fits(&self.volumes[index]) {
                self.volumes[index].goes = true;
                found |= !self.is_mounted(self.volumes[index].name);
            }
        }
        found
    }

    /// Takes the mounts that fit out of the regular containers, and out of init containers that go;
    /// gives whether there was one.
    pub(super) fn take_mounts(&mut self, fits: impl Fn(&Mount<'a>) -> bool) -> bool {
        let mut found = false;
        let ours = self.init_containers.iter_mut().filter(|own| own.goes);
        let containers = self.containers.iter_mut().chain(ours);
        let mounts = containers.flat_map(|own| own.mounts.iter_mut());
        for mount in mounts.filter(|own| own.is_whole && fits(own)) {
            mount.goes = true;
            found = true;
        }
        found
    }

    /// Whether a regular container has a variable with that very text, or is left with it.
    pub(super) fn has_variable(&self, name: &str, text: &str) -> bool {
        let mut variables = self.containers.iter().flat_map(|own| own.env.iter());
        variables.any(|own| own.name == name && own.rest() == Some(text))
    }

    /// The mounts that go from containers that go themselves.
    pub(super) fn own_mounts(&self) -> Vec<Path> {
        let mut found = Vec::new();
        for (key, list) in [
            ("containers", &self.containers),
            ("initContainers", &self.init_containers),
        ] {
            for (index, container) in list.iter().enumerate().filter(|(_, own)| own.goes) {
                let path = Path::new(["spec", key]).join(index).join("volumeMounts");
                let mounts = container.mounts.iter().enumerate();
                let going = mounts.filter(|(_, mount)| mount.goes);
                found.extend(going.map(|(index, _)| path.join(index)));
            }
        }
        found
    }

    /// Whether a container that stays mounts the volume.
    pub(super) fn is_mounted(&self, name: &str) -> bool {
        let regular = self.containers.iter().chain(&self.init_containers);
        let mut mounts = regular
            .filter(|own| !own.goes)
            .flat_map(|own| own.mounts.iter());
        let spec = self.root.get("spec");
        mounts.any(|own| !own.goes && own.name == name)
            || items(spec, "ephemeralContainers")
                .map(Container::read)
                .any(|own| own.mounts.iter().any(|own| own.name == name))
    }

    /// What has to change: annotations, then containers, then the rest of `spec`.
    pub(super) fn into_changes(mut self, notices: &mut Vec<Notice>) -> Vec<Change> {
        let mut changes = Changes::default();
        self.annotation_changes(&mut changes, notices);
        let spec_path = Path::new(["spec"]);
        let Some(spec) = self.root.get("spec") else {
            return changes.made;
        };
        let path = spec_path.join("containers");
        for (index, container) in self.containers.iter().enumerate() {
            if !container.goes {
                container.changes(&path.join(index), &mut changes);
            }
        }
        let gone = |list: &[Container<'_>]| list.iter().map(|own| own.goes).collect::<Vec<_>>();
        changes.list(spec, &spec_path, "containers", &gone(&self.containers));
        let dropped = changes.list(
            spec,
            &spec_path,
            "initContainers",
            &gone(&self.init_containers),
        );
        let mut dropped = if dropped {
            vec!["initContainers"]
        } else {
            Vec::new()
        };
        for index in 0..self.volumes.len() {
            let Volume { name, goes, .. } = self.volumes[index];
            if goes && self.is_mounted(name) {
                self.volumes[index].goes = false;
                let message = format!("the volume {name} is kept: a container still mounts it");
                let place = spec_path.join("volumes").join(index);
                notices.push(Notice::new("volume-kept", message).at(Some(place)));
            }
        }
        let gone: Vec<bool> = self.volumes.iter().map(|own| own.goes).collect();
        if changes.list(spec, &spec_path, "volumes", &gone) {
            dropped.push("volumes");
        }
        for shared in &self.shared {
            warn_of_shared(&self, shared, notices);
        }
        settings::remove(&self, spec, &dropped, &mut changes, notices);
        changes.made
    }

    fn annotation_changes(&self, changes: &mut Changes, notices: &mut Vec<Notice>) {
        let (Some(metadata), Some(node)) = (
            self.root.get("metadata"),
            self.root.at(&["metadata", "annotations"]),
        ) else {
            return;
        };
        let path = Path::new(["metadata", "annotations"]);
        let mut going = Vec::new();
        for annotation in self.annotations.iter().filter(|own| own.goes) {
            if stands_once(node, annotation.key) {
                going.push(annotation.key);
            } else {
                let key = annotation.key;
                let message = format!(
                    "the annotation {key} is kept: it stands there more than once, or comes by a merge key"
                );
                let place = path.join(key.to_owned());
                notices.push(Notice::new("annotation-kept", message).at(Some(place)));
            }
        }
        let all = going.len() == node.raw_entries().count();
        if all && !going.is_empty() && can_drop(metadata, "annotations") {
            let alone = metadata.raw_entries().count() == 1;
            let path = if alone && can_drop(self.root, "metadata") {
                Path::new(["metadata"])
            } else {
                path
            };
            changes.remove(path);
            return;
        }
        for key in going {
            changes.remove(path.join(key.to_owned()));
        }
    }
}

fn take<'a>(list: &mut [Container<'a>], name: &str) -> Vec<Node<'a>> {
    let mut taken = Vec::new();
    for container in list.iter_mut().filter(|own| own.name == name) {
        container.goes = true;
        taken.push(container.node);
    }
    taken
}

impl<'a> Container<'a> {
    fn read(node: Node<'a>) -> Self {
        let set = |node: Node<'_>, key: &str| !text(node, key).is_empty();
        Self {
            node,
            name: text(node, "name"),
            goes: false,
            env: items(Some(node), "env")
                .map(|node| Variable {
                    node,
                    name: text(node, "name"),
                    fate: Fate::Stays,
                })
                .collect(),
            mounts: items(Some(node), "volumeMounts")
                .map(|node| Mount {
                    name: text(node, "name"),
                    path: text(node, "mountPath"),
                    is_whole: !set(node, "subPath") && !set(node, "subPathExpr"),
                    goes: false,
                })
                .collect(),
        }
    }

    fn changes(&self, path: &Path, changes: &mut Changes) {
        let env = path.join("env");
        for (index, variable) in self.env.iter().enumerate() {
            if let Fate::Becomes(text) = &variable.fate {
                let value = Operation::Set(Value::string(text.clone()).into());
                let path = env.join(index).join("value");
                changes.made.push(Change::new(path, value));
            }
        }
        let gone: Vec<bool> = self.env.iter().map(|own| own.fate == Fate::Goes).collect();
        changes.list(self.node, path, "env", &gone);
        let gone: Vec<bool> = self.mounts.iter().map(|own| own.goes).collect();
        changes.list(self.node, path, "volumeMounts", &gone);
    }
}

impl<'a> Variable<'a> {
    /// Its text; nothing where its value comes from elsewhere.
    pub(super) fn literal(&self) -> Option<&'a str> {
        let elsewhere = self.node.get("valueFrom").filter(|node| !node.is_null());
        elsewhere.is_none().then(|| text(self.node, "value"))
    }

    /// What is left of its text; nothing where it goes, or its value comes from elsewhere.
    pub(super) fn rest(&self) -> Option<&str> {
        match &self.fate {
            Fate::Stays => self.literal(),
            Fate::Becomes(text) => Some(text),
            Fate::Goes => None,
        }
    }

    /// Whether it has no other keys than these.
    pub(super) fn has_only(&self, keys: &[&str]) -> bool {
        let mut entries = self.node.entries().into_iter();
        entries.all(|(key, value)| keys.contains(&key) || value.is_null())
    }
}

/// The changes, as far as they are known.
#[derive(Debug, Default)]
pub(super) struct Changes {
    made: Vec<Change>,
}

impl Changes {
    pub(super) fn remove(&mut self, path: Path) {
        self.made.push(Change::new(path, Operation::Remove));
    }

    /// Takes the items that are gone out of the list that is the value of a key; one that has nothing
    /// left goes with its key. Gives whether it does.
    fn list(&mut self, around: Node<'_>, path: &Path, key: &'static str, gone: &[bool]) -> bool {
        let path = path.join(key);
        if !gone.contains(&true) {
            return false;
        }
        if !gone.contains(&false) && can_drop(around, key) {
            self.remove(path);
            return true;
        }
        for (index, _) in gone.iter().enumerate().filter(|(_, gone)| **gone) {
            self.remove(path.join(index));
        }
        false
    }
}

/// Whether a key stands in a mapping once, and does not come by a merge key as well, so that it is
/// gone when its entry is.
pub(super) fn stands_once(mapping: Node<'_>, key: &str) -> bool {
    let keys = mapping.raw_entries();
    let own = keys.filter(|(name, _)| name.as_str() == Some(key));
    let tree = mapping.tree();
    own.count() == 1 && tree.inherited(tree.resolve(mapping.id()), key).is_none()
}

/// Whether a collection that has nothing left goes with its key: but for one in brackets among block
/// style, which somebody wrote so.
fn can_drop(mapping: Node<'_>, key: &str) -> bool {
    let tree = mapping.tree();
    let around = tree.kind(tree.resolve(mapping.id()));
    let is_flow = |kind| {
        matches!(
            kind,
            Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow)
        )
    };
    let value = mapping.get(key).map(|value| tree.kind(value.id()));
    stands_once(mapping, key) && value.is_some_and(|value| is_flow(around) || !is_flow(value))
}
