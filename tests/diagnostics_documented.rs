//! Every diagnostic has its heading in `docs/diagnostics.md`, and every heading its diagnostic and a
//! golden folder in `testdata/cases/` that shows it.
//!
//! The codes are read from the source text: the argument `code` of every function that takes one.
//! Where a call hands on a variable, the codes are those of the tuples in the same function that
//! begin with one.
#![allow(
    clippy::unwrap_used,
    reason = "a test fails by panicking, and says what it found"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The parameter that makes a function one that takes a code.
const PARAMETER: &str = "code: &'static str";

/// A source file without its tests and comments.
struct File {
    name: String,
    text: String,
}

/// A function that takes a code: its name and the code's place among the arguments.
type Taker = (String, usize);

fn sources() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    for entry in WalkDir::new(&root).sort_by_file_name() {
        let entry = entry.unwrap();
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let text = fs::read_to_string(path).unwrap();
        files.push(File {
            name,
            text: without_tests(&text),
        });
    }
    // Files that are tests as a whole: `#[cfg(test)] mod name;`.
    let mut tests = Vec::new();
    for file in &files {
        let path = Path::new(&file.name);
        let folder = if matches!(
            path.file_stem().and_then(|stem| stem.to_str()),
            Some("mod" | "lib" | "main")
        ) {
            path.parent().unwrap().to_owned()
        } else {
            path.with_extension("")
        };
        for rest in file.text.split("#[cfg(test)]").skip(1) {
            let module = rest.trim_start().strip_prefix("mod ");
            if let Some((module, _)) = module.and_then(|module| module.split_once(';')) {
                let path = folder.join(format!("{module}.rs"));
                assert!(
                    root.join(&path).is_file(),
                    "{} is not there",
                    path.display()
                );
                tests.push(path.display().to_string());
            }
        }
    }
    files.retain(|file| !tests.contains(&file.name));
    files
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The text without comments and without what stands behind `#[cfg(test)] mod … {`.
fn without_tests(text: &str) -> String {
    let code = match text.find("#[cfg(test)]\nmod tests {") {
        Some(end) => &text[..end],
        None => text,
    };
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// The arguments between the parenthesis that opens at the beginning of `text` and its end.
fn arguments(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0_usize;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 1 => {
                found.push(String::new());
                continue;
            }
            _ => {}
        }
        let last = found.last_mut().unwrap();
        if c == '"' {
            last.push(c);
            let mut escaped = false;
            for c in characters.by_ref() {
                last.push(c);
                if c == '"' && !escaped {
                    break;
                }
                escaped = c == '\\' && !escaped;
            }
        } else if depth > 1 || (depth == 1 && c != '(') {
            last.push(c);
        }
        if depth == 0 {
            break;
        }
    }
    let trimmed = found.into_iter().map(|one| one.trim().to_owned());
    trimmed.filter(|one| !one.is_empty()).collect()
}

/// Where `name(` stands as a whole word, each with the text from the parenthesis on.
fn calls<'t>(text: &'t str, name: &str) -> Vec<(usize, &'t str)> {
    let wanted = format!("{name}(");
    text.match_indices(&wanted)
        .filter(|(at, _)| {
            let before = text[..*at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
                && !text[..*at].ends_with("fn ")
        })
        .map(|(at, _)| (at, &text[at + name.len()..]))
        .collect()
}

/// The name of the type that is implemented around a place, if there is one.
fn implemented(text: &str) -> Option<&str> {
    let at = text.rfind("\nimpl")?;
    if text[at..].contains("\n}\n") {
        return None;
    }
    let head = text[at + 5..].split('{').next()?;
    let head = head.rsplit(" for ").next()?.trim();
    let head = match head.strip_prefix('<') {
        Some(rest) => rest.split_once('>')?.1.trim(),
        None => head,
    };
    head.split('<').next()
}

/// The functions that take a code, as they are called: `Type::name` and `.name` of a method, the
/// bare name of any other.
fn takers(file: &File) -> Vec<Taker> {
    let mut found = Vec::new();
    for (at, _) in file.text.match_indices("fn ") {
        let rest = &file.text[at + 3..];
        let Some(open) = rest.find(['(', '{', ';']) else {
            continue;
        };
        let name = rest[..open].split('<').next().unwrap_or_default();
        if !rest[open..].starts_with('(') || !is_word(name) {
            continue;
        }
        let mut parameters = arguments(&rest[open..]);
        let is_method = parameters
            .first()
            .is_some_and(|first| first.ends_with("self") && !first.contains(':'));
        if is_method {
            parameters.remove(0);
        }
        let Some(place) = parameters.iter().position(|one| one == PARAMETER) else {
            continue;
        };
        let called = match implemented(&file.text[..at]) {
            _ if is_method => format!(".{name}"),
            Some(own) => {
                found.push((format!("Self::{name}"), place));
                format!("{own}::{name}")
            }
            None => name.to_owned(),
        };
        found.push((called, place));
    }
    found
}

/// The types that a file implements something for.
fn implements(file: &File) -> BTreeSet<&str> {
    let places = file.text.match_indices("\nimpl");
    let head = |at: usize| file.text[at..].find('{').map_or(at, |end| at + end);
    places
        .filter_map(|(at, _)| implemented(&file.text[..head(at)]))
        .collect()
}

/// The methods of a type that take a code, in whichever file they stand.
fn methods(files: &[File]) -> Vec<(&str, Taker)> {
    let mut found = Vec::new();
    for file in files {
        for (name, place) in takers(file) {
            let Some(method) = name.strip_prefix('.') else {
                continue;
            };
            let at = file.text.find(&format!("fn {method}(")).unwrap();
            let own = implemented(&file.text[..at]).unwrap();
            found.push((own, (format!("self.{method}"), place)));
        }
    }
    found
}

fn literal(argument: &str) -> Option<&str> {
    argument.strip_prefix('"')?.strip_suffix('"')
}

/// What a code looks like.
fn is_code(text: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.split('-')
        .all(|word| !word.is_empty() && word.chars().all(letters))
}

/// The codes at the beginning of tuples in the function around a place.
fn in_tuples(text: &str, at: usize) -> Vec<String> {
    let start = text[..at].rfind("fn ").unwrap_or(0);
    let body = &text[start..at];
    let found = body.match_indices("(\"").filter_map(|(place, _)| {
        let before = body[..place].chars().next_back();
        let is_call = before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '!' | '>'));
        let first = arguments(&body[place..]).into_iter().next()?;
        let code = literal(&first)?.to_owned();
        (!is_call && is_code(&code)).then_some(code)
    });
    found.collect()
}

/// Every code that the program can give, with the files that give it.
fn codes() -> BTreeMap<String, BTreeSet<String>> {
    let files = sources();
    let mut everywhere: Vec<Taker> = Vec::new();
    for file in &files {
        let named = takers(file).into_iter();
        everywhere.extend(named.filter(|(name, _)| name.contains("::") && !name.contains("Self")));
    }
    assert!(
        ["Diagnostic::error", "Diagnostic::warning", "Notice::new"]
            .iter()
            .all(|wanted| everywhere.iter().any(|(name, _)| name == wanted)),
        "the functions that take a code were not found: {everywhere:?}"
    );
    // A reader's methods are known by the reader's name, since others have methods of these names.
    let readers: Vec<Taker> = files
        .iter()
        .flat_map(takers)
        .filter(|(name, _)| name.starts_with('.'))
        .map(|(name, place)| (format!("reader{name}"), place))
        .collect();
    assert!(!readers.is_empty());
    everywhere.extend(readers);

    let methods = methods(&files);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let own = takers(file).into_iter();
        let own = own.filter(|(name, _)| !name.starts_with('.'));
        let implements = implements(file);
        let methods = methods.iter().filter(|(own, _)| implements.contains(own));
        let methods = methods.map(|(_, taker)| taker.clone());
        let mut known: Vec<Taker> = everywhere
            .iter()
            .cloned()
            .chain(own)
            .chain(methods)
            .collect();
        known.sort();
        known.dedup();
        for (name, place) in known {
            for (at, rest) in calls(&file.text, &name) {
                let arguments = arguments(rest);
                let code = arguments.get(place).map_or("", String::as_str);
                let given = match literal(code) {
                    Some(code) => vec![code.to_owned()],
                    // The function hands on what it was given.
                    None if code == "code" && takes_code(&file.text, at) => continue,
                    None => in_tuples(&file.text, at),
                };
                assert!(
                    !given.is_empty(),
                    "{}: which code does {name}({code}) give?",
                    file.name
                );
                for code in given {
                    assert!(is_code(&code), "{}: {code} is no code", file.name);
                    found.entry(code).or_default().insert(file.name.clone());
                }
            }
        }
    }
    found
}

/// Whether the function around a place takes a code itself.
fn takes_code(text: &str, at: usize) -> bool {
    let start = text[..at].rfind("fn ").unwrap_or(0);
    text[start..at]
        .split('{')
        .next()
        .is_some_and(|head| head.contains(PARAMETER))
}

/// The codes that have a heading: ``### `code` ``.
fn headings() -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diagnostics.md");
    fs::read_to_string(page)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_code_is_documented_and_every_heading_is_a_code() {
    let codes = codes();
    assert!(codes.len() > 40, "too few codes were found: {codes:?}");
    for known in [
        "usage",
        "internal",
        "unknown-annotation",
        "not-yaml",
        "config-unknown-key",
    ] {
        assert!(codes.contains_key(known), "{known} was not found");
    }
    let headings = headings();
    let unique: BTreeSet<&String> = headings.iter().collect();
    assert_eq!(unique.len(), headings.len(), "a heading is there twice");
    let missing: Vec<_> = codes
        .iter()
        .filter(|(code, _)| !unique.contains(code))
        .collect();
    assert!(
        missing.is_empty(),
        "docs/diagnostics.md has no heading for {missing:?}"
    );
    let stale: Vec<_> = unique
        .into_iter()
        .filter(|code| !codes.contains_key(*code))
        .collect();
    assert!(
        stale.is_empty(),
        "docs/diagnostics.md has headings for codes that no longer exist: {stale:?}"
    );
}

/// The codes that no folder can show, and the test that brings each about; for a defect of the program
/// there is none, as no input is known to.
const ELSEWHERE: [(&str, Option<&str>); 3] = [
    ("internal", None),
    // Somebody else has to write meanwhile.
    ("input-changed", Some("tests/faults.rs")),
    // git keeps no hard links.
    ("hard-link-split", Some("tests/faults.rs")),
];

/// The codes that the golden folders show, in any form of a report.
fn shown() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases");
    let mut found = BTreeSet::new();
    for entry in WalkDir::new(root).min_depth(3) {
        let entry = entry.unwrap();
        let below: Vec<&str> = entry
            .path()
            .iter()
            .rev()
            .take(entry.depth() - 2)
            .filter_map(|part| part.to_str())
            .collect();
        let is_said = matches!(below.last(), Some(&("stdout" | "stderr" | "out")));
        let Ok(text) = fs::read_to_string(entry.path()) else {
            continue;
        };
        if !is_said {
            continue;
        }
        for (before, behind) in [
            ("[", "]"),
            ("\"code\": \"", "\""),
            ("\"ruleId\": \"", "\""),
            ("\"check_name\": \"", "\""),
        ] {
            let codes = text.split(before).skip(1);
            let codes = codes.filter_map(|rest| rest.split(behind).next());
            found.extend(codes.filter(|code| is_code(code)).map(str::to_owned));
        }
    }
    found
}

#[test]
fn every_code_has_an_example_that_is_carried_out() {
    let shown = shown();
    assert!(shown.contains("not-yaml") && shown.contains("not-injected"));
    let missing: Vec<String> = headings()
        .into_iter()
        .filter(|code| !shown.contains(code))
        .filter(|code| ELSEWHERE.iter().all(|(known, _)| known != code))
        .collect();
    assert!(
        missing.is_empty(),
        "no folder in testdata/cases shows {missing:?}"
    );
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (code, test) in ELSEWHERE {
        assert!(!shown.contains(code), "{code} has a folder now");
        let text = test.map(|test| fs::read_to_string(root.join(test)).unwrap());
        let is_shown = text.is_none_or(|text| {
            // Of a file with code, its tests.
            let text = text.split("#[cfg(test)]").last().unwrap_or_default();
            text.contains(&format!("[{code}]")) || text.contains(&format!("\"{code}\""))
        });
        assert!(is_shown, "{test:?} does not show {code}");
    }
}

#[test]
fn arguments_are_told_apart() {
    assert_eq!(
        arguments("(\"a, (\\\"b\", f(1, [2, 3]), c)\nrest"),
        ["\"a, (\\\"b\"", "f(1, [2, 3])", "c"]
    );
    assert_eq!(arguments("(\n    a,\n)"), ["a"]);
    assert!(arguments("()").is_empty());
}
