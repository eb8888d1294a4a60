//! The journal of a data directory: opened before the service, closed after its last answer.

use std::sync::Arc;

use kagiban_audit::archive::forged_end;
use kagiban_audit::journal::head::SignedHead;
use kagiban_audit::journal::{Journal, OpenError, Options};
use kagiban_audit::signing::{PublicKey, Signer};
use kagiban_audit::verify::ARCHIVES;
use kagiban_base::os::{OsRandom, SystemClock};
use kagiban_base::time::Timestamp;
use kagiban_service::Service;
use kagiban_service::audit_head::KeptHead;
use kagiban_service::audit_key::AuditSigner;

use super::AuditError;
use crate::config::audit::AuditOptions;
use crate::data_directory::DataDirectory;

/// How long a deployment may be without a signed head, from its first key on: its first start may have been killed between
/// the two, and is then begun again.
const YOUNG_MS: i64 = 10 * 60_000;

/// What the store says of the journal.
#[derive(Debug)]
pub(crate) struct InStore {
    /// The heads that it has.
    pub(crate) kept: Vec<KeptHead>,
    /// See [`Options::callers_once`].
    pub(crate) callers_once: bool,
}

/// Opens the journal, or makes it.
pub(crate) fn open(
    directory: &DataDirectory,
    options: &AuditOptions,
    in_store: InStore,
) -> Result<Arc<Journal>, OpenError> {
    let options = Options {
        degree: options.audit_degree.into(),
        segment_bytes: usize::from(options.audit_segment_mib) << 20,
        accept_loss: options.accept_audit_loss,
        callers_once: in_store.callers_once,
        kept: in_store.kept.into_iter().map(|kept| kept.head).collect(),
        ..Options::new(directory.audit_directory())
    };
    Journal::open(options, Arc::new(SystemClock), &OsRandom).map(Arc::new)
}

/// Has the journal's head signed from now on, once it is clear that the one found was signed by this deployment, and so was the latest
/// archive. That of a
/// node that joins (`is_newcomer`) may also begin later than the deployment.
pub(crate) async fn sign(
    journal: &Journal,
    directory: &DataDirectory,
    options: &AuditOptions,
    is_newcomer: bool,
    service: &Service,
) -> Result<Arc<AuditSigner>, AuditError> {
    let (before, now) = (service.audit_public_keys().await?, service.clock().now());
    if is_replaced(&journal.head(), &before, now) {
        if is_newcomer {
            // Nobody can tell a node that joins from one whose whole audit was taken away: it is said, and seen in the journals.
            tracing::warn!("a new audit journal begins here, of a node that joins the deployment");
        } else if options.accept_audit_loss {
            journal.state_loss_of_head();
        } else {
            return Err(AuditError::Replaced(directory.audit_directory()));
        }
    }
    let signer = super::open_signer(directory, service).await?;
    let keys = service.audit_public_keys().await?;
    journal.sign_with(Arc::clone(&signer) as Arc<dyn Signer>, &keys)?;
    let archives = directory.audit_directory().join(ARCHIVES);
    // One signature, however many archives there are: what the journal went by when it was opened, and what makes it let go of records.
    match forged_end(&archives, &keys) {
        Ok(None) => {}
        Ok(Some(path)) => return Err(AuditError::ArchiveForged(path)),
        Err(source) => return Err(AuditError::Archives { path: archives, source }),
    }
    Ok(signer)
}

/// Whether nothing is signed in a journal although the deployment has kept one: it was made later than the deployment's keys,
/// or is as old as they are, and a head was signed in it long ago.
fn is_replaced(head: &SignedHead, keys: &[PublicKey], now: Timestamp) -> bool {
    let is_known = |key: &PublicKey| key.valid_from < head.head.time || now.ms_since(key.valid_from) > YOUNG_MS;
    head.signature.is_none() && keys.iter().any(is_known)
}

/// Closes the journal, which waits for the disk.
pub(crate) async fn close(journal: Arc<Journal>) {
    // It was spawned and not aborted, and does not panic.
    _ = tokio::task::spawn_blocking(move || journal.close()).await;
}

#[cfg(test)]
mod tests {
    use kagiban_audit::Sequence;
    use kagiban_audit::journal::JournalId;
    use kagiban_audit::journal::blocks::ChainPoint;
    use kagiban_audit::journal::head::Head;

    use super::*;

    const MINUTE_MS: i64 = 60_000;

    #[test]
    fn a_journal_in_which_nothing_is_signed_is_believed_at_the_very_beginning_only() {
        let start = Timestamp::from_unix_ms(1_787_299_200_000);
        let at = |minutes: i64| start.plus_ms(minutes * MINUTE_MS);
        let journal = JournalId([7; 16]);
        let key = |minutes| vec![PublicKey::new(b"key", at(minutes), at(500_000))];
        for (head_time, keys, now, expected) in [
            // The first start of all, and another one after it was killed.
            (at(0), vec![], at(0), false),
            (at(0), key(1), at(2), false),
            // Made in place of another.
            (at(5), key(1), at(5), true),
            (at(500), key(1), at(500), true),
            // Says that it is as old as the deployment.
            (at(0), key(1), at(500), true),
            (Timestamp::default(), key(1), at(12), true),
        ] {
            let head = Head { journal, at: ChainPoint::genesis(journal), forgotten: Sequence(0), time: head_time };
            let head = SignedHead { head, signature: None };
            assert_eq!(is_replaced(&head, &keys, now), expected, "{head_time} {keys:?} {now}");
        }
    }
}
