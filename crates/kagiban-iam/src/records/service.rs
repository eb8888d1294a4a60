//! The services of a deployment that have access keys of their own: an index of those keys by principal, and the row where
//! those meet who make and delete them.

use kagiban_base::id::AccessKeyId;
use kagiban_storage::json::texts;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, RowKey};
use serde::{Deserialize, Serialize};

/// The row key of a service: its principal, `s3.amazonaws.com`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ServiceRowKey(
    /// The principal.
    pub String,
);

/// A service with access keys.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceRecord {
    /// Its access keys, oldest first.
    #[serde(with = "texts")]
    pub access_keys: Vec<AccessKeyId>,
}

impl ServiceRowKey {
    /// The row of one service.
    ///
    /// # Errors
    /// [`KeyError`] when the principal does not fit into a key.
    pub fn prefix(principal: &str) -> Result<Prefix<ServiceRecord>, KeyError> {
        Prefix::of(|key| {
            key.text(principal);
        })
    }
}

impl RowKey for ServiceRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(&self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.text()?.to_owned()))
    }
}

json_row!(ServiceRecord, "iam-service", ServiceRowKey);
