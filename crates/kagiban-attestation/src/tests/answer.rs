//! The answer's bytes beside one of AWS's, and the keys that answers are made for.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeySize, PrivateDecryptingKey, PublicEncryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::asn1::{BitString, UintRef};
use der::{Any, Encode, Sequence};
use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

use crate::RecipientKey;
use crate::enveloped_data::EnvelopedData;
use crate::error::RecipientError;

/// From its own parts: every byte that does not vary is AWS's.
#[test]
fn it_has_the_bytes_of_an_answer_of_aws() {
    let of_aws = STANDARD.decode(include_str!("../../tests/vectors/aws-answer.b64").replace('\n', "")).unwrap();
    let ours = EnvelopedData {
        subject_key_identifier: of_aws[33..65].try_into().unwrap(),
        encrypted_key: &of_aws[131..387],
        iv: of_aws[415..431].try_into().unwrap(),
        encrypted_content: &of_aws[435..483],
    };
    assert_eq!(ours.to_ber(), of_aws);
}

/// Lengths change their form at 128 and 256 bytes.
#[test]
fn its_lengths_are_the_shortest() {
    for (len, length) in [
        (127, &[0x7f][..]),
        (128, &[0x81, 0x80]),
        (255, &[0x81, 0xff]),
        (256, &[0x82, 0x01, 0x00]),
        (65_535, &[0x82, 0xff, 0xff]),
        (65_536, &[0x83, 0x01, 0x00, 0x00]),
    ] {
        let content = vec![9; len];
        let answer = EnvelopedData {
            subject_key_identifier: &[1; 32],
            encrypted_key: &[2; 256],
            iv: &[3; 16],
            encrypted_content: &content,
        };
        let ending = [&[0xa0, 0x80, 0x04], length, &content, &[0; 10]].concat();
        assert!(answer.to_ber().ends_with(&ending), "{len}");
    }
}

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// A SubjectPublicKeyInfo of these numbers.
fn rsa_spki(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let key = RsaPublicKey { modulus: UintRef::new(modulus).unwrap(), exponent: UintRef::new(exponent).unwrap() };
    SubjectPublicKeyInfoOwned {
        algorithm: AlgorithmIdentifierOwned {
            oid: der::oid::db::rfc5912::RSA_ENCRYPTION,
            parameters: Some(Any::null()),
        },
        subject_public_key: BitString::from_bytes(&key.to_der().unwrap()).unwrap(),
    }
    .to_der()
    .unwrap()
}

/// An odd number of so many bits. It need not be a product of primes to be a modulus in form.
fn modulus(bits: usize) -> Vec<u8> {
    let mut modulus = vec![0x5a; bits.div_ceil(8)];
    modulus[0] = 1 << ((bits - 1) % 8);
    *modulus.last_mut().unwrap() |= 1;
    modulus
}

const F4: &[u8] = &[1, 0, 1];

#[test]
fn keys_have_2048_to_4096_bits() {
    for bits in [2048, 3072, 4096] {
        assert!(RecipientKey::from_spki_der(&rsa_spki(&modulus(bits), F4)).is_ok(), "{bits}");
    }
    for (bits, expected) in [
        (1024, RecipientError::PublicKey),
        (2040, RecipientError::PublicKey),
        (4104, RecipientError::KeySize { bits: 4104 }),
        (8192, RecipientError::KeySize { bits: 8192 }),
        (16_384, RecipientError::PublicKey),
    ] {
        let refused = RecipientKey::from_spki_der(&rsa_spki(&modulus(bits), F4)).map(|_| ()).unwrap_err();
        assert_eq!(refused, expected, "{bits}");
    }
}

#[test]
fn keys_that_would_hide_nothing_are_refused() {
    let good = rsa_spki(&modulus(2048), F4);
    let elliptic = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    let even = [modulus(2048), vec![0]].concat();
    let rows = [
        ("nothing", Vec::new()),
        ("garbage", vec![0x30; 294]),
        ("one byte more", [good.clone(), vec![0]].concat()),
        ("one byte less", good[..good.len() - 1].to_vec()),
        ("an elliptic curve", elliptic.public_key().as_der().unwrap().as_ref().to_vec()),
        ("exponent 1", rsa_spki(&modulus(2048), &[1])),
        ("exponent 2", rsa_spki(&modulus(2048), &[2])),
        ("exponent 0", rsa_spki(&modulus(2048), &[])),
        ("an even modulus", rsa_spki(&even, F4)),
        ("modulus 0", rsa_spki(&[], F4)),
        ("512 bits", rsa_spki(&modulus(512), F4)),
    ];
    for (name, spki) in rows {
        assert!(RecipientKey::from_spki_der(&spki).is_err(), "{name}");
    }
}

struct NoRandom;

impl Random for NoRandom {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn without_randomness_there_is_no_answer() {
    let key = RecipientKey::from_spki_der(&rsa_spki(&modulus(2048), F4)).unwrap();
    let refused = key.seal(&SecretBytes::from_slice(b"secret"), &NoRandom);
    assert_eq!(refused, Err(RecipientError::Random(RandomError)));
}

/// The model allows 6144 bytes of `CiphertextForRecipient`, and 4096 of plaintext.
#[test]
fn the_longest_answer_fits_its_field() {
    let key = RecipientKey::from_spki_der(&rsa_spki(&modulus(4096), F4)).unwrap();
    let answer = key.seal(&SecretBytes::zeroed(4096), &OsRandom).unwrap();
    assert_eq!(answer.len(), 4815);
}

#[test]
fn no_two_answers_are_alike() {
    let private = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let public: PublicEncryptingKey = private.public_key();
    let key = RecipientKey::from_spki_der(public.as_der().unwrap().as_ref()).unwrap();
    assert_eq!(format!("{key:?}"), "RecipientKey(2048 bits)");
    let plaintext = SecretBytes::from_slice(b"the same");
    let (one, two) = (key.seal(&plaintext, &OsRandom).unwrap(), key.seal(&plaintext, &OsRandom).unwrap());
    assert_eq!(one[..131], two[..131]); // up to the recipient's name
    assert_ne!(one[131..387], two[131..387]); // the encrypted key
    assert_ne!(one[415..431], two[415..431]); // the vector
    assert_ne!(one[435..451], two[435..451]); // the content
}
