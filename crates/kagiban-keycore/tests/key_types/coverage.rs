//! Which row of the table of specs has vectors of which origin. What has none is listed with the reason; the list may
//! only shrink, since an entry that is covered fails too.

use std::collections::BTreeSet;

use kagiban_keycore::spec::{Family, KeySpec};
use serde_json::Value;

use crate::interop;

/// A spec and the name of one of its algorithms.
type Covered = (KeySpec, String);

/// What a published vector of Wycheproof is run for, in `wycheproof.rs` here and in `../mac.rs`.
const WYCHEPROOF: [(KeySpec, &[&str]); 18] = [
    (
        KeySpec::Rsa2048,
        &[
            "RSAES_OAEP_SHA_1",
            "RSAES_OAEP_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
    ),
    (
        KeySpec::Rsa3072,
        &[
            "RSAES_OAEP_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
        ],
    ),
    (
        KeySpec::Rsa4096,
        &[
            "RSAES_OAEP_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
    ),
    (KeySpec::EccNistP256, &["ECDSA_SHA_256", "ECDH"]),
    (KeySpec::EccNistP384, &["ECDSA_SHA_384", "ECDH"]),
    (KeySpec::EccNistP521, &["ECDSA_SHA_512", "ECDH"]),
    (KeySpec::EccSecgP256k1, &["ECDSA_SHA_256"]),
    (KeySpec::EccNistEdwards25519, &["ED25519_SHA_512"]),
    (KeySpec::MlDsa44, &["ML_DSA_SHAKE_256"]),
    (KeySpec::MlDsa65, &["ML_DSA_SHAKE_256"]),
    (KeySpec::MlDsa87, &["ML_DSA_SHAKE_256"]),
    (KeySpec::MlKem512, &["ML_KEM"]),
    (KeySpec::MlKem768, &["ML_KEM"]),
    (KeySpec::MlKem1024, &["ML_KEM"]),
    (KeySpec::Hmac224, &["HMAC_SHA_224"]),
    (KeySpec::Hmac256, &["HMAC_SHA_256"]),
    (KeySpec::Hmac384, &["HMAC_SHA_384"]),
    (KeySpec::Hmac512, &["HMAC_SHA_512"]),
];

/// Rows without vectors of Wycheproof.
const NOT_IN_WYCHEPROOF: [(KeySpec, &str, &str); 9] = [
    (
        KeySpec::SymmetricDefault,
        "SYMMETRIC_DEFAULT",
        "the format is ours; its AES-GCM and SM4-GCM have the vectors, in aead.rs and sm4.rs",
    ),
    (KeySpec::Rsa3072, "RSAES_OAEP_SHA_1", "no such vectors; keys-v1.json has others' ciphertexts"),
    (KeySpec::Rsa3072, "RSASSA_PSS_SHA_384", "no such vectors; keys-v1.json has others' signatures"),
    (KeySpec::Rsa3072, "RSASSA_PSS_SHA_512", "no such vectors; keys-v1.json has others' signatures"),
    (KeySpec::Rsa4096, "RSAES_OAEP_SHA_1", "no such vectors; keys-v1.json has others' ciphertexts"),
    (KeySpec::EccNistEdwards25519, "ED25519_PH_SHA_512", "no such vectors; RFC 8032's in kagiban-aws-lc"),
    (KeySpec::Sm2, "SM2DSA", "no such vectors; ../sm2.rs has the standard's"),
    (KeySpec::Sm2, "SM2PKE", "no such vectors; ../sm2.rs has the standard's"),
    (KeySpec::Sm2, "ECDH", "no such vectors; ../sm2.rs has computed ones"),
];

/// Rows of asymmetric specs that no other program signed, encrypted or agreed for.
const NOT_MADE_BY_OTHERS: [(KeySpec, &str, &str); 4] = [
    (KeySpec::MlKem512, "ML_KEM", "Python's cryptography has no ML-KEM-512; Wycheproof's vectors are another's"),
    (KeySpec::Sm2, "SM2DSA", "../sm2.rs has OpenSSL's"),
    (KeySpec::Sm2, "SM2PKE", "../sm2.rs has OpenSSL's"),
    (KeySpec::Sm2, "ECDH", "openssl has none on this curve; ../sm2.rs has computed ones"),
];

/// Every algorithm of every spec.
fn table() -> BTreeSet<Covered> {
    let algorithms = |spec: KeySpec| -> Vec<&str> {
        let signing = spec.signing_algorithms().iter().map(|algorithm| algorithm.name());
        let encryption = spec.encryption_algorithms().iter().map(|algorithm| algorithm.name());
        let mac = spec.mac_algorithms().iter().map(|algorithm| algorithm.name());
        let agreement = spec.key_agreement_algorithms().iter().map(|algorithm| algorithm.name());
        let encapsulation = spec.encapsulation_algorithms().iter().map(|algorithm| algorithm.name());
        signing.chain(encryption).chain(mac).chain(agreement).chain(encapsulation).collect()
    };
    let rows = KeySpec::ALL.into_iter().flat_map(|spec| algorithms(spec).into_iter().map(move |name| (spec, name)));
    rows.map(|(spec, name)| (spec, name.to_owned())).collect()
}

fn assert_covered(table: &BTreeSet<Covered>, covered: &BTreeSet<Covered>, exceptions: &[(KeySpec, &str, &str)]) {
    let excepted: BTreeSet<Covered> = exceptions
        .iter()
        .map(|(spec, name, reason)| {
            assert!(!reason.is_empty(), "{spec} {name}");
            (*spec, (*name).to_owned())
        })
        .collect();
    assert_eq!(excepted.len(), exceptions.len(), "an exception twice");
    for row in table {
        assert_ne!(covered.contains(row), excepted.contains(row), "{row:?}");
    }
    for row in covered.union(&excepted) {
        assert!(table.contains(row), "{row:?} is no row");
    }
}

#[test]
fn every_row_has_published_vectors() {
    let covered = WYCHEPROOF.iter().flat_map(|(spec, names)| names.iter().map(|name| (*spec, (*name).to_owned())));
    assert_covered(&table(), &covered.collect(), &NOT_IN_WYCHEPROOF);
}

#[test]
fn every_asymmetric_row_has_vectors_of_other_programs() {
    let mut covered = BTreeSet::new();
    for row in interop::rows() {
        let names = |list: &str| -> Vec<String> {
            row.list(list).iter().filter_map(|entry| entry["algorithm"].as_str().map(str::to_owned)).collect()
        };
        let signed_and_encrypted = names("signatures").into_iter().chain(names("ciphertexts"));
        covered.extend(signed_and_encrypted.map(|name| (row.spec, name)));
        let any =
            |list: &str, name: &str| row.list(list).iter().any(Value::is_object).then(|| (row.spec, name.to_owned()));
        covered.extend(any("secrets", "ECDH"));
        covered.extend(any("encapsulations", "ML_KEM"));
    }
    let asymmetric = table().into_iter().filter(|(spec, _)| !matches!(spec.family(), Family::Symmetric | Family::Hmac));
    assert_covered(&asymmetric.collect(), &covered, &NOT_MADE_BY_OTHERS);
}
