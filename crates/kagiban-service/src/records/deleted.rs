//! What was deleted for good: a row for each key, and for each imported material until it is imported again.
//!
//! Nothing reads them while the service runs. They are in every backup, so that a restore of an older one knows what must not come
//! back.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::key::KeyRowKey;
use super::material::MaterialRowKey;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;

/// A key that was deleted.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletedKeyRecord {
    #[serde(with = "time_ms")]
    pub(crate) deleted: Timestamp,
}

/// An imported material that was deleted, or expired.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeletedMaterialRecord {
    #[serde(with = "time_ms")]
    pub(crate) deleted: Timestamp,
}

json_row!(DeletedKeyRecord, "deleted-key", KeyRowKey);
json_row!(DeletedMaterialRecord, "deleted-material", MaterialRowKey);
