//! What can be wrong with a document, as facts.

use kagiban_base::random::RandomError;

/// Why a document was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AttestationError {
    /// More bytes than [`crate::DOCUMENT_LEN_MAX`].
    #[error("a document of {len} bytes, at most {max} are read")]
    TooLong {
        /// Bytes there are.
        len: usize,
        /// [`crate::DOCUMENT_LEN_MAX`]
        max: usize,
    },
    /// The bytes are not the CBOR that has to be at this place.
    #[error("{fault} at byte {offset} of the {}", if *.in_payload { "payload" } else { "document" })]
    Cbor {
        /// What is wrong.
        fault: CborFault,
        /// Where, from the start of the document or of its payload.
        offset: usize,
        /// Whether `offset` counts from the start of the payload.
        in_payload: bool,
    },
    /// The protected header is not exactly `{1: -35}` (ES384).
    #[error("the protected header does not name ES384 alone")]
    ProtectedHeader,
    /// There is something in the unprotected header, where nothing is signed.
    #[error("the unprotected header is not empty")]
    UnprotectedHeader,
    /// The signature is not the 96 bytes of ES384.
    #[error("a signature of {len} bytes, not 96")]
    SignatureLength {
        /// Bytes there are.
        len: usize,
    },
    /// The payload names a field that no document has.
    #[error("a field that is not known, at byte {offset} of the payload")]
    UnknownField {
        /// Where its name ends, from the start of the payload.
        offset: usize,
    },
    /// A field is there twice.
    #[error("{0} is there twice")]
    RepeatedField(Field),
    /// A field that every document has is not there.
    #[error("{0} is missing")]
    MissingField(Field),
    /// A field is empty, or longer or more than documented.
    #[error("{field} with {len} bytes or entries")]
    FieldLength {
        /// The field; for [`Field::CaBundle`] and [`Field::Pcrs`] the number of entries, or the length of one.
        field: Field,
        /// Bytes or entries there are.
        len: usize,
    },
    /// The digest is not SHA384.
    #[error("the digest is not SHA384")]
    Digest,
    /// The timestamp is zero or beyond what a timestamp can be.
    #[error("the timestamp is no point in time")]
    Timestamp,
    /// An index of a register that does not exist.
    #[error("a register with the index {index}")]
    PcrIndex {
        /// The index.
        index: u64,
    },
    /// An index that occurs twice.
    #[error("register {index} is there twice")]
    RepeatedPcr {
        /// The index.
        index: u8,
    },
    /// The document was signed longer ago than [`crate::DOCUMENT_AGE_MS_MAX`].
    #[error("the document is {age_ms} ms old")]
    TooOld {
        /// Its age in milliseconds.
        age_ms: i64,
    },
    /// The document says that it was signed further in the future than [`crate::DOCUMENT_LEAD_MS_MAX`].
    #[error("the document is {lead_ms} ms ahead of the clock")]
    FromTheFuture {
        /// How far ahead, in milliseconds.
        lead_ms: i64,
    },
    /// The first certificate of the bundle is not a configured root.
    #[error("the chain starts at a root that is not trusted")]
    UntrustedRoot,
    /// A certificate of the chain is not what it has to be.
    #[error("certificate {index} of the chain {fault}")]
    Certificate {
        /// Its place: 0 is the root, the highest is the one that signed the document.
        index: usize,
        /// What is wrong.
        fault: CertificateFault,
    },
    /// The document's signature does not verify.
    #[error("the document's signature is wrong")]
    Signature,
}

/// Why bytes are not the CBOR that was expected (RFC 8949).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CborFault {
    /// The bytes end within an item.
    #[error("the bytes end")]
    Truncated,
    /// A reserved head, or an indefinite length where none is allowed.
    #[error("an encoding that is not accepted")]
    Encoding,
    /// An item of another type or, for the envelope, another number of items.
    #[error("an item of another kind than expected")]
    Kind,
    /// A text that is not UTF-8.
    #[error("a text that is not utf-8")]
    Utf8,
    /// Bytes after the last item.
    #[error("bytes that are left over")]
    LeftOver,
}

/// What is wrong with a certificate of the chain (RFC 5280, narrowed to what the Nitro PKI uses).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateFault {
    /// Not the DER of a certificate.
    #[error("cannot be read")]
    Unreadable,
    /// Not X.509 version 3.
    #[error("is not of version 3")]
    Version,
    /// Signed by another algorithm than ECDSA with SHA-384, or the two places that name it differ.
    #[error("is not signed by ecdsa with sha-384")]
    SignatureAlgorithm,
    /// The key is no uncompressed point of P-384.
    #[error("has a key that is not of p-384")]
    Key,
    /// A critical extension other than basic constraints and key usage, or one extension twice.
    #[error("has extensions that cannot be followed")]
    Extensions,
    /// It issued a certificate and is not marked, critically, as an authority.
    #[error("is no authority and issued another")]
    NotAnAuthority,
    /// It signed the document and is marked as an authority.
    #[error("is an authority and signed the document")]
    Authority,
    /// More certificates follow than its path length allows.
    #[error("allows fewer certificates below it")]
    PathLength,
    /// Its key may not be used for what it was used for.
    #[error("has a key that may not be used so")]
    KeyUsage,
    /// It names another issuer than the certificate before it.
    #[error("names another issuer than the one before it")]
    Issuer,
    /// Its signature does not verify with the key of the certificate before it.
    #[error("is not signed by the one before it")]
    Signature,
    /// Its validity begins later.
    #[error("is not valid yet")]
    NotYetValid,
    /// Its validity has ended.
    #[error("has expired")]
    Expired,
}

/// The fields of a document.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Field {
    /// `module_id`
    ModuleId,
    /// `timestamp`
    Timestamp,
    /// `digest`
    Digest,
    /// `pcrs` or `nitrotpm_pcrs`; a document has exactly one of them
    Pcrs,
    /// `certificate`
    Certificate,
    /// `cabundle`
    CaBundle,
    /// `public_key`
    PublicKey,
    /// `user_data`
    UserData,
    /// `nonce`
    Nonce,
    /// The whole signed payload.
    Payload,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ModuleId => "module_id",
            Self::Timestamp => "timestamp",
            Self::Digest => "digest",
            Self::Pcrs => "pcrs",
            Self::Certificate => "certificate",
            Self::CaBundle => "cabundle",
            Self::PublicKey => "public_key",
            Self::UserData => "user_data",
            Self::Nonce => "nonce",
            Self::Payload => "payload",
        })
    }
}

/// Why nothing can be encrypted to a document's public key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RecipientError {
    /// The document carries no public key.
    #[error("the document carries no public key")]
    NoPublicKey,
    /// The public key is not the DER of a SubjectPublicKeyInfo with an RSA key of 2048 bits or more.
    #[error("the public key is not an rsa key of 2048 bits or more in der")]
    PublicKey,
    /// An RSA key of more than 4096 bits.
    #[error("an rsa key of {bits} bits")]
    KeySize {
        /// Bits of its modulus.
        bits: usize,
    },
    /// The library refused an operation whose inputs are always acceptable.
    #[error("the cryptographic library failed")]
    Primitive,
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}
