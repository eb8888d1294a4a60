//! JSON that keeps what serde_json's own value would lose: names that occur twice, and the order of members.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Deepest nesting kept. A policy needs 6: document, statements, statement, Condition, operator, values.
const DEPTH_MAX: usize = 8;

/// A JSON value.
#[derive(Debug)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    /// In JSON's spelling.
    Number(Box<str>),
    Text(Box<str>),
    List(Vec<Self>),
    /// Members in the text's order, names that occur twice included.
    Object(Vec<(Box<str>, Self)>),
    /// A list or object below the deepest level kept; of a wrong type wherever it stands.
    TooDeep,
}

/// The text is not JSON. Line and column count from 1.
pub(crate) struct NotJson {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

/// Reads one JSON value that is the whole text.
pub(crate) fn read(text: &str) -> Result<Node, NotJson> {
    serde_json::from_str(text)
        .map(|Root(node)| node)
        .map_err(|error| NotJson { line: error.line(), column: error.column() })
}

struct Root(Node);

impl<'de> Deserialize<'de> for Root {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Level(0).deserialize(deserializer).map(Self)
    }
}

/// How many lists and objects are open.
#[derive(Clone, Copy)]
struct Level(usize);

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string().into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let below = Self(self.0 + 1);
        if self.0 >= DEPTH_MAX {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Node::TooDeep);
        }
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let below = Self(self.0 + 1);
        if self.0 >= DEPTH_MAX {
            while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(Node::TooDeep);
        }
        let mut object = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            object.push((name.into(), members.next_value_seed(below)?));
        }
        Ok(Node::Object(object))
    }
}
