//! The journal of a data directory: opened before the service, closed after its last answer.

use std::sync::Arc;

use kagiban_audit::journal::{Journal, OpenError, Options};
use kagiban_audit::signing::Signer;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_service::Service;
use kagiban_service::audit_key::AuditSigner;

use super::AuditError;
use crate::config::audit::AuditOptions;
use crate::data_directory::DataDirectory;

/// Opens the journal, or makes it.
pub(crate) fn open(directory: &DataDirectory, options: &AuditOptions) -> Result<Arc<Journal>, OpenError> {
    let options = Options {
        degree: options.audit_degree.into(),
        segment_bytes: usize::from(options.audit_segment_mib) << 20,
        accept_loss: options.accept_audit_loss,
        ..Options::new(directory.audit_directory())
    };
    Journal::open(options, Arc::new(SystemClock), &OsRandom).map(Arc::new)
}

/// Has the journal's head signed from now on, once it is clear that the one found was signed by this deployment. Where
/// several nodes share the store (`is_shared`), a journal may also begin later than the deployment.
pub(crate) async fn sign(
    journal: &Journal,
    directory: &DataDirectory,
    options: &AuditOptions,
    is_shared: bool,
    service: &Service,
) -> Result<Arc<AuditSigner>, AuditError> {
    let before = service.audit_public_keys().await?;
    let head = journal.head();
    // A journal that nothing was signed in was made before the deployment's first key, or in place of another one.
    let is_replaced = head.signature.is_none() && before.first().is_some_and(|key| key.valid_from < head.head.time);
    if is_replaced && is_shared {
        // Nobody can tell a node that joins from one whose journal was taken away: it is said, and seen in the journals.
        tracing::warn!("a new audit journal begins here, of a node that joins the deployment");
    } else if is_replaced && !options.accept_audit_loss {
        return Err(AuditError::Replaced(directory.audit_directory()));
    }
    let signer = super::open_signer(directory, service).await?;
    let keys = service.audit_public_keys().await?;
    journal.sign_with(Arc::clone(&signer) as Arc<dyn Signer>, &keys)?;
    Ok(signer)
}

/// Closes the journal, which waits for the disk.
pub(crate) async fn close(journal: Arc<Journal>) {
    // It was spawned and not aborted, and does not panic.
    _ = tokio::task::spawn_blocking(move || journal.close()).await;
}
