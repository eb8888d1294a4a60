//! Limits of the shapes that inputs are made of. Generated from `model/cloudtrail.json` by `cargo run -p xtask -- codegen`; not to be edited.

use crate::validate::{Range, TextLimits};

pub(super) const LOOKUP_ATTRIBUTE_VALUE: TextLimits = TextLimits { length: Range { min: Some(1), max: Some(2000) }, pattern: None };
pub(super) const LOOKUP_ATTRIBUTES_LIST: Range = Range { min: None, max: None };
pub(super) const MAX_RESULTS: Range = Range { min: None, max: None };
pub(super) const NEXT_TOKEN: TextLimits = TextLimits { length: Range { min: None, max: None }, pattern: None };
pub(super) const STRING: TextLimits = TextLimits { length: Range { min: None, max: None }, pattern: None };
pub(super) const TRAIL_NAME_LIST: Range = Range { min: None, max: None };
