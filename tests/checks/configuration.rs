//! Any configuration, and any values of annotations and labels, on a pod that has a little of
//! everything.

use datakit_inject::config::env_value::{EnvValue, FORMS_V2, near_miss, read};
use datakit_inject::config::glob::Glob;
use datakit_inject::config::label_selector::LabelSelector;
use datakit_inject::config::selector::NamespaceExpression;
use datakit_inject::config::{self, Dialect, Rules};
use datakit_inject::diagnostic::{Diagnostic, Severity};
use datakit_inject::inject::Switches;
use datakit_inject::source::Source;
use serde_json::{Value as Json, json};

use super::forms::reports_are_well_formed;
use super::rewriting::{self, Checked, Seen};

/// The annotations that values are given to, in this order.
pub const ANNOTATIONS: [&str; 12] = [
    "admission.datakit/logfwd.instances",
    "admission.datakit/java-lib.version",
    "admission.datakit/python-lib.version",
    "admission.datakit/nodejs-lib.version",
    "admission.datakit/otel-java-lib.version",
    "admission.datakit/python-profiler.version",
    "admission.datakit/enabled",
    "admission.datakit/ddtrace.enabled",
    "admission.datakit/logfwd.enabled",
    "prometheus.io/scrape",
    "datakit/logs",
    "admission.datakit/php-lib.version",
];

/// Bytes as a configuration and, behind bytes of zero, the values of a pod.
pub fn check(bytes: &[u8]) -> Checked<Seen> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(Seen::default());
    };
    let mut parts = text.split('\0');
    let config = parts.next().unwrap_or_default();
    check_parts(config, &parts.collect::<Vec<&str>>())
}

/// Reads a configuration, in each way that it can be read, and injects by it. `values` are those of
/// the pod's namespace, of its label `app` and of its annotations; those that are empty are left out.
pub fn check_parts(text: &str, values: &[&str]) -> Checked<Seen> {
    let mut seen = Seen::default();
    for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
        let Some(rules) = read_twice(text, dialect)? else {
            seen.refused += 1;
            continue;
        };
        let pod = pod(values);
        let block = serde_yaml::to_string(&pod).map_err(|error| error.to_string())?;
        for manifest in [pod.to_string(), block] {
            let (result, one) = rewriting::check(&rules, &Switches::default(), &manifest)
                .map_err(|why| format!("{why}\n{manifest}"))?;
            if manifest.starts_with('{') {
                reports_are_well_formed(&result)?;
            }
            seen += one;
        }
    }
    for text in values.iter().copied().chain([text]) {
        small_languages(text)?;
    }
    Ok(seen)
}

/// A configuration read twice says the same twice, and is refused if and only if there is an error,
/// which says where.
fn read_twice(text: &str, dialect: Option<Dialect>) -> Checked<Option<Rules>> {
    let source = Source::new("config.json", text);
    let read = || {
        let mut diagnostics: Vec<Diagnostic> = Vec::new();
        let found = config::from_json(&source, dialect, &mut diagnostics);
        (found, diagnostics)
    };
    let (found, diagnostics) = read();
    if read().1 != diagnostics {
        return Err("a second reading says something else".to_owned());
    }
    let has_error = diagnostics
        .iter()
        .any(|one| one.severity == Severity::Error);
    if has_error == found.is_some() {
        return Err(format!(
            "taken or not, the diagnostics do not say so: {diagnostics:?}"
        ));
    }
    let lines = text.split('\n').count();
    for one in &diagnostics {
        match &one.location {
            Some(place) if place.line >= 1 && place.line <= lines && place.column >= 1 => {}
            _ => return Err(format!("no place, or one that is not there: {one:?}")),
        }
    }
    Ok(found.map(|found| found.rules))
}

/// The languages of selectors and values. A text that has none of a language's signs means itself.
fn small_languages(text: &str) -> Checked {
    let plain = |signs: &str| !text.contains(|c: char| signs.contains(c));
    let value = read(text, FORMS_V2);
    if plain("{") && !matches!(&value, EnvValue::Text(own) if own == text) {
        return Err(format!("{text:?} is read as {value:?}"));
    }
    if near_miss(text, FORMS_V2).is_some() && plain("{") {
        return Err(format!("{text:?} is nearly a form"));
    }
    if let Ok(selector) = LabelSelector::parse(text) {
        let keys: Vec<&str> = selector.keys().collect();
        let all_missing = selector.matches(|_| None);
        if keys.is_empty() && !all_missing {
            return Err(format!(
                "{text:?} asks for nothing, and a pod does not match"
            ));
        }
        if selector.matches(|key| keys.contains(&key).then_some(text))
            && text.is_empty()
            && !all_missing
        {
            return Err(format!("{text:?} matches some pods, and asks for nothing"));
        }
    }
    if let Ok(glob) = Glob::parse(text)
        && plain("*?[]{}\\")
        && !glob.matches(text)
    {
        return Err(format!("{text:?} does not match itself"));
    }
    if let Ok(expression) = NamespaceExpression::compile(text)
        && plain("*?[](){}\\+^$|.")
        && !expression.matches(&format!("x{text}x"))
    {
        return Err(format!("{text:?} is not found in itself"));
    }
    Ok(())
}

fn pod(values: &[&str]) -> Json {
    let value = |at: usize| values.get(at).copied().filter(|value| !value.is_empty());
    let annotations: serde_json::Map<String, Json> = ANNOTATIONS
        .iter()
        .enumerate()
        .filter_map(|(at, key)| Some(((*key).to_owned(), value(at + 2)?.into())))
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "p",
            "namespace": value(0).unwrap_or("default"),
            "labels": {"app": value(1).unwrap_or("web")},
            "annotations": annotations,
        },
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": "app:1",
                    "resources": {"limits": {"cpu": "1"}},
                    "env": [
                        {"name": "DD_TAGS", "value": "a:b,c:d"},
                        {"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx1g"},
                    ],
                    "volumeMounts": [{"name": "logs", "mountPath": "/var/log"}],
                },
                {"name": "side", "image": "side:1"},
            ],
            "volumes": [{"name": "logs", "emptyDir": {}}],
        },
    })
}
