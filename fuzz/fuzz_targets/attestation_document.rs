//! Any bytes as an attestation document, as a certificate and as an enclave's public key.
//!
//! Property: nothing panics; a document is accepted only if it is one of the real ones among the seeds, at their own time.
#![no_main]

use kagiban_attestation::{RecipientKey, TrustedRoots, verify};
use kagiban_base::time::Timestamp;
use libfuzzer_sys::fuzz_target;

/// When the seed document of 2022 was signed; its certificates were good then.
const SEED_TIME: &str = "20220915T000000Z";

fuzz_target!(|data: &[u8]| {
    let at = Timestamp::parse_basic_iso(SEED_TIME).expect("a date");
    if let Ok(attestation) = verify(data, &TrustedRoots::aws(), at) {
        assert!(attestation.pcrs().count() > 0);
        let _key = attestation.recipient_key();
    }
    let mut roots = TrustedRoots::none();
    if roots.add_certificate(data).is_ok() {
        assert_eq!(roots.fingerprints().count(), 1);
    }
    let _key = RecipientKey::from_spki_der(data);
});
