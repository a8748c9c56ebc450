//! Trees for people: lines that hang from each other, wrapped to a width, some of their words in
//! colours.

use unicode_width::UnicodeWidthChar;

use super::color::{Palette, Style};
use super::escape::escape;

/// A line of text, parts of it set off. Its words may stand on several lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(Vec<(Style, String)>);

impl Line {
    /// A line of plain text.
    pub(super) fn plain(text: impl AsRef<str>) -> Self {
        Self::default().then(text)
    }

    /// A line of text in a style.
    pub(super) fn styled(style: Style, text: impl AsRef<str>) -> Self {
        Self::default().then_in(style, text)
    }

    /// The line with plain text behind it. Control characters of the user's are escaped.
    #[must_use]
    pub(super) fn then(self, text: impl AsRef<str>) -> Self {
        self.then_in(Style::None, text)
    }

    /// The same with text in a style.
    #[must_use]
    pub(super) fn then_in(mut self, style: Style, text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        if !text.is_empty() {
            self.0.push((style, escape(text).into_owned()));
        }
        self
    }

    /// The line with another one behind it.
    #[must_use]
    pub(super) fn and(mut self, other: Line) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Several lines as one, with commas between them.
    pub(super) fn list(lines: impl IntoIterator<Item = Line>) -> Self {
        let mut list = Self::default();
        for line in lines {
            list = if list.0.is_empty() {
                line
            } else {
                list.then(", ").and(line)
            };
        }
        list
    }

    /// Its words: what stands between blanks, in pieces of one style.
    fn words(&self) -> Vec<Word> {
        let mut words: Vec<Word> = Vec::new();
        let mut open = false;
        for (style, text) in &self.0 {
            for (index, part) in text.split(' ').enumerate() {
                if index > 0 {
                    open = false;
                }
                if part.is_empty() {
                    continue;
                }
                if !open {
                    words.push(Word::default());
                    open = true;
                }
                if let Some(word) = words.last_mut() {
                    word.width += width(part);
                    word.pieces.push((*style, part.to_owned()));
                }
            }
        }
        words
    }
}

#[derive(Debug, Default)]
struct Word {
    pieces: Vec<(Style, String)>,
    width: usize,
}

/// A line, and those that hang from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tree {
    line: Line,
    /// Lines that say more of the same.
    details: Vec<Line>,
    branches: Vec<Tree>,
}

impl Tree {
    /// A line from which nothing hangs.
    pub(super) fn leaf(line: Line) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    /// Adds a line that says more of the same.
    #[must_use]
    pub(super) fn detail(mut self, line: Line) -> Self {
        self.details.push(line);
        self
    }

    /// Hangs trees below.
    #[must_use]
    pub(super) fn with(mut self, branches: impl IntoIterator<Item = Tree>) -> Self {
        self.branches.extend(branches);
        self
    }

    /// The tree as text that is `width` columns wide at most, where its words allow that.
    pub(super) fn render(&self, width: usize, palette: Palette) -> String {
        let mut text = String::new();
        let paper = Paper {
            width,
            palette,
            cuts: true,
        };
        self.write("", "", &paper, &mut text);
        text
    }

    /// `first` stands in front of its line, `rest` in front of everything below.
    fn write(&self, first: &str, rest: &str, paper: &Paper, text: &mut String) {
        let below = if self.branches.is_empty() {
            "  "
        } else {
            "│ "
        };
        let below = format!("{rest}{below}");
        paper.wrap(&self.line, first, &below, text);
        for detail in &self.details {
            paper.wrap(detail, &below, &format!("{below}  "), text);
        }
        let last = self.branches.len().saturating_sub(1);
        for (index, branch) in self.branches.iter().enumerate() {
            let (sign, under) = if index == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            let (first, rest) = (format!("{rest}{sign}"), format!("{rest}{under}"));
            branch.write(&first, &rest, paper, text);
        }
    }
}

/// What lines are written on.
pub(super) struct Paper {
    /// How many columns it has.
    pub(super) width: usize,
    /// Its colours.
    pub(super) palette: Palette,
    /// Whether a word that is longer than a line is cut, so that what hangs from each other is still
    /// seen to; otherwise it sticks out, and can be copied.
    pub(super) cuts: bool,
}

/// However narrow the paper and deep the tree, so many columns are there for words.
const LEAST: usize = 20;

impl Paper {
    /// Writes a line, on as many lines as it takes: `first` in front of the first, `rest` in front of
    /// the others.
    pub(super) fn wrap(&self, line: &Line, first: &str, rest: &str, text: &mut String) {
        let room = |margin: &str| self.width.saturating_sub(width(margin)).max(LEAST);
        let mut row = Row::default();
        let mut margin = first;
        for word in line.words() {
            let gap = usize::from(row.width > 0);
            if row.width + gap + word.width > room(margin) && row.width > 0 {
                self.write(margin, &row, text);
                row = Row::default();
                margin = rest;
            }
            if row.width > 0 {
                // Between two words of one style, the blank has it, too.
                let style = match (row.pieces.last(), word.pieces.first()) {
                    (Some((last, _)), Some((next, _))) if last == next => *last,
                    _ => Style::None,
                };
                row.push(style, " ");
            }
            for (style, piece) in word.pieces {
                let mut piece = piece.as_str();
                while self.cuts && row.width + width(piece) > room(margin) {
                    let (head, tail) = cut(piece, room(margin).saturating_sub(row.width));
                    row.push(style, head);
                    self.write(margin, &row, text);
                    row = Row::default();
                    margin = rest;
                    piece = tail;
                }
                row.push(style, piece);
            }
        }
        self.write(margin, &row, text);
    }

    fn write(&self, margin: &str, row: &Row, text: &mut String) {
        text.push_str(&self.palette.paint(Style::Dim, margin.trim_end()));
        if row.width > 0 {
            text.extend(margin.chars().skip(margin.trim_end().chars().count()));
        }
        for (style, piece) in &row.pieces {
            text.push_str(&self.palette.paint(*style, piece));
        }
        text.push('\n');
    }
}

/// What stands on one line, behind its margin.
#[derive(Default)]
struct Row {
    pieces: Vec<(Style, String)>,
    width: usize,
}

impl Row {
    fn push(&mut self, style: Style, piece: &str) {
        self.width += width(piece);
        match self.pieces.last_mut() {
            Some((last, text)) if *last == style => text.push_str(piece),
            _ => self.pieces.push((style, piece.to_owned())),
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The beginning of a text that is as wide as `room` at most, but not empty; and the rest.
fn cut(text: &str, room: usize) -> (&str, &str) {
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        taken += c.width().unwrap_or(0);
        if taken > room && at > 0 {
            return text.split_at(at);
        }
    }
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let deep = Tree::leaf(Line::plain("below it"))
            .detail(Line::plain("a detail that is quite long"))
            .with([Tree::leaf(Line::plain("leaf"))]);
        let last = Line::plain("the last one, ").then_in(Style::Cyan, "with many words in it");
        Tree::leaf(Line::plain("root")).with([deep, Tree::leaf(last)])
    }

    #[test]
    fn branches_hang_and_words_are_wrapped() {
        assert_eq!(
            tree().render(26, Palette::off()),
            "root\n\
             ├─ below it\n\
             │  │ a detail that is\n\
             │  │   quite long\n\
             │  └─ leaf\n\
             └─ the last one, with many\n     words in it\n"
        );
        for line in tree().render(26, Palette::off()).lines() {
            assert!(width(line) <= 26, "{line}");
        }
    }

    #[test]
    fn colours_end_on_their_line() {
        let text = tree().render(26, Palette::on());
        assert!(text.contains("\u{1b}[36mwith many\u{1b}[0m\n"), "{text:?}");
        assert!(text.contains("\u{1b}[2m└─\u{1b}[0m the last"), "{text:?}");
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut() {
        let text = Tree::leaf(Line::plain(format!("a {} 名名", "x".repeat(50))));
        let text = text.render(24, Palette::off());
        assert!(text.lines().all(|line| width(line) <= 24), "{text}");
        assert_eq!(text.matches('x').count(), 50);
    }

    #[test]
    fn a_word_longer_than_a_line_sticks_out_where_it_is_to_be_copied() {
        let paper = Paper {
            width: 24,
            palette: Palette::off(),
            cuts: false,
        };
        let long = "x".repeat(50);
        let line = Line::plain(format!("a {long}"))
            .then_in(Style::Cyan, "y")
            .then(" b");
        let mut text = String::new();
        paper.wrap(&line, "- ", "  ", &mut text);
        assert_eq!(text, format!("- a\n  {long}y\n  b\n"));
    }

    #[test]
    fn what_would_steer_the_terminal_is_shown() {
        let text = Tree::leaf(Line::plain("a\u{1b}[2Jb\nc")).render(80, Palette::off());
        assert_eq!(text, "a\\u{1b}[2Jb\\nc\n");
    }
}
