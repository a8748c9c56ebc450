//! The workloads that somebody asks about: `deployment/web`, as reports name them, with wildcards
//! (`explain --workload`).

use std::str::FromStr;

use glob::Pattern;

/// Which workloads are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkloadPattern {
    text: String,
    namespace: Option<Pattern>,
    kind: Option<Pattern>,
    group: Option<Pattern>,
    name: Pattern,
}

/// The short names that kubectl takes for kinds (`kubectl api-resources`).
const SHORT_NAMES: [(&str, &str); 8] = [
    ("cj", "cronjob"),
    ("dc", "deploymentconfig"),
    ("deploy", "deployment"),
    ("ds", "daemonset"),
    ("po", "pod"),
    ("rc", "replicationcontroller"),
    ("rs", "replicaset"),
    ("sts", "statefulset"),
];

/// The kinds whose plural kubectl's users type, too.
const PLURALS: [&str; 12] = [
    "clonesets",
    "cronjobs",
    "daemonsets",
    "deploymentconfigs",
    "deployments",
    "jobs",
    "pods",
    "podtemplates",
    "replicasets",
    "replicationcontrollers",
    "rollouts",
    "statefulsets",
];

impl FromStr for WorkloadPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = "the form is NAME, KIND/NAME or NAMESPACE/KIND/NAME, for example deployment/web";
        let parts: Vec<&str> = text.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(form.to_owned());
        }
        let (namespace, kind, name) = match parts[..] {
            [name] => (None, None, name),
            [kind, name] => (None, Some(kind), name),
            [namespace, kind, name] => (Some(namespace), Some(kind), name),
            _ => return Err(form.to_owned()),
        };
        let (kind, group) = match kind.and_then(|kind| kind.split_once('.')) {
            Some((kind, group)) => (Some(kind), Some(group)),
            None => (kind, None),
        };
        let compile = |part: &str| {
            Pattern::new(part).map_err(|error| format!("{part} is no pattern: {}", error.msg))
        };
        Ok(Self {
            text: text.to_owned(),
            namespace: namespace.map(compile).transpose()?,
            kind: kind
                .map(|kind| compile(&singular(&kind.to_lowercase())))
                .transpose()?,
            group: group.map(compile).transpose()?,
            name: compile(name)?,
        })
    }
}

/// The kind that a short name or a plural stands for.
fn singular(kind: &str) -> String {
    let short = SHORT_NAMES.iter().find(|(short, _)| *short == kind);
    match short {
        Some((_, kind)) => (*kind).to_owned(),
        None if PLURALS.contains(&kind) => kind.trim_end_matches('s').to_owned(),
        None => kind.to_owned(),
    }
}

impl WorkloadPattern {
    /// The pattern as it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The pattern with whole names of kinds, as reports write them.
    #[must_use]
    pub fn whole(&self) -> String {
        let kind = self.kind.as_ref().map(|kind| match &self.group {
            Some(group) => format!("{}.{}", kind.as_str(), group.as_str()),
            None => kind.as_str().to_owned(),
        });
        let namespace = self.namespace.as_ref().map(|own| own.as_str().to_owned());
        let name = Some(self.name.as_str().to_owned());
        let parts: Vec<String> = [namespace, kind, name].into_iter().flatten().collect();
        parts.join("/")
    }

    /// Whether a workload is meant: its effective namespace, its kind and group, and its name.
    #[must_use]
    pub fn matches(&self, namespace: &str, kind: &str, group: &str, name: &str) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
        };
        fits(&self.namespace, namespace)
            && fits(&self.kind, &kind.to_lowercase())
            && fits(&self.group, group)
            && self.name.matches(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_what_reports_call_a_workload() {
        let meant = |pattern: &str| {
            let pattern: WorkloadPattern = pattern.parse().unwrap();
            pattern.matches("prod", "Deployment", "apps", "web-1")
        };
        for pattern in [
            "web-1",
            "deployment/web-1",
            "Deployment/web-1",
            "deploy/web-1",
            "deployments/web-1",
            "prod/deployment/web-1",
            "deployment.apps/web-1",
            "*/web-?",
            "p*/d*/w*",
            "*/*/*",
        ] {
            assert!(meant(pattern), "{pattern}");
        }
        for pattern in [
            "web",
            "statefulset/web-1",
            "default/deployment/web-1",
            "deployment.extensions/web-1",
            "deployment/WEB-1",
        ] {
            assert!(!meant(pattern), "{pattern}");
        }
        let whole = |text: &str| text.parse::<WorkloadPattern>().unwrap().whole();
        assert_eq!(whole("sts/a"), "statefulset/a");
        assert_eq!(whole("p/DEPLOY.apps/a*"), "p/deployment.apps/a*");
        for wrong in ["", "/", "a/", "/a", "a/b/c/d", "a//b", "a/[b"] {
            assert!(wrong.parse::<WorkloadPattern>().is_err(), "{wrong}");
        }
    }
}
