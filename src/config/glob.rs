//! The globs that the values of a label selector's `=` and `!=` are: `*`, `?`, `[abc]`, `[a-z]` and
//! `\` escapes over a whole label value (`spec/1-behaviour.md`, section 2, "Selectors").
//!
//! The grammar is that of the operator's library, odd corners included: a bracket holds either one
//! range or a list of characters; braces group, and since a comma ends a selector's word, each
//! group has the one alternative that it stands for.

/// A glob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Character(char),
    Any,
    One,
    List(Vec<char>),
    Range(char, char),
}

impl Part {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Character(own) => *own == character,
            Self::Any | Self::One => true,
            Self::List(list) => list.contains(&character),
            Self::Range(low, high) => (*low..=*high).contains(&character),
        }
    }
}

impl Glob {
    /// Reads a glob.
    ///
    /// # Errors
    /// Says what is wrong where a bracket is not closed or holds no range or list.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut parts = Vec::new();
        let mut characters = text.chars().peekable();
        let mut open = 0_usize;
        while let Some(character) = characters.next() {
            match character {
                '*' => {
                    if parts.last() != Some(&Part::Any) {
                        parts.push(Part::Any);
                    }
                }
                '?' => parts.push(Part::One),
                '[' => parts.push(bracket(&mut characters)?),
                '{' => open += 1,
                '}' if open > 0 => open -= 1,
                // A lone backslash at the end stands for nothing.
                '\\' => parts.extend(characters.next().map(Part::Character)),
                _ => parts.push(Part::Character(character)),
            }
        }
        Ok(Self { parts })
    }

    /// The only text that the glob describes; nothing where it has wildcards.
    #[must_use]
    pub fn literal(&self) -> Option<String> {
        let character = |part: &Part| match part {
            Part::Character(character) => Some(*character),
            Part::List(list) => match list[..] {
                [only] => Some(only),
                _ => None,
            },
            Part::Any | Part::One | Part::Range(..) => None,
        };
        self.parts.iter().map(character).collect()
    }

    /// Whether the whole text is one that the glob describes. Takes time proportional to the
    /// product of both lengths at most.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut part, mut at) = (0, 0);
        // Where to go on when the last `*` has to take one character more.
        let mut retry: Option<(usize, usize)> = None;
        while let Some(&character) = text.get(at) {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    retry = Some((part + 1, at));
                    part += 1;
                }
                Some(own) if own.takes(character) => {
                    part += 1;
                    at += 1;
                }
                _ => {
                    let Some((behind, taken)) = retry else {
                        return false;
                    };
                    retry = Some((behind, taken + 1));
                    part = behind;
                    at = taken + 1;
                }
            }
        }
        let rest = self.parts.get(part..).unwrap_or_default();
        rest.iter().all(|part| *part == Part::Any)
    }
}

/// What stands in brackets; the opening one is read already.
fn bracket(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
) -> Result<Part, &'static str> {
    const OPEN: &str = "a `[` is not closed";
    let first = characters.next().ok_or(OPEN)?;
    if characters.next_if_eq(&'-').is_some() {
        let high = characters.next().ok_or(OPEN)?;
        if characters.next().ok_or(OPEN)? != ']' {
            return Err("a bracket holds one range or a list of characters");
        }
        if high < first {
            return Err("a range's end is smaller than its beginning");
        }
        return Ok(Part::Range(first, high));
    }
    let mut list = Vec::new();
    let mut next = Some(first);
    loop {
        match next.ok_or(OPEN)? {
            ']' if list.is_empty() => return Err("a bracket is empty"),
            ']' => return Ok(Part::List(list)),
            '\\' => list.push(characters.next().ok_or(OPEN)?),
            character => list.push(character),
        }
        next = characters.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with the library that the operator uses.
    #[test]
    fn globs_are_read_as_the_operators_library_reads_them() {
        for (glob, text, expected) in [
            ("", "", Some(true)),
            ("", "a", Some(false)),
            ("a", "ab", Some(false)),
            ("*", "", Some(true)),
            ("**", "ab", Some(true)),
            ("a*", "abc", Some(true)),
            ("a*", "b", Some(false)),
            ("*a", "}a", Some(true)),
            ("*a", "ab", Some(false)),
            ("?", "a", Some(true)),
            ("??", "a", Some(false)),
            ("a?c", "abc", Some(true)),
            ("[abc]", "c", Some(true)),
            ("[abc]", "ab", Some(false)),
            ("[a-c]", "b", Some(true)),
            ("[a-c]", "d", Some(false)),
            ("[a-cx]", "", None),
            ("[abc", "", None),
            ("[]", "", None),
            ("[]a]", "", None),
            ("[^a]", "^", Some(true)),
            ("[^a]", "b", Some(false)),
            ("[-a]", "-", Some(true)),
            ("[a-]", "", None),
            ("[-]", "-", Some(true)),
            ("[c-a]", "", None),
            ("a\\*", "a*", Some(true)),
            ("a\\*", "ab", Some(false)),
            ("a\\", "a", Some(true)),
            ("\\", "", Some(true)),
            ("{ab}", "ab", Some(true)),
            ("{ab", "ab", Some(true)),
            ("ab}", "ab}", Some(true)),
            ("{a}{b}", "ab", Some(true)),
            ("{}", "", Some(true)),
            ("a{b*}", "abc", Some(true)),
            ("[a\\]b]", "]", Some(true)),
            ("[\\a-c]", "-", Some(true)),
            ("[\\a-c]", "b", Some(false)),
            ("x[ab]*", "xa9", Some(true)),
            ("[a]b]", "ab]", Some(true)),
            ("*[0-9]", "v1.2", Some(true)),
            ("{[ab]}", "b", Some(true)),
        ] {
            let read = Glob::parse(glob).map(|glob| glob.matches(text)).ok();
            assert_eq!(read, expected, "{glob} on {text}");
        }
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let glob = Glob::parse(&"*a".repeat(200)).unwrap();
        assert!(!glob.matches(&format!("{}b", "a".repeat(5_000))));
    }
}
