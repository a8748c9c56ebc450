//! Block style YAML as people and tools write it, in one of several habits.

use std::fmt::Write as _;

use super::random::Random;

/// How the texts of a document are quoted where they need not be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    Plain,
    Single,
    Double,
}

/// A document while it is written.
pub(crate) struct Writer {
    pub(crate) text: String,
    /// Whether list items stand deeper than the key that they belong to.
    indents_lists: bool,
    quotes: Quotes,
    /// Of a hundred places for a comment so many have one.
    comments: usize,
    /// The column of a dash that the next line begins with.
    dash: Option<usize>,
}

impl Writer {
    /// A document in habits of its own.
    pub(crate) fn new(random: &mut Random) -> Self {
        Self {
            text: String::new(),
            indents_lists: random.percent(60),
            quotes: match random.between(0, 9) {
                0..=5 => Quotes::Plain,
                6 => Quotes::Single,
                _ => Quotes::Double,
            },
            comments: if random.percent(40) { 12 } else { 0 },
            dash: None,
        }
    }

    /// The column of the items below a key in this column.
    pub(crate) fn list(&self, column: usize) -> usize {
        if self.indents_lists {
            column + 2
        } else {
            column
        }
    }

    /// The next line is the first one of a list item, whose dash stands here.
    pub(crate) fn item(&mut self, column: usize) {
        self.dash = Some(column);
    }

    /// A whole line; `column` is where its text stands, behind the dash where it has one.
    pub(crate) fn line(&mut self, column: usize, line: &str) {
        match self.dash.take() {
            Some(dash) => {
                let _ = writeln!(self.text, "{:dash$}- {line}", "");
            }
            None => {
                let _ = writeln!(self.text, "{:column$}{line}", "");
            }
        }
    }

    /// A key and a value that is written as it stands here.
    pub(crate) fn raw(&mut self, column: usize, key: &str, value: &str) {
        self.line(column, &format!("{key}: {value}"));
    }

    /// A key and a text, in the document's kind of quotes.
    pub(crate) fn pair(&mut self, column: usize, key: &str, value: &str) {
        let value = self.quoted(value);
        self.line(column, &format!("{key}: {value}"));
    }

    /// A text of letters, digits and `-./:_` as a value.
    pub(crate) fn quoted(&self, value: &str) -> String {
        match self.quotes {
            Quotes::Plain => value.to_owned(),
            Quotes::Single => format!("'{value}'"),
            Quotes::Double => format!("\"{value}\""),
        }
    }

    /// A comment on a line of its own, in some places.
    pub(crate) fn comment(&mut self, column: usize, random: &mut Random) {
        if self.dash.is_none() && random.percent(self.comments) {
            let count = random.between(3, 9);
            let words = random.words(count);
            self.line(column, &format!("# {words}"));
        }
    }

    /// What may stand behind a value: nothing, or a comment.
    pub(crate) fn remark(&self, random: &mut Random) -> String {
        if random.percent(self.comments) {
            format!(" # {}", random.words(3))
        } else {
            String::new()
        }
    }
}
