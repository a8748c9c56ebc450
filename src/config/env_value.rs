//! The value of a configured variable: text, or one of the forms that stand for something of the
//! pod's own (`spec/1-behaviour.md`, section 2, "Environment values").

use super::qualified_name;

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

/// Why a value that is taken as text looks as if one of the forms had been meant, if it does.
#[must_use]
pub fn near_miss(text: &str, forms: &[Form]) -> Option<String> {
    if !matches!(read(text, forms), EnvValue::Text(_)) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let meant = [Form::ResourceFieldRef, Form::SecretKeyRef, Form::FieldRef]
        .into_iter()
        .find(|form| {
            let at = lower.find(&form.name().to_ascii_lowercase());
            at.is_some_and(|at| {
                let before = lower.get(..at).unwrap_or_default().trim_end();
                before.ends_with('{') && !before.ends_with("${")
            })
        })?;
    let name = meant.name();
    Some(if !forms.contains(&meant) {
        format!("this configuration's dialect does not know {{{name}:…}}")
    } else if !(text.starts_with('{') && text.ends_with('}')) {
        format!("the whole value must be {{{name}:…}}")
    } else if !text.starts_with(&format!("{{{name}:")) {
        format!("the form is written {{{name}:…}}, without blanks and with these very letters")
    } else {
        format!("{{{name}:…}} does not know what it names")
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
        for text in ["", "a", "{a}", "{\"a\":1}", "${fieldRef:x}", "fieldRef"] {
            assert_eq!(near_miss(text, FORMS_V2), None, "{text}");
        }
        assert!(near_miss("{secretKeyRef:a.b}", FORMS_V1).is_some());
        assert_eq!(near_miss("{secretKeyRef:a.b}", FORMS_V2), None);
    }
}
