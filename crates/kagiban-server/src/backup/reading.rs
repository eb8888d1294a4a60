//! A backup's file: opened with the recovery key, or looked at from outside.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use kagiban_backup::{BackupReader, ReadError, sha256_of};
use kagiban_recovery::{Decrypting, OpenError, RecoveryIdentity};

use super::files::hash_file;

/// Bytes read from the file at once.
const READ_BYTES: usize = 256 << 10;
/// Longest file with a hash.
const HASH_FILE_BYTES_MAX: u64 = 4096;

/// A backup that is being read.
pub(crate) type FileReader = BackupReader<Decrypting<BufReader<File>>>;

/// A backup's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system.
    #[error("cannot read {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It does not open.
    #[error("{} does not open", path.display())]
    Open {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: OpenError,
    },
    /// What is in it is no backup.
    #[error("{}", path.display())]
    Backup {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ReadError,
    },
    /// There is nothing to compare it with.
    #[error(
        "there is no {}; without it and without shares nothing can be said of the backup",
        .0.display()
    )]
    NoHash(PathBuf),
    /// It is another file than the one that was written.
    #[error("{} was changed since it was made: its hash is another one", .0.display())]
    Changed(PathBuf),
}

/// Opens the file.
pub(crate) fn open(path: &Path, identity: &RecoveryIdentity) -> Result<FileReader, FileError> {
    let path = || path.to_owned();
    let file = File::open(path()).map_err(|source| FileError::Read { path: path(), source })?;
    let input = BufReader::with_capacity(READ_BYTES, file);
    let input = identity.decrypt(input).map_err(|source| FileError::Open { path: path(), source })?;
    BackupReader::begin(input).map_err(|source| FileError::Backup { path: path(), source })
}

/// Compares the file with the hash that was written beside it; returns its bytes.
pub(crate) fn check_hash(path: &Path) -> Result<u64, FileError> {
    let beside = hash_file(path);
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FileError::Read { path, source }
    };
    let expected = match fs::metadata(&beside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(FileError::NoHash(beside)),
        Ok(metadata) if metadata.len() > HASH_FILE_BYTES_MAX => return Err(FileError::Changed(beside)),
        _ => fs::read_to_string(&beside).map_err(failed(&beside))?,
    };
    let file = File::open(path).map_err(failed(path))?;
    let bytes = file.metadata().map_err(failed(path))?.len();
    let found = sha256_of(BufReader::with_capacity(READ_BYTES, file)).map_err(failed(path))?;
    match expected.split_whitespace().next() {
        Some(expected) if expected == found => Ok(bytes),
        _ => Err(FileError::Changed(path.to_owned())),
    }
}
