//! A node of a deployment whose store several nodes share: that it is one of them, and what its view contains.
//!
//! Each node writes its own row, now and then and whenever another asks for it. The others take a node off that keeps silent,
//! and it decides nothing until it has written itself in again; how that holds together is told in `nodes/mod.rs`.

use std::fmt;

use kagiban_base::time::Timestamp;
use kagiban_storage::json::time_ms;
use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};
use serde::{Deserialize, Serialize};

/// A node's number: that of its audit journal, which is in its data directory and nowhere else.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub [u8; 16]);

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The row key of a node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NodeRowKey(pub(crate) NodeId);

/// Whether a node takes part.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// It answers requests while its view is fresh.
    Member,
    /// It ended in order.
    Left,
    /// It kept silent, and another node took it off.
    Removed,
}

/// A node, as it wrote itself in; its end in other standings.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NodeRecord {
    /// For people.
    pub(crate) name: Box<str>,
    /// Of the program.
    pub(crate) version: Box<str>,
    pub(crate) standing: Standing,
    #[serde(with = "time_ms")]
    pub(crate) started: Timestamp,
    /// When this was written, by the clock of who wrote it.
    #[serde(with = "time_ms")]
    pub(crate) reported: Timestamp,
    /// The node's view contains every change up to this revision.
    pub(crate) applied: u64,
    /// How often it has asked the others to report since it started.
    pub(crate) asked: u64,
    /// From which age of its view on it does not decide.
    pub(crate) freshness_bound_ms: u64,
}

impl RowKey for NodeRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.fixed(&self.0.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(NodeId(key.fixed()?)))
    }
}

json_row!(NodeRecord, "node", NodeRowKey);
