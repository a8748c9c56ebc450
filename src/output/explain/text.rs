//! The explanation for people: a tree for each workload (`docs/explain.md`).

use super::deeds::deeds;
use super::words::verdict;
use super::{Explained, Fate, Setting, explained, fate, rule_place};
use crate::config::select::Verdict;
use crate::config::selector::Asked;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::explanation::{NamespaceFrom, TemplateExplanation};
use crate::inject::{Account, Consulted, Evidence, Exhibit, Reason};
use crate::output::color::Style;
use crate::output::report_text::{place, summary};
use crate::output::tree::{Line, Tree};
use crate::report::{ConfigurationInForce, Report};

/// So many labels of a template are named, unless everything is told.
const LABELS: usize = 8;
/// So many rules that are not the one are named.
const RULES: usize = 4;
/// The value of an annotation is shown up to so many characters.
const VALUE: usize = 60;

/// The tree of everything that a report has.
pub(super) fn render(report: &Report, setting: &Setting<'_>) -> String {
    let teller = Teller {
        setting,
        configuration: report.configuration.as_ref(),
    };
    let mut text = teller.draw(&teller.head());
    for own in explained(report) {
        text.push('\n');
        text.push_str(&teller.draw(&teller.workload(&own)));
    }
    text.push('\n');
    text.push_str(&teller.draw(&Tree::leaf(Line::plain(summary(report, true)))));
    text
}

struct Teller<'r> {
    setting: &'r Setting<'r>,
    configuration: Option<&'r ConfigurationInForce>,
}

impl Teller<'_> {
    fn draw(&self, tree: &Tree) -> String {
        tree.render(self.setting.width, self.setting.palette)
    }

    /// Which configuration is in force.
    fn head(&self) -> Tree {
        let Some(configuration) = self.configuration else {
            return Tree::default();
        };
        let line = Line::plain("configuration: ")
            .then(&configuration.origin)
            .then(", read as operator ")
            .then(configuration.operator_version)
            .then(" reads it");
        Tree::leaf(line)
    }

    fn workload(&self, own: &Explained<'_>) -> Tree {
        let label = &own.workload.object.label();
        let line = Line::styled(Style::Bold, label).and(in_brackets(Some(&own.workload.location)));
        let tree = match own.workload.explanation() {
            [only] => self.template(only, line),
            several => Tree::leaf(line).with(several.iter().map(|template| {
                let line = Line::plain(&template.path);
                self.template(template, line.and(in_brackets(Some(&template.location))))
            })),
        };
        let remarks = own.remarks.iter();
        tree.with(remarks.map(|remark| remark_on(remark, label)))
    }

    fn template(&self, template: &TemplateExplanation, line: Line) -> Tree {
        Tree::leaf(line)
            .detail(self.seen(template))
            .with(self.injections(template))
    }

    /// What the rules see of the template.
    fn seen(&self, template: &TemplateExplanation) -> Line {
        let from = match template.namespace_from {
            NamespaceFrom::Template => " (the template's own)",
            NamespaceFrom::Workload => "",
            NamespaceFrom::Default => " (the manifest names none)",
        };
        let line = Line::plain("namespace ").then(&template.namespace);
        let line = line.then(from).then("; ");
        let labels = &template.labels;
        if labels.is_empty() {
            return line.then("no labels");
        }
        let shown = if self.setting.tells_everything {
            labels.len()
        } else {
            LABELS
        };
        let named = labels.iter().take(shown);
        let named = named.map(|(key, value)| Line::plain(format!("{key}={value}")));
        let line = line.then("labels ").and(Line::list(named));
        match labels.len().saturating_sub(shown) {
            0 => line,
            more => line.then(format!(" and {more} more")),
        }
    }

    fn injections(&self, template: &TemplateExplanation) -> Vec<Tree> {
        let accounts = template.accounts.iter().filter(|account| {
            let asked_for = self.setting.injections;
            asked_for.is_empty() || asked_for.contains(&account.injection)
        });
        accounts
            .filter_map(|account| self.injection(template, account))
            .collect()
    }

    fn injection(
        &self,
        template: &TemplateExplanation,
        account: &Account<Location>,
    ) -> Option<Tree> {
        let name = Line::styled(Style::Bold, account.injection.name()).then(": ");
        let fate = fate(template, account)?;
        let has_rules = !account.asked.is_empty() || account.not_asked > 0;
        let line = match fate {
            Fate::WouldInject(detail) => {
                let detail = detail.map_or_else(String::new, |detail| format!(" ({detail})"));
                name.then_in(Style::Green, format!("would be injected{detail}"))
            }
            Fate::Injected(reason) => {
                let name = name.then_in(Style::Green, "injected");
                name.then(format!(": {reason}"))
            }
            Fate::Skipped(Reason::NoRuleMatches) if !has_rules => {
                name.then("skipped: the configuration has no rule for it")
            }
            Fate::Skipped(reason) => {
                let style = match reason {
                    Reason::UnsupportedLanguage(_)
                    | Reason::ImageMissing(_)
                    | Reason::Impossible(_)
                    | Reason::Malformed => Style::Warning,
                    _ => Style::None,
                };
                name.then_in(style, "skipped").then(format!(": {reason}"))
            }
        };
        // What decides by itself stands in the first line, what a rule demands beside the rule.
        let chosen = account.chosen();
        let is_demanded =
            |evidence: &&Evidence<Location>| chosen.is_some_and(|own| demands(own, evidence));
        let (demanded, decisive): (Vec<_>, Vec<_>) = account.evidence.iter().partition(is_demanded);
        let line = decisive.iter().fold(line, |line, evidence| {
            line.and(in_brackets(evidence.place.as_ref()))
        });
        let rule = chosen.map(|own| self.rule(own, account, &demanded, template));
        let tree = Tree::leaf(line).with(rule);
        // Where it is there, it is no news which rules do not ask for it.
        let tree = match fate {
            Fate::Injected(_) if !self.setting.tells_everything => tree,
            _ => tree.with(self.others(account, template)),
        };
        Some(tree.with(deeds(account)))
    }

    /// The rule that was chosen.
    fn rule(
        &self,
        own: &Consulted,
        account: &Account<Location>,
        demanded: &[&Evidence<Location>],
        template: &TemplateExplanation,
    ) -> Tree {
        let annotations = demanded.iter().filter_map(|evidence| annotation(evidence));
        if !own.rule.place.is_entry() {
            // Dialect v1 takes annotations without an entry that says so.
            let asked = annotations.fold(Line::plain("asked for by the "), Line::and);
            return Tree::leaf(asked);
        }
        let mut line = Line::plain("rule ").and(self.name(own));
        if self.setting.tells_everything && account.not_asked > 0 {
            let behind = account.not_asked;
            let verb = if behind == 1 { "is" } else { "are" };
            line = line.then(format!("; {behind} behind it {verb} not asked"));
        }
        let said = verdict(own, template, self.setting.tells_everything);
        annotations.fold(Tree::leaf(line).detail(said), Tree::detail)
    }

    /// The rules that were asked and are not the one.
    fn others(&self, account: &Account<Location>, template: &TemplateExplanation) -> Vec<Tree> {
        let is_entry = |own: &Consulted| own.rule.place.is_entry();
        let by_annotation = account.chosen().is_some_and(|own| !is_entry(own));
        let asked = account.asked.iter().filter(|own| {
            // Which annotations are not there is no news where one of them is.
            let is_news = is_entry(own) || !by_annotation || self.setting.tells_everything;
            is_news && !matches!(own.verdict, Verdict::Chosen(_))
        });
        let mut groups: Vec<Vec<&Consulted>> = Vec::new();
        for own in asked {
            match groups.last_mut() {
                // An entry whose language the annotations decide was asked once for each.
                Some(last) if last.iter().all(|other| is_same(other, own)) => last.push(own),
                _ => groups.push(vec![own]),
            }
        }
        let kept = self.kept(&groups);
        let left_out = kept.iter().filter(|kept| !**kept).count();
        let told = groups.iter().zip(&kept).filter(|(_, kept)| **kept);
        let mut told: Vec<Tree> = told
            .filter_map(|(group, _)| {
                let first = group.first()?;
                let said = match first.verdict {
                    Verdict::AnnotationMissing(..) if !is_entry(first) || group.len() > 1 => {
                        missing(group)
                    }
                    _ => verdict(first, template, self.setting.tells_everything),
                };
                let name = Line::plain("not ");
                let name = if is_entry(first) {
                    name.and(self.name(first))
                } else {
                    name.then("asked for by an annotation")
                };
                Some(Tree::leaf(name.then(": ").and(said)))
            })
            .collect();
        if left_out > 0 {
            let plural = if left_out == 1 { "" } else { "s" };
            let line = format!("nor {left_out} more rule{plural} (--verbose names them)");
            told.push(Tree::leaf(Line::styled(Style::Dim, line)));
        }
        told
    }

    /// Which of the rules are named: those that come nearest to being the one, the first of them.
    fn kept(&self, groups: &[Vec<&Consulted>]) -> Vec<bool> {
        // To name one less than there are takes as much room as to count it.
        if self.setting.tells_everything || groups.len() <= RULES + 1 {
            return vec![true; groups.len()];
        }
        let distance = |group: &Vec<&Consulted>| -> usize {
            match group.first().map(|own| own.verdict) {
                Some(Verdict::AnnotationMissing(..) | Verdict::SendsOn(_)) => 0,
                Some(Verdict::NotSelected(answer)) => match answer.labels {
                    Asked::NoneMatches => 1,
                    _ => 2,
                },
                _ => 3,
            }
        };
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_cached_key(|index| distance(&groups[*index]));
        let mut kept = vec![false; groups.len()];
        for index in order.into_iter().take(RULES) {
            kept[index] = true;
        }
        kept
    }

    /// A rule by its name and place.
    fn name(&self, own: &Consulted) -> Line {
        let place = &own.rule.place;
        let line = Line::styled(Style::Bold, place.to_string());
        match rule_place(place, self.configuration) {
            Some(place) => line.then(", ").and(at(&place)),
            None => line,
        }
    }
}

/// An annotation with its value and its place.
fn annotation(evidence: &Evidence<Location>) -> Option<Line> {
    let Exhibit::Annotation { key, value } = &evidence.what else {
        return None;
    };
    let line = Line::plain("annotation ").then_in(Style::Cyan, key);
    let line = match value {
        Some(value) => line.then(format!(": {}", quoted(value))),
        None => line,
    };
    Some(line.and(in_brackets(evidence.place.as_ref())))
}

/// Whether an annotation is what a rule demands.
fn demands(rule: &Consulted, evidence: &Evidence<Location>) -> bool {
    matches!(&evidence.what, Exhibit::Annotation { key, .. }
        if rule.rule.annotation.as_ref() == Some(key))
}

/// Whether two rules are the same entry, and of the same mind.
fn is_same(one: &Consulted, other: &Consulted) -> bool {
    let lacks = |own: &Consulted| matches!(own.verdict, Verdict::AnnotationMissing(..));
    let agree = one.verdict == other.verdict || (lacks(one) && lacks(other));
    one.rule.place == other.rule.place && agree
}

/// Which annotations are not there, of an entry that was asked once for each.
fn missing(group: &[&Consulted]) -> Line {
    let keys = group.iter().filter_map(|own| own.rule.annotation.as_ref());
    let keys = keys.map(|key| Line::styled(Style::Cyan, key));
    match group.len() {
        1 => Line::list(keys).then(" is not there"),
        _ => Line::plain("none of ")
            .and(Line::list(keys))
            .then(" is there"),
    }
}

/// A place in brackets, where there is one.
pub(super) fn in_brackets(location: Option<&Location>) -> Line {
    match location {
        None => Line::default(),
        Some(location) => Line::plain(" (").and(at(location)).then(")"),
    }
}

/// A place without a column: there is one thing on a line to look at.
fn at(location: &Location) -> Line {
    let whole = place(location);
    let bare = whole
        .rsplit_once(':')
        .map_or(whole.as_str(), |(bare, _)| bare);
    Line::styled(Style::Dim, bare)
}

/// A value in quotes, cut where it is long.
fn quoted(value: &str) -> String {
    if value.chars().count() <= VALUE {
        return format!("\"{value}\"");
    }
    let head: String = value.chars().take(VALUE).collect();
    format!("\"{head}…\"")
}

/// A warning or a note on a workload.
fn remark_on(remark: &Diagnostic, label: &str) -> Tree {
    let style = match remark.severity {
        Severity::Note => Style::Cyan,
        _ => Style::Warning,
    };
    let message = remark.message.strip_prefix(label);
    let message = message.and_then(|rest| rest.strip_prefix(": "));
    let line = Line::styled(style, remark.severity.label())
        .then(": ")
        .then(message.unwrap_or(&remark.message))
        .then(format!(" [{}]", remark.code))
        .and(in_brackets(remark.location.as_ref()));
    let tree = Tree::leaf(line);
    match &remark.hint {
        Some(hint) => tree.detail(Line::styled(Style::Bold, "help").then(": ").then(hint)),
        None => tree,
    }
}
