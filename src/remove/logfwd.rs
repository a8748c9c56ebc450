//! The log forwarder: the way back of `inject/logfwd`.

use super::mount::{is_empty_dir, is_numbered, source};
use super::pod::{Pod, Shared};
use crate::inject::Injection;
use crate::inject::logfwd::{NAME, POD_INFO, VOLUME_PREFIX};
use crate::yaml::Node;

pub(super) fn remove(pod: &mut Pod<'_>) -> bool {
    let sidecars = pod.take_containers(NAME);
    // Where the sidecar mounts them, the others do, too; its own mounts are read-only.
    let places: Vec<(&str, &str)> = sidecars
        .iter()
        .flat_map(|own| own.get("volumeMounts").map(Node::items).unwrap_or_default())
        .filter(|mount| mount.get("readOnly").and_then(Node::as_bool) == Some(true))
        .map(|mount| {
            let text = |key: &str| mount.get(key).and_then(Node::as_str).unwrap_or_default();
            (text("name"), text("mountPath"))
        })
        .collect();
    let is_ours = |name: &str| is_numbered(name, VOLUME_PREFIX);
    let mut found = !sidecars.is_empty();
    found |= pod.take_mounts(|own| is_ours(own.name));
    found |= pod.take_volumes(|own| is_ours(own.name) && is_empty_dir(own));
    found |= pod.take_volumes(|own| own.name == POD_INFO && source(own, "downwardAPI").is_some());
    for (name, path) in places {
        if !is_ours(name) && name != POD_INFO {
            pod.shared.push(Shared {
                path: path.to_owned(),
                injection: Injection::Logfwd,
            });
        }
    }
    found
}
