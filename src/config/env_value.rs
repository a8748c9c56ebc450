//! The value of a configured variable: text, or one of the forms that stand for something of the
//! pod's own (`spec/1-behaviour.md`, section 2, "Environment values").

use super::qualified_name;
use crate::diagnostic::nearest;

/// A variable of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvSetting {
    /// Its name.
    pub name: String,
    /// What it is set to.
    pub value: EnvValue,
}

/// What a variable is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvValue {
    /// This very text.
    Text(String),
    /// `{fieldRef:PATH}`
    Field(String),
    /// `{resourceFieldRef:NAME}`
    Resource(ResourceName),
    /// `{secretKeyRef:NAME.KEY}`
    Secret {
        /// The Secret.
        name: String,
        /// The key in it.
        key: String,
    },
}

/// A resource of the pod's first container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceName {
    /// As in `resourceFieldRef.resource`.
    pub name: &'static str,
    /// The unit in which the value is given.
    pub divisor: &'static str,
    /// `limits` or `requests`.
    pub half: &'static str,
    /// `cpu` or `memory`.
    pub amount: &'static str,
}

const RESOURCES: &[ResourceName] = &[
    resource("limits.cpu", "1m", "limits", "cpu"),
    resource("limits.memory", "1Mi", "limits", "memory"),
    resource("requests.cpu", "1m", "requests", "cpu"),
    resource("requests.memory", "1Mi", "requests", "memory"),
];

const fn resource(
    name: &'static str,
    divisor: &'static str,
    half: &'static str,
    amount: &'static str,
) -> ResourceName {
    ResourceName {
        name,
        divisor,
        half,
        amount,
    }
}

const FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.serviceAccountName",
    "spec.nodeName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// A form that a dialect knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `{fieldRef:…}`
    FieldRef,
    /// `{resourceFieldRef:…}`
    ResourceFieldRef,
    /// `{secretKeyRef:…}`
    SecretKeyRef,
}

/// The forms of dialect v1.
pub const FORMS_V1: &[Form] = &[Form::FieldRef];
/// The forms of dialect v2.
pub const FORMS_V2: &[Form] = &[Form::FieldRef, Form::ResourceFieldRef, Form::SecretKeyRef];

impl Form {
    const fn name(self) -> &'static str {
        match self {
            Self::FieldRef => "fieldRef",
            Self::ResourceFieldRef => "resourceFieldRef",
            Self::SecretKeyRef => "secretKeyRef",
        }
    }

    fn read(self, inner: &str) -> Option<EnvValue> {
        match self {
            Self::FieldRef => is_field(inner).then(|| EnvValue::Field(inner.to_owned())),
            Self::ResourceFieldRef => RESOURCES
                .iter()
                .find(|known| known.name == inner)
                .map(|known| EnvValue::Resource(*known)),
            Self::SecretKeyRef => {
                let (name, key) = inner.split_once('.')?;
                (is_secret_name(name) && is_secret_key(key)).then(|| EnvValue::Secret {
                    name: name.to_owned(),
                    key: key.to_owned(),
                })
            }
        }
    }
}

fn is_field(path: &str) -> bool {
    FIELDS.contains(&path)
        || ["metadata.labels['", "metadata.annotations['"]
            .iter()
            .filter_map(|prefix| path.strip_prefix(prefix)?.strip_suffix("']"))
            .any(qualified_name::is_qualified_name)
}

fn is_secret_name(name: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= 253
        && name.bytes().all(|b| letters(b) || b == b'-')
        && name.bytes().next().is_some_and(letters)
        && name.bytes().last().is_some_and(letters)
}

fn is_secret_key(key: &str) -> bool {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    (1..=253).contains(&key.len()) && key.bytes().all(known) && key != "." && !key.starts_with("..")
}

/// A configured value as one of `forms`, or else as the text that it is.
#[must_use]
pub fn read(text: &str, forms: &[Form]) -> EnvValue {
    text.strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}')?.split_once(':'))
        .and_then(|(name, inner)| {
            let form = forms.iter().find(|form| form.name() == name)?;
            form.read(inner)
        })
        .unwrap_or_else(|| EnvValue::Text(text.to_owned()))
}

/// What is said of a value that is taken as text though one of the forms seems to be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NearMiss {
    /// Why it is none of them.
    pub reason: String,
    /// The form that is most likely meant, if one can be named.
    pub meant: Option<String>,
    /// How the form is written, where it is one of the dialect's.
    pub usage: Option<String>,
}

/// Why a value that is taken as text looks as if one of the forms had been meant, if it does.
#[must_use]
pub fn near_miss(text: &str, forms: &[Form]) -> Option<NearMiss> {
    if !matches!(read(text, forms), EnvValue::Text(_)) {
        return None;
    }
    let meant = named(text).or_else(|| nearly_named(text))?;
    let name = meant.name();
    let reason = if !forms.contains(&meant) {
        format!("this configuration's dialect does not know {{{name}:…}}")
    } else if !(text.starts_with('{') && text.ends_with('}')) {
        format!("the whole value must be {{{name}:…}}")
    } else if !text.starts_with(&format!("{{{name}:")) {
        format!("the form is written {{{name}:…}}, without blanks and with these very letters")
    } else {
        format!("{{{name}:…}} does not know what it names")
    };
    let usage = forms.contains(&meant).then(|| meant.usage());
    let meant = argument(text)
        .and_then(|argument| meant.nearest(argument))
        .map(|argument| format!("{{{name}:{argument}}}"))
        .filter(|form| !matches!(read(form, forms), EnvValue::Text(_)));
    Some(NearMiss {
        reason,
        meant,
        usage,
    })
}

const FORMS: [Form; 3] = [Form::ResourceFieldRef, Form::SecretKeyRef, Form::FieldRef];

/// The form whose name stands behind a brace, in whatever letters. `${` begins something else.
fn named(text: &str) -> Option<Form> {
    let lower = text.to_ascii_lowercase();
    FORMS.into_iter().find(|form| {
        let at = lower.find(&form.name().to_ascii_lowercase());
        at.is_some_and(|at| {
            let before = lower.get(..at).unwrap_or_default().trim_end();
            before.ends_with('{') && !before.ends_with("${")
        })
    })
}

/// The form whose name is misspelt in a value that is a whole form otherwise.
fn nearly_named(text: &str) -> Option<Form> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (name, _) = inner.split_once(':')?;
    let near = nearest(name.trim(), FORMS.map(Form::name))?;
    FORMS.into_iter().find(|form| form.name() == near)
}

/// What stands behind the colon of a form, up to its closing brace.
fn argument(text: &str) -> Option<&str> {
    let (_, inner) = text.split_once('{')?;
    let (_, argument) = inner.split_once(':')?;
    let end = argument.find('}').unwrap_or(argument.len());
    argument.get(..end).map(str::trim)
}

impl Form {
    /// How it is written.
    fn usage(self) -> String {
        match self {
            Self::FieldRef => format!(
                "known here: {}, metadata.labels['KEY'], metadata.annotations['KEY']",
                FIELDS.join(", ")
            ),
            Self::ResourceFieldRef => {
                let names: Vec<&str> = RESOURCES.iter().map(|known| known.name).collect();
                format!("known here: {}", names.join(", "))
            }
            Self::SecretKeyRef => "write {secretKeyRef:SECRET.KEY}, the Secret's name in front of \
                                   the first dot"
                .to_owned(),
        }
    }

    /// The argument that is meant by one that the form does not take, or takes only without what is
    /// around it.
    fn nearest(self, argument: &str) -> Option<String> {
        if self.read(argument).is_some() {
            return Some(argument.to_owned());
        }
        match self {
            Self::FieldRef => entry_of_metadata(argument)
                .or_else(|| nearest_path(argument, FIELDS).map(str::to_owned)),
            Self::ResourceFieldRef => {
                let names: Vec<&str> = RESOURCES.iter().map(|known| known.name).collect();
                let turned = argument.split_once('.');
                let turned = turned.map(|(first, second)| format!("{second}.{first}"));
                let near = nearest_path(argument, &names)
                    .or_else(|| nearest_path(turned.as_deref()?, &names));
                near.map(str::to_owned)
            }
            Self::SecretKeyRef => {
                let (name, key) = argument.split_once(['/', ':', ','])?;
                Some(format!("{}.{}", name.trim(), key.trim()))
            }
        }
    }
}

/// The known path that is meant by another one: both of its halves are near, since what many paths have
/// in common would make everything near. The second half alone is a path, too.
fn nearest_path<'k>(path: &str, known: &[&'k str]) -> Option<&'k str> {
    let halves = |path: &'k str| path.split_once('.').unwrap_or_default();
    let (first, second) = match path.split_once('.') {
        Some((first, second)) => {
            let firsts = known.iter().map(|known| halves(known).0);
            (Some(nearest(first, firsts)?), second)
        }
        None => (None, path),
    };
    let is_meant = |known: &&&'k str| first.is_none_or(|first| halves(known).0 == first);
    let seconds = known.iter().filter(is_meant).map(|known| halves(known).1);
    let second = nearest(second, seconds)?;
    let mut meant = known.iter().filter(is_meant);
    meant.find(|known| halves(known).1 == second).copied()
}

/// A label or an annotation in other brackets, quotes or letters, or without any.
fn entry_of_metadata(argument: &str) -> Option<String> {
    let lower = argument.to_ascii_lowercase();
    ["labels", "annotations"].into_iter().find_map(|list| {
        let singular = list.trim_end_matches('s');
        let at = lower.find(singular)?;
        let behind = argument.get(at + singular.len()..)?;
        let key = behind.strip_prefix(['s', 'S']).unwrap_or(behind);
        let key = key.strip_prefix(['.', '[', '/'])?;
        let key = key.trim_matches(['[', ']', '\'', '"', ' ']);
        let is_key = qualified_name::is_qualified_name(key);
        is_key.then(|| format!("metadata.{list}['{key}']"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_read_and_everything_else_is_text() {
        let field = |path: &str| EnvValue::Field(path.to_owned());
        for path in FIELDS {
            assert_eq!(read(&format!("{{fieldRef:{path}}}"), FORMS_V1), field(path));
        }
        assert_eq!(
            read("{fieldRef:metadata.labels['a.b/c_d']}", FORMS_V1),
            field("metadata.labels['a.b/c_d']")
        );
        assert_eq!(
            read("{secretKeyRef:a-b.c.d}", FORMS_V2),
            EnvValue::Secret {
                name: "a-b".to_owned(),
                key: "c.d".to_owned()
            }
        );
        assert!(matches!(
            read("{resourceFieldRef:limits.cpu}", FORMS_V2),
            EnvValue::Resource(ResourceName { divisor: "1m", .. })
        ));
        for text in [
            "",
            "{",
            "{}",
            "{fieldRef:}",
            "{fieldRef:status.phase}",
            "x{fieldRef:metadata.name}",
            "{fieldRef: metadata.name}",
            "{fieldref:metadata.name}",
            "{fieldRef:metadata.labels['']}",
            "{fieldRef:metadata.labels['-a']}",
            "{fieldRef:metadata.labels['A/a']x}",
            "{fieldRef:metadata.labels['a'b']}",
            "{fieldRef:metadata.labels[\"a\"]}",
            "{resourceFieldRef:limits.gpu}",
            "{secretKeyRef:a}",
            "{secretKeyRef:.a}",
            "{secretKeyRef:A.a}",
            "{secretKeyRef:a-.b}",
            "{secretKeyRef:a..}",
            "{secretKeyRef:a...b}",
            "{secretKeyRef:a.b c}",
        ] {
            assert_eq!(read(text, FORMS_V2), EnvValue::Text(text.to_owned()));
        }
        let text = "{secretKeyRef:a.b}";
        assert_eq!(read(text, FORMS_V1), EnvValue::Text(text.to_owned()));
    }

    #[test]
    fn a_value_that_nearly_is_a_form_is_noticed() {
        for text in [
            "x{fieldRef:metadata.name}",
            "{ fieldRef:metadata.name}",
            "{fieldref:metadata.name}",
            "{fieldRef:metadata.nam}",
            "{secretKeyRef:a}",
            "{fieldRef: metadata.name }",
        ] {
            assert!(near_miss(text, FORMS_V2).is_some(), "{text}");
        }
        for text in ["{configMapKeyRef:a.b}", "{x:metadata.name}", "{a:b}"] {
            assert_eq!(near_miss(text, FORMS_V2), None, "{text}");
        }
        for text in ["", "a", "{a}", "{\"a\":1}", "${fieldRef:x}", "fieldRef"] {
            assert_eq!(near_miss(text, FORMS_V2), None, "{text}");
        }
        assert!(near_miss("{secretKeyRef:a.b}", FORMS_V1).is_some());
        assert_eq!(near_miss("{secretKeyRef:a.b}", FORMS_V2), None);
    }

    #[test]
    fn the_form_that_is_meant_is_named() {
        for (text, expected) in [
            (
                "x{fieldRef:metadata.name}",
                Some("{fieldRef:metadata.name}"),
            ),
            (
                "{ fieldRef: metadata.name }",
                Some("{fieldRef:metadata.name}"),
            ),
            ("{fieldref:metadata.name}", Some("{fieldRef:metadata.name}")),
            ("{feildRef:metadata.name}", Some("{fieldRef:metadata.name}")),
            ("{fieldRef:metadata.nam}", Some("{fieldRef:metadata.name}")),
            ("{fieldRef:status.podIp}", Some("{fieldRef:status.podIP}")),
            ("{fieldRef:nodeName}", Some("{fieldRef:spec.nodeName}")),
            ("{fieldRef:metadata.name", Some("{fieldRef:metadata.name}")),
            (
                "{fieldRef:metadata.labels[\"a/b\"]}",
                Some("{fieldRef:metadata.labels['a/b']}"),
            ),
            (
                "{fieldRef:metadata.label.app}",
                Some("{fieldRef:metadata.labels['app']}"),
            ),
            (
                "{fieldRef:annotations[app]}",
                Some("{fieldRef:metadata.annotations['app']}"),
            ),
            (
                "{resourceFieldRef:limit.cpu}",
                Some("{resourceFieldRef:limits.cpu}"),
            ),
            (
                "{resourceFieldRef:memory.limits}",
                Some("{resourceFieldRef:limits.memory}"),
            ),
            ("{secretRef:a.b}", Some("{secretKeyRef:a.b}")),
            ("{secretKeyRef:a/b}", Some("{secretKeyRef:a.b}")),
            ("{secretKeyRef:a}", None),
            ("{fieldRef:status.phase}", None),
            ("{fieldRef:spec.hostname}", None),
            ("{fieldRef:}", None),
            ("{fieldRef:metadata.labels['-a']}", None),
            ("{resourceFieldRef:limits.gpu}", None),
        ] {
            let found = near_miss(text, FORMS_V2).unwrap();
            assert_eq!(found.meant.as_deref(), expected, "{text}");
        }
        // What another dialect alone knows is no help.
        let found = near_miss("{secretKeyRef:a.b}", FORMS_V1).unwrap();
        assert_eq!(found.meant, None);
    }
}
