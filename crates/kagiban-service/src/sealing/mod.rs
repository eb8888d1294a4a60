//! Sealed: the process runs and has no domain keys, so it can open nothing of what it stores, and refuses everything.
//!
//! A deployment whose domain keys no root key wraps starts so, and any can be brought into it by an operator. Out of it leads
//! the recovery key only (`unseal`), or a start with the root key. Sealing is this process's, and other nodes on the store go on, unless all of
//! them are ordered to be sealed (`order`).
//!
//! What sealing does not do: the audit's signing key stays in memory, so that what happens meanwhile is recorded and signed;
//! and a request that was at work when its process was sealed finishes.

pub(crate) mod give_shares;
pub(crate) mod order;
pub(crate) mod stored;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use kagiban_keycore::hierarchy::DomainKeyRing;
use kagiban_keycore::root_key::RootKey;
use kagiban_storage::StoreError;
use tokio::sync::watch;

pub(crate) use self::give_shares::{Asked, answer, asked};
pub use self::stored::DomainKeysError;
use crate::Service;
use crate::error::{InternalError, ServiceError};
use crate::operator::OperatorError;
use crate::records::recovery_key::{RecoveryKeyRecord, RecoveryKeyRowKey};
use crate::work::{self, Lane};
use give_shares::Collected;

/// What is said while the deployment is sealed.
pub(crate) const SEALED: &str = "This server is sealed: it has no keys until enough people give it their shares of the recovery key (kagiban unseal).";

/// Where the root key comes from, for what needs it again while the service runs: a key for domain keys that nobody keeps in
/// memory for it.
pub trait RootKeySource: Send + Sync {
    /// The root key. May read files and take a good part of a second.
    ///
    /// # Errors
    /// What there is to be said about it, for the log.
    fn open(&self) -> Result<Box<dyn RootKey>, Box<dyn std::error::Error + Send + Sync>>;
}

/// Whether a service is sealed, and what was done about it.
pub(crate) struct Sealing {
    /// Whether requests are refused.
    is_closed: AtomicBool,
    collected: Mutex<Collected>,
    /// Whether there are domain keys.
    has_keys: watch::Sender<bool>,
    root_key: OnceLock<Arc<dyn RootKeySource>>,
    /// Whether the domain keys are gone because all nodes were ordered to be sealed.
    is_ordered: AtomicBool,
}

impl Sealing {
    /// Of a service that begins with domain keys, or sealed, because all nodes are ordered to be or not.
    pub(crate) fn new(has_keys: bool, is_ordered: bool) -> Self {
        Self {
            is_ordered: AtomicBool::new(is_ordered),
            is_closed: AtomicBool::new(!has_keys),
            collected: Mutex::new(Collected::new(has_keys)),
            has_keys: watch::Sender::new(has_keys),
            root_key: OnceLock::new(),
        }
    }

    fn has_root_key(&self) -> bool {
        self.root_key.get().is_some()
    }

    fn collected(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Whether requests are refused because the service is sealed.
    pub fn is_sealed(&self) -> bool {
        self.sealing.is_closed.load(SeqCst) || self.view.seal_order().is_in_force()
    }

    /// Returns once the service has domain keys. Of one that was opened sealed, requests are refused until
    /// [`Self::begin_answering`]: what needs the keys can be begun before.
    pub async fn unsealed(&self) {
        let mut has_keys = self.sealing.has_keys.subscribe();
        // The sender lives as long as this service.
        _ = has_keys.wait_for(|has_keys| *has_keys).await;
    }

    /// From now on requests are answered whenever there are domain keys.
    pub fn begin_answering(&self) {
        let mut collected = self.sealing.collected();
        collected.may_answer = true;
        self.sealing.is_closed.store(self.domain_keys.is_sealed(), SeqCst);
    }

    /// Has the root key opened here again when something needs it. Once.
    pub fn root_key_from(&self, source: Arc<dyn RootKeySource>) {
        _ = self.sealing.root_key.set(source);
    }

    /// Lets go of the domain keys and of everything that they opened.
    pub(crate) fn seal(&self) {
        let mut collected = self.sealing.collected();
        self.sealing.is_closed.store(true, SeqCst);
        self.sealing.has_keys.send_replace(false);
        self.domain_keys.replace(None);
        collected.forget_shares();
        self.rsa_stock.forget();
        self.forget_opened();
        tracing::warn!(
            "sealed: the domain keys are gone from memory, and every request is refused until it is unsealed"
        );
    }

    /// Wipes what was opened with domain keys and kept. Requests that were under way while the service was sealed may have put
    /// something there after it was wiped; so it is done again after them.
    pub(crate) fn forget_opened(&self) {
        self.view.forget_parsed();
        self.iam.credentials.forget_secrets();
    }

    fn install(&self, ring: DomainKeyRing, collected: &mut Collected) {
        self.sealing.is_ordered.store(false, SeqCst);
        self.domain_keys.replace(Some(ring));
        collected.forget_shares();
        self.sealing.is_closed.store(!collected.may_answer, SeqCst);
        self.sealing.has_keys.send_replace(true);
        // The shares opened what was stored a moment ago.
        self.view.domain_keys().look_again();
    }

    /// The root key, opened again on a worker.
    pub(crate) async fn root_key_again(&self) -> Result<Box<dyn RootKey>, ServiceError> {
        let source = self.sealing.root_key.get().cloned().ok_or(OperatorError::NoRootKey)?;
        let opened = work::run(self.workers.as_ref(), Lane::KeyGeneration, move || source.open()).await?;
        opened.map_err(|error| {
            tracing::error!(error = &*error as &dyn std::error::Error, "the root key cannot be opened again");
            OperatorError::RootKeyUnreadable.into()
        })
    }

    /// The recovery key's public half, if the deployment has one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn recovery_recipient(&self) -> Result<Option<kagiban_recovery::RecoveryRecipient>, StoreError> {
        Ok(self.recovery_key().await?.map(|record| record.recipient))
    }

    pub(crate) async fn recovery_key(&self) -> Result<Option<RecoveryKeyRecord>, StoreError> {
        self.store.snapshot().await?.read(&RecoveryKeyRowKey).await
    }
}

impl From<DomainKeysError> for ServiceError {
    fn from(error: DomainKeysError) -> Self {
        Self::Internal(InternalError::Cryptography(Box::new(error)))
    }
}

impl From<kagiban_recovery::SealError> for ServiceError {
    fn from(error: kagiban_recovery::SealError) -> Self {
        Self::Internal(InternalError::Cryptography(Box::new(error)))
    }
}
