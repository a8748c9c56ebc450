//! What the profilers set for the pod as a whole: shared processes, and a restart policy
//! (`spec/1-behaviour-v2.md`, sections 9 and 10). Both replace what was there, so that where they stand
//! is all that tells whether they were.

use super::pod::{Changes, Pod, stands_once};
use crate::change::Path;
use crate::inject::manifest::is_in_our_order;
use crate::inject::{Notice, flameshot, profiler};
use crate::yaml::Node;

const RESTART_POLICY: &str = "restartPolicy";
const SHARE_PROCESSES: &str = "shareProcessNamespace";

/// Takes the settings out where the last sidecar that needs them goes. `dropped` are the keys of
/// `spec` that go.
pub(super) fn remove(
    pod: &Pod<'_>,
    spec: Node<'_>,
    dropped: &[&str],
    changes: &mut Changes,
    notices: &mut Vec<Notice>,
) {
    let watches = |name: &str| [flameshot::NAME, profiler::NAME].contains(&name);
    let stays = pod
        .containers
        .iter()
        .any(|own| !own.goes && watches(own.name));
    if pod.process_watchers.is_empty() || stays {
        return;
    }
    // What we write stands at the end; where somebody else wrote it, the order says nothing.
    let order_tells = pod.process_watchers.iter().any(|own| is_in_our_order(*own));
    let keys: Vec<&str> = spec
        .raw_entries()
        .filter_map(|(key, _)| key.as_str())
        .collect();
    let is_at_end = |key: &str| {
        let behind = keys.iter().rev().take_while(|own| **own != key);
        let mut behind = behind.copied();
        behind.all(|own| {
            // The sidecar's volumes come in front of them; a library may come in a later run.
            let is_later = own == "initContainers" && dropped.contains(&own);
            is_later || [RESTART_POLICY, SHARE_PROCESSES].contains(&own)
        })
    };
    // An object that says its kind is a Pod: everything else restarts always, whoever says so.
    let is_pod = pod.root.get("kind").is_some();
    let restarts = |node: Node<'_>| node.as_str() == Some("Always") && !pod.runs_to_completion;
    let shares = |node: Node<'_>| node.as_bool() == Some(true);
    for (key, is_set, text, can_differ) in [
        (
            RESTART_POLICY,
            spec.get(RESTART_POLICY).is_some_and(restarts),
            "Always",
            is_pod,
        ),
        (
            SHARE_PROCESSES,
            spec.get(SHARE_PROCESSES).is_some_and(shares),
            "true",
            true,
        ),
    ] {
        let place = Path::new(["spec", key]);
        if !is_set {
            continue;
        }
        let is_sure = order_tells && is_at_end(key);
        let goes = stands_once(spec, key) && (is_sure || !order_tells);
        if goes {
            changes.remove(place.clone());
        }
        // At the end of a Pod's `spec` a policy that was replaced looks like one that was added.
        let is_told = is_sure && key != RESTART_POLICY;
        if is_told || !can_differ {
            continue;
        }
        let notice = if goes {
            let message = format!(
                "`{key}: {text}` is taken out with the sidecar; whether it, or another value, stood there before \
                 cannot be told"
            );
            Notice::new("setting-removed", message)
        } else {
            let message = format!(
                "`{key}: {text}` is kept: it stood there before the sidecar, perhaps with another value"
            );
            Notice::new("setting-kept", message)
        };
        notices.push(notice.at(Some(place)));
    }
}
