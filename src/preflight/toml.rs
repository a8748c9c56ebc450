//! Whether a text has the form of TOML (<https://toml.io/en/v1.0.0>), as far as a file must have it for
//! DataKit to read any of it. What keys there are twice, and what is in arrays and tables on one line, is
//! not looked at: where this finds a fault, there is one.

/// The number of the first line that is no TOML.
pub(super) fn first_fault(text: &str) -> Option<usize> {
    let mut scanner = Scanner { text, at: 0 };
    while !scanner.rest().is_empty() {
        let start = scanner.at;
        if scanner.line().is_none() {
            return Some(text[..start].matches('\n').count() + 1);
        }
    }
    None
}

/// The quotes of a text that goes on over lines.
const LONG: [&str; 2] = ["\"\"\"", "'''"];

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, what: &str) -> Option<()> {
        self.rest().starts_with(what).then(|| self.at += what.len())
    }

    fn skip(&mut self, is_skipped: fn(u8) -> bool) -> usize {
        let start = self.at;
        while self.next().is_some_and(is_skipped) {
            self.at += 1;
        }
        self.at - start
    }

    fn blanks(&mut self) {
        self.skip(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// A line, with those that its value goes on over.
    fn line(&mut self) -> Option<()> {
        self.blanks();
        match self.next() {
            None | Some(b'#' | b'\r' | b'\n') => {}
            Some(b'[') => {
                let (open, close) = if self.rest().starts_with("[[") {
                    ("[[", "]]")
                } else {
                    ("[", "]")
                };
                self.take(open)?;
                self.key()?;
                self.take(close)?;
            }
            Some(_) => {
                self.key()?;
                self.take("=")?;
                self.blanks();
                self.value()?;
            }
        }
        self.blanks();
        if self.next() == Some(b'#') {
            self.skip(|byte| byte != b'\n');
        }
        if self.rest().is_empty() {
            return Some(());
        }
        let _ = self.take("\r");
        self.take("\n")
    }

    /// Names with dots between them, and blanks around them.
    fn key(&mut self) -> Option<()> {
        loop {
            self.blanks();
            match self.next()? {
                b'"' | b'\'' => self.string()?,
                _ => {
                    let length = self
                        .skip(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
                    (length > 0).then_some(())?;
                }
            }
            self.blanks();
            if self.take(".").is_none() {
                return Some(());
            }
        }
    }

    fn value(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\'' => self.string(),
            b'[' | b'{' => self.collection(),
            _ => self.word(),
        }
    }

    /// A text in quotes.
    fn string(&mut self) -> Option<()> {
        let quote = if self.next() == Some(b'"') { "\"" } else { "'" };
        let long = LONG.into_iter().find(|long| self.rest().starts_with(long));
        let end = long.unwrap_or(quote);
        self.take(end)?;
        loop {
            if self.take(end).is_some() {
                // Up to two quotes may stand in front of the last three.
                while long.is_some() && self.take(quote).is_some() {}
                return Some(());
            }
            match self.next()? {
                b'\n' if long.is_none() => return None,
                // The one behind a backslash never ends a text.
                b'\\' if quote == "\"" => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// A list, or a table on one line: up to its last bracket.
    fn collection(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            match self.next()? {
                b'[' => open.push(b']'),
                b'{' => open.push(b'}'),
                close @ (b']' | b'}') => {
                    (open.pop() == Some(close)).then_some(())?;
                    if open.is_empty() {
                        self.at += 1;
                        return Some(());
                    }
                }
                b'"' | b'\'' => {
                    self.string()?;
                    continue;
                }
                b'#' => {
                    self.skip(|byte| byte != b'\n');
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// A number, a date, or `true` and the like.
    fn word(&mut self) -> Option<()> {
        let start = self.at;
        self.skip(|byte| !matches!(byte, b'#' | b'\r' | b'\n'));
        let word = self.text.get(start..self.at)?.trim();
        let number = word.trim_start_matches(['+', '-']);
        let is_name = matches!(word, "true" | "false") || matches!(number, "inf" | "nan");
        let is_number = number.starts_with(|c: char| c.is_ascii_digit())
            && number
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || " .:_+-".contains(c));
        (is_name || is_number).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_datakit_have_no_fault() {
        let text = "\
# {\"version\": \"1.2\"}\r
[inputs.logfwdserver]
  address = \"0.0.0.0:9531\" # here
\t[inputs.logfwdserver.tags]
  'a key' = 'a \\'
[[ inputs . \"x.y\" ]] # c
a.b-c_1 = [\"a\", # ]
  { x = 1, y = [2] },
]
n = -1_000.5e+3
d = 1979-05-27 07:32:00
t = true
s = \"a \\\" b\"
l = \"\"\"
x = [ \\\"\"\" \"
\"\"\"\"\"
m = '''
[[
'''
e = ''";
        assert_eq!(first_fault(text), None);
        assert_eq!(first_fault(""), None);
    }

    #[test]
    fn what_is_no_toml_is_found_with_its_line() {
        for (text, line) in [
            ("[inputs.a]\naddress: [[\n", 2),
            ("[inputs.a\n", 1),
            ("[[inputs.a]\n", 1),
            ("[]\n", 1),
            ("a = \n", 1),
            ("a\n", 1),
            ("= 1\n", 1),
            ("\na = \"x\nb = 1\n", 2),
            ("a = x\n", 1),
            ("a = 0.0.0.0:9533 é\n", 1),
            ("a = \"x\" y\n", 1),
            ("a = [1, 2\nb = 3\n", 1),
            ("a = [1}\n", 1),
            ("a = '''x\n", 1),
            ("a = \"x\\", 1),
            ("a = \"\\é", 1),
            ("{\"a\": 1}", 1),
            ("a = 1\r\nb: 2", 2),
        ] {
            assert_eq!(first_fault(text), Some(line), "{text}");
        }
    }
}
