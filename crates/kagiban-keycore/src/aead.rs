//! AES-256-GCM (FIPS 197, NIST SP 800-38D) with the nonce as an argument. Private: which nonce is sound is argued at
//! each of the callers, and nobody else gets to choose one.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use kagiban_base::secret::SecretBytes;

use crate::PrimitiveFailed;

/// Length of a nonce in bytes.
pub(crate) const NONCE_LEN: usize = 12;
/// Length of a tag in bytes.
pub(crate) const TAG_LEN: usize = 16;

/// A prepared key. aws-lc keeps the expanded key on its own heap and wipes it when freed.
pub(crate) struct AeadKey(LessSafeKey);

/// Wrong key, nonce, associated data, ciphertext or tag; nobody can tell which.
pub(crate) struct DoesNotOpen;

impl AeadKey {
    pub(crate) fn new(key: &[u8; 32]) -> Result<Self, PrimitiveFailed> {
        let unbound = UnboundKey::new(&AES_256_GCM, key).map_err(|_| PrimitiveFailed)?;
        Ok(Self(LessSafeKey::new(unbound)))
    }

    /// Appends ciphertext and tag of `plaintext` to `out`; the plaintext itself is never copied there.
    pub(crate) fn seal(
        &self,
        plaintext: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), PrimitiveFailed> {
        let start = out.len();
        out.resize(start.saturating_add(plaintext.len()).saturating_add(TAG_LEN), 0);
        let (_, sealed) = out.split_at_mut(start);
        let (ciphertext, tag) = sealed.split_at_mut(plaintext.len());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_out_of_place_scatter(nonce, Aad::from(associated_data), plaintext, ciphertext, &[], tag)
            .map_err(|_| PrimitiveFailed)
    }

    /// The plaintext of `sealed` (ciphertext, then tag).
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
    ) -> Result<SecretBytes, DoesNotOpen> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(DoesNotOpen)?;
        let mut plaintext = SecretBytes::zeroed(ciphertext.len());
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0
            .open_separate_gather(nonce, Aad::from(associated_data), ciphertext, tag, plaintext.expose_mut())
            .map_err(|_| DoesNotOpen)?;
        Ok(plaintext)
    }
}
