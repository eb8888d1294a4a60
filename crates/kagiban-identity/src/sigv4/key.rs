//! The derived key, ready to sign.

use aws_lc_rs::hmac;
use kagiban_base::secret::SecretBytes;
use zeroize::Zeroizing;

use super::Scope;

/// The signing key of one secret access key for one [`Scope`], with both of HMAC's key blocks already hashed, so that a
/// check pays for the message only. Deriving costs four HMACs: keep it, at most for the scope's day.
///
/// Wiped when dropped (by the library's own clean-up). The intermediate tags of the derivation live for its duration on
/// the stack in a type of the library that cannot be wiped; like this key they are good for one day and scope only.
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// The HMAC chain over day, Region, service and terminator, starting from `AWS4` and the secret.
    pub fn derive(secret: &SecretBytes, scope: &Scope) -> Self {
        let mut start = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        start.extend_from_slice(b"AWS4");
        start.extend_from_slice(secret.expose());
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, &start);
        for part in [scope.day(), scope.region().as_str(), scope.service(), super::TERMINATOR] {
            key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
        }
        Self(key)
    }

    /// The signature of a string to sign, as lower-case hex digits.
    pub(super) fn sign(&self, string_to_sign: &[u8]) -> [u8; 64] {
        super::canonical::hex(hmac::sign(&self.0, string_to_sign).as_ref())
    }
}
