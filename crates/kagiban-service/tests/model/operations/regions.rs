//! Replicas, and the change of primary.

use serde_json::{Value, json};

use super::keys::{default_policy, new_key};
use crate::asked::{Asked, Expected, Outcome, Refusal, refusal};
use crate::key::Key;
use crate::model::{Model, REGIONS};
use crate::multi_region::Set;
use crate::states::State;
use crate::step::Call;

/// The refusal of an operation on what is shared, on a replica.
pub(super) fn require_primary(model: &mut Model, call: &Call) -> Result<(), Refusal> {
    let key = model.live(call.key)?;
    match &key.set {
        Some(set) if !set.is_primary => {
            let text = format!(
                "{} is a multi-Region replica key; call this operation on the primary key, in {}.",
                key.arn, set.primary
            );
            Err(model.wrong_kind(call.key, text))
        }
        _ => Ok(()),
    }
}

fn require_multi_region(model: &mut Model, call: &Call) -> Result<(), Refusal> {
    let key = model.live(call.key)?;
    if key.set.is_some() {
        return Ok(());
    }
    let text = format!("{} is a single-Region key which is not valid for this operation.", key.arn);
    Err(model.wrong_kind(call.key, text))
}

fn region(call: &Call) -> &'static str {
    REGIONS[call.a as usize % REGIONS.len()]
}

pub(super) fn replicate_key(model: &mut Model, number: u32, call: &Call) -> Option<Asked> {
    let here = model.names.get(&call.key)?.region;
    let description = if call.b.is_multiple_of(2) { String::new() } else { format!("replicated by {number}") };
    let mut input = json!({"KeyId": model.identifier(call, false)?, "ReplicaRegion": region(call)});
    if !description.is_empty() {
        input["Description"] = json!(description);
    }
    let tags = if call.b.is_multiple_of(3) { json!([{"TagKey": "t0", "TagValue": "first"}]) } else { json!([]) };
    if call.b.is_multiple_of(3) {
        input["Tags"] = tags.clone();
    }
    let outcome = replicate(model, number, call, (description, tags));
    Asked::new(here, input, outcome)
}

fn replicate(model: &mut Model, number: u32, call: &Call, (description, tags): (String, Value)) -> Outcome {
    require_multi_region(model, call)?;
    model.admit("ReplicateKey", call.key)?;
    require_primary(model, call)?;
    let region = region(call);
    let primary = model.live(call.key)?;
    let arn = primary.arn.replace(primary.region, region);
    let knows = primary.set.as_ref().is_some_and(|set| set.primary == region || set.replicas.contains(&region));
    if knows {
        let text = format!("A related multi-Region key already exists: {arn}");
        return Err(refusal("AlreadyExistsException", text));
    }
    let mut replica = Key {
        id: primary.id.clone(),
        arn,
        state: State::Creating,
        materials: Vec::new(),
        import_ids: primary.import_ids.clone(),
        ..new_key(region, primary.kind, description, model.now)
    };
    if tags.as_array().is_some_and(|tags| !tags.is_empty()) {
        replica.tags.insert("t0".to_owned(), "first".to_owned());
    }
    let set = model.keys.get_mut(&call.key).and_then(|key| key.set.as_mut()).expect("a set");
    set.replicas.push(region);
    set.replicas.sort_unstable();
    let replicas = set.replicas.clone();
    replica.set = Some(Set { is_primary: false, primary: set.primary, replicas, rotating: None, successor: None });
    let metadata = replica.metadata();
    // A key that stood there before has the same name.
    model.names.retain(|_, name| name.arn != replica.arn);
    model.add(number, replica);
    Expected::exact(json!({"ReplicaKeyMetadata": metadata, "ReplicaPolicy": default_policy(), "ReplicaTags": tags}))
}

pub(super) fn update_primary_region(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let here = model.names.get(&call.key)?.region;
    let input = json!({"KeyId": model.identifier(call, false)?, "PrimaryRegion": region(call)});
    let outcome = update(model, call);
    Asked::new(here, input, outcome)
}

fn update(model: &mut Model, call: &Call) -> Outcome {
    require_multi_region(model, call)?;
    model.admit("UpdatePrimaryRegion", call.key)?;
    let region = region(call);
    let key = model.live(call.key)?.clone();
    let arn = key.arn.replace(key.region, region);
    if region == key.region {
        let text = format!("{arn} cannot take the primary role over from itself.");
        return Err(refusal("UnsupportedOperationException", text));
    }
    let Some(successor) = model.related(&key.id, region) else {
        return Err(refusal("NotFoundException", format!("Key '{arn}' does not exist")));
    };
    if key.set.as_ref().is_some_and(|set| set.successor == Some(region)) {
        return Expected::nothing();
    }
    require_primary(model, call)?;
    model.admit("UpdatePrimaryRegion", successor)?;
    for number in [call.key, successor] {
        let key = model.live(number)?;
        if key.state == State::Updating {
            return Err(refusal("KMSInvalidStateException", format!("{} is updating.", key.arn)));
        }
    }
    model.keys.get_mut(&successor).expect("a live key").state = State::Updating;
    let old = model.keys.get_mut(&call.key).expect("a live key");
    old.state = State::Updating;
    old.set.as_mut().expect("a set").successor = Some(region);
    Expected::nothing()
}
