//! `DD_TAGS`, whose own and configured pairs are merged (`spec/1-behaviour.md`, section 5.1).

use crate::inject::account::Act;
use crate::inject::container::{Container, Variable};
use crate::inject::outcome::Flaw;
use crate::inject::stock::Stock;

/// The variable.
pub(crate) const NAME: &str = "DD_TAGS";

/// Gives a container the configured tags: appended as they stand where it has none of its own, else
/// merged, and moved behind the variables that they may refer to.
pub(super) fn apply(
    container: &mut Container<'_>,
    configured: &str,
    stock: &Stock,
) -> Result<(), Flaw> {
    let value = match container.variable(NAME) {
        None => configured.to_owned(),
        Some(own) if own.is_reference() => {
            container.note_kept(NAME);
            return Ok(());
        }
        Some(own) => merge(own.value(), configured),
    };
    note(container, configured);
    container.set_variable(NAME, value.into(), stock)?;
    let before = container.revision;
    container.move_variable_last(NAME);
    if container.revision != before {
        let act = || Act::MoveVariable { name: NAME.into() };
        container.journal.note(|| (act(), None));
    }
    Ok(())
}

/// Writes down what is done to the variable, before it is done.
fn note(container: &Container<'_>, configured: &str) {
    container.journal.note(|| {
        let name = NAME.to_owned();
        let act = match container.variable(NAME).map(Variable::value) {
            None => Act::AddVariable { name },
            Some(own) if merge(own, configured) == own => Act::CompleteVariable { name },
            Some(own) => Act::ExtendVariable {
                name,
                ours: new_pairs(own, configured)
                    .into_iter()
                    .map(|(_, pair)| pair.to_owned())
                    .collect(),
                dropped: match own {
                    "" => 0,
                    own => own.split(',').count() - pairs(own).count(),
                },
            },
        };
        (act, container.variable_path(NAME))
    });
}

/// Writes down that the configured tags are none that can be merged.
pub(super) fn note_left_out(container: &Container<'_>) {
    container.journal.note(|| {
        let act = Act::LeaveVariableOut {
            name: NAME.to_owned(),
            why: "the configured value is empty or a reference, which cannot be merged",
        };
        (act, None)
    });
}

/// The own pairs as they are, then the configured ones whose keys are new; what is no pair goes.
fn merge(own: &str, configured: &str) -> String {
    let own_pairs = pairs(own).chain(new_pairs(own, configured));
    let pairs: Vec<&str> = own_pairs.map(|(_, pair)| pair).collect();
    pairs.join(",")
}

/// The configured pairs whose keys are new to the own ones and to those in front of them.
fn new_pairs<'c>(own: &str, configured: &'c str) -> Vec<(&'c str, &'c str)> {
    let mut new: Vec<(&str, &str)> = Vec::new();
    for (key, pair) in pairs(configured) {
        let is_known = |(known, _): (&str, &str)| known == key;
        if !pairs(own).chain(new.iter().copied()).any(is_known) {
            new.push((key, pair));
        }
    }
    new
}

/// Keys and whole pairs: `key:value` with exactly one colon.
pub(crate) fn pairs(tags: &str) -> impl Iterator<Item = (&str, &str)> {
    tags.split(',').filter_map(|pair| {
        let (key, value) = pair.split_once(':')?;
        (!value.contains(':')).then_some((key, pair))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pairs_win_and_what_is_no_pair_goes() {
        for (own, configured, expected) in [
            ("a:1,b:2", "b:3,c:4", "a:1,b:2,c:4"),
            ("a:1,a:2,x,y:1:2", "c:1,c:2,z", "a:1,a:2,c:1"),
            ("", "a:1", "a:1"),
            ("x", "y", ""),
        ] {
            assert_eq!(merge(own, configured), expected);
        }
    }
}
