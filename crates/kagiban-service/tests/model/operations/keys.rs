//! Keys themselves: made, described, switched on and off, and their end.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::asked::{Asked, Expected, Outcome, invalid, refusal, require, seconds, text};
use crate::key::{DAY_MS, KINDS, Key, Kind, Material};
use crate::model::{ACCOUNT, Model, REGIONS, ROOT, violation};
use crate::multi_region::Set;
use crate::states::State;
use crate::step::Call;

pub(super) fn create_key(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let kind = KINDS[call.a as usize % KINDS.len()];
    // Most keys are in one Region, so that they meet.
    let region = if call.other.is_multiple_of(5) { REGIONS[call.b as usize % REGIONS.len()] } else { REGIONS[1] };
    let is_multi_region = call.other.is_multiple_of(3) && !kind.is_external();
    let mut input = json!({"KeySpec": kind.spec, "KeyUsage": kind.usage, "Origin": kind.origin});
    let description = if call.b.is_multiple_of(2) { String::new() } else { format!("made by {number}") };
    let tagged = call.b.is_multiple_of(3);
    if !description.is_empty() {
        input["Description"] = json!(description);
    }
    if tagged {
        input["Tags"] = json!([{"TagKey": "t0", "TagValue": "first"}]);
    }
    let refused = |error| Asked::new(region, Value::Null, Err(error));
    match call.fault {
        1 if !kind.is_symmetric() => {
            input.as_object_mut()?.remove("KeyUsage");
            let text = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.";
            return refused(invalid(text)).map(|asked| Asked { input, ..asked });
        }
        2 => {
            let usage = if kind.usage == "SIGN_VERIFY" { "ENCRYPT_DECRYPT" } else { "SIGN_VERIFY" };
            if matches!(kind.spec, "ECC_NIST_P256" | "RSA_2048") && usage == "SIGN_VERIFY" {
                return None;
            }
            input["KeyUsage"] = json!(usage);
            let text = format!("KeyUsage {usage} is not compatible with KeySpec {}", kind.spec);
            return refused(invalid(text)).map(|asked| Asked { input, ..asked });
        }
        3 => {
            let tag = json!({"TagKey": "a", "TagValue": "b"});
            input["Tags"] = json!([tag, tag]);
            let error = refusal("TagException", "Duplicate tag keys found: a");
            return refused(error).map(|asked| Asked { input, ..asked });
        }
        _ => {}
    }
    let now = model.now;
    if is_multi_region {
        input["MultiRegion"] = json!(true);
    }
    let outcome = Expected::with(json!({}), &["KeyMetadata"], move |model, answer| {
        let shown = &answer["KeyMetadata"];
        let mut key = new_key(region, kind, description, now);
        key.set = is_multi_region.then(|| Set::new(region));
        if tagged {
            key.tags.insert("t0".to_owned(), "first".to_owned());
        }
        learn_key(model, number, key, shown)
    });
    Asked::new(region, input, outcome)
}

/// A key of this kind as it begins.
pub(super) fn new_key(region: &'static str, kind: Kind, description: String, now: i64) -> Key {
    let materials = if kind.is_external() { Vec::new() } else { vec![Material::made_here()] };
    Key {
        region,
        id: String::new(),
        arn: String::new(),
        kind,
        created: now,
        description,
        state: if materials.is_empty() { State::PendingImport } else { State::Enabled },
        deletion_date: None,
        window_days: None,
        last_use: None,
        last_use_saved: None,
        set: None,
        materials,
        import_ids: BTreeMap::new(),
        public_key: None,
        schedule: None,
        on_demand: 0,
        tags: BTreeMap::new(),
        grants: BTreeMap::new(),
        policy: default_policy(),
    }
}

fn learn_key(model: &mut Model, number: u32, mut key: Key, shown: &Value) -> Result<(), String> {
    key.id = text(shown, "KeyId");
    key.arn = format!("arn:aws:kms:{}:{ACCOUNT}:key/{}", key.region, key.id);
    require(key.id.len() == 36 && key.id.starts_with("mrk-") == key.set.is_some(), "the key id is none")?;
    require(model.names.values().all(|name| name.id != key.id), "the key id is not new")?;
    if let Some(material) = key.materials.first_mut().filter(|_| key.kind.is_symmetric()) {
        let id = text(shown, "CurrentKeyMaterialId");
        model.note_material_id(&id)?;
        material.id = Some(id);
    }
    let expected = key.metadata();
    model.add(number, key);
    require(*shown == expected, &format!("the metadata should be {expected}"))
}

/// The policy that keys get when the request brings none.
pub(super) fn default_policy() -> String {
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \"Sid\" : \"Enable \
         IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \"AWS\" : \"{ROOT}\"\n    \
         }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

pub(super) fn describe_key(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let input = json!({"KeyId": model.identifier(call, true)?});
    let outcome = (|| {
        model.permit(call, call.key, "DescribeKey", None)?;
        model.admit("DescribeKey", call.key)?;
        Expected::exact(json!({"KeyMetadata": model.live(call.key)?.metadata()}))
    })();
    Asked::new(model.names[&call.key].region, input, outcome)
}

pub(super) fn get_key_last_usage(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = (|| {
        model.live(call.key)?;
        model.admit("GetKeyLastUsage", call.key)?;
        let key = model.live(call.key)?;
        let created = seconds(key.created);
        let exact = json!({"KeyId": key.id, "KeyCreationDate": created, "TrackingStartDate": created});
        let last_use = key.last_use;
        Expected::with(exact, &["KeyLastUsage"], move |_, answer| {
            let mut shown = answer["KeyLastUsage"].clone();
            let Some((operation, at)) = last_use else { return require(shown == json!({}), "it was never used") };
            for id in ["CloudTrailEventId", "KmsRequestId"] {
                let id = shown.as_object_mut().and_then(|members| members.remove(id));
                require(id.is_some_and(|id| id.is_string()), "an id is missing")?;
            }
            let expected = json!({"Operation": operation, "Timestamp": seconds(at)});
            require(shown == expected, &format!("the last use should be {expected}"))
        })
    })();
    Asked::new(model.names[&call.key].region, input, outcome)
}

/// An operation that changes a key and answers nothing.
fn change(model: &mut Model, call: &Call, more: &Value, change: impl FnOnce(&mut Key)) -> Option<Asked> {
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    for (name, value) in more.as_object()? {
        input[name] = value.clone();
    }
    let outcome = (|| {
        model.live(call.key)?;
        model.admit(call.operation, call.key)?;
        change(model.keys.get_mut(&call.key).expect("a live key"));
        Expected::nothing()
    })();
    Asked::new(model.names[&call.key].region, input, outcome)
}

pub(super) fn enable_key(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    change(model, call, &json!({}), |key| key.state = State::Enabled)
}

pub(super) fn disable_key(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    change(model, call, &json!({}), |key| key.state = State::Disabled)
}

pub(super) fn update_key_description(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let description = if call.a.is_multiple_of(4) { String::new() } else { format!("described by {number}") };
    change(model, call, &json!({"Description": description}), |key| key.description.clone_from(&description))
}

pub(super) fn schedule_key_deletion(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    let days = match (call.fault, call.a % 4) {
        (1, _) => 6,
        (2, _) => 31,
        (_, 0) => 30,
        (_, 1) => 7,
        _ => 7 + i64::from(call.b % 24),
    };
    if call.fault != 0 || !call.a.is_multiple_of(4) {
        input["PendingWindowInDays"] = json!(days);
    }
    let outcome = schedule(model, call, days);
    Asked::new(model.names[&call.key].region, input, outcome)
}

fn schedule(model: &mut Model, call: &Call, days: i64) -> Outcome {
    if call.fault == 1 || call.fault == 2 {
        let bound = if days < 7 { "greater than or equal to 7" } else { "less than or equal to 30" };
        return Err(violation(&format!(
            "Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value {bound}"
        )));
    }
    model.live(call.key)?;
    model.admit("ScheduleKeyDeletion", call.key)?;
    let date = model.now + days * DAY_MS;
    let key = model.keys.get_mut(&call.key).expect("a live key");
    if key.has_replicas() {
        key.state = State::PendingReplicaDeletion;
        key.window_days = Some(days);
        let state = "PendingReplicaDeletion";
        return Expected::exact(json!({"KeyId": key.arn, "KeyState": state, "PendingWindowInDays": days}));
    }
    key.state = State::PendingDeletion;
    key.deletion_date = Some(date);
    Expected::exact(json!({
        "KeyId": key.arn, "DeletionDate": seconds(date), "KeyState": "PendingDeletion", "PendingWindowInDays": days,
    }))
}

pub(super) fn cancel_key_deletion(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = (|| {
        model.live(call.key)?;
        model.admit("CancelKeyDeletion", call.key)?;
        let key = model.keys.get_mut(&call.key).expect("a live key");
        // A replica to which no material has come yet is in the making again.
        let is_unmade = key.materials.is_empty() && !key.kind.is_external();
        key.state = if is_unmade { State::Creating } else { State::Disabled };
        (key.deletion_date, key.window_days) = (None, None);
        if key.kind.is_external() {
            key.follow_materials();
        }
        Expected::exact(json!({"KeyId": key.arn}))
    })();
    Asked::new(model.names[&call.key].region, input, outcome)
}
