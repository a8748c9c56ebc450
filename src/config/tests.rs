//! What a configuration is read as: errors, warnings, dialects.

use super::*;

fn read_json(json: &str, dialect: Option<Dialect>) -> (Option<Configuration>, Vec<Diagnostic>) {
    let mut problems = Vec::new();
    let found = from_json(&Source::new("c.json", json), dialect, &mut problems);
    (found, problems)
}

fn codes(json: &str) -> Vec<&'static str> {
    let (found, problems) = read_json(json, None);
    let has_error = problems
        .iter()
        .any(|problem| problem.severity == crate::diagnostic::Severity::Error);
    assert_eq!(found.is_none(), has_error, "{json}");
    problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn the_default_configuration_is_read_without_a_word_in_both_dialects() {
    for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
        let mut problems = Vec::new();
        let found = find(None, &|_| None, dialect, &mut problems).unwrap();
        assert_eq!(problems, []);
        assert_eq!(found.dialect, dialect.unwrap_or(Dialect::V1));
        assert_eq!(found.origin.description, "the built-in default");
    }
}

#[test]
fn the_dialect_goes_by_the_keys_unless_it_is_told() {
    let dialect = |json| read_json(json, None).0.unwrap().dialect;
    assert_eq!(dialect("{}"), Dialect::V1);
    assert_eq!(dialect("null"), Dialect::V1);
    assert_eq!(dialect(r#"{"Admission_Inject_V2": {}}"#), Dialect::V2);
    assert_eq!(dialect(r#"{"admission_inject_v2": null}"#), Dialect::V1);
    let told = read_json(r#"{"admission_inject_v2": {}}"#, Some(Dialect::V1));
    assert_eq!(told.0.unwrap().dialect, Dialect::V1);
}

#[test]
fn errors_name_the_value_and_its_place() {
    let (_, problems) = read_json("{\n  // c\n}", None);
    assert_eq!(problems[0].code, "config-not-json");
    let message = "the configuration is no JSON: JSON has no comments";
    assert_eq!(problems[0].message, message);
    let place = problems[0].location.as_ref().unwrap();
    assert_eq!((place.line, place.column), (2, 3));

    let json = r#"{"admission_inject_v2": {"ddtraces": [{"image": 1}], "otels": {}}}"#;
    let (found, problems) = read_json(json, None);
    assert!(found.is_none());
    let messages: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
    let image = "`admission_inject_v2.ddtraces[0].image` must be a string, not a number";
    assert!(messages.contains(&image), "{messages:?}");
    let otels = "`admission_inject_v2.otels` must be a list, not an object";
    assert!(messages.contains(&otels), "{messages:?}");
}

#[test]
fn each_mistake_has_its_code() {
    for (json, expected) in [
        ("[]", &["config-wrong-type"][..]),
        (r#"{"log_level": 1}"#, &["config-wrong-type"]),
        (
            r#"{"admission_inject": {"ddtrace": {"resources": {"limits": {"cpu": "x"}}}}}"#,
            &["config-bad-quantity"],
        ),
        (
            r#"{"admission_inject": {"ddtrace": {"images": {"java_agent_image": 1}}}}"#,
            &["config-wrong-type"],
        ),
        (
            r#"{"admission_inject": {"ddtrace": {"envs": {"A": 1, "B": null, "C": "{fieldRef:x}"}}}}"#,
            &["env-not-a-string", "env-nearly-a-form"],
        ),
        (
            r#"{"admission_inject": {"ddtrace": {"enabled_namespaces":
                [{"namespace": "(", "language": "java"}, null]}}}"#,
            &["invalid-selector"],
        ),
        (
            r#"{"admission_inject": {"ddtrace": {"enabled_labelselectors":
                [{"labelselector": "a=b,", "language": "java"}, {"labelselector": "job-name"}]}}}"#,
            &["invalid-selector", "cluster-only-label"],
        ),
        (
            r#"{"admission_inject": {"profiler": {"enabled_namespaces": [{"language": "java"}]}}}"#,
            &["selector-matches-everything"],
        ),
        (
            r#"{"admission_inject": {"profiler": {"enabled_namespaces":
                [{"namespace": "*", "language": "java"}, {"namespace": "a", "language": "java"}]}}}"#,
            &["rule-never-matches"],
        ),
        (
            r#"{"admission_mutate": {"loggings": [{"config": "[]"}]}}"#,
            &["rule-never-matches"],
        ),
        (
            r#"{"admission_inject_v2": {"otels": [null, {"namespace_selectors": [" "]}, {}]}}"#,
            &[
                "rule-disabled",
                "invalid-selector",
                "rule-disabled",
                "rule-disabled",
            ],
        ),
        (
            r#"{"admission_inject_v2": {"logfwds": [{"label_selectors": ["", "a=["]}]}}"#,
            &["invalid-selector", "invalid-selector", "rule-disabled"],
        ),
        (
            r#"{"admission_inject_v2": {"ddtraces": [{"namespace_selectors": ["a"],
                "language": "php", "php_loader_flavor": "x", "image_pull_policy": "always",
                "resources": {"limits": {"cpu": "1 "}}}]}}"#,
            &[
                "invalid-image-pull-policy",
                "invalid-resources",
                "invalid-php-loader-flavor",
            ],
        ),
        (
            r#"{"admission_inject_v2": {}, "admission_mutate":
                {"loggings": [{"namespace_selectors": ["a"]}, {"label_selectors": ["a"]}]}}"#,
            &["rule-disabled", "rule-disabled"],
        ),
        (
            r#"{"admission_inject_v2": {"profilers": [
                {"namespace_selectors": ["*"], "check_annotation": true},
                {"namespace_selectors": ["a"], "check_annotation": true}]}}"#,
            &["rule-never-matches"],
        ),
        (
            r#"{"admission_inject_v2": {"ddtraces": [
                {"namespace_selectors": ["*"], "check_annotation": true, "language": "java"},
                {"namespace_selectors": ["a"], "language": "java"}]}}"#,
            &[],
        ),
    ] {
        assert_eq!(codes(json), expected, "{json}");
    }
}

#[test]
fn label_rules_without_a_language_lead_to_the_namespaces() {
    let json = r#"{"admission_inject": {"ddtrace": {
        "enabled_labelselectors": [{"labelselector": ""}, {"labelselector": "a", "language": "java"}],
        "enabled_namespaces": [{"namespace": "a", "language": "java"}]}}}"#;
    // The rule behind the empty selector can be reached by no pod, but the search goes on past it.
    assert_eq!(codes(json), ["selector-matches-everything"]);
}
