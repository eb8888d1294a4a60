//! The root key: the one secret that is kept outside the store, and all it does is wrap domain keys.
//!
//! A trait, because its home differs: a file or an environment variable of the operator's, a passphrase, later an HSM
//! or a quorum of people. Where the bytes come from is the caller's business; nothing here reads a file.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};

use crate::PrimitiveFailed;
use crate::aead::{AeadKey, NONCE_LEN, TAG_LEN};
use crate::kdf;
use crate::passphrase::{PassphraseError, PassphraseParameters};
use crate::row_binding::RowBinding;

/// Wraps domain keys. An implementation may be slow: it is asked when the service starts and when domain keys rotate.
pub trait RootKey: Send + Sync {
    /// Wraps a domain key so that it opens in this row only.
    ///
    /// # Errors
    /// [`RootKeyError::Primitive`] or [`RootKeyError::Random`].
    fn wrap(
        &self,
        domain_key: &SecretArray<32>,
        binding: &RowBinding,
        random: &dyn Random,
    ) -> Result<Vec<u8>, RootKeyError>;

    /// The domain key in `wrapped`, which was found in the row that `binding` names.
    ///
    /// # Errors
    /// [`RootKeyError::Malformed`], [`RootKeyError::WrongRootKey`] or [`RootKeyError::DoesNotOpen`].
    fn unwrap_key(&self, wrapped: &[u8], binding: &RowBinding) -> Result<SecretArray<32>, RootKeyError>;
}

/// A domain key could not be wrapped or unwrapped.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RootKeyError {
    /// The root key is the right one, but the value was changed, or moved here from another row.
    #[error("the wrapped domain key was changed or belongs to another row")]
    DoesNotOpen,
    /// The bytes are not a wrapped domain key of a version known here.
    #[error("not a wrapped domain key of a known version")]
    Malformed,
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The domain key was wrapped by a root key other than the one at hand.
    #[error("the domain key was wrapped by root key {wrapped_by}, this is root key {at_hand}")]
    WrongRootKey {
        /// The root key that is needed.
        wrapped_by: RootKeyId,
        /// The root key that was given.
        at_hand: RootKeyId,
    },
}

/// A public name of a root key, derived from it: tells a wrong root key from a damaged value.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct RootKeyId([u8; 16]);

impl fmt::Display for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKeyId({self})")
    }
}

/// A text is not a root key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidRootKeyText {
    /// Not as many characters as 32 bytes take.
    #[error("a root key is 32 bytes in base64, which is {TEXT_LEN} characters; these are {len}")]
    Length {
        /// Characters there are.
        len: usize,
    },
    /// The right length, but not base64.
    #[error("a root key is 32 bytes in base64 (standard alphabet, padded); this is not base64")]
    NotBase64,
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
}

/// Characters of a root key as text.
const TEXT_LEN: usize = 44;

/// A fresh root key as text: 32 random bytes in base64, for a file or a secret store.
///
/// # Errors
/// [`RandomError`] when no randomness can be had.
pub fn generate_text(random: &dyn Random) -> Result<SecretBytes, RandomError> {
    let mut key = SecretArray::<32>::zeroed();
    random.fill_secret(key.expose_mut())?;
    Ok(SecretBytes::new(STANDARD.encode(key.expose()).into_bytes()))
}

/// A root key in this process's memory.
pub struct LocalRootKey {
    id: RootKeyId,
    wrapping: AeadKey,
}

impl LocalRootKey {
    const LABEL: &[u8] = b"kagiban-root-v1";
    /// First byte of a wrapped domain key.
    const VERSION: u8 = 1;

    /// From 32 random bytes. The wrapping key and the id are derived from them (SP 800-108), so the bytes themselves
    /// are used for nothing else.
    ///
    /// # Errors
    /// [`PrimitiveFailed`]
    pub fn new(bytes: &SecretArray<32>) -> Result<Self, PrimitiveFailed> {
        let mut derived = SecretArray::<48>::zeroed();
        kdf::derive(bytes.expose(), Self::LABEL, b"", derived.expose_mut())?;
        let key = derived.expose().first_chunk().ok_or(PrimitiveFailed)?;
        let id = derived.expose().last_chunk().ok_or(PrimitiveFailed)?;
        Ok(Self { id: RootKeyId(*id), wrapping: AeadKey::new(key)? })
    }

    /// From text: base64 (standard alphabet, padded) of exactly 32 bytes. White space around it is ignored.
    ///
    /// # Errors
    /// [`InvalidRootKeyText`]
    pub fn from_text(text: &[u8]) -> Result<Self, InvalidRootKeyText> {
        let text = text.trim_ascii();
        if text.len() != TEXT_LEN {
            return Err(InvalidRootKeyText::Length { len: text.len() });
        }
        // One byte more than needed: the decoder asks for room for whole groups.
        let mut decoded = SecretArray::<33>::zeroed();
        let len = STANDARD.decode_slice(text, decoded.expose_mut()).map_err(|_| InvalidRootKeyText::NotBase64)?;
        let bytes = decoded.expose().get(..len).and_then(SecretArray::from_slice);
        Ok(Self::new(&bytes.ok_or(InvalidRootKeyText::NotBase64)?)?)
    }

    /// From a passphrase, by Argon2id. Takes a good part of a second.
    ///
    /// # Errors
    /// [`PassphraseError`]
    pub fn from_passphrase(
        passphrase: &SecretBytes,
        parameters: &PassphraseParameters,
    ) -> Result<Self, PassphraseError> {
        let bytes = parameters.stretch(passphrase)?;
        Self::new(&bytes).map_err(|_| parameters.failed())
    }

    /// The public name of this root key.
    pub fn id(&self) -> RootKeyId {
        self.id
    }

    fn associated_data(&self, binding: &RowBinding) -> Vec<u8> {
        [&[Self::VERSION], self.id.0.as_slice(), binding.as_bytes()].concat()
    }
}

impl RootKey for LocalRootKey {
    fn wrap(
        &self,
        domain_key: &SecretArray<32>,
        binding: &RowBinding,
        random: &dyn Random,
    ) -> Result<Vec<u8>, RootKeyError> {
        let nonce = public_array::<NONCE_LEN>(random)?;
        let mut wrapped = vec![Self::VERSION];
        wrapped.extend_from_slice(&self.id.0);
        wrapped.extend_from_slice(&nonce);
        self.wrapping.seal(domain_key.expose(), nonce, &self.associated_data(binding), &mut wrapped)?;
        Ok(wrapped)
    }

    fn unwrap_key(&self, wrapped: &[u8], binding: &RowBinding) -> Result<SecretArray<32>, RootKeyError> {
        let (id, nonce, sealed) = split(wrapped).ok_or(RootKeyError::Malformed)?;
        if id != self.id {
            return Err(RootKeyError::WrongRootKey { wrapped_by: id, at_hand: self.id });
        }
        let opened = self.wrapping.open(sealed, nonce, &self.associated_data(binding));
        let domain_key = opened.map_err(|_| RootKeyError::DoesNotOpen)?;
        SecretArray::from_slice(domain_key.expose()).ok_or(RootKeyError::Malformed)
    }
}

/// Root key id, nonce and sealed key of a wrapped domain key: version, id, nonce, 32 bytes of ciphertext, tag.
fn split(wrapped: &[u8]) -> Option<(RootKeyId, [u8; NONCE_LEN], &[u8])> {
    let (version, rest) = wrapped.split_first()?;
    let (id, rest) = rest.split_first_chunk()?;
    let (nonce, sealed) = rest.split_first_chunk()?;
    (*version == LocalRootKey::VERSION && sealed.len() == 32 + TAG_LEN).then_some((RootKeyId(*id), *nonce, sealed))
}

impl fmt::Debug for LocalRootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalRootKey").field("id", &self.id).finish_non_exhaustive()
    }
}
