//! What is taken out, in every style, with what stands beside it.

use std::sync::Arc;

use crate::change::{Change, Changes, Operation, Path, Segment};
use crate::edit::Editor;
use crate::yaml::{Tree, Value, json, parse};

fn path(text: &str) -> Path {
    let segments = text.split('.').map(|part| match part.parse::<usize>() {
        Ok(index) => Segment::from(index),
        Err(_) => Segment::from(part.to_owned()),
    });
    Path::new(segments)
}

fn tree(text: &str) -> Tree<'_> {
    match json::parse(text) {
        Ok(tree) => tree,
        Err(_) => parse(text).unwrap().tree,
    }
}

fn edited(text: &str, changes: Vec<Change>) -> Result<String, String> {
    let tree = tree(text);
    let changes = [Changes {
        base: Path::default(),
        below: changes,
    }];
    let edited = Editor::default().edit(&tree, &changes);
    let edited = edited.map_err(|error| error.message)?;
    Ok(edited.new.map_or(text.to_owned(), |new| new.text(text)))
}

fn remove(at: &str) -> Change {
    Change::new(path(at), Operation::Remove)
}

fn append(at: &str, text: &str) -> Change {
    Change::new(
        path(at),
        Operation::Append(Arc::new(Value::string(text.to_owned()))),
    )
}

fn set(at: &str, text: &str) -> Change {
    Change::new(
        path(at),
        Operation::Set(Arc::new(Value::string(text.to_owned()))),
    )
}

/// Each text, what is taken out, and the result.
fn check(cases: &[(&str, &[&str], &str)]) {
    for (text, paths, expected) in cases {
        let changes = paths.iter().map(|path| remove(path)).collect();
        assert_eq!(edited(text, changes).as_deref(), Ok(*expected), "{text}");
    }
}

#[test]
fn block_items_go_with_their_lines() {
    check(&[
        (
            "a:\n- x\n- y\n- z\nb: 1\n",
            &["a.1"],
            "a:\n- x\n- z\nb: 1\n",
        ),
        ("a:\n  - x\n  - k: 1\n    l: 2\n", &["a.1"], "a:\n  - x\n"),
        ("a:\n- x\n- y\n", &["a.0"], "a:\n- y\n"),
        ("a:\r\n- x\r\n- y", &["a.1"], "a:\r\n- x"),
        ("a:\n- x\n- y\n- z\n", &["a.0", "a.2"], "a:\n- y\n"),
        ("- x\n- y\n", &["1"], "- x\n"),
        ("a:\n- - x\n  - y\n", &["a.0.0"], "a:\n- - y\n"),
        (
            "a:\n- x\n- |\n  text\n\nb: 1\n",
            &["a.1"],
            "a:\n- x\n\nb: 1\n",
        ),
    ]);
}

#[test]
fn comments_in_an_item_go_and_those_beside_it_stay() {
    check(&[
        (
            "a:\n- x\n# of y\n- y # y\n  # still y\n# of z\n- z\n",
            &["a.1"],
            "a:\n- x\n# of y\n# of z\n- z\n",
        ),
        (
            "k: 1\na: # all\n# beside\n- x\n\n# beside, too\n- y\n  # in y\n# behind\nb: 1\n",
            &["a"],
            "k: 1\n# beside\n\n# beside, too\n# behind\nb: 1\n",
        ),
        (
            "m:\n  a:\n    k: 1\n    # in k?\n  # behind\nb: 1\n",
            &["m.a"],
            "m: {}\n  # behind\nb: 1\n",
        ),
    ]);
}

#[test]
fn block_entries_go_with_what_is_below_them() {
    check(&[
        (
            "a: 1\nb:\n  c:\n  - x\n  - y\nd: 2\n",
            &["b"],
            "a: 1\nd: 2\n",
        ),
        ("a: 1\nb: 2", &["b"], "a: 1"),
        ("a: 1\n? b\n: 2\n", &["a"], "? b\n: 2\n"),
        ("- a: 1\n  b: 2\n", &["0.a"], "- b: 2\n"),
        (
            "- a:\n  - x\n  # of b\n  b: 2\n",
            &["0.a"],
            "- # of b\n  b: 2\n",
        ),
        ("- a: 1\n\n  b: 2\n", &["0.a"], "- b: 2\n"),
        ("a: |\n  text\nb: 2", &["b"], "a: |\n  text\n"),
        ("a: |-\n  text\nb: 2", &["b"], "a: |-\n  text"),
    ]);
    let odd = edited("? a\n: 1\nb: 2\n", vec![remove("a")]);
    assert_eq!(
        odd.unwrap_err(),
        "this part of the document cannot be taken out"
    );
}

#[test]
fn what_is_left_without_anything_is_empty() {
    check(&[
        ("a:\n- x # c\nb: 1\n", &["a.0"], "a: []\nb: 1\n"),
        ("a: # c\n  k: 1\nb: 1\n", &["a.k"], "a: {} # c\nb: 1\n"),
        ("a: [x]\n", &["a.0"], "a: []\n"),
        ("a: { k: 1, l: 2 }\n", &["a.k", "a.l"], "a: {}\n"),
        ("a: [ # c\n  x, ]\n", &["a.0"], "a: [ # c\n   ]\n"),
        ("{\"a\": [1]}", &["a.0"], "{\"a\": []}"),
        ("{\"a\": [1]}", &["a"], "{}"),
        ("- - x\n- y\n", &["0.0"], "- []\n- y\n"),
    ]);
}

#[test]
fn brackets_lose_a_comma_with_each_item() {
    check(&[
        ("[a, b, c]\n", &["2"], "[a, b]\n"),
        ("[a, b, c]\n", &["1", "2"], "[a]\n"),
        ("[a, b, c]\n", &["0"], "[b, c]\n"),
        ("[a, b, c, ]\n", &["2"], "[a, b, ]\n"),
        ("{a: 1, b: 2}\n", &["b"], "{a: 1}\n"),
        ("[\n  a, # first\n  b\n]\n", &["1"], "[\n  a # first\n]\n"),
        ("[\n  a, # first\n  b,\n]\n", &["1"], "[\n  a, # first\n]\n"),
        ("[\n  a,\n  b,\n  c\n]\n", &["1"], "[\n  a,\n  c\n]\n"),
        (
            "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    2\n  ]\n}\n",
            &["b"],
            "{\n  \"a\": 1\n}\n",
        ),
        ("{\"a\":1,\"b\":[1,2]}", &["b.1"], "{\"a\":1,\"b\":[1]}"),
    ]);
}

#[test]
fn things_are_put_in_where_others_are_taken_out() {
    for (text, expected) in [
        ("a:\n- x\n- y\n", "a:\n- x\n- new\n"),
        ("a: [x, y]\n", "a: [x, new]\n"),
        ("a: [x, y, ]\n", "a: [x, new, ]\n"),
        ("a: [\n  x,\n  y\n]\n", "a: [\n  x,\n  new\n]\n"),
        ("{\"a\": [\"x\", \"y\"]}", "{\"a\": [\"x\", \"new\"]}"),
    ] {
        let changes = vec![remove("a.1"), append("a", "new")];
        assert_eq!(edited(text, changes).as_deref(), Ok(expected), "{text}");
    }
    for (text, expected) in [
        ("a:\n- x\nb: 1\n", "a:\n- new\nb: 1\n"),
        ("a: [x]\n", "a: [new]\n"),
        ("{\"a\": [\"x\"]}", "{\"a\": [\"new\"]}"),
    ] {
        let changes = vec![remove("a.0"), append("a", "new")];
        assert_eq!(edited(text, changes).as_deref(), Ok(expected), "{text}");
    }
    let moved = vec![
        remove("1"),
        append("", "new"),
        Change::new(path("0"), Operation::MoveLast),
    ];
    let moved: Vec<Change> = moved
        .into_iter()
        .map(|change| match change.operation {
            Operation::Append(_) => Change::new(Path::default(), change.operation),
            _ => change,
        })
        .collect();
    for (text, expected) in [
        ("- x\n- y\n- z\n", "- z\n- new\n- x\n"),
        ("[x, y, z]\n", "[z, new, x]\n"),
    ] {
        assert_eq!(
            edited(text, moved.clone()).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}

#[test]
fn other_uses_of_what_is_taken_out_keep_it() {
    check(&[
        ("a:\n- &x k\n- y\nb: *x\n", &["a.0"], "a:\n- y\nb: k\n"),
        (
            "a: &l\n- x\n- y\nb: *l\n",
            &["a.1"],
            "a: &l\n- x\nb:\n- x\n- y\n",
        ),
        ("a: &l [x, y]\nb: *l\n", &["b.1"], "a: &l [x, y]\nb:\n- x\n"),
        ("a: &x 1\nb:\n- *x\n- 2\n", &["b.0"], "a: &x 1\nb:\n- 2\n"),
    ]);
}

#[test]
fn a_key_must_be_gone_afterwards() {
    for text in [
        "a: 1\na: 2\nb: 3\n",
        "<<: {a: 0}\na: 1\nb: 2\n",
        "<<: {a: 0}\nb: 2\n",
        "b: 1\n",
        "a: 1\nb: *no\n",
    ] {
        let Ok(parsed) = parse(text) else { continue };
        drop(parsed);
        assert!(edited(text, vec![remove("a")]).is_err(), "{text}");
    }
    let twice = edited("a:\n- k: 1\n", vec![remove("a.0"), set("a.0.k", "x")]);
    assert!(twice.is_err());
    let twice = edited("a:\n- k: 1\n", vec![set("a.0.k", "x"), remove("a.0")]);
    assert!(twice.is_err());
    assert!(edited("a: 1\n", vec![remove("a"), remove("a")]).is_err());
}

#[test]
fn a_scalar_becomes_shorter_and_keeps_its_writing() {
    for (text, new, expected) in [
        ("a: x y\n", "x", "a: x\n"),
        ("a: 'it''s y'\n", "it's", "a: 'it''s'\n"),
        (
            "a: \"\\x41\\u00e9 y\"\n",
            "A\u{e9}",
            "a: \"\\x41\\u00e9\"\n",
        ),
        ("a: \"x \\\"y\\\"\"\n", "x", "a: \"x\"\n"),
        ("a: x\n  y\n  z\n", "x y", "a: x\n  y\n"),
        ("a: 'x\n  y z'\n", "x y", "a: 'x\n  y'\n"),
        ("a: true y\n", "true", "a: \"true\"\n"),
        ("a: y:x\n", "x", "a: x\n"),
        ("a: x  y z\n", "x  z", "a: x  z\n"),
        ("{\"a\": \"x\\u0020y\"}", "x", "{\"a\": \"x\"}"),
    ] {
        assert_eq!(
            edited(text, vec![set("a", new)]).as_deref(),
            Ok(expected),
            "{text}"
        );
    }
}
