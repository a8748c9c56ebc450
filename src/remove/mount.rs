//! Volumes with logs and their mounts: what logfwd and logging have in common, on the way back.

use super::pod::{Pod, Shared, Volume};
use crate::change::Path;
use crate::inject::Notice;
use crate::yaml::Node;

/// Whether a volume is an `emptyDir`.
pub(super) fn is_empty_dir(volume: &Volume<'_>) -> bool {
    source(volume, "emptyDir").is_some()
}

/// Whether a volume is an `emptyDir` without any setting, as we make it.
pub(super) fn is_plain_empty_dir(volume: &Volume<'_>) -> bool {
    source(volume, "emptyDir").is_some_and(|source| source.entries().is_empty())
}

/// A volume's source, where it is of that kind.
pub(super) fn source<'a>(volume: &Volume<'a>, kind: &str) -> Option<Node<'a>> {
    volume.node.get(kind).filter(|source| !source.is_null())
}

/// Whether a name is a prefix of ours and a number.
pub(super) fn is_numbered(name: &str, prefix: &str) -> bool {
    let number = name.strip_prefix(prefix);
    number.is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Warns of a volume of the user's that is mounted at a path in several containers: the injection
/// shared it, and which of them had it before cannot be told. Asked when all that goes is known.
pub(super) fn warn_of_shared(pod: &Pod<'_>, shared: &Shared, notices: &mut Vec<Notice>) {
    let containers = pod.containers.iter().enumerate();
    let mounted: Vec<(usize, &str)> = containers
        .filter(|(_, container)| !container.goes)
        .filter_map(|(index, container)| {
            let mut mounts = container.mounts.iter();
            let mount = mounts.find(|own| !own.goes && own.path == shared.path)?;
            Some((index, mount.name))
        })
        .collect();
    let Some(&(_, volume)) = mounted.first() else {
        return;
    };
    let same: Vec<usize> = mounted
        .iter()
        .filter_map(|(index, own)| (*own == volume).then_some(*index))
        .collect();
    let is_shareable = |own: &Volume<'_>| own.name == volume && is_empty_dir(own);
    let [_, second, ..] = same[..] else { return };
    if !pod.volumes.iter().any(is_shareable) {
        return;
    }
    let names: Vec<&str> = same.iter().map(|own| pod.containers[*own].name).collect();
    let message = format!(
        "the volume {volume} stays mounted at {} in the containers {}: {} shared it, and which of them had it \
         before cannot be told",
        shared.path,
        names.join(", "),
        shared.injection
    );
    let place = Path::new(["spec", "containers"]).join(second);
    let notice = Notice::new("shared-volume-kept", message);
    notices.push(notice.at(Some(place.join("volumeMounts"))));
}
