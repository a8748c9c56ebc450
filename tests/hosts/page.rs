//! A page of the documentation, carried out as it stands: its files are written, its commands run, and
//! what they print is compared with what the page says.
//!
//! | fenced block | what happens |
//! | --- | --- |
//! | `title=PATH` | the file is written |
//! | `file=PATH` | the file of the project at that path is exactly this |
//! | `sh` | the commands run in a shell; `sh exit=N`: and end with that code |
//! | `LANGUAGE output` | the standard output of the commands above is exactly this |
//! | `LANGUAGE output generate=PATH` | what Argo CD's plugin makes of the folder is exactly this |
//! | `LANGUAGE errors` | their standard error holds these lines |
//! | anything else | is there to read |

use std::fs;
use std::path::Path;
use std::process::Output;

use super::Place;

struct Block {
    info: String,
    text: String,
    line: usize,
    /// The heading above it.
    heading: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut heading = String::new();
    for (index, line) in page.lines().enumerate() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => {
                open = Some(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    line: index + 1,
                    heading: heading.clone(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if line.starts_with("## ") {
                    line.clone_into(&mut heading);
                }
            }
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Carries out `docs/hosts/NAME.md` in a place; gives the number of comparisons.
pub(crate) fn carry_out(name: &str, place: &Place) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/hosts")
        .join(name);
    let page = fs::read_to_string(path).unwrap();
    let mut last: Option<Output> = None;
    let mut compared = 0;
    for block in blocks(&page) {
        let at = format!("docs/hosts/{name}:{}", block.line);
        let words: Vec<&str> = block.info.split_whitespace().collect();
        let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key));
        if let Some(title) = value("title=") {
            place.write(title, &block.text);
        } else if let Some(path) = value("file=") {
            let file = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path));
            assert_eq!(file.unwrap(), block.text, "{at}: {path}");
            compared += 1;
        } else if words.first() == Some(&"sh") {
            let output = place.shell(&block.text, &block.heading);
            let expected = value("exit=").map_or(0, |code| code.parse().unwrap());
            assert_eq!(
                output.status.code(),
                Some(expected),
                "{at}:\n{}\n{}",
                text(&output.stdout),
                text(&output.stderr)
            );
            last = Some(output);
        } else if let Some(folder) = value("generate=") {
            let output = place.generate(
                folder,
                &[("DATAKIT_INJECT_CONFIG", "../argocd/operator.json")],
            );
            assert_eq!(
                text(&output.stdout),
                block.text,
                "{at}: {}",
                text(&output.stderr)
            );
            compared += 1;
        } else if words.contains(&"output") {
            let output = last.as_ref().expect("commands stand above their output");
            assert_eq!(text(&output.stdout), block.text, "{at}: standard output");
            compared += 1;
        } else if words.contains(&"errors") {
            let output = last.as_ref().expect("commands stand above their output");
            let errors = text(&output.stderr);
            for line in block.text.lines() {
                assert!(errors.contains(line), "{at}: `{line}` is not in\n{errors}");
                compared += 1;
            }
        }
    }
    compared
}
