//! Domain keys, wrapped under the root key. One is current; older ones open what they wrapped.

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::DomainKeyId;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{base64_bytes, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a domain key: its id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct DomainKeyRowKey(pub(crate) DomainKeyId);

impl DomainKeyRowKey {
    /// What the wrapped domain key is bound to.
    pub(crate) fn binding(&self) -> RowBinding {
        RowBinding::new("domain-key").part("domain-key-id", self.0.as_bytes())
    }
}

/// One domain key at rest.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainKeyRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped: Vec<u8>,
}

impl RowKey for DomainKeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.fixed(self.0.as_bytes());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(DomainKeyId::from_bytes(key.fixed()?)))
    }
}

json_row!(DomainKeyRecord, "domain-key", DomainKeyRowKey);
