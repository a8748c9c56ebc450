//! Hostile input: whatever it is, the program ends by itself, in little time and memory, with an exit
//! code that says what happened.
//!
//! In `cargo test` each shape has a size that suits a build without optimisation. With
//! `DATAKIT_INJECT_HOSTILE=full` each has its full size, the program is the one that
//! `DATAKIT_INJECT_TEST_PROGRAM` names (a release build), and time and memory are held to what
//! `docs/limits.md` promises, with the table for that page on standard output. Full size needs GNU
//! time and some gigabytes below the temporary folder.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod shapes;
mod trees;

use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use shapes::{Expected, Shape, shapes};
use trees::program_path;

/// No shape of full size takes longer.
const SECONDS: f64 = 2.0;

/// Nor more memory than so many times its size, and this beside it.
const TIMES: u64 = 3;
const BESIDE: u64 = 64 << 20;

/// Without optimisation, and at a hundredth of the size, nothing takes nearly as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a run came to.
struct Outcome {
    code: i32,
    seconds: f64,
    /// The most memory that it had, in bytes; nothing where nobody measured.
    memory: Option<u64>,
    said: String,
    /// The bytes of standard output.
    written: u64,
}

fn run(folder: &Path, shape: &Shape, input: &Path, measured: bool) -> Outcome {
    let report = folder.join("measured");
    let mut command = if measured {
        let mut command = Command::new("time");
        command.args(["--quiet", "--format", "%e %M", "--output"]);
        command.arg(&report).arg(program_path());
        command
    } else {
        Command::new(program_path())
    };
    command.args(&shape.options);
    if shape.options.iter().all(|option| option != "--config") {
        command.arg(input);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.env_clear().env("PATH", path).current_dir(folder);
    command.stdin(Stdio::null());
    let said = folder.join("stderr");
    command.stdout(File::create(folder.join("stdout")).unwrap());
    command.stderr(File::create(&said).unwrap());
    command.process_group(0);
    let start = Instant::now();
    let mut child = command
        .spawn()
        .expect("GNU time is there, or is not asked for");
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > PATIENCE {
            // GNU time has the program for a child of its own.
            let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
            panic!("{}: no end after {} s", shape.name, PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let mut seconds = start.elapsed().as_secs_f64();
    let mut memory = None;
    if measured {
        let text = fs::read_to_string(&report).unwrap();
        let mut numbers = text.split_whitespace();
        seconds = numbers.next().unwrap().parse().unwrap();
        memory = Some(numbers.next().unwrap().parse::<u64>().unwrap() << 10);
    }
    let code = status
        .code()
        .unwrap_or_else(|| panic!("{}: {status}", shape.name));
    let written = fs::metadata(folder.join("stdout")).unwrap().len();
    let said = fs::read(said).unwrap();
    // 100,000 errors are long; their beginning and their end tell enough.
    let (head, tail) = (said.len().min(2000), said.len().saturating_sub(200));
    let said = [&said[..head], &said[tail..]].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    Outcome {
        code,
        seconds,
        memory,
        said,
        written,
    }
}

#[test]
fn hostile_input_ends_with_an_exit_code() {
    let full = std::env::var("DATAKIT_INJECT_HOSTILE").is_ok_and(|value| value == "full");
    let only = std::env::var("DATAKIT_INJECT_HOSTILE_ONLY").unwrap_or_default();
    let mut beyond = Vec::new();
    if full {
        println!("| input | size | time | memory | end |\n| --- | --- | --- | --- | --- |");
    }
    for shape in shapes(full) {
        if !shape.name.contains(&only) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("input.yaml");
        let size = (shape.write)(&input);
        if std::env::var_os("SHOW").is_some() {
            println!("{}", shape.name);
        }
        let outcome = run(folder.path(), &shape, &input, full);
        let ends = match shape.expected {
            Expected::Done => outcome.code == 0,
            Expected::Error(code) => {
                outcome.code == 2 && outcome.said.contains(&format!("[{code}]"))
            }
        };
        if !ends {
            let said = outcome.said.lines().next().unwrap_or_default().to_owned();
            beyond.push(format!(
                "{}: exit code {}: {said}",
                shape.name, outcome.code
            ));
        }
        let is_held_back = outcome.said.ends_with("nothing was written\n");
        assert!(outcome.code != 2 || is_held_back, "{}", shape.name);
        let Some(memory) = outcome.memory else {
            continue;
        };
        let end = match shape.expected {
            Expected::Done => "done".to_owned(),
            Expected::Error(code) => format!("`{code}`"),
        };
        let mb = |bytes: u64| bytes.div_ceil(1_000_000);
        let times = memory.saturating_sub(BESIDE).div_ceil(size.max(1));
        println!(
            "| {} | {} MB | {:.2} s | {} MB | {end} |",
            shape.name,
            mb(size),
            outcome.seconds,
            mb(memory)
        );
        let is_made_anew = ["--output", "--refresh"]
            .iter()
            .any(|option| shape.options.iter().any(|own| own == option));
        let beside = if is_made_anew { 4 * BESIDE } else { BESIDE };
        // What higher limits let in may take longer.
        let seconds =
            SECONDS * f64::from(u32::try_from(size / 250_000_000).unwrap_or(u32::MAX).max(1));
        let taken = size + outcome.written;
        if outcome.seconds >= seconds || memory > beside + TIMES * taken {
            beyond.push(format!(
                "{}: {:.2} s, {times} times its size",
                shape.name, outcome.seconds
            ));
        }
    }
    assert!(beyond.is_empty(), "not as promised: {beyond:#?}");
}
