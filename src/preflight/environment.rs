//! The variables of a container as its programs see them: `$(NAME)` is replaced as the kubelet does it
//! (<https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>),
//! and what comes from elsewhere is known to.

use std::collections::HashMap;

use super::address::{NODE, POD, UNTOLD};
use crate::yaml::Node;

/// Values longer than this when they are put together are not looked at: nothing that is asked here is
/// as long, and `$(A)$(A)` doubles at every step.
const LIMIT: usize = 4096;

/// The variables of a container.
#[derive(Debug, Default)]
pub(super) struct Environment<'a> {
    variables: HashMap<&'a str, Variable<'a>>,
    /// Whether there are more, whose names are not written in the container (`envFrom`).
    has_more: bool,
}

/// A variable.
#[derive(Debug)]
pub(super) struct Variable<'a> {
    /// Its entry in the container's `env`.
    pub(super) node: Node<'a>,
    value: String,
    /// The first `$(NAME)` in it that stays as it is written.
    unresolved: Option<&'a str>,
}

/// What a variable is set to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value<'e> {
    /// This text, in which [`NODE`], [`POD`] and [`UNTOLD`] may stand for what is not written there.
    Text(&'e str),
    /// Something that the manifest does not tell.
    Untold,
    /// There is no such variable.
    Missing,
}

impl<'a> Environment<'a> {
    /// The variables of a container. The last one of a name counts.
    pub(super) fn of(container: Node<'a>) -> Self {
        let [env, more] = container.get_all(["env", "envFrom"]);
        let mut own = Self {
            variables: HashMap::new(),
            has_more: more.is_some_and(|list| list.each_item().next().is_some()),
        };
        for node in env.into_iter().flat_map(Node::each_item) {
            let [name, value, source] = node.get_all(["name", "value", "valueFrom"]);
            let Some(name) = name.and_then(Node::as_str) else {
                continue;
            };
            let (value, unresolved) = match source.filter(|source| !source.is_null()) {
                Some(source) => {
                    let path = source.at(&["fieldRef", "fieldPath"]);
                    let known = match path.and_then(Node::as_str) {
                        Some("status.hostIP" | "status.hostIPs") => NODE,
                        Some("status.podIP" | "status.podIPs") => POD,
                        _ => UNTOLD,
                    };
                    (known.to_owned(), None)
                }
                None => own.expand(value.and_then(Node::as_str).unwrap_or_default()),
            };
            let variable = Variable {
                node,
                value,
                unresolved,
            };
            own.variables.insert(name, variable);
        }
        own
    }

    /// A value with the variables in front of it in the place of `$(NAME)`; one that is not there
    /// stays as it is written. The first of these comes with it.
    fn expand(&self, text: &'a str) -> (String, Option<&'a str>) {
        let mut unresolved = None;
        let mut expanded = String::with_capacity(text.len().min(LIMIT));
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('$') {
            expanded.push_str(before);
            rest = behind;
            if let Some(behind) = rest.strip_prefix('$') {
                expanded.push('$');
                rest = behind;
                continue;
            }
            let name = rest
                .strip_prefix('(')
                .and_then(|inner| inner.split_once(')'));
            let known = name.and_then(|(name, behind)| {
                let known = self.variables.get(name);
                let value = known.map(|known| known.value.as_str());
                let more = self.has_more.then_some(UNTOLD);
                let left = known.map_or(Some(name), |known| known.unresolved);
                unresolved = unresolved.or(left);
                Some((value.or(more)?, behind))
            });
            match known {
                Some((value, behind)) => {
                    expanded.push_str(value);
                    rest = behind;
                }
                None => expanded.push('$'),
            }
            if expanded.len() > LIMIT {
                return (UNTOLD.to_owned(), None);
            }
        }
        expanded.push_str(rest);
        (expanded, unresolved)
    }

    /// The first `$(NAME)` in a variable that stays as it is written, and whether there is such a
    /// variable behind it.
    pub(super) fn unresolved(&self, variable: &str) -> Option<(&'a str, bool)> {
        let name = self.variables.get(variable)?.unresolved?;
        // Of variables whose names are not written here, one may be in front of it.
        (!self.has_more).then(|| (name, self.variables.contains_key(name)))
    }

    /// What a variable is set to.
    pub(super) fn value(&self, name: &str) -> Value<'_> {
        match self.variables.get(name) {
            Some(known) if known.value == UNTOLD => Value::Untold,
            Some(known) => Value::Text(&known.value),
            None if self.has_more => Value::Untold,
            None => Value::Missing,
        }
    }

    /// The text of a variable, where it has one that is told.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        match self.value(name) {
            Value::Text(text) => Some(text),
            Value::Untold | Value::Missing => None,
        }
    }

    /// Whether a variable is there and not empty, whatever it is set to.
    pub(super) fn is_set(&self, name: &str) -> bool {
        let known = self.variables.get(name);
        known.is_some_and(|known| !known.value.is_empty())
    }

    /// A variable by its name.
    pub(super) fn get(&self, name: &str) -> Option<&Variable<'a>> {
        self.variables.get(name)
    }

    /// All variables with their names, in no order.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'a str, &Variable<'a>)> {
        self.variables
            .iter()
            .map(|(name, variable)| (*name, variable))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    fn with<R>(text: &str, look: impl FnOnce(&Environment<'_>) -> R) -> R {
        let parsed = parse(text).unwrap();
        look(&Environment::of(parsed.tree.root_node().unwrap()))
    }

    #[test]
    fn references_are_replaced_by_what_stands_before_them() {
        let text = "env:
- {name: LATE, value: $(PORT)}
- {name: PORT, value: '9529'}
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}
- {name: URL, value: 'http://$(IP):$(PORT)/$$(PORT)/$(NONE)$'}
- {name: KEY, valueFrom: {secretKeyRef: {name: a, key: b}}}
- {name: AGAIN, value: one}
- {name: AGAIN, value: two}
- {name: EMPTY}
";
        with(text, |env| {
            assert_eq!(env.text("LATE"), Some("$(PORT)"));
            assert_eq!(env.unresolved("LATE"), Some(("PORT", true)));
            assert_eq!(env.unresolved("AGAIN"), None);
            assert_eq!(env.unresolved("URL"), Some(("NONE", false)));
            let url = format!("http://{NODE}:9529/$(PORT)/$(NONE)$");
            assert_eq!(env.text("URL"), Some(url.as_str()));
            assert_eq!(env.value("KEY"), Value::Untold);
            assert_eq!(env.text("AGAIN"), Some("two"));
            assert_eq!(env.text("EMPTY"), Some(""));
            assert!(!env.is_set("EMPTY") && env.is_set("KEY"));
            assert_eq!(env.value("NONE"), Value::Missing);
        });
        with("envFrom: [{secretRef: {name: a}}]", |env| {
            assert_eq!(env.value("NONE"), Value::Untold);
        });
    }

    #[test]
    fn doubling_references_come_to_an_end() {
        let mut text = "env:\n- {name: A0, value: xxxxxxxxxxxxxxxx}\n".to_owned();
        for step in 0..200 {
            let line = format!("- {{name: A{}, value: $(A{step})$(A{step})}}\n", step + 1);
            text.push_str(&line);
        }
        with(&text, |env| {
            assert_eq!(env.text("A8").map(str::len), Some(4096));
            assert!(
                env.text("A200")
                    .is_none_or(|value| value.len() <= 2 * LIMIT)
            );
        });
    }
}
