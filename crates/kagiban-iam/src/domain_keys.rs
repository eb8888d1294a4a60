//! The domain keys in use, as everything that wraps or unwraps shares them: one ring, or none while the deployment is sealed.
//!
//! Read by every request and replaced hardly ever, so reading takes no lock. Whoever is at work with a ring when it is replaced
//! finishes with it; the keys of the last one are wiped when the last such request is through.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwapOption;
use kagiban_base::random::Random;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::hierarchy::{
    DomainKey, DomainKeyId, DomainKeyRing, RingError, UnwrapError, WrapError, WrappedSecret,
};
use kagiban_keycore::row_binding::RowBinding;

/// A place for a ring of domain keys.
pub struct DomainKeys {
    ring: ArcSwapOption<DomainKeyRing>,
    /// Held by who changes the ring: the key that shall lead it, known or not.
    leading: Mutex<Option<DomainKeyId>>,
    /// Whether there is a ring, and that key is not in it.
    is_behind: AtomicBool,
}

impl DomainKeys {
    /// With this ring in it; without one, sealed.
    pub fn new(ring: Option<DomainKeyRing>) -> Self {
        Self { ring: ArcSwapOption::from_pointee(ring), leading: Mutex::default(), is_behind: AtomicBool::new(false) }
    }

    /// Puts another ring in place, or none.
    pub fn replace(&self, ring: Option<DomainKeyRing>) {
        let leading = self.changing();
        self.put(ring, *leading);
    }

    /// Adds a key, unless the deployment is sealed or the key is there.
    ///
    /// # Errors
    /// [`RingError`]
    pub fn add(&self, key: DomainKey) -> Result<(), RingError> {
        let leading = self.changing();
        let (id, ring) = (key.id(), self.ring.load_full());
        if let Some(ring) = ring.filter(|ring| !ring.contains(id)) {
            self.put(Some(ring.with(key)?), *leading);
        }
        Ok(())
    }

    /// Has what is sealed from now on sealed by this key, as soon as it is known.
    pub fn lead(&self, id: DomainKeyId) {
        let mut leading = self.changing();
        *leading = Some(id);
        if let Some(ring) = self.ring.load_full() {
            self.put(Some(ring.keeping_only(|_| true)), *leading);
        }
    }

    /// Lets go of the keys that are not wanted, but for the current one.
    pub fn keep_only(&self, is_wanted: impl Fn(DomainKeyId) -> bool) {
        let leading = self.changing();
        if let Some(ring) = self.ring.load_full() {
            self.put(Some(ring.keeping_only(is_wanted)), *leading);
        }
    }

    /// Whether the key is missing that shall lead the ring, and with it what others write by now cannot be opened here.
    pub fn is_behind(&self) -> bool {
        self.is_behind.load(Ordering::Acquire)
    }

    fn put(&self, ring: Option<DomainKeyRing>, leading: Option<DomainKeyId>) {
        let ring = ring.map(|ring| leading.and_then(|id| ring.led_by(id)).unwrap_or(ring));
        let is_behind = leading.is_some_and(|id| ring.as_ref().is_some_and(|ring| !ring.contains(id)));
        self.ring.store(ring.map(Into::into));
        self.is_behind.store(is_behind, Ordering::Release);
    }

    fn changing(&self) -> MutexGuard<'_, Option<DomainKeyId>> {
        self.leading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is no ring: nothing can be wrapped or unwrapped.
    pub fn is_sealed(&self) -> bool {
        self.ring.load().is_none()
    }

    /// Whether there is a key of this id.
    pub fn contains(&self, id: DomainKeyId) -> bool {
        self.ring.load().as_ref().is_some_and(|ring| ring.contains(id))
    }

    /// The key that wraps now.
    pub fn current_id(&self) -> Option<DomainKeyId> {
        self.ring.load().as_ref().map(|ring| ring.current_id())
    }

    /// As [`DomainKeyRing::wrap`].
    ///
    /// # Errors
    /// [`WrapError`]; [`WrapError::NoDomainKey`] while the deployment is sealed.
    pub fn wrap(&self, secret: &[u8], binding: &RowBinding, random: &dyn Random) -> Result<WrappedSecret, WrapError> {
        self.ring.load().as_ref().ok_or(WrapError::NoDomainKey)?.wrap(secret, binding, random)
    }

    /// As [`DomainKeyRing::wrap_by`].
    ///
    /// # Errors
    /// [`WrapError`]; [`WrapError::NoDomainKey`] while the deployment is sealed.
    pub fn wrap_by(
        &self,
        id: DomainKeyId,
        secret: &[u8],
        binding: &RowBinding,
        random: &dyn Random,
    ) -> Result<WrappedSecret, WrapError> {
        self.ring.load().as_ref().ok_or(WrapError::NoDomainKey)?.wrap_by(id, secret, binding, random)
    }

    /// As [`DomainKeyRing::unwrap_key`].
    ///
    /// # Errors
    /// [`UnwrapError`]; while the deployment is sealed no domain key is known.
    pub fn unwrap_key(&self, wrapped: &WrappedSecret, binding: &RowBinding) -> Result<SecretBytes, UnwrapError> {
        let ring = self.ring.load();
        let unknown = UnwrapError::UnknownDomainKey { id: wrapped.domain_key_id() };
        ring.as_ref().ok_or(unknown)?.unwrap_key(wrapped, binding)
    }
}

impl fmt::Debug for DomainKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DomainKeys").field(&self.ring.load().as_deref()).finish()
    }
}
