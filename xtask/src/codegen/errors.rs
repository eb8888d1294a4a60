//! The enum of error codes: those of the model, and those that any operation may give.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::CommonErrors;
use super::ir::Service;
use super::names::variant;

/// All error codes with name and status, in the order of their names.
pub(super) fn emit(service: &Service, common: &CommonErrors) -> String {
    let modelled = service.errors.iter().map(|error| (error.name.as_str(), error.http_status));
    let common = common.iter().map(|(name, status)| (name.as_str(), *status));
    let errors: BTreeMap<&str, u16> = common.chain(modelled).collect();
    let mut out = String::from("/// An AWS error code: the errors of the model, and the common ones.\n");
    out += "#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]\npub enum ErrorCode {\n";
    for (name, status) in &errors {
        let _ = writeln!(out, "    /// `{name}`, HTTP status {status}\n    {},", variant(name));
    }
    let _ =
        write!(out, "}}\n\nimpl ErrorCode {{\n    /// All codes.\n    pub const ALL: [Self; {}] = [\n", errors.len());
    for name in errors.keys() {
        let _ = writeln!(out, "        Self::{},", variant(name));
    }
    out += "    ];\n\n    /// The name on the wire.\n    pub const fn name(self) -> &'static str {\n        match self {\n";
    for name in errors.keys() {
        let _ = writeln!(out, "            Self::{} => {name:?},", variant(name));
    }
    out += "        }\n    }\n\n    /// The HTTP status it is sent with.\n    pub const fn http_status(self) -> u16 {\n        match self {\n";
    emit_statuses(&mut out, &errors);
    out + "        }\n    }\n}\n"
}

fn emit_statuses(out: &mut String, errors: &BTreeMap<&str, u16>) {
    let mut by_status: BTreeMap<u16, Vec<String>> = BTreeMap::new();
    for (name, status) in errors {
        by_status.entry(*status).or_default().push(format!("Self::{}", variant(name)));
    }
    for (status, names) in by_status {
        let _ = writeln!(out, "            {} => {status},", names.join("\n            | "));
    }
}
