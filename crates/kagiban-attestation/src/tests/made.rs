//! What the issuer makes, the verifier believes.

use kagiban_base::os::OsRandom;
use kagiban_base::time::Timestamp;

use crate::issue::{TestDocument, TestRoot};
use crate::{Platform, verify};

#[test]
fn a_document_says_what_was_asked_for() {
    let now = Timestamp::from_unix_s(1_790_000_000);
    let root = TestRoot::generate(now, &OsRandom).unwrap();
    let document = TestDocument::new(Platform::NitroEnclave)
        .module_id("i-1-enc2")
        .pcr(0, &[7; 48])
        .pcr(31, &[8; 48])
        .public_key(b"key")
        .user_data(b"")
        .nonce(b"n")
        .sign(&root, now, &OsRandom)
        .unwrap();
    let attestation = verify(&document, &root.trusted(), now).unwrap();
    assert_eq!(attestation.platform(), Platform::NitroEnclave);
    assert_eq!(attestation.module_id(), "i-1-enc2");
    assert_eq!(attestation.pcrs().collect::<Vec<_>>(), [(0, &[7; 48][..]), (31, &[8; 48])]);
    assert_eq!(attestation.image_sha384(), Some(&[7; 48][..]));
    assert_eq!(attestation.public_key_der(), Some(&b"key"[..]));
    assert_eq!(attestation.user_data(), Some(&b""[..]));
    assert_eq!(attestation.nonce(), Some(&b"n"[..]));
    assert_eq!(attestation.signed_at(), now);
}
