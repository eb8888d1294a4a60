//! What a key of each type says of itself, its public half, and that it is the same key after a restart.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::ring::{CHINA, Key, bytes, create, kinds, ring};
use super::{agreement, encapsulation, encryption, macs, signing};
use crate::support::{
    ACCOUNT, HI, REGION, Refusal, Scene, assert_refused, aws_error, describe, encrypt, key_id_of, refusal,
};

/// Spec, bytes of the SubjectPublicKeyInfo, and its first bytes in hex: AlgorithmIdentifier and all lengths (RFC 3279,
/// 5480, 8410, 9881, 9935; GM/T 0006 for SM2), up to the key itself.
pub(super) const SPKI: [(&str, usize, &str); 15] = [
    ("RSA_2048", 294, "30820122300d06092a864886f70d01010105000382010f003082010a0282010100"),
    ("RSA_3072", 422, "308201a2300d06092a864886f70d01010105000382018f003082018a0282018100"),
    ("RSA_4096", 550, "30820222300d06092a864886f70d01010105000382020f003082020a0282020100"),
    ("ECC_NIST_P256", 91, "3059301306072a8648ce3d020106082a8648ce3d03010703420004"),
    ("ECC_NIST_P384", 120, "3076301006072a8648ce3d020106052b8104002203620004"),
    ("ECC_NIST_P521", 158, "30819b301006072a8648ce3d020106052b810400230381860004"),
    ("ECC_SECG_P256K1", 88, "3056301006072a8648ce3d020106052b8104000a03420004"),
    ("SM2", 91, "3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
    ("ECC_NIST_EDWARDS25519", 44, "302a300506032b6570032100"),
    ("ML_DSA_44", 1334, "30820532300b06096086480165030403110382052100"),
    ("ML_DSA_65", 1974, "308207b2300b0609608648016503040312038207a100"),
    ("ML_DSA_87", 2614, "30820a32300b060960864801650304031303820a2100"),
    ("ML_KEM_512", 822, "30820332300b06096086480165030404010382032100"),
    ("ML_KEM_768", 1206, "308204b2300b0609608648016503040402038204a100"),
    ("ML_KEM_1024", 1590, "30820632300b06096086480165030404030382062100"),
];

pub(super) fn without_public_half(spec: &str) -> bool {
    spec == "SYMMETRIC_DEFAULT" || spec.starts_with("HMAC_")
}

/// The specs that the deprecated member cannot name.
const WITHOUT_OLD_NAME: [&str; 7] =
    ["ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87", "ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"];

/// The member that lists the algorithms of a key, and they, from the tables of this folder.
fn algorithms(key: Key) -> (&'static str, Vec<&'static str>) {
    let (member, mut names): (_, Vec<_>) = match key.usage {
        "ENCRYPT_DECRYPT" => {
            let rows = encryption::ROWS.into_iter().filter(|row| row.spec == key.spec);
            ("EncryptionAlgorithms", rows.map(|row| row.algorithm).collect())
        }
        "SIGN_VERIFY" => {
            let rows = signing::ROWS.into_iter().filter(|row| row.specs.contains(&key.spec));
            ("SigningAlgorithms", rows.map(|row| row.algorithm).collect())
        }
        "GENERATE_VERIFY_MAC" => {
            let rows = macs::ROWS.into_iter().filter(|(spec, ..)| *spec == key.spec);
            ("MacAlgorithms", rows.map(|(_, algorithm, _)| algorithm).collect())
        }
        "KEY_AGREEMENT" => ("KeyAgreementAlgorithms", vec![agreement::ALGORITHM]),
        _ => ("EncapsulationAlgorithms", vec![encapsulation::ALGORITHM]),
    };
    names.sort_unstable();
    (member, names)
}

/// The object with its lists sorted: the order of algorithms is not documented.
fn sorted(object: &Value) -> Map<String, Value> {
    let mut object = object.as_object().unwrap().clone();
    for list in object.values_mut().filter_map(Value::as_array_mut) {
        list.sort_by_key(ToString::to_string);
    }
    object
}

#[tokio::test]
async fn a_key_says_what_it_is() {
    for key in ring().all() {
        let (member, names) = algorithms(key);
        let metadata = sorted(&describe(&ring().client(key), key.arn).await);
        assert_eq!((&metadata["KeySpec"], &metadata["KeyUsage"]), (&json!(key.spec), &json!(key.usage)));
        assert_eq!(metadata["KeyState"], "Enabled", "{key:?}");
        assert_eq!(metadata[member], json!(names), "{key:?}");
        let lists: Vec<_> = metadata.keys().filter(|name| name.ends_with("Algorithms")).collect();
        assert_eq!(lists, [member], "{key:?}");
        let old_name = (!WITHOUT_OLD_NAME.contains(&key.spec)).then(|| json!(key.spec));
        assert_eq!(metadata.get("CustomerMasterKeySpec"), old_name.as_ref(), "{key:?}");
        assert_eq!(metadata.contains_key("CurrentKeyMaterialId"), key.spec == "SYMMETRIC_DEFAULT", "{key:?}");
    }
}

#[tokio::test]
async fn public_halves_are_shown_in_the_standard_form() {
    for key in ring().all().filter(|key| !without_public_half(key.spec)) {
        let answer = sorted(&ring().call("GetPublicKey", key, json!({})).await);
        let (member, names) = algorithms(key);
        let mut expected = json!({
            "KeyId": key.arn, "PublicKey": answer["PublicKey"], "KeySpec": key.spec, "KeyUsage": key.usage,
            member: names,
        });
        if !WITHOUT_OLD_NAME.contains(&key.spec) {
            expected["CustomerMasterKeySpec"] = json!(key.spec);
        }
        assert_eq!(json!(answer), expected);
        let spki = bytes(&answer["PublicKey"]);
        let (_, len, head) = SPKI.into_iter().find(|(spec, ..)| *spec == key.spec).unwrap();
        assert_eq!(spki.len(), len, "{key:?}");
        let shown: String = spki.iter().take(head.len() / 2).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(shown, head, "{key:?}");
        if key.spec.starts_with("RSA") {
            assert!(spki.ends_with(&[2, 3, 1, 0, 1]), "{key:?}: the exponent 65537");
        }
        assert_eq!(ring().public_key(key).await, spki, "{key:?}");
    }
}

#[tokio::test]
async fn no_two_keys_are_the_same() {
    let keys = kinds().filter(|(spec, _)| !without_public_half(spec));
    let keys: BTreeSet<_> = keys
        .flat_map(|(spec, usage)| [ring().key(spec, usage), ring().other(spec, usage)])
        .map(|key| key.arn)
        .collect();
    let client = |arn: &str| ring().scene.world.client(ACCOUNT, if arn.contains(CHINA) { CHINA } else { REGION });
    let mut seen = BTreeSet::new();
    for arn in keys {
        let answer = client(arn).call("GetPublicKey", json!({"KeyId": arn})).await.unwrap();
        assert!(seen.insert(bytes(&answer["PublicKey"])), "{arn}");
    }
}

#[tokio::test]
async fn keys_without_public_half_have_none_to_show() {
    for region in [REGION, CHINA] {
        let keys = ring().all().filter(|key| without_public_half(key.spec) && key.region == region);
        let table = keys.map(|Key { arn, spec, .. }| {
            let text = format!("{arn} key spec is {spec} which is not valid for this operation.");
            refusal("GetPublicKey", json!({"KeyId": arn}), "UnsupportedOperationException", text)
        });
        assert_refused(&ring().scene, &ring().scene.world.client(ACCOUNT, region), table.collect()).await;
    }
}

#[tokio::test]
async fn public_halves_are_shown_without_a_grant() {
    for key in ring().all() {
        // Whatever the key is, the token comes first.
        let input = json!({"KeyId": key.arn, "GrantTokens": ["nobody gave this"]});
        let text = "The request contains a grant token that is not valid.";
        let table = vec![refusal("GetPublicKey", input, "InvalidGrantTokenException", text)];
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

/// Specs whose keys are made in no time.
fn quick_kinds() -> impl Iterator<Item = (&'static str, &'static str)> {
    kinds().filter(|(spec, _)| !spec.starts_with("RSA") && !without_public_half(spec))
}

#[tokio::test]
async fn public_halves_are_shown_of_disabled_keys_and_not_of_doomed_ones() {
    let scene = Scene::new().await;
    let client = scene.world.client(ACCOUNT, CHINA);
    let mut table: Vec<Refusal> = Vec::new();
    for (spec, usage) in quick_kinds() {
        let key = create(&client, json!({"KeySpec": spec, "KeyUsage": usage})).await;
        let input = json!({"KeyId": key});
        let shown = client.call("GetPublicKey", input.clone()).await.unwrap();
        client.call("DisableKey", input.clone()).await.unwrap();
        assert_eq!(client.call("GetPublicKey", input.clone()).await.unwrap(), shown, "{spec} {usage}");
        client.call("ScheduleKeyDeletion", input.clone()).await.unwrap();
        table.push(refusal("GetPublicKey", input, "KMSInvalidStateException", format!("{key} is pending deletion.")));
    }
    assert_refused(&scene, &client, table).await;
}

/// A use of the key that only the same key can undo, and the undoing; each is an operation and its input.
async fn make_and_undo(key: Key, call: impl AsyncFn(&str, Value) -> Value, undo: impl AsyncFn(&str, Value) -> Value) {
    match key.usage {
        "ENCRYPT_DECRYPT" => {
            let named = json!({"KeyId": key.arn, "EncryptionAlgorithm": algorithms(key).1[0], "Plaintext": HI});
            let mut named_again = named.clone();
            named_again["CiphertextBlob"] = call("Encrypt", named).await["CiphertextBlob"].clone();
            assert_eq!(undo("Decrypt", named_again).await["Plaintext"], HI, "{key:?}");
        }
        "SIGN_VERIFY" => {
            let mut input = json!({"KeyId": key.arn, "SigningAlgorithm": algorithms(key).1[0], "Message": HI});
            if key.spec == "ECC_NIST_EDWARDS25519" {
                input["SigningAlgorithm"] = json!("ED25519_SHA_512");
            }
            input["Signature"] = call("Sign", input.clone()).await["Signature"].clone();
            assert_eq!(undo("Verify", input).await["SignatureValid"], true, "{key:?}");
        }
        "GENERATE_VERIFY_MAC" => {
            let mut input = json!({"KeyId": key.arn, "MacAlgorithm": algorithms(key).1[0], "Message": HI});
            input["Mac"] = call("GenerateMac", input.clone()).await["Mac"].clone();
            assert_eq!(undo("VerifyMac", input).await["MacValid"], true, "{key:?}");
        }
        "KEY_AGREEMENT" => {
            let other = ring().other(key.spec, key.usage);
            let mut input = json!({"KeyId": key.arn, "KeyAgreementAlgorithm": "ECDH"});
            input["PublicKey"] = call("GetPublicKey", json!({"KeyId": other.arn})).await["PublicKey"].clone();
            let secret = call("DeriveSharedSecret", input.clone()).await["SharedSecret"].clone();
            assert_eq!(undo("DeriveSharedSecret", input).await["SharedSecret"], secret, "{key:?}");
        }
        _ => {
            let input = json!({"KeyId": key.arn, "EncapsulationAlgorithm": "ML_KEM"});
            let made = call("Encapsulate", input.clone()).await;
            let mut input = input;
            input["SharedSecretCiphertextBlob"] = made["SharedSecretCiphertextBlob"].clone();
            assert_eq!(undo("Decapsulate", input).await["SharedSecret"], made["SharedSecret"], "{key:?}");
        }
    }
}

#[tokio::test]
async fn a_restart_changes_no_key() {
    let (before, after) = (&ring().scene.world, ring().scene.world.restarted().await);
    for key in ring().all() {
        let (old, new) = (before.client(ACCOUNT, key.region), after.client(ACCOUNT, key.region));
        assert_eq!(describe(&old, key.arn).await, describe(&new, key.arn).await);
        let old = async |operation: &str, input| old.call(operation, input).await.unwrap();
        let new = async |operation: &str, input| new.call(operation, input).await.unwrap();
        make_and_undo(key, old, new).await;
        make_and_undo(key, new, old).await;
        if !without_public_half(key.spec) {
            let input = json!({"KeyId": key.arn});
            assert_eq!(old("GetPublicKey", input.clone()).await, new("GetPublicKey", input).await);
        }
    }
}

/// AES everywhere but in China, where it is SM4: the fifth byte of a blob tells.
#[tokio::test]
async fn symmetric_keys_of_china_are_of_sm4() {
    for (region, algorithm) in [(REGION, 1), ("us-gov-west-1", 1), (CHINA, 2), ("cn-northwest-1", 2)] {
        let scene = Scene::new().await;
        let client = scene.world.client(ACCOUNT, region);
        let key = create(&client, json!({})).await;
        let blob = encrypt(&client, &key, HI).await;
        let data_key = json!({"KeyId": key, "KeySpec": "AES_256"});
        let data_key = client.call("GenerateDataKey", data_key).await.unwrap();
        for blob in [bytes(&json!(blob)), bytes(&data_key["CiphertextBlob"])] {
            assert_eq!(&blob[..5], [b"KBN\x01".as_slice(), &[algorithm]].concat(), "{region}");
        }
        let opened = client.call("Decrypt", json!({"CiphertextBlob": blob})).await.unwrap();
        assert_eq!(opened["Plaintext"], HI, "{region}");
        assert_eq!(opened["EncryptionAlgorithm"], "SYMMETRIC_DEFAULT", "{region}");
        // The other cipher does not open it: the byte is no more than a name.
        let renamed =
            bytes(&json!(blob)).into_iter().enumerate().map(|(at, byte)| if at == 4 { 3 - byte } else { byte });
        let input = json!({"CiphertextBlob": crate::support::base64(&renamed.collect::<Vec<_>>())});
        assert_eq!(client.call("Decrypt", input).await, Err(aws_error("InvalidCiphertextException", "")), "{region}");
    }
}

#[tokio::test]
async fn blobs_of_china_are_opened_in_their_region_only() {
    let (aes, sm4) = (ring().symmetric(REGION), ring().symmetric(CHINA));
    for (here, there) in [(aes, sm4), (sm4, aes)] {
        let blob = encrypt(&ring().client(here), here.arn, HI).await;
        let hidden = "The ciphertext refers to a customer master key that does not exist, does not exist in this \
                      region, or you are not allowed to access.";
        let other = "The key ID in the request does not identify a CMK that can perform this operation.";
        let elsewhere = format!("Key 'arn:aws{}", if there.region == CHINA { "-cn" } else { "" });
        let table = vec![
            refusal("Decrypt", json!({"CiphertextBlob": blob}), "AccessDeniedException", hidden),
            refusal("Decrypt", json!({"CiphertextBlob": blob, "KeyId": there.arn}), "IncorrectKeyException", other),
            refusal(
                "ReEncrypt",
                json!({"CiphertextBlob": blob, "DestinationKeyId": there.arn}),
                "AccessDeniedException",
                hidden,
            ),
            refusal(
                "Decrypt",
                json!({"CiphertextBlob": blob, "KeyId": key_id_of(here.arn)}),
                "NotFoundException",
                format!("{elsewhere}:kms:{}:{ACCOUNT}:key/{}' does not exist", there.region, key_id_of(here.arn)),
            ),
        ];
        assert_refused(&ring().scene, &ring().client(there), table).await;
    }
}

#[tokio::test]
async fn sm2_is_made_in_china_only() {
    let scene = Scene::new().await;
    for region in ["us-east-1", "eu-central-1", "ap-east-1", "us-gov-east-1", "us-iso-east-1"] {
        let client = scene.world.client(ACCOUNT, region);
        let wrapping = create(&client, json!({})).await;
        let mut table = Vec::new();
        for (spec, usage) in kinds().filter(|(spec, _)| *spec == "SM2") {
            let text = format!("KeySpec SM2 is not supported in Region {region}.");
            for member in ["KeySpec", "CustomerMasterKeySpec"] {
                let input = json!({member: spec, "KeyUsage": usage});
                table.push(refusal("CreateKey", input, "UnsupportedOperationException", &*text));
            }
        }
        let text = format!("KeyPairSpec SM2 is not supported in Region {region}.");
        for operation in ["GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"] {
            let input = json!({"KeyId": wrapping, "KeyPairSpec": "SM2"});
            table.push(refusal(operation, input, "UnsupportedOperationException", &*text));
        }
        assert_refused(&scene, &client, table).await;
    }
    for region in [CHINA, "cn-northwest-1"] {
        let client = scene.world.client(ACCOUNT, region);
        for (spec, usage) in kinds().filter(|(spec, _)| *spec == "SM2") {
            create(&client, json!({"KeySpec": spec, "KeyUsage": usage})).await;
        }
    }
}
