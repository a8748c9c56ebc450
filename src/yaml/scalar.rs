//! What a plain scalar means: to Kubernetes (go-yaml behind `sigs.k8s.io/yaml`), and to any reader
//! of YAML 1.1 or 1.2 (`spec/6-yaml-facts.md`, section 4, measured).

/// The tag of strings.
pub const STRING_TAG: &str = "tag:yaml.org,2002:str";

/// A plain scalar as Kubernetes reads it.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// `~`, `null`, nothing.
    Null,
    /// `true`, `yes`, `on`, `y` and their opposites.
    Bool(bool),
    /// A whole number, in decimal digits (so that none is too large).
    Integer(String),
    /// Any other finite number, as written but for underscores.
    Float(String),
    /// `.inf`, `-.inf`, `.nan`: JSON has no such number.
    NotFinite,
    /// Everything else.
    String,
}

/// How Kubernetes reads an untagged plain scalar.
#[must_use]
pub fn resolve(text: &str) -> Resolved {
    if is_null(text) {
        return Resolved::Null;
    }
    if let Some(value) = as_bool(text) {
        return Resolved::Bool(value);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Resolved::NotFinite;
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Resolved::String;
    }
    let digits = unsigned.replace('_', "");
    let negative = text.starts_with('-');
    let radix = |prefixes: [&str; 2], radix| {
        prefixes
            .iter()
            .find_map(|prefix| digits.strip_prefix(prefix))
            .and_then(|rest| integer(rest, radix, negative))
    };
    let whole = radix(["0x", "0X"], 16)
        .or_else(|| radix(["0o", "0O"], 8))
        .or_else(|| radix(["0b", "0B"], 2))
        .or_else(|| {
            (digits.len() > 1 && digits.starts_with('0'))
                .then(|| integer(&digits, 8, negative))
                .flatten()
        });
    if let Some(whole) = whole {
        return Resolved::Integer(whole);
    }
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        let digits = digits.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        let sign = if negative && digits != "0" { "-" } else { "" };
        return Resolved::Integer(format!("{sign}{digits}"));
    }
    if is_float(&digits) {
        let sign = if negative { "-" } else { "" };
        return Resolved::Float(format!("{sign}{digits}"));
    }
    Resolved::String
}

fn integer(digits: &str, radix: u32, negative: bool) -> Option<String> {
    let value = u64::from_str_radix(digits, radix).ok()?;
    let sign = if negative && value != 0 { "-" } else { "" };
    (!digits.starts_with('+')).then(|| format!("{sign}{value}"))
}

/// Digits with at most one point, and an optional exponent, at least one digit before it.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_is_number =
        all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    mantissa_is_number
        && exponent.is_none_or(|exponent| {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !digits.is_empty() && all_digits(digits)
        })
}

/// Whether a plain scalar is null to Kubernetes.
#[must_use]
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The truth value that Kubernetes gives a plain scalar, if any.
#[must_use]
pub fn as_bool(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false)
        }
        _ => None,
    }
}

/// Whether Kubernetes reads a plain scalar as a string.
#[must_use]
pub fn is_string(text: &str) -> bool {
    resolve(text) == Resolved::String
}

/// Whether every reader, of YAML 1.1 as of 1.2, reads a plain scalar as a string: no null, boolean,
/// number in any spelling, sexagesimal number, date, merge key or default value.
#[must_use]
pub fn is_string_to_all(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned.bytes().next() {
        None => false,
        Some(b'.') => !is_one_of(unsigned, &[".inf", ".nan"]) && resolve(text) == Resolved::String,
        Some(b'0'..=b'9') => !could_be_number_or_date(unsigned),
        Some(_) => !is_one_of(text, &WORDS),
    }
}

/// The words that some reader takes for null, a boolean, a number, a merge key or a default value.
const WORDS: [&str; 14] = [
    "~", "null", "y", "n", "yes", "no", "on", "off", "true", "false", "nan", "inf", "<<", "=",
];

/// Whether a text is one of some words, in any case.
fn is_one_of(text: &str, words: &[&str]) -> bool {
    text.len() <= 5 && words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Generous on purpose: digits with anything that some reader lets stand in a number or a date.
fn could_be_number_or_date(text: &str) -> bool {
    let prefixed = ["0x", "0o", "0b"].iter().any(|p| text.starts_with(p));
    if prefixed
        && text[2..]
            .bytes()
            .all(|b| b.is_ascii_hexdigit() || b == b'_')
    {
        return true;
    }
    text.bytes()
        .all(|b| b.is_ascii_digit() || b"+-_.:ezt \t".contains(&b.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubernetes_reads_plain_scalars_as_measured() {
        let integer = |text: &str| Resolved::Integer(text.to_owned());
        let float = |text: &str| Resolved::Float(text.to_owned());
        for (text, expected) in [
            ("on", Resolved::Bool(true)),
            ("no", Resolved::Bool(false)),
            ("y", Resolved::Bool(true)),
            ("N", Resolved::Bool(false)),
            ("0123", integer("83")),
            ("0o17", integer("15")),
            ("0O17", integer("15")),
            ("0x1F", integer("31")),
            ("-0b11", integer("-3")),
            ("1_000", integer("1000")),
            ("-5", integer("-5")),
            (
                "123456789012345678901234567890",
                integer("123456789012345678901234567890"),
            ),
            ("1e3", float("1e3")),
            ("-.5", float("-.5")),
            ("089", integer("89")),
            ("1:30", Resolved::String),
            ("2024-01-01", Resolved::String),
            (".inf", Resolved::NotFinite),
            ("~", Resolved::Null),
            ("", Resolved::Null),
            ("1.2.3", Resolved::String),
            ("100m", Resolved::String),
            ("0x", Resolved::String),
            (".", Resolved::String),
            ("-", Resolved::String),
            ("1e", Resolved::String),
        ] {
            assert_eq!(resolve(text), expected, "{text}");
        }
    }

    #[test]
    fn what_any_reader_could_take_for_something_else_is_no_string_to_all() {
        for text in [
            "yes",
            "on",
            "y",
            "no",
            "~",
            "null",
            "1e3",
            "0x1f",
            "012",
            "1_000",
            "1:30",
            ".inf",
            "2001-01-01",
            "=",
            "<<",
            "",
            "NaN",
            "9529",
            "-1",
            "+1",
            ".5",
            "2001-01-01T00:00:00Z",
            "0b1_0",
            "190:20:30.15",
            "Off",
            "N",
        ] {
            assert!(!is_string_to_all(text), "{text}");
        }
        for text in [
            "100m",
            "64Mi",
            "web",
            "0 * * * *",
            "1.2.3x",
            "yesterday",
            "v1",
            "-x",
            ".",
        ] {
            assert!(is_string_to_all(text), "{text}");
        }
    }
}
