//! Every pairing that does not fit, every length that is not the right one.

use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::{DecapsulateError, DecryptError, DeriveError, GenerateError, KeyMaterial, SignError};
use kagiban_keycore::message::{Message, UnfitMessage};
use kagiban_keycore::public_key::{
    EncapsulateError, EncryptError, InvalidPublicKey, PublicKey, UnfitEncryptionAlgorithm, UnfitKey, VerifyError,
};
use kagiban_keycore::spec::{EncryptionAlgorithm, Family, KeySpec, MessageType, SigningAlgorithm};

use crate::support::{asymmetric, key, message, public, signing_rows};

/// Both directions refuse a message alike, before they look at a signature.
fn assert_unfit(spec: KeySpec, algorithm: SigningAlgorithm, message: Message<'_>, expected: UnfitMessage) {
    let key = key(spec);
    assert_eq!(message.require_fit(spec, algorithm), Err(expected));
    assert_eq!(key.sign(algorithm, message, &OsRandom), Err(SignError::Unfit(expected)), "{spec} {algorithm}");
    if let Some(public) = key.public_key() {
        let verified = public.verify(algorithm, message, b"signature");
        assert_eq!(verified, Err(VerifyError::Unfit(expected)), "{spec} {algorithm}");
    }
}

#[test]
fn no_key_signs_with_the_algorithm_of_another() {
    for spec in KeySpec::ALL {
        for algorithm in SigningAlgorithm::ALL {
            if spec.signing_algorithms().contains(&algorithm) {
                continue;
            }
            for message_type in MessageType::ALL {
                let bytes = vec![0; algorithm.digest_len()];
                let expected = UnfitMessage::Algorithm { algorithm, spec };
                assert_unfit(spec, algorithm, message(message_type, &bytes), expected);
            }
        }
    }
}

/// The table of the API reference for Sign, MessageType.
#[test]
fn each_algorithm_takes_its_forms_of_message_only() {
    let takes = |algorithm: SigningAlgorithm| match algorithm {
        SigningAlgorithm::Ed25519Sha512 => vec![MessageType::Raw],
        SigningAlgorithm::Ed25519PhSha512 => vec![MessageType::Digest],
        SigningAlgorithm::MlDsaShake256 => vec![MessageType::Raw, MessageType::ExternalMu],
        _ => vec![MessageType::Raw, MessageType::Digest],
    };
    for (spec, algorithm) in signing_rows() {
        for message_type in MessageType::ALL {
            let bytes = vec![0; algorithm.digest_len()];
            let message = message(message_type, &bytes);
            if takes(algorithm).contains(&message_type) {
                assert_eq!(message.require_fit(spec, algorithm), Ok(()));
            } else {
                assert_unfit(spec, algorithm, message, UnfitMessage::MessageType { algorithm, message_type });
            }
        }
    }
}

#[test]
fn digests_have_their_exact_length() {
    for (spec, algorithm) in signing_rows() {
        let expected = match algorithm.name().rsplit_once('_').unwrap_or((algorithm.name(), "")) {
            (_, "512") => 64,
            (_, "384") => 48,
            ("ML_DSA_SHAKE", "256") => 64,
            _ => 32,
        };
        for message_type in algorithm.message_types().iter().filter(|one| **one != MessageType::Raw) {
            for len in [0, 1, 20, 28, 31, 32, 33, 47, 48, 49, 63, 64, 65, 4096] {
                let bytes = vec![0; len];
                let message = message(*message_type, &bytes);
                if len == expected {
                    assert_eq!(message.require_fit(spec, algorithm), Ok(()));
                } else {
                    assert_unfit(spec, algorithm, message, UnfitMessage::WrongDigestLength { len, expected });
                }
            }
        }
    }
}

#[test]
fn signatures_of_one_algorithm_are_none_of_another() {
    for (spec, algorithm) in signing_rows() {
        let key = key(spec);
        let message_type = algorithm.message_types()[0];
        let bytes = vec![5; algorithm.digest_len()];
        let signature = key.sign(algorithm, message(message_type, &bytes), &OsRandom).unwrap();
        for other in spec.signing_algorithms().iter().filter(|other| **other != algorithm) {
            for message_type in other.message_types() {
                let bytes = vec![5; other.digest_len()];
                let verified = public(&key).verify(*other, message(*message_type, &bytes), &signature);
                assert_eq!(verified, Err(VerifyError::VerificationFailed), "{spec} {algorithm} as {other}");
            }
        }
    }
}

#[test]
fn no_key_encrypts_with_the_algorithm_of_another() {
    for spec in KeySpec::ALL {
        for algorithm in EncryptionAlgorithm::ALL {
            let fits = spec.encryption_algorithms().contains(&algorithm) && spec.is_asymmetric();
            let expected = UnfitEncryptionAlgorithm { algorithm, spec };
            let key = key(spec);
            let decrypted = key.decrypt(algorithm, &[0; 256]);
            let unfit = matches!(decrypted, Err(DecryptError::Unfit(found)) if found == expected);
            assert_eq!(unfit, !fits, "{spec} {algorithm}");
            if let Some(public) = key.public_key() {
                let encrypted = public.encrypt(algorithm, b"p", &OsRandom);
                assert_eq!(encrypted == Err(EncryptError::Unfit(expected)), !fits, "{spec} {algorithm}");
            }
        }
    }
}

#[test]
fn a_plaintext_that_is_too_long_is_told_how_long_it_may_be() {
    for spec in KeySpec::ALL.into_iter().filter(|spec| spec.family() == Family::Rsa) {
        let bytes = spec.rsa_bits().unwrap() / 8;
        for (algorithm, hash_len) in
            [(EncryptionAlgorithm::RsaesOaepSha1, 20), (EncryptionAlgorithm::RsaesOaepSha256, 32)]
        {
            let max = bytes - 2 * hash_len - 2;
            for len in [max + 1, bytes, 4096] {
                let encrypted = public(&key(spec)).encrypt(algorithm, &vec![0; len], &OsRandom);
                assert_eq!(encrypted, Err(EncryptError::PlaintextTooLong { len, max }));
            }
        }
    }
}

/// Whatever is wrong with a ciphertext, the answer is one.
#[test]
fn ciphertexts_that_do_not_open_all_look_the_same() {
    let spec = KeySpec::Rsa2048;
    let (key, other) = (key(spec), KeyMaterial::generate(spec, &OsRandom).unwrap());
    let algorithm = EncryptionAlgorithm::RsaesOaepSha256;
    let good = public(&key).encrypt(algorithm, b"plaintext", &OsRandom).unwrap();
    let mut changed = good.clone();
    changed[100] ^= 1;
    let elsewhere = public(&other).encrypt(algorithm, b"plaintext", &OsRandom).unwrap();
    let other_hash = public(&key).encrypt(EncryptionAlgorithm::RsaesOaepSha1, b"plaintext", &OsRandom).unwrap();
    let longer = [&[0], good.as_slice()].concat();
    let too_large = vec![0xff; good.len()];
    for bad in
        [&changed, &elsewhere, &other_hash, &longer, &too_large, &vec![0; good.len()], &vec![], &good[1..].to_vec()]
    {
        assert_eq!(key.decrypt(algorithm, bad).err(), Some(DecryptError::InvalidCiphertext));
    }
    assert_eq!(key.decrypt(algorithm, &good).unwrap().expose(), b"plaintext");
}

#[test]
fn secrets_are_derived_with_keys_of_the_same_curve_only() {
    for ours in KeySpec::ALL {
        for theirs in asymmetric() {
            let derived = key(ours).derive_shared_secret(public(&key(theirs)).spki_der());
            let expected = if ours.key_agreement_algorithms().is_empty() {
                Some(DeriveError::Unfit(UnfitKey { spec: ours }))
            } else if ours != theirs {
                Some(DeriveError::PublicKey(InvalidPublicKey::OtherSpec { spec: ours }))
            } else {
                None
            };
            assert_eq!(derived.err(), expected, "{ours} with {theirs}");
        }
    }
}

#[test]
fn only_key_encapsulation_keys_encapsulate() {
    for spec in KeySpec::ALL {
        let key = key(spec);
        if spec.family() == Family::MlKem {
            let expected = public(&key).encapsulate().unwrap().ciphertext.len();
            for len in [0, 1, 768, 1088, 1568, 1569].into_iter().filter(|len| *len != expected) {
                let refused = key.decapsulate(&vec![0; len]).err();
                assert_eq!(refused, Some(DecapsulateError::WrongCiphertextLength { len, expected }), "{spec}");
            }
            continue;
        }
        assert_eq!(key.decapsulate(&[0; 1088]).err(), Some(DecapsulateError::Unfit(UnfitKey { spec })));
        if let Some(public) = key.public_key() {
            assert_eq!(public.encapsulate().err(), Some(EncapsulateError::Unfit(UnfitKey { spec })));
        }
    }
}

#[test]
fn symmetric_specs_have_no_public_key_to_read() {
    let spki = public(&key(KeySpec::EccNistP256)).spki_der().to_vec();
    for spec in KeySpec::ALL.into_iter().filter(|spec| !spec.is_asymmetric()) {
        assert_eq!(PublicKey::decode(spec, &spki).err(), Some(InvalidPublicKey::OtherSpec { spec }));
        assert_eq!(PublicKey::decode(spec, b"").err(), Some(InvalidPublicKey::OtherSpec { spec }));
    }
}

/// No key is made, and nothing signed, without randomness where it is ours to give.
#[test]
fn a_source_of_randomness_that_fails_is_noticed() {
    struct Failing;
    impl Random for Failing {
        fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }

        fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
            Err(RandomError)
        }
    }
    let from_ours = |spec: &KeySpec| !matches!(spec.family(), Family::Rsa | Family::Ecc | Family::Secp256k1);
    for spec in KeySpec::ALL.into_iter().filter(from_ours) {
        let made = KeyMaterial::generate(spec, &Failing);
        assert_eq!(made.err(), Some(GenerateError::Random(RandomError)), "{spec}");
    }
    let signed = key(KeySpec::EccSecgP256k1).sign(SigningAlgorithm::EcdsaSha256, Message::Raw(b"m"), &Failing);
    assert_eq!(signed, Err(SignError::Random(RandomError)));
}

/// What is zero, one or the order itself is no private key of a curve.
#[test]
fn private_numbers_out_of_range_are_refused() {
    for spec in KeySpec::ALL.into_iter().filter(|spec| matches!(spec.family(), Family::Ecc | Family::Secp256k1)) {
        let good = key(spec).encode().unwrap();
        let len: u8 = match spec {
            KeySpec::EccNistP384 => 48,
            KeySpec::EccNistP521 => 66,
            _ => 32,
        };
        // The private number stands behind the version of ECPrivateKey, which is 1.
        let head = [2, 1, 1, 4, len];
        let start = good.expose().windows(head.len()).position(|window| window == head).unwrap() + head.len();
        let len = usize::from(len);
        for fill in [0x00, 0xff] {
            let mut bad = good.copy();
            bad.expose_mut()[start..start + len].fill(fill);
            assert!(KeyMaterial::decode(spec, &bad).is_err(), "{spec} {fill}");
        }
        let mut other = SecretBytes::from_slice(good.expose());
        other.expose_mut()[start + len - 1] ^= 1;
        assert!(KeyMaterial::decode(spec, &other).is_err(), "{spec}: not the public key's");
    }
}
