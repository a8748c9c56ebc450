//! The security context that otel's init container inherits from the first regular container.

use crate::inject::pod::Pod;
use crate::yaml::Node;
use crate::yaml::scalar::{Resolved, as_bool, resolve};

/// The first regular container's security context; nothing where it has none or an empty one.
pub(super) fn context_of_first<'a>(pod: &Pod<'a>) -> Option<Node<'a>> {
    let context = pod
        .containers
        .items
        .first()?
        .node()?
        .get("securityContext")?;
    let has_any = context.entries().iter().any(|(_, value)| !value.is_null());
    has_any.then_some(context)
}

/// Whether the init container must not run as root and is given no user to run as: its own field
/// counts, else the pod's.
pub(super) fn refuses_root(pod: &Pod<'_>) -> bool {
    let own = context_of_first(pod);
    let of_pod = pod.spec("securityContext");
    let effective = |key: &str| {
        let set = |context: Option<Node<'_>>| {
            let value = context?.get(key).filter(|value| !value.is_null())?;
            value.as_str().map(str::to_owned)
        };
        set(own).or_else(|| set(of_pod))
    };
    let non_root = effective("runAsNonRoot");
    let user = effective("runAsUser").and_then(|user| match resolve(&user) {
        Resolved::Integer(digits) => digits.parse::<i64>().ok(),
        _ => None,
    });
    non_root.is_some_and(|value| as_bool(&value) == Some(true)) && user.unwrap_or(0) == 0
}
