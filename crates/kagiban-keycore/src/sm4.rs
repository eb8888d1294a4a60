//! SM4 (GM/T 0002) in Galois/counter mode (RFC 8998, section 2), with the nonce as an argument: what AES-256-GCM is
//! elsewhere, for the Regions of China. The same shape as [`crate::aead`], and private like it.
//!
//! The library works with a table of bytes, not with instructions of the processor: slower than AES by a factor of
//! fifty, and what it reads from its caches depends on the key. A program on the same core may watch them.

use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{AesGcm, Nonce, Tag};
use kagiban_base::secret::SecretBytes;
use sm4::Sm4;
use sm4::cipher::consts::U12;

use crate::PrimitiveFailed;
use crate::aead::{DoesNotOpen, NONCE_LEN, TAG_LEN};

/// A prepared key; wiped when dropped.
pub(crate) struct Sm4GcmKey(AesGcm<Sm4, U12>);

impl Sm4GcmKey {
    pub(crate) fn new(key: &[u8; 16]) -> Self {
        Self(AesGcm::new(key.into()))
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
        out.resize(start.saturating_add(plaintext.len()), 0);
        let (_, ciphertext) = out.split_at_mut(start);
        let buffer = InOutBuf::new(plaintext, ciphertext).map_err(|_| PrimitiveFailed)?;
        let tag =
            self.0.encrypt_inout_detached(&Nonce::from(nonce), associated_data, buffer).map_err(|_| PrimitiveFailed)?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// The plaintext of `sealed` (ciphertext, then tag). The tag is compared in constant time before anything is
    /// decrypted.
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        nonce: [u8; NONCE_LEN],
        associated_data: &[u8],
    ) -> Result<SecretBytes, DoesNotOpen> {
        let (ciphertext, tag) = sealed.split_last_chunk::<TAG_LEN>().ok_or(DoesNotOpen)?;
        let mut plaintext = SecretBytes::zeroed(ciphertext.len());
        let buffer = InOutBuf::new(ciphertext, plaintext.expose_mut()).map_err(|_| DoesNotOpen)?;
        self.0
            .decrypt_inout_detached(&Nonce::from(nonce), associated_data, buffer, &Tag::from(*tag))
            .map_err(|_| DoesNotOpen)?;
        Ok(plaintext)
    }
}
