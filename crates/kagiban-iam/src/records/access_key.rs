//! Long-term access keys. The secret is wrapped like key material: Signature Version 4 needs it in clear, so it cannot be a
//! hash. Temporary ones have no rows; their session tokens say everything.

use kagiban_base::id::{AccessKeyId, AccountId};
use kagiban_base::time::Timestamp;
use kagiban_identity::unique_id::UniqueId;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{base64_bytes, text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an access key: its id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AccessKeyRowKey(
    /// The id.
    pub AccessKeyId,
);

impl AccessKeyRowKey {
    /// What the wrapped secret is bound to, so that it opens in this row only.
    pub fn binding(&self) -> RowBinding {
        RowBinding::new("access-key").part("access-key-id", self.0.as_str().as_bytes())
    }
}

/// Whose access key it is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKeyOwner {
    /// The account's root.
    #[default]
    Root,
    /// A service of the deployment, by its principal: `s3.amazonaws.com`.
    Service(String),
    /// A user.
    #[serde(with = "text")]
    User(UniqueId),
}

/// An access key.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyRecord {
    /// The account it belongs to.
    #[serde(with = "text")]
    pub account: AccountId,
    /// When it was made.
    #[serde(with = "time_ms")]
    pub created: Timestamp,
    /// The byte form of `kagiban_keycore`'s wrapped secret.
    #[serde(with = "base64_bytes")]
    pub wrapped_secret: Vec<u8>,
    /// Whose it is. Since version 2.
    #[serde(default)]
    pub owner: AccessKeyOwner,
    /// Whether it is switched off. Since version 2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inactive: bool,
}

impl AccessKeyRecord {
    /// A new, active access key of an account's root.
    pub fn of_root(account: AccountId, created: Timestamp, wrapped_secret: Vec<u8>) -> Self {
        Self { account, created, wrapped_secret, owner: AccessKeyOwner::Root, inactive: false }
    }
}

impl RowKey for AccessKeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.0.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.parse()?))
    }
}

json_row!(AccessKeyRecord, "access-key", AccessKeyRowKey, 2);
