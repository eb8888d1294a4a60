//! Names of the journal's files.
//!
//! ```text
//! lock                      who has the journal open
//! head                      how far the journal goes, signed
//! journal/0000000001.records   the first segment of raw records
//! journal/0000000001.blocks    its blocks of the chain
//! *.new                     what was being made when the power failed; removed at the next start
//! *.lost                    what a start found beyond the journal's end or damaged, put aside
//! archive/                  what became of older records
//! ```

use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use crate::journal::disk::sync_directory;

/// How often a lock is tried that is held by somebody who only looks who has it, as `kagiban audit` does for a moment.
const LOOKS_MAX: u32 = 100;
/// How long such a look is given each time.
const LOOK_TAKES: Duration = Duration::from_millis(20);
/// The end of a segment's name.
const RECORDS: &str = "records";
/// The end of a block file's name.
const BLOCKS: &str = "blocks";

/// Where the journal is.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    directory: PathBuf,
    segments: PathBuf,
}

impl Files {
    /// The directory of segments and block files.
    pub(crate) const SEGMENTS: &str = "journal";
    /// The directory of archives.
    pub(crate) const ARCHIVES: &str = "archive";

    pub(crate) fn new(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), segments: directory.join(Self::SEGMENTS) }
    }

    pub(crate) fn head(&self) -> PathBuf {
        self.directory.join("head")
    }

    pub(crate) fn segment(&self, index: u64) -> PathBuf {
        self.segments.join(format!("{index:010}.{RECORDS}"))
    }

    pub(crate) fn blocks(&self, index: u64) -> PathBuf {
        self.segments.join(format!("{index:010}.{BLOCKS}"))
    }

    pub(crate) fn archives(&self) -> PathBuf {
        self.directory.join(Self::ARCHIVES)
    }

    /// Makes the directories, open to their owner only, and locks the journal.
    ///
    /// # Errors
    /// The operating system's; `WouldBlock` when another process has it: at once when it has it for itself, and after two
    /// seconds when it only looks.
    pub(crate) fn lock(&self) -> io::Result<File> {
        for directory in [&self.directory, &self.segments] {
            if !directory.is_dir() {
                fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
                sync_directory(directory)?;
            }
        }
        let lock =
            File::options().create(true).truncate(false).write(true).mode(0o600).open(self.directory.join("lock"))?;
        for _ in 0..LOOKS_MAX {
            match lock.try_lock() {
                Ok(()) => return Ok(lock),
                Err(TryLockError::WouldBlock) if is_looked_at(&lock) => thread::park_timeout(LOOK_TAKES),
                Err(TryLockError::WouldBlock) => break,
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// The numbers of the segments that there are, in their order; removes what was left half made.
    pub(crate) fn indices(&self) -> io::Result<Vec<u64>> {
        let mut indices = Vec::new();
        for entry in fs::read_dir(&self.segments)? {
            let path = entry?.path();
            if path.extension() == Some(OsStr::new("new")) {
                fs::remove_file(&path)?;
            }
            indices.extend(index_of(&path, RECORDS));
        }
        indices.sort_unstable();
        Ok(indices)
    }

    /// The numbers of the block files that there are, in their order.
    pub(crate) fn block_indices(&self) -> io::Result<Vec<u64>> {
        let mut indices = Vec::new();
        for entry in fs::read_dir(&self.segments)? {
            indices.extend(index_of(&entry?.path(), BLOCKS));
        }
        indices.sort_unstable();
        Ok(indices)
    }
}

/// Whether nobody holds the lock but such as share it.
fn is_looked_at(lock: &File) -> bool {
    // Given back at once: whoever else starts must not take this for a look.
    lock.try_lock_shared().and_then(|()| lock.unlock().map_err(TryLockError::Error)).is_ok()
}

/// What a file is called that is put aside: nothing is there by that name.
pub(crate) fn aside(path: &Path) -> PathBuf {
    let name = |number: u32| match number {
        1 => path.with_added_extension("lost"),
        _ => path.with_added_extension(format!("{number}.lost")),
    };
    (1..u32::MAX).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(u32::MAX))
}

fn index_of(path: &Path, extension: &str) -> Option<u64> {
    let is_one = path.extension() == Some(OsStr::new(extension));
    path.file_stem().filter(|_| is_one)?.to_str()?.parse().ok()
}
