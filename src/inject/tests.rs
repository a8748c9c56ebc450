//! Pods that no vector has: written in YAML, malformed, odd, or in a Job.

use super::*;
use crate::change::{Change, Operation, Path, Segment};
use crate::config::{Configuration, Dialect, find, from_json};
use crate::source::Source;
use crate::yaml;

fn configuration(json: &str) -> Configuration {
    from_json(&Source::new("c", json), None, &mut Vec::new()).unwrap()
}

fn built_in(dialect: Dialect) -> Configuration {
    find(None, &|_| None, Some(dialect), &mut Vec::new()).unwrap()
}

fn outcome(rules: &Rules, text: &str, runs_to_completion: bool) -> Outcome {
    let parsed = yaml::parse(text).unwrap();
    let template = PodTemplate {
        node: parsed.tree.root_node().unwrap(),
        path: Path::default(),
        namespace: "default".to_owned(),
        runs_to_completion,
    };
    Injector::new(rules, &Switches::default()).inject(&template)
}

fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.notices.iter().map(|notice| notice.code).collect()
}

fn paths(changes: &[Change]) -> Vec<String> {
    changes
        .iter()
        .map(|change| {
            let kind = match change.operation {
                Operation::Append(_) => "+",
                Operation::Set(_) => "=",
                Operation::MoveLast => ">",
                Operation::Prepend(_) => "^",
                Operation::Remove => "-",
            };
            format!("{kind} {}", change.path)
        })
        .collect()
}

const JAVA: &str = "metadata: {annotations: {admission.datakit/java-lib.version: }}";

#[test]
fn unquoted_annotations_are_read_as_their_text_and_null_is_absent() {
    let rules = built_in(Dialect::V1).rules;
    let pod = |annotations: &str| {
        let text = format!(
            "metadata:\n  annotations: {{{annotations}}}\nspec: {{containers: [{{name: a}}]}}"
        );
        let outcome = outcome(&rules, &text, false);
        assert_eq!(codes(&outcome), Vec::<&str>::new());
        !outcome.changes.is_empty()
    };
    let asked = "admission.datakit/java-lib.version: 1.30";
    assert!(pod(asked));
    assert!(pod(&format!("{asked}, admission.datakit/enabled: true")));
    assert!(!pod(&format!("{asked}, admission.datakit/enabled: false")));
    assert!(!pod(&format!("{asked}, admission.datakit/enabled: 0")));
    assert!(!pod("admission.datakit/java-lib.version: null"));
    assert!(!outcome(&rules, JAVA, false).skipped.is_empty());
}

#[test]
fn what_must_be_written_to_and_has_the_wrong_type_is_an_error() {
    let rules = built_in(Dialect::V1).rules;
    let asks = "metadata: {annotations: {admission.datakit/java-lib.version: ''}}\n";
    for (spec, path) in [
        (
            "spec: {containers: [{name: a, env: x}]}",
            "spec.containers[0].env",
        ),
        (
            "spec: {containers: [{name: a, volumeMounts: {}}]}",
            "spec.containers[0].volumeMounts",
        ),
        (
            "spec: {containers: [{name: a}, null]}",
            "spec.containers[1]",
        ),
        ("spec: {containers: {name: a}}", "spec.containers"),
        (
            "spec: {containers: [{name: a}], volumes: 1}",
            "spec.volumes",
        ),
        (
            "spec: {containers: [{name: a}], initContainers: x}",
            "spec.initContainers",
        ),
    ] {
        let found = outcome(&rules, &format!("{asks}{spec}"), false);
        let malformed = found.malformed.clone().unwrap();
        assert_eq!(malformed.code, "malformed-pod-template");
        assert_eq!(malformed.path.unwrap().to_string(), path);
        assert_eq!(found.changes, [], "{spec}");
        assert_eq!(found.injected, [], "{spec}");
        assert_eq!(found.skipped.len(), Injection::ALL.len());
        // Without an injection that is due, nothing is wrong.
        let found = outcome(&rules, spec, false);
        assert_eq!(found.malformed, None, "{spec}");
    }
    for text in [
        "[]",
        "a",
        "spec: []",
        "spec: {containers: }",
        "metadata: [a]\nspec: {containers: [x]}",
    ] {
        let found = outcome(&rules, text, false);
        assert_eq!((found.malformed, found.changes), (None, vec![]), "{text}");
    }
}

#[test]
fn annotations_that_are_no_mapping_are_an_error_where_one_is_written() {
    let json = r#"{"admission_mutate": {"loggings":
        [{"namespace_selectors": ["*"], "config": "[]"}]}}"#;
    let rules = configuration(json).rules;
    for (metadata, path) in [
        ("metadata: {annotations: [a]}", "metadata.annotations"),
        ("metadata: x", "metadata"),
    ] {
        let text = format!("{metadata}\nspec: {{containers: [{{name: a}}]}}");
        let found = outcome(&rules, &text, false).malformed.unwrap();
        assert_eq!(found.path.unwrap().to_string(), path);
    }
    let text = "metadata: {annotations: }\nspec: {containers: [{name: a}]}";
    let found = outcome(&rules, text, false);
    let key = Segment::from("datakit/logs");
    assert_eq!(found.changes[0].path.0.last(), Some(&key));
}

#[test]
fn changes_come_in_their_order_and_tags_are_moved() {
    let rules = built_in(Dialect::V1).rules;
    let text = "metadata:
  annotations:
    admission.datakit/java-lib.version: ''
    admission.datakit/java-profiler.version: ''
spec:
  restartPolicy: Never
  containers:
  - name: a
    env:
    - {name: DD_TAGS, value: 'a:1'}
    - {name: JAVA_TOOL_OPTIONS, value: -Xmx1g}
";
    let found = outcome(&rules, text, false);
    let paths = paths(&found.changes);
    let first = [
        "= spec.containers[0].env[1].value",
        "+ spec.containers[0].env",
    ];
    assert_eq!(paths[..2], first);
    let tags = [
        "= spec.containers[0].env[0].value",
        "> spec.containers[0].env[0]",
        "+ spec.containers[0].volumeMounts",
    ];
    let at = paths.iter().position(|path| path == tags[0]).unwrap();
    assert_eq!(paths[at..at + 3], tags);
    let last = [
        "+ spec.containers",
        "+ spec.initContainers",
        "+ spec.volumes",
        "+ spec.volumes",
        "+ spec.volumes",
        "+ spec.volumes",
        "= spec.restartPolicy",
        "= spec.shareProcessNamespace",
    ];
    assert_eq!(paths[paths.len() - last.len()..], last);
}

#[test]
fn a_job_keeps_its_restart_policy_and_is_warned_of() {
    let rules = built_in(Dialect::V1).rules;
    let text = "metadata:
  annotations:
    admission.datakit/java-profiler.version: ''
    admission.datakit/logfwd.instances: '[]'
spec:
  restartPolicy: Never
  shareProcessNamespace: true
  containers: [{name: a}]
";
    let found = outcome(&rules, text, true);
    assert_eq!(
        codes(&found),
        ["sidecar-in-job", "sidecar-in-job", "restart-policy-kept"]
    );
    assert_eq!(
        found.notices[1].message,
        "the profiler sidecar never ends, and so the Job will not complete"
    );
    let paths = paths(&found.changes);
    assert!(
        !paths
            .iter()
            .any(|path| path.contains("Policy") || path.contains("share"))
    );
    let found = outcome(&rules, text, false);
    assert_eq!(codes(&found), Vec::<&str>::new());
}

#[test]
fn misspelt_annotations_are_noticed() {
    let text = |key: &str| {
        format!(
            "metadata: {{annotations: {{admission.datakit/{key}: ''}}}}\nspec: {{containers: [{{name: a}}]}}"
        )
    };
    let (v1, v2) = (built_in(Dialect::V1).rules, built_in(Dialect::V2).rules);
    for (rules, key, code, hint) in [
        (
            &v1,
            "java-lib.versoin",
            "unknown-annotation",
            Some("java-lib.version"),
        ),
        (
            &v1,
            "jave-lib.version",
            "unknown-language",
            Some("java-lib.version"),
        ),
        (&v1, "php-lib.version", "unknown-language", None),
        (&v1, "ruby-lib.version", "unknown-language", None),
        (&v2, "something.else", "unknown-annotation", None),
        (
            &v2,
            "js-lib.version",
            "unknown-language",
            Some("nodejs-lib.version"),
        ),
        (
            &v2,
            "otel-node-lib.version",
            "unknown-language",
            Some("otel-nodejs-lib.version"),
        ),
        (
            &v2,
            "go-profiler.version",
            "unknown-language",
            Some("golang-profiler.version"),
        ),
        (&v2, "Enabled", "unknown-annotation", Some("enabled")),
        (
            &v2,
            "logfwd.instance",
            "unknown-annotation",
            Some("logfwd.instances"),
        ),
    ] {
        let found = outcome(rules, &text(key), false);
        assert_eq!(codes(&found), [code], "{key}");
        let expected = hint.map(|near| format!("did you mean admission.datakit/{near}?"));
        assert_eq!(found.notices[0].hint, expected, "{key}");
    }
    for key in ["enabled", "otel.enabled"] {
        assert_eq!(codes(&outcome(&v2, &text(key), false)), Vec::<&str>::new());
    }
    let whole = |key: &str| text("KEY").replace("admission.datakit/KEY", key);
    for (key, near) in [
        ("admision.datakit/enabled", "enabled"),
        ("admission.datakit.io/jave-lib.version", "java-lib.version"),
        ("admissions.datakit/x", "x"),
    ] {
        let found = outcome(&v2, &whole(key), false);
        assert_eq!(codes(&found), ["unknown-annotation"], "{key}");
        let expected = format!("did you mean admission.datakit/{near}?");
        assert_eq!(found.notices[0].hint, Some(expected), "{key}");
    }
    for key in [
        "datakit/logs",
        "measure.datakit/enabled",
        "app/datakit",
        "datakit",
    ] {
        let found = outcome(&v2, &whole(key), false);
        assert_eq!(codes(&found), Vec::<&str>::new(), "{key}");
    }
}

#[test]
fn what_is_left_out_says_so() {
    let rules = built_in(Dialect::V1).rules;
    let text = "metadata: {annotations: {admission.datakit/java-lib.version: ''}}
spec: {containers: [{name: a}]}";
    let parsed = yaml::parse(text).unwrap();
    let template = PodTemplate {
        node: parsed.tree.root_node().unwrap(),
        path: Path::default(),
        namespace: String::new(),
        runs_to_completion: false,
    };
    let switches = Switches::new(None, &[Injection::Ddtrace]);
    let found = Injector::new(&rules, &switches).inject(&template);
    assert_eq!(found.changes, []);
    assert_eq!(found.skipped[0].reason, Reason::LeftOut);
    let switches = Switches::new(Some(&[Injection::Ddtrace]), &[]);
    let found = Injector::new(&rules, &switches).inject(&template);
    let java = &found.injected[0];
    assert_eq!(java.injection, Injection::Ddtrace);
    assert_eq!(java.detail, Some("java"));
    assert_eq!(java.rule.to_string(), "admission_inject.ddtrace");
}

/// Parts that the user shares through anchors and merge keys are read through them.
#[test]
fn a_security_context_is_copied_as_it_stands() {
    let json = r#"{"admission_inject_v2": {"otels":
        [{"namespace_selectors": ["*"], "language": "java", "image": "i"}]}}"#;
    let rules = configuration(json).rules;
    let text = "base: &base {runAsUser: 0x10, futureField: {a: 1}}
spec:
  containers:
  - name: a
    securityContext: {<<: *base, runAsNonRoot: true}
";
    let found = outcome(&rules, text, false);
    assert_eq!(codes(&found), Vec::<&str>::new());
    let init = found
        .changes
        .iter()
        .find_map(|change| match &change.operation {
            Operation::Append(value) if change.path.to_string() == "spec.initContainers" => {
                Some(value)
            }
            _ => None,
        });
    let text = format!("{:?}", init.unwrap());
    assert!(
        text.contains("0x10") && text.contains("futureField"),
        "{text}"
    );
}

/// A sidecar can come to share the directory of the library; a repair leaves it alone.
#[test]
fn a_second_run_leaves_a_sidecar_that_shares_the_library_alone() {
    let json = r#"{"admission_inject_v2": {
        "ddtraces": [{"namespace_selectors": ["*"], "language": "java", "image": "i"}]}}"#;
    let rules = configuration(json).rules;
    let mount = "volumeMounts: [{name: datakit-auto-instrument, mountPath: /datadog-lib}]";
    let text = format!(
        "spec:
  initContainers: [{{name: datakit-lib-init, {mount}}}]
  volumes: [{{name: datakit-auto-instrument, emptyDir: {{}}}}]
  containers: [{{name: a, {mount}}}, {{name: datakit-logfwd, {mount}}}]
"
    );
    let found = outcome(&rules, &text, false);
    assert_eq!(paths(&found.changes), ["+ spec.containers[0].env"]);
}
