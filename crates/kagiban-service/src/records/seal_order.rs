//! The order that all nodes be sealed: there while it stands. Every node watches it; a process that starts while it is there starts
//! sealed, root key or not.

use kagiban_base::id::RequestId;
use kagiban_base::time::Timestamp;
use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

/// The row key of the order: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SealOrderRowKey;

/// An order.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SealOrderRecord {
    /// Of the request that gave it; tells one order from another.
    #[serde(with = "text")]
    pub(crate) number: RequestId,
    #[serde(with = "time_ms")]
    pub(crate) since: Timestamp,
}

impl RowKey for SealOrderRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(SealOrderRecord, "seal-order", SealOrderRowKey);
