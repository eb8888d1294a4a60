//! Which material goes with which wrapping, written out once more, cell by cell.

use kagiban_base::id::Partition;
use kagiban_keycore::import::{
    IncompatibleWrapping, WrappingAlgorithm, WrappingKeySpec, is_compatible, require_compatible,
};
use kagiban_keycore::spec::KeySpec;

/// Columns: RSAES_OAEP, RSA_AES_KEY_WRAP (each with both hashes), SM2PKE. `2` means: not with RSA_2048.
const TABLE: [(KeySpec, &str); 20] = [
    (KeySpec::Rsa2048, "-++"),
    (KeySpec::Rsa3072, "-++"),
    (KeySpec::Rsa4096, "-++"),
    (KeySpec::EccNistP256, "+++"),
    (KeySpec::EccNistP384, "+++"),
    (KeySpec::EccNistP521, "2++"),
    (KeySpec::EccSecgP256k1, "+++"),
    (KeySpec::SymmetricDefault, "+--"),
    (KeySpec::Hmac224, "+--"),
    (KeySpec::Hmac256, "+--"),
    (KeySpec::Hmac384, "+--"),
    (KeySpec::Hmac512, "+--"),
    (KeySpec::Sm2, "+-+"),
    (KeySpec::MlDsa44, "++-"),
    (KeySpec::MlDsa65, "++-"),
    (KeySpec::MlDsa87, "++-"),
    (KeySpec::EccNistEdwards25519, "+++"),
    (KeySpec::MlKem512, "++-"),
    (KeySpec::MlKem768, "++-"),
    (KeySpec::MlKem1024, "++-"),
];

/// The column of an algorithm; `None` for the one that is gone.
fn column(algorithm: WrappingAlgorithm) -> Option<usize> {
    match algorithm {
        WrappingAlgorithm::RsaesPkcs1V15 => None,
        WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaesOaepSha256 => Some(0),
        WrappingAlgorithm::RsaAesKeyWrapSha1 | WrappingAlgorithm::RsaAesKeyWrapSha256 => Some(1),
        WrappingAlgorithm::Sm2pke => Some(2),
    }
}

fn cells() -> impl Iterator<Item = (KeySpec, u8, WrappingKeySpec, WrappingAlgorithm)> {
    TABLE.into_iter().flat_map(|(spec, row)| {
        WrappingKeySpec::ALL.into_iter().flat_map(move |key| {
            WrappingAlgorithm::ALL.into_iter().map(move |algorithm| {
                (spec, column(algorithm).map_or(b'-', |column| row.as_bytes()[column]), key, algorithm)
            })
        })
    })
}

#[test]
fn the_table_has_every_spec() {
    assert_eq!(TABLE.map(|(spec, _)| spec), KeySpec::ALL);
}

#[test]
fn every_cell_is_as_documented() {
    let mut count = 0;
    for (spec, cell, key, algorithm) in cells() {
        let is_sm2 = key == WrappingKeySpec::Sm2;
        let key_fits = is_sm2 == (algorithm == WrappingAlgorithm::Sm2pke);
        let cell_fits = cell == b'+' || (cell == b'2' && key != WrappingKeySpec::Rsa2048);
        let expected = key_fits && cell_fits;
        assert_eq!(is_compatible(spec, key, algorithm), expected, "{spec} {key} {algorithm}");
        count += usize::from(expected);
    }
    // By family: RSA, the other curves, P-521, symmetric and HMAC, SM2, lattices.
    assert_eq!(count, 3 * (6 + 1) + 4 * (6 + 6 + 1) + (4 + 6 + 1) + 5 * 6 + (6 + 1) + 6 * 12);
}

#[test]
fn regions_offer_their_own() {
    for (spec, _, key, algorithm) in cells() {
        for partition in [Partition::Aws, Partition::AwsUsGov, Partition::AwsCn] {
            let answer = require_compatible(spec, key, algorithm, partition);
            let in_china = partition == Partition::AwsCn;
            let offered = match column(algorithm) {
                Some(1) => !in_china && key != WrappingKeySpec::Sm2,
                Some(2) => in_china,
                _ => in_china || key != WrappingKeySpec::Sm2,
            };
            let expected = if algorithm == WrappingAlgorithm::RsaesPkcs1V15 {
                Err(IncompatibleWrapping::Retired { algorithm })
            } else if !offered {
                Err(IncompatibleWrapping::NotInRegion { algorithm, wrapping_key: key })
            } else if (key == WrappingKeySpec::Sm2) != (algorithm == WrappingAlgorithm::Sm2pke) {
                Err(IncompatibleWrapping::WrappingKey { algorithm, wrapping_key: key })
            } else if !is_compatible(spec, key, algorithm) {
                Err(IncompatibleWrapping::Material { spec, algorithm, wrapping_key: key })
            } else {
                Ok(())
            };
            assert_eq!(answer, expected, "{spec} {key} {algorithm} {partition:?}");
        }
    }
}

#[test]
fn some_answers_in_words() {
    use WrappingAlgorithm::{RsaAesKeyWrapSha256 as KeyWrap, RsaesOaepSha256 as Oaep, RsaesPkcs1V15, Sm2pke};
    use WrappingKeySpec::{Rsa2048, Sm2};
    for (spec, key, algorithm, partition, text) in [
        (KeySpec::Hmac256, Rsa2048, RsaesPkcs1V15, Partition::Aws, "RSAES_PKCS1_V1_5 is no longer supported"),
        (
            KeySpec::Rsa2048,
            Rsa2048,
            KeyWrap,
            Partition::AwsCn,
            "RSA_AES_KEY_WRAP_SHA_256 with RSA_2048 is not offered in this Region",
        ),
        (KeySpec::Sm2, Rsa2048, Sm2pke, Partition::AwsCn, "SM2PKE is no algorithm of a RSA_2048 wrapping key"),
        (KeySpec::Sm2, Sm2, Oaep, Partition::AwsCn, "RSAES_OAEP_SHA_256 is no algorithm of a SM2 wrapping key"),
        (
            KeySpec::Rsa2048,
            Rsa2048,
            Oaep,
            Partition::Aws,
            "RSA_2048 key material cannot be wrapped by RSAES_OAEP_SHA_256 with a RSA_2048 wrapping key",
        ),
    ] {
        let answer = require_compatible(spec, key, algorithm, partition);
        assert_eq!(answer.unwrap_err().to_string(), text);
    }
}

#[test]
fn names_are_those_of_the_api() {
    for (spec, name) in WrappingKeySpec::ALL.iter().zip(["RSA_2048", "RSA_3072", "RSA_4096", "SM2"]) {
        assert_eq!((spec.name(), WrappingKeySpec::parse(name)), (name, Some(*spec)));
        assert_eq!(spec.key_spec().name(), name);
    }
    assert_eq!(WrappingAlgorithm::parse("rsaes_oaep_sha_256"), None);
}
