//! Regular expressions as Go's `regexp` reads them, which the operator's namespace selectors are.
//!
//! The engine is regex-lite, whose syntax is near Go's but not the same. So a pattern is read here
//! by Go's grammar (`regexp/syntax` with the `Perl` flags) and written anew in a small core that
//! both agree on: every character as `\x{…}`, every class as ranges, every group without a name.
//! Greediness does not matter, since all that is asked is whether there is a match.

use regex_lite::{Regex, RegexBuilder};

use super::expression_class::Class;

/// Patterns may be this long, in bytes.
const PATTERN_LIMIT: usize = 16 * 1024;
/// Repetitions may ask for this many copies, nested ones multiplied: Go's limit.
const REPEAT_LIMIT: u64 = 1000;
/// Groups may be nested this deep.
const NEST_LIMIT: usize = 200;
/// What a compiled pattern may take, in bytes.
const SIZE_LIMIT: usize = 2 << 20;

/// Compiles a pattern that Go would compile.
///
/// # Errors
/// Says what Go would not take, or that the pattern is too large.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > PATTERN_LIMIT {
        return Err(format!("longer than {PATTERN_LIMIT} bytes"));
    }
    let translated = Translator::new(pattern).run()?;
    RegexBuilder::new(&translated)
        .size_limit(SIZE_LIMIT)
        // Go's groups and the repetitions around them.
        .nest_limit(4 * u32::try_from(NEST_LIMIT).unwrap_or(u32::MAX))
        .build()
        .map_err(|_| "too large a regular expression".to_owned())
}

#[derive(Clone, Copy, Default)]
struct Flags {
    fold_case: bool,
    multi_line: bool,
    dot_matches_newline: bool,
}

/// The last thing that a repetition can apply to.
#[derive(Clone, Copy)]
struct Item {
    /// Where it begins in the output.
    start: usize,
    /// Whether it ends with a repetition, and must stand in a group to be repeated again.
    repeated: bool,
    /// The largest number of copies that repetitions in it ask for, nested ones multiplied.
    copies: u64,
}

/// A group that is still open.
struct Open {
    flags: Flags,
    start: usize,
    /// The largest number of copies in what stands in front of it.
    copies: u64,
}

struct Translator<'p> {
    rest: &'p str,
    output: String,
    flags: Flags,
    open: Vec<Open>,
    item: Option<Item>,
    copies: u64,
    after_repetition: bool,
}

impl<'p> Translator<'p> {
    fn new(pattern: &'p str) -> Self {
        Self {
            rest: pattern,
            output: String::with_capacity(pattern.len() * 7),
            flags: Flags::default(),
            open: Vec::new(),
            item: None,
            copies: 1,
            after_repetition: false,
        }
    }

    fn run(mut self) -> Result<String, String> {
        while let Some(character) = self.rest.chars().next() {
            let mut repetition = false;
            match character {
                '(' => self.open_group()?,
                ')' => {
                    self.bump(1);
                    self.close_group()?;
                }
                '|' => {
                    self.bump(1);
                    self.settle();
                    self.output.push('|');
                }
                '^' => {
                    self.bump(1);
                    let text = if self.flags.multi_line {
                        "(?m:^)"
                    } else {
                        "(?:^)"
                    };
                    self.atom(text);
                }
                '$' => {
                    self.bump(1);
                    let text = if self.flags.multi_line {
                        "(?m:$)"
                    } else {
                        r"(?:\z)"
                    };
                    self.atom(text);
                }
                '.' => {
                    self.bump(1);
                    let text = if self.flags.dot_matches_newline {
                        "(?s:.)"
                    } else {
                        r"[^\x{a}]"
                    };
                    self.atom(text);
                }
                '[' => {
                    let (class, rest) = Class::bracketed(self.rest, self.flags.fold_case)?;
                    self.rest = rest;
                    self.class(&class);
                }
                '*' | '+' | '?' => {
                    self.bump(1);
                    self.repeat(&character.to_string())?;
                    repetition = true;
                }
                '{' => {
                    if let Some((bounds, rest)) = counted(self.rest) {
                        self.rest = rest;
                        self.repeat_counted(bounds)?;
                        repetition = true;
                    } else {
                        self.bump(1);
                        self.literal('{');
                    }
                }
                '\\' => self.escape()?,
                _ => {
                    self.bump(character.len_utf8());
                    self.literal(character);
                }
            }
            self.after_repetition = repetition;
        }
        if self.open.is_empty() {
            Ok(self.output)
        } else {
            Err("a `(` is not closed".to_owned())
        }
    }

    fn bump(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// The item so far can be repeated no more.
    fn settle(&mut self) {
        if let Some(item) = self.item.take() {
            self.copies = self.copies.max(item.copies);
        }
    }

    fn atom(&mut self, text: &str) {
        self.settle();
        self.item = Some(Item {
            start: self.output.len(),
            repeated: false,
            copies: 1,
        });
        self.output.push_str(text);
    }

    fn class(&mut self, class: &Class) {
        self.atom(&class.to_string());
    }

    fn literal(&mut self, character: char) {
        let mut class = Class::default();
        class.add_character(u32::from(character), self.flags.fold_case);
        self.class(&class);
    }

    fn repeat(&mut self, operator: &str) -> Result<(), String> {
        // Lazy or greedy: the same to us.
        if self.rest.starts_with('?') {
            self.bump(1);
        }
        if self.after_repetition {
            return Err("a repetition stands behind a repetition".to_owned());
        }
        let Some(item) = &mut self.item else {
            return Err(format!("`{operator}` has nothing to repeat"));
        };
        if item.repeated {
            self.output.insert_str(item.start, "(?:");
            self.output.push(')');
        }
        item.repeated = true;
        self.output.push_str(operator);
        Ok(())
    }

    fn repeat_counted(&mut self, (min, max): (u64, Option<u64>)) -> Result<(), String> {
        let too_often = || {
            Err(format!(
                "a repetition asks for more than {REPEAT_LIMIT} copies"
            ))
        };
        if min > REPEAT_LIMIT || max.is_some_and(|max| max > REPEAT_LIMIT) {
            return too_often();
        }
        if max.is_some_and(|max| max < min) {
            return Err("a repetition's bounds are the wrong way round".to_owned());
        }
        let operator = match max {
            Some(max) => format!("{{{min},{max}}}"),
            None => format!("{{{min},}}"),
        };
        self.repeat(&operator)?;
        if let Some(item) = &mut self.item {
            item.copies = match max.unwrap_or(min) {
                0 if max.is_some() => 1,
                0 => item.copies,
                times => item.copies.saturating_mul(times),
            };
            if item.copies > REPEAT_LIMIT && (min >= 2 || max.is_some_and(|max| max >= 2)) {
                return too_often();
            }
        }
        Ok(())
    }

    fn open_group(&mut self) -> Result<(), String> {
        let mut flags = self.flags;
        let before = self.flags;
        if let Some(rest) = self.rest.strip_prefix("(?") {
            if let Some(named) = rest.strip_prefix("P<").or_else(|| rest.strip_prefix('<')) {
                self.name(named)?;
            } else {
                let (set, opens, rest) = read_flags(rest, flags)?;
                self.rest = rest;
                if !opens {
                    self.flags = set;
                    return Ok(());
                }
                flags = set;
            }
        } else {
            self.bump(1);
        }
        if self.open.len() == NEST_LIMIT {
            return Err("groups are nested too deeply".to_owned());
        }
        self.settle();
        self.open.push(Open {
            flags: before,
            start: self.output.len(),
            copies: std::mem::replace(&mut self.copies, 1),
        });
        self.flags = flags;
        self.output.push_str("(?:");
        Ok(())
    }

    fn name(&mut self, named: &'p str) -> Result<(), String> {
        let (name, rest) = named
            .split_once('>')
            .ok_or("a group's name is not closed")?;
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_word) {
            return Err(format!("`{name}` cannot be a group's name here"));
        }
        self.rest = rest;
        Ok(())
    }

    fn close_group(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else {
            return Err("a `)` closes nothing".to_owned());
        };
        self.settle();
        self.output.push(')');
        self.item = Some(Item {
            start: open.start,
            repeated: false,
            copies: self.copies,
        });
        self.copies = open.copies;
        self.flags = open.flags;
        Ok(())
    }

    /// What begins with a backslash outside of brackets.
    fn escape(&mut self) -> Result<(), String> {
        let second = self.rest.chars().nth(1);
        match second {
            Some('A') => {
                self.bump(2);
                self.atom("(?:^)");
            }
            Some('z') => {
                self.bump(2);
                self.atom(r"(?:\z)");
            }
            Some(boundary @ ('b' | 'B')) => {
                self.bump(2);
                self.atom(&format!(r"(?:\{boundary})"));
            }
            Some('Q') => {
                self.bump(2);
                let (literal, rest) = self.rest.split_once(r"\E").unwrap_or((self.rest, ""));
                self.rest = rest;
                for character in literal.chars() {
                    self.literal(character);
                }
            }
            _ => {
                if let Some((class, rest)) = Class::escaped(self.rest, self.flags.fold_case)? {
                    self.rest = rest;
                    self.class(&class);
                } else {
                    let (character, rest) = super::expression_class::character(self.rest)?;
                    self.rest = rest;
                    let mut class = Class::default();
                    class.add_character(character, self.flags.fold_case);
                    self.class(&class);
                }
            }
        }
        Ok(())
    }
}

/// Reads `flags)` or `flags:` behind `(?`: the flags in force from there, whether a group opens, and
/// the rest.
fn read_flags(text: &str, before: Flags) -> Result<(Flags, bool, &str), String> {
    let (mut flags, mut on, mut seen) = (before, true, false);
    for (at, character) in text.char_indices() {
        match character {
            'i' => flags.fold_case = on,
            'm' => flags.multi_line = on,
            's' => flags.dot_matches_newline = on,
            'U' => {}
            '-' if on => {
                (on, seen) = (false, false);
                continue;
            }
            ':' | ')' if on || seen => {
                let rest = text.get(at + 1..).unwrap_or_default();
                return Ok((flags, character == ':', rest));
            }
            _ => break,
        }
        seen = true;
    }
    Err("`(?` begins nothing that is known".to_owned())
}

/// The bounds of a counted repetition, where one stands there: `{2}`, `{2,}`, `{2,3}`. Everything
/// else with a brace is text.
fn counted(text: &str) -> Option<((u64, Option<u64>), &str)> {
    let (bounds, rest) = text.strip_prefix('{')?.split_once('}')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // Too large a number is a number still, and refused as one.
        (digits && (text.len() == 1 || !text.starts_with('0')))
            .then(|| text.parse().unwrap_or(u64::MAX))
    };
    let bounds = match bounds.split_once(',') {
        None => {
            let times = number(bounds)?;
            (times, Some(times))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((bounds, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Go's `regexp`: pattern, text, and whether it matches, or nothing where the pattern
    /// does not compile.
    #[test]
    fn patterns_are_read_as_go_reads_them() {
        for (pattern, text, expected) in super::super::expression_cases::CASES {
            let found = compile(pattern).map(|regex| regex.is_match(text)).ok();
            assert_eq!(found, *expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn huge_patterns_end_soon() {
        assert!(compile(&"a".repeat(PATTERN_LIMIT + 1)).is_err());
        assert!(compile(&"(".repeat(PATTERN_LIMIT)).is_err());
        assert!(compile(&format!("{}{}", "(".repeat(900), ")".repeat(900))).is_err());
        assert!(compile(&".{1000}".repeat(2_000)).is_err());
        let nested = format!("^{}a{}c$", "(".repeat(100), "?)+".repeat(100));
        let regex = compile(&nested).unwrap();
        assert!(!regex.is_match(&"a".repeat(63)));
    }
}
