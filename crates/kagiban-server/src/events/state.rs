//! What must survive the process: how far the journal was followed, what was counted up to there, and what is under way.
//!
//! One file, replaced as a whole. What is under way is kept by the place of its record in the journal, where it is read again.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use kagiban_events::rules::{ActionCounts, Alarms};
use serde::{Deserialize, Serialize};

use crate::data_directory::{WriteError, write_private};

/// Bytes of the file at most; one that is longer was not written here.
const LEN_MAX: u64 = 64 << 20;
const VERSION: u32 = 1;

/// The file's contents.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    version: u32,
    /// The first record that was not looked at.
    pub(super) next: u64,
    pub(super) alarms: Alarms,
    pub(super) actions: ActionCounts,
    pub(super) pending: Vec<Pending>,
}

/// A delivery that has not come to its end.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    /// The place of the record in the journal.
    pub(super) sequence: u64,
    /// Which of the record's events.
    pub(super) shape: usize,
    /// The name of the rule.
    pub(super) rule: String,
    /// The name of the target.
    pub(super) target: String,
    /// How many events it took.
    pub(super) count: usize,
}

impl Saved {
    pub(super) fn new(next: u64, alarms: Alarms, actions: ActionCounts, pending: Vec<Pending>) -> Self {
        Self { version: VERSION, next, alarms, actions, pending }
    }

    /// Nothing was counted, nothing is under way.
    pub(super) fn beginning(next: u64) -> Self {
        Self::new(next, Alarms::default(), ActionCounts::default(), Vec::new())
    }

    /// What was written down; `None` when nothing was.
    pub(super) fn read(path: &Path) -> io::Result<Option<Self>> {
        let len = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            metadata => metadata?.len(),
        };
        if len > LEN_MAX {
            return Err(io::Error::other("it is too long"));
        }
        let saved: Self = serde_json::from_slice(&fs::read(path)?)?;
        if saved.version != VERSION {
            return Err(io::Error::other("it is of another version of this program"));
        }
        Ok(Some(saved))
    }

    /// Writes it down.
    pub(super) fn write(&self, path: &Path) -> Result<(), WriteError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        write_private(path, &bytes, &mut |_| Ok(()))
    }
}
