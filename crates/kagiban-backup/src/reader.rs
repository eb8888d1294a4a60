//! Reads a stream, and believes none of it before it has proved itself.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};

use crate::frame::{self, Frame, FrameError, Kind};
use crate::header::{End, Header};
use crate::writer::hex;
use crate::{KEY_BYTES_MAX, MAGIC, VALUE_BYTES_MAX};

/// Version of the format, the last byte of what a stream begins with.
const VERSION: u8 = b'1';

/// A stream is not what was written. What was read of it before must not be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It ends too early.
    #[error("the backup is cut off after {rows} rows")]
    Cut {
        /// Rows that were read before.
        rows: u64,
    },
    /// Its bytes do not fit together.
    #[error("the backup is damaged after {rows} rows")]
    Damaged {
        /// Rows that were read before.
        rows: u64,
    },
    /// Its end says something else than what there was.
    #[error("the end of the backup does not fit its contents")]
    End,
    /// What the stream is read from failed; for encrypted ones, also that it does not open.
    #[error("cannot read the backup")]
    Io(#[from] io::Error),
    /// A newer program wrote it.
    #[error("the backup has a format of a newer Kagiban; use that version")]
    NewerVersion,
    /// It is something else.
    #[error("this is no backup of Kagiban")]
    NoBackup,
    /// Something stands behind its end.
    #[error("something stands behind the end of the backup")]
    Trailing,
}

/// A row as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RowBytes {
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
}

/// A stream that is being read.
pub struct BackupReader<R> {
    input: R,
    header: Header,
    digest: Context,
    counted: End,
    last_key: Vec<u8>,
    /// The rows of one frame, and how far they were given out.
    rows: Vec<u8>,
    given: usize,
    end: Option<End>,
}

impl<R: Read> BackupReader<R> {
    /// Reads what the stream says of itself.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn begin(mut input: R) -> Result<Self, ReadError> {
        let mut magic = [0; MAGIC.len()];
        input.read_exact(&mut magic).map_err(no_backup)?;
        match magic.split_last() {
            Some((version, name)) if MAGIC.starts_with(name) && *version == VERSION => {}
            Some((version, name)) if MAGIC.starts_with(name) && *version > VERSION => {
                return Err(ReadError::NewerVersion);
            }
            _ => return Err(ReadError::NoBackup),
        }
        let mut digest = Context::new(&SHA256);
        digest.update(&magic);
        let Frame { kind, body, bytes } = frame::read(&mut input).map_err(|error| of_frame(error, 0))?;
        digest.update(&bytes);
        let header = match kind {
            Kind::Header => serde_json::from_slice(&body).map_err(|_| ReadError::Damaged { rows: 0 })?,
            Kind::End | Kind::Rows => return Err(ReadError::Damaged { rows: 0 }),
        };
        let (counted, last_key, rows) = (End::default(), Vec::new(), Vec::new());
        Ok(Self { input, header, digest, counted, last_key, rows, given: 0, end: None })
    }

    /// What the stream says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the end said, once it was reached.
    pub fn end(&self) -> Option<&End> {
        self.end.as_ref()
    }

    /// What was read so far: rows, and bytes of keys and values.
    pub fn counted(&self) -> (u64, u64) {
        (self.counted.rows, self.counted.bytes)
    }

    /// The next row; `None` at the end, and only if the whole stream was what was written.
    ///
    /// # Errors
    /// [`ReadError`]
    pub fn next_row(&mut self) -> Result<Option<RowBytes>, ReadError> {
        while self.end.is_none() {
            if self.given < self.rows.len() {
                return self.row().ok_or_else(|| self.damaged()).map(Some);
            }
            self.next_frame()?;
        }
        Ok(None)
    }

    fn next_frame(&mut self) -> Result<(), ReadError> {
        let Frame { kind, body, bytes } =
            frame::read(&mut self.input).map_err(|error| of_frame(error, self.counted.rows))?;
        match kind {
            Kind::Rows => {
                self.digest.update(&bytes);
                (self.rows, self.given) = (body, 0);
                Ok(())
            }
            Kind::End => self.conclude(&body),
            Kind::Header => Err(self.damaged()),
        }
    }

    /// The next row of this frame; `None` if there is none that could be.
    fn row(&mut self) -> Option<RowBytes> {
        let rest = self.rows.get(self.given..)?;
        let (key, rest) = part(rest, KEY_BYTES_MAX)?;
        let (value, rest) = part(rest, VALUE_BYTES_MAX)?;
        if key <= self.last_key.as_slice() {
            return None;
        }
        let row = RowBytes { key: key.to_vec(), value: value.to_vec() };
        self.given = self.rows.len().checked_sub(rest.len())?;
        self.counted.count(&row.key, &row.value);
        self.last_key.clone_from(&row.key);
        Some(row)
    }

    fn conclude(&mut self, body: &[u8]) -> Result<(), ReadError> {
        let end: End = serde_json::from_slice(body).map_err(|_| self.damaged())?;
        let sha256 = hex(self.digest.clone().finish().as_ref());
        let found = End { sha256, ..std::mem::take(&mut self.counted) };
        if end != found || end.rows != self.header.rows {
            return Err(ReadError::End);
        }
        self.counted = found;
        if self.input.read(&mut [0])? != 0 {
            return Err(ReadError::Trailing);
        }
        self.end = Some(end);
        Ok(())
    }

    fn damaged(&self) -> ReadError {
        ReadError::Damaged { rows: self.counted.rows }
    }
}

/// Bytes behind their length, and what follows them.
fn part(bytes: &[u8], max: usize) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    let len = usize::try_from(u32::from_be_bytes(*len)).ok().filter(|len| *len <= max)?;
    rest.split_at_checked(len)
}

fn no_backup(error: io::Error) -> ReadError {
    if error.kind() == io::ErrorKind::UnexpectedEof { ReadError::NoBackup } else { ReadError::Io(error) }
}

fn of_frame(error: FrameError, rows: u64) -> ReadError {
    match error {
        FrameError::Cut => ReadError::Cut { rows },
        FrameError::Damaged => ReadError::Damaged { rows },
        FrameError::Io(error) => ReadError::Io(error),
    }
}
