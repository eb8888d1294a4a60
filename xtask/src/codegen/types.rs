//! Rust types of the model's structures and enums. No protocol is known here.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::CodegenError;
use super::ir::{Member, Range, Service, Shape};
use super::names::{snake, type_name, variant};

/// Names that generated files import; a model's shape must not take one.
const TAKEN: &[&str] = &[
    "BTreeMap",
    "ErrorCode",
    "Form",
    "Input",
    "InputVisitor",
    "Operation",
    "Output",
    "Path",
    "SecretBytes",
    "Timestamp",
];

/// All enums.
pub(super) fn emit_enums(service: &Service) -> String {
    let mut out = String::from("use crate::string_enum::string_enum;\n");
    for (name, shape) in &service.shapes {
        if let Shape::Enum { values } = shape {
            let _ = write!(out, "\nstring_enum! {{\n    /// The values of `{name}`.\n    {} {{\n", type_name(name));
            for value in values {
                let _ = writeln!(out, "        {} = {value:?},", variant(value));
            }
            out += "    }\n}\n";
        }
    }
    out
}

/// All structures, used as input, output or inside of one.
pub(super) fn emit_structures(service: &Service) -> Result<String, CodegenError> {
    check_names(service)?;
    let mut body = String::new();
    for (name, members) in service.structures() {
        emit_structure(&mut body, service, name, members);
    }
    let enums = if service.has_enums() { "use super::enums::*;\n" } else { "" };
    Ok(imports(&body) + enums + &body)
}

/// A type's name is neither that of another nor one that generated code has for something else.
fn check_names(service: &Service) -> Result<(), CodegenError> {
    let mut taken: BTreeSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    for (name, shape) in &service.shapes {
        let is_type = matches!(shape, Shape::Enum { .. } | Shape::Structure { .. });
        if is_type && !taken.insert(type_name(name)) {
            let problem = "has a name that something else in generated code has";
            return Err(CodegenError::Shape { shape: name.clone(), problem });
        }
    }
    Ok(())
}

fn imports(body: &str) -> String {
    let mut out = String::new();
    for (words, line) in [
        (&["BTreeMap<"][..], "use std::collections::BTreeMap;\n\n"),
        (&["SecretBytes"], "use kagiban_base::secret::SecretBytes;\n"),
        (&[": Timestamp,", "<Timestamp>"], "use kagiban_base::time::Timestamp;\n"),
    ] {
        out += if words.iter().any(|word| body.contains(word)) { line } else { "" };
    }
    out
}

fn emit_structure(out: &mut String, service: &Service, name: &str, members: &[Member]) {
    let _ = write!(
        out,
        "\n/// {}\n#[derive({})]\npub struct {} {{",
        purpose(service, name),
        derives(service, name),
        type_name(name)
    );
    for member in members {
        let deprecated = if member.deprecated { "; deprecated" } else { "" };
        let required = if member.required { "; required" } else { "" };
        let limits = describe(service.shape(&member.shape));
        let _ = write!(out, "\n    /// `{}`: {limits}{required}{deprecated}.", member.name);
        let _ = write!(out, "\n    pub {}: {},", snake(&member.name), field_type(service, member));
    }
    *out += if members.is_empty() { "}\n" } else { "\n}\n" };
}

/// What the structure is for.
fn purpose(service: &Service, name: &str) -> String {
    let operations_with = |is_it: &dyn Fn(&super::ir::Operation) -> bool| {
        let names: Vec<_> = service.operations.iter().filter(|o| is_it(o)).map(|o| o.name.as_str()).collect();
        names.join(" and ")
    };
    let input_of = operations_with(&|operation| operation.input.as_deref() == Some(name));
    let output_of = operations_with(&|operation| operation.output.as_deref() == Some(name));
    match (input_of.as_str(), output_of.as_str()) {
        ("", "") => format!("The structure `{name}` of the model."),
        ("", operation) => format!("Output of {operation}."),
        (operation, _) => format!("Input of {operation}."),
    }
}

/// A structure with secrets can be neither cloned nor compared by accident.
fn derives(service: &Service, name: &str) -> String {
    let mut traits =
        if service.holds_secrets(name) { vec!["Debug"] } else { vec!["Clone", "Debug", "Eq", "PartialEq"] };
    if has_default(service, name) {
        traits.insert(traits.len().min(if traits.len() == 1 { 1 } else { 2 }), "Default");
    }
    traits.join(", ")
}

/// Whether every required member has a default; enums have none.
fn has_default(service: &Service, name: &str) -> bool {
    match service.shape(name) {
        Shape::Enum { .. } => false,
        Shape::Structure { members } => {
            members.iter().filter(|member| member.required).all(|member| has_default(service, &member.shape))
        }
        _ => true,
    }
}

fn field_type(service: &Service, member: &Member) -> String {
    let plain = rust_type(service, &member.shape);
    if member.required { plain } else { format!("Option<{plain}>") }
}

/// The Rust type of a shape.
pub(super) fn rust_type(service: &Service, name: &str) -> String {
    match service.shape(name) {
        Shape::Blob { sensitive: true, .. } | Shape::String { sensitive: true, .. } => "SecretBytes".to_owned(),
        Shape::Blob { .. } => "Vec<u8>".to_owned(),
        Shape::Boolean => "bool".to_owned(),
        Shape::Enum { .. } | Shape::Structure { .. } => type_name(name),
        Shape::Integer { .. } => "i32".to_owned(),
        Shape::List { element, .. } => format!("Vec<{}>", rust_type(service, element)),
        Shape::Long { .. } => "i64".to_owned(),
        Shape::Map { key, value, .. } => {
            format!("BTreeMap<{}, {}>", rust_type(service, key), rust_type(service, value))
        }
        Shape::String { .. } => "String".to_owned(),
        Shape::Timestamp => "Timestamp".to_owned(),
    }
}

/// Type and limits in words.
fn describe(shape: &Shape) -> String {
    match shape {
        Shape::Blob { length, sensitive } => format!("blob{}{}", span(*length, " bytes"), sensitivity(*sensitive)),
        Shape::Boolean => "boolean".to_owned(),
        Shape::Enum { .. } => "one of its names".to_owned(),
        Shape::Integer { range } | Shape::Long { range } => format!("integer{}", span(*range, "")),
        Shape::List { element, size, .. } => format!("list of `{element}`{}", span(*size, " elements")),
        Shape::Map { key, value, size } => format!("map of `{key}` to `{value}`{}", span(*size, " entries")),
        Shape::String { length, pattern, sensitive } => {
            let pattern = pattern.as_ref().map(|pattern| format!(", pattern `{pattern}`")).unwrap_or_default();
            format!("string{}{pattern}{}", span(*length, " characters"), sensitivity(*sensitive))
        }
        Shape::Structure { .. } => "structure".to_owned(),
        Shape::Timestamp => "timestamp".to_owned(),
    }
}

fn sensitivity(sensitive: bool) -> &'static str {
    if sensitive { ", sensitive" } else { "" }
}

fn span(range: Range, unit: &str) -> String {
    match (range.min, range.max) {
        (None, None) => String::new(),
        (Some(min), Some(max)) => format!(", {min} to {max}{unit}"),
        (Some(min), None) => format!(", at least {min}{unit}"),
        (None, Some(max)) => format!(", at most {max}{unit}"),
    }
}
