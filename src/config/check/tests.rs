//! What a check finds, and where.

use super::*;
use crate::source::Source;

/// The findings of a configuration: code, line and column, what is meant.
fn findings(json: &str, dialect: Option<Dialect>) -> Vec<(&'static str, String)> {
    let source = Source::new("c.json", json);
    let mut found: Vec<Diagnostic> = Vec::new();
    check(&ConfigText::whole(source), dialect, &mut found);
    let meant = |one: &Diagnostic| {
        let place = one.location.as_ref().unwrap();
        let line: Vec<char> = place.text().chars().collect();
        let end = (place.column - 1 + place.width()).min(line.len());
        line[place.column - 1..end].iter().collect()
    };
    found.iter().map(|one| (one.code, meant(one))).collect()
}

fn codes(json: &str) -> Vec<&'static str> {
    findings(json, None)
        .into_iter()
        .map(|(code, _)| code)
        .collect()
}

/// A configuration with one rule of ddtrace that is well but for what is added to it.
fn rule(more: &str) -> String {
    format!(
        r#"{{"admission_inject_v2": {{"ddtraces": [{{"namespace_selectors": ["a"], "language": "java",
            "image": "hub/java:1"{more}}}]}}}}"#
    )
}

#[test]
fn the_default_configuration_is_well() {
    let default = include_str!("../default.json");
    assert_eq!(findings(default, None), []);
    assert_eq!(findings(&rule(""), None), []);
    assert_eq!(findings("{}", None), []);
    assert_eq!(findings("null", None), []);
}

#[test]
fn what_cannot_be_read_is_found_as_ever() {
    assert_eq!(codes("{"), ["config-not-json"]);
    assert_eq!(codes("[]"), ["config-wrong-type"]);
    let json = r#"{"log_level": 1, "log_levl": "x"}"#;
    assert_eq!(codes(json), ["config-wrong-type", "config-unknown-key"]);
}

#[test]
fn keys_are_known_and_stand_once() {
    let found = |more: &str| findings(&rule(more), None);
    assert_eq!(found(r#", "Image_Pull_Policy": "Always""#), []);
    assert_eq!(
        found(r#", "imge": "x""#),
        [("config-unknown-key", "\"imge\"".to_owned())]
    );
    assert_eq!(
        found(r#", "IMAGE": "hub/java:2""#),
        [("config-duplicate-key", "\"image\"".to_owned())]
    );
    let envs = r#", "envs": {"A": "1", "a": "2", "A": "3"}"#;
    assert_eq!(found(envs), [("config-duplicate-key", "\"A\"".to_owned())]);
    let v1 = r#"{"admission_inject": {"ddtrace": {"images": {"java_agent_imag": "a:1",
        "Java_agent_image": "a:1"}}, "logfwd": {"enabled_namespaces": []}}}"#;
    assert_eq!(codes(v1), ["config-unknown-key"; 3]);
    // Operator 1.9 reads the lists of every section, and no language.
    let legacy = r#"{"admission_inject_v2": {}, "admission_inject": {
        "ddtrace": {"images": {"java_agent_image": "a:1", "js_agent_image": "a:1"},
            "enabled_namespaces": [{"namespace": "a", "language": "java"}]},
        "logfwd": {"enabled_namespaces": []}}}"#;
    assert_eq!(codes(legacy), ["config-not-read"; 3]);
    let both = r#"{"admission_inject_v2": {"x": 1}}"#;
    let found = findings(both, Some(Dialect::V1));
    assert_eq!(found, [("config-not-read", "{\"x\": 1}".to_owned())]);
}

#[test]
fn amounts_are_those_that_the_api_server_takes() {
    let resources = |text: &str| findings(&rule(&format!(r#", "resources": {text}"#)), None);
    let both = |requests: &str, limits: &str| {
        resources(&format!(
            r#"{{"requests": {{{requests}}}, "limits": {{{limits}}}}}"#
        ))
    };
    assert_eq!(
        both(
            r#""cpu": "1", "memory": "1Gi""#,
            r#""cpu": "1000m", "memory": "1024Mi""#
        ),
        []
    );
    assert_eq!(
        both(
            r#""cpu": "1100m", "memory": "1Gi""#,
            r#""cpu": "1", "memory": "1Gi""#
        ),
        [("resources-refused", "\"1100m\"".to_owned())]
    );
    assert_eq!(
        both(r#""memory": "2Gi""#, r#""cpu": "1", "memory": "1Gi""#),
        [("resources-refused", "\"2Gi\"".to_owned())]
    );
    assert_eq!(both(r#""cpu": "2""#, r#""memory": "1Gi""#), []);
    assert_eq!(
        both(r#""cpu": "-1""#, ""),
        [("resources-refused", "\"-1\"".to_owned())]
    );
    assert_eq!(
        both("", r#""memory": "100m""#),
        [("fractional-memory", "\"100m\"".to_owned())]
    );
}

#[test]
fn images_name_a_version() {
    let image = |image: &str, policy: &str| {
        codes(&format!(
            r#"{{"admission_inject_v2": {{"logfwds": [{{"namespace_selectors": ["a"],
                "image": "{image}", "image_pull_policy": "{policy}"}}]}}}}"#
        ))
    };
    assert_eq!(image("hub:5000/a", ""), ["image-without-tag"]);
    assert_eq!(image("a:latest", ""), [""; 0]);
    assert_eq!(image("a:latest", "IfNotPresent"), ["image-latest-cached"]);
    assert_eq!(image("a", "IfNotPresent"), ["image-latest-cached"]);
    assert_eq!(image("a:", "IfNotPresent"), ["image-invalid"]);
    assert_eq!(image("X/y z:1", ""), ["image-invalid"]);
    assert_eq!(image("a@sha256:00", "IfNotPresent"), [""; 0]);
    assert_eq!(image("", ""), ["image-missing"]);
}

#[test]
fn languages_are_known_and_have_an_image() {
    let v1 = |language: &str| {
        findings(
            &format!(
                r#"{{"admission_inject": {{"ddtrace": {{"images": {{"java_agent_image": "a:1",
                "python_agent_image": ""}}, "enabled_namespaces":
                [{{"namespace": "a", "language": "{language}"}}]}}}}}}"#
            ),
            None,
        )
    };
    assert_eq!(v1("java"), []);
    assert_eq!(v1(""), []);
    assert_eq!(
        v1("php"),
        [("config-unknown-language", "\"php\"".to_owned())]
    );
    assert_eq!(v1("python"), [("image-missing", "\"python\"".to_owned())]);
    assert_eq!(v1("js"), [("image-missing", "\"js\"".to_owned())]);
    let v2 = |list: &str, more: &str| {
        codes(&format!(
            r#"{{"admission_inject_v2": {{"{list}": [{{"namespace_selectors": ["a"], "image": "a:1"{more}}}]}}}}"#
        ))
    };
    assert_eq!(v2("ddtraces", ""), ["rule-leaves-out"]);
    assert_eq!(
        v2("otels", r#", "language": "php""#),
        ["config-unknown-language"]
    );
    assert_eq!(
        v2("profilers", r#", "language": "Java""#),
        ["config-unknown-language"]
    );
    assert_eq!(v2("profilers", r#", "check_annotation": true"#), [""; 0]);
}

#[test]
fn selectors_can_match() {
    let found = |namespace: &str, label: &str| {
        codes(&format!(
            r#"{{"admission_mutate": {{"loggings": [{{"namespace_selectors": ["{namespace}"],
                "label_selectors": ["{label}"], "config": "[]"}}]}}}}"#
        ))
    };
    assert_eq!(found("prod", "a=b"), [""; 0]);
    assert_eq!(found("Prod", "a=b"), ["selector-never-matches"]);
    assert_eq!(found("prod", "a=b,a=c"), ["selector-never-matches"]);
    assert_eq!(found("(", "a="), ["invalid-selector"]);
    let legacy = r#"{"admission_inject_v2": {"logfwds": [{"namespace_selectors": ["a"], "image": "a:1"}]},
        "admission_inject": {"logfwd": {"images": {"logfwd_image": "a:1"},
            "enabled_namespaces": [{"namespace": "A"}]}, "profiler": {"resources": {}}}}"#;
    assert_eq!(
        codes(legacy),
        [
            "rules-replaced",
            "selector-never-matches",
            "config-not-read"
        ]
    );
}

#[test]
fn rules_can_be_reached() {
    let rules = |second: &str| {
        codes(&format!(
            r#"{{"admission_inject_v2": {{"ddtraces": [
                {{"namespace_selectors": ["test"], "language": "java", "image": "a:1"}},
                {{"namespace_selectors": ["{second}"], "language": "php", "image": "a:1"}}]}}}}"#
        ))
    };
    assert_eq!(rules("my-test"), ["rule-never-matches"]);
    assert_eq!(rules("prod"), [""; 0]);
    // Once, whoever finds it.
    let everything = r#"{"admission_inject_v2": {"ddtraces": [
        {"namespace_selectors": ["*"], "language": "java", "image": "a:1"},
        {"namespace_selectors": ["a"], "language": "java", "image": "a:1"}]}}"#;
    assert_eq!(codes(everything), ["rule-never-matches"]);
}

#[test]
fn what_flameshot_needs_is_there() {
    let envs = |envs: &str| {
        codes(&format!(
            r#"{{"admission_inject_v2": {{"flameshots": [{{"namespace_selectors": ["a"],
                "image": "a:1", "processes": "[]", "envs": {{{envs}}}}}]}}}}"#
        ))
    };
    let path = r#""FLAMESHOT_PROFILING_PATH": "/data""#;
    let port = |port: &str| format!(r#"{path}, "FLAMESHOT_HTTP_LOCAL_PORT": "{port}""#);
    assert_eq!(envs(&port("8089")), [""; 0]);
    assert_eq!(envs(&port("70000")), ["flameshot-invalid-port"]);
    assert_eq!(envs(path), ["flameshot-skipped"]);
}

#[test]
fn json_in_strings_has_its_own_places() {
    let logging = |config: &str| {
        let config = crate::yaml::emit::double_quoted(config);
        findings(
            &format!(
                r#"{{"admission_mutate": {{"loggings": [{{"namespace_selectors": ["a"], "config": {config}}}]}}}}"#
            ),
            None,
        )
    };
    assert_eq!(logging("null"), []);
    assert_eq!(logging(r#"[{"type": "file", "path": "/a"}, null]"#), []);
    assert_eq!(
        logging(r#"[{"disable": true, "type": "file"}, {"type": "stdout"}]"#),
        []
    );
    let invalid = |meant: &str| vec![("invalid-logging-config", meant.to_owned())];
    assert_eq!(logging(r#"[{"type": x}]"#), invalid("x"));
    assert_eq!(logging(r#"{"type": 1}"#), invalid(r#"{\"type\": 1}"#));
    assert_eq!(logging("[1]"), invalid("1"));
    assert_eq!(logging(r#"[{"type": "file", "path": 12}]"#), invalid("12"));
    assert_eq!(logging(r#"[{"disable": "no"}]"#), invalid(r#"\"no\""#));
    assert_eq!(
        logging(r#"[{"type": "file"}]"#),
        [("log-path-missing", r#"{\"type\": \"file\"}"#.to_owned())]
    );
    assert_eq!(
        logging(r#"[{"path": "/a", "Path": "/b"}]"#),
        [("config-duplicate-key", r#"\"path\""#.to_owned())]
    );
    let logfwd = r#"{"admission_inject_v2": {"logfwds": [{"namespace_selectors": ["a"], "image": "a:1",
        "log_configs": "[{\"type\": \"stdout\"}, 1]"}]}}"#;
    assert_eq!(
        findings(logfwd, None),
        [
            ("log-path-missing", r#"{\"type\": \"stdout\"}"#.to_owned()),
            ("invalid-log-configs", "1".to_owned())
        ]
    );
}

#[test]
fn settings_that_only_datakit_reads_are_looked_at() {
    let configs = |configs: &str| {
        let configs = crate::yaml::emit::double_quoted(configs);
        findings(
            &format!(
                r#"{{"admission_inject_v2": {{"logfwds": [{{"namespace_selectors": ["a"], "image": "a:1",
                    "log_configs": {configs}}}]}}}}"#
            ),
            None,
        )
    };
    assert_eq!(
        configs(
            r#"[{"path": "/a", "source": "x", "Tags": {"a": "b"}, "service": null, "zzz": 1}]"#
        ),
        []
    );
    assert_eq!(
        configs(r#"[{"path": "/a", "sourc": "x", "source": 3, "tags": []}]"#),
        [
            ("config-unknown-key", r#"\"sourc\""#.to_owned()),
            ("log-setting-invalid", "3".to_owned()),
            ("log-setting-invalid", "[]".to_owned()),
        ]
    );
    assert_eq!(
        configs(r#"[{"path": "/a", "type": "fil"}, {"path": "/a", "type": "x"}]"#),
        [("log-setting-invalid", r#"\"fil\""#.to_owned())]
    );
    assert_eq!(
        configs(r#"[{"path": "logs"}, {"path": "C:\\logs"}]"#),
        [("log-path-relative", r#"\"logs\""#.to_owned())]
    );
}

#[test]
fn what_does_nothing_or_is_refused_is_found() {
    let logging = |config: &str| {
        codes(&format!(
            r#"{{"admission_mutate": {{"loggings": [{{"namespace_selectors": ["a"]{config}}}]}}}}"#
        ))
    };
    assert_eq!(logging(""), ["log-config-missing"]);
    assert_eq!(logging(r#", "config": """#), ["log-config-missing"]);
    assert_eq!(logging(r#", "config": 1"#), ["config-wrong-type"]);
    let logfwd = |paths: &str| {
        codes(&format!(
            r#"{{"admission_inject_v2": {{"logfwds": [{{"namespace_selectors": ["a"], "image": "a:1",
                "log_volume_paths": {paths}}}]}}}}"#
        ))
    };
    assert_eq!(logfwd(r#"["/a", null]"#), [""; 0]);
    assert_eq!(
        logfwd(r#"["", "a/b"]"#),
        ["log-path-missing", "log-path-relative"]
    );
    let envs = |name: &str| codes(&rule(&format!(r#", "envs": {{"{name}": "x"}}"#)));
    assert_eq!(envs("1 a.b-C"), [""; 0]);
    for name in ["", "A=B", "é", "\\n"] {
        assert_eq!(envs(name), ["env-name-refused"], "{name}");
    }
}

#[test]
fn very_many_findings_are_not_all_listed() {
    let keys: Vec<String> = (0..600).map(|number| format!("\"k{number}\": 1")).collect();
    let json = format!("{{{}}}", keys.join(", "));
    let mut found: Vec<Diagnostic> = Vec::new();
    check(&ConfigText::whole(Source::new("c", json)), None, &mut found);
    assert_eq!(found.len(), MOST_FINDINGS + 1);
    assert_eq!(found.last().unwrap().code, "findings-left-out");
}

#[test]
fn what_has_an_error_is_spoken_of_once() {
    let v1 = |images: &str, more: &str| {
        codes(&format!(
            r#"{{"admission_inject": {{"ddtrace": {{"images": {images}, "enabled_namespaces": [
                {{"namespace": "shop", "language": "java"}}{more}]}}}}}}"#
        ))
    };
    let java = r#"{"java_agent_image": "a:1"}"#;
    let again = r#", {"namespace": "^shop$", "language": "java"}"#;
    assert_eq!(v1(java, again), ["rule-never-matches"]);
    for images in [r#"{"java_agent_image": 1}"#, "[]"] {
        assert_eq!(v1(images, ""), ["config-wrong-type"]);
        assert_eq!(
            v1(images, again),
            ["config-wrong-type", "rule-never-matches"]
        );
    }
    assert_eq!(
        v1(java, r#", {"namespace": 1, "language": "java"}"#),
        ["config-wrong-type"]
    );
    assert_eq!(
        v1(java, r#", {"namespace": "shop", "language": 1}"#),
        ["config-wrong-type"]
    );

    let v2 = |rules: &str| codes(&format!(r#"{{"admission_inject_v2": {{{rules}}}}}"#));
    let rule = r#"{"namespace_selectors": ["a"], "language": "java", "image": "hub/java:1"}"#;
    let wrong = |old: &str, new: &str| v2(&format!(r#""ddtraces": [{}]"#, rule.replace(old, new)));
    for (old, new) in [
        (r#""hub/java:1""#, "3"),
        (r#""java""#, "3"),
        (r#"["a"]"#, "[null, 3]"),
        (r#"["a"]"#, r#""a""#),
    ] {
        assert_eq!(wrong(old, new), ["config-wrong-type"], "{new}");
    }
    // What is not certain of a rule is not said of the others either.
    let selects_less = rule.replace(r#"["a"]"#, r#"["a", 3]"#);
    let both = |rules: [&str; 2]| v2(&format!(r#""ddtraces": [{}]"#, rules.join(", ")));
    assert_eq!(both([rule, &selects_less]), ["config-wrong-type"]);
    assert_eq!(both([&selects_less, rule]), ["config-wrong-type"]);
    let everything = selects_less.replace("\"a\"", "\"*\"");
    assert_eq!(both([&everything, rule]), ["config-wrong-type"]);
    assert_eq!(
        v2(&format!(r#""ddtraces": [{rule}, {rule}], "logfwds": 3"#)),
        ["rule-never-matches", "config-wrong-type"]
    );
    assert_eq!(
        v2(
            r#""flameshots": [{"namespace_selectors": ["a"], "image": "a:1", "processes": 1, "envs": []}]"#
        ),
        ["config-wrong-type", "config-wrong-type"]
    );
    let legacy = r#"{"admission_inject_v2": {}, "admission_inject": {"logfwd": {"images": 3}}}"#;
    assert_eq!(codes(legacy), ["config-wrong-type"]);
    let logging =
        r#"{"admission_mutate": {"loggings": [{"namespace_selectors": [3], "config": "[]"}]}}"#;
    assert_eq!(codes(logging), ["config-wrong-type"]);
}
