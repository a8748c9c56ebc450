//! The manual page, and one for each subcommand.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

/// Path and text of each page.
pub(crate) fn all(command: &Command) -> Vec<(PathBuf, String)> {
    let mut made = vec![page(command, "datakit-inject")];
    for subcommand in command.get_subcommands() {
        let name = format!("datakit-inject-{}", subcommand.get_name());
        made.push(page(subcommand, &name));
    }
    made
}

fn page(command: &Command, name: &str) -> (PathBuf, String) {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap().to_owned();
    let sections = command.get_after_long_help().map(ToString::to_string);
    let subcommands = command.has_subcommands();
    let command = command
        .clone()
        .display_name(name.to_owned())
        .override_usage(usage);
    let manual = Man::new(command);

    // The title of `clap_mangen` leaves an empty date out, and what follows moves up.
    let version = env!("CARGO_PKG_VERSION");
    let title = name.to_uppercase();
    let mut text = Vec::new();
    writeln!(
        text,
        ".TH {title} 1 \"\" \"datakit-inject {version}\" \"User Commands\""
    )
    .unwrap();
    manual.render_name_section(&mut text).unwrap();
    manual.render_synopsis_section(&mut text).unwrap();
    manual.render_description_section(&mut text).unwrap();
    manual.render_options_section(&mut text).unwrap();
    if subcommands {
        manual.render_subcommands_section(&mut text).unwrap();
    }
    let mut text = String::from_utf8(text).unwrap();
    if let Some(sections) = sections {
        text.push_str(&as_sections(&sections));
    }
    (Path::new("docs").join(format!("{name}.1")), text)
}

/// What the help says behind its options: a line that is not indented and ends with a colon begins
/// a section, anything below it stands as it is.
fn as_sections(help: &str) -> String {
    let mut lines = Vec::new();
    for line in help.lines() {
        if !line.starts_with(' ') && line.ends_with(':') {
            let title = line.split([',', ':']).next().unwrap_or_default();
            lines.push(".fi".to_owned());
            lines.push(format!(".SH \"{}\"", title.to_uppercase()));
            lines.push(".nf".to_owned());
            if line.contains(',') {
                lines.push(escape(line));
            }
        } else {
            lines.push(escape(line));
        }
    }
    lines.push(".fi".to_owned());
    // Nothing is open before the first section.
    lines.remove(0);
    lines.join("\n") + "\n"
}

/// Text that means nothing to roff: backslashes, hyphens that are typed, a dot in front.
fn escape(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) {
        return format!("\\&{line}");
    }
    line
}
