//! The Chinese pages say what the English ones say: the same headings, commands, tables, code and
//! links, section by section. The words themselves nobody can compare here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

use std::fs;
use std::path::{Component, Path, PathBuf};

/// English page, Chinese page, relative to the project.
const PAGES: [(&str, &str); 4] = [
    ("README.md", "README.zh-CN.md"),
    ("docs/usage.md", "docs/zh/usage.md"),
    ("docs/injections.md", "docs/zh/injections.md"),
    ("docs/differences.md", "docs/zh/differences.md"),
];

/// The Chinese page that stands for the folder of the pages on hosts: what it shows of a host is taken
/// from that host's page.
const OVERVIEW: &str = "docs/zh/hosts.md";
const HOSTS: &str = "docs/hosts";

/// A heading and what stands below it up to the next one.
#[derive(Debug, Default)]
struct Section {
    title: String,
    level: usize,
    line: usize,
    /// Fenced blocks, with their fences.
    blocks: Vec<String>,
    /// Number of table rows, of list items, of numbered items.
    rows: usize,
    bullets: usize,
    numbers: usize,
    /// Text between backticks, sorted.
    code: Vec<String>,
    /// Targets of links, in order.
    links: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(page: &str) -> String {
    fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections = vec![Section::default()];
    let mut lines = text.lines().enumerate();
    // A paragraph's code and links may go over a line's end, so that its lines are joined first.
    let mut prose = String::new();
    while let Some((number, line)) = lines.next() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") {
            let mut block = vec![line];
            let rest = lines.by_ref().map(|(_, line)| line);
            for line in rest {
                block.push(line);
                if line.trim_start().starts_with("```") {
                    break;
                }
            }
            sections.last_mut().unwrap().blocks.push(block.join("\n"));
            continue;
        }
        if line.starts_with('#') {
            spans(sections.last_mut().unwrap(), &std::mem::take(&mut prose));
            let title = line.trim_start_matches('#');
            sections.push(Section {
                level: line.len() - title.len(),
                title: title.trim().to_owned(),
                line: number + 1,
                ..Section::default()
            });
            prose.push_str(title);
            continue;
        }
        let section = sections.last_mut().unwrap();
        section.rows += usize::from(trimmed.starts_with('|'));
        section.bullets += usize::from(trimmed.starts_with("- "));
        let numbered = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
        section.numbers +=
            usize::from(numbered.len() < trimmed.len() && numbered.starts_with(". "));
        prose.push('\n');
        prose.push_str(line);
    }
    spans(sections.last_mut().unwrap(), &prose);
    sections
}

/// Collects code and links of a section's text.
fn spans(section: &mut Section, text: &str) {
    let mut plain = String::new();
    for (index, part) in text.split('`').enumerate() {
        if index % 2 == 0 {
            plain.push_str(part);
        } else {
            let words: Vec<&str> = part.split('\n').collect();
            section.code.push(words.join(" "));
        }
    }
    section.code.sort();
    for part in plain.split("](").skip(1) {
        section
            .links
            .push(part.split(')').next().unwrap().to_owned());
    }
}

/// The name that a heading has in a link: lower case, no signs, `-` for blanks.
fn anchor(title: &str) -> String {
    let kept = title
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The path of a link in a page, relative to the project.
fn resolve(page: &str, target: &str) -> String {
    if target.is_empty() {
        return page.to_owned();
    }
    let mut path = PathBuf::from(page).parent().unwrap().to_owned();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => assert!(path.pop(), "{page}: {target} leaves the project"),
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    path.to_str().unwrap().to_owned()
}

/// Where a link goes, the same for the English and the Chinese page: the English page's name and
/// the number of the heading. A target that is not there is a failure.
fn destination(page: &str, link: &str) -> String {
    if link.contains("://") {
        return link.to_owned();
    }
    let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
    let path = resolve(page, target);
    assert!(root().join(&path).exists(), "{page}: no {path} ({link})");
    let english = PAGES.iter().find(|(_, chinese)| *chinese == path);
    let name = english.map_or(path.as_str(), |(english, _)| english);
    if fragment.is_empty() {
        let name = if name == OVERVIEW {
            format!("{HOSTS}/README.md")
        } else {
            name.to_owned()
        };
        return name;
    }
    let sections = sections(&read(&path));
    let place = sections
        .iter()
        .position(|section| anchor(&section.title) == fragment);
    let place = place.unwrap_or_else(|| panic!("{page}: {path} has no heading #{fragment}"));
    format!("{name}#{place}")
}

/// Everything that keeps the two pages from saying the same, one line for each.
fn differences(english: &str, chinese: &str) -> Vec<String> {
    let (left, right) = (sections(&read(english)), sections(&read(chinese)));
    let levels = |sections: &[Section]| -> Vec<usize> {
        sections.iter().map(|section| section.level).collect()
    };
    if levels(&left) != levels(&right) {
        let titles: Vec<_> = left.iter().map(|section| &section.title).collect();
        let others: Vec<_> = right.iter().map(|section| &section.title).collect();
        return vec![format!(
            "{english} and {chinese}: other headings\n{titles:?}\n{others:?}"
        )];
    }
    let mut found = Vec::new();
    for (left, right) in left.iter().zip(&right) {
        let place = format!(
            "{chinese}:{} {:?} ({english}:{})",
            right.line, right.title, left.line
        );
        let mut compare = |what: &str, same: bool, left: String, right: String| {
            if !same {
                found.push(format!(
                    "{place}: {what}\n  English: {left}\n  Chinese: {right}"
                ));
            }
        };
        for (one, other) in left.blocks.iter().zip(&right.blocks) {
            compare("a block", one == other, one.clone(), other.clone());
        }
        for (what, one, other) in [
            ("number of blocks", left.blocks.len(), right.blocks.len()),
            ("table rows", left.rows, right.rows),
            ("list items", left.bullets, right.bullets),
            ("numbered items", left.numbers, right.numbers),
        ] {
            compare(what, one == other, one.to_string(), other.to_string());
        }
        let only = |these: &[String], those: &[String]| -> Vec<String> {
            let mut rest = those.to_vec();
            let missing = these.iter().filter(|word| {
                let place = rest.iter().position(|other| other == *word);
                place.map(|place| rest.remove(place)).is_none()
            });
            missing.cloned().collect()
        };
        compare(
            "code that only one has",
            left.code == right.code,
            only(&left.code, &right.code).join(" · "),
            only(&right.code, &left.code).join(" · "),
        );
        let destinations = |page: &str, section: &Section| {
            let mut all: Vec<String> = section
                .links
                .iter()
                .map(|link| destination(page, link))
                .collect();
            all.sort();
            all
        };
        let (one, other) = (destinations(english, left), destinations(chinese, right));
        compare("links", one == other, one.join(" "), other.join(" "));
    }
    found
}

#[test]
fn the_chinese_pages_follow_the_english_ones() {
    let mut found = Vec::new();
    for (english, chinese) in PAGES {
        let counted = sections(&read(english));
        let code: usize = counted.iter().map(|section| section.code.len()).sum();
        let blocks: usize = counted.iter().map(|section| section.blocks.len()).sum();
        println!(
            "{english}: {} headings, {blocks} blocks, {code} pieces of code",
            counted.len() - 1
        );
        assert!(
            counted.len() > 3 && code + blocks > 10,
            "{english} was not read"
        );
        found.extend(differences(english, chinese));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_chinese_page_is_compared() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("docs/zh")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("docs/zh/{name}");
        let known = PAGES.iter().any(|(_, chinese)| *chinese == path);
        assert!(known || path == OVERVIEW, "{path}");
        seen += 1;
    }
    assert!(seen > 2);
}

/// Lines between a block's fences.
fn content(block: &str) -> &str {
    let inner = block.split_once('\n').map_or("", |(_, rest)| rest);
    inner.rsplit_once('\n').map_or("", |(inner, _)| inner)
}

#[test]
fn the_overview_shows_what_the_pages_of_the_hosts_show() {
    let mut linked = Vec::new();
    let mut shown = 0;
    for section in sections(&read(OVERVIEW)) {
        let place = format!("{OVERVIEW}:{} {:?}", section.line, section.title);
        let pages: Vec<String> = section
            .links
            .iter()
            .map(|link| destination(OVERVIEW, link))
            .filter(|page| page.starts_with(HOSTS) && !page.ends_with("/README.md"))
            .map(|page| page.split('#').next().unwrap_or_default().to_owned())
            .collect();
        for block in &section.blocks {
            let text = format!("\n{}\n", content(block));
            assert!(text.trim().len() > 10, "{place}: an empty block");
            assert!(
                pages.iter().any(|page| read(page).contains(&text)),
                "{place}: no page that this section links has this block:\n{block}"
            );
            shown += 1;
        }
        // The first table only lists them.
        if section.level > 1 {
            linked.extend(pages);
        }
    }
    assert!(shown > 8, "{shown}");
    for entry in fs::read_dir(root().join(HOSTS)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let page = format!("{HOSTS}/{name}");
        assert!(
            name == "README.md" || linked.contains(&page),
            "{OVERVIEW} has no section on {page}"
        );
    }
}

#[test]
fn every_page_on_a_host_is_listed() {
    let listed = |page: &str| -> Vec<String> {
        let all = sections(&read(page));
        all.iter()
            .flat_map(|section| &section.links)
            .map(|link| destination(page, link))
            .collect()
    };
    let (overview, readme) = (listed("docs/hosts/README.md"), listed("README.md"));
    let mut seen = 0;
    for entry in fs::read_dir(root().join(HOSTS)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let page = format!("{HOSTS}/{name}");
        assert!(name == "README.md" || overview.contains(&page), "{page}");
        assert!(readme.contains(&page), "README.md does not list {page}");
        seen += 1;
    }
    assert!(seen > 6, "{seen}");
}

#[test]
fn the_readme_lists_every_document() {
    let readme = sections(&read("README.md"));
    let listed: Vec<String> = readme
        .iter()
        .flat_map(|section| &section.links)
        .map(|link| destination("README.md", link))
        .collect();
    let mut seen = 0;
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = format!("docs/{}", path.file_name().unwrap().to_str().unwrap());
            assert!(listed.contains(&page), "README.md does not list {page}");
            seen += 1;
        }
    }
    assert!(seen > 6, "{seen}");
}

#[test]
fn each_readme_leads_to_the_other() {
    assert!(read("README.md").contains("](README.zh-CN.md)"));
    assert!(read("README.zh-CN.md").contains("](README.md)"));
}
