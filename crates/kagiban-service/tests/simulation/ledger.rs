//! What clients know of what they asked for: done, not done, or not known.

use std::collections::BTreeMap;

use kagiban_storage::Revision;
use serde_json::Value;

use crate::truth::Truth;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

/// Ciphertexts kept of a key.
const BLOBS_MAX: usize = 12;

/// A key of a Region.
#[derive(Clone, Debug)]
pub(crate) struct KeyEntry {
    pub(crate) region: &'static str,
    pub(crate) id: String,
    pub(crate) is_shared: bool,
    /// What every node must know from now on, since somebody waited for it.
    pub(crate) floor: Revision,
    /// Ciphertexts and their plaintexts, in base64.
    pub(crate) blobs: Vec<[String; 2]>,
}

impl KeyEntry {
    pub(crate) fn arn(&self) -> String {
        format!("arn:aws:kms:{}:{ACCOUNT}:key/{}", self.region, self.id)
    }

    /// The key of a row about it.
    pub(crate) fn row(&self, table: &str) -> Vec<u8> {
        format!("{table}\0{}\0{ACCOUNT}\0{}\0", self.region, self.id).into_bytes()
    }

    pub(crate) fn keep_blob(&mut self, blob: [String; 2]) {
        if self.blobs.len() >= BLOBS_MAX {
            self.blobs.remove(BLOBS_MAX / 2);
        }
        self.blobs.push(blob);
    }
}

/// The row of an alias.
pub(crate) fn alias_row(region: &str, name: &str) -> Vec<u8> {
    format!("alias\0{region}\0{ACCOUNT}\0{name}\0").into_bytes()
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Alias,
    Grant,
    Tag,
}

/// Whether something that was asked for is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    /// Not made, or taken away: acknowledged either way.
    Gone,
    /// Nobody knows, or somebody is at it.
    Open,
    /// Acknowledged.
    There,
}

/// Something of a key that is made and taken away, under a name of its own.
#[derive(Clone, Debug)]
pub(crate) struct Thing {
    pub(crate) key: usize,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) grant_id: String,
    pub(crate) fate: Fate,
}

/// Rotations on demand of a key and its replicas.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rotations {
    pub(crate) acknowledged: usize,
    pub(crate) open: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub(crate) keys: Vec<KeyEntry>,
    pub(crate) things: Vec<Thing>,
    pub(crate) rotations: BTreeMap<String, Rotations>,
    /// Answers by what they were.
    pub(crate) answers: BTreeMap<String, u64>,
}

impl Ledger {
    /// What is not as it was acknowledged, at the end.
    pub(crate) fn broken(&self, truth: &Truth) -> Vec<String> {
        let mut broken: Vec<String> = self.things.iter().filter_map(|thing| self.broken_thing(thing, truth)).collect();
        for key in &self.keys {
            let row = truth.now(&key.row("key"));
            let done = truth.all(&key.row("key-rotation")).filter(|row| row["rotation_type"] == "ON_DEMAND").count();
            let Rotations { acknowledged, open } = self.rotations.get(&key.id).copied().unwrap_or_default();
            let least = if row["state"] == "Enabled" { acknowledged } else { 0 };
            if !row.is_null() && row["erasing"] != true && !(least..=acknowledged + open).contains(&done) {
                broken.push(format!(
                    "{}: {done} rotations on demand, {acknowledged} acknowledged, {open} open",
                    key.arn()
                ));
            }
        }
        broken
    }

    fn broken_thing(&self, thing: &Thing, truth: &Truth) -> Option<String> {
        let key = self.keys.get(thing.key)?;
        let row = truth.now(&key.row("key"));
        if row.is_null() || row["erasing"] == true {
            return None;
        }
        let is_there = match thing.kind {
            Kind::Alias => truth.now(&alias_row(key.region, &thing.name))["target"] == key.id.as_str(),
            Kind::Grant => truth.all(&key.row("grant")).any(|grant| grant["name"] == thing.name.as_str()),
            Kind::Tag => row["tags"][&thing.name] != Value::Null,
        };
        let as_it_should = match thing.fate {
            Fate::Gone => !is_there,
            Fate::Open => true,
            Fate::There => is_there,
        };
        (!as_it_should).then(|| format!("{}: {thing:?}, there: {is_there}", key.arn()))
    }
}
