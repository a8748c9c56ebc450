//! From the pod as it has become to the changes that make it so. Positions are those of the
//! unchanged document.

use std::sync::Arc;

use super::container::{Body, Container, InitContainer, Mount, Variable, container_part};
use super::pod::{Annotation, Pod, Volume};
use super::stock::Stock;
use crate::change::{Change, Operation, Path};
use crate::yaml::{Node, Value};

impl Pod<'_> {
    /// Whether the user wrote that its containers always restart.
    pub(super) fn restarts_already(&self) -> bool {
        self.spec("restartPolicy").and_then(Node::as_str) == Some("Always")
    }

    /// Whether the user wrote that its containers share their processes.
    pub(super) fn shares_processes_already(&self) -> bool {
        self.spec("shareProcessNamespace").and_then(Node::as_bool) == Some(true)
    }

    /// What has to change: annotations, then the user's containers, then what is appended, then the
    /// rest of `spec`.
    pub(super) fn into_changes(self, stock: &Stock) -> Vec<Change> {
        let mut changes = Vec::with_capacity(32);
        let restart_always = self.restart_always && !self.restarts_already();
        let share_processes = self.share_processes && !self.shares_processes_already();

        for annotation in self.annotations() {
            if let Annotation::Ours(key, value) = annotation {
                let path = Path::new(["metadata", "annotations", *key]);
                changes.push(Change::new(path, Operation::Set(value.clone())));
            }
        }
        let spec = |key: &'static str| Path::new(["spec", key]);
        let mut appended = Vec::new();
        for container in self.containers.items {
            match container.body {
                Body::Written(index, ..) => written(&mut changes, index, container),
                Body::Injected(_) => appended.extend(injected(container, stock)),
            }
        }
        append(&mut changes, || spec("containers"), appended);
        let init_containers = self.init_containers.items.into_iter();
        let ours = init_containers.filter_map(|own| match own {
            InitContainer::Ours(_, value) => Some(value),
            InitContainer::Written(_) => None,
        });
        append(&mut changes, || spec("initContainers"), ours);
        let ours = self.volumes.items.into_iter().filter_map(|own| match own {
            Volume::Ours(made) => Some(made.value.clone()),
            Volume::Written { .. } => None,
        });
        append(&mut changes, || spec("volumes"), ours);
        let mut set = |key: &'static str, value: Value| {
            let operation = Operation::Set(Arc::new(value));
            changes.push(Change::new(spec(key), operation));
        };
        if restart_always {
            set("restartPolicy", Value::string("Always"));
        }
        if share_processes {
            set("shareProcessNamespace", Value::bool(true));
        }
        changes
    }
}

/// Appends values to one list; its path is made where there are any.
fn append(
    changes: &mut Vec<Change>,
    path: impl FnOnce() -> Path,
    values: impl IntoIterator<Item = Arc<Value>>,
) {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return;
    }
    let path = path();
    changes.extend(values.map(|value| Change::new(path.clone(), Operation::Append(value))));
}

/// A container that was injected, with its variables and mounts.
fn injected(container: Container<'_>, stock: &Stock) -> Option<Arc<Value>> {
    let Body::Injected(body) = container.body else {
        return None;
    };
    let env = container.env.items.into_iter();
    let env = env.filter_map(|own| match own {
        Variable::Ours(made) => Some(made),
        Variable::Written(_) => None,
    });
    let mounts = container.mounts.items.into_iter();
    let mounts = mounts.filter_map(|own| match own {
        Mount::Ours(made) => Some(made),
        Mount::Written(_) => None,
    });
    Some(stock.container(&body, env.collect(), mounts.collect()))
}

/// The changes in a container that the user wrote.
fn written(changes: &mut Vec<Change>, index: usize, container: Container<'_>) {
    let mut env = None;
    let mut env = || {
        env.get_or_insert_with(|| container_part(index, "env"))
            .clone()
    };
    for variable in container.env.items {
        match variable {
            Variable::Ours(made) => {
                changes.push(Change::new(env(), Operation::Append(made.value.clone())));
            }
            Variable::Written(own) if own.edited || own.moved => {
                let (at, moved) = (env().join(own.index), own.moved);
                if let Some(text) = Variable::Written(own).into_edited() {
                    let value = Operation::Set(Arc::new(Value::string(text)));
                    changes.push(Change::new(at.join("value"), value));
                }
                if moved {
                    changes.push(Change::new(at, Operation::MoveLast));
                }
            }
            Variable::Written(_) => {}
        }
    }
    let mounts = container.mounts.items.into_iter();
    let ours = mounts.filter_map(|own| match own {
        Mount::Ours(made) => Some(made.value.clone()),
        Mount::Written(_) => None,
    });
    append(changes, || container_part(index, "volumeMounts"), ours);
}
