//! Generates API types and codecs from service models: a model is loaded into a plain description of the service
//! ([`ir`]), from which each emitter writes one file.
//!
//! Nothing here knows a service by name: what is particular to one stands in its [`Target`] and in its model. Types do
//! not depend on the protocol; only the codec emitter does. Whatever an emitter cannot express is an error, so that no
//! limit of a model is dropped in silence.

mod audit;
mod errors;
mod ir;
mod json;
mod limits;
mod model;
mod names;
mod operations;
mod query;
#[cfg(test)]
mod tests;
mod types;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ir::{Protocol, Service};

/// One service: where its model is, and what its generated module is called.
struct Target {
    /// Module below `generated`, and stem of the model's file.
    module: &'static str,
    /// Folder of the crate, from the repository's root.
    crate_dir: &'static str,
    /// Stem of the file with the errors that every operation may give.
    common_errors: &'static str,
}

const TARGETS: &[Target] = &[
    Target { module: "cloudtrail", crate_dir: "crates/kagiban-api", common_errors: "common-errors" },
    Target { module: "iam", crate_dir: "crates/kagiban-api", common_errors: "common-query-errors" },
    Target { module: "kms", crate_dir: "crates/kagiban-api", common_errors: "common-errors" },
    Target { module: "sts", crate_dir: "crates/kagiban-api", common_errors: "common-query-errors" },
];

/// Why nothing, or something stale, was generated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodegenError {
    #[error("{path}: {source}")]
    File { path: PathBuf, source: std::io::Error },
    #[error("{path}: {source}")]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("shape {shape}: {problem}")]
    Shape { shape: String, problem: &'static str },
    #[error("operation {operation}: {problem}")]
    Operation { operation: String, problem: &'static str },
    #[error("the model's protocol `{0}` is not known")]
    UnknownProtocol(String),
    #[error("pattern {0:?} has no function in patterns.json")]
    UnknownPattern(String),
    #[error("stale: {}; run `cargo run -p xtask -- codegen`", .0.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "))]
    Stale(Vec<PathBuf>),
}

/// Function in `pattern.rs` by regular expression.
type Patterns = BTreeMap<String, String>;

/// HTTP status by name of the errors that every operation may give.
type CommonErrors = BTreeMap<String, u16>;

/// Writes all generated files.
pub(crate) fn write() -> Result<(), CodegenError> {
    for (path, text) in all_files()? {
        let at = |source| CodegenError::File { path: path.clone(), source };
        path.parent().map_or(Ok(()), fs::create_dir_all).map_err(at)?;
        fs::write(&path, text).map_err(at)?;
    }
    Ok(())
}

/// Compares all generated files with what would be written.
pub(crate) fn check() -> Result<(), CodegenError> {
    let is_stale = |(path, text): &(PathBuf, String)| fs::read_to_string(path).ok().as_ref() != Some(text);
    let stale: Vec<_> = all_files()?.into_iter().filter(is_stale).map(|(path, _)| path).collect();
    if stale.is_empty() { Ok(()) } else { Err(CodegenError::Stale(stale)) }
}

fn all_files() -> Result<Vec<(PathBuf, String)>, CodegenError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for target in TARGETS {
        files.extend(target_files(target, &root.join(target.crate_dir))?);
    }
    Ok(files)
}

fn target_files(target: &Target, crate_dir: &Path) -> Result<Vec<(PathBuf, String)>, CodegenError> {
    let model_dir = crate_dir.join("model");
    let service = model::load(&model_dir.join(target.module).with_extension("json"))?;
    let patterns: Patterns = model::read_json(&model_dir.join("patterns.json"))?;
    let common_errors: CommonErrors = model::read_json(&model_dir.join(target.common_errors).with_extension("json"))?;
    let shown: audit::Shown = model::read_json(&model_dir.join(format!("audit-{}.json", target.module)))?;
    let module_dir = crate_dir.join("src/generated").join(target.module);
    let parts = emit(&service, &patterns, &common_errors, &shown)?;
    let head = module_head(target, &parts);
    let part_file = |(name, text): (&str, String)| {
        let head = format!(
            "//! {} Generated from `model/{}.json` by `cargo run -p xtask -- codegen`; not to be edited.\n\n",
            title(name),
            target.module
        );
        (module_dir.join(name).with_extension("rs"), head + &text)
    };
    let mut files: Vec<_> = parts.into_iter().map(part_file).collect();
    files.push((module_dir.with_extension("rs"), head));
    Ok(files)
}

/// All files of a service by module name.
fn emit(
    service: &Service,
    patterns: &Patterns,
    common: &CommonErrors,
    shown: &audit::Shown,
) -> Result<Vec<(&'static str, String)>, CodegenError> {
    let codec = match &service.protocol {
        Protocol::Json11 { .. } => json::emit(service)?,
        Protocol::Query { .. } => query::emit(service)?,
    };
    let enums = service.has_enums().then(|| ("enums", types::emit_enums(service)));
    let others = [
        ("audit", audit::emit(service, shown)?),
        ("errors", errors::emit(service, common)),
        ("limits", limits::emit(service, patterns)?),
        ("operations", operations::emit(service)),
        ("structures", types::emit_structures(service)?),
    ];
    Ok([("codec", codec)].into_iter().chain(enums).chain(others).collect())
}

fn title(part: &str) -> &'static str {
    match part {
        "audit" => "What audit records show of inputs and outputs.",
        "codec" => "Reading inputs and writing structures.",
        "enums" => "Closed sets of names.",
        "errors" => "Error codes.",
        "limits" => "Limits of the shapes that inputs are made of.",
        "operations" => "Operations.",
        _ => "Inputs, outputs and the structures in them.",
    }
}

/// The module that holds a service's parts. Limits and codec are used by nobody else.
fn module_head(target: &Target, parts: &[(&str, String)]) -> String {
    let mut text = format!(
        "//! Generated from `model/{}.json` by `cargo run -p xtask -- codegen`; not to be edited.\n\n",
        target.module
    );
    for (name, _) in parts {
        text += &format!("mod {name};\n");
    }
    text.push('\n');
    for (name, _) in parts.iter().filter(|(name, _)| !["audit", "codec", "limits"].contains(name)) {
        text += &format!("pub use {name}::*;\n");
    }
    text
}
