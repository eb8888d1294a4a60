//! The audit's side of the machine: where its files are, and who works on them.

pub(crate) mod anchors;
pub(crate) mod archives;
pub mod delivery;
pub(crate) mod journal;
pub(crate) mod kept_head;
mod keys;
pub(crate) mod not_recorded;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use kagiban_audit::archive::History;
use kagiban_audit::journal::Journal;
use kagiban_audit::journal::head::HeadForged;
use kagiban_base::os::OsRandom;
use kagiban_service::Service;
use kagiban_service::audit_key::{AuditKeyError, AuditSigner};

use self::delivery::{Deliveries, DeliverySettings, Ended, Surroundings};
use crate::data_directory::{DataDirectory, WriteError};
use crate::shutdown::Stop;

/// How often it is looked whether the signing key's year is over.
const RENEW_EVERY: Duration = Duration::from_secs(60);

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
    /// The latest archive is not the deployment's.
    #[error(
        "{} is not signed by a key of this deployment: it was changed, or put there. Put the right one back; or move it away, and \
         start once with --accept-audit-loss",
        .0.display()
    )]
    ArchiveForged(PathBuf),
    /// The head cannot be kept elsewhere, or what is kept there shows that the journal was rolled back.
    #[error(transparent)]
    Anchor(#[from] anchors::AnchorSetupError),
    /// Archives cannot be read.
    #[error("cannot read the archives in {}", path.display())]
    Archives {
        /// Where they are.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No thread.
    #[error("cannot start a thread for the audit's archives")]
    Thread(#[source] std::io::Error),
    /// The deliveries cannot begin.
    #[error(transparent)]
    Delivery(#[from] delivery::DeliveryError),
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

/// Begins the deliveries, which the service tells of from now on.
pub(crate) fn deliver(
    settings: &DeliverySettings,
    directory: &DataDirectory,
    journal: &Arc<Journal>,
    history: &History,
    signer: Arc<AuditSigner>,
    service: &Service,
    stop: &Stop,
) -> Result<Ended, AuditError> {
    let around = Surroundings {
        journal: journal.id(),
        // A target that was down for hours goes on in the archives.
        follower: Arc::new(history.clone()),
        recorder: Arc::clone(journal) as _,
        signer,
        clock: service.clock(),
        random: Arc::new(OsRandom),
    };
    let (deliveries, ended) = Deliveries::start(settings, &directory.audit_directory(), &around, stop)?;
    service.tell_of_trail(deliveries);
    service.search_in(Arc::new(history.clone()));
    Ok(ended)
}

/// Makes the next signing key when it is time.
pub(crate) async fn renew_key(signer: Arc<AuditSigner>, directory: DataDirectory, service: Arc<Service>) {
    let mut times = tokio::time::interval(RENEW_EVERY);
    loop {
        times.tick().await;
        let renewed =
            async { Ok::<_, AuditError>(signer.renew().await? && keys::publish(&directory, &service).await.is_ok()) };
        match renewed.await {
            Ok(true) => tracing::info!("the audit has a new signing key"),
            Ok(false) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "the audit's signing key could not be renewed; the old one goes on signing");
            }
        }
    }
}
