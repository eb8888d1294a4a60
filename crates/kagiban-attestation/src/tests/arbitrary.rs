//! Whatever comes: an answer, and never a panic.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::{any, proptest};
use proptest::sample::Index;

use super::{NOW, Signing, small};
use crate::cbor::{Entries, MAP, Reader, push_bytes, push_head, push_text};
use crate::roots::TrustedRoots;
use crate::{RecipientKey, verify};

static SIGNING: LazyLock<(Signing, Vec<u8>)> = LazyLock::new(|| {
    let signing = Signing::new();
    let payload = signing.payload_of(&small().public_key(b"key").user_data(b"data").nonce(b"nonce"));
    (signing, payload)
});

proptest! {
    #[test]
    fn arbitrary_bytes_are_no_document(bytes in vec(any::<u8>(), 0..512)) {
        assert!(verify(&bytes, &TrustedRoots::aws(), NOW).is_err());
    }

    /// Signed correctly, so that nothing hides behind a wrong signature.
    #[test]
    fn arbitrary_payloads_are_refused(bytes in vec(any::<u8>(), 1..512)) {
        assert!(SIGNING.0.verify_payload(&bytes).is_err());
    }

    /// A stretch of a good payload replaced: believed only if nothing changed that matters.
    #[test]
    fn damaged_payloads_are_judged(at in any::<Index>(), cut in 0..40_usize, with in vec(any::<u8>(), 0..40)) {
        let mut payload = SIGNING.1.clone();
        let start = at.index(payload.len());
        let end = payload.len().min(start + cut);
        payload.splice(start..end, with);
        let _ = SIGNING.0.verify_payload(&payload);
    }

    #[test]
    fn damaged_certificates_are_no_roots(at in any::<Index>(), byte in any::<u8>(), more in vec(any::<u8>(), 0..4)) {
        let mut certificate = SIGNING.0.root.certificate_der().to_vec();
        let index = at.index(certificate.len());
        certificate[index] = byte;
        certificate.extend(more);
        let _ = TrustedRoots::none().add_certificate(&certificate);
    }

    #[test]
    fn arbitrary_bytes_are_no_key(bytes in vec(any::<u8>(), 0..600)) {
        assert!(RecipientKey::from_spki_der(&bytes).is_err());
    }

    #[test]
    fn what_is_written_is_read(number in any::<u64>(), bytes in vec(any::<u8>(), 0..300), text in ".{0,80}") {
        let mut out = Vec::new();
        push_head(&mut out, MAP, number);
        push_head(&mut out, 0, number);
        push_bytes(&mut out, &bytes);
        push_text(&mut out, &text);
        let mut reader = Reader::new(&out);
        assert_eq!(reader.map(), Ok(Entries::Exactly(number)));
        assert_eq!(reader.unsigned(), Ok(number));
        assert_eq!(reader.bytes(), Ok(bytes.as_slice()));
        assert_eq!(reader.text(), Ok(text.as_str()));
        assert_eq!(reader.finish(), Ok(()));
    }
}
