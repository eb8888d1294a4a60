//! Key material by kind. Each kind is a type of its own, so that no algorithm can be handed the wrong one.

use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::{SecretArray, SecretBytes};

/// Stored bytes are not key material of the kind they were taken for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key material of {len} bytes where {expected} are needed")]
pub struct WrongMaterialLength {
    /// Bytes there are.
    pub len: usize,
    /// Bytes there must be.
    pub expected: usize,
}

/// Material of a `SYMMETRIC_DEFAULT` key: 32 bytes, from which a key per message is derived.
#[derive(Debug)]
pub struct SymmetricMaterial(SecretArray<32>);

impl SymmetricMaterial {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Fresh material.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let mut bytes = SecretArray::zeroed();
        random.fill_secret(bytes.expose_mut())?;
        Ok(Self(bytes))
    }

    /// Takes unwrapped bytes as material.
    ///
    /// # Errors
    /// [`WrongMaterialLength`] unless there are exactly 32.
    pub fn from_secret(secret: &SecretBytes) -> Result<Self, WrongMaterialLength> {
        SecretArray::from_slice(secret.expose())
            .map(Self)
            .ok_or(WrongMaterialLength { len: secret.len(), expected: Self::LEN })
    }

    /// The bytes, to be wrapped. The name is to be searched for in reviews.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn material_is_exactly_32_bytes() {
        assert_eq!(SymmetricMaterial::from_secret(&SecretBytes::from_slice(&[7; 32])).unwrap().expose(), &[7; 32]);
        for len in [0, 16, 31, 33, 64] {
            let refused = SymmetricMaterial::from_secret(&SecretBytes::zeroed(len));
            assert_eq!(refused.err(), Some(WrongMaterialLength { len, expected: 32 }));
        }
    }
}
