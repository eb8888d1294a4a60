//! Answers on the wire.

use std::collections::BTreeMap;

use kagiban_api::{
    CreateKeyResponse, DecryptResponse, DeleteCustomKeyStoreResponse, EncryptionAlgorithmSpec, GrantConstraints,
    GrantListEntry, KeyMetadata, KeyState, ListGrantsResponse, ListKeyPoliciesResponse, Output, encode,
};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

fn text<O: Output>(output: &O) -> String {
    let bytes = encode(output);
    assert_eq!(bytes.capacity(), bytes.len(), "the buffer was allocated once");
    String::from_utf8(bytes).unwrap()
}

#[test]
fn absent_members_are_left_out() {
    assert_eq!(text(&()), "");
    assert_eq!(text(&DeleteCustomKeyStoreResponse {}), "{}");
    assert_eq!(text(&DecryptResponse::default()), "{}");
}

#[test]
fn blobs_and_names_are_written() {
    let output = DecryptResponse {
        key_id: Some("k".to_owned()),
        plaintext: Some(SecretBytes::from_slice(&[0xFB, 0xFF, 0xFE, 0x00])),
        encryption_algorithm: Some(EncryptionAlgorithmSpec::SymmetricDefault),
        ..DecryptResponse::default()
    };
    let expected = r#"{"KeyId":"k","Plaintext":"+//+AA==","EncryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#;
    assert_eq!(text(&output), expected);
    const { assert!(DecryptResponse::HOLDS_SECRETS && !CreateKeyResponse::HOLDS_SECRETS) };
}

#[test]
fn blobs_of_every_length_are_padded() {
    for (len, expected) in [(1, "AA=="), (2, "AAA="), (3, "AAAA"), (4, "AAAAAA==")] {
        let output = DecryptResponse { plaintext: Some(SecretBytes::zeroed(len)), ..DecryptResponse::default() };
        assert_eq!(text(&output), format!(r#"{{"Plaintext":"{expected}"}}"#));
    }
}

#[test]
fn strings_are_escaped() {
    let all_special: String =
        (0..0x20).map(char::from).chain(['"', '\\', '/', '\u{7F}', 'é', '\u{2028}', '🔑']).collect();
    for name in ["", "plain and longer than a word", all_special.as_str(), "\"", "eight ch\"ars\\", "\u{1}"] {
        let output = ListKeyPoliciesResponse {
            policy_names: Some(vec![name.to_owned(), "x".to_owned()]),
            truncated: Some(false),
            ..ListKeyPoliciesResponse::default()
        };
        let value: serde_json::Value = serde_json::from_str(&text(&output)).unwrap();
        assert_eq!(value, serde_json::json!({"PolicyNames": [name, "x"], "Truncated": false}));
    }
}

#[test]
fn timestamps_are_epoch_seconds_with_milliseconds() {
    for (ms, expected) in [
        (0, "0"),
        (1_763_762_400_000, "1763762400"),
        (1_763_762_400_123, "1763762400.123"),
        (1_763_762_400_120, "1763762400.120"),
        (1_763_762_400_003, "1763762400.003"),
        (-1, "-0.001"),
        (-1500, "-1.500"),
        (i64::MIN, "-9223372036854775.808"),
        (i64::MAX, "9223372036854775.807"),
    ] {
        let metadata = KeyMetadata { creation_date: Some(Timestamp::from_unix_ms(ms)), ..KeyMetadata::default() };
        let output = CreateKeyResponse { key_metadata: Some(metadata) };
        assert_eq!(text(&output), format!(r#"{{"KeyMetadata":{{"KeyId":"","CreationDate":{expected}}}}}"#));
    }
}

#[test]
fn nested_structures_and_maps_are_written() {
    let context = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b\n".to_owned(), String::new())]);
    let constraints = GrantConstraints { encryption_context_equals: Some(context), ..GrantConstraints::default() };
    let entry = |constraints| GrantListEntry { constraints, ..GrantListEntry::default() };
    let output = ListGrantsResponse {
        grants: Some(vec![entry(Some(constraints)), entry(None)]),
        truncated: Some(true),
        ..ListGrantsResponse::default()
    };
    let expected = r#"{"Grants":[{"Constraints":{"EncryptionContextEquals":{"a":"1","b\n":""}}},{}],"Truncated":true}"#;
    assert_eq!(text(&output), expected);
}

#[test]
fn integers_and_booleans_are_written() {
    let metadata = KeyMetadata {
        key_id: "k".to_owned(),
        enabled: Some(true),
        multi_region: Some(false),
        key_state: Some(KeyState::PendingDeletion),
        pending_deletion_window_in_days: Some(-30),
        ..KeyMetadata::default()
    };
    let expected = concat!(
        r#"{"KeyMetadata":{"KeyId":"k","Enabled":true,"KeyState":"PendingDeletion","MultiRegion":false,"#,
        r#""PendingDeletionWindowInDays":-30}}"#
    );
    assert_eq!(text(&CreateKeyResponse { key_metadata: Some(metadata) }), expected);
}
