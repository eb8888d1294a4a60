//! Messages to be signed, in the three forms of the API, and whether a form goes with an algorithm.

use crate::spec::{KeySpec, MessageType, SigningAlgorithm};

/// A message, in one of the forms in which the API takes it.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The message itself; hashed here.
    Raw(&'a [u8]),
    /// Its digest; the hash is skipped. But with `ED25519_PH_SHA_512` it is not: there the digest is the message of
    /// Ed25519ph, hashed once more, as AWS KMS has it (API reference of Sign, MessageType).
    Digest(&'a [u8]),
    /// The message representative of ML-DSA (FIPS 204, algorithm 7, line 6), which commits to the public key.
    ExternalMu(&'a [u8]),
}

/// A message cannot be signed, or its signature verified, so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum UnfitMessage {
    /// The algorithm is none of this key's.
    #[error("{algorithm} is no algorithm of a {spec} key")]
    Algorithm {
        /// The algorithm asked for.
        algorithm: SigningAlgorithm,
        /// Spec of the key.
        spec: KeySpec,
    },
    /// The algorithm doesn't take messages in this form.
    #[error("{algorithm} takes no message of type {message_type}")]
    MessageType {
        /// The algorithm asked for.
        algorithm: SigningAlgorithm,
        /// Form of the message.
        message_type: MessageType,
    },
    /// The digest is not as long as the algorithm's digests are.
    #[error("a digest of {len} bytes where {expected} are needed")]
    WrongDigestLength {
        /// Bytes there are.
        len: usize,
        /// Bytes there must be.
        expected: usize,
    },
}

impl<'a> Message<'a> {
    /// The form.
    pub const fn message_type(&self) -> MessageType {
        match self {
            Self::Raw(_) => MessageType::Raw,
            Self::Digest(_) => MessageType::Digest,
            Self::ExternalMu(_) => MessageType::ExternalMu,
        }
    }

    /// Whether a key of `spec` can sign this message with `algorithm`, or a signature be verified. The check that
    /// signing and verifying make first, for who wants to know without having the key (a dry run).
    ///
    /// # Errors
    /// [`UnfitMessage`]
    pub fn require_fit(&self, spec: KeySpec, algorithm: SigningAlgorithm) -> Result<(), UnfitMessage> {
        if !spec.signing_algorithms().contains(&algorithm) {
            return Err(UnfitMessage::Algorithm { algorithm, spec });
        }
        let message_type = self.message_type();
        if !algorithm.message_types().contains(&message_type) {
            return Err(UnfitMessage::MessageType { algorithm, message_type });
        }
        match self {
            Self::Digest(digest) | Self::ExternalMu(digest) if digest.len() != algorithm.digest_len() => {
                Err(UnfitMessage::WrongDigestLength { len: digest.len(), expected: algorithm.digest_len() })
            }
            _ => Ok(()),
        }
    }
}
