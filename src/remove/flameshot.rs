//! The profiler that watches several processes: the way back of `inject/flameshot`.

use super::mount::is_plain_empty_dir;
use super::pod::Pod;
use crate::change::Path;
use crate::config::Rules;
use crate::config::rule::Then;
use crate::inject::Notice;
use crate::inject::flameshot::{NAME, VOLUME, prometheus_annotations};
use crate::yaml::Node;

pub(super) fn remove(pod: &mut Pod<'_>, rules: &Rules, notices: &mut Vec<Notice>) -> bool {
    let sidecars = pod.take_containers(NAME);
    // The volume's name and the annotations could be anybody's.
    let Some(sidecar) = sidecars.first() else {
        return false;
    };
    let text = |node: Node<'_>, key: &str| {
        let text = node.get(key).and_then(Node::as_str).unwrap_or_default();
        text.to_owned()
    };
    let mounts = sidecar.get("volumeMounts").map(Node::items);
    let mounts = mounts.unwrap_or_default().into_iter();
    let paths: Vec<String> = mounts
        .filter(|own| text(*own, "name") == VOLUME)
        .map(|own| text(own, "mountPath"))
        .collect();
    pod.take_mounts(|own| own.name == VOLUME && paths.iter().any(|path| path == own.path));
    pod.take_volumes(|own| own.name == VOLUME && is_plain_empty_dir(own));
    let ports = sidecar.get("ports").map(Node::items).unwrap_or_default();
    let port = ports.first().map(|own| text(*own, "containerPort"));
    remove_prometheus_annotations(pod, rules, &port.unwrap_or_default(), notices);
    pod.process_watchers.extend(sidecars);
    true
}

/// All five of them or none, where a rule asks for them: the injection adds them where the pod has
/// no other one.
fn remove_prometheus_annotations(
    pod: &mut Pod<'_>,
    rules: &Rules,
    port: &str,
    notices: &mut Vec<Notice>,
) {
    let is_asked_for = rules.flameshot.iter().any(
        |rule| matches!(&rule.then, Then::Apply(flameshot) if flameshot.prometheus_annotations),
    );
    let wanted = prometheus_annotations(port);
    let has = |(key, value): &(&str, &str)| {
        let mut own = pod.annotations.iter();
        own.any(|own| own.key == *key && own.value == Some(value))
    };
    if !wanted.iter().all(has) {
        return;
    }
    if !is_asked_for {
        let message = "the annotations prometheus.io/scrape, port, scheme, path and param_measurement are kept: \
                       no flameshot rule of the configuration asks for them";
        let place = Path::new(["metadata", "annotations", wanted[0].0]);
        notices.push(
            Notice::new("annotation-kept", message)
                .at(Some(place))
                .hint("give the configuration that it was injected with, in the same run"),
        );
        return;
    }
    for annotation in &mut pod.annotations {
        annotation.goes |= wanted.iter().any(|(key, _)| *key == annotation.key);
    }
}
