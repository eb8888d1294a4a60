//! What a root passphrase is stretched with, for nodes that share a store. Not secret: the passphrase is.

use kagiban_keycore::passphrase::PassphraseParameters;
use kagiban_storage::json::text;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

/// The row key of the parameters: there are those of one passphrase at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct RootPassphraseRowKey;

/// The parameters.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RootPassphraseRecord {
    /// Salt and costs.
    #[serde(with = "text")]
    pub(crate) parameters: PassphraseParameters,
}

impl RowKey for RootPassphraseRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(RootPassphraseRecord, "root-passphrase", RootPassphraseRowKey);
