//! Shell completions: those of `clap_complete`, and what it leaves out for lists and paths.
//!
//! It knows nothing of lists with commas, and in bash it offers options where a path belongs. Both
//! are mended in its text; where that is no longer what it was, the mending fails here.

use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use clap_complete::Shell;

const NAME: &str = "datakit-inject";

/// Path and text of the completions for each shell.
pub(crate) fn all(command: &Command) -> Vec<(PathBuf, String)> {
    let shells = [
        (Shell::Bash, "datakit-inject.bash"),
        (Shell::Zsh, "_datakit-inject"),
        (Shell::Fish, "datakit-inject.fish"),
        (Shell::PowerShell, "_datakit-inject.ps1"),
        (Shell::Elvish, "datakit-inject.elv"),
    ];
    let write = |(shell, name): (Shell, &str)| {
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut command.clone(), NAME, &mut text);
        let text = String::from_utf8(text).unwrap();
        let text = match shell {
            Shell::Bash => bash(text, command),
            Shell::Zsh => zsh(text, command),
            Shell::Fish => fish(text, command),
            _ => text,
        };
        (Path::new("completions").join(name), tidy(&text))
    };
    shells.into_iter().map(write).collect()
}

/// No blanks at line ends, one line end at the end.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// Options that take a list of known words with commas: long name, words, help of each.
fn lists(command: &Command) -> Vec<(&Arg, Vec<(String, String)>)> {
    let options = command.get_arguments().filter(|option| {
        option.get_value_delimiter() == Some(',') && !option.get_possible_values().is_empty()
    });
    let words = |option: &Arg| {
        let values = option.get_possible_values();
        let word = |value: &clap::builder::PossibleValue| {
            let help = value.get_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            assert!(
                help.chars().all(|c| c.is_alphanumeric() || c == ' '),
                "this would need quotes in a shell: {help}"
            );
            (value.get_name().to_owned(), help)
        };
        values.iter().map(word).collect()
    };
    options.map(|option| (option, words(option))).collect()
}

/// Replaces every `old` by `new`; there are `times`.
fn replace(text: &str, old: &str, new: &str, times: usize) -> String {
    assert_eq!(
        text.matches(old).count(),
        times,
        "clap_complete writes something else now than:\n{old}"
    );
    text.replace(old, new)
}

fn bash(text: String, command: &Command) -> String {
    let levels = 1 + command.get_subcommands().count();
    let mut text = text;
    // A value after `=`: bash takes the sign for a word of its own.
    text = replace(
        &text,
        "    prev=\"$3\"\n",
        "    prev=\"$3\"\n    if [[ \"${prev}\" == \"=\" ]]; then\n        \
         prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    fi\n",
        1,
    );
    // Options only where a word begins with a dash; nothing typed yet, or no subcommand's
    // beginning: bash's own completion of paths.
    for level in 1..=2 {
        let old = format!("if [[ ${{cur}} == -* || ${{COMP_CWORD}} -eq {level} ]] ; then");
        text = text.replace(&old, "if [[ ${cur} == -* ]] ; then");
    }
    assert_eq!(text.matches("if [[ ${cur} == -* ]] ; then").count(), levels);
    text = replace(
        &text,
        "            esac\n            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n",
        "            esac\n            [[ -z ${cur} ]] || COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n",
        levels,
    );
    for (option, words) in lists(command) {
        let names: Vec<String> = words.into_iter().map(|(name, _)| name).collect();
        let case = format!(
            "--{})\n                    COMPREPLY=($(compgen ",
            option.get_long().unwrap()
        );
        let words = format!("-W \"{}\" -- ", names.join(" "));
        text = replace(
            &text,
            &format!("{case}{words}\"${{cur}}\"))"),
            &format!("{case}-P \"${{cur%\"${{cur##*,}}\"}}\" {words}\"${{cur##*,}}\"))"),
            1,
        );
    }
    text
}

fn zsh(text: String, command: &Command) -> String {
    let mut text = text;
    for (option, words) in lists(command) {
        let name = option.get_value_names().unwrap()[0].as_str();
        let start = format!("'*--{}=[", option.get_long().unwrap());
        let line = text.find(&start).expect("the option stands in the text");
        let values = line + text[line..].find(&format!(":{name}:((")).unwrap();
        let end = values + text[values..].find("))'").unwrap();
        let words = words
            .iter()
            .map(|(word, help)| format!(" \"{word}[{help}]\""));
        let action = format!(":{name}:_values -s , {name}{}", words.collect::<String>());
        text.replace_range(values..end + 2, &action);
    }
    text
}

fn fish(text: String, command: &Command) -> String {
    let mut text = text;
    for (option, words) in lists(command) {
        let start = format!(" -l {} ", option.get_long().unwrap());
        let line = text.find(&start).expect("the option stands in the text");
        let values = line + text[line..].find(" -a \"").unwrap();
        let end = values + 5 + text[values + 5..].find("\"\n").unwrap();
        let words = words
            .iter()
            .map(|(word, help)| format!(" {word}\\t'{help}'"));
        let action = format!(" -a \"(__fish_append ,{})\"", words.collect::<String>());
        text.replace_range(values..=end, &action);
    }
    text
}
