//! The signed heads of the nodes' audit journals, kept in the store: what a journal that was put back to an older state cannot
//! know of.
//!
//! A head goes forwards only. Nothing is judged here: the journal compares when it is opened. Whoever puts back the store as
//! well is not found out by this, but by heads that are kept elsewhere (`docs/audit.md`).

use kagiban_audit::journal::head::SignedHead;
use kagiban_base::time::Timestamp;
use kagiban_storage::format::{Format, FormatRecord, FormatRowKey, Phase};
use kagiban_storage::{Prefix, Store, StoreError, Transaction};

use crate::Service;
use crate::records::audit_head::{AuditHeadRecord, AuditHeadRowKey};

/// Journals there can be: each node that ever was had one, and some made a new one.
const HEADS_MAX: usize = 10_000;
/// The first format whose programs read journals in which a segment says only once who a caller is.
const CALLERS_ONCE_SINCE: Format = Format(2);

/// A head could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepHeadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A later one is kept, or one of another history.
    #[error("the store has a later head of this journal: another process writes a copy of it, or it was put back")]
    Backwards,
}

/// A head that the store has.
#[derive(Clone, Debug)]
pub struct KeptHead {
    /// When it was put there.
    pub kept: Timestamp,
    /// The head.
    pub head: SignedHead,
}

/// The heads of all journals. What cannot be read as one is none.
///
/// # Errors
/// [`StoreError`]
pub async fn kept_heads(store: &Store) -> Result<Vec<KeptHead>, StoreError> {
    let page = store.snapshot().await?.scan::<AuditHeadRecord>(&Prefix::all(), None, HEADS_MAX).await?;
    let read = |record: &AuditHeadRecord| {
        let head = SignedHead::parse(&record.head).ok()?;
        Some(KeptHead { kept: record.kept, head })
    };
    Ok(page.rows.iter().filter_map(|(_, record)| read(record)).collect())
}

/// Whether nobody goes back to a program that reads only journals in which every record says who called.
///
/// # Errors
/// [`StoreError`]
pub async fn are_callers_written_once(store: &Store) -> Result<bool, StoreError> {
    let format = store.snapshot().await?.read(&FormatRowKey).await?.unwrap_or(FormatRecord::unsaid());
    Ok(format.phase == Phase::Settled && format.number >= CALLERS_ONCE_SINCE)
}

impl Service {
    /// Keeps the head of a journal, unless a later one is kept.
    ///
    /// # Errors
    /// [`KeepHeadError`]
    pub async fn keep_audit_head(&self, head: &SignedHead) -> Result<(), KeepHeadError> {
        let key = AuditHeadRowKey(head.head.journal.0);
        let record = AuditHeadRecord { kept: self.clock.now(), head: head.to_text() };
        let write = |tx: Transaction| {
            let (key, record) = (&key, &record);
            async move {
                let kept = tx.read::<AuditHeadRecord>(key).await?;
                let kept = kept.and_then(|kept| SignedHead::parse(&kept.head).ok());
                if kept.is_some_and(|kept| !head.follows(&kept)) {
                    return Err(KeepHeadError::Backwards);
                }
                tx.put(key, record)?;
                Ok(())
            }
        };
        self.store.transact("KeepAuditHead", write).await?;
        Ok(())
    }
}
