//! What golden folders cannot hold: a terminal, a reader that goes away, a file that is a pipe.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]
#![cfg(unix)]

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata:
      annotations: {admission.datakit/java-lib.version: ''}
    spec:
      containers:
      - name: web
        image: nginx
";

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_datakit-inject"));
    command.env_clear();
    command
}

/// The two ends of a new terminal: the one that a person sits at, and the program's.
fn terminal() -> (std::os::fd::OwnedFd, fs::File) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let program = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(i32::try_from(rustix::fs::OFlags::NOCTTY.bits()).unwrap())
        .open(name.to_str().unwrap())
        .unwrap();
    (person, program)
}

#[test]
fn a_terminal_on_standard_input_gives_help_and_no_hang() {
    let (_person, stdin) = terminal();
    let start = Instant::now();
    let output = program().stdin(stdin).output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let help = String::from_utf8(output.stderr).unwrap();
    assert!(
        help.contains("datakit-inject < deploy.yaml | kubectl apply -f -"),
        "{help}"
    );
    assert!(help.contains("--help"), "{help}");
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.yaml");
    let stream = format!("{DEPLOYMENT}---\n").repeat(2000);
    fs::write(&file, stream).unwrap();
    let mut child = program()
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    assert_eq!(first, "apiVersion: apps/v1\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn colours_are_for_terminals() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("d.yaml"), DEPLOYMENT).unwrap();
    let report = |variables: &[(&str, &str)], arguments: &[&str]| {
        let (person, stderr) = terminal();
        let mut child = program()
            .args(["--check", "d.yaml"])
            .args(arguments)
            .envs(variables.iter().copied())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(fs::File::from(person)).lines();
        let first = lines.next().unwrap().unwrap();
        child.wait().unwrap();
        first
    };
    assert!(report(&[("TERM", "xterm")], &[]).contains("\u{1b}[32m"));
    assert!(!report(&[("TERM", "xterm"), ("NO_COLOR", "1")], &[]).contains('\u{1b}'));
    assert!(!report(&[("TERM", "xterm")], &["--color=never"]).contains('\u{1b}'));
}

#[test]
fn a_named_pipe_is_read_like_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let child = program()
        .arg(&pipe)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    OpenOptions::new()
        .write(true)
        .open(&pipe)
        .unwrap()
        .write_all(DEPLOYMENT.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("datakit-lib-init")
    );
}

/// Whether a text holds a character that a terminal does something with, line breaks aside.
fn steers(text: &str) -> bool {
    let is_odd =
        |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().any(|c| is_odd(c) && c != '\n')
}

#[test]
fn no_report_steers_the_terminal() {
    let odd = "\\e[2J\\u009b1m\\u202e\\x07\\x7f\\n::error::x";
    let raw = "\u{1b}[2J\u{9b}1m\u{202e}\u{7}\u{7f}\n::error::x";
    let manifest = format!(
        "apiVersion: \"{odd}/v1\"\nkind: Deployment\nmetadata: {{name: \"{odd}\", namespace: \"{odd}\"}}\n---\n\
         apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"{odd}\"\n  annotations:\n    \
         admission.datakit/java-lib.version: \"\"\n    admission.datakit/jave-lib.version: \"{odd}\"\n    \
         \"admission.datakit/{odd}\": \"\"\n    admission.datakit/logfwd.instances: \"{odd}\"\nspec:\n  \
         containers:\n  - name: \"{odd}\"\n    image: x\n---\nkind: \"{odd}\"\nmetadata: {{name: a}}\n"
    );
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(format!("k{}", raw.replace('/', "")))).unwrap();
    fs::write(folder.path().join(format!("{raw}.yaml")), &manifest).unwrap();
    let broken = format!("kind: Pod\nmetadata: {{name: \"{raw}\"\n");
    for broken in [None, Some(broken)] {
        if let Some(broken) = broken {
            fs::write(folder.path().join(format!("{raw}-broken.yaml")), broken).unwrap();
        }
        let mut said = 0;
        for form in ["text", "json", "github", "sarif", "gitlab", "none"] {
            for to_file in [false, true] {
                let mut command = program();
                command.args(["--check", "--verbose", "--report", form, "--color", "never"]);
                if to_file && form != "none" {
                    command.args(["--report-file", "report"]);
                }
                let output = command
                    .arg(".")
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                let text = String::from_utf8(output.stderr).unwrap();
                assert!(!steers(&text), "{form}: {text:?}");
                assert!(!text.contains("\n::error::x"), "{form}: {text}");
                let report = fs::read_to_string(folder.path().join("report")).unwrap_or_default();
                assert!(!steers(&report), "{form}: {report:?}");
                said += text.len() + report.len();
                let _ = fs::remove_file(folder.path().join("report"));
            }
        }
        assert!(said > 4000, "{said}");
    }
    // What is typed wrongly is repeated.
    let output = program().arg(format!("--{raw}")).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("\\u{9b}1m") && !steers(&text), "{text:?}");
    assert!(!text.contains("\n::error::x"), "{text}");
}

#[test]
fn a_diff_is_exact_in_a_pipe_and_harmless_on_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let name = "d.yaml";
    let comment = "# turned \u{202e} around\r";
    let text = DEPLOYMENT.replace(
        "        image",
        &format!("        {comment}\n        image"),
    );
    fs::write(folder.path().join(name), text).unwrap();
    let diff = || {
        let mut command = program();
        command
            .args(["--diff", "--quiet", name])
            .current_dir(folder.path());
        command
    };
    let output = diff().output().unwrap();
    let piped = String::from_utf8(output.stdout).unwrap();
    assert!(
        piped.contains(&format!("         {comment}\n")),
        "{piped:?}"
    );
    for variables in [
        &[("TERM", "dumb")][..],
        &[("TERM", "xterm")],
        &[("NO_COLOR", "1")],
    ] {
        let (person, stdout) = terminal();
        let mut child = diff()
            .envs(variables.iter().copied())
            .stdout(stdout)
            .spawn()
            .unwrap();
        child.wait().unwrap();
        let mut shown = String::new();
        for line in BufReader::new(fs::File::from(person)).lines() {
            let Ok(line) = line else { break };
            shown.push_str(&line);
            shown.push('\n');
        }
        assert!(shown.contains("# turned \\u{202e} around"), "{shown}");
        assert!(!shown.contains('\u{202e}'), "{shown}");
    }
}
