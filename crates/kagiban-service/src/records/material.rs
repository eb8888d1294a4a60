//! Key material, wrapped under a domain key. The store never sees it otherwise.

use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_base::time::Timestamp;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use super::Place;
use kagiban_storage::json::{base64_bytes, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a key material: that of its key, then the material's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MaterialRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
    pub(crate) material_id: KeyMaterialId,
}

impl MaterialRowKey {
    pub(crate) const fn new(key: &KeyArn, material_id: KeyMaterialId) -> Self {
        Self { place: Place { region: key.region, account: key.account }, key_id: key.key_id, material_id }
    }

    /// The key that the material belongs to.
    pub(crate) const fn key(&self) -> KeyArn {
        KeyArn { region: self.place.region, account: self.place.account, key_id: self.key_id }
    }

    /// What the wrapped bytes are bound to, so that they open in this row only.
    pub(crate) fn binding(&self) -> RowBinding {
        RowBinding::new("material")
            .part("region", self.place.region.as_str().as_bytes())
            .part("account", self.place.account.as_str().as_bytes())
            .part("key-id", self.key_id.as_str().as_bytes())
            .part("key-material-id", self.material_id.as_bytes())
    }
}

/// One key material at rest.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MaterialRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// The byte form of `kagiban_keycore`'s wrapped secret.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped: Vec<u8>,
}

impl RowKey for MaterialRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str()).fixed(self.material_id.as_bytes());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self {
            place: Place::read(key)?,
            key_id: key.parse()?,
            material_id: KeyMaterialId::from_bytes(key.fixed()?),
        })
    }
}

json_row!(MaterialRecord, "material", MaterialRowKey);
