//! KMS keys: everything about a key but its material and its policy.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use kagiban_api::{KeyManagerType, KeyMaterialState, KeySpec, KeyState, KeyUsageType, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_base::time::Timestamp;
use kagiban_keycore::public_key::PublicKey;
use serde::{Deserialize, Serialize};

use super::Place;
use super::multi_region::{MultiRegion, is_waiting};
use super::rare::Rare;
use crate::key_uses::NotesAtHand;
use crate::spec::Counterpart;
use kagiban_storage::json::{base64_bytes, optional_text, optional_time_ms, text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a KMS key: Region, account, key id. Listing an account's keys is a scan of its [`Place`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
}

impl KeyRowKey {
    pub(crate) const fn arn(&self) -> KeyArn {
        KeyArn { region: self.place.region, account: self.place.account, key_id: self.key_id }
    }
}

impl From<KeyArn> for KeyRowKey {
    fn from(arn: KeyArn) -> Self {
        Self { place: Place { region: arn.region, account: arn.account }, key_id: arn.key_id }
    }
}

/// A KMS key with its place. In this order: what every request for the key touches comes first and fills, with the counters of
/// its `Arc`, 128 bytes, which a processor fetches together; the rest is as long.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct KeyRecord {
    /// Where and which; from the row key.
    pub(crate) arn: KeyArn,
    /// What this node noted of its use.
    pub(crate) notes: NotesAtHand,
    /// What the row's body holds.
    pub(crate) body: KeyBody,
}

/// The stored properties of a KMS key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    pub(crate) description: Rare<String>,
    pub(crate) key_spec: KeySpec,
    pub(crate) key_usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) state: KeyState,
    /// AWS for keys of services, which nobody can change. Since version 4.
    #[serde(default = "customer", skip_serializing_if = "is_customer")]
    pub(crate) key_manager: KeyManagerType,
    /// Set in PendingDeletion only.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion_date: Option<Timestamp>,
    /// The material that encrypts; absent for a key that has none.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) current_material: Option<KeyMaterialId>,
    /// SubjectPublicKeyInfo DER of the material, for asymmetric keys that have one. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_key: Option<HeldPublicKey>,
    /// The materials that were imported into the key, the first one first. Since version 2; empty for other origins.
    #[serde(default, skip_serializing_if = "Rare::is_usual")]
    pub(crate) imports: Rare<Vec<ImportedMaterial>>,
    /// How and how often it rotates. Since version 3; empty for a key that never did and need not.
    #[serde(default, skip_serializing_if = "Rare::is_usual")]
    pub(crate) rotation: Rare<Rotation>,
    /// Set in PendingDeletion only, once the waiting period is over and rows of the key are being deleted: from then on
    /// there is no way back. Since version 3.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) erasing: bool,
    /// Its related keys, for a multi-Region key. Since version 4; boxed, as most keys have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) multi_region: Option<Box<MultiRegion>>,
    /// The waiting period that begins when the last replica is gone. Set in PendingReplicaDeletion only. Since version 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending_window_days: Option<i32>,
    /// Aliases that point here. A count in this row, so that two CreateAlias at once cannot both take the last place.
    pub(crate) alias_count: u32,
    #[serde(default, skip_serializing_if = "Rare::is_usual")]
    pub(crate) tags: Rare<BTreeMap<String, String>>,
}

/// SubjectPublicKeyInfo DER of a key, and the public half that it says, parsed when it is first needed.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct HeldPublicKey(Box<ParsedOnce>);

#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
struct ParsedOnce {
    #[serde(with = "base64_bytes")]
    der: Vec<u8>,
    #[serde(skip)]
    parsed: OnceLock<Option<Arc<PublicKey>>>,
}

impl HeldPublicKey {
    /// The DER.
    pub(crate) fn der(&self) -> &[u8] {
        &self.0.der
    }
}

impl From<Vec<u8>> for HeldPublicKey {
    fn from(der: Vec<u8>) -> Self {
        Self(Box::new(ParsedOnce { der, parsed: OnceLock::new() }))
    }
}

impl PartialEq for HeldPublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

const fn customer() -> KeyManagerType {
    KeyManagerType::Customer
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_customer(key_manager: &KeyManagerType) -> bool {
    matches!(key_manager, KeyManagerType::Customer)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) const fn is_false(value: &bool) -> bool {
    !*value
}

/// One imported material of a key. The list keeps it when the material itself is deleted, so that it can be recognised.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportedMaterial {
    #[serde(with = "text")]
    pub(crate) id: KeyMaterialId,
    /// CURRENT and NON_CURRENT are permanently associated; PENDING_ROTATION is not.
    pub(crate) state: KeyMaterialState,
    /// Whether the material is here, or deleted or expired.
    pub(crate) present: bool,
    /// When it expires; absent for never.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) valid_to: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
}

/// How a key's material rotates.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rotation {
    /// Absent when automatic rotation is off. Kept while the key is disabled or its deletion is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) automatic: Option<AutomaticRotation>,
    /// All rotations so far: the number of the last one's row.
    pub(crate) count: u32,
    /// Those of them that were made on demand.
    pub(crate) on_demand_count: u32,
}

/// The schedule of automatic rotation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutomaticRotation {
    /// When it was switched on, or its period last set.
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
    pub(crate) period_days: i32,
    /// When the next rotation is due.
    #[serde(with = "time_ms")]
    pub(crate) next: Timestamp,
}

impl KeyBody {
    /// A customer managed key without material, aliases and tags.
    pub(crate) fn new(
        (key_spec, key_usage): (KeySpec, KeyUsageType),
        origin: OriginType,
        description: String,
        created: Timestamp,
    ) -> Self {
        Self {
            created,
            description: description.into(),
            key_spec,
            key_usage,
            origin,
            state: KeyState::PendingImport,
            key_manager: KeyManagerType::Customer,
            deletion_date: None,
            current_material: None,
            public_key: None,
            imports: Rare::default(),
            rotation: Rare::default(),
            erasing: false,
            multi_region: None,
            pending_window_days: None,
            alias_count: 0,
            tags: Rare::default(),
        }
    }

    /// Whether customers made it and change it: such keys count for the quota of keys, those of services do not.
    pub(crate) const fn is_customer_managed(&self) -> bool {
        is_customer(&self.key_manager)
    }

    /// When automatic rotation is due; `None` while it is off, or the state of the key holds it up, or its primary rotates it.
    pub(crate) fn rotation_due(&self) -> Option<Timestamp> {
        let is_free = |set: &MultiRegion| set.is_primary() && set.rotating.is_none() && !set.has_yielded();
        let is_its_own = self.is_in_use() && self.multi_region.as_deref().is_none_or(is_free);
        self.rotation.automatic.as_ref().filter(|_| is_its_own).map(|automatic| automatic.next)
    }

    /// Whether the state lets the key's material be used.
    pub(crate) const fn is_in_use(&self) -> bool {
        matches!(self.state, KeyState::Enabled | KeyState::Updating)
    }

    /// The materials that the key cannot do without.
    pub(crate) fn permanent_imports(&self) -> impl Iterator<Item = &ImportedMaterial> {
        self.imports.iter().filter(|import| !is_waiting(import.state))
    }

    /// Marks an imported material as gone; one that was waiting for its rotation leaves the list, and the lists of the
    /// replicas, unless this is a replica itself. Whether there is such a one in the list. The caller deletes its row.
    pub(crate) fn lose_import(&mut self, id: KeyMaterialId) -> bool {
        let Some(import) = self.imports.iter_mut().find(|import| import.id == id) else { return false };
        import.present = false;
        import.valid_to = None;
        if is_waiting(import.state) {
            match self.multi_region.as_mut().filter(|set| !set.is_primary()) {
                Some(set) => set.unreported = true,
                None => {
                    self.imports.retain(|import| import.id != id);
                    self.shared_has_changed();
                }
            }
        }
        self.follow_imports();
        true
    }

    /// Lets the state follow the imported materials: Enabled once all permanent ones are there, PendingImport while one is
    /// missing. A key whose deletion is pending stays so.
    pub(crate) fn follow_imports(&mut self) {
        let complete =
            self.permanent_imports().next().is_some() && self.permanent_imports().all(|import| import.present);
        match (self.state, complete) {
            (KeyState::PendingDeletion | KeyState::PendingReplicaDeletion, _) => {}
            (KeyState::PendingImport, true) => self.state = KeyState::Enabled,
            (_, true) => {}
            (_, false) => self.state = KeyState::PendingImport,
        }
    }
}

impl KeyRecord {
    pub(crate) fn new(arn: KeyArn, body: KeyBody) -> Self {
        Self { arn, notes: NotesAtHand::default(), body }
    }

    /// The public half of an asymmetric key; `None` when there is none, or none that parses.
    pub(crate) fn public_key(&self) -> Option<&PublicKey> {
        let HeldPublicKey(held) = self.body.public_key.as_ref()?;
        let parse = || PublicKey::decode(self.body.key_spec.core().ok()?, &held.der).ok().map(Arc::new);
        held.parsed.get_or_init(parse).as_deref()
    }

    pub(crate) fn row_key(&self) -> KeyRowKey {
        self.arn.into()
    }
}

impl RowKey for KeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { place: Place::read(key)?, key_id: key.parse()? })
    }
}

json_row!(KeyBody, "key", KeyRowKey, 4);
