//! Randomness as an argument.

/// The source of randomness failed; nothing can be made that needs it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the source of randomness failed")]
pub struct RandomError;

/// A cryptographically secure source of random bytes.
///
/// Two methods with one contract, so that a reader sees at the call whether the bytes are to stay secret, and a test
/// double can record the public ones.
pub trait Random: Send + Sync {
    /// Fills `out` with bytes that stay secret (key material).
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had; `out` must then not be used.
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError>;

    /// Fills `out` with bytes that will be public (identifiers, nonces, salts).
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had; `out` must then not be used.
    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError>;
}

/// `N` public random bytes.
///
/// # Errors
/// [`RandomError`] as the source gives it.
pub fn public_array<const N: usize>(random: &dyn Random) -> Result<[u8; N], RandomError> {
    let mut out = [0; N];
    random.fill_public(&mut out)?;
    Ok(out)
}
