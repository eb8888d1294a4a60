//! Limits of the shapes that inputs are made of. Generated from `model/sts.json` by `cargo run -p xtask -- codegen`; not to be edited.

use crate::pattern::{self, Pattern};
use crate::validate::{Range, TextLimits};

pub(super) const PROVIDED_CONTEXTS_LIST_TYPE: Range = Range { min: Some(1), max: Some(5) };
pub(super) const ACCESS_KEY_ID_TYPE: TextLimits = TextLimits { length: Range { min: Some(16), max: Some(128) }, pattern: Some(Pattern { text: "[\\w]*", matches: pattern::word_or_empty }) };
pub(super) const ARN_TYPE: TextLimits = TextLimits { length: Range { min: Some(20), max: Some(2048) }, pattern: Some(Pattern { text: "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u0085\\u00A0-\\uD7FF\\uE000-\\uFFFD\\u10000-\\u10FFFF]+", matches: pattern::any_arn }) };
pub(super) const CLIENT_TOKEN_TYPE: TextLimits = TextLimits { length: Range { min: Some(4), max: Some(20000) }, pattern: None };
pub(super) const CONTEXT_ASSERTION_TYPE: TextLimits = TextLimits { length: Range { min: Some(4), max: Some(2048) }, pattern: None };
pub(super) const DURATION_SECONDS_TYPE: Range = Range { min: Some(900), max: Some(129600) };
pub(super) const EXTERNAL_ID_TYPE: TextLimits = TextLimits { length: Range { min: Some(2), max: Some(1224) }, pattern: Some(Pattern { text: "[\\w+=,.@:\\/-]*", matches: pattern::external_id }) };
pub(super) const POLICY_DESCRIPTOR_LIST_TYPE: Range = Range { min: None, max: None };
pub(super) const ROLE_DURATION_SECONDS_TYPE: Range = Range { min: Some(900), max: Some(43200) };
pub(super) const ROLE_SESSION_NAME_TYPE: TextLimits = TextLimits { length: Range { min: Some(2), max: Some(64) }, pattern: Some(Pattern { text: "[\\w+=,.@-]*", matches: pattern::identity_name_or_empty }) };
pub(super) const SERIAL_NUMBER_TYPE: TextLimits = TextLimits { length: Range { min: Some(9), max: Some(256) }, pattern: Some(Pattern { text: "[\\w+=/:,.@-]*", matches: pattern::serial_number_or_empty }) };
pub(super) const SESSION_POLICY_DOCUMENT_TYPE: TextLimits = TextLimits { length: Range { min: Some(1), max: Some(2048) }, pattern: Some(Pattern { text: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", matches: pattern::latin_with_breaks }) };
pub(super) const SOURCE_IDENTITY_TYPE: TextLimits = TextLimits { length: Range { min: Some(2), max: Some(64) }, pattern: Some(Pattern { text: "[\\w+=,.@-]*", matches: pattern::identity_name_or_empty }) };
pub(super) const TAG_KEY_LIST_TYPE: Range = Range { min: None, max: Some(50) };
pub(super) const TAG_KEY_TYPE: TextLimits = TextLimits { length: Range { min: Some(1), max: Some(128) }, pattern: Some(Pattern { text: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+", matches: pattern::tag_key }) };
pub(super) const TAG_LIST_TYPE: Range = Range { min: None, max: Some(50) };
pub(super) const TAG_VALUE_TYPE: TextLimits = TextLimits { length: Range { min: Some(0), max: Some(256) }, pattern: Some(Pattern { text: "[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", matches: pattern::tag_value }) };
pub(super) const TOKEN_CODE_TYPE: TextLimits = TextLimits { length: Range { min: Some(6), max: Some(6) }, pattern: Some(Pattern { text: "[\\d]*", matches: pattern::digits_or_empty }) };
pub(super) const UNRESTRICTED_SESSION_POLICY_DOCUMENT_TYPE: TextLimits = TextLimits { length: Range { min: Some(1), max: None }, pattern: Some(Pattern { text: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+", matches: pattern::latin_with_breaks }) };
pub(super) const URL_TYPE: TextLimits = TextLimits { length: Range { min: Some(4), max: Some(2048) }, pattern: None };
