//! Loads a service model (the JSON form that AWS SDKs share) into the IR, and refuses what it does not understand.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::marker::PhantomData;
use std::path::Path;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, Visitor};

use super::CodegenError;
use super::ir::{ErrorShape, Member, Operation, Protocol, Range, Service, Shape};

/// The model's file. Unknown attributes are refused: one that matters must not be overlooked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    #[serde(default, rename = "note")]
    _note: String,
    #[serde(default, rename = "version")]
    _version: String,
    metadata: RawMetadata,
    operations: Ordered<RawOperation>,
    shapes: BTreeMap<String, RawShape>,
}

/// Facts about the service; most are for clients only.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMetadata {
    api_version: String,
    protocol: String,
    json_version: Option<String>,
    target_prefix: Option<String>,
    xml_namespace: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOperation {
    #[serde(default, rename = "name")]
    _name: String,
    #[serde(default, rename = "http")]
    _http: serde_json::Value,
    input: Option<Reference>,
    output: Option<Reference>,
    #[serde(default)]
    errors: Vec<Reference>,
    #[serde(default, rename = "idempotent")]
    _idempotent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawShape {
    r#type: String,
    #[serde(default)]
    members: Ordered<Reference>,
    #[serde(default)]
    required: Vec<String>,
    member: Option<Reference>,
    key: Option<Reference>,
    value: Option<Reference>,
    #[serde(default)]
    flattened: bool,
    r#enum: Option<Vec<String>>,
    min: Option<i64>,
    max: Option<i64>,
    pattern: Option<String>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    exception: bool,
    #[serde(default)]
    fault: bool,
    http_status: Option<u16>,
    error: Option<RawError>,
    #[serde(default, rename = "smithyHttpError")]
    _smithy_http_error: u16,
    #[serde(default, rename = "deprecated")]
    _deprecated: bool,
    #[serde(default, rename = "box")]
    _boxed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawError {
    code: Option<String>,
    http_status_code: Option<u16>,
}

/// A shape's name, alone or with attributes of the place where it is used.
#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Name(String),
    Full(FullReference),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct FullReference {
    shape: String,
    location_name: Option<String>,
    result_wrapper: Option<String>,
    #[serde(default)]
    deprecated: bool,
}

impl Reference {
    fn shape(&self) -> &str {
        match self {
            Self::Name(shape) => shape,
            Self::Full(full) => &full.shape,
        }
    }

    fn full(&self) -> Option<&FullReference> {
        match self {
            Self::Name(_) => None,
            Self::Full(full) => Some(full),
        }
    }
}

/// A JSON object's members in the order of the file.
struct Ordered<T>(Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Vec<(String, T)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData)).map(Self)
    }
}

/// Reads a JSON file.
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, CodegenError> {
    let text = fs::read_to_string(path).map_err(|source| CodegenError::File { path: path.to_owned(), source })?;
    serde_json::from_str(&text).map_err(|source| CodegenError::Json { path: path.to_owned(), source })
}

/// Reads a model's file.
pub(super) fn load(path: &Path) -> Result<Service, CodegenError> {
    parse(read_json(path)?)
}

/// Reads a model's text.
#[cfg(test)]
pub(super) fn parse_text(text: &str) -> Result<Service, CodegenError> {
    parse(serde_json::from_str(text).map_err(|source| CodegenError::Json { path: "model".into(), source })?)
}

fn parse(raw: RawModel) -> Result<Service, CodegenError> {
    let protocol = protocol(raw.metadata)?;
    let (errors, shapes): (BTreeMap<_, _>, BTreeMap<_, _>) = raw.shapes.into_iter().partition(|(_, raw)| raw.exception);
    let errors = errors.into_iter().map(|(shape, raw)| (shape.clone(), error_shape(shape, &raw))).collect();
    let operations = raw.operations.0.into_iter().map(|(name, raw)| operation(name, &raw, &errors));
    let operations = operations.collect::<Result<_, _>>()?;
    let shapes = shapes.into_iter().map(|(name, raw)| Ok((name.clone(), shape(&name, raw)?)));
    let shapes = shapes.collect::<Result<_, _>>()?;
    let mut service = Service { protocol, operations, shapes, errors: errors.into_values().collect() };
    if matches!(service.protocol, Protocol::Query { .. }) {
        complete_inputs(&mut service);
    }
    check_references(&service)?;
    Ok(service)
}

/// Models of the Query protocol leave an input without members out; each operation gets an input type all the same.
fn complete_inputs(service: &mut Service) {
    for operation in service.operations.iter_mut().filter(|operation| operation.input.is_none()) {
        let input = format!("{}Request", operation.name);
        service.shapes.entry(input.clone()).or_insert(Shape::Structure { members: Vec::new() });
        operation.input = Some(input);
    }
}

fn protocol(metadata: RawMetadata) -> Result<Protocol, CodegenError> {
    let (prefix, namespace) = (metadata.target_prefix, metadata.xml_namespace);
    match (metadata.protocol.as_str(), metadata.json_version.as_deref(), prefix, namespace) {
        ("json", Some("1.1"), Some(target_prefix), _) => Ok(Protocol::Json11 { target_prefix }),
        ("query", _, _, Some(namespace)) => Ok(Protocol::Query { version: metadata.api_version, namespace }),
        _ => Err(CodegenError::UnknownProtocol(metadata.protocol)),
    }
}

/// `errors` are the model's by name of their shape, which need not be their name on the wire.
fn operation(
    name: String,
    raw: &RawOperation,
    errors: &BTreeMap<String, ErrorShape>,
) -> Result<Operation, CodegenError> {
    let shape = |reference: &Option<Reference>| reference.as_ref().map(|reference| reference.shape().to_owned());
    let error_names = raw.errors.iter().map(|error| Some(errors.get(error.shape())?.name.clone())).collect();
    let problem = "an error is not declared in the model";
    let Some(error_names) = error_names else { return Err(CodegenError::Operation { operation: name, problem }) };
    Ok(Operation {
        name,
        input: shape(&raw.input),
        output: shape(&raw.output),
        result_wrapper: raw.output.as_ref().and_then(|output| output.full()?.result_wrapper.clone()),
        errors: error_names,
    })
}

fn error_shape(shape: String, raw: &RawShape) -> ErrorShape {
    let default = if raw.fault { 500 } else { 400 };
    let trait_status = raw.error.as_ref().and_then(|error| error.http_status_code);
    let name = raw.error.as_ref().and_then(|error| error.code.clone()).unwrap_or(shape);
    ErrorShape { name, http_status: raw.http_status.or(trait_status).unwrap_or(default) }
}

fn shape(name: &str, raw: RawShape) -> Result<Shape, CodegenError> {
    let problem = |problem| CodegenError::Shape { shape: name.to_owned(), problem };
    let range = Range { min: raw.min, max: raw.max };
    let (pattern, sensitive) = (raw.pattern, raw.sensitive);
    let is_plain = range.is_open() && pattern.is_none() && !sensitive;
    let reference = |reference: Option<Reference>| {
        let reference = reference.ok_or_else(|| problem("has no element shape"))?;
        let is_renamed = reference.full().is_some_and(|full| full.location_name.is_some());
        let problem = problem("elements, keys or values with a name of their own on the wire are not understood");
        if is_renamed { Err(problem) } else { Ok(reference.shape().to_owned()) }
    };
    let shape = match raw.r#type.as_str() {
        "blob" if pattern.is_none() => Shape::Blob { length: range, sensitive },
        "boolean" if is_plain => Shape::Boolean,
        "integer" if pattern.is_none() && !sensitive => Shape::Integer { range },
        "list" => Shape::List { element: reference(raw.member)?, size: range, flattened: raw.flattened },
        "long" if pattern.is_none() && !sensitive => Shape::Long { range },
        "map" => Shape::Map { key: reference(raw.key)?, value: reference(raw.value)?, size: range },
        "string" => match raw.r#enum {
            // The set says all that a length or pattern beside it could say.
            Some(values) if !sensitive => Shape::Enum { values },
            Some(_) => return Err(problem("a sensitive enum is not understood")),
            None => Shape::String { length: range, pattern, sensitive },
        },
        "structure" if is_plain => Shape::Structure { members: members(name, raw.members, &raw.required)? },
        "timestamp" if is_plain => Shape::Timestamp,
        _ => return Err(problem("type or combination of attributes is not understood")),
    };
    Ok(shape)
}

fn members(name: &str, raw: Ordered<Reference>, required: &[String]) -> Result<Vec<Member>, CodegenError> {
    if !required.iter().all(|wanted| raw.0.iter().any(|(member, _)| member == wanted)) {
        return Err(CodegenError::Shape { shape: name.to_owned(), problem: "requires a member it does not have" });
    }
    let member = |(name, reference): (String, Reference)| Member {
        wire_name: reference.full().and_then(|full| full.location_name.clone()).filter(|wire| *wire != name),
        shape: reference.shape().to_owned(),
        required: required.contains(&name),
        deprecated: reference.full().is_some_and(|full| full.deprecated),
        name,
    };
    Ok(raw.0.into_iter().map(member).collect())
}

/// All names resolve, and no shape contains itself: its Rust type would be infinite, and reading it unbounded.
fn check_references(service: &Service) -> Result<(), CodegenError> {
    for name in service.shapes.keys() {
        check_shape(service, name, &mut BTreeSet::new())?;
    }
    for operation in &service.operations {
        let problem = |problem| CodegenError::Operation { operation: operation.name.clone(), problem };
        let is_structure = |name: &String| matches!(service.shapes.get(name), Some(Shape::Structure { .. }));
        if ![&operation.input, &operation.output].into_iter().flatten().all(is_structure) {
            return Err(problem("input or output is no structure of the model"));
        }
    }
    Ok(())
}

fn check_shape<'s>(service: &'s Service, name: &'s str, above: &mut BTreeSet<&'s str>) -> Result<(), CodegenError> {
    let problem = |problem| CodegenError::Shape { shape: name.to_owned(), problem };
    let shape = service.shapes.get(name).ok_or_else(|| problem("is not in the model"))?;
    if !above.insert(name) {
        return Err(problem("contains itself"));
    }
    for part in shape.parts() {
        check_shape(service, part, above)?;
    }
    above.remove(name);
    Ok(())
}
