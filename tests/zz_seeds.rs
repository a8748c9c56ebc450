#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    unreachable_pub
)]
mod checks;
mod random;
use checks::choices::bytes;
#[test]
fn seeds_hold() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut became = std::collections::BTreeMap::new();
    let times: u64 = std::env::var("TIMES").map_or(6, |t| t.parse().unwrap());
    for (n, entry) in walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap)
        .filter(|e| e.file_type().is_file() && e.metadata().unwrap().len() < 20000)
        .enumerate()
    {
        let b = std::fs::read(entry.path()).unwrap();
        let Ok(text) = std::str::from_utf8(&b) else {
            continue;
        };
        for d in checks::parsers::documents(text) {
            for k in 0..times {
                let by = [d.as_bytes(), b"\0", &bytes(7, n as u64 * times + k, 64)].concat();
                let r = std::panic::catch_unwind(|| checks::edits::check(&by))
                    .unwrap_or(Err("PANIC".into()));
                match r {
                    Ok(one) => *became.entry(format!("{one:?}")).or_insert(0) += 1,
                    Err(why) => println!("EDITS {} {k}: {why}", entry.path().display()),
                }
            }
        }
    }
    println!("{became:?}");
}
