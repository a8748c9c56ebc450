//! What of a line may be a secret, and so is not shown with an error: the values of environment
//! variables, whatever a Secret holds, and lines that may be part of such a value.
//!
//! An error can be about a text that is no YAML, in which nothing is known for sure. So this looks at
//! keys, indentation and brackets as they stand there, and where that leaves a doubt, the line is not
//! shown: its place is.

use memchr::{memchr, memmem, memrchr};

/// Keys whose value is a secret.
const VALUES: [&str; 1] = ["value"];

/// Keys below which values are secrets, in manifests, in the operator's configuration and in what
/// else is written in YAML.
const VARIABLES: [&str; 4] = ["env", "envs", "environment", "extraenv"];

/// The same in what may be a Secret.
const DATA: [&str; 2] = ["data", "stringdata"];

/// Keys below these whose values are none.
const HARMLESS: [&str; 16] = [
    "apiversion",
    "configmapkeyref",
    "configmapref",
    "containername",
    "divisor",
    "env",
    "envs",
    "fieldpath",
    "fieldref",
    "key",
    "name",
    "optional",
    "resource",
    "resourcefieldref",
    "secretkeyref",
    "valuefrom",
];

/// What is not looked through for every error: in a larger document no line is shown.
const SEARCHED: usize = 4 << 20;

/// Where the part of the line around `at` begins that is not to be shown, in bytes of the text;
/// nothing where all of it may be.
#[must_use]
pub fn hidden_from(text: &[u8], at: usize) -> Option<usize> {
    let at = at.min(text.len());
    let start = memrchr(b'\n', &text[..at]).map_or(0, |feed| feed + 1);
    let end = memchr(b'\n', &text[at..]).map_or(text.len(), |length| at + length);
    let line = &text[start..end];
    let first = start + line.len() - line.trim_ascii_start().len();
    let document = document(text, start, end);
    if document.len() > SEARCHED || line.contains(&0) || names(document, b"Secret") {
        return Some(start);
    }
    // In a ConfigMap there is data, too, and no secret.
    let may_be_secret = !names(document, b"ConfigMap");
    let from = document_start(text, start);
    let before = &text[from..start];
    let brackets = inside_brackets(before, may_be_secret);
    let around = match above(before, line, may_be_secret).max(brackets) {
        Around::Value => return Some(first),
        around => around,
    };
    let is_doubtful = around == Around::Variables || has_secret_above(before, may_be_secret);
    let is_json = document.trim_ascii_start().starts_with(b"{");
    let fits = is_json || (!has_tab_in_front(line) && is_indented_like_some(before, line));
    let is_usual = begins_with_key(line) && fits;
    let is_odd = !is_usual && !is_template(line) && !is_punctuation(line);
    if is_odd && is_doubtful {
        return Some(first);
    }
    for word in words(line) {
        let key = word.text;
        let is_variable = match around {
            Around::Variables => !is_one_of(key, &HARMLESS),
            // Indented as nothing of the kind, but named like it.
            _ => is_doubtful && is_variable_name(key),
        };
        let is_secret = is_one_of(key, &VALUES)
            || is_one_of(key, &VARIABLES)
            || (word.is_key && (is_variable || holds_secrets(key, may_be_secret)));
        let rest = &line[word.behind..];
        // What begins with an asterisk may be a password, and is an alias where variables stand below.
        let is_alias = is_one_of(key, &VARIABLES) && is_alias(rest);
        if is_secret && !is_alias && !is_harmless(rest) {
            return Some(start + word.behind);
        }
    }
    None
}

/// Whether a key is named as variables usually are.
fn is_variable_name(key: &[u8]) -> bool {
    let is_usual = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    key.iter().all(is_usual)
}

/// Whether what stands below a key are secrets.
fn holds_secrets(key: &[u8], may_be_secret: bool) -> bool {
    is_one_of(key, &VARIABLES) || (may_be_secret && is_one_of(key, &DATA))
}

/// What a line stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Around {
    /// Nothing that is a secret.
    Open,
    /// The variables of a container, or of the configuration.
    Variables,
    /// The value of one.
    Value,
}

/// Where the document that the line at `line` stands in begins.
fn document_start(text: &[u8], line: usize) -> usize {
    let mut separators = memmem::rfind_iter(&text[..line], SEPARATOR);
    let last = separators.find(|feed| is_separator(&text[feed + 1..]));
    last.map_or(0, |feed| feed + 1)
}

/// The document that the line from `start` to `end` stands in.
fn document(text: &[u8], start: usize, end: usize) -> &[u8] {
    let mut separators = memmem::find_iter(&text[end..], SEPARATOR);
    let next = separators.find(|feed| is_separator(&text[end + feed + 1..]));
    &text[document_start(text, start)..next.map_or(text.len(), |feed| end + feed)]
}

const SEPARATOR: &[u8] = b"\n---";

fn is_separator(line: &[u8]) -> bool {
    matches!(line.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Whether a text that may not even be YAML says that it is, or holds, an object of some kind.
fn names(text: &[u8], kind: &[u8]) -> bool {
    /// A kind stands this near to its key.
    const NEAR: usize = 64;
    memmem::find_iter(text, b"kind").any(|at| {
        let rest = &text[at..text.len().min(at + NEAR)];
        memmem::find(rest, kind).is_some()
    })
}

/// What the lines above say that a line stands in, by their indentation.
fn above(before: &[u8], line: &[u8], may_be_secret: bool) -> Around {
    let mut least = indentation(line);
    let mut found = Around::Open;
    for above in lines_upwards(before) {
        let indent = indentation(above);
        // Text without a key may be part of a value.
        let Some((key, rest)) = last_key(above) else {
            continue;
        };
        // Text in quotes may go on at the column of its key.
        let goes_on = indent == least && is_open_quote(rest);
        if indent < least || goes_on {
            if is_one_of(key, &VALUES) {
                return Around::Value;
            }
            if holds_secrets(key, may_be_secret) {
                found = Around::Variables;
            }
        }
        least = least.min(indent);
        if least == 0 {
            break;
        }
    }
    // Items of a list may stand in the column of its key.
    found.max(in_list_of_variables(before, line, may_be_secret))
}

/// Whether a line belongs to an item of a list that stands in the column of its key `env:`.
fn in_list_of_variables(before: &[u8], line: &[u8], may_be_secret: bool) -> Around {
    let begins_item = |line: &[u8]| line.trim_ascii_start().starts_with(b"-");
    let (mut least, mut in_item) = (indentation(line), begins_item(line));
    for above in lines_upwards(before) {
        let indent = indentation(above);
        if begins_item(above) {
            if indent < least {
                (least, in_item) = (indent, true);
            }
            continue;
        }
        if indent < least || (indent == least && in_item) {
            let is_list = last_key(above).is_some_and(|(key, rest)| {
                holds_secrets(key, may_be_secret) && rest.trim_ascii().is_empty()
            });
            return if is_list && in_item && indent == least {
                Around::Variables
            } else {
                Around::Open
            };
        }
    }
    Around::Open
}

/// What the brackets that are open in front of a line stand behind.
fn inside_brackets(before: &[u8], may_be_secret: bool) -> Around {
    let mut open: Vec<Around> = Vec::new();
    // The last text, and whether a colon stands behind it.
    let (mut word, mut key): (&[u8], Option<&[u8]>) = (&[], None);
    let mut at = 0;
    while let Some(&byte) = before.get(at) {
        let length = match byte {
            quote @ (b'"' | b'\'') => {
                let rest = &before[at + 1..];
                let length = end_of_quote(rest, quote);
                word = &rest[..length];
                length + 2
            }
            b'#' => memchr(b'\n', &before[at..]).unwrap_or(before.len() - at),
            byte if byte.is_ascii_alphanumeric() => {
                let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
                let length = before[at..].iter().take_while(|byte| is_word(byte)).count();
                word = &before[at..at + length];
                length
            }
            b':' => {
                key = Some(word);
                1
            }
            b'{' | b'[' => {
                let inherited = open.last().copied().unwrap_or(Around::Open);
                // A fault may have taken the colon away.
                let own = match key.take().or(Some(word)) {
                    Some(key) if is_one_of(key, &VALUES) => Around::Value,
                    Some(key) if holds_secrets(key, may_be_secret) => Around::Variables,
                    _ => Around::Open,
                };
                open.push(inherited.max(own));
                word = &[];
                1
            }
            b'}' | b']' | b',' => {
                if byte != b',' {
                    open.pop();
                }
                (word, key) = (&[], None);
                1
            }
            _ => 1,
        };
        at += length;
    }
    let around = open.last().copied().unwrap_or(Around::Open);
    match key {
        // The value stands on the next line.
        Some(key) if is_one_of(key, &VALUES) && !open.is_empty() => Around::Value,
        _ => around,
    }
}

/// How much text stands in front of a closing quote, or of the end of the line.
fn end_of_quote(text: &[u8], quote: u8) -> usize {
    let mut escaped = false;
    let end = text.iter().position(|&byte| {
        let ends = (byte == quote && !escaped) || byte == b'\n';
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.unwrap_or(text.len().saturating_sub(1))
}

/// Whether any line above, a comment or not, has a key whose value is a secret, so that a line which looks like none of
/// a manifest's may be part of it, wherever it stands.
fn has_secret_above(before: &[u8], may_be_secret: bool) -> bool {
    let is_secret = |word: Word<'_>| {
        is_one_of(word.text, &VALUES)
            || is_one_of(word.text, &VARIABLES)
            || (word.is_key && holds_secrets(word.text, may_be_secret))
    };
    before
        .split(|&byte| byte == b'\n')
        .any(|line| words(line).any(is_secret))
}

/// The lines that are neither blank nor comments, the last one first.
fn lines_upwards(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = text.rsplit(|&byte| byte == b'\n');
    lines.filter(|line| !matches!(line.trim_ascii_start().first(), None | Some(b'#')))
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ').count()
}

/// A word on a line.
#[derive(Clone, Copy)]
struct Word<'l> {
    text: &'l [u8],
    /// Where it begins, and where what stands behind it and its colon does.
    start: usize,
    behind: usize,
    /// Whether a colon stands behind it.
    is_key: bool,
}

fn words(line: &[u8]) -> impl Iterator<Item = Word<'_>> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-./".contains(byte);
    let mut at = 0;
    std::iter::from_fn(move || {
        // A dash by itself begins an item.
        let (start, length) = loop {
            let start = at + line.get(at..)?.iter().position(is_part)?;
            let rest = &line[start..];
            let length = rest.iter().position(|byte| !is_part(byte));
            let length = length.unwrap_or(rest.len());
            at = start + length;
            if rest[..length].iter().any(u8::is_ascii_alphanumeric) {
                break (start, length);
            }
        };
        // Whatever else a fault may have put between a key and its colon.
        let until = |byte: &u8| is_part(byte) || *byte == b':' || *byte == b',';
        let colon = line[at..].iter().position(until);
        let colon = colon.filter(|colon| line[at + colon] == b':');
        let from = colon.map_or(at, |colon| at + colon + 1);
        Some(Word {
            text: &line[start..start + length],
            start,
            behind: line.len() - line[from..].trim_ascii_start().len(),
            is_key: colon.is_some(),
        })
    })
}

/// The last key on a line, and what stands behind it.
fn last_key(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let last = words(line).filter(|word| word.is_key).last()?;
    Some((last.text, &line[last.behind..]))
}

fn is_one_of(key: &[u8], names: &[&str]) -> bool {
    let key = key.strip_prefix(b"-").unwrap_or(key);
    names
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_alias(rest: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    matches!(rest.trim_ascii(), [b'*', name @ ..] if name.iter().all(is_name))
}

/// Whether what stands behind a key is no secret by itself: nothing, the beginning of something that
/// stands on further lines, or a template's expression without any text of its own.
fn is_harmless(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii();
    let is_expression = rest.starts_with(b"{{")
        && rest.ends_with(b"}}")
        && !rest.iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    let is_beginning = rest
        .iter()
        .all(|byte| b"|>+-[]{},~0123456789".contains(byte));
    let is_digits =
        rest.iter().any(u8::is_ascii_digit) && !rest.starts_with(b"|") && !rest.starts_with(b">");
    is_expression || (is_beginning && !is_digits)
}

/// Whether a text begins with a quote that does not end in it.
fn is_open_quote(rest: &[u8]) -> bool {
    match rest.trim_ascii() {
        [quote @ (b'"' | b'\''), behind @ ..] => {
            behind.split(|byte| byte == quote).count() % 2 == 1
        }
        _ => false,
    }
}

fn is_template(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.starts_with(b"{{") || line.starts_with(b"{%") || line.starts_with(b"<%")
}

/// Whether a line begins like one of a manifest: with a key, or an item that does.
fn begins_with_key(line: &[u8]) -> bool {
    /// Nobody indents an item's text so far behind its dash.
    const FAR: usize = 8;
    let is_before = |byte: &u8| b" \t-?\"'{[,".contains(byte);
    let far = (line.trim_ascii_start().iter()).take_while(|byte| is_before(byte));
    let far = far.count();
    let start = line.iter().position(|byte| !is_before(byte));
    let first = words(line).next();
    first.is_some_and(|first| {
        let is_quote = |byte: &&u8| matches!(byte, b'"' | b'\'');
        let opened = line[..first.start].iter().filter(is_quote).count() % 2 == 1;
        let behind = line.get(first.start + first.text.len());
        let closed = !opened || behind.as_ref().is_some_and(is_quote);
        // A dash or a dot can belong to the word.
        first.is_key && closed && far < FAR && start.is_some_and(|start| first.start <= start)
    })
}

fn has_tab_in_front(line: &[u8]) -> bool {
    let blank = line.iter().take_while(|byte| byte.is_ascii_whitespace());
    blank.into_iter().any(|byte| *byte == b'\t')
}

/// Whether a line begins deeper than the one above it, or in the column of one that it can belong to:
/// one that does not may have slipped out of a value.
fn is_indented_like_some(before: &[u8], line: &[u8]) -> bool {
    let own = indentation(line);
    let mut least = usize::MAX;
    for above in lines_upwards(before) {
        let indent = indentation(above);
        if least == usize::MAX && own > indent {
            return true;
        }
        if indent < least {
            least = indent;
            let text = &above[indent..];
            let is_lead = |byte: &u8| matches!(byte, b'-' | b' ');
            let lead = text.iter().take_while(|byte| is_lead(byte)).count();
            if own == indent || (text.starts_with(b"-") && own == indent + lead) {
                return true;
            }
            if indent < own {
                return false;
            }
        }
    }
    least == usize::MAX || own == 0
}

/// Whether a line holds nothing but brackets, dashes and commas.
fn is_punctuation(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.iter().all(|byte| b"[]{},-. \t".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line around the `^`, which is taken out, up to what is hidden.
    fn shown(text: &str) -> String {
        let at = text.find('^').unwrap();
        let text = text.replacen('^', "", 1);
        let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let end = text[at..]
            .find('\n')
            .map_or(text.len(), |length| at + length);
        match hidden_from(text.as_bytes(), at) {
            Some(from) => format!("{}…", &text[start..from]),
            None => text[start..end].to_owned(),
        }
    }

    #[test]
    fn the_values_of_variables_are_hidden() {
        for (text, expected) in [
            ("env:\n  - name: A\n    value: s3^cret", "    value: …"),
            ("env:\n- name: A\n  value: 's3^cret", "  value: …"),
            ("env:\n- {name: A, value: s3^cret}", "- {name: A, value: …"),
            ("env:\n- {name: A,value: s3^cret}", "- {name: A,value: …"),
            ("env:\n- 'value' : s3^cret", "- 'value' : …"),
            ("env:\n- ? value\n  : s3^cret", "  …"),
            ("env: [s3^cret", "env: …"),
            ("env: {A: s3^cret}", "env: …"),
            ("env:\n  A: s3^cret", "  A: …"),
            ("env:\n- A: s3^cret", "- A: …"),
            ("env:\n- s3^cret", "…"),
            (
                "env:\n- name: A\n  value: |\n    a\n      s3^cret",
                "      …",
            ),
            (
                "env:\n- name: A\n  value: |\n    a: b\n    s3^cret: c",
                "    …",
            ),
            ("env:\n- name: A\n  value: \"a\n  s3^cret", "  …"),
            (
                "env:\n- name: A\n  value: |\n-----BEGIN KEY-----\ns3^cret",
                "…",
            ),
            (
                "env:\n- name: A\n  value: |\n-----BEGIN KEY-----\nInfo: x\n\ns3^cret",
                "…",
            ),
            (
                "{\"env\": [\n{\"name\": \"A\", \"value\": \"s3^cret\"",
                "{\"name\": \"A\", \"value\": …",
            ),
            ("{\"env\": [\n{\"value\":\n\"s3^cret\"", "…"),
            (
                "{\"x\": \"{\\\"value\\\": \\\"s3^cret",
                "{\"x\": \"{\\\"value\\\": …",
            ),
            ("{\"envs\": {\n\"A\": \"s3^cret\"}}", "\"A\": …"),
            (
                "{\"Envs\": {\n\"name\": \"x\", \"A\": \"s3^cret\"}}",
                "\"name\": \"x\", \"A\": …",
            ),
            ("{\"envs\": {\"A\": \"s3^cret\"}}", "{\"envs\": …"),
            (
                "jsonconfig: |\n  {\n    \"envs\": {\n      \"A\": \"s3^cret\"",
                "      \"A\": …",
            ),
            ("a: {\"\0s^", "…"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_secret_is_hidden_whatever_it_holds() {
        for text in [
            "kind: Secret\ndata:\n  a: s3^cret",
            "kind: 'Secret'\ndata: {a: s3^cret}",
            "kind:\n  Secret\na: s3^cret",
            "{\"data\": {\"a\": \"s3^cret\"}, \"kind\": \"Secret\"}",
            "kind: List\nitems:\n- data: s3^cret\n  kind: Secret\n",
            "a: 1\n---\ndata: s3^cret\nkind: Secret\n---\n",
        ] {
            assert!(!shown(text).contains("s3cret"), "{text}");
        }
        assert!(shown("stringData:\n  a: s3^cret").contains('…'));
        assert_eq!(
            shown("kind: Secret\n---\na: ^b\n---\nkind: Secret\n"),
            "a: b"
        );
    }

    #[test]
    fn everything_else_is_shown() {
        for text in [
            "env:\n  - name: A\n    value: x\nimage: ^{{ .Values.image }}:{{ .Values.tag }}",
            "env:\n  - name: A\n    value: ^{{ .Values.a }}",
            "env:\n  - name: A\n    valueFrom: {secretKeyRef: ^{name: a, key: b}}",
            "env: ^*a11",
            "env:^",
            "env: ^[",
            "    env:\n    - name: A\n      value: x\n    ports: ^[",
            "  env:\n  - name: A\n    value: x\n  image: a: ^b",
            "env:\n- name: A\n  value: x\n{{- if ^.Values.x }}",
            "env:\n- name: A\n  value: x\n- name: ^B",
            "{\"env\": [{\"name\": \"A\", \"value\": \"x\"}],\n\"image\": ^x}",
            "{\"envs\": {\"A\": \"x\"},\n\"image\": ^x}",
            "metadata:\n  name: ^[",
            "^oops",
        ] {
            assert_eq!(
                shown(text),
                text.replace('^', "").lines().last().unwrap(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_document_that_is_too_large_to_look_through_shows_nothing() {
        let text = format!("a: b\n{}", "# x\n".repeat(SEARCHED / 4 + 1));
        assert_eq!(hidden_from(text.as_bytes(), 3), Some(0));
    }
}
