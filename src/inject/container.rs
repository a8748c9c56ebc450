//! A container as the rules see it: its variables and mounts, where names decide and what the user
//! has wins (`spec/1-behaviour.md`, section 3).
//!
//! Of what the user wrote this is a view, not a copy: what the rules do not look at is never taken
//! apart.

use std::borrow::Cow;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container as KubernetesContainer, EnvVar, VolumeMount};

use super::account::Act;
use super::journal::Journal;
use super::outcome::Flaw;
use super::stock::{Made, Stock};
use crate::change::{Path, Segment};
use crate::yaml::{Node, Value};

/// A list of the template, or what stands in its place.
#[derive(Debug)]
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// Set where the list cannot be appended to.
    flaw: Option<Box<Flaw>>,
}

impl<T> List<T> {
    /// The items of a list at `path`, each read with its position; leniently, so that a list that is
    /// no list matters only when something has to be appended.
    pub(super) fn read<'a>(
        node: Option<Node<'a>>,
        path: impl FnOnce() -> Path,
        item: impl Fn(usize, Node<'a>) -> T,
    ) -> Self {
        let Some(node) = node.filter(|node| !node.is_null()) else {
            return Self {
                items: Vec::new(),
                flaw: None,
            };
        };
        // Room for what will be added, too.
        let mut items = Vec::with_capacity(node.each_item().count() + 16);
        let nodes = node.each_item().enumerate();
        items.extend(nodes.map(|(index, node)| item(index, node)));
        Self {
            items,
            flaw: (!node.is_sequence()).then(|| {
                Box::new(Flaw {
                    path: path(),
                    expected: "a list",
                    found: node.describe(),
                })
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
        match &self.flaw {
            Some(flaw) => Err((**flaw).clone()),
            None => Ok(()),
        }
    }
}

/// A regular container, of the user's or injected in this run.
#[derive(Debug)]
pub(super) struct Container<'a> {
    pub(super) env: List<Variable<'a>>,
    pub(super) mounts: List<Mount<'a>>,
    pub(super) body: Body<'a>,
    /// Counts what was done to it.
    pub(super) revision: usize,
    /// Tells what was done to it, where somebody asks.
    pub(super) journal: Journal,
}

/// What a container is apart from its variables and mounts.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// The user's, at that position.
    Written(usize, Node<'a>, &'a str),
    /// Ours; its `env` and `volumeMounts` are those of the view.
    Injected(Arc<KubernetesContainer>),
}

/// A variable.
#[derive(Debug)]
pub(super) enum Variable<'a> {
    /// The user wrote it.
    Written(WrittenVariable<'a>),
    /// It is ours.
    Ours(Arc<Made<EnvVar>>),
}

/// A variable that the user wrote.
#[derive(Debug)]
pub(super) struct WrittenVariable<'a> {
    name: &'a str,
    value: Cow<'a, str>,
    is_reference: bool,
    /// Its position.
    pub(super) index: usize,
    /// Whether its value was changed.
    pub(super) edited: bool,
    /// Whether it was moved to the end.
    pub(super) moved: bool,
}

/// A mount.
#[derive(Debug)]
pub(super) enum Mount<'a> {
    /// The user wrote it.
    Written(WrittenMount<'a>),
    /// It is ours.
    Ours(Arc<Made<VolumeMount>>),
}

/// A mount that the user wrote.
#[derive(Debug)]
pub(super) struct WrittenMount<'a> {
    name: &'a str,
    path: &'a str,
    has_sub_path: bool,
    is_plain: bool,
}

fn text<'a>(node: Node<'a>, key: &str) -> &'a str {
    node.get(key).and_then(Node::as_str).unwrap_or_default()
}

impl<'a> Variable<'a> {
    fn read(index: usize, node: Node<'a>) -> Self {
        let [name, value, source] = node.get_all(["name", "value", "valueFrom"]);
        Self::Written(WrittenVariable {
            name: name.and_then(Node::as_str).unwrap_or_default(),
            value: Cow::Borrowed(value.and_then(Node::as_str).unwrap_or_default()),
            is_reference: source.is_some_and(|node| !node.is_null()),
            index,
            edited: false,
            moved: false,
        })
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written(own) => own.name,
            Self::Ours(made) => &made.what.name,
        }
    }

    /// Its text; empty where there is none.
    pub(super) fn value(&self) -> &str {
        match self {
            Self::Written(own) => &own.value,
            Self::Ours(made) => made.what.value.as_deref().unwrap_or_default(),
        }
    }

    /// The text as it shall be, where the user's was changed.
    pub(super) fn into_edited(self) -> Option<String> {
        match self {
            Self::Written(own) if own.edited => Some(own.value.into_owned()),
            _ => None,
        }
    }

    /// Whether the value comes from elsewhere (`valueFrom`).
    pub(super) fn is_reference(&self) -> bool {
        match self {
            Self::Written(own) => own.is_reference,
            Self::Ours(made) => made.what.value_from.is_some(),
        }
    }
}

impl<'a> Mount<'a> {
    pub(super) fn read(_: usize, node: Node<'a>) -> Self {
        let [name, path, settings @ ..] = node
            .get_all([
                "name",
                "mountPath",
                "subPath",
                "subPathExpr",
                "readOnly",
                "recursiveReadOnly",
                "mountPropagation",
            ])
            .map(|value| value.and_then(Node::as_str).unwrap_or_default());
        let set = |value: &&str| !matches!(*value, "" | "false");
        Self::Written(WrittenMount {
            name,
            path,
            has_sub_path: settings[..2].iter().any(set),
            is_plain: !settings.iter().any(set),
        })
    }

    /// The name of its volume.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written(own) => own.name,
            Self::Ours(made) => &made.what.name,
        }
    }

    /// Where it is mounted.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Written(own) => own.path,
            Self::Ours(made) => &made.what.mount_path,
        }
    }

    /// Whether it mounts a part of the volume alone.
    pub(super) fn has_sub_path(&self) -> bool {
        matches!(self, Self::Written(own) if own.has_sub_path)
    }

    /// Whether it has no other setting than name and path.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Self::Written(own) => own.is_plain,
            Self::Ours(made) => made.what.read_only.is_none(),
        }
    }
}

/// The path of the user's container at a position.
pub(super) fn container_path(index: usize) -> Path {
    Path::new(["spec", "containers"]).join(index)
}

/// The path of a part of it.
pub(super) fn container_part(index: usize, part: &'static str) -> Path {
    let [spec, containers] = ["spec", "containers"].map(Segment::from);
    Path::new([spec, containers, index.into(), part.into()])
}

impl<'a> Container<'a> {
    /// The container that the user wrote at that position.
    pub(super) fn read(index: usize, node: Node<'a>) -> Self {
        let below = |part: &'static str| move || container_part(index, part);
        let [name, env, mounts] = node.get_all(["name", "env", "volumeMounts"]);
        let name = name.and_then(Node::as_str).unwrap_or_default();
        let mut container = Self {
            env: List::read(env, below("env"), Variable::read),
            mounts: List::read(mounts, below("volumeMounts"), Mount::read),
            body: Body::Written(index, node, name),
            revision: 0,
            journal: Journal::default(),
        };
        if !node.is_mapping() {
            let flaw = Box::new(Flaw {
                path: container_path(index),
                expected: "a container",
                found: node.describe(),
            });
            container.env.flaw = Some(flaw.clone());
            container.mounts.flaw = Some(flaw);
        }
        container
    }

    /// A container of ours with these variables and mounts.
    pub(super) fn injected(
        body: Arc<KubernetesContainer>,
        env: Vec<Arc<Made<EnvVar>>>,
        mounts: Vec<Arc<Made<VolumeMount>>>,
    ) -> Self {
        Self {
            env: List {
                items: env.into_iter().map(Variable::Ours).collect(),
                flaw: None,
            },
            mounts: List {
                items: mounts.into_iter().map(Mount::Ours).collect(),
                flaw: None,
            },
            body: Body::Injected(body),
            revision: 0,
            journal: Journal::default(),
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        match &self.body {
            Body::Written(_, _, name) => name,
            Body::Injected(body) => &body.name,
        }
    }

    /// The node of a container that the user wrote.
    pub(super) fn node(&self) -> Option<Node<'a>> {
        match self.body {
            Body::Written(_, node, _) => Some(node),
            Body::Injected(_) => None,
        }
    }

    /// The way to a part of it below the template, where the user wrote it.
    pub(super) fn path(&self, part: &'static str) -> Option<Path> {
        match self.body {
            Body::Written(index, _, _) => Some(container_part(index, part)),
            Body::Injected(_) => None,
        }
    }

    /// The first variable of that name.
    pub(super) fn variable(&self, name: &str) -> Option<&Variable<'a>> {
        self.env.items.iter().find(|own| own.name() == name)
    }

    /// The way to the first variable of that name.
    pub(super) fn variable_path(&self, name: &str) -> Option<Path> {
        match self.variable(name)? {
            Variable::Written(own) => Some(self.path("env")?.join(own.index)),
            Variable::Ours(_) => None,
        }
    }

    /// Appends a variable, unless one of its name is there.
    pub(super) fn add_variable(&mut self, variable: &Arc<Made<EnvVar>>) -> Result<(), Flaw> {
        let name = &variable.what.name;
        if self.variable(name).is_some() {
            self.note_kept(name);
            return Ok(());
        }
        self.revision += 1;
        let adding = || Act::AddVariable { name: name.clone() };
        self.journal.note(|| (adding(), None));
        self.env.append(Variable::Ours(variable.clone()))
    }

    /// Gives the first variable of that name another text, or appends it.
    pub(super) fn set_variable(
        &mut self,
        name: &str,
        value: Cow<'static, str>,
        stock: &Stock,
    ) -> Result<(), Flaw> {
        let found = self.env.items.iter_mut().find(|own| own.name() == name);
        match found {
            Some(own) if own.value() == value => return Ok(()),
            Some(Variable::Written(own)) => {
                own.edited = true;
                own.value = value;
            }
            Some(ours) => *ours = Variable::Ours(stock.text(name, &value)),
            None => self.env.append(Variable::Ours(stock.text(name, &value)))?,
        }
        self.revision += 1;
        Ok(())
    }

    /// Moves the first variable of that name to the end.
    pub(super) fn move_variable_last(&mut self, name: &str) {
        let variables = &mut self.env.items;
        let place = variables.iter().position(|own| own.name() == name);
        let Some(place) = place.filter(|place| place + 1 < variables.len()) else {
            return;
        };
        self.revision += 1;
        let mut variable = variables.remove(place);
        if let Variable::Written(own) = &mut variable {
            own.moved = true;
        }
        variables.push(variable);
    }

    /// Appends a mount, unless one of its volume is there.
    pub(super) fn add_mount(&mut self, mount: &Arc<Made<VolumeMount>>) -> Result<(), Flaw> {
        let name = &mount.what.name;
        if self.mounts.items.iter().any(|own| own.name() == name) {
            self.note_mount_kept(name);
            return Ok(());
        }
        self.revision += 1;
        let mount = Mount::Ours(mount.clone());
        self.journal.note(|| (mount.adding(), None));
        self.mounts.append(mount)
    }

    /// Whether something is mounted at that very path.
    pub(super) fn mounts_at(&self, path: &str) -> bool {
        self.mounts.items.iter().any(|own| own.path() == path)
    }
}

/// An init container.
#[derive(Debug)]
pub(super) enum InitContainer<'a> {
    /// The user wrote it.
    Written(Node<'a>),
    /// It is ours: its name and value.
    Ours(&'static str, Arc<Value>),
}

impl InitContainer<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Written(node) => text(*node, "name"),
            Self::Ours(name, _) => name,
        }
    }
}
