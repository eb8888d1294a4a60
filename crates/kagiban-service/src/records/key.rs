//! KMS keys: everything about a key but its material and its policy.

use std::collections::BTreeMap;

use kagiban_api::{KeySpec, KeyState, KeyUsageType, OriginType};
use kagiban_base::arn::KeyArn;
use kagiban_base::id::{KeyId, KeyMaterialId};
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Place, json_row, optional_text, optional_time_ms, time_ms};
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a KMS key: Region, account, key id. Listing an account's keys is a scan of its [`Place`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
}

impl From<KeyArn> for KeyRowKey {
    fn from(arn: KeyArn) -> Self {
        Self { place: Place { region: arn.region, account: arn.account }, key_id: arn.key_id }
    }
}

/// A KMS key with its place.
#[derive(Clone, Debug)]
pub(crate) struct KeyRecord {
    /// Where and which; from the row key.
    pub(crate) arn: KeyArn,
    /// The ARN as text: most answers carry it, so it is written once per change and not once per request.
    pub(crate) arn_text: Box<str>,
    /// What the row's body holds.
    pub(crate) body: KeyBody,
}

/// The stored properties of a KMS key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyBody {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    pub(crate) description: String,
    pub(crate) key_spec: KeySpec,
    pub(crate) key_usage: KeyUsageType,
    pub(crate) origin: OriginType,
    pub(crate) state: KeyState,
    /// Set in PendingDeletion only.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) deletion_date: Option<Timestamp>,
    /// The material that encrypts; absent for a key that has none.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) current_material: Option<KeyMaterialId>,
    /// Aliases that point here. A count in this row, so that two CreateAlias at once cannot both take the last place.
    pub(crate) alias_count: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
}

impl KeyRecord {
    pub(crate) fn new(arn: KeyArn, body: KeyBody) -> Self {
        Self { arn, arn_text: arn.to_string().into(), body }
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

json_row!(KeyBody, "key", KeyRowKey);
