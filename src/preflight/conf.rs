//! DataKit's collectors as its `.conf` files name them (TOML): which sections there are, and the few
//! settings that say where a collector listens. Everything else in them is passed over.

use super::toml;
use crate::diagnostic::nearest;

/// A collector that a text configures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Collector {
    /// Its name, as in `[[inputs.ddtrace]]`.
    pub(super) name: String,
    /// Where it listens: `address`, or statsd's `service_address`.
    pub(super) address: Option<String>,
    /// Where opentelemetry's gRPC listens: `addr` below `[inputs.opentelemetry.grpc]`.
    pub(super) grpc: Option<String>,
    /// A key that is nearly that of an address.
    pub(super) misspelt: Option<String>,
    /// The line of the text that is no TOML: DataKit reads none of it then.
    pub(super) broken: Option<usize>,
}

/// The quotes of a text that goes on over lines.
const LONG: [&str; 2] = ["\"\"\"", "'''"];

/// The collectors of a text, each section once, in their order.
pub(super) fn collectors(text: &str) -> Vec<Collector> {
    let mut found: Vec<Collector> = Vec::new();
    let mut below: Vec<String> = Vec::new();
    let mut inside: Option<&str> = None;
    for line in text.lines() {
        if let Some(quotes) = inside {
            if line.contains(quotes) {
                inside = None;
            }
            continue;
        }
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_start_matches('[');
            let header = header.split(']').next().unwrap_or_default();
            below = header
                .split('.')
                .map(|part| unquoted(part.trim()))
                .collect();
            // A table below a collector's belongs to the collector in front of it.
            let is_new = |own: &Collector| below.len() == 2 || own.name != below[1];
            if below.len() >= 2 && below[0] == "inputs" && found.last().is_none_or(is_new) {
                found.push(Collector {
                    name: below[1].clone(),
                    ..Collector::default()
                });
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
            continue;
        };
        let value = value.trim();
        let long = LONG.iter().find(|quotes| {
            let rest = value.strip_prefix(**quotes);
            rest.is_some_and(|rest| !rest.contains(**quotes))
        });
        if let Some(quotes) = long {
            inside = Some(quotes);
            continue;
        }
        let Some(own) = found
            .last_mut()
            .filter(|_| below.first().is_some_and(|top| top == "inputs"))
        else {
            continue;
        };
        let part = below.get(2).map(String::as_str);
        match (part, key.trim()) {
            (None, "address" | "service_address") => own.address = Some(unquoted(value)),
            (Some("grpc"), "addr") => own.grpc = Some(unquoted(value)),
            (part, key) => {
                let known = match (part, own.name.as_str()) {
                    (None, "logfwdserver") => "address",
                    (None, "statsd") => "service_address",
                    (Some("grpc"), "opentelemetry") => "addr",
                    _ => continue,
                };
                if nearest(key, [known]).is_some() {
                    own.misspelt.get_or_insert_with(|| key.to_owned());
                }
            }
        }
    }
    if let Some(line) = toml::first_fault(text) {
        for own in &mut found {
            own.broken = Some(line);
        }
    }
    found
}

/// A text without its quotes and the comment behind it.
fn unquoted(text: &str) -> String {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => text[1..].split(quote).next(),
        None => text.split('#').next().map(str::trim),
    };
    inner.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_addresses_are_read_and_comments_are_not() {
        let text = "\
# {\"version\": \"1.2\"}
[inputs.logfwdserver]
  ## logfwd receiver
  address = \"0.0.0.0:9531\" # here

  [inputs.logfwdserver.tags]
  # address = \"0.0.0.0:1\"
  address = 'a tag'
#[[inputs.ddtrace]]
[[ inputs.opentelemetry ]]
  pipeline = '''
[[inputs.profile]]
address = \"x\"
'''
  one = \"\"\"[inputs.cpu]\"\"\"
  [inputs.opentelemetry.grpc]
    addr = '127.0.0.1:4317'
[[inputs.\"statsd\"]]
  service_address = \":8125\"
[[inputs.statsd]]
[other.thing]
  address = \"y\"
";
        let found = collectors(text);
        let names: Vec<&str> = found.iter().map(|own| own.name.as_str()).collect();
        assert_eq!(names, ["logfwdserver", "opentelemetry", "statsd", "statsd"]);
        assert_eq!(found[0].address.as_deref(), Some("0.0.0.0:9531"));
        assert_eq!(found[1].grpc.as_deref(), Some("127.0.0.1:4317"));
        assert_eq!(found[2].address.as_deref(), Some(":8125"));
        assert_eq!(found[3].address, None);
        assert!(collectors("").is_empty());
    }
}
