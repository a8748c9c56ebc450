//! From the pod as it has become to the changes that make it so. Positions are those of the
//! unchanged document.

use super::container::{Body, Container, InitContainer, Origin, container_path};
use super::manifest;
use super::pod::Pod;
use crate::change::{Change, Operation, Path};
use crate::yaml::{Node, Value};

impl Pod<'_> {
    /// What has to change: annotations, then the user's containers, then what is appended, then the
    /// rest of `spec`.
    pub(super) fn into_changes(self) -> Vec<Change> {
        let mut changes = Vec::new();
        let already = |key: &str, value: &str| {
            self.spec(key)
                .and_then(Node::as_str)
                .is_some_and(|own| own == value)
        };
        let restart_always = self.restart_always && !already("restartPolicy", "Always");
        let share_processes = self.share_processes
            && self.spec("shareProcessNamespace").and_then(Node::as_bool) != Some(true);

        for annotation in self.annotations().iter().filter(|own| own.is_ours) {
            let path = Path::new(["metadata", "annotations"]).join(annotation.key.as_ref());
            let value = Value::string(annotation.value.clone().into_owned());
            changes.push(Change::new(path, Operation::Set(value)));
        }
        let spec = |key: &str| Path::new(["spec", key]);
        let mut appended = Vec::new();
        for container in self.containers.items {
            match container.body {
                Body::Written(index, _) => written(&mut changes, index, container),
                Body::Injected(_) => appended.extend(container.into_injected()),
            }
        }
        for container in appended {
            append(
                &mut changes,
                spec("containers"),
                manifest::value(&container),
            );
        }
        for container in self.init_containers.items {
            if let InitContainer::Injected {
                container,
                security_context,
            } = container
            {
                let value = manifest::value(&*container);
                let value = manifest::with_security_context(value, security_context);
                append(&mut changes, spec("initContainers"), value);
            }
        }
        for volume in self.volumes.items {
            if let Some(volume) = volume.ours {
                append(&mut changes, spec("volumes"), manifest::value(&volume));
            }
        }
        if restart_always {
            let value = Operation::Set(Value::string("Always"));
            changes.push(Change::new(spec("restartPolicy"), value));
        }
        if share_processes {
            let value = Operation::Set(Value::bool(true));
            changes.push(Change::new(spec("shareProcessNamespace"), value));
        }
        changes
    }
}

fn append(changes: &mut Vec<Change>, path: Path, value: Value) {
    changes.push(Change::new(path, Operation::Append(value)));
}

/// The changes in a container that the user wrote.
fn written(changes: &mut Vec<Change>, index: usize, container: Container<'_>) {
    let path = container_path(index);
    let env = path.join("env");
    for variable in container.env.items {
        match variable.origin {
            Origin::Written {
                index,
                edited,
                moved,
            } => {
                let own = env.join(index);
                if edited {
                    let value = Operation::Set(Value::string(variable.value.into_owned()));
                    changes.push(Change::new(own.join("value"), value));
                }
                if moved {
                    changes.push(Change::new(own, Operation::MoveLast));
                }
            }
            Origin::Ours(ours) => append(changes, env.clone(), manifest::value(&ours)),
        }
    }
    for mount in container.mounts.items {
        if let Some(mount) = mount.ours {
            append(changes, path.join("volumeMounts"), manifest::value(&mount));
        }
    }
}
