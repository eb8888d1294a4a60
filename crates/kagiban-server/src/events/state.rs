//! What must survive the process: how far the journal was followed, what was counted up to there, and what is under way.
//!
//! One file, replaced as a whole. What is under way is kept by the place of its record in the journal, where it is read again.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use kagiban_audit::journal::JournalId;
use kagiban_events::rules::{ActionCounts, Alarms};
use serde::{Deserialize, Serialize};

use crate::data_directory::{WriteError, write_private};

/// Bytes of the file at most; one that is longer was not written here.
const LEN_MAX: u64 = 64 << 20;
/// The version of the file's form. Version 1 did not name the journal.
const VERSION: u32 = 2;

/// The file's contents.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    version: u32,
    /// The number of the journal that `next` and what is under way are of, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) journal: Option<JournalId>,
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
    /// Nothing was counted, nothing is under way; the first record to look at is this one of this journal.
    pub(super) fn beginning(journal: JournalId, next: u64) -> Self {
        let (alarms, actions) = Default::default();
        Self { version: VERSION, journal: Some(journal), next, alarms, actions, pending: Vec::new() }
    }

    /// Whether it is known to be of another journal than this one, or is of a place beyond its end.
    pub(super) fn is_of_another(&self, journal: JournalId, latest: u64) -> bool {
        self.journal.is_some_and(|found| found != journal) || self.next > latest.saturating_add(1)
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
        if !(1..=VERSION).contains(&saved.version) {
            return Err(io::Error::other("it is of another version of this program"));
        }
        Ok(Some(Self { version: VERSION, ..saved }))
    }

    /// Writes it down.
    pub(super) fn write(&self, path: &Path) -> Result<(), WriteError> {
        let bytes = serde_json::to_vec(self).unwrap_or_default();
        write_private(path, &bytes, &mut |_| Ok(()))
    }
}
