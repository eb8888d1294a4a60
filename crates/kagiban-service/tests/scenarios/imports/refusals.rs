//! Material that is not let in, requests that say nonsense, keys that take no material: each with its error, and the key
//! is afterwards what it was before.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::time::DAY_MS;
use kagiban_keycore::spec::{Family, KeySpec};
use kagiban_testkit::Client;
use serde_json::{Value, json};

use super::flow::{encoded, kind, material};
use super::{FIRST, Parameters, SECOND, decrypt, external_key, imported_key, scene, waiting_key};
use crate::support::{HI, REGION, Refusal, assert_refused, base64, describe, encrypt, refusal, with};

#[tokio::test]
async fn bytes_that_do_not_unwrap_are_refused_with_one_answer() {
    let scene = scene().await;
    let client = scene.client();
    let ec = kind(KeySpec::EccNistP256);
    for algorithm in ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"] {
        let key = external_key(&client, ec.clone()).await;
        let parameters = Parameters::with(&client, &key, "RSA_2048", algorithm).await.unwrap();
        let other = Parameters::with(&client, &key, "RSA_2048", algorithm).await.unwrap();
        let by_other_algorithm = Parameters { algorithm: algorithm.replace("256", "1"), ..clone(&parameters) };
        let material = encoded(material(KeySpec::EccNistP256, REGION));
        let wrapped = STANDARD.decode(parameters.wrap(material.expose())).unwrap();
        let changed = |at: usize| {
            let mut wrapped = wrapped.clone();
            wrapped[at] ^= 1;
            base64(&wrapped)
        };
        let wrong = [
            other.wrap(material.expose()),
            by_other_algorithm.wrap(material.expose()),
            changed(0),
            changed(wrapped.len() / 2),
            changed(wrapped.len() - 1),
            base64(&wrapped[1..]),
            base64(&wrapped[..wrapped.len() - 1]),
            base64(&[wrapped.as_slice(), &[0]].concat()),
            base64(&wrapped[..1]),
            base64(&[0; 6144]),
            base64(material.expose()),
        ];
        let good = parameters.input(&key, material.expose());
        let refused = |encrypted| Refusal {
            operation: "ImportKeyMaterial",
            input: with(&good, json!({"EncryptedKeyMaterial": encrypted})),
            code: "InvalidCiphertextException",
            message: String::new(),
        };
        let before = describe(&client, &key).await;
        assert_refused(&scene, &client, wrong.into_iter().map(refused).collect()).await;
        assert_eq!(describe(&client, &key).await, before);
        client.call("ImportKeyMaterial", good).await.unwrap();
    }
}

fn clone(parameters: &Parameters) -> Parameters {
    let Parameters { algorithm, token, wrapping_key } = parameters;
    Parameters { algorithm: algorithm.clone(), token: token.clone(), wrapping_key: wrapping_key.clone() }
}

/// Bytes that unwrap well and are no material of this spec.
fn misfits(spec: KeySpec) -> Vec<(&'static str, Vec<u8>)> {
    let own = encoded(material(spec, REGION)).expose().to_vec();
    if matches!(spec.family(), Family::Symmetric | Family::Hmac) {
        let len = own.len();
        let too_long = if spec == KeySpec::SymmetricDefault { len + 1 } else { 129 };
        return vec![("nothing", vec![]), ("a byte short", vec![1; len - 1]), ("too long", vec![1; too_long])];
    }
    let mut misfits = vec![
        ("nothing", vec![]),
        ("bytes", vec![1; 32]),
        ("a byte short", own[..own.len() - 1].to_vec()),
        ("a byte more", [own.as_slice(), &[0]].concat()),
        ("a public key", material(spec, REGION).public_key().unwrap().spki_der().to_vec()),
    ];
    for other in [KeySpec::Rsa2048, KeySpec::EccNistP256, KeySpec::EccNistP384, KeySpec::EccSecgP256k1] {
        if other != spec {
            misfits.push((other.name(), encoded(material(other, REGION)).expose().to_vec()));
        }
    }
    for other in [KeySpec::EccNistEdwards25519, KeySpec::MlDsa44, KeySpec::MlKem512, KeySpec::Sm2] {
        if other != spec {
            misfits.push((other.name(), encoded(material(other, REGION)).expose().to_vec()));
        }
    }
    if let Family::Ecc | Family::Secp256k1 = spec.family() {
        misfits.extend(broken_curve_keys(&own, spec));
    }
    if spec.family() == Family::Rsa {
        // A number of the private key changes: its parts no longer belong together.
        let mut changed = own.clone();
        let at = changed.len() - 40;
        changed[at] ^= 1;
        misfits.push(("parts that contradict each other", changed));
    }
    misfits
}

/// The scalar out of range, and a point that is not its own, or not on the curve.
fn broken_curve_keys(own: &[u8], spec: KeySpec) -> Vec<(&'static str, Vec<u8>)> {
    let scalar_len = match spec {
        KeySpec::EccNistP384 => 48,
        KeySpec::EccNistP521 => 66,
        _ => 32,
    };
    // ECPrivateKey: version 1, then the scalar as an OCTET STRING (RFC 5915); the point comes last.
    let version = [2, 1, 1, 4, u8::try_from(scalar_len).unwrap()];
    let scalar_at = own.windows(5).position(|window| window == version).unwrap() + 5;
    let with_scalar = |byte: u8| {
        let mut key = own.to_vec();
        key[scalar_at..scalar_at + scalar_len].fill(byte);
        key
    };
    let mut off_curve = own.to_vec();
    *off_curve.last_mut().unwrap() ^= 1;
    let mut other_scalar = own.to_vec();
    other_scalar[scalar_at + scalar_len - 1] ^= 1;
    vec![
        ("a scalar of zero", with_scalar(0)),
        ("a scalar beyond the order", with_scalar(0xff)),
        ("a point off the curve", off_curve),
        ("another key's point", other_scalar),
    ]
}

/// A way that takes material of any length.
async fn roomy_parameters(client: &Client<'_>, key: &str, spec: KeySpec) -> Parameters {
    let algorithm = match spec.family() {
        Family::Symmetric | Family::Hmac => "RSAES_OAEP_SHA_1",
        _ => "RSA_AES_KEY_WRAP_SHA_256",
    };
    Parameters::with(client, key, "RSA_2048", algorithm).await.unwrap()
}

#[tokio::test]
async fn bytes_that_are_no_material_of_the_spec_are_refused_and_the_key_waits_on() {
    let scene = scene().await;
    let client = scene.client();
    for spec in KeySpec::ALL.into_iter().filter(|spec| *spec != KeySpec::Sm2) {
        let key = external_key(&client, kind(spec)).await;
        let parameters = roomy_parameters(&client, &key, spec).await;
        let (before, revision) = (describe(&client, &key).await, scene.revision().await);
        for (name, misfit) in misfits(spec) {
            // AES key wrap has no form for nothing; RSA-OAEP has.
            if misfit.is_empty() && parameters.algorithm.starts_with("RSA_AES") {
                continue;
            }
            let error = client.call("ImportKeyMaterial", parameters.input(&key, &misfit)).await;
            let error = error.expect_err(&format!("{spec} took {name}"));
            assert_eq!(error.code, "IncorrectKeyMaterialException", "{spec} {name}: {error:?}");
            let head = format!("The key material cannot be imported into {key}: ");
            assert!(error.message.starts_with(&head), "{error:?}");
        }
        assert_eq!(scene.revision().await, revision, "{spec}");
        assert_eq!(describe(&client, &key).await, before, "{spec}");
        let good = encoded(material(spec, REGION));
        client.call("ImportKeyMaterial", parameters.input(&key, good.expose())).await.unwrap();
    }
}

#[tokio::test]
async fn material_of_china_and_of_elsewhere_are_told_apart_by_their_length() {
    let scene = scene().await;
    for (region, good, bad) in [(REGION, 32, 16), ("cn-north-1", 16, 32)] {
        let client = scene.world.client(crate::support::ACCOUNT, region);
        let (key, parameters) = waiting_key(&client).await;
        let error = client.call("ImportKeyMaterial", parameters.input(&key, &vec![1; bad])).await.unwrap_err();
        assert_eq!(error.code, "IncorrectKeyMaterialException", "{region}");
        client.call("ImportKeyMaterial", parameters.input(&key, &vec![1; good])).await.unwrap();
    }
}

/// A key that has its material loses nothing by an import that fails, at whatever step.
#[tokio::test]
async fn a_refused_import_leaves_a_working_key_as_it_was() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters, id) = imported_key(&client).await;
    let blob = encrypt(&client, &key, HI).await;
    let before = describe(&client, &key).await;
    let good = parameters.input(&key, &FIRST);
    let with_material = |material: &[u8], more: Value| with(&parameters.input(&key, material), more);
    let cases = [
        ("IncorrectKeyMaterialException", with_material(&[1; 31], json!({}))),
        ("IncorrectKeyMaterialException", with_material(&SECOND, json!({}))),
        ("IncorrectKeyMaterialException", with_material(&SECOND, json!({"KeyMaterialId": id}))),
        ("IncorrectKeyMaterialException", with_material(&FIRST, json!({"KeyMaterialId": "0".repeat(64)}))),
        ("IncorrectKeyMaterialException", with_material(&FIRST, json!({"ImportType": "NEW_KEY_MATERIAL"}))),
        ("IncorrectKeyMaterialException", with_material(&SECOND, json!({"ImportType": "EXISTING_KEY_MATERIAL"}))),
        ("InvalidCiphertextException", with(&good, json!({"EncryptedKeyMaterial": base64(&[7; 256])}))),
        ("InvalidImportTokenException", with(&good, json!({"ImportToken": base64(&[7; 256])}))),
        ("ValidationException", with(&good, json!({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}))),
    ];
    let revision = scene.revision().await;
    for (code, input) in cases {
        let error = client.call("ImportKeyMaterial", input).await.unwrap_err();
        assert_eq!((error.status, error.code.as_str()), (400, code), "{error:?}");
        assert_eq!(scene.revision().await, revision, "{error:?}");
        assert_eq!(describe(&client, &key).await, before, "{error:?}");
        assert_eq!(decrypt(&client, &blob).await.unwrap(), HI);
    }
}

/// Members that are for symmetric encryption keys, and two that exclude each other.
#[tokio::test]
async fn members_that_do_not_go_together_are_refused() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let hmac = external_key(&client, kind(KeySpec::Hmac256)).await;
    let hmac_parameters = Parameters::of(&client, &hmac).await;
    let id = "a".repeat(64);
    let mut table = vec![refusal(
        "ImportKeyMaterial",
        with(&parameters.input(&key, &FIRST), json!({"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": id})),
        "ValidationException",
        "KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.",
    )];
    for (member, value) in [
        ("ImportType", "NEW_KEY_MATERIAL"),
        ("ImportType", "EXISTING_KEY_MATERIAL"),
        ("KeyMaterialDescription", "d"),
        ("KeyMaterialId", &id),
    ] {
        table.push(refusal(
            "ImportKeyMaterial",
            with(&hmac_parameters.input(&hmac, &[1; 32]), json!({member: value})),
            "ValidationException",
            format!("{member} is supported with symmetric encryption KMS keys only."),
        ));
    }
    assert_refused(&scene, &client, table).await;
}

const DAYS_365: i64 = 365 * DAY_MS;
/// The time of the world's clock, 2026-11-21T12:00:00Z.
const NOW_MS: i64 = 1_795_262_400_000;

fn seconds(ms: i64) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "dates of our time have few digits")]
    let ms = ms as f64;
    json!(ms / 1000.0)
}

#[tokio::test]
async fn the_date_of_expiry_and_the_model_must_agree() {
    let scene = scene().await;
    let client = scene.client();
    let (key, parameters) = waiting_key(&client).await;
    let forbidden = "ValidTo cannot be specified when ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.";
    let missing = "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES";
    let (past, far) = ("ValidTo must be in the future.", "ValidTo must be at most 365 days from now.");
    let (never, expires) = (json!("KEY_MATERIAL_DOES_NOT_EXPIRE"), json!("KEY_MATERIAL_EXPIRES"));
    let table = [
        (&never, seconds(NOW_MS + DAY_MS), forbidden),
        (&expires, Value::Null, missing),
        (&Value::Null, Value::Null, missing),
        (&expires, seconds(NOW_MS), past),
        (&Value::Null, seconds(NOW_MS), past),
        (&expires, seconds(NOW_MS - 1), past),
        (&expires, seconds(0), past),
        (&expires, seconds(NOW_MS + DAYS_365 + 1), far),
        (&Value::Null, seconds(253_402_300_799_000), far),
    ];
    let refused = |(model, valid_to, text): (&Value, Value, &str)| {
        let input = with(&parameters.input(&key, &FIRST), json!({"ExpirationModel": model, "ValidTo": valid_to}));
        refusal("ImportKeyMaterial", input, "ValidationException", text)
    };
    assert_refused(&scene, &client, table.into_iter().map(refused).collect()).await;
    for (model, valid_to) in [(&expires, NOW_MS + 1), (&Value::Null, NOW_MS + DAYS_365)] {
        let more = json!({"ExpirationModel": model, "ValidTo": seconds(valid_to)});
        client.call("ImportKeyMaterial", with(&parameters.input(&key, &FIRST), more)).await.unwrap();
        let metadata = describe(&client, &key).await;
        assert_eq!(metadata["ExpirationModel"], "KEY_MATERIAL_EXPIRES");
        assert_eq!(metadata["ValidTo"].as_f64(), seconds(valid_to).as_f64());
    }
}
