//! What is done to a pod and its containers, written down as it is done. Nobody keeps a journal unless
//! somebody asks why: a closed one costs a look.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Volume as KubernetesVolume;

use super::account::{Act, Deed};
use super::container::{Body, Container, InitContainer, Mount, Variable, container_path};
use super::outcome::Flaw;
use super::pod::{Annotation, Pod, Volume};
use super::stock::Stock;
use crate::change::Path;
use crate::yaml::Value;

/// What was done to one container, or to the pod around the containers.
#[derive(Debug, Default)]
pub(super) struct Journal(Option<RefCell<Vec<Entry>>>);

/// What is done, and where that which was there before stands.
type Entry = (Act, Option<Path>);

impl Journal {
    /// A journal that is kept where `is_kept`.
    pub(super) fn new(is_kept: bool) -> Self {
        Self(is_kept.then(RefCell::default))
    }

    /// Whether anybody asks.
    pub(super) fn is_kept(&self) -> bool {
        self.0.is_some()
    }

    /// Writes down what is done, and where that which was there before stands.
    pub(super) fn note(&self, what: impl FnOnce() -> Entry) {
        if let Some(entries) = &self.0 {
            let entry = what();
            entries.borrow_mut().push(entry);
        }
    }

    /// All that was written down since it was taken last.
    pub(super) fn take<'j>(
        &'j mut self,
        container: Option<&'j Arc<str>>,
    ) -> impl Iterator<Item = Deed<Path>> + 'j {
        let entries = self.0.as_mut().map(|own| std::mem::take(own.get_mut()));
        let deed = move |(act, place)| Deed {
            container: container.cloned(),
            act,
            place,
        };
        entries.unwrap_or_default().into_iter().map(deed)
    }
}

impl Container<'_> {
    /// Gives a variable that is to load something its text as [`Container::set_variable`] does.
    /// `extended` is what becomes of a value that is there.
    pub(super) fn extend_variable(
        &mut self,
        name: &str,
        value: Cow<'static, str>,
        extended: impl Fn(&str) -> Option<String>,
        stock: &Stock,
    ) -> Result<(), Flaw> {
        self.journal.note(|| {
            let act = match self.variable(name).map(Variable::value) {
                None => Act::AddVariable { name: name.into() },
                Some(own) if own == value => Act::CompleteVariable { name: name.into() },
                Some(own) => Act::ExtendVariable {
                    name: name.into(),
                    ours: if own.is_empty() {
                        vec![value.trim().to_owned()]
                    } else {
                        added(extended)
                    },
                    dropped: 0,
                },
            };
            (act, self.variable_path(name))
        });
        self.set_variable(name, value, stock)
    }

    /// Writes down that a variable stays as it is, since it has everything.
    pub(super) fn note_complete(&self, name: &str) {
        self.journal.note(|| {
            let act = Act::CompleteVariable { name: name.into() };
            (act, self.variable_path(name))
        });
    }

    /// Writes down that a variable stays as it is, since it is there.
    pub(super) fn note_kept(&self, name: &str) {
        self.journal.note(|| {
            let act = Act::KeepVariable { name: name.into() };
            (act, self.variable_path(name))
        });
    }

    /// Where the user's mount at that very path stands.
    pub(super) fn mount_path_of(&self, path: &str) -> Option<Path> {
        self.mount_place(|own| own.path() == path)
    }

    fn mount_place(&self, is_meant: impl Fn(&Mount<'_>) -> bool) -> Option<Path> {
        let mounts = &self.mounts.items;
        let index = mounts.iter().position(is_meant)?;
        let is_written = matches!(mounts.get(index)?, Mount::Written(_));
        is_written.then(|| Some(self.path("volumeMounts")?.join(index)))?
    }

    /// Writes down that a volume is not mounted, since it is mounted already.
    pub(super) fn note_mount_kept(&self, volume: &str) {
        self.journal.note(|| {
            let place = self.mount_place(|own| own.name() == volume);
            let volume = volume.to_owned();
            (Act::KeepMount { volume }, place)
        });
    }

    /// Keeps a journal of a container of ours, from its own parts on.
    pub(super) fn keep_journal(&mut self) {
        self.journal = Journal::new(true);
        for variable in &self.env.items {
            let name = variable.name().to_owned();
            self.journal.note(|| (Act::AddVariable { name }, None));
        }
        for mount in &self.mounts.items {
            self.journal.note(|| (mount.adding(), None));
        }
    }
}

impl Pod<'_> {
    /// Keeps a journal of everything that is done to it and its containers from now on.
    pub(super) fn keep_journal(&mut self) {
        self.journal = Journal::new(true);
        for container in &mut self.containers.items {
            container.journal = Journal::new(true);
        }
    }

    /// All that was written down since it was taken last: the pod's own, then that of each container.
    pub(super) fn take_journal(&mut self) -> Vec<Deed<Path>> {
        let mut deeds: Vec<Deed<Path>> = self.journal.take(None).collect();
        for container in &mut self.containers.items {
            let name = container.name().into();
            deeds.extend(container.journal.take(Some(&name)));
        }
        deeds
    }

    /// Writes down that a container of ours is added.
    pub(super) fn note_container(&self, container: &mut Container<'_>) {
        if !self.journal.is_kept() {
            return;
        }
        container.keep_journal();
        if let Body::Injected(body) = &container.body {
            let act = Act::AddContainer {
                name: body.name.clone(),
                image: body.image.clone().unwrap_or_default(),
            };
            self.journal.note(|| (act, None));
        }
    }

    /// Writes down that a volume is not added, since one of its name is there.
    pub(super) fn note_volume_kept(&self, name: &str) {
        self.journal.note(|| {
            let act = Act::KeepVolume { name: name.into() };
            let mut volumes = self.volumes.items.iter();
            let place = volumes
                .position(|own| own.name() == name && matches!(own, Volume::Written { .. }))
                .map(|index| Path::new(["spec", "volumes"]).join(index));
            (act, place)
        });
    }

    /// Writes down that an init container of an earlier injection stays as it is.
    pub(super) fn note_init_container_kept(&self, name: &str) {
        self.journal.note(|| {
            let act = Act::KeepInitContainer { name: name.into() };
            (act, self.init_container_place(name))
        });
    }

    /// Writes down what becomes of processes and restarts, where that is not so already.
    pub(super) fn note_shared_processes(&self, restart_always: bool) {
        if !self.journal.is_kept() {
            return;
        }
        let place = |key: &'static str| self.spec(key).map(|_| Path::new(["spec", key]));
        if !(self.share_processes || self.shares_processes_already()) {
            let place = place("shareProcessNamespace");
            self.journal.note(|| (Act::ShareProcesses, place));
        }
        let act = match restart_always {
            true if self.restart_always || self.restarts_already() => return,
            true => Act::RestartAlways,
            false => Act::KeepRestartPolicy,
        };
        self.journal.note(|| (act, place("restartPolicy")));
    }

    /// Where the user's annotation of that key stands.
    pub(super) fn annotation_place(&self, key: &str) -> Option<Path> {
        let mut annotations = self.annotations().iter();
        let is_written =
            |own: &Annotation<'_>| matches!(own, Annotation::Written(name, _) if *name == key);
        annotations
            .any(is_written)
            .then(|| Path::new(["metadata", "annotations"]).join(key.to_owned()))
    }

    /// Where the user's container of that name stands.
    pub(super) fn container_place(&self, name: &str) -> Option<Path> {
        let mut containers = self.containers.items.iter();
        let own = containers.find(|own| own.name() == name)?;
        match own.body {
            Body::Written(index, ..) => Some(container_path(index)),
            Body::Injected(_) => None,
        }
    }

    /// Where the user's init container of that name stands.
    pub(super) fn init_container_place(&self, name: &str) -> Option<Path> {
        let mut containers = self.init_containers.items.iter();
        let index = containers.position(|own| own.name() == name)?;
        let own = self.init_containers.items.get(index)?;
        matches!(own, InitContainer::Written(_))
            .then(|| Path::new(["spec", "initContainers"]).join(index))
    }
}

/// What it is to add an init container of that value.
pub(super) fn adding_init_container(name: &str, value: &Value) -> Act {
    let image = match value {
        Value::Mapping(entries) => entries
            .iter()
            .find(|(key, _)| key.as_text() == Some("image"))
            .and_then(|(_, image)| image.as_text()),
        _ => None,
    };
    Act::AddInitContainer {
        name: name.to_owned(),
        image: image.unwrap_or_default().to_owned(),
    }
}

/// What it is to add a volume.
pub(super) fn adding_volume(volume: &KubernetesVolume) -> Act {
    let kind = if volume.empty_dir.is_some() {
        "emptyDir"
    } else if volume.host_path.is_some() {
        "hostPath"
    } else {
        "downwardAPI"
    };
    Act::AddVolume {
        name: volume.name.clone(),
        kind,
    }
}

impl Mount<'_> {
    /// What it is to add it.
    pub(super) fn adding(&self) -> Act {
        Act::AddMount {
            volume: self.name().to_owned(),
            path: self.path().to_owned(),
        }
    }
}

/// What is put in front of and behind a value. The user's own is not looked at: it could stand in ours,
/// too, and is nobody's business.
fn added(extended: impl Fn(&str) -> Option<String>) -> Vec<String> {
    const PLACEHOLDER: &str = "\0";
    let text = extended(PLACEHOLDER).unwrap_or_default();
    text.split(PLACEHOLDER)
        .map(|part| part.trim_matches([' ', ':']).to_owned())
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_is_told() {
        let with = |before: &'static str, behind: &'static str| {
            added(|value| Some(format!("{before}{value}{behind}")))
        };
        assert_eq!(with("", " -javaagent:/a.jar"), ["-javaagent:/a.jar"]);
        assert_eq!(with("/lib/:", ""), ["/lib/"]);
        assert_eq!(with("/a:", ":/b"), ["/a", "/b"]);
        assert!(added(|_| None).is_empty());
    }
}
