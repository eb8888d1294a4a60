//! Secrets at rest: wrapped under the deployment's domain keys, bound to their row.

use std::fmt;
use std::sync::Arc;

use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::hierarchy::{DomainKeyId, WrapError, WrappedSecret};
use kagiban_keycore::row_binding::RowBinding;

use crate::domain_keys::DomainKeys;

/// A wrapped secret does not open: wrong root key, or a damaged or moved row.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a wrapped secret does not open")]
pub struct SecretUnreadable;

/// Wraps and opens secrets. Debug shows nothing.
#[derive(Clone)]
pub struct Secrets {
    domain_keys: Arc<DomainKeys>,
}

impl Secrets {
    /// Secrets under these domain keys.
    pub fn new(domain_keys: Arc<DomainKeys>) -> Self {
        Self { domain_keys }
    }

    /// Opens a secret from the row that `binding` names.
    ///
    /// # Errors
    /// [`SecretUnreadable`], whatever the cause.
    pub fn open(&self, wrapped: &[u8], binding: &RowBinding) -> Result<SecretBytes, SecretUnreadable> {
        let wrapped = WrappedSecret::decode(wrapped).map_err(|_| SecretUnreadable)?;
        self.domain_keys.unwrap_key(&wrapped, binding).map_err(|_| SecretUnreadable)
    }

    /// The domain key that a wrapped secret needs; `None` for what is no such secret.
    pub(crate) fn domain_key_of(wrapped: &[u8]) -> Option<DomainKeyId> {
        Some(WrappedSecret::decode(wrapped).ok()?.domain_key_id())
    }

    /// Whether this domain key is there still, so that what was opened with it may be used.
    pub(crate) fn has(&self, id: DomainKeyId) -> bool {
        self.domain_keys.contains(id)
    }

    /// Wraps a secret for the row that `binding` names.
    ///
    /// # Errors
    /// [`WrapError`]
    pub fn wrap(&self, secret: &[u8], binding: &RowBinding, random: &dyn Random) -> Result<Vec<u8>, WrapError> {
        Ok(self.domain_keys.wrap(secret, binding, random)?.encode())
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets")
    }
}
