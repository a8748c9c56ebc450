//! Searches in the short stretches that a line of a manifest is made of, eight bytes at a time. A
//! search of the `memchr` crate is faster in long ones, and takes longer to begin.

/// A one in each byte.
const ONES: u64 = 0x0101_0101_0101_0101;
/// The highest bit of each byte.
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Beyond so many bytes a search is not short.
const SHORT: usize = 48;

/// The eight bytes at an offset; nothing near the end.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*word))
}

/// A mark in the lowest byte that is zero; what is marked above that one means nothing.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// The offset of the first byte at or behind `at` that is no blank, or the length.
#[inline]
pub(super) fn first_non_blank(bytes: &[u8], mut at: usize) -> usize {
    // Most often there is none, or one.
    while let Some(word) = word(bytes, at) {
        let other = word ^ (ONES * u64::from(b' '));
        if other != 0 {
            return at + other.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| *b != b' ').unwrap_or(rest.len())
}

/// The offset of the first of three bytes at or behind `from`.
#[inline]
pub(super) fn find3(bytes: &[u8], from: usize, a: u8, b: u8, c: u8) -> Option<usize> {
    let (every_a, every_b, every_c) = (
        ONES * u64::from(a),
        ONES * u64::from(b),
        ONES * u64::from(c),
    );
    let mut at = from;
    while at < from + SHORT
        && let Some(word) = word(bytes, at)
    {
        let found = zeros(word ^ every_a) | zeros(word ^ every_b) | zeros(word ^ every_c);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    memchr::memchr3(a, b, c, rest).map(|place| at + place)
}

/// The offset of the first byte at or behind `from` that may end a plain word: a colon, or what is smaller
/// than `$`: a blank, a control character, `!`, `"` or `#`.
#[inline]
pub(super) fn find_end_of_word(bytes: &[u8], from: usize) -> Option<usize> {
    let colons = ONES * u64::from(b':');
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let smaller = word.wrapping_sub(ONES * u64::from(b'$')) & !word & HIGHS;
        let found = zeros(word ^ colons) | smaller;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let mut rest = bytes.get(at..)?.iter();
    let place = rest.position(|&b| b == b':' || b < b'$');
    place.map(|place| at + place)
}

/// The offset of the last `byte` at or behind `from` and in front of `to`.
#[inline]
pub(crate) fn rfind(bytes: &[u8], from: usize, to: usize, byte: u8) -> Option<usize> {
    let every = ONES * u64::from(byte);
    let mut end = to;
    while end >= from + 8
        && end + SHORT > to
        && let Some(word) = word(bytes, end - 8)
    {
        // The highest mark counts, and those of `zeros` can be wrong above the lowest.
        let other = word ^ every;
        let found = !(((other & !HIGHS) + !HIGHS) | other | !HIGHS);
        if found != 0 {
            return Some(end - 1 - found.leading_zeros() as usize / 8);
        }
        end -= 8;
    }
    memchr::memrchr(byte, bytes.get(from..end)?).map(|place| from + place)
}

/// The offset of the first byte at or behind `from` that a JSON string cannot hold as it is: a quote, a
/// backslash, a control character.
#[inline]
pub(super) fn find_end_of_text(bytes: &[u8], from: usize) -> Option<usize> {
    let (quotes, backslashes) = (ONES * u64::from(b'"'), ONES * u64::from(b'\\'));
    let mut at = from;
    while let Some(word) = word(bytes, at) {
        let controls = word.wrapping_sub(ONES * 0x20) & !word & HIGHS;
        let found = zeros(word ^ quotes) | zeros(word ^ backslashes) | controls;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let mut rest = bytes.get(at..)?.iter();
    let place = rest.position(|&b| b == b'"' || b == b'\\' || b < 0x20);
    place.map(|place| at + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_is_what_a_plain_loop_finds() {
        // Bytes that differ by one from those that are looked for are where such tricks go wrong.
        let alphabet = [
            b':', b'#', b'\n', b'9', b';', b'"', b'$', 0x0b, 0x80, 0xff, b' ', b'!', 0, b'\\',
            b'[', b']', 0x1f, 0xa0, 0x9f,
        ];
        let mut state = 7_u64;
        for round in 0..20_000 {
            let length: usize = round % 90;
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    let pick = (state >> 33) as usize;
                    // Long stretches without a find are needed, too.
                    if pick % 7 < 6 {
                        b'x'
                    } else {
                        alphabet[pick / 7 % alphabet.len()]
                    }
                })
                .collect();
            for from in [0, length / 3, length.saturating_sub(1), length] {
                let rest = &bytes[from..];
                let expected = rest.iter().position(|b| matches!(b, b':' | b'#' | b'\n'));
                assert_eq!(
                    find3(&bytes, from, b':', b'#', b'\n'),
                    expected.map(|place| from + place),
                    "{bytes:?} from {from}"
                );
                let expected = rest
                    .iter()
                    .position(|b| matches!(b, b'"' | b'\\' | 0..0x20));
                assert_eq!(
                    find_end_of_text(&bytes, from),
                    expected.map(|place| from + place),
                    "{bytes:?} from {from}"
                );
                let expected = rest.iter().position(|b| matches!(b, b':' | 0..b'$'));
                assert_eq!(
                    find_end_of_word(&bytes, from),
                    expected.map(|place| from + place),
                    "{bytes:?} from {from}"
                );
                for to in [from, length - (length - from) / 3, length] {
                    let expected = bytes[from..to].iter().rposition(|b| *b == b':');
                    assert_eq!(
                        rfind(&bytes, from, to, b':'),
                        expected.map(|place| from + place),
                        "{bytes:?} from {from} to {to}"
                    );
                }
                let blanks: Vec<u8> = bytes
                    .iter()
                    .map(|b| if *b == b'x' { b' ' } else { *b })
                    .collect();
                let expected = blanks[from..].iter().position(|b| *b != b' ');
                assert_eq!(
                    first_non_blank(&blanks, from),
                    from + expected.unwrap_or(length - from),
                    "{blanks:?} from {from}"
                );
            }
        }
    }
}
