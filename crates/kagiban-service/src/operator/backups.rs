//! CreateBackup and DescribeBackups: a copy of all that is stored, encrypted to the recovery key, in a directory of the server.
//!
//! Neither where it goes nor to whom it is encrypted can be said in a request: who may ask for a backup must not thereby come to
//! what is in it.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Context, Operation, OperatorError, permission, seconds};
use crate::backup::{self, BackupFailed, BackupFile, BackupUnderWay, Backups, BeginError};
use crate::error::ServiceError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBackupRequest {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateBackupResponse {
    file_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DescribeBackupsRequest {}

/// All backups of this server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeBackupsResponse {
    directory: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    under_way: Option<UnderWay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<Failed>,
    /// Since the server started.
    failures: u64,
    backups: Vec<File>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UnderWay {
    file_name: String,
    #[serde(serialize_with = "seconds")]
    start_date: Timestamp,
    rows: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_total: Option<u64>,
    bytes: u64,
    restarts: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Failed {
    file_name: String,
    #[serde(serialize_with = "seconds")]
    date: Timestamp,
    error: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    file_name: String,
    #[serde(serialize_with = "seconds")]
    creation_date: Timestamp,
    size: u64,
}

/// Begins a backup.
pub(super) async fn create(_: &CreateBackupRequest, ctx: &Context<'_>) -> Result<CreateBackupResponse, ServiceError> {
    let _permitted = permission::require(Operation::CreateBackup, ctx)?;
    let backups = backups(ctx)?;
    // What is looked at again when it is made; asked here, so that the caller hears of it.
    if backup::recipient(&ctx.service.store).await?.is_none() {
        return Err(OperatorError::Backup(BeginError::NoRecoveryKey).into());
    }
    let file_name = backups.begin().map_err(OperatorError::Backup)?;
    Ok(CreateBackupResponse { file_name })
}

/// Tells how far the present one is, and which there are.
pub(super) fn describe(_: &DescribeBackupsRequest, ctx: &Context<'_>) -> Result<DescribeBackupsResponse, ServiceError> {
    let _permitted = permission::require(Operation::DescribeBackups, ctx)?;
    let found = backups(ctx)?.describe();
    Ok(DescribeBackupsResponse {
        directory: found.directory,
        under_way: found.under_way.map(UnderWay::from),
        failed: found.failed.map(Failed::from),
        failures: found.failures,
        backups: found.files.into_iter().map(File::from).collect(),
    })
}

fn backups<'a>(ctx: &Context<'a>) -> Result<&'a dyn Backups, OperatorError> {
    ctx.service.backups.get().map(|backups| &**backups).ok_or(OperatorError::Backup(BeginError::NotHere))
}

impl From<BackupUnderWay> for UnderWay {
    fn from(found: BackupUnderWay) -> Self {
        Self {
            file_name: found.name,
            start_date: found.begun,
            rows: found.rows,
            rows_total: Some(found.rows_total).filter(|total| *total > 0),
            bytes: found.bytes,
            restarts: found.restarts,
        }
    }
}

impl From<BackupFailed> for Failed {
    fn from(BackupFailed { name, at, error }: BackupFailed) -> Self {
        Self { file_name: name, date: at, error }
    }
}

impl From<BackupFile> for File {
    fn from(BackupFile { name, taken, bytes }: BackupFile) -> Self {
        Self { file_name: name, creation_date: taken, size: bytes }
    }
}
