//! Runs that are killed (`kill -9`) while they rewrite 200 files in place, at random moments and at
//! random steps: each file holds its old bytes or its new ones, and the next run finishes the job and
//! removes what the killed one left beside the files, and nothing else.
//!
//! `DATAKIT_INJECT_KILLS` sets how many are killed.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

mod random;
mod trees;

use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use random::Random;
use trees::{State, Tree, program, stderr};

const FILES: usize = 200;

/// How many runs are killed where nobody says.
const KILLS: usize = 8;

/// When a run is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// After so long.
    After(Duration),
    /// When so many new files stand beside the old ones.
    Staged(usize),
    /// When all did, and no more than so many do by now.
    Renamed(usize),
}

/// What was found after the kills.
#[derive(Debug, Default)]
struct Tally {
    /// Nothing had been written yet.
    untouched: usize,
    /// New files stood beside the old ones, none of which was replaced.
    staged: usize,
    /// Some files were replaced.
    renamed: usize,
    /// All were, but the run had not ended.
    all_renamed: usize,
    /// It was quicker.
    finished: usize,
    /// Files that stood beside others, all in all.
    left: usize,
}

fn start(tree: &Tree) -> Child {
    let mut command = program();
    command.args(["--in-place", "--report", "json"]);
    command.arg(tree.files()).stdin(Stdio::null());
    let report = fs::File::create(tree.path().join("report.json")).unwrap();
    command.stderr(report).spawn().unwrap()
}

fn wait_for(moment: Moment, tree: &Tree, child: &mut Child) {
    let begin = Instant::now();
    let mut most = 0;
    while child.try_wait().unwrap().is_none() {
        let reached = match moment {
            Moment::After(time) => begin.elapsed() >= time,
            Moment::Staged(count) => tree.temporary() >= count,
            Moment::Renamed(count) => {
                let now = tree.temporary();
                most = most.max(now);
                most == FILES && now <= count
            }
        };
        if reached {
            return;
        }
        if let Moment::After(time) = moment {
            std::thread::sleep(
                time.saturating_sub(begin.elapsed())
                    .min(Duration::from_millis(1)),
            );
        }
    }
}

#[test]
fn a_killed_run_leaves_old_files_or_new_ones_and_the_next_run_cleans_up() {
    let kills = std::env::var("DATAKIT_INJECT_KILLS").map_or(KILLS, |count| count.parse().unwrap());
    let tree = Tree::new(FILES);
    // Something of the user's beside the files, which nobody may touch.
    let theirs = tree.files().join(".datakit-inject-notes.tmp");
    fs::write(&theirs, "mine").unwrap();
    let begin = Instant::now();
    assert!(start(&tree).wait().unwrap().success());
    let usual = begin.elapsed();
    fs::remove_file(&theirs).unwrap();
    tree.all(&State::New);

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut tally = Tally::default();
    for turn in 0..kills {
        for index in 0..FILES {
            tree.restore(index);
        }
        let moment = match turn % 4 {
            0 => Moment::Staged(1 + random.below(FILES)),
            1 | 2 => Moment::Renamed(random.below(FILES)),
            _ => {
                let part = u32::try_from(random.below(1100)).unwrap();
                Moment::After(usual * part / 1000)
            }
        };
        let mut child = start(&tree);
        wait_for(moment, &tree, &mut child);
        let _ = child.kill();
        let ended = child.wait().unwrap();

        let states = tree.states(&tree.files());
        let new = states.iter().filter(|state| **state == State::New).count();
        let old = states.iter().filter(|state| **state == State::Old).count();
        assert_eq!(old + new, FILES, "{moment:?}: {states:?}");
        let left = tree.temporary();
        tally.left += left;
        if ended.success() {
            tally.finished += 1;
            let report = fs::read_to_string(tree.path().join("report.json")).unwrap();
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            assert_eq!(report["written"], true);
            assert_eq!(report["summary"]["injected"], FILES);
            assert_eq!((new, left), (FILES, 0));
        } else {
            assert_eq!(ended.code(), None, "it ended by itself: {ended}");
            match (new, left) {
                (0, 0) => tally.untouched += 1,
                (0, _) => tally.staged += 1,
                (FILES, _) => tally.all_renamed += 1,
                _ => tally.renamed += 1,
            }
        }

        // The next run does the rest, and says what it found.
        fs::write(&theirs, "mine").unwrap();
        let mut command = program();
        command.arg("--in-place").arg(tree.files());
        let output = command.stdin(Stdio::null()).output().unwrap();
        let said = stderr(&output);
        assert!(output.status.success(), "{said}");
        assert_eq!(said.matches("[leftover-removed]").count(), left, "{said}");
        assert_eq!(fs::read_to_string(&theirs).unwrap(), "mine");
        fs::remove_file(&theirs).unwrap();
        tree.all(&State::New);
    }
    println!("{kills} runs over {FILES} files: {tally:?}");
    assert!(tally.staged > 0 && tally.renamed > 0, "{tally:?}");
}
