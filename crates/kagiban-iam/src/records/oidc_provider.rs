//! OpenID Connect providers that an account trusts.

use kagiban_base::id::AccountId;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::Tags;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a provider: account, and its URL without `https://`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct OidcProviderRowKey {
    pub(crate) account: AccountId,
    pub(crate) host_and_path: String,
}

/// An OpenID Connect provider.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcProviderRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// Audiences that are accepted, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) client_ids: Vec<String>,
    /// SHA-1 of certificates of the provider's chain, in hex.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) thumbprints: Vec<String>,
    #[serde(default, skip_serializing_if = "Tags::is_empty")]
    pub(crate) tags: Tags,
}

impl RowKey for OidcProviderRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(self.account.as_str()).text(&self.host_and_path);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { account: key.parse()?, host_and_path: key.text()?.to_owned() })
    }
}

json_row!(OidcProviderRecord, "iam-oidc-provider", OidcProviderRowKey);
