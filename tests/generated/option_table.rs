//! The tables of options in `docs/usage.md`, between two markers.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};

const BEGIN: &str = "<!-- options: made from src/cli.rs by tests/generated -->\n";
const END: &str = "<!-- end of options -->\n";

/// The page with the tables between its markers.
pub(crate) fn put_into(page: &str, tables: &str) -> String {
    let (before, rest) = page.split_once(BEGIN).expect("the first marker");
    let (_, after) = rest.split_once(END).expect("the second marker");
    format!("{before}{BEGIN}\n{tables}\n{END}{after}")
}

/// A table for each group of options, and for each subcommand; what a subcommand has of the options
/// above it is not listed again.
pub(crate) fn all(command: &Command) -> String {
    let mut tables = table(command, &[]);
    for subcommand in command.get_subcommands() {
        let name = format!("datakit-inject {}", subcommand.get_name());
        if subcommand.has_subcommands() {
            for below in subcommand.get_subcommands() {
                let name = format!("{name} {}", below.get_name());
                tables.extend(of_subcommand(command, below, &name));
            }
        } else {
            tables.extend(of_subcommand(command, subcommand, &name));
        }
    }
    tables.join("\n")
}

/// What a subcommand is, and its tables.
fn of_subcommand(command: &Command, subcommand: &Command, name: &str) -> Vec<String> {
    let about = subcommand.get_about().unwrap().to_string();
    let mut tables = vec![format!("`{name}`: {about}\n")];
    let shared = shared(command, subcommand);
    if !shared.is_empty() {
        let missing: Vec<String> = listed(command)
            .filter(|own| own.get_help_heading().is_some() && !shared.contains(own))
            .map(|own| format!("`--{}`", own.get_long().unwrap()))
            .collect();
        tables.push(match &missing[..] {
            [] => "It takes the options of `datakit-inject` itself.\n".to_owned(),
            [one] => format!("It takes the options of `datakit-inject` itself, but for {one}.\n"),
            [first @ .., last] => format!(
                "It takes the options of `datakit-inject` itself, but for {} and {last}.\n",
                first.join(", ")
            ),
        });
        tables.extend(table(subcommand, &shared));
        return tables;
    }
    let groups = shared_groups(command, subcommand);
    if !groups.is_empty() {
        let names: Vec<String> = groups.iter().map(|group| format!("**{group}**")).collect();
        let is_hidden = |own: &&Arg| {
            let mut others = subcommand.get_arguments();
            others.any(|other| other.is_hide_set() && is_same(own, other))
        };
        let hidden: Vec<String> = listed(command)
            .filter(is_hidden)
            .map(|own| format!(", but for `--{}`", own.get_long().unwrap()))
            .collect();
        tables.push(format!(
            "It takes the options of {} above{}.\n",
            names.join(" and "),
            hidden.concat()
        ));
    }
    let in_group = |own: &&Arg| {
        own.get_help_heading()
            .is_some_and(|own| groups.contains(&own))
    };
    let known: Vec<&Arg> = listed(command).filter(in_group).collect();
    tables.extend(table(subcommand, &known));
    tables
}

/// The groups of options that a subcommand has as a whole.
fn shared_groups<'c>(command: &'c Command, subcommand: &Command) -> Vec<&'c str> {
    let mut groups: Vec<&str> = listed(command).filter_map(Arg::get_help_heading).collect();
    groups.dedup();
    groups.retain(|group| {
        let mut own = listed(command).filter(|own| own.get_help_heading() == Some(*group));
        let others = || subcommand.get_arguments();
        own.all(|own| others().any(|other| is_same(own, other)))
    });
    groups
}

/// The options that a table lists.
fn listed(command: &Command) -> impl Iterator<Item = &Arg> {
    let options = command.get_arguments();
    options.filter(|option| !option.is_positional() && !option.is_hide_set())
}

/// Whether two options have the same name and the same meaning.
fn is_same(one: &Arg, other: &Arg) -> bool {
    one.get_long() == other.get_long()
        && one.get_help().map(ToString::to_string) == other.get_help().map(ToString::to_string)
}

/// The options of a command that a subcommand has, too, most of them: one that takes options of its
/// own alone lists them all.
fn shared<'c>(command: &'c Command, subcommand: &Command) -> Vec<&'c Arg> {
    let shared: Vec<&Arg> = listed(command)
        .filter(|own| listed(subcommand).any(|other| is_same(own, other)))
        .collect();
    if shared.len() > listed(command).count() / 2 {
        shared
    } else {
        Vec::new()
    }
}

/// A table for each group of a command's options, without those that are known.
fn table(command: &Command, known: &[&Arg]) -> Vec<String> {
    let mut groups: Vec<(&str, String)> = Vec::new();
    let is_known = |option: &Arg| known.iter().any(|own| own.get_id() == option.get_id());
    for option in listed(command).filter(|option| !is_known(option)) {
        let group = option.get_help_heading().unwrap_or("General");
        if !groups.iter().any(|(known, _)| *known == group) {
            groups.push((group, String::new()));
        }
        let (_, rows) = groups
            .iter_mut()
            .find(|(known, _)| *known == group)
            .unwrap();
        rows.push_str(&row(command, option));
    }
    // What clap adds itself comes last.
    groups.sort_by_key(|(group, _)| *group == "General");
    let head = "| option | variable | meaning |\n| --- | --- | --- |\n";
    groups
        .into_iter()
        .map(|(group, rows)| format!("**{group}**\n\n{head}{rows}"))
        .collect()
}

fn row(command: &Command, option: &Arg) -> String {
    let variable = option.get_env().map(|name| name.to_string_lossy());
    let variable = variable.map_or_else(String::new, |name| format!("`{name}`"));
    format!(
        "| {} | {variable} | {} |\n",
        names(option),
        meaning(command, option)
    )
}

/// `` `-f`, `--filename PATH` ``.
fn names(option: &Arg) -> String {
    let takes_value = option.get_action().takes_values();
    let value = option.get_value_names().filter(|_| takes_value);
    let value = value.map_or_else(String::new, |names| format!(" {}", names.join(" ")));
    let short = option.get_short().map(|short| format!("`-{short}`, "));
    let long = option.get_long().unwrap();
    format!("{}`--{long}{value}`", short.unwrap_or_default())
}

/// The short help, the values, the default, what it excludes, and whether it can be given again.
fn meaning(command: &Command, option: &Arg) -> String {
    let help = option.get_help().unwrap().to_string();
    let (help, default) = match help.split_once(" [default: ") {
        Some((help, default)) => (help, Some(as_code(default.trim_end_matches(']')))),
        None => (help.as_str(), None),
    };
    let mut sentences = vec![as_code(help)];
    let takes_value = option.get_action().takes_values();
    if takes_value && !option.get_possible_values().is_empty() {
        let values: Vec<String> = option.get_possible_values().iter().map(value).collect();
        sentences.push(values.join(", "));
    }
    if matches!(option.get_action(), ArgAction::Append) {
        let again = match (option.get_value_delimiter(), option.get_env()) {
            (Some(_), _) => "Repeatable, or a list with commas",
            (None, Some(_)) => "Repeatable; the variable holds one",
            (None, None) => "Repeatable",
        };
        sentences.push(again.to_owned());
    }
    let given = option.get_default_values().first();
    let given = given.map(|value| format!("`{}`", value.to_string_lossy()));
    if takes_value && let Some(default) = given.or(default) {
        sentences.push(format!("Default: {default}"));
    }
    let excluded = excluded(command, option);
    if !excluded.is_empty() {
        sentences.push(format!("Not with {}", excluded.join(", ")));
    }
    sentences.join(". ")
}

/// A value with its help, where that says more than the value.
fn value(value: &PossibleValue) -> String {
    let help = value.get_help().map(|help| lower_first(&help.to_string()));
    match help.filter(|help| help != value.get_name()) {
        Some(help) => format!("`{}` ({})", value.get_name(), as_code(&help)),
        None => format!("`{}`", value.get_name()),
    }
}

/// The options that cannot be given with this one, whichever of the two says so.
fn excluded(command: &Command, option: &Arg) -> Vec<String> {
    let conflict = |one: &Arg, other: &Arg| {
        let conflicts = command.get_arg_conflicts_with(one);
        conflicts
            .iter()
            .any(|known| known.get_id() == other.get_id())
    };
    let others = command.get_arguments();
    let others = others.filter(|other| conflict(option, other) || conflict(other, option));
    let others = others.filter_map(|other| other.get_long());
    others.map(|long| format!("`--{long}`")).collect()
}

/// A sentence's first word inside another sentence; a name such as `JSON` stays.
fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            format!("{}{}", first.to_lowercase(), &text[first.len_utf8()..])
        }
        _ => text.to_owned(),
    }
}

/// Words that nobody writes in a sentence (`*.yaml`, `HELM_NAMESPACE`, `--help`) as code, so that
/// Markdown does not take their signs for its own.
fn as_code(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c| "'(),:;".contains(c));
        let code = bare.contains(['*', '_', '[', '<', '|', '=']) || bare.starts_with("--");
        if code {
            return word.replace(bare, &format!("`{bare}`")).replace('\'', "");
        }
        word.to_owned()
    };
    let words: Vec<String> = text.split_whitespace().map(word).collect();
    words.join(" ")
}
