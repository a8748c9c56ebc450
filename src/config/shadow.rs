//! Rules that can never be chosen, since those in front of them take every pod that they are about:
//! one of them alone, or several together.

use super::cover::{self, Part};
use super::rule::{Rule, RulePlace, Then, Unmet};

/// A rule that is never chosen, and the rules that take its pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shadowed<'r> {
    pub(super) place: &'r RulePlace,
    pub(super) by: Vec<&'r RulePlace>,
}

/// This much is compared in one ruleset; what would take more is not looked into.
const LIMIT: usize = 1_000_000;

/// The entries of a ruleset of which it is certain that no pod ever gets to them. Those that are not
/// `sound` were not read whole: nothing is certain of them.
pub(super) fn shadowed<'r, P>(
    rules: &'r [Rule<P>],
    sound: &dyn Fn(&RulePlace) -> bool,
) -> Vec<Shadowed<'r>> {
    let mut budget = LIMIT;
    let mut found: Vec<Shadowed<'r>> = Vec::new();
    let mut index = 0;
    while let Some(rule) = rules.get(index) {
        let place = &*rule.place;
        let of_entry = rules[index..]
            .iter()
            .take_while(|other| *other.place == *place)
            .count();
        if place.is_entry() && sound(place) {
            let mut by: Vec<&RulePlace> = Vec::new();
            let all_taken = (index..index + of_entry)
                .all(|own| takers(rules, own, sound, &mut by, &mut budget).is_some());
            if all_taken {
                found.push(Shadowed { place, by });
            }
        }
        index += of_entry;
    }
    found
}

/// Adds the rules in front of one that take all of its pods; nothing where some pod may get to it.
fn takers<'r, P>(
    rules: &'r [Rule<P>],
    index: usize,
    sound: &dyn Fn(&RulePlace) -> bool,
    by: &mut Vec<&'r RulePlace>,
    budget: &mut usize,
) -> Option<()> {
    let rule = rules.get(index)?;
    let parts = cover::parts(&rule.selector)?;
    for part in &parts {
        let taker = taker(rules, index, *part, sound, budget)?;
        if !by.contains(&taker) {
            by.push(taker);
        }
    }
    (!parts.is_empty()).then_some(())
}

fn taker<'r, P>(
    rules: &'r [Rule<P>],
    index: usize,
    part: Part<'_>,
    sound: &dyn Fn(&RulePlace) -> bool,
    budget: &mut usize,
) -> Option<&'r RulePlace> {
    let rule = rules.get(index)?;
    let mut candidates = rules.iter().enumerate().take(index);
    candidates
        .find(|(at, other)| {
            let effort = cover::effort(&other.selector, part);
            let Some(rest) = budget.checked_sub(effort) else {
                return false;
            };
            *budget = rest;
            *other.place != *rule.place
                && sound(&other.place)
                && keeps(other, rule, index)
                && !is_passed_over(rules, *at, index)
                && cover::covers(&other.selector, part)
        })
        .map(|(_, other)| &*other.place)
}

/// Whether a pod that both rules are about never gets past the first one to the second, or, where it
/// does, is not what the second one asks for.
fn keeps<P>(first: &Rule<P>, second: &Rule<P>, second_index: usize) -> bool {
    let ends = match first.then {
        Then::SkipTo(target) => target > second_index,
        Then::Apply(_) | Then::Refuse(_) => true,
    };
    ends && first.demand.as_ref().is_none_or(|demand| {
        let same = second.demand.as_ref();
        demand.unmet == Unmet::Stop
            || same.is_some_and(|other| other.annotation == demand.annotation)
    })
}

/// Whether a rule in front of this one can lead past it, and yet to the rule at `index`.
fn is_passed_over<P>(rules: &[Rule<P>], at: usize, index: usize) -> bool {
    rules.iter().take(at).any(|rule| match rule.then {
        Then::SkipTo(target) => target > at && target <= index,
        Then::Apply(_) | Then::Refuse(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::config::{Dialect, from_json};
    use crate::source::Source;

    use super::*;

    /// The rules of ddtrace that are never chosen, and those that are in the way.
    fn shadowed_of(dialect: Dialect, inject: &str) -> Vec<String> {
        let key = match dialect {
            Dialect::V1 => "admission_inject",
            Dialect::V2 => "admission_inject_v2",
        };
        let json = format!("{{\"{key}\": {inject}}}");
        let mut problems = Vec::new();
        let read = from_json(&Source::new("c", json), Some(dialect), &mut problems);
        let rules = read.unwrap_or_else(|| panic!("{problems:?}")).rules;
        let name = |place: &RulePlace| place.to_string();
        let line = |found: &Shadowed<'_>| {
            let by: Vec<String> = found.by.iter().map(|place| name(place)).collect();
            format!("{} by {}", name(found.place), by.join(", "))
        };
        let all = [
            shadowed(&rules.ddtrace, &|_| true)
                .iter()
                .map(line)
                .collect::<Vec<_>>(),
            shadowed(&rules.profiler, &|_| true)
                .iter()
                .map(line)
                .collect(),
            shadowed(&rules.logging, &|_| true)
                .iter()
                .map(line)
                .collect(),
        ];
        let short = |line: String| {
            let line = line.replace(&format!("{key}."), "");
            line.replace("ddtrace.enabled_", "")
        };
        all.concat().into_iter().map(short).collect()
    }

    fn v2(rules: &str) -> Vec<String> {
        shadowed_of(Dialect::V2, &format!("{{\"ddtraces\": [{rules}]}}"))
    }

    fn v1(labels: &str, namespaces: &str) -> Vec<String> {
        let lists = format!(
            "{{\"ddtrace\": {{\"enabled_labelselectors\": [{labels}], \"enabled_namespaces\": [{namespaces}]}}}}"
        );
        shadowed_of(Dialect::V1, &lists)
    }

    #[test]
    fn a_rule_behind_a_wider_one_is_never_chosen() {
        let java = r#"{"namespace_selectors": ["test"], "language": "java"}"#;
        let narrow =
            r#"{"namespace_selectors": ["^test$"], "label_selectors": ["a"], "language": "php"}"#;
        assert_eq!(
            v2(&format!("{java}, {narrow}")),
            ["ddtraces[1] by ddtraces[0]"]
        );
        assert_eq!(v2(&format!("{narrow}, {java}")), [""; 0]);
    }

    #[test]
    fn several_rules_together_take_the_pods_of_one() {
        let rule =
            |list: &str| format!(r#"{{"namespace_selectors": [{list}], "language": "java"}}"#);
        let [a, b, both] = [r#""a""#, r#""b""#, r#""a", "b""#].map(rule);
        assert_eq!(
            v2(&format!("{a}, {b}, {both}")),
            ["ddtraces[2] by ddtraces[0], ddtraces[1]"]
        );
        assert_eq!(
            v2(&format!("{a}, {both}, {b}")),
            ["ddtraces[2] by ddtraces[1]"]
        );
    }

    #[test]
    fn an_annotation_lets_pods_without_it_pass() {
        let checks =
            r#"{"namespace_selectors": ["a"], "language": "java", "check_annotation": true}"#;
        let plain = r#"{"namespace_selectors": ["a"], "language": "java"}"#;
        let other =
            r#"{"namespace_selectors": ["a"], "language": "php", "check_annotation": true}"#;
        assert_eq!(
            v2(&format!("{checks}, {plain}, {other}")),
            ["ddtraces[2] by ddtraces[1]"]
        );
        assert_eq!(
            v2(&format!("{checks}, {other}, {checks}")),
            ["ddtraces[2] by ddtraces[0]"]
        );
        let profilers = format!("{{\"profilers\": [{checks}, {plain}]}}");
        assert_eq!(
            shadowed_of(Dialect::V2, &profilers),
            ["profilers[1] by profilers[0]"]
        );
    }

    #[test]
    fn a_rule_without_a_language_leads_past_others() {
        let label = |text: &str, language: &str| {
            format!(r#"{{"labelselector": "{text}", "language": "{language}"}}"#)
        };
        let namespace = |text: &str, language: &str| {
            format!(r#"{{"namespace": "{text}", "language": "{language}"}}"#)
        };
        let java = label("a", "java");
        let skip = label("a=b", "");
        // Past the rules on labels, yet not past those on namespaces.
        assert_eq!(
            v1(
                &format!("{skip}, {}", label("a=b,c", "java")),
                &namespace("x", "java")
            ),
            ["labelselectors[1] by labelselectors[0]"]
        );
        assert_eq!(
            v1(&format!("{java}, {skip}"), &namespace("x", "java")),
            ["labelselectors[1] by labelselectors[0]"]
        );
        let everything = label("", "java");
        assert_eq!(
            v1(&format!("{skip}, {everything}"), &namespace("x", "java")),
            [""; 0]
        );
        assert_eq!(
            v1(&format!("{everything}, {skip}"), &namespace("x", "java")),
            [
                "labelselectors[1] by labelselectors[0]",
                "namespaces[0] by labelselectors[0]"
            ]
        );
        // A namespace that is left out takes its pods, too.
        assert_eq!(
            v1(
                "",
                &format!("{}, {}", namespace("x", ""), namespace("x-y", "java"))
            ),
            ["namespaces[1] by namespaces[0]"]
        );
    }

    #[test]
    fn very_many_entries_are_given_up_on() {
        let many: Vec<String> = (0..300).map(|index| format!("\"n{index}\"")).collect();
        let labels: Vec<String> = (0..300).map(|index| format!("\"l{index}\"")).collect();
        let rule = format!(
            r#"{{"namespace_selectors": [{}], "label_selectors": [{}], "language": "java"}}"#,
            many.join(","),
            labels.join(",")
        );
        assert_eq!(v2(&format!("{rule}, {rule}")), [""; 0]);
    }
}
