//! What was deleted and must become unrecoverable: noted with the deletion, worked off by scrubbing the engine.
//!
//! A note is a row, written in the transaction that deletes. It stays until a scrub that began later has ended, so a
//! crash at any moment repeats the scrub and forgets none. One scrub serves all notes there are.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::batch::{Batch, Expect};
use crate::engine::{CommitError, Entry, Scrubbed};
use crate::json::time_ms;
use crate::key::{KeyError, KeyReader, KeyWriter, RowKey};
use crate::row::{self, Prefix};
use crate::store::{Store, StoreError};
use crate::transaction::Transaction;

/// Most notes that one call of [`Store::erase`] works off; the others wait for the next.
const NOTES_MAX: usize = 10_000;
/// Notes removed in one batch: each is a condition and a write.
const NOTES_BATCH: usize = 50;

/// A deletion of which something may be left in the engine's files.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ErasureRecord {
    /// When it was deleted.
    #[serde(with = "time_ms")]
    pub since: Timestamp,
}

/// What was deleted, by a name that is no secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ErasureRowKey(pub String);

impl RowKey for ErasureRowKey {
    fn write(&self, key: &mut KeyWriter) {
        key.text(&self.0);
    }

    fn read(key: &mut KeyReader<'_>) -> Result<Self, KeyError> {
        Ok(Self(key.text()?.to_owned()))
    }
}

crate::json_row!(ErasureRecord, "erasure", ErasureRowKey);

/// What a call of [`Store::erase`] put beyond recovery.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Erased {
    /// What was deleted, and when.
    pub subjects: Vec<(String, Timestamp)>,
    /// What it cost.
    pub scrubbed: Scrubbed,
}

impl Transaction {
    /// Notes that what this transaction deletes, and what was deleted before under the same name, must become
    /// unrecoverable. `subject` names it in the log; it must be no secret.
    ///
    /// # Errors
    /// [`StoreError::Key`] for a name that is too long or holds a zero byte.
    pub fn erase_later(&self, subject: impl Into<String>, since: Timestamp) -> Result<(), StoreError> {
        self.put(&ErasureRowKey(subject.into()), &ErasureRecord { since })
    }
}

impl Store {
    /// Puts what was noted for it beyond recovery. Without a note it does nothing.
    ///
    /// It may take long ([`crate::Engine::scrub`]) and may be cut off at any moment.
    ///
    /// # Errors
    /// [`StoreError`]; then the notes that are left wait for the next call.
    pub async fn erase(&self) -> Result<Erased, StoreError> {
        let notes = self.notes().await?;
        if notes.is_empty() {
            return Ok(Erased::default());
        }
        let scrubbed = self.engine().scrub().await?;
        let mut subjects = Vec::with_capacity(notes.len());
        for entry in &notes {
            let record: ErasureRecord = row::decode(&entry.value)?;
            subjects.push((row::decode_key::<ErasureRecord>(&entry.key)?.0, record.since));
        }
        for batch in notes.chunks(NOTES_BATCH) {
            self.forget_notes(batch).await?;
        }
        Ok(Erased { subjects, scrubbed })
    }

    async fn notes(&self) -> Result<Vec<Entry>, StoreError> {
        let snapshot = self.engine().snapshot().await?;
        let (mut range, mut notes) = (Prefix::<ErasureRecord>::all().range(None)?, Vec::new());
        while notes.len() < NOTES_MAX {
            let page = snapshot.scan(&range, NOTES_MAX.saturating_sub(notes.len())).await?;
            let Some(last) = page.entries.last() else { break };
            range = range.after(&last.key);
            notes.extend(page.entries);
            if !page.more {
                break;
            }
        }
        Ok(notes)
    }

    /// Removes notes that are as they were before the scrub; one written again since asks for another.
    async fn forget_notes(&self, notes: &[Entry]) -> Result<(), StoreError> {
        if self.forget_at_once(notes).await? {
            return Ok(());
        }
        for note in notes {
            self.forget_at_once(std::slice::from_ref(note)).await?;
        }
        Ok(())
    }

    async fn forget_at_once(&self, notes: &[Entry]) -> Result<bool, StoreError> {
        let batch = notes.iter().fold(Batch::new(), |batch, Entry { key, revision, .. }| {
            batch.expect(key.as_slice(), Expect::WrittenAt(*revision)).delete(key.as_slice())
        });
        match self.engine().commit(batch).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(CommitError::Engine(error)) => Err(error.into()),
            Err(CommitError::Invalid(error)) => Err(error.into()),
            Err(CommitError::OutcomeUnknown { cause }) => {
                Err(StoreError::OutcomeUnknown { transaction: "forget what is erased", cause })
            }
        }
    }
}
