//! How much a run takes in: limits that no manifest comes near, so that no input makes the program eat
//! the machine. Each can be set by `--limit NAME=VALUE`, and an error that one is exceeded names it.
//!
//! The depth of nesting is no setting: the work on trees is bounded by it (`yaml`, `MAX_DEPTH`).

use std::fmt;
use std::str::FromStr;

use crate::diagnostic::Diagnostic;

/// Something that is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The bytes of a file, or of standard input.
    InputSize,
    /// The files of a run.
    Files,
    /// The bytes of all of them.
    TotalSize,
    /// The documents of a file, or of standard input, that hold something.
    Documents,
    /// The bytes of a document.
    DocumentSize,
    /// The values of a document, keys among them.
    Values,
    /// The anchors of a document.
    Anchors,
    /// The values that the aliases of a document expand to, where they have to be.
    AliasValues,
    /// The bytes of text in these.
    AliasSize,
}

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

impl Limit {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::InputSize,
        Self::Files,
        Self::TotalSize,
        Self::Documents,
        Self::DocumentSize,
        Self::Values,
        Self::Anchors,
        Self::AliasValues,
        Self::AliasSize,
    ];

    /// The name in `--limit`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InputSize => "input-size",
            Self::Files => "files",
            Self::TotalSize => "total-size",
            Self::Documents => "documents",
            Self::DocumentSize => "document-size",
            Self::Values => "values",
            Self::Anchors => "anchors",
            Self::AliasValues => "alias-values",
            Self::AliasSize => "alias-size",
        }
    }

    /// What it is where nobody says: a number, or bytes.
    #[must_use]
    pub const fn usual(self) -> u64 {
        match self {
            Self::InputSize => GIB,
            Self::Files | Self::Anchors | Self::AliasValues => 100_000,
            Self::TotalSize => 4 * GIB,
            Self::Documents | Self::Values => 1_000_000,
            Self::DocumentSize => 64 * MIB,
            Self::AliasSize => 16 * MIB,
        }
    }

    /// Whether it is in bytes.
    #[must_use]
    pub const fn is_size(self) -> bool {
        matches!(
            self,
            Self::InputSize | Self::TotalSize | Self::DocumentSize | Self::AliasSize
        )
    }

    /// A value of it as `--limit` takes it.
    fn written(self, value: u64) -> String {
        let unit = [(GIB, "G"), (MIB, "M"), (KIB, "K")];
        let fits = |(unit, _): &(u64, &str)| self.is_size() && value.is_multiple_of(*unit);
        match unit.into_iter().find(fits) {
            Some((unit, letter)) if value > 0 => format!("{}{letter}", value / unit),
            _ => value.to_string(),
        }
    }

    /// A value of it in words: `64 MiB`, `100,000`.
    fn in_words(self, value: u64) -> String {
        let written = self.written(value);
        if self.is_size() {
            return match written.split_at_checked(written.len().saturating_sub(1)) {
                Some((number, letter @ ("K" | "M" | "G"))) => format!("{number} {letter}iB"),
                _ if value == 1 => "1 byte".to_owned(),
                _ => format!("{written} bytes"),
            };
        }
        let digits = written.len();
        let mut grouped = String::new();
        for (at, digit) in written.chars().enumerate() {
            if at > 0 && (digits - at).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// The limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits([u64; Limit::ALL.len()]);

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

impl Limits {
    /// What they are where nobody says.
    pub const USUAL: Self = {
        let mut limits = [0; Limit::ALL.len()];
        let mut at = 0;
        while at < limits.len() {
            limits[at] = Limit::ALL[at].usual();
            at += 1;
        }
        Self(limits)
    };

    /// The usual ones, but for those that are set; of one that is set twice, the last counts.
    #[must_use]
    pub fn new(settings: &[Setting]) -> Self {
        let mut limits = Self::default();
        for setting in settings {
            limits.0[setting.limit as usize] = setting.value;
        }
        limits
    }

    /// One of them.
    #[must_use]
    pub const fn get(&self, limit: Limit) -> u64 {
        self.0[limit as usize]
    }

    /// The same for what is in memory.
    #[must_use]
    pub fn in_memory(&self, limit: Limit) -> usize {
        usize::try_from(self.get(limit)).unwrap_or(usize::MAX)
    }

    /// The error that one is exceeded: `what` says of what, in words that go on with the limit, such as
    /// `the document is larger than`; `known` is how much there is, where that is known.
    #[must_use]
    pub fn exceeded(&self, limit: Limit, what: &str, known: Option<u64>) -> Diagnostic {
        let value = self.get(limit);
        let (one, many) = match limit {
            Limit::Files => (" file", " files"),
            Limit::Documents => (" document", " documents"),
            Limit::Values | Limit::AliasValues => (" value", " values"),
            Limit::Anchors => (" anchor", " anchors"),
            _ => ("", ""),
        };
        let (what, unit) = match what {
            "there are more than" if value == 1 => ("there is more than", one),
            what if value == 1 => (what, one),
            what => (what, many),
        };
        let message = format!("{what} {}{unit}", limit.in_words(value));
        let mut more = value.saturating_mul(2);
        while known.is_some_and(|known| known > more) {
            more = more.saturating_mul(2);
        }
        let hint = format!(
            "--limit {}={} allows more",
            limit.name(),
            limit.written(more)
        );
        Diagnostic::error("limit-exceeded", message).hint(hint)
    }
}

/// A limit and its value, as `--limit` takes it: `document-size=512M`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    limit: Limit,
    value: u64,
}

/// Why a text is no [`Setting`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError(String);

impl fmt::Display for SettingError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SettingError {}

impl FromStr for Setting {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Self, SettingError> {
        let names = || Limit::ALL.map(Limit::name).join(", ");
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| SettingError(format!("it is NAME=VALUE, NAME one of {}", names())))?;
        let limit = Limit::ALL
            .into_iter()
            .find(|limit| limit.name() == name)
            .ok_or_else(|| SettingError(format!("there is no limit {name}, but {}", names())))?;
        let digits = value.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = match &value[digits.len()..] {
            "" => Some(1),
            "K" | "k" | "Ki" | "KiB" if limit.is_size() => Some(KIB),
            "M" | "m" | "Mi" | "MiB" if limit.is_size() => Some(MIB),
            "G" | "g" | "Gi" | "GiB" if limit.is_size() => Some(GIB),
            _ => None,
        };
        let number = digits.parse::<u64>().ok().zip(unit);
        let value = number.and_then(|(number, unit)| number.checked_mul(unit));
        let value = value.filter(|value| *value > 0).ok_or_else(|| {
            SettingError(if limit.is_size() {
                format!("{name} is a number of bytes from 1 on, or of K, M or G, such as 64M")
            } else {
                format!("{name} is a number from 1 on")
            })
        })?;
        Ok(Self { limit, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_in_every_unit() {
        let get = |text: &str| {
            let setting: Setting = text.parse()?;
            Ok::<u64, SettingError>(Limits::new(&[setting]).get(setting.limit))
        };
        assert_eq!(get("document-size=512M"), Ok(512 << 20));
        assert_eq!(get("input-size=2GiB"), Ok(2 << 30));
        assert_eq!(get("alias-size=1k"), Ok(1024));
        assert_eq!(get("total-size=7"), Ok(7));
        assert_eq!(get("files=12"), Ok(12));
        for text in [
            "files",
            "files=",
            "files=0",
            "files=1k",
            "files=-1",
            "files=1.5",
            "file=1",
            "document-size=M",
            "document-size=1T",
            "document-size=99999999999G",
            "document-size=12é",
        ] {
            assert!(get(text).is_err(), "{text}");
        }
        let twice: Vec<Setting> = ["files=1", "files=2"]
            .map(|own| own.parse().unwrap())
            .into();
        assert_eq!(Limits::new(&twice).get(Limit::Files), 2);
        assert_eq!(Limits::new(&twice).get(Limit::Documents), 1_000_000);
    }

    #[test]
    fn an_error_names_the_setting_that_allows_more() {
        let limits = Limits::default();
        let error = limits.exceeded(Limit::DocumentSize, "the document is larger than", None);
        assert_eq!(error.message, "the document is larger than 64 MiB");
        assert_eq!(
            error.hint.as_deref(),
            Some("--limit document-size=128M allows more")
        );
        let limits = Limits::new(&["documents=1234".parse().unwrap()]);
        let error = limits.exceeded(Limit::Documents, "the input has more than", None);
        assert_eq!(error.message, "the input has more than 1,234 documents");
        let hint = error.hint.unwrap();
        let setting = hint.strip_prefix("--limit ").unwrap();
        let setting: Setting = setting.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(setting.value, 2468);
        let limits = Limits::new(&["alias-size=1500".parse().unwrap()]);
        let error = limits.exceeded(Limit::AliasSize, "more than", None);
        assert_eq!(error.message, "more than 1500 bytes");
    }

    #[test]
    fn an_error_names_a_value_that_suffices_and_counts_one_as_one() {
        let limits = Limits::new(&["document-size=1K".parse().unwrap()]);
        for (known, expected) in [
            (None, "2K"),
            (Some(1025), "2K"),
            (Some(2048), "2K"),
            (Some(2049), "4K"),
            (Some(100_000_000), "128M"),
            (Some(u64::MAX), "18446744073709551615"),
        ] {
            let hint = limits
                .exceeded(Limit::DocumentSize, "", known)
                .hint
                .unwrap();
            let expected = format!("--limit document-size={expected} allows more");
            assert_eq!(*hint, *expected, "{known:?}");
        }
        for (setting, what, expected) in [
            (
                "files=1",
                "there are more than",
                "there is more than 1 file",
            ),
            (
                "files=2",
                "there are more than",
                "there are more than 2 files",
            ),
            ("anchors=1", "it has more than", "it has more than 1 anchor"),
            (
                "input-size=1",
                "this is larger than",
                "this is larger than 1 byte",
            ),
        ] {
            let setting: Setting = setting.parse().unwrap();
            let error = Limits::new(&[setting]).exceeded(setting.limit, what, None);
            assert_eq!(error.message, expected);
        }
    }
}
