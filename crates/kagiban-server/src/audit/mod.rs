//! The audit's side of the machine: where its files are, and who works on them.

mod keys;

use std::sync::Arc;

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
}

/// What signs the audit's proofs. The public halves of all its keys are in files afterwards, for whoever verifies elsewhere.
pub(crate) async fn open_signer(directory: &DataDirectory, service: &Service) -> Result<Arc<AuditSigner>, AuditError> {
    let signer = service.audit_signer().await?;
    keys::publish(directory, service).await?;
    Ok(signer)
}
