//! What the documentation says of a code, for report forms that carry it: read from
//! `docs/diagnostics.md`, so that it is written once.

const PAGE: &str = include_str!("../../docs/diagnostics.md");

/// Code scanning takes no more than this many characters of a description.
const DESCRIPTION_LIMIT: usize = 1000;

/// What is known of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RuleHelp {
    /// The first sentence.
    pub(super) short: String,
    /// The first paragraph.
    pub(super) description: String,
    /// What to do.
    pub(super) advice: String,
}

/// The help for a code, in plain text. A code without a heading is its own help.
pub(super) fn help(code: &str) -> RuleHelp {
    let heading = format!("### `{code}`\n");
    let section = PAGE.split_once(heading.as_str()).map(|(_, rest)| rest);
    let section = section.and_then(|rest| rest.split("\n## ").next()?.split("\n### ").next());
    let mut paragraphs = section
        .unwrap_or_default()
        .split("\n\n")
        .map(plain)
        .filter(|paragraph| !paragraph.is_empty());
    let description = paragraphs.next().unwrap_or_else(|| code.to_owned());
    let advice = paragraphs.find_map(|paragraph| {
        let advice = paragraph.strip_prefix("**What to do.**")?;
        Some(advice.trim().to_owned())
    });
    let short = match description.split_once(". ") {
        Some((first, _)) => first,
        None => description.trim_end_matches('.'),
    };
    RuleHelp {
        short: format!("{short}."),
        advice: advice.unwrap_or_else(|| description.clone()),
        description: description.chars().take(DESCRIPTION_LIMIT).collect(),
    }
}

/// A paragraph on one line, links by their words.
fn plain(paragraph: &str) -> String {
    let text = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, link)) = rest.split_once('[') {
        plain.push_str(before);
        let parts = link
            .split_once("](")
            .and_then(|(words, behind)| Some((words, behind.split_once(')')?.1)));
        if let Some((words, behind)) = parts {
            plain.push_str(words);
            rest = behind;
        } else {
            plain.push('[');
            rest = link;
        }
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_help() {
        let codes: Vec<&str> = PAGE
            .lines()
            .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
            .collect();
        assert!(codes.len() > 40);
        for code in codes {
            let help = help(code);
            assert!(help.description.len() > 20, "{code}: {help:?}");
            assert!(help.short.len() <= help.description.len() + 1, "{code}");
            assert_ne!(help.advice, help.description, "{code} has no advice");
            assert!(!help.advice.contains("]("), "{code}: {help:?}");
        }
        assert_eq!(help("no-such-code").short, "no-such-code.");
    }
}
