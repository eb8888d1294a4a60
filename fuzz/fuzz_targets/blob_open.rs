//! Any bytes as a ciphertext, opened with material that never sealed anything.
//!
//! Property: nothing panics, only lengths within the format's are parsed, and nothing ever opens.
#![no_main]

use kagiban_base::arn::KeyArn;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::blob::{self, LEN_MAX, OVERHEAD};
use kagiban_keycore::encryption_context::CanonicalContext;
use kagiban_keycore::material::SymmetricMaterial;
use kagiban_keycore::symmetric::{self, KeyIdentity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(header) = blob::parse(data) else { return };
    assert!(data.len() > OVERHEAD && data.len() <= LEN_MAX);
    let material = SymmetricMaterial::from_secret(&SecretBytes::from_slice(&[0xA5; 32])).expect("material");
    let arn = KeyArn {
        region: "eu-central-1".parse().expect("a Region"),
        account: "123456789012".parse().expect("an account"),
        key_id: header.key_id,
    };
    // Of the key that the blob names, so that it comes as far as the cryptography.
    let identity = KeyIdentity { arn, key_material_id: header.key_material_id };
    assert!(symmetric::open(&material, &identity, &CanonicalContext::EMPTY, data).is_err(), "a forged blob opens");
});
