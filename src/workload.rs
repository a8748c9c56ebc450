//! From an object to the pod templates that it carries (`spec/2-command-line.md`, "Which objects
//! carry a pod").
//!
//! A new kind of workload is a row in [`CARRIERS`].

use std::borrow::Cow;

use crate::change::{Path, Segment};
use crate::config::annotation::PREFIX;
use crate::yaml::Node;

/// Lists inside lists are followed to this depth.
const LIST_DEPTH: usize = 16;

/// A kind of object that carries pod templates.
struct Carrier {
    kind: &'static str,
    groups: &'static [&'static str],
    /// Where its pod templates are; an empty path is the object itself.
    templates: &'static [&'static [&'static str]],
    /// Whether its pods are meant to end.
    runs_to_completion: bool,
}

const SPEC_TEMPLATE: &[&[&str]] = &[&["spec", "template"]];

const fn carrier(kind: &'static str, groups: &'static [&'static str]) -> Carrier {
    Carrier {
        kind,
        groups,
        templates: SPEC_TEMPLATE,
        runs_to_completion: false,
    }
}

const fn job(
    kind: &'static str,
    groups: &'static [&'static str],
    templates: &'static [&'static [&'static str]],
) -> Carrier {
    Carrier {
        kind,
        groups,
        templates,
        runs_to_completion: true,
    }
}

/// The kinds that carry pod templates, with the groups that they belong to; `""` is the core group.
const CARRIERS: &[Carrier] = &[
    Carrier {
        templates: &[&[]],
        ..carrier("Pod", &[""])
    },
    Carrier {
        templates: &[&["template"]],
        ..carrier("PodTemplate", &[""])
    },
    carrier("Deployment", &["apps", "extensions"]),
    carrier("DaemonSet", &["apps", "extensions", "apps.kruise.io"]),
    carrier("StatefulSet", &["apps", "apps.kruise.io"]),
    carrier("ReplicaSet", &["apps", "extensions"]),
    carrier("ReplicationController", &[""]),
    carrier("DeploymentConfig", &["apps.openshift.io", ""]),
    carrier("CloneSet", &["apps.kruise.io"]),
    carrier("Rollout", &["argoproj.io"]),
    carrier("Service", &["serving.knative.dev"]),
    job("Job", &["batch"], SPEC_TEMPLATE),
    job("BroadcastJob", &["apps.kruise.io"], SPEC_TEMPLATE),
    job(
        "CronJob",
        &["batch"],
        &[&["spec", "jobTemplate", "spec", "template"]],
    ),
    job(
        "AdvancedCronJob",
        &["apps.kruise.io"],
        &[
            &["spec", "template", "jobTemplate", "spec", "template"],
            &[
                "spec",
                "template",
                "broadcastJobTemplate",
                "spec",
                "template",
            ],
        ],
    ),
];

/// A kind of object that the user says carries a pod template: `KIND[.GROUP]=PATH`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomCarrier {
    /// The kind, exactly.
    pub kind: String,
    /// The group; any where none is given.
    pub group: Option<String>,
    /// The keys that lead to the template.
    pub path: Vec<String>,
}

impl std::str::FromStr for CustomCarrier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "the form is KIND[.GROUP]=PATH, for example \
                    OpenGaussCluster.opengauss.sig=spec.template";
        let (object, path) = text.split_once('=').ok_or(form)?;
        let (kind, group) = match object.split_once('.') {
            Some((kind, group)) => (kind, Some(group.to_owned())),
            None => (object, None),
        };
        let path: Vec<String> = path
            .trim_start_matches('.')
            .split('.')
            .map(str::to_owned)
            .collect();
        if kind.is_empty() || group.as_deref() == Some("") || path.iter().any(String::is_empty) {
            return Err(form.to_owned());
        }
        Ok(Self {
            kind: kind.to_owned(),
            group,
            path,
        })
    }
}

/// A pod template in a document, as the rules see it.
#[derive(Clone, Debug)]
pub struct PodTemplate<'a> {
    /// The mapping that holds `metadata` and `spec`.
    pub node: Node<'a>,
    /// The way to it from the document's root. The changes that the rules make begin at the
    /// template; who carries them out puts this in front.
    pub path: Path,
    /// The effective namespace: the template's own, else the workload's, else the one that the
    /// user named, else `default` (`spec/1-behaviour.md`, section 1).
    pub namespace: String,
    /// Whether its pods are meant to end (Job and its kin): the API server takes no
    /// `restartPolicy: Always` there.
    pub runs_to_completion: bool,
}

/// An object in a document.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    /// The object's mapping.
    pub node: Node<'a>,
    /// Its `apiVersion`.
    pub api_version: Option<&'a str>,
    /// Its `kind`.
    pub kind: &'a str,
    /// The group of its `apiVersion`, or else of the list that it stands in; empty for the core group,
    /// nothing where no version is named.
    pub group: Option<&'a str>,
    /// `metadata.name`, or else `metadata.generateName`.
    pub name: Option<&'a str>,
    /// `metadata.namespace`.
    pub namespace: Option<&'a str>,
    /// The pod templates that it carries.
    pub templates: Vec<PodTemplate<'a>>,
}

impl Object<'_> {
    /// The object as reports name it ([`label`]).
    #[must_use]
    pub fn label(&self) -> String {
        label(self.namespace, self.kind, self.group, self.name)
    }

    /// Whether an object of a kind that is not known holds what looks like a pod template.
    #[must_use]
    pub fn looks_like_carrier(&self) -> bool {
        self.templates.is_empty()
            && self
                .node
                .at(&["spec", "template", "spec", "containers"])
                .is_some_and(Node::is_sequence)
    }

    /// The steering annotations that stand above a pod template instead of on it: each with its
    /// key and node. A key that the template has as well is none.
    #[must_use]
    pub fn misplaced_annotations(&self) -> Vec<(&str, Node<'_>)> {
        let Some(template) = self.templates.first() else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut above = Some(self.node);
        // From the object down to what holds the template: a CronJob's jobTemplate is on the way.
        while let Some(node) = above.filter(|node| node.id() != template.node.id()) {
            let annotations = node.at(&["metadata", "annotations"]);
            let entries = annotations.map(Node::entries).unwrap_or_default();
            found.extend(
                entries
                    .into_iter()
                    .filter(|(key, _)| key.starts_with(PREFIX)),
            );
            let holds = |value: &Node<'_>| value.tree().contains(value.id(), template.node.id());
            let mut values = node.raw_entries().map(|(_, value)| value);
            above = values.find(holds).or_else(|| {
                // By a merge key, perhaps.
                let mut entries = node.entries().into_iter().map(|(_, value)| value);
                entries.find(holds)
            });
        }
        if !found.is_empty() {
            let own = annotation_keys(template.node);
            found.retain(|(key, _)| !own.contains(key));
        }
        found
    }
}

fn annotation_keys(template: Node<'_>) -> Vec<&str> {
    template
        .at(&["metadata", "annotations"])
        .map(Node::entries)
        .unwrap_or_default()
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

/// An object as reports name it: `namespace/kind.group/name`, the namespace and the group only where they
/// say something.
#[must_use]
pub fn label(
    namespace: Option<&str>,
    kind: &str,
    group: Option<&str>,
    name: Option<&str>,
) -> String {
    let parts = [namespace, Some(kind), group, name];
    let length: usize = parts.into_iter().flatten().map(|part| part.len() + 1).sum();
    let mut label = String::with_capacity(length);
    if let Some(namespace) = namespace {
        label.push_str(namespace);
        label.push('/');
    }
    if kind.is_ascii() {
        label.extend(
            kind.bytes()
                .map(|byte| char::from(byte.to_ascii_lowercase())),
        );
    } else {
        label.push_str(&kind.to_lowercase());
    }
    if let Some(group) = group.filter(|group| !is_kubernetes_own(group)) {
        label.push('.');
        label.push_str(group);
    }
    if let Some(name) = name {
        label.push('/');
        label.push_str(name);
    }
    label
}

/// The group of an `apiVersion`; empty for the core group.
#[must_use]
pub fn group_of(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}

/// Kubernetes' own groups: those without a dot, and those below `k8s.io`.
fn is_kubernetes_own(group: &str) -> bool {
    !group.contains('.') || group.ends_with(".k8s.io")
}

/// What the user said about finding pod templates.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// Further kinds that carry a pod template.
    pub carriers: Vec<CustomCarrier>,
    /// The namespace of objects that name none.
    pub namespace: String,
}

impl Lookup {
    /// The objects of a document: the root itself, or the items of a list, which are treated one by
    /// one in place. A root that is no Kubernetes object gives none.
    #[must_use]
    pub fn objects<'a>(&self, root: Node<'a>) -> Vec<Object<'a>> {
        let mut objects = Vec::new();
        self.collect(root, &Path::default(), None, 0, &mut objects);
        objects
    }

    /// `from_list` is what the list around an object says of its items: their kind and group.
    fn collect<'a>(
        &self,
        node: Node<'a>,
        path: &Path,
        from_list: Option<(&'a str, Option<&'a str>)>,
        depth: usize,
        objects: &mut Vec<Object<'a>>,
    ) {
        let [version, own_kind, metadata] = node.get_all(["apiVersion", "kind", "metadata"]);
        let version = version.and_then(Node::as_str);
        let own_group = version.map(group_of);
        let own_kind = own_kind.and_then(Node::as_str);
        let (kind, group) = match (own_kind, from_list) {
            (Some(kind), _) => (kind, own_group),
            // The API server leaves both out in the items of a list of one kind.
            (None, Some((kind, group))) if node.is_mapping() => (kind, own_group.or(group)),
            (None, _) => return,
        };
        if let Some((key, items)) = list_items(node, kind, group).filter(|_| depth < LIST_DEPTH) {
            let below = path.join(key);
            let of_items = kind
                .strip_suffix("List")
                .filter(|kind| !kind.is_empty())
                .map(|kind| (kind, group));
            for (index, item) in items.items().into_iter().enumerate() {
                self.collect(item, &below.join(index), of_items, depth + 1, objects);
            }
            return;
        }
        let [namespace, name, generated] = metadata
            .map_or([None; 3], |metadata| {
                metadata.get_all(["namespace", "name", "generateName"])
            })
            .map(|value| value.and_then(Node::as_str));
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let mut object = Object {
            node,
            api_version: version,
            kind,
            group,
            name: name.or(generated),
            namespace,
            templates: Vec::new(),
        };
        for (keys, runs_to_completion) in self.template_paths(kind, group) {
            let found = keys.iter().try_fold(node, |node, key| node.get(&key));
            let Some(template) = found.filter(|template| template.is_mapping()) else {
                continue;
            };
            let own = template
                .at(&["metadata", "namespace"])
                .and_then(Node::as_str);
            let effective = own
                .filter(|namespace| !namespace.is_empty())
                .or(namespace)
                .unwrap_or(&self.namespace);
            object.templates.push(PodTemplate {
                node: template,
                path: path.extended(keys.iter().map(Segment::Key)),
                namespace: effective.to_owned(),
                runs_to_completion,
            });
        }
        objects.push(object);
    }

    /// Where an object of that kind carries pod templates, and whether their pods are meant to end.
    fn template_paths(
        &self,
        kind: &str,
        group: Option<&str>,
    ) -> impl Iterator<Item = (Keys<'_>, bool)> {
        let custom = self.carriers.iter().find(|carrier| {
            let group_fits = match (&carrier.group, group) {
                (Some(wanted), Some(group)) => wanted == group,
                _ => true,
            };
            carrier.kind == kind && group_fits
        });
        let known = CARRIERS.iter().filter(move |carrier| {
            custom.is_none()
                && carrier.kind == kind
                && group.is_none_or(|group| carrier.groups.contains(&group))
        });
        let known = known.flat_map(|carrier| {
            let templates = carrier.templates.iter();
            templates.map(|keys| (Keys::Known(keys), carrier.runs_to_completion))
        });
        let custom = custom.map(|carrier| (Keys::Custom(&carrier.path), false));
        custom.into_iter().chain(known)
    }
}

/// The keys that lead to a pod template.
#[derive(Clone, Copy)]
enum Keys<'l> {
    /// Of a kind in the table.
    Known(&'static [&'static str]),
    /// Of a kind that the user named.
    Custom(&'l [String]),
}

impl Keys<'_> {
    fn iter(self) -> impl Iterator<Item = Cow<'static, str>> {
        let length = match self {
            Self::Known(keys) => keys.len(),
            Self::Custom(keys) => keys.len(),
        };
        (0..length).map(move |index| match self {
            Self::Known(keys) => Cow::Borrowed(keys[index]),
            Self::Custom(keys) => Cow::Owned(keys[index].clone()),
        })
    }
}

/// The items of a list: of a `List` or any `…List` its `items`, of an `OpenShift` Template
/// its `objects`.
fn list_items<'a>(
    node: Node<'a>,
    kind: &str,
    group: Option<&str>,
) -> Option<(&'static str, Node<'a>)> {
    let key = if kind.ends_with("List") {
        "items"
    } else if kind == "Template" && matches!(group, None | Some("" | "template.openshift.io")) {
        "objects"
    } else {
        return None;
    };
    let items = node.get(key).filter(|items| items.is_sequence())?;
    Some((key, items))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn lookup() -> Lookup {
        Lookup {
            carriers: vec!["Cluster.example.com=spec.pod".parse().unwrap()],
            namespace: "default".to_owned(),
        }
    }

    /// Every object as `label path@namespace`, one line each.
    fn found(text: &str) -> Vec<String> {
        let parsed = parse(text).unwrap();
        lookup()
            .objects(parsed.tree.root_node().unwrap())
            .iter()
            .map(|object| {
                let templates: Vec<String> = object
                    .templates
                    .iter()
                    .map(|t| {
                        format!(
                            "{}@{}{}",
                            t.path,
                            t.namespace,
                            if t.runs_to_completion { "!" } else { "" }
                        )
                    })
                    .collect();
                format!("{} [{}]", object.label(), templates.join(" "))
            })
            .collect()
    }

    #[test]
    fn every_kind_of_the_table_has_its_templates() {
        let template = "spec: {template: {spec: {}}}";
        for (head, expected) in [
            (
                "{apiVersion: v1, kind: Pod, metadata: {name: p}}",
                "pod/p [@default]",
            ),
            (
                "{apiVersion: v1, kind: PodTemplate, template: {}}",
                "podtemplate [template@default]",
            ),
            (
                "{apiVersion: apps/v1, kind: Deployment, SPEC}",
                "deployment [spec.template@default]",
            ),
            (
                "{apiVersion: extensions/v1beta1, kind: DaemonSet, SPEC}",
                "daemonset [spec.template@default]",
            ),
            (
                "{apiVersion: apps/v1, kind: StatefulSet, SPEC}",
                "statefulset [spec.template@default]",
            ),
            (
                "{apiVersion: apps/v1, kind: ReplicaSet, SPEC}",
                "replicaset [spec.template@default]",
            ),
            (
                "{apiVersion: v1, kind: ReplicationController, SPEC}",
                "replicationcontroller [spec.template@default]",
            ),
            (
                "{apiVersion: batch/v1, kind: Job, SPEC}",
                "job [spec.template@default!]",
            ),
            (
                "{apiVersion: batch/v1beta1, kind: CronJob, spec: {jobTemplate: {spec: {template: {}}}}}",
                "cronjob [spec.jobTemplate.spec.template@default!]",
            ),
            (
                "{apiVersion: apps.openshift.io/v1, kind: DeploymentConfig, SPEC}",
                "deploymentconfig.apps.openshift.io [spec.template@default]",
            ),
            (
                "{apiVersion: v1, kind: DeploymentConfig, SPEC}",
                "deploymentconfig [spec.template@default]",
            ),
            (
                "{apiVersion: apps.kruise.io/v1alpha1, kind: CloneSet, SPEC}",
                "cloneset.apps.kruise.io [spec.template@default]",
            ),
            (
                "{apiVersion: apps.kruise.io/v1beta1, kind: StatefulSet, SPEC}",
                "statefulset.apps.kruise.io [spec.template@default]",
            ),
            (
                "{apiVersion: apps.kruise.io/v1alpha1, kind: BroadcastJob, SPEC}",
                "broadcastjob.apps.kruise.io [spec.template@default!]",
            ),
            (
                "{apiVersion: apps.kruise.io/v1alpha1, kind: AdvancedCronJob, spec: {template: {broadcastJobTemplate: {spec: {template: {}}}}}}",
                "advancedcronjob.apps.kruise.io [spec.template.broadcastJobTemplate.spec.template@default!]",
            ),
            (
                "{apiVersion: argoproj.io/v1alpha1, kind: Rollout, SPEC}",
                "rollout.argoproj.io [spec.template@default]",
            ),
            (
                "{apiVersion: serving.knative.dev/v1, kind: Service, SPEC}",
                "service.serving.knative.dev [spec.template@default]",
            ),
            ("{apiVersion: v1, kind: Service, SPEC}", "service []"),
            (
                "{kind: Deployment, SPEC}",
                "deployment [spec.template@default]",
            ),
            (
                "{apiVersion: example.com/v1, kind: Cluster, spec: {pod: {}}}",
                "cluster.example.com [spec.pod@default]",
            ),
            (
                "{apiVersion: other.com/v1, kind: Cluster, spec: {pod: {}}}",
                "cluster.other.com []",
            ),
        ] {
            assert_eq!(found(&head.replace("SPEC", template)), [expected], "{head}");
        }
    }

    #[test]
    fn the_items_of_lists_are_objects_of_their_own() {
        let text = "kind: List\nitems:\n- kind: Pod\n  metadata: {name: a, namespace: n}\n- 1\n\
                    - kind: PodList\n  items:\n  - {kind: Pod, metadata: {name: b}}\n";
        assert_eq!(
            found(text),
            ["n/pod/a [items[0]@n]", "pod/b [items[2].items[0]@default]"]
        );
        let text = "kind: DeploymentList\napiVersion: apps/v1\nitems:\n- metadata: {name: a}\n  spec: {template: {}}\n";
        assert_eq!(
            found(text),
            ["deployment/a [items[0].spec.template@default]"]
        );
        let text = "apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- kind: Pod\n";
        assert_eq!(found(text), ["pod [objects[0]@default]"]);
        assert_eq!(found("a: 1\n"), Vec::<String>::new());
    }

    #[test]
    fn the_template_names_its_namespace_before_the_workload() {
        let text =
            "kind: Job\nmetadata: {namespace: w}\nspec: {template: {metadata: {namespace: t}}}\n";
        assert_eq!(found(text), ["w/job [spec.template@t!]"]);
    }

    #[test]
    fn annotations_above_the_template_are_misplaced() {
        let text = "kind: CronJob\nmetadata: {annotations: {admission.datakit/enabled: 'true', x: y}}\n\
                    spec:\n  jobTemplate:\n    metadata: {annotations: {admission.datakit/java-lib.version: ''}}\n    \
                    spec: {template: {metadata: {annotations: {admission.datakit/enabled: 'true'}}}}\n";
        let parsed = parse(text).unwrap();
        let lookup = lookup();
        let objects = lookup.objects(parsed.tree.root_node().unwrap());
        let keys: Vec<&str> = objects[0]
            .misplaced_annotations()
            .iter()
            .map(|(key, _)| *key)
            .collect();
        assert_eq!(keys, ["admission.datakit/java-lib.version"]);
    }

    #[test]
    fn a_custom_carrier_is_a_kind_and_a_path() {
        let carrier: CustomCarrier = "A.b.c=x.y".parse().unwrap();
        assert_eq!(
            (carrier.kind.as_str(), carrier.group.as_deref()),
            ("A", Some("b.c"))
        );
        for wrong in ["A", "=x", "A=", "A.=x", "A=x..y"] {
            assert!(wrong.parse::<CustomCarrier>().is_err(), "{wrong}");
        }
    }
}
