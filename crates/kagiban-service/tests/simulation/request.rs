//! Requests: what is asked of a node, and whether its answer can be true.
//!
//! An answer that only reads must agree with what the store held at some moment from the bound of freshness before it was
//! asked for until it came, and not from before what its node, or all nodes, must have known by then. What was acknowledged
//! must have been in force at some moment while it was asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kagiban_storage::Revision;
use kagiban_testkit::{AwsError, World};
use serde_json::{Value, json};

use crate::ledger::{ACCOUNT, Fate, KeyEntry, Kind, Ledger, REGIONS, Thing, alias_row};
use crate::node::{BOUND, Floor};
use crate::store::SharedStore;
use crate::truth::Window;

/// What is asked for, of the key with this number.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Add(Kind),
    Cancel,
    CreateKey {
        is_shared: bool,
    },
    Decrypt {
        blob: usize,
    },
    Describe,
    Disable,
    DisableRotation,
    Enable,
    EnableRotation,
    Encrypt,
    MovePrimary,
    Rename,
    Replicate,
    Rotate,
    Schedule,
    /// Takes away the thing with this number.
    TakeAway {
        thing: usize,
    },
    Tags,
}

/// A request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    /// A number of its own, for names.
    pub(crate) number: u32,
    pub(crate) key: usize,
    pub(crate) act: Act,
    /// Whether the answer waits until all nodes know.
    pub(crate) waits: bool,
}

/// Who asks.
pub(crate) struct Asker {
    pub(crate) store: Arc<SharedStore>,
    pub(crate) ledger: Arc<Mutex<Ledger>>,
    pub(crate) world: Arc<World>,
    pub(crate) floor: Arc<Floor>,
    pub(crate) node: u8,
}

/// How a request looks, and what must be so when it is answered well.
struct Form {
    region: &'static str,
    operation: &'static str,
    input: Value,
    /// The row that it bears on, and what must hold of it.
    row: Vec<u8>,
    holds: Holds,
}

type Holds = Box<dyn Fn(&Value, &Value) -> bool + Send + Sync>;

/// An answer and when it was asked for.
struct Answered {
    began_ms: u64,
    until_ms: u64,
    answer: Result<Value, AwsError>,
}

impl Act {
    const fn only_reads(self) -> bool {
        matches!(self, Self::Decrypt { .. } | Self::Describe | Self::Encrypt | Self::Tags)
    }
}

fn is_state(row: &Value, states: &[&str]) -> bool {
    row["state"].as_str().is_some_and(|state| states.contains(&state))
}

/// States in which a key is used.
const USED: [&str; 2] = ["Enabled", "Updating"];

impl Asker {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and looks at the answer.
    pub(crate) async fn ask(self, ask: Ask) {
        self.store.pause(0).await;
        let Some(key) = self.key_of(ask) else { return };
        let Some(form) = self.form(ask, &key) else { return };
        self.open(ask);
        // As of now: others may learn more meanwhile.
        let floor = self.floor.now().max(self.ledger().keys.get(ask.key).map_or(Revision::ZERO, |key| key.floor));
        let answered = self.call(ask, &form).await;
        self.store.pause(0).await;
        let told = answered.answer.as_ref().map_or_else(|error| error.code.clone(), |_| "ok".to_owned());
        self.store.note(&format!("node {} answers {ask:?} of {}: {told}", self.node, answered.began_ms));
        *self.ledger().answers.entry(format!("{} {told}", form.operation)).or_default() += 1;
        self.close(ask, &key, &answered.answer);
        let judged = match &answered.answer {
            Ok(answer) => self.judge(ask, &form, floor, &answered, answer),
            Err(error) => self.judge_refusal(ask, &key, floor, &answered, error),
        };
        if let Err(what) = judged {
            let told = answered.answer.map_or_else(|error| format!("{error:?}"), |answer| answer.to_string());
            let rows = self.store.truth().shown(&form.row);
            let asked = format!("node {}, {ask:?}, {} {}", self.node, form.operation, form.input);
            let began = answered.began_ms;
            let text =
                format!("{what}\n  {asked}, asked at {began} ms, floor {floor}\n  answered {told}\n  the row:\n{rows}");
            self.store.truth().wrong.push(text);
        }
    }

    fn key_of(&self, ask: Ask) -> Option<KeyEntry> {
        let nobody = || KeyEntry {
            region: REGIONS[ask.number as usize % REGIONS.len()],
            id: String::new(),
            is_shared: false,
            floor: Revision::ZERO,
            blobs: Vec::new(),
        };
        if matches!(ask.act, Act::CreateKey { .. }) { Some(nobody()) } else { self.ledger().keys.get(ask.key).cloned() }
    }

    async fn call(&self, ask: Ask, form: &Form) -> Answered {
        let began_ms = self.store.moments.now_ms();
        let client = self.world.client(ACCOUNT, form.region);
        let input = form.input.clone();
        let answer = match ask.waits {
            true => client.call_with(&[("x-kagiban-wait", "all-nodes")], form.operation, input).await,
            false => client.call(form.operation, input).await,
        };
        Answered { began_ms, until_ms: self.store.moments.now_ms(), answer }
    }

    /// The request; `None` where there is nothing to ask for.
    fn form(&self, ask: Ask, key: &KeyEntry) -> Option<Form> {
        let form = |operation: &'static str, more: Value, holds: Holds| {
            let mut input = json!({"KeyId": key.arn()});
            input.as_object_mut()?.extend(more.as_object()?.clone());
            Some(Form { region: key.region, operation, input, row: key.row("key"), holds })
        };
        let state = |states: &'static [&'static str]| -> Holds { Box::new(move |row, _| is_state(row, states)) };
        let other = if key.region == REGIONS[0] { REGIONS[1] } else { REGIONS[0] };
        match ask.act {
            Act::CreateKey { is_shared } => {
                let input = json!({"MultiRegion": is_shared});
                let (operation, holds) = ("CreateKey", Box::new(|_: &Value, _: &Value| true) as Holds);
                Some(Form { region: key.region, operation, input, row: Vec::new(), holds })
            }
            Act::Describe => form("DescribeKey", json!({}), Box::new(is_described)),
            Act::Tags => form("ListResourceTags", json!({}), Box::new(are_tags)),
            Act::Encrypt => form("Encrypt", json!({"Plaintext": plaintext(ask.number)}), state(&USED)),
            Act::Decrypt { blob } => {
                let [blob, plaintext] = key.blobs.get(blob)?.clone();
                let holds = move |row: &Value, answer: &Value| is_state(row, &USED) && answer["Plaintext"] == plaintext;
                form("Decrypt", json!({"CiphertextBlob": blob}), Box::new(holds))
            }
            Act::Disable => form("DisableKey", json!({}), state(&["Disabled"])),
            Act::Enable => form("EnableKey", json!({}), state(&USED)),
            Act::Schedule => {
                let pending: &[&str] = &["PendingDeletion", "PendingReplicaDeletion"];
                form("ScheduleKeyDeletion", json!({"PendingWindowInDays": 7}), state(pending))
            }
            Act::Cancel => form("CancelKeyDeletion", json!({}), state(&["Disabled"])),
            Act::Rename => {
                let name = format!("description {}", ask.number);
                let input = json!({"Description": name});
                form("UpdateKeyDescription", input, Box::new(move |row, _| row["description"] == name))
            }
            Act::EnableRotation => {
                let holds = |row: &Value, _: &Value| !row["rotation"]["automatic"].is_null();
                form("EnableKeyRotation", json!({"RotationPeriodInDays": 90}), Box::new(holds))
            }
            Act::DisableRotation => {
                let holds = |row: &Value, _: &Value| row["rotation"]["automatic"].is_null();
                form("DisableKeyRotation", json!({}), Box::new(holds))
            }
            Act::Rotate => form("RotateKeyOnDemand", json!({}), Box::new(|row, _| !row.is_null())),
            Act::Replicate => form("ReplicateKey", json!({"ReplicaRegion": other}), Box::new(|row, _| !row.is_null())),
            Act::MovePrimary => {
                form("UpdatePrimaryRegion", json!({"PrimaryRegion": other}), Box::new(|row, _| !row.is_null()))
            }
            Act::Add(kind) => Self::adding(ask, kind, key),
            Act::TakeAway { thing } => {
                let thing = self.ledger().things.get(thing)?.clone();
                Some(Self::taking_away(&thing, key))
            }
        }
    }

    fn adding(ask: Ask, kind: Kind, key: &KeyEntry) -> Option<Form> {
        let (region, name, id) = (key.region, name(kind, ask.number), key.id.clone());
        let form = |operation, input, row, holds| Some(Form { region, operation, input, row, holds });
        match kind {
            Kind::Alias => {
                let (input, row) = (json!({"AliasName": name, "TargetKeyId": id}), alias_row(region, &name));
                form("CreateAlias", input, row, Box::new(move |row, _| row["target"] == id.as_str()))
            }
            Kind::Grant => {
                let grantee = format!("arn:aws:iam::{ACCOUNT}:root");
                let input = json!({
                    "KeyId": key.arn(), "Name": name, "GranteePrincipal": grantee, "Operations": ["Decrypt"]
                });
                form("CreateGrant", input, key.row("key"), Box::new(|row, _| !row.is_null()))
            }
            Kind::Tag => {
                let input = json!({"KeyId": key.arn(), "Tags": [{"TagKey": name, "TagValue": "v"}]});
                form("TagResource", input, key.row("key"), Box::new(move |row, _| row["tags"][&name] == "v"))
            }
        }
    }

    fn taking_away(thing: &Thing, key: &KeyEntry) -> Form {
        let (region, name) = (key.region, thing.name.clone());
        let form = |operation, input, row, holds| Form { region, operation, input, row, holds };
        match thing.kind {
            Kind::Alias => {
                let row = alias_row(region, &name);
                form("DeleteAlias", json!({"AliasName": name}), row, Box::new(|row, _| row.is_null()))
            }
            Kind::Grant => {
                let input = json!({"KeyId": key.arn(), "GrantId": thing.grant_id});
                form("RevokeGrant", input, key.row("key"), Box::new(|_, _| true))
            }
            Kind::Tag => {
                let input = json!({"KeyId": key.arn(), "TagKeys": [name]});
                form("UntagResource", input, key.row("key"), Box::new(move |row, _| row["tags"][&name].is_null()))
            }
        }
    }

    /// From now on nobody knows, until there is an answer.
    fn open(&self, ask: Ask) {
        let mut ledger = self.ledger();
        match ask.act {
            Act::Add(kind) => {
                let (name, grant_id) = (name(kind, ask.number), String::new());
                ledger.things.push(Thing { key: ask.key, kind, name, grant_id, fate: Fate::Open });
            }
            Act::TakeAway { thing } => {
                ledger.things.iter_mut().skip(thing).take(1).for_each(|thing| thing.fate = Fate::Open)
            }
            Act::Rotate => {
                let id = ledger.keys[ask.key].id.clone();
                ledger.rotations.entry(id).or_default().open += 1;
            }
            _ => {}
        }
    }

    /// Writes down what the answer tells.
    fn close(&self, ask: Ask, key: &KeyEntry, answer: &Result<Value, AwsError>) {
        let mut ledger = self.ledger();
        let is_refused = matches!(answer, Err(error) if error.status < 500);
        match (ask.act, answer) {
            (Act::Add(kind), answer) => {
                let name = name(kind, ask.number);
                let Some(thing) = ledger.things.iter_mut().find(|thing| thing.name == name) else { return };
                if let Ok(answer) = answer {
                    thing.fate = Fate::There;
                    answer["GrantId"].as_str().unwrap_or_default().clone_into(&mut thing.grant_id);
                } else if is_refused {
                    thing.fate = Fate::Gone;
                }
            }
            (Act::TakeAway { thing }, Ok(_)) => ledger.things[thing].fate = Fate::Gone,
            (Act::Rotate, _) => {
                let rotations = ledger.rotations.entry(key.id.clone()).or_default();
                rotations.acknowledged += usize::from(answer.is_ok());
                rotations.open -= usize::from(answer.is_ok() || is_refused);
            }
            (Act::Encrypt, Ok(answer)) => {
                let blob = answer["CiphertextBlob"].as_str().unwrap_or_default().to_owned();
                ledger.keys[ask.key].keep_blob([blob, plaintext(ask.number)]);
            }
            (Act::CreateKey { is_shared }, Ok(answer)) => {
                let id = answer["KeyMetadata"]["KeyId"].as_str().unwrap_or_default().to_owned();
                ledger.keys.push(KeyEntry { id, is_shared, ..key.clone() });
            }
            (Act::Replicate, Ok(_)) => {
                let region = if key.region == REGIONS[0] { REGIONS[1] } else { REGIONS[0] };
                ledger.keys.push(KeyEntry { region, floor: Revision::ZERO, blobs: Vec::new(), ..key.clone() });
            }
            _ => {}
        }
    }

    fn judge(
        &self,
        ask: Ask,
        form: &Form,
        floor: Revision,
        answered: &Answered,
        answer: &Value,
    ) -> Result<(), &'static str> {
        let until_ms = answered.until_ms;
        let made = || KeyEntry {
            region: form.region,
            id: answer["KeyMetadata"]["KeyId"].as_str().unwrap_or_default().to_owned(),
            is_shared: false,
            floor: Revision::ZERO,
            blobs: Vec::new(),
        };
        if matches!(ask.act, Act::CreateKey { .. }) {
            let window = Window { since_ms: answered.began_ms, floor: Revision::ZERO, until_ms };
            let found = self.store.truth().find(&made().row("key"), window, |row| !row.is_null());
            self.floor.raise(found.ok_or("the key that was made is not there")?);
            return Ok(());
        }
        let holds = |row: &Value| (form.holds)(row, answer);
        if ask.act.only_reads() {
            let window = Window { since_ms: before(answered.began_ms), floor, until_ms };
            return match self.store.truth().find(&form.row, window, holds) {
                Some(_) => Ok(()),
                None => Err("an answer from no moment that it may be from"),
            };
        }
        let window = Window { since_ms: answered.began_ms, floor: Revision::ZERO, until_ms };
        let found = self.store.truth().find(&form.row, window, holds).ok_or("what was acknowledged was never so")?;
        self.floor.raise(found);
        if ask.waits {
            let mut ledger = self.ledger();
            let key = &mut ledger.keys[ask.key];
            if form.row == key.row("key") {
                key.floor = key.floor.max(found);
            }
        }
        Ok(())
    }

    fn judge_refusal(
        &self,
        ask: Ask,
        key: &KeyEntry,
        floor: Revision,
        answered: &Answered,
        error: &AwsError,
    ) -> Result<(), &'static str> {
        let window = Window { since_ms: before(answered.began_ms), floor, until_ms: answered.until_ms };
        let was = |holds: fn(&Value) -> bool| match self.store.truth().find(&key.row("key"), window, holds) {
            Some(_) => Ok(()),
            None => Err("a refusal for what was so at no moment that it may be from"),
        };
        match error.code.as_str() {
            "ServiceUnavailableException" => Ok(()),
            // Decrypt asks the store, too, where it does not know the material.
            "KMSInternalException" if !ask.act.only_reads() || matches!(ask.act, Act::Decrypt { .. }) => Ok(()),
            "LimitExceededException" | "ConflictException" if !ask.act.only_reads() => Ok(()),
            // About the key in the other Region.
            _ if matches!(ask.act, Act::Replicate | Act::MovePrimary) && error.status == 400 => Ok(()),
            // The store shows the key already, and the view not yet its policy.
            "AccessDeniedException" if !ask.act.only_reads() => was(Value::is_null),
            // Of a thing that somebody may have taken away before, of a key that is none any more.
            "NotFoundException" | "InvalidGrantIdException" if matches!(ask.act, Act::TakeAway { .. }) => Ok(()),
            // A key whose deletion has begun cannot be brought back.
            "NotFoundException" if matches!(ask.act, Act::Cancel) => was(|row| row.is_null() || row["erasing"] == true),
            "NotFoundException" => was(Value::is_null),
            "DisabledException" => was(|row| is_state(row, &["Disabled"])),
            "KMSInvalidStateException" if matches!(ask.act, Act::Cancel) => {
                was(|row| row["erasing"] == true || !is_state(row, &["PendingDeletion", "PendingReplicaDeletion"]))
            }
            "KMSInvalidStateException" => was(|row| !is_state(row, &["Enabled"])),
            "UnsupportedOperationException" if key.is_shared => Ok(()),
            _ => Err("an answer that nobody expects"),
        }
    }
}

/// The oldest moment that an answer may be from.
fn before(began_ms: u64) -> u64 {
    began_ms.saturating_sub(u64::try_from(BOUND.as_millis()).unwrap_or(u64::MAX))
}

fn name(kind: Kind, number: u32) -> String {
    match kind {
        Kind::Alias => format!("alias/number-{number}"),
        Kind::Grant => format!("grant-{number}"),
        Kind::Tag => format!("tag-{number}"),
    }
}

/// Twelve bytes that are like no others, in base64.
fn plaintext(number: u32) -> String {
    format!("{number:016}")
}

fn is_described(row: &Value, answer: &Value) -> bool {
    let shown = &answer["KeyMetadata"];
    row["state"] == shown["KeyState"] && row["description"] == shown["Description"]
}

fn are_tags(row: &Value, answer: &Value) -> bool {
    let shown = answer["Tags"].as_array().into_iter().flatten();
    let shown: Vec<(&str, &str)> =
        shown.filter_map(|tag| Some((tag["TagKey"].as_str()?, tag["TagValue"].as_str()?))).collect();
    let stored = row["tags"].as_object().into_iter().flatten();
    let stored: Vec<(&str, &str)> = stored.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect();
    !row.is_null() && shown.len() == stored.len() && stored.iter().all(|tag| shown.contains(tag))
}
