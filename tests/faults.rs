//! Faults while files are read and written, with a real file system: a full disk, a folder that cannot
//! be written, a file that changes in between, two runs at once. Whatever happens, a file holds its old
//! bytes or its new ones, nothing stays beside it, and the exit code tells the truth.
//!
//! Some need a file system of their own (`unshare --mount`) or two users; where the machine has them
//! not, standard error says what was left out.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod trees;

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use trees::{State, Tree, program, program_path, skipped, stderr};

/// Somebody who is not the owner of anything here.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Runs a shell script in a folder, in a mount namespace of its own; nothing where there are none.
/// `$inject` is the program.
fn in_namespace(folder: &Path, script: &str) -> Option<Output> {
    let unshare = |script: &str| {
        Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-euc", script])
            .current_dir(folder)
            .env("inject", program_path())
            .stdin(Stdio::null())
            .output()
    };
    let works = "mkdir probe && mount -t tmpfs tmpfs probe && umount probe && rmdir probe";
    let probed = unshare(works);
    if !probed.is_ok_and(|output| output.status.success()) {
        skipped("no file systems of our own can be mounted here (unshare --map-root-user --mount)");
        return None;
    }
    let output = unshare(script).unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    Some(output)
}

#[test]
fn a_full_disk_leaves_every_file_as_it_was() {
    let tree = Tree::new(8);
    // Every size from one on which nothing has room to one on which everything has.
    let script = "
        for size in $(seq 36 4 140); do
            mkdir disk-$size after-$size
            mount -t tmpfs -o size=${size}k tmpfs disk-$size
            cp files/* disk-$size/ 2> /dev/null || { umount disk-$size; rm -r after-$size; continue; }
            code=0
            (cd disk-$size && \"$inject\" --in-place .) 2> after-$size/stderr || code=$?
            echo $code > after-$size/exit
            cp -r disk-$size/. after-$size/files
            umount disk-$size
        done";
    let Some(_) = in_namespace(tree.path(), script) else {
        return;
    };
    let (mut failed, mut done) = (0, 0);
    for size in (36..=140).step_by(4) {
        let after = tree.path().join(format!("after-{size}"));
        let Ok(code) = fs::read_to_string(after.join("exit")) else {
            continue;
        };
        let said = fs::read_to_string(after.join("stderr")).unwrap();
        let states = tree.states(&after.join("files"));
        if code == "0\n" {
            done += 1;
            assert!(states.iter().all(|state| *state == State::New), "{size}");
        } else {
            failed += 1;
            assert_eq!(code, "2\n", "{said}");
            assert!(
                said.contains("No space left on device [output-failed]"),
                "{said}"
            );
            assert!(said.contains("nothing was written"), "{said}");
            assert!(
                states.iter().all(|state| *state == State::Old),
                "{size}: {states:?}"
            );
        }
    }
    assert!(failed > 2 && done > 2, "{failed} failed, {done} done");
}

#[test]
fn a_full_disk_below_a_stream_or_a_folder_is_said() {
    let tree = Tree::new(8);
    let script = "
        mkdir disk after
        mount -t tmpfs -o size=8k tmpfs disk
        code=0; \"$inject\" files > disk/stream 2> after/stream || code=$?
        echo $code >> after/stream
        rm disk/stream
        code=0; \"$inject\" --output-dir disk/out files 2> after/folder || code=$?
        echo $code >> after/folder
        head -c 100000 /dev/zero > disk/fill || true
        code=0; \"$inject\" --quiet --report json --report-file disk/report files > /dev/null 2> after/report || code=$?
        echo $code >> after/report
        ls -A disk > after/left
        umount disk";
    let Some(_) = in_namespace(tree.path(), script) else {
        return;
    };
    let read = |name: &str| fs::read_to_string(tree.path().join("after").join(name)).unwrap();
    let stream = read("stream");
    assert!(
        stream.contains("standard output: No space left on device [output-failed]"),
        "{stream}"
    );
    assert!(
        stream.ends_with("part of the result was written\n2\n"),
        "{stream}"
    );
    let folder = read("folder");
    assert!(
        folder.contains("No space left on device [output-failed]"),
        "{folder}"
    );
    assert!(folder.ends_with("nothing was written\n2\n"), "{folder}");
    let report = read("report");
    assert_eq!(
        report,
        "error: --report-file: No space left on device [output-failed]\n2\n"
    );
    assert_eq!(read("left"), "fill\n");
}

#[test]
fn a_file_that_cannot_be_replaced_puts_those_before_it_back() {
    let tree = Tree::new(6);
    // Nothing can be renamed over a mount point, which shows only then.
    let script = "
        mount --bind files/w3.yaml files/w3.yaml
        code=0; \"$inject\" --in-place files 2> stderr || code=$?
        echo $code > exit
        umount files/w3.yaml";
    let Some(_) = in_namespace(tree.path(), script) else {
        return;
    };
    let said = fs::read_to_string(tree.path().join("stderr")).unwrap();
    assert_eq!(fs::read_to_string(tree.path().join("exit")).unwrap(), "2\n");
    assert!(said.contains("files/w3.yaml: "), "{said}");
    assert!(said.ends_with("nothing was written\n"), "{said}");
    tree.all(&State::Old);
}

#[test]
fn a_file_system_that_is_read_only_is_left_alone() {
    let tree = Tree::new(3);
    let script = "
        mkdir disk
        mount -t tmpfs tmpfs disk
        cp files/* disk/
        mount -o remount,ro disk
        code=0; \"$inject\" --in-place disk 2> stderr || code=$?
        echo $code > exit
        umount disk";
    let Some(_) = in_namespace(tree.path(), script) else {
        return;
    };
    let said = fs::read_to_string(tree.path().join("stderr")).unwrap();
    assert!(
        said.contains("Read-only file system [output-failed]"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(tree.path().join("exit")).unwrap(), "2\n");
}

/// The program run by somebody who owns nothing here; by ourselves where we are nobody special.
fn by_nobody(tree: &Tree) -> Command {
    let program = tree.path().join("program");
    if !program.exists() {
        // What this process itself had open for writing, another test's child could have open as well,
        // and then it cannot be run.
        let mut copy = Command::new("cp");
        assert!(
            copy.arg(program_path())
                .arg(&program)
                .status()
                .unwrap()
                .success()
        );
        fs::set_permissions(tree.path(), Permissions::from_mode(0o755)).unwrap();
    }
    let mut command = Command::new(program);
    command
        .env_clear()
        .current_dir(tree.path())
        .stdin(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[test]
fn a_folder_that_must_not_be_written_is_left_alone() {
    let tree = Tree::new(3);
    if is_root() {
        tree.give_to(NOBODY);
    }
    fs::set_permissions(tree.files(), Permissions::from_mode(0o555)).unwrap();
    let output = by_nobody(&tree)
        .args(["--in-place", "files"])
        .output()
        .unwrap();
    fs::set_permissions(tree.files(), Permissions::from_mode(0o755)).unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("files/w0.yaml: Permission denied"), "{said}");
    assert!(said.contains("nothing was written"), "{said}");
    tree.all(&State::Old);
}

#[test]
fn a_file_that_must_not_be_read_stops_the_run() {
    let tree = Tree::new(3);
    if is_root() {
        tree.give_to(NOBODY);
    }
    fs::set_permissions(tree.file(1), Permissions::from_mode(0o000)).unwrap();
    let output = by_nobody(&tree)
        .args(["--in-place", "files"])
        .output()
        .unwrap();
    fs::set_permissions(tree.file(1), Permissions::from_mode(0o644)).unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains(
            "files/w1.yaml: Permission denied [input-unreadable]\nhelp: the user who runs"
        ),
        "{said}"
    );
    // Nor can a folder in it.
    let locked = tree.files().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, Permissions::from_mode(0o000)).unwrap();
    let read = |path: &str| by_nobody(&tree).arg(path).output().unwrap();
    let outputs = [read("files"), read("files/locked")];
    fs::set_permissions(&locked, Permissions::from_mode(0o755)).unwrap();
    fs::remove_dir(&locked).unwrap();
    for output in outputs {
        assert_eq!(
            stderr(&output),
            "error: files/locked: Permission denied [input-unreadable]\nhelp: the user who runs the program \
             must be able to read it; or --exclude it\nnothing was written\n"
        );
        assert_eq!(output.status.code(), Some(2));
    }
    tree.all(&State::Old);
}

#[test]
fn owners_and_permissions_stay_or_nothing_is_written() {
    if !is_root() {
        skipped("only root can make files of other users");
        return;
    }
    let tree = Tree::new(3);
    chown(tree.file(0), Some(12_345), Some(54_321)).unwrap();
    fs::set_permissions(tree.file(0), Permissions::from_mode(0o2764)).unwrap();
    let output = program()
        .arg("--in-place")
        .arg(tree.files())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let metadata = fs::metadata(tree.file(0)).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (12_345, 54_321));
    assert_eq!(metadata.mode() & 0o7777, 0o2764);
    tree.all(&State::New);

    // In a folder of one's own, but the file is somebody else's.
    let tree = Tree::new(3);
    tree.give_to(NOBODY);
    chown(tree.file(1), Some(0), Some(0)).unwrap();
    let output = by_nobody(&tree)
        .args(["--in-place", "files"])
        .output()
        .unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("files/w1.yaml: the file belongs to user 0, group 0, and would not any more"),
        "{said}"
    );
    tree.all(&State::Old);
}

#[test]
fn links_stay_links_and_hard_links_are_told() {
    let tree = Tree::new(3);
    let outside = tree.path().join("outside.yaml");
    fs::rename(tree.file(0), &outside).unwrap();
    symlink("../outside.yaml", tree.file(0)).unwrap();
    let other = tree.path().join("other-name");
    fs::hard_link(tree.file(1), &other).unwrap();
    let old = fs::read(&other).unwrap();

    let run = |options: &[&str]| {
        let mut command = program();
        command.args(options).arg("--in-place").arg("files");
        command.current_dir(tree.path()).output().unwrap()
    };
    let output = run(&["--strict"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    tree.all(&State::Old);
    let output = run(&[]);
    assert!(output.status.success());
    let said = stderr(&output);
    assert!(
        said.contains("files/w1.yaml:1:1: warning: the file has 1 other name (hard links): there the old text stays [hard-link-split]"),
        "{said}"
    );
    assert!(tree.file(0).is_symlink() && !outside.is_symlink());
    assert_eq!(fs::read(other).unwrap(), old);
    tree.all(&State::New);
}

#[test]
fn hard_links_that_are_all_replaced_are_told_as_such() {
    let tree = Tree::new(3);
    for at in [1, 2] {
        fs::remove_file(tree.file(at)).unwrap();
        fs::hard_link(tree.file(0), tree.file(at)).unwrap();
    }
    symlink("files/w0.yaml", tree.path().join("link.yaml")).unwrap();
    let run = |options: &[&str]| {
        let mut command = program();
        command.args(options).current_dir(tree.files());
        stderr(&command.output().unwrap())
    };
    let said = run(&["--in-place", "--strict", "w0.yaml", "../files/w1.yaml"]);
    let some = "warning: the file has 2 other names (hard links): under 1 the old text stays, and 1 will be a file \
                of its own as well [hard-link-split]";
    assert_eq!(said.matches(some).count(), 2, "{said}");
    let said = run(&["--in-place", "--strict", "w0.yaml", "../link.yaml"]);
    let none = "(hard links): there the old text stays [hard-link-split]";
    assert_eq!(said.matches(none).count(), 2, "{said}");
    let said = run(&["--in-place", "."]);
    let all = "warning: the file has 2 other names (hard links), replaced as well: they are one file no longer";
    assert_eq!(said.matches(all).count(), 3, "{said}");
    let texts: Vec<String> = (0..3)
        .map(|at| fs::read_to_string(tree.file(at)).unwrap())
        .collect();
    assert!(
        texts
            .iter()
            .all(|text| *text == texts[0] && text.contains("initContainers"))
    );
}

#[test]
fn a_pipe_is_not_replaced_and_not_waited_for() {
    let tree = Tree::new(1);
    let pipe = tree.path().join("pipe.yaml");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let start = Instant::now();
    let output = program()
        .arg("--in-place")
        .arg(&pipe)
        .arg(tree.files())
        .output()
        .unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("pipe.yaml: this is no regular file [output-failed]"),
        "{said}"
    );
    tree.all(&State::Old);
    // In a folder it is none of the manifests.
    fs::rename(&pipe, tree.files().join("pipe.yaml")).unwrap();
    let output = program()
        .arg("--in-place")
        .arg(tree.files())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(
        stderr(&output).contains("pipe.yaml: this is no regular file and is left out"),
        "{}",
        stderr(&output)
    );
    fs::remove_file(tree.files().join("pipe.yaml")).unwrap();
    tree.all(&State::New);
}

#[test]
fn a_pipe_below_the_output_folder_is_not_replaced_and_not_waited_for() {
    let tree = Tree::new(2);
    let out = tree.path().join("out");
    fs::create_dir(&out).unwrap();
    let name = tree.file(1).file_name().unwrap().to_owned();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let pipe = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, out.join(&name), pipe, mode, 0).unwrap();
    let start = Instant::now();
    let mut command = program();
    command.arg("--output-dir").arg(&out).arg(tree.files());
    let output = command.output().unwrap();
    assert!(start.elapsed() < Duration::from_secs(10));
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("w1.yaml: this is no regular file [output-failed]"),
        "{said}"
    );
    assert!(said.ends_with("nothing was written\n"), "{said}");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
}

#[test]
fn what_is_read_only_is_said_with_what_to_do() {
    let tree = Tree::new(4);
    for at in [1, 3] {
        fs::set_permissions(tree.file(at), Permissions::from_mode(0o444)).unwrap();
    }
    let mut command = program();
    let output = command.arg("--in-place").arg(tree.files()).output();
    let said = stderr(&output.unwrap());
    assert!(
        said.contains(
            "w1.yaml: the file is read-only, and so is 1 more [output-failed]\nhelp: chmod u+w "
        ),
        "{said}"
    );
    tree.all(&State::Old);
}

#[test]
fn a_full_standard_output_is_an_error() {
    let tree = Tree::new(1);
    for option in ["--diff", "--verbose"] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = program()
            .arg(option)
            .arg(tree.files())
            .stdout(full)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let said = stderr(&output);
        assert!(
            said.contains("standard output: No space left on device [output-failed]"),
            "{said}"
        );
        assert!(said.ends_with("nothing was written\n"), "{said}");
    }
}

/// Starts an in-place run and holds it where everything is staged and nothing replaced yet, while
/// `meanwhile` does something; gives how it ends.
fn interrupted(tree: &Tree, meanwhile: impl FnOnce()) -> Output {
    let first = File::open(tree.file(0)).unwrap();
    flock(&first, FlockOperation::LockExclusive).unwrap();
    let child = program()
        .arg("--in-place")
        .arg(tree.files())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while tree.temporary() < tree.count() {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "nothing is staged"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    meanwhile();
    drop(first);
    child.wait_with_output().unwrap()
}

#[test]
fn a_file_that_changes_after_it_was_read_is_not_replaced() {
    let tree = Tree::new(4);
    let theirs = "kind: Pod # somebody else's\n";
    let output = interrupted(&tree, || fs::write(tree.file(2), theirs).unwrap());
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("w2.yaml: the file has changed since it was read [input-changed]"),
        "{said}"
    );
    assert!(said.contains("nothing was written"), "{said}");
    assert_eq!(fs::read_to_string(tree.file(2)).unwrap(), theirs);
    tree.restore(2);
    tree.all(&State::Old);
}

#[test]
fn a_file_of_the_same_size_that_takes_its_place_is_not_replaced() {
    let tree = Tree::new(4);
    let theirs = fs::read_to_string(tree.file(2))
        .unwrap()
        .replace("web-2", "WEB-2");
    let beside = tree.path().join("beside");
    fs::write(&beside, &theirs).unwrap();
    let output = interrupted(&tree, || fs::rename(&beside, tree.file(2)).unwrap());
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("[input-changed]"));
    assert_eq!(fs::read_to_string(tree.file(2)).unwrap(), theirs);
    tree.restore(2);
    tree.all(&State::Old);
}

#[test]
fn a_file_that_disappears_does_not_come_back() {
    let tree = Tree::new(4);
    let output = interrupted(&tree, || fs::remove_file(tree.file(3)).unwrap());
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("w3.yaml: the file is gone since it was read [input-changed]"),
        "{said}"
    );
    assert!(!tree.file(3).exists());
    tree.restore(3);
    tree.all(&State::Old);
}

#[test]
fn a_folder_that_disappears_takes_nothing_else_with_it() {
    let tree = Tree::new(3);
    let below = tree.files().join("below");
    fs::create_dir(&below).unwrap();
    fs::copy(tree.file(0), below.join("z.yaml")).unwrap();
    // The walk comes to the folder first, so that its file is the one to be held.
    let held = File::open(below.join("z.yaml")).unwrap();
    flock(&held, FlockOperation::LockExclusive).unwrap();
    let output = interrupted(&tree, || {
        fs::remove_dir_all(&below).unwrap();
        drop(held);
    });
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("[input-changed]"));
    tree.all(&State::Old);
}

#[test]
fn a_file_that_stays_locked_is_not_waited_for_without_end() {
    let tree = Tree::new(2);
    let file = File::open(tree.file(1)).unwrap();
    flock(&file, FlockOperation::LockExclusive).unwrap();
    let output = program()
        .arg("--in-place")
        .arg(tree.files())
        .output()
        .unwrap();
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("w1.yaml: another program has locked the file"),
        "{said}"
    );
    tree.all(&State::Old);
}

#[test]
fn a_file_that_is_written_while_it_is_read_is_refused() {
    use std::io::Seek;
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.yaml");
    let text = |letter: &str| format!("# {}\n", letter.repeat(61)).repeat(1 << 17);
    let texts = [text("a"), text("b")];
    fs::write(&path, &texts[0]).unwrap();
    let stop = AtomicBool::new(false);
    let mut refusals: Vec<String> = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = File::options().write(true).open(&path).unwrap();
            for turn in 1.. {
                file.rewind().unwrap();
                for part in texts[turn % 2].as_bytes().chunks(64 << 10) {
                    file.write_all(part).unwrap();
                }
                if stop.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let start = Instant::now();
        while refusals.len() < 3 && start.elapsed() < Duration::from_secs(60) {
            let output = program().arg("--check").arg(&path).output();
            refusals.extend(
                output
                    .ok()
                    .filter(|own| !own.status.success())
                    .map(|own| stderr(&own)),
            );
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(refusals.len(), 3);
    for said in refusals {
        assert!(
            said.contains("the file has changed while it was read [input-changed]"),
            "{said}"
        );
    }
    let output = program().arg(&path).output().unwrap();
    assert!(output.status.success());
    assert!(texts.iter().any(|text| text.as_bytes() == output.stdout));
}

#[test]
fn two_runs_at_once_do_one_job() {
    for _ in 0..10 {
        let tree = Tree::new(20);
        let start = || {
            let mut command = program();
            command.arg("--in-place").arg(tree.files());
            command
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let runs = [start(), start()];
        for run in runs {
            let output = run.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", stderr(&output));
        }
        tree.all(&State::New);
    }
}

#[test]
fn two_different_runs_at_once_do_one_or_the_other() {
    let mut ends = [0, 0, 0];
    for _ in 0..10 {
        let tree = Tree::new(20);
        let start = |options: &[&str]| {
            let mut command = program();
            command.args(options).arg("--in-place").arg(tree.files());
            command
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let one = start(&[]);
        let other = start(&["--output", "json"]);
        let one = one.wait_with_output().unwrap();
        let other = other.wait_with_output().unwrap();
        let in_json = (0..tree.count())
            .filter(|index| {
                fs::read_to_string(tree.file(*index))
                    .unwrap()
                    .starts_with('{')
            })
            .count();
        match (one.status.code(), other.status.code()) {
            // One behind the other.
            (Some(0), Some(0)) => {
                ends[0] += 1;
                assert!(in_json == 0 || in_json == tree.count());
            }
            (Some(0), Some(2)) => {
                ends[1] += 1;
                assert!(
                    stderr(&other).contains("[input-changed]"),
                    "{}",
                    stderr(&other)
                );
                tree.all(&State::New);
            }
            (Some(2), Some(0)) => {
                ends[2] += 1;
                assert!(stderr(&one).contains("[input-changed]"), "{}", stderr(&one));
                assert_eq!(in_json, tree.count());
            }
            (Some(2), Some(2)) => tree.all(&State::Old),
            codes => panic!("{codes:?}"),
        }
        assert_eq!(tree.temporary(), 0);
    }
    assert!(ends.iter().sum::<i32>() > 0);
}

#[test]
fn more_files_than_may_be_open_are_replaced() {
    let tree = Tree::new(200);
    let mut command = Command::new("sh");
    let script = "ulimit -S -n 32 && exec \"$0\" --in-place \"$1\"";
    command
        .args(["-c", script])
        .arg(program_path())
        .arg(tree.files());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    tree.all(&State::New);
    // Where not even the system has so many, nothing is done.
    let tree = Tree::new(200);
    let mut command = Command::new("sh");
    let script = "ulimit -n 64 && exec \"$0\" --in-place \"$1\"";
    command
        .args(["-c", script])
        .arg(program_path())
        .arg(tree.files());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("Too many open files [output-failed]"),
        "{}",
        stderr(&output)
    );
    tree.all(&State::Old);
}
