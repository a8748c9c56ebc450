//! The new text of a configuration, and what is said of it.

use super::*;
use crate::source::Source;

fn run(json: &str, effect: Effect) -> (Option<String>, Vec<&'static str>) {
    let text = ConfigText::whole(Source::new("c.json", json));
    let mut problems: Vec<Diagnostic> = Vec::new();
    let new = migrate(&text, effect, &mut problems);
    (new, problems.iter().map(|one| one.code).collect())
}

fn kept(json: &str) -> String {
    run(json, Effect::Kept).0.unwrap()
}

fn release(json: &str) -> String {
    run(json, Effect::Release).0.unwrap()
}

const LOGFWD: &str = r#""logfwd":{"images":{"logfwd_image":"a:1"}}"#;

#[test]
fn one_line_stays_one_line() {
    let json = format!(r#"{{"log_level":"info","admission_inject":{{{LOGFWD}}},"x":[1, 2]}}"#);
    assert_eq!(
        kept(&json),
        r#"{"log_level":"info","admission_inject_v2":{"logfwds":[{"name":"annotation logfwd.instances","namespace_selectors":["*"],"check_annotation":true,"image":"a:1"}]},"x":[1, 2]}"#
    );
    let spaced = json.replace(':', ": ").replace("a: 1", "a:1");
    assert!(kept(&spaced).contains(r#", "check_annotation": true, "#));
}

#[test]
fn lines_keep_their_indentation_and_their_ends() {
    let json = format!(
        "{{\r\n\t\"admission_inject\": {{\r\n\t\t{LOGFWD}\r\n\t}},\r\n\t\"y\": 1\r\n}}\r\n"
    );
    assert_eq!(
        kept(&json),
        "{\r\n\t\"admission_inject_v2\": {\r\n\t\t\"logfwds\": [\r\n\t\t\t{\r\n\t\t\t\t\"name\": \
         \"annotation logfwd.instances\",\r\n\t\t\t\t\"namespace_selectors\": [\"*\"],\r\n\t\t\t\t\
         \"check_annotation\": true,\r\n\t\t\t\t\"image\": \"a:1\"\r\n\t\t\t}\r\n\t\t]\r\n\t},\r\n\t\
         \"y\": 1\r\n}\r\n"
    );
}

#[test]
fn what_stands_again_later_goes_with_its_comma() {
    let json = format!(
        "{{\n  \"admission_inject\": {{\"logfwd\": 1}},\n  \"a\": 1,\n  \"Admission_Inject\": {{{LOGFWD}}}\n}}\n"
    );
    let new = kept(&json);
    assert!(
        new.starts_with("{\n  \"a\": 1,\n  \"admission_inject_v2\": {\n    \"logfwds\""),
        "{new}"
    );
    let null = format!(r#"{{"admission_inject_v2": null, "admission_inject": {{{LOGFWD}}}}}"#);
    assert!(kept(&null).starts_with(r#"{"admission_inject_v2": {"logfwds": [{"#));
}

#[test]
fn the_profilers_section_stays_where_annotations_alone_ask() {
    let profiler = r#""profiler": {"images": {"java_profiler_image": "p:1"}, "envs": {"A": "b"}}"#;
    let json = format!("{{\n  \"admission_inject\": {{\n    {profiler}\n  }}\n}}");
    assert_eq!(
        kept(&json),
        format!(
            "{{\n  \"admission_inject\": {{\n    {profiler}\n  }},\n  \"admission_inject_v2\": {{}}\n}}"
        )
    );
    // Without variables release 1.9 wants a selector.
    let json = r#"{"admission_inject": {"profiler": {"images": {"java_profiler_image": "p:1"},
        "enabled_namespaces": [{"namespace": "a", "language": ""}]}}}"#;
    let new: String = kept(json).split_whitespace().collect();
    let section =
        r#"{"enabled_namespaces":[{"namespace":"*"}],"images":{"java_profiler_image":"p:1"}}"#;
    assert_eq!(
        new,
        format!(r#"{{"admission_inject":{{"profiler":{section}}},"admission_inject_v2":{{}}}}"#)
    );
}

#[test]
fn rules_that_are_there_give_way_to_those_of_the_old_section() {
    let both = |lists: &str| {
        format!(
            r#"{{"admission_inject": {{{LOGFWD}}}, "admission_inject_v2": {{{lists}}}, "z": 0}}"#
        )
    };
    let rule = r#"{"name": "Used InjectV1 Config", "namespace_selectors": ["*"], "check_annotation": true, "image": "a:1"}"#;
    assert_eq!(
        release(&both("")),
        format!(r#"{{"admission_inject_v2": {{"logfwds": [{rule}]}}, "z": 0}}"#)
    );
    assert_eq!(
        release(&both(r#""otels": []"#)),
        format!(r#"{{"admission_inject_v2": {{"otels": [], "logfwds": [{rule}]}}, "z": 0}}"#)
    );
    assert_eq!(
        release(&both(r#""Logfwds": [1], "otels": []"#)),
        format!(r#"{{"admission_inject_v2": {{"Logfwds": [{rule}], "otels": []}}, "z": 0}}"#)
    );
    // Without --as-1.9 both stay, and that is said.
    let json = both(r#""otels": []"#);
    assert_eq!(
        run(&json, Effect::Kept),
        (Some(json), vec!["not-carried-over"])
    );
    let last = format!(r#"{{"admission_inject_v2": {{}}, "admission_inject": {{{LOGFWD}}}}}"#);
    assert_eq!(
        release(&last),
        format!(r#"{{"admission_inject_v2": {{"logfwds": [{rule}]}}}}"#)
    );
    // A section without a rule takes the place of a list all the same.
    let emptied = r#"{"admission_inject": {"ddtrace": {"images": {"js_agent_image": "a:1"}},
        "profiler": {"images": {"java_profiler_image": "a:1"}}},
        "admission_inject_v2": {"ddtraces": [{}], "profilers": [{}]}}"#;
    assert_eq!(
        release(emptied).split_whitespace().collect::<String>(),
        r#"{"admission_inject_v2":{"ddtraces":[],"profilers":[]}}"#
    );
}

#[test]
fn what_is_lost_is_said() {
    let said = |section: &str| {
        run(
            &format!(r#"{{"admission_inject": {{{section}}}}}"#),
            Effect::Kept,
        )
        .1
    };
    let lost = "not-carried-over";
    assert_eq!(said(LOGFWD), ["reads-differently"]);
    assert_eq!(said(r#""logfwd": {"envs": {"A": "b"}}"#), [lost]);
    assert_eq!(said(r#""logfwd": {}"#), [""; 0]);
    let ddtrace = |more: &str| {
        said(&format!(
            r#""ddtrace": {{"images": {{"java_agent_image": "a:1"}}{more}}}"#
        ))
    };
    assert_eq!(ddtrace(""), [""; 0]);
    assert_eq!(ddtrace(r#", "resources": {"limits": {}}"#), [lost]);
    assert_eq!(
        ddtrace(r#", "envs": {"A": "{secretKeyRef:a.b}"}"#),
        ["env-nearly-a-form", lost]
    );
    let namespace = |language: &str| {
        ddtrace(&format!(
            r#", "enabled_namespaces": [{{"namespace": "a", "language": "{language}"}}]"#
        ))
    };
    // Annotations that have no image, for python and for Node.js.
    assert_eq!(namespace("java"), [lost]);
    assert_eq!(namespace("python"), [lost, lost]);
    let js = r#""ddtrace": {"images": {"js_agent_image": "a:1"}}"#;
    assert_eq!(said(js), [lost]);
    let both = r#""profiler": {"images": {"java_profiler_image": "a:1", "python_profiler_image": "b:1"},
        "enabled_namespaces": [{"namespace": "a", "language": "java"}]}"#;
    assert_eq!(said(both), [lost]);
    let logging = |entry: &str| {
        run(
            &format!(r#"{{"admission_mutate": {{"loggings": [{entry}]}}}}"#),
            Effect::Kept,
        )
        .1
    };
    assert_eq!(
        logging(r#"{"namespace_selectors": ["a"]}"#),
        ["nothing-to-migrate", lost]
    );
    assert_eq!(
        logging(r#"{"config": "[]"}"#),
        ["rule-never-matches", "nothing-to-migrate"]
    );
}

#[test]
fn a_configuration_that_cannot_be_read_is_not_carried_over() {
    assert_eq!(run("{", Effect::Kept), (None, vec!["config-not-json"]));
    let wrong = r#"{"admission_inject": {"ddtrace": {"resources": {"limits": {"cpu": "x"}}}}}"#;
    assert_eq!(
        run(wrong, Effect::Kept),
        (None, vec!["config-bad-quantity"])
    );
    assert_eq!(
        run("{}", Effect::Kept),
        (Some("{}".to_owned()), vec!["nothing-to-migrate"])
    );
    assert_eq!(
        run("null", Effect::Release),
        (Some("null".to_owned()), vec!["nothing-to-migrate"])
    );
}

#[test]
fn rules_that_lead_past_very_many_others_are_left_out() {
    let labels: Vec<String> = (0..150)
        .map(|i| format!(r#"{{"labelselector": "l{i}"}}"#))
        .collect();
    let namespaces: Vec<String> = (0..150)
        .map(|i| format!(r#"{{"namespace": "n{i}", "language": "java"}}"#))
        .collect();
    let json = format!(
        r#"{{"admission_inject": {{"ddtrace": {{"images": {{"java_agent_image": "a:1"}},
            "enabled_labelselectors": [{}], "enabled_namespaces": [{}]}}}}}}"#,
        labels.join(","),
        namespaces.join(",")
    );
    let (new, said) = run(&json, Effect::Kept);
    assert!(new.unwrap().matches("\"name\"").count() <= 10_200);
    assert!(said.len() > 50);
}
