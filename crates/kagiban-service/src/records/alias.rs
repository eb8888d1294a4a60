//! Aliases, and the index from a key to its aliases.

use kagiban_base::arn::AliasArn;
use kagiban_base::id::{AliasName, KeyId};
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Place;
use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an alias: Region, account, name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct AliasRowKey {
    pub(crate) place: Place,
    pub(crate) name: AliasName,
}

impl From<AliasArn> for AliasRowKey {
    fn from(arn: AliasArn) -> Self {
        Self { place: Place { region: arn.region, account: arn.account }, name: arn.name }
    }
}

/// An alias.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AliasRecord {
    #[serde(with = "text")]
    pub(crate) target: KeyId,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(with = "time_ms")]
    pub(crate) updated: Timestamp,
}

/// The row key of the index entry: Region, account, key id, alias name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct KeyAliasRowKey {
    pub(crate) place: Place,
    pub(crate) key_id: KeyId,
    pub(crate) name: AliasName,
}

/// An index entry: the row key says it all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyAliasRecord {}

impl KeyAliasRowKey {
    /// The index entry of an alias that points to `key_id`.
    pub(crate) fn new(alias: &AliasRowKey, key_id: KeyId) -> Self {
        Self { place: alias.place, key_id, name: alias.name.clone() }
    }
}

impl RowKey for AliasRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.name.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { place: Place::read(key)?, name: key.parse()? })
    }
}

impl RowKey for KeyAliasRowKey {
    fn write(&self, key: &mut KeyWriter) {
        self.place.write(key);
        key.text(self.key_id.as_str()).text(self.name.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { place: Place::read(key)?, key_id: key.parse()?, name: key.parse()? })
    }
}

json_row!(AliasRecord, "alias", AliasRowKey);
json_row!(KeyAliasRecord, "key-alias", KeyAliasRowKey);
