//! Any text as each of the identifiers and dates.
//!
//! Property: nothing panics; what is taken prints as exactly the text it was read from (so no two texts name the same
//! thing), is within its length, and survives its byte form.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use kagiban_base::arn::{AliasArn, KeyArn};
use kagiban_base::id::{AccessKeyId, AccountId, AliasName, KeyId, KeyMaterialId, Partition, Region};
use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::DomainKeyId;
use libfuzzer_sys::fuzz_target;

fn check<T: Display + FromStr>(text: &str, len_max: usize) -> Option<T> {
    let value: T = text.parse().ok()?;
    assert_eq!(value.to_string(), text);
    assert!(text.len() <= len_max && text.bytes().all(|byte| byte.is_ascii_graphic()));
    Some(value)
}

fuzz_target!(|text: &str| {
    check::<AccessKeyId>(text, 128);
    check::<AccountId>(text, 12);
    check::<AliasName>(text, 256);
    check::<DomainKeyId>(text, 32);
    if let Some(region) = check::<Region>(text, 32) {
        assert_eq!(Partition::parse(region.partition().as_str()), Some(region.partition()));
    }
    if let Some(id) = check::<KeyId>(text, 36) {
        assert_eq!(KeyId::from_parts(id.is_multi_region(), id.bytes()), id);
    }
    if let Some(id) = check::<KeyMaterialId>(text, 64) {
        assert_eq!(KeyMaterialId::from_bytes(*id.as_bytes()), id);
    }
    if let Some(arn) = check::<KeyArn>(text, 256) {
        assert!(text.ends_with(arn.key_id.as_str()) && text.contains(arn.region.as_str()));
    }
    if let Some(arn) = check::<AliasArn>(text, 512) {
        assert!(text.ends_with(arn.name.as_str()) && text.contains(arn.account.as_str()));
    }
    if let Some(at) = Timestamp::parse_basic_iso(text) {
        assert_eq!(at.to_basic_iso(), text);
    }
    if let Some(at) = Timestamp::parse_http_date(text) {
        let _ = (at.to_basic_iso(), at.to_rfc3339(), at.to_basic_day());
    }
});
