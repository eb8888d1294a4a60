//! Files that were a store's or were to become one: overwritten and removed, a piece at a time.
//!
//! Two names beside the store's are ours: `.new` is a file that is being filled, `.old` one whose place was taken. Neither
//! is ever read again, so whatever a crash leaves under them goes the same way at the next start. Overwriting puts the
//! bytes out of reach as far as the file system writes in place and the disk gives back what was written last; what
//! copy-on-write file systems and flash disks keep below is beyond this program (docs/key-hierarchy.md).

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use super::file::{NEW, OLD, sync_directory, with_suffix};

/// Overwritten between two looks at the queue.
const PIECE_BYTES: usize = 1 << 20;
/// Overwritten before it must be on the disk.
const SYNC_EVERY_BYTES: u64 = 4 << 20;

/// The removal of what lies beside a store.
pub(super) struct Sweep {
    home: PathBuf,
    files: Vec<PathBuf>,
    current: Option<Shredding>,
    written: u64,
}

struct Shredding {
    path: PathBuf,
    file: File,
    at: u64,
    len: u64,
    unsynced: u64,
}

impl Sweep {
    /// What lies beside the store `home` now. Nobody may have these files open but to read what is not needed.
    pub(super) fn of(home: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for suffix in [NEW, OLD] {
            let path = with_suffix(home, suffix);
            match fs::symlink_metadata(&path) {
                Ok(_) => files.push(path),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self { home: home.to_owned(), files, current: None, written: 0 })
    }

    /// Whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.current.is_none()
    }

    /// Bytes overwritten so far.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Does a piece; whether all is done.
    pub(super) fn step(&mut self) -> io::Result<bool> {
        match self.current.take() {
            Some(mut shredding) => {
                let (written, done) = shredding.step()?;
                self.written = self.written.saturating_add(written);
                if done { self.remove(&shredding.path)? } else { self.current = Some(shredding) }
            }
            None => {
                let Some(path) = self.files.pop() else { return Ok(true) };
                match Shredding::of(&path)? {
                    Some(shredding) => self.current = Some(shredding),
                    None => self.remove(&path)?,
                }
            }
        }
        Ok(self.is_empty())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)?;
        sync_directory(&self.home)
    }
}

impl Shredding {
    /// `None` for what must not be overwritten. INVARIANT: a file with a second name is never overwritten: cut between
    /// giving the old file its name and putting the new one in its place, `.old` is the store itself.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let found = fs::symlink_metadata(path)?;
        if !found.is_file() || found.nlink() != 1 {
            return Ok(None);
        }
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Some(Self { path: path.to_owned(), file, at: 0, len: found.len(), unsynced: 0 }))
    }

    /// Overwrites a piece; how many bytes, and whether it was the last one. Zeros are left, so that holes stay holes.
    fn step(&mut self) -> io::Result<(u64, bool)> {
        let piece = usize::try_from(self.len.saturating_sub(self.at)).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let (mut found, mut written) = (vec![0; piece], 0);
        self.file.read_exact_at(&mut found, self.at)?;
        if found.iter().any(|byte| *byte != 0) {
            found.fill(0);
            self.file.write_all_at(&found, self.at)?;
            written = piece as u64;
        }
        (self.at, self.unsynced) = (self.at.saturating_add(piece as u64), self.unsynced.saturating_add(written));
        let done = self.at >= self.len;
        if done || self.unsynced >= SYNC_EVERY_BYTES {
            self.file.sync_data()?;
            self.unsynced = 0;
        }
        Ok((written, done))
    }
}
