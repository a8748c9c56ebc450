//! A rule's variables as they stand in a container (`spec/1-behaviour.md`, section 2, "Environment
//! values").

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector, SecretKeySelector,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::container::text_variable;
use super::pod::Pod;
use crate::config::env_value::{EnvSetting, EnvValue, ResourceName};

/// A rule's variables, in their order, without those that refer to a resource which the pod's first
/// container does not set.
pub(super) fn variables(settings: &[EnvSetting], pod: &Pod<'_>) -> Vec<EnvVar> {
    settings
        .iter()
        .filter_map(|setting| variable(setting, pod))
        .collect()
}

fn variable(setting: &EnvSetting, pod: &Pod<'_>) -> Option<EnvVar> {
    let source = match &setting.value {
        EnvValue::Text(text) => return Some(text_variable(&setting.name, text.clone())),
        EnvValue::Field(path) => EnvVarSource {
            field_ref: Some(ObjectFieldSelector {
                api_version: None,
                field_path: path.clone(),
            }),
            ..EnvVarSource::default()
        },
        EnvValue::Resource(resource) => EnvVarSource {
            resource_field_ref: Some(resource_field(*resource, pod)?),
            ..EnvVarSource::default()
        },
        EnvValue::Secret { name, key } => EnvVarSource {
            secret_key_ref: Some(SecretKeySelector {
                name: name.clone(),
                key: key.clone(),
                optional: None,
            }),
            ..EnvVarSource::default()
        },
    };
    Some(EnvVar {
        name: setting.name.clone(),
        value: None,
        value_from: Some(source),
    })
}

fn resource_field(resource: ResourceName, pod: &Pod<'_>) -> Option<ResourceFieldSelector> {
    let first = pod.containers.items.first()?;
    first
        .node()?
        .at(&["resources", resource.half, resource.amount])
        .filter(|amount| !amount.is_null())?;
    Some(ResourceFieldSelector {
        container_name: Some(first.name.clone().into_owned()),
        divisor: Some(Quantity(resource.divisor.to_owned())),
        resource: resource.name.to_owned(),
    })
}

/// Sets a variable in a list: in the place of one of its name, else at the end.
pub(super) fn replace(variables: &mut Vec<EnvVar>, name: &str, value: String) {
    let variable = text_variable(name, value);
    match variables.iter_mut().find(|own| own.name == name) {
        Some(own) => *own = variable,
        None => variables.push(variable),
    }
}
