//! Encryption to the key that a document attests.

use aws_lc_rs::cipher::{AES_256, EncryptionContext, PaddedBlockEncryptingKey, UnboundCipherKey};
use aws_lc_rs::digest;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use der::Decode;
use kagiban_base::random::{Random, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};
use x509_cert::spki::SubjectPublicKeyInfoRef;
use zeroize::Zeroizing;

use crate::enveloped_data::EnvelopedData;
use crate::error::RecipientError;

const KEY_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;
const BLOCK_LEN: usize = 16;

/// An RSA public key of 2048 to 4096 bits, ready to encrypt to (`RSAES_OAEP_SHA_256`).
pub struct RecipientKey {
    key: OaepPublicEncryptingKey,
    subject_key_identifier: [u8; 32],
}

impl RecipientKey {
    /// Reads a SubjectPublicKeyInfo (DER).
    ///
    /// # Errors
    /// [`RecipientError::PublicKey`] when it is not an RSA key that the library takes, [`RecipientError::KeySize`] when
    /// it takes a size that is too large for an answer.
    pub fn from_spki_der(spki: &[u8]) -> Result<Self, RecipientError> {
        // The library stops where the key ends and would not notice bytes after it.
        SubjectPublicKeyInfoRef::from_der(spki).map_err(|_| RecipientError::PublicKey)?;
        let key = PublicEncryptingKey::from_der(spki).map_err(|_| RecipientError::PublicKey)?;
        let bits = key.key_size_bits();
        if !KEY_BITS.contains(&bits) {
            return Err(RecipientError::KeySize { bits });
        }
        let key = OaepPublicEncryptingKey::new(key).map_err(|_| RecipientError::PublicKey)?;
        Ok(Self { key, subject_key_identifier: sha256(spki) })
    }

    /// Encrypts `plaintext` so that only the holder of the private key can read it: the `CiphertextForRecipient`.
    ///
    /// CMS EnvelopedData (RFC 5652) with one recipient: the content under AES-256-CBC with a key of its own, that key
    /// under RSAES-OAEP with SHA-256 and MGF1 with SHA-256. The bytes have the exact shape of AWS's answers, see
    /// `enveloped_data.rs`. Not authenticated: anyone can make one, as with AWS; the channel says who answered.
    ///
    /// # Errors
    /// [`RecipientError::Random`] without randomness, [`RecipientError::Primitive`] if the library fails.
    pub fn seal(&self, plaintext: &SecretBytes, random: &dyn Random) -> Result<Vec<u8>, RecipientError> {
        let mut content_key = SecretArray::<32>::zeroed();
        random.fill_secret(content_key.expose_mut())?;
        let iv = public_array::<BLOCK_LEN>(random)?;
        let answer = EnvelopedData {
            subject_key_identifier: &self.subject_key_identifier,
            encrypted_key: &self.encrypt_key(&content_key)?,
            iv: &iv,
            encrypted_content: &encrypt_content(&content_key, iv, plaintext)?,
        };
        Ok(answer.to_ber())
    }

    fn encrypt_key(&self, content_key: &SecretArray<32>) -> Result<Vec<u8>, RecipientError> {
        let mut encrypted = vec![0; self.key.ciphertext_size()];
        self.key
            .encrypt(&OAEP_SHA256_MGF1SHA256, content_key.expose(), &mut encrypted, None)
            .map_err(|_| RecipientError::Primitive)?;
        Ok(encrypted)
    }
}

impl std::fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RecipientKey({} bits)", self.key.key_size_bits())
    }
}

/// AES-256-CBC with the padding of RFC 5652, section 6.3.
fn encrypt_content(
    content_key: &SecretArray<32>,
    iv: [u8; BLOCK_LEN],
    plaintext: &SecretBytes,
) -> Result<Zeroizing<Vec<u8>>, RecipientError> {
    // Room for the padding from the start: growing would leave a copy of the plaintext behind.
    let mut content = Zeroizing::new(Vec::with_capacity(plaintext.len() + BLOCK_LEN));
    content.extend_from_slice(plaintext.expose());
    let key = UnboundCipherKey::new(&AES_256, content_key.expose())
        .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
        .map_err(|_| RecipientError::Primitive)?;
    key.less_safe_encrypt(&mut *content, EncryptionContext::Iv128(FixedLength::from(iv)))
        .map_err(|_| RecipientError::Primitive)?;
    Ok(content)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}
