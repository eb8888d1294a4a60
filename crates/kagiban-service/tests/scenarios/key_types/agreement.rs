//! DeriveSharedSecret: every curve, with the service and with another library on the other side.

use serde_json::{Value, json};

use super::peer::Agreeing;
use super::ring::{CHINA, Key, bytes, flipped, kinds, ring};
use crate::support::{REGION, Refusal, assert_refused, base64, refusal, violation, with};

pub(super) const ALGORITHM: &str = "ECDH";

/// Spec, bytes of its shared secrets.
pub(super) const ROWS: [(&str, usize); 4] =
    [("ECC_NIST_P256", 32), ("ECC_NIST_P384", 48), ("ECC_NIST_P521", 66), ("SM2", 32)];

fn cases() -> impl Iterator<Item = (Key, usize)> {
    ROWS.into_iter().map(|(spec, len)| (ring().key(spec, "KEY_AGREEMENT"), len))
}

fn request(public_key: &[u8]) -> Value {
    json!({"KeyAgreementAlgorithm": ALGORITHM, "PublicKey": base64(public_key)})
}

async fn derive(key: Key, public_key: &[u8]) -> Vec<u8> {
    let answer = ring().call("DeriveSharedSecret", key, request(public_key)).await;
    let secret = answer["SharedSecret"].clone();
    let expected = json!({
        "KeyId": key.arn, "SharedSecret": secret, "KeyAgreementAlgorithm": ALGORITHM, "KeyOrigin": "AWS_KMS",
    });
    assert_eq!(answer, expected);
    bytes(&secret)
}

#[tokio::test]
async fn both_sides_derive_the_same_secret() {
    for (key, len) in cases() {
        let other = ring().other(key.spec, key.usage);
        let secret = derive(key, &ring().public_key(other).await).await;
        assert_eq!(secret.len(), len, "{}", key.spec);
        assert_eq!(derive(other, &ring().public_key(key).await).await, secret, "{}", key.spec);
        // With oneself it is another one.
        let own = ring().public_key(key).await;
        assert_ne!(derive(key, &own).await, secret, "{}", key.spec);
    }
}

#[tokio::test]
async fn another_library_derives_the_same_secret() {
    let mut unknown = Vec::new();
    for (key, len) in cases() {
        // Several, for the secrets that begin with zeros: their length is the curve's all the same.
        for _ in 0..8 {
            let Some(peer) = Agreeing::generate(key.spec) else {
                unknown.push(key.spec);
                break;
            };
            let secret = derive(key, &peer.spki()).await;
            assert_eq!(secret.len(), len, "{}", key.spec);
            assert_eq!(secret, peer.agree(&ring().public_key(key).await), "{}", key.spec);
        }
    }
    assert_eq!(unknown, ["SM2"]);
}

/// A key for signatures on the same curve is a public key like any other: what it is for, its bytes do not say.
#[tokio::test]
async fn the_other_sides_usage_is_its_own_business() {
    for (key, len) in cases() {
        let signing = ring().public_key(ring().key(key.spec, "SIGN_VERIFY")).await;
        assert_eq!(derive(key, &signing).await.len(), len, "{}", key.spec);
    }
}

/// The same point in fewer bytes (SEC 1, section 2.3.3), which RFC 5480 lets who reads it take or leave.
fn compressed(spki: &[u8]) -> Vec<u8> {
    let at = point_at(spki);
    let (x, y) = spki[at + 1..].split_at((spki.len() - at - 1) / 2);
    let sign = 2 + (y[y.len() - 1] & 1);
    let bits = [&[0x03, u8::try_from(x.len() + 2).unwrap(), 0x00, sign][..], x].concat();
    spki_of(spki, &bits)
}

#[tokio::test]
async fn a_compressed_point_is_the_same_point() {
    for (key, _) in cases() {
        let public = ring().public_key(ring().other(key.spec, key.usage)).await;
        assert_eq!(derive(key, &compressed(&public)).await, derive(key, &public).await, "{}", key.spec);
    }
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap()).collect()
}

/// The curve P-256 described by its parameters, as `openssl ec -param_enc explicit` writes it: whoever
/// describes a curve may choose another generator.
const DESCRIBED: &str = "3082014b3082010306072a8648ce3d02013081f7020101302c06072a8648ce3d0101022100ffffffff0000000100\
                         0000000000000000000000ffffffffffffffffffffffff305b0420ffffffff000000010000000000000000000000\
                         00fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d260\
                         4b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037d\
                         812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f502\
                         2100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63255102010103420004bea1aecdfb\
                         26d357263084238bb5809faa1187012c40617eb4a150f7caabf424564113a6b66e915780493a472eca1d70fbe7ec\
                         debff87fb01b2471acfb05fc32";

/// Public keys that are none of this key's curve; what they are.
async fn wrong_keys(key: Key) -> Vec<(String, Vec<u8>)> {
    let own = ring().public_key(key).await;
    let len = own.len();
    let mut wrong = vec![
        ("nothing but a tag".to_owned(), vec![0x30]),
        ("text".to_owned(), b"-----BEGIN PUBLIC KEY-----".to_vec()),
        ("zeros".to_owned(), vec![0; len]),
        ("a byte less".to_owned(), own[..len - 1].to_vec()),
        ("a byte more".to_owned(), [own.as_slice(), &[0]].concat()),
        ("twice".to_owned(), [own.as_slice(), &own].concat()),
        ("a point off the curve".to_owned(), flipped(&own, len - 1)),
        ("another form of point".to_owned(), flipped(&own, point_at(&own))),
        ("the point without its wrapping".to_owned(), own[point_at(&own)..].to_vec()),
        ("the point at infinity".to_owned(), infinity(&own)),
        ("8192 bytes".to_owned(), vec![0x30; 8192]),
        ("a described curve".to_owned(), unhex(DESCRIBED)),
    ];
    for (spec, usage) in kinds() {
        let has_public_half = spec != "SYMMETRIC_DEFAULT" && usage != "GENERATE_VERIFY_MAC";
        if has_public_half && spec != key.spec {
            wrong.push((spec.to_owned(), ring().public_key(ring().key(spec, usage)).await));
        }
    }
    wrong
}

/// Where the uncompressed point begins.
fn point_at(spki: &[u8]) -> usize {
    match spki.len() {
        91 => 26,
        120 => 23,
        158 => 25,
        other => panic!("{other} bytes"),
    }
}

/// The point that is a single zero.
fn infinity(spki: &[u8]) -> Vec<u8> {
    spki_of(spki, &[0x03, 0x02, 0x00, 0x00])
}

/// The AlgorithmIdentifier of a key with another BIT STRING.
fn spki_of(spki: &[u8], bits: &[u8]) -> Vec<u8> {
    let outer = if spki[1] < 0x80 { 2 } else { 3 };
    let algorithm = &spki[outer..outer + 2 + usize::from(spki[outer + 1])];
    let contents = [algorithm, bits].concat();
    [&[0x30, u8::try_from(contents.len()).unwrap()][..], &contents].concat()
}

#[tokio::test]
async fn a_public_key_must_be_the_standard_form_of_a_point_on_the_keys_curve() {
    for (key, _) in cases() {
        let text = violation(&format!(
            "Value at 'publicKey' failed to satisfy constraint: Member must be the DER SubjectPublicKeyInfo of a public \
             key on the curve of {}",
            key.spec
        ));
        for (what, wrong) in wrong_keys(key).await {
            let input = with(&request(&wrong), json!({"KeyId": key.arn}));
            let dry = with(&input, json!({"DryRun": true}));
            let answer = ring().client(key).call("DeriveSharedSecret", input.clone()).await;
            assert!(answer.is_err(), "{}: {what} was taken", key.spec);
            let table: Vec<Refusal> = [input, dry]
                .map(|input| refusal("DeriveSharedSecret", input, "ValidationException", &*text))
                .into_iter()
                .collect();
            assert_refused(&ring().scene, &ring().client(key), table).await;
        }
    }
}

#[tokio::test]
async fn limits_of_the_model_hold() {
    for region in [REGION, CHINA] {
        let Some((key, _)) = cases().find(|(key, _)| key.region == region) else { panic!("no key in {region}") };
        let mut table: Vec<Refusal> = Vec::new();
        for (len, bound) in [(0, "greater than or equal to 1"), (8193, "less than or equal to 8192")] {
            let text = format!("Value at 'publicKey' failed to satisfy constraint: Member must have length {bound}");
            let input = with(&request(&vec![0; len]), json!({"KeyId": key.arn}));
            table.push(refusal("DeriveSharedSecret", input, "ValidationException", violation(&text)));
        }
        let input = json!({"KeyId": key.arn, "PublicKey": "AAAA", "KeyAgreementAlgorithm": "X25519"});
        let text = "Value 'X25519' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value \
                    set: [ECDH]";
        table.push(refusal("DeriveSharedSecret", input, "ValidationException", violation(text)));
        assert_refused(&ring().scene, &ring().client(key), table).await;
    }
}
