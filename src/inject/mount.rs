//! Directories with logs to volumes and mounts: what logfwd and logging have in common
//! (`spec/1-behaviour.md`, section 5.2; `spec/1-behaviour-v2.md`, section 8).

use super::account::Act;
use super::container::Container;
use super::outcome::{Flaw, Notice};
use super::pod::Pod;
use super::stock::Stock;

/// Directories in the order in which they are found, each once.
#[derive(Debug, Default)]
pub(super) struct Directories(Vec<String>);

impl Directories {
    pub(super) fn add(&mut self, directory: &str) {
        if !self.0.iter().any(|own| own == directory) {
            self.0.push(directory.to_owned());
        }
    }
}

/// A directory that is mounted in every container: the volume's name and the path.
#[derive(Debug)]
pub(super) struct Mounted<'d> {
    pub(super) volume: String,
    pub(super) path: &'d str,
}

/// Makes a volume for each directory, or reuses the one that a container mounts there already, and
/// mounts it in every regular container. Gives the mounts, in the order of the directories; one
/// whose path is taken by another kind of volume is left out, with a notice.
pub(super) fn mount_directories<'d>(
    pod: &mut Pod<'_>,
    directories: &'d Directories,
    volume_prefix: &str,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<Vec<Mounted<'d>>, Flaw> {
    let mut mounts = Vec::new();
    for (index, directory) in directories.0.iter().enumerate() {
        let volume = match find_mount(pod, directory) {
            None => [volume_prefix, &index.to_string()].concat(),
            Some((container, name)) => {
                if pod
                    .volume(&name)
                    .is_none_or(|volume| !volume.is_empty_dir())
                {
                    let message = format!(
                        "the directory {directory} is left out: the volume {name} is mounted there, \
                         and is no emptyDir"
                    );
                    let act = || Act::LeavePathOut {
                        path: directory.clone(),
                        volume: name.clone(),
                    };
                    let place = || container.mount_path_of(directory);
                    pod.journal.note(|| (act(), place()));
                    let notice = Notice::new("mount-path-taken", message);
                    notices.push(notice.at(container.path("volumeMounts")));
                    continue;
                }
                let act = || Act::ReuseVolume {
                    path: directory.clone(),
                    volume: name.clone(),
                };
                let place = || container.mount_path_of(directory);
                pod.journal.note(|| (act(), place()));
                name
            }
        };
        mounts.push(Mounted {
            volume,
            path: directory,
        });
    }
    for mount in &mounts {
        pod.add_volume(stock.empty_dir(&mount.volume))?;
    }
    for mount in &mounts {
        pod.mount_everywhere(&stock.mount(&mount.volume, mount.path, false))?;
    }
    Ok(mounts)
}

/// The first container that mounts something at exactly that path, and the volume's name.
fn find_mount<'p, 'a>(pod: &'p Pod<'a>, path: &str) -> Option<(&'p Container<'a>, String)> {
    pod.containers.items.iter().find_map(|container| {
        let mut mounts = container.mounts.items.iter();
        let found = mounts.find(|own| own.path() == path)?;
        Some((container, found.name().to_owned()))
    })
}
