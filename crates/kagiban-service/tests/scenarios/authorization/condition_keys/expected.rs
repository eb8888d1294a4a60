//! What a condition key has for a value, as conditions that hold for it alone.

use serde_json::{Value, json};

/// What a condition key has for a value.
#[derive(Debug, PartialEq)]
pub(crate) enum Expected {
    Absent,
    Number(i64),
    Text(String),
    Texts(Vec<String>),
    Truth(bool),
}

impl Expected {
    pub(crate) fn text(value: &Value) -> Self {
        value.as_str().map_or(Self::Absent, |text| Self::Text(text.to_owned()))
    }

    pub(crate) fn texts(value: impl Iterator<Item = String>) -> Self {
        let list: Vec<_> = value.collect();
        if list.is_empty() { Self::Absent } else { Self::Texts(list) }
    }

    /// A condition that holds for this value alone, and others that do not hold.
    pub(crate) fn conditions(&self, key: &str) -> (Value, Vec<Value>) {
        let there = json!({key: "false"});
        let absent = json!({"Null": {key: "true"}});
        let (holds, mut fail) = match self {
            Self::Absent => {
                return (absent, vec![json!({"Null": there}), json!({"StringLike": {key: "*"}})]);
            }
            Self::Number(number) => (
                json!({
                    "Null": there, "NumericEquals": {key: number.to_string()},
                    "NumericLessThan": {key: (number + 1).to_string()},
                }),
                vec![
                    json!({"NumericEquals": {key: (number + 1).to_string()}}),
                    json!({"NumericLessThan": {key: number.to_string()}}),
                ],
            ),
            Self::Text(text) => (
                json!({
                    "Null": there, "StringEquals": {key: text},
                    "StringLike": {key: format!("{}*", text.get(..2).unwrap())},
                }),
                vec![
                    json!({"StringEquals": {key: format!("{text}x")}}),
                    json!({"StringNotEquals": {key: text}}),
                    json!({"StringEquals": {key: [&text[1..], ""]}}),
                ],
            ),
            Self::Texts(list) => (
                json!({
                    "Null": there, "ForAllValues:StringEquals": {key: list},
                    "ForAnyValue:StringEquals": {key: list.first()},
                }),
                vec![
                    json!({"ForAnyValue:StringEquals": {key: "other"}}),
                    json!({"ForAllValues:StringEquals": {key: list[1..].iter().chain([&"other".to_owned()]).collect::<Vec<_>>()}}),
                    json!({"ForAnyValue:StringNotEquals": {key: list}}),
                ],
            ),
            Self::Truth(truth) => (
                json!({"Null": there, "Bool": {key: truth.to_string()}}),
                vec![json!({"Bool": {key: (!truth).to_string()}})],
            ),
        };
        fail.push(absent);
        (holds, fail)
    }
}
