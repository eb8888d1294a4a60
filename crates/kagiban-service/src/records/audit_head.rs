//! How far the audit journal of each node goes, by the node's own word: a row for each journal. Whoever puts a journal's files
//! back to an older state, and not the store, is found out by it.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of a head: the journal's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AuditHeadRowKey(pub(crate) [u8; 16]);

/// A head.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditHeadRecord {
    /// When it was put here.
    #[serde(with = "time_ms")]
    pub(crate) kept: Timestamp,
    /// Its text, with its signature.
    pub(crate) head: String,
}

impl RowKey for AuditHeadRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.fixed(&self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.fixed()?))
    }
}

json_row!(AuditHeadRecord, "audit-head", AuditHeadRowKey);
