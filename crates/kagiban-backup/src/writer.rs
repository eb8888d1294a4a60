//! Writes a stream. Without [`BackupWriter::finish`] it is none, and readers say so.

use std::io::{self, Write};

use aws_lc_rs::digest::{Context, SHA256};

use crate::frame::{self, Kind};
use crate::header::{End, Header};
use crate::{KEY_BYTES_MAX, MAGIC, VALUE_BYTES_MAX};

/// Bytes of rows after which a frame is written.
const FRAME_BYTES: usize = 256 << 10;

/// A stream could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// What the stream is written to failed.
    #[error("cannot write the backup")]
    Io(#[from] io::Error),
    /// The key does not come after the one before it.
    #[error("rows must come in the order of their keys, each once")]
    Order,
    /// A row is empty or too long for the format.
    #[error("a row of {key} and {value} bytes does not fit into a backup")]
    RowBytes {
        /// Length of its key.
        key: usize,
        /// Length of its value.
        value: usize,
    },
    /// The header says another number of rows.
    #[error("a backup of {expected} rows ends after {written}")]
    Rows {
        /// Rows by the header.
        expected: u64,
        /// Rows that were written.
        written: u64,
    },
}

/// A stream that is being written.
pub struct BackupWriter<W> {
    output: W,
    digest: Context,
    expected_rows: u64,
    end: End,
    last_key: Vec<u8>,
    rows: Vec<u8>,
}

impl<W: Write> BackupWriter<W> {
    /// Begins a stream.
    ///
    /// # Errors
    /// [`WriteError::Io`]
    pub fn begin(output: W, header: &Header) -> Result<Self, WriteError> {
        let (digest, end) = (Context::new(&SHA256), End::default());
        let (last_key, rows) = (Vec::new(), Vec::with_capacity(FRAME_BYTES));
        let mut writer = Self { output, digest, expected_rows: header.rows, end, last_key, rows };
        writer.put(MAGIC)?;
        let header = serde_json::to_vec(header).map_err(io::Error::from)?;
        writer.put(&frame::encode(Kind::Header, &header)?)?;
        Ok(writer)
    }

    /// Adds a row; its key must come after that of the row before it.
    ///
    /// # Errors
    /// [`WriteError`]; then the stream is of no use.
    pub fn row(&mut self, key: &[u8], value: &[u8]) -> Result<(), WriteError> {
        let wrong_size = WriteError::RowBytes { key: key.len(), value: value.len() };
        if key.is_empty() || key.len() > KEY_BYTES_MAX || value.len() > VALUE_BYTES_MAX {
            return Err(wrong_size);
        }
        if key <= self.last_key.as_slice() {
            return Err(WriteError::Order);
        }
        for part in [key, value] {
            let Ok(len) = u32::try_from(part.len()) else { return Err(wrong_size) };
            self.rows.extend_from_slice(&len.to_be_bytes());
            self.rows.extend_from_slice(part);
        }
        self.end.count(key, value);
        self.last_key.clear();
        self.last_key.extend_from_slice(key);
        if self.rows.len() >= FRAME_BYTES { self.flush_rows() } else { Ok(()) }
    }

    /// What was written so far: rows, and bytes of keys and values.
    pub fn written(&self) -> (u64, u64) {
        (self.end.rows, self.end.bytes)
    }

    /// Ends the stream; what it was written to comes back, with nothing left to be written to it.
    ///
    /// # Errors
    /// [`WriteError::Rows`], [`WriteError::Io`].
    pub fn finish(mut self) -> Result<(W, End), WriteError> {
        if self.end.rows != self.expected_rows {
            return Err(WriteError::Rows { expected: self.expected_rows, written: self.end.rows });
        }
        self.flush_rows()?;
        let sha256 = hex(self.digest.clone().finish().as_ref());
        let end = End { sha256, ..self.end.clone() };
        let body = serde_json::to_vec(&end).map_err(io::Error::from)?;
        self.put(&frame::encode(Kind::End, &body)?)?;
        Ok((self.output, end))
    }

    fn flush_rows(&mut self) -> Result<(), WriteError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let frame = frame::encode(Kind::Rows, &self.rows)?;
        self.rows.clear();
        self.put(&frame)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        self.digest.update(bytes);
        Ok(self.output.write_all(bytes)?)
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
