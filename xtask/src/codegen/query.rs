//! The Query codec: which reader method each member of an input is handed to, and how each output is written in XML.

use std::fmt::Write;

use super::CodegenError;
use super::ir::{Member, Operation, Service, Shape};
use super::names::{constant, initializer, local, snake, type_name};

/// Reading for inputs, writing for outputs, and what ties inputs to operations.
pub(super) fn emit(service: &Service) -> Result<String, CodegenError> {
    let mut out = String::from(
        "use super::{limits::*, operations::*, structures::*};\n\
         use crate::query::form::{Form, Node};\nuse crate::query::read::{self, Decode, Fault, Reader};\n\
         use crate::query::xml::{self, Encode, XmlWriter};\n\
         use crate::query::{Envelope, QueryError, QueryInput, QueryOutput};\nuse crate::validate::Path;\n",
    );
    for operation in &service.operations {
        emit_input(&mut out, service, operation)?;
    }
    let (inputs, outputs) = (service.input_shapes(), service.output_shapes());
    let is_output = |name: &str| service.operations.iter().any(|operation| operation.output.as_deref() == Some(name));
    for (name, members) in service.structures() {
        if inputs.contains(&name) {
            emit_decode(&mut out, service, name, members)?;
        }
        if is_output(name) {
            emit_output(&mut out, service, name);
        }
        if outputs.contains(&name) {
            emit_encode(&mut out, service, name, members)?;
        }
    }
    Ok(out)
}

fn emit_input(out: &mut String, service: &Service, operation: &Operation) -> Result<(), CodegenError> {
    let problem = |problem| CodegenError::Operation { operation: operation.name.clone(), problem };
    let wrapper = operation.output.as_ref().map(|_| format!("{}Result", operation.name));
    if operation.result_wrapper != wrapper {
        return Err(problem("an answer whose parts are not named after the operation is not supported"));
    }
    let input = operation.input.as_deref().ok_or_else(|| problem("without input is not supported"))?;
    let (secrets, name) = (service.holds_secrets(input), &operation.name);
    let output = operation.output.as_deref().map_or("()".to_owned(), type_name);
    let input = type_name(input);
    let _ = write!(
        out,
        "
impl QueryInput for {input} {{
    type Operation = Operation;
    const OPERATION: Operation = Operation::{name};
    const HOLDS_SECRETS: bool = {secrets};
    const ENVELOPE: Envelope = Envelope::new({name:?}, NAMESPACE);
    type Output = {output};

    fn decode(form: &Form) -> Result<Self, QueryError> {{
        read::decode(form)
    }}
}}
"
    );
    Ok(())
}

fn emit_output(out: &mut String, service: &Service, name: &str) {
    let (secrets, name) = (service.holds_secrets(name), type_name(name));
    let _ = write!(
        out,
        "
impl QueryOutput for {name} {{
    const HOLDS_SECRETS: bool = {secrets};

    fn encode(&self, envelope: &Envelope, request_id: &str) -> Vec<u8> {{
        xml::encode_answer(envelope, Some(self), request_id)
    }}
}}
"
    );
}

fn wire_name(member: &Member) -> &str {
    member.wire_name.as_deref().unwrap_or(&member.name)
}

fn unsupported(shape: &str, problem: &'static str) -> CodegenError {
    CodegenError::Shape { shape: shape.to_owned(), problem }
}

// Inputs.

fn emit_decode(out: &mut String, service: &Service, name: &str, members: &[Member]) -> Result<(), CodegenError> {
    let unused = if members.is_empty() { "_" } else { "" };
    let _ = write!(
        out,
        "
impl Decode for {} {{
    fn decode({unused}reader: &mut Reader, {unused}node: Node<'_>, {unused}at: &Path<'_>) -> Result<Option<Self>, Fault> {{
",
        type_name(name)
    );
    for member in members {
        let method = if member.required { "required" } else { "optional" };
        let (field, wire, read) = (local(&member.name), wire_name(member), reader_call(service, &member.shape)?);
        let _ = writeln!(out, "        let {field} = reader.{method}(node, at, {wire:?}, |r, node, at| {read})?;");
    }
    for member in members.iter().filter(|member| member.required) {
        let _ = writeln!(out, "        let Some({0}) = {0} else {{ return Ok(None) }};", local(&member.name));
    }
    let fields: Vec<_> = members.iter().map(|member| initializer(snake(&member.name), &local(&member.name))).collect();
    let fields = if fields.is_empty() { String::new() } else { format!(" {} ", fields.join(", ")) };
    let _ = writeln!(out, "        Ok(Some(Self {{{fields}}}))\n    }}\n}}");
    Ok(())
}

/// The reader's method for a shape, with its limits.
fn reader_call(service: &Service, name: &str) -> Result<String, CodegenError> {
    let limits = constant(name);
    let call = match service.shape(name) {
        Shape::Blob { sensitive: true, .. } => format!("r.secret_blob(node, at, &{limits})"),
        Shape::Blob { .. } => format!("r.blob(node, at, &{limits})"),
        Shape::Boolean => "r.boolean(node, at)".to_owned(),
        Shape::Enum { .. } => "r.name(node, at)".to_owned(),
        Shape::Integer { .. } => format!("r.integer(node, at, &{limits})"),
        Shape::List { element, flattened, .. } => list_call(service, name, element, *flattened)?,
        Shape::Map { key, value, size } => {
            if !size.is_open() || !is_free_text(service, key) || !is_free_text(service, value) {
                return Err(unsupported(name, "only maps of unlimited strings are read yet"));
            }
            "r.text_map(node, at)".to_owned()
        }
        Shape::String { sensitive: true, .. } => format!("r.secret_text(node, at, &{limits})"),
        Shape::String { .. } => format!("r.text(node, at, &{limits})"),
        Shape::Structure { .. } => "r.structure(node, at)".to_owned(),
        Shape::Timestamp => "r.timestamp(node, at)".to_owned(),
        Shape::Long { .. } => return Err(unsupported(name, "long integers are not read yet")),
    };
    Ok(call)
}

fn list_call(service: &Service, name: &str, element: &str, flattened: bool) -> Result<String, CodegenError> {
    let (limits, node) = (constant(name), if flattened { "node.list(\"\")" } else { "node.list(\"member\")" });
    let call = match service.shape(element) {
        Shape::Enum { .. } => format!("r.names({node}, at, &{limits})"),
        Shape::String { sensitive: false, .. } => format!("r.texts({node}, at, &{limits}, &{})", constant(element)),
        Shape::Structure { .. } => format!("r.structures({node}, at, &{limits})"),
        _ => return Err(unsupported(name, "lists of this element are not read yet")),
    };
    Ok(call)
}

fn is_free_text(service: &Service, name: &str) -> bool {
    matches!(service.shape(name), Shape::String { length, pattern: None, sensitive: false } if length.is_open())
}

// Outputs.

/// How generated code speaks of a value: as a place in `self`, or as the reference `value` (or `key`).
#[derive(Clone, Copy)]
enum Value<'v> {
    Field(&'v str),
    Reference(&'v str),
}

impl Value<'_> {
    fn borrowed(self) -> String {
        match self {
            Self::Field(field) => format!("&self.{field}"),
            Self::Reference(name) => name.to_owned(),
        }
    }

    fn copied(self) -> String {
        match self {
            Self::Field(field) => format!("self.{field}"),
            Self::Reference(name) => format!("*{name}"),
        }
    }

    /// As the receiver of a method.
    fn receiver(self) -> String {
        match self {
            Self::Field(field) => format!("self.{field}"),
            Self::Reference(name) => name.to_owned(),
        }
    }
}

fn emit_encode(out: &mut String, service: &Service, name: &str, members: &[Member]) -> Result<(), CodegenError> {
    let unused = if members.is_empty() { "_" } else { "" };
    let _ = write!(
        out,
        "
impl Encode for {} {{
    fn encode_to(&self, {unused}xml: &mut XmlWriter<'_>) {{
",
        type_name(name)
    );
    for member in members {
        let field = snake(&member.name);
        if member.required {
            let element = element(service, member, Value::Field(&field))?;
            let _ = writeln!(out, "        {element};");
        } else {
            let element = element(service, member, Value::Reference("value"))?;
            let _ = writeln!(out, "        if let Some(value) = &self.{field} {{\n            {element};\n        }}");
        }
    }
    *out += "    }\n}\n";
    Ok(())
}

/// The statement that writes a member: one element, or one for each element of a flattened list.
fn element(service: &Service, member: &Member, value: Value<'_>) -> Result<String, CodegenError> {
    let wire = wire_name(member);
    if let Shape::List { element, flattened: true, .. } = service.shape(&member.shape) {
        let (values, content) = (value.borrowed(), content(service, element, Value::Reference("value"))?);
        return Ok(format!("xml.elements({wire:?}, {values}, |xml, value| {content})"));
    }
    Ok(format!("xml.element({wire:?}, |xml| {})", content(service, &member.shape, value)?))
}

/// The expression that writes what is inside a value's element.
fn content(service: &Service, name: &str, value: Value<'_>) -> Result<String, CodegenError> {
    let call = match service.shape(name) {
        Shape::Blob { sensitive: true, .. } => format!("xml.blob({}.expose())", value.receiver()),
        Shape::Blob { .. } => format!("xml.blob({})", value.borrowed()),
        Shape::Boolean => format!("xml.boolean({})", value.copied()),
        Shape::Enum { .. } => format!("xml.text({}.as_str())", value.receiver()),
        Shape::Integer { .. } => format!("xml.integer({})", value.copied()),
        Shape::List { element, flattened: false, .. } => {
            let content = content(service, element, Value::Reference("value"))?;
            format!("xml.elements(\"member\", {}, |xml, value| {content})", value.borrowed())
        }
        Shape::Map { key, value: values, .. } => {
            let key = content(service, key, Value::Reference("key"))?;
            let content = content(service, values, Value::Reference("value"))?;
            format!("xml.entries({}, |xml, key| {key}, |xml, value| {content})", value.borrowed())
        }
        Shape::String { sensitive: true, .. } => format!("xml.secret_text({})", value.borrowed()),
        Shape::String { .. } => format!("xml.text({})", value.borrowed()),
        Shape::Structure { .. } => format!("{}.encode_to(xml)", value.receiver()),
        Shape::Timestamp => format!("xml.timestamp({})", value.copied()),
        Shape::List { .. } => {
            return Err(unsupported(name, "a flattened list inside a list or map is not written yet"));
        }
        Shape::Long { .. } => return Err(unsupported(name, "long integers are not written yet")),
    };
    Ok(call)
}
