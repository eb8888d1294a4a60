//! The format of backups (`docs/backup-format.md`): the rows of a store in one stream that tells when it was cut or changed.
//!
//! Bytes in, bytes out: this crate knows no store, no file and no key. What the stream is encrypted with is laid around it by
//! whoever writes it, and authenticates it too; the stream proves itself all the same, because that encryption tells neither how
//! many rows there should be nor whether a program that made the stream came to its end.

mod digest;
mod frame;
mod header;
mod reader;
mod writer;

pub use digest::{HashingWriter, sha256_of};
pub use header::{End, Header};
pub use reader::{BackupReader, ReadError, RowBytes};
pub use writer::{BackupWriter, WriteError};

/// What every stream begins with; its last character is the format's version.
pub const MAGIC: &[u8; 16] = b"kagiban-backup-1";
/// Longest key of a row in bytes.
pub const KEY_BYTES_MAX: usize = 4 << 10;
/// Longest value of a row in bytes.
pub const VALUE_BYTES_MAX: usize = 4 << 20;
