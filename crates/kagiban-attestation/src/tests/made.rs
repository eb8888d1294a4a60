//! What the issuer makes, the verifier believes; what it would not believe, the issuer does not make.

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;

use super::{NOW, small};
use crate::document::Platform;
use crate::error::{AttestationError, CertificateFault, Field};
use crate::issue::{IssueError, TestDocument, TestRoot};
use crate::roots::{RootError, TrustedRoots};
use crate::{DOCUMENT_AGE_MS_MAX, DOCUMENT_LEAD_MS_MAX, verify};

#[test]
fn an_enclaves_document_says_what_was_asked_for() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let document = TestDocument::new(Platform::NitroEnclave)
        .module_id("i-1-enc2")
        .pcr(0, &[7; 48])
        .pcr(31, &[8; 32])
        .public_key(b"key")
        .user_data(b"")
        .nonce(b"n")
        .sign(&root, NOW, &OsRandom)
        .unwrap();
    let attestation = verify(&document, &root.trusted(), NOW).unwrap();
    assert_eq!(attestation.platform(), Platform::NitroEnclave);
    assert_eq!(attestation.module_id(), "i-1-enc2");
    assert_eq!(attestation.pcrs().collect::<Vec<_>>(), [(0, &[7; 48][..]), (31, &[8; 32])]);
    assert_eq!(attestation.pcr(31), Some(&[8; 32][..]));
    assert_eq!(attestation.pcr(1), None);
    assert_eq!(attestation.image_sha384(), Some(&[7; 48][..]));
    assert_eq!(attestation.public_key_der(), Some(&b"key"[..]));
    assert_eq!(attestation.user_data(), Some(&b""[..]));
    assert_eq!(attestation.nonce(), Some(&b"n"[..]));
    assert_eq!(attestation.signed_at(), NOW);
}

#[test]
fn an_instances_document_measures_no_image() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let document = TestDocument::new(Platform::NitroTpm).pcr(0, &[0; 48]).pcr(4, &[4; 48]);
    let attestation = verify(&document.sign(&root, NOW, &OsRandom).unwrap(), &root.trusted(), NOW).unwrap();
    assert_eq!(attestation.platform(), Platform::NitroTpm);
    assert_eq!(attestation.pcr(4), Some(&[4; 48][..]));
    assert_eq!(attestation.image_sha384(), None);
    assert!(!attestation.is_debug_mode());
    assert_eq!((attestation.public_key_der(), attestation.user_data(), attestation.nonce()), (None, None, None));
}

#[test]
fn debug_mode_is_an_image_of_zeros() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    for (image, is_debug_mode) in [([0; 48], true), ([1; 48], false)] {
        let document = TestDocument::new(Platform::NitroEnclave).pcr(0, &image).sign(&root, NOW, &OsRandom).unwrap();
        assert_eq!(verify(&document, &root.trusted(), NOW).unwrap().is_debug_mode(), is_debug_mode);
    }
}

#[test]
fn what_no_server_would_accept_is_not_made() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let length = |field, len| AttestationError::FieldLength { field, len };
    let rows = [
        (TestDocument::new(Platform::NitroEnclave), length(Field::Pcrs, 0)),
        (small().pcr(1, &[0; 47]), length(Field::Pcrs, 47)),
        (small().pcr(0, &[0; 48]), AttestationError::RepeatedPcr { index: 0 }),
        (small().pcr(32, &[0; 48]), AttestationError::PcrIndex { index: 32 }),
        (small().module_id(""), length(Field::ModuleId, 0)),
        (small().module_id(&"i".repeat(257)), length(Field::ModuleId, 257)),
        (small().public_key(b""), length(Field::PublicKey, 0)),
        (small().public_key(&[0; 1025]), length(Field::PublicKey, 1025)),
        (small().user_data(&[0; 1025]), length(Field::UserData, 1025)),
        (small().nonce(&[0; 1025]), length(Field::Nonce, 1025)),
    ];
    for (document, fault) in rows {
        assert_eq!(document.sign(&root, NOW, &OsRandom), Err(IssueError::Refused(fault)), "{document:?}");
    }
    let late = NOW.plus_days(3651);
    let expired = AttestationError::Certificate { index: 0, fault: CertificateFault::Expired };
    assert_eq!(small().sign(&root, late, &OsRandom), Err(IssueError::Refused(expired)));
}

/// Everything at its documented most, in one document.
#[test]
fn the_largest_document_is_believed() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let mut largest = TestDocument::new(Platform::NitroEnclave)
        .module_id(&"i".repeat(256))
        .public_key(&[1; 1024])
        .user_data(&[2; 1024])
        .nonce(&[3; 1024]);
    for index in 0..32 {
        largest = largest.pcr(index, &[index; 64]);
    }
    let document = largest.sign(&root, NOW, &OsRandom).unwrap();
    assert_eq!(verify(&document, &root.trusted(), NOW).unwrap().pcrs().count(), 32);
}

#[test]
fn a_document_is_believed_from_five_minutes_before_to_five_after() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let document = small().sign(&root, NOW, &OsRandom).unwrap();
    let verified_after = |ms| verify(&document, &root.trusted(), NOW.plus_ms(ms)).map(|_| ());
    assert_eq!(verified_after(DOCUMENT_AGE_MS_MAX), Ok(()));
    assert_eq!(verified_after(-DOCUMENT_LEAD_MS_MAX), Ok(()));
    assert_eq!(verified_after(DOCUMENT_AGE_MS_MAX + 1), Err(AttestationError::TooOld { age_ms: 300_001 }));
    assert_eq!(verified_after(-DOCUMENT_LEAD_MS_MAX - 1), Err(AttestationError::FromTheFuture { lead_ms: 300_001 }));
}

#[test]
fn a_root_survives_its_files() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let (certificate, key) = (root.certificate_pem().unwrap(), root.private_key_pem().unwrap());
    let read = TestRoot::from_pem(&certificate, &key).unwrap();
    assert_eq!(read.certificate_der(), root.certificate_der());

    let mut configured = TrustedRoots::none();
    configured.add_certificate_pem(&certificate).unwrap();
    configured.add_certificate(root.certificate_der()).unwrap();
    assert_eq!(configured, root.trusted());
    assert_eq!(configured.fingerprints().count(), 1);
    let document = small().sign(&read, NOW, &OsRandom).unwrap();
    assert!(verify(&document, &configured, NOW).is_ok());
}

#[test]
fn a_root_is_not_made_of_parts_that_do_not_fit() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let other = TestRoot::generate(NOW, &OsRandom).unwrap();
    let (certificate, key) = (root.certificate_pem().unwrap(), root.private_key_pem().unwrap());
    let refused = |certificate: &str, key: &SecretBytes| TestRoot::from_pem(certificate, key).map(|_| ()).unwrap_err();
    assert_eq!(refused(&certificate, &other.private_key_pem().unwrap()), IssueError::PrivateKey);
    assert_eq!(refused(&certificate, &SecretBytes::from_slice(b"")), IssueError::PrivateKey);
    assert_eq!(refused(&certificate, &SecretBytes::from_slice(certificate.as_bytes())), IssueError::PrivateKey);
    assert_eq!(refused("", &key), IssueError::Root(RootError::Pem));
    assert_eq!(refused(std::str::from_utf8(key.expose()).unwrap(), &key), IssueError::Root(RootError::Pem));
}

#[test]
fn only_what_can_be_a_root_is_configured() {
    let signing = super::Signing::new();
    let add = |der: &[u8]| TrustedRoots::none().add_certificate(der);
    assert_eq!(add(b""), Err(RootError::Certificate(CertificateFault::Unreadable)));
    assert_eq!(add(&signing.chain.signer), Err(RootError::Certificate(CertificateFault::NotAnAuthority)));
    assert_eq!(add(&signing.chain.intermediate), Ok(()));
}

/// The root's own signature is not checked, its bytes are: one bit makes it another certificate.
#[test]
fn a_root_is_known_by_all_its_bytes() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let document = small().sign(&root, NOW, &OsRandom).unwrap();
    let other = TestRoot::generate(NOW, &OsRandom).unwrap();
    assert_eq!(verify(&document, &other.trusted(), NOW), Err(AttestationError::UntrustedRoot));
    let mut certificate = root.certificate_der().to_vec();
    *certificate.last_mut().unwrap() ^= 1;
    assert_eq!(verify(&document, &TrustedRoots::of(&certificate), NOW), Err(AttestationError::UntrustedRoot));
}

/// Every byte of a document, one bit each. (Signatures over the chain and the payload, and one encoding of the rest.)
#[test]
fn no_byte_can_be_changed() {
    let root = TestRoot::generate(NOW, &OsRandom).unwrap();
    let original = small().public_key(b"key").user_data(b"data").nonce(b"n").sign(&root, NOW, &OsRandom).unwrap();
    for index in 0..original.len() {
        let mut document = original.clone();
        document[index] ^= 1 << (index % 8);
        assert!(verify(&document, &root.trusted(), NOW).is_err(), "byte {index}");
    }
}
