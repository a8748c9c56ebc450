//! Makes the inputs of the measurements. Nothing here is random: the same arguments give the same
//! bytes on every machine.
//!
//! It is a program in Rust and not a script because `cargo bench` takes the same documents from the
//! same code, and because a gigabyte takes seconds. It needs nothing but the standard library, so
//! that `rustc -O` alone builds it (`benches/run` and `benches/instructions` do).

#![allow(
    clippy::print_stderr,
    reason = "a tool of this repository, which says how it is called"
)]

mod manifests;

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use manifests::hostile::SHAPES;
use manifests::{Documents, Stream};

const USAGE: &str = "\
generate injected BYTES             Deployments that are all injected
generate mixed BYTES                one Deployment in 20 documents
generate deployment LINES           one Deployment of that many lines
generate hostile SHAPE              one of the shapes
generate shapes                     the names of the shapes, and what they are
generate tree DIR FILES [MANIFESTS] a folder of files; a mix of those in MANIFESTS, where it is given
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprint!("{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("generate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// False where the arguments make no sense.
fn run(arguments: &[&str]) -> io::Result<bool> {
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match *arguments {
        ["injected", size] => return documents(&mut out, Stream::Injected, size),
        ["mixed", size] => return documents(&mut out, Stream::Mixed, size),
        ["deployment", lines] => {
            let Some(text) = lines.parse().ok().and_then(manifests::deployment_of) else {
                return Ok(false);
            };
            out.write_all(text.as_bytes())?;
        }
        ["hostile", name] => {
            let Some((_, _, text)) = SHAPES.iter().find(|(own, _, _)| *own == name) else {
                return Ok(false);
            };
            out.write_all(text().as_bytes())?;
        }
        ["shapes"] => {
            for (name, words, _) in SHAPES {
                writeln!(out, "{name}\t{words}")?;
            }
        }
        ["tree", folder, files, ref rest @ ..] => {
            let (Ok(files), [] | [_]) = (files.parse(), rest) else {
                return Ok(false);
            };
            tree(Path::new(folder), files, rest.first().map(Path::new))?;
        }
        _ => return Ok(false),
    }
    out.flush()?;
    Ok(true)
}

fn documents(out: &mut impl Write, stream: Stream, size: &str) -> io::Result<bool> {
    let Ok(size) = size.parse::<usize>() else {
        return Ok(false);
    };
    let mut written = 0;
    for document in Documents::new(stream) {
        out.write_all(document.as_bytes())?;
        written += document.len();
        if written >= size {
            break;
        }
    }
    out.flush()?;
    Ok(true)
}

/// Writes that many files, fifty to a folder.
fn tree(root: &Path, files: usize, manifests: Option<&Path>) -> io::Result<()> {
    let mut models = Vec::new();
    if let Some(folder) = manifests {
        collect(folder, &mut models)?;
        models.sort();
    }
    for number in 0..files {
        let folder = root.join(format!("team-{:02}/app-{:03}", number / 1000, number / 50));
        fs::create_dir_all(&folder)?;
        let (name, text) = match models.get(number % models.len().max(1)) {
            None => (
                format!("manifest-{number}.yaml"),
                manifests::repository_file(number),
            ),
            Some(model) => {
                let name = model.file_name().unwrap_or_default().to_string_lossy();
                let text = rename(&fs::read_to_string(model)?, number);
                (format!("{number}-{name}"), text)
            }
        };
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// The manifests below a folder.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            collect(&path, files)?;
        } else if matches!(extension, Some("yaml" | "yml" | "json")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Another name for each object: no two copies of a file are the same.
fn rename(text: &str, number: usize) -> String {
    let mut renamed = String::with_capacity(text.len() + 64);
    for line in text.split_inclusive('\n') {
        let name = line.strip_prefix("  name: ").map(str::trim_end);
        let plain = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        match name.filter(|name| plain(name)) {
            Some(name) => {
                let end = &line["  name: ".len() + name.len()..];
                renamed.extend(["  name: ", name, "-", &number.to_string(), end]);
            }
            None => renamed.push_str(line),
        }
    }
    renamed
}
