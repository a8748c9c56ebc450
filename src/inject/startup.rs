//! Text that is put into a start-up variable beside what the user has there, and the way back.

/// A word or component that is put into a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Added {
    text: &'static str,
    /// What stands between it and the rest.
    separator: char,
    in_front: bool,
}

impl Added {
    /// Text in front of the value.
    pub(crate) const fn in_front(text: &'static str, separator: char) -> Self {
        Self {
            text,
            separator,
            in_front: true,
        }
    }

    /// Text behind the value.
    pub(crate) const fn behind(text: &'static str, separator: char) -> Self {
        Self {
            text,
            separator,
            in_front: false,
        }
    }

    /// A value without the text and the one separator that it brought along: the first one where it
    /// goes in front, else the last one. Nothing where the text does not stand there by itself.
    pub(crate) fn without(&self, value: &str) -> Option<String> {
        let separates = |c: char| match self.separator {
            ' ' => c.is_whitespace(),
            separator => c == separator,
        };
        let stands_alone = |&at: &usize| {
            let before = value[..at].chars().next_back();
            let behind = value[at + self.text.len()..].chars().next();
            before.is_none_or(separates) && behind.is_none_or(separates)
        };
        let mut places = value.match_indices(self.text).map(|(at, _)| at);
        let at = if self.in_front {
            places.find(stands_alone)?
        } else {
            places.filter(stands_alone).last()?
        };
        let (mut start, mut end) = (at, at + self.text.len());
        let takes_next = if self.in_front {
            end < value.len()
        } else {
            start == 0
        };
        let length = |c: Option<char>| c.map_or(0, char::len_utf8);
        if takes_next {
            end += length(value[end..].chars().next());
        } else {
            start -= length(value[..start].chars().next_back());
        }
        Some(format!("{}{}", &value[..start], &value[end..]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::language::Language;
    use crate::inject::{ddtrace, otel};

    #[test]
    fn text_goes_with_one_separator() {
        let behind = Added::behind("-x", ' ');
        for (value, expected) in [
            ("-a -x", Some("-a")),
            ("-a  -x", Some("-a ")),
            (" -x -b", Some(" -b")),
            ("-x -b", Some("-b")),
            ("-a -x\t-b", Some("-a\t-b")),
            ("-x", Some("")),
            ("-x -a -x", Some("-x -a")),
            ("-xy", None),
            ("y-x", None),
            ("-x=1", None),
            ("", None),
        ] {
            assert_eq!(behind.without(value).as_deref(), expected, "{value}");
        }
        let in_front = Added::in_front("/d/", ':');
        for (value, expected) in [
            ("/d/:/a", Some("/a")),
            ("/d/::/a", Some(":/a")),
            ("/a:/d/", Some("/a")),
            ("/a:/d/:/b", Some("/a:/b")),
            ("/d/", Some("")),
            ("/d/e", None),
            ("/d/:/a:/d/", Some("/a:/d/")),
        ] {
            assert_eq!(in_front.without(value).as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn what_extends_a_value_is_taken_out_again() {
        let restored = |added: &[Added], value: String| {
            let without = |value: String, own: &Added| own.without(&value).unwrap();
            added.iter().fold(value, without)
        };
        let languages = [
            Language::Java,
            Language::Python,
            Language::Php,
            Language::Nodejs,
            Language::Golang,
        ];
        let mut seen = 0;
        for value in [
            "-Xmx1g",
            " a  b ",
            ":/a:",
            "/usr/local/etc/php/conf.d",
            "x\ty",
        ] {
            for language in languages {
                for own in ddtrace::language::startup_variables(language) {
                    assert_eq!(
                        restored(own.added, (own.extended)(value)),
                        value,
                        "{}",
                        own.name
                    );
                    seen += 1;
                }
                if let Some(own) = otel::language::library(language) {
                    let extended = (own.extended)(value).unwrap();
                    assert_eq!(restored(own.added, extended), value, "{}", own.variable);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 5 * (5 + 3));
    }
}
