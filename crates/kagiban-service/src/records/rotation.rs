//! The history of a key's materials: one row for each rotation, in their order.
//!
//! Written with the rotation itself and never changed. A key that has not rotated has no rows: its only material is the
//! first. Its first rotation writes two, so that the first material stays known as such.

use kagiban_api::RotationType;
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Place;
use kagiban_storage::json::{optional_time_ms, text};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a rotation: that of its key, then its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RotationRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
    /// 0 for the first material, which came by no rotation.
    pub(crate) number: u64,
}

impl RotationRowKey {
    pub(crate) const fn new(key: &KeyArn, number: u64) -> Self {
        Self { place: Place { region: key.region, account: key.account }, key_id: key.key_id, number }
    }
}

/// A material that became current.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RotationRecord {
    #[serde(with = "text")]
    pub(crate) material_id: KeyMaterialId,
    /// When; absent for the first material.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) date: Option<Timestamp>,
    /// How; absent for the first material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rotation_type: Option<RotationType>,
}

impl RowKey for RotationRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str()).number(self.number);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { place: Place::read(key)?, key_id: key.parse()?, number: key.number()? })
    }
}

json_row!(RotationRecord, "key-rotation", RotationRowKey);
