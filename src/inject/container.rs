//! A container as the rules see it: its variables and mounts, where names decide and what the user
//! has wins (`spec/1-behaviour.md`, section 3).
//!
//! Of what the user wrote this is a view, not a copy: what the rules do not look at is never taken
//! apart.

use std::borrow::Cow;

use k8s_openapi::api::core::v1::{Container as KubernetesContainer, EnvVar, VolumeMount};

use super::outcome::Flaw;
use crate::change::Path;
use crate::yaml::{Node, Value};

/// A list of the template, or what stands in its place.
#[derive(Clone, Debug)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// Set where the list cannot be appended to.
    flaw: Option<Flaw>,
}

impl<T> List<T> {
    /// The items of a list at `path`, each read with its position; leniently, so that a list that is
    /// no list matters only when something has to be appended.
    pub(super) fn read<'a>(
        node: Option<Node<'a>>,
        path: Path,
        item: impl Fn(usize, Node<'a>) -> T,
    ) -> Self {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return Self {
                items: Vec::new(),
                flaw: None,
            };
        };
        let items = node.items().into_iter().enumerate();
        Self {
            items: items.map(|(index, node)| item(index, node)).collect(),
            flaw: (!node.is_sequence()).then(|| Flaw {
                path,
                expected: "a list",
                found: node.describe(),
            }),
        }
    }

    pub(super) fn append(&mut self, item: T) -> Result<(), Flaw> {
        self.sound()?;
        self.items.push(item);
        Ok(())
    }

    /// Whether items can be appended; the flaw where not.
    pub(super) fn sound(&self) -> Result<(), Flaw> {
        self.flaw.clone().map_or(Ok(()), Err)
    }
}

/// A regular container, of the user's or injected in this run.
#[derive(Clone, Debug)]
pub(super) struct Container<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) env: List<Variable<'a>>,
    pub(super) mounts: List<Mount<'a>>,
    pub(super) body: Body<'a>,
}

/// What a container is apart from its variables and mounts.
#[derive(Clone, Debug)]
pub(super) enum Body<'a> {
    /// The user's, at that position.
    Written(usize, Node<'a>),
    /// Ours; its `env` and `volumeMounts` are those of the view.
    Injected(Box<KubernetesContainer>),
}

/// A variable.
#[derive(Clone, Debug)]
pub(super) struct Variable<'a> {
    pub(super) name: Cow<'a, str>,
    /// Its text; empty where there is none.
    pub(super) value: Cow<'a, str>,
    /// Whether the value comes from elsewhere (`valueFrom`).
    pub(super) is_reference: bool,
    pub(super) origin: Origin<EnvVar>,
}

/// Where something comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin<T> {
    /// The user wrote it.
    Written {
        /// Its position.
        index: usize,
        /// Whether its value was changed.
        edited: bool,
        /// Whether it was moved to the end.
        moved: bool,
    },
    /// It is ours.
    Ours(T),
}

/// A mount.
#[derive(Clone, Debug)]
pub(super) struct Mount<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) path: Cow<'a, str>,
    /// Whether it mounts a part of the volume alone.
    pub(super) has_sub_path: bool,
    /// Whether it has no other setting than name and path.
    pub(super) is_plain: bool,
    /// Nothing where the user wrote it.
    pub(super) ours: Option<VolumeMount>,
}

fn text<'a>(node: Node<'a>, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

impl<'a> Variable<'a> {
    fn read(index: usize, node: Node<'a>) -> Self {
        Self {
            name: Cow::Borrowed(text(node, "name")),
            value: Cow::Borrowed(text(node, "value")),
            is_reference: node.get("valueFrom").is_some_and(|node| !node.is_null()),
            origin: Origin::Written {
                index,
                edited: false,
                moved: false,
            },
        }
    }
}

impl From<EnvVar> for Variable<'_> {
    fn from(variable: EnvVar) -> Self {
        Self {
            name: Cow::Owned(variable.name.clone()),
            value: Cow::Owned(variable.value.clone().unwrap_or_default()),
            is_reference: variable.value_from.is_some(),
            origin: Origin::Ours(variable),
        }
    }
}

impl<'a> Mount<'a> {
    pub(super) fn read(_: usize, node: Node<'a>) -> Self {
        let set = |key: &str| !matches!(text(node, key), "" | "false");
        let has_sub_path = set("subPath") || set("subPathExpr");
        let others = ["readOnly", "recursiveReadOnly", "mountPropagation"];
        Self {
            name: Cow::Borrowed(text(node, "name")),
            path: Cow::Borrowed(text(node, "mountPath")),
            has_sub_path,
            is_plain: !has_sub_path && !others.into_iter().any(set),
            ours: None,
        }
    }
}

impl From<VolumeMount> for Mount<'_> {
    fn from(mount: VolumeMount) -> Self {
        Self {
            name: Cow::Owned(mount.name.clone()),
            path: Cow::Owned(mount.mount_path.clone()),
            has_sub_path: false,
            is_plain: mount.read_only.is_none(),
            ours: Some(mount),
        }
    }
}

/// The path of the user's container at a position.
pub(super) fn container_path(index: usize) -> Path {
    Path::new(["spec", "containers"]).join(index)
}

impl<'a> Container<'a> {
    /// The container that the user wrote at that position.
    pub(super) fn read(index: usize, node: Node<'a>) -> Self {
        let path = container_path(index);
        let mut container = Self {
            name: Cow::Borrowed(text(node, "name")),
            env: List::read(node.get("env"), path.join("env"), Variable::read),
            mounts: List::read(
                node.get("volumeMounts"),
                path.join("volumeMounts"),
                Mount::read,
            ),
            body: Body::Written(index, node),
        };
        if !node.is_mapping() {
            let flaw = Flaw {
                path,
                expected: "a container",
                found: node.describe(),
            };
            container.env.flaw = Some(flaw.clone());
            container.mounts.flaw = Some(flaw);
        }
        container
    }

    /// A container of ours, its `env` and `volumeMounts` included.
    pub(super) fn injected(mut container: KubernetesContainer) -> Self {
        let env = container.env.take().unwrap_or_default();
        let mounts = container.volume_mounts.take().unwrap_or_default();
        Self {
            name: Cow::Owned(container.name.clone()),
            env: List {
                items: env.into_iter().map(Variable::from).collect(),
                flaw: None,
            },
            mounts: List {
                items: mounts.into_iter().map(Mount::from).collect(),
                flaw: None,
            },
            body: Body::Injected(Box::new(container)),
        }
    }

    /// The node of a container that the user wrote.
    pub(super) fn node(&self) -> Option<Node<'a>> {
        match self.body {
            Body::Written(_, node) => Some(node),
            Body::Injected(_) => None,
        }
    }

    /// The way to a part of it below the template, where the user wrote it.
    pub(super) fn path(&self, part: &str) -> Option<Path> {
        match self.body {
            Body::Written(index, _) => Some(container_path(index).join(part)),
            Body::Injected(_) => None,
        }
    }

    /// The first variable of that name.
    pub(super) fn variable(&self, name: &str) -> Option<&Variable<'a>> {
        self.env.items.iter().find(|own| own.name == name)
    }

    /// The way to the first variable of that name.
    pub(super) fn variable_path(&self, name: &str) -> Option<Path> {
        match self.variable(name)?.origin {
            Origin::Written { index, .. } => Some(self.path("env")?.join(index)),
            Origin::Ours(_) => None,
        }
    }

    /// Appends a variable, unless one of its name is there.
    pub(super) fn add_variable(&mut self, variable: EnvVar) -> Result<(), Flaw> {
        if self.variable(&variable.name).is_some() {
            return Ok(());
        }
        self.env.append(variable.into())
    }

    /// Gives the first variable of that name another text, or appends it.
    pub(super) fn set_variable(&mut self, name: &str, value: String) -> Result<(), Flaw> {
        let found = self.env.items.iter_mut().find(|own| own.name == name);
        let Some(variable) = found else {
            return self.env.append(text_variable(name, value).into());
        };
        match &mut variable.origin {
            Origin::Written { edited, .. } => *edited |= variable.value != value,
            Origin::Ours(ours) => ours.value = Some(value.clone()),
        }
        variable.value = Cow::Owned(value);
        Ok(())
    }

    /// Moves the first variable of that name to the end.
    pub(super) fn move_variable_last(&mut self, name: &str) {
        let variables = &mut self.env.items;
        let place = variables.iter().position(|own| own.name == name);
        let Some(place) = place.filter(|place| place + 1 < variables.len()) else {
            return;
        };
        let mut variable = variables.remove(place);
        if let Origin::Written { moved, .. } = &mut variable.origin {
            *moved = true;
        }
        variables.push(variable);
    }

    /// Appends a mount, unless one of its volume is there.
    pub(super) fn add_mount(&mut self, mount: &VolumeMount) -> Result<(), Flaw> {
        if self.mounts.items.iter().any(|own| own.name == mount.name) {
            return Ok(());
        }
        self.mounts.append(mount.clone().into())
    }

    /// Whether something is mounted at that very path.
    pub(super) fn mounts_at(&self, path: &str) -> bool {
        self.mounts.items.iter().any(|own| own.path == path)
    }

    /// The container that was injected, variables and mounts included; nothing for the user's.
    pub(super) fn into_injected(self) -> Option<KubernetesContainer> {
        let Body::Injected(body) = self.body else {
            return None;
        };
        let mut container = *body;
        let env = self.env.items.into_iter();
        let env: Vec<_> = env.filter_map(|variable| variable.origin.ours()).collect();
        let mounts = self.mounts.items.into_iter();
        let mounts: Vec<_> = mounts.filter_map(|mount| mount.ours).collect();
        container.env = (!env.is_empty()).then_some(env);
        container.volume_mounts = (!mounts.is_empty()).then_some(mounts);
        Some(container)
    }
}

impl<T> Origin<T> {
    fn ours(self) -> Option<T> {
        match self {
            Self::Ours(ours) => Some(ours),
            Self::Written { .. } => None,
        }
    }
}

/// A variable with a text.
pub(super) fn text_variable(name: &str, value: String) -> EnvVar {
    EnvVar {
        name: name.to_owned(),
        value: Some(value),
        value_from: None,
    }
}

/// An init container: the user's, or ours with parts that were copied from the user's document as
/// they stand.
#[derive(Clone, Debug)]
pub(super) enum InitContainer<'a> {
    Written(Node<'a>),
    Injected {
        container: Box<KubernetesContainer>,
        security_context: Option<Value>,
    },
}

impl InitContainer<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written(node) => text(*node, "name"),
            Self::Injected { container, .. } => &container.name,
        }
    }
}
