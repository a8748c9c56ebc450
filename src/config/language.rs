//! The languages that a rule can name, and which ruleset knows which.
//!
//! A new language for a ruleset begins here: a name, and its place in the ruleset's list. What is
//! then injected for it stands in `inject/ddtrace/language.rs`, `inject/otel/language.rs` or
//! `inject/profiler.rs`.

use crate::diagnostic::nearest;

/// A language whose programs can be traced or profiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Java.
    Java,
    /// Python.
    Python,
    /// PHP.
    Php,
    /// Node.js.
    Nodejs,
    /// Go.
    Golang,
}

/// The languages of dialect v1's ddtrace (`spec/1-behaviour.md`, section 5.1).
pub const DDTRACE_V1: &[Language] = &[Language::Java, Language::Python, Language::Nodejs];
/// The languages of dialect v2's ddtrace (`spec/1-behaviour-v2.md`, section 2).
pub const DDTRACE_V2: &[Language] = &[
    Language::Java,
    Language::Python,
    Language::Php,
    Language::Nodejs,
];
/// The languages of otel (`spec/1-behaviour-v2.md`, section 7).
pub const OTEL: &[Language] = &[Language::Java, Language::Python, Language::Nodejs];
/// The languages of the profiler, in the order in which their annotations count
/// (`spec/1-behaviour.md`, section 5.3).
pub const PROFILER: &[Language] = &[Language::Java, Language::Python, Language::Golang];

/// Names that people have for a language, or for what its runtime runs, besides its own.
const OTHER_NAMES: &[(Language, &[&str])] = &[
    (Language::Java, &["jvm", "jdk", "jre", "kotlin", "scala"]),
    (Language::Python, &["py", "python2", "python3", "cpython"]),
    (
        Language::Nodejs,
        &[
            "node",
            "node.js",
            "node-js",
            "js",
            "javascript",
            "typescript",
            "ts",
        ],
    ),
    (Language::Golang, &["go"]),
];

impl Language {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Java,
        Self::Python,
        Self::Php,
        Self::Nodejs,
        Self::Golang,
    ];

    /// The name in configurations and annotations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Java => "java",
            Self::Python => "python",
            Self::Php => "php",
            Self::Nodejs => "nodejs",
            Self::Golang => "golang",
        }
    }

    /// The name among `known` that somebody means who wrote another one: a slip of the pen, or a name
    /// that people have for the language.
    #[must_use]
    pub fn meant<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
        let known: Vec<&str> = known.into_iter().collect();
        let lower = name.to_lowercase();
        let mut other_names = OTHER_NAMES.iter();
        let other = other_names
            .find(|(_, names)| names.contains(&lower.as_str()))
            .and_then(|(language, _)| known.iter().find(|known| **known == language.name()));
        other
            .copied()
            .or_else(|| nearest(name, known.iter().copied()))
    }

    /// The language among `known` with that name: compared exactly, in lower case
    /// (`spec/1-behaviour-v2.md`, section 2).
    #[must_use]
    pub fn among(known: &[Self], name: &str) -> Option<Self> {
        known.iter().copied().find(|known| known.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_other_names_and_by_near_ones() {
        let meant = |name| Language::meant(name, Language::ALL.map(Language::name));
        for (name, expected) in [
            ("go", Some("golang")),
            ("Node.js", Some("nodejs")),
            ("javascript", Some("nodejs")),
            ("py", Some("python")),
            ("pyton", Some("python")),
            ("jaava", Some("java")),
            ("ruby", None),
            ("rust", None),
            ("dotnet", None),
            ("c", None),
            ("", None),
        ] {
            assert_eq!(meant(name), expected, "{name}");
        }
        assert_eq!(Language::meant("go", ["java", "python"]), None);
    }
}
