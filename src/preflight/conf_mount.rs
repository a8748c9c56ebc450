//! Where the files of DataKit's collectors come from: `ConfigMap`s that are mounted below its `conf.d`.

use std::collections::HashMap;

use crate::yaml::Node;

/// Where DataKit keeps the files of its collectors.
const CONF_D: &str = "/usr/local/datakit/conf.d";
/// What their names end with.
pub(super) const CONF: &str = ".conf";

/// How many files, and how many volumes, are looked at: nobody has more.
const MANY: usize = 100;

/// The volumes of DataKit's that have to do with files of collectors.
#[derive(Clone, Debug, Default)]
pub(super) struct Mounts {
    /// The `ConfigMap`s that bring such files.
    pub(super) confs: Vec<ConfMount>,
    /// The `ConfigMap`s that the pod has as volumes, and does not start without.
    pub(super) needed: Vec<String>,
    /// Why there may be more files than the input shows.
    pub(super) elsewhere: Option<&'static str>,
}

/// A `ConfigMap` of which a part is mounted below `conf.d`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfMount {
    /// The `ConfigMap`'s name.
    pub(super) config_map: String,
    /// The keys of it that are mounted; all of them where none is named.
    pub(super) keys: Option<Vec<String>>,
    /// Whether the names of the files are those of the keys, and so only those count that end in
    /// `.conf`.
    pub(super) is_folder: bool,
}

/// Whether a path is a folder or in it.
fn is_in(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) && !folder.is_empty()
}

/// The keys of a `configMap` volume that are mounted: those of its `items`, of which `file` may be one
/// path, or that file alone.
fn mounted_keys(map: Node<'_>, file: Option<&str>) -> Option<Vec<String>> {
    let items = map.get("items").filter(|items| items.is_sequence());
    let Some(items) = items else {
        return file.map(|file| vec![file.to_owned()]);
    };
    let is_meant = |item: &Node<'_>| file.is_none_or(|file| text(*item, "path") == Some(file));
    let keys = items.each_item().filter(is_meant);
    Some(
        keys.filter_map(|item| text(item, "key"))
            .map(str::to_owned)
            .collect(),
    )
}

fn text<'a>(node: Node<'a>, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Node::as_str)
}

impl Mounts {
    /// Those of a container of DataKit's, in a pod's `spec`.
    pub(super) fn of(spec: Node<'_>, container: Node<'_>) -> Self {
        let mut own = Self::default();
        let mut mounts: HashMap<&str, Vec<Node<'_>>> = HashMap::new();
        let all = container.get("volumeMounts").into_iter();
        for mount in all.flat_map(Node::each_item) {
            let name = text(mount, "name").unwrap_or_default();
            mounts.entry(name).or_default().push(mount);
        }
        let volumes = spec.get("volumes");
        for volume in volumes.into_iter().flat_map(Node::each_item) {
            let map = volume.get("configMap").filter(|map| map.is_mapping());
            let map = map.and_then(|map| Some((map, text(map, "name")?)));
            if let Some((map, name)) = map
                && map.get("optional").and_then(Node::as_bool) != Some(true)
                && own.needed.len() < MANY
            {
                own.needed.push(name.to_owned());
            }
            let name = text(volume, "name").unwrap_or_default();
            for mount in mounts.remove(name).unwrap_or_default() {
                own.add(mount, map);
            }
        }
        own
    }

    /// Adds what a mount brings; `map` is the `ConfigMap` of its volume, and that one's name.
    fn add(&mut self, mount: Node<'_>, map: Option<(Node<'_>, &str)>) {
        let path = text(mount, "mountPath").unwrap_or_default();
        let path = path.trim_end_matches('/');
        if !is_in(path, CONF_D) && !is_in(CONF_D, path) {
            return;
        }
        let Some((map, name)) = map else {
            self.elsewhere
                .get_or_insert("a volume that is no ConfigMap is mounted at its conf.d");
            return;
        };
        let file = text(mount, "subPath");
        if file.is_some() && !path.ends_with(CONF) {
            return;
        }
        if self.confs.len() == MANY {
            self.elsewhere
                .get_or_insert("more files are mounted at its conf.d than are read");
            return;
        }
        self.confs.push(ConfMount {
            config_map: name.to_owned(),
            keys: mounted_keys(map, file),
            is_folder: file.is_none(),
        });
    }
}
