//! Lists with faults in them, as a KRM function meets them: none makes the program panic, and the
//! results change nothing but `results`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod random;

use std::fs;
use std::path::Path;

use datakit_inject::config::{self, Rules};
use datakit_inject::diagnostic::Diagnostic;
use datakit_inject::hosts::resource_list::{is_resource_list, options, with_results};
use datakit_inject::hosts::results::{Outcome, results};
use datakit_inject::inject::Switches;
use datakit_inject::limits::Limits;
use datakit_inject::report::{Report, Verbosity};
use datakit_inject::rewrite::Rewriter;
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use datakit_inject::yaml::{Budget, Node, Value, json, parse};
use random::Random;

/// A text with some of its bytes taken out, doubled, or replaced by what YAML is made of.
fn faulty(text: &str, random: &mut Random) -> String {
    const PIECES: [&str; 14] = [
        "", " ", "\n", "  ", "- ", ": ", "#", " # c\n", "\"", "'", "{", "]", "&a ", "*a",
    ];
    let mut text = text.to_owned();
    for _ in 0..random.below(4) {
        let mut at = random.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let end = text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let piece = PIECES[random.below(PIECES.len())];
        text.replace_range(at..end, piece);
    }
    text
}

fn rules() -> Rules {
    let json = include_str!("../testdata/config/everywhere.json");
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let source = Source::new("everywhere.json", json);
    let config = config::from_json(&source, None, &mut diagnostics);
    config.unwrap().rules
}

/// The value of a key of the document, and how many results there are.
fn value(text: &str, key: &str) -> (Option<Value>, usize) {
    let of_root = |root: Option<Node<'_>>| {
        let node = root.and_then(|root| root.get(key));
        let mut budget = Budget::UNLIMITED;
        let value = node.and_then(|node| node.tree().value(node.id(), &mut budget));
        let results = root.and_then(|root| root.get("results"));
        (value, results.map_or(0, |results| results.items().len()))
    };
    match json::parse(text) {
        Ok(tree) => of_root(tree.root_node()),
        Err(_) => of_root(parse(text).unwrap().tree.root_node()),
    }
}

#[test]
fn results_change_nothing_but_themselves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases/hosts");
    let seeds: Vec<String> = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_name() == "stdin")
        .map(|entry| fs::read_to_string(entry.path()).unwrap())
        .filter(|text| is_resource_list(text, &Limits::USUAL))
        .collect();
    assert!(seeds.len() > 10);
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
        tells_untouched: false,
        tells_missing: false,
        tells_stale: false,
        limits: &Limits::USUAL,
    };
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut told, mut sound) = (0, 0);
    for _ in 0..1_000 {
        let text = faulty(&seeds[random.below(seeds.len())], &mut random);
        if !is_resource_list(&text, &Limits::USUAL) {
            continue;
        }
        let source = Source::new("<stdin>", text.clone());
        let mut problems: Vec<Diagnostic> = Vec::new();
        let _ = options(&source, Path::new("."), &mut problems);
        let rewritten = rewriter.rewrite(&source, 1);
        let mut report = Report::default();
        for event in &rewritten.events {
            report.add(event.clone());
        }
        for outcome in [Outcome::Done, Outcome::Checked, Outcome::Failed] {
            let new = if outcome == Outcome::Done {
                rewritten.text()
            } else {
                text.clone()
            };
            let results = results(&source, &lookup, &report, Verbosity::Verbose, outcome);
            let count = results.len();
            let Ok(answer) = with_results(&new, &text, results) else {
                continue;
            };
            // A list of which nothing is told is handed on as it is, whatever it is.
            if count == 0 {
                continue;
            }
            told += 1;
            let (before, _) = value(&new, "items");
            let (behind, number) = value(&answer, "items");
            assert_eq!(before, behind, "{text}\n=>\n{answer}");
            assert_eq!(number, count, "{text}\n=>\n{answer}");
            sound += usize::from(before.is_some());
        }
    }
    println!("{told} answers with results, {sound} of them with items");
    assert!(sound > 600);
}
