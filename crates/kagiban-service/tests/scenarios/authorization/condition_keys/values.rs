//! Condition keys whose values have a shape of their own: measurements, dates, names in several cases, keys named in several
//! ways.

use kagiban_attestation::Platform;
use kagiban_testkit::World;
use serde_json::{Value, json};

use super::{Trusting, assert_conditions, probe};
use crate::authorization::cases::{policy, statement};
use crate::support::{ACCOUNT, HI, REGION, create_key, with};

/// The registers of an enclave and of a NitroTPM have names of their own.
#[tokio::test]
async fn measurements_of_one_platform_never_pass_for_those_of_the_other() {
    let trusting = Trusting::new().await;
    let key = |name: &str| format!("kms:RecipientAttestation:{name}");
    let (zero, four) = ("07".repeat(48), "ab".repeat(48));
    let (mut stage, actor) = probe(&trusting, "GenerateRandom", json!({})).await;
    for (platform, names, foreign) in [
        (
            Platform::NitroEnclave,
            [("PCR0", &zero), ("pcr4", &four), ("ImageSha384", &zero)],
            ["NitroTPMPCR0", "NitroTPMPCR4", "PCR5", "PCR32", "PCR", "PCR-1", "PCR256"],
        ),
        (
            Platform::NitroTpm,
            [("NitroTPMPCR0", &zero), ("NitroTPMPCR4", &four), ("nitrotpmpcr4", &four)],
            ["PCR0", "PCR4", "ImageSha384", "NitroTPMPCR5", "NitroTPMPCR24", "NitroTPM", "NitroTPMPCR"],
        ),
    ] {
        stage.input = with(&stage.input, json!({"Recipient": trusting.recipient(platform)}));
        for (name, value) in names {
            let table = [
                (json!({"StringEquals": {key(name): value}}), true),
                (json!({"StringEqualsIgnoreCase": {key(name): value.to_uppercase()}}), true),
                (json!({"StringEquals": {key(name): value.to_uppercase()}}), value == &zero),
                (json!({"StringEquals": {key(name): &value[2..]}}), false),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
        for name in foreign {
            let table = [
                (json!({"StringLike": {key(name): "*"}}), false),
                (json!({"Null": {key(name): "true"}}), true),
                (json!({"StringNotEquals": {key(name): zero}}), true),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
    }
}

/// Dates and numbers that ValidTo is compared as.
#[tokio::test]
async fn the_expiry_of_imported_material_is_a_date_and_a_number() {
    let trusting = Trusting::new().await;
    let (stage, actor) = probe(&trusting, "ImportKeyMaterial", json!({"ValidTo": 1_800_000_000})).await;
    let table = [
        (json!({"NumericEquals": {"kms:ValidTo": "1800000000"}}), true),
        (json!({"DateEquals": {"kms:ValidTo": "2027-01-15T08:00:00Z"}}), true),
        (json!({"DateLessThan": {"kms:ValidTo": "2027-01-15T08:00:01Z"}}), true),
        (json!({"DateLessThan": {"kms:ValidTo": "2027-01-15T08:00:00Z"}}), false),
        (json!({"DateGreaterThan": {"kms:ValidTo": "1800000000"}}), false),
        (json!({"DateGreaterThan": {"kms:ValidTo": "1799999999"}}), true),
    ];
    assert_conditions(&stage, &actor, &table).await;
}

/// Names that differ in case only are one condition key with several values; neither may hide the other.
#[tokio::test]
async fn a_second_name_in_another_case_hides_nothing() {
    let pairs = |pairs: [(&str, &str); 2]| pairs.map(|(key, value)| json!({"TagKey": key, "TagValue": value}));
    for (operation, key, input) in [
        ("CreateKey", "aws:RequestTag", json!({"Tags": pairs([("team", "red"), ("Team", "blue")])})),
        ("CreateKey", "aws:RequestTag", json!({"Tags": pairs([("Team", "blue"), ("TEAM", "red")])})),
        ("CreateKey", "aws:ResourceTag", json!({"Tags": pairs([("team", "red"), ("Team", "blue")])})),
        ("Encrypt", "kms:EncryptionContext", json!({"EncryptionContext": {"team": "red", "Team": "blue"}})),
    ] {
        // Each in a world of its own: the account is always the same.
        let trusting = Trusting::new().await;
        let (stage, actor) = probe(&trusting, operation, input).await;
        let separator = if key.starts_with("kms:") { ':' } else { '/' };
        for name in ["team", "Team", "TEAM"] {
            let name = format!("{key}{separator}{name}");
            let table = [
                (json!({"Null": {&name: "false"}}), true),
                (json!({"StringEquals": {&name: "red"}}), false),
                (json!({"StringEquals": {&name: "blue"}}), false),
                (json!({"StringEquals": {&name: ["red", "blue"]}}), true),
                (json!({"StringNotEquals": {&name: "red"}}), false),
            ];
            assert_conditions(&stage, &actor, &table).await;
        }
    }
}

/// Operators decide about the case of values; names of keys have none.
#[tokio::test]
async fn names_of_keys_have_no_case_and_values_do() {
    let trusting = Trusting::new().await;
    let context = json!({"EncryptionContext": {"Team": "Red"}, "Plaintext": HI});
    let (stage, actor) = probe(&trusting, "Encrypt", context).await;
    let table = [
        (json!({"StringEquals": {"KMS:encryptioncontext:tEAM": "Red"}}), true),
        (json!({"StringEquals": {"kms:EncryptionContext:Team": "red"}}), false),
        (json!({"StringEqualsIgnoreCase": {"kms:EncryptionContext:Team": "red"}}), true),
        (json!({"StringEquals": {"kms:EncryptionContext:Tea": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext:Team2": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext": "Red"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext:": "Red"}}), false),
        (json!({"ForAnyValue:StringEquals": {"kms:encryptioncontextkeys": "Team"}}), true),
        (json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "team"}}), false),
    ];
    assert_conditions(&stage, &actor, &table).await;
}

/// ReEncrypt onto the key that the ciphertext is of, however that key is named.
#[tokio::test]
async fn re_encryption_on_the_same_key_is_seen_however_the_key_is_named() {
    let trusting = Trusting::new().await;
    let (mut stage, actor) = probe(&trusting, "ReEncrypt", json!({})).await;
    let (key, other) = (stage.asks[0].resource.clone(), stage.asks[1].resource.clone());
    let foreign = create_key(&trusting.world.client("444455556666", REGION)).await;
    let blob = stage.input["CiphertextBlob"].clone();
    for (source, destination, is_same) in [
        (json!(key), key.as_str(), true),
        (json!("alias/it"), &key, true),
        (json!(key), "alias/it", true),
        (Value::Null, "alias/it", true),
        (Value::Null, &key, true),
        (json!("alias/it"), "alias/other", false),
        (json!(key), &other, false),
        (Value::Null, "alias/other", false),
        (json!(key), &foreign, false),
    ] {
        stage.input = json!({"CiphertextBlob": blob, "SourceKeyId": source, "DestinationKeyId": destination});
        let allow = |truth: bool| {
            let mut allows = stage.allows();
            allows[0] = with(&allows[0], json!({"Condition": {"Bool": {"kms:ReEncryptOnSameKey": truth.to_string()}}}));
            policy(vec![allows[0].clone()])
        };
        for truth in [true, false] {
            actor.put_policy(&stage, &allow(truth)).await;
            let refused = stage.call(&actor.client).await.unwrap_err();
            let held = refused.message.contains("no permissions boundary allows");
            assert_eq!(held, truth == is_same, "{source} {destination}: {}", refused.message);
        }
    }
}

/// The alias by which a request names the key; none when it is named otherwise, though it has one.
#[tokio::test]
async fn an_alias_is_seen_when_the_request_says_it() {
    let trusting = Trusting::new().await;
    let (mut stage, actor) = probe(&trusting, "DescribeKey", json!({})).await;
    let key = stage.asks[0].resource.clone();
    let alias = key.split_once("key/").unwrap().0.to_owned() + "alias/it";
    let id = key.rsplit_once('/').unwrap().1.to_owned();
    for (identifier, said) in [("alias/it".to_owned(), true), (alias, true), (key, false), (id, false)] {
        stage.input = json!({"KeyId": identifier});
        let table = [
            (json!({"StringEquals": {"kms:RequestAlias": "alias/it"}}), said),
            (json!({"Null": {"kms:RequestAlias": "true"}}), !said),
            (json!({"StringEquals": {"kms:RequestAlias": "it"}}), false),
            (json!({"StringEquals": {"kms:RequestAlias": "alias/IT"}}), false),
            (json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/it"}}), true),
        ];
        assert_conditions(&stage, &actor, &table).await;
    }
}

/// A key of several values is for set operators. Without one, an Allow needs that all values fit.
#[tokio::test]
async fn several_values_are_not_one() {
    let trusting = Trusting::new().await;
    let context = json!({"EncryptionContext": {"a": "1", "b": "2"}});
    let (stage, actor) = probe(&trusting, "Encrypt", context).await;
    let keys = "kms:EncryptionContextKeys";
    let table = [
        (json!({"StringEquals": {keys: "a"}}), false),
        (json!({"StringEquals": {keys: ["a", "b"]}}), true),
        (json!({"StringNotEquals": {keys: "a"}}), false),
        (json!({"StringNotEquals": {keys: "c"}}), true),
        (json!({"ForAnyValue:StringEquals": {keys: "a"}}), true),
        (json!({"ForAllValues:StringEquals": {keys: "a"}}), false),
        (json!({"ForAllValues:StringEquals": {keys: ["a", "b", "c"]}}), true),
        (json!({"ForAllValues:StringNotEquals": {keys: ["c"]}}), true),
        (json!({"ForAnyValue:StringNotEquals": {keys: ["a"]}}), true),
    ];
    assert_conditions(&stage, &actor, &table).await;
    let without = with(&stage.input, json!({"EncryptionContext": {}}));
    let stage = crate::authorization::cases::Stage { input: without, ..stage };
    let table = [
        (json!({"Null": {keys: "true"}}), true),
        (json!({"ForAllValues:StringEquals": {keys: "a"}}), true),
        (json!({"ForAllValues:StringEquals": {keys: "a"}, "Null": {keys: "false"}}), false),
        (json!({"ForAnyValue:StringEquals": {keys: "a"}}), false),
        (json!({"StringEquals": {"kms:EncryptionContext:a": "1"}}), false),
        (json!({"StringEqualsIfExists": {"kms:EncryptionContext:a": "1"}}), true),
        (json!({"StringNotEquals": {"kms:EncryptionContext:a": "1"}}), true),
    ];
    assert_conditions(&stage, &actor, &table).await;
}

/// Keys that were used lately cannot be deleted, and what counts is the last use that succeeded.
#[tokio::test]
async fn the_days_without_use_are_counted_from_the_last_success() {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let world = World::new().await;
    let root = world.client(ACCOUNT, REGION);
    let unused_for = |days: &str| {
        policy(vec![
            statement("Allow", "kms:*", "*"),
            with(
                &statement("Deny", "kms:ScheduleKeyDeletion", "*"),
                json!({"Condition": {"NumericLessThan": {"kms:TrailingDaysWithoutKeyUsage": days}}}),
            ),
        ])
    };
    let alice = root.user("alice", &unused_for("90")).await;
    let made = root.call("CreateKey", json!({})).await.unwrap();
    let key = made["KeyMetadata"]["KeyId"].clone();
    let schedule = json!({"KeyId": key});
    world.clock.move_by_ms(89 * DAY_MS);
    assert!(alice.call("ScheduleKeyDeletion", schedule.clone()).await.is_err());
    let encrypted = root.call("Encrypt", json!({"KeyId": key, "Plaintext": "aGk="})).await.unwrap();
    world.clock.move_by_ms(DAY_MS);
    // Looking at a key, and using it in vain, is no use.
    root.call("DescribeKey", schedule.clone()).await.unwrap();
    let wrong = json!({"CiphertextBlob": encrypted["CiphertextBlob"], "EncryptionContext": {"a": "b"}});
    root.call("Decrypt", wrong).await.unwrap_err();
    assert!(alice.call("ScheduleKeyDeletion", schedule.clone()).await.is_err());
    // It is still known after a restart in order.
    world.service.key_use_writer().save().await.unwrap();
    let again = world.restarted().await;
    again.clock.move_by_ms(88 * DAY_MS);
    let alice = again.caller(
        (
            &alice.signer.access_key_id.to_string(),
            str::from_utf8(alice.signer.secret_access_key.expose()).unwrap(),
            None,
        ),
        REGION,
    );
    assert!(alice.call("ScheduleKeyDeletion", schedule.clone()).await.is_err());
    again.clock.move_by_ms(DAY_MS);
    alice.call("ScheduleKeyDeletion", schedule).await.unwrap();
}
