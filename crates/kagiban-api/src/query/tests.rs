//! What no operation of the present models uses: flattened lists, single structures, maps, blobs and points in time as
//! input. Through the reader itself, as generated code would drive it.

use kagiban_base::time::Timestamp;

use super::form::{Form, Node};
use super::read::{Decode, Fault, Reader, decode};
use crate::query::QueryError;
use crate::validate::{Path, Range, TextLimits};

const ANY: Range = Range { min: None, max: None };
const UP_TO_TWO: Range = Range { min: None, max: Some(2) };
const ANY_TEXT: TextLimits = TextLimits { length: ANY, pattern: None };

/// The hand-made counterpart of a generated input, as lines of text.
struct Input(Vec<String>);

impl Decode for Input {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let blob = reader.optional(node, at, "Blob", |r, node, at| r.blob(node, at, &UP_TO_TWO))?;
        let secret = reader.optional(node, at, "Secret", |r, node, at| r.secret_blob(node, at, &UP_TO_TWO))?;
        let since = reader.optional(node, at, "Since", |r, node, at| r.timestamp(node, at))?;
        let map = reader.optional(node, at, "Map", |r, node, at| r.text_map(node, at))?;
        let flat =
            reader.optional(node, at, "Flat", |r, node, at| r.texts(node.list(""), at, &UP_TO_TWO, &ANY_TEXT))?;
        let one = reader.optional(node, at, "One", |r, node, at| r.structure::<Inner>(node, at))?;
        let lines = [
            blob.map(|blob| format!("{blob:?}")),
            secret.map(|secret| format!("secret {:?}", secret.expose())),
            since.map(|since: Timestamp| since.unix_ms().to_string()),
            map.map(|map| format!("{map:?}")),
            flat.map(|flat| format!("{flat:?}")),
            one.map(|Inner(name)| name),
        ];
        Ok(Some(Self(lines.into_iter().flatten().collect())))
    }
}

struct Inner(String);

impl Decode for Inner {
    fn decode(reader: &mut Reader, node: Node<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {
        let name = reader.required(node, at, "Name", |r, node, at| r.text(node, at, &ANY_TEXT))?;
        Ok(name.map(Self))
    }
}

#[test]
fn values_are_read() {
    for (body, line) in [
        ("Blob=%2F%2B8%3D", "[255, 239]"),
        ("Blob=", "[]"),
        ("Secret=AAE%3D", "secret [0, 1]"),
        ("Since=2026-11-22T02%3A53%3A13Z", "1795315993000"),
        ("Since=2026-11-22T03%3A53%3A13.5%2B01%3A00", "1795315993500"),
        ("Map.entry.2.key=a&Map.entry.2.value=b&Map.entry.1.value=d&Map.entry.1.key=c", r#"{"a": "b", "c": "d"}"#),
        ("Map.entry.1.key=a", r#"{"a": ""}"#),
        ("Map=", "{}"),
        ("Flat.2=b&Flat.1=a", r#"["a", "b"]"#),
        ("Flat=", "[]"),
        ("One.Name=n", "n"),
    ] {
        let Ok(Input(lines)) = decode(&Form::parse(body.as_bytes()).unwrap()) else { panic!("{body}") };
        assert_eq!(lines, [line], "{body}");
    }
}

#[test]
fn values_of_another_type_are_refused() {
    for (body, message) in [
        ("Blob=%2F%2B8", "Invalid base64 at 'blob'"),
        ("Blob=_-8%3D", "Invalid base64 at 'blob'"),
        ("Blob.1=", "Start of structure or map found where not expected at 'blob'"),
        ("Secret=AAF%3D", "Invalid base64 at 'secret'"),
        ("Since=1795315993", "STRING_VALUE can not be converted to a Timestamp at 'since'"),
        ("Since=", "STRING_VALUE can not be converted to a Timestamp at 'since'"),
        ("Map=a", "STRING_VALUE can not be converted to a List at 'map'"),
        ("Map.1.key=a", "Unexpected name of a list element at 'map'"),
        ("Map.entry.key=a", "Unexpected name of a list element at 'map'"),
        ("Map.entry.1.key=a&Map.entry.2.key=a", "Duplicate member at 'map.a'"),
        ("Map.entry.1.key=a&Map.entry.1.value.x=b", "Start of structure or map found where not expected at 'map.a'"),
        ("Flat.member.1=a", "Unexpected name of a list element at 'flat'"),
        ("One=n", "STRING_VALUE can not be converted to a Structure at 'one'"),
    ] {
        let outcome = decode::<Input>(&Form::parse(body.as_bytes()).unwrap());
        assert_eq!(outcome.err(), Some(QueryError::Input(message.to_owned())), "{body}");
    }
}

#[test]
fn violations_are_reported() {
    for (body, message) in [
        ("Blob=AAAA", "Value at 'blob' failed to satisfy constraint: Member must have length less than or equal to 2"),
        (
            "Secret=AAAA",
            "Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 2",
        ),
        (
            "Flat.1=a&Flat.2=b&Flat.3=c",
            "Value '[a, b, c]' at 'flat' failed to satisfy constraint: Member must have length less than or equal to 2",
        ),
        ("One=", "Value null at 'one.name' failed to satisfy constraint: Member must not be null"),
        ("One.name=n", "Value null at 'one.name' failed to satisfy constraint: Member must not be null"),
    ] {
        let outcome = decode::<Input>(&Form::parse(body.as_bytes()).unwrap());
        let message = format!("1 validation error detected: {message}");
        assert_eq!(outcome.err(), Some(QueryError::Validation(message)), "{body}");
    }
}

#[test]
fn a_long_list_is_shown_in_part() {
    let body: String = (1..=PARTS).map(|number| format!("Flat.{number}={}&", "é".repeat(700))).collect();
    let outcome = decode::<Input>(&Form::parse(body.as_bytes()).unwrap());
    let Some(QueryError::Validation(message)) = outcome.err() else { panic!("not refused") };
    assert!(message.len() < 2 * 1024 + 200 && message.contains("é...' at 'flat'"), "{message}");
}

/// More than are shown.
const PARTS: usize = 100;
