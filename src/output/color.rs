//! Which stream has colours, and which colours there are.

use std::io::IsTerminal;

/// When to use colours (`--color`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A way to set off text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    None,
    /// Bold.
    Bold,
    /// Faint.
    Dim,
    /// Red.
    Red,
    /// Bold and red.
    Error,
    /// Bold and yellow.
    Warning,
    /// Green.
    Green,
    /// Cyan.
    Cyan,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Red => "31",
            Self::Error => "1;31",
            Self::Warning => "1;33",
            Self::Green => "32",
            Self::Cyan => "36",
        }
    }
}

/// Colours that are on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    on: bool,
}

impl Palette {
    /// With colours.
    #[must_use]
    pub const fn on() -> Self {
        Self { on: true }
    }

    /// Without.
    #[must_use]
    pub const fn off() -> Self {
        Self { on: false }
    }

    /// Whether there are colours.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.on
    }

    /// The text in a style.
    #[must_use]
    pub fn paint(self, style: Style, text: &str) -> String {
        if self.on && style != Style::None && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }
}

/// The palettes of standard output and standard error.
///
/// `environment` is asked for `NO_COLOR` (off where it is set and not empty), `CLICOLOR_FORCE` (on
/// where it is set and not `0`) and `TERM` (`dumb` is off).
#[must_use]
pub fn palettes(
    choice: ColorChoice,
    environment: &dyn Fn(&str) -> Option<String>,
) -> (Palette, Palette) {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty());
    let decide = |terminal: bool| {
        let on = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto if set("NO_COLOR").is_some() => false,
            ColorChoice::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            ColorChoice::Auto => terminal && set("TERM").is_none_or(|term| term != "dumb"),
        };
        Palette { on }
    };
    (
        decide(std::io::stdout().is_terminal()),
        decide(std::io::stderr().is_terminal()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_counts_only_where_nothing_was_said() {
        let with = |choice, name: &'static str, value: &'static str| {
            let environment = move |asked: &str| (asked == name).then(|| value.to_owned());
            palettes(choice, &environment).1.is_on()
        };
        assert!(with(ColorChoice::Always, "NO_COLOR", "1"));
        assert!(!with(ColorChoice::Never, "CLICOLOR_FORCE", "1"));
        assert!(with(ColorChoice::Auto, "CLICOLOR_FORCE", "1"));
        assert!(!with(ColorChoice::Auto, "NO_COLOR", "1"));
        assert!(!with(ColorChoice::Auto, "TERM", "dumb"));
    }
}
