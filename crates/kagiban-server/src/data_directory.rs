//! The data directory: what is in it, and how it comes to be there.
//!
//! ```text
//! root.key          root key of a production deployment (with --root-key file)
//! development.key   the same of a development one: neither can be taken for the other
//! root.passphrase   parameters of the root passphrase; not secret, and as necessary as the passphrase (a store on etcd has them, too)
//! store.redb        the store; that it is there means that the directory is initialised
//! store.redb.lock   who has the store open
//! audit/            what is recorded of requests, and what proves it; keys/ has the public keys of its signatures
//! *.new             what was being written when the power failed; replaced by the next attempt
//! store.redb.old    the store's file from before a scrub, overwritten and removed by it or at the next start
//! ```
//! Each file appears under its name when it is whole and durable. The store is made last and holds its first batch from
//! the beginning, so after a cut at any moment the directory is either initialised, or `init` finishes it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use kagiban_service::DeploymentKind;

/// Called with the name of each step that has been done; an error stops there, as a power cut would.
pub(crate) type Reached<'a> = &'a mut dyn FnMut(&'static str) -> io::Result<()>;

/// A data directory that may or may not be there.
#[derive(Clone, Debug)]
pub struct DataDirectory {
    path: PathBuf,
    kind: DeploymentKind,
}

/// The right to initialise a data directory; given back when dropped.
#[derive(Debug)]
pub(crate) struct InitLock {
    _directory: File,
}

/// The directory or a file in it could not be made.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Another process is initialising the directory.
    #[error("{} is being initialised by another process", .0.display())]
    Busy(PathBuf),
}

impl DataDirectory {
    /// The directory at `path`, for a deployment of this kind. Touches nothing.
    pub fn new(path: PathBuf, kind: DeploymentKind) -> Self {
        Self { path, kind }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The kind of deployment it is used for.
    pub fn kind(&self) -> DeploymentKind {
        self.kind
    }

    /// The store's file.
    pub fn store_file(&self) -> PathBuf {
        self.path.join("store.redb")
    }

    /// The root key's file, where the root key is kept in the directory.
    pub fn root_key_file(&self) -> PathBuf {
        self.path.join(root_key_name(self.kind))
    }

    /// The file with the parameters of the root passphrase, where there is one.
    pub fn passphrase_file(&self) -> PathBuf {
        self.path.join("root.passphrase")
    }

    /// Where the audit is kept.
    pub fn audit_directory(&self) -> PathBuf {
        self.path.join("audit")
    }

    /// Whether there is a store.
    ///
    /// # Errors
    /// When the operating system cannot tell.
    pub fn is_initialised(&self) -> io::Result<bool> {
        self.store_file().try_exists()
    }

    /// Whether initialisation for the other kind of deployment was begun here.
    pub(crate) fn belongs_to_other_kind(&self) -> io::Result<bool> {
        let other = match self.kind {
            DeploymentKind::Development => DeploymentKind::Production,
            DeploymentKind::Production => DeploymentKind::Development,
        };
        self.path.join(root_key_name(other)).try_exists()
    }

    /// Makes the directory, open to its owner only, unless it is there.
    pub(crate) fn make(&self) -> Result<(), WriteError> {
        make_directory(&self.path)
    }

    /// Keeps other processes from initialising the directory at the same time.
    pub(crate) fn lock(&self) -> Result<InitLock, WriteError> {
        let directory = File::open(&self.path).map_err(write_error("open", &self.path))?;
        match directory.try_lock() {
            Ok(()) => Ok(InitLock { _directory: directory }),
            Err(TryLockError::WouldBlock) => Err(WriteError::Busy(self.path.clone())),
            Err(TryLockError::Error(source)) => Err(write_error("lock", &self.path)(source)),
        }
    }
}

/// Makes a directory and those it lies in, each durable before the next: success must not be told of a directory whose
/// parent a power cut takes away.
pub(crate) fn make_directory(path: &Path) -> Result<(), WriteError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_directory(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // Somebody else was faster.
        Err(error) if error.kind() == ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        made => made.map_err(write_error("create", path)),
    }?;
    sync_parent(path)
}

fn root_key_name(kind: DeploymentKind) -> &'static str {
    match kind {
        DeploymentKind::Development => "development.key",
        DeploymentKind::Production => "root.key",
    }
}

/// Writes a file that only its owner can read, under a temporary name first; durable when this returns.
pub(crate) fn write_private(path: &Path, bytes: &[u8], reached: Reached<'_>) -> Result<(), WriteError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let temporary = PathBuf::from(temporary);
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(write_error("replace", &temporary)(error)),
        _ => {}
    }
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| reached("file written")).map_err(write_error("write", &temporary))?;
    fs::rename(&temporary, path).and_then(|()| reached("file named")).map_err(write_error("write", path))?;
    sync_parent(path)
}

/// Makes the names in the directory that holds `path` durable.
fn sync_parent(path: &Path) -> Result<(), WriteError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(parent).and_then(|directory| directory.sync_all()).map_err(write_error("sync", parent))
}

fn write_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    move |source| WriteError::Io { action, path, source }
}
