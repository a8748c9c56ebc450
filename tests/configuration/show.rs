//! What `config show` prints has the effect of what it was made of: read again, without a word on whose
//! reading it is, its rules are the same.

use std::sync::Arc;

use datakit_inject::config::rule::{Rule, RulePlace};
use datakit_inject::config::{Dialect, Rules};
use datakit_inject::source::Span;

use super::{equivalence, read};

/// All that rules say, but for the bytes that they stand at.
fn words(mut rules: Rules) -> String {
    fn without_places<P>(rules: &mut [Rule<P>]) {
        for rule in rules {
            let place = RulePlace {
                span: Span::default(),
                ..(*rule.place).clone()
            };
            rule.place = Arc::new(place);
        }
    }
    without_places(&mut rules.ddtrace);
    without_places(&mut rules.otel);
    without_places(&mut rules.logfwd);
    without_places(&mut rules.flameshot);
    without_places(&mut rules.profiler);
    without_places(&mut rules.logging);
    format!("{rules:#?}")
}

fn same(text: &str, dialect: Option<Dialect>) {
    let config = read(text, dialect);
    let shown = config.shown();
    let again = read(&shown, None);
    assert_eq!(again.dialect, config.dialect, "{text}\n{shown}");
    assert_eq!(again.shown(), shown, "shown twice");
    assert_eq!(words(config.rules), words(again.rules), "{text}\n{shown}");
}

#[test]
fn what_is_shown_has_the_same_rules() {
    for file in ["v1.jsonl", "v2.jsonl", "v1-read-as-v2.jsonl"] {
        for vector in equivalence::cases(file) {
            let text = vector["config"].to_string();
            for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
                same(&text, dialect);
            }
        }
    }
}

#[test]
fn odd_configurations_are_shown_without_what_nobody_reads() {
    let odd = r#"{"LOG_LEVEL": "a", "log_level": "b", "x": {}, "server_listen": null,
        "Admission_Inject_V2": {"ddtraces": [null, {"Image": "a:1", "image": "a:2", "y": 1,
            "namespace_selectors": ["(", null, "*"], "image_pull_policy": {"a": [1]}, "language": "java",
            "envs": {"B": "1", "A": 2, "B": "3", "C": null, "b": "\u00e9\n\"", "D": "<&>"},
            "resources": {"limits": {"cpu": "", "memory": "1Gi"}, "requests": {}}}]},
        "admission_inject": {"logfwd": {"images": {"zzz": "b"}, "envs": {}}}}"#;
    for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
        same(odd, dialect);
    }
    let shown = read(odd, None).shown();
    assert_eq!(shown, include_str!("../../testdata/config/odd-shown.json"));
    for text in ["{}", "null", r#"{"admission_inject_v2": null}"#] {
        for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
            same(text, dialect);
        }
    }
}
