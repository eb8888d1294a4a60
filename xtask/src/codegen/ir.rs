//! A service as plain data, whatever form its model had.

use std::collections::BTreeMap;

/// A service.
pub(crate) struct Service {
    pub(crate) protocol: Protocol,
    pub(crate) operations: Vec<Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
    pub(crate) errors: Vec<ErrorShape>,
}

/// How requests and answers travel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Protocol {
    /// One JSON object, the operation in the `X-Amz-Target` header after this prefix.
    Json11 { target_prefix: String },
    /// A form with `Action` and this `Version`, answered in XML of this namespace.
    Query { version: String, namespace: String },
}

/// An operation. Names refer to structures of the service.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    /// Query: the element around the output's members.
    pub(crate) result_wrapper: Option<String>,
    pub(crate) errors: Vec<String>,
}

/// An error the model declares.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct ErrorShape {
    /// Name on the wire.
    pub(crate) name: String,
    pub(crate) http_status: u16,
}

/// A type of the model other than an error.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Shape {
    Blob { length: Range, sensitive: bool },
    Boolean,
    Enum { values: Vec<String> },
    Integer { range: Range },
    List { element: String, size: Range, flattened: bool },
    Long { range: Range },
    Map { key: String, value: String, size: Range },
    String { length: Range, pattern: Option<String>, sensitive: bool },
    Structure { members: Vec<Member> },
    Timestamp,
}

/// A member of a structure.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    /// Name on the wire, where it differs.
    pub(crate) wire_name: Option<String>,
    pub(crate) shape: String,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
}

/// Least and greatest length, size or value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Range {
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
}

impl Range {
    /// Whether it limits nothing.
    pub(crate) fn is_open(self) -> bool {
        self == Self::default()
    }
}

impl Service {
    /// A shape by name. The loader has resolved all references, so that only a shape that is there is asked for.
    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).unwrap_or(&Shape::Boolean)
    }

    /// The structures, in the order of their names.
    pub(crate) fn structures(&self) -> impl Iterator<Item = (&str, &[Member])> {
        self.shapes.iter().filter_map(|(name, shape)| match shape {
            Shape::Structure { members } => Some((name.as_str(), members.as_slice())),
            _ => None,
        })
    }

    /// Whether any shape is an enum.
    pub(crate) fn has_enums(&self) -> bool {
        self.shapes.values().any(|shape| matches!(shape, Shape::Enum { .. }))
    }

    /// Whether the shape, or one inside it, is sensitive.
    pub(crate) fn holds_secrets(&self, name: &str) -> bool {
        self.any(name, &|shape| {
            matches!(shape, Shape::Blob { sensitive: true, .. } | Shape::String { sensitive: true, .. })
        })
    }

    /// Whether the test holds for the shape or for one inside it.
    pub(crate) fn any(&self, name: &str, test: &impl Fn(&Shape) -> bool) -> bool {
        let shape = self.shape(name);
        test(shape) || shape.parts().into_iter().any(|part| self.any(part, test))
    }

    /// Names of all shapes that inputs are made of.
    pub(crate) fn input_shapes(&self) -> Vec<&str> {
        let inputs: Vec<_> = self.operations.iter().filter_map(|operation| operation.input.as_deref()).collect();
        let is_part = |name: &str| inputs.iter().any(|input| self.contains(input, name));
        self.shapes.keys().map(String::as_str).filter(|name| is_part(name)).collect()
    }

    /// Names of all shapes that outputs are made of.
    pub(crate) fn output_shapes(&self) -> Vec<&str> {
        let outputs: Vec<_> = self.operations.iter().filter_map(|operation| operation.output.as_deref()).collect();
        let is_part = |name: &str| outputs.iter().any(|output| self.contains(output, name));
        self.shapes.keys().map(String::as_str).filter(|name| is_part(name)).collect()
    }

    fn contains(&self, name: &str, wanted: &str) -> bool {
        name == wanted || self.shape(name).parts().into_iter().any(|part| self.contains(part, wanted))
    }
}

impl Shape {
    /// Names of the shapes directly inside this one.
    pub(crate) fn parts(&self) -> Vec<&str> {
        match self {
            Self::List { element, .. } => vec![element],
            Self::Map { key, value, .. } => vec![key, value],
            Self::Structure { members } => members.iter().map(|member| member.shape.as_str()).collect(),
            Self::Blob { .. }
            | Self::Boolean
            | Self::Enum { .. }
            | Self::Integer { .. }
            | Self::Long { .. }
            | Self::String { .. }
            | Self::Timestamp => Vec::new(),
        }
    }
}
