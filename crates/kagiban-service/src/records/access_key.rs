//! Access keys. The secret is wrapped like key material: Signature Version 4 needs it in clear, so it cannot be a hash.

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::time::Timestamp;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{base64_bytes, text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an access key: its id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AccessKeyRowKey(pub(crate) AccessKeyId);

impl AccessKeyRowKey {
    /// What the wrapped secret is bound to, so that it opens in this row only.
    pub(crate) fn binding(&self) -> RowBinding {
        RowBinding::new("access-key").part("access-key-id", self.0.as_str().as_bytes())
    }
}

/// An access key of an account's root.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKeyRecord {
    #[serde(with = "text")]
    pub(crate) account: AccountId,
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// The byte form of `kagiban_keycore`'s wrapped secret.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_secret: Vec<u8>,
}

impl RowKey for AccessKeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.0.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.parse()?))
    }
}

json_row!(AccessKeyRecord, "access-key", AccessKeyRowKey);
