//! The audit's side of the machine: where its files are, and who works on them.

pub(crate) mod journal;
mod keys;

use std::path::PathBuf;
use std::sync::Arc;

use kagiban_audit::journal::head::HeadForged;
use kagiban_service::Service;
use kagiban_service::audit_key::{AuditKeyError, AuditSigner};

use crate::data_directory::{DataDirectory, WriteError};

/// The audit cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// There is no key to sign with.
    #[error("the audit has no signing key")]
    Key(#[from] AuditKeyError),
    /// A file of the audit could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The journal was taken away.
    #[error(
        "the audit journal in {} is not the one that this deployment has kept: that one is gone. Put it back, or start once \
         with --accept-audit-loss",
        .0.display()
    )]
    Replaced(PathBuf),
    /// The journal's head is somebody else's.
    #[error(transparent)]
    HeadForged(#[from] HeadForged),
}

/// What signs the audit's proofs. The public halves of all its keys are in files afterwards, for whoever verifies elsewhere.
pub(crate) async fn open_signer(directory: &DataDirectory, service: &Service) -> Result<Arc<AuditSigner>, AuditError> {
    let signer = service.audit_signer().await?;
    keys::publish(directory, service).await?;
    Ok(signer)
}
