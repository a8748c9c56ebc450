//! The rules of a configuration for people, in the order in which they are asked.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::color::{Palette, Style};
use super::escape::escape;
use crate::config::Configuration;
use crate::config::container::{Amounts, ContainerSettings, PullPolicy, Resources};
use crate::config::rule::{
    Ddtrace, Demand, Flameshot, Logfwd, Logging, Otel, Profiler, Refusal, Rule, RulePlace, Then,
    Unmet,
};
use crate::config::selector::{Combination, Selector};

/// The columns in front of what is said of a rule.
const MARGIN: usize = 16;

/// What is said of a rule: a word for it, and the words themselves.
type Line = (&'static str, String);

/// The rules as text of `width` columns at most, where its words allow that; `provenance` says where
/// they come from, and stands in front.
#[must_use]
pub fn render(
    config: &Configuration,
    provenance: &[Line],
    width: usize,
    palette: Palette,
) -> String {
    let mut text = String::new();
    for (name, what) in provenance {
        let name = palette.paint(Style::Bold, &format!("{name:13}"));
        let _ = writeln!(text, "{name} {}", escape(what));
    }
    let mut list = List {
        config,
        width,
        palette,
        text,
    };
    let rules = &config.rules;
    list.ruleset("ddtrace", &rules.ddtrace, |own: &Ddtrace| {
        let mut lines = injects(own.language.name(), &own.container);
        if own.language.name() == "php" {
            lines.push(("flavor", own.php_loader_flavor.to_owned()));
        }
        lines
    });
    list.ruleset("otel", &rules.otel, |own: &Otel| {
        injects(own.language.name(), &own.container)
    });
    list.ruleset("logfwd", &rules.logfwd, |own: &Logfwd| {
        let mut lines = injects("", &own.container);
        if !own.log_configs.is_empty() {
            lines.push(("log_configs", own.log_configs.clone()));
        }
        if !own.log_volume_paths.is_empty() {
            lines.push(("mounts", own.log_volume_paths.join(", ")));
        }
        lines
    });
    list.ruleset("flameshot", &rules.flameshot, |own: &Flameshot| {
        let mut lines = injects("", &own.container);
        lines.push(("processes", or_none(&own.processes)));
        lines
    });
    list.ruleset("profiler", &rules.profiler, |own: &Profiler| {
        injects(own.language.name(), &own.container)
    });
    list.ruleset("logging", &rules.logging, |own: &Logging| {
        vec![("config", or_none(&own.config))]
    });
    list.text
}

fn or_none(text: &str) -> String {
    if text.is_empty() {
        "none: nothing is injected".to_owned()
    } else {
        text.to_owned()
    }
}

struct List<'l> {
    config: &'l Configuration,
    width: usize,
    palette: Palette,
    text: String,
}

impl List<'_> {
    fn ruleset<P>(&mut self, name: &str, rules: &[Rule<P>], what: impl Fn(&P) -> Vec<Line>) {
        self.text.push('\n');
        let name = self.palette.paint(Style::Bold, name);
        if rules.is_empty() {
            let _ = writeln!(self.text, "{name}: no rules");
            return;
        }
        let _ = writeln!(self.text, "{name}:");
        // Variables and resources are those of a whole section in dialect v1.
        let mut before: (usize, Vec<Line>) = (0, Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let mut lines = vec![("selects", selects(&rule.selector))];
            lines.extend(rule.demand.iter().map(|demand| ("asks for", asks(demand))));
            match &rule.then {
                Then::Apply(payload) => {
                    let mut own = what(payload).into_iter();
                    lines.extend(own.next());
                    let rest: Vec<Line> = own.collect();
                    if !rest.is_empty() && rest == before.1 {
                        lines.push(("the rest", format!("as in rule {}", before.0)));
                    } else {
                        lines.extend(rest.iter().cloned());
                        before = (index + 1, rest);
                    }
                }
                Then::Refuse(Refusal::NoLanguage) => {
                    lines.push(("injects", "nothing: it leaves pods out".to_owned()));
                }
                Then::Refuse(Refusal::UnsupportedLanguage(language)) => {
                    let what = match language.as_str() {
                        "" => "nothing: it names no language".to_owned(),
                        language => format!("nothing: {language} is no language here"),
                    };
                    lines.push(("injects", what));
                }
                Then::SkipTo(target) => {
                    let next = match rules.get(*target) {
                        Some(_) => format!("on to rule {}", target + 1),
                        None => "nothing: no rule follows".to_owned(),
                    };
                    lines.push(("leads", next));
                }
            }
            self.rule(index, &rule.place, &lines);
        }
    }

    fn rule(&mut self, index: usize, place: &RulePlace, lines: &[Line]) {
        let name = self.palette.paint(Style::Cyan, &escape(&place.to_string()));
        let number = format!("{:>3}.", index + 1);
        let _ = write!(self.text, "{number} {name}");
        if place.is_entry() {
            let source = self.config.text.source();
            let at = source.line_column(place.span.start);
            let at = format!("{}:{}:{}", escape(source.name()), at.line, at.column);
            let _ = write!(self.text, "  {}", self.palette.paint(Style::Dim, &at));
        }
        self.text.push('\n');
        for (word, what) in lines {
            self.line(word, &escape(what));
        }
    }

    /// A line, broken between words.
    fn line(&mut self, word: &str, what: &str) {
        let word = self.palette.paint(Style::Dim, &format!("{word:11}"));
        let _ = write!(self.text, "     {word}");
        let mut column = MARGIN;
        for part in what.split(' ') {
            let columns = part.width() + 1;
            if column > MARGIN && column + columns > self.width {
                let _ = write!(self.text, "\n{:MARGIN$}", "");
                column = MARGIN;
            }
            self.text.push(' ');
            self.text.push_str(part);
            column += columns;
        }
        self.text.push('\n');
    }
}

/// Which pods a rule is about.
fn selects(selector: &Selector) -> String {
    let either = |texts: Vec<String>| match &texts[..] {
        [one] => one.clone(),
        _ => texts.join(" or "),
    };
    let quoted = |text: &str| format!("`{text}`");
    let namespaces = selector.namespaces().iter().map(|own| quoted(own.text()));
    let labels = selector.labels().iter().map(|own| quoted(own.text()));
    let namespaces = either(namespaces.collect());
    let labels = either(labels.collect());
    let combined = match selector.combination() {
        Combination::All => "and",
        Combination::Any => "or",
    };
    match (namespaces.is_empty(), labels.is_empty()) {
        (true, true) => "every pod".to_owned(),
        (false, true) => format!("pods in namespaces like {namespaces}"),
        (true, false) => format!("pods with labels {labels}"),
        (false, false) => {
            format!("pods in namespaces like {namespaces}, {combined} with labels {labels}")
        }
    }
}

fn asks(demand: &Demand) -> String {
    let otherwise = match demand.unmet {
        Unmet::NextRule => "the next rule is asked",
        Unmet::Stop => "no other rule is asked",
    };
    format!("annotation {}; without it {otherwise}", demand.annotation)
}

/// What a rule with a container says of it. Of variables no values are shown.
fn injects(language: &str, container: &ContainerSettings) -> Vec<Line> {
    let image = &container.image;
    if image.reference.is_empty() {
        return vec![("injects", format!("nothing: {} is missing", image.key))];
    }
    let language = match language {
        "" => String::new(),
        language => format!("{language}, "),
    };
    let policy = match container.image_pull_policy {
        PullPolicy::Always => String::new(),
        policy => format!(" ({})", policy.name()),
    };
    let image = &image.reference;
    let mut lines = vec![("injects", format!("{language}{image}{policy}"))];
    if !container.envs.is_empty() {
        let names: Vec<&str> = container.envs.iter().map(|own| own.name.as_str()).collect();
        lines.push(("variables", names.join(", ")));
    }
    lines.push(("resources", resources(&container.resources)));
    lines
}

fn resources(own: &Resources) -> String {
    let amounts = |name: &str, own: &Amounts| {
        let set = [("cpu", &own.cpu), ("memory", &own.memory)];
        let set = set
            .into_iter()
            .filter_map(|(name, amount)| Some(format!("{name} {}", amount.as_ref()?)));
        let set: Vec<String> = set.collect();
        (!set.is_empty()).then(|| format!("{name} {}", set.join(", ")))
    };
    let halves = [
        amounts("requests", &own.requests),
        amounts("limits", &own.limits),
    ];
    let halves: Vec<String> = halves.into_iter().flatten().collect();
    if halves.is_empty() {
        return "none".to_owned();
    }
    let is_default = *own == Resources::default_amounts();
    let default = if is_default { " (the default)" } else { "" };
    format!("{}{default}", halves.join("; "))
}
