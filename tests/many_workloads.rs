//! A list of very many workloads, which is worked on in parts, becomes what short lists of the same items
//! become; and a stream of documents, some of which are worked on side by side, what each of them becomes.
//! All that on any number of threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test needs a part of them, and the fuzz targets need them from outside"
)]
mod checks;
mod random;

use std::fs;
use std::path::Path;

use checks::promises::without_place;
use checks::rewriting;
use datakit_inject::config::Rules;
use datakit_inject::inject::Switches;
use datakit_inject::report::Event;
use datakit_inject::rewrite::Rewritten;
use datakit_inject::work::Work;
use random::Random;

/// So many that all ways into parts are taken, and so many that none is.
const LONG: usize = 600;
const SHORT: usize = 100;

fn rules() -> Rules {
    rewriting::rules(include_str!("../testdata/config/everywhere.json"))
}

fn rewrite(rules: &Rules, text: &str, jobs: usize) -> Rewritten {
    let switches = Switches::default();
    rewriting::work_on(jobs, Work::Inject, rules, &switches, None, text)
}

/// What is said of each item, whatever line it stands on.
fn said(rewritten: &Rewritten) -> Vec<String> {
    rewritten.events.iter().map(without_place).collect()
}

/// A pod that nothing can be injected into.
const FAULTY: &str =
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: faulty\nspec:\n  containers:\n    a: b\n";
/// A pod in brackets, which get more than the scanner reads.
const IN_BRACKETS: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: brackets}\nspec: {containers: [{name: a, image: b}]}\n";

/// Manifests of many kinds, each with a name of its own; some are an odd one, where one is given.
fn manifests(count: usize, odd: Option<&str>) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/quickstart");
    let mut usual: Vec<String> = Vec::new();
    for name in ["movies-java", "nginx", "logging", "movies-python"] {
        let text = fs::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
        usual.extend(text.split("---\n").map(str::to_owned));
    }
    usual.push("kind: Pod\napiVersion: v1\nmetadata:\n  name: text\n  annotations:\n    a: |\n      - b\n\n      c: d\nspec:\n  containers:\n  - args:\n    - |-\n      x\n      y\n    name: a # the only one\n    image: b\n\n\n".to_owned());
    usual.push("apiVersion: v1\nkind: Pod\nmetadata:\n  name: twice\n  name: again\nspec:\n  containers:\n    - name: \"a\"\n      image: 'b'\n".to_owned());
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..count)
        .map(|index| {
            let own = match odd.filter(|_| index % 97 == 3) {
                Some(odd) => odd,
                None => &usual[random.below(usual.len())],
            };
            own.replacen("name: ", &format!("name: w{index}-"), 1)
        })
        .collect()
}

/// The items of a list in block style: with the first key of each behind its dash, where one can stand.
fn items(manifests: &[String], margin: &str) -> String {
    let mut text = String::new();
    for manifest in manifests {
        let mut dash = "- ";
        for line in manifest.split_inclusive('\n') {
            let is_blank = line.trim().is_empty();
            if !is_blank {
                text.push_str(margin);
                let is_comment = line.starts_with('#');
                text.push_str(if is_comment { "  " } else { dash });
                if !is_comment {
                    dash = "  ";
                }
            }
            text.push_str(line);
        }
    }
    text
}

fn json_item(manifest: &str) -> String {
    let value: serde_json::Value = serde_yaml::from_str(manifest).unwrap();
    value.to_string()
}

fn same_as_short_ones(
    manifests: &[String],
    list: impl Fn(&[String]) -> String,
    (head, between, tail): (&str, &str, &str),
) {
    let rules = rules();
    let inner = |text: &str| {
        let inner = text
            .strip_prefix(head)
            .and_then(|text| text.strip_suffix(tail));
        inner.expect("the list is around its items").to_owned()
    };
    let whole = |items: &str| format!("{head}{items}{tail}");
    let (mut expected, mut expected_said) = (Vec::new(), Vec::new());
    for few in manifests.chunks(SHORT) {
        let short = rewrite(&rules, &whole(&list(few)), 1);
        expected.push(inner(&short.text()));
        expected_said.extend(said(&short));
    }
    let text = whole(&list(manifests));
    let alone = rewrite(&rules, &text, 1);
    assert!(alone.changed);
    assert!(
        inner(&alone.text()) == expected.join(between),
        "other bytes"
    );
    assert_eq!(said(&alone), expected_said);
    for jobs in [2, 3, 8] {
        let together = rewrite(&rules, &text, jobs);
        assert!(
            together.text() == alone.text(),
            "{jobs} threads, other bytes"
        );
        assert!(
            together.events == alone.events,
            "{jobs} threads, other events"
        );
    }
}

#[test]
fn in_block_style() {
    for (odd, margin) in [
        (None, ""),
        (None, "  "),
        (Some(FAULTY), ""),
        (Some(IN_BRACKETS), ""),
    ] {
        let manifests = manifests(LONG, odd);
        let head = "apiVersion: v1 # of all\nitems:\n";
        let list = |few: &[String]| items(few, margin);
        same_as_short_ones(&manifests, list, (head, "", "kind: List\n"));
    }
}

#[test]
fn where_most_stay() {
    let rare = |manifests: Vec<String>| -> Vec<String> {
        let stays = |index: usize| {
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c{index}\ndata:\n  a: |\n    b\n\n# of the next one\n"
            )
        };
        let all = manifests.into_iter().enumerate();
        all.map(|(index, own)| if index % 40 == 39 { own } else { stays(index) })
            .collect()
    };
    for odd in [None, Some(FAULTY)] {
        // What is in front of the list and behind it is more than in it, or is nothing.
        for (head, tail) in [
            (String::new(), String::new()),
            ("# in front\n".repeat(40_000), "\n".repeat(400_000)),
        ] {
            let manifests = rare(manifests(2 * LONG, odd));
            let head = format!("{head}apiVersion: v1\nitems:\n");
            let tail = format!("kind: List\n{tail}");
            let list = |few: &[String]| items(few, "");
            same_as_short_ones(&manifests, list, (&head, "", &tail));
        }
    }
}

#[test]
fn in_a_stream() {
    let rules = rules();
    let aliases = "apiVersion: v1\nkind: Pod\nmetadata: {name: a-0}\nspec:\n  volumes: &v\n  - name: v\n    emptyDir: {}\n  x: *v\n  containers:\n  - name: a\n    image: b\n";
    let broken = "apiVersion: v1\nkind: Pod\nmetadata: {name: b-0\n";
    for odd in [
        None,
        Some(FAULTY),
        Some(IN_BRACKETS),
        Some(aliases),
        Some(broken),
    ] {
        let mut documents = manifests(LONG, odd);
        // One that is larger than all that are worked on together otherwise, and one that holds nothing.
        documents[200].push_str(&"# of many lines\n".repeat(10_000));
        documents[301] = "# nothing\n".to_owned();
        let (mut expected, mut expected_said) = (String::new(), Vec::new());
        for document in &documents {
            let alone = rewrite(&rules, &format!("---\n{document}"), 1);
            expected.push_str(&alone.text());
            expected_said.extend(said(&alone));
        }
        let stream: String = documents.iter().map(|own| format!("---\n{own}")).collect();
        for jobs in [1, 2, 8] {
            let together = rewrite(&rules, &stream, jobs);
            assert!(together.text() == expected, "{jobs} threads, other bytes");
            assert_eq!(said(&together), expected_said, "{jobs} threads");
            assert_eq!(together.documents, LONG - 1);
            let numbered = together.events.iter().filter_map(|event| match event {
                Event::Workload(own) => Some(own.document),
                _ => None,
            });
            assert!(numbered.is_sorted_by(|one, next| one < next));
        }
    }
}

#[test]
fn without_a_line_break_at_the_end() {
    let manifests = manifests(LONG, None);
    let list = |few: &[String]| items(few, "");
    let ends = ("kind: List\napiVersion: v1\nitems:\n", "", "x: y");
    same_as_short_ones(&manifests, list, ends);
}

#[test]
fn in_json() {
    // Twice the same key is no JSON that a serializer writes.
    let manifests: Vec<String> = manifests(LONG, None)
        .into_iter()
        .filter(|own| !own.contains("  name: again"))
        .collect();
    let list = |between: &'static str| {
        move |few: &[String]| {
            let items: Vec<String> = few.iter().map(|own| json_item(own)).collect();
            items.join(between)
        }
    };
    let head = r#"{"apiVersion":"v1","kind":"List","items":["#;
    same_as_short_ones(&manifests, list(","), (head, ",", "]}"));
    same_as_short_ones(&manifests, list(",\n "), (head, ",\n ", "]}\n"));
}

#[test]
fn what_is_odd_above_the_items_is_said_once() {
    let rules = rules();
    let items = |count: usize| {
        let pods = (0..count).map(|index| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"p{index}"}},"spec":{{"containers":[{{"name":"a","image":"b"}}]}}}}"#
            )
        });
        pods.collect::<Vec<_>>().join(",")
    };
    let json = |count| {
        let items = items(count);
        format!(r#"{{"apiVersion":"v1","kind":"List","items":[],"items":[{items}]}}"#)
    };
    // A list in a list, so that what is odd stands on the way to every item.
    let yaml = |count: usize| {
        let pods = (0..count).map(|index| {
            format!(
                "  - apiVersion: v1\n    kind: Pod\n    metadata:\n      name: p{index}\n    spec:\n      containers:\n      - name: a\n        image: b\n"
            )
        });
        let pods: String = pods.collect();
        format!(
            "kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n  kind: List\n  items: []\n  items:\n{pods}"
        )
    };
    for list in [&json as &dyn Fn(usize) -> String, &yaml] {
        let said_twice = |rewritten: &Rewritten| {
            let said = said(rewritten);
            said.iter()
                .filter(|one| one.contains("duplicate-key"))
                .count()
        };
        let alone = rewrite(&rules, &list(LONG), 1);
        assert_eq!(said_twice(&rewrite(&rules, &list(SHORT), 1)), 1);
        assert_eq!(said_twice(&alone), 1);
        let together = rewrite(&rules, &list(LONG), 8);
        assert!(together.text() == alone.text() && together.events == alone.events);
    }
}

#[test]
fn with_anchors() {
    let mut manifests = manifests(LONG, None);
    manifests[0] = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: &name first\nspec:\n  containers:\n  - name: *name\n    image: b\n".to_owned();
    let rules = rules();
    let text = format!(
        "kind: List\napiVersion: v1\nitems:\n{}",
        items(&manifests, "")
    );
    let alone = rewrite(&rules, &text, 1);
    let workloads = |own: &Rewritten| {
        let all = own.events.iter();
        all.filter(|event| matches!(event, Event::Workload(own) if !own.injected().is_empty()))
            .count()
    };
    assert!(workloads(&alone) > LONG / 3);
    let together = rewrite(&rules, &text, 8);
    assert!(together.text() == alone.text() && together.events == alone.events);
}
