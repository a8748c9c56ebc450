//! The languages that a rule can name, and which ruleset knows which.
//!
//! A new language for a ruleset begins here: a name, and its place in the ruleset's list. What is
//! then injected for it stands in `inject/ddtrace/language.rs`, `inject/otel/language.rs` or
//! `inject/profiler.rs`.

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

    /// The language among `known` with that name: compared exactly, in lower case
    /// (`spec/1-behaviour-v2.md`, section 2).
    #[must_use]
    pub fn among(known: &[Self], name: &str) -> Option<Self> {
        known.iter().copied().find(|known| known.name() == name)
    }
}
