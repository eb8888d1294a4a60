//! The file that takes a store's place in a scrub: it gets the rows that are there, and nothing that was deleted before.
//!
//! It is filled in the order of keys, a piece at a time, from what is committed at that time; what is committed later to
//! keys that it has already is written to it as well. So it needs no snapshot, and is complete when the last key is
//! passed. Pieces become durable a few at a time, so that the last ones are no more work than the first.

use std::fs::{File, OpenOptions};
use std::ops::Bound;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use redb::backends::FileBackend;
use redb::{Database, Durability, ReadableDatabase, ReadableTableMetadata, WriteTransaction};

use super::file::{NEW, builder, with_suffix};
use super::format::{self, Rows};
use crate::batch::Write;
use crate::engine::{EngineError, Revision};

/// Copied between two looks at the queue: a millisecond or two.
const PIECE_BYTES: u64 = 256 << 10;
/// Copied before it must be on the disk.
const DURABLE_EVERY_BYTES: u64 = 4 << 20;
/// Copied between two lines in the log.
const REPORT_EVERY_BYTES: u64 = 256 << 20;

pub(super) struct Replacement {
    database: Database,
    file: File,
    /// INVARIANT: up to this key it has what is committed to the store.
    copied_through: Option<Vec<u8>>,
    copied: u64,
    durable: u64,
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
        let transaction = begin_write(&database, false).map_err(format::engine_error)?;
        format::initialise(&transaction).map_err(format::engine_error)?;
        transaction.commit().map_err(format::engine_error)?;
        Ok(Self { database, file: for_sync, copied_through: None, copied: 0, durable: 0, reported: 0 })
    }

    /// Bytes of rows copied so far.
    pub(super) fn copied(&self) -> u64 {
        self.copied
    }

    /// Copies the next rows of `from`; whether they were the last ones.
    pub(super) fn copy_piece(&mut self, from: &Database) -> Result<bool, EngineError> {
        let is_durable = self.copied.saturating_sub(self.durable) >= DURABLE_EVERY_BYTES;
        let complete = self.copy_rows(from, is_durable).map_err(format::engine_error)?;
        if is_durable {
            self.durable = self.copied;
        }
        if self.copied.saturating_sub(self.reported) >= REPORT_EVERY_BYTES {
            tracing::info!(copied_mib = self.copied >> 20, "scrubbing the store");
            self.reported = self.copied;
        }
        Ok(complete)
    }

    fn copy_rows(&mut self, from: &Database, is_durable: bool) -> Result<bool, redb::Error> {
        let until = self.copied.saturating_add(PIECE_BYTES);
        let rows = from.begin_read()?.open_table(format::ROWS)?;
        let transaction = begin_write(&self.database, is_durable)?;
        let mut into = transaction.open_table(format::ROWS)?;
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
        drop(into);
        transaction.commit()?;
        if let Some(key) = last {
            self.copied_through = Some(key.value().to_vec());
        }
        Ok(self.copied < until)
    }

    /// Takes what was committed to the store, as far as it concerns what is copied.
    pub(super) fn note(&mut self, writes: &[Write], revision: Revision) -> Result<(), EngineError> {
        let copied = |write: &&Write| self.copied_through.as_ref() >= Some(&write.key);
        if !writes.iter().any(|write| copied(&write)) {
            return Ok(());
        }
        let transaction = begin_write(&self.database, false).map_err(format::engine_error)?;
        let mut rows: Rows<'_> = transaction.open_table(format::ROWS).map_err(format::engine_error)?;
        for write in writes.iter().filter(copied) {
            format::apply(&mut rows, write, revision).map_err(format::engine_error)?;
        }
        drop(rows);
        transaction.commit().map_err(format::engine_error)
    }

    /// Makes it durable as the store at `revision`, once it is complete. `from` is compared for the number of rows.
    pub(super) fn finish(self, from: &Database, revision: Revision) -> Result<Database, EngineError> {
        let (expected, found) = (row_count(from)?, row_count(&self.database)?);
        if found != expected {
            let detail = format!("a copy of it has {found} rows of {expected}").into();
            return Err(EngineError::Corrupt { detail });
        }
        let transaction = begin_write(&self.database, true).map_err(format::engine_error)?;
        format::set_revision(&transaction, revision).map_err(format::engine_error)?;
        transaction.commit().map_err(format::engine_error)?;
        self.file.sync_all().map_err(io)?;
        Ok(self.database)
    }
}

fn begin_write(database: &Database, is_durable: bool) -> Result<WriteTransaction, redb::Error> {
    let mut transaction = database.begin_write()?;
    match is_durable {
        true => transaction.set_two_phase_commit(true),
        false => transaction.set_durability(Durability::None)?,
    }
    Ok(transaction)
}

fn row_count(database: &Database) -> Result<u64, EngineError> {
    let reading = database.begin_read().map_err(format::engine_error)?;
    reading.open_table(format::ROWS).map_err(format::engine_error)?.len().map_err(format::engine_error)
}

fn io(error: std::io::Error) -> EngineError {
    EngineError::Io(Arc::new(error))
}
