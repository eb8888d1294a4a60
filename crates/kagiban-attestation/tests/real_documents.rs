//! Documents that real enclaves got from real hypervisors, verified at their own time under AWS's published root.
//!
//! Where they come from: `vectors/README.md`. What they say was read with other programs.
#![expect(clippy::unwrap_used, reason = "tests")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kagiban_attestation::{
    Attestation, AttestationError, DOCUMENT_AGE_MS_MAX, DOCUMENT_LEAD_MS_MAX, Platform, RecipientError, TrustedRoots,
    verify,
};
use kagiban_base::time::Timestamp;

/// What is known of a document.
struct Real {
    base64: &'static str,
    module_id: &'static str,
    signed_at_ms: i64,
    /// Registers that are not zero: index and the first four bytes.
    pcrs: &'static [(u8, [u8; 4])],
    public_key_len: Option<usize>,
    user_data_len: Option<usize>,
    nonce: Option<&'static [u8]>,
}

const REAL: [Real; 2] = [
    Real {
        base64: include_str!("vectors/2022-09-15-definite.b64"),
        module_id: "i-0697c9729fa547b20-enc0183422ede9a5dc8",
        signed_at_ms: 1_663_263_808_848,
        pcrs: &[
            (0, [0xea, 0x42, 0x12, 0xee]),
            (1, [0xbc, 0xdf, 0x05, 0xfe]),
            (2, [0x1c, 0x8b, 0xc2, 0xd8]),
            (3, [0xc1, 0x04, 0x7e, 0x6d]),
            (4, [0x19, 0x22, 0x84, 0x8e]),
            (8, [0x6f, 0x1f, 0xf0, 0xf2]),
        ],
        public_key_len: Some(32),
        user_data_len: Some(250),
        nonce: Some(&[0x47, 0xb5, 0xfb, 0xa6, 0x97, 0x9c, 0xbf, 0x7e, 0x56, 0x7e, 0x26, 0x29]),
    },
    Real {
        base64: include_str!("vectors/2026-01-03-open-map.b64"),
        module_id: "i-0368fa67e156d6d23-enc019b8596b1a9dad6",
        signed_at_ms: 1_767_472_867_402,
        pcrs: &[
            (0, [0x4b, 0x8d, 0x4c, 0xf2]),
            (1, [0x03, 0x43, 0xb0, 0x56]),
            (2, [0x16, 0xef, 0xcc, 0x1d]),
            (4, [0x24, 0x56, 0x17, 0x23]),
        ],
        public_key_len: None,
        user_data_len: Some(20),
        nonce: None,
    },
];

impl Real {
    fn document(&self) -> Vec<u8> {
        STANDARD.decode(self.base64.replace('\n', "")).unwrap()
    }

    fn signed_at(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.signed_at_ms)
    }

    fn verify_after(&self, ms: i64) -> Result<Attestation, AttestationError> {
        verify(&self.document(), &TrustedRoots::aws(), self.signed_at().plus_ms(ms))
    }
}

#[test]
fn they_say_what_others_read_in_them() {
    for real in REAL {
        let attestation = real.verify_after(0).unwrap();
        assert_eq!(attestation.platform(), Platform::NitroEnclave);
        assert_eq!(attestation.module_id(), real.module_id);
        assert_eq!(attestation.signed_at(), real.signed_at());
        assert_eq!(attestation.public_key_der().map(<[u8]>::len), real.public_key_len);
        assert_eq!(attestation.user_data().map(<[u8]>::len), real.user_data_len);
        assert_eq!(attestation.nonce(), real.nonce);
        assert!(!attestation.is_debug_mode());

        assert_eq!(attestation.pcrs().map(|(index, _)| index).collect::<Vec<_>>(), (0..16).collect::<Vec<_>>());
        assert!(attestation.pcrs().all(|(_, value)| value.len() == 48));
        let measured = attestation.pcrs().filter(|(_, value)| value.iter().any(|byte| *byte != 0));
        let measured: Vec<(u8, [u8; 4])> =
            measured.map(|(index, value)| (index, value[..4].try_into().unwrap())).collect();
        assert_eq!(measured, real.pcrs);
    }
}

#[test]
fn none_of_them_has_a_key_to_answer_to() {
    let errors = REAL.map(|real| real.verify_after(0).unwrap().recipient_key().unwrap_err());
    assert_eq!(errors, [RecipientError::PublicKey, RecipientError::NoPublicKey]);
}

#[test]
fn they_are_believed_for_ten_minutes() {
    for real in REAL {
        let age_ms = DOCUMENT_AGE_MS_MAX + 1;
        assert_eq!(real.verify_after(age_ms), Err(AttestationError::TooOld { age_ms }));
        let lead_ms = DOCUMENT_LEAD_MS_MAX + 1;
        assert_eq!(real.verify_after(-lead_ms), Err(AttestationError::FromTheFuture { lead_ms }));
        assert!(real.verify_after(age_ms - 1).is_ok());
    }
}

#[test]
fn they_are_believed_under_their_own_root_only() {
    let mut other = TrustedRoots::none();
    assert!(other.is_empty());
    other.add_fingerprint([0; 32]);
    for real in REAL {
        for roots in [&TrustedRoots::none(), &other] {
            let refused = verify(&real.document(), roots, real.signed_at());
            assert_eq!(refused, Err(AttestationError::UntrustedRoot));
        }
    }
}

/// One bit of every byte in turn. A document has no byte that is there for nothing.
#[test]
fn no_byte_of_them_can_be_changed() {
    for real in REAL {
        let original = real.document();
        for index in (0..original.len()).step_by(3) {
            let mut document = original.clone();
            document[index] ^= 1 << (index % 8);
            assert!(verify(&document, &TrustedRoots::aws(), real.signed_at()).is_err(), "byte {index}");
        }
    }
}
