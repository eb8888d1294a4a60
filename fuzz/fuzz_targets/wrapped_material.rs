//! Any bytes as wrapped key material, under each algorithm of an RSA and of an SM2 wrapping key.
//!
//! Property: nothing panics, and nothing that was not wrapped comes out: with an RSA key nobody can make the padding by chance.
#![no_main]

use std::sync::LazyLock;

use kagiban_base::os::OsRandom;
use kagiban_keycore::import::{WrappingAlgorithm, WrappingKey, WrappingKeySpec};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[WrappingKey; 2]> = LazyLock::new(|| {
    [WrappingKeySpec::Rsa2048, WrappingKeySpec::Sm2].map(|spec| WrappingKey::generate(spec, &OsRandom).expect("a key"))
});

fuzz_target!(|data: &[u8]| {
    for key in &*KEYS {
        for algorithm in WrappingAlgorithm::ALL {
            let opened = key.unwrap_material(algorithm, data);
            assert!(opened.is_err(), "{algorithm} opens what nobody wrapped");
        }
    }
});
