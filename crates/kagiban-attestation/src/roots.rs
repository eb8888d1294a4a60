//! The roots that documents are believed under.

use aws_lc_rs::digest;
use der::Document;

use crate::certificate::Certificate;
use crate::error::CertificateFault;

/// SHA-256 of the root certificate of the commercial AWS partitions ("aws.nitro-enclaves", valid 2019 to 2049), as
/// AWS publishes it in "Verifying the root of trust" of the Nitro Enclaves user guide.
const AWS_ROOT_G1: [u8; 32] = [
    0x64, 0x1a, 0x03, 0x21, 0xa3, 0xe2, 0x44, 0xef, 0xe4, 0x56, 0x46, 0x31, 0x95, 0xd6, 0x06, 0x31, 0x7e, 0xd7, 0xcd,
    0xcc, 0x3c, 0x17, 0x56, 0xe0, 0x98, 0x93, 0xf3, 0xc6, 0x8f, 0x79, 0xbb, 0x5b,
];

/// A root could not be added.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RootError {
    /// The text is not one certificate in PEM.
    #[error("not a certificate in pem")]
    Pem,
    /// The certificate cannot be the root of documents.
    #[error("the certificate {0}")]
    Certificate(CertificateFault),
}

/// The roots that documents are believed under, each known by the SHA-256 of its certificate.
///
/// A fingerprint suffices because every document carries its root certificate first in `cabundle`. An empty set
/// believes nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TrustedRoots(Vec<[u8; 32]>);

impl TrustedRoots {
    /// No root: every document is refused.
    pub fn none() -> Self {
        Self::default()
    }

    /// The root of the commercial AWS partitions, by its published fingerprint.
    pub fn aws() -> Self {
        Self(vec![AWS_ROOT_G1])
    }

    /// Adds the certificate with this SHA-256.
    pub fn add_fingerprint(&mut self, sha256: [u8; 32]) {
        if !self.0.contains(&sha256) {
            self.0.push(sha256);
        }
    }

    /// Adds a certificate (DER), which must be able to be a root: P-384, an authority, allowed to sign certificates.
    ///
    /// # Errors
    /// [`RootError::Certificate`] if it could never verify a document; its dates are not looked at.
    pub fn add_certificate(&mut self, der: &[u8]) -> Result<(), RootError> {
        let certificate = Certificate::parse(der).map_err(RootError::Certificate)?;
        certificate.check_authority(0).map_err(RootError::Certificate)?;
        self.add_fingerprint(fingerprint(der));
        Ok(())
    }

    /// Adds a certificate from a PEM text that holds nothing else.
    ///
    /// # Errors
    /// [`RootError`] when it is not that, or could never verify a document.
    pub fn add_certificate_pem(&mut self, pem: &str) -> Result<(), RootError> {
        match Document::from_pem(pem) {
            Ok(("CERTIFICATE", document)) => self.add_certificate(document.as_bytes()),
            _ => Err(RootError::Pem),
        }
    }

    /// Whether there is none, and so every document refused.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The SHA-256 of each root's certificate.
    pub fn fingerprints(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.0.iter()
    }

    pub(crate) fn of(certificate: &[u8]) -> Self {
        Self(vec![fingerprint(certificate)])
    }

    pub(crate) fn trust(&self, certificate: &[u8]) -> bool {
        self.0.contains(&fingerprint(certificate))
    }
}

fn fingerprint(certificate: &[u8]) -> [u8; 32] {
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
    sha256
}
