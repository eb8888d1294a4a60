//! When access keys were last used, as it is kept across restarts.

use kagiban_base::id::Region;
use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::access_key::AccessKeyRowKey;
use kagiban_storage::json::{text, time_ms};
use kagiban_storage::json_row;

/// The last use of an access key that was written down. Each node writes what it has seen; a later use is never overwritten
/// with an earlier one.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AccessKeyUseRecord {
    /// When.
    #[serde(with = "time_ms")]
    pub at: Timestamp,
    /// In which Region.
    #[serde(with = "text")]
    pub region: Region,
    /// The signing name of the service, `kms`.
    pub service: String,
}

json_row!(AccessKeyUseRecord, "access-key-use", AccessKeyRowKey);
