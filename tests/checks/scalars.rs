//! What the readers of YAML 1.1 and 1.2 take a plain scalar for, after the expressions of
//! <https://yaml.org/type/> and of the specification of YAML 1.2, and nothing of the program's own.

use std::sync::OnceLock;

use regex_lite::Regex;

/// The expressions of YAML 1.1's types (bool, float, int, merge, null, timestamp, value), as published,
/// and of the core schema of YAML 1.2.
const TYPES: [&str; 13] = [
    "y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    r"[-+]?([0-9][0-9_]*)?\.[0-9.]*([eE][-+][0-9]+)?",
    r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*",
    r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
    r"[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+",
    r"[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+",
    "<<|=",
    "~|null|Null|NULL|",
    "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]",
    r"[0-9][0-9][0-9][0-9]-[0-9][0-9]?-[0-9][0-9]?([Tt]|[ \t]+)[0-9][0-9]?:[0-9][0-9]:[0-9][0-9](\.[0-9]*)?(([ \t]*)Z|[-+][0-9][0-9]?(:[0-9][0-9])?)?",
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
    "0O[0-7]+|0X[0-9a-fA-F]+|0B[01]+",
];

/// Whether all readers take a plain scalar for a string.
pub fn is_string_to_all(text: &str) -> bool {
    static ALL: OnceLock<Regex> = OnceLock::new();
    let all = ALL.get_or_init(|| Regex::new(&format!("^({})$", TYPES.join("|"))).unwrap());
    !all.is_match(text)
}
