//! Data keys and data key pairs, with and without their plaintext; and random bytes, which need no key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::encryption::require_algorithm;
use super::unless_dry;
use crate::asked::{Asked, Expected, invalid, require, text};
use crate::model::{Model, Thing, context};
use crate::step::Call;

/// The members of an answer: the encrypted half, the plain one, and what else is free.
struct Members {
    blob: &'static str,
    plaintext: Option<&'static str>,
    free: &'static [&'static str],
}

fn make(model: &mut Model, number: u32, call: &Call, wanted: Value, members: Members) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (key, bound) = (call.key, call.b % 3);
    let mut input = wanted.clone();
    input["KeyId"] = json!(model.identifier(call, true)?);
    if bound > 0 {
        input["EncryptionContext"] = context(bound);
    }
    if call.dry {
        input["DryRun"] = json!(true);
    }
    let outcome = (|| {
        if wanted["KeySpec"].is_string() && wanted["NumberOfBytes"].is_number() {
            return Err(invalid("Please specify either number of bytes or key spec."));
        }
        model.permit(call, key, call.operation, Some(bound))?;
        require_algorithm(model, call.operation, key, "SYMMETRIC_DEFAULT")?;
        model.admit(call.operation, key)?;
        let material = model.live(key)?.current_id();
        let mut exact = json!({"KeyId": model.live(key)?.arn, "KeyMaterialId": material});
        if wanted["KeyPairSpec"].is_string() {
            exact["KeyPairSpec"] = wanted["KeyPairSpec"].clone();
        }
        unless_dry(call, || {
            Expected::with(exact, members.free, move |model, answer| {
                let plaintext = members.plaintext.map(|member| text(answer, member));
                if let (Some(plaintext), Some(len)) = (&plaintext, len(&wanted)) {
                    let given = STANDARD.decode(plaintext).map(|bytes| bytes.len()).unwrap_or_default();
                    require(given == len, "the data key has another length")?;
                }
                let thing = Thing::Blob {
                    blob: text(answer, members.blob),
                    plaintext,
                    context: bound,
                    material: Some(material),
                };
                model.keep(number, key, thing);
                Ok(())
            })
        })
    })();
    Asked::new(region, input, outcome)
}

/// The bytes that were asked for.
fn len(wanted: &Value) -> Option<usize> {
    match (wanted["KeySpec"].as_str(), wanted["NumberOfBytes"].as_u64()) {
        (Some("AES_128"), _) => Some(16),
        (Some(_), _) => Some(32),
        (None, bytes) => bytes.and_then(|bytes| usize::try_from(bytes).ok()),
    }
}

fn data_key(call: &Call) -> Value {
    match (call.fault, call.a % 3) {
        (1, _) => json!({"KeySpec": "AES_256", "NumberOfBytes": 32}),
        (_, 0) => json!({"KeySpec": "AES_128"}),
        (_, 1) => json!({"KeySpec": "AES_256"}),
        _ => json!({"NumberOfBytes": 1 + call.b % 64}),
    }
}

pub(super) fn generate_data_key(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let free = &["CiphertextBlob", "Plaintext"];
    make(model, number, call, data_key(call), Members { blob: "CiphertextBlob", plaintext: Some("Plaintext"), free })
}

pub(super) fn generate_data_key_without_plaintext(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let free = &["CiphertextBlob"];
    make(model, number, call, data_key(call), Members { blob: "CiphertextBlob", plaintext: None, free })
}

fn pair() -> Value {
    json!({"KeyPairSpec": "ECC_NIST_P256"})
}

pub(super) fn generate_data_key_pair(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let members = Members {
        blob: "PrivateKeyCiphertextBlob",
        plaintext: Some("PrivateKeyPlaintext"),
        free: &["PrivateKeyCiphertextBlob", "PrivateKeyPlaintext", "PublicKey"],
    };
    make(model, number, call, pair(), members)
}

pub(super) fn generate_data_key_pair_without_plaintext(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let free = &["PrivateKeyCiphertextBlob", "PublicKey"];
    make(model, number, call, pair(), Members { blob: "PrivateKeyCiphertextBlob", plaintext: None, free })
}

pub(super) fn generate_random(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let len = 1 + call.a as usize % 64;
    let outcome = Expected::with(json!({}), &["Plaintext"], move |_, answer| {
        let bytes = STANDARD.decode(text(answer, "Plaintext")).unwrap_or_default();
        require(bytes.len() == len, "another number of bytes")
    });
    Asked::new(region, json!({"NumberOfBytes": len}), outcome)
}
