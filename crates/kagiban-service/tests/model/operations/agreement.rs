//! Shared secrets: agreed on, or sent; and the public halves of keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::unless_dry;
use crate::asked::{Asked, Expected, Outcome, require, text};
use crate::model::{Model, Thing, violation};
use crate::step::Call;
use crate::wrapping::stranger;

fn input(model: &Model, call: &Call, more: Value) -> Option<Value> {
    let mut input = more;
    input["KeyId"] = json!(model.identifier(call, true)?);
    if call.dry && call.operation != "GetPublicKey" {
        input["DryRun"] = json!(true);
    }
    Some(input)
}

fn on_key(model: &mut Model, call: &Call, usage: &str) -> Outcome {
    model.permit(call, call.key, call.operation, None)?;
    model.require_usage(call.operation, call.key, usage)?;
    model.admit(call.operation, call.key)?;
    Expected::exact(json!({"KeyId": model.live(call.key)?.arn}))
}

/// With the public half of another key, if it is known: both keys have to come to the same secret.
pub(super) fn derive_shared_secret(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let peer = model.keys.get(&call.other).filter(|peer| peer.kind.usage == "KEY_AGREEMENT");
    let peer = peer.and_then(|peer| peer.public_key.clone());
    let pair = peer.as_ref().map(|_| (call.key.min(call.other), call.key.max(call.other)));
    let public_key = if call.fault == 1 { "AAAA".to_owned() } else { peer.unwrap_or_else(|| stranger().to_owned()) };
    let input = input(model, call, json!({"PublicKey": public_key, "KeyAgreementAlgorithm": "ECDH"}))?;
    let outcome = on_key(model, call, "KEY_AGREEMENT").and_then(|expected| {
        if call.fault == 1 {
            return Err(violation(
                "Value at 'publicKey' failed to satisfy constraint: Member must be the DER SubjectPublicKeyInfo of a \
                 public key on the curve of ECC_NIST_P256",
            ));
        }
        let mut exact = expected.exact;
        exact["KeyAgreementAlgorithm"] = json!("ECDH");
        exact["KeyOrigin"] = json!(model.live(call.key)?.kind.origin);
        let known = pair.and_then(|pair| model.agreed.get(&pair));
        if let Some(secret) = known {
            exact["SharedSecret"] = json!(secret);
            return unless_dry(call, || Expected::exact(exact));
        }
        unless_dry(call, || {
            Expected::with(exact, &["SharedSecret"], move |model, answer| {
                if let Some(pair) = pair {
                    model.agreed.insert(pair, text(answer, "SharedSecret"));
                }
                Ok(())
            })
        })
    });
    Asked::new(region, input, outcome)
}

pub(super) fn encapsulate(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = input(model, call, json!({"EncapsulationAlgorithm": "ML_KEM"}))?;
    let key = call.key;
    let outcome = on_key(model, call, "ENCAPSULATE_DECAPSULATE").and_then(|expected| {
        let mut exact = expected.exact;
        exact["EncapsulationAlgorithm"] = json!("ML_KEM");
        unless_dry(call, || {
            Expected::with(exact, &["SharedSecret", "SharedSecretCiphertextBlob"], move |model, answer| {
                let (blob, secret) = (text(answer, "SharedSecretCiphertextBlob"), text(answer, "SharedSecret"));
                model.keep(number, key, Thing::Capsule { blob, secret });
                Ok(())
            })
        })
    });
    Asked::new(region, input, outcome)
}

/// A ciphertext that is not the key's gives a secret, too, but another one (FIPS 203).
pub(super) fn decapsulate(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (maker, blob, secret) = match model.thing(call.thing) {
        Some((key, Thing::Capsule { blob, secret })) => (Some(key), blob, secret),
        _ => (None, STANDARD.encode([0; 768]), String::new()),
    };
    let holds = maker.map_or(Some(false), |maker| model.share_material(maker, call.key))?;
    let more = json!({"SharedSecretCiphertextBlob": blob, "EncapsulationAlgorithm": "ML_KEM"});
    let input = input(model, call, more)?;
    let outcome = on_key(model, call, "ENCAPSULATE_DECAPSULATE").and_then(|expected| {
        let mut exact = expected.exact;
        exact["EncapsulationAlgorithm"] = json!("ML_KEM");
        if holds {
            exact["SharedSecret"] = json!(secret);
            return unless_dry(call, || Expected::exact(exact));
        }
        unless_dry(call, || {
            Expected::with(exact, &["SharedSecret"], move |_, answer| {
                require(text(answer, "SharedSecret") != secret, "the secret of another key's ciphertext")
            })
        })
    });
    Asked::new(region, input, outcome)
}

/// The same for ever, once it was seen.
pub(super) fn get_public_key(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = input(model, call, json!({}))?;
    let number = call.key;
    let outcome = (|| {
        model.permit(call, number, "GetPublicKey", None)?;
        let key = model.live(number)?;
        if !key.kind.is_asymmetric() {
            let text = format!("{} key spec is {} which is not valid for this operation.", key.arn, key.kind.spec);
            return Err(model.wrong_kind(number, text));
        }
        model.admit("GetPublicKey", number)?;
        let key = model.live(number)?;
        let mut exact = json!({"KeyId": key.arn, "KeySpec": key.kind.spec, "KeyUsage": key.kind.usage});
        if key.kind.spec != "ML_KEM_512" {
            exact["CustomerMasterKeySpec"] = json!(key.kind.spec);
        }
        exact[key.kind.algorithms.0] = json!(key.kind.algorithms.1);
        if let Some(public_key) = &key.public_key {
            exact["PublicKey"] = json!(public_key);
            return Expected::exact(exact);
        }
        Expected::with(exact, &["PublicKey"], move |model, answer| {
            model.keys.get_mut(&number).expect("a live key").public_key = Some(text(answer, "PublicKey"));
            Ok(())
        })
    })();
    Asked::new(region, input, outcome)
}
