//! Any bytes as the SubjectPublicKeyInfo of any spec, and as a peer's in a key agreement.
//!
//! Property: nothing panics; what is taken is kept byte by byte, and verifies no signature of zeros.
#![no_main]

use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{KeySpec, MessageType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((spec, bytes)) = data.split_first() else { return };
    let spec = KeySpec::ALL[usize::from(*spec) % KeySpec::ALL.len()];
    let Ok(key) = PublicKey::decode(spec, bytes) else { return };
    assert_eq!(key.spki_der(), bytes);
    for algorithm in spec.signing_algorithms() {
        if algorithm.message_types().contains(&MessageType::Raw) {
            let forged = [0; 256];
            assert!(key.verify(*algorithm, Message::Raw(b"message"), &forged).is_err(), "{algorithm} takes zeros");
        }
    }
});
