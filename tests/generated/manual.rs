//! The manual page: that of `clap_mangen`, with the sections of the help behind it and its
//! subcommands in it, so that there is one page to install.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Command;
use clap_mangen::Man;

/// Path and text of the page.
pub(crate) fn all(command: &Command) -> Vec<(PathBuf, String)> {
    vec![(
        Path::new("docs").join("datakit-inject.1"),
        page(command, "datakit-inject"),
    )]
}

fn page(command: &Command, name: &str) -> String {
    // The title of `clap_mangen` leaves an empty date out, and what follows moves up.
    let version = env!("CARGO_PKG_VERSION");
    let title = name.to_uppercase();
    let mut text = Vec::new();
    let head = format!(".TH {title} 1 \"\" \"{name} {version}\" \"User Commands\"");
    writeln!(text, "{head}").unwrap();
    let manual = Man::new(with_usage(command, name));
    manual.render_name_section(&mut text).unwrap();
    manual.render_synopsis_section(&mut text).unwrap();
    manual.render_description_section(&mut text).unwrap();
    manual.render_options_section(&mut text).unwrap();
    let mut text = String::from_utf8(text).unwrap();
    for subcommand in command.get_subcommands() {
        let name = format!("{name} {}", subcommand.get_name());
        text.push_str(&chapter(subcommand, &name));
        for command in subcommand.get_subcommands() {
            text.push_str(&chapter(command, &format!("{name} {}", command.get_name())));
        }
    }
    if let Some(help) = command.get_after_long_help() {
        text.push_str(&as_sections(&help.to_string()));
    }
    text
}

/// The command with the usage that its help shows, instead of a line with every option.
fn with_usage(command: &Command, name: &str) -> Command {
    let usage = command.clone().render_usage().to_string();
    let usage = usage.strip_prefix("Usage: ").unwrap().to_owned();
    let command = command.clone().display_name(name.to_owned());
    command.override_usage(usage)
}

/// A subcommand as a section: what it is, its usage, its options as subsections.
fn chapter(command: &Command, name: &str) -> String {
    let manual = Man::new(with_usage(command, name));
    let mut text = Vec::new();
    manual.render_description_section(&mut text).unwrap();
    manual.render_synopsis_section(&mut text).unwrap();
    manual.render_options_section(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let text = text
        .replace(".SH DESCRIPTION\n", "")
        .replace(".SH ", ".SS ");
    format!(".SH \"{}\"\n{text}", name.to_uppercase())
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
