//! The recovery key, as far as the store may know it: its public half, and how its private half was split.

use kagiban_base::time::Timestamp;
use kagiban_recovery::RecoveryRecipient;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of the recovery key: there is one at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RecoveryKeyRowKey;

/// The recovery key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoveryKeyRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// What domain keys and backups are sealed to.
    #[serde(with = "text")]
    pub(crate) recipient: RecoveryRecipient,
    /// How many shares open.
    pub(crate) threshold: u8,
    /// How many shares there are.
    pub(crate) shares: u8,
}

impl RowKey for RecoveryKeyRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(RecoveryKeyRecord, "recovery-key", RecoveryKeyRowKey);
