//! The shapes of hostile input.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// How a run has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// With exit code 0.
    Done,
    /// With exit code 2 and that error.
    Error(&'static str),
}

use Expected::{Done, Error};

const TOO_MUCH: Expected = Error("limit-exceeded");
const NO_YAML: Expected = Error("not-yaml");

/// Input of one shape.
pub(crate) struct Shape {
    /// What it is, in words.
    pub(crate) name: &'static str,
    /// What the program gets besides its path.
    pub(crate) options: Vec<String>,
    /// Writes it; gives its size in bytes.
    pub(crate) write: Box<dyn Fn(&Path) -> u64>,
    pub(crate) expected: Expected,
}

/// A text made of a head, a part that is repeated, and a tail.
struct Text {
    head: String,
    unit: Vec<u8>,
    times: usize,
    tail: String,
}

impl Text {
    fn write(&self, path: &Path) -> u64 {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
        file.write_all(self.head.as_bytes()).unwrap();
        for _ in 0..self.times {
            file.write_all(&self.unit).unwrap();
        }
        file.write_all(self.tail.as_bytes()).unwrap();
        file.into_inner().unwrap().metadata().unwrap().len()
    }
}

/// A pod that is injected, as far as its annotations, and what follows them.
const HEAD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  annotations:\n    \
                    admission.datakit/java-lib.version: \"\"\n";
const TAIL: &str = "spec:\n  containers:\n    - name: web\n      image: example.com/web:1.0\n";

/// A list, as far as its items.
const LIST: &str = "apiVersion: v1\nkind: List\nitems:\n";

/// A pod among them that is injected.
fn pod_in_list(number: usize) -> String {
    format!(
        "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: w{number}\n    annotations:\n      \
         admission.datakit/java-lib.version: \"\"\n  spec:\n    containers:\n    - name: a\n      image: b\n"
    )
}

/// Something that is parsed, and holds no pod.
const CUSTOM: &str = "kind: Custom\n";

/// Ten anchors, each of ten of the one before.
fn bomb() -> String {
    let mut text = "b0: &b0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..10 {
        let uses = vec![format!("*b{}", level - 1); 10].join(",");
        text.extend([format!("b{level}: &b{level} [{uses}]\n")]);
    }
    text
}

struct Shapes {
    all: Vec<Shape>,
    full: bool,
}

impl Shapes {
    /// What comes of more values or anchors than are read: in full size there are so many.
    fn beyond(&self) -> Expected {
        if self.full { TOO_MUCH } else { Done }
    }

    /// So much where it has its full size, a hundredth of it otherwise.
    fn of(&self, full: usize) -> usize {
        if self.full { full } else { (full / 100).max(1) }
    }

    fn add(&mut self, name: &'static str, expected: Expected, text: Text) {
        self.with(name, expected, &[], text);
    }

    fn with(&mut self, name: &'static str, expected: Expected, options: &[&str], text: Text) {
        self.all.push(Shape {
            name,
            options: options.iter().map(|&option| option.to_owned()).collect(),
            write: Box::new(move |path| text.write(path)),
            expected,
        });
    }

    /// A text of numbered parts.
    fn numbered(
        &mut self,
        name: &'static str,
        expected: Expected,
        (head, times, tail): (&str, usize, &str),
        part: impl Fn(usize) -> String,
    ) {
        let parts: String = (0..self.of(times)).map(part).collect();
        let text = once(format!("{head}{parts}{tail}"));
        self.add(name, expected, text);
    }
}

fn repeated(head: &str, unit: &[u8], times: usize, tail: &str) -> Text {
    Text {
        head: head.to_owned(),
        unit: unit.to_vec(),
        times,
        tail: tail.to_owned(),
    }
}

fn once(text: String) -> Text {
    Text {
        head: text,
        unit: Vec::new(),
        times: 0,
        tail: String::new(),
    }
}

/// All shapes, in full size or in a hundredth of it.
pub(crate) fn shapes(full: bool) -> Vec<Shape> {
    let mut shapes = Shapes {
        all: Vec::new(),
        full,
    };
    aliases(&mut shapes);
    levels(&mut shapes);
    columns(&mut shapes);
    scalars(&mut shapes);
    encodings(&mut shapes);
    keys(&mut shapes);
    lines(&mut shapes);
    documents(&mut shapes);
    dense(&mut shapes);
    remarks(&mut shapes);
    configurations(&mut shapes);
    shapes.all
}

fn aliases(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    let bomb = bomb();
    shapes.add(
        "an alias bomb (10 to the 10th values) that nothing is injected into",
        Done,
        once(format!("{HEAD}{TAIL}{bomb}")),
    );
    let list = TAIL.replace("      image", "      env: *b9\n      image");
    shapes.add(
        "an alias bomb that is injected into",
        TOO_MUCH,
        once(format!("{bomb}{HEAD}{list}")),
    );
    shapes.with(
        "an alias bomb that is converted",
        TOO_MUCH,
        &["--output", "json"],
        once(format!("{CUSTOM}{bomb}")),
    );
    shapes.add(
        "a list of variables that is in itself",
        TOO_MUCH,
        once(format!(
            "{HEAD}{}",
            TAIL.replace("      image", "      env: &e [*e]\n      image")
        )),
    );
    shapes.add(
        "a mapping that merges itself",
        Done,
        once(format!("{HEAD}{TAIL}x: &x\n  <<: *x\n")),
    );
    let count = shapes.of(100_000);
    let variables: String = (0..100)
        .map(|n| format!("        - {{name: V{n}, value: x}}\n"))
        .collect();
    let anchored = TAIL.replace(
        "      image",
        &format!("      env: &e\n{variables}      image"),
    );
    shapes.add(
        "100,000 uses of a list of 100 variables that is injected into",
        TOO_MUCH,
        repeated(&format!("{HEAD}{anchored}uses:\n"), b"- *e\n", count, ""),
    );
    let long = "x".repeat(shapes.of(1_000_000));
    let anchored = TAIL.replace(
        "      image",
        &format!("      env: &e\n        - {{name: LONG, value: {long}}}\n      image"),
    );
    shapes.with(
        "100,000 uses of a variable of 1 MB that is injected into",
        TOO_MUCH,
        &["--limit", "alias-size=1M"],
        repeated(&format!("{HEAD}{anchored}uses:\n"), b"- *e\n", count, ""),
    );
    shapes.numbered(
        "a million anchors",
        beyond,
        ("kind: Custom\nlist:\n", 1_000_000, ""),
        |n| format!("- &a{n} x\n"),
    );
    shapes.add(
        "a million aliases of one anchor",
        beyond,
        repeated(
            "kind: Custom\na: &a x\nlist:\n",
            b"- *a\n",
            shapes.of(1_000_000),
            "",
        ),
    );
    shapes.numbered(
        "90,000 mappings, each of which merges the one before",
        Done,
        ("kind: Custom\nm0: &m0 {k: v}\n", 90_000, ""),
        |n| format!("m{}: &m{0} {{<<: *m{n}, k{n}: v}}\n", n + 1),
    );
}

fn levels(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    // Deep enough to be too deep, whatever the size of the others.
    let deep = 100_000;
    for (name, unit) in [
        ("100,000 flow sequences, one in the other", "["),
        ("100,000 flow mappings, one in the other", "{a: "),
        ("100,000 block sequences, one in the other", "- "),
        ("100,000 keys that are keys (`? `)", "? "),
        ("100,000 JSON lists, one in the other", "["),
        ("100,000 JSON objects, one in the other", "{\"a\":"),
    ] {
        let head = if name.contains("JSON") { "{\"x\":" } else { "" };
        shapes.add(name, TOO_MUCH, repeated(head, unit.as_bytes(), deep, ""));
    }
    let depth = if shapes.full { 5_000 } else { 500 };
    let block: String = (0..depth)
        .map(|n| format!("{}a:\n", " ".repeat(n)))
        .collect();
    shapes.add(
        "5,000 block mappings, one in the other",
        TOO_MUCH,
        once(block),
    );
    let nest = format!("- {}{}\n", "[".repeat(200), "]".repeat(200));
    let count = shapes.of(60_000_000) / nest.len();
    shapes.add(
        "200 flow sequences, one in the other, over and over",
        beyond,
        repeated("kind: Custom\nlist:\n", nest.as_bytes(), count, ""),
    );
}

/// Places far from the beginning of their line.
fn columns(shapes: &mut Shapes) {
    // A tag, so that the full parser reads them.
    let text = "x".repeat(shapes.of(50_000_000));
    shapes.add(
        "20,000 entries in brackets on one line behind a text of 50 MB",
        Done,
        repeated(
            &format!("{CUSTOM}d: {{t: !!str '{text}', l: ["),
            b"{o: [1, 1]},",
            shapes.of(20_000),
            "]}\n",
        ),
    );
    shapes.add(
        "20,000 entries in brackets in column 50 million",
        Done,
        repeated(
            &format!("{CUSTOM}d:\n-{}e: {{t: !!str x,", " ".repeat(text.len())),
            b"o: [1, 1],",
            shapes.of(20_000),
            "}\n",
        ),
    );
}

fn scalars(shapes: &mut Shapes) {
    let size = shapes.of(1_000_000_000);
    let line = b"    some words that go on and on over the lines, sixty and four\n";
    let lines = size / line.len();
    shapes.add(
        "a text of 1 GB on one line",
        if shapes.full { TOO_MUCH } else { Done },
        repeated("kind: Custom\ntext: ", b"x", size, "\n"),
    );
    let large = ["--limit", "document-size=2G"];
    let heads = [
        ("a plain text of 1 GB on one line, allowed", "text: "),
        (
            "a text of 1 GB in double quotes on one line, allowed",
            "text: \"",
        ),
        (
            "a text of 1 GB in single quotes on one line, allowed",
            "text: '",
        ),
        ("a comment of 1 GB, allowed", "# "),
    ];
    for (name, head) in heads {
        let end = if head.ends_with(['"', '\'']) {
            &head[head.len() - 1..]
        } else {
            ""
        };
        let (head, tail) = (format!("{CUSTOM}{head}"), format!("{end}\n"));
        shapes.with(name, Done, &large, repeated(&head, b"x", size, &tail));
    }
    for (name, head, tail) in [
        ("a literal text of 1 GB, allowed", "text: |\n", ""),
        ("a folded text of 1 GB, allowed", "text: >\n", ""),
        (
            "a plain text of 1 GB over lines, allowed",
            "text: it begins\n",
            "",
        ),
        (
            "a quoted text of 1 GB over lines, allowed",
            "text: \"it begins\n",
            "    and ends\"\n",
        ),
    ] {
        let head = format!("{CUSTOM}{head}");
        shapes.with(name, Done, &large, repeated(&head, line, lines, tail));
    }
    shapes.with(
        "a JSON text of 1 GB, allowed",
        Done,
        &large,
        repeated("{\"kind\": \"Custom\", \"text\": \"", b"x", size, "\"}\n"),
    );
    shapes.with(
        "a literal text of 1 GB in a pod that is injected, allowed",
        Done,
        &large,
        repeated(
            &format!("{HEAD}    text: |\n"),
            b"      a line of some text, sixty and four characters in all of them\n",
            size / 70,
            TAIL,
        ),
    );
    let escapes = shapes.of(60_000_000) / 6;
    shapes.add(
        "a text of 60 MB of escapes",
        Done,
        repeated("kind: Custom\ntext: \"", b"\\u00e9", escapes, "\"\n"),
    );
    for (name, head) in [
        (
            "60 MB behind a quote that does not end",
            "kind: Custom\ntext: \"a\n",
        ),
        (
            "60 MB behind a bracket that does not end",
            "kind: Custom\nlist: [a,\n",
        ),
    ] {
        let count = shapes.of(60_000_000) / 6;
        shapes.add(name, NO_YAML, repeated(head, b"  abc\n", count, ""));
    }
}

fn encodings(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    let size = shapes.of(60_000_000);
    let half = format!("{CUSTOM}{}", "# some comment\n".repeat(size / 30));
    shapes.add("60 MB of NUL", NO_YAML, repeated("", b"\0", size, ""));
    shapes.add(
        "a NUL in the middle of 60 MB",
        NO_YAML,
        repeated(&format!("{half}a: \0\n"), b"b: c\n", size / 10, ""),
    );
    shapes.add(
        "60 MB of bytes that are no UTF-8",
        Error("not-utf8"),
        repeated("", b"\xff", size, ""),
    );
    shapes.add(
        "60 MB whose last byte is no UTF-8",
        Error("not-utf8"),
        Text {
            unit: b"\xc3".to_vec(),
            times: 1,
            ..repeated(&half, b"", 0, "")
        },
    );
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    for (name, mark, order, expected) in [
        (
            "60 MB of UTF-16, little end first, with its mark",
            true,
            u16::to_le_bytes as fn(u16) -> [u8; 2],
            Error("not-utf8"),
        ),
        (
            "60 MB of UTF-16, big end first, with its mark",
            true,
            u16::to_be_bytes,
            Error("not-utf8"),
        ),
        (
            "60 MB of UTF-16, little end first",
            false,
            u16::to_le_bytes,
            NO_YAML,
        ),
        (
            "60 MB of UTF-16, big end first",
            false,
            u16::to_be_bytes,
            NO_YAML,
        ),
    ] {
        let line = wide("kind: Pod\n", order);
        let mut bytes = if mark {
            wide("\u{feff}", order)
        } else {
            Vec::new()
        };
        let times = size / line.len();
        for _ in 0..times {
            bytes.extend_from_slice(&line);
        }
        shapes.add(name, expected, repeated("", &bytes, 1, ""));
    }
    shapes.add(
        "60 MB of lines that end with CR alone",
        beyond,
        repeated("", b"a: 1\r", size / 5, ""),
    );
    for (name, unit) in [
        ("60 MB of lines that end with NEL", "a: 1\u{85}"),
        ("60 MB of lines that end with LS", "a: 1\u{2028}"),
    ] {
        let count = size / unit.len();
        shapes.add(name, NO_YAML, repeated(CUSTOM, unit.as_bytes(), count, ""));
    }
    shapes.add(
        "60 MB of tabs",
        NO_YAML,
        repeated("kind: Custom\na:\n", b"\t", size, "b: 1\n"),
    );
    shapes.add(
        "tabs as indentation on every line",
        NO_YAML,
        repeated("kind: Custom\na:\n", b"\tb: 1\n", size / 6, ""),
    );
    shapes.add(
        "tabs between tokens",
        beyond,
        repeated("kind: Custom\na:\n", b"  -\tb\t# c\n", size / 10, ""),
    );
    let marks = size / 3;
    shapes.add(
        "60 MB of byte order marks",
        NO_YAML,
        repeated("", "\u{feff}".as_bytes(), marks, "a: [\n"),
    );
}

fn keys(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    let long = "k".repeat(shapes.of(1_000_000).max(2_000));
    shapes.add(
        "a key of 1 MB",
        NO_YAML,
        once(format!("{CUSTOM}{long}: x\n")),
    );
    shapes.add(
        "a key of 1 MB in quotes",
        NO_YAML,
        once(format!("{CUSTOM}\"{long}\": x\n")),
    );
    shapes.add(
        "a key of 1 MB behind `? `",
        Done,
        once(format!("{CUSTOM}? {long}\n: x\n")),
    );
    shapes.add(
        "50 keys of 1 MB in JSON",
        Done,
        repeated(
            "{\"kind\": \"Custom\"",
            format!(",\"{long}\": 1").as_bytes(),
            50,
            "}",
        ),
    );
    shapes.add(
        "an annotation whose name is 1 MB long",
        Done,
        once(format!(
            "{HEAD}    ? admission.datakit/{long}\n    : x\n{TAIL}"
        )),
    );
    shapes.add(
        "a million times the same key",
        beyond,
        repeated(
            HEAD,
            b"    example.com/key: value\n",
            shapes.of(1_000_000),
            TAIL,
        ),
    );
    shapes.numbered(
        "a million annotations",
        beyond,
        (HEAD, 1_000_000, TAIL),
        |n| format!("    example.com/k{n}: v\n"),
    );
    shapes.numbered(
        "a million keys in one flow mapping",
        beyond,
        ("kind: Custom\nmap: {", 1_000_000, "}\n"),
        |n| format!("k{n}: v, "),
    );
    shapes.numbered(
        "a million keys in one JSON object",
        beyond,
        ("{\"kind\": \"Custom\"", 1_000_000, "}\n"),
        |n| format!(",\"k{n}\":1"),
    );
    let variables = format!("{HEAD}{TAIL}      env:\n");
    shapes.numbered(
        "a million variables",
        beyond,
        (&variables, 1_000_000, ""),
        |n| format!("        - {{name: V{n}, value: v}}\n"),
    );
    let containers = format!("{HEAD}{TAIL}");
    shapes.numbered(
        "20,000 containers in one pod",
        Done,
        (&containers, 20_000, ""),
        |n| format!("    - name: c{n}\n      image: example.com/c{n}:1\n"),
    );
}

fn lines(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    let size = shapes.of(60_000_000);
    let pod = "{\"kind\":\"Pod\",\"metadata\":{\"annotations\":{\"admission.datakit/java-lib.version\":\"\"}},\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"x\"}]}}";
    let pods = size / (pod.len() + 1);
    shapes.add(
        "60 MB of pods in one JSON list on one line, injected",
        beyond,
        repeated(
            &format!("{{\"kind\":\"List\",\"items\":[{pod}"),
            format!(",{pod}").as_bytes(),
            pods - 2,
            "]}\n",
        ),
    );
    shapes.add(
        "a JSON list of 30 million numbers on one line",
        beyond,
        repeated(
            "{\"kind\":\"Custom\",\"list\":[0",
            b",0",
            size / 2 - 50,
            "]}\n",
        ),
    );
    shapes.add(
        "a flow sequence of 20 million items on one line",
        beyond,
        repeated("kind: Custom\nlist: [x", b", x", size / 3 - 50, "]\n"),
    );
    shapes.add(
        "a block sequence of 30 million items of nothing",
        beyond,
        repeated("kind: Custom\nlist:\n", b"-\n", size / 2 - 50, ""),
    );
    shapes.add(
        "15 million keys without a value",
        beyond,
        repeated("kind: Custom\n", b"a:\n", size / 3 - 50, ""),
    );
    shapes.add(
        "60 million blank lines behind a pod that is injected",
        Done,
        repeated(&format!("{HEAD}{TAIL}"), b"\n", size, ""),
    );
    let image = "x".repeat(2_000);
    let line = format!(
        "{{\"kind\":\"Pod\",\"metadata\":{{\"annotations\":{{\"admission.datakit/java-lib.version\":\"\"}}}},\"spec\":{{\"containers\":[{{\"name\":\"a\",\"image\":\"{image}\"}}]}}}}"
    );
    shapes.add(
        "60 million blank lines behind a pod in JSON, on a long line, that is injected",
        Done,
        repeated(&line, b"\n", size, ""),
    );
    let pods: String = (0..1_000).map(pod_in_list).collect();
    shapes.add(
        "60 million blank lines behind a list of 1,000 pods that are injected",
        Done,
        repeated(&format!("{LIST}{pods}"), b"\n", size, ""),
    );
    let objects = |n| pod_in_list(n) + &"- kind: a\n".repeat(127);
    let objects: String = (0..shapes.of(1_600)).map(objects).collect();
    shapes.add(
        "a list that begins with a line of 30 MB, and 1,600 pods in it that are injected",
        Done,
        repeated(
            &format!("{LIST}- kind: x"),
            b"x",
            size / 2,
            &format!("\n{objects}"),
        ),
    );
    shapes.numbered(
        "a list of 100,000 objects, of which one in a hundred is a pod that is injected",
        Done,
        (LIST, 100_000, ""),
        |n| match n % 100 {
            0 => pod_in_list(n),
            _ => format!("- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c{n}\n"),
        },
    );
    shapes.add(
        "20 million comments in a pod that is injected",
        Done,
        repeated(
            &format!("{HEAD}{TAIL}"),
            b"#c\n",
            size / 3 - 200,
            "      args: [a]\n",
        ),
    );
    shapes.add(
        "60 MB on one line that is no YAML",
        NO_YAML,
        repeated("kind: Custom\na: ", b"b: ", size / 3 - 50, "\n"),
    );
    shapes.add(
        "tags on 6 million items",
        beyond,
        repeated("kind: Custom\nlist:\n", b"- !!str a\n", size / 10 - 50, ""),
    );
}

fn documents(shapes: &mut Shapes) {
    let size = shapes.of(60_000_000);
    shapes.add(
        "15 million empty documents",
        Done,
        repeated("", b"---\n", size / 4, ""),
    );
    shapes.add(
        "a million documents of one character",
        Done,
        repeated("", b"a\n---\n", shapes.of(1_000_000), ""),
    );
    let options: &[&str] = if shapes.full {
        &[]
    } else {
        &["--limit", "documents=10000"]
    };
    let many = if shapes.full { 2_000_000 } else { 20_000 };
    shapes.with(
        "two million documents",
        TOO_MUCH,
        options,
        repeated("", b"a\n---\n", many, ""),
    );
    shapes.with(
        "two million JSON documents on one line",
        TOO_MUCH,
        options,
        repeated("", b"{}", many, "\n"),
    );
    shapes.add(
        "7 million directives",
        NO_YAML,
        repeated("", b"%YAML 1\n", size / 8, "---\na: [\n"),
    );
    shapes.add(
        "15 million ends of documents",
        Done,
        repeated("kind: Custom\n", b"...\n", size / 4, ""),
    );
    shapes.add(
        "a literal text of lines that look like separators",
        Done,
        repeated(
            "kind: Custom\ntext: |\n",
            b"  --- # none\n",
            size / 13 - 10,
            "",
        ),
    );
}

/// Tiny values in what is injected, and just below the limit, in every way that a document can go.
fn dense(shapes: &mut Shapes) {
    let beyond = shapes.beyond();
    let size = shapes.of(30_000_000);
    let items = shapes.of(950_000);
    shapes.add(
        "15 million arguments of a container, injected",
        beyond,
        repeated(
            &format!("{HEAD}{TAIL}      args: [a"),
            b",a",
            size / 2,
            "]\n",
        ),
    );
    for (name, options) in [
        ("950,000 arguments of a container, injected", &[][..]),
        (
            "the same, converted",
            &["--output", "json", "input.yaml"][..],
        ),
        ("the same, refreshed", &["--refresh", "input.yaml"][..]),
        ("the same, explained", &["explain", "input.yaml"][..]),
    ] {
        let text = repeated(&format!("{HEAD}{TAIL}      args: [a"), b",a", items, "]\n");
        shapes.with(name, Done, options, text);
    }
    let pods = shapes.of(20_000);
    let pod = b"- {apiVersion: v1, kind: Pod, metadata: {name: w, annotations: {admission.datakit/java-lib.version: ''}}, spec: {containers: [{name: a, image: b, env: 7}]}}\n";
    shapes.add(
        "20,000 malformed pods in one list",
        Error("malformed-pod-template"),
        repeated("apiVersion: v1\nkind: List\nitems:\n", pod, pods, ""),
    );
}

fn remarks(shapes: &mut Shapes) {
    shapes.numbered(
        "50,000 annotations that nobody knows",
        Done,
        (HEAD, 50_000, TAIL),
        |n| format!("    admission.datakit/jave-lib.version{n}: \"\"\n"),
    );
    let count = shapes.of(100_000);
    shapes.add(
        "100,000 documents that are no YAML",
        NO_YAML,
        repeated("", b"kind: Pod\nmetadata: {name: web\n---\n", count, ""),
    );
    shapes.add(
        "100,000 documents that are no JSON",
        Error("not-json"),
        repeated("", b"{\"kind\": \"Pod\" \"metadata\"}\n---\n", count, ""),
    );
    shapes.add(
        "20,000 pods whose variables are no list, on one line each",
        Error("malformed-pod-template"),
        repeated(
            "",
            b"{kind: Pod, metadata: {annotations: {admission.datakit/java-lib.version: ''}}, spec: {containers: [{name: a, env: 5}]}}\n---\n",
            shapes.of(20_000),
            "",
        ),
    );
}

fn configurations(shapes: &mut Shapes) {
    let wrong = ["--config", "input.yaml", "/dev/null"];
    let count = shapes.of(20_000);
    let rules = |rule: &str| format!("{rule},").repeat(count);
    let v2 =
        |rules: String| format!("{{\"admission_inject_v2\": {{\"ddtraces\": [{rules}{{}}]}}}}");
    shapes.with(
        "a configuration of 20,000 rules, each wrong",
        Error("config-wrong-type"),
        &wrong,
        once(v2(rules("{\"name\": 1, \"language\": [], \"image\": 7}"))),
    );
    shapes.with(
        "a configuration of 20,000 rules",
        Done,
        &["--config", "input.yaml", "--quiet", "--allow-empty", "/dev/null"],
        once(v2(rules("{\"name\": \"a\", \"namespace_selectors\": [\"^p$\"], \"language\": \"java\", \"image\": \"x\"}"))),
    );
    let expression = "(((((a{1,100}){1,100}){1,100}){1,100}){1,100})*".repeat(50);
    shapes.with(
        "an expression that would take for ever",
        Done,
        &["--config", "input.yaml", "--quiet", "/dev/null"],
        once(v2(format!("{{\"namespace_selectors\": [\"{expression}\"], \"language\": \"java\", \"image\": \"x\"}},"))),
    );
    shapes.with(
        "a configuration with an alias bomb around it",
        Error("config-no-jsonconfig"),
        &wrong,
        once(format!(
            "kind: ConfigMap\ndata:\n  other: jsonconfig\n{}",
            bomb()
        )),
    );
    shapes.with(
        "a configuration of 100 MB",
        if shapes.full {
            Error("config-unreadable")
        } else {
            Error("config-not-json")
        },
        &wrong,
        repeated("{\"a\": \"", b"x", shapes.of(100_000_000), ""),
    );
}
