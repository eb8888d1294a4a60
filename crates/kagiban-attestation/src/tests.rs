//! Hostile documents, made with the issuer's own parts and so signed correctly, or damaged afterwards.

mod answer;
mod arbitrary;
mod chain;
mod envelope;
mod made;
mod payload;

use kagiban_base::os::OsRandom;
use kagiban_base::time::Timestamp;

use crate::document::Platform;
use crate::error::AttestationError;
use crate::issue::document::{Chain, envelope};
use crate::issue::{TestDocument, TestRoot};
use crate::{Attestation, verify};

/// When everything in these tests happens: 2026-09-21T12:26:40Z.
const NOW: Timestamp = Timestamp::from_unix_s(1_790_000_000);

/// A root and a chain below it, to sign payloads with that the issuer would not write.
struct Signing {
    root: TestRoot,
    chain: Chain,
}

impl Signing {
    fn new() -> Self {
        let root = TestRoot::generate(NOW, &OsRandom).unwrap();
        let chain = Chain::generate(&root, NOW, &OsRandom).unwrap();
        Self { root, chain }
    }

    /// A small payload that is as it should be.
    fn payload(&self) -> Vec<u8> {
        self.payload_of(&small())
    }

    fn payload_of(&self, document: &TestDocument) -> Vec<u8> {
        document.payload(NOW, self.chain.cabundle(&self.root), &self.chain.signer)
    }

    fn sign(&self, payload: &[u8]) -> Vec<u8> {
        envelope(payload, &self.chain.key).unwrap()
    }

    fn verify(&self, document: &[u8]) -> Result<Attestation, AttestationError> {
        verify(document, &self.root.trusted(), NOW)
    }

    /// Signs the payload and verifies what comes out.
    fn verify_payload(&self, payload: &[u8]) -> Result<Attestation, AttestationError> {
        self.verify(&self.sign(payload))
    }
}

fn small() -> TestDocument {
    TestDocument::new(Platform::NitroEnclave).pcr(0, &[7; 48])
}
