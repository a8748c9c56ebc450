//! A pod with what is injected into it: the changes that the rules make, carried out on a value.

use datakit_inject::change::{Change, Operation, Path, Segment};
use datakit_inject::config::Rules;
use datakit_inject::inject::{Injector, Outcome, Switches};
use datakit_inject::workload::PodTemplate;
use datakit_inject::yaml::scalar::{Resolved, resolve};
use datakit_inject::yaml::{Value, json};
use serde_json::Value as Json;

/// The pod after it was injected, and what became of it.
pub(crate) fn inject_into(
    rules: &Rules,
    pod: &Json,
    namespace: &str,
    runs_to_completion: bool,
) -> (Json, Outcome) {
    let outcome = with_template(pod, namespace, runs_to_completion, |template| {
        Injector::new(rules, &Switches::default()).inject(template)
    });
    assert_eq!(outcome.malformed, None);
    (applied(pod, &outcome.changes), outcome)
}

/// What is made of the pod as a template.
pub(crate) fn with_template<T>(
    pod: &Json,
    namespace: &str,
    runs_to_completion: bool,
    make: impl FnOnce(&PodTemplate<'_>) -> T,
) -> T {
    let text = pod.to_string();
    let tree = json::parse(&text).unwrap();
    let own = pod["metadata"]["namespace"].as_str();
    make(&PodTemplate {
        node: tree.root_node().unwrap(),
        path: Path::default(),
        namespace: own.unwrap_or(namespace).to_owned(),
        runs_to_completion,
    })
}

/// The pod with the changes carried out: what the editor does with text, on a value.
fn applied(pod: &Json, changes: &[Change]) -> Json {
    let mut pod = pod.clone();
    for change in changes {
        if let Operation::Set(value) = &change.operation {
            *descend(&mut pod, &change.path.0) = to_json(value);
        }
    }
    let mut moved: Vec<(&[Segment], usize)> = Vec::new();
    for change in changes {
        let path = &*change.path.0;
        match &change.operation {
            Operation::Append(value) => {
                let list = descend(&mut pod, path);
                if list.is_null() {
                    *list = Json::Array(Vec::new());
                }
                list.as_array_mut().unwrap().push(to_json(value));
            }
            Operation::MoveLast => {
                let (last, parent) = path.split_last().unwrap();
                let Segment::Index(index) = last else {
                    panic!("{} is no item", change.path);
                };
                let before = moved.iter();
                let before = before.filter(|(own, own_index)| *own == parent && own_index < index);
                let place = index - before.count();
                moved.push((parent, *index));
                let items = descend(&mut pod, parent).as_array_mut().unwrap();
                let item = items.remove(place);
                items.push(item);
            }
            Operation::Set(_) => {}
            Operation::Prepend(_) => panic!("nothing is prepended"),
            Operation::Remove => panic!("nothing is taken out"),
        }
    }
    pod
}

fn descend<'p>(mut at: &'p mut Json, path: &[Segment]) -> &'p mut Json {
    for segment in path {
        at = match segment {
            Segment::Key(key) => &mut at[&**key],
            Segment::Index(index) => &mut at[*index],
        };
    }
    at
}

fn to_json(value: &Value) -> Json {
    match value {
        Value::Scalar(scalar) if scalar.plain => match resolve(&scalar.text) {
            Resolved::Null => Json::Null,
            Resolved::Bool(value) => Json::Bool(value),
            Resolved::Integer(_) | Resolved::Float(_) => {
                serde_json::from_str(&scalar.text).unwrap()
            }
            Resolved::NotFinite | Resolved::String => {
                Json::String(scalar.text.clone().into_owned())
            }
        },
        Value::Scalar(scalar) => Json::String(scalar.text.clone().into_owned()),
        Value::Sequence(items) => items.iter().map(|item| to_json(item)).collect(),
        Value::Mapping(entries) => {
            let key = |key: &Value| to_json(key).as_str().unwrap().to_owned();
            let entries = entries.iter();
            Json::Object(
                entries
                    .map(|(name, value)| (key(name), to_json(value)))
                    .collect(),
            )
        }
    }
}
