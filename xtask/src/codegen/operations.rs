//! The enum of operations.

use std::fmt::Write;

use super::ir::{Protocol, Service};
use super::names::variant;

/// Operations with name, declared errors, and the door from a run-time operation to its input type.
pub(super) fn emit(service: &Service) -> String {
    let mut out = String::from("use super::errors::ErrorCode;\n");
    match &service.protocol {
        Protocol::Json11 { target_prefix } => {
            out += "use crate::message::InputVisitor;\n";
            let _ = write!(
                out,
                "\n/// What stands before the point in `X-Amz-Target`.\npub const TARGET_PREFIX: &str = {target_prefix:?};\n"
            );
        }
        Protocol::Query { version, namespace } => {
            out += "use crate::query::InputVisitor;\n";
            let _ = write!(out, "\n/// The `Version` parameter of requests.\npub const VERSION: &str = {version:?};\n");
            let _ = write!(out, "\n/// The XML namespace of answers.\npub const NAMESPACE: &str = {namespace:?};\n");
        }
    }
    out += "\n/// An operation; its IAM action has the same name.\n#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]\npub enum Operation {\n";
    for operation in &service.operations {
        let _ = writeln!(out, "    /// `{0}`\n    {0},", operation.name);
    }
    let _ = write!(
        out,
        "}}\n\nimpl Operation {{\n    /// All operations.\n    pub const ALL: [Self; {}] = [\n",
        service.operations.len()
    );
    for operation in &service.operations {
        let _ = writeln!(out, "        Self::{},", operation.name);
    }
    out += "    ];\n\n    /// The name on the wire.\n    pub const fn name(self) -> &'static str {\n        match self {\n";
    for operation in &service.operations {
        let _ = writeln!(out, "            Self::{0} => {0:?},", operation.name);
    }
    out += "        }\n    }\n\n    /// The operation with this name; case matters.\n    pub fn from_name(name: &str) -> Option<Self> {\n        match name {\n";
    for operation in &service.operations {
        let _ = writeln!(out, "            {0:?} => Some(Self::{0}),", operation.name);
    }
    out += "            _ => None,\n        }\n    }\n";
    emit_errors(&mut out, service);
    emit_visit(&mut out, service);
    out += "}\n\nimpl std::fmt::Display for Operation {\n    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {\n        f.write_str(self.name())\n    }\n}\n";
    out
}

fn emit_errors(out: &mut String, service: &Service) {
    *out += "\n    /// The errors the model declares for it, besides the common ones.\n    pub const fn declared_errors(self) -> &'static [ErrorCode] {\n        match self {\n";
    for operation in &service.operations {
        let errors: Vec<_> =
            operation.errors.iter().map(|name| format!("                ErrorCode::{},\n", variant(name))).collect();
        let errors = if errors.is_empty() { "&[]".to_owned() } else { format!("&[\n{}            ]", errors.concat()) };
        let _ = writeln!(out, "            Self::{} => {errors},", operation.name);
    }
    *out += "        }\n    }\n";
}

fn emit_visit(out: &mut String, service: &Service) {
    *out += "\n    /// Does something with its input type.\n";
    let _ = writeln!(
        out,
        "    pub fn visit_input<V: InputVisitor<Self>>(self, visitor: V) -> V::Value {{\n        match self {{"
    );
    for operation in &service.operations {
        let input = operation.input.as_deref().unwrap_or("()");
        let _ = writeln!(out, "            Self::{} => visitor.visit::<super::structures::{input}>(),", operation.name);
    }
    *out += "        }\n    }\n";
}
