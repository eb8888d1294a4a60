//! Imported material: parameters, import, deletion.

use serde_json::{Value, json};

use crate::asked::{Asked, Expected, Outcome, Refusal, invalid, refusal, refusal_like, require, seconds, text};
use crate::key::{DAY_MS, Key, Material, Use};
use crate::model::{Model, Thing};
use crate::states::State;
use crate::step::Call;
use crate::wrapping::{material, wrap};

const HOUR_MS: i64 = DAY_MS / 24;

fn require_external(model: &mut Model, call: &Call) -> Result<(), Refusal> {
    if model.live(call.key)?.kind.is_external() { Ok(()) } else { Err(model.wrong_origin(call.key)) }
}

pub(super) fn get_parameters_for_import(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let algorithm = if call.fault == 1 { "RSAES_PKCS1_V1_5" } else { "RSAES_OAEP_SHA_256" };
    let named = model.identifier(call, false)?;
    let input = json!({"KeyId": named, "WrappingAlgorithm": algorithm, "WrappingKeySpec": "RSA_2048"});
    let outcome = (|| {
        require_external(model, call)?;
        if call.fault == 1 {
            return Err(refusal_like("UnsupportedOperationException", "The wrapping is not supported: "));
        }
        model.admit("GetParametersForImport", call.key)?;
        let (key, valid_to) = (call.key, model.now + DAY_MS);
        let exact = json!({"KeyId": model.live(key)?.arn, "ParametersValidTo": seconds(valid_to)});
        Expected::with(exact, &["ImportToken", "PublicKey"], move |model, answer| {
            let (token, public_key) = (text(answer, "ImportToken"), text(answer, "PublicKey"));
            model.keep(number, key, Thing::Parameters { token, public_key, valid_to });
            Ok(())
        })
    })();
    Asked::new(region, input, outcome)
}

/// An import as the request wants it.
struct Import {
    /// Which of the materials there are.
    which: u32,
    import_type: Option<&'static str>,
    description: Option<String>,
    valid_to: Option<i64>,
    /// The id that the request gives to the material.
    named: Option<String>,
    /// Token, end of its validity.
    token: Option<(String, i64)>,
}

pub(super) fn import_key_material(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let key = model.keys.get(&call.key);
    let is_symmetric = key.is_none_or(|key| key.kind.is_symmetric());
    let (token, public_key) = match model.thing(call.thing) {
        Some((of, Thing::Parameters { token, public_key, valid_to })) if of == call.key => {
            (Some((token, valid_to)), Some(public_key))
        }
        _ => (None, None),
    };
    let import = Import {
        which: which(key, call),
        import_type: import_type(is_symmetric, call),
        description: (is_symmetric && call.b.is_multiple_of(7)).then(|| format!("imported by {number}")),
        valid_to: valid_to(model.now, call),
        named: named(key, call),
        token,
    };
    let mut bytes = key.map(|key| material(key.kind.spec, import.which).to_vec()).unwrap_or_default();
    if call.fault == 3 {
        bytes.pop();
    }
    let wrapped = match public_key {
        Some(public_key) if call.fault != 2 => wrap(&public_key, &bytes),
        _ => "AAAA".to_owned(),
    };
    let input = import_input(&model.identifier(call, false)?, &import, wrapped, call);
    let outcome = import_material(model, call, is_symmetric, import);
    Asked::new(region, input, outcome)
}

fn import_input(key: &str, import: &Import, wrapped: String, call: &Call) -> Value {
    let token = import.token.as_ref().filter(|_| call.fault != 1).map_or("AAAA", |(token, _)| token.as_str());
    let mut input = json!({"KeyId": key, "ImportToken": token, "EncryptedKeyMaterial": wrapped});
    let mut add = |member: &str, value: Option<Value>| {
        if let Some(value) = value {
            input[member] = value;
        }
    };
    add("ImportType", import.import_type.map(|text| json!(text)));
    add("KeyMaterialDescription", import.description.as_ref().map(|text| json!(text)));
    add("KeyMaterialId", import.named.as_ref().map(|text| json!(text)));
    add("ValidTo", import.valid_to.map(seconds));
    let never = import.valid_to.is_none() || call.fault == 6;
    add("ExpirationModel", never.then(|| json!("KEY_MATERIAL_DOES_NOT_EXPIRE")));
    input
}

/// Mostly a material that the key knows, and of these one that is missing.
fn which(key: Option<&Key>, call: &Call) -> u32 {
    let known: Vec<&Material> = key.map(|key| key.materials.iter().collect()).unwrap_or_default();
    let missing = known.iter().find(|material| !material.is_present).and_then(|material| material.imported);
    match call.b % 5 {
        0 | 4 => call.a % 5,
        1 | 2 if missing.is_some() => missing.unwrap_or_default(),
        _ if known.is_empty() => call.a % 5,
        _ => known[call.a as usize % known.len()].imported.unwrap_or_default(),
    }
}

fn import_type(is_symmetric: bool, call: &Call) -> Option<&'static str> {
    match (call.fault, call.b % 5) {
        (8 | 9, _) => Some("NEW_KEY_MATERIAL"),
        (0, 0) if is_symmetric => Some("NEW_KEY_MATERIAL"),
        (0, 1) if is_symmetric => Some("EXISTING_KEY_MATERIAL"),
        _ => None,
    }
}

fn valid_to(now: i64, call: &Call) -> Option<i64> {
    match call.fault {
        4 => Some(now),
        5 => Some(now + 365 * DAY_MS + 1),
        _ if call.fault == 6 || call.a.is_multiple_of(3) => Some(now + (1 + i64::from(call.b % 960)) * HOUR_MS),
        _ => None,
    }
}

fn named(key: Option<&Key>, call: &Call) -> Option<String> {
    match call.fault {
        7 | 8 => Some("0".repeat(64)),
        10 => key.and_then(|key| key.import_ids.get(&which(Some(key), call)).cloned()),
        _ => None,
    }
}

fn import_material(model: &mut Model, call: &Call, is_symmetric: bool, import: Import) -> Outcome {
    require_external(model, call)?;
    require_members(is_symmetric, &import)?;
    let text = match call.fault {
        4 => Some("ValidTo must be in the future."),
        5 => Some("ValidTo must be at most 365 days from now."),
        6 => Some("ValidTo cannot be specified when ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE."),
        _ => None,
    };
    if let Some(text) = text {
        return Err(invalid(text));
    }
    model.admit("ImportKeyMaterial", call.key)?;
    match &import.token {
        Some((_, valid_to)) if call.fault != 1 => {
            if model.now > *valid_to {
                let text = "The import token has expired; get new parameters.";
                return Err(refusal("ExpiredImportTokenException", text));
            }
        }
        _ => {
            let text = "The import token is not valid, or belongs to another KMS key.";
            return Err(refusal("InvalidImportTokenException", text));
        }
    }
    if call.fault == 2 {
        return Err(refusal("InvalidCiphertextException", ""));
    }
    associate(model, call, &import)
}

fn require_members(is_symmetric: bool, import: &Import) -> Result<(), Refusal> {
    let given = [
        ("ImportType", import.import_type.is_some()),
        ("KeyMaterialDescription", import.description.is_some()),
        ("KeyMaterialId", import.named.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        Some((member, _)) if !is_symmetric => {
            Err(invalid(format!("{member} is supported with symmetric encryption KMS keys only.")))
        }
        _ if import.import_type == Some("NEW_KEY_MATERIAL") && import.named.is_some() => {
            Err(invalid("KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL."))
        }
        _ => Ok(()),
    }
}

/// The material becomes one of the key's, or comes back.
fn associate(model: &mut Model, call: &Call, import: &Import) -> Outcome {
    let key = model.keys.get_mut(&call.key).expect("a live key");
    let head = format!("The key material cannot be imported into {}: ", key.arn);
    let fault = |text: &str| Err(refusal("IncorrectKeyMaterialException", format!("{head}{text}.")));
    if call.fault == 3 {
        return Err(refusal_like("IncorrectKeyMaterialException", head));
    }
    if import.named.is_some() && import.named.as_ref() != key.import_ids.get(&import.which) {
        return fault("its KeyMaterialId is not the one in the request");
    }
    let is_first = key.materials.is_empty();
    let is_new = import.import_type.map_or(is_first, |text| text == "NEW_KEY_MATERIAL");
    let is_waiting = key.materials.iter().any(|material| material.used == Use::PendingRotation);
    let known = key.materials.iter_mut().find(|material| material.imported == Some(import.which));
    match (is_new, known) {
        (true, Some(_)) => {
            return fault("it is already associated with the KMS key; import it as EXISTING_KEY_MATERIAL");
        }
        (false, None) => return fault("it is not associated with the KMS key"),
        (true, None) if is_waiting => return fault("another new key material is waiting for its rotation"),
        (false, Some(material)) => {
            material.is_present = true;
            material.valid_to = import.valid_to;
            if import.description.is_some() {
                material.description.clone_from(&import.description);
            }
        }
        (true, None) => key.materials.push(Material {
            id: key.import_ids.get(&import.which).cloned(),
            imported: Some(import.which),
            used: if is_first { Use::Current } else { Use::PendingRotation },
            valid_to: import.valid_to,
            description: import.description.clone(),
            ..Material::made_here()
        }),
    }
    key.follow_materials();
    imported(key, call.key, import.which)
}

/// The answer. The id of a material is the same whenever it comes, and no other key has it.
fn imported(key: &Key, number: u32, which: u32) -> Outcome {
    let mut exact = json!({"KeyId": key.arn});
    if !key.kind.is_symmetric() {
        return Expected::exact(exact);
    }
    if let Some(id) = key.import_ids.get(&which) {
        exact["KeyMaterialId"] = json!(id);
        return Expected::exact(exact);
    }
    Expected::with(exact, &["KeyMaterialId"], move |model, answer| {
        let id = text(answer, "KeyMaterialId");
        model.note_material_id(&id)?;
        let key = model.keys.get_mut(&number).expect("a live key");
        key.import_ids.insert(which, id.clone());
        let material = key.materials.iter_mut().find(|material| material.imported == Some(which));
        require(material.is_some(), "the material is not in the model")?;
        material.into_iter().for_each(|material| material.id = Some(id.clone()));
        Ok(())
    })
}

/// The current material, or one that is named.
pub(super) fn delete_imported_key_material(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    let ids: Vec<String> = match model.keys.get(&call.key) {
        Some(key) if key.kind.is_symmetric() => key.import_ids.values().cloned().collect(),
        _ => Vec::new(),
    };
    let named = match call.fault {
        1 => Some("0".repeat(64)),
        _ if !ids.is_empty() && call.a.is_multiple_of(2) => Some(ids[call.b as usize % ids.len()].clone()),
        _ => None,
    };
    if let Some(id) = &named {
        input["KeyMaterialId"] = json!(id);
    }
    let outcome = delete(model, call, named.as_deref());
    Asked::new(region, input, outcome)
}

fn delete(model: &mut Model, call: &Call, named: Option<&str>) -> Outcome {
    model.live(call.key)?;
    model.admit("DeleteImportedKeyMaterial", call.key)?;
    require_external(model, call)?;
    let key = model.keys.get_mut(&call.key).expect("a live key");
    let at = match named {
        Some(id) => key.materials.iter().position(|material| material.id.as_deref() == Some(id)),
        None => key.materials.iter().position(|material| material.used == Use::Current),
    };
    let mut exact = json!({"KeyId": key.arn});
    match (at, named) {
        (Some(at), _) => {
            if key.kind.is_symmetric() {
                exact["KeyMaterialId"] = json!(key.materials[at].id);
            }
            key.lose(at);
            debug_assert!(key.state != State::Enabled || key.materials.iter().all(|material| material.is_present));
            Expected::exact(exact)
        }
        (None, Some(id)) => {
            let text = format!("Key material '{id}' of {} does not exist", key.arn);
            Err(refusal("NotFoundException", text))
        }
        (None, None) => Expected::exact(exact),
    }
}
