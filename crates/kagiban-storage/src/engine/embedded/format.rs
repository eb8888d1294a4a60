//! What the file holds: two redb tables, and the layout of a value.
//!
//! `kagiban_meta` has the format's number and the present revision, `kagiban_rows` the rows. A value is stored behind
//! the revision that wrote it, 8 bytes, most significant first.

use std::path::Path;
use std::sync::Arc;

use redb::{
    AccessGuard, Database, ReadTransaction, ReadableDatabase, ReadableTable, StorageError, Table, TableDefinition,
    TableError, WriteTransaction,
};

use super::file::OpenError;
use crate::batch::Write;
use crate::engine::{EngineError, Revision};

/// The number of this format; a file with a higher one was written by a newer Kagiban.
const FORMAT: u64 = 1;

const META: TableDefinition<'_, &str, u64> = TableDefinition::new("kagiban_meta");
pub(super) const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("kagiban_rows");
const FORMAT_KEY: &str = "format";
const REVISION_KEY: &str = "revision";

/// Rows in a write transaction.
pub(super) type Rows<'a> = Table<'a, &'static [u8], &'static [u8]>;

/// A file opened by redb is not a store this program reads.
#[derive(Debug)]
pub(super) enum FormatError {
    Engine(EngineError),
    Newer(u64),
    NotAStore,
}

impl FormatError {
    pub(super) fn into_open_error(self, path: &Path) -> OpenError {
        let path = path.to_owned();
        match self {
            Self::Engine(source) => OpenError::Damaged { path, source },
            Self::Newer(format) => OpenError::NewerFormat { path, format },
            Self::NotAStore => OpenError::NotAStore { path },
        }
    }
}

/// Writes the tables of a new store.
pub(super) fn initialise(transaction: &WriteTransaction) -> Result<(), redb::Error> {
    transaction.open_table(ROWS)?;
    transaction.open_table(META)?.insert(FORMAT_KEY, FORMAT)?;
    set_revision(transaction, Revision::ZERO)
}

/// Checks the format and reads the present revision.
pub(super) fn revision_of(database: &Database) -> Result<Revision, FormatError> {
    let transaction = database.begin_read().map_err(|error| FormatError::Engine(engine_error(error)))?;
    let meta = match transaction.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::Storage(error)) => return Err(FormatError::Engine(engine_error(error))),
        Err(_) => return Err(FormatError::NotAStore),
    };
    match meta.get(FORMAT_KEY).map_err(|error| FormatError::Engine(engine_error(error)))? {
        Some(found) if found.value() == FORMAT => revision_in(&transaction).map_err(FormatError::Engine),
        Some(found) => Err(FormatError::Newer(found.value())),
        None => Err(FormatError::NotAStore),
    }
}

/// The revision that a read transaction shows.
pub(super) fn revision_in(transaction: &ReadTransaction) -> Result<Revision, EngineError> {
    let meta = transaction.open_table(META).map_err(engine_error)?;
    let found = meta.get(REVISION_KEY).map_err(engine_error)?;
    found.map(|number| Revision::new(number.value())).ok_or_else(|| corrupt("it has no revision"))
}

pub(super) fn set_revision(transaction: &WriteTransaction, revision: Revision) -> Result<(), redb::Error> {
    transaction.open_table(META)?.insert(REVISION_KEY, revision.number())?;
    Ok(())
}

/// When a key was last written.
pub(super) fn revision_of_key(rows: &Rows<'_>, key: &[u8]) -> Result<Option<Revision>, EngineError> {
    let found: Option<AccessGuard<'_, &[u8]>> = rows.get(key).map_err(engine_error)?;
    found.map(|stored| split_value(stored.value()).map(|(revision, _)| revision)).transpose()
}

pub(super) fn apply(rows: &mut Rows<'_>, write: &Write, revision: Revision) -> Result<(), StorageError> {
    let Some(value) = &write.value else { return rows.remove(write.key.as_slice()).map(drop) };
    let head = revision.number().to_be_bytes();
    let mut place = rows.insert_reserve(write.key.as_slice(), head.len().saturating_add(value.len()))?;
    let (place_head, place_value) = place.as_mut().split_at_mut(head.len());
    place_head.copy_from_slice(&head);
    place_value.copy_from_slice(value);
    Ok(())
}

/// Revision and value of a stored value.
pub(super) fn split_value(stored: &[u8]) -> Result<(Revision, &[u8]), EngineError> {
    let (head, value) = stored.split_first_chunk().ok_or_else(|| corrupt("a value has no revision"))?;
    Ok((Revision::new(u64::from_be_bytes(*head)), value))
}

fn corrupt(detail: &str) -> EngineError {
    EngineError::Corrupt { detail: detail.into() }
}

/// The engine's word for any of redb's errors.
pub(super) fn engine_error(error: impl Into<redb::Error>) -> EngineError {
    match error.into() {
        redb::Error::DatabaseClosed => EngineError::Closed,
        redb::Error::Io(error) => EngineError::Io(Arc::new(error)),
        redb::Error::PreviousIo => EngineError::Io(Arc::new(std::io::Error::other("an earlier access failed"))),
        other => EngineError::Corrupt { detail: other.to_string().into() },
    }
}
