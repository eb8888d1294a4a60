//! Sign and Verify: every algorithm of every key, in every form of message.

use serde_json::{Value, json};
use sm3::Digest as _;

use super::peer;
use super::ring::{Key, bytes, flipped, ring};
use crate::support::{Refusal, assert_refused, base64, refusal, violation, with};

/// An algorithm, and what is known of it.
pub(super) struct Row {
    pub(super) algorithm: &'static str,
    pub(super) specs: &'static [&'static str],
    /// Forms in which a message may be given; with the length that it must have, where it must have one.
    pub(super) forms: &'static [(&'static str, Option<usize>)],
    /// Whether the same message gives the same signature.
    deterministic: bool,
}

const RSA: &[&str] = &["RSA_2048", "RSA_3072", "RSA_4096"];
const RAW: (&str, Option<usize>) = ("RAW", None);

pub(super) const ROWS: [Row; 13] = [
    rsa("RSASSA_PSS_SHA_256", &[RAW, ("DIGEST", Some(32))], false),
    rsa("RSASSA_PSS_SHA_384", &[RAW, ("DIGEST", Some(48))], false),
    rsa("RSASSA_PSS_SHA_512", &[RAW, ("DIGEST", Some(64))], false),
    rsa("RSASSA_PKCS1_V1_5_SHA_256", &[RAW, ("DIGEST", Some(32))], true),
    rsa("RSASSA_PKCS1_V1_5_SHA_384", &[RAW, ("DIGEST", Some(48))], true),
    rsa("RSASSA_PKCS1_V1_5_SHA_512", &[RAW, ("DIGEST", Some(64))], true),
    other("ECDSA_SHA_256", &["ECC_NIST_P256", "ECC_SECG_P256K1"], &[RAW, ("DIGEST", Some(32))], false),
    other("ECDSA_SHA_384", &["ECC_NIST_P384"], &[RAW, ("DIGEST", Some(48))], false),
    other("ECDSA_SHA_512", &["ECC_NIST_P521"], &[RAW, ("DIGEST", Some(64))], false),
    other("SM2DSA", &["SM2"], &[RAW, ("DIGEST", Some(32))], false),
    other("ED25519_SHA_512", &["ECC_NIST_EDWARDS25519"], &[RAW], true),
    other("ED25519_PH_SHA_512", &["ECC_NIST_EDWARDS25519"], &[("DIGEST", Some(64))], true),
    other("ML_DSA_SHAKE_256", &["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"], &[RAW, ("EXTERNAL_MU", Some(64))], false),
];

const fn rsa(algorithm: &'static str, forms: &'static [(&'static str, Option<usize>)], deterministic: bool) -> Row {
    Row { algorithm, specs: RSA, forms, deterministic }
}

const fn other(
    algorithm: &'static str,
    specs: &'static [&'static str],
    forms: &'static [(&'static str, Option<usize>)],
    deterministic: bool,
) -> Row {
    Row { algorithm, specs, forms, deterministic }
}

/// Bytes that a signature has: from and to.
fn lengths(spec: &str) -> (usize, usize) {
    match spec {
        "RSA_2048" => (256, 256),
        "RSA_3072" => (384, 384),
        "RSA_4096" => (512, 512),
        // DER: each of the two numbers is a few bytes shorter once in a while.
        "ECC_NIST_P256" | "ECC_SECG_P256K1" | "SM2" => (64, 72),
        "ECC_NIST_P384" => (96, 104),
        "ECC_NIST_P521" => (130, 139),
        "ECC_NIST_EDWARDS25519" => (64, 64),
        "ML_DSA_44" => (2420, 2420),
        "ML_DSA_65" => (3309, 3309),
        "ML_DSA_87" => (4627, 4627),
        other => panic!("{other} does not sign"),
    }
}

/// Each algorithm with each key, and each form that the algorithm takes.
fn cases() -> impl Iterator<Item = (&'static Row, Key, &'static str, usize)> {
    static ROWS: [Row; 13] = self::ROWS;
    ROWS.iter().flat_map(|row| {
        row.specs.iter().flat_map(move |spec| {
            let key = ring().key(spec, "SIGN_VERIFY");
            row.forms.iter().map(move |(form, len)| (row, key, *form, len.unwrap_or(100)))
        })
    })
}

fn request(row: &Row, form: &str, message: &[u8]) -> Value {
    json!({"SigningAlgorithm": row.algorithm, "MessageType": form, "Message": base64(message)})
}

async fn sign(row: &Row, key: Key, form: &str, message: &[u8]) -> Vec<u8> {
    bytes(&ring().call("Sign", key, request(row, form, message)).await["Signature"])
}

/// Whether Verify says yes; it must say no in the one documented way.
async fn verifies(row: &Row, key: Key, form: &str, message: &[u8], signature: &[u8]) -> bool {
    let input = with(&request(row, form, message), json!({"KeyId": key.arn, "Signature": base64(signature)}));
    match ring().client(key).call("Verify", input).await {
        Ok(answer) => {
            let expected = json!({"KeyId": key.arn, "SignatureValid": true, "SigningAlgorithm": row.algorithm});
            assert_eq!(answer, expected);
            true
        }
        Err(error) => {
            assert_eq!(error, crate::support::aws_error("KMSInvalidSignatureException", ""));
            false
        }
    }
}

#[tokio::test]
async fn signatures_have_their_lengths_and_answers_their_members() {
    for (row, key, form, len) in cases() {
        let answer = ring().call("Sign", key, request(row, form, &vec![1; len])).await;
        let expected = json!({"KeyId": key.arn, "Signature": answer["Signature"], "SigningAlgorithm": row.algorithm});
        assert_eq!(answer, expected);
        let (min, max) = lengths(key.spec);
        let len = bytes(&answer["Signature"]).len();
        assert!((min..=max).contains(&len), "{} {key:?}: {len}", row.algorithm);
    }
}

#[tokio::test]
async fn what_was_signed_is_verified_and_nothing_else() {
    for (row, key, form, len) in cases() {
        let shown = format!("{} {} {form}", row.algorithm, key.spec);
        let message = vec![0x5a; len];
        let signature = sign(row, key, form, &message).await;
        assert!(verifies(row, key, form, &message, &signature).await, "{shown}");
        for at in [0, len - 1] {
            assert!(!verifies(row, key, form, &flipped(&message, at), &signature).await, "{shown}: message {at}");
        }
        for at in [0, signature.len() / 2, signature.len() - 1] {
            assert!(!verifies(row, key, form, &message, &flipped(&signature, at)).await, "{shown}: signature {at}");
        }
        let (shorter, longer) = (&signature[..signature.len() - 1], [signature.as_slice(), &[0]].concat());
        for wrong in [shorter, &longer, &[0], &vec![0; signature.len()], &vec![0xff; signature.len()], &[0; 6144]] {
            assert!(!verifies(row, key, form, &message, wrong).await, "{shown}: {} bytes", wrong.len());
        }
        let other = ring().other(key.spec, key.usage);
        assert!(!verifies(row, other, form, &message, &signature).await, "{shown}: another key");
        let of_other = sign(row, other, form, &message).await;
        assert!(!verifies(row, key, form, &message, &of_other).await, "{shown}: of another key");
    }
}

/// A signature of one algorithm says nothing under another of the same key.
#[tokio::test]
async fn a_signature_is_good_for_its_algorithm_only() {
    for (row, key, form, len) in cases() {
        let signature = sign(row, key, form, &vec![3; len]).await;
        let others = cases().filter(|(other, of, ..)| other.algorithm != row.algorithm && *of == key);
        for (other, _, form, other_len) in others {
            let message = vec![3; other_len];
            assert!(
                !verifies(other, key, form, &message, &signature).await,
                "{} as {} of {}",
                row.algorithm,
                other.algorithm,
                key.spec
            );
        }
    }
}

#[tokio::test]
async fn signatures_repeat_where_they_are_said_to() {
    for (row, key, form, len) in cases() {
        let message = vec![9; len];
        let (one, two) = (sign(row, key, form, &message).await, sign(row, key, form, &message).await);
        assert_eq!(one == two, row.deterministic, "{} {} {form}", row.algorithm, key.spec);
    }
}

/// Messages of every length that the API takes; no MessageType means RAW.
#[tokio::test]
async fn raw_messages_may_be_of_any_length_up_to_4096_bytes() {
    for row in ROWS.iter().filter(|row| row.forms.contains(&RAW)) {
        let key = ring().key(row.specs[0], "SIGN_VERIFY");
        for len in [1, 64, 4096] {
            let message = vec![7; len];
            let input = json!({"SigningAlgorithm": row.algorithm, "Message": base64(&message)});
            let signature = bytes(&ring().call("Sign", key, input.clone()).await["Signature"]);
            assert!(verifies(row, key, "RAW", &message, &signature).await, "{} {len}", row.algorithm);
            let input = with(&input, json!({"Signature": base64(&signature)}));
            assert_eq!(ring().call("Verify", key, input).await["SignatureValid"], true);
        }
        let mut table: Vec<Refusal> = Vec::new();
        for operation in ["Sign", "Verify"] {
            for (len, bound) in [(0, "greater than or equal to 1"), (4097, "less than or equal to 4096")] {
                let input = with(&request(row, "RAW", &vec![0; len]), json!({"KeyId": key.arn, "Signature": "AAAA"}));
                let text = violation(&format!(
                    "Value at 'message' failed to satisfy constraint: Member must have length {bound}"
                ));
                table.push(refusal(operation, input, "ValidationException", text));
            }
        }
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

#[tokio::test]
async fn digests_have_the_length_of_their_algorithm() {
    for (row, key, form, len) in cases().filter(|(_, _, form, _)| *form != "RAW") {
        let mut table: Vec<Refusal> = Vec::new();
        let text = format!("Digest is invalid length for algorithm {}. The length must be {len} bytes.", row.algorithm);
        for wrong in [1, 20, 28, 32, 48, 64, len - 1, len + 1, 4096].into_iter().filter(|wrong| *wrong != len) {
            for operation in ["Sign", "Verify"] {
                let input = with(&request(row, form, &vec![0; wrong]), json!({"KeyId": key.arn, "Signature": "AAAA"}));
                table.push(refusal(operation, with(&input, json!({"DryRun": true})), "ValidationException", &*text));
                table.push(refusal(operation, input, "ValidationException", &*text));
            }
        }
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

#[tokio::test]
async fn algorithms_take_the_forms_of_message_that_they_are_made_for() {
    for row in &ROWS {
        let key = ring().key(row.specs[0], "SIGN_VERIFY");
        let mut table: Vec<Refusal> = Vec::new();
        for form in ["RAW", "DIGEST", "EXTERNAL_MU"] {
            if row.forms.iter().any(|(taken, _)| *taken == form) {
                continue;
            }
            let text = format!("MessageType {form} is not valid for algorithm {}.", row.algorithm);
            for operation in ["Sign", "Verify"] {
                let input = with(&request(row, form, &[0; 64]), json!({"KeyId": key.arn, "Signature": "AAAA"}));
                table.push(refusal(operation, input, "ValidationException", &*text));
            }
        }
        assert_eq!(table.len(), 2 * (3 - row.forms.len()), "{}", row.algorithm);
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}

/// What SM2 signs: the hash of the signer's name and key, and of the message (GB/T 32918.2, section 5.5), with the name
/// that everybody uses.
fn sm2_digest(spki: &[u8], message: &[u8]) -> Vec<u8> {
    const CURVE: &str = "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc\
                         28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93\
                         32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7\
                         bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
    let curve: Vec<u8> =
        (0..CURVE.len() / 2).map(|n| u8::from_str_radix(&CURVE[2 * n..2 * n + 2], 16).unwrap()).collect();
    let (name, point) = (b"1234567812345678", &spki[spki.len() - 64..]);
    let name_bits = u16::try_from(name.len() * 8).unwrap().to_be_bytes();
    let signer = sm3::Sm3::digest([&name_bits[..], name, &curve, point].concat());
    sm3::Sm3::digest([&signer[..], message].concat()).to_vec()
}

/// Signed as a message and verified as its digest, and the other way round.
#[tokio::test]
async fn a_message_and_its_digest_are_the_same() {
    let message = b"the message itself".as_slice();
    for row in ROWS.iter().filter(|row| row.forms.len() == 2 && row.forms[1].0 == "DIGEST") {
        for spec in row.specs {
            let key = ring().key(spec, "SIGN_VERIFY");
            let digest = match *spec {
                "SM2" => sm2_digest(&ring().public_key(key).await, message),
                _ => peer::digest_for(row.algorithm, message),
            };
            let (of_message, of_digest) =
                (sign(row, key, "RAW", message).await, sign(row, key, "DIGEST", &digest).await);
            for signature in [&of_message, &of_digest] {
                assert!(verifies(row, key, "RAW", message, signature).await, "{} {spec}", row.algorithm);
                assert!(verifies(row, key, "DIGEST", &digest, signature).await, "{} {spec}", row.algorithm);
            }
            // A digest as a message is another message.
            assert!(!verifies(row, key, "RAW", &digest, &of_message).await, "{} {spec}", row.algorithm);
        }
    }
}

/// The two algorithms of Ed25519 are told apart by their prefix (RFC 8032, section 2): neither stands for the other, even
/// over the same bytes.
#[tokio::test]
async fn the_two_algorithms_of_ed25519_never_agree() {
    let key = ring().key("ECC_NIST_EDWARDS25519", "SIGN_VERIFY");
    let row = |name: &str| ROWS.into_iter().find(|row| row.algorithm == name).unwrap();
    let (pure, hashed) = (row("ED25519_SHA_512"), row("ED25519_PH_SHA_512"));
    let digest = peer::digest_for("SHA_512", b"message");
    for message in [b"message".as_slice(), &digest] {
        let signature = sign(&pure, key, "RAW", message).await;
        assert!(!verifies(&hashed, key, "DIGEST", &digest, &signature).await);
        let signature = sign(&hashed, key, "DIGEST", &digest).await;
        assert!(!verifies(&pure, key, "RAW", message, &signature).await);
    }
}

/// A representative that is not of the message is none of its signatures'.
#[tokio::test]
async fn a_message_of_64_bytes_is_no_representative() {
    let row = ROWS.into_iter().find(|row| row.algorithm == "ML_DSA_SHAKE_256").unwrap();
    for spec in row.specs {
        let key = ring().key(spec, "SIGN_VERIFY");
        let bytes = [4; 64];
        let (raw, mu) = (sign(&row, key, "RAW", &bytes).await, sign(&row, key, "EXTERNAL_MU", &bytes).await);
        assert!(!verifies(&row, key, "EXTERNAL_MU", &bytes, &raw).await, "{spec}");
        assert!(!verifies(&row, key, "RAW", &bytes, &mu).await, "{spec}");
    }
}

#[tokio::test]
async fn another_library_verifies_what_was_signed() {
    let mut unknown = std::collections::BTreeSet::new();
    for (row, key, form, _) in cases().filter(|(_, _, form, _)| matches!(*form, "RAW" | "DIGEST")) {
        let message = b"for another library".as_slice();
        let spki = ring().public_key(key).await;
        let signed = match form {
            "RAW" => message.to_vec(),
            _ if key.spec == "SM2" => sm2_digest(&spki, message),
            _ => peer::digest_for(row.algorithm, message),
        };
        let signature = sign(row, key, form, &signed).await;
        let verify =
            |message: &[u8], signature: &[u8]| peer::verify(key.spec, row.algorithm, &spki, message, signature);
        let Some(verified) = verify(message, &signature) else {
            unknown.insert(row.algorithm);
            continue;
        };
        assert!(verified, "{} {} {form}", row.algorithm, key.spec);
        assert_eq!(verify(b"for another Library", &signature), Some(false), "{} {}", row.algorithm, key.spec);
        let last = signature.len() - 1;
        assert_eq!(verify(message, &flipped(&signature, last)), Some(false), "{} {}", row.algorithm, key.spec);
    }
    // Vectors of the standards are in the key core's tests, and OpenSSL's opinion in the conformance suite.
    assert_eq!(unknown.into_iter().collect::<Vec<_>>(), ["ED25519_PH_SHA_512", "SM2DSA"]);
}
