//! Messages between two deployments, sealed from one to the other besides the TLS that carries them.
//!
//! Each side knows the other by the fingerprint of its certificate, and both hold the pairing's key. Every message has a key of
//! its own, derived from that and a random salt, so no number of messages wears it out and the nonce can be constant. What a
//! message is for, who sends it to whom and what it is about is bound to it: turned round, kept for another occasion or sent
//! elsewhere, it does not open. Layout and reasons: `docs/pairing.md`.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, digest};
use kagiban_base::id::InvalidId;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};

use crate::PrimitiveFailed;
use crate::aead::{AeadKey, NONCE_LEN, TAG_LEN};
use crate::kdf;

/// Most bytes of one message before it is sealed: a step of a key is 1 MiB at most.
pub const MESSAGE_LEN_MAX: usize = (1 << 20) + 1024;
/// How much longer a message is once it is sealed.
pub const OVERHEAD: usize = 1 + SALT_LEN + TAG_LEN;

const SALT_LEN: usize = 32;
/// Constant, since every message has a key of its own.
const NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];
const MESSAGE_LABEL: &[u8] = b"kagiban-channel-message-v1";
const PAIRING_LABEL: &[u8] = b"kagiban-channel-pairing-v1";

/// The SHA-256 of a certificate (DER), shown as 64 lower-case hex digits.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CertificateFingerprint([u8; 32]);

impl CertificateFingerprint {
    /// The fingerprint of a certificate.
    pub fn of(certificate_der: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, certificate_der).as_ref());
        Self(bytes)
    }

    /// The fingerprint with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for CertificateFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CertificateFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateFingerprint({self})")
    }
}

impl FromStr for CertificateFingerprint {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("certificate fingerprint");
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let (high, low) = text.split_at_checked(32).ok_or(invalid)?;
        if text.len() != 64 || !text.bytes().all(is_digit) {
            return Err(invalid);
        }
        let number = |digits| u128::from_str_radix(digits, 16).map_err(|_| invalid);
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(&number(high)?.to_be_bytes());
        second.copy_from_slice(&number(low)?.to_be_bytes());
        Ok(Self(bytes))
    }
}

/// What a message is bound to: purpose, sender and receiver, then labelled parts, encoded so that no two give the same bytes.
///
/// The encoding is a tag, then each text behind its length of 64 bits, big-endian.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessageBinding(Vec<u8>);

impl MessageBinding {
    const TAG: &[u8] = b"kagiban-channel-v1";

    /// A message of this purpose from one certificate's owner to the other's.
    #[must_use]
    pub fn new(purpose: &'static str, sender: &CertificateFingerprint, receiver: &CertificateFingerprint) -> Self {
        Self(Self::TAG.to_vec()).with(purpose.as_bytes()).with(&sender.0).with(&receiver.0)
    }

    /// Adds one part: what it is, and its value.
    #[must_use]
    pub fn part(self, label: &'static str, value: &[u8]) -> Self {
        self.with(label.as_bytes()).with(value)
    }

    fn with(mut self, text: &[u8]) -> Self {
        self.0.extend_from_slice(&(text.len() as u64).to_be_bytes());
        self.0.extend_from_slice(text);
        self
    }
}

/// A message could not be sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealMessageError {
    /// The message is too long.
    #[error("a message of {len} bytes; a channel carries {MESSAGE_LEN_MAX} at once")]
    Length {
        /// Bytes there are.
        len: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Wrong key, binding or bytes; nobody can tell which.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the message does not open: it was changed, or is not for this side, this key or this occasion")]
pub struct MessageDoesNotOpen;

/// A key that two deployments share: that of an invitation, or of a pairing.
pub struct ChannelKey(SecretArray<32>);

impl ChannelKey {
    /// A fresh key.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let mut secret = SecretArray::zeroed();
        random.fill_secret(secret.expose_mut())?;
        Ok(Self(secret))
    }

    /// The key with these bytes.
    pub fn new(secret: SecretArray<32>) -> Self {
        Self(secret)
    }

    /// The bytes, to be wrapped or handed over. The name is to be searched for in reviews.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The key of a pairing, from that of its invitation and what both sides added: 32 random bytes each, which only they have
    /// seen. Who finds the invitation later does not have it.
    ///
    /// # Errors
    /// [`PrimitiveFailed`]
    pub fn of_pairing(
        &self,
        inviter: &CertificateFingerprint,
        invited: &CertificateFingerprint,
        nonces: [&[u8; 32]; 2],
    ) -> Result<Self, PrimitiveFailed> {
        let [of_inviter, of_invited] = nonces;
        let context = SecretBytes::new([inviter.0.as_slice(), &invited.0, of_inviter, of_invited].concat());
        let mut derived = SecretArray::zeroed();
        kdf::derive(self.0.expose(), PAIRING_LABEL, context.expose(), derived.expose_mut())?;
        Ok(Self(derived))
    }

    /// Seals a message of at most [`MESSAGE_LEN_MAX`] bytes: version 1 (1 byte), salt (32), ciphertext, tag (16).
    ///
    /// # Errors
    /// [`SealMessageError`]
    pub fn seal(
        &self,
        message: &[u8],
        binding: &MessageBinding,
        random: &dyn Random,
    ) -> Result<Vec<u8>, SealMessageError> {
        if message.len() > MESSAGE_LEN_MAX {
            return Err(SealMessageError::Length { len: message.len() });
        }
        let salt: [u8; SALT_LEN] = public_array(random)?;
        let mut sealed = Vec::with_capacity(message.len().saturating_add(OVERHEAD));
        sealed.push(Self::VERSION);
        sealed.extend_from_slice(&salt);
        self.message_key(&salt)?.seal(message, NONCE, &binding.0, &mut sealed)?;
        Ok(sealed)
    }

    /// Opens what [`ChannelKey::seal`] made with the same key and binding.
    ///
    /// # Errors
    /// [`MessageDoesNotOpen`] for every cause.
    pub fn open(&self, sealed: &[u8], binding: &MessageBinding) -> Result<SecretBytes, MessageDoesNotOpen> {
        let (&version, rest) = sealed.split_first().ok_or(MessageDoesNotOpen)?;
        let (salt, ciphertext) = rest.split_first_chunk::<SALT_LEN>().ok_or(MessageDoesNotOpen)?;
        if version != Self::VERSION || ciphertext.len() > MESSAGE_LEN_MAX + TAG_LEN {
            return Err(MessageDoesNotOpen);
        }
        let key = self.message_key(salt).map_err(|_| MessageDoesNotOpen)?;
        key.open(ciphertext, NONCE, &binding.0).map_err(|_| MessageDoesNotOpen)
    }

    /// First byte of a sealed message.
    const VERSION: u8 = 1;

    fn message_key(&self, salt: &[u8; SALT_LEN]) -> Result<AeadKey, PrimitiveFailed> {
        let mut derived = SecretArray::<32>::zeroed();
        kdf::derive(self.0.expose(), MESSAGE_LABEL, salt, derived.expose_mut())?;
        AeadKey::new(derived.expose())
    }
}

impl fmt::Debug for ChannelKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChannelKey")
    }
}
