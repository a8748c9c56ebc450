//! The profiler. Release 1.9 looks at the first profiler rule that selects the pod alone, with one image
//! whatever language an annotation asks for. Only the old section has an image for each language: where
//! pods ask by annotation alone, it stays (`spec/1-behaviour-v2.md`, sections 1 and 10).

use super::entry::{Entry, Shared};
use super::selected::selected;
use super::v1::{EVERYWHERE, written};
use super::{Migration, New, Profiler, sequence};
use crate::config::object::Field;
use crate::config::rule::{self, Rule, Then};
use crate::config::show::variables;
use crate::yaml::Value;

/// Carries the section over: as rules where entries select pods, as it is where annotations alone ask.
pub(super) fn carry_over<'a>(
    migration: &mut Migration<'_>,
    old: &Field<'a>,
    section: &Field<'a>,
    rules: &[Rule<rule::Profiler>],
    new: &mut New<'a>,
) {
    let injects = |rule: &Rule<rule::Profiler>| {
        let payload = match &rule.then {
            Then::Apply(payload) => payload,
            Then::Refuse(_) | Then::SkipTo(_) => return false,
        };
        rule.place.is_entry() && !payload.container.image.reference.is_empty()
    };
    if !rules.iter().any(injects) {
        migration.differs(
            section.node,
            format!(
                "`{}` stays: release 1.9 reads it as well, and has an image for each language that \
                 an annotation can ask for nowhere else",
                section.path
            ),
        );
        let shared = Shared::of_v1(migration, section);
        new.profiler = kept_section(old, section, &shared);
        return;
    }
    let made = |payload: &rule::Profiler| (payload.language, payload.container.clone());
    let mut entries = selected(migration, section, rules, made);
    let images = section.get("images").map_or(section.node, |own| own.node);
    let mut configured: Vec<&str> = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.place.is_entry()) {
        if let Then::Apply(payload) = &rule.then {
            let image = payload.container.image.reference.as_str();
            configured.extend(Some(image).filter(|image| !image.is_empty()));
        }
    }
    let asks = "pods that ask for the profiler by annotation";
    let message = match configured[..] {
        [image] => {
            entries.push(Entry {
                name: "annotation profiler.version".to_owned(),
                namespaces: vec![EVERYWHERE.to_owned()],
                checks_annotation: true,
                image: Some(image.to_owned()),
                ..Entry::default()
            });
            format!(
                "{asks} get what the first rule on their labels or namespace says, and this image \
                 where none does, whatever their language"
            )
        }
        _ => format!(
            "{asks} get what the first rule on their labels or namespace says, and nothing where none \
             does: release 1.9 has one image for all annotations"
        ),
    };
    migration.lost(images, message, None);
    let shared = Shared::of_v1(migration, section);
    let list = written(migration, section, &entries, &shared);
    new.lists.extend(list.map(|list| ("profilers", list)));
}

/// The profiler's section without its lists, which release 1.9 would take for the only pods that may
/// ask: as it is written where it has none.
fn kept_section<'a>(old: &Field<'a>, section: &Field<'a>, shared: &Shared) -> Option<Profiler<'a>> {
    let lists = ["enabled_namespaces", "enabled_labelselectors"];
    let has_lists = lists.iter().any(|list| !section.objects(list).is_empty());
    // Without variables and selectors it is no rule at all there.
    if !has_lists && shared.envs.is_some() {
        let (key, value) = Migration::written(old, "profiler")?;
        return Some(Profiler::AsWritten(key, value));
    }
    let images = section.get("images")?;
    let images = variables(images.node, |image| !image.is_null());
    let fields = [
        (
            "enabled_namespaces",
            Some(sequence([Value::mapping([(
                "namespace",
                Value::string(EVERYWHERE),
            )])])),
        ),
        ("images", Some(images)),
        ("envs", shared.envs.clone()),
        ("resources", shared.resources.clone()),
    ];
    let set = fields.into_iter();
    let set = set.filter_map(|(name, value)| Some((name, value?)));
    Some(Profiler::Anew(Value::mapping(set)))
}
