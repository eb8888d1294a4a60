//! Grants: made, listed, retired, revoked.

use serde_json::{Value, json};

use super::unless_dry;
use crate::asked::{Asked, Expected, Refusal, invalid, refusal, require, text};
use crate::key::{Grant, Kind};
use crate::model::{GRANTEE, Model, ROOT, Thing};
use crate::step::{By, Call};

/// What a grant on a key of this kind can allow.
fn fitting(kind: &Kind) -> &'static [&'static str] {
    match (kind.usage, kind.is_symmetric()) {
        ("ENCRYPT_DECRYPT", true) => &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyPair",
            "ReEncryptFrom",
            "ReEncryptTo",
            "DescribeKey",
            "RetireGrant",
        ],
        ("ENCRYPT_DECRYPT", false) => &["Decrypt", "Encrypt", "GetPublicKey", "DescribeKey"],
        ("SIGN_VERIFY", _) => &["Sign", "Verify", "GetPublicKey", "RetireGrant"],
        ("GENERATE_VERIFY_MAC", _) => &["GenerateMac", "VerifyMac", "DescribeKey"],
        ("KEY_AGREEMENT", _) => &["DeriveSharedSecret", "GetPublicKey"],
        _ => &["Encapsulate", "Decapsulate", "RetireGrant"],
    }
}

/// The grant that a request wants; its name is one of three, or none.
fn wanted(model: &Model, number: u32, call: &Call, kind: &Kind) -> Grant {
    let fitting = fitting(kind);
    let chosen =
        fitting.iter().enumerate().filter(|(at, _)| call.a >> at & 1 == 1 || call.a as usize % fitting.len() == *at);
    let operations: Vec<&'static str> = chosen.map(|(_, operation)| *operation).collect();
    let of_context = ["Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair", "ReEncryptFrom", "ReEncryptTo"];
    let can_constrain = kind.is_symmetric() && operations.iter().all(|operation| of_context.contains(operation));
    Grant {
        number,
        created: model.now,
        name: (!call.b.is_multiple_of(4)).then(|| format!("grant-{}", call.b % 4)),
        operations,
        has_retiring: call.b.is_multiple_of(2),
        is_constrained: can_constrain && call.b.is_multiple_of(3),
    }
}

pub(super) fn create_grant(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let (region, key) = (model.names.get(&call.key)?.region, call.key);
    let kind = model.keys.get(&call.key).map_or(crate::key::KINDS[0], |key| key.kind);
    let mut grant = wanted(model, number, call, &kind);
    let unfit = if kind.is_symmetric() { "Sign" } else { "GenerateDataKey" };
    if call.fault == 1 {
        grant.operations = vec![unfit];
    }
    let mut input = json!({
        "KeyId": model.identifier(call, false)?, "GranteePrincipal": GRANTEE, "Operations": grant.operations,
    });
    let mut add = |member: &str, value: Value| input[member] = value;
    if let Some(name) = &grant.name {
        add("Name", json!(name));
    }
    if grant.has_retiring {
        add("RetiringPrincipal", json!(ROOT));
    }
    if grant.is_constrained {
        add("Constraints", json!({"EncryptionContextSubset": {"purpose": "test"}}));
    }
    if call.dry {
        add("DryRun", json!(true));
    }
    let outcome = (|| {
        model.live(call.key)?;
        if call.fault == 1 {
            return Err(invalid(format!(
                "The grant operation {unfit} is not supported by a KMS key with key usage {} and key spec {}.",
                kind.usage, kind.spec
            )));
        }
        model.admit("CreateGrant", call.key)?;
        let same = model.live(call.key)?.grants.iter().find(|(_, old)| is_same(old, &grant)).map(|(id, _)| id.clone());
        unless_dry(call, || {
            Expected::with(json!({}), &["GrantId", "GrantToken"], move |model, answer| {
                let (id, token) = (text(answer, "GrantId"), text(answer, "GrantToken"));
                require(id.len() == 64 && !token.is_empty(), "no id, or no token")?;
                let grants = &mut model.keys.get_mut(&key).expect("a live key").grants;
                match same {
                    Some(same) => require(same == id, "a grant of that name is there already")?,
                    None => require(grants.insert(id.clone(), grant).is_none(), "the grant's id is not new")?,
                }
                model.keep(number, key, Thing::Grant { id, token });
                Ok(())
            })
        })
    })();
    Asked::new(region, input, outcome)
}

/// A grant with a name is made once.
fn is_same(old: &Grant, new: &Grant) -> bool {
    old.name.is_some()
        && old.name == new.name
        && old.operations == new.operations
        && old.has_retiring == new.has_retiring
        && old.is_constrained == new.is_constrained
}

pub(super) fn list_grants(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    if call.a.is_multiple_of(2) {
        input["Limit"] = json!(1 + call.a % 5);
    }
    if call.b.is_multiple_of(3) {
        input["GranteePrincipal"] = json!(GRANTEE);
    }
    let outcome = (|| {
        model.admit("ListGrants", call.key)?;
        Expected::exact(json!({"Grants": model.live(call.key)?.grant_list()}))
    })();
    Asked::listing(region, input, "Grants", outcome)
}

pub(super) fn list_retirable_grants(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut input = json!({"RetiringPrincipal": ROOT});
    if call.a.is_multiple_of(2) {
        input["Limit"] = json!(1 + call.a % 5);
    }
    let mut keys: Vec<_> = model.keys.values().filter(|key| key.region == region).collect();
    keys.sort_by(|one, other| one.id.cmp(&other.id));
    let entries = keys.iter().flat_map(|key| {
        key.grants.iter().filter(|(_, grant)| grant.has_retiring).map(|(id, grant)| grant.entry(&key.arn, id))
    });
    let outcome = Expected::exact(json!({"Grants": entries.collect::<Vec<_>>()}));
    Asked::listing(region, input, "Grants", outcome)
}

/// The refusal of a grant that is gone.
fn not_found(id: &str) -> Refusal {
    refusal("NotFoundException", format!("Grant {id} does not exist"))
}

pub(super) fn retire_grant(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let (key, thing) = model.thing(call.thing)?;
    let Thing::Grant { id, token } = thing else { return None };
    let region = model.names.get(&key)?.region;
    let by_token = call.a.is_multiple_of(2);
    let named = model.identifier(&Call { key, ..*call }, false)?;
    let mut input = if by_token { json!({"GrantToken": token}) } else { json!({"KeyId": named, "GrantId": id}) };
    if call.dry {
        input["DryRun"] = json!(true);
    }
    let outcome = (|| {
        let grant = model.live(key).map(|key| key.grants.get(&id).cloned());
        let grant = match grant {
            Ok(Some(grant)) => grant,
            _ if by_token => {
                let text = "The request contains a grant token that is not valid.";
                return Err(refusal("InvalidGrantTokenException", text));
            }
            Ok(None) => return Err(not_found(&id)),
            Err(error) => return Err(error),
        };
        if call.by == By::Grantee && !grant.operations.contains(&"RetireGrant") {
            let text = format!(
                "User: {GRANTEE} is not authorized to perform: kms:RetireGrant on resource: {} because no \
                 identity-based policy allows the kms:RetireGrant action",
                model.live(key)?.arn
            );
            return Err(refusal("AccessDeniedException", text));
        }
        model.admit("RetireGrant", key)?;
        unless_dry(call, || {
            model.keys.get_mut(&key).expect("a live key").grants.remove(&id);
            Expected::nothing()
        })
    })();
    Asked::new(region, input, outcome)
}

pub(super) fn revoke_grant(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let (key, thing) = model.thing(call.thing)?;
    let Thing::Grant { id, .. } = thing else { return None };
    let region = model.names.get(&key)?.region;
    let mut input = json!({"KeyId": model.identifier(&Call { key, ..*call }, false)?, "GrantId": id});
    if call.dry {
        input["DryRun"] = json!(true);
    }
    let outcome = (|| {
        if !model.live(key)?.grants.contains_key(&id) {
            return Err(not_found(&id));
        }
        model.admit("RevokeGrant", key)?;
        unless_dry(call, || {
            model.keys.get_mut(&key).expect("a live key").grants.remove(&id);
            Expected::nothing()
        })
    })();
    Asked::new(region, input, outcome)
}
