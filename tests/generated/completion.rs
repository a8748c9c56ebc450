//! Shell completions: those of `clap_complete`, and what it leaves out for lists, paths and
//! subcommands.
//!
//! It knows nothing of lists with commas, in bash it offers options where a path belongs, and where
//! a command has subcommands *and* takes paths, none of its shells gets both right. So each command
//! is generated alone, as one without subcommands; the first word decides which of them completes.
//! The rest is mended in the text; where that is no longer what it was, the mending fails here.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValue;
use clap::{Arg, Command};
use clap_complete::Shell;

const NAME: &str = "datakit-inject";

/// Path and text of the completions for each shell.
pub(crate) fn all(command: &Command) -> Vec<(PathBuf, String)> {
    let files = [
        ("datakit-inject.bash", bash(command)),
        ("_datakit-inject", zsh(command)),
        ("datakit-inject.fish", fish(command)),
        (
            "_datakit-inject.ps1",
            generate(Shell::PowerShell, command, NAME),
        ),
        ("datakit-inject.elv", generate(Shell::Elvish, command, NAME)),
    ];
    let path = |(name, text): (&str, String)| (Path::new("completions").join(name), tidy(&text));
    files.into_iter().map(path).collect()
}

fn generate(shell: Shell, command: &Command, name: &str) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command.clone(), name, &mut text);
    String::from_utf8(text).unwrap()
}

/// No blanks at line ends, one line end at the end.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// The command with its arguments and without its subcommands.
fn alone(command: &Command) -> Command {
    Command::new(NAME)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .args(command.get_arguments().cloned())
}

fn subcommands(command: &Command) -> Vec<&Command> {
    let shown = command
        .get_subcommands()
        .filter(|known| !known.is_hide_set());
    shown.collect()
}

/// The commands that a command leads to, and which it cannot do without. Two levels, no more.
fn group(command: &Command) -> Option<Vec<&Command>> {
    let own = subcommands(command);
    for subcommand in &own {
        let name = subcommand.get_name();
        assert!(
            !subcommand.has_subcommands(),
            "{name}: a third level of commands"
        );
    }
    (!own.is_empty()).then_some(own)
}

/// A command's name and what it is, as a shell's description.
fn about(command: &Command) -> String {
    plain(&command.get_about().unwrap().to_string().replace('\'', ""))
}

fn words(values: &[PossibleValue]) -> Vec<(String, String)> {
    let word = |value: &PossibleValue| {
        let help = value.get_help().map(ToString::to_string);
        (
            value.get_name().to_owned(),
            plain(&help.unwrap_or_default()),
        )
    };
    values.iter().map(word).collect()
}

/// Help that needs no quotes in any shell.
fn plain(help: &str) -> String {
    assert!(
        help.chars()
            .all(|c| c.is_alphanumeric() || " ,.()-".contains(c)),
        "this would need quotes in a shell: {help}"
    );
    help.to_owned()
}

/// Options that take a list of known words with commas: the words, and the help of each.
fn lists(command: &Command) -> Vec<(&Arg, Vec<(String, String)>)> {
    let options = command.get_arguments().filter(|option| {
        option.get_value_delimiter() == Some(',') && !option.get_possible_values().is_empty()
    });
    options
        .map(|option| (option, words(&option.get_possible_values())))
        .collect()
}

/// The words that a command takes without an option, where only some are right.
fn positional_words(command: &Command) -> Vec<(String, String)> {
    let values = command.get_positionals().map(Arg::get_possible_values);
    values.flat_map(|values| words(&values)).collect()
}

/// Replaces `old`, which stands there once, by `new`.
fn replace(text: &str, old: &str, new: &str) -> String {
    assert_eq!(
        text.matches(old).count(),
        1,
        "clap_complete writes something else now than:\n{old}"
    );
    text.replace(old, new)
}

/// A function's text, from its name to the brace that closes it.
fn function<'a>(text: &'a str, name: &str) -> &'a str {
    let start = text
        .find(&format!("\n{name}() {{\n"))
        .map_or(0, |at| at + 1);
    assert!(
        text[start..].starts_with(&format!("{name}() {{\n")),
        "no {name}"
    );
    let end = start + text[start..].find("\n}\n").unwrap() + 3;
    &text[start..end]
}

fn bash(command: &Command) -> String {
    let mut before = String::new();
    let mut dispatch = String::new();
    let mut names = Vec::new();
    for subcommand in subcommands(command) {
        let name = format!("{NAME}-{}", subcommand.get_name());
        let called = format!("_{}", name.replace('-', "__"));
        let text = match group(subcommand) {
            Some(own) => bash_group(&own, &name),
            None => function(&bash_alone(subcommand, &name, ""), &called).to_owned(),
        };
        let _ = writeln!(before, "{text}");
        let _ = writeln!(
            dispatch,
            "            {}) {called} \"$@\"; return ;;",
            subcommand.get_name()
        );
        names.push(subcommand.get_name());
    }
    let text = bash_alone(command, NAME, &names.join(" "));
    if names.is_empty() {
        return text;
    }
    let dispatch = format!(
        "    if [[ ${{COMP_CWORD}} -gt 1 ]]; then\n        case \"${{COMP_WORDS[1]}}\" in\n{dispatch}        esac\n    fi\n"
    );
    let head = "    local i cur prev opts cmd\n    COMPREPLY=()\n";
    before + &replace(&text, head, &format!("{head}{dispatch}"))
}

/// A command that is followed by one of others.
fn bash_group(commands: &[&Command], name: &str) -> String {
    let mut text = String::new();
    let mut dispatch = String::new();
    let mut names = Vec::new();
    for command in commands {
        let full = format!("{name}-{}", command.get_name());
        let called = format!("_{}", full.replace('-', "__"));
        let own = bash_alone(command, &full, "");
        let _ = writeln!(text, "{}", function(&own, &called));
        let _ = writeln!(
            dispatch,
            "            {}) {called} \"$@\"; return ;;",
            command.get_name()
        );
        names.push(command.get_name());
    }
    let called = format!("_{}", name.replace('-', "__"));
    let names = names.join(" ");
    let _ = write!(
        text,
        "{called}() {{\n    local cur=\"${{COMP_WORDS[COMP_CWORD]}}\"\n    COMPREPLY=()\n    \
         if [[ ${{COMP_CWORD}} -gt 2 ]]; then\n        case \"${{COMP_WORDS[2]}}\" in\n{dispatch}        \
         esac\n        return 0\n    fi\n    if [[ ${{cur}} == -* ]]; then\n        \
         COMPREPLY=( $(compgen -W \"-h --help\" -- \"${{cur}}\") )\n        return 0\n    fi\n    \
         COMPREPLY=( $(compgen -W \"{names}\" -- \"${{cur}}\") )\n}}\n"
    );
    text
}

/// One command; `first` are words that may stand in front of anything else.
fn bash_alone(command: &Command, name: &str, first: &str) -> String {
    let mut text = generate(Shell::Bash, &alone(command), name);
    // A value after `=`: bash takes the sign for a word of its own.
    text = replace(
        &text,
        "    prev=\"$3\"\n",
        "    prev=\"$3\"\n    if [[ \"${prev}\" == \"=\" ]]; then\n        \
         prev=\"${COMP_WORDS[COMP_CWORD-2]}\"\n    fi\n",
    );
    // Options only where a word begins with a dash. Elsewhere a word of the command's own, or
    // else bash's own completion of paths.
    text = replace(
        &text,
        "if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then",
        "if [[ ${cur} == -* ]] ; then",
    );
    let own: Vec<String> = positional_words(command)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let rest = match (own.is_empty(), first.is_empty()) {
        (false, _) => format!(
            "COMPREPLY=( $(compgen -W \"{}\" -- \"${{cur}}\") )",
            own.join(" ")
        ),
        (true, false) => format!(
            "[[ -z ${{cur}} || ${{COMP_CWORD}} -ne 1 ]] || COMPREPLY=( $(compgen -W \"{first}\" -- \"${{cur}}\") )"
        ),
        (true, true) => "COMPREPLY=()".to_owned(),
    };
    text = replace(
        &text,
        "            esac\n            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )\n",
        &format!("            esac\n            {rest}\n"),
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
        );
    }
    text
}

fn zsh(command: &Command) -> String {
    let mut before = String::new();
    let mut dispatch = String::new();
    let mut offers = String::new();
    for subcommand in subcommands(command) {
        let name = format!("{NAME}-{}", subcommand.get_name());
        let text = match group(subcommand) {
            Some(own) => zsh_group(&own, &name),
            None => function(&zsh_alone(subcommand, &name), &format!("_{name}")).to_owned(),
        };
        let _ = writeln!(before, "{text}");
        let _ = writeln!(
            dispatch,
            "            ({}) shift words; (( CURRENT-- )); _{name}; return ;;",
            subcommand.get_name()
        );
        let _ = write!(offers, " '{}:{}'", subcommand.get_name(), about(subcommand));
    }
    let text = zsh_alone(command, NAME);
    if before.is_empty() {
        return text;
    }
    let dispatch = format!(
        "    local first=$(( CURRENT == 2 ))\n    if (( CURRENT > 2 )); then\n        case ${{words[2]}} in\n{dispatch}        esac\n    fi\n"
    );
    let head = "    local ret=1\n";
    let start = format!("_{NAME}() {{\n");
    let words = format!(
        "_{NAME}_words() {{\n    local ret=1 commands; commands=({offers} )\n    \
         (( first )) && _describe -t commands command commands && ret=0\n    _files && ret=0\n    return ret\n}}\n\n"
    );
    let text = replace(&text, head, &format!("{head}{dispatch}"));
    // Before the subcommands are put in, whose paths are paths alone.
    let text = replace(
        &text,
        ":_files' \\\n&& ret=0",
        &format!(":_{NAME}_words' \\\n&& ret=0"),
    );
    replace(&text, &start, &format!("{before}{words}{start}"))
}

/// A command that is followed by one of others.
fn zsh_group(commands: &[&Command], name: &str) -> String {
    let mut text = String::new();
    let mut dispatch = String::new();
    let mut offers = String::new();
    for command in commands {
        let full = format!("{name}-{}", command.get_name());
        let own = zsh_alone(command, &full);
        let _ = writeln!(text, "{}", function(&own, &format!("_{full}")));
        let _ = writeln!(
            dispatch,
            "            ({}) shift words; (( CURRENT-- )); _{full}; return ;;",
            command.get_name()
        );
        let _ = write!(offers, " '{}:{}'", command.get_name(), about(command));
    }
    let _ = write!(
        text,
        "_{name}() {{\n    local commands; commands=({offers} )\n    if (( CURRENT > 2 )); then\n        \
         case ${{words[2]}} in\n{dispatch}        esac\n        return 1\n    fi\n    \
         if [[ ${{words[CURRENT]}} == -* ]]; then\n        \
         _arguments '-h[Print help]' '--help[Print help]'\n        return\n    fi\n    \
         _describe -t commands command commands\n}}\n"
    );
    text
}

fn zsh_alone(command: &Command, name: &str) -> String {
    // With two colons zsh takes everything behind a path for a path, options too.
    let mut text = generate(Shell::Zsh, &alone(command), name).replace("\n'*::", "\n'*:");
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

fn fish(command: &Command) -> String {
    let subcommands = subcommands(command);
    let main = fish_alone(command);
    if subcommands.is_empty() {
        return main;
    }
    let names: Vec<&str> = subcommands.iter().map(|known| known.get_name()).collect();
    let start = format!("complete -c {NAME} ");
    let on =
        |text: &str, condition: &str| text.replace(&start, &format!("{start}-n \"{condition}\" "));
    let mut text = "\
# Whether the first word is one of these.
function __datakit_inject_first
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end
# Whether the second word is one of these.
function __datakit_inject_second
    set -l words (commandline -opc)
    test (count $words) -ge 3; and contains -- $words[3] $argv
end
"
    .to_owned();
    text += &on(
        &main,
        &format!("not __datakit_inject_first {}", names.join(" ")),
    );
    for subcommand in subcommands {
        let name = subcommand.get_name();
        let _ = writeln!(
            text,
            "{start}-n \"test (count (commandline -opc)) -eq 1\" -a {name} -d '{}'",
            about(subcommand)
        );
        let condition = format!("__datakit_inject_first {name}");
        if let Some(own) = group(subcommand) {
            let here = format!("{condition}; and test (count (commandline -opc)) -eq 2");
            let _ = writeln!(text, "{start}-n \"{here}\" -f -s h -l help -d 'Print help'");
            for command in own {
                let word = command.get_name();
                let _ = writeln!(
                    text,
                    "{start}-n \"{here}\" -f -a {word} -d '{}'",
                    about(command)
                );
                let below = format!("{condition}; and __datakit_inject_second {word}");
                text += &on(&fish_alone(command), &below);
            }
            continue;
        }
        text += &on(&fish_alone(subcommand), &condition);
        for (word, help) in positional_words(subcommand) {
            let _ = writeln!(text, "{start}-n \"{condition}\" -f -a {word} -d '{help}'");
        }
    }
    text
}

fn fish_alone(command: &Command) -> String {
    let mut text = generate(Shell::Fish, &alone(command), NAME);
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
