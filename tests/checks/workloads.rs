//! Objects of Kubernetes, as the choices say: with pods that have something of what is injected
//! already, with odd parts, and without pods.

use serde_json::{Map, Value as Json, json};

use super::choices::Choices;
use super::configurations::LOGS;

const OWN_NAMES: [&str; 4] = ["app", "web", "side", "log-shipper"];
const OUR_CONTAINERS: [&str; 3] = ["datakit-logfwd", "datakit-profiler", "datakit-flameshot"];

const VARIABLES: [(&str, &[&str]); 12] = [
    (
        "JAVA_TOOL_OPTIONS",
        &[
            "-Xmx1g",
            "",
            " -javaagent:/datadog-lib/dd-java-agent.jar",
            "-Xmx1g -Xms1g -Da=b c",
            "-javaagent:/otel-auto-instrumentation-java/javaagent.jar",
        ],
    ),
    (
        "DD_TAGS",
        &["team:web", "", "a:b,c:d,bad,x:y:z", "pod_name:own"],
    ),
    ("PYTHONPATH", &["/app", "/datadog-lib/", ""]),
    (
        "NODE_OPTIONS",
        &[
            "--max-old-space-size=100",
            " --require=/datadog-lib/node_modules/dd-trace/init",
        ],
    ),
    ("DD_SERVICE", &["own"]),
    ("POD_NAME", &["x"]),
    ("PHP_INI_SCAN_DIR", &["/etc/php", "/etc/php:/datadog-lib"]),
    ("PORT", &["8080"]),
    (
        "TEXT",
        &[
            "two\nlines\n",
            "  deep",
            "yes",
            "012",
            "a: b # c",
            "\u{4e2d}\u{6587}",
            "quote \" and '",
        ],
    ),
    ("LOGFWD_JSON_CONFIG", &["[]"]),
    ("DD_LOADER_PACKAGE_PATH", &["/own"]),
    ("EMPTY", &[""]),
];

const PATHS: [&str; 9] = [
    "/data",
    "/var/log/app",
    "/tmp",
    "/datadog-lib",
    "/etc/localtime",
    "/var/log",
    "/tmp/opt",
    "/app/datakit-profiler",
    "/otel-auto-instrumentation-java",
];
const VOLUMES: [&str; 9] = [
    "data",
    "logs",
    "tmp",
    "datakit-auto-instrument",
    "datakit-otel-auto-instrument",
    "datakit-logfwd-volume-0",
    "datakit-logs-volume-0",
    "timezone",
    "flameshot-volume",
];

const ANNOTATIONS: [(&str, &[&str]); 20] = [
    ("admission.datakit/java-lib.version", &["", "v1.2", "v1:2"]),
    ("admission.datakit/python-lib.version", &["", "v1"]),
    ("admission.datakit/nodejs-lib.version", &[""]),
    ("admission.datakit/js-lib.version", &["v2"]),
    ("admission.datakit/php-lib.version", &[""]),
    ("admission.datakit/otel-java-lib.version", &["", "2.0"]),
    ("admission.datakit/java-profiler.version", &[""]),
    ("admission.datakit/python-profiler.version", &["v1"]),
    (
        "admission.datakit/logfwd.instances",
        &[
            r#"[{"datakit_addr":"x","loggings":[{"logfiles":["/var/log/app/*.log","/data/x.log"],"ignore":[]}]}]"#,
            "[ ]",
            "",
            "no JSON",
            "null",
        ],
    ),
    ("admission.datakit/enabled", &["true", "false", "no"]),
    ("admission.datakit/ddtrace.enabled", &["false", "true"]),
    ("admission.datakit/otel.enabled", &["false", "0"]),
    ("admission.datakit/logfwd.enabled", &["f"]),
    ("admission.datakit/flameshot.enabled", &["False"]),
    ("admission.datakit/profiler.enabled", &["false"]),
    ("datakit/logs", &["[]"]),
    ("prometheus.io/scrape", &["true"]),
    ("admission.datakit/jave-lib.version", &["typo"]),
    ("example.com/text", &["a: b", "two\nlines", "yes"]),
    ("checksum/config", &["0123"]),
];

/// An object: most often a workload.
pub fn object(choices: &mut Choices<'_>) -> Json {
    let number = choices.below(20);
    let (version, kind) = match number {
        0..3 => ("apps/v1", "Deployment"),
        3..6 => ("v1", "Pod"),
        6 => ("apps/v1", "StatefulSet"),
        7 => ("apps/v1", "DaemonSet"),
        8 => ("batch/v1", "Job"),
        9 => ("batch/v1", "CronJob"),
        10 => ("v1", "PodTemplate"),
        11 => ("argoproj.io/v1alpha1", "Rollout"),
        12 => ("serving.knative.dev/v1", "Service"),
        13 => ("v1", "ConfigMap"),
        14 => ("v1", "Service"),
        15 => ("example.com/v1", "Unknown"),
        16 | 17 => ("v1", "List"),
        18 => ("apps/v1", "ReplicaSet"),
        _ => ("apps.kruise.io/v1alpha1", "AdvancedCronJob"),
    };
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), version.into());
    object.insert("kind".to_owned(), kind.into());
    if kind == "List" {
        let items = (0..choices.below(3)).map(|_| {
            let item = self::object(choices);
            // A list in a list is for the odd ones.
            if item["kind"] == "List" {
                json!({"kind": "List"})
            } else {
                item
            }
        });
        object.insert("items".to_owned(), items.collect());
        return Json::Object(object);
    }
    let mut metadata = metadata(choices, kind == "Pod");
    metadata.insert(
        "name".to_owned(),
        (*choices.pick(&["web", "a", "x-1"])).into(),
    );
    if choices.percent(40) {
        metadata.insert(
            "namespace".to_owned(),
            (*choices.pick(&["default", "prod", "dev"])).into(),
        );
    }
    object.insert("metadata".to_owned(), Json::Object(metadata));
    let template = |choices: &mut Choices<'_>| {
        let mut template = Map::new();
        if choices.percent(80) {
            template.insert(
                "metadata".to_owned(),
                Json::Object(self::metadata(choices, true)),
            );
        }
        template.insert("spec".to_owned(), pod(choices));
        Json::Object(template)
    };
    match kind {
        "Pod" => {
            object.insert("spec".to_owned(), pod(choices));
        }
        "PodTemplate" => {
            object.insert("template".to_owned(), template(choices));
        }
        "ConfigMap" => {
            object.insert("data".to_owned(), json!({"a": "b: c\n", "kind": "Pod"}));
        }
        "Service" if version == "v1" => {
            object.insert("spec".to_owned(), json!({"ports": [{"port": 80}]}));
        }
        "CronJob" => {
            let job = json!({"spec": {"template": template(choices)}});
            object.insert(
                "spec".to_owned(),
                json!({"schedule": "* * * * *", "jobTemplate": job}),
            );
        }
        "AdvancedCronJob" => {
            let job = json!({"jobTemplate": {"spec": {"template": template(choices)}}});
            object.insert("spec".to_owned(), json!({"template": job}));
        }
        _ => {
            let spec = json!({"replicas": 2, "template": template(choices)});
            object.insert("spec".to_owned(), spec);
        }
    }
    Json::Object(object)
}

fn metadata(choices: &mut Choices<'_>, of_pod: bool) -> Map<String, Json> {
    let mut metadata = Map::new();
    if choices.percent(60) {
        let labels = [
            json!({"app": "web"}),
            json!({"app": "web", "tier": "front"}),
            json!({"tier": "back", "n": "2"}),
            json!({}),
        ];
        metadata.insert("labels".to_owned(), choices.pick(&labels).clone());
    }
    if of_pod && choices.percent(60) {
        let mut annotations = Map::new();
        for (key, values) in ANNOTATIONS {
            // What turns things off is rare, so that most is injected.
            let chance = if key.contains("enabled") || key == "datakit/logs" {
                4
            } else {
                12
            };
            if choices.percent(chance) {
                annotations.insert(key.to_owned(), (*choices.pick(values)).into());
            }
        }
        metadata.insert(
            "annotations".to_owned(),
            odd(Json::Object(annotations), choices),
        );
    }
    metadata
}

/// The value, or now and then nothing in its place.
fn odd(value: Json, choices: &mut Choices<'_>) -> Json {
    if !choices.percent(2) {
        return value;
    }
    let odds = [
        Json::Null,
        json!([]),
        json!({}),
        json!("text"),
        json!(7),
        json!([null]),
    ];
    choices.pick(&odds).clone()
}

fn pod(choices: &mut Choices<'_>) -> Json {
    let mut spec = Map::new();
    let mut containers: Vec<Json> = Vec::new();
    let count = *choices.pick(&[1, 1, 1, 2, 2, 2, 3, 3, 0]);
    for name in OWN_NAMES.iter().take(count) {
        // The same list in several containers, so that it can be shared.
        let before: Option<Json> = containers.last().cloned();
        let mut container = container(name, choices);
        if let Some(before) = before.filter(|_| choices.percent(50)) {
            for key in ["env", "volumeMounts", "resources", "args"] {
                if let Some(value) = before.get(key).filter(|_| !choices.percent(20)) {
                    container.insert(key.to_owned(), value.clone());
                }
            }
        }
        containers.push(Json::Object(container));
    }
    for name in OUR_CONTAINERS {
        if choices.percent(4) {
            containers.push(Json::Object(container(name, choices)));
        }
    }
    if choices.percent(30) {
        let mut init: Vec<Json> = Vec::new();
        if choices.percent(50) {
            init.push(Json::Object(container("prepare", choices)));
        }
        for (name, volume, path) in [
            (
                "datakit-lib-init",
                "datakit-auto-instrument",
                "/datadog-lib",
            ),
            (
                "datakit-otel-lib-init",
                "datakit-otel-auto-instrument",
                "/otel-auto-instrumentation-java",
            ),
        ] {
            if choices.percent(20) {
                let mounts = json!([{"name": volume, "mountPath": path}]);
                init.push(json!({"name": name, "image": "hub/lib:1", "volumeMounts": mounts}));
            }
        }
        spec.insert("initContainers".to_owned(), odd(Json::Array(init), choices));
    }
    let restart = ["Always", "Never", "OnFailure"];
    if choices.percent(30) {
        spec.insert("restartPolicy".to_owned(), (*choices.pick(&restart)).into());
    }
    if choices.percent(15) {
        spec.insert(
            "shareProcessNamespace".to_owned(),
            choices.percent(50).into(),
        );
    }
    if choices.percent(20) {
        spec.insert("securityContext".to_owned(), json!({"runAsNonRoot": true}));
    }
    spec.insert(
        "containers".to_owned(),
        odd(Json::Array(containers), choices),
    );
    if choices.percent(50) {
        let volumes = (0..choices.below(4)).map(|_| {
            let name = *choices.pick(&VOLUMES);
            let empty = json!({"name": name, "emptyDir": {}});
            let host = json!({"name": name, "hostPath": {"path": "/x"}});
            if choices.percent(75) { empty } else { host }
        });
        let volumes = volumes.collect();
        spec.insert("volumes".to_owned(), odd(volumes, choices));
    }
    odd(Json::Object(spec), choices)
}

fn container(name: &str, choices: &mut Choices<'_>) -> Map<String, Json> {
    let mut container = Map::new();
    container.insert("name".to_owned(), name.into());
    container.insert("image".to_owned(), "nginx:1.27".into());
    if choices.percent(60) {
        let mut env: Vec<Json> = Vec::new();
        for (name, values) in VARIABLES {
            if choices.percent(20) {
                env.push(match choices.below(12) {
                    0..9 => json!({"name": name, "value": *choices.pick(values)}),
                    9 => json!({"name": name}),
                    10 => json!({"name": name, "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}),
                    _ => json!({"name": name, "value": Json::Null}),
                });
                if choices.percent(5) {
                    env.push(json!({"name": name, "value": "again"}));
                }
            }
        }
        container.insert("env".to_owned(), odd(Json::Array(env), choices));
    }
    if choices.percent(40) {
        let mounts = (0..choices.below(3))
            .map(|_| json!({"name": *choices.pick(&VOLUMES), "mountPath": *choices.pick(&PATHS)}));
        let mounts = mounts.collect();
        container.insert("volumeMounts".to_owned(), odd(mounts, choices));
    }
    if choices.percent(25) {
        let amounts = json!({"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "10m"}});
        container.insert("resources".to_owned(), amounts);
    }
    if choices.percent(10) {
        container.insert(
            "securityContext".to_owned(),
            json!({"runAsUser": 0, "capabilities": {"add": ["A"]}}),
        );
    }
    if choices.percent(10) {
        container.insert("args".to_owned(), json!(["sh", "-c", LOGS[2]]));
    }
    container
}
