//! Sealing and opening with a symmetric KMS key.
//!
//! Every message gets keys of its own, derived from the key material and a random nonce, so no number of messages wears
//! the material out, and the nonce of AES-GCM (or, in Regions of China, SM4-GCM) can be constant. A blob commits to its key: nobody can make one that opens
//! under two materials. Layout, derivation and reasons: `docs/ciphertext-format.md`.

use kagiban_base::arn::KeyArn;
use kagiban_base::id::KeyMaterialId;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};
use subtle::ConstantTimeEq;

use crate::PrimitiveFailed;
use crate::aead::{AeadKey, DoesNotOpen, NONCE_LEN};
use crate::blob::{self, BlobAlgorithm, BlobHeader, BlobVersion, COMMITMENT_LEN, InvalidCiphertext};
use crate::encryption_context::CanonicalContext;
use crate::kdf;
use crate::sm4::Sm4GcmKey;
use crate::symmetric_material::{SymmetricCipher, SymmetricMaterial};

/// The key that a message is bound to. A replica of a multi-Region key counts as the same key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeyIdentity {
    /// The key.
    pub arn: KeyArn,
    /// The material of the key.
    pub key_material_id: KeyMaterialId,
}

/// A plaintext could not be sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SealError {
    /// The plaintext is empty or too long for a blob.
    #[error("a plaintext of {len} bytes, not 1 to {max}")]
    PlaintextLength {
        /// Bytes there are.
        len: usize,
        /// [`blob::PLAINTEXT_LEN_MAX`]
        max: usize,
    },
    /// The library failed.
    #[error(transparent)]
    Primitive(#[from] PrimitiveFailed),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Seals a plaintext of 1 to [`blob::PLAINTEXT_LEN_MAX`] bytes; the blob is [`blob::OVERHEAD`] bytes longer.
///
/// # Errors
/// [`SealError`], see its variants.
pub fn seal(
    material: &SymmetricMaterial,
    identity: &KeyIdentity,
    context: &CanonicalContext<'_>,
    plaintext: &[u8],
    random: &dyn Random,
) -> Result<Vec<u8>, SealError> {
    if plaintext.is_empty() || plaintext.len() > blob::PLAINTEXT_LEN_MAX {
        return Err(SealError::PlaintextLength { len: plaintext.len(), max: blob::PLAINTEXT_LEN_MAX });
    }
    let mut blob = blob::begin(&identity.header(material.cipher()), &public_array(random)?, plaintext.len());
    let keys = MessageKeys::derive(material, &blob)?;
    blob.extend_from_slice(keys.commitment());
    let associated_data = associated_data(&blob, identity, context);
    keys.key()?.seal(plaintext, &associated_data, &mut blob)?;
    Ok(blob)
}

/// Opens a blob made by [`seal`] with the same material, key and encryption context.
///
/// # Errors
/// [`InvalidCiphertext`] for every cause.
pub fn open(
    material: &SymmetricMaterial,
    identity: &KeyIdentity,
    context: &CanonicalContext<'_>,
    blob: &[u8],
) -> Result<SecretBytes, InvalidCiphertext> {
    let blob = blob::split(blob)?;
    if blob.header != identity.header(material.cipher()) {
        return Err(InvalidCiphertext);
    }
    let keys = MessageKeys::derive(material, blob.prefix).map_err(|_| InvalidCiphertext)?;
    if !bool::from(keys.commitment().ct_eq(blob.commitment)) {
        return Err(InvalidCiphertext);
    }
    let associated_data = associated_data(blob.header_bytes, identity, context);
    let key = keys.key().map_err(|_| InvalidCiphertext)?;
    key.open(blob.sealed, &associated_data).map_err(|_| InvalidCiphertext)
}

impl KeyIdentity {
    fn header(&self, cipher: SymmetricCipher) -> BlobHeader {
        BlobHeader {
            version: BlobVersion::V1,
            algorithm: match cipher {
                SymmetricCipher::Aes256 => BlobAlgorithm::Aes256Gcm,
                SymmetricCipher::Sm4 => BlobAlgorithm::Sm4Gcm,
            },
            key_id: self.arn.key_id,
            key_material_id: self.key_material_id,
        }
    }

    /// The key's ARN behind its length; without its Region if it is a multi-Region key, so that a replica opens what
    /// another sealed.
    fn append_arn_to(&self, out: &mut Vec<u8>) {
        let KeyArn { region, account, key_id } = &self.arn;
        let region_name = if key_id.is_multi_region() { "" } else { region.as_str() };
        let partition = region.partition().as_str();
        let parts = ["arn:", partition, ":kms:", region_name, ":", account.as_str(), ":key/", key_id.as_str()];
        let len = parts.iter().map(|part| part.len()).sum::<usize>();
        // INVARIANT: every part is short; the longest ARN of all is below 128 bytes.
        out.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
        for part in parts {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Room for an ARN and its length; only a hint for the allocation.
const ARN_LEN_HINT: usize = 128;

/// What the tag covers besides the message: the blob's header, the key's ARN, the encryption context. The first has a
/// fixed length, the second has it written in front, the third delimits itself: no two triples give the same bytes.
fn associated_data(header: &[u8], identity: &KeyIdentity, context: &CanonicalContext<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.len() + ARN_LEN_HINT + context.len());
    out.extend_from_slice(header);
    identity.append_arn_to(&mut out);
    context.append_to(&mut out);
    out
}

/// The encryption key of one message and the commitment to it, derived together so that neither tells the other.
struct MessageKeys {
    cipher: SymmetricCipher,
    /// The key, as long as the cipher's, and the commitment; what is left over is zero and not used.
    bytes: SecretArray<{ 32 + COMMITMENT_LEN }>,
}

impl MessageKeys {
    const LABEL: &[u8] = b"kagiban-message-v1";

    /// From everything in the header that precedes the commitment.
    fn derive(material: &SymmetricMaterial, prefix: &[u8]) -> Result<Self, PrimitiveFailed> {
        let cipher = material.cipher();
        let mut bytes = SecretArray::zeroed();
        let (out, _) = bytes.expose_mut().split_at_mut(cipher.key_len() + COMMITMENT_LEN);
        kdf::derive(material.expose(), Self::LABEL, prefix, out)?;
        Ok(Self { cipher, bytes })
    }

    fn key(&self) -> Result<MessageKey, PrimitiveFailed> {
        let bytes = self.bytes.expose();
        match self.cipher {
            SymmetricCipher::Aes256 => {
                AeadKey::new(bytes.first_chunk().ok_or(PrimitiveFailed)?).map(MessageKey::Aes256)
            }
            SymmetricCipher::Sm4 => {
                Ok(MessageKey::Sm4(Box::new(Sm4GcmKey::new(bytes.first_chunk().ok_or(PrimitiveFailed)?))))
            }
        }
    }

    fn commitment(&self) -> &[u8] {
        let (_, rest) = self.bytes.expose().split_at(self.cipher.key_len());
        rest.split_at(COMMITMENT_LEN).0
    }
}

/// The encryption key of one message, ready to be used once.
enum MessageKey {
    Aes256(AeadKey),
    Sm4(Box<Sm4GcmKey>),
}

impl MessageKey {
    /// The nonce. Constant, since a message key seals one message and is forgotten (SP 800-38D, section 8.2.1, with an
    /// empty fixed field and a counter that never leaves its first value).
    const NONCE: [u8; NONCE_LEN] = [0; NONCE_LEN];

    fn seal(&self, plaintext: &[u8], associated_data: &[u8], out: &mut Vec<u8>) -> Result<(), PrimitiveFailed> {
        match self {
            Self::Aes256(key) => key.seal(plaintext, Self::NONCE, associated_data, out),
            Self::Sm4(key) => key.seal(plaintext, Self::NONCE, associated_data, out),
        }
    }

    fn open(&self, sealed: &[u8], associated_data: &[u8]) -> Result<SecretBytes, DoesNotOpen> {
        match self {
            Self::Aes256(key) => key.open(sealed, Self::NONCE, associated_data),
            Self::Sm4(key) => key.open(sealed, Self::NONCE, associated_data),
        }
    }
}
