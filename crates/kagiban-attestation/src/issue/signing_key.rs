//! A P-384 key pair that signs certificates and documents, which encode their signatures differently.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair,
};
use der::SecretDocument;
use der::pem::LineEnding;
use kagiban_base::secret::SecretBytes;

use crate::issue::IssueError;

const PEM_LABEL: &str = "PRIVATE KEY";

pub(crate) struct SigningKey {
    pkcs8: SecretBytes,
    point: Vec<u8>,
}

impl SigningKey {
    pub(crate) fn generate() -> Result<Self, IssueError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).map_err(|_| IssueError::Primitive)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| IssueError::Primitive)?;
        Self::from_pkcs8(SecretBytes::from_slice(pkcs8.as_ref()))
    }

    pub(crate) fn from_pem(pem: &SecretBytes) -> Result<Self, IssueError> {
        let text = std::str::from_utf8(pem.expose()).map_err(|_| IssueError::PrivateKey)?;
        match SecretDocument::from_pem(text) {
            Ok((PEM_LABEL, document)) => Self::from_pkcs8(SecretBytes::from_slice(document.as_bytes())),
            _ => Err(IssueError::PrivateKey),
        }
    }

    pub(crate) fn to_pem(&self) -> Result<SecretBytes, IssueError> {
        let document = SecretDocument::try_from(self.pkcs8.expose()).map_err(|_| IssueError::Primitive)?;
        let pem = document.to_pem(PEM_LABEL, LineEnding::LF).map_err(|_| IssueError::Primitive)?;
        Ok(SecretBytes::from_slice(pem.as_bytes()))
    }

    fn from_pkcs8(pkcs8: SecretBytes) -> Result<Self, IssueError> {
        let pair = pair(&pkcs8, &ECDSA_P384_SHA384_ASN1_SIGNING)?;
        Ok(Self { point: pair.public_key().as_ref().to_vec(), pkcs8 })
    }

    /// The public key, an uncompressed point.
    pub(crate) fn point(&self) -> &[u8] {
        &self.point
    }

    /// A certificate's signature: DER.
    pub(crate) fn sign_certificate(&self, signed: &[u8]) -> Result<Vec<u8>, IssueError> {
        self.sign(signed, &ECDSA_P384_SHA384_ASN1_SIGNING)
    }

    /// A document's signature: 96 bytes.
    pub(crate) fn sign_document(&self, signed: &[u8]) -> Result<Vec<u8>, IssueError> {
        self.sign(signed, &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    fn sign(&self, signed: &[u8], algorithm: &'static EcdsaSigningAlgorithm) -> Result<Vec<u8>, IssueError> {
        // The library takes its own randomness for the nonce, whatever is passed.
        let signature = pair(&self.pkcs8, algorithm)?.sign(&SystemRandom::new(), signed);
        Ok(signature.map_err(|_| IssueError::Primitive)?.as_ref().to_vec())
    }
}

fn pair(pkcs8: &SecretBytes, algorithm: &'static EcdsaSigningAlgorithm) -> Result<EcdsaKeyPair, IssueError> {
    EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.expose()).map_err(|_| IssueError::PrivateKey)
}
