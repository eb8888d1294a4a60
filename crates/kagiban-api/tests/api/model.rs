//! The models read a second time, by other code than the generator's, to make valid bodies and violations from them.

use std::fmt::{Display, Write};

use kagiban_api::query::{self, Form, QueryError, QueryInput};
use kagiban_api::{DecodeError, Input, InputVisitor, Operation, iam, sts};
use serde_json::{Map, Value, json};

/// The service model.
pub(crate) struct Model(Value);

impl Model {
    /// That of KMS.
    pub(crate) fn load() -> Self {
        Self::parse(include_str!("../../model/kms.json"))
    }

    pub(crate) fn iam() -> Self {
        Self::parse(include_str!("../../model/iam.json"))
    }

    pub(crate) fn sts() -> Self {
        Self::parse(include_str!("../../model/sts.json"))
    }

    fn parse(text: &str) -> Self {
        let mut model: Value = serde_json::from_str(text).unwrap();
        // What an operation without input takes.
        model["shapes"]["Nothing"] = json!({"type": "structure"});
        Self(model)
    }

    pub(crate) fn shape(&self, name: &str) -> Shape<'_> {
        let shape = &self.0["shapes"][name];
        assert!(shape.is_object(), "{name}");
        Shape { model: self, shape }
    }

    pub(crate) fn input(&self, operation: impl Display) -> Shape<'_> {
        let input = &self.0["operations"][operation.to_string()]["input"];
        self.shape(if input.is_null() { "Nothing" } else { reference(input) })
    }

    pub(crate) fn operation_names(&self) -> Vec<&str> {
        self.0["operations"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    /// Names on the wire.
    pub(crate) fn declared_errors(&self, operation: impl Display) -> Vec<&str> {
        let errors = self.0["operations"][operation.to_string()]["errors"].as_array();
        let wire_name = |name| self.0["shapes"][name]["error"]["code"].as_str().unwrap_or(name);
        errors.into_iter().flatten().map(reference).map(wire_name).collect()
    }

    /// Names and attributes of all shapes.
    pub(crate) fn shapes(&self) -> &Map<String, Value> {
        self.0["shapes"].as_object().unwrap()
    }
}

/// The shape that is referred to, by its name alone or with attributes.
fn reference(reference: &Value) -> &str {
    reference.as_str().or(reference["shape"].as_str()).unwrap()
}

/// One shape of it.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'m> {
    model: &'m Model,
    shape: &'m Value,
}

impl<'m> Shape<'m> {
    pub(crate) fn kind(&self) -> &'m str {
        self.shape["type"].as_str().unwrap()
    }

    pub(crate) fn min(&self) -> Option<i64> {
        self.shape["min"].as_i64()
    }

    pub(crate) fn max(&self) -> Option<i64> {
        self.shape["max"].as_i64()
    }

    pub(crate) fn pattern(&self) -> Option<&'m str> {
        self.shape["pattern"].as_str()
    }

    pub(crate) fn is_sensitive(&self) -> bool {
        self.shape["sensitive"] == true
    }

    pub(crate) fn names(&self) -> Option<Vec<&'m str>> {
        Some(self.shape["enum"].as_array()?.iter().map(|name| name.as_str().unwrap()).collect())
    }

    /// Name, shape, and whether it is required.
    pub(crate) fn members(&self) -> Vec<(&'m str, Shape<'m>, bool)> {
        let required = |name: &str| self.shape["required"].as_array().is_some_and(|all| all.iter().any(|r| r == name));
        let members = self.shape["members"].as_object().into_iter().flatten();
        let named = |shape: &Value| self.model.shape(reference(shape));
        members.map(|(name, shape)| (name.as_str(), named(shape), required(name))).collect()
    }

    pub(crate) fn element(&self) -> Shape<'m> {
        self.model.shape(reference(&self.shape["member"]))
    }

    /// A valid value with every member that there can be.
    pub(crate) fn full(&self) -> Value {
        let number = |range: Option<i64>| range.unwrap_or(7);
        match self.kind() {
            "blob" => blob(3),
            "boolean" => json!(true),
            "integer" => json!(number(self.min())),
            "list" => json!([self.element().full()]),
            "map" => json!({"": "empty key", "kéy \"\u{1F511}\"\n": ""}),
            "string" => match self.names() {
                Some(names) => json!(names.last().unwrap()),
                None => json!((1..100).find_map(|len| self.text(len)).unwrap()),
            },
            "structure" => self.members().into_iter().map(|(name, shape, _)| (name.to_owned(), shape.full())).collect(),
            "timestamp" => json!(1_767_323_045.678),
            kind => panic!("{kind}"),
        }
    }

    /// A text of this length that keeps length and pattern, if there is one.
    pub(crate) fn text(&self, len: i64) -> Option<String> {
        let fits = self.min().is_none_or(|min| len >= min) && self.max().is_none_or(|max| len <= max);
        if fits { self.text_by_pattern(len) } else { None }
    }

    /// A text of this length that keeps the pattern, if there is one; it may break the length.
    pub(crate) fn text_by_pattern(&self, len: i64) -> Option<String> {
        let (head, letter, tail) = match self.pattern() {
            None | Some("[\\u0020-\\u00FF]*") => ("", "ä", ""),
            Some("[0-9]{12}") => return (len == 12).then(|| "0".repeat(12)),
            Some("[\\d]+" | "[\\d]*") => ("", "1", ""),
            Some("\\u002F[\\u0021-\\u007F]*") => ("/", "~", ""),
            Some("(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)" | "((/[A-Za-z0-9\\.,\\+@=_-]+)*)/") => ("/", "a", "/"),
            Some("v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?") => ("v", "1", ""),
            Some("cluster-[2-7a-zA-Z]{11,16}") => ("cluster-", "a", ""),
            Some("^arn:aws[a-z0-9-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$") => ("arn:aws:s3::111122223333:", "€", ""),
            Some("^([a-z]+-){2,3}\\d+$") => ("eu-west-", "2", ""),
            Some("^([A-Za-z0-9\\-]+)\\.([A-Za-z0-9\\-]+)(\\.[A-Za-z0-9\\-]+)+$") => ("kms.amazonaws.", "c", ""),
            Some("^[A-Z2-7]+$") => ("", "Q", ""),
            Some("^https://[a-zA-Z0-9.-]+$") => ("https://", "a", ""),
            Some(path) if path.starts_with("^(/[a-zA-Z0-9\\/_-]+/kms/xks/v") => ("/", "a", "/kms/xks/v1"),
            Some(name) if name.starts_with("^(com|eu)\\.") => ("com.amazonaws.vpce.eu-west-2.vpce-svc-", "a", ""),
            Some(_) => ("", "a", ""),
        };
        let repeats = usize::try_from(len).unwrap().checked_sub(head.len() + tail.len())?;
        let repeats = if self.pattern().is_some_and(|p| p.ends_with('*')) {
            Some(repeats)
        } else {
            Some(repeats).filter(|n| *n > 0)
        };
        let plain_empty = self.pattern().is_none() && len == 0;
        if plain_empty { Some(String::new()) } else { repeats.map(|n| format!("{head}{}{tail}", letter.repeat(n))) }
    }

    /// The texts of a string's limits, as they stand in a violation of the list around it.
    pub(crate) fn limit_texts(&self) -> String {
        let max = self.max().map(|max| format!("Member must have length less than or equal to {max}"));
        let min = self.min().map(|min| format!("Member must have length greater than or equal to {min}"));
        let pattern = self.pattern().map(|p| format!("Member must satisfy regular expression pattern: {p}"));
        let names = self.names().map(|names| format!("Member must satisfy enum value set: [{}]", names.join(", ")));
        [max, min, pattern, names].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A blob of so many bytes on the wire.
pub(crate) fn blob(len: usize) -> Value {
    let rest = ["", "_w==", "__8="][len % 3].replace('_', "/");
    json!("//79".repeat(len / 3) + &rest)
}

/// The operation's full valid input.
pub(crate) fn full_body(model: &Model, operation: impl Display) -> Value {
    model.input(operation).full()
}

/// Decodes a body as the operation's input, and gives what encoding it again makes of it.
pub(crate) fn recode(operation: Operation, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    struct Recode<'b>(&'b [u8]);
    impl<O> InputVisitor<O> for Recode<'_> {
        type Value = Result<Vec<u8>, DecodeError>;
        fn visit<I: Input<Operation = O>>(self) -> Self::Value {
            kagiban_api::decode::<I>(self.0).map(|input| input.encode())
        }
    }
    operation.visit_input(Recode(body))
}

/// A JSON value as the form that a client of the Query protocol would send for it.
pub(crate) fn form_text(operation: impl Display, value: &Value) -> String {
    let mut form = format!("Action={operation}&Version=any");
    add_parameters(&mut form, "", value);
    form
}

fn add_parameters(form: &mut String, name: &str, value: &Value) {
    let below = |part: &dyn Display| if name.is_empty() { part.to_string() } else { format!("{name}.{part}") };
    match value {
        Value::Array(elements) if elements.is_empty() => add_parameters(form, name, &json!("")),
        Value::Array(elements) => {
            let numbered = (1..).zip(elements);
            numbered.for_each(|(number, element)| add_parameters(form, &format!("{name}.member.{number}"), element));
        }
        Value::Object(members) => members.iter().for_each(|(part, value)| add_parameters(form, &below(part), value)),
        Value::String(text) => write!(form, "&{name}={}", percent_encoded(text)).unwrap(),
        other => write!(form, "&{name}={other}").unwrap(),
    }
}

pub(crate) fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// Decodes a form and forgets the value.
struct Decoded<'f>(&'f Form);

impl<O> query::InputVisitor<O> for Decoded<'_> {
    type Value = Result<(), QueryError>;
    fn visit<I: QueryInput<Operation = O>>(self) -> Self::Value {
        I::decode(self.0).map(drop)
    }
}

pub(crate) fn decode_iam(operation: iam::Operation, body: &[u8]) -> Result<(), QueryError> {
    operation.visit_input(Decoded(&Form::parse(body)?))
}

pub(crate) fn decode_sts(operation: sts::Operation, body: &[u8]) -> Result<(), QueryError> {
    operation.visit_input(Decoded(&Form::parse(body)?))
}
