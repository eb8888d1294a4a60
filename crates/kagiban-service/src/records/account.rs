//! Accounts.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an account: its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AccountRowKey(pub(crate) AccountId);

/// An account.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
}

impl RowKey for AccountRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.0.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.parse()?))
    }
}

json_row!(AccountRecord, "account", AccountRowKey);
