//! OpenTelemetry for Node.js: a script that `NODE_OPTIONS` requires.

use super::language::Library;
use crate::inject::startup::Added;

pub(super) const LIBRARY: Library = Library {
    directory: "/otel-auto-instrumentation-nodejs",
    command: &[
        "cp",
        "-r",
        "/autoinstrumentation/.",
        "/otel-auto-instrumentation-nodejs",
    ],
    variable: "NODE_OPTIONS",
    alone: " --require /otel-auto-instrumentation-nodejs/autoinstrumentation.js",
    extended: |value| (proper_pairs(value) != 1).then(|| format!("{value}{OPTION}")),
    added: &[Added::behind(
        "--require /otel-auto-instrumentation-nodejs/autoinstrumentation.js",
        ' ',
    )],
    objection,
};

const OPTION: &str = LIBRARY.alone;
const SCRIPT: &str = "/otel-auto-instrumentation-nodejs/autoinstrumentation.js";
const OWN: &str = "otel-auto-instrumentation-nodejs";

/// How often `--require` and the script stand there as two words.
fn proper_pairs(value: &str) -> usize {
    let words: Vec<&str> = value.split_whitespace().collect();
    words
        .windows(2)
        .filter(|pair| matches!(pair, ["--require", SCRIPT]))
        .count()
}

fn objection(value: &str) -> Option<&'static str> {
    if value.contains("/datadog-lib") || preloads(value).any(is_datadog) {
        return Some("it loads Datadog's library");
    }
    let pairs = proper_pairs(value);
    let occurrences = value.matches(OWN).count();
    let is_ours = pairs == 1 && occurrences == 1;
    (pairs > 1 || (occurrences > 0 && !is_ours))
        .then_some("it names OpenTelemetry's library in another way")
}

/// What is loaded before the program: `--require X`, `-r X`, `--require=X`, `-r=X`.
fn preloads(value: &str) -> impl Iterator<Item = &str> {
    let mut words = value.split_whitespace().peekable();
    std::iter::from_fn(move || {
        loop {
            let word = words.next()?;
            if let "--require" | "-r" = word {
                if let Some(target) = words.peek() {
                    return Some(*target);
                }
            } else if let Some(target) = word
                .strip_prefix("--require=")
                .or_else(|| word.strip_prefix("-r="))
            {
                return Some(target);
            }
        }
    })
}

fn is_datadog(target: &str) -> bool {
    let bare = target.trim_matches(['"', '\'']);
    let bare = bare.strip_suffix(".js").unwrap_or(bare);
    bare == "dd-trace/init" || bare.ends_with("/node_modules/dd-trace/init")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datadogs_preloads_and_foreign_forms_are_objected_to() {
        for value in [
            "--require dd-trace/init",
            "-r 'dd-trace/init.js'",
            "--require=/app/node_modules/dd-trace/init",
            "--require=/datadog-lib/x",
            "--require=/otel-auto-instrumentation-nodejs/autoinstrumentation.js",
            "--require /otel-auto-instrumentation-nodejs/other.js",
        ] {
            assert!(objection(value).is_some(), "{value}");
        }
        for value in ["", "--max-old-space-size=1", OPTION, "-r ./dd-trace/init2"] {
            assert_eq!(objection(value), None, "{value}");
        }
        assert!(objection(&format!("{OPTION}{OPTION}")).is_some());
    }
}
