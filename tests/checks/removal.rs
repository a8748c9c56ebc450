//! Injected, and taken out again: to the same value, but where there is a cause for something else, and
//! then nothing but what it names is different. `tests/remove.rs` asks for the same bytes, of documents
//! that are written in known ways.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use datakit_inject::config::Rules;
use datakit_inject::document;
use datakit_inject::inject::Switches;
use datakit_inject::report::Event;
use datakit_inject::rewrite::Rewritten;
use datakit_inject::work::Work;
use serde_json::Value as Json;

use super::causes::{Cause, causes, configured, differences, templates};
use super::pipeline::{ALL, all_rules};
use super::rewriting::{self, Checked, errors, errors_have_places};
use super::second_reader::second_reading;

/// What was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Documents that were injected.
    pub injected: usize,
    /// Those of them that came back to the same bytes.
    pub same: usize,
    /// Those that cannot be cleaned, for a reason that is told.
    pub refused: usize,
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.injected += other.injected;
        self.same += other.same;
        self.refused += other.refused;
    }
}

/// The variables that each of the configurations sets.
fn all_configured() -> &'static [Vec<(String, String)>] {
    static ALL_CONFIGURED: OnceLock<Vec<Vec<(String, String)>>> = OnceLock::new();
    ALL_CONFIGURED.get_or_init(|| {
        let configs = ALL
            .iter()
            .map(|config| serde_json::from_str(config).unwrap());
        configs.map(|config: Json| configured(&config)).collect()
    })
}

/// Bytes as a stream, with configurations that inject all there is to inject.
pub fn check(bytes: &[u8]) -> Checked<Seen> {
    let mut seen = Seen::default();
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(seen);
    };
    for (rules, configured) in all_rules().iter().zip(all_configured()) {
        for one in document::split(text) {
            seen += check_document(rules, configured, &text[one.span.start..one.span.end])?;
        }
    }
    Ok(seen)
}

/// Whether a text has anything that an injection may put in, other than by the value of an annotation.
fn has_something_of_ours(text: &str, configured: &[(String, String)]) -> bool {
    let ours = [
        "datakit-",
        "datadog",
        "otel-auto",
        "flameshot",
        "prometheus.io",
        "tmp",
        "timezone",
        "localtime",
    ];
    let variables = configured.iter().map(|(name, _)| name.as_str());
    let startup = [
        "JAVA_TOOL_OPTIONS",
        "PYTHONPATH",
        "NODE_OPTIONS",
        "DD_TAGS",
        "LOGFWD",
        "FLAMESHOT",
    ];
    let mut all = variables.chain(ours).chain(startup);
    all.any(|own| text.contains(own))
}

/// One document; `configured` are the variables that the configuration sets.
pub fn check_document(rules: &Rules, configured: &[(String, String)], text: &str) -> Checked<Seen> {
    let run = |work, text: &str| -> Checked<Rewritten> {
        let result = rewriting::work(work, rules, &Switches::default(), None, text);
        errors_have_places(&result)?;
        Ok(result)
    };
    let bare = run(Work::Remove, text)?;
    let injected = run(Work::Inject, text)?;
    let refused = Seen {
        refused: 1,
        ..Seen::default()
    };
    if !errors(&bare).is_empty() || !errors(&injected).is_empty() {
        return Ok(refused);
    }
    if !injected.changed {
        return Ok(Seen::default());
    }
    let after = injected.text();
    let removed = run(Work::Remove, &after)?;
    if !errors(&removed).is_empty() {
        return Ok(refused);
    }
    let (back, bare) = (removed.text(), bare.text());
    let again = run(Work::Remove, &back)?.text();
    if again != back {
        return Err(format!(
            "a second run changes its own output\n{back}\ninto\n{again}"
        ));
    }
    let mut seen = Seen {
        injected: 1,
        ..Seen::default()
    };
    // Of what was injected before, more comes out than was put in just now.
    if back == text || back == bare {
        seen.same = 1;
        return Ok(seen);
    }
    let read = |text: &str| serde_json::to_value(second_reading(text)?).ok();
    // What is there of injections already, or looks like it, may be taken for what is put in now: which
    // of both it is, only tests that know it can say.
    if has_something_of_ours(text, configured) {
        return Ok(seen);
    }
    let values = (read(text), read(&after), read(&back), read(&bare));
    let (Some(before), Some(after), Some(back_value), Some(bare)) = values else {
        return Ok(seen);
    };
    let mut all: BTreeSet<Cause> = BTreeSet::new();
    for (before, after) in templates(&before).iter().zip(templates(&after)) {
        all.extend(causes(before, &after, configured));
    }
    let written_out = ["alias-expanded", "merged-key-written-out"];
    let is_written_out =
        |event: &Event| matches!(event, Event::Diagnostic(one) if written_out.contains(&one.code));
    if injected.events.iter().any(is_written_out) {
        all.insert(Cause::Alias);
    }
    // A text that ends a file without a line break has what is new in front of it: what stands where
    // tells nothing there.
    if !text.ends_with('\n') {
        all.insert(Cause::Setting);
    }
    // Without any cause quotes and the lines of a text may be others, and nothing else.
    for (back, bare) in templates(&back_value).into_iter().zip(templates(&bare)) {
        let problems = differences(back, bare, &all, configured);
        if !problems.is_empty() {
            return Err(format!("{all:?}: {}\n{back_value}", problems.join("\n")));
        }
    }
    Ok(seen)
}
