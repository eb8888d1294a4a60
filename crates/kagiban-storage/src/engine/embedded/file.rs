//! The file's life before it is a store: one process at a time, created whole or not at all, refused when it is not ours.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use redb::backends::FileBackend;
use redb::{Builder, Database, DatabaseError, StorageError};

use super::format;
use crate::batch::{Batch, BatchError};
use crate::engine::{EngineError, Revision};

/// redb's page cache; the service keeps its rows in memory itself.
const CACHE_BYTES: usize = 32 << 20;

/// The first bytes of a redb file (redb's design document, "File format").
const MAGIC: &[u8; 9] = b"redb\x1A\x0A\xA9\x0D\x0A";

/// Ends the name of a file that is to become a store, beside the store's own.
pub(super) const NEW: &str = ".new";
/// Ends the name of a file whose place as a store was taken.
pub(super) const OLD: &str = ".old";

/// A store cannot be opened or created.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is a store already where one was to be created.
    #[error("{} exists already", .path.display())]
    AlreadyExists {
        /// The store's file.
        path: PathBuf,
    },
    /// Another process has the store open.
    #[error("{} is in use by {}", .path.display(), process(.pid))]
    AlreadyInUse {
        /// The store's file.
        path: PathBuf,
        /// The other process, if it could be found out.
        pid: Option<u32>,
    },
    /// The file is a store whose bytes are not what was written: a torn or damaged file.
    #[error("{} is damaged; keep it, and restore a backup", .path.display())]
    Damaged {
        /// The store's file.
        path: PathBuf,
        /// What was found.
        #[source]
        source: EngineError,
    },
    /// The first batch of a new store is out of bounds.
    #[error(transparent)]
    FirstBatch(#[from] BatchError),
    /// The first batch of a new store has a condition that an empty store does not meet.
    #[error("the first batch of a store expects a row to be there")]
    FirstConflict,
    /// The operating system refused.
    #[error("cannot {action} {}", .path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What was to be done with it.
        action: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A newer Kagiban wrote the file.
    #[error("{} has store format {format}, which only a newer Kagiban reads", .path.display())]
    NewerFormat {
        /// The store's file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// There is no such file.
    #[error("{} does not exist", .path.display())]
    NotFound {
        /// The store's file.
        path: PathBuf,
    },
    /// The file is something else, or its first bytes are gone.
    #[error("{} is not a Kagiban store, or its beginning is damaged", .path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
}

fn process(pid: &Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

fn io_error(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> OpenError {
    move |source| OpenError::Io { path: path.to_owned(), action, source }
}

/// The right to a store's file, held by a lock on a file beside it that also names the holder.
///
/// The store's own file cannot carry it: while a store is created, that file is not there yet. The lock file stays
/// behind, empty of meaning; the operating system frees the lock of a process that died.
pub(super) struct FileLock {
    file: File,
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Closing is not enough: a process that was just forked off holds the same open file until it runs its program.
        _ = self.file.unlock();
    }
}

impl FileLock {
    fn take(path: &Path) -> Result<Self, OpenError> {
        let lock_path = with_suffix(path, ".lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&lock_path).map_err(io_error(&lock_path, "open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::AlreadyInUse { path: path.to_owned(), pid: holder(&mut file) });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(&lock_path, "lock")(source)),
        }
        // Only a courtesy to whoever is refused: a full disk must not keep a store from being opened.
        _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { file })
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().and_then(|()| file.take(16).read_to_string(&mut text)).ok()?;
    text.trim().parse().ok()
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Opens and checks the store in `path`.
pub(super) fn open(path: &Path) -> Result<(Database, FileLock), OpenError> {
    // Before the lock, so that a wrong path leaves no lock file behind.
    if !path.try_exists().map_err(io_error(path, "look for"))? {
        return Err(OpenError::NotFound { path: path.to_owned() });
    }
    let lock = FileLock::take(path)?;
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(io_error(path, "open"))?;
    if !begins_as_redb(&file).map_err(io_error(path, "read"))? {
        return Err(OpenError::NotAStore { path: path.to_owned() });
    }
    let database = database_in(file, path)?;
    Ok((database, lock))
}

fn begins_as_redb(file: &File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(9).read_to_end(&mut head)?;
    Ok(head == MAGIC)
}

/// Opens redb on a file; an empty file becomes an empty database.
fn database_in(file: File, path: &Path) -> Result<Database, OpenError> {
    let backend = FileBackend::new(file).map_err(|error| open_error(error, path))?;
    builder().create_with_backend(backend).map_err(|error| open_error(error, path))
}

pub(super) fn builder() -> Builder {
    let mut builder = Builder::new();
    // The check reads each page and compares its checksum; without it redb trusts the file and may panic on it.
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

pub(super) fn open_error(error: DatabaseError, path: &Path) -> OpenError {
    let path = path.to_owned();
    match error {
        DatabaseError::DatabaseAlreadyOpen => OpenError::AlreadyInUse { path, pid: None },
        DatabaseError::Storage(StorageError::Io(source)) if !is_damage(&source) => {
            OpenError::Io { path, action: "open", source }
        }
        other => OpenError::Damaged { path, source: format::engine_error(other) },
    }
}

/// A file that ends too early or has the wrong bytes, against one that the disk does not give.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput)
}

/// Creates a store with its first batch under a temporary name and gives it its own when it is durable.
pub(super) fn create(path: &Path, first: &Batch) -> Result<(Database, FileLock), OpenError> {
    first.check()?;
    if !first.conditions_hold(|_| Ok::<_, OpenError>(None))? {
        return Err(OpenError::FirstConflict);
    }
    let lock = FileLock::take(path)?;
    if path.try_exists().map_err(io_error(path, "look for"))? {
        return Err(OpenError::AlreadyExists { path: path.to_owned() });
    }
    let temporary = with_suffix(path, NEW);
    match fs::remove_file(&temporary) {
        Err(source) if source.kind() != ErrorKind::NotFound => return Err(io_error(&temporary, "replace")(source)),
        _ => {}
    }
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&temporary);
    let file = file.map_err(io_error(&temporary, "create"))?;
    // A second handle to the same open file, for its metadata; redb syncs the data only.
    let for_sync = file.try_clone().map_err(io_error(&temporary, "create"))?;
    let database = database_in(file, &temporary)?;
    fill(&database, first).map_err(|error| open_error(error, &temporary))?;
    for_sync.sync_all().map_err(io_error(&temporary, "sync"))?;
    fs::rename(&temporary, path).map_err(io_error(path, "create"))?;
    sync_directory(path).map_err(io_error(directory_of(path), "sync"))?;
    Ok((database, lock))
}

/// The first commit: the tables and the first batch.
pub(super) fn fill(database: &Database, first: &Batch) -> Result<(), DatabaseError> {
    write_first(database, first).map_err(|error| match error {
        redb::Error::Io(error) => DatabaseError::Storage(StorageError::Io(error)),
        other => DatabaseError::Storage(StorageError::Corrupted(other.to_string())),
    })
}

fn write_first(database: &Database, first: &Batch) -> Result<(), redb::Error> {
    let mut transaction = database.begin_write()?;
    transaction.set_two_phase_commit(true);
    format::initialise(&transaction)?;
    if !first.writes.is_empty() {
        let revision = Revision::ZERO.next();
        let mut rows = transaction.open_table(format::ROWS)?;
        first.writes.iter().try_for_each(|write| format::apply(&mut rows, write, revision))?;
        drop(rows);
        format::set_revision(&transaction, revision)?;
    }
    Ok(transaction.commit()?)
}

/// Makes what was done to the names in the directory of `path` durable.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(directory_of(path)).and_then(|handle| handle.sync_all())
}

fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
