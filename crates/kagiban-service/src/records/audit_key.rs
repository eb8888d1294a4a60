//! The keys that sign what the audit proves: one row for each that there ever was, so that old signatures can be checked.

use kagiban_base::time::Timestamp;
use kagiban_keycore::row_binding::RowBinding;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::{base64_bytes, time_ms};
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a signing key: its number, 1 for the first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct AuditKeyRowKey(pub(crate) u64);

impl AuditKeyRowKey {
    /// What the private key is bound to.
    pub(crate) fn binding(&self, public_key: &[u8]) -> RowBinding {
        RowBinding::new("audit-key").part("number", &self.0.to_be_bytes()).part("public-key", public_key)
    }
}

/// A signing key of the audit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditKeyRecord {
    /// From when on it signs.
    #[serde(with = "time_ms")]
    pub(crate) valid_from: Timestamp,
    /// When the last signature with it may be made.
    #[serde(with = "time_ms")]
    pub(crate) valid_until: Timestamp,
    /// RSAPublicKey (RFC 8017), DER.
    #[serde(with = "base64_bytes")]
    pub(crate) public_key: Vec<u8>,
    /// PKCS#8.
    #[serde(with = "base64_bytes")]
    pub(crate) wrapped_private_key: Vec<u8>,
}

impl RowKey for AuditKeyRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.number(self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.number()?))
    }
}

json_row!(AuditKeyRecord, "audit-key", AuditKeyRowKey);
