//! The profiler for one language: the way back of `inject/profiler`.

use super::mount::{is_empty_dir, is_plain_empty_dir, source};
use super::pod::{Pod, Volume};
use crate::inject::profiler::{DIRECTORY, EVERYDAY, NAME, VOLUME};
use crate::yaml::Node;

pub(super) fn remove(pod: &mut Pod<'_>) -> bool {
    let sidecars = pod.take_containers(NAME);
    let mut found = !sidecars.is_empty();
    found |= pod.take_mounts(|own| own.name == VOLUME && own.path == DIRECTORY);
    found |= pod.take_volumes(|own| own.name == VOLUME && is_empty_dir(own));
    let Some(sidecar) = sidecars.first() else {
        return found;
    };
    let mounts = sidecar
        .get("volumeMounts")
        .map(Node::items)
        .unwrap_or_default();
    for (name, path) in EVERYDAY {
        // Where any container had something there, the sidecar got no mount, and neither did the
        // others.
        let is = |own: &Node<'_>, key: &str, wanted: &str| {
            own.get(key).and_then(Node::as_str) == Some(wanted)
        };
        if mounts
            .iter()
            .any(|own| is(own, "name", name) && is(own, "mountPath", path))
        {
            pod.take_mounts(|own| own.name == name && own.path == path);
        }
        // One that is still mounted stays without a word: it is the user's, of the same name.
        if !pod.is_mounted(name) {
            pod.take_volumes(|own| own.name == name && is_as_made(own));
        }
    }
    pod.process_watchers.extend(sidecars);
    found
}

/// Whether a volume is what the injection makes under its name.
fn is_as_made(volume: &Volume<'_>) -> bool {
    let [(_, _), (timezone, path)] = EVERYDAY;
    if volume.name != timezone {
        return is_plain_empty_dir(volume);
    }
    let source = source(volume, "hostPath");
    source.is_some_and(|source| source.get("path").and_then(Node::as_str) == Some(path))
}
