//! Pods, each with a configuration: the operator's recorded ones, and some for what those do not show.

use datakit_inject::config::Rules;
use datakit_inject::config::annotation::JS_LIB_VERSION;
use serde_json::{Map, Value as Json, json};

use super::applied::inject_into;

/// A pod and the configuration for it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) config: Json,
    pod: Json,
    namespace: String,
}

impl Case {
    fn own(name: &str, config: Json, pod: Json) -> Self {
        Self {
            name: format!("own-{name}"),
            config,
            pod,
            namespace: "prod".to_owned(),
        }
    }

    pub(crate) fn of_vector(vector: &Json) -> Self {
        Self {
            name: vector["name"].as_str().unwrap().to_owned(),
            config: vector["config"].clone(),
            pod: vector["pod"].clone(),
            namespace: vector["namespace"].as_str().unwrap().to_owned(),
        }
    }

    /// The pod after it was injected by the rules.
    pub(crate) fn after(&self, rules: &Rules) -> Json {
        inject_into(rules, &self.pod, &self.namespace, false).0
    }
}

/// Pods for what the recorded ones do not show.
pub(crate) fn own_cases() -> Vec<Case> {
    let mut cases = of_ddtrace();
    cases.extend(of_lists());
    cases.extend(of_profiler());
    cases
}

const JAVA: &str = "admission.datakit/java-lib.version";

fn pod(annotation: &str, env: &Json) -> Json {
    json!({
        "metadata": {"name": "own", "annotations": {annotation: ""}},
        "spec": {"containers": [{"name": "c", "image": "i:1", "env": env}]},
    })
}

/// A configuration with one section, with more in it.
fn section(name: &str, mut section: Json, more: &Json) -> Json {
    for (key, value) in more.as_object().unwrap() {
        section[key] = value.clone();
    }
    json!({"admission_inject": {name: section}})
}

fn ddtrace(more: &Json) -> Json {
    let images = json!({"java_agent_image": "hub/java:1", "js_agent_image": "hub/js:1"});
    section(
        "ddtrace",
        json!({"images": images, "envs": {"A": "b"}}),
        more,
    )
}

fn of_ddtrace() -> Vec<Case> {
    let nothing = json!([]);
    let option = "-javaagent:/datadog-lib/dd-java-agent.jar";
    let loads = json!([{"name": "JAVA_TOOL_OPTIONS", "value": option}]);
    let mount = json!([{"name": "datakit-auto-instrument", "mountPath": "/datadog-lib"}]);
    let mut injected = pod(JAVA, &nothing);
    injected["spec"]["initContainers"] =
        json!([{"name": "datakit-lib-init", "image": "i:1", "volumeMounts": mount}]);
    injected["spec"]["volumes"] = json!([{"name": "datakit-auto-instrument", "emptyDir": {}}]);
    injected["spec"]["containers"][0]["volumeMounts"] = mount;
    let mut traced = pod(JAVA, &nothing);
    traced["spec"]["initContainers"] = json!([{"name": "datakit-otel-lib-init", "image": "i:1"}]);
    let python = pod("admission.datakit/python-lib.version", &nothing);
    let everywhere = json!({"enabled_namespaces": [{"namespace": "*", "language": "java"}]});
    let secret = json!({"envs": {"A": "b", "SECRET": "{secretKeyRef:s.k}"}});
    let plain = ddtrace(&json!({}));
    let mut cases = vec![
        Case::own("loads-the-agent-already", plain.clone(), pod(JAVA, &loads)),
        Case::own("lost-its-variable", plain.clone(), injected),
        Case::own("has-otel", plain.clone(), traced),
        Case::own("js", plain.clone(), pod(JS_LIB_VERSION, &nothing)),
        Case::own(
            "no-image-and-a-namespace",
            ddtrace(&everywhere),
            python.clone(),
        ),
        Case::own("no-image", plain, python),
        Case::own("secret", ddtrace(&secret), pod(JAVA, &nothing)),
    ];
    for amounts in [
        json!({}),
        json!({"limits": {}}),
        json!({"requests": {"cpu": ""}}),
    ] {
        let name = format!("resources {amounts}");
        let config = ddtrace(&json!({"resources": amounts}));
        cases.push(Case::own(&name, config, pod(JAVA, &nothing)));
    }
    cases
}

fn label(text: &str, language: &str) -> Json {
    json!({"labelselector": text, "language": language})
}

fn namespace(text: &str, language: &str) -> Json {
    json!({"namespace": text, "language": language})
}

/// Rules that lead past others, and rules that leave pods out, for every mixture of some labels and
/// namespaces.
fn of_lists() -> Vec<Case> {
    let lists = json!({
        "enabled_labelselectors": [label("tier=1", ""), label("app", "js"), label("app=x", "php"),
            label("!app,n", "ruby"), label("tier=2", ""), label("", "java")],
        "enabled_namespaces": [namespace("^prod$", "java"), namespace("test", ""),
            namespace("", "nodejs"), namespace("(", "java")],
    });
    let images = json!({"images": {"java_profiler_image": "hub/p:1"}});
    let profiler = section("profiler", images, &lists);
    let mut cases = Vec::new();
    for number in 0..54 {
        let value = |divisor: usize, values: &[&'static str]| {
            let index = number / divisor % values.len();
            (!values[index].is_empty()).then_some(values[index])
        };
        let labels = [
            ("tier", value(1, &["1", "2", ""])),
            ("app", value(3, &["x", "y", ""])),
            ("n", value(9, &["1", ""])),
        ];
        let labels: Map<String, Json> = labels
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
            .collect();
        let mut pod = pod("x", &json!([]));
        pod["metadata"]["labels"] = Json::Object(labels);
        let namespace = value(18, &["prod", "my-test", "other"]).unwrap();
        for (section, config) in [("", ddtrace(&lists)), ("profiler-", profiler.clone())] {
            let name = format!("{section}lists-{number}");
            cases.push(Case {
                namespace: namespace.to_owned(),
                ..Case::own(&name, config, pod.clone())
            });
        }
    }
    cases
}

fn of_profiler() -> Vec<Case> {
    let profiler = |namespaces: &[Json]| {
        let images = json!({"images": {"java_profiler_image": "hub/java:1"}});
        let more = match namespaces {
            [] => json!({}),
            _ => json!({"enabled_namespaces": namespaces}),
        };
        section("profiler", images, &more)
    };
    let mut cases = Vec::new();
    for (name, config) in [
        ("profiler-without-variables", profiler(&[])),
        (
            "profiler-with-a-namespace-left-out",
            profiler(&[namespace("prod", "")]),
        ),
        (
            "profiler-for-a-namespace",
            profiler(&[namespace("test", "java")]),
        ),
    ] {
        for language in ["java", "python"] {
            let annotation = format!("admission.datakit/{language}-profiler.version");
            let name = format!("{name}-{language}");
            cases.push(Case::own(
                &name,
                config.clone(),
                pod(&annotation, &json!([])),
            ));
        }
    }
    cases
}
