//! SM2, SM3 and SM4 as the standards' own examples and other programs have them. The keys, signatures, ciphertexts and
//! secrets in `vectors/sm2-v1.json` are OpenSSL's or come from arithmetic written out in `vectors/make_sm2_v1.py`.
//!
//! The other way round, OpenSSL reading what is made here, is checked by the conformance suite.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use kagiban_base::os::OsRandom;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::{DecryptError, DeriveError, GenerateError, InvalidKeyMaterial, KeyMaterial, SignError};
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::{EncryptError, InvalidPublicKey, PublicKey, VerifyError};
use kagiban_keycore::spec::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};
use proptest::prelude::*;
use serde_json::Value;

const SIGN: SigningAlgorithm = SigningAlgorithm::Sm2dsa;
const ENCRYPT: EncryptionAlgorithm = EncryptionAlgorithm::Sm2pke;

static VECTORS: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("vectors/sm2-v1.json")).unwrap());

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

fn bytes(value: &Value) -> Vec<u8> {
    unhex(value.as_str().unwrap())
}

fn list(value: &Value) -> &[Value] {
    let list = value.as_array().unwrap();
    assert!(!list.is_empty());
    list
}

fn named(value: &Value) -> Vec<(&String, Vec<u8>)> {
    let entries: Vec<_> = value.as_object().unwrap().iter().map(|(name, value)| (name, bytes(value))).collect();
    assert!(!entries.is_empty());
    entries
}

fn private(pkcs8: &[u8]) -> Result<KeyMaterial, InvalidKeyMaterial> {
    KeyMaterial::decode(KeySpec::Sm2, &SecretBytes::from_slice(pkcs8))
}

fn public(spki: &[u8]) -> Result<PublicKey, InvalidPublicKey> {
    PublicKey::decode(KeySpec::Sm2, spki)
}

fn message(row: &Value, bytes: impl Fn(&Value) -> Vec<u8>) -> (bool, Vec<u8>) {
    (row["message_type"] == "RAW", bytes(&row["message"]))
}

/// A key whose number this is, in the shortest PKCS#8 there is.
fn key_of(number: &str) -> KeyMaterial {
    let head = "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420";
    private(&unhex(&format!("{head}{number}"))).unwrap()
}

/// GB/T 32918.5, annexes A and C: one key, a signature, a ciphertext (as C1, C3 and C2; the DER is ours).
#[test]
fn the_examples_of_the_standard_hold() {
    let key = key_of("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
    let point = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                 ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
    let public = key.public_key().unwrap();
    assert!(public.spki_der().ends_with(&unhex(point)));

    let signature = "3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3\
                     022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
    let digest = "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
    for message in [Message::Raw(b"message digest"), Message::Digest(&unhex(digest))] {
        assert_eq!(public.verify(SIGN, message, &unhex(signature)), Ok(()));
    }

    let ciphertext = "307c\
                      022004ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73\
                      022100e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0\
                      042059983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766\
                      041321886ca989ca9c7d58087307ca93092d651efa";
    let opened = key.decrypt(ENCRYPT, &unhex(ciphertext)).unwrap();
    assert_eq!(opened.expose(), b"encryption standard");
}

/// GB/T 32905, annex A, of which SM2 takes its hash.
#[test]
fn the_examples_of_sm3_hold() {
    use sm3::{Digest, Sm3};
    for (message, digest) in [
        (b"abc".to_vec(), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ] {
        assert_eq!(Sm3::digest(message).as_slice(), unhex(digest));
    }
}

/// GB/T 32907, annex A: one block, and the same block a million times over.
#[test]
fn the_examples_of_sm4_hold() {
    use sm4::Sm4;
    use sm4::cipher::{Block, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
    let plain: [u8; 16] = unhex("0123456789abcdeffedcba9876543210").try_into().unwrap();
    let cipher = Sm4::new(&plain.into());
    let mut block: Block<Sm4> = plain.into();
    cipher.encrypt_block(&mut block);
    assert_eq!(block.as_slice(), unhex("681edf34d206965e86b3e94f536e4246"));
    for _ in 1..1_000_000 {
        cipher.encrypt_block(&mut block);
    }
    assert_eq!(block.as_slice(), unhex("595298c7c6fd271f0402f804c33d3f66"));
    for _ in 0..1_000_000 {
        cipher.decrypt_block(&mut block);
    }
    assert_eq!(block.as_slice(), plain);
}

#[test]
fn keys_of_openssl_are_read_and_written_as_openssl_writes_them() {
    for row in list(&VECTORS["keys"]) {
        let (pkcs8, spki) = (bytes(&row["pkcs8"]), bytes(&row["spki"]));
        let key = private(&pkcs8).unwrap();
        assert_eq!(key.encode().unwrap().expose(), pkcs8);
        assert_eq!(key.public_key().unwrap().spki_der(), spki);
        assert_eq!(Some(pkcs8.len()), KeySpec::Sm2.pkcs8_len());
        for (name, other) in named(&row["other_pkcs8"]) {
            assert_eq!(private(&other).unwrap().encode().unwrap().expose(), pkcs8, "{name}");
        }
        for (name, other) in named(&row["other_spki"]) {
            let signature = &row["signatures"][0];
            let message = bytes(&signature["message"]);
            let verified =
                public(&other).unwrap().verify(SIGN, Message::Raw(&message), &bytes(&signature["signature"]));
            assert_eq!(verified, Ok(()), "{name}");
        }
    }
}

#[test]
fn signatures_of_openssl_verify_and_ours_do() {
    for row in list(&VECTORS["keys"]) {
        let (key, spki) = (private(&bytes(&row["pkcs8"])).unwrap(), public(&bytes(&row["spki"])).unwrap());
        for signed in list(&row["signatures"]) {
            let (is_raw, content) = message(signed, bytes);
            let message = if is_raw { Message::Raw(&content) } else { Message::Digest(&content) };
            let signature = bytes(&signed["signature"]);
            assert_eq!(spki.verify(SIGN, message, &signature), Ok(()));
            assert_eq!(
                spki.verify(SIGN, Message::Raw(b"another message"), &signature),
                Err(VerifyError::VerificationFailed)
            );
            let ours = key.sign(SIGN, message, &OsRandom).unwrap();
            assert_eq!(spki.verify(SIGN, message, &ours), Ok(()));
            assert_ne!(ours, key.sign(SIGN, message, &OsRandom).unwrap(), "not fresh");
        }
    }
}

#[test]
fn ciphertexts_of_openssl_open_and_ours_do() {
    for row in list(&VECTORS["keys"]) {
        let key = private(&bytes(&row["pkcs8"])).unwrap();
        for encrypted in list(&row["ciphertexts"]) {
            let plaintext = bytes(&encrypted["plaintext"]);
            assert_eq!(key.decrypt(ENCRYPT, &bytes(&encrypted["ciphertext"])).unwrap().expose(), plaintext);
            let ours = key.public_key().unwrap().encrypt(ENCRYPT, &plaintext, &OsRandom).unwrap();
            assert_eq!(key.decrypt(ENCRYPT, &ours).unwrap().expose(), plaintext);
        }
    }
}

#[test]
fn secrets_are_the_x_coordinates() {
    for row in list(&VECTORS["agreements"]) {
        let key = private(&bytes(&row["private"])).unwrap();
        let shared = key.derive_shared_secret(&bytes(&row["peer"])).unwrap();
        assert_eq!(shared.expose(), bytes(&row["shared_secret"]));
    }
}

#[test]
fn what_is_no_private_key_is_refused() {
    let spec = KeySpec::Sm2;
    for (list, error) in
        [("Malformed", InvalidKeyMaterial::Malformed), ("OtherSpec", InvalidKeyMaterial::OtherSpec { spec })]
    {
        for (name, pkcs8) in named(&VECTORS["refused_private"][list]) {
            assert_eq!(private(&pkcs8).err(), Some(error), "{name}");
        }
    }
}

#[test]
fn what_is_no_public_key_is_refused() {
    let spec = KeySpec::Sm2;
    let key = private(&bytes(&VECTORS["keys"][0]["pkcs8"])).unwrap();
    for (list, error) in
        [("Malformed", InvalidPublicKey::Malformed), ("OtherSpec", InvalidPublicKey::OtherSpec { spec })]
    {
        for (name, spki) in named(&VECTORS["refused_public"][list]) {
            assert_eq!(public(&spki).err(), Some(error), "{name}");
            assert_eq!(key.derive_shared_secret(&spki).err(), Some(DeriveError::PublicKey(error)), "{name}");
        }
    }
}

#[test]
fn ciphertexts_with_one_fault_do_not_open() {
    let row = &VECTORS["ciphertexts"];
    let key = private(&bytes(&row["pkcs8"])).unwrap();
    let right = bytes(&row["opens"]);
    assert_eq!(key.decrypt(ENCRYPT, &right).unwrap().expose(), bytes(&row["plaintext"]));
    for (name, ciphertext) in named(&row["refused"]) {
        assert_eq!(key.decrypt(ENCRYPT, &ciphertext).err(), Some(DecryptError::InvalidCiphertext), "{name}");
    }
    for bit in 0..right.len() * 8 {
        let mut ciphertext = right.clone();
        ciphertext[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key.decrypt(ENCRYPT, &ciphertext).err(), Some(DecryptError::InvalidCiphertext), "bit {bit}");
    }
    let other = private(&bytes(&VECTORS["keys"][1]["pkcs8"])).unwrap();
    assert_eq!(other.decrypt(ENCRYPT, &right).err(), Some(DecryptError::InvalidCiphertext));
}

#[test]
fn signatures_with_one_fault_do_not_verify() {
    let row = &VECTORS["signatures"];
    let key = public(&bytes(&row["spki"])).unwrap();
    let (digest, right) = (bytes(&row["digest"]), bytes(&row["verifies"]));
    let verify = |signature: &[u8]| key.verify(SIGN, Message::Digest(&digest), signature);
    assert_eq!(verify(&right), Ok(()));
    for (name, signature) in named(&row["refused"]) {
        assert_eq!(verify(&signature), Err(VerifyError::VerificationFailed), "{name}");
    }
    for bit in 0..right.len() * 8 {
        let mut signature = right.clone();
        signature[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(&signature), Err(VerifyError::VerificationFailed), "bit {bit}");
    }
}

#[test]
fn plaintexts_have_bounds() {
    let key = KeyMaterial::generate(KeySpec::Sm2, &OsRandom).unwrap();
    let encrypt = |len| key.public_key().unwrap().encrypt(ENCRYPT, &vec![7; len], &OsRandom);
    let longest = encrypt(1024).unwrap();
    assert!(longest.len() <= 6144);
    assert_eq!(encrypt(1025), Err(EncryptError::PlaintextTooLong { len: 1025, max: 1024 }));
    assert!(encrypt(0).is_err());
}

/// A source of randomness that runs dry after some bytes.
struct Dry;

impl Random for Dry {
    fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }

    fn fill_public(&self, _: &mut [u8]) -> Result<(), RandomError> {
        Err(RandomError)
    }
}

#[test]
fn nothing_is_made_without_randomness() {
    let key = private(&bytes(&VECTORS["keys"][0]["pkcs8"])).unwrap();
    let generated = KeyMaterial::generate(KeySpec::Sm2, &Dry);
    assert_eq!(generated.err(), Some(GenerateError::Random(RandomError)));
    assert_eq!(key.sign(SIGN, Message::Raw(b""), &Dry), Err(SignError::Random(RandomError)));
    let encrypted = key.public_key().unwrap().encrypt(ENCRYPT, b"a", &Dry);
    assert_eq!(encrypted, Err(EncryptError::Random(RandomError)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_damaged_private_key_is_refused_or_read_safely(at in 0usize..138, change in 1u8..) {
        let mut pkcs8 = bytes(&VECTORS["keys"][0]["pkcs8"]);
        pkcs8[at] ^= change;
        // Each byte is part of the structure, of the number, or of the point that belongs to it.
        prop_assert!(private(&pkcs8).is_err());
    }

    #[test]
    fn anything_is_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = key_of("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        prop_assert!(private(&bytes).is_err());
        prop_assert!(public(&bytes).is_err());
        prop_assert!(key.decrypt(ENCRYPT, &bytes).is_err());
        prop_assert!(key.public_key().unwrap().verify(SIGN, Message::Raw(b""), &bytes).is_err());
    }

    #[test]
    fn what_is_encrypted_opens(plaintext in prop::collection::vec(any::<u8>(), 1..=1024)) {
        let key = KeyMaterial::generate(KeySpec::Sm2, &OsRandom).unwrap();
        let ciphertext = key.public_key().unwrap().encrypt(ENCRYPT, &plaintext, &OsRandom).unwrap();
        let opened = key.decrypt(ENCRYPT, &ciphertext).unwrap();
        prop_assert_eq!(opened.expose(), plaintext);
    }
}
