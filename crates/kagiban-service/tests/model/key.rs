//! One key of the model, its materials and its grants, and what time does to them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::asked::seconds;
use crate::model::ACCOUNT;
use crate::multi_region::Set;
use crate::states::State;

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Kind {
    pub(crate) spec: &'static str,
    pub(crate) usage: &'static str,
    pub(crate) origin: &'static str,
    /// The member of the metadata that names its algorithms, and these.
    pub(crate) algorithms: (&'static str, &'static [&'static str]),
}

const SYMMETRIC: (&str, &[&str]) = ("EncryptionAlgorithms", &["SYMMETRIC_DEFAULT"]);
const RSA: (&str, &[&str]) = ("EncryptionAlgorithms", &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]);
const ECDSA: (&str, &[&str]) = ("SigningAlgorithms", &["ECDSA_SHA_256"]);
const ECDH: (&str, &[&str]) = ("KeyAgreementAlgorithms", &["ECDH"]);
const HMAC: (&str, &[&str]) = ("MacAlgorithms", &["HMAC_SHA_256"]);
const ML_KEM: (&str, &[&str]) = ("EncapsulationAlgorithms", &["ML_KEM"]);

const fn kind(
    spec: &'static str,
    usage: &'static str,
    origin: &'static str,
    algorithms: (&'static str, &'static [&'static str]),
) -> Kind {
    Kind { spec, usage, origin, algorithms }
}

/// The kinds of keys that are made: one for each usage and origin.
pub(crate) const KINDS: [Kind; 11] = [
    kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS", SYMMETRIC),
    kind("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "EXTERNAL", SYMMETRIC),
    kind("ECC_NIST_P256", "SIGN_VERIFY", "AWS_KMS", ECDSA),
    kind("ECC_NIST_P256", "SIGN_VERIFY", "EXTERNAL", ECDSA),
    kind("ECC_NIST_P256", "KEY_AGREEMENT", "AWS_KMS", ECDH),
    kind("ECC_NIST_P256", "KEY_AGREEMENT", "EXTERNAL", ECDH),
    kind("HMAC_256", "GENERATE_VERIFY_MAC", "AWS_KMS", HMAC),
    kind("HMAC_256", "GENERATE_VERIFY_MAC", "EXTERNAL", HMAC),
    kind("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", "AWS_KMS", ML_KEM),
    kind("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", "EXTERNAL", ML_KEM),
    kind("RSA_2048", "ENCRYPT_DECRYPT", "AWS_KMS", RSA),
];

impl Kind {
    pub(crate) fn is_symmetric(&self) -> bool {
        self.spec == "SYMMETRIC_DEFAULT"
    }

    pub(crate) fn is_external(&self) -> bool {
        self.origin == "EXTERNAL"
    }

    pub(crate) fn is_asymmetric(&self) -> bool {
        !self.is_symmetric() && self.spec != "HMAC_256"
    }
}

/// What becomes of a material.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Use {
    Current,
    NonCurrent,
    PendingRotation,
}

impl Use {
    fn name(self) -> &'static str {
        match self {
            Self::Current => "CURRENT",
            Self::NonCurrent => "NON_CURRENT",
            Self::PendingRotation => "PENDING_ROTATION",
        }
    }
}

/// A material of a key, in the order in which they came.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    /// Unknown until an answer shows it.
    pub(crate) id: Option<String>,
    /// Which of the materials that are imported it is.
    pub(crate) imported: Option<u32>,
    pub(crate) used: Use,
    pub(crate) is_present: bool,
    pub(crate) valid_to: Option<i64>,
    pub(crate) description: Option<String>,
    /// When and how it became current; absent for the first one.
    pub(crate) rotated: Option<(i64, &'static str)>,
}

/// Automatic rotation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    pub(crate) period_days: i64,
    pub(crate) next: i64,
}

/// A grant for the grantee.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// The step that made it.
    pub(crate) number: u32,
    pub(crate) created: i64,
    pub(crate) name: Option<String>,
    pub(crate) operations: Vec<&'static str>,
    /// Whether root may retire it by its name.
    pub(crate) has_retiring: bool,
    /// Whether it is for one encryption context only.
    pub(crate) is_constrained: bool,
}

/// A key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) region: &'static str,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) kind: Kind,
    pub(crate) created: i64,
    pub(crate) description: String,
    pub(crate) state: State,
    pub(crate) deletion_date: Option<i64>,
    /// The window that begins when the last replica is gone.
    pub(crate) window_days: Option<i64>,
    /// Its last use: operation and time. What was written down last stays after a kill.
    pub(crate) last_use: Option<(&'static str, i64)>,
    pub(crate) last_use_saved: Option<(&'static str, i64)>,
    /// Its related keys, for a multi-Region key.
    pub(crate) set: Option<Set>,
    pub(crate) materials: Vec<Material>,
    /// The ids of all materials that were ever imported: each has the same one whenever it comes.
    pub(crate) import_ids: BTreeMap<u32, String>,
    /// The public half, once it was seen.
    pub(crate) public_key: Option<String>,
    pub(crate) schedule: Option<Schedule>,
    pub(crate) on_demand: u32,
    pub(crate) tags: BTreeMap<String, String>,
    pub(crate) grants: BTreeMap<String, Grant>,
    pub(crate) policy: String,
}

impl Key {
    pub(crate) fn current(&self) -> Option<&Material> {
        self.materials.iter().find(|material| material.used == Use::Current)
    }

    /// The id of the current material.
    pub(crate) fn current_id(&self) -> String {
        self.current().and_then(|material| material.id.clone()).unwrap_or_default()
    }

    /// Whether it has material whose id no answer has shown yet.
    pub(crate) fn has_unknown_material(&self) -> bool {
        self.kind.is_symmetric() && self.materials.iter().any(|material| material.id.is_none())
    }

    /// A key with material that was imported once has its public half for good.
    pub(crate) fn public_key_is_known(&self) -> bool {
        !self.materials.is_empty()
    }

    /// Materials that the key cannot do without.
    fn permanent(&self) -> impl Iterator<Item = &Material> {
        self.materials.iter().filter(|material| material.used != Use::PendingRotation)
    }

    /// The material of this number or id goes. One that waits for its rotation is forgotten.
    pub(crate) fn lose(&mut self, at: usize) {
        let material = &mut self.materials[at];
        material.is_present = false;
        material.valid_to = None;
        if material.used == Use::PendingRotation {
            self.materials.remove(at);
        }
        self.follow_materials();
    }

    /// PendingImport while a permanent material is missing, Enabled when the last one comes back.
    pub(crate) fn follow_materials(&mut self) {
        let is_complete = !self.materials.is_empty() && self.permanent().all(|material| material.is_present);
        if !self.state.is_doomed() {
            self.state = match (is_complete, self.state) {
                (false, _) => State::PendingImport,
                (true, State::PendingImport) => State::Enabled,
                (true, state) => state,
            };
        }
    }

    /// Whether the time of a material is over that the key cannot do without.
    pub(crate) fn has_expired(&self, now: i64) -> bool {
        self.permanent().any(|material| material.valid_to.is_some_and(|at| at <= now))
    }

    /// Material whose time is over is deleted.
    pub(crate) fn expire(&mut self, now: i64) {
        while let Some(at) = self.materials.iter().position(|m| m.valid_to.is_some_and(|at| at <= now)) {
            self.lose(at);
        }
    }

    pub(crate) fn rotate_if_due(&mut self, now: i64) {
        let is_free = matches!(self.state, State::Enabled | State::Updating) && self.rotates_itself();
        if let Some(schedule) = &mut self.schedule
            && is_free
            && schedule.next <= now
        {
            schedule.next = now + schedule.period_days * DAY_MS;
            self.begin_rotation(now, "AUTOMATIC");
        }
    }

    /// New material becomes current, or the imported one that waits. Whether there was one.
    pub(crate) fn rotate(&mut self, now: i64, how: &'static str) -> bool {
        if self.kind.is_external() && !self.materials.iter().any(|material| material.used == Use::PendingRotation) {
            return false;
        }
        for material in &mut self.materials {
            match material.used {
                Use::Current => material.used = Use::NonCurrent,
                Use::PendingRotation => {
                    material.used = Use::Current;
                    material.rotated = Some((now, how));
                }
                Use::NonCurrent => {}
            }
        }
        if !self.kind.is_external() {
            self.materials.push(Material { rotated: Some((now, how)), ..Material::made_here() });
        }
        true
    }

    /// The metadata, as DescribeKey shows it.
    pub(crate) fn metadata(&self) -> Value {
        let mut shown = json!({
            "AWSAccountId": ACCOUNT, "KeyId": self.id, "Arn": self.arn, "CreationDate": seconds(self.created),
            "Enabled": self.state == State::Enabled, "Description": self.description, "KeyUsage": self.kind.usage,
            "KeyState": self.state.name(), "Origin": self.kind.origin, "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": self.kind.spec, "KeySpec": self.kind.spec, "MultiRegion": self.set.is_some(),
        });
        let members = shown.as_object_mut().expect("an object");
        members.insert(self.kind.algorithms.0.to_owned(), json!(self.kind.algorithms.1));
        // The API stopped to extend this list before ML-KEM came.
        if self.kind.spec == "ML_KEM_512" {
            members.remove("CustomerMasterKeySpec");
        }
        if let Some(set) = &self.set {
            members.insert("MultiRegionConfiguration".to_owned(), set.shown(&self.id));
        }
        if let Some(days) = self.window_days {
            members.insert("PendingDeletionWindowInDays".to_owned(), json!(days));
        }
        if let (State::PendingDeletion, Some(at)) = (self.state, self.deletion_date) {
            members.insert("DeletionDate".to_owned(), seconds(at));
        }
        if let (true, Some(material)) = (self.kind.is_symmetric(), self.current()) {
            members.insert("CurrentKeyMaterialId".to_owned(), json!(material.id));
        }
        self.add_expiration(members);
        shown
    }

    fn add_expiration(&self, members: &mut Map<String, Value>) {
        if !self.kind.is_external() {
            return;
        }
        let first = self.permanent().filter_map(|material| material.valid_to).min();
        if let Some(at) = first {
            members.insert("ValidTo".to_owned(), seconds(at));
        }
        if self.permanent().any(|material| material.is_present) {
            members.insert("ExpirationModel".to_owned(), json!(expiration_model(first)));
        }
    }

    /// The entries of ListKeyRotations.
    pub(crate) fn rotations(&self, all: bool) -> Vec<Value> {
        self.materials.iter().filter(|material| all || material.rotated.is_some()).map(|m| self.rotation(m)).collect()
    }

    fn rotation(&self, material: &Material) -> Value {
        let mut entry = json!({
            "KeyId": self.id, "KeyMaterialId": material.id, "KeyMaterialState": material.used.name(),
        });
        let members = entry.as_object_mut().expect("an object");
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        if let Some((at, how)) = material.rotated {
            add("RotationDate", seconds(at));
            add("RotationType", json!(how));
        }
        if self.kind.is_external() {
            add("ImportState", json!(if material.is_present { "IMPORTED" } else { "PENDING_IMPORT" }));
            if material.is_present {
                add("ExpirationModel", json!(expiration_model(material.valid_to)));
            }
            if let Some(at) = material.valid_to {
                add("ValidTo", seconds(at));
            }
            if let Some(description) = &material.description {
                add("KeyMaterialDescription", json!(description));
            }
        }
        entry
    }

    /// The entries of ListGrants.
    pub(crate) fn grant_list(&self) -> Vec<Value> {
        self.grants.iter().map(|(id, grant)| grant.entry(&self.arn, id)).collect()
    }

    /// Times at which something happens to the key, and 20 minutes before its rotation.
    pub(crate) fn due_times(&self) -> Vec<i64> {
        let deletion = self.deletion_date.filter(|_| self.state == State::PendingDeletion);
        let expiry = self.materials.iter().filter_map(|material| material.valid_to);
        let next = self.schedule.map(|schedule| schedule.next);
        deletion.into_iter().chain(expiry).chain(next).chain(next.map(|next| next - 20 * MINUTE_MS)).collect()
    }
}

impl Material {
    /// Material that the service makes, current.
    pub(crate) fn made_here() -> Self {
        Self {
            id: None,
            imported: None,
            used: Use::Current,
            is_present: true,
            valid_to: None,
            description: None,
            rotated: None,
        }
    }
}

impl Grant {
    pub(crate) fn entry(&self, key_arn: &str, id: &str) -> Value {
        let mut entry = json!({
            "KeyId": key_arn, "GrantId": id, "Name": self.name.clone().unwrap_or_default(),
            "CreationDate": seconds(self.created), "GranteePrincipal": crate::model::GRANTEE,
            "IssuingAccount": crate::model::ROOT, "Operations": self.operations,
        });
        let members = entry.as_object_mut().expect("an object");
        if self.has_retiring {
            members.insert("RetiringPrincipal".to_owned(), json!(crate::model::ROOT));
        }
        if self.is_constrained {
            let subset = json!({"EncryptionContextSubset": {"purpose": "test"}});
            members.insert("Constraints".to_owned(), subset);
        }
        entry
    }
}

fn expiration_model(valid_to: Option<i64>) -> &'static str {
    if valid_to.is_some() { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" }
}
