//! The byte layout of a symmetric ciphertext: what it names in clear, and its parser.
//!
//! Strangers hand these bytes in, so the parser is strict (one encoding for each value, exact lengths) and knows no
//! secret: what it returns may be anybody's forgery until [`crate::symmetric::open`] has succeeded. The layout is
//! described in `docs/ciphertext-format.md`.

use kagiban_base::id::{KeyId, KeyMaterialId};

use crate::aead::TAG_LEN;

/// The most bytes a blob may have: the API's limit for a ciphertext.
pub const LEN_MAX: usize = 6144;
/// Bytes that a blob is longer than its plaintext.
pub const OVERHEAD: usize = HEADER_LEN + TAG_LEN;
/// The most bytes of plaintext that fit.
pub const PLAINTEXT_LEN_MAX: usize = LEN_MAX - OVERHEAD;

pub(crate) const MESSAGE_NONCE_LEN: usize = 32;
pub(crate) const COMMITMENT_LEN: usize = 32;
/// Magic and version, algorithm, kind of key id, key id, key material id.
const NAME_LEN: usize = 4 + 1 + 1 + 16 + 32;
/// The part of the header from which the message's keys are derived.
pub(crate) const PREFIX_LEN: usize = NAME_LEN + MESSAGE_NONCE_LEN;
/// The whole header: the prefix and the commitment.
pub(crate) const HEADER_LEN: usize = PREFIX_LEN + COMMITMENT_LEN;

/// The bytes are no ciphertext that can be opened here and so. The only answer to every cause: not our format,
/// truncated, changed, made under another key or with another encryption context.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the ciphertext is not valid")]
pub struct InvalidCiphertext;

/// A version of the layout; the first four bytes of a blob.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlobVersion {
    /// The layout described here.
    V1,
}

impl BlobVersion {
    /// The four bytes: three that say whose format it is, and the number.
    const fn magic(self) -> [u8; 4] {
        match self {
            Self::V1 => *b"KBN\x01",
        }
    }

    fn parse(magic: [u8; 4]) -> Result<Self, InvalidCiphertext> {
        [Self::V1].into_iter().find(|version| version.magic() == magic).ok_or(InvalidCiphertext)
    }
}

/// How message keys are derived and messages sealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlobAlgorithm {
    /// Keys by SP 800-108 counter mode with HMAC-SHA-256; messages by AES-256-GCM.
    Aes256Gcm,
    /// The same keys, 16 bytes long where they seal; messages by SM4-GCM (RFC 8998).
    Sm4Gcm,
}

impl BlobAlgorithm {
    const fn code(self) -> u8 {
        match self {
            Self::Aes256Gcm => 1,
            Self::Sm4Gcm => 2,
        }
    }

    fn parse(code: u8) -> Result<Self, InvalidCiphertext> {
        [Self::Aes256Gcm, Self::Sm4Gcm].into_iter().find(|algorithm| algorithm.code() == code).ok_or(InvalidCiphertext)
    }
}

/// What a blob says about itself. Unauthenticated: good for finding the key, and for nothing else.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlobHeader {
    /// Layout of the blob.
    pub version: BlobVersion,
    /// Algorithm of the blob.
    pub algorithm: BlobAlgorithm,
    /// The KMS key it says it was made with.
    pub key_id: KeyId,
    /// The material of that key.
    pub key_material_id: KeyMaterialId,
}

impl BlobHeader {
    /// The 54 bytes that name version, algorithm, key and material.
    fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.version.magic());
        out.push(self.algorithm.code());
        out.push(u8::from(self.key_id.is_multi_region()));
        out.extend_from_slice(&self.key_id.bytes());
        out.extend_from_slice(self.key_material_id.as_bytes());
    }

    fn parse(name: &[u8; NAME_LEN]) -> Result<Self, InvalidCiphertext> {
        let (magic, rest) = take::<4>(name)?;
        let ([algorithm, kind], rest) = take::<2>(rest)?;
        let (key_id, rest) = take::<16>(rest)?;
        let (key_material_id, _) = take::<32>(rest)?;
        let multi_region = match kind {
            0 => false,
            1 => true,
            _ => return Err(InvalidCiphertext),
        };
        Ok(Self {
            version: BlobVersion::parse(*magic)?,
            algorithm: BlobAlgorithm::parse(*algorithm)?,
            key_id: KeyId::from_parts(multi_region, *key_id),
            key_material_id: KeyMaterialId::from_bytes(*key_material_id),
        })
    }
}

/// A blob cut into its parts, none of them checked but for their lengths and codes.
pub(crate) struct Blob<'a> {
    pub(crate) header: BlobHeader,
    /// The first [`PREFIX_LEN`] bytes.
    pub(crate) prefix: &'a [u8],
    /// The first [`HEADER_LEN`] bytes.
    pub(crate) header_bytes: &'a [u8],
    pub(crate) commitment: &'a [u8; COMMITMENT_LEN],
    /// Ciphertext and tag.
    pub(crate) sealed: &'a [u8],
}

/// Reads the header of a blob.
///
/// # Errors
/// [`InvalidCiphertext`] when the bytes are not of this format or their length is impossible.
pub fn parse(bytes: &[u8]) -> Result<BlobHeader, InvalidCiphertext> {
    split(bytes).map(|blob| blob.header)
}

/// Cuts a blob into its parts.
pub(crate) fn split(bytes: &[u8]) -> Result<Blob<'_>, InvalidCiphertext> {
    if bytes.len() <= OVERHEAD || bytes.len() > LEN_MAX {
        return Err(InvalidCiphertext);
    }
    let (header_bytes, sealed) = take::<HEADER_LEN>(bytes)?;
    let (prefix, _) = take::<PREFIX_LEN>(header_bytes)?;
    let (name, _) = take::<NAME_LEN>(prefix)?;
    let commitment = header_bytes.last_chunk().ok_or(InvalidCiphertext)?;
    Ok(Blob { header: BlobHeader::parse(name)?, prefix, header_bytes, commitment, sealed })
}

/// Begins a blob: its header up to the commitment, in a vector that has room for the rest.
pub(crate) fn begin(header: &BlobHeader, message_nonce: &[u8; MESSAGE_NONCE_LEN], plaintext_len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(OVERHEAD + plaintext_len);
    header.append_to(&mut out);
    out.extend_from_slice(message_nonce);
    out
}

fn take<const N: usize>(bytes: &[u8]) -> Result<(&[u8; N], &[u8]), InvalidCiphertext> {
    bytes.split_first_chunk().ok_or(InvalidCiphertext)
}
