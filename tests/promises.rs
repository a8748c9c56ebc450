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
    assert!(all.changed as u64 > count / 4, "too few are changed");
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
    assert!(
        made.injections.iter().all(|count| *count > 0),
        "some injection was never made"
    );
}

#[test]
fn the_order_of_documents_does_not_matter() {
    for_all(order);
}

#[test]
fn only_and_skip_add_up_to_the_whole() {
    for_all(only_and_skip);
}

/// Each check finds what it is there to find.
mod each_check_can_fail {
    use datakit_inject::config::Rules;
    use datakit_inject::inject::{Injection, Switches};
    use datakit_inject::report::Event;
    use datakit_inject::rewrite::Rewritten;

    use super::checks::forms::{
        diff_leads_to_the_new_text, reports_are_well_formed, steers_nothing,
    };
    use super::checks::lines::lost_line;
    use super::checks::pipeline::all_rules;
    use super::checks::promises::{adds_up, one_after_the_other, workloads_of};
    use super::checks::rewriting::{
        changes, errors_have_places, new_scalars_are_what_they_say, parts_are_the_whole, rewrite,
        told, tree, unchanged_by_a_second_run, value_is_intended,
    };
    use super::checks::surroundings::{
        comments_stay_with_theirs, indentation_is_one_of_theirs, line_ends_stay,
    };

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
# over spec
spec:
  containers:
  # over the first
  - name: app
    image: app:1
    env: &env
    - name: DD_TAGS # of the team
      value: team:web
    - name: PORT
      value: \"80\"
      # behind the port
  - name: side
    env: *env
";

    fn rules() -> &'static Rules {
        &all_rules()[0]
    }

    fn injected() -> Rewritten {
        rewrite(rules(), &Switches::default(), None, POD)
    }

    /// The text with something else in one place, which must be there.
    fn with(text: &str, what: &str, other: &str) -> String {
        assert!(text.contains(what), "{what} is not in\n{text}");
        text.replacen(what, other, 1)
    }

    #[test]
    fn rule_1_the_same_bytes() {
        let mut result = injected();
        assert_eq!(parts_are_the_whole(&result), Ok(()));
        result.changed = false;
        assert!(parts_are_the_whole(&result).is_err());
        result.changed = true;
        result.parts.pop();
        assert!(parts_are_the_whole(&result).is_err());
    }

    #[test]
    fn rule_2_the_lines() {
        let (tree, new) = (tree(POD).unwrap(), injected().text());
        let changes = changes(rules(), &Switches::default(), &tree);
        assert_eq!(lost_line(&tree, &changes, &new), None);
        for line in [
            "  # over the first\n",
            "    image: app:1\n",
            "    - name: PORT\n",
        ] {
            let without = with(&new, line, "");
            assert!(lost_line(&tree, &changes, &without).is_some(), "{line}");
        }
        // What moves is looked for everywhere, and must be somewhere.
        let line = "    - name: DD_TAGS # of the team\n";
        assert!(lost_line(&tree, &changes, &with(&new, line, "")).is_some());
    }

    #[test]
    fn rule_3_the_value() {
        let (tree, new) = (tree(POD).unwrap(), injected().text());
        let changes = changes(rules(), &Switches::default(), &tree);
        assert_eq!(value_is_intended(POD, &new, &changes), Ok(true));
        let other = with(&new, "  - name: side\n", "  - name: sider\n");
        assert!(value_is_intended(POD, &other, &changes).is_err());
        let more = with(&new, "kind: Pod\n", "kind: Pod\nmore: 1\n");
        assert!(value_is_intended(POD, &more, &changes).is_err());
        assert!(value_is_intended(POD, "a: [", &changes).is_err());
    }

    #[test]
    fn rule_3_readers_of_yaml_1_1() {
        let old = "kind: Pod\nspec:\n  containers:\n  - name: a\n";
        let old_tree = tree(old).unwrap();
        let changes = changes(rules(), &Switches::default(), &old_tree);
        let new = rewrite(rules(), &Switches::default(), None, old).text();
        let check =
            |new: &str| new_scalars_are_what_they_say(&old_tree, &tree(new).unwrap(), &changes);
        assert_eq!(check(&new), Ok(()));
        assert!(check(&with(&new, "value: \"yes\"", "value: yes")).is_err());
        assert!(check(&with(&new, "value: \"9533\"", "value: 9533")).is_err());
    }

    #[test]
    fn rule_4_the_second_run() {
        let (switches, new) = (Switches::default(), injected().text());
        assert_eq!(unchanged_by_a_second_run(rules(), &switches, &new), Ok(()));
        assert!(unchanged_by_a_second_run(rules(), &switches, POD).is_err());
        assert!(unchanged_by_a_second_run(rules(), &switches, "kind: [").is_err());
    }

    #[test]
    fn rule_5_the_surroundings() {
        assert_eq!(line_ends_stay("a\r\n", "a\r\nb\r\n"), Ok(()));
        assert!(line_ends_stay("a\r\n", "a\r\nb\n").is_err());
        assert!(line_ends_stay("a\n", "a\nb\r\n").is_err());

        let indentation = |old: &str, new: &str| {
            indentation_is_one_of_theirs(&tree(old).unwrap(), &tree(new).unwrap())
        };
        assert_eq!(indentation("a:\n  b: c\n", "a:\n  b:\n    c: d\n"), Ok(()));
        assert!(indentation("a:\n  b: c\n", "a:\n  b:\n      c: d\n").is_err());
        assert!(indentation("a:\n- b\n", "a:\n- b\nc:\n  - d\n").is_err());

        let (tree, new) = (tree(POD).unwrap(), injected().text());
        let changes = changes(rules(), &Switches::default(), &tree);
        assert_eq!(comments_stay_with_theirs(&tree, &changes, &new), Ok(()));
        let gone = with(&new, "# over spec\n", "");
        assert!(comments_stay_with_theirs(&tree, &changes, &gone).is_err());
        let first = with(&gone, "kind: Pod\n", "# over spec\nkind: Pod\n");
        assert!(comments_stay_with_theirs(&tree, &changes, &first).is_err());
    }

    #[test]
    fn rule_6_the_anchors() {
        let mut result = injected();
        assert_eq!(told(&result, "alias-expanded", 1), Ok(()));
        result
            .events
            .retain(|event| !matches!(event, Event::Diagnostic(_)));
        assert!(told(&result, "alias-expanded", 1).is_err());
        // Another use of an anchor that has not the old value any more.
        let old = "kind: Pod\nspec:\n  containers:\n  - name: a\n    volumeMounts: &m\n    - {name: x, mountPath: /x}\n  other: *m\n";
        let tree = tree(old).unwrap();
        let changes = changes(rules(), &Switches::default(), &tree);
        let new = rewrite(rules(), &Switches::default(), None, old).text();
        assert_eq!(value_is_intended(old, &new, &changes), Ok(true));
        let shared = with(
            &with(&new, "volumeMounts:\n", "volumeMounts: &m\n"),
            "other:\n  - name: x\n    mountPath: /x\n",
            "other: *m\n",
        );
        assert!(value_is_intended(old, &shared, &changes).is_err());
    }

    #[test]
    fn errors_and_forms() {
        let mut result = rewrite(rules(), &Switches::default(), None, "kind: [\n");
        assert_eq!(errors_have_places(&result), Ok(()));
        for event in &mut result.events {
            if let Event::Diagnostic(one) = event {
                one.location = None;
            }
        }
        assert!(errors_have_places(&result).is_err());

        let result = injected();
        assert_eq!(diff_leads_to_the_new_text(&result), Ok(()));
        assert_eq!(reports_are_well_formed(&result), Ok(()));
        for text in ["a\u{1b}[31mb", "a\rb", "a\u{202e}b", "##[error]x"] {
            assert!(steers_nothing(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_and_skip() {
        let one = |only: Option<&[Injection]>, skip: &[Injection]| {
            rewrite(rules(), &Switches::new(only, skip), None, POD)
        };
        let (whole, logfwd) = (one(None, &[]), Injection::Logfwd);
        let (only, skip) = (one(Some(&[logfwd]), &[]), one(None, &[logfwd]));
        let row = |result: &Rewritten| workloads_of(result)[0].clone();
        let check = |only: &Rewritten, skip: &Rewritten| {
            adds_up(logfwd, &row(&whole), &row(only), &row(skip))
        };
        assert_eq!(check(&only, &skip), Ok(()));
        assert!(check(&whole, &skip).is_err());
        assert!(check(&only, &whole).is_err());
        assert!(check(&only, &only).is_err());
        assert_eq!(one_after_the_other(rules(), &whole, POD), Ok(()));
        assert!(one_after_the_other(rules(), &skip, POD).is_err());
    }
}
