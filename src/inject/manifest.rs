//! What is injected, as it stands in a manifest: Kubernetes' types to values whose keys have the
//! order in which Kubernetes' documentation writes them, `name` first.

use serde_json::Value as Json;

use crate::yaml::Value;

/// The keys of everything that is injected, in their order; keys that are not listed come last.
const ORDER: &[&str] = &[
    // containers, variables, mounts, volumes, ports, references
    "name",
    "key",
    "containerName",
    "resource",
    "divisor",
    "containerPort",
    "protocol",
    "mountPath",
    "readOnly",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "workingDir",
    "ports",
    "env",
    "value",
    "valueFrom",
    "resources",
    "securityContext",
    "volumeMounts",
    // resources
    "requests",
    "limits",
    "cpu",
    "memory",
    // sources of volumes
    "path",
    "type",
    "fieldRef",
];

/// The value of something that is injected.
pub(super) fn value(injected: &impl k8s_openapi::serde::Serialize) -> Value {
    // Nothing that we inject can fail to be JSON: no map has keys that are no strings.
    let json = serde_json::to_value(injected).unwrap_or_default();
    ordered(json)
}

fn ordered(json: Json) -> Value {
    match json {
        Json::Object(entries) => {
            let rank = |key: &str| {
                let place = ORDER.iter().position(|known| *known == key);
                place.unwrap_or(ORDER.len())
            };
            let mut entries: Vec<(String, Json)> = entries.into_iter().collect();
            entries.sort_by_key(|(key, _)| rank(key));
            Value::mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| (key, ordered(value))),
            )
        }
        Json::Array(items) => Value::Sequence(items.into_iter().map(ordered).collect()),
        scalar => Value::from_json(scalar),
    }
}

/// A container with a part that was copied from the user's document as it stands.
pub(super) fn with_security_context(container: Value, security_context: Option<Value>) -> Value {
    let (Value::Mapping(mut entries), Some(copied)) = (container.clone(), security_context) else {
        return container;
    };
    let key = Value::string("securityContext");
    let mounts = Value::string("volumeMounts");
    let place = entries.iter().position(|(own, _)| *own == mounts);
    entries.insert(place.unwrap_or(entries.len()), (key, copied));
    Value::Mapping(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::{Container, VolumeMount};

    #[test]
    fn the_name_stands_first_and_a_copied_part_in_its_place() {
        let container = Container {
            name: "a".to_owned(),
            command: Some(vec!["x".to_owned()]),
            image: Some("i".to_owned()),
            volume_mounts: Some(vec![VolumeMount {
                mount_path: "/m".to_owned(),
                name: "v".to_owned(),
                ..VolumeMount::default()
            }]),
            ..Container::default()
        };
        let value = with_security_context(
            value(&container),
            Some(Value::mapping([("a", Value::bool(true))])),
        );
        let Value::Mapping(entries) = value else {
            panic!("no mapping");
        };
        let keys: Vec<String> = entries
            .into_iter()
            .map(|(key, _)| match key {
                Value::Scalar(scalar) => scalar.text,
                _ => String::new(),
            })
            .collect();
        let expected = [
            "name",
            "image",
            "command",
            "securityContext",
            "volumeMounts",
        ];
        assert_eq!(keys, expected);
    }
}
