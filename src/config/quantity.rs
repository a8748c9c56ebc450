//! Kubernetes quantities such as `100m` and `64Mi`: which texts are one, and which are equal.
//!
//! The grammar is that of `k8s.io/apimachinery/pkg/api/resource`, which takes a little more than
//! its documentation says (`.5`, `5.`, `+1`, and even `m` and `-`, which are 0).

use std::cmp::Ordering;

/// Whether a text is a quantity.
#[must_use]
pub fn is_quantity(text: &str) -> bool {
    parts(text).is_some()
}

/// Whether two texts are the same quantity: `1000m` is `1`, `1024Mi` is `1Gi`. Texts that are no
/// quantities, or too large to compute with, are equal where they are the same text.
#[must_use]
pub fn equal(left: &str, right: &str) -> bool {
    match (nanos(left), nanos(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

/// Which of two quantities is more; nothing where one is none, or too large to compute with.
#[must_use]
pub fn compare(left: &str, right: &str) -> Option<Ordering> {
    Some(nanos(left)?.cmp(&nanos(right)?))
}

/// Whether a quantity is a whole number; nothing where that cannot be told.
#[must_use]
pub fn is_whole(text: &str) -> Option<bool> {
    Some(nanos(text)? % 1_000_000_000 == 0)
}

struct Parts<'t> {
    negative: bool,
    whole: &'t str,
    fraction: &'t str,
    /// The power of ten and the power of two that the suffix stands for.
    ten: i64,
    two: u32,
}

fn parts(text: &str) -> Option<Parts<'_>> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = unsigned
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if text.is_empty() || fraction.contains('.') {
        return None;
    }
    let (ten, two) = match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        _ => (suffix.strip_prefix(['e', 'E'])?.parse().ok()?, 0),
    };
    Some(Parts {
        negative: text.starts_with('-'),
        whole,
        fraction,
        ten,
        two,
    })
}

/// The value in billionths, rounded up as Kubernetes does.
fn nanos(text: &str) -> Option<i128> {
    let parts = parts(text)?;
    let digits = format!("{}{}", parts.whole, parts.fraction);
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let mut value: i128 = digits.parse().ok()?;
    value = value.checked_mul(1_i128.checked_shl(parts.two)?)?;
    let shift = parts
        .ten
        .checked_add(9)?
        .checked_sub(i64::try_from(parts.fraction.len()).ok()?)?;
    let power = u32::try_from(shift.unsigned_abs())
        .ok()
        .and_then(|shift| 10_i128.checked_pow(shift));
    let value = if shift >= 0 {
        value.checked_mul(power?)?
    } else {
        let power = power.unwrap_or(i128::MAX);
        value / power + i128::from(value % power != 0)
    };
    Some(if parts.negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_those_of_kubernetes() {
        for text in [
            "0",
            "1",
            "100m",
            "64Mi",
            "0.5",
            ".5",
            "5.",
            "+1",
            "-1",
            "1e3",
            "1E3",
            "1e-3",
            "1E",
            "1Ki",
            "1k",
            "1n",
            "1u",
            "00.10",
            "1e+3",
            "12345678901234567890123",
            ".",
            "-",
            "m",
            "+.",
            "0.Ki",
            "-.5m",
            "1e400",
            "1e99999999999",
        ] {
            assert!(is_quantity(text), "{text}");
        }
        for text in [
            "", " ", "1 ", " 1", "abc", "1K", "1mi", "1ki", "1Mii", "1.2.3", "1e", "1e1.5", "1em",
            "1Kii", "1M i", "0x1", "1_0", "--1", "1eE",
        ] {
            assert!(!is_quantity(text), "{text}");
        }
    }

    #[test]
    fn quantities_compare_by_value() {
        for (left, right) in [
            ("1000m", "1"),
            ("1024Mi", "1Gi"),
            ("0.5", "500m"),
            ("1e3", "1k"),
            ("1.5Gi", "1536Mi"),
            ("0.1n", "1n"),
        ] {
            assert!(equal(left, right), "{left} {right}");
        }
        assert!(!equal("1k", "1Ki"));
        assert!(!equal("1", "-1"));
        assert!(equal("x", "x") && !equal("x", "y"));
        assert_eq!(compare("1500m", "1"), Some(Ordering::Greater));
        assert_eq!(compare("-1", "0"), Some(Ordering::Less));
        assert_eq!(compare("x", "1"), None);
        assert_eq!(is_whole("64Mi"), Some(true));
        assert_eq!(is_whole("100m"), Some(false));
        assert_eq!(is_whole("1e400"), None);
    }
}
