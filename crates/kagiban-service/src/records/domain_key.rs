//! Domain keys, wrapped under the root key, sealed to the recovery key, or both. One is current; older ones open what they
//! wrapped.

use kagiban_base::time::Timestamp;
use kagiban_keycore::hierarchy::DomainKeyId;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{optional_base64_bytes, optional_time_ms, time_ms};
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

    /// What it is bound to where another domain key wraps it.
    pub(crate) fn handover_binding(&self) -> RowBinding {
        RowBinding::new("domain-key-handover").part("domain-key-id", self.0.as_bytes())
    }
}

/// One domain key at rest.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DomainKeyRecord {
    #[serde(with = "time_ms")]
    pub(crate) created: Timestamp,
    /// Under the root key; absent in a deployment that has none (since version 2).
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub(crate) wrapped: Option<Vec<u8>>,
    /// To the recipient of the recovery key, if there is one: a file of age. Since version 2.
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub(crate) sealed: Option<Vec<u8>>,
    /// When another one became current in its place. Since version 2.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) replaced: Option<Timestamp>,
    /// Until when it is kept for what was sealed with it and is no row: sessions, import tokens. Since version 2.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) kept_until: Option<Timestamp>,
    /// Whether the one before is not kept for them, once this one is current. Since version 2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) ends_sessions: bool,
    /// Under the domain key of before, for nodes that have that one, until no row needs it any more. Since version 3.
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub(crate) handed_over: Option<Vec<u8>>,
    /// Since when no row has needed it any more. Since version 3.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) needless: Option<Timestamp>,
    /// Under the root key that takes the place of the one in `wrapped`, while nodes may need either. Since version 4.
    #[serde(with = "optional_base64_bytes", default, skip_serializing_if = "Option::is_none")]
    pub(crate) also_wrapped: Option<Vec<u8>>,
    /// Since when it is so. Since version 4.
    #[serde(with = "optional_time_ms", default, skip_serializing_if = "Option::is_none")]
    pub(crate) rekeyed: Option<Timestamp>,
}

impl DomainKeyRecord {
    /// A fresh one.
    pub(crate) fn new(created: Timestamp, wrapped: Option<Vec<u8>>, sealed: Option<Vec<u8>>) -> Self {
        Self {
            created,
            wrapped,
            sealed,
            replaced: None,
            kept_until: None,
            ends_sessions: false,
            handed_over: None,
            needless: None,
            also_wrapped: None,
            rekeyed: None,
        }
    }
}

impl RowKey for DomainKeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.fixed(self.0.as_bytes());
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(DomainKeyId::from_bytes(key.fixed()?)))
    }
}

json_row!(DomainKeyRecord, "domain-key", DomainKeyRowKey, 4);
