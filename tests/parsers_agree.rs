//! The two parsers make the same tree: what the scanner for the plain block style accepts, it reads
//! as the full parser does, on real documents and on documents with random faults.
//!
//! `DATAKIT_INJECT_MUTATIONS` sets how many faulty documents are tried.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
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
use std::sync::Arc;

use checks::parsers::{Found, compare, documents, first_difference};
use datakit_inject::yaml::scan::scan;
use datakit_inject::yaml::{Graft, KnownLines, Part, Spare, parse_around, parse_grafted};
use random::Random;

fn texts_below(root: &Path) -> Vec<String> {
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .collect()
}

#[test]
fn real_documents_have_one_tree() {
    let mut texts = texts_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    for variable in ["DATAKIT_INJECT_CORPUS", "DATAKIT_INJECT_CORPUS_BROKEN"] {
        if let Some(root) = std::env::var_os(variable) {
            texts.extend(texts_below(Path::new(&root)));
        }
    }
    let (mut equal, mut left, mut known, mut bytes, mut all) = (0, 0, 0, 0, 0);
    for text in &texts {
        for document in documents(text) {
            all += document.len();
            match compare(document) {
                Ok(Found::Equal) => {
                    equal += 1;
                    bytes += document.len();
                }
                Ok(Found::Left) => left += 1,
                Ok(Found::Known) => known += 1,
                Err(error) => panic!("{error}\n{document}"),
            }
        }
    }
    println!(
        "{equal} equal ({bytes} of {all} bytes), {left} left to the full parser, {known} that only it refuses"
    );
    assert!(equal > 100);
}

const PIECES: [&str; 53] = [
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    ":",
    ": ",
    "- ",
    "-",
    "#",
    " #",
    " # c\n",
    "'",
    "\"",
    "''",
    "\\",
    "\\n",
    "\\\"",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "|",
    "|-",
    "|+",
    ">",
    "&a ",
    "*a",
    "- &a ",
    "- *a\n",
    ": &a ",
    ": &a\n",
    ": *a\n",
    "k: &a x\n",
    "<<: *a\n",
    "!!str ",
    "? ",
    "%",
    "@",
    "`",
    "\t",
    "\r\n",
    "---\n",
    "...\n",
    "a: b\n",
    "- x\n",
    "\u{e9}",
    "x",
    "k: |\n    l\n",
    "q: \"a\n  b\"\n",
    "~",
];

fn mutate(text: &str, random: &mut Random) -> String {
    let mut mutated = text.to_owned();
    for _ in 0..=random.below(3) {
        let mut at = random.below(mutated.len() + 1);
        while !mutated.is_char_boundary(at) {
            at -= 1;
        }
        match random.below(6) {
            0..3 => mutated.insert_str(at, PIECES[random.below(PIECES.len())]),
            3 => {
                let mut end = (at + random.below(6)).min(mutated.len());
                while !mutated.is_char_boundary(end) {
                    end -= 1;
                }
                mutated.replace_range(at..end.max(at), "");
            }
            4 => {
                // A line moves in or out.
                let start = mutated[..at].rfind('\n').map_or(0, |newline| newline + 1);
                if random.below(2) == 0 {
                    mutated.insert(start, ' ');
                } else if mutated[start..].starts_with(' ') {
                    mutated.remove(start);
                }
            }
            _ => mutated.truncate(at),
        }
    }
    mutated
}

/// How many documents are tried.
fn tries() -> usize {
    std::env::var("DATAKIT_INJECT_MUTATIONS").map_or(1_000_000, |count| count.parse().unwrap())
}

/// Documents of the tests' own that the scanner reads.
fn seeds(texts: &[String]) -> Vec<&str> {
    let mut seeds: Vec<&str> = texts.iter().flat_map(|text| documents(text)).collect();
    seeds.retain(|seed| seed.len() < 2000 && scan(seed).is_some());
    assert!(seeds.len() > 50);
    seeds
}

#[test]
fn faulty_documents_have_one_tree_or_none() {
    let count = tries();
    let texts = texts_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    let seeds = seeds(&texts);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut counts = [0; 3];
    for _ in 0..count {
        let seed = seeds[random.below(seeds.len())];
        let text = mutate(seed, &mut random);
        match compare(&text) {
            Ok(found) => counts[found as usize] += 1,
            Err(error) => panic!("{error}\n{text:?}"),
        }
    }
    println!(
        "{} equal, {} left, {} that only the full parser refuses",
        counts[0], counts[1], counts[2]
    );
    assert!(counts[0] > count / 20);
}

/// Items of block sequences, their dashes in column 0.
const ITEMS: [&str; 12] = [
    "- a\n",
    "- \"a\\tb\"\n- 'c''d'\n",
    "- name: A\n  value: x\n",
    "- name: A\n  valueFrom:\n    fieldRef:\n      fieldPath: metadata.name\n",
    "- name: m\n  mountPath: /x\n- name: n\n  readOnly: true\n",
    "- name: c\n  env:\n  - name: A\n    value: \"1\"\n  args: [a, {b: c}]\n",
    "- name: c\n  env:\n    - name: A\n      value: x # c\n",
    "- name: v\n  emptyDir: {}\n",
    "- name:\n",
    "- - x\n  - y\n",
    "- text: one\n    two\n",
    "- text: |\n    one\n  more: x\n",
];

/// Entries of block mappings, their keys in column 0.
const ENTRIES: [&str; 10] = [
    "a: x\n",
    "\"a\": \"a\\tb\"\n",
    "env:\n- name: A\n  value: x\n",
    "env:\n  - name: A\n    valueFrom:\n      fieldRef:\n        fieldPath: metadata.name\n",
    "volumes:\n- name: v\n  emptyDir: {}\nargs: [a, {b: c}]\n",
    "datakit/logs: '[{\"source\": \"a\"}]'\n",
    "metadata:\n  annotations:\n    a: \"1\" # c\n",
    "a:\n",
    "text: one\n  two\n",
    "text: |\n  one\nmore: x\n",
];

#[test]
fn known_lines_have_the_nodes_that_reading_them_gives() {
    let count = tries() / 4;
    let texts = texts_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"));
    let seeds = seeds(&texts);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut taken = 0;
    for _ in 0..count {
        let seed = seeds[random.below(seeds.len())];
        let mut text = match random.below(2) {
            0 => mutate(seed, &mut random),
            _ => (*seed).to_owned(),
        };
        // Mostly in front of an item or behind the last one, in its column or near it.
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(feed, _)| feed + 1));
        let dashes = text
            .match_indices("- ")
            .map(|(dash, _)| text[..dash].rfind('\n').map_or(0, |feed| feed + 1));
        let places: Vec<usize> = match random.below(4) {
            0 => lines.collect(),
            1 => dashes.collect(),
            _ => {
                let behind = dashes.filter_map(|start| Some(start + text[start..].find('\n')? + 1));
                behind.collect()
            }
        };
        let Some(&start) = places.get(random.below(places.len())) else {
            continue;
        };
        let above = text[..start].trim_end_matches('\n');
        let above = &above[above.rfind('\n').map_or(0, |feed| feed + 1)..];
        let line = if random.below(2) == 0 {
            above
        } else {
            &text[start..]
        };
        let blanks = line.len() - line.trim_start_matches(' ').len();
        let column = match random.below(3) {
            0 => (blanks + random.below(5)).saturating_sub(2),
            _ => blanks,
        };
        let margin = " ".repeat(column);
        let newline = if random.below(8) == 0 { "\r\n" } else { "\n" };
        let are_items = random.below(2) == 0;
        let lines = if are_items {
            ITEMS[random.below(ITEMS.len())]
        } else {
            ENTRIES[random.below(ENTRIES.len())]
        };
        let lines = lines.lines();
        let lines: String = lines
            .map(|line| format!("{margin}{line}{newline}"))
            .collect();
        let lines: Arc<str> = lines.into();
        let Some(known) = KnownLines::read(&lines, column, are_items) else {
            continue;
        };
        let before = text.clone();
        text.insert_str(start, &lines);
        let graft = Graft::whole(start, Part::Read(&known));
        let first = Graft::first_line(start, Part::Read(&known));
        let mut abridged = before;
        abridged.insert_str(start, first.text());
        // What is taken with the first of the lines alone is taken with all of them.
        let around = parse_around(&abridged, &[first], false, Spare::default());
        if around.is_some() {
            assert!(
                parse_grafted(&text, &[graft], Spare::default()).is_some(),
                "taken by its first line alone: {text:?}"
            );
        }
        if let Some(tree) = parse_grafted(&text, &[graft], Spare::default()) {
            taken += 1;
            let Some(scanned) = scan(&text) else {
                panic!("taken, and not read without: {text:?}");
            };
            assert!(
                tree == scanned,
                "{}\n{text:?}",
                first_difference(&tree, &scanned)
            );
        }
    }
    println!("{taken} of {count} taken");
    assert!(taken > count / 20);
}
