//! What is injected, as it stands in a manifest: Kubernetes' types to values whose keys have the
//! order in which Kubernetes' documentation writes them, `name` first.
//!
//! The types say through serde what they hold; [`ToValue`] takes it as it comes, without JSON in
//! between.

use std::fmt;
use std::sync::Arc;

use k8s_openapi::serde::ser::{self, Serialize, Serializer};

use crate::yaml::{Node, Value};

/// The keys of everything that is injected, in their order; keys that are not listed come last.
const ORDER: &[&str] = &[
    // containers, variables, mounts, volumes, ports, references
    "name",
    "key",
    "containerName",
    "resource",
    "divisor",
    "containerPort",
    "protocol",
    "mountPath",
    "readOnly",
    "image",
    "imagePullPolicy",
    "command",
    "args",
    "workingDir",
    "ports",
    "env",
    "value",
    "valueFrom",
    "resources",
    "securityContext",
    "volumeMounts",
    // resources
    "requests",
    "limits",
    "cpu",
    "memory",
    // sources of volumes
    "path",
    "type",
    "fieldRef",
];

/// Whether a mapping's keys stand in the order that ours have: what others write, the API server and
/// kubectl among them, has another one.
pub(crate) fn is_in_our_order(node: Node<'_>) -> bool {
    let ranks = node.raw_entries().map(|(key, _)| {
        let key = key.as_str().unwrap_or_default();
        ORDER.iter().position(|known| *known == key)
    });
    ranks.is_sorted_by_key(|rank| rank.unwrap_or(ORDER.len()))
}

/// The value of something that is injected.
pub(super) fn value(injected: &impl Serialize) -> Value {
    // What cannot be said would be missing in the output, and the check of the result would find it.
    injected
        .serialize(ToValue)
        .unwrap_or_else(|Unsayable| Value::plain("null"))
}

/// A container with a part that was copied from the user's document as it stands.
pub(super) fn with_security_context(container: Value, security_context: Option<Value>) -> Value {
    match (container, security_context) {
        (Value::Mapping(mut entries), Some(copied)) => {
            entries.push((Value::string("securityContext"), Arc::new(copied)));
            in_order(entries)
        }
        (container, _) => container,
    }
}

/// A mapping with its entries in the order of their keys.
fn in_order(mut entries: Vec<(Value, Arc<Value>)>) -> Value {
    let rank = |key: &Value| match key {
        Value::Scalar(scalar) => ORDER.iter().position(|known| *known == scalar.text),
        _ => None,
    };
    entries.sort_by_cached_key(|(key, _)| rank(key).unwrap_or(ORDER.len()));
    Value::Mapping(entries)
}

/// Something that no type of ours holds: a number that is no integer, an enumeration, bytes.
#[derive(Debug)]
struct Unsayable;

impl fmt::Display for Unsayable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing that is injected holds such a value")
    }
}

impl std::error::Error for Unsayable {}

impl ser::Error for Unsayable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// Makes values of what serde tells.
#[derive(Clone, Copy)]
struct ToValue;

macro_rules! integers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, number: $type) -> Result<Value, Unsayable> {
            Ok(Value::plain(number.to_string()))
        })*
    };
}

macro_rules! unsayable {
    ($($name:ident($($argument:ty),*)),*) => {
        $(fn $name(self, $(_: $argument),*) -> Result<Value, Unsayable> {
            Err(Unsayable)
        })*
    };
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Unsayable;
    type SerializeSeq = Items;
    type SerializeTuple = ser::Impossible<Value, Unsayable>;
    type SerializeTupleStruct = ser::Impossible<Value, Unsayable>;
    type SerializeTupleVariant = ser::Impossible<Value, Unsayable>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = ser::Impossible<Value, Unsayable>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    );
    unsayable!(
        serialize_f32(f32),
        serialize_f64(f64),
        serialize_char(char),
        serialize_bytes(&[u8]),
        serialize_unit_struct(&'static str),
        serialize_unit_variant(&'static str, u32, &'static str)
    );

    fn serialize_bool(self, value: bool) -> Result<Value, Unsayable> {
        Ok(Value::bool(value))
    }

    fn serialize_str(self, text: &str) -> Result<Value, Unsayable> {
        Ok(Value::string(text.to_owned()))
    }

    fn serialize_none(self) -> Result<Value, Unsayable> {
        Ok(Value::plain("null"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Unsayable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Unsayable> {
        Ok(Value::plain("null"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<Value, Unsayable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value, Unsayable> {
        Err(Unsayable)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unsayable> {
        Ok(Items(Vec::new()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Unsayable> {
        Err(Unsayable)
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Unsayable> {
        Err(Unsayable)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Unsayable> {
        Err(Unsayable)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unsayable> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Unsayable> {
        Ok(Entries::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Unsayable> {
        Err(Unsayable)
    }
}

/// A sequence while it is told.
struct Items(Vec<Arc<Value>>);

impl ser::SerializeSeq for Items {
    type Ok = Value;
    type Error = Unsayable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsayable> {
        self.0.push(Arc::new(value.serialize(ToValue)?));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsayable> {
        Ok(Value::Sequence(self.0))
    }
}

/// A mapping while it is told.
#[derive(Default)]
struct Entries {
    entries: Vec<(Value, Arc<Value>)>,
    key: Option<Value>,
}

impl ser::SerializeStruct for Entries {
    type Ok = Value;
    type Error = Unsayable;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Unsayable> {
        let value = Arc::new(value.serialize(ToValue)?);
        self.entries.push((Value::string(key), value));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsayable> {
        Ok(in_order(self.entries))
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Unsayable;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unsayable> {
        self.key = Some(key.serialize(ToValue)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unsayable> {
        let key = self.key.take().ok_or(Unsayable)?;
        self.entries
            .push((key, Arc::new(value.serialize(ToValue)?)));
        Ok(())
    }

    fn end(self) -> Result<Value, Unsayable> {
        Ok(in_order(self.entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use k8s_openapi::api::core::v1::{Container, VolumeMount};

    #[test]
    fn the_name_stands_first_and_a_copied_part_in_its_place() {
        let container = Container {
            name: "a".to_owned(),
            command: Some(vec!["x".to_owned()]),
            image: Some("i".to_owned()),
            volume_mounts: Some(vec![VolumeMount {
                mount_path: "/m".to_owned(),
                name: "v".to_owned(),
                ..VolumeMount::default()
            }]),
            ..Container::default()
        };
        let value = with_security_context(
            value(&container),
            Some(Value::mapping([("a", Value::bool(true))])),
        );
        let Value::Mapping(entries) = value else {
            panic!("no mapping");
        };
        let keys: Vec<std::borrow::Cow<str>> = entries
            .into_iter()
            .map(|(key, _)| match key {
                Value::Scalar(scalar) => scalar.text,
                _ => "".into(),
            })
            .collect();
        let expected = [
            "name",
            "image",
            "command",
            "securityContext",
            "volumeMounts",
        ];
        assert_eq!(keys, expected);
    }
}
