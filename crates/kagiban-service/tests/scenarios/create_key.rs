//! CreateKey: what a new key is, what the request may say, and every parameter that is refused.

use kagiban_api::{KeySpec, KeyUsageType};
use serde_json::{Value, json};

use crate::support::{
    ACCOUNT, OTHER_ACCOUNT, REGION, Refusal, Scene, assert_refused, describe, refusal, text, texts_of, violation, with,
};

/// Noon of 2026-11-21, when worlds begin.
const NOON: i64 = 1_795_262_400;

#[tokio::test]
async fn a_new_keys_metadata_is_exactly_this() {
    for (region, partition) in [(REGION, "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")] {
        let scene = Scene::new().await;
        let client = scene.world.client(ACCOUNT, region);
        let answer = client.call("CreateKey", json!({})).await.unwrap();
        let key_id = text(&answer["KeyMetadata"]["KeyId"]);
        let material_id = text(&answer["KeyMetadata"]["CurrentKeyMaterialId"]);
        let expected = json!({"KeyMetadata": {
            "AWSAccountId": ACCOUNT,
            "KeyId": key_id,
            "Arn": format!("arn:{partition}:kms:{region}:{ACCOUNT}:key/{key_id}"),
            "CreationDate": NOON,
            "Enabled": true,
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": "Enabled",
            "Origin": "AWS_KMS",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": false,
            "CurrentKeyMaterialId": material_id,
        }});
        assert_eq!(answer, expected);
        assert_eq!(key_id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{key_id}");
        assert_eq!(key_id.chars().nth(14), Some('4'), "a version 4 UUID");
        assert_eq!(material_id.len(), 64);
        assert!(material_id.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{material_id}");
        // DescribeKey says the same.
        assert_eq!(client.call("DescribeKey", json!({"KeyId": key_id})).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_creation_date_is_the_clocks_to_the_millisecond() {
    let scene = Scene::new().await;
    for (ms, date) in [(0, json!(NOON)), (7, json!(1_795_262_400.007)), (1_493, json!(1_795_262_401.5))] {
        scene.world.clock.move_by_ms(ms);
        let answer = scene.client().call("CreateKey", json!({})).await.unwrap();
        assert_eq!(answer["KeyMetadata"]["CreationDate"], date);
    }
}

/// Ways to say what is the default anyway.
#[tokio::test]
async fn the_defaults_can_be_spelt_out() {
    let scene = Scene::new().await;
    let client = scene.client();
    for input in [
        json!({"KeySpec": "SYMMETRIC_DEFAULT"}),
        json!({"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}),
        json!({"KeyUsage": "ENCRYPT_DECRYPT"}),
        json!({"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}),
        json!({"Origin": "AWS_KMS", "MultiRegion": false, "BypassPolicyLockoutSafetyCheck": true, "Tags": []}),
        json!({"Description": ""}),
        json!({"KeySpec": null, "KeyUsage": null, "Origin": null, "Tags": null, "Policy": null, "XksKeyId": null}),
        json!({"SomethingOfTomorrow": {"nested": [1, "two", null]}}),
    ] {
        let answer = client.call("CreateKey", input.clone()).await.unwrap();
        let mut metadata = answer["KeyMetadata"].clone();
        for (member, value) in [("KeyId", ""), ("Arn", ""), ("CurrentKeyMaterialId", "")] {
            metadata[member] = json!(value);
        }
        let plain = json!({
            "AWSAccountId": ACCOUNT, "KeyId": "", "Arn": "", "CreationDate": NOON, "Enabled": true, "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": false, "CurrentKeyMaterialId": "",
        });
        assert_eq!(metadata, plain, "{input}");
    }
}

#[tokio::test]
async fn descriptions_are_kept_letter_by_letter() {
    let scene = Scene::new().await;
    let client = scene.client();
    let longest = "d".repeat(8192);
    for description in ["", " ", "two\nlines \"quoted\" \\", "schlüssel 鍵 🔑", "\u{0}\u{1f}\u{7f}", &longest] {
        let answer = client.call("CreateKey", json!({"Description": description})).await.unwrap();
        let key = text(&answer["KeyMetadata"]["Arn"]);
        assert_eq!(answer["KeyMetadata"]["Description"], description);
        client.call("UpdateKeyDescription", json!({"KeyId": key, "Description": "other"})).await.unwrap();
        assert_eq!(describe(&client, &key).await["Description"], "other");
        client.call("UpdateKeyDescription", json!({"KeyId": key, "Description": description})).await.unwrap();
        assert_eq!(describe(&client, &key).await["Description"], description);
    }
}

#[tokio::test]
async fn tags_of_the_request_are_the_keys_tags() {
    let scene = Scene::new().await;
    let client = scene.client();
    let tags = json!([{"TagKey": "b", "TagValue": ""}, {"TagKey": "a", "TagValue": "1"}]);
    let answer = client.call("CreateKey", json!({"Tags": tags})).await.unwrap();
    let listed = client.call("ListResourceTags", json!({"KeyId": answer["KeyMetadata"]["KeyId"]})).await.unwrap();
    assert_eq!(
        listed,
        json!({"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "b", "TagValue": ""}], "Truncated": false})
    );
    let fifty: Vec<Value> = (0..50).map(|n| json!({"TagKey": format!("{n:02}"), "TagValue": "v"})).collect();
    let answer = client.call("CreateKey", json!({"Tags": fifty})).await.unwrap();
    let listed = client.call("ListResourceTags", json!({"KeyId": answer["KeyMetadata"]["KeyId"]})).await.unwrap();
    assert_eq!(listed["Tags"], json!(fifty));
}

/// What a key of a spec can be made for, and the algorithms it then has.
type Row = (&'static [&'static str], &'static str, &'static str, &'static [&'static str]);

const PSS_AND_PKCS1: &[&str] = &[
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
];
const RSA: &[&str] = &["RSA_2048", "RSA_3072", "RSA_4096"];
const ML_DSA: &[&str] = &["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"];
const ML_KEM: &[&str] = &["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"];
const NIST_CURVES: &[&str] = &["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"];

/// The table of key types: specs, usage, the member of the metadata that lists algorithms, the algorithms.
const KEY_TYPES: [Row; 18] = [
    (&["SYMMETRIC_DEFAULT"], "ENCRYPT_DECRYPT", "EncryptionAlgorithms", &["SYMMETRIC_DEFAULT"]),
    (&["HMAC_224"], "GENERATE_VERIFY_MAC", "MacAlgorithms", &["HMAC_SHA_224"]),
    (&["HMAC_256"], "GENERATE_VERIFY_MAC", "MacAlgorithms", &["HMAC_SHA_256"]),
    (&["HMAC_384"], "GENERATE_VERIFY_MAC", "MacAlgorithms", &["HMAC_SHA_384"]),
    (&["HMAC_512"], "GENERATE_VERIFY_MAC", "MacAlgorithms", &["HMAC_SHA_512"]),
    (RSA, "ENCRYPT_DECRYPT", "EncryptionAlgorithms", &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]),
    (RSA, "SIGN_VERIFY", "SigningAlgorithms", PSS_AND_PKCS1),
    (&["ECC_NIST_P256"], "SIGN_VERIFY", "SigningAlgorithms", &["ECDSA_SHA_256"]),
    (&["ECC_NIST_P384"], "SIGN_VERIFY", "SigningAlgorithms", &["ECDSA_SHA_384"]),
    (&["ECC_NIST_P521"], "SIGN_VERIFY", "SigningAlgorithms", &["ECDSA_SHA_512"]),
    (NIST_CURVES, "KEY_AGREEMENT", "KeyAgreementAlgorithms", &["ECDH"]),
    (&["ECC_SECG_P256K1"], "SIGN_VERIFY", "SigningAlgorithms", &["ECDSA_SHA_256"]),
    (&["ECC_NIST_EDWARDS25519"], "SIGN_VERIFY", "SigningAlgorithms", &["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
    (ML_DSA, "SIGN_VERIFY", "SigningAlgorithms", &["ML_DSA_SHAKE_256"]),
    (ML_KEM, "ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", &["ML_KEM"]),
    (&["SM2"], "ENCRYPT_DECRYPT", "EncryptionAlgorithms", &["SM2PKE"]),
    (&["SM2"], "SIGN_VERIFY", "SigningAlgorithms", &["SM2DSA"]),
    (&["SM2"], "KEY_AGREEMENT", "KeyAgreementAlgorithms", &["ECDH"]),
];

fn key_type(spec: &str, usage: &str) -> Option<&'static Row> {
    KEY_TYPES.iter().find(|(specs, of, ..)| specs.contains(&spec) && *of == usage)
}

/// The specs that the deprecated member knows.
fn has_old_name(spec: &str) -> bool {
    !ML_DSA.contains(&spec) && !ML_KEM.contains(&spec) && spec != "ECC_NIST_EDWARDS25519"
}

/// Metadata of a key that was just made with default properties but these; ids as they are in `metadata`.
fn expected(metadata: &Value, spec: &str, usage: &str, origin: &str) -> Value {
    let (_, _, member, algorithms) = key_type(spec, usage).unwrap();
    let has_material = origin == "AWS_KMS";
    let mut expected = json!({
        "AWSAccountId": ACCOUNT, "KeyId": metadata["KeyId"], "Arn": metadata["Arn"], "CreationDate": NOON,
        "Enabled": has_material, "Description": "", "KeyUsage": usage,
        "KeyState": if has_material { "Enabled" } else { "PendingImport" },
        "Origin": origin, "KeyManager": "CUSTOMER", "KeySpec": spec, *member: algorithms, "MultiRegion": false,
    });
    if has_old_name(spec) {
        expected["CustomerMasterKeySpec"] = json!(spec);
    }
    if has_material && spec == "SYMMETRIC_DEFAULT" {
        expected["CurrentKeyMaterialId"] = metadata["CurrentKeyMaterialId"].clone();
    }
    expected
}

#[tokio::test]
async fn every_spec_is_made_with_each_of_its_usages_and_no_other() {
    let scene = Scene::new().await;
    // In China, where all of them are.
    let client = scene.world.client(ACCOUNT, "cn-north-1");
    let mut refused = Vec::new();
    for spec in KeySpec::ALL.map(KeySpec::as_str) {
        for usage in KeyUsageType::ALL.map(KeyUsageType::as_str) {
            let input = json!({"KeySpec": spec, "KeyUsage": usage});
            if key_type(spec, usage).is_none() {
                let text = format!("KeyUsage {usage} is not compatible with KeySpec {spec}");
                refused.push(refusal(
                    "CreateKey",
                    with(&input, json!({"Origin": "EXTERNAL"})),
                    "ValidationException",
                    &*text,
                ));
                refused.push(refusal("CreateKey", input, "ValidationException", text));
                continue;
            }
            for origin in ["AWS_KMS", "EXTERNAL"] {
                let input = with(&input, json!({"Origin": origin}));
                // A large RSA key takes a second to make.
                if origin == "AWS_KMS" && matches!(spec, "RSA_3072" | "RSA_4096") {
                    continue;
                }
                let answer = client.call("CreateKey", input).await.unwrap();
                let metadata = &answer["KeyMetadata"];
                assert_eq!(*metadata, expected(metadata, spec, usage, origin));
                assert_eq!(describe(&client, &text(&metadata["Arn"])).await, *metadata);
            }
        }
        if spec != "SYMMETRIC_DEFAULT" {
            let text = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
            refused.push(refusal("CreateKey", json!({"KeySpec": spec}), "ValidationException", text));
        }
    }
    assert_refused(&scene, &client, refused).await;
}

fn refusals() -> Vec<Refusal> {
    let not_offered = |what: &str| format!("{what} is not offered by this version of Kagiban yet.");
    let unsupported = "UnsupportedOperationException";
    let invalid = "ValidationException";
    let no_store = "CustomKeyStoreNotFoundException";
    let create = |input, code, text: String| refusal("CreateKey", input, code, text);
    vec![
        create(
            json!({"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}),
            invalid,
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
             deprecated."
                .to_owned(),
        ),
        create(
            json!({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
            unsupported,
            "KeySpec SM2 is not supported in Region us-east-1.".to_owned(),
        ),
        create(
            json!({"CustomerMasterKeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}),
            unsupported,
            "KeySpec SM2 is not supported in Region us-east-1.".to_owned(),
        ),
        create(
            json!({"CustomerMasterKeySpec": "RSA_2048"}),
            invalid,
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.".to_owned(),
        ),
        create(json!({"Origin": "AWS_CLOUDHSM"}), unsupported, not_offered("Origin AWS_CLOUDHSM")),
        create(json!({"Origin": "EXTERNAL_KEY_STORE"}), unsupported, not_offered("Origin EXTERNAL_KEY_STORE")),
        create(
            json!({"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "k"}),
            unsupported,
            not_offered("Origin EXTERNAL_KEY_STORE"),
        ),
        create(
            json!({"XksKeyId": "k"}),
            invalid,
            "XksKeyId can be given only when Origin is EXTERNAL_KEY_STORE.".to_owned(),
        ),
        create(
            json!({"XksKeyId": "k", "Origin": "EXTERNAL"}),
            invalid,
            "XksKeyId can be given only when Origin is EXTERNAL_KEY_STORE.".to_owned(),
        ),
        create(json!({"CustomKeyStoreId": "cks-1"}), no_store, "Custom key store cks-1 does not exist.".to_owned()),
        create(
            json!({"CustomKeyStoreId": "cks-1", "Origin": "AWS_CLOUDHSM"}),
            no_store,
            "Custom key store cks-1 does not exist.".to_owned(),
        ),
    ]
}

#[tokio::test]
async fn parameters_that_cannot_be_met_are_refused_and_leave_nothing_behind() {
    let scene = Scene::new().await;
    let client = scene.client();
    let rows = scene.row_count().await;
    let table = refusals();
    // What is refused is refused whatever else the request says.
    let more = json!({"Description": "d", "Tags": [{"TagKey": "k", "TagValue": "v"}]});
    let with_more =
        table.iter().map(|row| refusal(row.operation, with(&row.input, more.clone()), row.code, &*row.message));
    let all = table.iter().map(|row| refusal(row.operation, row.input.clone(), row.code, &*row.message));
    assert_refused(&scene, &client, all.chain(with_more).collect()).await;
    assert_eq!(scene.row_count().await, rows);
    assert_eq!(client.call("ListKeys", json!({})).await.unwrap(), json!({"Keys": [], "Truncated": false}));
}

#[tokio::test]
async fn limits_of_the_model_are_reported_together() {
    let scene = Scene::new().await;
    let long = "d".repeat(8193);
    let shown = format!("{}...", "d".repeat(1024));
    let too_long = format!(
        "Value '{shown}' at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192"
    );
    let no_origin = "Value 'MOON' at 'origin' failed to satisfy constraint: Member must satisfy enum value set: \
                     [AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE]";
    let invalid = "ValidationException";
    let table = vec![
        refusal("CreateKey", json!({"Description": long}), invalid, violation(&too_long)),
        refusal("CreateKey", json!({"Origin": "MOON"}), invalid, violation(no_origin)),
        refusal(
            "CreateKey",
            json!({"Description": long, "Origin": "MOON"}),
            invalid,
            format!("2 validation errors detected: {too_long}; {no_origin}"),
        ),
        refusal(
            "CreateKey",
            json!({"Tags": [{"TagKey": "k"}]}),
            invalid,
            violation("Value null at 'tags.1.member.tagValue' failed to satisfy constraint: Member must not be null"),
        ),
    ];
    assert_refused(&scene, &scene.client(), table).await;
}

#[tokio::test]
async fn each_account_and_region_has_its_own_keys() {
    let scene = Scene::new().await;
    let places = [(ACCOUNT, REGION), (ACCOUNT, "eu-west-1"), (OTHER_ACCOUNT, REGION)];
    let mut keys = Vec::new();
    for (account, region) in places {
        let answer = scene.world.client(account, region).call("CreateKey", json!({})).await.unwrap();
        keys.push(text(&answer["KeyMetadata"]["Arn"]));
    }
    for ((account, region), key) in places.iter().zip(&keys) {
        let listed = scene.world.client(account, region).call("ListKeys", json!({})).await.unwrap();
        assert_eq!(texts_of(&listed["Keys"], "KeyArn"), std::slice::from_ref(key), "{account} {region}");
    }
}
