//! Properties that hold for any value and any document: what is written reads back, and no document
//! makes the program panic, change what it does not inject, or change its own output.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod accounts;
#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test needs a part of them, and the fuzz targets need them from outside"
)]
mod checks;
mod random;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use checks::rewriting::{self, Seen};
use datakit_inject::config::Rules;
use datakit_inject::inject::{Injector, Switches};
use datakit_inject::rewrite::Rewriter;
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use datakit_inject::yaml::emit::{self, BlockStyle, FlowStyle, Literals};
use datakit_inject::yaml::{Tree, Value, json, parse};
use proptest::prelude::*;
use random::Random;

/// Strings of all kinds, those that YAML could misread among them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~\n\t]{0,40}",
        "[-?:,\\[\\]{}#&*!|>'\"%@` a0.]{0,8}",
        "(yes|no|on|off|y|n|true|null|~|NaN|0x1f|012|1e3|1_000|1:30|2001-01-01|=|<<)[ :#]{0,2}",
        "( |\n|a|  b){0,8}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => text().prop_map(Value::string),
        1 => any::<bool>().prop_map(Value::bool),
        1 => any::<i32>().prop_map(|number| Value::plain(number.to_string())),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| Value::Sequence(items.into_iter().map(Arc::new).collect())),
            prop::collection::btree_map(text(), inner, 0..4).prop_map(Value::mapping),
        ]
    })
}

/// The value as another reader has to see it.
fn expected(value: &Value) -> serde_json::Value {
    match value {
        Value::Scalar(scalar) if scalar.plain => serde_json::from_str(&scalar.text).unwrap(),
        Value::Scalar(scalar) => serde_json::Value::String(scalar.text.clone().into_owned()),
        Value::Sequence(items) => items.iter().map(|item| expected(item)).collect(),
        Value::Mapping(entries) => {
            let key = |key: &Value| match key {
                Value::Scalar(scalar) => scalar.text.clone().into_owned(),
                _ => panic!("keys are strings here"),
            };
            let entries = entries
                .iter()
                .map(|(name, value)| (key(name), expected(value)));
            serde_json::Value::Object(entries.collect())
        }
    }
}

/// Keys longer than this are no keys to readers of YAML.
fn has_long_key(value: &Value) -> bool {
    match value {
        Value::Scalar(_) => false,
        Value::Sequence(items) => items.iter().any(|item| has_long_key(item)),
        Value::Mapping(entries) => entries.iter().any(|(key, value)| {
            matches!(key, Value::Scalar(scalar) if scalar.text.len() > 100) || has_long_key(value)
        }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_value_in_block_style_reads_back(value in value(), indent in 1..9_usize, dash in 0..5_usize) {
        prop_assume!(!has_long_key(&value));
        let style = BlockStyle { mapping_indent: indent, sequence_indent: dash, newline: "\n", literals: Literals::All };
        let document = Value::mapping([("k", value.clone()), ("z", Value::string("end"))]);
        let text = emit::block_document(&document, style);
        prop_assert!(parse(&text).is_ok(), "{}", text);
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        prop_assert_eq!(&read["k"], &expected(&value), "{}", text);
        prop_assert_eq!(&read["z"], "end");
    }

    #[test]
    fn a_value_in_brackets_reads_back(value in value()) {
        prop_assume!(!has_long_key(&value));
        let flow = FlowStyle { json: false, colon_gap: " ", comma_gap: " ", lines: None };
        let text = emit::flow(&Value::Sequence(vec![Arc::new(value.clone())]), &flow);
        let read: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        prop_assert_eq!(&read[0], &expected(&value), "{}", text);
        let text = emit::flow(&value, &FlowStyle { json: true, colon_gap: "", ..flow });
        prop_assert!(json::parse(&text).is_ok(), "{}", text);
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(read, expected(&value), "{}", text);
    }
}

fn rules() -> Rules {
    rewriting::rules(include_str!("../testdata/config/everywhere.json"))
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/quickstart");
    let documents: Vec<String> = ["movies-java", "nginx", "logging", "movies-python"]
        .iter()
        .map(|name| fs::read_to_string(root.join(format!("{name}.yaml"))).unwrap())
        .collect();
    let stream = documents
        .join("---\n")
        .repeat(400)
        .replace("---\napi", "--- # next\napi");
    assert!(stream.len() > 1_000_000, "large enough for several threads");
    let rules = rules();
    let (switches, lookup) = (Switches::default(), Lookup::default());
    let rewriter = Rewriter {
        work: Work::Inject,
        rules: &rules,
        switches: &switches,
        any_logs: false,
        previous: None,
        lookup: &lookup,
        format: None,
        tells_untouched: true,
        tells_missing: true,
        tells_stale: false,
        limits: &datakit_inject::limits::Limits::USUAL,
    };
    let source = Source::new("stream", stream);
    let alone = rewriter.rewrite(&source, 1);
    assert!(alone.changed);
    for jobs in [2, 8] {
        let together = rewriter.rewrite(&source, jobs);
        assert!(together.text() == alone.text());
        assert!(together.events == alone.events);
        assert_eq!(together.documents, alone.documents);
    }
}

/// A document with some lines taken out, doubled, moved in or out, or cut short.
fn faulty(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    for _ in 0..=random.below(3) {
        if lines.is_empty() {
            break;
        }
        let at = random.below(lines.len());
        match random.below(7) {
            0 => {
                lines.remove(at);
            }
            1 => lines.insert(at, lines[at].clone()),
            2 => lines[at].insert(0, ' '),
            3 => {
                let spaces = lines[at].len() - lines[at].trim_start_matches(' ').len();
                lines[at].drain(..spaces);
            }
            4 => lines.insert(at, "  # a comment\n".to_owned()),
            5 => lines.truncate(at + 1),
            _ => {
                let trimmed = lines[at].trim_end().len();
                lines[at].truncate(trimmed);
                lines[at]
                    .push_str(["", " # c\n", ": x\n", "|\n", " []\n", " &a\n"][random.below(6)]);
            }
        }
    }
    lines.concat()
}

/// What is told of a document's templates is what is done to them.
fn assert_explained(injector: &Injector<'_>, tree: &Tree<'_>, text: &str) {
    let objects = tree.root_node().map(|root| Lookup::default().objects(root));
    for object in objects.into_iter().flatten() {
        for template in &object.templates {
            let told = accounts::differences(injector, template);
            assert!(told.is_empty(), "{text}\n{}", told.join("\n"));
        }
    }
}

#[test]
fn no_document_breaks_the_promises() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut seeds: Vec<String> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter(|text| text.contains("containers:") && text.len() < 4000)
        .collect();
    seeds.dedup();
    let rules = rules();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let switches = Switches::default();
    let injector = Injector::new(&rules, &switches);
    let mut seen = Seen::default();
    for _ in 0..10_000 {
        let text = faulty(&seeds[random.below(seeds.len())], &mut random);
        if let Ok(parsed) = parse(&text) {
            assert_explained(&injector, &parsed.tree, &text);
        }
        let (_, one) = rewriting::check(&rules, &switches, &text)
            .unwrap_or_else(|why| panic!("{why}\n{text}"));
        seen += one;
    }
    println!("{seen:?}");
    assert!(seen.changed > 1000);
}
