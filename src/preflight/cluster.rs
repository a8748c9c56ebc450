//! The cluster as the input shows it: its objects by their names, and pods by their labels, so that no
//! check looks at everything.

use std::collections::{HashMap, HashSet};

use super::objects::{Keyed, Known, Labels, Namespace, ObjectKind, Seen, Service, Sight, Workload};
use super::pod::Reliance;

/// A namespace and a name.
type Key = (String, String);

/// What the input shows of a cluster. Of several objects of one name the last one counts, as it does for
/// `kubectl apply`.
#[derive(Debug, Default)]
pub struct Cluster {
    services: HashMap<Key, Service>,
    namespaces: HashMap<String, Namespace>,
    keyed: HashMap<(ObjectKind, String, String), Keyed>,
    /// The first namespace that has an object of a kind and name.
    namespace_with: HashMap<(ObjectKind, String), String>,
    /// The namespaces that have an object of a kind.
    shown: HashSet<(ObjectKind, String)>,
    /// All objects with a pod, in the order of the input.
    pub(super) workloads: Vec<Workload>,
    /// The positions of the workloads of a namespace with one label.
    by_label: HashMap<(String, String, String), Vec<usize>>,
    /// The positions of the `DaemonSet`s that run DataKit.
    pub(super) daemon_sets: Vec<usize>,
    /// The last workload of a namespace that runs DataKit, and the last that runs the operator.
    programs: HashMap<String, [Option<usize>; 2]>,
    /// Those that run one of the two, by namespace and label.
    program_names: HashMap<Key, usize>,
}

impl Cluster {
    /// The cluster of everything that was seen, in the order of the input.
    #[must_use]
    pub fn new(seen: impl IntoIterator<Item = Seen>) -> Self {
        let mut cluster = Self::default();
        for one in seen {
            match one.0 {
                Sight::Service(own) => {
                    let key = (own.known.namespace.clone(), own.known.name.clone());
                    cluster.services.insert(key, own);
                }
                Sight::Namespace(own) => {
                    cluster.namespaces.insert(own.known.name.clone(), own);
                }
                Sight::Keyed(own) => {
                    let (kind, known) = (own.kind, own.known.clone());
                    cluster.shown.insert((kind, known.namespace.clone()));
                    let others = cluster.namespace_with.entry((kind, known.name.clone()));
                    others.or_insert_with(|| known.namespace.clone());
                    cluster
                        .keyed
                        .insert((kind, known.namespace, known.name), own);
                }
                Sight::Workload(own) => cluster.add(*own),
            }
        }
        let workloads = &cluster.workloads;
        let is_datakit = |index: &usize| {
            workloads
                .get(*index)
                .is_some_and(|own| own.datakit.is_some())
        };
        cluster.daemon_sets.retain(is_datakit);
        cluster
    }

    fn add(&mut self, mut own: Workload) {
        let index = self.workloads.len();
        let namespace = &own.known.namespace;
        let is_program = [own.datakit.is_some(), own.is_operator];
        if is_program.contains(&true) {
            let name = (namespace.clone(), own.known.label.clone());
            if let Some(earlier) = self.program_names.insert(name, index)
                && let Some(earlier) = self.workloads.get_mut(earlier)
            {
                earlier.datakit = None;
                earlier.is_operator = false;
            }
            let last = self.programs.entry(namespace.clone()).or_default();
            for (last, is_one) in last.iter_mut().zip(is_program) {
                if is_one {
                    *last = Some(index);
                }
            }
        }
        if own.datakit.is_some() && own.is_daemon_set {
            self.daemon_sets.push(index);
        }
        for (key, value) in std::mem::take(&mut own.labels) {
            let list = self
                .by_label
                .entry((namespace.clone(), key, value))
                .or_default();
            list.push(index);
        }
        self.workloads.push(own);
    }

    /// A Service.
    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&Service> {
        self.services.get(&key(namespace, name))
    }

    /// A Namespace.
    pub(super) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.get(name)
    }

    /// A Secret or a `ConfigMap`.
    pub(super) fn keyed(&self, kind: ObjectKind, namespace: &str, name: &str) -> Option<&Keyed> {
        self.keyed
            .get(&(kind, namespace.to_owned(), name.to_owned()))
    }

    /// What the input shows of a Secret or a `ConfigMap`.
    pub(super) fn kept(&self, kind: ObjectKind, namespace: &str, name: &str) -> Kept<'_> {
        if let Some(own) = self.keyed(kind, namespace, name) {
            return Kept::There {
                known: &own.known,
                keys: own.keys.as_deref(),
            };
        }
        if let Some(other) = self.namespace_with.get(&(kind, name.to_owned())) {
            return Kept::Elsewhere(other);
        }
        if self.shown.contains(&(kind, namespace.to_owned())) {
            Kept::Missing
        } else {
            Kept::Untold
        }
    }

    /// The positions of the workloads of a namespace whose pods have all these labels.
    pub(super) fn selected(&self, namespace: &str, selector: &Labels) -> Vec<usize> {
        let lists = selector.iter().map(|(key, value)| {
            let label = (namespace.to_owned(), key.clone(), value.clone());
            self.by_label.get(&label).map_or(&[][..], Vec::as_slice)
        });
        let mut lists: Vec<&[usize]> = lists.collect();
        // Those with the rarest of the labels are all that can have all of them.
        lists.sort_by_cached_key(|list| list.len());
        let Some((rarest, others)) = lists.split_first() else {
            return Vec::new();
        };
        let has_all = |index: &&usize| {
            let mut others = others.iter();
            others.all(|list| list.binary_search(index).is_ok())
        };
        rarest.iter().filter(has_all).copied().collect()
    }

    /// The label of a workload.
    pub(super) fn label(&self, index: usize) -> Option<&str> {
        let own = self.workloads.get(index)?;
        Some(&own.known.label)
    }

    /// What the injections of a workload rely on, if it has any.
    pub(super) fn reliance(&self, index: usize) -> Option<&Reliance> {
        self.workloads.get(index)?.reliance.as_deref()
    }

    /// The last workload of a namespace that runs DataKit, or the operator.
    pub(super) fn program(&self, namespace: &str, operator: bool) -> Option<&Workload> {
        let index = self.programs.get(namespace)?[usize::from(operator)]?;
        self.workloads.get(index)
    }
}

/// What the input shows of an object with keys.
pub(super) enum Kept<'c> {
    /// It is there.
    There {
        known: &'c Known,
        /// Its keys, in order; nothing where they are not written there.
        keys: Option<&'c [String]>,
    },
    /// It is in another namespace.
    Elsewhere(&'c str),
    /// Its namespace has others of the kind.
    Missing,
    /// Its namespace has none of the kind in the input, which may be kept elsewhere.
    Untold,
}

fn key(namespace: &str, name: &str) -> Key {
    (namespace.to_owned(), name.to_owned())
}
