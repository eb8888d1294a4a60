//! The formats of the store that a node knows. A row of its own beside the node's: programs that know of no formats pass it over.

use kagiban_base::time::Timestamp;
use kagiban_storage::Formats;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use serde::{Deserialize, Serialize};

pub(crate) use super::node::NodeRowKey as NodeFormatsRowKey;

/// What a node knows.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct NodeFormatsRecord {
    #[serde(flatten)]
    pub(crate) formats: Formats,
    /// When the process started that wrote it; of another start it says nothing, which may be one of another program.
    #[serde(with = "time_ms")]
    pub(crate) started: Timestamp,
}

json_row!(NodeFormatsRecord, "node-formats", NodeFormatsRowKey);
