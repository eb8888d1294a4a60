//! Each call against a published answer or against the same thing done by `aws-lc-rs`, and with what must be refused.
//! The full vector suites run in kagiban-keycore, through the types that the product uses.
#![expect(clippy::unwrap_used, reason = "tests")]

use aws_lc_rs::digest::{SHA512, digest};
use aws_lc_rs::encoding::AsRawBytes;
use aws_lc_rs::kem;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair, PqdsaKeyPair, PqdsaSigningAlgorithm, UnparsedPublicKey};
use aws_lc_rs::signature::{ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING};
use kagiban_aws_lc::{ed25519ph, ml_dsa, ml_kem};

fn unhex<const N: usize>(text: &str) -> [u8; N] {
    let bytes = (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap());
    bytes.collect::<Vec<_>>().try_into().unwrap()
}

/// RFC 8032, section 7.3.
#[test]
fn ed25519ph_gives_the_rfcs_answer() {
    let seed = unhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42");
    let public = unhex("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf");
    let signature = unhex(concat!(
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41",
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
    ));
    let digest = digest(&SHA512, b"abc").as_ref().try_into().unwrap();
    let key = ed25519ph::PrivateKey::from_seed(&seed);
    assert_eq!(key.public_key(), &public);
    assert_eq!(key.sign_digest(&digest).unwrap(), signature);
    assert!(ed25519ph::verify_digest(&public, &digest, &signature));
}

#[test]
fn ed25519ph_refuses_any_change() {
    let key = ed25519ph::PrivateKey::from_seed(&[7; 32]);
    let digest = [8; 64];
    let signature = key.sign_digest(&digest).unwrap();
    let flip = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    for at in 0..64 {
        assert!(!ed25519ph::verify_digest(key.public_key(), &digest, &flip(&signature, at).try_into().unwrap()));
        assert!(!ed25519ph::verify_digest(key.public_key(), &flip(&digest, at).try_into().unwrap(), &signature));
    }
    for at in 0..32 {
        let other = flip(key.public_key(), at).try_into().unwrap();
        assert!(!ed25519ph::verify_digest(&other, &digest, &signature));
    }
}

const ML_DSA: [(ml_dsa::ParameterSet, &PqdsaSigningAlgorithm); 3] = [
    (ml_dsa::ParameterSet::MlDsa44, &ML_DSA_44_SIGNING),
    (ml_dsa::ParameterSet::MlDsa65, &ML_DSA_65_SIGNING),
    (ml_dsa::ParameterSet::MlDsa87, &ML_DSA_87_SIGNING),
];

#[test]
fn ml_dsa_does_what_the_safe_api_does() {
    for (set, algorithm) in ML_DSA {
        let ours = ml_dsa::PrivateKey::from_seed(set, &[3; 32]).unwrap();
        let theirs = PqdsaKeyPair::from_seed(algorithm, &[3; 32]).unwrap();
        assert_eq!(ours.public_key().unwrap(), theirs.public_key().as_ref());
        assert_eq!(theirs.public_key().as_ref().len(), set.public_key_len());
        assert_eq!(ours.expanded().unwrap().expose(), theirs.private_key().as_raw_bytes().unwrap().as_ref());

        let mut signature = vec![0; set.signature_len()];
        assert_eq!(theirs.sign(b"m", &mut signature).unwrap(), set.signature_len());
        let public = ml_dsa::PublicKey::from_raw(set, &ours.public_key().unwrap()).unwrap();
        assert!(public.verify(b"m", &signature));

        let signature = ours.sign(b"m").unwrap();
        let verifier = algorithm_of(set);
        assert!(UnparsedPublicKey::new(verifier, theirs.public_key()).verify(b"m", &signature).is_ok());
        assert_ne!(ours.sign(b"m").unwrap(), signature, "hedged");
    }
}

fn algorithm_of(set: ml_dsa::ParameterSet) -> &'static dyn aws_lc_rs::signature::VerificationAlgorithm {
    match set {
        ml_dsa::ParameterSet::MlDsa44 => &aws_lc_rs::signature::ML_DSA_44,
        ml_dsa::ParameterSet::MlDsa65 => &aws_lc_rs::signature::ML_DSA_65,
        ml_dsa::ParameterSet::MlDsa87 => &aws_lc_rs::signature::ML_DSA_87,
    }
}

/// That mu is FIPS 204's is shown by the vectors in kagiban-keycore; here, that it is not taken for a message.
#[test]
fn a_mu_is_no_message() {
    for set in ml_dsa::ParameterSet::ALL {
        let key = ml_dsa::PrivateKey::from_seed(set, &[4; 32]).unwrap();
        let public = ml_dsa::PublicKey::from_raw(set, &key.public_key().unwrap()).unwrap();
        let mu = [5; ml_dsa::MU_LEN];
        let signature = key.sign_mu(&mu).unwrap();
        assert_eq!(signature.len(), set.signature_len());
        assert!(public.verify_mu(&mu, &signature));
        assert!(!public.verify(&mu, &signature));
        assert!(!public.verify_mu(&mu, &key.sign(&mu).unwrap()));
        assert!(!public.verify_mu(&[6; ml_dsa::MU_LEN], &signature));
    }
}

#[test]
fn ml_dsa_refuses_other_lengths_and_changed_signatures() {
    for set in ml_dsa::ParameterSet::ALL {
        let key = ml_dsa::PrivateKey::from_seed(set, &[4; 32]).unwrap();
        let raw = key.public_key().unwrap();
        for len in [0, 1, raw.len() - 1, raw.len() + 1] {
            let other: Vec<_> = raw.iter().copied().chain([0]).take(len).collect();
            assert!(ml_dsa::PublicKey::from_raw(set, &other).is_err(), "{len}");
        }
        let public = ml_dsa::PublicKey::from_raw(set, &raw).unwrap();
        let signature = key.sign(b"").unwrap();
        assert!(public.verify(b"", &signature));
        assert!(!public.verify(b"\0", &signature));
        for len in [0, 1, signature.len() - 1, signature.len() + 1] {
            let other: Vec<_> = signature.iter().copied().chain([0]).take(len).collect();
            assert!(!public.verify(b"", &other), "{len}");
            assert!(!public.verify_mu(&[0; 64], &other), "{len}");
        }
        for at in (0..signature.len()).step_by(97) {
            let mut other = signature.clone();
            other[at] ^= 0x10;
            assert!(!public.verify(b"", &other), "{at}");
        }
    }
}

const ML_KEM: [(ml_kem::ParameterSet, &kem::Algorithm, u8); 3] = [
    (ml_kem::ParameterSet::MlKem512, &kem::ML_KEM_512, 1),
    (ml_kem::ParameterSet::MlKem768, &kem::ML_KEM_768, 2),
    (ml_kem::ParameterSet::MlKem1024, &kem::ML_KEM_1024, 3),
];

/// PKCS#8 of a seed, RFC 9935, section 6.
fn pkcs8(oid_end: u8, seed: &[u8; 64]) -> [u8; ml_kem::PKCS8_LEN] {
    let head = unhex::<22>("3054020100300b06096086480165030404ff04428040");
    let mut der: [u8; ml_kem::PKCS8_LEN] = [head.as_slice(), seed].concat().try_into().unwrap();
    der[17] = oid_end;
    der
}

#[test]
fn ml_kem_does_what_the_safe_api_does() {
    for (set, algorithm, oid_end) in ML_KEM {
        let key = ml_kem::PrivateKey::from_pkcs8(set, &pkcs8(oid_end, &[9; 64])).unwrap();
        let raw = key.public_key().unwrap();
        let theirs = kem::EncapsulationKey::new(algorithm, &raw).unwrap();
        let (ciphertext, secret) = theirs.encapsulate().unwrap();
        assert_eq!(ciphertext.as_ref().len(), set.ciphertext_len());
        assert_eq!(key.decapsulate(ciphertext.as_ref()).unwrap().expose(), secret.as_ref());
        let theirs = kem::DecapsulationKey::new(algorithm, key.expanded().unwrap().expose()).unwrap();
        assert_eq!(theirs.decapsulate(ciphertext).unwrap().as_ref(), secret.as_ref());

        let ours = ml_kem::PublicKey::from_raw(set, &raw).unwrap();
        let (ciphertext, secret) = ours.encapsulate().unwrap();
        assert_eq!(key.decapsulate(&ciphertext).unwrap().expose(), secret.expose());
        assert_ne!(ours.encapsulate().unwrap().0, ciphertext);
    }
}

#[test]
fn ml_kem_reads_keys_of_its_own_parameter_set_only() {
    for (set, _, oid_end) in ML_KEM {
        for other in 0..=4 {
            let read = ml_kem::PrivateKey::from_pkcs8(set, &pkcs8(other, &[9; 64]));
            assert_eq!(read.is_ok(), other == oid_end);
        }
        let der = pkcs8(oid_end, &[9; 64]);
        for at in 0..22 {
            for bit in 0..8 {
                let mut other = der;
                other[at] ^= 1 << bit;
                // The one change that leaves a key: to version 2 of the format (RFC 5958), which it is as well.
                let version_2 = (at, bit) == (4, 0);
                assert_eq!(ml_kem::PrivateKey::from_pkcs8(set, &other).is_ok(), version_2, "{at} {bit}");
            }
        }
        for garbage in [[0; 86], [0xff; 86], [0x30; 86]] {
            assert!(ml_kem::PrivateKey::from_pkcs8(set, &garbage).is_err());
        }
    }
}

/// A key of another kind that takes as many bytes: an Ed25519 key with attributes.
#[test]
fn ml_kem_is_no_other_kind_of_key() {
    // PKCS#8 version 2 of an Ed25519 key (RFC 8410, section 10.3), of which the rest is filled with attributes.
    let head = "3054020101300506032b657004220420d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842";
    let mut der = unhex::<48>(head).to_vec();
    der.extend([0xa0, 36, 0x30, 34, 0x06, 3, 0x55, 4, 3, 0x31, 27, 0x0c, 25]);
    der.resize(86, b'a');
    assert!(Ed25519KeyPair::from_pkcs8(&der).is_ok(), "a key, but of another kind");
    for set in ml_kem::ParameterSet::ALL {
        assert!(ml_kem::PrivateKey::from_pkcs8(set, &der.clone().try_into().unwrap()).is_err());
    }
}

#[test]
fn ml_kem_refuses_other_lengths_and_rejects_implicitly() {
    for (set, _, oid_end) in ML_KEM {
        let key = ml_kem::PrivateKey::from_pkcs8(set, &pkcs8(oid_end, &[1; 64])).unwrap();
        let raw = key.public_key().unwrap();
        let public = ml_kem::PublicKey::from_raw(set, &raw).unwrap();
        let (ciphertext, secret) = public.encapsulate().unwrap();
        for len in [0, 1, ciphertext.len() - 1, ciphertext.len() + 1] {
            let other: Vec<_> = ciphertext.iter().copied().chain([0]).take(len).collect();
            assert!(key.decapsulate(&other).is_err(), "{len}");
        }
        for len in [0, 1, raw.len() - 1, raw.len() + 1] {
            let other: Vec<_> = raw.iter().copied().chain([0]).take(len).collect();
            assert!(ml_kem::PublicKey::from_raw(set, &other).is_err(), "{len}");
        }
        let mut changed = ciphertext.clone();
        changed[0] ^= 1;
        let rejected = key.decapsulate(&changed).unwrap();
        assert_ne!(rejected.expose(), secret.expose());
        assert_eq!(rejected.expose(), key.decapsulate(&changed).unwrap().expose(), "the same every time");
        // Numbers that are not below the modulus: 12 bits of ones.
        assert!(ml_kem::PublicKey::from_raw(set, &vec![0xff; raw.len()]).unwrap().encapsulate().is_err());
    }
}
