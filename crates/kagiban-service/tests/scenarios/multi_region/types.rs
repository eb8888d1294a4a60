//! Keys of every type are replicated. The cases are made from the table of key specs, so that none is forgotten.

use kagiban_keycore::spec::{Family, KeySpec, KeyUsage};
use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::{SECOND, create, replicate, synchronise};
use crate::imports::{Parameters, encoded, material, scene, usual_way};
use crate::support::{HI, REGION, describe, fresh_accounts, key_id_of, text, with};

type Kind = (KeySpec, KeyUsage);

/// Where keys of a spec are made, and where they are replicated to: SM2 is offered in China only.
fn regions(spec: KeySpec) -> [&'static str; 2] {
    if spec.family() == Family::Sm2 { ["cn-north-1", "cn-northwest-1"] } else { [REGION, SECOND] }
}

/// A pair of operations, the input that they share, and the member that the first one's answer has for the second one.
fn pair_of(spec: KeySpec, usage: KeyUsage) -> ([&'static str; 2], Value, &'static str) {
    match usage {
        KeyUsage::EncryptDecrypt => {
            let algorithm = spec.encryption_algorithms()[0].name();
            (["Encrypt", "Decrypt"], json!({"EncryptionAlgorithm": algorithm}), "CiphertextBlob")
        }
        KeyUsage::SignVerify => {
            let algorithm = spec.signing_algorithms()[0].name();
            (["Sign", "Verify"], json!({"Message": HI, "SigningAlgorithm": algorithm}), "Signature")
        }
        KeyUsage::GenerateVerifyMac => {
            let algorithm = spec.mac_algorithms()[0].name();
            (["GenerateMac", "VerifyMac"], json!({"Message": HI, "MacAlgorithm": algorithm}), "Mac")
        }
        KeyUsage::KeyAgreement => (["DeriveSharedSecret"; 2], json!({"KeyAgreementAlgorithm": "ECDH"}), "SharedSecret"),
        KeyUsage::EncapsulateDecapsulate => {
            let input = json!({"EncapsulationAlgorithm": "ML_KEM"});
            (["Encapsulate", "Decapsulate"], input, "SharedSecretCiphertextBlob")
        }
    }
}

/// What one key makes, the other one accepts, and both say the same of it.
async fn assert_one_material(maker: &Client<'_>, checker: &Client<'_>, key: &str, (spec, usage): Kind) {
    let ([make, check], input, member) = pair_of(spec, usage);
    let input = with(&input, json!({"KeyId": key}));
    if usage == KeyUsage::KeyAgreement {
        // Each side derives the secret of the key with itself.
        let own = maker.call("GetPublicKey", json!({"KeyId": key})).await.unwrap();
        let input = with(&input, json!({"PublicKey": own["PublicKey"]}));
        let [one, other] = [maker.call(make, input.clone()).await.unwrap(), checker.call(check, input).await.unwrap()];
        assert_eq!(one[member], other[member], "{spec}");
        return;
    }
    let plaintext = if usage == KeyUsage::EncryptDecrypt { json!({"Plaintext": HI}) } else { json!({}) };
    let made = maker.call(make, with(&input, plaintext)).await.unwrap();
    let checked = checker.call(check, with(&input, json!({member: made[member]}))).await.unwrap();
    match usage {
        KeyUsage::EncryptDecrypt => assert_eq!(checked["Plaintext"], HI, "{spec}"),
        KeyUsage::EncapsulateDecapsulate => assert_eq!(checked["SharedSecret"], made["SharedSecret"], "{spec}"),
        KeyUsage::SignVerify => assert_eq!(checked["SignatureValid"], true, "{spec}"),
        _ => assert_eq!(checked["MacValid"], true, "{spec}"),
    }
}

/// Makes a key that has its material, and a replica that has the same.
async fn make(first: &Client<'_>, there: &Client<'_>, regions: [&str; 2], (spec, usage): Kind, origin: &str) -> String {
    let kind = json!({"KeySpec": spec.name(), "KeyUsage": usage.name(), "Origin": origin});
    let key = create(first, kind).await;
    let import = async |client: &Client<'_>, region: &str| {
        let waiting = describe(client, key_id_of(&key)).await;
        assert_eq!(waiting["KeyState"], if origin == "EXTERNAL" { "PendingImport" } else { "Enabled" }, "{spec}");
        if origin == "EXTERNAL" {
            let arn = text(&waiting["Arn"]);
            let way = usual_way(spec, region);
            let parameters = Parameters::with(client, &arn, "RSA_2048", way).await.unwrap();
            let input = parameters.input(&arn, encoded(material(spec, region)).expose());
            client.call("ImportKeyMaterial", input).await.unwrap();
        }
    };
    import(first, regions[0]).await;
    replicate(first, &key, regions[1]).await;
    synchronise(first.world()).await;
    import(there, regions[1]).await;
    key
}

async fn assert_every_kind_is_replicated(origin: &str) {
    let scene = scene().await;
    let mut accounts = fresh_accounts();
    for kind in KeySpec::ALL.into_iter().flat_map(|spec| spec.usages().iter().map(move |usage| (spec, *usage))) {
        let (spec, usage) = kind;
        let regions = regions(spec);
        let first = scene.world.client(&accounts.next().unwrap(), regions[0]);
        let there = first.in_region(regions[1]);
        let arn = make(&first, &there, regions, kind, origin).await;
        let key = key_id_of(&arn);
        let [one, other] = [describe(&first, key).await, describe(&there, key).await];
        for member in ["KeySpec", "KeyUsage", "KeyState", "Origin", "CurrentKeyMaterialId"] {
            assert_eq!(one[member], other[member], "{spec} {usage} {member}");
        }
        assert_eq!((&one["KeyState"], &one["Origin"]), (&json!("Enabled"), &json!(origin)), "{spec} {usage}");
        assert_one_material(&first, &there, key, kind).await;
        assert_one_material(&there, &first, key, kind).await;
        if spec.is_asymmetric() {
            let [one, other] = [&first, &there].map(|client| client.call("GetPublicKey", json!({"KeyId": key})));
            assert_eq!(one.await.unwrap()["PublicKey"], other.await.unwrap()["PublicKey"], "{spec}");
        }
    }
}

#[tokio::test]
async fn keys_of_every_spec_and_usage_are_replicated_with_their_material() {
    assert_every_kind_is_replicated("AWS_KMS").await;
}

/// Each Region has the same imported.
#[tokio::test]
async fn keys_of_every_spec_and_usage_are_replicated_and_wait_for_their_material() {
    assert_every_kind_is_replicated("EXTERNAL").await;
}
