//! Domain keys as rows: opened by the root key or by the recovery key, and sealed to the latter.
//!
//! What is sealed to a recipient can be made by anybody who knows it. A domain key that the recovery key opens is therefore
//! only as genuine as the store; what was wrapped under the true one does not open under another.

use kagiban_base::secret::{SecretArray, SecretBytes};
use kagiban_iam::domain_keys::DomainKeys;
use kagiban_keycore::hierarchy::{DomainKey, DomainKeyId, DomainKeyRing, RingError, WrappedSecret};
use kagiban_keycore::root_key::{RootKey, RootKeyError};
use kagiban_recovery::{OpenError, RecoveryIdentity, RecoveryRecipient, SealError};
use kagiban_storage::{Prefix, StoreError, StoreSnapshot};

use crate::records::deployment::{DeploymentRecord, DeploymentRowKey};
use crate::records::domain_key::{DomainKeyRecord, DomainKeyRowKey};

/// Domain keys that one store can hold: far more than rotations in a lifetime.
pub(crate) const DOMAIN_KEYS_MAX: usize = 1000;
/// Bytes that are sealed: id and key.
const SEALED_LEN: usize = 48;

/// The stored domain keys do not make a ring.
#[derive(Debug, thiserror::Error)]
pub enum DomainKeysError {
    /// The deployment has no root key.
    #[error("domain key {0} is not wrapped by a root key: start with --root-key shares, and unseal with shares")]
    NotWrapped(DomainKeyId),
    /// The recovery key was made before this could be sealed to it, or is another one.
    #[error("domain key {0} is not sealed to the recovery key")]
    NotSealed(DomainKeyId),
    /// The root key does not open one.
    #[error("the root key does not open this store")]
    RootKey(#[from] RootKeyError),
    /// The recovery key does not open one.
    #[error("the recovery key does not open domain key {id}")]
    RecoveryKey {
        /// Which.
        id: DomainKeyId,
        /// Why not.
        source: OpenError,
    },
    /// What was sealed is not the domain key of its row.
    #[error("what is sealed in the row of domain key {0} is another one: the store was tampered with or is damaged")]
    OtherKey(DomainKeyId),
    /// The current one is not among them.
    #[error("the current domain key {0} is not in the store: it was tampered with or is damaged")]
    NoCurrent(DomainKeyId),
    /// They could not be prepared.
    #[error(transparent)]
    Ring(#[from] RingError),
}

/// The domain keys of a store as they lie there.
#[derive(Debug)]
pub(crate) struct StoredDomainKeys {
    pub(crate) current: DomainKeyId,
    pub(crate) rows: Vec<(DomainKeyRowKey, DomainKeyRecord)>,
}

impl StoredDomainKeys {
    /// Those of this snapshot; `None` where there is no deployment.
    pub(crate) async fn read(snapshot: &StoreSnapshot) -> Result<Option<Self>, StoreError> {
        let Some(deployment) = snapshot.read::<DeploymentRecord>(&DeploymentRowKey).await? else { return Ok(None) };
        let page = snapshot.scan::<DomainKeyRecord>(&Prefix::all(), None, DOMAIN_KEYS_MAX).await?;
        Ok(Some(Self { current: deployment.current_domain_key, rows: page.rows }))
    }

    /// The ring, by the root key.
    pub(crate) fn open_by_root_key(&self, root_key: &dyn RootKey) -> Result<DomainKeyRing, DomainKeysError> {
        self.ring(|row, record| unwrap(row, record, root_key))
    }

    /// The ring, by the recovery key.
    pub(crate) fn open_by_recovery_key(&self, identity: &RecoveryIdentity) -> Result<DomainKeyRing, DomainKeysError> {
        self.ring(|row, record| open_sealed(row, record, identity))
    }

    fn ring(
        &self,
        open: impl Fn(&DomainKeyRowKey, &DomainKeyRecord) -> Result<DomainKey, DomainKeysError>,
    ) -> Result<DomainKeyRing, DomainKeysError> {
        let (mut current, mut older) = (None, Vec::new());
        for (row, record) in &self.rows {
            let domain_key = open(row, record)?;
            if row.0 == self.current { current = Some(domain_key) } else { older.push(domain_key) }
        }
        Ok(DomainKeyRing::new(current.ok_or(DomainKeysError::NoCurrent(self.current))?, older)?)
    }
}

/// A domain key out of its wrapping by the root key.
pub(crate) fn unwrap(
    row: &DomainKeyRowKey,
    record: &DomainKeyRecord,
    root_key: &dyn RootKey,
) -> Result<DomainKey, DomainKeysError> {
    let unwrap = |wrapped: &Vec<u8>| root_key.unwrap_key(wrapped, &row.binding());
    let secret = match (record.wrapped.as_ref().map(unwrap), &record.also_wrapped) {
        (Some(Err(RootKeyError::WrongRootKey { .. })) | None, Some(also)) => unwrap(also)?,
        (Some(unwrapped), _) => unwrapped?,
        (None, None) => return Err(DomainKeysError::NotWrapped(row.0)),
    };
    Ok(DomainKey::new(row.0, secret))
}

/// A domain key out of its wrapping by the one before, if it has one and that is known.
pub(crate) fn open_handed_over(
    row: &DomainKeyRowKey,
    record: &DomainKeyRecord,
    domain_keys: &DomainKeys,
) -> Option<DomainKey> {
    let wrapped = WrappedSecret::decode(record.handed_over.as_ref()?).ok()?;
    let opened = domain_keys.unwrap_key(&wrapped, &row.handover_binding()).ok()?;
    Some(DomainKey::new(row.0, SecretArray::from_slice(opened.expose())?))
}

/// A domain key, sealed to the recovery key: a file of age with the id's 16 bytes and the key's 32 in it.
///
/// # Errors
/// [`SealError`]
pub(crate) fn seal(domain_key: &DomainKey, recipient: &RecoveryRecipient) -> Result<Vec<u8>, SealError> {
    let id = domain_key.id();
    let parts = [id.as_bytes().as_slice(), domain_key.secret().expose()];
    recipient.seal(SecretBytes::new(parts.concat()).expose())
}

/// The domain key of a row, by the recovery key.
pub(crate) fn open_sealed(
    row: &DomainKeyRowKey,
    record: &DomainKeyRecord,
    identity: &RecoveryIdentity,
) -> Result<DomainKey, DomainKeysError> {
    let id = row.0;
    let sealed = record.sealed.as_ref().ok_or(DomainKeysError::NotSealed(id))?;
    let opened = identity.open(sealed, SEALED_LEN).map_err(|source| DomainKeysError::RecoveryKey { id, source })?;
    let key = opened.expose().strip_prefix(id.as_bytes()).and_then(SecretArray::from_slice);
    Ok(DomainKey::new(id, key.ok_or(DomainKeysError::OtherKey(id))?))
}
