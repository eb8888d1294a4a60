//! What tests sign with: a key of the kind that signs the audit, with the time in which it is valid.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use kagiban_base::time::Timestamp;

use crate::signing::{PublicKey, Signer, SigningFailed};

/// A key pair. To make one takes up to a second.
#[derive(Debug)]
pub struct TestSigner {
    pair: RsaKeyPair,
    valid_from: Timestamp,
    valid_until: Timestamp,
}

impl TestSigner {
    /// A new key that is valid from one moment to another.
    pub fn valid(valid_from: Timestamp, valid_until: Timestamp) -> Arc<Self> {
        Arc::new(Self { pair: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), valid_from, valid_until })
    }

    /// A new key for tests that ask for no time.
    pub fn timeless() -> Arc<Self> {
        Self::valid(Timestamp::default(), Timestamp::default())
    }
}

impl Signer for TestSigner {
    fn public_key(&self) -> PublicKey {
        PublicKey::new(self.pair.public_key().as_ref(), self.valid_from, self.valid_until)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature);
        signed.map(|()| signature).map_err(|_| SigningFailed)
    }
}
