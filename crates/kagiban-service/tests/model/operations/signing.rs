//! Signatures and message authentication codes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::unless_dry;
use crate::asked::{Asked, Expected, Outcome, refusal, text};
use crate::model::{Model, Thing};
use crate::step::Call;

fn message(number: u32) -> String {
    STANDARD.encode(format!("message {number}"))
}

fn input(model: &Model, call: &Call, more: Value) -> Option<Value> {
    let mut input = more;
    input["KeyId"] = json!(model.identifier(call, true)?);
    if call.dry {
        input["DryRun"] = json!(true);
    }
    Some(input)
}

/// The checks of all four operations, then what `outcome` says of the key's ARN.
fn on_key(
    model: &mut Model,
    call: &Call,
    (usage, action): (&str, &str),
    outcome: impl FnOnce(&str) -> Outcome,
) -> Outcome {
    model.permit(call, call.key, action, None)?;
    model.require_usage(call.operation, call.key, usage)?;
    model.admit(call.operation, call.key)?;
    outcome(&model.live(call.key)?.arn)
}

pub(super) fn sign(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (message, algorithm, key) = (message(number), "ECDSA_SHA_256", call.key);
    let input = input(model, call, json!({"Message": message, "SigningAlgorithm": algorithm}))?;
    let outcome = on_key(model, call, ("SIGN_VERIFY", "Sign"), |arn| {
        unless_dry(call, || {
            let exact = json!({"KeyId": arn, "SigningAlgorithm": algorithm});
            Expected::with(exact, &["Signature"], move |model, answer| {
                let signature = text(answer, "Signature");
                model.keep(number, key, Thing::Signature { message, signature });
                Ok(())
            })
        })
    });
    Asked::new(region, input, outcome)
}

/// With a signature of the key, or one that does not hold: another message's, another key's, or none at all.
pub(super) fn verify(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (signer, signed, signature) = match model.thing(call.thing) {
        Some((key, Thing::Signature { message, signature })) => (Some(key), message, signature),
        _ => (None, message(number), "AAAA".to_owned()),
    };
    let is_own = signer.map_or(Some(false), |signer| model.share_material(signer, call.key))?;
    let holds = is_own && call.fault == 0;
    let message = if call.fault == 0 { signed } else { message(number) };
    let algorithm = "ECDSA_SHA_256";
    let more = json!({"Message": message, "Signature": signature, "SigningAlgorithm": algorithm});
    let input = input(model, call, more)?;
    let outcome = on_key(model, call, ("SIGN_VERIFY", "Verify"), |arn| {
        if !holds {
            return Err(refusal("KMSInvalidSignatureException", ""));
        }
        let exact = json!({"KeyId": arn, "SigningAlgorithm": algorithm, "SignatureValid": true});
        unless_dry(call, || Expected::exact(exact))
    });
    Asked::new(region, input, outcome)
}

pub(super) fn generate_mac(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (message, algorithm, key) = (message(number), "HMAC_SHA_256", call.key);
    let input = input(model, call, json!({"Message": message, "MacAlgorithm": algorithm}))?;
    let outcome = on_key(model, call, ("GENERATE_VERIFY_MAC", "GenerateMac"), |arn| {
        unless_dry(call, || {
            let exact = json!({"KeyId": arn, "MacAlgorithm": algorithm});
            Expected::with(exact, &["Mac"], move |model, answer| {
                let mac = text(answer, "Mac");
                model.keep(number, key, Thing::Mac { message, mac });
                Ok(())
            })
        })
    });
    Asked::new(region, input, outcome)
}

/// As [`verify`].
pub(super) fn verify_mac(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (maker, made, mac) = match model.thing(call.thing) {
        Some((key, Thing::Mac { message, mac })) => (Some(key), message, mac),
        _ => (None, message(number), STANDARD.encode([0; 32])),
    };
    let is_own = maker.map_or(Some(false), |maker| model.share_material(maker, call.key))?;
    let holds = is_own && call.fault == 0;
    let message = if call.fault == 0 { made } else { message(number) };
    let algorithm = "HMAC_SHA_256";
    let input = input(model, call, json!({"Message": message, "Mac": mac, "MacAlgorithm": algorithm}))?;
    let outcome = on_key(model, call, ("GENERATE_VERIFY_MAC", "VerifyMac"), |arn| {
        if !holds {
            return Err(refusal("KMSInvalidMacException", ""));
        }
        unless_dry(call, || Expected::exact(json!({"KeyId": arn, "MacAlgorithm": algorithm, "MacValid": true})))
    });
    Asked::new(region, input, outcome)
}
