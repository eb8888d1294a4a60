//! Encrypt, Decrypt, ReEncrypt: what a key has encrypted opens for ever, under the material that did it, while its state
//! allows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::unless_dry;
use crate::asked::{Asked, Expected, Outcome, Refusal, refusal, text};
use crate::model::{GRANTEE, Model, REGIONS, Thing, context};
use crate::step::Call;

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const OAEP: &str = "RSAES_OAEP_SHA_256";

/// The algorithm that a request names for this key: the right one, if there is any.
fn algorithm_of(model: &Model, key: u32) -> &'static str {
    match model.keys.get(&key) {
        Some(key) if key.kind.spec == "RSA_2048" => OAEP,
        _ => SYMMETRIC,
    }
}

/// Is the key for encryption with this algorithm?
pub(super) fn require_algorithm(model: &Model, operation: &str, key: u32, algorithm: &str) -> Result<(), Refusal> {
    model.require_usage(operation, key, "ENCRYPT_DECRYPT")?;
    let key = model.live(key)?;
    if key.kind.is_symmetric() == (algorithm == SYMMETRIC) {
        return Ok(());
    }
    let text = format!("Algorithm {algorithm} and key spec {} are incompatible with key {}.", key.kind.spec, key.arn);
    Err(refusal("InvalidKeyUsageException", text))
}

/// The id of the material that encrypts, for symmetric keys.
fn material_of(model: &Model, key: u32) -> Option<String> {
    model.keys.get(&key).filter(|key| key.kind.is_symmetric()).map(crate::key::Key::current_id)
}

/// The request's context: none where the algorithm takes none.
fn context_of(algorithm: &str, call: &Call) -> u32 {
    if algorithm == SYMMETRIC { call.b % 3 } else { 0 }
}

pub(super) fn encrypt(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let (plaintext, right) = (STANDARD.encode(format!("plaintext {number}")), algorithm_of(model, call.key));
    let wrong = if right == OAEP { SYMMETRIC } else { OAEP };
    let algorithm = if call.fault == 1 { wrong } else { right };
    let bound = context_of(algorithm, call);
    let mut input = json!({"KeyId": model.identifier(call, true)?, "Plaintext": plaintext});
    add(&mut input, call.dry, &[("EncryptionContext", context(bound)), ("EncryptionAlgorithm", given(algorithm))]);
    let (key, material) = (call.key, material_of(model, call.key));
    let outcome = (|| {
        model.permit(call, call.key, "Encrypt", Some(bound))?;
        require_algorithm(model, "Encrypt", call.key, algorithm)?;
        model.admit("Encrypt", call.key)?;
        let arn = &model.live(call.key)?.arn;
        let exact = json!({"KeyId": arn, "EncryptionAlgorithm": algorithm});
        unless_dry(call, || {
            Expected::with(exact, &["CiphertextBlob"], move |model, answer| {
                let blob = text(answer, "CiphertextBlob");
                model.keep(number, key, Thing::Blob { blob, plaintext: Some(plaintext), context: bound, material });
                Ok(())
            })
        })
    })();
    Asked::new(region, input, outcome)
}

/// The default needs no name.
fn given(algorithm: &str) -> Value {
    if algorithm == SYMMETRIC { Value::Null } else { json!(algorithm) }
}

/// Members that are not null.
fn add(input: &mut Value, dry: bool, members: &[(&str, Value)]) {
    for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
        input[*name] = value.clone();
    }
    if dry {
        input["DryRun"] = json!(true);
    }
}

/// The bytes with their last bit changed.
fn tampered(blob: &str) -> String {
    let mut bytes = STANDARD.decode(blob).expect("base64");
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    STANDARD.encode(bytes)
}

/// May the caller use the key that a ciphertext names? Of a missing key nothing is said.
fn permit_by_ciphertext(model: &Model, call: &Call, key: u32, action: &str, bound: u32) -> Result<(), Refusal> {
    if !model.keys.contains_key(&key) {
        let text = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or \
                    you are not allowed to access.";
        return Err(refusal("AccessDeniedException", text));
    }
    model.permit(call, key, action, Some(bound)).map_err(|_| {
        let text = format!(
            "User: {GRANTEE} is not authorized to perform: kms:{action} on the resource associated with this ciphertext \
             because no identity-based policy allows the kms:{action} action"
        );
        refusal("AccessDeniedException", text)
    })
}

/// A ciphertext that a request brings.
struct Source {
    /// The key that made it.
    key: u32,
    number: u32,
    blob: String,
    plaintext: Option<String>,
    context: u32,
    material: Option<String>,
    algorithm: &'static str,
    /// The key that the request names; none where the ciphertext tells it.
    named: Option<u32>,
}

fn source(model: &Model, call: &Call) -> Option<Source> {
    let (key, Thing::Blob { blob, plaintext, context, material }) = model.thing(call.thing)? else { return None };
    let algorithm = if material.is_some() { SYMMETRIC } else { OAEP };
    let key = reader(model, call, key);
    let is_near = model.names.get(&call.other).map(|name| name.region) == model.names.get(&key).map(|name| name.region);
    let named = match call.fault {
        3 if call.operation == "Decrypt" && material.is_some() && is_near => Some(call.other),
        _ if material.is_none() || call.a.is_multiple_of(3) => Some(key),
        _ => None,
    };
    let blob = if call.fault == 1 { tampered(&blob) } else { blob };
    Some(Source { key, number: call.thing, blob, plaintext, context, material, algorithm, named })
}

/// The key that is to open what this one has made: itself, or for Decrypt a related one.
fn reader(model: &Model, call: &Call, maker: u32) -> u32 {
    let Some(key) = model.keys.get(&maker).filter(|key| key.set.is_some() && call.operation == "Decrypt") else {
        return maker;
    };
    let region = REGIONS[call.b as usize % REGIONS.len()];
    model.related(&key.id, region).unwrap_or(maker)
}

/// May the caller use the source, and is it the named key's?
fn require_source(model: &Model, call: &Call, source: &Source, action: &str, bound: u32) -> Result<(), Refusal> {
    let Some(named) = source.named else { return permit_by_ciphertext(model, call, source.key, action, bound) };
    model.permit(call, named, action, Some(bound))?;
    require_algorithm(model, call.operation, named, source.algorithm)?;
    if named == source.key {
        return Ok(());
    }
    let text = "The key ID in the request does not identify a CMK that can perform this operation.";
    Err(refusal("IncorrectKeyException", text))
}

pub(super) fn decrypt(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let source = source(model, call)?;
    let region = model.names.get(&source.key)?.region;
    let is_bound_otherwise = call.fault == 2 && source.material.is_some();
    let bound = if is_bound_otherwise { (source.context + 1) % 3 } else { source.context };
    let mut input = json!({"CiphertextBlob": source.blob});
    let algorithm = given(source.algorithm);
    add(&mut input, call.dry, &[("EncryptionContext", context(bound)), ("EncryptionAlgorithm", algorithm)]);
    if let Some(named) = source.named {
        input["KeyId"] = json!(model.identifier(&Call { key: named, ..*call }, true)?);
    }
    let outcome = (|| {
        require_source(model, call, &source, "Decrypt", bound)?;
        model.admit("Decrypt", source.key)?;
        if call.fault == 1 || is_bound_otherwise || !has_material(model, &source) {
            return Err(refusal("InvalidCiphertextException", ""));
        }
        let arn = model.live(source.key)?.arn.clone();
        unless_dry(call, || opened(source, &arn))
    })();
    Asked::new(region, input, outcome)
}

/// A replica may not have been told of the newest material.
fn has_material(model: &Model, source: &Source) -> bool {
    let known = |key: &crate::key::Key| key.materials.iter().any(|material| material.id == source.material);
    source.material.is_none() || model.keys.get(&source.key).is_some_and(known)
}

/// The answer of Decrypt. The plaintext of data keys without one is learned.
fn opened(source: Source, arn: &str) -> Outcome {
    let mut exact = json!({"KeyId": arn, "EncryptionAlgorithm": source.algorithm});
    if let Some(material) = &source.material {
        exact["KeyMaterialId"] = json!(material);
    }
    if let Some(plaintext) = source.plaintext {
        exact["Plaintext"] = json!(plaintext);
        return Expected::exact(exact);
    }
    Expected::with(exact, &["Plaintext"], move |model, answer| {
        for (number, _, thing) in &mut model.things {
            if let Thing::Blob { plaintext, .. } = thing
                && *number == source.number
            {
                *plaintext = Some(text(answer, "Plaintext"));
            }
        }
        Ok(())
    })
}

pub(super) fn re_encrypt(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let source = source(model, call)?;
    let region = model.names.get(&source.key)?.region;
    let destination = model.names.get(&call.key).filter(|name| name.region == region).map(|_| call.key)?;
    let algorithm = algorithm_of(model, destination);
    let bound = context_of(algorithm, call);
    let mut input = json!({"CiphertextBlob": source.blob, "DestinationKeyId": model.identifier(call, true)?});
    let members = [
        ("SourceEncryptionContext", context(source.context)),
        ("SourceEncryptionAlgorithm", given(source.algorithm)),
        ("DestinationEncryptionContext", context(bound)),
        ("DestinationEncryptionAlgorithm", given(algorithm)),
    ];
    add(&mut input, call.dry, &members);
    if let Some(named) = source.named {
        input["SourceKeyId"] = json!(model.identifier(&Call { key: named, ..*call }, true)?);
    }
    let outcome = (|| {
        require_source(model, call, &source, "ReEncryptFrom", source.context)?;
        model.permit(call, destination, "ReEncryptTo", Some(bound))?;
        model.admit("ReEncrypt", source.key)?;
        require_algorithm(model, "ReEncrypt", destination, algorithm)?;
        model.admit("ReEncrypt", destination)?;
        if call.fault == 1 {
            return Err(refusal("InvalidCiphertextException", ""));
        }
        unless_dry(call, || re_encrypted(model, number, source, (destination, algorithm, bound)))
    })();
    Asked::new(region, input, outcome)
}

fn re_encrypted(
    model: &Model,
    number: u32,
    source: Source,
    (destination, algorithm, bound): (u32, &str, u32),
) -> Outcome {
    let material = material_of(model, destination);
    let mut exact = json!({
        "SourceKeyId": model.live(source.key)?.arn, "KeyId": model.live(destination)?.arn,
        "SourceEncryptionAlgorithm": source.algorithm, "DestinationEncryptionAlgorithm": algorithm,
    });
    for (member, id) in [("SourceKeyMaterialId", &source.material), ("DestinationKeyMaterialId", &material)] {
        if let Some(id) = id {
            exact[member] = json!(id);
        }
    }
    let plaintext = source.plaintext;
    Expected::with(exact, &["CiphertextBlob"], move |model, answer| {
        let blob = text(answer, "CiphertextBlob");
        model.keep(number, destination, Thing::Blob { blob, plaintext, context: bound, material });
        Ok(())
    })
}
