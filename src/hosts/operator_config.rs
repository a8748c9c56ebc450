//! The operator's configuration as the configuration object gives it in itself.

use crate::config::text::{ConfigText, Placement};
use crate::config::{Named, Origin};
use crate::convert::{self, ConvertError};
use crate::source::Span;
use crate::yaml::{Budget, Kind, Node, NodeId, Tree, json};

use super::options::Site;

/// The configuration in the object itself, in the field of that name: JSON in a string, or the same
/// as YAML.
///
/// # Errors
/// Where it has no form in JSON.
pub(super) fn inline(value: Node<'_>, name: String, site: Site<'_>) -> Result<Named, ConvertError> {
    let source = site.source;
    let origin = Origin { description: name };
    if let Some(text) = value.as_string() {
        let placement = Placement::of_scalar(source.text(), site.base, value);
        let text = ConfigText::inside(source.clone(), text.to_owned(), placement);
        return Ok(Named::Text(origin, text));
    }
    let tree = value.tree();
    let json = convert::to_json(tree, value.id(), ALIASES)?;
    let mut values = Vec::new();
    if let Ok(parsed) = json::parse(&json)
        && let Some(root) = parsed.root()
    {
        pair(&parsed, root, tree, value.id(), site.base, &mut values);
    }
    let text = ConfigText::inside(source.clone(), json, Placement::Values(values));
    Ok(Named::Text(origin, text))
}

/// The aliases of a configuration may add so much to it.
const ALIASES: Budget = Budget::new(10_000, 1 << 20);

/// Notes for each value and key of a JSON text where the YAML that it was made of stands. Both have
/// the same shape; their depth was bounded when the one was made of the other.
fn pair(
    json: &Tree<'_>,
    at: NodeId,
    yaml: &Tree<'_>,
    origin: NodeId,
    base: usize,
    values: &mut Vec<(usize, Span)>,
) {
    values.push((json.span(at).start, yaml.span(origin).shifted(base)));
    let inner = yaml.resolve(origin);
    if matches!(yaml.kind(inner), Kind::Mapping(_)) {
        for ((key, value), (name, content)) in json.entries(at).zip(yaml.effective_entries(inner)) {
            pair(json, key, yaml, name, base, values);
            pair(json, value, yaml, content, base, values);
        }
    } else {
        for (item, content) in json.children(at).zip(yaml.children(inner)) {
            pair(json, item, yaml, content, base, values);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::source::Source;
    use crate::yaml::parse;

    #[test]
    fn a_place_in_the_json_is_one_in_the_yaml() {
        let text = "spec:\n  config:\n    a: [1, {b: c}]\n    d: e\n";
        let source = Source::new("object.yaml", text);
        let parsed = parse(text).unwrap();
        let value = parsed.tree.root_node().unwrap().at(&["spec", "config"]);
        let site = Site {
            source: &source,
            base: 0,
            folder: Path::new("."),
        };
        let named = inline(value.unwrap(), "spec.config".to_owned(), site);
        let Ok(Named::Text(origin, config)) = named else {
            panic!("there is a configuration");
        };
        assert_eq!(origin.description, "spec.config");
        for word in ["a", "b", "c", "d", "e"] {
            let at = config.json().find(&format!("\"{word}\"")).unwrap();
            let span = config.span(Span::at(at));
            assert_eq!(text.get(span.start..span.end), Some(word));
        }
    }
}
