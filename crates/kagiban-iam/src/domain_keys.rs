//! The domain keys in use, as everything that wraps or unwraps shares them: one ring, or none while the deployment is sealed.
//!
//! Read by every request and replaced hardly ever, so reading takes no lock. Whoever is at work with a ring when it is replaced
//! finishes with it; the keys of the last one are wiped when the last such request is through.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::hierarchy::{DomainKeyId, DomainKeyRing, UnwrapError, WrapError, WrappedSecret};
use kagiban_keycore::row_binding::RowBinding;

/// A place for a ring of domain keys.
pub struct DomainKeys(ArcSwapOption<DomainKeyRing>);

impl DomainKeys {
    /// With this ring in it; without one, sealed.
    pub fn new(ring: Option<DomainKeyRing>) -> Self {
        Self(ArcSwapOption::from_pointee(ring))
    }

    /// Puts another ring in place, or none.
    pub fn replace(&self, ring: Option<DomainKeyRing>) {
        self.0.store(ring.map(Arc::new));
    }

    /// Whether there is no ring: nothing can be wrapped or unwrapped.
    pub fn is_sealed(&self) -> bool {
        self.0.load().is_none()
    }

    /// The ring itself, for whoever makes another one of it.
    pub fn ring(&self) -> Option<Arc<DomainKeyRing>> {
        self.0.load_full()
    }

    /// The key that wraps now.
    pub fn current_id(&self) -> Option<DomainKeyId> {
        self.0.load().as_ref().map(|ring| ring.current_id())
    }

    /// As [`DomainKeyRing::wrap`].
    ///
    /// # Errors
    /// [`WrapError`]; [`WrapError::NoDomainKey`] while the deployment is sealed.
    pub fn wrap(&self, secret: &[u8], binding: &RowBinding, random: &dyn Random) -> Result<WrappedSecret, WrapError> {
        self.0.load().as_ref().ok_or(WrapError::NoDomainKey)?.wrap(secret, binding, random)
    }

    /// As [`DomainKeyRing::unwrap_key`].
    ///
    /// # Errors
    /// [`UnwrapError`]; while the deployment is sealed no domain key is known.
    pub fn unwrap_key(&self, wrapped: &WrappedSecret, binding: &RowBinding) -> Result<SecretBytes, UnwrapError> {
        let ring = self.0.load();
        let unknown = UnwrapError::UnknownDomainKey { id: wrapped.domain_key_id() };
        ring.as_ref().ok_or(unknown)?.unwrap_key(wrapped, binding)
    }
}

impl fmt::Debug for DomainKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DomainKeys").field(&self.0.load().as_deref()).finish()
    }
}
