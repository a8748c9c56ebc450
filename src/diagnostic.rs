//! What the program has to say about its input: errors, warnings and notes with a stable code, a
//! place and a hint.
//!
//! Every stage makes diagnostics and hands them to a [`Sink`]; nothing here decides how they look
//! on a terminal or in a report. `spec/2-command-line.md`, "Exit codes" shows the frame that
//! `output.rs` draws from them.

use std::sync::Arc;

use crate::secret;
use crate::source::{LineColumn, Source, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; never changes the exit code.
    Note,
    /// Something is probably not what the user wanted; an error under `--strict`.
    Warning,
    /// Nothing is written.
    Error,
}

impl Severity {
    /// The word used in reports.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A place in a named text, ready to be shown: it needs the source no more. Small: each workload has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name of the source, as the user gave it.
    pub path: Arc<str>,
    /// One-based line.
    pub line: usize,
    /// One-based column, in characters.
    pub column: usize,
    /// The line, where it can be quoted.
    quote: Option<Box<Quote>>,
}

/// The line of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Quote {
    text: String,
    width: usize,
    hidden_from: Option<usize>,
}

/// Lines are quoted in messages up to this many characters around the place.
const QUOTED_LIMIT: usize = 4096;

impl Location {
    /// The place of `span` (bytes in `source`); a span over several lines is cut at its first.
    #[must_use]
    pub fn new(source: &Source, span: Span) -> Self {
        let start = source.line_column(span.start);
        let text: String = source.line_head(span.start, QUOTED_LIMIT).collect();
        let rest = text.chars().count().saturating_sub(start.column - 1);
        let end = span.end.min(source.text().len());
        let wanted = source
            .text()
            .get(span.start..end)
            .map_or(1, |covered| covered.chars().take(QUOTED_LIMIT).count());
        Self {
            path: source.name().clone(),
            line: start.line,
            column: start.column,
            quote: Some(Box::new(Quote {
                text,
                width: wanted.min(rest).max(1),
                hidden_from: None,
            })),
        }
    }

    /// The text of the line, without its end; empty where it is not to be quoted. What may be a secret is
    /// left out: `…` stands for the rest of the line.
    #[must_use]
    pub fn text(&self) -> &str {
        self.quote.as_ref().map_or("", |quote| &quote.text)
    }

    /// How many characters of the line are meant; at least one.
    #[must_use]
    pub fn width(&self) -> usize {
        self.quote.as_ref().map_or(1, |quote| quote.width)
    }

    /// The column of the `…`, where there is one.
    #[must_use]
    pub fn hidden_from(&self) -> Option<usize> {
        self.quote.as_ref()?.hidden_from
    }

    /// Leaves out what stands in the line from a column on, and the whole line where nothing would be
    /// left.
    pub fn hide_from(&mut self, column: usize) {
        let quote = self.quote.get_or_insert_with(|| {
            Box::new(Quote {
                text: String::new(),
                width: 1,
                hidden_from: None,
            })
        });
        if quote.hidden_from.is_some_and(|known| known <= column) {
            return;
        }
        quote.hidden_from = Some(column);
        quote.text = quote.text.chars().take(column - 1).collect();
        if quote.text.trim().is_empty() {
            quote.text.clear();
        } else {
            quote.text.push('…');
        }
        if self.column >= column {
            quote.width = 1;
        }
    }

    /// A whole file: its beginning stands for it.
    #[must_use]
    pub fn of_file(path: impl Into<Arc<str>>) -> Self {
        let mut location = Self {
            path: path.into(),
            line: 1,
            column: 1,
            quote: None,
        };
        location.hide_from(1);
        location
    }

    /// A place whose line is not to be quoted.
    #[must_use]
    pub fn bare(source: &Source, place: LineColumn) -> Self {
        Self {
            path: source.name().clone(),
            line: place.line,
            column: place.column,
            quote: None,
        }
    }
}

/// The rule of the configuration that something is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleReference {
    /// The rule as messages name it: `admission_inject_v2.ddtraces[0] (java)`.
    pub name: String,
    /// Its bytes in the source of the configuration; nothing where it is written nowhere.
    pub span: Option<Span>,
}

/// One thing to say. Small: of many thousand files much can be said, and it is kept until a run ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The stable, kebab-case code that the documentation lists.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop. May hold text of the user's: it is
    /// escaped where it is printed.
    pub message: String,
    /// Where, if there is a place.
    pub location: Option<Location>,
    /// What to do about it.
    pub hint: Option<Box<str>>,
    /// The object that it is about, as reports name it.
    pub subject: Option<Box<str>>,
    /// The rule that it has to do with: a second place, in the configuration.
    pub rule: Option<Box<RuleReference>>,
}

impl Diagnostic {
    fn new(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code,
            message: message.into(),
            location: None,
            hint: None,
            subject: None,
            rule: None,
        }
    }

    /// An error: nothing will be written.
    #[must_use]
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note.
    #[must_use]
    pub fn note(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Adds the place: `span` in bytes of `source`. The lines of errors are shown, but for what may be
    /// a secret.
    #[must_use]
    pub fn at(mut self, source: &Source, span: Span) -> Self {
        let mut location = Location::new(source, span);
        if self.severity == Severity::Error
            && let Some(from) = secret::hidden_from(source.text().as_bytes(), span.start)
        {
            location.hide_from(source.line_column(from).column);
        }
        self.location = Some(location);
        self
    }

    /// Adds the place of `span` in `source`, without its line: to look for what may be a secret takes time,
    /// and where there are very many errors, it would be long.
    #[must_use]
    pub fn at_place(mut self, source: &Source, span: Span) -> Self {
        let mut location = Location::new(source, span);
        location.hide_from(1);
        self.location = Some(location);
        self
    }

    /// Adds the object that it is about, as reports name it.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into().into());
        self
    }

    /// Where it stands, for sorting: its line and column, zeros where it has no place.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        let place = self.location.as_ref();
        place.map_or((0, 0), |place| (place.line, place.column))
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into().into());
        self
    }
}

/// Something that takes diagnostics: all of them are reported, not the first alone.
pub trait Sink {
    /// Takes one.
    fn report(&mut self, diagnostic: Diagnostic);
}

impl Sink for Vec<Diagnostic> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.push(diagnostic);
    }
}

/// The known name that is nearest to a misspelt one, if any is near enough to be meant.
#[must_use]
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    nearest_few(name, known, 1).pop()
}

/// The known names that are near enough to a misspelt one to be meant, the nearest first, no more
/// than `count`.
#[must_use]
pub fn nearest_few<'k>(
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
    count: usize,
) -> Vec<&'k str> {
    if name.len() > LONGEST_NAME {
        return Vec::new();
    }
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter(|candidate| candidate.len() <= LONGEST_NAME)
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|&(far, candidate)| far <= tolerance(name, candidate))
        .collect();
    near.sort_by_cached_key(|&(far, _)| far);
    // Where one is very near, those that are far are not meant.
    let best = near.first().map_or(0, |&(far, _)| far);
    near.retain(|&(far, _)| far <= 2 * best + 1);
    let mut nearest: Vec<&str> = Vec::new();
    for (_, candidate) in near {
        if nearest.len() < count && !nearest.contains(&candidate) {
            nearest.push(candidate);
        }
    }
    nearest
}

/// Nobody types a longer name than this, and comparing takes time.
const LONGEST_NAME: usize = 256;

/// How many letters of a name may be wrong: a third of the longer one. Words of three letters are near
/// to many others (`gpu` and `cpu`) unless they have the same letters, and those of two to all.
fn tolerance(name: &str, candidate: &str) -> usize {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.to_lowercase().chars().collect();
        letters.sort_unstable();
        letters
    };
    let (one, other) = (name.chars().count(), candidate.chars().count());
    match (one.min(other), one.max(other)) {
        (..3, _) => 0,
        (_, 3) => usize::from(letters(name) == letters(candidate)),
        (_, longer) => longer / 3,
    }
}

/// The number of letters to insert, delete, replace or swap with the next one to make one word of the
/// other, ignoring case (the optimal string alignment distance).
fn distance(left: &str, right: &str) -> usize {
    let letters = |word: &str| word.to_lowercase().chars().collect::<Vec<char>>();
    let (left, right) = (letters(left), letters(right));
    // The rows of the table for the letters so far: two letters ago, one letter ago.
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.iter().enumerate() {
        let mut next = vec![index + 1];
        for (column, other) in right.iter().enumerate() {
            let mut best = (row[column] + usize::from(letter != other))
                .min(row[column + 1] + 1)
                .min(next[column] + 1);
            let is_swapped = index > 0
                && column > 0
                && *letter == right[column - 1]
                && left[index - 1] == *other;
            if is_swapped {
                best = best.min(before[column - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_location_quotes_the_line_and_counts_the_carets() {
        let source = Source::new("a.yaml", "x: 1\nname: {{ x }}\n");
        let location = Location::new(&source, Span::new(11, 18));
        assert_eq!((location.line, location.column), (2, 7));
        assert_eq!(location.text(), "name: {{ x }}");
        assert_eq!(location.width(), 7);
        assert_eq!(Location::new(&source, Span::new(11, 400)).width(), 7);
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = [
            "java",
            "python",
            "php",
            "nodejs",
            "golang",
            "java-lib.version",
        ];
        for (name, expected) in [
            ("jave", Some("java")),
            ("jvaa", Some("java")),
            ("Java", Some("java")),
            ("pyhton", Some("python")),
            ("python3", Some("python")),
            ("node", Some("nodejs")),
            ("golan", Some("golang")),
            ("jave-lib.version", Some("java-lib.version")),
            ("pph", Some("php")),
            ("gpu", None),
            ("pip", None),
            ("ruby", None),
            ("perl", None),
            ("rust", None),
            ("go", None),
            ("js", None),
            ("lua", None),
            ("dotnet", None),
            ("zzz", None),
            ("", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
        assert_eq!(nearest("b", ["a", "ab"]), None);
    }

    #[test]
    fn the_nearest_names_come_first() {
        let known = [
            "deployment/web-2",
            "deployment/webb",
            "job/etl",
            "deployment/wob",
        ];
        assert_eq!(
            nearest_few("deployment/web", known, 2),
            ["deployment/webb", "deployment/wob"]
        );
        assert_eq!(nearest_few(&"x".repeat(300), known, 2), Vec::<&str>::new());
    }

    #[test]
    fn swapped_letters_are_one_slip() {
        for (left, right, expected) in [
            ("", "abc", 3),
            ("abc", "acb", 1),
            ("kitten", "sitting", 3),
            ("ab", "ba", 1),
            ("same", "SAME", 0),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }
}
