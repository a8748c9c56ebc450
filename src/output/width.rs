//! How many columns a line of text for people may have.

use terminal_size::Width;

/// Where nobody looks at a terminal, lines have as many columns as the help has.
const ELSEWHERE: usize = 100;
/// In a terminal that is narrower, words would stand alone on their lines.
const NARROWEST: usize = 40;
/// The eye loses longer lines.
const WIDEST: usize = 160;

/// The columns of standard output: those of its terminal, within reason.
#[must_use]
pub fn of_stdout() -> usize {
    let terminal = terminal_size::terminal_size_of(std::io::stdout());
    terminal.map_or(ELSEWHERE, |(Width(width), _)| {
        usize::from(width).clamp(NARROWEST, WIDEST)
    })
}
