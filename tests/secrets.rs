//! Values of environment variables and what Secrets hold are in no report, whatever is wrong with the
//! text that they stand in: documents and configurations with a random fault each, in every form of
//! the report.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod random;

use std::fs;
use std::process::Command;

use random::Random;

/// Stands where a secret stands.
const SECRET: &str = "hunter2";

const MANIFESTS: [&str; 6] = [
    "apiVersion: v1
kind: Secret
metadata:
  name: db
data:
  password: hunter2
stringData:
  text: |
    hunter2
    and hunter2
",
    "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    metadata:
      annotations:
        admission.datakit/java-lib.version: \"\"
    spec:
      containers:
        - name: web
          image: example.com/web:1.0
          env:
            - name: A
              value: hunter2
            - {name: B, value: \"hunter2\"}
            - name: JAVA_TOOL_OPTIONS
              value: -Dx=hunter2
            - name: C
              value: |
                hunter2
                  key: hunter2
                - hunter2
            - name: D
              value: \"hunter2
                hunter2\"
            - name: E
              value: >-
                hunter2

                hunter2
          ports:
            - containerPort: 80
",
    "apiVersion: v1
kind: Pod
spec:
  containers:
  - name: web
    env:
    - name: A
      value: 'hunter2'
    - value: hunter2
      name: B
    image: example.com/web:1.0
",
    "{
  \"kind\": \"Pod\",
  \"spec\": {
    \"containers\": [
      {
        \"name\": \"web\",
        \"env\": [
          {\"name\": \"A\", \"value\": \"hunter2\"},
          {
            \"name\": \"B\",
            \"value\": \"hunter2\"
          }
        ]
      }
    ]
  }
}
",
    "{\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"name\":\"web\",\"env\":[{\"name\":\"A\",\"value\":\"hunter2\"}],\"image\":\"x\"}]}}\n",
    "{\"data\":{\"a\":\"hunter2\"},\"kind\":\"Secret\"}\n",
];

const CONFIGURATION: &str = "{
  \"admission_inject_v2\": {
    \"ddtraces\": [
      {
        \"name\": \"a\",
        \"language\": \"java\",
        \"image\": \"example.com/java:1.0\",
        \"namespace_selectors\": [\"^prod$\"],
        \"envs\": {
          \"DD_API_KEY\": \"hunter2\",
          \"lower\": \"hunter2\",
          \"JSON\": \"{\\\"a\\\": \\\"hunter2\\\"}\"
        }
      },
      {\"name\": \"b\", \"language\": \"python\", \"envs\": {\"A\": \"hunter2\", \"B\": \"{fieldref:hunter2}\"}}
    ]
  }
}
";

const FORMS: [&str; 6] = ["text", "json", "github", "sarif", "gitlab", "none"];

/// The text with one fault in it: something more or something less, but not in a secret, and not in
/// the line that says what the document is.
fn faulty(text: &str, random: &mut Random) -> String {
    const MORE: [&str; 26] = [
        "[", "]", "{", "}", ":", ": ", ",", "\"", "'", "|", ">", "&", "*", "%", "@", "\t", "\n",
        " ", "  ", "- ", "#", "?", "\u{0}", "\u{85}", "\\", "x",
    ];
    loop {
        let at = random.below(text.len());
        let around = &text[at.saturating_sub(SECRET.len())..(at + SECRET.len()).min(text.len())];
        let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let line = text[start..].lines().next().unwrap_or_default();
        if around.contains(SECRET) || line.contains("kind") && line.len() < 40 {
            continue;
        }
        let (before, behind) = text.split_at(at);
        return if random.below(3) == 0 {
            format!("{before}{}", &behind[1..])
        } else {
            format!("{before}{}{behind}", MORE[random.below(MORE.len())])
        };
    }
}

/// What the program says in one form, and whether it is an error.
fn report(folder: &std::path::Path, options: &[&str], form: &str) -> (String, bool) {
    let output = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
        .env_clear()
        .args(["--check", "--verbose", "--report", form])
        .args(options)
        .current_dir(folder)
        .output()
        .unwrap();
    let code = output.status.code();
    assert!(code.is_some_and(|code| code < 3), "{code:?}");
    assert!(output.stdout.is_empty());
    (String::from_utf8(output.stderr).unwrap(), code == Some(2))
}

#[test]
fn no_fault_in_a_manifest_shows_a_secret() {
    let mut random = Random(0x5eed_5eed_5eed_5eed);
    let folder = tempfile::tempdir().unwrap();
    let mut written = Vec::new();
    for turn in 0..1200 {
        let mut text = faulty(MANIFESTS[turn % MANIFESTS.len()], &mut random).into_bytes();
        if turn % 10 == 0 {
            let at = random.below(text.len());
            text.insert(at, 0xff);
        }
        fs::write(folder.path().join(format!("{turn:04}.yaml")), &text).unwrap();
        written.push(text);
    }
    let mut errors = 0;
    for form in FORMS {
        let (said, _) = report(folder.path(), &["."], form);
        if let Some(at) = said.find(SECRET) {
            let place = said[..at].rfind(".yaml:").unwrap();
            let name = &said[place - 4..place + 5];
            let text = fs::read_to_string(folder.path().join(name)).unwrap_or_default();
            panic!("{form}: {}\n{text}", &said[place..at + SECRET.len()]);
        }
        errors = errors.max(said.matches("[not-").count());
    }
    assert!(errors > 300, "{errors} errors");
    println!("{errors} errors in each form");
}

#[test]
fn no_fault_in_a_configuration_shows_a_secret() {
    let mut random = Random(0x5eed_5eed_5eed_5eed);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("web.yaml"), MANIFESTS[2]).unwrap();
    let indented: String = CONFIGURATION
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect();
    let flat: String = CONFIGURATION
        .lines()
        .map(|line| format!("    {}\n", line.trim()))
        .collect();
    let minified = CONFIGURATION.lines().map(str::trim).collect::<String>();
    let map = "kind: ConfigMap\ndata:\n  jsonconfig: ";
    let yaml =
        serde_yaml::to_string(&serde_json::from_str::<serde_json::Value>(CONFIGURATION).unwrap());
    // A name in lower case that a fault indents otherwise can be any key.
    let yaml = yaml.map(|yaml| yaml.replace("lower", "UPPER"));
    let inline: String = yaml
        .unwrap()
        .lines()
        .map(|line| format!("        {line}\n"))
        .collect();
    let function = "kind: ResourceList\nitems: []\nfunctionConfig:\n  spec:\n    config:";
    let texts = [
        (CONFIGURATION.to_owned(), "--config"),
        (
            CONFIGURATION
                .lines()
                .map(|line| format!("{}\n", line.trim()))
                .collect(),
            "--config",
        ),
        (minified.clone(), "--config"),
        (format!("{map}|\n{indented}"), "--config"),
        (format!("{map}|-\n{flat}"), "--config"),
        (format!("{map}'{minified}'\n"), "--config"),
        (
            format!("{map}{}\n", serde_json::to_string(CONFIGURATION).unwrap()),
            "--config",
        ),
        (format!("{function}\n{inline}"), "stdin"),
        (format!("{function} {minified}\n"), "stdin"),
        (format!("{function} |\n{indented}{indented}"), "stdin"),
    ];
    let mut errors = 0;
    for turn in 0..400 {
        let (text, way) = &texts[turn % texts.len()];
        let form = FORMS[if turn % 4 == 0 {
            turn / 4 % FORMS.len()
        } else {
            0
        }];
        let text = faulty(text, &mut random);
        fs::write(at("config"), &text).unwrap();
        let (said, failed) = if *way == "--config" {
            report(folder.path(), &["--config", "config", "web.yaml"], form)
        } else {
            let output = Command::new(env!("CARGO_BIN_EXE_datakit-inject"))
                .env_clear()
                .args(["--report", form])
                .stdin(fs::File::open(at("config")).unwrap())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            (said, output.status.code() == Some(2))
        };
        let line = said.lines().find(|line| line.contains(SECRET));
        assert!(line.is_none(), "{form}: {}\n{text}", line.unwrap());
        errors += usize::from(failed);
    }
    assert!(errors > 100, "{errors} errors");
    println!("{errors} of 400 are errors");
}
