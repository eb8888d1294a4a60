//! Keys, signatures, ciphertexts and secrets of other programs (`vectors/make_keys_v1.py`): what they made is taken, and
//! keys in forms that are not for us are refused.

use kagiban_base::secret::SecretBytes;
use kagiban_keycore::material::{InvalidKeyMaterial, KeyMaterial};
use kagiban_keycore::message::Message;
use kagiban_keycore::public_key::{InvalidPublicKey, PublicKey, VerifyError};
use kagiban_keycore::spec::{EncryptionAlgorithm, Family, KeySpec, MessageType, SigningAlgorithm};
use serde_json::Value;

use crate::support::{message, public, unhex};

/// A key of the file.
pub(crate) struct Row {
    pub(crate) spec: KeySpec,
    json: Value,
}

impl Row {
    fn bytes(&self, name: &str) -> Vec<u8> {
        unhex(text(&self.json, name))
    }

    fn key(&self) -> KeyMaterial {
        decode(self.spec, &self.bytes("pkcs8")).unwrap()
    }

    fn public(&self) -> PublicKey {
        PublicKey::decode(self.spec, &self.bytes("spki")).unwrap()
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.json[name].as_array().map_or(&[], Vec::as_slice)
    }

    fn named(&self, name: &str) -> Vec<(String, Vec<u8>)> {
        let entries = self.json[name].as_object().into_iter().flatten();
        entries.map(|(what, hex)| (what.clone(), unhex(hex.as_str().unwrap()))).collect()
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let rows: Vec<Value> = serde_json::from_str(include_str!("../vectors/keys-v1.json")).unwrap();
    rows.into_iter().map(|json| Row { spec: KeySpec::parse(text(&json, "spec")).unwrap(), json }).collect()
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json[name].as_str().unwrap()
}

fn decode(spec: KeySpec, pkcs8: &[u8]) -> Result<KeyMaterial, InvalidKeyMaterial> {
    KeyMaterial::decode(spec, &SecretBytes::from_slice(pkcs8))
}

fn verify(row: &Row, entry: &Value) -> Result<(), VerifyError> {
    let algorithm = SigningAlgorithm::parse(text(entry, "algorithm")).unwrap();
    let message_type = MessageType::parse(text(entry, "message_type")).unwrap();
    let (bytes, signature) = (unhex(text(entry, "message")), unhex(text(entry, "signature")));
    row.public().verify(algorithm, message(message_type, &bytes), &signature)
}

/// Other programs write their keys as we do, so what we hand out is what they read.
#[test]
fn keys_are_read_and_written_as_others_write_them() {
    for row in rows() {
        let key = row.key();
        assert_eq!(key.encode().unwrap().expose(), row.bytes("pkcs8"), "{}", row.spec);
        assert_eq!(public(&key).spki_der(), row.bytes("spki"), "{}", row.spec);
        assert_eq!(row.public().spki_der(), row.bytes("spki"), "{}", row.spec);
    }
}

#[test]
fn other_encodings_of_a_key_are_written_in_the_one_way() {
    for row in rows() {
        for (what, pkcs8) in row.named("other_pkcs8") {
            let key = decode(row.spec, &pkcs8).unwrap();
            assert_ne!(pkcs8, row.bytes("pkcs8"));
            assert_eq!(key.encode().unwrap().expose(), row.bytes("pkcs8"), "{} {what}", row.spec);
            assert_eq!(public(&key).spki_der(), row.bytes("spki"), "{} {what}", row.spec);
        }
    }
}

#[test]
fn keys_in_forms_that_are_not_for_us_are_refused() {
    let mut refused = 0;
    for row in rows() {
        for (what, pkcs8) in row.named("refused_pkcs8") {
            assert!(decode(row.spec, &pkcs8).is_err(), "{} {what}", row.spec);
            refused += 1;
        }
        for (what, spki) in row.named("refused_spki") {
            assert!(PublicKey::decode(row.spec, &spki).is_err(), "{} {what}", row.spec);
            refused += 1;
        }
    }
    assert_eq!(refused, 6 + 4 + 4 * (3 + 3) + 3);
}

/// What the errors say: whether it is a key at all, and whether it is one of the spec.
#[test]
fn a_key_of_another_spec_is_told_from_what_is_no_key() {
    for row in rows() {
        for other in rows() {
            if other.spec == row.spec || other.spec.family() == Family::Symmetric {
                continue;
            }
            let spec = row.spec;
            let read = decode(spec, &other.bytes("pkcs8"));
            assert_eq!(read.err(), Some(InvalidKeyMaterial::OtherSpec { spec }), "{} as {spec}", other.spec);
            let read = PublicKey::decode(spec, &other.bytes("spki"));
            assert_eq!(read.err(), Some(InvalidPublicKey::OtherSpec { spec }), "{} as {spec}", other.spec);
        }
        for garbage in [&[][..], &[0], &[0x30], &[0x30, 0], &[0x30, 0x80, 0, 0], b"no key", &[0xff; 300]] {
            assert_eq!(decode(row.spec, garbage).err(), Some(InvalidKeyMaterial::Malformed));
            assert_eq!(PublicKey::decode(row.spec, garbage).err(), Some(InvalidPublicKey::Malformed));
        }
    }
}

#[test]
fn keys_that_are_cut_or_continued_are_refused() {
    for row in rows() {
        let (pkcs8, spki) = (row.bytes("pkcs8"), row.bytes("spki"));
        let step = if row.spec.family() == Family::Rsa { 29 } else { 1 };
        for len in (0..pkcs8.len()).step_by(step) {
            assert!(decode(row.spec, &pkcs8[..len]).is_err(), "{} {len}", row.spec);
        }
        for len in (0..spki.len()).step_by(step) {
            assert!(PublicKey::decode(row.spec, &spki[..len]).is_err(), "{} {len}", row.spec);
        }
        for more in [&[0][..], &[0x30, 0], &pkcs8] {
            assert!(decode(row.spec, &[&pkcs8, more].concat()).is_err(), "{}", row.spec);
            assert!(PublicKey::decode(row.spec, &[&spki, more].concat()).is_err(), "{}", row.spec);
        }
    }
}

#[test]
fn signatures_of_others_verify() {
    for row in rows() {
        for entry in row.list("signatures") {
            assert_eq!(verify(&row, entry), Ok(()), "{} {entry}", row.spec);
        }
        for entry in row.list("refused_signatures") {
            assert_eq!(verify(&row, entry), Err(VerifyError::VerificationFailed), "{} {entry}", row.spec);
        }
    }
}

/// Where a signature is the same each time, ours is theirs.
#[test]
fn deterministic_signatures_are_theirs() {
    let mut compared = 0;
    for row in rows() {
        for entry in row.list("signatures") {
            let algorithm = SigningAlgorithm::parse(text(entry, "algorithm")).unwrap();
            if !algorithm.name().starts_with("RSASSA_PKCS1") && row.spec.family() != Family::Ed25519 {
                continue;
            }
            let message_type = MessageType::parse(text(entry, "message_type")).unwrap();
            let bytes = unhex(text(entry, "message"));
            let signed = row.key().sign(algorithm, message(message_type, &bytes), &kagiban_base::os::OsRandom);
            assert_eq!(signed.unwrap(), unhex(text(entry, "signature")), "{} {algorithm}", row.spec);
            compared += 1;
        }
    }
    assert_eq!(compared, 4 * 6 + 2);
}

#[test]
fn ciphertexts_of_others_are_decrypted() {
    for row in rows() {
        for entry in row.list("ciphertexts") {
            let algorithm = EncryptionAlgorithm::parse(text(entry, "algorithm")).unwrap();
            let plaintext = row.key().decrypt(algorithm, &unhex(text(entry, "ciphertext"))).unwrap();
            assert_eq!(plaintext.expose(), unhex(text(entry, "plaintext")), "{} {algorithm}", row.spec);
        }
    }
}

#[test]
fn secrets_shared_with_others_are_the_same() {
    for row in rows() {
        for entry in row.list("secrets") {
            let secret = row.key().derive_shared_secret(&unhex(text(entry, "peer"))).unwrap();
            assert_eq!(secret.expose(), unhex(text(entry, "secret")), "{}", row.spec);
        }
        for entry in row.list("encapsulations") {
            let secret = row.key().decapsulate(&unhex(text(entry, "ciphertext"))).unwrap();
            assert_eq!(secret.expose(), unhex(text(entry, "secret")), "{}", row.spec);
        }
    }
}

/// A lattice key may come with its expanded form (what OpenSSL writes), which must be that of its seed.
#[test]
fn lattice_keys_may_carry_their_expanded_form() {
    for row in rows() {
        let Some(expanded) = expanded(&row) else { continue };
        let pkcs8 = row.bytes("pkcs8");
        let (algorithm, seed) = (&pkcs8[5..18], &pkcs8[22..]);
        let with = |seed: &[u8], expanded: &[u8]| {
            let both = element(0x30, &[element(4, &[seed.to_vec()]), element(4, &[expanded.to_vec()])]);
            element(0x30, &[vec![2, 1, 0], algorithm.to_vec(), element(4, &[both])])
        };
        let key = decode(row.spec, &with(seed, &expanded)).unwrap();
        assert_eq!(key.encode().unwrap().expose(), pkcs8, "{}", row.spec);

        let mut other = expanded.clone();
        other[100] ^= 1;
        let mut other_seed = seed.to_vec();
        other_seed[0] ^= 1;
        let alone = element(4, &[element(4, std::slice::from_ref(&expanded))]);
        let alone = element(0x30, &[vec![2, 1, 0], algorithm.to_vec(), alone]);
        for (what, der) in [
            ("another expanded form", with(seed, &other)),
            ("another seed", with(&other_seed, &expanded)),
            ("a shorter expanded form", with(seed, &expanded[1..])),
            ("no expanded form", with(seed, &[])),
            ("a longer seed", with(&[seed, &[0]].concat(), &expanded)),
            ("the expanded form alone", alone),
        ] {
            assert_eq!(decode(row.spec, &der).err(), Some(InvalidKeyMaterial::Malformed), "{} {what}", row.spec);
        }
    }
}

fn expanded(row: &Row) -> Option<Vec<u8>> {
    use kagiban_aws_lc::{ml_dsa, ml_kem};
    let pkcs8 = row.bytes("pkcs8");
    let at = |spec: KeySpec, specs: [KeySpec; 3]| specs.iter().position(|one| *one == spec);
    if let Some(at) = at(row.spec, [KeySpec::MlDsa44, KeySpec::MlDsa65, KeySpec::MlDsa87]) {
        let key = ml_dsa::PrivateKey::from_seed(ml_dsa::ParameterSet::ALL[at], pkcs8.last_chunk().unwrap());
        return Some(key.unwrap().expanded().unwrap().expose().to_vec());
    }
    let at = at(row.spec, [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024])?;
    let key = ml_kem::PrivateKey::from_pkcs8(ml_kem::ParameterSet::ALL[at], &pkcs8.try_into().unwrap());
    Some(key.unwrap().expanded().unwrap().expose().to_vec())
}

/// A DER element of up to 65535 bytes.
fn element(tag: u8, contents: &[Vec<u8>]) -> Vec<u8> {
    let contents = contents.concat();
    let len = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let head = match len {
        [0, low @ 0..=0x7f] => vec![tag, low],
        [0, low] => vec![tag, 0x81, low],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head, contents].concat()
}

/// What a digest given with `ED25519_PH_SHA_512` is: the message of Ed25519ph, not its PH(M). The RFC's own vector, which
/// signs PH(M) of "abc", must therefore not verify over that digest.
#[test]
fn the_digest_of_ed25519ph_is_hashed_once_more() {
    let public = "302a300506032b6570032100ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf";
    let of_the_rfc = "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41\
                      31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";
    let public = PublicKey::decode(KeySpec::EccNistEdwards25519, &unhex(public)).unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, b"abc");
    let verified =
        public.verify(SigningAlgorithm::Ed25519PhSha512, Message::Digest(digest.as_ref()), &unhex(of_the_rfc));
    assert_eq!(verified, Err(VerifyError::VerificationFailed));
}
