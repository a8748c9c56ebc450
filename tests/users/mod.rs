//! What a user adds to a template that was injected: it must be there whatever is done to the injection.

use serde_json::{Value as Json, json};

use crate::random::Random;

const LIBRARIES: [&str; 2] = ["/datadog-lib", "/otel-auto-instrumentation"];

fn items<'j>(value: &'j Json, key: &str) -> impl Iterator<Item = &'j Json> + use<'j> {
    value[key].as_array().into_iter().flatten()
}

fn name(value: &Json) -> &str {
    value["name"].as_str().unwrap_or_default()
}

/// What a user adds to an injected template: none of it has a name of the operator's, or is what a
/// rule sets.
pub(crate) struct Additions {
    /// The injected template with them.
    pub(crate) template: Json,
    /// Variables, mounts, volumes and containers, by their names.
    pub(crate) names: Vec<String>,
    /// Start-up variables with text around what was there: the container, the name, and what is left
    /// when the injection is taken out.
    pub(crate) texts: Vec<(String, String, String)>,
}

fn insert(list: &mut Json, random: &mut Random, item: Json) {
    if list.is_null() {
        *list = Json::Array(Vec::new());
    }
    let items = list.as_array_mut().unwrap();
    // The first container is one that variables may refer to.
    let place = random.below(items.len()) + usize::from(!items.is_empty());
    items.insert(place, item);
}

pub(crate) fn add_to(before: &Json, injected: &Json, random: &mut Random) -> Additions {
    let mut template = injected.clone();
    let mut names = Vec::new();
    let mut texts = Vec::new();
    let own: Vec<String> = items(&before["spec"], "containers")
        .map(|own| name(own).to_owned())
        .collect();
    let new_name = |names: &mut Vec<String>| {
        let name = format!("users-{}", names.len());
        names.push(name.clone());
        name
    };
    for container in template["spec"]["containers"].as_array_mut().unwrap() {
        if !own.iter().any(|known| known == name(container)) {
            continue;
        }
        let container_name = name(container).to_owned();
        let variable = json!({"name": new_name(&mut names), "value": "-javaagent:/datadog-lib/dd-java-agent.jar"});
        insert(&mut container["env"], random, variable);
        let mount = json!({"name": new_name(&mut names), "mountPath": "/datadog-lib"});
        insert(&mut container["volumeMounts"], random, mount);
        let before = items(&before["spec"], "containers").find(|own| name(own) == container_name);
        for variable in container["env"].as_array_mut().unwrap() {
            let key = name(variable).to_owned();
            let Some(text) = variable["value"].as_str().map(str::to_owned) else {
                continue;
            };
            let mut same = items(before.unwrap(), "env").filter(|own| name(own) == key);
            let old = same
                .next()
                .map_or("", |own| own["value"].as_str().unwrap_or_default());
            let is_option = ["JAVA_TOOL_OPTIONS", "NODE_OPTIONS"].contains(&key.as_str())
                && LIBRARIES.iter().any(|own| text.contains(own));
            if is_option && text != old && same.next().is_none() {
                variable["value"] = Json::String(format!("-Da=1  {text}  -Db=2"));
                // Where there was nothing, otel's option has no blank of its own.
                let blank = if old.is_empty() && !text.starts_with(' ') {
                    ""
                } else {
                    " "
                };
                texts.push((
                    container_name.clone(),
                    key,
                    format!("-Da=1 {blank}{old}  -Db=2"),
                ));
            }
        }
    }
    let volume = json!({"name": new_name(&mut names), "emptyDir": {}});
    insert(&mut template["spec"]["volumes"], random, volume);
    for list in ["containers", "initContainers"] {
        let container = json!({
            "name": new_name(&mut names),
            "image": "users/own:1",
            "command": ["sh", "copy-lib.sh", "/datadog-lib"],
            "env": [{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"}],
            "volumeMounts": [{"name": "users", "mountPath": "/app/datakit-profiler"}],
        });
        // A key more at the end of `spec` would stand where the profiler's settings do.
        if template["spec"][list].is_array() {
            insert(&mut template["spec"][list], random, container);
        } else {
            names.pop();
        }
    }
    Additions {
        template,
        names,
        texts,
    }
}

/// The names of everything in a template.
pub(crate) fn all_names(value: &Json, found: &mut Vec<String>) {
    match value {
        Json::Object(entries) => {
            found.extend(
                entries
                    .get("name")
                    .and_then(Json::as_str)
                    .map(str::to_owned),
            );
            entries.values().for_each(|own| all_names(own, found));
        }
        Json::Array(items) => items.iter().for_each(|own| all_names(own, found)),
        _ => {}
    }
}

/// Drops what a user has added.
pub(crate) fn without_additions(value: &mut Json) {
    let is_users = |own: &Json| name(own).starts_with("users-");
    match value {
        Json::Object(entries) => entries.values_mut().for_each(without_additions),
        Json::Array(items) => {
            items.retain(|own| !is_users(own));
            items.iter_mut().for_each(without_additions);
        }
        _ => {}
    }
}
