//! Both halves of the recovery key, and their texts.

use std::fmt;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use bech32::{Bech32, Hrp};
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::{SecretArray, SecretBytes};
use zeroize::Zeroizing;

use crate::share::Fingerprint;

/// What the text of a private half begins with, before the separator `1`; in capitals where it is shown.
const IDENTITY_PREFIX: Hrp = Hrp::parse_unchecked("age-secret-key-");
/// More characters than any text of either half has.
const TEXT_LEN_MAX: usize = 128;

/// The private half: opens whatever was sealed to its recipient. Wiped when dropped, never shown by Debug.
pub struct RecoveryIdentity {
    secret: SecretArray<32>,
    opens: age::x25519::Identity,
}

/// A text is no private half of a recovery key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an identity of age: AGE-SECRET-KEY-1 and 58 characters, with a checksum that fits")]
pub struct InvalidIdentity;

/// A text is no public half of a recovery key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a recipient of age: age1 and 58 characters, with a checksum that fits")]
pub struct InvalidRecipient;

impl RecoveryIdentity {
    /// A fresh one.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let mut secret = SecretArray::zeroed();
        random.fill_secret(secret.expose_mut())?;
        // Any 32 bytes are a private key of X25519 (RFC 7748, section 5).
        Self::from_secret(secret).map_err(|InvalidIdentity| RandomError)
    }

    /// The one with these 32 bytes as its private key (RFC 7748, section 5).
    pub(crate) fn from_secret(secret: SecretArray<32>) -> Result<Self, InvalidIdentity> {
        let encoded = bech32::encode_lower::<Bech32>(IDENTITY_PREFIX, secret.expose());
        let text = Zeroizing::new(encoded.map_err(|_| InvalidIdentity)?);
        let opens = text.parse().map_err(|_| InvalidIdentity)?;
        Ok(Self { secret, opens })
    }

    /// The public half.
    pub fn recipient(&self) -> RecoveryRecipient {
        RecoveryRecipient(self.opens.to_public())
    }

    /// `AGE-SECRET-KEY-1...`, as every implementation of age takes it. Whoever reads it can open everything.
    pub fn text(&self) -> SecretBytes {
        SecretBytes::from_slice(self.opens.to_string().expose_secret().as_bytes())
    }

    pub(crate) fn secret(&self) -> &SecretArray<32> {
        &self.secret
    }

    pub(crate) fn opens(&self) -> &age::x25519::Identity {
        &self.opens
    }
}

impl FromStr for RecoveryIdentity {
    type Err = InvalidIdentity;
    fn from_str(text: &str) -> Result<Self, InvalidIdentity> {
        let text = text.trim();
        if text.len() > TEXT_LEN_MAX {
            return Err(InvalidIdentity);
        }
        let (prefix, bytes) = bech32::decode(text).map_err(|_| InvalidIdentity)?;
        let bytes = Zeroizing::new(bytes);
        let secret = SecretArray::from_slice(&bytes).filter(|_| prefix == IDENTITY_PREFIX);
        // The parser of age is asked too: it is stricter about the kind of checksum.
        let opens = text.parse().map_err(|_| InvalidIdentity)?;
        Ok(Self { secret: secret.ok_or(InvalidIdentity)?, opens })
    }
}

/// The public half: seals, and cannot open. Its text is `age1...`.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct RecoveryRecipient(age::x25519::Recipient);

impl RecoveryRecipient {
    /// What tells this recovery key from another at a glance; shares carry it.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }

    pub(crate) fn seals(&self) -> &age::x25519::Recipient {
        &self.0
    }
}

impl FromStr for RecoveryRecipient {
    type Err = InvalidRecipient;
    fn from_str(text: &str) -> Result<Self, InvalidRecipient> {
        let text = text.trim();
        if text.len() > TEXT_LEN_MAX {
            return Err(InvalidRecipient);
        }
        text.parse().map(Self).map_err(|_| InvalidRecipient)
    }
}

impl fmt::Display for RecoveryRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for RecoveryRecipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecoveryRecipient({self})")
    }
}
