//! Random steps. Some aim at the cells of the key-state table that were visited least, the others go where they will.

use kagiban_testkit::DRY_RUNS;

use crate::aims::{GRANTED, suits, way_to};
use crate::coverage::Coverage;
use crate::dice::Dice;
use crate::key::{DAY_MS, KINDS, Key, MINUTE_MS};
use crate::model::{Model, REGIONS, Thing};
use crate::operations::OPERATIONS;
use crate::states::{State, reachable};
use crate::step::{Act, By, Call, Form, Loss, Step};

/// Keys at a time.
const KEYS_MAX: usize = 42;
/// Operations that change a key in one commit.
const CHANGES: [&str; 18] = [
    "CancelKeyDeletion",
    "CreateAlias",
    "CreateGrant",
    "DeleteAlias",
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
];
/// RSA keys at a time: they are slow to make.
const RSA_MAX: usize = 2;
/// Makes steps, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Generator {
    dice: Dice,
    number: u32,
    jobs_are_due: bool,
    /// A request that comes again and again, to see where a limit is.
    burst: Option<(Call, u32)>,
}

impl Generator {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), number: 0, jobs_are_due: false, burst: None }
    }

    pub(crate) fn next(&mut self, model: &Model, coverage: &Coverage) -> Step {
        self.number += 1;
        let act = self.act(model, coverage);
        Step { number: self.number, act }
    }

    fn act(&mut self, model: &Model, coverage: &Coverage) -> Act {
        if self.jobs_are_due {
            self.jobs_are_due = false;
            return Act::Jobs;
        }
        if model.keys.len() < 4 || model.keys.len() < KEYS_MAX && self.dice.once_in(10) {
            return Act::Call(self.new_key(model, None));
        }
        if let Some((call, left)) = self.burst.take() {
            // Of its many steps none changes the key's state, but for those in between.
            let next = Call { a: call.a + 1, ..call };
            self.burst = left.checked_sub(1).map(|left| (next, left));
            return Act::Call(call);
        }
        if model.keys.len() > KEYS_MAX && self.dice.once_in(60) {
            self.jobs_are_due = true;
            return Act::Pass(8 * DAY_MS);
        }
        match self.dice.below(2000) {
            0..2 => Act::Restart,
            2..4 => Act::CutJobs(1 + self.dice.below(6)),
            4..6 => Act::Compare(None),
            6..8 => self.start_burst(model),
            8..11 => Act::SaveUses,
            11..80 => Act::Compare(self.any_key(model)),
            80..150 => self.pass(model),
            150..170 => Act::Jobs,
            170..1120 => Act::Call(self.aimed(model, coverage)),
            1960.. => self.failing(model),
            _ => Act::Call(self.random(model)),
        }
    }

    /// A change whose commit fails.
    fn failing(&mut self, model: &Model) -> Act {
        let operation = self.dice.one(&CHANGES).unwrap_or_default();
        let fit = model.keys.iter().filter(|(_, key)| suits(operation, "ok", key)).map(|(number, _)| *number);
        let key = self.dice.one(&fit.collect::<Vec<_>>());
        let loss = self.dice.one(&[Loss::Refused, Loss::Request, Loss::Answer, Loss::Answer]);
        match (key, loss) {
            (Some(key), Some(loss)) => Act::Fails(self.call(operation, key, model), loss),
            _ => Act::Call(self.random(model)),
        }
    }

    /// As many aliases, tags, or rotations on demand as a key can have, and one more.
    fn start_burst(&mut self, model: &Model) -> Act {
        let ways = [("CreateAlias", 75), ("TagResource", 60), ("RotateKeyOnDemand", 27)];
        let (operation, times) = self.dice.one(&ways).unwrap_or_default();
        let rotates = |key: &Key| key.kind == KINDS[0] && key.set.is_none();
        let fits = |key: &Key| key.state == State::Enabled && (operation != "RotateKeyOnDemand" || rotates(key));
        let keys: Vec<u32> = model.keys.iter().filter(|(_, key)| fits(key)).map(|(key, _)| *key).collect();
        let key = self.dice.one(&keys).unwrap_or_default();
        let call = self.call(operation, key, model);
        self.burst = Some((call, times));
        Act::Call(call)
    }

    /// Time passes: to an instant at which something happens and a moment beside it, or by any amount.
    fn pass(&mut self, model: &Model) -> Act {
        self.jobs_are_due = !self.dice.once_in(3);
        let mut due: Vec<i64> = model.due_times();
        due.sort_unstable();
        // Rotations and expiries are rare beside the others, and each has its own instant.
        let expiries =
            model.keys.values().flat_map(|key| key.materials.iter().filter_map(|material| material.valid_to));
        let rotations = model.keys.values().filter(|key| key.rotates_itself()).filter_map(|key| key.schedule);
        let rare: Vec<i64> = match self.dice.below(6) {
            0 => rotations.map(|schedule| schedule.next).collect(),
            1 | 2 => expiries.collect(),
            _ => Vec::new(),
        };
        if self.dice.once_in(8)
            && let Some(act) = self.close_to_rotation(model)
        {
            return act;
        }
        let to_rare = self.dice.one(&rare).map_or(0, |at| at - model.now + i64::from(self.dice.below(3)) - 1);
        if (1..400 * DAY_MS).contains(&to_rare) {
            return Act::Pass(to_rare);
        }
        let chosen = if self.dice.once_in(3) { self.dice.one(&due) } else { due.first().copied() };
        let to_due = chosen.map_or(0, |at| at - model.now + i64::from(self.dice.below(3)) - 1);
        let far = !self.dice.once_in(8);
        let ms = match self.dice.below(10) {
            0..5 if to_due > 0 && (to_due < 40 * DAY_MS || !far) => to_due,
            0..7 => i64::from(self.dice.below(60_000)),
            7 => i64::from(self.dice.below(120)) * MINUTE_MS,
            8 => i64::from(self.dice.below(48)) * DAY_MS / 24,
            _ if far => MINUTE_MS,
            _ => i64::from(self.dice.below(40)) * DAY_MS,
        };
        Act::Pass(ms)
    }

    /// Twenty minutes before a rotation, when one on demand is not taken any more.
    fn close_to_rotation(&mut self, model: &Model) -> Option<Act> {
        let close = model.keys.iter().filter_map(|(number, key)| {
            let to_close = key.schedule?.next - 20 * MINUTE_MS - model.now;
            (key.state == State::Enabled && (1..400 * DAY_MS).contains(&to_close)).then_some((*number, to_close))
        });
        let (key, to_close) = self.dice.one(&close.collect::<Vec<_>>())?;
        self.burst = Some((self.call("RotateKeyOnDemand", key, model), 0));
        self.jobs_are_due = false;
        Some(Act::Pass(to_close + i64::from(self.dice.below(3)) - 1))
    }

    fn any_key(&mut self, model: &Model) -> Option<u32> {
        if self.dice.once_in(25) {
            let gone: Vec<u32> = model.names.keys().copied().filter(|key| !model.keys.contains_key(key)).collect();
            if let Some(gone) = self.dice.one(&gone) {
                return Some(gone);
            }
        }
        let keys: Vec<u32> = model.keys.keys().copied().collect();
        self.dice.one(&keys)
    }

    /// A request with everything right; numbers at random.
    fn call(&mut self, operation: &'static str, key: u32, model: &Model) -> Call {
        let forms = [Form::Id, Form::Arn, Form::AliasName, Form::AliasArn];
        let a = match operation {
            "UpdateAlias" if !self.dice.once_in(4) => self.movable_alias(key, model),
            "ReplicateKey" if !self.dice.once_in(4) => self.region(key, model, false),
            "UpdatePrimaryRegion" if !self.dice.once_in(4) => self.region(key, model, true),
            _ => None,
        };
        Call {
            operation,
            key,
            other: self.any_key(model).unwrap_or_default(),
            thing: self.thing(operation, key, model),
            form: self.dice.one(&forms).unwrap_or(Form::Arn),
            by: By::Root,
            dry: false,
            fault: 0,
            a: a.unwrap_or_else(|| self.dice.below(100_000)),
            b: self.number_for(operation, key, model),
        }
    }

    /// Any number; for Decrypt mostly one that leads to this key's Region.
    fn number_for(&mut self, operation: &str, key: u32, model: &Model) -> u32 {
        let number = self.dice.below(33_000);
        let here = model.names.get(&key).and_then(|name| REGIONS.iter().position(|region| *region == name.region));
        match here.and_then(|here| u32::try_from(here).ok()) {
            Some(here) if operation == "Decrypt" && !number.is_multiple_of(4) => number * 3 + here,
            _ => number * 3 + self.dice.below(3),
        }
    }

    /// A key of some kind, or of this one.
    fn new_key(&mut self, model: &Model, kind: Option<usize>) -> Call {
        let rsa = model.keys.values().filter(|key| key.kind.spec == "RSA_2048").count();
        let kind = match kind {
            Some(kind) => kind,
            // Symmetric keys have most to live through.
            None if self.dice.once_in(2) => self.dice.below(2) as usize,
            None => self.dice.below(11) as usize,
        };
        let kind = if KINDS[kind].spec == "RSA_2048" && (rsa >= RSA_MAX || !self.dice.once_in(3)) { 0 } else { kind };
        let call = self.call("CreateKey", 0, model);
        Call { a: u32::try_from(kind).unwrap_or_default(), other: self.dice.below(1000), ..call }
    }

    /// Something of the key that the request can bring.
    fn thing(&mut self, operation: &str, key: u32, model: &Model) -> u32 {
        let fits = |thing: &Thing| match operation {
            "Decrypt" | "ReEncrypt" => matches!(thing, Thing::Blob { .. }),
            "Verify" => matches!(thing, Thing::Signature { .. }),
            "VerifyMac" => matches!(thing, Thing::Mac { .. }),
            "Decapsulate" => matches!(thing, Thing::Capsule { .. }),
            "RetireGrant" | "RevokeGrant" => matches!(thing, Thing::Grant { .. }),
            "ImportKeyMaterial" => matches!(thing, Thing::Parameters { .. }),
            _ => false,
        };
        if matches!(operation, "RetireGrant" | "RevokeGrant") && !self.dice.once_in(4) {
            let grants =
                model.keys.get(&key).map(|key| key.grants.values().map(|grant| grant.number).collect::<Vec<_>>());
            return self.dice.one(&grants.unwrap_or_default()).unwrap_or_default();
        }
        let all: Vec<(u32, u32)> =
            model.things.iter().filter(|(.., thing)| fits(thing)).map(|(made, key, _)| (*made, *key)).collect();
        // What a related key has encrypted is good for this one, too.
        let related = |of: u32| {
            matches!(operation, "Decrypt" | "Verify" | "VerifyMac" | "Decapsulate")
                && of != key
                && model.names.get(&of).map(|name| &name.id) == model.names.get(&key).map(|name| &name.id)
        };
        let own: Vec<(u32, u32)> = all.iter().copied().filter(|(_, of)| *of == key || related(*of)).collect();
        if operation == "ImportKeyMaterial" && !self.dice.once_in(10) {
            return own.last().map(|(made, _)| *made).unwrap_or_default();
        }
        if operation == "ReEncrypt" && own.is_empty() {
            // To this key then, from another one of its Region.
            let here = model.names.get(&key).map(|name| name.region);
            let near = all.iter().copied().filter(|(_, of)| model.names.get(of).map(|name| name.region) == here);
            return self.dice.one(&near.collect::<Vec<_>>()).map(|(made, _)| made).unwrap_or_default();
        }
        let foreign = operation == "Decrypt" && own.is_empty() || self.dice.once_in(8);
        let chosen = if foreign { self.dice.one(&all) } else { self.dice.one(&own) };
        chosen.map(|(made, _)| made).unwrap_or_default()
    }

    fn random(&mut self, model: &Model) -> Call {
        let (mut operation, _) = self.dice.one(&OPERATIONS).expect("there are operations");
        let mut key = self.any_key(model).unwrap_or_default();
        if !self.dice.once_in(3) {
            // Mostly a key that is made for it.
            let fit = model.keys.iter().filter(|(_, key)| suits(operation, "ok", key));
            key = self.dice.one(&fit.map(|(number, _)| *number).collect::<Vec<_>>()).unwrap_or(key);
        }
        if operation == "CreateKey" {
            if model.keys.len() >= KEYS_MAX {
                operation = "DescribeKey";
            } else {
                let fault = if self.dice.once_in(2) { 1 + self.dice.below(3) } else { 0 };
                return Call { fault, ..self.new_key(model, None) };
            }
        }
        let call = self.call(operation, key, model);
        let (faults, times) = if operation == "ImportKeyMaterial" { (10, 2) } else { (3, 5) };
        let fault = if self.dice.once_in(times) { 1 + self.dice.below(faults) } else { 0 };
        let by = if GRANTED.contains(&operation) && self.dice.once_in(6) { By::Grantee } else { By::Root };
        let dry = DRY_RUNS.contains(&operation) && self.dice.once_in(12);
        self.thrifty(Call { by, dry, fault, ..call }, model)
    }

    /// The number of a Region that has a replica of the key, or that has none.
    fn region(&mut self, key: u32, model: &Model, has_replica: bool) -> Option<u32> {
        let set = model.keys.get(&key)?.set.as_ref()?;
        let fits = |region: &str| set.replicas.contains(&region) == has_replica && set.primary != region;
        let regions: Vec<u32> =
            (0_u32..).zip(REGIONS).filter(|(_, region)| fits(region)).map(|(number, _)| number).collect();
        self.dice.one(&regions)
    }

    /// The number of an alias that can be moved to this key, if there is one.
    fn movable_alias(&mut self, key: u32, model: &Model) -> Option<u32> {
        let kind = model.keys.get(&key)?.kind;
        let fits = |target: u32| {
            let old = model.keys[&target].kind;
            old.usage == kind.usage && old.is_symmetric() == kind.is_symmetric()
        };
        let here = model.names.get(&key)?.region;
        let fit = model.aliases.iter().filter(|((region, _), alias)| *region == here && fits(alias.target));
        let names: Vec<u32> = fit.filter_map(|((_, name), _)| name.strip_prefix("alias/a")?.parse().ok()).collect();
        self.dice.one(&names)
    }

    /// Wrapping keys are slow to make: as long as there is one for the key, it is used.
    fn thrifty(&mut self, call: Call, model: &Model) -> Call {
        let has_valid = model.things.iter().any(|(_, key, thing)| {
            *key == call.key && matches!(thing, Thing::Parameters { valid_to, .. } if *valid_to >= model.now)
        });
        if call.operation == "GetParametersForImport" && has_valid && !self.dice.once_in(12) {
            return self.call("ImportKeyMaterial", call.key, model);
        }
        call
    }

    /// A request for a cell that was visited less than others; or one on the way there.
    fn aimed(&mut self, model: &Model, coverage: &Coverage) -> Call {
        let cells: Vec<_> = reachable().collect();
        let chosen = (0..6).filter_map(|_| self.dice.one(&cells)).min_by_key(|cell| coverage.count(*cell));
        let (operation, state, code) = chosen.expect("there are cells");
        let fit = |key: &Key| suits(operation, code, key);
        let keys: Vec<u32> =
            model.keys.iter().filter(|(_, key)| key.state == state && fit(key)).map(|(number, _)| *number).collect();
        if state == State::PendingImport && matches!(operation, "Decrypt" | "ReEncrypt") {
            return self.bereft(operation, keys, model);
        }
        match self.dice.one(&keys) {
            Some(key) => {
                let call = self.call(operation, key, model);
                self.thrifty(call, model)
            }
            None if matches!(operation, "RetireGrant" | "RevokeGrant") => {
                let keys: Vec<u32> =
                    model.keys.iter().filter(|(_, key)| key.state == State::Enabled).map(|(key, _)| *key).collect();
                let key = self.dice.one(&keys).unwrap_or_default();
                self.call("CreateGrant", key, model)
            }
            None => self.toward(state, &fit, model),
        }
    }

    /// A key that has encrypted something and has lost its material since, or a step on the way there.
    fn bereft(&mut self, operation: &'static str, waiting: Vec<u32>, model: &Model) -> Call {
        let has_encrypted = |number: &u32| {
            model.things.iter().any(|(_, key, thing)| key == number && matches!(thing, Thing::Blob { .. }))
        };
        let bereft: Vec<u32> = waiting.iter().copied().filter(|number| has_encrypted(number)).collect();
        if let Some(key) = self.dice.one(&bereft) {
            return self.call(operation, key, model);
        }
        let is_one = |key: &Key| key.kind == KINDS[1] && key.state == State::Enabled;
        let enabled: Vec<u32> = model.keys.iter().filter(|(_, key)| is_one(key)).map(|(number, _)| *number).collect();
        let (operation, key) = match (self.dice.one(&enabled), self.dice.one(&waiting)) {
            (Some(key), _) if has_encrypted(&key) => ("DeleteImportedKeyMaterial", key),
            (Some(key), _) => ("Encrypt", key),
            (None, Some(key)) => ("GetParametersForImport", key),
            (None, None) => return self.new_key(model, Some(1)),
        };
        let call = self.call(operation, key, model);
        self.thrifty(call, model)
    }

    /// The same for the states that only multi-Region keys have.
    fn toward_set(&mut self, state: State, fit: &dyn Fn(&Key) -> bool, model: &Model) -> Option<Call> {
        if !matches!(state, State::Creating | State::Updating | State::PendingReplicaDeletion) {
            return None;
        }
        let ways = model.keys.iter().filter(|(_, key)| fit(key));
        let ways: Vec<(u32, &'static str)> =
            ways.filter_map(|(number, key)| Some((*number, way_to(state, key)?))).collect();
        if let Some((key, operation)) = self.dice.one(&ways) {
            return Some(self.call(operation, key, model));
        }
        if !self.dice.once_in(3) {
            return Some(self.random(model));
        }
        let kind = self.dice.below(11) as usize;
        let call = self.new_key(model, Some(kind));
        Some(Call { other: 15, ..call })
    }

    /// A step that brings a fit key nearer to this state.
    fn toward(&mut self, state: State, fit: &dyn Fn(&Key) -> bool, model: &Model) -> Call {
        if model.keys.len() > KEYS_MAX {
            let key = self.any_key(model).unwrap_or_default();
            // For seven days.
            return Call { a: 1, ..self.call("ScheduleKeyDeletion", key, model) };
        }
        if let Some(call) = self.toward_set(state, fit, model) {
            return call;
        }
        let keys: Vec<u32> = model.keys.iter().filter(|(_, key)| fit(key)).map(|(number, _)| *number).collect();
        let Some(key) = self.dice.one(&keys).filter(|_| !self.dice.once_in(4)) else {
            let kind = self.dice.below(11) as usize;
            return self.new_key(model, Some(kind));
        };
        let operation = match (state, model.keys[&key].state) {
            (_, State::PendingDeletion) => "CancelKeyDeletion",
            (State::PendingDeletion, _) => "ScheduleKeyDeletion",
            (State::PendingImport, _) => "DeleteImportedKeyMaterial",
            (_, State::PendingImport) => "GetParametersForImport",
            (State::Disabled, _) => "DisableKey",
            _ => "EnableKey",
        };
        let call = self.call(operation, key, model);
        self.thrifty(call, model)
    }
}
