//! The annotation for container logs, and volumes for the log files that it names
//! (`spec/1-behaviour.md`, section 5.4; `spec/1-behaviour-v2.md`, section 11).

use super::logfwd::objects;
use super::mount::{Directories, mount_directories};
use super::outcome::{Failure, Notice, Reason};
use super::path;
use super::pod::Pod;
use super::stock::{LogFiles, Stock};
use crate::config::annotation::LOGS;
use crate::config::object::field;
use crate::config::rule::Logging;
use crate::yaml::{Node, json};

/// What the names of the volumes with logs begin with; a number follows.
pub(crate) const VOLUME_PREFIX: &str = "datakit-logs-volume-";

pub(super) fn inject(
    rule: &Logging,
    pod: &mut Pod<'_>,
    notices: &mut Vec<Notice>,
    stock: &Stock,
) -> Result<(), Failure> {
    if rule.config.is_empty() {
        return Err(Reason::NothingAskedFor.into());
    }
    let Some(files) = stock.log_files(rule, || log_files(&rule.config)) else {
        let message = "the logging rule's `config` is no JSON array of objects with `disable`, \
                       `type` and `path`";
        notices.push(Notice::new("invalid-logging-config", message).about_rule());
        let why = "the rule's config cannot be read";
        return Err(Reason::Impossible(why.into()).into());
    };
    let mut directories = Directories::default();
    for directory in &files.directories {
        directories.add(directory);
    }
    mount_directories(pod, &directories, VOLUME_PREFIX, notices, stock)?;
    pod.add_annotation(LOGS, stock.string(&rule.config))?;
    Ok(())
}

pub(crate) fn log_files(config: &str) -> Option<LogFiles> {
    let paths = file_paths(config)?;
    let directory =
        |path: &String| path::before_wildcard(path).unwrap_or_else(|| path::directory(path));
    Some(LogFiles {
        text: config.to_owned(),
        directories: paths.iter().map(directory).collect(),
    })
}

/// The paths of the entries that are about files and not disabled.
fn file_paths(text: &str) -> Option<Vec<String>> {
    let tree = json::parse(text).ok()?;
    let mut paths = Vec::new();
    for entry in objects(tree.root_node())? {
        let text = |name: &str| field(entry, name).map_or(Some(""), Node::as_string);
        let disabled = field(entry, "disable").map_or(Some(false), Node::as_bool)?;
        let (kind, path) = (text("type")?, text("path")?);
        if !disabled && kind == "file" {
            paths.push(path.to_owned());
        }
    }
    Some(paths)
}
