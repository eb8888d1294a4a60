//! What a multi-Region key knows of its related keys: its role, theirs, and how far each of them has come.
//!
//! Kept in the key's own row. A replica's knowledge is what its primary last told it; a primary's is the truth.

use kagiban_api::{KeyMaterialState, MultiRegionKeyType, OriginType, RotationType};
use kagiban_base::id::{KeyMaterialId, Region};
use kagiban_base::time::Timestamp;
use kagiban_storage::json::{optional_text, text, time_ms};
use serde::{Deserialize, Serialize};

use super::key::KeyBody;

/// The set of related keys that a multi-Region key belongs to, as the key sees it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MultiRegion {
    pub(crate) role: MultiRegionKeyType,
    /// The Region of the primary key.
    #[serde(with = "text")]
    pub(crate) primary: Region,
    /// The other keys of the set, by Region.
    pub(crate) replicas: Vec<Related>,
    /// Of what this key knows.
    pub(crate) age: Age,
    /// On a replica: how many entries of the history of materials it has, without a gap.
    pub(crate) entries: u32,
    /// A rotation whose material is on its way to all replicas, and not current yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotating: Option<StartedRotation>,
    /// Set while the primary role moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) handover: Option<Handover>,
    /// On a replica: whether its primary is still to be told about imported material that came or went.
    #[serde(default, skip_serializing_if = "super::key::is_false")]
    pub(crate) unreported: bool,
}

/// One replica.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Related {
    #[serde(with = "text")]
    pub(crate) region: Region,
    /// On the primary: the last version that the replica has confirmed.
    pub(crate) acknowledged: u64,
    /// On the primary: the entries of the history that the replica has confirmed. A guess after a change of primary.
    pub(crate) entries: u32,
    /// The imported material that waits for its rotation and that this replica has, too.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) holds: Option<KeyMaterialId>,
}

impl Related {
    /// A replica of which nothing is known yet.
    pub(crate) const fn new(region: Region) -> Self {
        Self { region, acknowledged: 0, entries: 0, holds: None }
    }
}

/// How old shared properties are. The later of two is the greater one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Age {
    /// Raised by each change of primary.
    pub(crate) epoch: u64,
    /// Raised by each change of what is shared.
    pub(crate) version: u64,
}

/// A rotation in its first phase.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartedRotation {
    #[serde(with = "text")]
    pub(crate) material_id: KeyMaterialId,
    #[serde(with = "time_ms")]
    pub(crate) started: Timestamp,
    pub(crate) rotation_type: RotationType,
}

/// The two ends of a change of primary.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) enum Handover {
    /// This key is the new primary; the old one, in that Region, has not confirmed it yet.
    From(#[serde(with = "text")] Region),
    /// This key is to give its role to the one in that Region, and acts until it does.
    To(#[serde(with = "text")] Region),
    /// This key is the old primary and changes nothing shared any more: its successor, in that Region, has been told or
    /// is about to be.
    Yielded(#[serde(with = "text")] Region),
}

impl MultiRegion {
    /// That of a new primary key.
    pub(crate) const fn primary(region: Region) -> Self {
        Self {
            role: MultiRegionKeyType::Primary,
            primary: region,
            replicas: Vec::new(),
            age: Age { epoch: 1, version: 1 },
            entries: 0,
            rotating: None,
            handover: None,
            unreported: false,
        }
    }

    pub(crate) fn is_primary(&self) -> bool {
        self.role == MultiRegionKeyType::Primary
    }

    /// The replica in a Region.
    pub(crate) fn replica_mut(&mut self, region: Region) -> Option<&mut Related> {
        self.replicas.iter_mut().find(|replica| replica.region == region)
    }

    /// Whether every replica has confirmed what this primary last changed.
    pub(crate) fn is_settled(&self) -> bool {
        self.replicas.iter().all(|replica| replica.acknowledged >= self.age.version)
    }

    /// Whether the role is on its way to another key, and this one must not act as the primary.
    pub(crate) const fn has_yielded(&self) -> bool {
        matches!(self.handover, Some(Handover::Yielded(_)))
    }

    /// The Region that the role is to go to.
    pub(crate) const fn successor(&self) -> Option<Region> {
        match self.handover {
            Some(Handover::To(region) | Handover::Yielded(region)) => Some(region),
            Some(Handover::From(_)) | None => None,
        }
    }
}

/// Whether imported material is one that waits for its rotation, here or in other Regions.
pub(crate) const fn is_waiting(state: KeyMaterialState) -> bool {
    matches!(state, KeyMaterialState::PendingMultiRegionImportAndRotation | KeyMaterialState::PendingRotation)
}

impl KeyBody {
    /// Whether the key is a multi-Region replica.
    pub(crate) fn is_replica(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|set| !set.is_primary())
    }

    /// Whether the key is a multi-Region primary that has replicas.
    pub(crate) fn has_replicas(&self) -> bool {
        self.multi_region.as_ref().is_some_and(|set| set.is_primary() && !set.replicas.is_empty())
    }

    /// The entries that the history of the key's materials has for replicas: with the material of a rotation that is under
    /// way, and without imported material that has not rotated, which they get otherwise.
    pub(crate) fn history_len(&self) -> u32 {
        let under_way = self.multi_region.as_ref().is_some_and(|set| set.rotating.is_some());
        match (self.origin, self.rotation.count) {
            (OriginType::External, 0) => 0,
            (_, count) => count.saturating_add(1).saturating_add(u32::from(under_way)),
        }
    }

    /// Notes on a primary that something shared has changed, which its replicas are to be told.
    pub(crate) fn shared_has_changed(&mut self) {
        if let Some(set) = self.multi_region.as_mut().filter(|set| set.is_primary()) {
            set.age.version = set.age.version.saturating_add(1);
        }
    }

    /// Lets imported material that waits follow the replicas of a primary: it is ready for its rotation when they all have it.
    pub(crate) fn follow_replicas(&mut self) {
        let Some(set) = self.multi_region.as_ref().filter(|set| set.is_primary()) else { return };
        let Some(import) = self.imports.iter_mut().find(|import| is_waiting(import.state)) else { return };
        let is_everywhere = set.replicas.iter().all(|replica| replica.holds == Some(import.id));
        let state = match is_everywhere {
            true => KeyMaterialState::PendingRotation,
            false => KeyMaterialState::PendingMultiRegionImportAndRotation,
        };
        if import.state != state {
            import.state = state;
            self.shared_has_changed();
        }
    }

    /// The imported material that waits for its rotation and is here.
    pub(crate) fn waiting_import(&self) -> Option<KeyMaterialId> {
        self.imports.iter().find(|import| is_waiting(import.state) && import.present).map(|import| import.id)
    }
}
