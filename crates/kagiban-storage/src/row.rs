//! Rows: a value with a type, a version and a place in a table.
//!
//! Stored as one version byte and the row's own encoding. A new version of a row reads all older ones; a version that
//! this program does not know was written by a newer one and is refused, never guessed at.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::engine::KeyRange;
use crate::format::{Format, UnknownFormat};
use crate::key::{KeyError, KeyReader, KeyWriter, RowKey, Table};

/// What is stored in one table.
pub trait Row: Sized {
    /// The table.
    const TABLE: Table;
    /// The newest version; the first is 1.
    const VERSION: u8;
    /// The parts of a row's key.
    type Key: RowKey;

    /// The version that is written while the store is in this format. A version that older programs do not read needs a
    /// format of its own, or one that they do not know either.
    fn version_in(_format: Format) -> u8 {
        Self::VERSION
    }

    /// The row's bytes, in a version that [`Row::version_in`] gives for some format.
    ///
    /// # Errors
    /// [`RowError::malformed`] when the row has no encoding.
    fn encode(&self, version: u8) -> Result<Vec<u8>, RowError>;

    /// The row from bytes that were written in `version`, between 1 and [`Row::VERSION`].
    ///
    /// # Errors
    /// [`RowError::malformed`] when the bytes are not such a row.
    fn decode(version: u8, bytes: &[u8]) -> Result<Self, RowError>;
}

/// Stored bytes are not the row they should be, or a row cannot become bytes.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RowError {
    /// The key does not fit the table.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The store is in a format that this program does not know.
    #[error(transparent)]
    Format(#[from] UnknownFormat),
    /// The row's own encoding failed.
    #[error("a row is malformed")]
    Malformed(#[source] Arc<dyn Error + Send + Sync>),
    /// A newer program wrote the row.
    #[error(
        "a row of table {table} has version {version}, this Kagiban knows up to {known}: a newer Kagiban wrote it; run \
         that version or restore a backup made before it ran"
    )]
    NewerVersion {
        /// The table.
        table: &'static str,
        /// Version of the stored row.
        version: u8,
        /// Highest version this program reads.
        known: u8,
    },
    /// The row has no version, or version 0, which nothing ever wrote.
    #[error("a row of table {table} has no version")]
    NoVersion {
        /// The table.
        table: &'static str,
    },
}

impl RowError {
    /// The error of a row's own encoding or decoding: an error, or a text that says what does not fit.
    pub fn malformed(reason: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Malformed(reason.into().into())
    }
}

/// The bytes of a row's key.
///
/// # Errors
/// [`KeyError`] when a part does not fit into a key.
pub fn encode_key<R: Row>(key: &R::Key) -> Result<Vec<u8>, KeyError> {
    let mut writer = KeyWriter::new(R::TABLE);
    key.write(&mut writer);
    writer.finish()
}

/// The parts of a stored key of `R`'s table.
///
/// # Errors
/// [`KeyError`] when it is no such key.
pub fn decode_key<R: Row>(key: &[u8]) -> Result<R::Key, KeyError> {
    let mut reader = KeyReader::new(R::TABLE, key)?;
    let parts = R::Key::read(&mut reader)?;
    reader.finish().map(|()| parts)
}

/// The stored form of a row in the newest format: version byte and body.
///
/// # Errors
/// [`RowError`] as the row gives it.
pub fn encode<R: Row>(row: &R) -> Result<Vec<u8>, RowError> {
    encode_in(row, Format::NEWEST)
}

/// The stored form of a row in a format.
///
/// # Errors
/// [`RowError`] as the row gives it.
pub fn encode_in<R: Row>(row: &R, format: Format) -> Result<Vec<u8>, RowError> {
    let version = R::version_in(format);
    let mut bytes = row.encode(version)?;
    bytes.insert(0, version);
    Ok(bytes)
}

/// What a stored row is to be in a format; `None` when it is of that version already.
///
/// # Errors
/// [`RowError`]
pub fn convert<R: Row>(stored: &[u8], format: Format) -> Result<Option<Vec<u8>>, RowError> {
    match stored.first() == Some(&R::version_in(format)) {
        true => Ok(None),
        false => encode_in(&decode::<R>(stored)?, format).map(Some),
    }
}

/// The row from its stored form.
///
/// # Errors
/// [`RowError`].
pub fn decode<R: Row>(stored: &[u8]) -> Result<R, RowError> {
    let table = R::TABLE.name();
    match stored {
        [] | [0, ..] => Err(RowError::NoVersion { table }),
        [version, ..] if *version > R::VERSION => {
            Err(RowError::NewerVersion { table, version: *version, known: R::VERSION })
        }
        [version, body @ ..] => R::decode(*version, body),
    }
}

/// The rows of one table whose keys start with the same parts.
#[derive(Clone, Debug)]
pub struct Prefix<R> {
    bytes: Vec<u8>,
    row: PhantomData<fn() -> R>,
}

impl<R: Row> Prefix<R> {
    /// All rows of the table.
    pub fn all() -> Self {
        Self { bytes: [R::TABLE.name().as_bytes(), &[0]].concat(), row: PhantomData }
    }

    /// The rows whose key starts with the parts that `write` writes, as [`RowKey::write`] writes them.
    ///
    /// # Errors
    /// [`KeyError`] when a part does not fit into a key.
    pub fn of(write: impl FnOnce(&mut KeyWriter)) -> Result<Self, KeyError> {
        let mut writer = KeyWriter::new(R::TABLE);
        write(&mut writer);
        Ok(Self { bytes: writer.finish()?, row: PhantomData })
    }

    /// The range of keys, from behind `after` on if there is one.
    ///
    /// # Errors
    /// [`KeyError`] when `after` does not fit into a key.
    pub fn range(&self, after: Option<&R::Key>) -> Result<KeyRange, KeyError> {
        let range = KeyRange::prefix(&self.bytes);
        match after {
            Some(key) => Ok(range.after(&encode_key::<R>(key)?)),
            None => Ok(range),
        }
    }
}
