//! What is stored: one file per row type, each with its version number.
//!
//! Rows live here and not in `kagiban-storage`, because they are made of the API's own enums (key specs, states, usages),
//! which the store has no business knowing. A row is one version byte and a JSON object; a changed field needs a new version, a
//! reader for the old one, and a fixture (`tests/fixtures/`) that must still open.

pub(crate) mod alias;
pub(crate) mod audit_head;
pub(crate) mod audit_key;
pub(crate) mod clock;
pub(crate) mod compliance;
pub(crate) mod deleted;
pub(crate) mod deployment;
pub(crate) mod domain_key;
pub(crate) mod examine;
#[cfg(test)]
mod fixtures;
pub(crate) mod grant;
pub(crate) mod key;
pub(crate) mod key_policy;
pub(crate) mod key_use;
pub(crate) mod material;
pub(crate) mod multi_region;
pub(crate) mod node;
pub(crate) mod node_formats;
pub(crate) mod peer;
pub(crate) mod rare;
pub(crate) mod recovery_key;
pub(crate) mod restoring;
pub(crate) mod root_passphrase;
pub(crate) mod rotation;
pub(crate) mod seal_order;
pub(crate) mod secret_tables;
pub(crate) mod service_event;
pub(crate) mod usage;

use kagiban_base::id::{AccountId, KeyId, Region};
use kagiban_storage::{KeyError, KeyReader, KeyWriter, Prefix, Row};

/// Where the rows of an account in a Region are: the first parts of most row keys.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Place {
    pub(crate) region: Region,
    pub(crate) account: AccountId,
}

impl Place {
    /// The rows of a table that are in this place.
    pub(crate) fn prefix<R: Row>(&self) -> Result<Prefix<R>, KeyError> {
        Prefix::of(|key| self.write(key))
    }

    /// The rows of a table that are in this place and belong to one key.
    pub(crate) fn key_prefix<R: Row>(&self, key_id: KeyId) -> Result<Prefix<R>, KeyError> {
        Prefix::of(|key| {
            self.write(key);
            key.text(key_id.as_str());
        })
    }

    fn write(&self, key: &mut KeyWriter) {
        key.text(self.region.as_str()).text(self.account.as_str());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self { region: key.parse()?, account: key.parse()? })
    }
}
