//! How far the clock of a development deployment was moved: one row, absent as long as it was not.

use serde::{Deserialize, Serialize};

use kagiban_storage::json_row;
use kagiban_storage::{KeyError, KeyReader, KeyWriter, RowKey};

/// The row key of the clock: there is one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ClockRowKey;

/// How far the clock was moved.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockRecord {
    /// Milliseconds ahead of the world.
    pub(crate) ahead_ms: i64,
}

impl RowKey for ClockRowKey {
    fn write(&self, _key: &mut KeyWriter) {}

    fn read(_key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self)
    }
}

json_row!(ClockRecord, "clock", ClockRowKey);
