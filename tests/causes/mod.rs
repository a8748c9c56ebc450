//! Why what was injected does not come out to the same bytes: each cause is known by what stands in a
//! manifest before it is injected, and `docs/remove.md` names it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::equivalence;

/// Why a document does not come back as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    /// `restartPolicy` or `shareProcessNamespace` was there, and was replaced or is the same.
    Setting,
    /// `DD_TAGS` was there, was merged, and went to the end.
    Tags,
    /// A list or mapping that gets something was there without anything in it.
    Empty,
    /// A start-up variable was there without a text.
    EmptyVariable,
    /// A start-up variable named the library already.
    SameText,
    /// A variable was there as a rule sets it.
    SameVariable,
    /// A volume of the user's is shared with containers that did not mount it.
    Shared,
    /// A volume was there that nothing mounts, just as the profiler makes it.
    SameVolume,
    /// Something was there under a name of the operator's.
    SameName,
    /// PHP's variable was made, but not the one in front of it.
    PhpDirectory,
    /// An alias or a merge key was written out.
    Alias,
}

const STARTUP: [&str; 5] = [
    "JAVA_TOOL_OPTIONS",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "PHP_INI_SCAN_DIR",
    "DD_LOADER_PACKAGE_PATH",
];
pub(crate) const LIBRARIES: [&str; 2] = ["/datadog-lib", "/otel-auto-instrumentation"];
const EVERYDAY: [&str; 2] = ["tmp", "timezone"];

pub(crate) fn items<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> + use<'j> {
    value[key].as_array().into_iter().flatten()
}

pub(crate) fn name(value: &Json) -> &str {
    value["name"].as_str().unwrap_or_default()
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        _ => false,
    }
}

fn is_empty_dir(volume: &Json) -> bool {
    volume.get("emptyDir").is_some_and(|own| !own.is_null())
}

/// The parts of a template to which things may be added, each with its key.
fn extensible(template: &Json) -> Vec<(&Json, &'static str)> {
    let spec = &template["spec"];
    let mut found = vec![
        (template, "metadata"),
        (&template["metadata"], "annotations"),
        (spec, "initContainers"),
        (spec, "volumes"),
    ];
    for container in items(spec, "containers") {
        found.extend([(container, "env"), (container, "volumeMounts")]);
    }
    found
}

/// The causes in a template, which became `after` when it was injected. `configured` are the texts of
/// the variables that rules set.
pub(crate) fn causes(
    before: &Json,
    after: &Json,
    configured: &[(String, String)],
) -> BTreeSet<Cause> {
    let (spec, new) = (&before["spec"], &after["spec"]);
    let added = |list: &str, wanted: &str| {
        let has = |spec: &Json| items(spec, list).any(|own| name(own) == wanted);
        has(new) && !has(spec)
    };
    let profiles = ["datakit-profiler", "datakit-flameshot"];
    let profiles = profiles.iter().any(|own| added("containers", own));
    let traces = ["datakit-lib-init", "datakit-otel-lib-init"];
    let traces = traces.iter().any(|own| added("initContainers", own));
    let mut found = BTreeSet::new();
    let mut add = |cause, is_there: bool| {
        if is_there {
            found.insert(cause);
        }
    };
    let settings = ["restartPolicy", "shareProcessNamespace"];
    let has_setting = settings.iter().any(|key| spec.get(key).is_some());
    add(Cause::Setting, profiles && has_setting);
    let empty = |(around, key): &(&Json, &str)| around.get(key).is_some_and(is_empty);
    add(Cause::Empty, extensible(before).iter().any(empty));
    let empty_dirs: Vec<&str> = items(spec, "volumes")
        .filter(|own| is_empty_dir(own))
        .map(name)
        .collect();
    let all = ["containers", "initContainers"];
    let all = all.into_iter().flat_map(|list| items(spec, list));
    let mounted: Vec<&str> = all
        .flat_map(|own| items(own, "volumeMounts"))
        .map(name)
        .collect();
    for (container, after) in items(spec, "containers").zip(items(new, "containers")) {
        for variable in items(container, "env").filter(|_| traces) {
            let text = variable["value"].as_str().unwrap_or_default();
            let is_literal = variable["valueFrom"].is_null();
            let is_startup = is_literal && STARTUP.contains(&name(variable));
            add(Cause::Tags, is_literal && name(variable) == "DD_TAGS");
            add(Cause::EmptyVariable, is_startup && text.is_empty());
            let names_it = LIBRARIES.iter().any(|own| text.contains(own));
            add(Cause::SameText, is_startup && names_it);
            let mut known = configured.iter();
            let is_same = known.any(|(key, value)| key == name(variable) && value == text);
            add(Cause::SameVariable, is_literal && is_same);
            let is_loader = name(variable) == "DD_LOADER_PACKAGE_PATH";
            add(Cause::PhpDirectory, is_loader && !text.is_empty());
        }
        let own = items(container, "volumeMounts").count();
        let mut new = items(after, "volumeMounts").skip(own);
        add(
            Cause::Shared,
            new.any(|mount| empty_dirs.contains(&name(mount))),
        );
    }
    let everyday = |own: &Json| EVERYDAY.contains(&name(own)) && !mounted.contains(&name(own));
    add(
        Cause::SameVolume,
        profiles && items(spec, "volumes").any(everyday),
    );
    let mut names = ["volumes", "containers", "initContainers"]
        .into_iter()
        .flat_map(|list| items(spec, list))
        .map(name)
        .chain(mounted.iter().copied());
    add(Cause::SameName, names.any(is_operators));
    found
}

fn is_operators(name: &str) -> bool {
    name.starts_with("datakit-") || name == "flameshot-volume"
}

/// Takes out of a template what may be different for these causes.
fn forgive(
    template: &mut Json,
    causes: &BTreeSet<Cause>,
    empty_dirs: &[String],
    configured: &[(String, String)],
) {
    let has = |cause| causes.contains(&cause);
    if (has(Cause::Setting) || has(Cause::SameName))
        && let Some(spec) = template["spec"].as_object_mut()
    {
        spec.remove("restartPolicy");
        spec.remove("shareProcessNamespace");
    }
    let retain = |around: &mut Json, list: &str, stays: &dyn Fn(&Json) -> bool| {
        if let Some(items) = around.get_mut(list).and_then(Json::as_array_mut) {
            items.retain(|own| stays(own));
        }
    };
    retain(&mut template["spec"], "volumes", &|own| {
        !(has(Cause::SameVolume) && EVERYDAY.contains(&name(own))
            || has(Cause::SameName) && is_operators(name(own)))
    });
    let containers = template["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        retain(container, "env", &|own| {
            let text = own["value"].as_str().unwrap_or_default();
            let is_startup = STARTUP.contains(&name(own));
            let is_same = configured
                .iter()
                .any(|(key, value)| key == name(own) && value == text);
            !(has(Cause::Tags) && name(own) == "DD_TAGS"
                || (has(Cause::EmptyVariable) || has(Cause::SameText)) && is_startup
                || has(Cause::SameVariable) && is_same
                || has(Cause::PhpDirectory) && name(own) == "PHP_INI_SCAN_DIR")
        });
        retain(container, "volumeMounts", &|own| {
            !(has(Cause::Shared) && empty_dirs.iter().any(|known| known == name(own))
                || has(Cause::SameName) && is_operators(name(own)))
        });
    }
    // What the other causes leave empty is gone, too.
    drop_empty(template);
}

/// What is different in two templates, and is not forgiven.
pub(crate) fn differences(
    mut back: Json,
    mut original: Json,
    causes: &BTreeSet<Cause>,
    configured: &[(String, String)],
) -> Vec<String> {
    let empty_dirs = items(&original["spec"], "volumes").filter(|own| is_empty_dir(own));
    let empty_dirs: Vec<String> = empty_dirs.map(|own| name(own).to_owned()).collect();
    forgive(&mut back, causes, &empty_dirs, configured);
    forgive(&mut original, causes, &empty_dirs, configured);
    equivalence::differences(&back, &original)
}

/// Drops what is empty where things are added.
pub(crate) fn drop_empty(template: &mut Json) {
    let drop = |around: &mut Json, keys: &[&str]| {
        if let Some(entries) = around.as_object_mut() {
            entries.retain(|key, value| !(keys.contains(&key.as_str()) && is_empty(value)));
        }
    };
    if let Some(metadata) = template.get_mut("metadata") {
        drop(metadata, &["annotations"]);
    }
    drop(template, &["metadata"]);
    drop(&mut template["spec"], &["initContainers", "volumes"]);
    let containers = template["spec"]["containers"].as_array_mut();
    for container in containers.into_iter().flatten() {
        drop(container, &["env", "volumeMounts"]);
    }
}

/// The pod templates in a document: whatever has containers in its `spec`.
pub(crate) fn templates(document: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    if document["spec"]["containers"].is_array() {
        found.push(document.clone());
    }
    match document {
        Json::Object(entries) => found.extend(entries.values().flat_map(templates)),
        Json::Array(items) => found.extend(items.iter().flat_map(templates)),
        _ => {}
    }
    found
}

/// The texts that a configuration sets variables to.
pub(crate) fn configured(config: &Json) -> Vec<(String, String)> {
    match config {
        Json::Object(entries) => {
            let own = entries.get("envs").and_then(Json::as_object);
            let own = own.into_iter().flatten();
            let own =
                own.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
            own.chain(entries.values().flat_map(configured)).collect()
        }
        Json::Array(items) => items.iter().flat_map(configured).collect(),
        _ => Vec::new(),
    }
}
