//! What must hold of a text that is rewritten (`spec/3-editing.md`, "What must hold"), each rule asked by
//! itself.

use std::collections::{BTreeSet, HashMap};

use datakit_inject::change::{Change, Operation, Segment};
use datakit_inject::config::{self, Dialect, Rules};
use datakit_inject::convert::Format;
use datakit_inject::diagnostic::{Diagnostic, Severity};
use datakit_inject::document;
use datakit_inject::inject::{Injection, Injector, Switches};
use datakit_inject::report::Event;
use datakit_inject::rewrite::{Rewriter, Rewritten};
use datakit_inject::source::{BYTE_ORDER_MARK, Source};
use datakit_inject::work::Work;
use datakit_inject::workload::Lookup;
use datakit_inject::yaml::{self, Kind, ScalarStyle, Tree, Value, json};

use super::lines::lost_line;
use super::scalars::is_string_to_all;
use super::second_reader::{intended, second_reading};
use super::surroundings::{
    comments_stay_with_theirs, indentation_is_one_of_theirs, line_ends_stay,
};

/// What is checked: `Err` says what does not hold.
pub type Checked<T = ()> = Result<T, String>;

/// The rules of a configuration that is known to be right.
pub fn rules(json: &str) -> Rules {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let source = Source::new("config.json", json);
    let config = config::from_json(&source, None, &mut diagnostics);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    config.unwrap().rules
}

/// The rules of any configuration; nothing where it is refused.
pub fn any_rules(json: &str, dialect: Option<Dialect>) -> Option<Rules> {
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let source = Source::new("config.json", json);
    let config = config::from_json(&source, dialect, &mut diagnostics);
    config.map(|config| config.rules)
}

/// Namespaces as without any option.
pub fn lookup() -> Lookup {
    Lookup {
        carriers: Vec::new(),
        namespace: "default".to_owned(),
    }
}

/// A text injected on one thread.
pub fn rewrite(
    rules: &Rules,
    switches: &Switches,
    format: Option<Format>,
    text: &str,
) -> Rewritten {
    work(Work::Inject, rules, switches, format, text)
}

/// Any work on a text, on one thread.
pub fn work(
    work: Work,
    rules: &Rules,
    switches: &Switches,
    format: Option<Format>,
    text: &str,
) -> Rewritten {
    work_on(1, work, rules, switches, format, text)
}

/// The same on up to so many threads.
pub fn work_on(
    jobs: usize,
    work: Work,
    rules: &Rules,
    switches: &Switches,
    format: Option<Format>,
    text: &str,
) -> Rewritten {
    let lookup = lookup();
    let rewriter = Rewriter {
        work,
        rules,
        previous: None,
        switches,
        any_logs: false,
        lookup: &lookup,
        format,
        tells_untouched: true,
        tells_missing: true,
        tells_stale: false,
        limits: &datakit_inject::limits::Limits::USUAL,
    };
    rewriter.rewrite(&Source::new("any.yaml", text), jobs)
}

/// The errors among the events.
pub fn errors(rewritten: &Rewritten) -> Vec<&Diagnostic> {
    let errors = rewritten.events.iter().filter_map(|event| match event {
        Event::Diagnostic(one) if one.severity == Severity::Error => Some(&**one),
        _ => None,
    });
    errors.collect()
}

/// A document's tree, as the program reads it.
pub fn tree(text: &str) -> Option<Tree<'_>> {
    let is_json = document::split(text).first().is_some_and(|one| one.json);
    let json = is_json.then(|| json::parse(text).ok()).flatten();
    json.or_else(|| Some(yaml::parse(text).ok()?.tree))
}

/// The changes that the rules ask for in a document.
pub fn changes(rules: &Rules, switches: &Switches, tree: &Tree<'_>) -> Vec<Change> {
    let Some(root) = tree.root_node() else {
        return Vec::new();
    };
    let injector = Injector::new(rules, switches);
    let lookup = lookup();
    let objects = lookup.objects(root);
    let templates = objects.iter().flat_map(|object| &object.templates);
    let changes = templates.flat_map(|template| {
        let outcome = injector.inject(template);
        outcome.changes.into_iter().map(|change| Change {
            path: template.path.concat(&change.path),
            operation: change.operation,
        })
    });
    changes.collect()
}

/// What was seen while checking, so that a test can say that it saw enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Texts that the program refused.
    pub refused: usize,
    /// Documents that were changed.
    pub changed: usize,
    /// Documents that stayed.
    pub kept: usize,
    /// Changed documents whose value the second reader could tell.
    pub verified: usize,
    /// Aliases and merged keys that were written out.
    pub written_out: usize,
    /// How often each injection was made, in their order.
    pub injections: [usize; Injection::ALL.len()],
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.refused += other.refused;
        self.changed += other.changed;
        self.kept += other.kept;
        self.verified += other.verified;
        self.written_out += other.written_out;
        for (own, other) in self.injections.iter_mut().zip(other.injections) {
            *own += other;
        }
    }
}

/// Rewrites a text and asks for all that must hold of the result.
pub fn check(rules: &Rules, switches: &Switches, text: &str) -> Checked<(Rewritten, Seen)> {
    let result = rewrite(rules, switches, None, text);
    let mut seen = Seen::default();
    errors_have_places(&result)?;
    parts_are_the_whole(&result)?;
    if errors(&result).is_empty() {
        unchanged_by_a_second_run(rules, switches, &result.text())?;
    } else {
        seen.refused += 1;
    }
    let mut merged = 0;
    for (part, (old, new)) in result.parts.iter().zip(&result.pairs()) {
        if part.new.is_none() {
            seen.kept += 1;
            // Rule 1.
            if *old != new {
                return Err("a document that does not change is not the same bytes".to_owned());
            }
            continue;
        }
        seen.changed += 1;
        let old_tree = tree(old).ok_or("a document that is no YAML was changed")?;
        let new_tree = tree(new).ok_or("the result is no YAML")?;
        let changes = changes(rules, switches, &old_tree);
        // Rule 2.
        if let Some(line) = lost_line(&old_tree, &changes, new) {
            return Err(format!("this line is lost: {line}"));
        }
        // Rule 3.
        seen.verified += usize::from(value_is_intended(old, new, &changes)?);
        new_scalars_are_what_they_say(&old_tree, &new_tree, &changes)?;
        // Rule 5.
        line_ends_stay(old, new)?;
        indentation_is_one_of_theirs(&old_tree, &new_tree)?;
        comments_stay_with_theirs(&old_tree, &changes, new)?;
        seen.written_out += aliases_written_out(&old_tree, &new_tree);
        merged += merged_keys_written_out(&old_tree, &changes);
    }
    // Rule 6; that other uses of an anchor keep their value is part of rule 3.
    told(&result, "alias-expanded", seen.written_out)?;
    told(&result, "merged-key-written-out", merged)?;
    seen.written_out += merged;
    for event in &result.events {
        if let Event::Workload(workload) = event {
            for one in workload.injected() {
                seen.injections[one.injection as usize] += 1;
            }
        }
    }
    Ok((result, seen))
}

/// The parts are the text without a gap, and what is said of them is so. Rule 1, for all that is no
/// document.
pub fn parts_are_the_whole(result: &Rewritten) -> Checked {
    let (old, new) = (result.source.text(), result.text());
    let mark = usize::from(old.starts_with(BYTE_ORDER_MARK)) * BYTE_ORDER_MARK.len_utf8();
    let mut end = mark;
    for part in &result.parts {
        if part.span.start != end {
            return Err(format!("a gap between the parts at {end}"));
        }
        end = part.span.end;
    }
    if end != old.len() {
        return Err(format!("the parts end at {end} of {}", old.len()));
    }
    let concatenated: String = result.pairs().iter().map(|(_, new)| &**new).collect();
    if format!("{}{concatenated}", &old[..mark]) != new {
        return Err("the parts are not the whole".to_owned());
    }
    if result.changed != (new != old) {
        return Err(format!("changed is {}, but that is not so", result.changed));
    }
    Ok(())
}

/// An error says where, and none is a defect of the program's own.
pub fn errors_have_places(result: &Rewritten) -> Checked {
    let lines = result.source.text().split('\n').count();
    for error in errors(result) {
        if error.code == "internal" {
            return Err(format!("a defect of its own: {error:?}"));
        }
        let Some(place) = &error.location else {
            return Err(format!("an error without a place: {error:?}"));
        };
        if place.line == 0 || place.line > lines || place.column == 0 || place.width() == 0 {
            return Err(format!("an error at a place that is not there: {error:?}"));
        }
    }
    Ok(())
}

/// Rule 3, under a reader that is not ours; whether that reader could tell.
pub fn value_is_intended(old: &str, new: &str, changes: &[Change]) -> Checked<bool> {
    let Some(before) = second_reading(old) else {
        return Ok(false);
    };
    let has_break = old.contains(['\u{85}', '\u{2028}', '\u{2029}']);
    if (has_break || old.contains("-0")) && becomes_json(old, new) {
        // What was a line break to a reader of YAML 1.1 is none in JSON, and `-0` another number.
        return Ok(false);
    }
    let Some(after) = second_reading(new) else {
        // What looks like an anchor may stand there twice now.
        let has_aliases = |tree: Tree<'_>| tree.ids().any(|id| tree.kind(id) == Kind::Alias);
        return match serde_yaml::from_str::<serde_yaml::Value>(new) {
            Ok(_) if !tree(new).is_some_and(has_aliases) => Ok(false),
            Ok(_) => Err("the second reader meets an anchor twice".to_owned()),
            Err(why) => Err(format!(
                "the second reader refuses the result, and not the input: {why}\n{new}"
            )),
        };
    };
    match intended(before, changes) {
        None => Ok(false),
        Some(wanted) if wanted == after => Ok(true),
        Some(wanted) => Err(format!(
            "the second reader reads another value: {}",
            difference(&wanted, &after, "").unwrap_or_default()
        )),
    }
}

/// Whether the second reader takes a text that was YAML alone for JSON now.
fn becomes_json(old: &str, new: &str) -> bool {
    let is_json = |text| serde_json::from_str::<serde_json::Value>(text).is_ok();
    is_json(new) && !is_json(old)
}

/// The first difference between two values.
fn difference(wanted: &serde_yaml::Value, found: &serde_yaml::Value, path: &str) -> Option<String> {
    use serde_yaml::Value as Read;
    match (wanted, found) {
        _ if wanted == found => None,
        (Read::Mapping(left), Read::Mapping(right)) => {
            let keys = left.keys().chain(right.keys());
            let null = Read::Null;
            keys.into_iter().find_map(|key| {
                let (left, right) = (left.get(key), right.get(key));
                let (left, right) = (left.unwrap_or(&null), right.unwrap_or(&null));
                difference(
                    left,
                    right,
                    &format!("{path}.{}", key.as_str().unwrap_or("?")),
                )
            })
        }
        (Read::Sequence(left), Read::Sequence(right)) if left.len() == right.len() => {
            let mut items = left.iter().zip(right).enumerate();
            items.find_map(|(at, (left, right))| difference(left, right, &format!("{path}[{at}]")))
        }
        _ => Some(format!("{path}: wanted {wanted:?}, found {found:?}")),
    }
}

/// Rule 3, for readers of YAML 1.1: a plain scalar that was not there before is a string to all, or
/// one of the plain values of the changes.
pub fn new_scalars_are_what_they_say(
    old: &Tree<'_>,
    new: &Tree<'_>,
    changes: &[Change],
) -> Checked {
    let mut known: HashMap<&str, usize> = HashMap::new();
    // Aliases are written out as what they stand for, more than once.
    if old.has_aliases() || old.is_json() {
        return Ok(());
    }
    for text in plain_scalars(old) {
        *known.entry(text).or_default() += 1;
    }
    let mut plain = Vec::new();
    for change in changes {
        if let Operation::Append(value) | Operation::Prepend(value) | Operation::Set(value) =
            &change.operation
        {
            collect_plain(value, &mut plain);
        }
    }
    for text in plain_scalars(new) {
        let count = known.entry(text).or_default();
        if *count > 0 {
            *count -= 1;
        } else if !is_string_to_all(text) && !plain.contains(&text) {
            return Err(format!("{text} is no string to readers of YAML 1.1"));
        }
    }
    Ok(())
}

/// The plain scalars of a tree. An absent value is null to all readers, and is written so where the
/// collection around it has to be written anew.
fn plain_scalars<'t>(tree: &'t Tree<'_>) -> impl Iterator<Item = &'t str> {
    let is_plain = |id: &_| tree.kind(*id) == Kind::Scalar(ScalarStyle::Plain);
    tree.ids().filter(is_plain).map(|id| match tree.text(id) {
        "" => "null",
        text => text,
    })
}

fn collect_plain<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Scalar(scalar) if scalar.plain => found.push(&scalar.text),
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| collect_plain(item, found)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                collect_plain(key, found);
                collect_plain(value, found);
            }
        }
    }
}

/// Rule 4.
pub fn unchanged_by_a_second_run(rules: &Rules, switches: &Switches, new: &str) -> Checked {
    let again = rewrite(rules, switches, None, new);
    if let Some(error) = errors(&again).first() {
        return Err(format!("its own output is refused: {error:?}"));
    }
    let twice = again.text();
    if twice != new {
        return Err(format!("a second run changes its own output into\n{twice}"));
    }
    let injected =
        |event: &Event| matches!(event, Event::Workload(one) if !one.injected().is_empty());
    if again.events.iter().any(injected) {
        return Err("a second run says that it injects".to_owned());
    }
    Ok(())
}

/// How many aliases of a document there are no more.
fn aliases_written_out(old: &Tree<'_>, new: &Tree<'_>) -> usize {
    let count = |tree: &Tree<'_>| {
        let aliases = tree.ids().filter(|id| tree.kind(*id) == Kind::Alias);
        aliases.count()
    };
    count(old).saturating_sub(count(new))
}

/// How many mappings get a key of their own that came to them by a merge key.
fn merged_keys_written_out(old: &Tree<'_>, changes: &[Change]) -> usize {
    let mut found = BTreeSet::new();
    for change in changes {
        let Some(mut here) = old.root() else {
            return 0;
        };
        for segment in change.path.0.iter() {
            let next = match segment {
                Segment::Key(key) => {
                    let own = old.own_entry(here, key).map(|(_, value)| value);
                    if own.is_none() && old.lookup(here, key).is_some() {
                        found.insert((here, segment));
                    }
                    own
                }
                Segment::Index(item) => old.children(here).nth(*item),
            };
            match next {
                Some(next) => here = next,
                None => break,
            }
        }
    }
    found.len()
}

/// The report says so each time.
pub fn told(result: &Rewritten, code: &str, times: usize) -> Checked {
    let notes = result
        .events
        .iter()
        .filter(|event| matches!(event, Event::Diagnostic(one) if one.code == code));
    let told = notes.count();
    if told < times {
        return Err(format!(
            "{code} has happened {times} times, and is told {told} times"
        ));
    }
    Ok(())
}
