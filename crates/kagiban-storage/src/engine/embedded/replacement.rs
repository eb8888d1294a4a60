//! The file that takes a store's place in a scrub: it gets the rows that are there, and nothing that was deleted before.
//!
//! It is filled in the order of keys, a piece at a time, from what is committed at that time; what is committed later to
//! keys that it has already is written to it as well. So it needs no snapshot, and is complete when the last key is
//! passed. All of it is one redb transaction, committed at the end.

use std::fs::{File, OpenOptions};
use std::ops::Bound;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{Database, ReadableDatabase, ReadableTableMetadata, WriteTransaction};

use super::file::{NEW, builder, with_suffix};
use super::format;
use crate::batch::Write;
use crate::engine::{EngineError, Revision};

/// Copied between two looks at the queue: a millisecond or two.
const PIECE_BYTES: u64 = 256 << 10;
/// Copied before it must be on the disk, so that the commit at the end finds little to do.
const SYNC_EVERY_BYTES: u64 = 8 << 20;
/// Copied between two lines in the log.
const REPORT_EVERY_BYTES: u64 = 256 << 20;

pub(super) struct Replacement {
    // Before the database, which it must not outlive.
    transaction: WriteTransaction,
    database: Database,
    file: File,
    /// INVARIANT: up to this key it has what is committed to the store.
    copied_through: Option<Vec<u8>>,
    copied: u64,
    synced: u64,
    reported: u64,
}

impl Replacement {
    /// Begins an empty file beside the store `home`. Its name must be free.
    pub(super) fn begin(home: &Path) -> Result<Self, EngineError> {
        let path = with_suffix(home, NEW);
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let for_sync = file.try_clone().map_err(io)?;
        let backend = FileBackend::new(file).map_err(format::engine_error)?;
        let database = builder().create_with_backend(backend).map_err(format::engine_error)?;
        let mut transaction = database.begin_write().map_err(format::engine_error)?;
        transaction.set_two_phase_commit(true);
        format::initialise(&transaction).map_err(format::engine_error)?;
        Ok(Self { transaction, database, file: for_sync, copied_through: None, copied: 0, synced: 0, reported: 0 })
    }

    /// Bytes of rows copied so far.
    pub(super) fn copied(&self) -> u64 {
        self.copied
    }

    /// Copies the next rows of `from`; whether they were the last ones.
    pub(super) fn copy_piece(&mut self, from: &Database) -> Result<bool, EngineError> {
        let through = self.copied;
        let complete = self.copy_rows(from, through.saturating_add(PIECE_BYTES)).map_err(format::engine_error)?;
        if self.copied.saturating_sub(self.synced) >= SYNC_EVERY_BYTES {
            self.file.sync_data().map_err(io)?;
            self.synced = self.copied;
        }
        if self.copied.saturating_sub(self.reported) >= REPORT_EVERY_BYTES {
            tracing::info!(copied_mib = self.copied >> 20, "scrubbing the store");
            self.reported = self.copied;
        }
        Ok(complete)
    }

    fn copy_rows(&mut self, from: &Database, until: u64) -> Result<bool, redb::Error> {
        let reading = from.begin_read()?;
        let (rows, mut into) = (reading.open_table(format::ROWS)?, self.transaction.open_table(format::ROWS)?);
        let after = self.copied_through.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut last = None;
        for found in rows.range::<&[u8]>((after, Bound::Unbounded))? {
            let (key, value) = found?;
            into.insert(key.value(), value.value())?;
            let bytes = key.value().len().saturating_add(value.value().len());
            self.copied = self.copied.saturating_add(bytes as u64);
            last = Some(key);
            if self.copied >= until {
                break;
            }
        }
        let complete = self.copied < until;
        if let Some(key) = last {
            self.copied_through = Some(key.value().to_vec());
        }
        Ok(complete)
    }

    /// Takes what was committed to the store, as far as it concerns what is copied.
    pub(super) fn note(&mut self, writes: &[Write], revision: Revision) -> Result<(), EngineError> {
        let mut rows = self.transaction.open_table(format::ROWS).map_err(format::engine_error)?;
        for write in writes.iter().filter(|write| self.copied_through.as_ref() >= Some(&write.key)) {
            format::apply(&mut rows, write, revision).map_err(format::engine_error)?;
        }
        Ok(())
    }

    /// Makes it durable as the store at `revision`, once it is complete. `from` is compared for the number of rows.
    pub(super) fn finish(self, from: &Database, revision: Revision) -> Result<Database, EngineError> {
        let count = |rows: &dyn ReadableTableMetadata| rows.len().map_err(format::engine_error);
        let reading = from.begin_read().map_err(format::engine_error)?;
        let expected = count(&reading.open_table(format::ROWS).map_err(format::engine_error)?)?;
        let found = count(&self.transaction.open_table(format::ROWS).map_err(format::engine_error)?)?;
        if found != expected {
            let detail = format!("a copy of it has {found} rows of {expected}").into();
            return Err(EngineError::Corrupt { detail });
        }
        format::set_revision(&self.transaction, revision).map_err(format::engine_error)?;
        self.transaction.commit().map_err(format::engine_error)?;
        self.file.sync_all().map_err(io)?;
        Ok(self.database)
    }
}

fn io(error: std::io::Error) -> EngineError {
    EngineError::Io(Arc::new(error))
}
