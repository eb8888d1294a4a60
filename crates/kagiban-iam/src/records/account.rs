//! Accounts, and the aliases that are unique among them.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{optional_time_ms, text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of an account: its number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AccountRowKey(
    /// The number.
    pub AccountId,
);

/// An account. A development deployment has every account; there a row is only for what was said about one.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccountRecord {
    /// When it was made.
    #[serde(with = "time_ms")]
    pub created: Timestamp,
    /// What the operator calls it. Since version 2.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its account alias. Since version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<String>,
    /// When it was closed: none of its credentials is known any more. Since version 2.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
}

impl AccountRecord {
    /// A new account.
    pub fn new(created: Timestamp) -> Self {
        Self { created, name: String::new(), alias: None, closed: None }
    }
}

impl RowKey for AccountRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.0.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.parse()?))
    }
}

json_row!(AccountRecord, "account", AccountRowKey, 2);

/// The row key of an account alias: the alias, which is unique in the deployment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct AccountAliasRowKey(pub(crate) String);

/// Whose an account alias is.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountAliasRecord {
    #[serde(with = "text")]
    pub(crate) account: AccountId,
}

impl RowKey for AccountAliasRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(&self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.text()?.to_owned()))
    }
}

json_row!(AccountAliasRecord, "account-alias", AccountAliasRowKey);
