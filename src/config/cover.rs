//! Which selectors take every pod that another one takes, and which can take none: as far as that
//! can be told for certain. Where it cannot, the answer is no.

use super::label_selector::{Condition, LabelSelector, Requirement};
use super::qualified_name::is_label_value;
use super::selector::{Combination, NamespaceExpression, Selector};

/// One way to be meant by a selector: by an expression and a label selector, either of which may be
/// missing and then does not restrict.
pub(super) type Part<'s> = (Option<&'s NamespaceExpression>, Option<&'s LabelSelector>);

/// In selectors with more requirements than this none are compared with each other.
const REQUIREMENTS: usize = 1_000;

/// More ways than this are not looked at.
const PARTS: usize = 10_000;

/// The ways to be meant by a selector: every pod that it takes is taken by one of them. Nothing
/// where there are very many.
pub(super) fn parts(selector: &Selector) -> Option<Vec<Part<'_>>> {
    let (namespaces, labels) = (selector.namespaces(), selector.labels());
    if namespaces.len().saturating_mul(labels.len()) > PARTS {
        return None;
    }
    let (namespaces, labels) = (namespaces.iter().map(Some), labels.iter().map(Some));
    Some(match selector.combination() {
        Combination::Any => {
            let namespaces = namespaces.map(|own| (own, None));
            namespaces.chain(labels.map(|own| (None, own))).collect()
        }
        Combination::All => {
            let namespaces = or_unrestricted(namespaces);
            let labels = or_unrestricted(labels);
            let pairs = namespaces
                .into_iter()
                .flat_map(|own| labels.iter().map(move |label| (own, *label)));
            pairs.collect()
        }
    })
}

/// About how much there is to compare where a selector is held against one way to be meant.
pub(super) fn effort(selector: &Selector, (_, label): Part<'_>) -> usize {
    let size = |label: &LabelSelector| label.requirements.len() + 1;
    let labels: usize = selector.labels().iter().map(size).sum();
    let other = label.map_or(1, size);
    selector.namespaces().len() + labels.saturating_mul(other) + 1
}

fn or_unrestricted<T>(entries: impl Iterator<Item = Option<T>>) -> Vec<Option<T>> {
    let entries: Vec<Option<T>> = entries.collect();
    if entries.is_empty() {
        vec![None]
    } else {
        entries
    }
}

/// Whether a selector takes every pod that is meant in this way.
pub(super) fn covers(selector: &Selector, (namespace, label): Part<'_>) -> bool {
    let namespaces = || {
        let mut own = selector.namespaces().iter();
        own.any(|own| match namespace {
            Some(other) => own.covers(other),
            None => own.takes_every_namespace(),
        })
    };
    let labels = || {
        let mut own = selector.labels().iter();
        own.any(|own| match label {
            Some(other) => own.covers(other),
            None => own.is_empty(),
        })
    };
    match selector.combination() {
        Combination::Any => namespaces() || labels(),
        Combination::All => {
            (selector.namespaces().is_empty() || namespaces())
                && (selector.labels().is_empty() || labels())
        }
    }
}

/// An expression that is nothing but text, and where that text has to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Literal<'t> {
    at_start: bool,
    text: &'t str,
    at_end: bool,
}

impl<'t> Literal<'t> {
    fn of(expression: &'t str) -> Option<Self> {
        let (mut at_start, mut text) = match expression.strip_prefix('^') {
            Some(rest) => (true, rest),
            None => (false, expression),
        };
        let mut at_end = false;
        if let Some(rest) = text.strip_suffix('$') {
            (at_end, text) = (true, rest);
        }
        if let Some(rest) = text.strip_prefix(".*") {
            (at_start, text) = (false, rest);
        }
        if let Some(rest) = text.strip_suffix(".*") {
            (at_end, text) = (false, rest);
        }
        let is_plain = |c: char| !r"\.+*?()|[]{}^$".contains(c);
        text.chars().all(is_plain).then_some(Self {
            at_start,
            text,
            at_end,
        })
    }

    fn covers(self, other: Self) -> bool {
        match (self.at_start, self.at_end) {
            (false, false) => other.text.contains(self.text),
            (true, false) => other.at_start && other.text.starts_with(self.text),
            (false, true) => other.at_end && other.text.ends_with(self.text),
            (true, true) => self == other,
        }
    }

    /// Whether a namespace can be like that: lower-case letters, digits and `-`, alphanumeric at
    /// both ends, at most 63 (Kubernetes, DNS label names of RFC 1123).
    fn is_possible(self) -> bool {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let (text, whole) = (self.text, self.at_start && self.at_end);
        text.len() <= 63
            && text.bytes().all(known)
            && !(self.at_start && text.starts_with('-'))
            && !(self.at_end && text.ends_with('-'))
            && !(whole && text.is_empty())
    }
}

impl NamespaceExpression {
    /// Whether it certainly matches every namespace that the other one matches.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        if self.takes_every_namespace() || self.text() == other.text() {
            return true;
        }
        let Some(theirs) = Literal::of(other.text()) else {
            return false;
        };
        if theirs.at_start && theirs.at_end {
            return self.matches(theirs.text);
        }
        Literal::of(self.text()).is_some_and(|own| own.covers(theirs))
    }

    /// Whether it certainly matches no namespace that there can be.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        !self.takes_every_namespace()
            && Literal::of(self.text()).is_some_and(|own| !own.is_possible())
    }
}

impl LabelSelector {
    /// Whether it certainly takes every pod that the other one takes.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.requirements.iter().all(|own| {
            let theirs = other.requirements.iter();
            let mut about_it = theirs.filter(|theirs| theirs.key == own.key);
            about_it.any(|theirs| theirs.implies(own))
        })
    }

    /// The key of a label that certainly no pod can have as it is asked for, if there is one.
    #[must_use]
    pub fn impossible_label(&self) -> Option<&str> {
        if self.requirements.len() > REQUIREMENTS {
            return None;
        }
        let impossible = |(index, own): (usize, &Requirement)| {
            let values = own.values();
            let is_no_value = values
                .as_ref()
                .is_some_and(|values| !values.iter().any(|value| is_label_value(value)));
            let mut others = self.requirements.iter().take(index);
            is_no_value || others.any(|other| other.key == own.key && other.excludes(own))
        };
        let mut all = self.requirements.iter().enumerate();
        all.find(|entry| impossible(*entry))
            .map(|(_, own)| own.key.as_str())
    }
}

impl Requirement {
    /// The only values that the label can have; nothing where they are not known, or where it may
    /// be missing.
    fn values(&self) -> Option<Vec<String>> {
        match &self.condition {
            Condition::Equals(glob) => Some(vec![glob.literal()?]),
            Condition::In(values) => Some(values.clone()),
            _ => None,
        }
    }

    /// Whether the label must be there.
    fn needs_label(&self) -> bool {
        !matches!(
            self.condition,
            Condition::DoesNotExist | Condition::NotEquals(_) | Condition::NotIn(_)
        )
    }

    /// Whether a label that is as this one wants it is certainly as the other one, on the same
    /// label, wants it, too.
    fn implies(&self, other: &Self) -> bool {
        if self.condition == other.condition {
            return true;
        }
        if self.condition == Condition::DoesNotExist {
            return other.matches(None);
        }
        if let Some(values) = self.values() {
            return values.iter().all(|value| other.matches(Some(value)));
        }
        match (&self.condition, &other.condition) {
            (_, Condition::Exists) => self.needs_label(),
            (Condition::GreaterThan(own), Condition::GreaterThan(theirs)) => own >= theirs,
            (Condition::LessThan(own), Condition::LessThan(theirs)) => own <= theirs,
            (Condition::NotIn(own), Condition::NotIn(theirs)) => {
                theirs.iter().all(|value| own.contains(value))
            }
            (Condition::NotIn(own), Condition::NotEquals(glob)) => {
                glob.literal().is_some_and(|value| own.contains(&value))
            }
            _ => false,
        }
    }

    /// Whether no label can be as both want it; they are about the same one.
    fn excludes(&self, other: &Self) -> bool {
        let none_fits = |one: &Self, other: &Self| {
            one.values()
                .is_some_and(|values| !values.iter().any(|value| other.matches(Some(value))))
        };
        let is_absence = |one: &Self| one.condition == Condition::DoesNotExist;
        none_fits(self, other)
            || none_fits(other, self)
            || (is_absence(self) && other.needs_label())
            || (is_absence(other) && self.needs_label())
            || match (&self.condition, &other.condition) {
                (Condition::GreaterThan(low), Condition::LessThan(high))
                | (Condition::LessThan(high), Condition::GreaterThan(low)) => {
                    low.saturating_add(1) >= *high
                }
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_covers_those_that_are_narrower() {
        let covers = |one: &str, other: &str| {
            let compiled = |text| NamespaceExpression::compile(text).unwrap();
            compiled(one).covers(&compiled(other))
        };
        for (one, other) in [
            ("*", "prod"),
            ("a|b", "a|b"),
            ("test", "my-test"),
            ("test", "^test$"),
            ("^te", "^test"),
            ("st$", "test$"),
            (".*st$", "test$"),
            ("^te.*", "^test-.*$"),
            ("^(dev|prod)$", "^prod$"),
            ("^pro.$", "^prod$"),
        ] {
            assert!(covers(one, other), "{one} covers {other}");
        }
        for (one, other) in [
            ("prod", "*"),
            ("^test$", "test"),
            ("^te", "test"),
            ("st$", "test"),
            ("my-test", "test"),
            ("test", "(test)"),
            ("^(dev|prod)$", "^pro"),
            ("a|b", "a|c"),
        ] {
            assert!(!covers(one, other), "{one} does not cover {other}");
        }
    }

    #[test]
    fn no_namespace_is_like_that() {
        let impossible = |text| NamespaceExpression::compile(text).unwrap().is_impossible();
        let long = "a".repeat(64);
        for text in ["Prod", "my_ns", "^-a", "a-$", "^$", "a b", &long] {
            assert!(impossible(text), "{text}");
        }
        for text in ["*", "", "prod", "-", "^a", "(?i)Prod", "[A-Z]", "prod-*"] {
            assert!(!impossible(text), "{text}");
        }
    }

    fn label(text: &str) -> LabelSelector {
        LabelSelector::parse(text).unwrap()
    }

    #[test]
    fn a_label_selector_covers_those_that_are_narrower() {
        for (one, other) in [
            ("", "a=b"),
            ("a", "a=b"),
            ("a", "a in (b,c)"),
            ("a", "a>1"),
            ("a=*", "a=b"),
            ("a=b*", "a=bc,d"),
            ("a in (b,c)", "a=b"),
            ("a in (b,c,d)", "a in (b,c)"),
            ("a!=b", "!a"),
            ("a!=b", "a=c"),
            ("a notin (b)", "a in (c,d)"),
            ("a notin (b)", "a notin (b,c)"),
            ("a!=b", "a notin (b,c)"),
            ("a>1", "a>2"),
            ("a>1", "a=2"),
            ("a<5", "a in (1,2)"),
            ("!a", "!a,b"),
            ("a,b", "b=1,a=2"),
            ("x!=1,a", "a,x!=1"),
        ] {
            assert!(label(one).covers(&label(other)), "{one} covers {other}");
        }
        for (one, other) in [
            ("a=b", ""),
            ("a=b", "a"),
            ("a", "!a"),
            ("a", "a!=b"),
            ("a=b", "a=b*"),
            ("a in (b)", "a in (b,c)"),
            ("a!=b", "a"),
            ("a!=b", "c"),
            ("a>2", "a>1"),
            ("a<1", "a=x"),
            ("a notin (b,c)", "a notin (b)"),
            ("a,b", "a"),
        ] {
            assert!(
                !label(one).covers(&label(other)),
                "{one} does not cover {other}"
            );
        }
    }

    #[test]
    fn what_a_selector_covers_it_takes() {
        let texts = [
            "a",
            "!a",
            "a=b",
            "a=b*",
            "a!=b",
            "a in (b,c)",
            "a notin (b,c)",
            "a>1",
            "a<3",
            "a=2",
            "a in (1,2)",
            "a notin (2)",
            "a!=2",
            "a=",
            "a in ()",
            "a!=b*",
        ];
        let values = [
            None,
            Some(""),
            Some("b"),
            Some("bc"),
            Some("c"),
            Some("1"),
            Some("2"),
            Some("9"),
        ];
        let takes =
            |selector: &LabelSelector, value: Option<&'static str>| selector.matches(|_| value);
        for one in texts.map(label) {
            assert_eq!(one.impossible_label(), None);
            for other in texts.map(label) {
                if one.covers(&other) {
                    let all = values.into_iter().filter(|value| takes(&other, *value));
                    for value in all {
                        assert!(
                            takes(&one, value),
                            "{} {} {value:?}",
                            one.text(),
                            other.text()
                        );
                    }
                }
                let both = label(&format!("{},{}", one.text(), other.text()));
                if both.impossible_label().is_some() {
                    assert!(
                        !values.iter().any(|value| takes(&both, *value)),
                        "{}",
                        both.text()
                    );
                }
            }
        }
    }

    #[test]
    fn some_labels_no_pod_can_have() {
        for text in [
            "a,!a",
            "a=b,a=c",
            "a in (b),a notin (b,c)",
            "a>4,a<5",
            "a=b/c",
            "a=b,!a",
        ] {
            assert_eq!(label(text).impossible_label(), Some("a"), "{text}");
        }
        for text in [
            "a,b",
            "a=b,a!=c",
            "a>1,a<3",
            "a!=b,a!=c",
            "a!=b/c",
            "a=",
            "!a,a!=b",
        ] {
            assert_eq!(label(text).impossible_label(), None, "{text}");
        }
    }

    #[test]
    fn a_selector_covers_part_by_part() {
        let selector = |namespaces: &[&str], labels: &[&str], combination| {
            let namespaces = namespaces
                .iter()
                .map(|text| NamespaceExpression::compile(text));
            let labels = labels.iter().map(|text| label(text)).collect();
            Selector::new(
                namespaces.map(Result::unwrap).collect(),
                labels,
                combination,
            )
        };
        let covers = |one: &Selector, other: &Selector| {
            parts(other)
                .unwrap()
                .into_iter()
                .all(|part| covers(one, part))
        };
        let (all, any) = (Combination::All, Combination::Any);
        let wide = selector(&["test", "prod"], &["a", "b"], all);
        assert!(covers(
            &wide,
            &selector(&["^test$"], &["a=1", "b=2,c"], all)
        ));
        assert!(!covers(&wide, &selector(&["^test$"], &[], all)));
        assert!(!covers(&wide, &selector(&["dev"], &["a"], all)));
        assert!(!covers(&selector(&["test"], &[], all), &wide));
        assert!(covers(&Selector::everything(), &wide));
        assert!(!covers(&wide, &Selector::everything()));
        let either = selector(&["test"], &["a"], any);
        assert!(covers(&either, &selector(&["test"], &["c"], all)));
        assert!(covers(&either, &selector(&["^test"], &["a=1"], any)));
        assert!(!covers(&either, &selector(&["test"], &["c"], any)));
    }
}
