//! Containers as security sees them: those that were injected, with what they have from the pod, and
//! those of the user's that a library goes into.

use super::endpoint::{JAVA_OPTIONS, loads_java_library};
use super::environment::Environment;
use crate::inject::Injection;
use crate::yaml::Node;

/// A container that was injected, as security sees it: with what it has from the pod.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own"
)]
pub(super) struct OwnContainer {
    pub(super) injection: Injection,
    pub(super) name: &'static str,
    pub(super) is_init: bool,
    pub(super) image: String,
    pub(super) run_as_non_root: bool,
    pub(super) run_as_user: Option<i64>,
    pub(super) privileged: bool,
    pub(super) allows_escalation: bool,
    pub(super) drops_all: bool,
    /// The capabilities that it adds.
    pub(super) adds: Vec<String>,
    pub(super) seccomp: Option<String>,
    /// The volume that it writes to, and its kind, where that cannot be written to.
    pub(super) unwritable: Option<(String, &'static str)>,
}

/// A container of the user's with a read-only root file system.
#[derive(Clone, Debug)]
pub(super) struct ReadOnlyContainer {
    pub(super) name: String,
    /// Whether the library in it writes temporary files, and nothing is mounted for them.
    pub(super) lacks_tmp: bool,
}

/// Kinds of volumes that no container can write to.
const READ_ONLY_VOLUMES: [&str; 5] = ["configMap", "secret", "downwardAPI", "projected", "image"];

impl OwnContainer {
    pub(super) fn read<'a>(
        (injection, name, is_init): (Injection, &'static str, bool),
        container: Node<'a>,
        template: Node<'a>,
    ) -> Self {
        let pod = template.at(&["spec", "securityContext"]);
        let own = container.get("securityContext");
        // The container's own setting wins over the pod's.
        let either = |key: &str| {
            let set =
                |context: Option<Node<'a>>| context?.get(key).filter(|value| !value.is_null());
            set(own).or_else(|| set(pod))
        };
        let is = |key: &str| own.and_then(|own| own.get(key)).and_then(Node::as_bool);
        let list = |key: &str| -> Vec<String> {
            let list = own.and_then(|own| own.at(&["capabilities", key]));
            let items = list.into_iter().flat_map(Node::each_item);
            items
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        };
        let seccomp = |context: Option<Node<'_>>| {
            context?
                .at(&["seccompProfile", "type"])?
                .as_str()
                .map(str::to_owned)
        };
        let image = container.get("image").and_then(Node::as_str);
        Self {
            injection,
            name,
            is_init,
            image: image.unwrap_or_default().to_owned(),
            run_as_non_root: either("runAsNonRoot").and_then(Node::as_bool) == Some(true),
            run_as_user: either("runAsUser").and_then(|user| user.as_str()?.parse().ok()),
            privileged: is("privileged") == Some(true),
            allows_escalation: is("allowPrivilegeEscalation") != Some(false),
            drops_all: list("drop").iter().any(|one| one == "ALL"),
            adds: list("add"),
            seccomp: seccomp(own).or_else(|| seccomp(pod)),
            // logfwd only reads.
            unwritable: unwritable(container, template).filter(|_| injection != Injection::Logfwd),
        }
    }
}

/// The volume that a container of ours writes to, where it is of a kind that cannot be written to.
fn unwritable(container: Node<'_>, template: Node<'_>) -> Option<(String, &'static str)> {
    let mount = container.get("volumeMounts")?.each_item().next()?;
    let name = mount.get("name")?.as_str()?;
    let has_name = |volume: &Node<'_>| volume.get("name").and_then(Node::as_str) == Some(name);
    let volume = template
        .at(&["spec", "volumes"])?
        .each_item()
        .find(has_name)?;
    let kind = READ_ONLY_VOLUMES
        .into_iter()
        .find(|kind| volume.get(kind).is_some_and(|source| !source.is_null()))?;
    Some((name.to_owned(), kind))
}

impl ReadOnlyContainer {
    /// Nothing where the container can write to its root file system.
    pub(super) fn read(container: Node<'_>, env: &Environment<'_>) -> Option<Self> {
        let is_read_only = container.at(&["securityContext", "readOnlyRootFilesystem"]);
        if is_read_only.and_then(Node::as_bool) != Some(true) {
            return None;
        }
        let mounts = container
            .get("volumeMounts")
            .into_iter()
            .flat_map(Node::each_item);
        let has_tmp = mounts.into_iter().any(|mount| {
            let [path, read_only] = mount.get_all(["mountPath", "readOnly"]);
            let path = path.and_then(Node::as_str).unwrap_or_default();
            path.trim_end_matches('/') == "/tmp" && read_only.and_then(Node::as_bool) != Some(true)
        });
        let options = env.text(JAVA_OPTIONS).unwrap_or_default();
        let elsewhere = options.contains("-Djava.io.tmpdir=");
        let name = container.get("name").and_then(Node::as_str);
        Some(Self {
            name: name.unwrap_or_default().to_owned(),
            lacks_tmp: loads_java_library(env) && !has_tmp && !elsewhere,
        })
    }
}
