//! The JSON 1.1 codec: which reader and writer method each member is handed to.

use std::fmt::Write;

use super::CodegenError;
use super::ir::{Member, Service, Shape};
use super::names::{constant, initializer, local, snake};

/// Bits of the set in which the reader notes the members of one object.
const MEMBERS_MAX: usize = 64;

/// Reading for inputs, writing for all structures, and what ties inputs to operations.
pub(super) fn emit(service: &Service) -> Result<String, CodegenError> {
    let mut out = String::from(
        "use super::{limits::*, operations::Operation, structures::*};\n\
         use crate::json::{self, Decode, Encode, Fault, Object, ObjectWriter, Reader, Sink};\n\
         use crate::message::{DecodeError, Input, Output};\nuse crate::validate::Path;\n",
    );
    for operation in &service.operations {
        let problem = |problem| CodegenError::Operation { operation: operation.name.clone(), problem };
        let input = operation.input.as_deref().ok_or_else(|| problem("without input is not supported"))?;
        emit_input(&mut out, service, &operation.name, input, operation.output.as_deref());
    }
    let is_output = |name: &str| service.operations.iter().any(|operation| operation.output.as_deref() == Some(name));
    let inputs = service.input_shapes();
    for (name, members) in service.structures() {
        if is_output(name) {
            emit_output(&mut out, service, name);
        }
        if inputs.contains(&name) {
            emit_decode(&mut out, service, name, members)?;
        }
        emit_encode(&mut out, service, name, members)?;
    }
    Ok(out)
}

fn emit_input(out: &mut String, service: &Service, operation: &str, input: &str, output: Option<&str>) {
    let (secrets, output) = (service.holds_secrets(input), output.unwrap_or("()"));
    let _ = write!(
        out,
        "
impl Input for {input} {{
    type Operation = Operation;
    const OPERATION: Operation = Operation::{operation};
    const HOLDS_SECRETS: bool = {secrets};
    type Output = {output};

    fn decode(body: &[u8]) -> Result<Self, DecodeError> {{
        json::decode(body)
    }}

    fn encode(&self) -> Vec<u8> {{
        json::encode(self)
    }}
}}
"
    );
}

fn emit_output(out: &mut String, service: &Service, name: &str) {
    let secrets = service.holds_secrets(name);
    let _ = write!(
        out,
        "
impl Output for {name} {{
    const HOLDS_SECRETS: bool = {secrets};

    fn encode(&self) -> Vec<u8> {{
        json::encode(self)
    }}
}}
"
    );
}

fn wire_name(member: &Member) -> &str {
    member.wire_name.as_deref().unwrap_or(&member.name)
}

fn emit_decode(out: &mut String, service: &Service, name: &str, members: &[Member]) -> Result<(), CodegenError> {
    if members.len() > MEMBERS_MAX {
        return Err(CodegenError::Shape { shape: name.to_owned(), problem: "has more than 64 members" });
    }
    let _ = write!(
        out,
        "
impl Decode for {name} {{
    fn decode(reader: &mut Reader<'_>, at: &Path<'_>) -> Result<Option<Self>, Fault> {{
"
    );
    for member in members {
        let _ = writeln!(out, "        let mut {} = None;", local(&member.name));
    }
    *out += "        let mut object = Object::open(reader, at)?;\n        while let Some(name) = object.next_name()? {\n            match &*name {\n";
    for (number, member) in members.iter().enumerate() {
        let (wire, field, read) = (wire_name(member), local(&member.name), reader_call(service, &member.shape)?);
        let _ =
            writeln!(out, "                {wire:?} => {field} = object.member({number}, {wire:?}, |r, at| {read})?,");
    }
    *out += "                _ => object.skip()?,\n            }\n        }\n";
    let required = || members.iter().enumerate().filter(|(_, member)| member.required);
    for (number, member) in required() {
        let _ = writeln!(out, "        object.require({number}, {:?});", wire_name(member));
    }
    for (_, member) in required() {
        let _ = writeln!(out, "        let Some({0}) = {0} else {{ return Ok(None) }};", local(&member.name));
    }
    let fields: Vec<_> = members.iter().map(|member| initializer(snake(&member.name), &local(&member.name))).collect();
    let _ = writeln!(out, "        Ok(Some(Self {{ {} }}))\n    }}\n}}", fields.join(", "));
    Ok(())
}

/// The reader's method for a shape, with its limits.
fn reader_call(service: &Service, name: &str) -> Result<String, CodegenError> {
    let limits = constant(name);
    let call = match service.shape(name) {
        Shape::Blob { sensitive: true, .. } => format!("r.secret_blob(at, &{limits})"),
        Shape::Blob { .. } => format!("r.blob(at, &{limits})"),
        Shape::Boolean => "r.boolean(at)".to_owned(),
        Shape::Enum { .. } => "r.name(at)".to_owned(),
        Shape::Integer { .. } => format!("r.integer(at, &{limits})"),
        Shape::List { element, .. } => match service.shape(element) {
            Shape::Enum { .. } => format!("r.names(at, &{limits})"),
            Shape::String { sensitive: false, .. } => format!("r.texts(at, &{limits}, &{})", constant(element)),
            Shape::Structure { .. } => format!("r.structures(at, &{limits})"),
            _ => return Err(unsupported(name, "lists of this element are not read yet")),
        },
        Shape::Map { key, value, size } => {
            if !size.is_open() || !is_free_text(service, key) || !is_free_text(service, value) {
                return Err(unsupported(name, "only maps of unlimited strings are read yet"));
            }
            "r.text_map(at)".to_owned()
        }
        Shape::String { sensitive: true, .. } => format!("r.secret_text(at, &{limits})"),
        Shape::String { .. } => format!("r.text(at, &{limits})"),
        Shape::Structure { .. } => "r.structure(at)".to_owned(),
        Shape::Timestamp => "r.timestamp(at)".to_owned(),
        Shape::Long { .. } => return Err(unsupported(name, "long integers are not read yet")),
    };
    Ok(call)
}

fn is_free_text(service: &Service, name: &str) -> bool {
    matches!(service.shape(name), Shape::String { length, pattern: None, sensitive: false } if length.is_open())
}

fn unsupported(shape: &str, problem: &'static str) -> CodegenError {
    CodegenError::Shape { shape: shape.to_owned(), problem }
}

fn emit_encode(out: &mut String, service: &Service, name: &str, members: &[Member]) -> Result<(), CodegenError> {
    let mutable = if members.is_empty() { "" } else { "mut " };
    let _ = write!(
        out,
        "
impl Encode for {name} {{
    fn encode_to<S: Sink>(&self, sink: &mut S) {{
        let {mutable}object = ObjectWriter::open(sink);
"
    );
    for member in members {
        let (wire, field) = (wire_name(member), snake(&member.name));
        let (method, by_value) = writer_method(service, &member.shape)?;
        if member.required {
            let value = if by_value { format!("self.{field}") } else { format!("&self.{field}") };
            let value = if method == "word" { format!("self.{field}.as_str()") } else { value };
            let _ = writeln!(out, "        object.{method}({wire:?}, {value});");
        } else {
            let (borrow, value) = match (method, by_value) {
                ("word", _) => ("", "value.as_str()"),
                (_, true) => ("", "value"),
                (_, false) => ("&", "value"),
            };
            let _ = writeln!(
                out,
                "        if let Some(value) = {borrow}self.{field} {{\n            object.{method}({wire:?}, {value});\n        }}"
            );
        }
    }
    *out += "        object.close();\n    }\n}\n";
    Ok(())
}

/// The writer's method for a shape, and whether it takes the value itself.
fn writer_method(service: &Service, name: &str) -> Result<(&'static str, bool), CodegenError> {
    let method = match service.shape(name) {
        Shape::Blob { sensitive: true, .. } => ("secret_blob", false),
        Shape::Blob { .. } => ("blob", false),
        Shape::Boolean => ("boolean", true),
        Shape::Enum { .. } => ("word", true),
        Shape::Integer { .. } => ("integer", true),
        Shape::List { element, .. } => match service.shape(element) {
            Shape::Enum { .. } => ("names", false),
            Shape::String { sensitive: false, .. } => ("texts", false),
            Shape::Structure { .. } => ("structures", false),
            _ => return Err(unsupported(name, "lists of this element are not written yet")),
        },
        Shape::Map { .. } => ("text_map", false),
        Shape::String { sensitive: true, .. } => ("secret_text", false),
        Shape::String { .. } => ("text", false),
        Shape::Structure { .. } => ("structure", false),
        Shape::Timestamp => ("timestamp", true),
        Shape::Long { .. } => return Err(unsupported(name, "long integers are not written yet")),
    };
    Ok(method)
}
