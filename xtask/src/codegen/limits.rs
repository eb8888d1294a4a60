//! The limits of all shapes that inputs are made of, as constants that the codec passes to the reader.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::ir::{Range, Service, Shape};
use super::names::constant;
use super::{CodegenError, Patterns};

/// One constant for each string, blob, number and list.
pub(super) fn emit(service: &Service, patterns: &Patterns) -> Result<String, CodegenError> {
    let mut out = String::new();
    let mut taken = BTreeSet::new();
    for name in limited_shapes(service) {
        let Some(limits) = limits_text(service.shape(name), patterns)? else { continue };
        let constant = constant(name);
        let _ = writeln!(out, "pub(super) const {constant}: {limits};");
        if !taken.insert(constant) {
            let problem = "has limits of the same name as another's";
            return Err(CodegenError::Shape { shape: name.to_owned(), problem });
        }
    }
    let patterns = if out.contains("pattern::") { "use crate::pattern::{self, Pattern};\n" } else { "" };
    Ok(format!("{patterns}use crate::validate::{{Range, TextLimits}};\n\n{out}"))
}

/// Type and value of the constant; `None` for what has no limits.
fn limits_text(shape: &Shape, patterns: &Patterns) -> Result<Option<String>, CodegenError> {
    let text = match shape {
        Shape::Blob { length: range, .. }
        | Shape::Integer { range }
        | Shape::List { size: range, .. }
        | Shape::Long { range } => format!("Range = {}", range_text(*range)),
        Shape::String { length, pattern, .. } => {
            let (length, pattern) = (range_text(*length), pattern_text(pattern.as_deref(), patterns)?);
            format!("TextLimits = TextLimits {{ length: {length}, pattern: {pattern} }}")
        }
        Shape::Boolean | Shape::Enum { .. } | Shape::Map { .. } | Shape::Structure { .. } | Shape::Timestamp => {
            return Ok(None);
        }
    };
    Ok(Some(text))
}

/// What inputs hold as members and list elements. A map's keys and values are left out: a codec that reads limited ones
/// will need their limits in another form.
fn limited_shapes(service: &Service) -> BTreeSet<&str> {
    let inside = |name: &'_ str| match service.shape(name) {
        Shape::Map { .. } => Vec::new(),
        shape => shape.parts(),
    };
    service.input_shapes().into_iter().flat_map(inside).collect()
}

fn range_text(range: Range) -> String {
    format!("Range {{ min: {:?}, max: {:?} }}", range.min, range.max)
}

fn pattern_text(pattern: Option<&str>, patterns: &Patterns) -> Result<String, CodegenError> {
    let Some(pattern) = pattern else { return Ok("None".to_owned()) };
    let function = patterns.get(pattern).ok_or_else(|| CodegenError::UnknownPattern(pattern.to_owned()))?;
    Ok(format!("Some(Pattern {{ text: {pattern:?}, matches: pattern::{function} }})"))
}
