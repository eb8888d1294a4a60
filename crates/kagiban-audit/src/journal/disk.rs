//! What the journal asks of the disk, and where a test makes it fail.

use std::fmt::Debug;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use kagiban_mapped_file::{MappedFile, Space, Writer};

/// Every way in which the journal changes what is on the disk. Each is durable when it returns, but for appends to a mapped
/// file, which are no call and become so by [`Disk::sync`].
pub trait Disk: Debug + Send + Sync {
    /// Makes a file of `len` bytes, with its space taken, that begins with `head`; it is there whole or not at all.
    ///
    /// # Errors
    /// The operating system's.
    fn create(&self, path: &Path, len: usize, space: Space, head: &[u8]) -> io::Result<()>;

    /// What was appended to a mapped file.
    ///
    /// # Errors
    /// The operating system's.
    fn sync(&self, path: &Path, file: &MappedFile, range: Range<usize>) -> io::Result<()>;

    /// Adds to the end of an ordinary file.
    ///
    /// # Errors
    /// The operating system's.
    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Writes a file, or replaces it: afterwards it is the old one or the new one.
    ///
    /// # Errors
    /// The operating system's.
    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a file's end off.
    ///
    /// # Errors
    /// The operating system's.
    fn trim(&self, path: &Path, len: usize) -> io::Result<()>;

    /// Gives a file another name in its directory.
    ///
    /// # Errors
    /// The operating system's.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; none is fine. Not durable: it may be there again after a power cut.
    ///
    /// # Errors
    /// The operating system's.
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The operating system's.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn create(&self, path: &Path, len: usize, space: Space, head: &[u8]) -> io::Result<()> {
        let temporary = temporary(path);
        self.remove(&temporary)?;
        let mut writer = Writer::create(&temporary, len, space)?;
        writer.append(head).map_err(|_| io::Error::from(ErrorKind::InvalidInput))?;
        writer.file().sync(0..head.len())?;
        self.rename(&temporary, path)
    }

    fn sync(&self, _path: &Path, file: &MappedFile, range: Range<usize>) -> io::Result<()> {
        file.sync(range)
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().append(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_data()
    }

    fn replace(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = temporary(path);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        file.write_all(bytes)?;
        file.sync_data()?;
        self.rename(&temporary, path)
    }

    fn trim(&self, path: &Path, len: usize) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(path)?;
        file.set_len(len as u64)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        sync_directory(to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// What a file is called while it is being made.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

/// Makes the names in the directory of `path` durable.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent)?.sync_all()
}
