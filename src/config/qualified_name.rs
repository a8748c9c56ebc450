//! The names that Kubernetes takes for labels and annotations (`spec/1-behaviour.md`, section 2).

/// Whether a text is `[prefix/]name`: the name 1 to 63 of `[-A-Za-z0-9_.]`, alphanumeric at both
/// ends, the prefix a DNS-1123 subdomain.
#[must_use]
pub fn is_qualified_name(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_subdomain(prefix) && is_name(name),
        None => is_name(text),
    }
}

/// Whether a text can be a label's value: empty, or a name as above.
#[must_use]
pub fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

fn is_name(text: &str) -> bool {
    text.len() <= 63
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        && alphanumeric_ends(text)
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|part| {
            part.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                && alphanumeric_ends(part)
        })
}

fn alphanumeric_ends(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.last().is_some_and(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_kubernetes_takes() {
        for text in ["a", "A.b_c-d", "app.kubernetes.io/name", "0/1"] {
            assert!(is_qualified_name(text), "{text}");
        }
        for text in ["", "-a", "a-", "a b", "/a", "a/", "A/b", "a..b/c", "a/b/c"] {
            assert!(!is_qualified_name(text), "{text}");
        }
        assert!(!is_qualified_name(&"a".repeat(64)));
        assert!(is_label_value("") && is_label_value("a.B") && !is_label_value("a/b"));
    }
}
