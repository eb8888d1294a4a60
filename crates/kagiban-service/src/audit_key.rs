//! The key that signs what the audit proves: made at the first start, sealed in the store as other secrets are, and replaced
//! every year. The public halves of all keys there ever were are kept: what they signed is to be checked for years.
//!
//! It is no KMS key: nobody can use, disable or delete it through the API. Whoever has the root key and the store can sign
//! with it; `docs/audit.md` says what follows from that.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use kagiban_audit::signing::{PublicKey, Signer, SigningFailed};
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::{Clock, Timestamp};
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_keycore::PrimitiveFailed;
use kagiban_keycore::hierarchy::{InvalidWrappedSecret, UnwrapError, WrapError, WrappedSecret};
use kagiban_keycore::material::{GenerateError, InvalidKeyMaterial, KeyMaterial};
use kagiban_keycore::message::Message;
use kagiban_keycore::spec::{KeySpec, SigningAlgorithm};
use kagiban_storage::{Prefix, RowPage, Store, StoreError, Transaction};

use crate::Service;
use crate::records::audit_key::{AuditKeyRecord, AuditKeyRowKey};

/// Days for which a key signs before the next one is made.
const SIGNS_DAYS: i64 = 365;
/// Days for which it may go on if no next one can be made: the store may be down.
const GRACE_DAYS: i64 = 30;
/// Keys there can ever be: one a year, and some for clocks that were set.
const KEYS_MAX: usize = 1000;

/// There is no signing key to be had.
#[derive(Debug, thiserror::Error)]
pub enum AuditKeyError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No key pair could be made.
    #[error("no signing key could be made for the audit")]
    Generate(#[from] GenerateError),
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// The private key could not be sealed.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// What is stored is no sealed key.
    #[error("the stored signing key of the audit is damaged")]
    Damaged(#[from] InvalidWrappedSecret),
    /// The sealed key does not open.
    #[error("the stored signing key of the audit does not open")]
    Unwrap(#[from] UnwrapError),
    /// What was sealed is no key.
    #[error("the stored signing key of the audit is no key")]
    Invalid(#[from] InvalidKeyMaterial),
    /// Too many keys in the store.
    #[error("the store has more than {KEYS_MAX} signing keys of the audit")]
    TooMany,
}

/// Signs with the deployment's key.
pub struct AuditSigner {
    keys: AuditKeys,
    signing: RwLock<Arc<SigningKey>>,
}

/// One key, opened.
struct SigningKey {
    number: u64,
    public: PublicKey,
    pair: KeyMaterial,
    random: Arc<dyn Random>,
}

/// Where the keys are, and what opens them.
struct AuditKeys {
    store: Store,
    domain_keys: Arc<DomainKeys>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Service {
    /// The deployment's signer; makes the key if there is none yet or the last one's time is over, which takes a tenth of
    /// a second. To be called once, at the start.
    ///
    /// # Errors
    /// [`AuditKeyError`]
    pub async fn audit_signer(&self) -> Result<Arc<AuditSigner>, AuditKeyError> {
        let keys = AuditKeys {
            store: self.store.clone(),
            domain_keys: Arc::clone(&self.domain_keys),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
        };
        let current = keys.current().await?;
        Ok(Arc::new(AuditSigner { keys, signing: RwLock::new(Arc::new(current)) }))
    }

    /// The public halves of all keys there ever were, oldest first.
    ///
    /// # Errors
    /// [`AuditKeyError::Store`], [`AuditKeyError::TooMany`]
    pub async fn audit_public_keys(&self) -> Result<Vec<PublicKey>, AuditKeyError> {
        let page = self.store.snapshot().await?.scan::<AuditKeyRecord>(&Prefix::all(), None, KEYS_MAX).await?;
        if page.more {
            return Err(AuditKeyError::TooMany);
        }
        Ok(page.rows.iter().map(|(_, record)| public(record)).collect())
    }
}

impl AuditSigner {
    /// Makes the next key if it is time. Returns whether another key signs now. To be called now and then.
    ///
    /// # Errors
    /// [`AuditKeyError`]; the key of before goes on signing.
    pub async fn renew(&self) -> Result<bool, AuditKeyError> {
        let signing = self.signing();
        if !is_due(signing.public.valid_from, self.keys.clock.now()) {
            return Ok(false);
        }
        let current = self.keys.current().await?;
        let is_other = current.number != signing.number;
        *self.signing.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(current);
        Ok(is_other)
    }

    fn signing(&self) -> Arc<SigningKey> {
        Arc::clone(&self.signing.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Signer for AuditSigner {
    fn public_key(&self) -> PublicKey {
        self.signing().public.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.signing().sign(message)
    }

    fn sign_as(&self, fingerprint: &str, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let signing = self.signing();
        if *signing.public.fingerprint == *fingerprint { signing.sign(message) } else { Err(SigningFailed) }
    }
}

impl fmt::Debug for AuditSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditSigner").field("fingerprint", &self.signing().public.fingerprint).finish_non_exhaustive()
    }
}

impl SigningKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let signed = self.pair.sign(SigningAlgorithm::RsassaPkcs1V15Sha256, Message::Raw(message), &*self.random);
        signed.map_err(|_| SigningFailed)
    }
}

impl AuditKeys {
    /// The key that is to sign now; the next one is made if it is time.
    async fn current(&self) -> Result<SigningKey, AuditKeyError> {
        let now = self.clock.now();
        let latest = latest(&self.store.snapshot().await?.scan(&Prefix::all(), None, KEYS_MAX).await?)?;
        match latest {
            Some((number, record)) if !is_due(record.valid_from, now) => self.open(number, &record),
            latest => {
                let number = latest.map_or(0, |(number, _)| number).saturating_add(1);
                let (number, record) = self.insert(number, &self.make(number, now)?).await?;
                self.open(number, &record)
            }
        }
    }

    fn make(&self, number: u64, now: Timestamp) -> Result<AuditKeyRecord, AuditKeyError> {
        let pair = KeyMaterial::generate(KeySpec::Rsa2048, &*self.random)?;
        let public_key = pair.public_key().and_then(|key| key.pkcs1_der()).ok_or(PrimitiveFailed)?.to_vec();
        let binding = AuditKeyRowKey(number).binding(&public_key);
        let wrapped = self.domain_keys.wrap(pair.encode()?.expose(), &binding, &*self.random)?;
        Ok(AuditKeyRecord {
            valid_from: now,
            valid_until: now.plus_days(SIGNS_DAYS + GRACE_DAYS),
            public_key,
            wrapped_private_key: wrapped.encode(),
        })
    }

    /// Writes a new key down, unless another node was faster; gives the one that counts.
    async fn insert(&self, number: u64, made: &AuditKeyRecord) -> Result<(u64, AuditKeyRecord), StoreError> {
        let write = |tx: Transaction| async move {
            let key = AuditKeyRowKey(number);
            if let Some(faster) = tx.read::<AuditKeyRecord>(&key).await? {
                return Ok(faster);
            }
            tx.insert(&key, made).await?;
            Ok::<_, StoreError>(made.clone())
        };
        Ok((number, self.store.transact("MakeAuditKey", write).await?.0))
    }

    fn open(&self, number: u64, record: &AuditKeyRecord) -> Result<SigningKey, AuditKeyError> {
        let binding = AuditKeyRowKey(number).binding(&record.public_key);
        let wrapped = WrappedSecret::decode(&record.wrapped_private_key)?;
        let private: SecretBytes = self.domain_keys.unwrap_key(&wrapped, &binding)?;
        let pair = KeyMaterial::decode(KeySpec::Rsa2048, &private)?;
        Ok(SigningKey { number, public: public(record), pair, random: Arc::clone(&self.random) })
    }
}

/// Whether a key has signed for long enough. A clock that was set back makes no new key.
fn is_due(valid_from: Timestamp, now: Timestamp) -> bool {
    now >= valid_from.plus_days(SIGNS_DAYS)
}

fn latest(page: &RowPage<AuditKeyRecord>) -> Result<Option<(u64, AuditKeyRecord)>, AuditKeyError> {
    if page.more {
        return Err(AuditKeyError::TooMany);
    }
    Ok(page.rows.last().map(|(AuditKeyRowKey(number), record)| (*number, record.clone())))
}

fn public(record: &AuditKeyRecord) -> PublicKey {
    PublicKey::new(&record.public_key, record.valid_from, record.valid_until)
}
