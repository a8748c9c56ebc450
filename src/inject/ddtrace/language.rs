//! What ddtrace injects for each language: a new one is a row in each function here
//! (`spec/1-behaviour.md`, section 5.1; `spec/1-behaviour-v2.md`, section 6).

use super::DIRECTORY;
use crate::config::language::Language;
use crate::inject::startup::Added;

/// A variable that makes a runtime load the library.
#[derive(Clone, Copy)]
pub(crate) struct StartupVariable {
    pub(crate) name: &'static str,
    /// Its value where it is missing or empty.
    pub(crate) alone: &'static str,
    /// Its value where it has one already.
    pub(crate) extended: fn(&str) -> String,
    /// What that adds to it.
    pub(crate) added: &'static [Added],
    /// Whether a value loads the library already.
    pub(crate) is_complete: fn(&str) -> bool,
}

const JAVA_OPTION: &str = "-javaagent:/datadog-lib/dd-java-agent.jar";
const NODE_OPTION: &str = "--require=/datadog-lib/node_modules/dd-trace/init";

/// The first of PHP's variables, which is made where it is missing.
pub(crate) const PHP_LOADER: &str = "DD_LOADER_PACKAGE_PATH";

/// The variables of a language, in the order in which they are set.
pub(crate) fn startup_variables(language: Language) -> &'static [StartupVariable] {
    match language {
        Language::Java => JAVA,
        Language::Nodejs => NODEJS,
        Language::Python => PYTHON,
        Language::Php => PHP,
        Language::Golang => &[],
    }
}

const JAVA: &[StartupVariable] = &[StartupVariable {
    name: "JAVA_TOOL_OPTIONS",
    alone: " -javaagent:/datadog-lib/dd-java-agent.jar",
    extended: |value| format!("{value} {JAVA_OPTION}"),
    added: &[Added::behind(JAVA_OPTION, ' ')],
    is_complete: |value| {
        value.split_whitespace().any(|word| {
            let behind = word.strip_prefix(JAVA_OPTION);
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with('='))
        })
    },
}];
const NODEJS: &[StartupVariable] = &[StartupVariable {
    name: "NODE_OPTIONS",
    alone: " --require=/datadog-lib/node_modules/dd-trace/init",
    extended: |value| format!("{value} {NODE_OPTION}"),
    added: &[Added::behind(NODE_OPTION, ' ')],
    is_complete: |value| value.split_whitespace().any(|word| word == NODE_OPTION),
}];
const PYTHON: &[StartupVariable] = &[StartupVariable {
    name: "PYTHONPATH",
    alone: "/datadog-lib/",
    extended: |value| format!("/datadog-lib/:{value}"),
    added: &[Added::in_front("/datadog-lib/", ':')],
    is_complete: |value| value.split(':').any(|part| part == "/datadog-lib/"),
}];
const PHP: &[StartupVariable] = &[
    StartupVariable {
        name: PHP_LOADER,
        alone: DIRECTORY,
        extended: str::to_owned,
        added: &[],
        is_complete: |value| !value.is_empty(),
    },
    StartupVariable {
        name: "PHP_INI_SCAN_DIR",
        alone: "/usr/local/etc/php/conf.d:/datadog-lib",
        extended: |value| format!("{value}:{DIRECTORY}"),
        added: &[Added::behind(DIRECTORY, ':')],
        is_complete: |value| value.split(':').any(|part| part == DIRECTORY),
    },
];

/// What the init container runs to bring the library.
pub(super) fn command(language: Language, php_loader_flavor: &str) -> Vec<String> {
    if language != Language::Php {
        return ["sh", "copy-lib.sh", DIRECTORY].map(str::to_owned).into();
    }
    let script = format!(
        "/datadog-init/copy-lib.sh {DIRECTORY} && cp \
         {DIRECTORY}/{php_loader_flavor}/loader/dd_library_loader.ini \
         {DIRECTORY}/dd_library_loader.ini"
    );
    vec!["sh".to_owned(), "-c".to_owned(), script]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_loads_the_library_is_complete() {
        let complete = |language: Language, value: &str| {
            let variables = startup_variables(language).iter();
            variables
                .map(|own| (own.is_complete)(value))
                .next_back()
                .unwrap()
        };
        for (language, value, expected) in [
            (
                Language::Java,
                "-Xmx1g -javaagent:/datadog-lib/dd-java-agent.jar",
                true,
            ),
            (
                Language::Java,
                "-javaagent:/datadog-lib/dd-java-agent.jar=a=b",
                true,
            ),
            (
                Language::Java,
                "-javaagent:/datadog-lib/dd-java-agent.jarx",
                false,
            ),
            (Language::Java, "", false),
            (
                Language::Nodejs,
                "--require=/datadog-lib/node_modules/dd-trace/init",
                true,
            ),
            (
                Language::Nodejs,
                "--require=/datadog-lib/node_modules/dd-trace/init2",
                false,
            ),
            (Language::Python, "/a:/datadog-lib/", true),
            (Language::Python, "/a:/datadog-lib", false),
            (Language::Php, "/a:/datadog-lib", true),
        ] {
            assert_eq!(complete(language, value), expected, "{value}");
        }
    }
}
