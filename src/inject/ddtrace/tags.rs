//! `DD_TAGS`, whose own and configured pairs are merged (`spec/1-behaviour.md`, section 5.1).

use crate::inject::container::Container;
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
        Some(own) if own.is_reference() => return Ok(()),
        Some(own) => merge(own.value(), configured),
    };
    container.set_variable(NAME, value.into(), stock)?;
    container.move_variable_last(NAME);
    Ok(())
}

/// The own pairs as they are, then the configured ones whose keys are new; what is no pair goes.
fn merge(own: &str, configured: &str) -> String {
    let mut merged: Vec<(&str, &str)> = pairs(own).collect();
    for (key, pair) in pairs(configured) {
        if !merged.iter().any(|(known, _)| *known == key) {
            merged.push((key, pair));
        }
    }
    let pairs: Vec<&str> = merged.into_iter().map(|(_, pair)| pair).collect();
    pairs.join(",")
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
