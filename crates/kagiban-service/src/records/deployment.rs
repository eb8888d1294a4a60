//! The one row that says what this store is: written with the first batch, read before anything else.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use kagiban_iam::deployment::DeploymentKind;
use kagiban_keycore::hierarchy::DomainKeyId;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{optional_text, text, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of the deployment: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DeploymentRowKey;

/// The deployment.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeploymentRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    pub(crate) kind: DeploymentKind,
    /// The domain key that wraps what is written now.
    #[serde(with = "text")]
    pub(crate) current_domain_key: DomainKeyId,
    /// The account whose callers may manage accounts; absent where there is no account yet. Since version 2.
    #[serde(with = "optional_text", default, skip_serializing_if = "Option::is_none")]
    pub(crate) management_account: Option<AccountId>,
}

impl RowKey for DeploymentRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(DeploymentRecord, "deployment", DeploymentRowKey, 2);
