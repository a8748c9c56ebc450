//! The forms that a result goes out in: the diff, the reports, the other format. Each is read again
//! by somebody else.

use std::path::Path;

use datakit_inject::config::Rules;
use datakit_inject::convert::Format;
use datakit_inject::diff::{Hunk, hunks};
use datakit_inject::inject::Switches;
use datakit_inject::output::color::Palette;
use datakit_inject::output::render_diff;
use datakit_inject::output::report::{ReportForm, Setting, render};
use datakit_inject::output::repository::Repository;
use datakit_inject::report::{ReadFile, Report, Verbosity};
use datakit_inject::rewrite::Rewritten;
use serde_json::Value as Json;
use similar::ChangeTag;

use super::parsers::is_beyond_serde;
use super::rewriting::{Checked, errors, rewrite};

/// The diff of a text, applied to the old text, gives the new one.
pub fn diff_leads_to_the_new_text(result: &Rewritten) -> Checked {
    let pairs = result.pairs_of_lines();
    let hunks = hunks(&pairs);
    let old: String = pairs.iter().map(|(old, _)| *old).collect();
    let new: String = pairs.iter().map(|(_, new)| &**new).collect();
    if hunks.is_empty() != (old == new) {
        return Err(format!(
            "{} hunks, and that is not what changed",
            hunks.len()
        ));
    }
    let patched = patch(&old, &hunks)?;
    if patched != new {
        return Err(format!("the diff leads elsewhere:\n{patched}"));
    }
    let plain = render_diff("any.yaml", &hunks, Palette::off(), false);
    if plain.is_empty() != hunks.is_empty() {
        return Err("a diff of other hunks than there are".to_owned());
    }
    Ok(())
}

/// What `patch` does.
fn patch(old: &str, hunks: &[Hunk<'_>]) -> Checked<String> {
    let lines: Vec<&str> = old.split_inclusive('\n').collect();
    let mut new: Vec<&str> = Vec::new();
    let mut at = 0;
    for hunk in hunks {
        let (line, count) = hunk.old;
        let start = if count == 0 { line } else { line - 1 };
        let Some(kept) = lines.get(at..start) else {
            return Err(format!("a hunk at {:?}, behind line {at}", hunk.old));
        };
        new.extend(kept);
        at = start;
        let (new_line, new_count) = hunk.new;
        let new_start = if new_count == 0 {
            new_line
        } else {
            new_line - 1
        };
        if new_start != new.len() {
            return Err(format!(
                "a hunk says {:?}, and begins at {}",
                hunk.new,
                new.len()
            ));
        }
        let (mut taken, mut added) = (0, 0);
        for line in &hunk.lines {
            if line.tag != ChangeTag::Insert {
                if lines.get(at) != Some(&line.text) {
                    return Err(format!("the old text has no line {:?} at {at}", line.text));
                }
                at += 1;
                taken += 1;
            }
            if line.tag != ChangeTag::Delete {
                new.push(line.text);
                added += 1;
            }
        }
        if (taken, added) != (count, new_count) {
            return Err("the header of a hunk counts other lines than it has".to_owned());
        }
    }
    new.extend(&lines[at..]);
    Ok(new.concat())
}

/// A report in every form: those for programs are what they say they are, and none has a control
/// character that the terminal or a reader of lines could take for its own.
pub fn reports_are_well_formed(result: &Rewritten) -> Checked {
    let mut report = Report {
        check: true,
        files: vec![ReadFile {
            path: "any.yaml".into(),
            documents: result.documents,
            changed: result.changed,
        }],
        ..Report::default()
    };
    report.summary.files = 1;
    report.summary.documents = result.documents;
    for event in &result.events {
        report.add(event.clone());
    }
    for verbosity in [Verbosity::Quiet, Verbosity::Normal, Verbosity::Verbose] {
        let setting = Setting {
            verbosity,
            palette: Palette::off(),
            repository: Repository::new(Path::new("/checkout"), &|_| None),
        };
        for form in [ReportForm::Text, ReportForm::Github, ReportForm::None] {
            let text = render(form, &report, &setting);
            steers_nothing(&text).map_err(|why| format!("{form:?} {why}:\n{text:?}"))?;
        }
        for form in [ReportForm::Json, ReportForm::Sarif, ReportForm::Gitlab] {
            let text = render(form, &report, &setting);
            let read: Result<Json, _> = serde_json::from_str(&text);
            if let Err(error) = read {
                return Err(format!("{form:?} is no JSON: {error}\n{text}"));
            }
        }
    }
    Ok(())
}

/// No character of a report steers a terminal or turns the direction of writing, and nothing in it is a
/// command to GitHub's runner but what begins a line of that form.
pub fn steers_nothing(text: &str) -> Checked {
    let odd = |c: &char| *c != '\n' && (c.is_control() || is_hidden(*c));
    if let Some(odd) = text.chars().find(odd) {
        return Err(format!("has the character {odd:?}"));
    }
    if text.contains("##[") {
        return Err("has what begins a command".to_owned());
    }
    Ok(())
}

/// What turns the direction of writing.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text in the other formats, and what it became there in the first again: all that was
/// converted can be read, by others, too, has one value, and stays in a second run.
pub fn conversion_keeps_the_value(rules: &Rules, text: &str) -> Checked {
    let switches = &Switches::default();
    let convert = |format, text: &str| -> Option<String> {
        let result = rewrite(rules, switches, Some(format), text);
        errors(&result).is_empty().then(|| result.text())
    };
    let Some(json) = convert(Format::Json, text) else {
        return Ok(());
    };
    let json = json.trim_start_matches(datakit_inject::source::BYTE_ORDER_MARK);
    let values: Result<Vec<Json>, _> = serde_json::Deserializer::from_str(json)
        .into_iter()
        .collect();
    let mut values = match values {
        Ok(values) => values,
        // Half of a surrogate pair, or a number beyond all floats, has no value there.
        Err(error) if is_beyond_serde(&error) => return Ok(()),
        Err(error) => return Err(format!("no JSON: {error}\n{json}")),
    };
    // A stream of JSON is one of objects and lists: a scalar has no end that splits it from the next.
    if values
        .iter()
        .any(|value| !value.is_object() && !value.is_array())
    {
        return Ok(());
    }
    if convert(Format::Json, json).as_deref() != Some(json) {
        return Err(format!("a second conversion changes\n{json}"));
    }
    let Some(yaml) = convert(Format::Yaml, json) else {
        return Err(format!("its own JSON cannot be converted back\n{json}"));
    };
    if convert(Format::Yaml, &yaml).as_deref() != Some(&*yaml) {
        return Err(format!("a second conversion changes\n{yaml}"));
    }
    let mut read = Vec::new();
    for document in serde_yaml::Deserializer::from_str(&yaml) {
        use serde::Deserialize as _;
        match Json::deserialize(document) {
            Ok(value) => read.push(value),
            // What that reader has no number for.
            Err(_) => return Ok(()),
        }
    }
    // `-0` is a number with a point to readers of JSON, and the number 0 to readers of YAML.
    read.iter_mut().chain(&mut values).for_each(plain_zeros);
    if !values.is_empty() && read != values {
        return Err(format!("the YAML is not the JSON\n{json}\n{yaml}"));
    }
    Ok(())
}

/// Makes every zero in a value, with a sign or a point, the number 0.
fn plain_zeros(value: &mut Json) {
    match value {
        Json::Number(number) if number.as_f64() == Some(0.0) => *number = 0.into(),
        Json::Array(items) => items.iter_mut().for_each(plain_zeros),
        Json::Object(entries) => entries.values_mut().for_each(plain_zeros),
        _ => {}
    }
}
