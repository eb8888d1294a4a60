//! Material of a `SYMMETRIC_DEFAULT` key: which cipher it is for depends on the Region, and its length tells.

use std::fmt;

use kagiban_base::id::Partition;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::{SecretArray, SecretBytes};

/// What `SYMMETRIC_DEFAULT` stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SymmetricCipher {
    /// AES-256.
    Aes256,
    /// SM4, with its one key length of 128 bits: in Regions whose name starts with `cn-`.
    Sm4,
}

impl SymmetricCipher {
    /// The cipher of a partition's Regions.
    pub const fn of(partition: Partition) -> Self {
        match partition {
            Partition::AwsCn => Self::Sm4,
            Partition::Aws | Partition::AwsUsGov => Self::Aes256,
        }
    }

    /// Bytes of a key.
    pub const fn key_len(self) -> usize {
        match self {
            Self::Aes256 => 32,
            Self::Sm4 => 16,
        }
    }
}

/// Stored bytes are not key material of the kind they were taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key material of {len} bytes where {expected} are needed")]
pub struct WrongMaterialLength {
    /// Bytes there are.
    pub len: usize,
    /// Bytes there must be.
    pub expected: usize,
}

/// Material of a `SYMMETRIC_DEFAULT` key: 32 bytes for AES-256 or 16 for SM4, from which a key per message is derived.
pub struct SymmetricMaterial(Bytes);

enum Bytes {
    Aes256(SecretArray<32>),
    Sm4(SecretArray<16>),
}

impl SymmetricMaterial {
    /// Fresh material for AES-256.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Self::generate_for(SymmetricCipher::Aes256, random)
    }

    /// Fresh material for the cipher of a Region.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate_for(cipher: SymmetricCipher, random: &dyn Random) -> Result<Self, RandomError> {
        match cipher {
            SymmetricCipher::Aes256 => Ok(Self(Bytes::Aes256(fresh(random)?))),
            SymmetricCipher::Sm4 => Ok(Self(Bytes::Sm4(fresh(random)?))),
        }
    }

    /// Takes unwrapped bytes as material of the cipher that has keys of that length.
    ///
    /// # Errors
    /// [`WrongMaterialLength`] if none has.
    pub fn from_secret(secret: &SecretBytes) -> Result<Self, WrongMaterialLength> {
        let cipher = if secret.len() == 16 { SymmetricCipher::Sm4 } else { SymmetricCipher::Aes256 };
        Self::from_secret_for(cipher, secret)
    }

    /// Takes bytes as material of this cipher: of imported material the length tells nothing, since somebody chose it.
    ///
    /// # Errors
    /// [`WrongMaterialLength`] unless there are exactly [`SymmetricCipher::key_len`].
    pub fn from_secret_for(cipher: SymmetricCipher, secret: &SecretBytes) -> Result<Self, WrongMaterialLength> {
        let bytes = match cipher {
            SymmetricCipher::Aes256 => SecretArray::from_slice(secret.expose()).map(Bytes::Aes256),
            SymmetricCipher::Sm4 => SecretArray::from_slice(secret.expose()).map(Bytes::Sm4),
        };
        bytes.map(Self).ok_or(WrongMaterialLength { len: secret.len(), expected: cipher.key_len() })
    }

    /// The cipher it is for.
    pub fn cipher(&self) -> SymmetricCipher {
        match self.0 {
            Bytes::Aes256(_) => SymmetricCipher::Aes256,
            Bytes::Sm4(_) => SymmetricCipher::Sm4,
        }
    }

    /// The bytes, to be wrapped. The name is to be searched for in reviews.
    pub fn expose(&self) -> &[u8] {
        match &self.0 {
            Bytes::Aes256(bytes) => bytes.expose(),
            Bytes::Sm4(bytes) => bytes.expose(),
        }
    }
}

impl fmt::Debug for SymmetricMaterial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SymmetricMaterial({:?})", self.cipher())
    }
}

fn fresh<const N: usize>(random: &dyn Random) -> Result<SecretArray<N>, RandomError> {
    let mut bytes = SecretArray::zeroed();
    random.fill_secret(bytes.expose_mut())?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_tells_the_cipher() {
        for (len, cipher) in [(32, SymmetricCipher::Aes256), (16, SymmetricCipher::Sm4)] {
            let secret = SecretBytes::from_slice(&vec![7; len]);
            let material = SymmetricMaterial::from_secret(&secret).unwrap();
            assert_eq!((material.cipher(), material.expose()), (cipher, secret.expose()));
        }
        for len in [0, 15, 17, 24, 31, 33, 64] {
            let refused = SymmetricMaterial::from_secret(&SecretBytes::zeroed(len));
            assert_eq!(refused.err(), Some(WrongMaterialLength { len, expected: 32 }));
        }
    }

    #[test]
    fn a_key_of_the_other_cipher_is_refused() {
        for (cipher, len, expected) in [(SymmetricCipher::Sm4, 32, 16), (SymmetricCipher::Aes256, 16, 32)] {
            let refused = SymmetricMaterial::from_secret_for(cipher, &SecretBytes::zeroed(len));
            assert_eq!(refused.err(), Some(WrongMaterialLength { len, expected }));
        }
    }

    #[test]
    fn china_has_sm4() {
        assert_eq!(SymmetricCipher::of(Partition::AwsCn), SymmetricCipher::Sm4);
        assert_eq!(SymmetricCipher::of(Partition::Aws), SymmetricCipher::Aes256);
        assert_eq!(SymmetricCipher::of(Partition::AwsUsGov), SymmetricCipher::Aes256);
    }
}
