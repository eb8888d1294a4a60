//! What makes backups, as the operator's operations see it: somebody below who has a directory, a thread and time.

use kagiban_base::time::Timestamp;

/// Makes backups, one at a time.
pub trait Backups: Send + Sync {
    /// Begins one, and returns the name that its file will have.
    ///
    /// # Errors
    /// [`BeginError`]
    fn begin(&self) -> Result<String, BeginError>;

    /// Tells of the one that is being made and of those that there are.
    fn describe(&self) -> BackupsDescription;
}

/// No backup was begun. The texts are for callers.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BeginError {
    /// There is nothing that it could be encrypted to.
    #[error(
        "Backups are encrypted to the recovery key, and this deployment has none. Make one with: kagiban recovery create"
    )]
    NoRecoveryKey,
    /// The system gives no thread.
    #[error("The server cannot start a thread for the backup; try again")]
    NoThread,
    /// This server makes none.
    #[error("This server makes no backups")]
    NotHere,
    /// One is being made.
    #[error("A backup is being made already; see how far it is with: kagiban backup status")]
    UnderWay,
}

/// A finished backup.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupFile {
    /// Its name in the directory.
    pub name: String,
    /// When it was taken.
    pub taken: Timestamp,
    /// Bytes of the file.
    pub bytes: u64,
}

/// A backup that is being made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupUnderWay {
    /// The name that its file will have.
    pub name: String,
    /// When it was begun.
    pub begun: Timestamp,
    /// Rows that are written.
    pub rows: u64,
    /// Rows that there will be; zero while they are counted.
    pub rows_total: u64,
    /// Bytes of rows that are written, before compression.
    pub bytes: u64,
    /// How often it began again because its snapshot was gone.
    pub restarts: u64,
}

/// A backup that failed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupFailed {
    /// The name that its file would have had.
    pub name: String,
    /// When it failed.
    pub at: Timestamp,
    /// Why.
    pub error: String,
}

/// What there is of backups.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BackupsDescription {
    /// Where they are, on the server.
    pub directory: String,
    /// The one that is being made.
    pub under_way: Option<BackupUnderWay>,
    /// The last one, if it failed.
    pub failed: Option<BackupFailed>,
    /// Those that failed since the server started.
    pub failures: u64,
    /// Those in the directory, the newest first.
    pub files: Vec<BackupFile>,
}
