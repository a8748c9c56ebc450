//! Input that is made to take long: as much of one thing as a few megabytes hold.

use std::fmt::Write as _;

/// A name, what it is in words, and the text.
pub(crate) type Shape = (&'static str, &'static str, fn() -> String);

/// About how many bytes a shape has that no number gives a size.
const SIZE: usize = 8_000_000;

/// All shapes; the first ten are those that the figures name, in more than one form.
pub(crate) const SHAPES: [Shape; 20] = [
    (
        "deep-block",
        "block mappings nested 200 deep, over and over",
        deep_block,
    ),
    (
        "deep-flow",
        "flow sequences nested 200 deep, over and over",
        deep_flow,
    ),
    (
        "too-deep",
        "one flow sequence, millions deep: an error",
        || "[".repeat(SIZE),
    ),
    (
        "huge-scalar",
        "an annotation of 8 MB, a literal text, injected",
        huge_literal,
    ),
    (
        "huge-quoted",
        "an annotation of 8 MB, quoted, on one line, injected",
        huge_quoted,
    ),
    (
        "huge-plain",
        "an environment variable of 8 MB, plain, over many lines, injected",
        huge_plain,
    ),
    (
        "keys",
        "200,000 annotations on a pod template, injected",
        keys,
    ),
    (
        "keys-flow",
        "200,000 keys in one flow mapping of an unknown kind",
        keys_flow,
    ),
    ("empty-documents", "500,000 empty documents", || {
        "---\n".repeat(500_000)
    }),
    (
        "comments",
        "a million comment lines inside a Deployment, injected",
        comments,
    ),
    ("keys-equal", "200,000 times the same key", keys_equal),
    (
        "variables",
        "100,000 environment variables in one container, injected",
        variables,
    ),
    (
        "containers",
        "20,000 containers in one pod, injected",
        containers,
    ),
    ("aliases", "200,000 aliases of one anchor", aliases),
    ("anchors", "100,000 anchors", anchors),
    (
        "json-line",
        "a JSON List of Deployments on one line, injected",
        json_line,
    ),
    (
        "json-keys",
        "200,000 keys in one JSON object, injected",
        json_keys,
    ),
    (
        "blank-lines",
        "8 million blank lines behind a Deployment, injected",
        blank_lines,
    ),
    (
        "dashes",
        "a literal text of lines that look like separators",
        dashes,
    ),
    (
        "one-line",
        "8 MB on one line that is no YAML: an error",
        one_line,
    ),
];

/// A Deployment as far as the annotations of its pod template, and what follows them.
const HEAD: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: hostile\n  namespace: shop\nspec:\n  template:\n    metadata:\n      labels:\n        app.kubernetes.io/component: api\n      annotations:\n        admission.datakit/java-lib.version: \"\"\n";
const TAIL: &str = "    spec:\n      containers:\n        - name: api\n          image: registry.example.com/api:1\n          env:\n            - name: FIRST\n              value: \"1\"\n";

fn deep_block() -> String {
    let mut text = "kind: Custom\n".to_owned();
    let mut number = 0;
    while text.len() < SIZE {
        let _ = writeln!(text, "k{number}:");
        for depth in 1..200 {
            let _ = writeln!(text, "{:depth$}a:", "");
        }
        number += 1;
    }
    text
}

fn deep_flow() -> String {
    let nest = format!("- {}{}\n", "[".repeat(200), "]".repeat(200));
    format!("kind: Custom\nlist:\n{}", nest.repeat(SIZE / nest.len()))
}

fn huge_literal() -> String {
    let line = "          2026-01-01T00:00:00Z level=info msg=\"a line of some text\"\n";
    format!(
        "{HEAD}        log: |\n{}{TAIL}",
        line.repeat(SIZE / line.len())
    )
}

fn huge_quoted() -> String {
    let word = "a \\\"word\\\" and \\u00e9 \\\\ ";
    format!(
        "{HEAD}        text: \"{}\"\n{TAIL}",
        word.repeat(SIZE / word.len())
    )
}

fn huge_plain() -> String {
    let line = "                some words that go on and on over the lines\n";
    format!(
        "{HEAD}{TAIL}            - name: LONG\n              value: it begins\n{}",
        line.repeat(SIZE / line.len())
    )
}

fn keys() -> String {
    let mut text = HEAD.to_owned();
    for number in 0..200_000 {
        let _ = writeln!(text, "        example.com/key-{number}: value-{number}");
    }
    text + TAIL
}

fn keys_flow() -> String {
    let mut text = "kind: Custom\nmap: {".to_owned();
    for number in 0..200_000 {
        let _ = write!(text, "key-{number}: value-{number}, ");
    }
    text + "}\n"
}

fn keys_equal() -> String {
    format!(
        "{HEAD}{}{TAIL}",
        "        example.com/key: value\n".repeat(200_000)
    )
}

fn comments() -> String {
    let line = "            # a comment\n";
    format!(
        "{HEAD}{TAIL}{}            - name: LAST\n              value: \"2\"\n",
        line.repeat(1_000_000)
    )
}

fn variables() -> String {
    let mut text = format!("{HEAD}{TAIL}");
    for number in 0..100_000 {
        let _ = writeln!(
            text,
            "            - name: VARIABLE_{number}\n              value: \"{number}\""
        );
    }
    text
}

fn containers() -> String {
    let mut text = format!("{HEAD}{TAIL}");
    for number in 0..20_000 {
        let _ = writeln!(
            text,
            "        - name: c{number}\n          image: registry.example.com/c{number}:1"
        );
    }
    text
}

fn aliases() -> String {
    let aliases = "  - *anchor\n".repeat(200_000);
    format!("kind: Custom\nfirst: &anchor {{a: 1}}\nlist:\n{aliases}")
}

fn anchors() -> String {
    let mut text = format!("{HEAD}{TAIL}");
    for number in 0..100_000 {
        let _ = writeln!(
            text,
            "            - name: &a{number} VARIABLE_{number}\n              value: *a{number}"
        );
    }
    text
}

fn json_line() -> String {
    let item = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"hostile","namespace":"shop"},"spec":{"template":{"metadata":{"annotations":{"admission.datakit/java-lib.version":""}},"spec":{"containers":[{"name":"api","image":"registry.example.com/api:1"}]}}}}"#;
    let items = vec![item; SIZE / item.len()].join(",");
    format!("{{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{items}]}}\n")
}

fn json_keys() -> String {
    let mut text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"hostile","namespace":"shop","annotations":{"#.to_owned();
    for number in 0..200_000 {
        let _ = write!(text, "\"example.com/key-{number}\":\"value-{number}\",");
    }
    text + "\"admission.datakit/java-lib.version\":\"\"}},\"spec\":{\"containers\":[{\"name\":\"api\",\"image\":\"registry.example.com/api:1\"}]}}\n"
}

fn blank_lines() -> String {
    format!("{HEAD}{TAIL}{}", "\n".repeat(SIZE))
}

fn dashes() -> String {
    format!(
        "{HEAD}        text: |\n{}{TAIL}",
        "          ---\n          --- a\n".repeat(SIZE / 30)
    )
}

fn one_line() -> String {
    format!("a: {}\n", "{{ .Values.name }} ".repeat(SIZE / 19))
}
