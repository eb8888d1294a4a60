//! The model read a second time, by other code than the generator's, to make valid bodies and violations from it.

use kagiban_api::{DecodeError, Input, InputVisitor, Operation};
use serde_json::{Map, Value, json};

/// The service model.
pub(crate) struct Model(Value);

impl Model {
    pub(crate) fn load() -> Self {
        Self(serde_json::from_str(include_str!("../../model/kms.json")).unwrap())
    }

    pub(crate) fn shape(&self, name: &str) -> Shape<'_> {
        let shape = &self.0["shapes"][name];
        assert!(shape.is_object(), "{name}");
        Shape { model: self, shape }
    }

    pub(crate) fn input(&self, operation: Operation) -> Shape<'_> {
        self.shape(self.0["operations"][operation.name()]["input"].as_str().unwrap())
    }

    pub(crate) fn operation_names(&self) -> Vec<&str> {
        self.0["operations"].as_object().unwrap().keys().map(String::as_str).collect()
    }

    pub(crate) fn declared_errors(&self, operation: Operation) -> Vec<&str> {
        let errors = self.0["operations"][operation.name()]["errors"].as_array().unwrap();
        errors.iter().map(|name| name.as_str().unwrap()).collect()
    }

    /// Names and attributes of all shapes.
    pub(crate) fn shapes(&self) -> &Map<String, Value> {
        self.0["shapes"].as_object().unwrap()
    }
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
        let named = |shape: &Value| self.model.shape(shape["shape"].as_str().unwrap());
        members.map(|(name, shape)| (name.as_str(), named(shape), required(name))).collect()
    }

    pub(crate) fn element(&self) -> Shape<'m> {
        self.model.shape(self.shape["member"].as_str().unwrap())
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
pub(crate) fn full_body(model: &Model, operation: Operation) -> Value {
    model.input(operation).full()
}

/// Decodes a body as the operation's input, and gives what encoding it again makes of it.
pub(crate) fn recode(operation: Operation, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    struct Recode<'b>(&'b [u8]);
    impl InputVisitor for Recode<'_> {
        type Value = Result<Vec<u8>, DecodeError>;
        fn visit<I: Input>(self) -> Self::Value {
            kagiban_api::decode::<I>(self.0).map(|input| input.encode())
        }
    }
    operation.visit_input(Recode(body))
}
