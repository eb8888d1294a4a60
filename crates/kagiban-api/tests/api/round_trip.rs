//! What is decoded and encoded again is the same request.

use kagiban_api::{GenerateRandomRequest, Input, ListKeysRequest, Operation, TagResourceRequest, decode};
use serde_json::Value;

use crate::model::{Model, full_body, recode};

#[test]
fn every_full_input_comes_back() {
    let model = Model::load();
    for operation in Operation::ALL {
        let body = full_body(&model, operation);
        let again = recode(operation, body.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&again).unwrap(), body, "{operation}");
    }
}

#[test]
fn inputs_know_their_operation() {
    assert_eq!(ListKeysRequest::OPERATION, Operation::ListKeys);
    const { assert!(kagiban_api::EncryptRequest::HOLDS_SECRETS && !GenerateRandomRequest::HOLDS_SECRETS) };
}

#[test]
fn members_land_in_their_fields() {
    let body = br#"{"KeyId":"k","Tags":[{"TagKey":"a","TagValue":""},{"TagValue":"\u00e9","TagKey":"\ud83d\udd11"}]}"#;
    let input: TagResourceRequest = decode(body).unwrap();
    let tags: Vec<_> = input.tags.iter().map(|tag| (tag.tag_key.as_str(), tag.tag_value.as_str())).collect();
    assert_eq!((input.key_id.as_str(), tags), ("k", vec![("a", ""), ("🔑", "é")]));
}
