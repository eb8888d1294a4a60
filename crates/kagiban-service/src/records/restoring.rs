//! The row that stands in a store while a backup is restored into it, in place of the deployment's: such a store does not start.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a restore: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RestoringRowKey;

/// A restore that has begun.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoringRecord {
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
}

impl RowKey for RestoringRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(RestoringRecord, "restoring", RestoringRowKey);
