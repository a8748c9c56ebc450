//! What golden folders cannot show of `explain`: that it never tells the value of a variable, whatever
//! its name and whatever becomes of it, and that it fits the terminal.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking, and says what it found"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use unicode_width::UnicodeWidthStr;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datakit-inject"));
    command.env_clear().arg("explain").args(arguments);
    command
}

/// What is said of a manifest on standard input.
fn explained(arguments: &[&str], manifest: &str) -> String {
    let mut child = program(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(manifest.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let both = [output.stdout, output.stderr].concat();
    String::from_utf8(both).unwrap()
}

/// Every variable that an injection reads, extends, merges or keeps has a secret for a value, in the
/// manifest and in the configuration.
const MANIFEST: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAMESPACE}
spec:
  template:
    metadata:
      labels: {app: web}
      annotations:
        admission.datakit/logfwd.instances: '[{"datakit_addr": "secret-1", "loggings": []}]'
    spec:
      containers:
        - name: web
          env:
            - {name: JAVA_TOOL_OPTIONS, value: "-Dpassword=secret-2 -javaagent:secret-2.jar"}
            - {name: NODE_OPTIONS, value: "secret-3"}
            - {name: PYTHONPATH, value: "secret-4:secret-4"}
            - {name: PHP_INI_SCAN_DIR, value: "secret-5"}
            - {name: DD_LOADER_PACKAGE_PATH, value: "secret-6"}
            - {name: DD_TAGS, value: "own:secret-7,secret-7,a:b:secret-7"}
            - {name: DD_API_KEY, value: "secret-8"}
            - {name: OTHER, valueFrom: {secretKeyRef: {name: secret-9, key: k}}}
"#;

#[test]
fn no_value_of_a_variable_is_told() {
    let rules: Vec<String> = ["java", "nodejs", "python", "php"]
        .iter()
        .map(|language| {
            format!(
                r#"{{"namespace_selectors": ["^{language}$"], "language": "{language}", "image": "i:1",
                "envs": {{"DD_API_KEY": "secret-a", "DD_HOST": "secret-b", "DD_TAGS": "env:shown,own:secret-c",
                "DD_ODD": "x{{fieldRef:metadata.name}}secret-d"}}}}"#
            )
        })
        .collect();
    let configuration = format!(
        r#"{{"admission_inject_v2": {{
            "ddtraces": [{}],
            "otels": [{{"namespace_selectors": ["*"], "language": "python", "image": "i:1", "envs": {{"A": "secret-e"}}}}],
            "logfwds": [{{"namespace_selectors": ["*"], "image": "i:1", "envs": {{"B": "secret-f"}}, "log_configs": "[{{\"type\": \"secret-g\"}}]"}}],
            "flameshots": [{{"namespace_selectors": ["*"], "image": "i:1", "processes": "[\"secret-h\"]",
                "envs": {{"FLAMESHOT_PROFILING_PATH": "/data", "FLAMESHOT_HTTP_LOCAL_PORT": "8089", "C": "secret-i"}}}}],
            "profilers": [{{"namespace_selectors": ["*"], "language": "java", "image": "i:1", "envs": {{"D": "secret-j"}}}}]
        }}}}"#,
        rules.join(", ")
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("operator.json");
    fs::write(&path, configuration).unwrap();
    let config = path.to_str().unwrap();
    for (namespace, variable) in [
        ("java", "JAVA_TOOL_OPTIONS"),
        ("nodejs", "NODE_OPTIONS"),
        ("python", "PYTHONPATH"),
        ("php", "PHP_INI_SCAN_DIR"),
        ("other", "PYTHONPATH"),
    ] {
        let manifest = MANIFEST.replace("NAMESPACE", namespace);
        for form in ["text", "json"] {
            let arguments = ["--config", config, "--verbose", "--output", form];
            let text = explained(&arguments, &manifest);
            assert!(!text.contains("secret"), "{namespace}, {form}:\n{text}");
            assert!(text.contains(variable), "{namespace}, {form}:\n{text}");
            let is_merged = namespace != "other";
            assert_eq!(text.contains("env:shown"), is_merged, "{text}");
            assert_eq!(text.contains("DD_API_KEY"), is_merged, "{text}");
        }
    }
}

/// The lines that the program writes to a terminal of that many columns.
fn in_terminal(columns: u16, folder: &Path, arguments: &[&str]) -> Vec<String> {
    let person: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let terminal = File::options()
        .read(true)
        .write(true)
        .open(name.to_str().unwrap())
        .unwrap();
    let size = Winsize {
        ws_row: 40,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&terminal, size).unwrap();
    // The length of a line must not hang on where this folder stands.
    let mut child = program(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(terminal)
        .spawn()
        .unwrap();
    let mut bytes = Vec::new();
    // A terminal whose program is gone ends with an error.
    let _ = File::from(person).read_to_end(&mut bytes);
    assert!(child.wait().unwrap().success());
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn lines_fit_the_terminal() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases/explain/rules/in");
    let widest = |columns: u16, color: &str| {
        let lines = in_terminal(
            columns,
            &folder,
            &["--color", color, "--config", "operator.json", "web.yaml"],
        );
        assert!(lines.len() > 40, "{lines:?}");
        // What stands between an escape and its end takes no room.
        let bare = lines.iter().map(|line| {
            let mut parts = line.split('\u{1b}');
            let first = parts.next().unwrap_or_default().to_owned();
            let parts = parts.map(|part| part.split_once('m').unwrap().1);
            parts.fold(first, |line, part| line + part)
        });
        bare.map(|line| line.width()).max().unwrap()
    };
    for color in ["never", "always"] {
        assert!((50..=60).contains(&widest(60, color)));
        assert!((90..=100).contains(&widest(100, color)));
        assert!((110..=160).contains(&widest(160, color)));
        // Nobody reads longer lines, and none has less room than this.
        assert!(widest(400, color) <= 160);
        assert!(widest(10, color) >= 40);
    }
}
