//! Any bytes through the whole pipeline, with configurations that inject all there is to inject.

use std::sync::OnceLock;

use datakit_inject::config::Rules;
use datakit_inject::hosts::resource_list;
use datakit_inject::inject::Switches;
use datakit_inject::input;
use datakit_inject::limits::Limits;
use datakit_inject::yaml::Value;

use super::forms::{
    conversion_keeps_the_value, diff_leads_to_the_new_text, reports_are_well_formed,
};
use super::rewriting::{self, Checked, Seen};

/// Every injection of either dialect, into every pod.
pub const ALL: [&str; 2] = [
    include_str!("../../testdata/config/all-injections.json"),
    include_str!("../../testdata/config/all-injections-v1.json"),
];

/// The rules of these configurations.
pub fn all_rules() -> &'static [Rules] {
    static RULES: OnceLock<Vec<Rules>> = OnceLock::new();
    RULES.get_or_init(|| ALL.map(rewriting::rules).into())
}

/// Rewrites bytes in every way, and asks for all that must hold of the results.
pub fn check(bytes: &[u8]) -> Checked<Seen> {
    let mut seen = Seen::default();
    let source = match input::source("any.yaml", bytes.to_vec()) {
        Ok(source) => source,
        Err(diagnostic) if diagnostic.location.is_none() => {
            return Err(format!("an error without a place: {diagnostic:?}"));
        }
        Err(_) => {
            seen.refused += 1;
            return Ok(seen);
        }
    };
    let text = source.text();
    for rules in all_rules() {
        let (result, one) = rewriting::check(rules, &Switches::default(), text)?;
        seen += one;
        diff_leads_to_the_new_text(&result)?;
        reports_are_well_formed(&result)?;
    }
    conversion_keeps_the_value(&all_rules()[0], text)?;
    as_a_function(text)?;
    Ok(seen)
}

/// The text as what a KRM function is given: results can be put in, or there is a reason why not,
/// and putting them in twice is putting them in once.
fn as_a_function(text: &str) -> Checked {
    if !resource_list::is_resource_list(text, &Limits::USUAL) {
        return Ok(());
    }
    let results = || vec![Value::mapping([("message", Value::string("told: you"))])];
    let Ok(with) = resource_list::with_results(text, text, results()) else {
        return Ok(());
    };
    match resource_list::with_results(&with, &with, results()) {
        Ok(twice) if twice == with => Ok(()),
        Ok(twice) => Err(format!("other results the second time:\n{with}\n{twice}")),
        Err(why) => Err(format!("results once, and not twice: {why:?}\n{with}")),
    }
}
