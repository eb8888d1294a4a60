//! The reference model: what there is to know of keys, aliases, grants and ciphertexts, in the plainest form.
//!
//! It shares no code with the service. Time is a number; what the service chooses at random is learned from its answers.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kagiban_testkit::USES;
use serde_json::Value;

use crate::asked::{Refusal, invalid, refusal};
use crate::key::Key;
use crate::states::{State, code_of_state};
use crate::step::{By, Call, Form};

/// Whose keys they all are.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The account's root.
pub(crate) const ROOT: &str = "arn:aws:iam::111122223333:root";
/// The user that grants are made for.
pub(crate) const GRANTEE: &str = "arn:aws:iam::111122223333:user/grantee";
pub(crate) const REGIONS: [&str; 3] = ["eu-west-1", "us-east-1", "us-west-2"];

/// Deleted keys that are remembered.
const GONE_MAX: usize = 30;
/// Things that are remembered: the first half of them for good, of the others the last ones.
const THINGS_MAX: usize = 400;

/// What is in an alias.
#[derive(Clone, Debug)]
pub(crate) struct Alias {
    /// The step that made the key.
    pub(crate) target: u32,
    pub(crate) created: i64,
    pub(crate) updated: i64,
}

/// What a request was answered with and a later one brings again.
#[derive(Clone, Debug)]
pub(crate) enum Thing {
    /// A ciphertext: text, plaintext, number of its encryption context, and the material for symmetric ones.
    Blob {
        blob: String,
        plaintext: Option<String>,
        context: u32,
        material: Option<String>,
    },
    Signature {
        message: String,
        signature: String,
    },
    Mac {
        message: String,
        mac: String,
    },
    /// A shared secret and the ciphertext that carries it.
    Capsule {
        blob: String,
        secret: String,
    },
    Grant {
        id: String,
        token: String,
    },
    /// Parameters for an import.
    Parameters {
        token: String,
        public_key: String,
        valid_to: i64,
    },
}

/// Everything the model knows.
#[derive(Clone, Default)]
pub(crate) struct Model {
    /// The time, in milliseconds since 1970.
    pub(crate) now: i64,
    /// The keys that are there, by the step that made them.
    pub(crate) keys: BTreeMap<u32, Key>,
    /// Region, id and ARN of keys, of those that are gone too.
    pub(crate) names: BTreeMap<u32, Name>,
    gone: VecDeque<u32>,
    pub(crate) aliases: BTreeMap<(&'static str, String), Alias>,
    /// Step, key, thing.
    pub(crate) things: VecDeque<(u32, u32, Thing)>,
    /// Shared secrets that two keys have agreed on, by the steps that made them, the smaller first.
    pub(crate) agreed: BTreeMap<(u32, u32), String>,
    /// Every key material id that was ever seen.
    pub(crate) material_ids: BTreeSet<String>,
    /// The cells of the key-state table that the request at hand has come to.
    pub(crate) visits: Vec<(State, &'static str)>,
    /// The keys whose states the request at hand has looked at.
    pub(crate) looked_at: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) region: &'static str,
    pub(crate) id: String,
    pub(crate) arn: String,
}

impl Model {
    pub(crate) fn new(now: i64) -> Self {
        Self { now, ..Self::default() }
    }

    /// The text by which a request names its key; `None` when there never was such a key.
    pub(crate) fn identifier(&self, call: &Call, takes_aliases: bool) -> Option<String> {
        let name = self.names.get(&call.key)?;
        let alias = || self.aliases.iter().find(|(_, alias)| takes_aliases && alias.target == call.key);
        Some(match (call.form, alias()) {
            (Form::Id, _) => name.id.clone(),
            (Form::AliasName, Some(((_, alias), _))) => alias.clone(),
            (Form::AliasArn, Some(((region, alias), _))) => alias_arn(region, alias),
            _ => name.arn.clone(),
        })
    }

    /// The key, if it is there.
    pub(crate) fn live(&self, key: u32) -> Result<&Key, Refusal> {
        self.keys.get(&key).ok_or_else(|| {
            let arn = self.names.get(&key).map(|name| name.arn.as_str()).unwrap_or_default();
            refusal("NotFoundException", format!("Key '{arn}' does not exist"))
        })
    }

    /// May the caller do this on the key? Root may; the grantee if a grant says so.
    pub(crate) fn permit(&self, call: &Call, key: u32, action: &str, context: Option<u32>) -> Result<(), Refusal> {
        let key = self.live(key)?;
        let allowed = |grant: &crate::key::Grant| {
            grant.operations.contains(&action) && (!grant.is_constrained || context.is_none_or(|context| context > 0))
        };
        if call.by == By::Root || key.grants.values().any(allowed) {
            return Ok(());
        }
        let text = format!(
            "User: {GRANTEE} is not authorized to perform: kms:{action} on resource: {} because no identity-based policy \
             allows the kms:{action} action",
            key.arn
        );
        Err(refusal("AccessDeniedException", text))
    }

    /// Does the state of the key let the operation pass? The table says so; the visit is counted.
    pub(crate) fn admit(&mut self, operation: &str, key: u32) -> Result<(), Refusal> {
        self.looked_at.push(key);
        let key = self.live(key)?;
        let (state, arn) = (key.state, key.arn.clone());
        let code = match (operation, state) {
            // The one cell with two answers.
            ("GetPublicKey", State::PendingImport) if key.public_key_is_known() => "ok",
            ("GetPublicKey", State::PendingImport) => "PI",
            _ => code_of_state(operation, state),
        };
        self.visits.push((state, code));
        let invalid_state = |what: &str| Err(refusal("KMSInvalidStateException", format!("{arn} is {what}.")));
        match code {
            "ok" => Ok(()),
            "D" => Err(refusal("DisabledException", format!("{arn} is disabled."))),
            "NP" => invalid_state("not pending deletion"),
            _ => invalid_state(state.words()),
        }
    }

    /// The refusal of an operation that is not for this origin.
    pub(crate) fn wrong_origin(&mut self, key: u32) -> Refusal {
        let key = &self.keys[&key];
        let code = if key.kind.origin == "EXTERNAL" { "EX" } else { "US" };
        self.visits.push((key.state, code));
        let text = format!("{} origin is {} which is not valid for this operation.", key.arn, key.kind.origin);
        refusal("UnsupportedOperationException", text)
    }

    /// The refusal of an operation that is not for this kind of key.
    pub(crate) fn wrong_kind(&mut self, key: u32, text: impl Into<String>) -> Refusal {
        self.visits.push((self.keys[&key].state, "US"));
        refusal("UnsupportedOperationException", text)
    }

    /// Is the key made for this?
    pub(crate) fn require_usage(&self, operation: &str, key: u32, usage: &str) -> Result<(), Refusal> {
        let key = self.live(key)?;
        if key.kind.usage == usage {
            return Ok(());
        }
        let text = format!("{} key usage is {} which is not valid for {operation}.", key.arn, key.kind.usage);
        Err(refusal("InvalidKeyUsageException", text))
    }

    /// Whether two keys are one, or related: then they have the same material. `None` when one of them is forgotten.
    pub(crate) fn share_material(&self, one: u32, other: u32) -> Option<bool> {
        Some(one == other || self.names.get(&one)?.id == self.names.get(&other)?.id)
    }

    /// A thing of the key, if it is remembered.
    pub(crate) fn thing(&self, number: u32) -> Option<(u32, Thing)> {
        let found = self.things.iter().find(|(made, ..)| *made == number);
        found.map(|(_, key, thing)| (*key, thing.clone()))
    }

    pub(crate) fn keep(&mut self, number: u32, key: u32, thing: Thing) {
        self.things.push_back((number, key, thing));
        if self.things.len() > THINGS_MAX {
            // Those of deleted keys first.
            let dead = self.things.iter().position(|(_, key, _)| !self.keys.contains_key(key));
            self.things.remove(dead.filter(|at| *at < THINGS_MAX / 4).unwrap_or(THINGS_MAX / 2));
        }
    }

    /// A key that was made in this step.
    pub(crate) fn add(&mut self, number: u32, key: Key) {
        let name = Name { region: key.region, id: key.id.clone(), arn: key.arn.clone() };
        self.names.insert(number, name);
        self.keys.insert(number, key);
    }

    /// The end of a key: its aliases go with it.
    pub(crate) fn remove(&mut self, number: u32) {
        if let Some(gone) = self.keys.remove(&number) {
            self.let_go(&gone);
        }
        self.aliases.retain(|_, alias| alias.target != number);
        self.gone.push_back(number);
        if self.gone.len() > GONE_MAX {
            let forgotten = self.gone.pop_front().expect("the first of many");
            self.names.remove(&forgotten);
            self.agreed.retain(|(one, other), _| *one != forgotten && *other != forgotten);
        }
    }

    /// Takes note of a key material id that an answer shows for the first time.
    pub(crate) fn note_material_id(&mut self, id: &str) -> Result<(), String> {
        if id.len() != 64 || !id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(format!("{id:?} is no key material id"));
        }
        if !self.material_ids.insert(id.to_owned()) {
            return Err(format!("the key material id {id} is not new"));
        }
        Ok(())
    }

    /// These are the ids of the materials of a key and of those related to it, in their order.
    pub(crate) fn learn_materials(&mut self, key_id: &str, ids: &[String]) -> Result<(), String> {
        let mut new = BTreeSet::new();
        for key in self.keys.values_mut().filter(|key| key.id == key_id) {
            for (material, id) in key.materials.iter_mut().zip(ids).filter(|(material, _)| material.id.is_none()) {
                material.id = Some(id.clone());
                new.insert(id);
            }
        }
        new.into_iter().try_for_each(|id| self.note_material_id(id))
    }

    /// The request at hand has used the keys that it looked at.
    pub(crate) fn note_uses(&mut self, operation: &'static str) {
        if !USES.contains(&operation) {
            return;
        }
        for key in std::mem::take(&mut self.looked_at) {
            self.keys.get_mut(&key).into_iter().for_each(|key| key.last_use = Some((operation, self.now)));
        }
    }

    /// How many aliases point to a key.
    pub(crate) fn alias_count(&self, key: u32) -> usize {
        self.aliases.values().filter(|alias| alias.target == key).count()
    }

    /// What runs when jobs run: the end of keys and of imported material, and automatic rotation.
    pub(crate) fn run_jobs(&mut self) {
        let now = self.now;
        let over = |key: &Key| key.state == State::PendingDeletion && key.deletion_date.is_some_and(|at| at <= now);
        let ended: Vec<u32> = self.keys.iter().filter(|(_, key)| over(key)).map(|(number, _)| *number).collect();
        ended.into_iter().for_each(|number| self.remove(number));
        for key in self.keys.values_mut() {
            key.expire(now);
            key.rotate_if_due(now);
        }
        self.synchronise();
    }

    /// Times at which something happens by itself.
    pub(crate) fn due_times(&self) -> Vec<i64> {
        let things = self.things.iter().filter_map(|(.., thing)| match thing {
            Thing::Parameters { valid_to, .. } => Some(*valid_to),
            _ => None,
        });
        self.keys.values().flat_map(Key::due_times).chain(things).filter(|at| *at >= self.now - 1).collect()
    }
}

/// The encryption context with this number.
pub(crate) fn context(number: u32) -> Value {
    match number {
        0 => Value::Null,
        1 => serde_json::json!({"purpose": "test"}),
        _ => serde_json::json!({"purpose": "test", "number": number.to_string()}),
    }
}

pub(crate) fn alias_arn(region: &str, name: &str) -> String {
    format!("arn:aws:kms:{region}:{ACCOUNT}:{name}")
}

/// The violation of one of the API model's limits.
pub(crate) fn violation(text: &str) -> Refusal {
    invalid(format!("1 validation error detected: {text}"))
}
