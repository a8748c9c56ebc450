//! The log forwarder: a sidecar that reads log files through volumes that it shares with the other
//! containers (`spec/1-behaviour.md`, section 5.2; `spec/1-behaviour-v2.md`, section 8).

use k8s_openapi::api::core::v1::{
    DownwardAPIVolumeFile, DownwardAPIVolumeSource, ObjectFieldSelector, Volume,
};

use super::account::Act;
use super::container::Container;
use super::mount::{Directories, mount_directories};
use super::outcome::{Failure, Injection, Notice, Reason};
use super::pod::Pod;
use super::stock::{LogFiles, Stock};
use super::{environment, path, sidecar};
use crate::change::Path;
use crate::config::annotation::LOGFWD_INSTANCES;
use crate::config::object::field;
use crate::config::rule::{DirectoryOf, InvalidInstances, Logfwd};
use crate::config::select::Subject;
use crate::yaml::{Node, json};

/// The sidecar.
pub(crate) const NAME: &str = "datakit-logfwd";

/// What the names of the volumes with logs begin with; a number follows.
pub(crate) const VOLUME_PREFIX: &str = "datakit-logfwd-volume-";
/// The volume with the pod's labels.
pub(crate) const POD_INFO: &str = "datakit-pod-info";
const INSTANCES_VARIABLE: &str = "LOGFWD_JSON_CONFIG";
const LOG_CONFIGS_VARIABLE: &str = "LOGFWD_LOG_CONFIGS";

pub(super) fn inject(
    rule: &Logfwd,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    let mut directories = Directories::default();
    let directory = |path: &str| {
        path::before_wildcard(path).unwrap_or_else(|| match rule.directory {
            DirectoryOf::Parent => path::directory(path),
            DirectoryOf::Itself => path::clean(path),
        })
    };
    let mut env = environment::variables(&rule.container.envs, pod, stock);
    if let Some(instances) = instances(rule, pod, notices)? {
        for path in instances.paths {
            directories.add(&directory(&path));
        }
        environment::replace(&mut env, INSTANCES_VARIABLE, &instances.text, stock);
    }
    let log_configs = stock.log_files(rule, || log_configs(&rule.log_configs, directory));
    match log_configs {
        Some(configs) => {
            for directory in &configs.directories {
                directories.add(directory);
            }
            environment::replace(&mut env, LOG_CONFIGS_VARIABLE, &configs.text, stock);
        }
        None if rule.log_configs.is_empty() => {}
        None => {
            let message =
                "the rule's `log_configs` is no JSON array of objects whose `path` is a string";
            notices.push(Notice::new("invalid-log-configs", message).about_rule());
        }
    }
    for path in &rule.log_volume_paths {
        directories.add(&directory(path));
    }
    let body = stock.body(rule, "", || {
        sidecar::container(NAME, &rule.container, "", notices)
    })?;
    let mounted = mount_directories(pod, &directories, VOLUME_PREFIX, notices, stock)?;
    let mounts = mounted.iter();
    let mut mounts: Vec<_> = mounts
        .map(|mount| stock.mount(&mount.volume, mount.path, true))
        .collect();
    if rule.pod_info {
        pod.add_volume(stock.volume(POD_INFO, pod_info))?;
        mounts.push(stock.mount(POD_INFO, "/etc/podinfo", true));
    }
    pod.add_container(Container::injected(body, env, mounts))?;
    sidecar::warn_in_job(pod, Injection::Logfwd, false, notices);
    Ok(())
}

/// A JSON text that is handed on, and the paths in it.
#[derive(Debug, Default)]
struct Settings {
    text: String,
    paths: Vec<String>,
}

/// What the pod's annotation asks for; nothing where there is none that can be used.
fn instances(
    rule: &Logfwd,
    pod: &Pod<'_>,
    notices: &mut Vec<Notice>,
) -> Result<Option<Settings>, Failure> {
    let Some(text) = pod.annotation(LOGFWD_INSTANCES) else {
        return Ok(None);
    };
    pod.journal.note(|| {
        let act = Act::TakeAnnotation {
            key: LOGFWD_INSTANCES,
        };
        (act, pod.annotation_place(LOGFWD_INSTANCES))
    });
    if text.is_empty() && rule.invalid_instances == InvalidInstances::Ignore {
        return Ok(Some(Settings::default()));
    }
    let Some(paths) = instance_paths(text) else {
        let message = format!(
            "the annotation {LOGFWD_INSTANCES} is no JSON array of instances with `loggings`, whose \
             `logfiles` and `ignore` are lists of strings"
        );
        let place = Path::new(["metadata", "annotations", LOGFWD_INSTANCES]);
        notices.push(Notice::new("invalid-logfwd-instances", message).at(Some(place)));
        return match rule.invalid_instances {
            InvalidInstances::Ignore => Ok(None),
            InvalidInstances::Skip => {
                let why = format!("the annotation {LOGFWD_INSTANCES} cannot be read");
                Err(Reason::Impossible(why.into()).into())
            }
        };
    };
    Ok(Some(Settings {
        text: json::compact(text),
        paths,
    }))
}

/// The `logfiles`, then the `ignore` of each logging of each instance.
fn instance_paths(text: &str) -> Option<Vec<String>> {
    let tree = json::parse(text).ok()?;
    let mut paths = Vec::new();
    for instance in objects(tree.root_node())? {
        for logging in objects(field(instance, "loggings"))? {
            for list in ["logfiles", "ignore"] {
                for path in items(field(logging, list))? {
                    paths.push(path.as_string()?.to_owned());
                }
            }
        }
    }
    Some(paths)
}

fn log_configs(text: &str, directory: impl Fn(&str) -> String) -> Option<LogFiles> {
    if text.is_empty() {
        return None;
    }
    let paths = log_config_paths(text)?;
    Some(LogFiles {
        text: json::compact(text),
        directories: paths.iter().map(|path| directory(path)).collect(),
    })
}

/// The `path` of each entry, whatever its type; a missing one is empty.
fn log_config_paths(text: &str) -> Option<Vec<String>> {
    let tree = json::parse(text).ok()?;
    let paths = objects(tree.root_node())?.into_iter().map(|entry| {
        let path = field(entry, "path");
        path.map_or(Some(""), Node::as_string).map(str::to_owned)
    });
    paths.collect()
}

/// The items of a list that are not null; none for one that is absent or null, nothing for what is
/// no list.
fn items(node: Option<Node<'_>>) -> Option<Vec<Node<'_>>> {
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Some(Vec::new());
    };
    let items = node.items().into_iter();
    node.is_sequence()
        .then(|| items.filter(|item| !item.is_null()).collect())
}

/// The same for a list of objects.
pub(super) fn objects(node: Option<Node<'_>>) -> Option<Vec<Node<'_>>> {
    let items = items(node)?;
    items.iter().all(|item| item.is_mapping()).then_some(items)
}

/// The pod's labels, as a file.
fn pod_info() -> Volume {
    Volume {
        name: POD_INFO.to_owned(),
        downward_api: Some(DownwardAPIVolumeSource {
            items: Some(vec![DownwardAPIVolumeFile {
                path: "labels".to_owned(),
                field_ref: Some(ObjectFieldSelector {
                    api_version: None,
                    field_path: "metadata.labels".to_owned(),
                }),
                ..DownwardAPIVolumeFile::default()
            }]),
            ..DownwardAPIVolumeSource::default()
        }),
        ..Volume::default()
    }
}
