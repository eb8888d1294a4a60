//! Rotation: its settings, its history, and on demand.

use serde_json::{Value, json};

use super::regions::require_primary;
use crate::asked::{Asked, Expected, Outcome, Refusal, refusal, seconds};
use crate::key::{DAY_MS, MINUTE_MS, Schedule};
use crate::model::{Model, violation};
use crate::states::State;
use crate::step::Call;

const ON_DEMAND_MAX: u32 = 25;

/// Only symmetric keys have rotations at all.
fn require_symmetric(model: &mut Model, call: &Call) -> Result<(), Refusal> {
    if model.live(call.key)?.kind.is_symmetric() { Ok(()) } else { Err(model.wrong_kind(call.key, "")) }
}

/// Changes the schedule of a key whose material is made here.
fn set(model: &mut Model, call: &Call, schedule: Option<Schedule>) -> Outcome {
    require_symmetric(model, call)?;
    if model.live(call.key)?.kind.is_external() {
        return Err(model.wrong_origin(call.key));
    }
    model.admit(call.operation, call.key)?;
    require_primary(model, call)?;
    model.keys.get_mut(&call.key).expect("a live key").schedule = schedule;
    Expected::nothing()
}

pub(super) fn enable_key_rotation(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let period_days = match (call.fault, call.a % 4) {
        (1, _) => 89,
        (2, _) => 2561,
        (_, 0) => 365,
        (_, 1) => 90,
        (_, 2) => 2560,
        _ => 90 + i64::from(call.b % 100),
    };
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    if call.fault != 0 || !call.a.is_multiple_of(4) {
        input["RotationPeriodInDays"] = json!(period_days);
    }
    let bound = |bound: &str| {
        violation(&format!(
            "Value '{period_days}' at 'rotationPeriodInDays' failed to satisfy constraint: Member must have value {bound}"
        ))
    };
    let outcome = match call.fault {
        1 => Err(bound("greater than or equal to 90")),
        2 => Err(bound("less than or equal to 2560")),
        _ => {
            let next = model.now + period_days * DAY_MS;
            set(model, call, Some(Schedule { period_days, next }))
        }
    };
    Asked::new(region, input, outcome)
}

pub(super) fn disable_key_rotation(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = set(model, call, None);
    Asked::new(region, input, outcome)
}

pub(super) fn get_key_rotation_status(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let input = json!({"KeyId": model.identifier(call, false)?});
    let outcome = (|| {
        model.admit("GetKeyRotationStatus", call.key)?;
        Expected::exact(status(model, call.key)?)
    })();
    Asked::new(region, input, outcome)
}

fn status(model: &Model, key: u32) -> Result<Value, Refusal> {
    let key = model.live(key)?;
    let schedule = key.schedule.filter(|_| !key.state.is_doomed());
    let mut shown = json!({"KeyId": key.id, "KeyRotationEnabled": schedule.is_some()});
    if let Some((started, "ON_DEMAND")) = key.set.as_ref().and_then(|set| set.rotating) {
        shown["OnDemandRotationStartDate"] = seconds(started);
    }
    if let Some(schedule) = schedule {
        shown["RotationPeriodInDays"] = json!(schedule.period_days);
        shown["NextRotationDate"] = seconds(schedule.next);
    }
    Ok(shown)
}

pub(super) fn list_key_rotations(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let mut input = json!({"KeyId": model.identifier(call, false)?});
    if call.a.is_multiple_of(2) {
        input["Limit"] = json!(1 + call.a % 7);
    }
    let all = call.b.is_multiple_of(2);
    if all || call.b.is_multiple_of(3) {
        input["IncludeKeyMaterial"] = json!(if all { "ALL_KEY_MATERIAL" } else { "ROTATIONS_ONLY" });
    }
    let outcome = (|| {
        require_symmetric(model, call)?;
        model.admit("ListKeyRotations", call.key)?;
        Expected::exact(json!({"Rotations": model.live(call.key)?.rotations(all)}))
    })();
    Asked::listing(region, input, "Rotations", outcome)
}

pub(super) fn rotate_key_on_demand(model: &mut Model, _: u32, call: &Call) -> Option<Asked> {
    let region = model.names.get(&call.key)?.region;
    let named = model.identifier(call, false)?;
    let outcome = rotate(model, call, &named);
    Asked::new(region, json!({"KeyId": named}), outcome)
}

fn rotate(model: &mut Model, call: &Call, named: &str) -> Outcome {
    require_symmetric(model, call)?;
    model.admit("RotateKeyOnDemand", call.key)?;
    require_primary(model, call)?;
    let now = model.now;
    let key = model.keys.get_mut(&call.key).expect("a live key");
    debug_assert!(matches!(key.state, State::Enabled | State::Updating));
    if key.set.as_ref().is_some_and(|set| set.rotating.is_some()) {
        let text = format!("A rotation of {} is in progress; try again when it is over.", key.arn);
        return Err(refusal("ConflictException", text));
    }
    if key.on_demand >= ON_DEMAND_MAX {
        let text = format!("On-demand rotations per key quota is {ON_DEMAND_MAX}, current usage is {ON_DEMAND_MAX}.");
        return Err(refusal("LimitExceededException", text));
    }
    if key.schedule.is_some_and(|schedule| schedule.next - now <= 20 * MINUTE_MS) {
        let text = format!("{} rotates automatically within the next 20 minutes.", key.arn);
        return Err(refusal("ConflictException", text));
    }
    if !key.begin_rotation(now, "ON_DEMAND") {
        let text = format!("{} has no imported key material that waits for its rotation.", key.arn);
        return Err(refusal("KMSInvalidStateException", text));
    }
    key.on_demand += 1;
    Expected::exact(json!({"KeyId": named}))
}
