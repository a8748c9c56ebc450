//! What holds for `preflight`: every check is documented and shown by example, its page's example is
//! what the program says, what the input does not show is never taken for missing, and large inputs
//! take no longer than they have to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod programs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::{Duration, Instant};

use datakit_inject::config;
use datakit_inject::inject::Switches;
use datakit_inject::preflight::{
    Checkup, Cluster, Configured, Status, SubjectKind, check_names, examine,
};
use datakit_inject::rewrite::{Rewriter, Surveyor};
use datakit_inject::source::Source;
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use programs::{blocks, root};

const PAGE: &str = "docs/preflight.md";

/// The words with which the page says when a check has a status.
const WORDS: [(&str, Status); 3] = [
    ("**Passes**", Status::Pass),
    ("**Fails**", Status::Fail),
    ("**Cannot be told**", Status::Unknown),
];

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// The golden folders.
fn cases() -> Vec<PathBuf> {
    let folder = root().join("testdata/cases/preflight");
    let cases = fs::read_dir(folder).unwrap();
    let cases: Vec<PathBuf> = cases.map(|case| case.unwrap().path()).collect();
    assert!(cases.len() > 50);
    cases
}

/// The statuses that each check of the golden folders has.
fn shown() -> BTreeMap<String, BTreeSet<Status>> {
    let mut shown: BTreeMap<String, BTreeSet<Status>> = BTreeMap::new();
    for case in cases() {
        let text = fs::read_to_string(case.join("stdout")).unwrap_or_default();
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let all = [Status::Pass, Status::Fail, Status::Unknown, Status::Note];
            let first = words.next().filter(|_| line.starts_with("  "));
            let status = all.into_iter().find(|status| first == Some(status.name()));
            let check = words.next().filter(|check| check_names().contains(check));
            if let (Some(status), Some(check)) = (status, check) {
                shown.entry(check.to_owned()).or_default().insert(status);
            }
        }
    }
    shown
}

#[test]
fn every_check_has_its_heading_and_an_example_of_each_status() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let mut documented: BTreeMap<String, BTreeSet<Status>> = BTreeMap::new();
    for section in page.split("\n### `").skip(1) {
        let (name, text) = section.split_once("`\n").unwrap();
        let text = text.split("\n## ").next().unwrap();
        let told = WORDS.iter().filter(|(words, _)| text.contains(words));
        let mut told: BTreeSet<Status> = told.map(|(_, status)| *status).collect();
        if told.is_empty() {
            told.insert(Status::Note);
        }
        assert!(text.contains("**What to do.**"), "{name} has no advice");
        documented.insert(name.to_owned(), told);
    }
    let names: BTreeSet<String> = check_names().into_iter().map(str::to_owned).collect();
    let headings: BTreeSet<String> = documented.keys().cloned().collect();
    assert_eq!(names.len(), check_names().len(), "a name is there twice");
    assert_eq!(names, headings, "{PAGE} has other checks than the program");
    assert_eq!(
        shown(),
        documented,
        "the golden folders show other statuses"
    );
}

#[test]
fn the_example_of_the_page_is_what_the_program_says() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = blocks(PAGE, "yaml");
    fs::write(folder.path().join("datakit.yaml"), &yaml[0]).unwrap();
    fs::write(folder.path().join("web.yaml"), &yaml[1]).unwrap();
    fs::write(
        folder.path().join("operator.json"),
        &blocks(PAGE, "json")[0],
    )
    .unwrap();
    let example = &blocks(PAGE, "console")[0];
    let (command, rest) = example.split_once('\n').unwrap();
    let words = command.strip_prefix("$ datakit-inject ").unwrap();
    let output = run(folder.path(), &words.split(' ').collect::<Vec<_>>());
    let code = output.status.code().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(rest, format!("{said}$ echo $?\n{code}\n"));
}

/// The checks of texts, by a configuration.
fn checkup(configuration: &str, texts: &[&str]) -> Checkup {
    let mut problems = Vec::new();
    let source = Source::new("operator.json", configuration);
    let configuration = config::from_json(&source, None, &mut problems).expect("a configuration");
    let (switches, lookup) = (
        Switches::default(),
        Lookup {
            namespace: "default".to_owned(),
            ..Lookup::default()
        },
    );
    let rewriter = Rewriter {
        work: Work::Inject,
        rules: &configuration.rules,
        previous: None,
        any_logs: false,
        tells_stale: false,
        limits: &datakit_inject::limits::Limits::USUAL,
        switches: &switches,
        lookup: &lookup,
        format: None,
        tells_untouched: false,
        tells_missing: true,
    };
    let configured = Configured::of(&configuration.rules);
    let surveyor = Surveyor {
        rewriter: &rewriter,
        configured: &configured,
    };
    let mut seen = Vec::new();
    for text in texts {
        let source: Arc<Source> = Source::new("manifest.yaml", *text);
        seen.extend(surveyor.survey(&source, 1).seen);
    }
    examine(&Cluster::new(seen))
}

#[test]
fn what_the_input_does_not_show_is_never_taken_for_missing() {
    let mut compared = 0;
    for case in cases() {
        let files: Vec<PathBuf> = fs::read_dir(case.join("in"))
            .into_iter()
            .flatten()
            .map(|file| file.unwrap().path())
            .collect();
        let Some(configuration) = files.iter().find(|file| file.ends_with("operator.json")) else {
            continue;
        };
        let configuration = fs::read_to_string(configuration).unwrap();
        let manifests = files.iter().filter(|file| !file.ends_with("operator.json"));
        let texts: Vec<String> = manifests
            .map(|file| fs::read_to_string(file).unwrap())
            .collect();
        let documents: Vec<&str> = texts.iter().flat_map(|text| text.split("---\n")).collect();
        // The workloads alone, without what they rely on.
        let has_injection = |document: &&&str| {
            document.contains("kind: Deployment")
                && !document.contains("image: example.com/datakit")
        };
        let alone: Vec<&str> = documents.iter().filter(has_injection).copied().collect();
        for group in checkup(&configuration, &alone).groups {
            if group.kind == SubjectKind::Workload {
                continue;
            }
            for finding in group.findings {
                compared += 1;
                assert!(
                    matches!(finding.status, Status::Unknown | Status::Note),
                    "{}: {finding:?}",
                    case.display()
                );
            }
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn the_order_of_documents_does_not_matter() {
    for case in cases() {
        // Where two objects have one name, the last one counts.
        if case.ends_with("last-one-counts") || case.ends_with("broken") {
            continue;
        }
        let read = |name: &str| fs::read_to_string(case.join("in").join(name)).ok();
        let (Some(configuration), Some(datakit), Some(web)) = (
            read("operator.json"),
            read("datakit.yaml"),
            read("web.yaml"),
        ) else {
            continue;
        };
        let namespace = read("namespace.yaml").unwrap_or_default();
        let sorted = |texts: &[&str]| {
            let groups = checkup(&configuration, texts).groups;
            let texts = groups.iter().map(|group| {
                let findings = group.findings.iter().map(|finding| {
                    format!("{} {:?} {}", finding.check, finding.status, finding.message)
                });
                format!("{} {:?}", group.name, findings.collect::<Vec<_>>())
            });
            let mut texts: Vec<String> = texts.collect();
            texts.sort();
            texts
        };
        let one = sorted(&[&datakit, &namespace, &web]);
        assert_eq!(
            one,
            sorted(&[&web, &namespace, &datakit]),
            "{}",
            case.display()
        );
        assert!(!one.is_empty());
    }
}

/// A large input whose parts all have to do with each other must not be looked at all with all: twice
/// as much takes about twice as long. Slow machines are given much more.
#[test]
fn time_grows_with_the_input_and_not_with_its_square() {
    const CONFIGURATION: &str = r#"{"admission_inject_v2": {"ddtraces": [
        {"namespace_selectors": ["*"], "language": "java", "image": "example.com/x:1"}]}}"#;
    let measure = |count: usize| {
        let mut text = String::new();
        for index in 0..count {
            // Each is DataKit, has a Service of its own that selects all of them, and sends to it.
            let _ = write!(
                text,
                "---
apiVersion: v1
kind: Service
metadata: {{name: s{index}, namespace: datakit}}
spec: {{selector: {{app: web}}, ports: [{{port: {}}}]}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: d{index}, namespace: datakit}}
spec:
  template:
    metadata:
      labels: {{app: web}}
    spec:
      containers:
        - name: datakit
          image: example.com/datakit/datakit:1
          env:
            - {{name: DD_AGENT_HOST, value: s{index}.datakit.svc}}
            - {{name: DD_TRACE_AGENT_PORT, value: \"{}\"}}
",
                index % 60_000 + 1,
                index % 60_000 + 1
            );
        }
        let start = Instant::now();
        let groups = checkup(CONFIGURATION, &[&text]).groups.len();
        assert!(groups >= 2 * count);
        start.elapsed()
    };
    let few = measure(250);
    let many = measure(2000);
    println!("250: {few:?}, 2000: {many:?}");
    // By the square it were 64 times as long.
    assert!(
        many < few * 32 + Duration::from_secs(2),
        "{few:?}, {many:?}"
    );
}
