//! The character classes and escapes of Go's regular expressions, as sets of ranges.

use std::fmt;

use super::unicode_class;

/// A set of characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>,
}

const LAST: u32 = char::MAX as u32;

type Named = (&'static str, &'static [(u32, u32)]);

const DIGIT: &[(u32, u32)] = &[(0x30, 0x39)];
const SPACE: &[(u32, u32)] = &[(0x9, 0xa), (0xc, 0xd), (0x20, 0x20)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];

const POSIX: &[Named] = &[
    ("alnum", &[(0x30, 0x39), (0x41, 0x5a), (0x61, 0x7a)]),
    ("alpha", &[(0x41, 0x5a), (0x61, 0x7a)]),
    ("ascii", &[(0x0, 0x7f)]),
    ("blank", &[(0x9, 0x9), (0x20, 0x20)]),
    ("cntrl", &[(0x0, 0x1f), (0x7f, 0x7f)]),
    ("digit", DIGIT),
    ("graph", &[(0x21, 0x7e)]),
    ("lower", &[(0x61, 0x7a)]),
    ("print", &[(0x20, 0x7e)]),
    (
        "punct",
        &[(0x21, 0x2f), (0x3a, 0x40), (0x5b, 0x60), (0x7b, 0x7e)],
    ),
    ("space", &[(0x9, 0xd), (0x20, 0x20)]),
    ("upper", &[(0x41, 0x5a)]),
    ("word", WORD),
    ("xdigit", &[(0x30, 0x39), (0x41, 0x46), (0x61, 0x66)]),
];

impl Class {
    /// Adds one character, by its code.
    pub(super) fn add_character(&mut self, character: u32, fold_case: bool) {
        self.add(&[(character, character)], fold_case, false);
    }

    fn add(&mut self, ranges: &[(u32, u32)], fold_case: bool, negated: bool) {
        let mut added = Self {
            ranges: ranges.to_vec(),
        };
        if fold_case {
            added.fold();
        }
        if negated {
            added.negate();
        }
        self.ranges.extend(added.ranges);
    }

    /// Adds the other case of ASCII letters, and of single letters beyond.
    fn fold(&mut self) {
        let mut other = Vec::new();
        for &(low, high) in &self.ranges {
            for (from, to, offset) in [(0x41, 0x5a, 0x20), (0x61, 0x7a, -0x20)] {
                let (low, high) = (low.max(from), high.min(to));
                if low <= high {
                    other.push((
                        low.saturating_add_signed(offset),
                        high.saturating_add_signed(offset),
                    ));
                }
            }
            if low == high && low > 0x7f {
                let cases = char::from_u32(low).into_iter();
                let cases = cases.flat_map(|c| c.to_lowercase().chain(c.to_uppercase()));
                other.extend(cases.map(|c| (u32::from(c), u32::from(c))));
            }
        }
        self.ranges.append(&mut other);
    }

    fn negate(&mut self) {
        self.ranges.sort_unstable();
        let mut from = 0;
        let mut outside = Vec::new();
        for &(low, high) in &self.ranges {
            if low > from {
                outside.push((from, low - 1));
            }
            from = from.max(high + 1);
        }
        if from <= LAST {
            outside.push((from, LAST));
        }
        self.ranges = outside;
    }

    /// Reads the class in brackets that the text begins with, and gives what stands behind it.
    ///
    /// # Errors
    /// Says what Go would not take.
    pub(super) fn bracketed(text: &str, fold_case: bool) -> Result<(Self, &str), String> {
        let mut class = Self::default();
        let mut rest = text.strip_prefix('[').unwrap_or(text);
        let negated = rest.starts_with('^');
        if negated {
            rest = rest.strip_prefix('^').unwrap_or(rest);
        }
        let mut first = true;
        loop {
            if !first && let Some(behind) = rest.strip_prefix(']') {
                if negated {
                    class.negate();
                }
                return Ok((class, behind));
            }
            first = false;
            if let Some(inner) = rest.strip_prefix("[:")
                && let Some((name, behind)) = inner.split_once(":]")
            {
                let bare = name.strip_prefix('^').unwrap_or(name);
                let (_, ranges) = POSIX
                    .iter()
                    .find(|(known, _)| *known == bare)
                    .ok_or_else(|| format!("`[:{name}:]` is no class"))?;
                class.add(ranges, fold_case, bare != name);
                rest = behind;
                continue;
            }
            if let Some((escaped, behind)) = Self::escaped(rest, fold_case)? {
                class.ranges.extend(escaped.ranges);
                rest = behind;
                continue;
            }
            let (low, behind) = member(rest)?;
            rest = behind;
            let mut high = low;
            if let Some(behind) = rest.strip_prefix('-')
                && !behind.starts_with(']')
            {
                (high, rest) = member(behind)?;
                if high < low {
                    return Err("a range's end is smaller than its beginning".to_owned());
                }
            }
            class.add(&[(low, high)], fold_case, false);
        }
    }

    /// Reads a class such as `\d`, `\pL` or `\P{Greek}`, where the text begins with one.
    ///
    /// # Errors
    /// Says which class Go does not know.
    pub(super) fn escaped(text: &str, fold_case: bool) -> Result<Option<(Self, &str)>, String> {
        let mut characters = text.chars();
        if characters.next() != Some('\\') {
            return Ok(None);
        }
        let mut class = Self::default();
        let kind = characters.next().unwrap_or_default();
        let mut rest = characters.as_str();
        match kind {
            'd' | 'D' => class.add(DIGIT, false, kind == 'D'),
            's' | 'S' => class.add(SPACE, false, kind == 'S'),
            'w' | 'W' => class.add(WORD, false, kind == 'W'),
            'p' | 'P' => {
                let first = characters.next().map_or(0, char::len_utf8);
                let (name, behind) = if let Some(inner) = rest.strip_prefix('{') {
                    inner
                        .split_once('}')
                        .ok_or("a class's name is not closed")?
                } else {
                    rest.split_at(first)
                };
                rest = behind;
                let bare = name.strip_prefix('^').unwrap_or(name);
                let ranges = unicode_class::ascii_part(bare)
                    .ok_or_else(|| format!(r"`\p{{{name}}}` is no class"))?;
                let negated = (kind == 'P') != (bare != name);
                // "Any" has no other side.
                let ranges = if bare == "Any" { &[(0, LAST)] } else { ranges };
                class.add(ranges, fold_case, negated);
            }
            _ => return Ok(None),
        }
        Ok(Some((class, rest)))
    }
}

fn member(text: &str) -> Result<(u32, &str), String> {
    let mut characters = text.chars();
    match characters.next() {
        None => Err("a `[` is not closed".to_owned()),
        Some('\\') => character(text),
        Some(plain) => Ok((u32::from(plain), characters.as_str())),
    }
}

/// Reads the escape of a single character that the text begins with: its code, and the rest.
///
/// # Errors
/// Says what Go would not take.
pub(super) fn character(text: &str) -> Result<(u32, &str), String> {
    let unknown = || {
        format!(
            "`{}` is no escape",
            text.chars().take(2).collect::<String>()
        )
    };
    let mut characters = text.chars();
    characters.next();
    let Some(kind) = characters.next() else {
        return Err("a backslash stands at the end".to_owned());
    };
    let rest = characters.as_str();
    let code = match kind {
        'a' => 0x7,
        'f' => 0xc,
        'n' => 0xa,
        'r' => 0xd,
        't' => 0x9,
        'v' => 0xb,
        'x' => return hexadecimal(rest).ok_or_else(unknown),
        '0'..='7' => {
            let more = rest
                .bytes()
                .take(2)
                .take_while(|b| (b'0'..=b'7').contains(b));
            let more = more.count();
            // A single digit that is not 0 would refer to a group.
            if kind != '0' && more == 0 {
                return Err(unknown());
            }
            let (digits, rest) = rest.split_at(more);
            let code = digits.chars().filter_map(|c| c.to_digit(8));
            let first = kind.to_digit(8).unwrap_or_default();
            return Ok((code.fold(first, |code, digit| code * 8 + digit), rest));
        }
        _ if kind.is_ascii() && !kind.is_ascii_alphanumeric() => u32::from(kind),
        _ => return Err(unknown()),
    };
    Ok((code, rest))
}

/// `10` or `{1F600}` behind `\x`.
fn hexadecimal(text: &str) -> Option<(u32, &str)> {
    let (digits, rest) = match text.strip_prefix('{') {
        Some(inner) => inner.split_once('}')?,
        None => text.split_at_checked(2)?,
    };
    let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = if valid {
        // Leading zeros are as many as one likes.
        let digits = digits.trim_start_matches('0');
        u32::from_str_radix(if digits.is_empty() { "0" } else { digits }, 16).ok()
    } else {
        None
    };
    Some((code.filter(|code| *code <= LAST)?, rest))
}

impl fmt::Display for Class {
    /// In the syntax of the engine: a bracket with ranges; what matches nothing where the class is
    /// empty. Surrogates stand in no text and are left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SURROGATES: (u32, u32) = (0xd800, 0xdfff);
        let below = |&(low, high): &(u32, u32)| (low, high.min(SURROGATES.0 - 1));
        let above = |&(low, high): &(u32, u32)| (low.max(SURROGATES.1 + 1), high);
        let whole: Vec<(u32, u32)> = self
            .ranges
            .iter()
            .flat_map(|range| [below(range), above(range)])
            .filter(|(low, high)| low <= high)
            .collect();
        if whole.is_empty() {
            return f.write_str(r"(?:\b\B)");
        }
        f.write_str("[")?;
        for (low, high) in whole {
            write!(f, r"\x{{{low:x}}}-\x{{{high:x}}}")?;
        }
        f.write_str("]")
    }
}
