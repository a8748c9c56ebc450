//! Kubernetes' label selectors, whose equality operators take globs in the operator's reading
//! (`spec/1-behaviour.md`, section 2, "Selectors").
//!
//! Lexer and parser are those of `k8s.io/apimachinery/pkg/labels`.

use super::glob::Glob;
use super::qualified_name::{is_label_value, is_qualified_name};

/// A parsed label selector: all requirements must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelSelector {
    text: Box<str>,
    pub(super) requirements: Vec<Requirement>,
}

/// What one label must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Requirement {
    pub(super) key: String,
    pub(super) condition: Condition,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Exists,
    DoesNotExist,
    Equals(Glob),
    NotEquals(Glob),
    In(Vec<String>),
    NotIn(Vec<String>),
    GreaterThan(i64),
    LessThan(i64),
}

impl Requirement {
    /// Whether a label of that value, or a missing one, is as it must be.
    pub(super) fn matches(&self, value: Option<&str>) -> bool {
        let Some(value) = value else {
            return matches!(
                self.condition,
                Condition::DoesNotExist | Condition::NotEquals(_) | Condition::NotIn(_)
            );
        };
        match &self.condition {
            Condition::Exists => true,
            Condition::DoesNotExist => false,
            Condition::Equals(glob) => glob.matches(value),
            Condition::NotEquals(glob) => !glob.matches(value),
            Condition::In(values) => values.iter().any(|own| own == value),
            Condition::NotIn(values) => values.iter().all(|own| own != value),
            Condition::GreaterThan(bound) => value.parse().is_ok_and(|value: i64| value > *bound),
            Condition::LessThan(bound) => value.parse().is_ok_and(|value: i64| value < *bound),
        }
    }
}

impl LabelSelector {
    /// Reads a selector. A blank one has no requirement, and matches everything.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
        };
        let mut requirements = Vec::new();
        let text = text.into();
        if *parser.peek() == Token::End {
            return Ok(Self { text, requirements });
        }
        loop {
            requirements.push(parser.requirement()?);
            match parser.next() {
                Token::End => return Ok(Self { text, requirements }),
                Token::Symbol(",") => {}
                found => return Err(format!("found {found}, expected `,` or the end")),
            }
        }
    }

    /// The selector as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the selector has no requirement.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether a pod with these labels is meant.
    pub fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.requirements
            .iter()
            .all(|requirement| requirement.matches(label(&requirement.key)))
    }

    /// The labels that the selector looks at.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.requirements
            .iter()
            .map(|requirement| requirement.key.as_str())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Symbol(&'static str),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Longer ones first: the lexer takes what it can.
const SYMBOLS: [&str; 9] = ["==", "!=", "=", "!", "(", ")", ",", ">", "<"];

fn tokens(text: &str) -> Vec<Token> {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
    let mut found = Vec::new();
    let mut rest = text.trim_start_matches(is_blank);
    while !rest.is_empty() {
        if let Some(symbol) = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol)) {
            found.push(Token::Symbol(symbol));
            rest = rest.get(symbol.len()..).unwrap_or_default();
        } else {
            let end = rest
                .find(|c: char| is_blank(c) || "=!(),><".contains(c))
                .unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            found.push(Token::Word(word.to_owned()));
            rest = behind;
        }
        rest = rest.trim_start_matches(is_blank);
    }
    found
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at += 1;
        token
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(own) if *own == symbol);
        self.at += usize::from(found);
        found
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.take("!");
        let key = match self.next() {
            Token::Word(word) => word,
            found => return Err(format!("found {found}, expected a label's key")),
        };
        if !is_qualified_name(&key) {
            return Err(format!("`{key}` can be no label's key"));
        }
        if negated || matches!(self.peek(), Token::End | Token::Symbol(",")) {
            let condition = if negated {
                Condition::DoesNotExist
            } else {
                Condition::Exists
            };
            return Ok(Requirement { key, condition });
        }
        let condition = match self.next() {
            Token::Symbol("=" | "==") => Condition::Equals(self.glob()?),
            Token::Symbol("!=") => Condition::NotEquals(self.glob()?),
            Token::Symbol(">") => Condition::GreaterThan(self.number()?),
            Token::Symbol("<") => Condition::LessThan(self.number()?),
            Token::Word(word) if word == "in" => Condition::In(self.list()?),
            Token::Word(word) if word == "notin" => Condition::NotIn(self.list()?),
            found => return Err(format!("found {found}, expected an operator")),
        };
        Ok(Requirement { key, condition })
    }

    /// The one value of an equality or a comparison; nothing where the next requirement or the end
    /// comes at once.
    fn value(&mut self) -> Result<String, String> {
        match self.peek().clone() {
            Token::End | Token::Symbol(",") => Ok(String::new()),
            Token::Word(word) => {
                self.at += 1;
                Ok(word)
            }
            found @ Token::Symbol(_) => Err(format!("found {found}, expected a value")),
        }
    }

    fn glob(&mut self) -> Result<Glob, String> {
        let value = self.value()?;
        Glob::parse(&value).map_err(|error| format!("`{value}`: {error}"))
    }

    fn number(&mut self) -> Result<i64, String> {
        let value = self.value()?;
        // A sign would make a number, but no label's value, which Kubernetes wants it to be.
        if !is_label_value(&value) {
            return Err(format!("`{value}` can be no label's value"));
        }
        value
            .parse()
            .map_err(|_| format!("`{value}` is no 64-bit integer"))
    }

    /// `(x,y)`: a value that is left out is the empty one.
    fn list(&mut self) -> Result<Vec<String>, String> {
        if !self.take("(") {
            return Err(format!("found {}, expected `(`", self.peek()));
        }
        let mut values = Vec::new();
        loop {
            let mut value = String::new();
            if let Token::Word(word) = self.peek() {
                value.clone_from(word);
                self.at += 1;
            }
            if !is_label_value(&value) {
                return Err(format!("`{value}` can be no label's value"));
            }
            values.push(value);
            match self.next() {
                Token::Symbol(",") => {}
                Token::Symbol(")") => return Ok(values),
                found => return Err(format!("found {found}, expected `,` or `)`")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LABELS: &[(&str, &str)] = &[("app", "web-1"), ("n", "5"), ("e", ""), ("in", "x")];

    fn matches(selector: &str) -> Option<bool> {
        let selector = LabelSelector::parse(selector).ok()?;
        Some(selector.matches(|key| {
            let found = LABELS.iter().find(|(own, _)| *own == key);
            found.map(|(_, value)| *value)
        }))
    }

    #[test]
    fn selectors_match_as_in_kubernetes_with_globs() {
        for (selector, expected) in [
            ("", Some(true)),
            (" \t\n", Some(true)),
            ("app", Some(true)),
            ("!app", Some(false)),
            ("! x", Some(true)),
            ("app=web-1", Some(true)),
            ("app==web-1", Some(true)),
            ("app = web-*", Some(true)),
            ("app=web-[0-9]", Some(true)),
            ("app=web", Some(false)),
            ("app!=web*", Some(false)),
            ("x!=1", Some(true)),
            ("x=", Some(false)),
            ("e=", Some(true)),
            ("app=", Some(false)),
            ("app=,e", Some(false)),
            ("n>4,n<6", Some(true)),
            ("n>5", Some(false)),
            ("app>1", Some(false)),
            ("x<1", Some(false)),
            ("n>+4", None),
            ("n>-4", None),
            ("app in (a,,,b)", Some(false)),
            ("e in (,,a)", Some(true)),
            ("a===b", None),
            ("app=in", Some(false)),
            ("notin", Some(false)),
            ("a=b,!", None),
            ("app in ((a))", None),
            ("app in (web-1,b)", Some(true)),
            ("app in(web-1)", Some(true)),
            ("app in (web*)", None),
            ("app notin (web-1)", Some(false)),
            ("x notin (a)", Some(true)),
            ("x in (a)", Some(false)),
            ("e in ()", Some(true)),
            ("e in (x,,y)", Some(true)),
            ("e in (,)", Some(true)),
            ("app in (,web-1)", Some(true)),
            ("in", Some(true)),
            ("in in (x)", Some(true)),
            ("in=x", Some(true)),
            ("app,", None),
            (",app", None),
            ("app,,n", None),
            ("app=a=b", None),
            ("app==", Some(false)),
            ("app=!x", None),
            ("app=(a)", None),
            ("app web", None),
            ("app in web", None),
            ("app in (a", None),
            ("app in (a b)", None),
            ("!app=x", None),
            ("!!app", None),
            ("-a=b", None),
            ("a/b/c", None),
            ("n>", None),
            ("n>x", None),
            ("n>9223372036854775808", None),
            ("app=[", None),
            ("app in (-a)", None),
            ("app=a b", None),
            ("A.b/c", None),
            ("a.b/c", Some(false)),
        ] {
            assert_eq!(matches(selector), expected, "{selector}");
        }
    }
}
