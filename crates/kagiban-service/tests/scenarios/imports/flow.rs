//! Every spec comes in by each way that is open to it, and by no other; what came in is what the key then uses.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_api::{AlgorithmSpec, WrappingKeySpec};
use kagiban_base::arn::KeyArn;
use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::{KeyMaterial, SymmetricCipher, SymmetricMaterial};
use kagiban_keycore::message::Message;
use kagiban_keycore::spec::{Family, KeySpec};
use kagiban_keycore::symmetric::{self, KeyIdentity};
use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::{Parameters, external_key, parameters_input, scene};
use crate::support::{ACCOUNT, HI, REGION, assert_refused, base64, describe, encrypt, refusal, text};

const CHINA: &str = "cn-north-1";

const OAEP: [&str; 2] = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"];
const KEY_WRAP: [&str; 2] = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"];

/// Material to be imported: made once for each spec, since RSA takes its time. In China SYMMETRIC_DEFAULT is another.
pub(crate) fn material(spec: KeySpec, region: &str) -> &'static KeyMaterial {
    static MADE: [OnceLock<KeyMaterial>; KeySpec::ALL.len()] = [const { OnceLock::new() }; KeySpec::ALL.len()];
    static SM4: OnceLock<KeyMaterial> = OnceLock::new();
    if spec == KeySpec::SymmetricDefault && region == CHINA {
        let make = || SymmetricMaterial::generate_for(SymmetricCipher::Sm4, &OsRandom).unwrap();
        return SM4.get_or_init(|| KeyMaterial::Symmetric(make()));
    }
    let at = KeySpec::ALL.iter().position(|other| *other == spec).unwrap();
    MADE[at].get_or_init(|| KeyMaterial::generate(spec, &OsRandom).unwrap())
}

/// The bytes that are wrapped.
pub(crate) fn encoded(material: &KeyMaterial) -> SecretBytes {
    material.encode().unwrap()
}

/// What CreateKey needs for a key of this spec: the first of its usages that signs, else its only one.
pub(super) fn kind(spec: KeySpec) -> Value {
    let usages = spec.usages();
    let usage = usages.iter().find(|usage| usage.name() == "SIGN_VERIFY").unwrap_or(&usages[0]);
    json!({"KeySpec": spec.name(), "KeyUsage": usage.name()})
}

/// Whether AWS's table lets material of this spec come by this way; ML-DSA and ML-KEM, which AWS does not import, come as
/// elliptic curve keys do.
fn is_open(spec: KeySpec, wrapping_key: &str, algorithm: &str, region: &str) -> bool {
    let (oaep, key_wrap) = (OAEP.contains(&algorithm), KEY_WRAP.contains(&algorithm));
    let is_china = region == CHINA;
    let is_wrapping_offered = match wrapping_key {
        "SM2" => is_china && algorithm == "SM2PKE",
        _ => oaep || key_wrap && !is_china,
    };
    // 241 bytes of PKCS#8 do not fit under a modulus of 256.
    let is_too_long = spec == KeySpec::EccNistP521 && wrapping_key == "RSA_2048" && oaep;
    let suits = match spec.family() {
        Family::Symmetric | Family::Hmac => oaep,
        Family::Rsa => key_wrap || algorithm == "SM2PKE",
        Family::Ecc | Family::Secp256k1 | Family::Ed25519 => true,
        Family::Sm2 => !key_wrap,
        Family::MlDsa | Family::MlKem => oaep || key_wrap,
    };
    is_wrapping_offered && suits && !is_too_long
}

/// A way by which material of this spec comes in under RSA_2048.
pub(crate) fn usual_way(spec: KeySpec, region: &str) -> &'static str {
    [OAEP[1], KEY_WRAP[1]].into_iter().find(|algorithm| is_open(spec, "RSA_2048", algorithm, region)).unwrap()
}

/// Larger wrapping keys take up to a second to make, so only these rows make them.
fn is_worth_it(spec: KeySpec, wrapping_key: &str, algorithm: &str) -> bool {
    match wrapping_key {
        "RSA_3072" => (spec, algorithm) == (KeySpec::EccNistP521, OAEP[0]),
        "RSA_4096" => [(KeySpec::EccNistP521, OAEP[1]), (KeySpec::Rsa4096, KEY_WRAP[0]), (KeySpec::Hmac512, OAEP[1])]
            .contains(&(spec, algorithm)),
        _ => true,
    }
}

/// Each way of wrapping: wrapping key, algorithm.
fn ways() -> impl Iterator<Item = (&'static str, &'static str)> {
    WrappingKeySpec::ALL.iter().flat_map(|key| AlgorithmSpec::ALL.iter().map(|by| (key.as_str(), by.as_str())))
}

async fn import_by_every_open_way(region: &str) {
    let scene = scene().await;
    let client = scene.world.client(ACCOUNT, region);
    for spec in KeySpec::ALL.into_iter().filter(|spec| region == CHINA || *spec != KeySpec::Sm2) {
        let key = external_key(&client, kind(spec)).await;
        let waiting = describe(&client, &key).await;
        assert_eq!((&waiting["KeyState"], &waiting["Enabled"]), (&json!("PendingImport"), &json!(false)), "{spec}");
        let material = material(spec, region);
        let mut imported = None;
        for (wrapping_key, algorithm) in ways() {
            if !is_open(spec, wrapping_key, algorithm, region) || !is_worth_it(spec, wrapping_key, algorithm) {
                continue;
            }
            let row = format!("{spec} {wrapping_key} {algorithm} {region}");
            let parameters = Parameters::with(&client, &key, wrapping_key, algorithm).await.unwrap();
            let input = parameters.input(&key, encoded(material).expose());
            let answer = client.call("ImportKeyMaterial", input).await;
            let answer = answer.unwrap_or_else(|error| panic!("{row}: {error:?}"));
            assert_eq!(answer["KeyId"], key, "{row}");
            // It is the same material whichever way it comes, or it would not be taken a second time.
            assert_eq!(*imported.get_or_insert_with(|| answer.clone()), answer, "{row}");
        }
        assert_eq!(describe(&client, &key).await["KeyState"], "Enabled", "{spec}");
        let id = imported.unwrap_or_else(|| panic!("{spec} came in by no way"))["KeyMaterialId"].clone();
        assert_is_used(&client, &key, material, &id).await;
    }
}

/// The key does with the material what the material does by itself.
async fn assert_is_used(client: &Client<'_>, key: &str, material: &KeyMaterial, id: &Value) {
    let spec = material.spec();
    let call = async |operation: &str, input: Value| client.call(operation, input).await.unwrap();
    let bytes_of = |value: &Value| STANDARD.decode(text(value)).unwrap();
    if let Some(public) = material.public_key() {
        assert_eq!(bytes_of(&call("GetPublicKey", json!({"KeyId": key})).await["PublicKey"]), public.spki_der());
    }
    // Only symmetric encryption keys show the ids of their materials.
    assert_eq!(id.is_string(), spec == KeySpec::SymmetricDefault, "{spec}");
    match material {
        KeyMaterial::Symmetric(material) => {
            assert_eq!(describe(client, key).await["CurrentKeyMaterialId"], *id);
            let arn: KeyArn = key.parse().unwrap();
            let identity = KeyIdentity { arn, key_material_id: text(id).parse().unwrap() };
            let blob = STANDARD.decode(encrypt(client, key, HI).await).unwrap();
            let opened = symmetric::open(material, &identity, &CanonicalContext::EMPTY, &blob).unwrap();
            assert_eq!(opened.expose(), b"hi");
        }
        KeyMaterial::Hmac(_) => {
            let algorithm = spec.mac_algorithms()[0];
            let input = json!({"KeyId": key, "Message": HI, "MacAlgorithm": algorithm.name()});
            let mac = bytes_of(&call("GenerateMac", input).await["Mac"]);
            assert_eq!(mac, material.generate_mac(algorithm, b"hi").unwrap(), "{spec}");
        }
        KeyMaterial::MlKem(_) => {
            let made = material.public_key().unwrap().encapsulate().unwrap();
            let ciphertext = base64(&made.ciphertext);
            let input = json!({
                "KeyId": key, "SharedSecretCiphertextBlob": ciphertext, "EncapsulationAlgorithm": "ML_KEM",
            });
            let secret = bytes_of(&call("Decapsulate", input).await["SharedSecret"]);
            assert_eq!(secret, made.shared_secret.expose(), "{spec}");
        }
        _ => {
            let algorithm = spec.signing_algorithms()[0];
            let input = json!({"KeyId": key, "Message": HI, "SigningAlgorithm": algorithm.name()});
            let signature = bytes_of(&call("Sign", input).await["Signature"]);
            let public = material.public_key().unwrap();
            public.verify(algorithm, Message::Raw(b"hi"), &signature).unwrap();
        }
    }
}

#[tokio::test]
async fn every_spec_is_imported_by_every_way_that_is_open_to_it() {
    import_by_every_open_way(REGION).await;
}

#[tokio::test]
async fn every_spec_is_imported_in_china_by_the_ways_of_china() {
    import_by_every_open_way(CHINA).await;
}

/// What a Region does not offer is UnsupportedOperation, what does not go together is Validation.
#[tokio::test]
async fn every_way_that_is_not_open_is_refused_before_a_wrapping_key_is_made() {
    let scene = scene().await;
    for region in [REGION, CHINA] {
        let client = scene.world.client(ACCOUNT, region);
        for spec in KeySpec::ALL.into_iter().filter(|spec| region == CHINA || *spec != KeySpec::Sm2) {
            let key = external_key(&client, kind(spec)).await;
            let before = scene.revision().await;
            for (wrapping_key, algorithm) in ways().filter(|(key, by)| !is_open(spec, key, by, region)) {
                let input = parameters_input(&key, wrapping_key, algorithm);
                let error = client.call("GetParametersForImport", input).await.unwrap_err();
                let is_regional = algorithm == "RSAES_PKCS1_V1_5"
                    || region == CHINA && KEY_WRAP.contains(&algorithm)
                    || region != CHINA && (algorithm == "SM2PKE" || wrapping_key == "SM2");
                let code = if is_regional { "UnsupportedOperationException" } else { "ValidationException" };
                assert_eq!(error.code, code, "{spec} {wrapping_key} {algorithm} {region}: {error:?}");
                assert!(error.message.contains(algorithm), "{error:?}");
            }
            assert_eq!(scene.revision().await, before);
        }
    }
}

#[tokio::test]
async fn the_retired_algorithm_is_called_that() {
    let scene = scene().await;
    let client = scene.client();
    let key = external_key(&client, json!({})).await;
    let input = parameters_input(&key, "RSA_2048", "RSAES_PKCS1_V1_5");
    let text = "The wrapping is not supported: RSAES_PKCS1_V1_5 is no longer supported.";
    let refused = refusal("GetParametersForImport", input, "UnsupportedOperationException", text);
    assert_refused(&scene, &client, vec![refused]).await;
}

#[tokio::test]
async fn parameters_are_new_each_time_and_several_are_good_at_once() {
    let scene = scene().await;
    let client = scene.client();
    let key = external_key(&client, json!({})).await;
    let before = scene.revision().await;
    let first = Parameters::of(&client, &key).await;
    let second = Parameters::of(&client, &key).await;
    assert_eq!(scene.revision().await, before, "parameters are not stored");
    assert_ne!(first.wrapping_key, second.wrapping_key);
    assert_ne!(first.token, second.token);
    for parameters in [&second, &first, &second] {
        client.call("ImportKeyMaterial", parameters.input(&key, &super::FIRST)).await.unwrap();
    }
}

/// The public key as it is documented, and the time, to the millisecond, at which the pair ends.
#[tokio::test]
async fn parameters_say_what_they_are_for_and_how_long() {
    let scene = scene().await;
    let client = scene.client();
    let key = external_key(&client, json!({})).await;
    for (spec, len) in [("RSA_2048", 294), ("RSA_3072", 422), ("RSA_4096", 550)] {
        let input = parameters_input(&key, spec, "RSAES_OAEP_SHA_256");
        let answer = client.call("GetParametersForImport", input).await.unwrap();
        assert_eq!(answer["KeyId"], key);
        assert_eq!(answer["ParametersValidTo"], json!(1_795_348_800), "24 hours after noon of 2026-11-21");
        assert_eq!(STANDARD.decode(text(&answer["PublicKey"])).unwrap().len(), len);
        assert_eq!(answer.as_object().unwrap().len(), 4);
    }
}
