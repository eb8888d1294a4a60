//! Options of backups.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use super::value::long_duration;

/// Where backups go, and when one is made without being asked for.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Backups")]
pub struct BackupOptions {
    /// Directory for backups; without it, "backups" in the data directory
    ///
    /// Backups are encrypted to the recovery key; what "kagiban backup create" asks for is put here, and can be put nowhere else.
    /// Better another disk than the data's; a directory of its own for each server.
    #[arg(long, env = "KAGIBAN_BACKUP_DIRECTORY", value_name = "DIRECTORY")]
    pub backup_directory: Option<PathBuf>,

    /// Make a backup whenever the newest is this old, such as 6h or 1d; without it, none but those that are asked for
    ///
    /// Where several nodes share a store, one of them is enough.
    #[arg(long, env = "KAGIBAN_BACKUP_EVERY", value_name = "TIME", value_parser = long_duration)]
    pub backup_every: Option<Duration>,

    /// Backups to keep with --backup-every: after each one, older files than the newest so many are removed
    #[arg(long, env = "KAGIBAN_BACKUP_KEEP", value_name = "NUMBER", default_value = "28")]
    pub backup_keep: NonZeroUsize,
}
