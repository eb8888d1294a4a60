//! When each key was last used, and since when that is known.

use kagiban_base::time::Timestamp;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

pub(crate) use super::key::KeyRowKey as KeyUseRowKey;

/// The last use of a key's material that has been written down.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyUseRecord {
    #[serde(with = "time_ms")]
    pub(crate) at: Timestamp,
}

json_row!(KeyUseRecord, "key-use", KeyUseRowKey);

/// The row key of the beginning: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct KeyUseTrackingRowKey;

/// Since when uses are known; a key without a use may have been used before.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyUseTrackingRecord {
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
}

impl RowKey for KeyUseTrackingRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(KeyUseTrackingRecord, "key-use-tracking", KeyUseTrackingRowKey);
