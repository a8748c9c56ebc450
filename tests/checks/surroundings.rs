//! Rule 5 of editing without reformatting: comments stay with what they describe; new lines end as
//! those around them and are indented as those around them.

use std::collections::{BTreeMap, BTreeSet};

use datakit_inject::change::Change;
use datakit_inject::yaml::{Kind, Layout, NodeId, Tree};

use super::lines::{Fate, fates};
use super::rewriting::Checked;

/// Where all lines end in one way, the new ones do.
pub fn line_ends_stay(old: &str, new: &str) -> Checked {
    let count = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
    let ((returns, feeds), (new_returns, new_feeds)) = (count(old), count(new));
    let mixed = returns > 0 && returns < feeds;
    if !mixed && (returns > 0) != (new_returns > 0)
        || returns > 0 && returns == feeds && new_returns < new_feeds
    {
        return Err(format!(
            "{returns} of {feeds} lines ended with a carriage return, and {new_returns} of {new_feeds} do now"
        ));
    }
    Ok(())
}

/// How far block collections stand below their keys: mappings and sequences.
fn offsets(tree: &Tree<'_>) -> [BTreeSet<usize>; 2] {
    let text = tree.source_text();
    let column = |id: NodeId| {
        let start = tree.span(id).start;
        start - text[..start].rfind('\n').map_or(0, |feed| feed + 1)
    };
    let mut found = [BTreeSet::new(), BTreeSet::new()];
    for id in tree.ids() {
        let place = match tree.kind(id) {
            Kind::Mapping(Layout::Block) => 0,
            Kind::Sequence(Layout::Block) => 1,
            _ => continue,
        };
        if let Some(parent) = tree.parent(id)
            && tree.kind(parent) == Kind::Mapping(Layout::Block)
        {
            found[place].insert(column(id).saturating_sub(column(parent)));
        }
    }
    found
}

/// Collections stand below their keys as one of those does that were there.
pub fn indentation_is_one_of_theirs(old: &Tree<'_>, new: &Tree<'_>) -> Checked {
    let (before, after) = (offsets(old), offsets(new));
    for (what, (before, after)) in ["mappings", "sequences"]
        .iter()
        .zip(before.iter().zip(&after))
    {
        if !before.is_empty() && !after.is_subset(before) {
            return Err(format!(
                "{what} stood {before:?} columns below their keys, and stand {after:?} now"
            ));
        }
    }
    Ok(())
}

/// The content of a line: nothing where it is blank, or a comment.
fn content(line: &str) -> Option<&str> {
    let text = line.trim();
    (!text.is_empty() && !text.starts_with('#')).then(|| line.trim_end().trim_end_matches(','))
}

fn column(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// A comment of which there is one alone stays in front of the line that it is about. One that is deeper
/// than what follows belongs to what is above: nothing that is less deep comes between.
pub fn comments_stay_with_theirs(old: &Tree<'_>, changes: &[Change], new: &str) -> Checked {
    let text = old.source_text();
    let fates = fates(old, changes);
    let (lines, new_lines): (Vec<&str>, Vec<&str>) =
        (text.lines().collect(), new.lines().collect());
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines.iter().filter(|line| line.trim().starts_with('#')) {
        *count.entry(line.trim()).or_default() += 1;
    }
    for (at, line) in lines.iter().enumerate() {
        let comment = line.trim();
        if count.get(comment) != Some(&1) || fates[at] != Fate::Stays {
            continue;
        }
        let Some(place) = new_lines.iter().position(|line| line.trim() == comment) else {
            return Err(format!("the comment {comment} is gone"));
        };
        let behind = (at + 1..lines.len()).find(|at| content(lines[*at]).is_some());
        let before = (0..at).rev().find(|at| content(lines[*at]).is_some());
        let (Some(behind), Some(before)) = (behind, before) else {
            // At the beginning or the end it may be about anything.
            continue;
        };
        // A comment behind one that is less deep, with no content between, goes on with it.
        let run = lines[..=at].iter().rev();
        let run = run.take_while(|line| content(line).is_none());
        let comments = run.filter(|line| line.trim().starts_with('#'));
        let depth = comments.map(|line| column(line)).min().unwrap_or(0);
        let told = |why: &str| Err(format!("the comment {comment} {why}"));
        if column(lines[behind]) >= depth {
            let follows = new_lines[place + 1..].iter().find_map(|line| content(line));
            if fates[behind] == Fate::Stays && follows != content(lines[behind]) {
                return told(&format!(
                    "was in front of {:?}, and is of {follows:?}",
                    lines[behind]
                ));
            }
        } else if fates[before] == Fate::Stays {
            let above = new_lines[..place].iter().rev();
            let mut between = above.take_while(|line| content(line) != content(lines[before]));
            let less = between.find(|own| content(own).is_some() && column(own) < depth);
            if let Some(less) = less {
                return told(&format!(
                    "is behind {less:?} now, away from {:?}",
                    lines[before]
                ));
            }
        }
    }
    Ok(())
}
