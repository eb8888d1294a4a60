//! Our randomness in the shape that the elliptic curve crates take it.

use k256::elliptic_curve::rand_core::{TryCryptoRng, TryRng};
use kagiban_base::random::{Random, RandomError};

/// Bytes that stay secret, from our source.
pub(crate) struct SecretRng<'a>(pub(crate) &'a dyn Random);

impl TryRng for SecretRng<'_> {
    type Error = RandomError;

    fn try_next_u32(&mut self) -> Result<u32, RandomError> {
        let mut bytes = [0; 4];
        self.0.fill_secret(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, RandomError> {
        let mut bytes = [0; 8];
        self.0.fill_secret(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), RandomError> {
        self.0.fill_secret(out)
    }
}

/// INVARIANT: every [`Random`] is fit for cryptography; its contract says so.
impl TryCryptoRng for SecretRng<'_> {}
