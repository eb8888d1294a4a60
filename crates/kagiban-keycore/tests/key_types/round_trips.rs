//! What a key made, the same key undoes; through its stored form too.

use kagiban_base::os::OsRandom;
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::KeyMaterial;
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::PublicKey;
use kagiban_keycore::spec::{EncryptionAlgorithm, Family, KeySpec, MessageType};

use crate::support::{asymmetric, key, message, public, signing_rows};

/// The key as it comes out of its stored form.
fn stored(spec: KeySpec) -> KeyMaterial {
    KeyMaterial::decode(spec, &key(spec).encode().unwrap()).unwrap()
}

#[test]
fn every_spec_is_stored_and_read_again() {
    for spec in KeySpec::ALL {
        let (made, read) = (key(spec), stored(spec));
        assert_eq!(made.spec(), spec);
        assert_eq!(read.spec(), spec);
        assert_eq!(made.encode().unwrap().expose(), read.encode().unwrap().expose(), "{spec}");
        let halves = (made.public_key().map(PublicKey::spki_der), read.public_key().map(PublicKey::spki_der));
        assert_eq!(halves.0, halves.1, "{spec}");
        assert_eq!(halves.0.is_some(), spec.is_asymmetric(), "{spec}");
    }
}

#[test]
fn encodings_have_the_lengths_of_the_table() {
    for spec in asymmetric() {
        let key = key(spec);
        assert_eq!(Some(public(&key).spki_der().len()), spec.spki_len(), "{spec}");
        match spec.family() {
            Family::Rsa => assert_eq!(spec.pkcs8_len(), None),
            _ => assert_eq!(Some(key.encode().unwrap().len()), spec.pkcs8_len(), "{spec}"),
        }
    }
}

#[test]
fn every_spec_is_generated_afresh() {
    for spec in KeySpec::ALL.into_iter().filter(|spec| spec.family() != Family::Rsa) {
        let other = KeyMaterial::generate(spec, &OsRandom).unwrap();
        assert_ne!(other.encode().unwrap().expose(), key(spec).encode().unwrap().expose(), "{spec}");
    }
}

#[test]
fn what_is_signed_verifies_and_nothing_else() {
    for (spec, algorithm) in signing_rows() {
        let (made, read) = (key(spec), stored(spec));
        let public = PublicKey::decode(spec, public(&made).spki_der()).unwrap();
        for message_type in algorithm.message_types() {
            let bytes = vec![7; algorithm.digest_len()];
            let row = format!("{spec} {algorithm} {message_type}");
            let signature = read.sign(algorithm, message(*message_type, &bytes), &OsRandom).unwrap();
            let verify = |bytes: &[u8], signature: &[u8]| {
                public.verify(algorithm, message(*message_type, bytes), signature).is_ok()
            };
            assert!(verify(&bytes, &signature), "{row}");
            let mut other = bytes.clone();
            other[0] ^= 1;
            assert!(!verify(&other, &signature), "{row}");
            for at in [0, signature.len() / 2, signature.len() - 1] {
                let mut changed = signature.clone();
                changed[at] ^= 1;
                assert!(!verify(&bytes, &changed), "{row} {at}");
            }
            let longer = [signature.as_slice(), &[0]].concat();
            for wrong in [&[][..], &signature[1..], &signature[..signature.len() - 1], &longer] {
                assert!(!verify(&bytes, wrong), "{row}");
            }
        }
    }
}

/// A signature made over the message verifies over its digest and the other way round, but for Ed25519 (two algorithms)
/// and ML-DSA (the vectors of `interop.rs` show what mu is).
#[test]
fn messages_and_their_digests_are_the_same() {
    use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
    for (spec, algorithm) in signing_rows() {
        let types = algorithm.message_types();
        if spec == KeySpec::Sm2 || types != [MessageType::Raw, MessageType::Digest] {
            continue; // SM2 hashes the key along with the message; its own tests show how
        }
        let hash = match algorithm.digest_len() {
            32 => &SHA256,
            48 => &SHA384,
            64 => &SHA512,
            other => unreachable!("{other}"),
        };
        let digest = digest(hash, b"message");
        let (raw, digest) = (Message::Raw(b"message"), Message::Digest(digest.as_ref()));
        let key = key(spec);
        let over_message = key.sign(algorithm, raw, &OsRandom).unwrap();
        let over_digest = key.sign(algorithm, digest, &OsRandom).unwrap();
        assert_eq!(public(&key).verify(algorithm, digest, &over_message), Ok(()), "{spec} {algorithm}");
        assert_eq!(public(&key).verify(algorithm, raw, &over_digest), Ok(()), "{spec} {algorithm}");
    }
}

/// Which signatures are the same each time is documented behaviour.
#[test]
fn signatures_are_random_where_they_should_be() {
    for (spec, algorithm) in signing_rows() {
        let message_type = algorithm.message_types()[0];
        let bytes = vec![9; algorithm.digest_len()];
        let key = key(spec);
        let sign = || key.sign(algorithm, message(message_type, &bytes), &OsRandom).unwrap();
        let deterministic = spec.family() == Family::Ed25519 || algorithm.name().starts_with("RSASSA_PKCS1");
        assert_eq!(sign() == sign(), deterministic, "{spec} {algorithm}");
    }
}

#[test]
fn what_is_encrypted_is_decrypted_up_to_the_limit() {
    let limits = [
        (KeySpec::Rsa2048, EncryptionAlgorithm::RsaesOaepSha1, 214),
        (KeySpec::Rsa2048, EncryptionAlgorithm::RsaesOaepSha256, 190),
        (KeySpec::Rsa3072, EncryptionAlgorithm::RsaesOaepSha1, 342),
        (KeySpec::Rsa3072, EncryptionAlgorithm::RsaesOaepSha256, 318),
        (KeySpec::Rsa4096, EncryptionAlgorithm::RsaesOaepSha1, 470),
        (KeySpec::Rsa4096, EncryptionAlgorithm::RsaesOaepSha256, 446),
    ];
    for (spec, algorithm, max) in limits {
        let (made, read) = (key(spec), stored(spec));
        for len in [0, 1, 32, max - 1, max] {
            let plaintext = vec![3; len];
            let ciphertext = public(&made).encrypt(algorithm, &plaintext, &OsRandom).unwrap();
            assert_eq!(Some(ciphertext.len() * 8), spec.rsa_bits());
            assert_eq!(read.decrypt(algorithm, &ciphertext).unwrap().expose(), plaintext, "{spec} {algorithm} {len}");
        }
    }
}

#[test]
fn both_sides_derive_the_same_secret() {
    for (spec, len) in [(KeySpec::EccNistP256, 32), (KeySpec::EccNistP384, 48), (KeySpec::EccNistP521, 66)] {
        let (ours, theirs) = (key(spec), KeyMaterial::generate(spec, &OsRandom).unwrap());
        let one = ours.derive_shared_secret(public(&theirs).spki_der()).unwrap();
        let other = theirs.derive_shared_secret(public(&ours).spki_der()).unwrap();
        assert_eq!(one.expose(), other.expose());
        assert_eq!(one.len(), len);
        assert_eq!(stored(spec).derive_shared_secret(public(&theirs).spki_der()).unwrap().expose(), one.expose());
    }
}

#[test]
fn what_is_encapsulated_is_decapsulated() {
    for (spec, len) in [(KeySpec::MlKem512, 768), (KeySpec::MlKem768, 1088), (KeySpec::MlKem1024, 1568)] {
        let made = key(spec);
        let encapsulated = public(&made).encapsulate().unwrap();
        assert_eq!((encapsulated.ciphertext.len(), encapsulated.shared_secret.len()), (len, 32));
        let secret = stored(spec).decapsulate(&encapsulated.ciphertext).unwrap();
        assert_eq!(secret.expose(), encapsulated.shared_secret.expose());
        let again = public(&made).encapsulate().unwrap();
        assert_ne!(again.ciphertext, encapsulated.ciphertext);
        assert_ne!(again.shared_secret.expose(), secret.expose());
    }
}

/// FIPS 203, section 6.3: no error tells that a ciphertext was made for another key or changed.
#[test]
fn a_ciphertext_for_another_gives_another_secret() {
    for spec in [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024] {
        let (ours, theirs) = (key(spec), KeyMaterial::generate(spec, &OsRandom).unwrap());
        let encapsulated = public(&ours).encapsulate().unwrap();
        let mut changed = encapsulated.ciphertext.clone();
        changed[5] ^= 1;
        let secrets = [
            theirs.decapsulate(&encapsulated.ciphertext).unwrap(),
            ours.decapsulate(&changed).unwrap(),
            ours.decapsulate(&vec![0; changed.len()]).unwrap(),
        ];
        for secret in secrets {
            assert_eq!(secret.len(), 32);
            assert_ne!(secret.expose(), encapsulated.shared_secret.expose());
        }
        assert_eq!(ours.decapsulate(&changed).unwrap().expose(), ours.decapsulate(&changed).unwrap().expose());
    }
}

#[test]
fn nothing_secret_is_shown() {
    for spec in KeySpec::ALL {
        let key = key(spec);
        assert_eq!(format!("{key:?}"), format!("KeyMaterial({spec})"));
        let _wiped: SecretBytes = key.encode().unwrap();
    }
}

/// Threads share a key, those that use it first too: what is made at first use is made once and is the same.
#[test]
fn threads_share_a_key() {
    for spec in asymmetric() {
        let (key, made) = (&stored(spec), key(spec));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| use_once(key, public(&made)));
            }
        });
    }
}

/// Everything a key can do, once.
fn use_once(key: &KeyMaterial, public: &PublicKey) {
    let spec = key.spec();
    for algorithm in spec.signing_algorithms() {
        let bytes = vec![2; algorithm.digest_len()];
        let message = message(algorithm.message_types()[0], &bytes);
        let signature = key.sign(*algorithm, message, &OsRandom).unwrap();
        public.verify(*algorithm, message, &signature).unwrap();
    }
    for algorithm in spec.encryption_algorithms() {
        let ciphertext = public.encrypt(*algorithm, b"plaintext", &OsRandom).unwrap();
        assert_eq!(key.decrypt(*algorithm, &ciphertext).unwrap().expose(), b"plaintext");
    }
    if !spec.key_agreement_algorithms().is_empty() {
        key.derive_shared_secret(public.spki_der()).unwrap();
    }
    if !spec.encapsulation_algorithms().is_empty() {
        let encapsulated = public.encapsulate().unwrap();
        let secret = key.decapsulate(&encapsulated.ciphertext).unwrap();
        assert_eq!(secret.expose(), encapsulated.shared_secret.expose());
    }
}
