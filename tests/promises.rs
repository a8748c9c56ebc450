//! Random configurations on random streams: what the program promises holds for each of them.
//!
//! `DATAKIT_INJECT_PROMISES` sets how many are tried (a few hundred without), `DATAKIT_INJECT_SEED` from
//! which seed. What fails is made as small as it can be and told with the seed and the case.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it counted"
)]

#[allow(
    dead_code,
    unreachable_pub,
    reason = "each test needs a part of them, and the fuzz targets need them from outside"
)]
mod checks;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};

use checks::choices::{Choices, bytes, smallest};
use checks::promises::{Case, Made, editing, only_and_skip, order};
use checks::rewriting::Checked;

/// How long the bytes of a case are: streams of a few documents take about as much.
const LENGTH: usize = 900;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |number| number.parse().unwrap())
}

/// Asks a check of every case. A panic fails, too.
fn for_all(check: fn(&Case) -> Checked<Made>) -> Made {
    let (count, seed) = (
        number("DATAKIT_INJECT_PROMISES", 300),
        number("DATAKIT_INJECT_SEED", 1),
    );
    let failure = |bytes: &[u8]| {
        let case = Case::new(&mut Choices::new(bytes));
        match catch_unwind(AssertUnwindSafe(|| check(&case))) {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(why)) => Err(why),
            Err(_) => Err("it panics".to_owned()),
        }
    };
    let mut all = Made::default();
    for number in 0..count {
        let bytes = bytes(seed, number, LENGTH);
        match failure(&bytes) {
            Ok(made) => all += made,
            Err(why) => {
                let kind: String = why.chars().take(12).collect();
                let mut same =
                    |bytes: &[u8]| failure(bytes).is_err_and(|why| why.starts_with(&kind));
                let small = smallest(&bytes, 3000, &mut same);
                let why = failure(&small).err().unwrap_or(why);
                let case = Case::new(&mut Choices::new(&small));
                panic!("seed {seed}, case {number}: {why}\n\n{case}\nits bytes: {small:?}");
            }
        }
    }
    println!("{count} cases from seed {seed}: {all:?}");
    assert!(all.changed as u64 > count / 2, "too few are changed");
    all
}

#[test]
fn the_rules_of_editing_hold() {
    let made = for_all(editing);
    assert!(
        made.verified * 10 > made.changed * 9,
        "too few are verified"
    );
    assert!(made.written_out > 0, "no alias, no merge key");
}

#[test]
fn the_order_of_documents_does_not_matter() {
    for_all(order);
}

#[test]
fn only_and_skip_add_up_to_the_whole() {
    for_all(only_and_skip);
}
