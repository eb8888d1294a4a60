//! What of inputs and outputs may be in audit records: writers of the members that a table lists, and of no other.
//!
//! The table is complete or refused: each input and output is in it, each structure that a listed member leads to, and no name
//! that the model does not have. A blob, a sensitive member and a shape that the table says is never shown cannot be listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Deserialize;

use super::CodegenError;
use super::ir::{Member, Service, Shape};
use super::names::{snake, type_name, variant};

/// The table of one service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Shown {
    #[serde(rename = "note")]
    _note: String,
    /// Shapes that hold secrets although the model does not call them sensitive.
    never: Vec<String>,
    /// Operations that are to change nothing.
    read_only: BTreeSet<String>,
    /// By structure: `NAME`, or `NAME=VALUE` with the value for one that was left out.
    members: BTreeMap<String, Vec<String>>,
}

/// All writers, and which operations only read.
pub(super) fn emit(service: &Service, shown: &Shown) -> Result<String, CodegenError> {
    check(service, shown)?;
    let mut out = String::from(
        "use super::operations::Operation;\nuse super::structures::*;\nuse crate::audit::{self, AuditObject, Audited, Members};\n",
    );
    emit_read_only(&mut out, shown);
    for (name, listed) in &shown.members {
        emit_structure(&mut out, service, shown, name, listed)?;
    }
    Ok(out)
}

fn problem(shape: &str, problem: &'static str) -> CodegenError {
    CodegenError::Shape { shape: shape.to_owned(), problem }
}

fn check(service: &Service, shown: &Shown) -> Result<(), CodegenError> {
    let is_operation = |name: &&String| service.operations.iter().any(|operation| operation.name == **name);
    if let Some(name) = shown.read_only.iter().find(|name| !is_operation(name)) {
        return Err(problem(name, "is no operation, and the audit table says that it only reads"));
    }
    for operation in &service.operations {
        for name in [&operation.input, &operation.output].into_iter().flatten() {
            if !shown.members.contains_key(name) {
                return Err(problem(
                    name,
                    "is not in the audit table; list the members that records may show, or none",
                ));
            }
        }
    }
    let is_shape = |name: &&String| service.shapes.contains_key(*name);
    match shown.never.iter().chain(shown.members.keys()).find(|name| !is_shape(name)) {
        Some(name) => Err(problem(name, "is in the audit table and not in the model")),
        None => Ok(()),
    }
}

fn emit_read_only(out: &mut String, shown: &Shown) {
    *out += "\nimpl Operation {\n    /// Whether it is to change nothing: `readOnly` of audit records.\n    pub const fn is_read_only(self) -> bool {\n        matches!(\n            self,\n";
    for (number, name) in shown.read_only.iter().enumerate() {
        let _ = writeln!(out, "            {}Self::{name}", if number == 0 { "" } else { "    | " });
    }
    *out += "        )\n    }\n}\n";
}

fn emit_structure(
    out: &mut String,
    service: &Service,
    shown: &Shown,
    name: &str,
    listed: &[String],
) -> Result<(), CodegenError> {
    let Shape::Structure { members } = service.shape(name) else {
        return Err(problem(name, "is in the audit table and no structure"));
    };
    let unused = if listed.is_empty() { "_" } else { "" };
    let _ = write!(
        out,
        "
impl Members for {0} {{
    fn write(&self, {unused}object: &mut AuditObject<'_>) {{
",
        type_name(name)
    );
    for entry in listed {
        let (member, default) = match entry.split_once('=') {
            Some((member, default)) => (member, Some(default)),
            None => (entry.as_str(), None),
        };
        let member = members.iter().find(|known| known.name == member);
        let member = member.ok_or_else(|| problem(name, "has no member that the audit table lists"))?;
        emit_member(out, service, shown, member, default)?;
    }
    *out += "    }\n}\n";
    let is_whole = |operation: &super::ir::Operation| {
        operation.input.as_deref() == Some(name) || operation.output.as_deref() == Some(name)
    };
    if service.operations.iter().any(is_whole) {
        let _ = write!(
            out,
            "
impl Audited for {} {{
    fn audit_to(&self, out: &mut String) {{
        audit::write(self, out);
    }}
}}
",
            type_name(name)
        );
    }
    Ok(())
}

fn emit_member(
    out: &mut String,
    service: &Service,
    shown: &Shown,
    member: &Member,
    default: Option<&str>,
) -> Result<(), CodegenError> {
    let (name, field) = (shown_name(&member.name), snake(&member.name));
    let method = method(service, shown, &member.shape)?;
    let by_value = ["boolean", "integer", "moment", "word"].contains(&method);
    if let Some(default) = default {
        let is_value =
            matches!(service.shape(&member.shape), Shape::Enum { values } if values.iter().any(|v| v == default));
        if member.required || !is_value {
            return Err(problem(&member.shape, "takes no such value where it is left out, as the audit table has it"));
        }
        let kind = type_name(&member.shape);
        let _ = writeln!(
            out,
            "        object.word({name:?}, self.{field}.unwrap_or(super::enums::{kind}::{}).as_str());",
            variant(default)
        );
    } else if member.required {
        let value = match method {
            "word" => format!("self.{field}.as_str()"),
            _ if by_value => format!("self.{field}"),
            _ => format!("&self.{field}"),
        };
        let _ = writeln!(out, "        object.{method}({name:?}, {value});");
    } else {
        let (borrow, value) = match method {
            "word" => ("", "value.as_str()"),
            _ if by_value => ("", "value"),
            _ => ("&", "value"),
        };
        let _ = writeln!(
            out,
            "        if let Some(value) = {borrow}self.{field} {{\n            object.{method}({name:?}, {value});\n        }}"
        );
    }
    Ok(())
}

/// The writer's method for a shape that may be shown.
fn method(service: &Service, shown: &Shown, name: &str) -> Result<&'static str, CodegenError> {
    if shown.never.iter().any(|never| never == name) {
        return Err(problem(name, "must not be listed in the audit table: it is a secret"));
    }
    match service.shape(name) {
        Shape::Boolean => Ok("boolean"),
        Shape::Enum { .. } => Ok("word"),
        Shape::Integer { .. } => Ok("integer"),
        Shape::List { element, .. } => match (method(service, shown, element)?, service.shape(element)) {
            (_, Shape::Enum { .. }) => Ok("names"),
            (_, Shape::String { .. }) => Ok("texts"),
            ("structure", _) => Ok("structures"),
            _ => Err(problem(name, "is a list that audit records cannot show yet")),
        },
        Shape::Map { key, value, .. } => {
            let parts = (method(service, shown, key)?, method(service, shown, value)?);
            if parts == ("text", "text") {
                Ok("text_map")
            } else {
                Err(problem(name, "is a map that audit records cannot show"))
            }
        }
        Shape::String { sensitive: false, .. } => Ok("text"),
        Shape::Structure { .. } if shown.members.contains_key(name) => Ok("structure"),
        Shape::Structure { .. } => Err(problem(name, "is shown by the audit table, which does not list its members")),
        Shape::Timestamp => Ok("moment"),
        Shape::Blob { .. } | Shape::String { sensitive: true, .. } => {
            Err(problem(name, "must not be listed in the audit table: it is a blob or sensitive"))
        }
        Shape::Long { .. } => Err(problem(name, "is a long integer, which audit records cannot show yet")),
    }
}

/// Names in records begin in lower case: `keyId`, `aWSAccountId`.
fn shown_name(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().collect::<String>() + letters.as_str()
}
