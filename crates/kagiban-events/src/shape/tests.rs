//! What records become, field by field.

use kagiban_audit::{Record, RecordKind};
use kagiban_base::time::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::Pattern;
use crate::pattern::Prefilter;

const KEY: &str = "arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn call() -> Record<'static> {
    Record {
        time: Timestamp::from_unix_ms(1_787_353_303_123),
        kind: RecordKind::ApiCall,
        read_only: true,
        number: "8a5e1d5c-6a0b-4f0e-9c3b-1f2e3d4c5b6a".parse().unwrap(),
        account: "111122223333".parse().unwrap(),
        other_account: Some("444455556666".parse().unwrap()),
        region: "eu-central-1",
        event_source: "kms.amazonaws.com",
        event_name: "Decrypt",
        identity: r#"{"type":"Root","principalId":"111122223333"}"#,
        principal: "arn:aws:iam::111122223333:root",
        principal_id: "111122223333",
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        source_address: "127.0.0.1",
        user_agent: "",
        error_code: "",
        error_message: "",
        request_parameters: "",
        response_elements: "",
        additional_event_data: "",
        service_event_details: "",
        resources: KEY,
        tls: None,
    }
}

fn service_event(name: &'static str, details: &'static str) -> Record<'static> {
    let account = "444455556666".parse().unwrap();
    let (kind, identity) = (RecordKind::ServiceEvent, r#"{"accountId":"444455556666","invokedBy":"AWS Internal"}"#);
    let (address, service_event_details) = ("AWS Internal", details);
    Record {
        kind,
        account,
        other_account: None,
        event_name: name,
        identity,
        source_address: address,
        service_event_details,
        ..call()
    }
}

fn events(record: &Record<'_>) -> Vec<Value> {
    Shape::of(record).map(|shape| shape.event(record)).collect()
}

#[test]
fn a_call_makes_an_event_for_each_account() {
    let events = events(&call());
    let of = |name: &str| events.iter().map(|event| event[name].clone()).collect::<Vec<_>>();
    assert_eq!(of("account"), ["111122223333", "444455556666"]);
    assert_eq!(of("detail-type"), ["AWS API Call via CloudTrail", "AWS API Call via CloudTrail"]);
    assert_eq!(of("source"), ["aws.kms", "aws.kms"]);
    for event in &events {
        assert_eq!(event["version"], "0");
        assert_eq!(event["time"], "2026-08-21T23:01:43Z");
        assert_eq!(event["region"], "eu-central-1");
        assert_eq!(event["resources"], json!([]));
        assert_eq!(event["id"], event["detail"]["eventID"]);
        assert_eq!(event["detail"]["eventName"], "Decrypt");
        assert_eq!(event["detail"]["recipientAccountId"], event["account"]);
    }
    assert_ne!(events[0]["id"], events[1]["id"]);
}

#[test]
fn service_events_make_one_of_kms_and_one_of_cloudtrail() {
    let rotation = r#"{"keyId":"1234abcd-12ab-34cd-56ef-1234567890ab","rotationType":"ON_DEMAND","keyOrigin":"EXTERNAL",
        "previousKeyMaterialId":"aa","currentKeyMaterialId":"bb"}"#;
    let expiry = r#"{"keyId":"1234abcd-12ab-34cd-56ef-1234567890ab","keyMaterialId":"cc"}"#;
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    for (name, details, detail_type, detail) in [
        (
            "RotateKey",
            rotation,
            "KMS CMK Rotation",
            json!({ "key-id": id, "key-origin": "EXTERNAL", "rotation-type": "ON_DEMAND",
                "previous-key-material-id": "aa", "current-key-material-id": "bb" }),
        ),
        (
            "DeleteExpiredKeyMaterial",
            expiry,
            "KMS Imported Key Material Expiration",
            json!({ "key-id": id, "key-material-id": "cc" }),
        ),
        ("DeleteKey", "", "KMS CMK Deletion", json!({ "key-id": id })),
    ] {
        let made = events(&service_event(name, details));
        let [own, recorded] = &made[..] else { panic!("two events") };
        assert_eq!((&own["detail-type"], &own["detail"]), (&json!(detail_type), &detail));
        assert_eq!((&own["resources"], &own["account"]), (&json!([KEY]), &json!("444455556666")));
        assert_eq!(own["source"], "aws.kms");
        assert_eq!(recorded["detail-type"], "AWS Service Event via CloudTrail");
        assert_eq!(recorded["detail"]["eventName"], name);
        assert_ne!(own["id"], recorded["id"]);
    }
}

#[test]
fn what_else_happens_makes_one_event() {
    let synchronised = service_event("SynchronizeMultiRegionKey", "");
    let called = Record { kind: RecordKind::ApiCall, ..service_event("RotateKey", "") };
    let sign_in = Record { kind: RecordKind::ConsoleSignIn, event_source: "signin.amazonaws.com", ..called.clone() };
    let compliance = r#"{"configRuleName":"x","messageType":"ComplianceChangeNotification"}"#;
    let config = Record { event_source: CONFIG_SOURCE, ..service_event(COMPLIANCE_CHANGE, compliance) };
    for (record, detail_type, source) in [
        (synchronised, "AWS Service Event via CloudTrail", "aws.kms"),
        (called, "AWS API Call via CloudTrail", "aws.kms"),
        (sign_in, "AWS Console Sign In via CloudTrail", "aws.signin"),
        (config, "Config Rules Compliance Change", "aws.config"),
    ] {
        let made = events(&record);
        let [event] = &made[..] else { panic!("one event") };
        assert_eq!((&event["detail-type"], &event["source"]), (&json!(detail_type), &json!(source)));
    }
}

#[test]
fn an_event_keeps_its_number_when_it_is_made_again() {
    let record = service_event("RotateKey", "");
    assert_eq!(events(&record), events(&record));
}

/// What is told beforehand is what the event holds then: no pattern is kept from an event that it matches.
#[test]
fn the_prefilter_keeps_nothing_back_that_matches() {
    let denied =
        Record { error_code: "AccessDenied", error_message: "no", event_name: "ScheduleKeyDeletion", ..call() };
    let long = "x".repeat(80);
    let records = [
        call(),
        denied,
        service_event("DeleteKey", ""),
        Record { event_source: CONFIG_SOURCE, ..service_event(COMPLIANCE_CHANGE, "{\"eventName\":\"odd\"}") },
        Record { event_source: &long, ..call() },
    ];
    let patterns = [
        r#"{"source":["aws.kms"]}"#,
        r#"{"source":[{"anything-but":"aws.kms"}]}"#,
        r#"{"detail-type":[{"suffix":"CloudTrail"}]}"#,
        r#"{"account":["444455556666"]}"#,
        r#"{"region":[{"prefix":"us-"}]}"#,
        r#"{"detail":{"eventName":["Decrypt","ScheduleKeyDeletion"]}}"#,
        r#"{"detail":{"eventName":["odd"]}}"#,
        r#"{"detail":{"eventName":[{"exists":false}]}}"#,
        r#"{"detail":{"errorCode":[{"exists":false}]}}"#,
        r#"{"detail":{"errorCode":[{"exists":false}, "AccessDenied"]}}"#,
        r#"{"detail":{"errorMessage":[{"suffix":"o"}],"errorCode":["AccessDenied"]}}"#,
        r#"{"detail":{"sourceIPAddress":[{"cidr":"127.0.0.0/8"}]}}"#,
        r#"{"$or":[{"source":["aws.config"]},{"detail":{"errorCode":[{"exists":true}]}}]}"#,
        r#"{"detail":{"eventSource":[{"prefix":"x"}]}}"#,
        r#"{"detail":{"key-id":[{"exists":true}]}}"#,
    ];
    let (mut matched, mut kept_back) = (0, 0);
    for text in patterns {
        let pattern = Pattern::parse(text).unwrap();
        let prefilter = Prefilter::of(&pattern);
        for record in &records {
            for shape in Shape::of(record) {
                let matches = pattern.matches(&shape.event(record));
                let may_match = shape.with_hints(record, |hints| prefilter.may_match(hints));
                assert!(may_match || !matches, "{text} on {}", shape.event(record));
                matched += usize::from(matches);
                kept_back += usize::from(!may_match);
            }
        }
    }
    assert!(matched > 20 && kept_back > 20, "{matched} {kept_back}");
}
