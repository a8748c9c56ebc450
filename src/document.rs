//! A stream to its documents, and which of them can be passed through without parsing.
//!
//! Documents are split at lines that begin with `---` before any parsing: YAML forbids such a line
//! inside every kind of scalar (specification 1.2, `c-forbidden`), so the split needs no parser
//! (`spec/6-yaml-facts.md`, section 7 has the exceptions). JSON values that stand one after the
//! other are split at their ends.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::memrchr;

use crate::source::{BYTE_ORDER_MARK, Span};
use crate::yaml::json;

/// One document: the bytes from its `---` line (or the end of what stands in front) up to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its bytes in the stream. The spans of a stream's documents follow each other without a gap,
    /// but for a byte order mark at the beginning, which belongs to none.
    pub span: Span,
    /// Whether the whole document has the brackets of one JSON object or list; reading it tells
    /// whether it is one.
    pub json: bool,
}

/// Splits a stream into its documents. An empty stream has none.
#[must_use]
pub fn split(text: &str) -> Vec<Document> {
    documents(text).collect()
}

/// The documents of a stream, one after the other.
#[must_use]
pub fn documents(text: &str) -> Documents<'_> {
    split_stretch(text, whole(text))
}

/// The bytes of a stream that belong to documents.
fn whole(text: &str) -> Span {
    let start = if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len_utf8()
    } else {
        0
    };
    Span::new(start, text.len())
}

/// Cuts a stream into stretches of whole documents that can be split one without the other, each of
/// about `size` bytes where its documents are not larger.
#[must_use]
pub fn stretches(text: &str, size: usize) -> Vec<Span> {
    let bytes = text.as_bytes();
    let Span { mut start, end } = whole(text);
    let mut stretches = Vec::new();
    let mut from = start + size;
    while let Some(found) = bytes.get(from..).and_then(|rest| SEPARATOR.find(rest)) {
        let line = from + found + 1;
        from = line + 3;
        let before = memrchr(b'\n', &bytes[..line - 1]).map_or(0, |feed| feed + 1);
        // Behind nothing but directives, comments and blank lines, no document ends.
        let last = bytes[before..line - 1].trim_ascii_start().first();
        let ends_document = last.is_some_and(|first| !matches!(first, b'%' | b'#'));
        if is_separator(&bytes[line..]) && before >= start && ends_document {
            stretches.push(Span::new(start, line));
            start = line;
            from = start + size;
        }
    }
    if start < end {
        stretches.push(Span::new(start, end));
    }
    stretches
}

/// The documents of a stretch of a stream, one after the other: nobody needs room for all of them.
#[must_use]
pub fn split_stretch(text: &str, stretch: Span) -> Documents<'_> {
    Documents {
        text,
        end: stretch.end,
        start: stretch.start,
        from: stretch.start,
        values: None,
    }
}

/// The documents of a stretch of a stream.
#[derive(Clone, Debug)]
pub struct Documents<'t> {
    text: &'t str,
    /// Where the stretch ends.
    end: usize,
    /// Where the next document begins, and from where on its end is looked for.
    start: usize,
    from: usize,
    /// What is left of a document that holds several JSON values.
    values: Option<Span>,
}

impl Iterator for Documents<'_> {
    type Item = Document;

    fn next(&mut self) -> Option<Document> {
        if let Some(values) = self.values.take() {
            return Some(self.value(values));
        }
        let bytes = &self.text.as_bytes()[..self.end];
        while let Some(found) = SEPARATOR.find(&bytes[self.from..]) {
            let line = self.from + found + 1;
            self.from = line + 3;
            // Directives belong to the document whose separator they stand in front of.
            if is_separator(&bytes[line..]) && !is_directives(&self.text[self.start..line]) {
                let start = std::mem::replace(&mut self.start, line);
                return Some(self.value(Span::new(start, line)));
            }
        }
        let start = std::mem::replace(&mut self.start, self.end);
        self.from = self.end;
        (start < self.end).then(|| self.value(Span::new(start, self.end)))
    }
}

impl Documents<'_> {
    /// What stands between two separators; where that is several JSON values, the first of them.
    fn value(&mut self, Span { start, end }: Span) -> Document {
        /// A value that is larger is not read to know whether it is one: that is found out when it is
        /// the turn of its document.
        const READ: usize = 64 << 20;
        let slice = &self.text[start..end];
        let value_start = slice.len() - slice.trim_start().len();
        let mut json = false;
        if slice[value_start..].starts_with(['{', '['])
            && let Some(behind) = json::end_of_brackets(slice)
        {
            let rest = slice[behind..].trim_start();
            let more = rest.starts_with(['{', '[']);
            // Given no more than this value: room is made for what the text that is given can hold.
            if more && (behind > READ || json::parse(&slice[..behind]).is_ok()) {
                let next = end - rest.len();
                self.values = Some(Span::new(next, end));
                return Document {
                    span: Span::new(start, next),
                    json: true,
                };
            }
            json = rest.is_empty();
        }
        Document {
            span: Span::new(start, end),
            json,
        }
    }
}

/// Whether nothing but directives, comments and blank lines stands here, a directive among them.
fn is_directives(text: &str) -> bool {
    let text = text.trim_start();
    (text.starts_with('%') || (text.starts_with('#') && text.contains("\n%")))
        && !text.lines().any(|line| line.starts_with("---"))
        && is_blank(text)
}

/// Whether a text begins with a line that separates documents.
#[must_use]
pub fn begins_with_separator(text: &str) -> bool {
    is_separator(text.as_bytes())
}

/// `---` and then a blank, a line end or nothing.
fn is_separator(line: &[u8]) -> bool {
    line.starts_with(b"---") && matches!(line.get(3), None | Some(b' ' | b'\t' | b'\n' | b'\r'))
}

/// Kubernetes' own kinds that carry no pod template, and the kinds that often stand beside them. A
/// document of one of these is not parsed.
const KINDS_WITHOUT_PODS: [&str; 48] = [
    "APIService",
    "CSIDriver",
    "CSINode",
    "CSIStorageCapacity",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ClusterTrustBundle",
    "ComponentStatus",
    "ConfigMap",
    "ControllerRevision",
    "CustomResourceDefinition",
    "DeviceClass",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "FlowSchema",
    "HorizontalPodAutoscaler",
    "IPAddress",
    "Ingress",
    "IngressClass",
    "Lease",
    "LimitRange",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "PodSecurityPolicy",
    "PriorityClass",
    "PriorityLevelConfiguration",
    "ResourceQuota",
    "ResourceSlice",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "Secret",
    "ServiceAccount",
    "ServiceCIDR",
    "StorageClass",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
    "VolumeAttachment",
];

/// Whether a document certainly carries no pod, as its `kind:` in column 0 tells, so that it need
/// not be parsed. `carriers` are further kinds that the user says carry one.
///
/// Everything in doubt is parsed: no `kind:` in column 0 or two of them, a quoted, anchored or
/// commented value, an unknown kind.
#[must_use]
pub fn passes_unparsed(text: &str, carriers: &[&str]) -> bool {
    let mut keys = keys_named_kind(text);
    let kind = keys.next().and_then(plain_kind);
    let without_pods = kind.is_some_and(|kind| {
        KINDS_WITHOUT_PODS.binary_search(&kind).is_ok() && !carriers.contains(&kind)
    });
    // Only then the rest of the document is looked at.
    without_pods && keys.next().is_none() && !announces_a_key(text)
}

/// The value of the only `kind:` at the beginning of a line, where it is one plain word.
#[must_use]
pub fn kind_in_column_zero(text: &str) -> Option<&str> {
    let mut keys = keys_named_kind(text);
    let kind = keys.next().and_then(plain_kind)?;
    (keys.next().is_none() && !announces_a_key(text)).then_some(kind)
}

/// The plain word behind `kind:`; nothing for a key in quotes or a `?` key.
fn plain_kind(line: &str) -> Option<&str> {
    let value = line.strip_prefix("kind:")?.lines().next()?;
    let kind = value.trim_matches([' ', '\t', '\r']);
    let plain = value.starts_with([' ', '\t']) && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    (plain && !kind.is_empty()).then_some(kind)
}

/// The text from each key on that is named `kind` and begins its line, in quotes or not.
fn keys_named_kind(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let begins_line = |at: usize| at == 0 || bytes[at - 1] == b'\n';
    KIND.find_iter(bytes).filter_map(move |at| {
        let behind = bytes.get(at + KIND.needle().len());
        if begins_line(at) {
            return (behind == Some(&b':')).then(|| &text[at..]);
        }
        let quote = at - 1;
        let quoted = matches!(bytes[quote], b'"' | b'\'') && behind == Some(&bytes[quote]);
        (quoted && begins_line(quote)).then(|| &text[quote..])
    })
}

/// Whether a `?` in column 0 announces a key, which may be any.
fn announces_a_key(text: &str) -> bool {
    text.starts_with("? ") || ANNOUNCED.find(text.as_bytes()).is_some()
}

static KIND: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("kind"));
static ANNOUNCED: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\n? "));
static SEPARATOR: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("\n---"));

/// Whether a document holds nothing but blank lines, comments, directives and its markers.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // JSON can be one long line, whose end would be looked for first.
    let first = text.trim_start().bytes().next();
    if !matches!(first, None | Some(b'-' | b'.' | b'#' | b'%')) {
        return false;
    }
    text.lines().all(|line| {
        let line = match line
            .strip_prefix("---")
            .or_else(|| line.strip_prefix("..."))
        {
            Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t']) => rest,
            _ => line,
        };
        let text = line.trim();
        text.is_empty() || text.starts_with('#') || line.starts_with('%')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(stream: &str) -> Vec<&str> {
        split(stream)
            .into_iter()
            .map(|document| &stream[document.span.start..document.span.end])
            .collect()
    }

    #[test]
    fn a_stream_is_split_at_separators_only() {
        assert_eq!(texts(""), Vec::<&str>::new());
        assert_eq!(texts("a: 1"), ["a: 1"]);
        assert_eq!(
            texts("# h\n---\na: 1\n--- # c\nb: |\n  ---\n---x\n---"),
            [
                "# h\n",
                "---\na: 1\n",
                "--- # c\nb: |\n  ---\n---x\n",
                "---"
            ]
        );
        assert_eq!(
            texts("a: 1\r\n---\r\nb: 2\r\n"),
            ["a: 1\r\n", "---\r\nb: 2\r\n"]
        );
        assert_eq!(
            texts("%YAML 1.2\n# c\n---\na: 1\n---\nb"),
            ["%YAML 1.2\n# c\n---\na: 1\n", "---\nb"]
        );
        assert_eq!(texts("\u{feff}a: 1\n---\nb"), ["a: 1\n", "---\nb"]);
    }

    #[test]
    fn stretches_are_split_as_the_whole_is() {
        let stream = "\u{feff}a: 1\n---\nb: 2\n# c\n---\nc: 3\n---\n# d\n%YAML 1.2\n---\nd: 4\n\n---\n---\ne: 5\n--- # f\nf: |\n  ---\n---x\n---\n{}\n{}\n---";
        for size in 0..stream.len() {
            let stretches = stretches(stream, size);
            let parts: Vec<Document> = stretches
                .iter()
                .flat_map(|stretch| split_stretch(stream, *stretch))
                .collect();
            assert_eq!(parts, split(stream), "{size}");
        }
        assert!(stretches(stream, 0).len() > 3);
        let indented = "kind: ConfigMap\ndata:\n  a: b\n---\n".repeat(100);
        assert!(stretches(&indented, 100).len() > 20);
        assert_eq!(stretches("", 1), []);
    }

    #[test]
    fn json_values_are_split_at_their_ends() {
        assert_eq!(
            texts("{\"a\": 1}\n{}\n[2]\n"),
            ["{\"a\": 1}\n", "{}\n", "[2]\n"]
        );
        assert!(split("{\"a\": 1}\n{}").iter().all(|document| document.json));
        assert_eq!(texts("{a: 1}\n"), ["{a: 1}\n"]);
        assert!(!split("{a: 1}\n")[0].json);
        assert_eq!(texts("{} # c\n"), ["{} # c\n"]);
    }

    #[test]
    fn kinds_are_sorted_for_the_search() {
        assert!(KINDS_WITHOUT_PODS.is_sorted());
    }

    #[test]
    fn only_a_sure_kind_passes_unparsed() {
        for text in [
            "kind: ConfigMap\ndata:\n  kind: Pod\n",
            "---\napiVersion: v1\nkind: Secret  \r\n",
        ] {
            assert!(passes_unparsed(text, &[]), "{text}");
        }
        for text in [
            "kind: Deployment\n",
            "kind: \"ConfigMap\"\n",
            "kind: ConfigMap # c\n",
            "x: \"a\nkind: ConfigMap\nb\"\nkind: Pod\n",
            "\"kind\": Pod\nx: 'a\nkind: ConfigMap\n b'\n",
            "kind:\n  ConfigMap\n",
            "kind:ConfigMap\n",
            " kind: ConfigMap\n",
            "{\"kind\": \"ConfigMap\"}\n",
            "kind: ConfigMapList\n",
            "a: 1\n",
        ] {
            assert!(!passes_unparsed(text, &[]), "{text}");
        }
        assert!(!passes_unparsed("kind: ConfigMap\n", &["ConfigMap"]));
    }

    #[test]
    fn blank_documents_hold_nothing() {
        assert!(is_blank("---\n# c\n\n...\n%YAML 1.2\n--- # d\n"));
        assert!(!is_blank("--- a\n"));
        assert!(!is_blank("---x\n"));
        for text in ["", "\n\n", "\u{a0}# x", " \n\t# x\n"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in ["\n a: 1", "- a", "{}", "\u{feff}# x", " %a", "# x\na"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
