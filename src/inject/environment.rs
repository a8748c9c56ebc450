//! A rule's variables as they stand in a container (`spec/1-behaviour.md`, section 2, "Environment
//! values").

use std::sync::Arc;

use k8s_openapi::api::core::v1::{
    EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector, SecretKeySelector,
};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::account::Act;
use super::pod::Pod;
use super::stock::{Made, Stock};
use crate::config::env_value::{EnvSetting, EnvValue, ResourceName};

/// A rule's variables, in their order, without those that refer to a resource which the pod's first
/// container does not set.
pub(super) fn variables(
    settings: &[EnvSetting],
    pod: &Pod<'_>,
    stock: &Stock,
) -> Vec<Arc<Made<EnvVar>>> {
    settings
        .iter()
        .filter_map(|setting| {
            let variable = variable(setting, pod, stock);
            if variable.is_none() {
                pod.journal.note(|| {
                    let act = Act::LeaveVariableOut {
                        name: setting.name.clone(),
                        why: "the first container does not set that resource",
                    };
                    (act, None)
                });
            }
            variable
        })
        .collect()
}

fn variable(setting: &EnvSetting, pod: &Pod<'_>, stock: &Stock) -> Option<Arc<Made<EnvVar>>> {
    // What is asked of a resource names the pod's own container; all else is the same in all pods.
    let container = match &setting.value {
        EnvValue::Resource(resource) => Some(container_with(*resource, pod)?),
        _ => None,
    };
    let fits = |made: &EnvVar| {
        let source = made.value_from.as_ref();
        let resource = source.and_then(|source| source.resource_field_ref.as_ref());
        resource.and_then(|resource| resource.container_name.as_deref()) == container
    };
    Some(stock.setting(setting, fits, || make(setting, container)))
}

fn make(setting: &EnvSetting, container: Option<&str>) -> EnvVar {
    let mut source = EnvVarSource::default();
    let mut text = None;
    match &setting.value {
        EnvValue::Text(value) => text = Some(value.clone()),
        EnvValue::Field(path) => {
            source.field_ref = Some(ObjectFieldSelector {
                api_version: None,
                field_path: path.clone(),
            });
        }
        EnvValue::Resource(resource) => {
            source.resource_field_ref = Some(ResourceFieldSelector {
                container_name: container.map(str::to_owned),
                divisor: Some(Quantity(resource.divisor.to_owned())),
                resource: resource.name.to_owned(),
            });
        }
        EnvValue::Secret { name, key } => {
            source.secret_key_ref = Some(SecretKeySelector {
                name: name.clone(),
                key: key.clone(),
                optional: None,
            });
        }
    }
    EnvVar {
        name: setting.name.clone(),
        value_from: text.is_none().then_some(source),
        value: text,
    }
}

/// The name of the pod's first container, where it sets that resource.
fn container_with<'p>(resource: ResourceName, pod: &'p Pod<'_>) -> Option<&'p str> {
    let first = pod.containers.items.first()?;
    first
        .node()?
        .at(&["resources", resource.half, resource.amount])
        .filter(|amount| !amount.is_null())?;
    Some(first.name())
}

/// Sets a variable in a list: in the place of one of its name, else at the end.
pub(super) fn replace(
    variables: &mut Vec<Arc<Made<EnvVar>>>,
    name: &str,
    value: &str,
    stock: &Stock,
) {
    let variable = stock.text(name, value);
    match variables.iter_mut().find(|own| own.what.name == name) {
        Some(own) => *own = variable,
        None => variables.push(variable),
    }
}
