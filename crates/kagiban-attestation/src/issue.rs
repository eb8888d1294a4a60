//! Making documents under a root of one's own, so that flows of enclaves can be tried without an enclave.
//!
//! What is made here is verified by [`crate::verify`] like any other document; nothing in the verifier knows of it. A
//! server believes it only when its operator configured that root, and whoever holds the root's private key can then
//! attest to anything.

pub(crate) mod certificate;
pub(crate) mod document;
pub(crate) mod signing_key;

use der::Document;
use der::pem::LineEnding;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

pub use document::TestDocument;

use crate::certificate::Certificate;
use crate::error::AttestationError;
use crate::issue::certificate::{Role, Template};
use crate::issue::signing_key::SigningKey;
use crate::roots::{RootError, TrustedRoots};

/// The name of the roots made here.
const ROOT_NAME: &str = "CN=test.nitro-enclaves,O=Kagiban test root";
/// Days that a root is valid.
const ROOT_DAYS: i64 = 3650;
/// Validity begins this much earlier than `now`, for clocks that differ.
pub(crate) const LEAD_MS: i64 = 5 * 60 * 1000;

/// Why nothing was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IssueError {
    /// The root's private key is not a P-384 key in PKCS#8, or not that of its certificate.
    #[error("the private key does not belong to the root")]
    PrivateKey,
    /// The root's certificate cannot be a root.
    #[error(transparent)]
    Root(#[from] RootError),
    /// What was asked for is no acceptable document, or its root has expired.
    #[error("no server would accept it: {0}")]
    Refused(#[from] AttestationError),
    /// The library refused an operation whose inputs are always acceptable.
    #[error("the cryptographic library failed")]
    Primitive,
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// A root of one's own: a self-signed P-384 certificate and its private key.
pub struct TestRoot {
    certificate: Vec<u8>,
    key: SigningKey,
}

impl TestRoot {
    /// A new root, valid for ten years from `now`.
    ///
    /// # Errors
    /// [`IssueError::Random`], [`IssueError::Primitive`]
    pub fn generate(now: Timestamp, random: &dyn Random) -> Result<Self, IssueError> {
        let key = SigningKey::generate()?;
        let certificate = Template {
            issuer: ROOT_NAME,
            subject: ROOT_NAME,
            not_before: now.plus_ms(-LEAD_MS),
            not_after: now.plus_days(ROOT_DAYS),
            point: key.point(),
            role: Role::Authority { path_len: None },
        }
        .sign(&key, random)?;
        Ok(Self { certificate, key })
    }

    /// A root from what [`Self::certificate_pem`] and [`Self::private_key_pem`] gave.
    ///
    /// # Errors
    /// [`IssueError::Root`] for a certificate that cannot be a root, [`IssueError::PrivateKey`] for a key that is not its.
    pub fn from_pem(certificate: &str, private_key: &SecretBytes) -> Result<Self, IssueError> {
        TrustedRoots::none().add_certificate_pem(certificate)?;
        let (_, document) = Document::from_pem(certificate).map_err(|_| RootError::Pem)?;
        let key = SigningKey::from_pem(private_key)?;
        let parsed = Certificate::parse(document.as_bytes()).map_err(RootError::Certificate)?;
        if parsed.point() != key.point() {
            return Err(IssueError::PrivateKey);
        }
        Ok(Self { certificate: document.into_vec(), key })
    }

    /// The certificate in DER.
    pub fn certificate_der(&self) -> &[u8] {
        &self.certificate
    }

    /// The certificate in PEM: what a server is configured with.
    ///
    /// # Errors
    /// [`IssueError::Primitive`]
    pub fn certificate_pem(&self) -> Result<String, IssueError> {
        let document = Document::try_from(self.certificate.as_slice()).map_err(|_| IssueError::Primitive)?;
        document.to_pem("CERTIFICATE", LineEnding::LF).map_err(|_| IssueError::Primitive)
    }

    /// The private key in PEM (PKCS#8).
    ///
    /// # Errors
    /// [`IssueError::Primitive`]
    pub fn private_key_pem(&self) -> Result<SecretBytes, IssueError> {
        self.key.to_pem()
    }

    /// A set with this root alone.
    pub fn trusted(&self) -> TrustedRoots {
        TrustedRoots::of(&self.certificate)
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.key
    }
}
