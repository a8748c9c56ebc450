//! Configurations with faults in them: nothing panics, every place lies in the text, and what is carried
//! over can be read.

use datakit_inject::config::text::ConfigText;
use datakit_inject::config::{Dialect, Effect, check, find_in, from_json, migrate};
use datakit_inject::diagnostic::{Diagnostic, Severity};
use datakit_inject::source::Source;

use super::equivalence;
use super::random::Random;

/// What configurations are made of, where it can do harm.
const PIECES: [&str; 26] = [
    "",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\\"",
    "\\u00e9",
    "\\ud83d\\ude00",
    "null",
    "1",
    "true",
    "{}",
    "[]",
    "\"\"",
    "\n",
    "\r\n",
    "é",
    "\"admission_inject\": ",
    "\"admission_inject_v2\": {}, ",
    "\"ddtraces\": [null], ",
    "\"namespace_selectors\": [\"\"], ",
    "\"labelselector\": \"a,!a\", ",
    "\"Resources\": {\"limits\": {\"cpu\": \"1\"}}, ",
];

fn faulty(text: &str, random: &mut Random) -> String {
    let mut text = text.to_owned();
    for _ in 0..random.below(5) {
        let mut at = random.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let mut end = (at + random.below(3)).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.replace_range(at..end, PIECES[random.below(PIECES.len())]);
    }
    text
}

#[test]
fn faults_are_found_and_nothing_panics() {
    let seeds: Vec<String> = ["v1.jsonl", "v2.jsonl"]
        .into_iter()
        .flat_map(equivalence::cases)
        .map(|vector| serde_json::to_string_pretty(&vector["config"]).unwrap())
        .collect();
    let mut random = Random(0x5851_f42d_4c95_7f2d);
    let (mut read, mut refused) = (0, 0);
    for _ in 0..500 {
        let json = faulty(&seeds[random.below(seeds.len())], &mut random);
        let lines: String = json.lines().map(|line| format!("    {line}\n")).collect();
        let manifest = format!("kind: ConfigMap\ndata:\n  jsonconfig: |\n{lines}");
        let whole = ConfigText::whole(Source::new("c.json", json.clone()));
        let held = find_in(Source::new("c.yaml", manifest)).ok();
        for text in [Some(whole), held].into_iter().flatten() {
            for dialect in [None, Some(Dialect::V1), Some(Dialect::V2)] {
                let mut found: Vec<Diagnostic> = Vec::new();
                check(&text, dialect, &mut found);
                for one in &found {
                    let place = one.location.as_ref().unwrap();
                    let last = text.source().text().lines().count() + 1;
                    assert!((1..=last).contains(&place.line), "{one:?}\n{json}");
                }
                let is_error = |one: &Diagnostic| one.severity == Severity::Error;
                let mut unheard: Vec<Diagnostic> = Vec::new();
                let config = from_json(&Source::new("c", text.json()), dialect, &mut unheard);
                assert_eq!(config.is_none(), found.iter().any(is_error), "{json}");
            }
            for effect in [Effect::Kept, Effect::Release] {
                let mut said: Vec<Diagnostic> = Vec::new();
                let Some(new) = migrate(&text, effect, &mut said) else {
                    assert!(
                        said.iter().any(|one| one.code != "internal"),
                        "{said:?}\n{json}"
                    );
                    refused += 1;
                    continue;
                };
                read += 1;
                let mut problems: Vec<Diagnostic> = Vec::new();
                let again = from_json(&Source::new("new", new.clone()), None, &mut problems);
                assert!(again.is_some(), "{problems:?}\n{json}\n=>\n{new}");
            }
        }
    }
    println!("{read} carried over, {refused} refused");
    assert!(read > 300 && refused > 300);
}
