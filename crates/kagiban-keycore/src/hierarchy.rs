//! Domain keys: between the root key, which is hard to reach, and key material, which is unwrapped at every request.
//!
//! A ring holds the domain keys in use, ready to work: the current one wraps, all of them unwrap. Rotating means adding
//! a new current key and wrapping the rows again one by one; until the last is done the older keys stay. What this
//! does not protect against is somebody who puts the whole store back to an earlier state; `docs/key-hierarchy.md`
//! says more.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use kagiban_base::id::InvalidId;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};

use crate::PrimitiveFailed;
use crate::aead::{AeadKey, NONCE_LEN, TAG_LEN};
use crate::row_binding::RowBinding;

/// The most bytes of a secret that can be wrapped; the largest private key of any key spec is far smaller.
pub const SECRET_LEN_MAX: usize = 16 * 1024;

/// The public name of a domain key: 16 random bytes, shown as 32 lower-case hex digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DomainKeyId([u8; 16]);

impl DomainKeyId {
    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for DomainKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for DomainKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainKeyId({self})")
    }
}

impl FromStr for DomainKeyId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("domain key id");
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 32 || !text.bytes().all(is_digit) {
            return Err(invalid);
        }
        u128::from_str_radix(text, 16).map(|number| Self(number.to_be_bytes())).map_err(|_| invalid)
    }
}

/// A domain key as it is made, wrapped by the root key, or put into a ring. A ring takes it over and wipes the bytes.
#[derive(Debug)]
pub struct DomainKey {
    id: DomainKeyId,
    secret: SecretArray<32>,
}

impl DomainKey {
    /// A fresh key with a fresh id.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let mut secret = SecretArray::zeroed();
        random.fill_secret(secret.expose_mut())?;
        Ok(Self { id: DomainKeyId(public_array(random)?), secret })
    }

    /// A stored key, unwrapped by the root key.
    pub fn new(id: DomainKeyId, secret: SecretArray<32>) -> Self {
        Self { id, secret }
    }

    /// The key's name.
    pub fn id(&self) -> DomainKeyId {
        self.id
    }

    /// The bytes, for [`crate::root_key::RootKey::wrap`].
    pub fn secret(&self) -> &SecretArray<32> {
        &self.secret
    }
}

/// A ring cannot be made of these keys.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RingError {
    /// Two of the keys have the same id.
    #[error("two domain keys have the id {id}")]
    DuplicateId {
        /// The id.
        id: DomainKeyId,
    },
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
}

/// A secret could not be wrapped.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WrapError {
    /// The secret is empty or too long.
    #[error("a secret of {len} bytes, not 1 to {SECRET_LEN_MAX}")]
    Length {
        /// Bytes there are.
        len: usize,
    },
    /// The ring has no such key.
    #[error("domain key {id} is not known")]
    UnknownDomainKey {
        /// The domain key that is to wrap.
        id: DomainKeyId,
    },
    /// There is no ring: the deployment is sealed.
    #[error("there is no domain key to wrap with: the deployment is sealed")]
    NoDomainKey,
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A wrapped secret could not be unwrapped. Ours or the store's fault, never a caller's.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnwrapError {
    /// The value was changed, or moved here from another row.
    #[error("the wrapped secret was changed or belongs to another row")]
    DoesNotOpen,
    /// The domain key is not in the ring.
    #[error("domain key {id} is not known")]
    UnknownDomainKey {
        /// The domain key that is needed.
        id: DomainKeyId,
    },
}

/// The domain keys in use. Cheap to share; changing means making another ring, whose keys are the same objects.
#[derive(Clone)]
pub struct DomainKeyRing {
    current: DomainKeyId,
    current_key: Arc<AeadKey>,
    older: BTreeMap<DomainKeyId, Arc<AeadKey>>,
}

impl DomainKeyRing {
    /// A ring that wraps with `current` and unwraps with any.
    ///
    /// # Errors
    /// [`RingError`]
    pub fn new(current: DomainKey, older: impl IntoIterator<Item = DomainKey>) -> Result<Self, RingError> {
        let mut ring = Self { current: current.id, current_key: prepare(&current)?, older: BTreeMap::new() };
        for key in older {
            if ring.contains(key.id) {
                return Err(RingError::DuplicateId { id: key.id });
            }
            ring.older.insert(key.id, prepare(&key)?);
        }
        Ok(ring)
    }

    /// This ring with another current key; the one that was current becomes an older one.
    ///
    /// # Errors
    /// [`RingError`]
    pub fn rotated(&self, current: DomainKey) -> Result<Self, RingError> {
        if self.contains(current.id) {
            return Err(RingError::DuplicateId { id: current.id });
        }
        let mut older = self.older.clone();
        older.insert(self.current, Arc::clone(&self.current_key));
        Ok(Self { current: current.id, current_key: prepare(&current)?, older })
    }

    /// This ring with one more key, which unwraps and does not wrap yet: others may write with it before this ring is led by it.
    ///
    /// # Errors
    /// [`RingError`]
    pub fn with(&self, key: DomainKey) -> Result<Self, RingError> {
        if self.contains(key.id) {
            return Err(RingError::DuplicateId { id: key.id });
        }
        let mut ring = self.clone();
        ring.older.insert(key.id, prepare(&key)?);
        Ok(ring)
    }

    /// This ring with another of its keys as the current one; `None` when it has none of that id.
    pub fn led_by(&self, id: DomainKeyId) -> Option<Self> {
        if id == self.current {
            return Some(self.clone());
        }
        let mut older = self.older.clone();
        let current_key = older.remove(&id)?;
        older.insert(self.current, Arc::clone(&self.current_key));
        Some(Self { current: id, current_key, older })
    }

    /// This ring without those of its keys that are not wanted. The current one stays.
    #[must_use]
    pub fn keeping_only(&self, is_wanted: impl Fn(DomainKeyId) -> bool) -> Self {
        let mut ring = self.clone();
        ring.older.retain(|id, _| is_wanted(*id));
        ring
    }

    /// The keys that there are, the current one first.
    pub fn ids(&self) -> impl Iterator<Item = DomainKeyId> {
        std::iter::once(self.current).chain(self.older.keys().copied())
    }

    /// The key that wraps. A row wrapped by another is due to be wrapped again.
    pub fn current_id(&self) -> DomainKeyId {
        self.current
    }

    /// Whether the ring has a key of this id.
    pub fn contains(&self, id: DomainKeyId) -> bool {
        self.key(id).is_some()
    }

    /// Wraps a secret of 1 to [`SECRET_LEN_MAX`] bytes so that it opens in this row only.
    ///
    /// # Errors
    /// [`WrapError`]
    pub fn wrap(&self, secret: &[u8], binding: &RowBinding, random: &dyn Random) -> Result<WrappedSecret, WrapError> {
        self.wrap_by(self.current, secret, binding, random)
    }

    /// The same by the key of this id, which need not be the current one.
    ///
    /// # Errors
    /// [`WrapError`]
    pub fn wrap_by(
        &self,
        id: DomainKeyId,
        secret: &[u8],
        binding: &RowBinding,
        random: &dyn Random,
    ) -> Result<WrappedSecret, WrapError> {
        let key = self.key(id).ok_or(WrapError::UnknownDomainKey { id })?;
        if secret.is_empty() || secret.len() > SECRET_LEN_MAX {
            return Err(WrapError::Length { len: secret.len() });
        }
        let nonce = public_array(random)?;
        let mut sealed = Vec::with_capacity(secret.len() + TAG_LEN);
        key.seal(secret, nonce, binding.as_bytes(), &mut sealed)?;
        Ok(WrappedSecret { domain_key_id: id, nonce, sealed: Sealed::new(&sealed) })
    }

    /// The secret in `wrapped`, which was found in the row that `binding` names. Some 0.2 us: cheap enough for every
    /// request.
    ///
    /// # Errors
    /// [`UnwrapError`]
    pub fn unwrap_key(&self, wrapped: &WrappedSecret, binding: &RowBinding) -> Result<SecretBytes, UnwrapError> {
        let id = wrapped.domain_key_id;
        let key = self.key(id).ok_or(UnwrapError::UnknownDomainKey { id })?;
        key.open(wrapped.sealed.as_slice(), wrapped.nonce, binding.as_bytes()).map_err(|_| UnwrapError::DoesNotOpen)
    }

    fn key(&self, id: DomainKeyId) -> Option<&AeadKey> {
        if id == self.current { Some(&self.current_key) } else { self.older.get(&id).map(Arc::as_ref) }
    }
}

fn prepare(key: &DomainKey) -> Result<Arc<AeadKey>, PrimitiveFailed> {
    AeadKey::new(key.secret.expose()).map(Arc::new)
}

impl fmt::Debug for DomainKeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.keys().collect();
        f.debug_struct("DomainKeyRing").field("current", &self.current).field("older", &older).finish()
    }
}

/// The bytes are not a wrapped secret of a version known here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a wrapped secret of a known version")]
pub struct InvalidWrappedSecret;

/// A secret as the store keeps it: which domain key wrapped it, the nonce, ciphertext and tag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WrappedSecret {
    domain_key_id: DomainKeyId,
    nonce: [u8; NONCE_LEN],
    sealed: Sealed,
}

/// Ciphertext and tag. Those of 32 bytes, the material of nearly every key, stand here themselves: whoever holds a million of
/// them has no further block of memory for each.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Sealed {
    Short([u8; 32 + TAG_LEN]),
    Long(Arc<[u8]>),
}

impl Sealed {
    fn new(bytes: &[u8]) -> Self {
        bytes.try_into().map_or_else(|_| Self::Long(bytes.into()), Self::Short)
    }

    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Short(bytes) => bytes,
            Self::Long(bytes) => bytes,
        }
    }
}

impl WrappedSecret {
    /// First byte of the stored form.
    const VERSION: u8 = 1;

    /// The domain key that opens it.
    pub fn domain_key_id(&self) -> DomainKeyId {
        self.domain_key_id
    }

    /// The stored form: version 1 (1 byte), domain key id (16), nonce (12), ciphertext (1 to [`SECRET_LEN_MAX`]), tag
    /// (16).
    pub fn encode(&self) -> Vec<u8> {
        [&[Self::VERSION], self.domain_key_id.0.as_slice(), self.nonce.as_slice(), self.sealed.as_slice()].concat()
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`InvalidWrappedSecret`] for another version or an impossible length.
    pub fn decode(bytes: &[u8]) -> Result<Self, InvalidWrappedSecret> {
        let (version, rest) = bytes.split_first().ok_or(InvalidWrappedSecret)?;
        let (id, rest) = rest.split_first_chunk().ok_or(InvalidWrappedSecret)?;
        let (nonce, sealed) = rest.split_first_chunk().ok_or(InvalidWrappedSecret)?;
        let len_fits = (TAG_LEN + 1..=TAG_LEN + SECRET_LEN_MAX).contains(&sealed.len());
        if *version != Self::VERSION || !len_fits {
            return Err(InvalidWrappedSecret);
        }
        Ok(Self { domain_key_id: DomainKeyId(*id), nonce: *nonce, sealed: Sealed::new(sealed) })
    }
}
