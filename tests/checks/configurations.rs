//! Configurations of the operator, in both dialects, as the choices say: right ones and odd ones.

use serde_json::{Map, Value as Json, json};

use super::choices::Choices;

const NAMESPACES: [&str; 10] = [
    "*", "default", "^prod$", "prod|dev", "dev", "", "(", " ", "^d.v$", ".*",
];
const LABELS: [&str; 10] = [
    "app=web",
    "app",
    "!x",
    "tier in (front,back)",
    "app!=web",
    "app=w*",
    "",
    "x,",
    "app=",
    "n>1",
];
const LANGUAGES: [&str; 9] = [
    "java", "python", "nodejs", "php", "golang", "js", "ruby", "", "Java",
];
const IMAGES: [&str; 6] = [
    "hub/lib:1",
    "hub:5000/a/lib:v1.2",
    "lib",
    "",
    "localhost/x",
    "hub/lib@sha256:00",
];

const VARIABLES: [(&str, &[&str]); 14] = [
    ("DD_AGENT_HOST", &["datakit-service.datakit.svc", "yes"]),
    ("POD_NAME", &["{fieldRef:metadata.name}", "x"]),
    (
        "DD_TAGS",
        &[
            "pod_name:$(POD_NAME),host:$(NODE)",
            "",
            "a:b",
            "{fieldRef:metadata.name}",
            "a:b:c,d",
        ],
    ),
    (
        "DD_SERVICE",
        &[
            "{fieldRef:metadata.labels['app']}",
            "{fieldRef:metadata.labels['a b']}",
        ],
    ),
    (
        "LIMIT",
        &[
            "{resourceFieldRef:limits.cpu}",
            "{resourceFieldRef:requests.memory}",
        ],
    ),
    (
        "TOKEN",
        &[
            "{secretKeyRef:datakit.token}",
            "{secretKeyRef:Datakit.token}",
        ],
    ),
    ("JAVA_TOOL_OPTIONS", &["-Xmx1g"]),
    ("LOGFWD_JSON_CONFIG", &["[]"]),
    (
        "FLAMESHOT_PROFILING_PATH",
        &["/flameshot-data", "/tmp//x/..", ""],
    ),
    ("FLAMESHOT_HTTP_LOCAL_PORT", &["8089", "0", "x", "70000"]),
    ("EMPTY", &[""]),
    (
        "ODD",
        &[
            "012",
            "1e3",
            "a: b",
            " lead",
            "two\nlines",
            "{fieldRef:nothing}",
            "~",
        ],
    ),
    ("FLAMESHOT_PROCESSES", &["x"]),
    ("OTEL_SERVICE_NAME", &["web"]),
];

/// Lists of log files as JSON, right and wrong.
pub const LOGS: [&str; 9] = [
    r#"[{"type":"file","path":"/var/log/app/*.log"}]"#,
    r#"[{"disable":false,"type":"file","path":"/tmp/opt/**/*.log"},{"type":"stdout"}]"#,
    "[\n  {\"type\": \"file\", \"path\": \"/data/x.log\"}\n]\n",
    r#"[{"disable":true,"type":"file","path":"/x"}]"#,
    r#"[{"type":"file"}]"#,
    "[]",
    "null",
    "",
    "no JSON",
];

/// A configuration as JSON text.
pub fn configuration(choices: &mut Choices<'_>) -> String {
    let mut config = Map::new();
    let both = choices.percent(10);
    let first = choices.percent(40);
    if !first || both {
        config.insert("admission_inject_v2".to_owned(), v2(choices));
    }
    if first || both {
        config.insert("admission_inject".to_owned(), v1(choices));
    }
    if choices.percent(70) {
        let loggings = list(choices, |choices| {
            let mut rule = selectors(choices);
            rule.insert("config".to_owned(), (*choices.pick(&LOGS)).into());
            Json::Object(rule)
        });
        config.insert("admission_mutate".to_owned(), json!({"loggings": loggings}));
    }
    if choices.percent(50) {
        serde_json::to_string_pretty(&config).unwrap()
    } else {
        Json::Object(config).to_string()
    }
}

fn list(choices: &mut Choices<'_>, item: fn(&mut Choices<'_>) -> Json) -> Json {
    let count = *choices.pick(&[1, 1, 2, 3]);
    let mut items: Vec<Json> = (0..count).map(|_| item(choices)).collect();
    if choices.percent(3) {
        items.insert(0, Json::Null);
    }
    Json::Array(items)
}

fn selectors(choices: &mut Choices<'_>) -> Map<String, Json> {
    let mut rule = Map::new();
    let texts = |choices: &mut Choices<'_>, from: &[&str]| {
        let count = *choices.pick(&[1, 1, 1, 1, 2, 2, 3, 0]);
        // The first are those that match most.
        let items = (0..count).map(|_| {
            let limit = if choices.percent(75) { 2 } else { from.len() };
            Json::from(from[choices.below(limit)])
        });
        Json::Array(items.collect())
    };
    if !choices.percent(15) {
        rule.insert(
            "namespace_selectors".to_owned(),
            texts(choices, &NAMESPACES),
        );
    }
    if choices.percent(20) {
        rule.insert("label_selectors".to_owned(), texts(choices, &LABELS));
    }
    rule
}

fn variables(choices: &mut Choices<'_>) -> Json {
    let mut envs = Map::new();
    for (name, values) in VARIABLES {
        if choices.percent(30) {
            envs.insert(name.to_owned(), (*choices.pick(values)).into());
        }
    }
    Json::Object(envs)
}

/// The settings that rules of either dialect have in common.
fn container(rule: &mut Map<String, Json>, choices: &mut Choices<'_>) {
    if choices.percent(70) {
        rule.insert("envs".to_owned(), variables(choices));
    }
    if choices.percent(30) {
        let odd = if choices.percent(10) { "a lot" } else { "1e3" };
        let amounts = [
            json!({"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "0.5", "memory": "1024Mi"}}),
            json!({"limits": {"cpu": "1"}}),
            json!({}),
            json!({"requests": {"memory": odd}}),
        ];
        rule.insert("resources".to_owned(), choices.pick(&amounts).clone());
    }
}

fn language(choices: &mut Choices<'_>) -> Json {
    let limit = if choices.percent(80) {
        4
    } else {
        LANGUAGES.len()
    };
    LANGUAGES[choices.below(limit)].into()
}

fn image(choices: &mut Choices<'_>) -> Json {
    let limit = if choices.percent(80) { 2 } else { IMAGES.len() };
    IMAGES[choices.below(limit)].into()
}

/// A rule of dialect v2 with what all of them have.
fn rule(choices: &mut Choices<'_>) -> Map<String, Json> {
    let mut rule = selectors(choices);
    if choices.percent(30) {
        rule.insert("name".to_owned(), "a rule".into());
    }
    rule.insert("image".to_owned(), image(choices));
    rule.insert("language".to_owned(), language(choices));
    if choices.percent(25) {
        rule.insert("check_annotation".to_owned(), true.into());
    }
    if choices.percent(15) {
        let policies = ["IfNotPresent", "Never", "never", "Always"];
        rule.insert(
            "image_pull_policy".to_owned(),
            (*choices.pick(&policies)).into(),
        );
    }
    container(&mut rule, choices);
    rule
}

fn v2(choices: &mut Choices<'_>) -> Json {
    let mut config = Map::new();
    if choices.percent(60) {
        let rules = list(choices, |choices| {
            let mut rule = rule(choices);
            if choices.percent(10) {
                rule.insert("php_loader_flavor".to_owned(), "linux-musl".into());
            }
            Json::Object(rule)
        });
        config.insert("ddtraces".to_owned(), rules);
    }
    if choices.percent(45) {
        config.insert(
            "otels".to_owned(),
            list(choices, |choices| Json::Object(rule(choices))),
        );
    }
    if choices.percent(50) {
        let rules = list(choices, |choices| {
            let mut rule = rule(choices);
            if choices.percent(50) {
                rule.insert("log_configs".to_owned(), (*choices.pick(&LOGS)).into());
            }
            if choices.percent(30) {
                rule.insert(
                    "log_volume_paths".to_owned(),
                    json!(["/var/log/more", "/tmp", "/data/"]),
                );
            }
            Json::Object(rule)
        });
        config.insert("logfwds".to_owned(), rules);
    }
    if choices.percent(40) {
        let rules = list(choices, |choices| {
            let mut rule = rule(choices);
            rule.insert(
                "processes".to_owned(),
                (*choices.pick(&["[{\"service\":\"x\"}]", ""])).into(),
            );
            rule.insert(
                "enable_prometheus_annotations".to_owned(),
                choices.percent(50).into(),
            );
            // Without these it injects nothing.
            let needed = json!({"FLAMESHOT_PROFILING_PATH": "/flameshot-data", "FLAMESHOT_HTTP_LOCAL_PORT": "8089"});
            if choices.percent(80) {
                rule.insert("envs".to_owned(), needed);
            }
            Json::Object(rule)
        });
        config.insert("flameshots".to_owned(), rules);
    }
    if choices.percent(40) {
        config.insert(
            "profilers".to_owned(),
            list(choices, |choices| Json::Object(rule(choices))),
        );
    }
    Json::Object(config)
}

/// The selectors of dialect v1, each with its language.
fn v1_selectors(section: &mut Map<String, Json>, choices: &mut Choices<'_>) {
    let mut entries = |key: &str, entry: &str, from: &[&str], choices: &mut Choices<'_>| {
        let count = choices.below(3);
        let entries = (0..count).map(|_| {
            let limit = if choices.percent(60) { 2 } else { from.len() };
            json!({entry: from[choices.below(limit)], "language": language(choices)})
        });
        section.insert(key.to_owned(), entries.collect());
    };
    entries("enabled_namespaces", "namespace", &NAMESPACES, choices);
    entries("enabled_labelselectors", "labelselector", &LABELS, choices);
}

fn v1(choices: &mut Choices<'_>) -> Json {
    let mut config = Map::new();
    let images = |keys: &[&str], choices: &mut Choices<'_>| {
        let mut images = Map::new();
        for key in keys {
            if choices.percent(85) {
                images.insert((*key).to_owned(), image(choices));
            }
        }
        Json::Object(images)
    };
    if choices.percent(70) {
        let mut section = Map::new();
        v1_selectors(&mut section, choices);
        let keys = ["java_agent_image", "python_agent_image", "js_agent_image"];
        section.insert("images".to_owned(), images(&keys, choices));
        container(&mut section, choices);
        config.insert("ddtrace".to_owned(), Json::Object(section));
    }
    if choices.percent(60) {
        let mut section = Map::new();
        section.insert("images".to_owned(), images(&["logfwd_image"], choices));
        container(&mut section, choices);
        config.insert("logfwd".to_owned(), Json::Object(section));
    }
    if choices.percent(50) {
        let mut section = Map::new();
        v1_selectors(&mut section, choices);
        let keys = [
            "java_profiler_image",
            "python_profiler_image",
            "golang_profiler_image",
        ];
        section.insert("images".to_owned(), images(&keys, choices));
        container(&mut section, choices);
        config.insert("profiler".to_owned(), Json::Object(section));
    }
    Json::Object(config)
}
