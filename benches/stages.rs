//! How fast each stage of the pipeline is by itself, in megabytes of input a second: `cargo bench`.
//!
//! Splitting is measured on a stream that mostly passes through, everything else on Deployments that
//! are all injected; both are the streams that `benches/run` measures the whole program with.

#![allow(
    clippy::unwrap_used,
    reason = "a measurement stops where its input is not what it should be"
)]

#[path = "manifests/mod.rs"]
#[allow(
    dead_code,
    reason = "the shapes are measured by benches/run, with the whole program"
)]
mod manifests;

use std::sync::LazyLock;

use datakit_inject::change::Changes;
use datakit_inject::config::{self, Rules};
use datakit_inject::document;
use datakit_inject::edit::{self, Editor};
use datakit_inject::inject::{Injector, Switches};
use datakit_inject::source::Source;
use datakit_inject::workload::Lookup;
use datakit_inject::yaml::{self, Tree};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};

use manifests::{Documents, Stream};

const SIZE: usize = 2_000_000;

fn main() {
    divan::main();
}

fn documents(stream: Stream) -> Vec<String> {
    let mut size = 0;
    Documents::new(stream)
        .take_while(|document| {
            let more = size < SIZE;
            size += document.len();
            more
        })
        .collect()
}

static MIXED: LazyLock<Vec<String>> = LazyLock::new(|| documents(Stream::Mixed));
static DEPLOYMENTS: LazyLock<Vec<String>> = LazyLock::new(|| documents(Stream::Injected));
static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let source = Source::new("config.json", include_str!("config.json"));
    config::from_json(&source, None, &mut Vec::new())
        .unwrap()
        .rules
});
static LOOKUP: LazyLock<Lookup> = LazyLock::new(|| Lookup {
    carriers: Vec::new(),
    namespace: "default".to_owned(),
});

fn bytes(documents: &[String]) -> BytesCount {
    BytesCount::of_many::<u8>(documents.iter().map(String::len).sum())
}

fn trees() -> Vec<Tree<'static>> {
    let trees = DEPLOYMENTS
        .iter()
        .map(|text| yaml::parse(text).unwrap().tree);
    trees.collect()
}

/// Trees and what the rules change in them, by one injector, as one thread has it.
fn planned() -> Vec<(Vec<Changes>, Tree<'static>)> {
    let switches = Switches::default();
    let injector = Injector::new(&RULES, &switches);
    let plan = |tree: &Tree<'_>| {
        let mut changes = Vec::new();
        for object in LOOKUP.objects(tree.root_node().unwrap()) {
            for template in &object.templates {
                changes.push(Changes {
                    base: template.path.clone(),
                    below: injector.inject(template).changes,
                });
            }
        }
        assert!(!changes.is_empty(), "every document is injected");
        changes
    };
    trees()
        .into_iter()
        .map(|tree| (plan(&tree), tree))
        .collect()
}

/// A stream into its documents.
#[divan::bench(name = "1 split")]
fn split(bencher: Bencher) {
    let stream = MIXED.concat();
    bencher
        .counter(bytes(&MIXED))
        .bench_local(|| black_box(document::split(&stream)));
}

/// Which documents need no parsing.
#[divan::bench(name = "2 pass")]
fn pass(bencher: Bencher) {
    bencher.counter(bytes(&MIXED)).bench_local(|| {
        let passed = MIXED
            .iter()
            .filter(|text| document::passes_unparsed(text, &[]));
        black_box(passed.count())
    });
}

/// A document into its tree.
#[divan::bench(name = "3 parse")]
fn parse(bencher: Bencher) {
    bencher.counter(bytes(&DEPLOYMENTS)).bench_local(|| {
        for text in DEPLOYMENTS.iter() {
            black_box(yaml::parse(text).unwrap());
        }
    });
}

/// The pod templates of a tree.
#[divan::bench(name = "4 select")]
fn select(bencher: Bencher) {
    let trees = trees();
    bencher.counter(bytes(&DEPLOYMENTS)).bench_local(|| {
        for tree in &trees {
            black_box(LOOKUP.objects(tree.root_node().unwrap()));
        }
    });
}

/// What the rules change in the pod templates.
#[divan::bench(name = "5 plan")]
fn plan(bencher: Bencher) {
    let trees = trees();
    let objects = trees
        .iter()
        .flat_map(|tree| LOOKUP.objects(tree.root_node().unwrap()));
    let objects: Vec<_> = objects.collect();
    let switches = Switches::default();
    let injector = Injector::new(&RULES, &switches);
    bencher.counter(bytes(&DEPLOYMENTS)).bench_local(|| {
        for template in objects.iter().flat_map(|object| &object.templates) {
            black_box(injector.inject(template));
        }
    });
}

/// The changes into new text; the check of it is part of that.
#[divan::bench(name = "6 edit and verify")]
fn edit_and_verify(bencher: Bencher) {
    let planned = planned();
    let mut editor = Editor::default();
    bencher.counter(bytes(&DEPLOYMENTS)).bench_local(|| {
        for (changes, tree) in &planned {
            black_box(editor.edit(tree, changes).unwrap());
        }
    });
}

/// The check of the new text alone, every line of it read again.
#[divan::bench(name = "7 verify")]
fn verify(bencher: Bencher) {
    let mut editor = Editor::default();
    let edited: Vec<_> = planned()
        .into_iter()
        .map(|(changes, tree)| {
            let edited = editor.edit(&tree, &changes).unwrap();
            let text = edited.new.unwrap().text(tree.source_text());
            (tree, changes, text)
        })
        .collect();
    bencher.counter(bytes(&DEPLOYMENTS)).bench_local(|| {
        for (tree, changes, text) in &edited {
            edit::check(tree, changes, text).unwrap();
        }
    });
}
