//! Keys are made afresh for each run, but for the vectors of RFC 7515; every refusal is a row of a table.

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example/realms/x";
const NOW_S: i64 = 1_800_000_000;

struct Keys {
    rsa: RsaKeyPair,
    foreign: RsaKeyPair,
    p256: EcdsaKeyPair,
    p384: EcdsaKeyPair,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys {
    rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
    foreign: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
    p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
    p384: EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap(),
});

fn base64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn rsa_jwk(key: &RsaKeyPair, id: &str) -> Value {
    // RFC 8017, appendix A.1.1: two headers of four bytes, a zero in front of the modulus, and the exponent at the end.
    let der = key.public_key().as_ref();
    json!({"kty": "RSA", "kid": id, "n": base64(&der[9..265]), "e": base64(&der[267..])})
}

fn ec_jwk(key: &EcdsaKeyPair, curve: &str, id: &str) -> Value {
    let (x, y) = key.public_key().as_ref()[1..].split_at(key.public_key().as_ref().len() / 2);
    json!({"kty": "EC", "crv": curve, "kid": id, "x": base64(x), "y": base64(y)})
}

/// The object with these members put in, or left out where they are null.
fn with(mut object: Value, changes: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(members.remove(name)),
            _ => drop(members.insert(name.clone(), value.clone())),
        }
    }
    object
}

fn key_set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({"keys": keys}).to_string().as_bytes()).unwrap()
}

/// The keys of the provider: not the foreign one.
fn provider_keys() -> KeySet {
    let (p256, p384) = (ec_jwk(&KEYS.p256, "P-256", "p256"), ec_jwk(&KEYS.p384, "P-384", "p384"));
    key_set(&[rsa_jwk(&KEYS.rsa, "rsa"), p256, p384])
}

fn rsa_signature(key: &RsaKeyPair, encoding: &'static dyn RsaEncoding, message: &str) -> Vec<u8> {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(encoding, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    signature
}

fn ec_signature(key: &EcdsaKeyPair, message: &str) -> Vec<u8> {
    key.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
}

/// A token with this header and these claims, as text, and whatever signature.
fn token_of(header: &str, claims: &str, sign: impl Fn(&str) -> Vec<u8>) -> String {
    let signed = format!("{}.{}", base64(header), base64(claims));
    let signature = base64(sign(&signed));
    format!("{signed}.{signature}")
}

fn token(header: Value, claims: &Value, sign: impl Fn(&str) -> Vec<u8>) -> String {
    token_of(&header.to_string(), &claims.to_string(), sign)
}

/// A token of the provider with these claims.
fn signed(claims: &Value) -> String {
    token(json!({"alg": "RS256", "kid": "rsa"}), claims, by_rsa)
}

fn by_rsa(message: &str) -> Vec<u8> {
    rsa_signature(&KEYS.rsa, &RSA_PKCS1_SHA256, message)
}

fn by_foreign(message: &str) -> Vec<u8> {
    rsa_signature(&KEYS.foreign, &RSA_PKCS1_SHA256, message)
}

fn by_p256(message: &str) -> Vec<u8> {
    ec_signature(&KEYS.p256, message)
}

fn by_p384(message: &str) -> Vec<u8> {
    ec_signature(&KEYS.p384, message)
}

fn claims() -> Value {
    json!({"iss": ISSUER, "sub": "system:serviceaccount:a:b", "aud": "kagiban", "iat": NOW_S - 10, "exp": NOW_S + 10})
}

fn check_with(keys: &KeySet, token: &str) -> Result<WebIdentity, WebIdentityError> {
    let audiences = ["kagiban".to_owned(), "other".to_owned()];
    let expected = Expected { issuer: ISSUER, audiences: &audiences, now: Timestamp::from_unix_s(NOW_S) };
    parse(token)?.verify(keys, &expected)
}

fn check(token: &str) -> Result<WebIdentity, WebIdentityError> {
    check_with(&provider_keys(), token)
}

/// RFC 7515, appendices A.2 and A.3: the same claims, signed with RS256 and with ES256.
#[test]
fn published_signatures() {
    let rsa = json!({"kty": "RSA", "e": "AQAB", "n": concat!(
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-",
        "pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2Cap",
        "Hg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h",
        "4FRWyuXpoQ"
    )});
    let ec = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
    let payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    for (header, jwk, algorithm, signature) in [
        (
            "eyJhbGciOiJSUzI1NiJ9",
            rsa,
            Algorithm::Rs256,
            concat!(
                "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9",
                "CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6",
                "_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0",
                "igcN_IoypGlUPQGe77Rw"
            ),
        ),
        (
            "eyJhbGciOiJFUzI1NiJ9",
            ec,
            Algorithm::Es256,
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
    ] {
        let (keys, signature) = (key_set(&[jwk]), URL_SAFE_NO_PAD.decode(signature).unwrap());
        let signed = format!("{header}.{payload}");
        assert_eq!(keys.verify(algorithm, None, signed.as_bytes(), &signature), Ok(()));
        let refused = keys.verify(algorithm, None, format!("{signed}A").as_bytes(), &signature);
        assert_eq!(refused, Err(WebIdentityError::WrongSignature));
    }
}

#[test]
fn every_algorithm_is_taken_with_and_without_key_id() {
    type Sign = fn(&str) -> Vec<u8>;
    let signers: [(&str, &str, Sign); 5] = [
        ("RS256", "rsa", by_rsa),
        ("RS384", "rsa", |message| rsa_signature(&KEYS.rsa, &RSA_PKCS1_SHA384, message)),
        ("RS512", "rsa", |message| rsa_signature(&KEYS.rsa, &RSA_PKCS1_SHA512, message)),
        ("ES256", "p256", by_p256),
        ("ES384", "p384", by_p384),
    ];
    for (algorithm, id, sign) in signers {
        for header in [json!({"alg": algorithm, "kid": id, "typ": "JWT"}), json!({"alg": algorithm})] {
            let identity = check(&token(header, &claims(), sign)).unwrap();
            assert_eq!(
                (identity.subject.as_str(), identity.audience.as_str()),
                ("system:serviceaccount:a:b", "kagiban")
            );
        }
        let unverified = token(json!({"alg": algorithm, "kid": id}), &claims(), sign);
        let unverified = parse(&unverified).unwrap();
        assert_eq!((unverified.issuer(), unverified.key_id()), (ISSUER, Some(id)));
    }
}

#[test]
fn other_algorithms_are_refused() {
    let rsa = rsa_jwk(&KEYS.rsa, "rsa");
    let secrets = [
        KEYS.rsa.public_key().as_ref().to_vec(),
        rsa.to_string().into_bytes(),
        rsa["n"].as_str().unwrap().into(),
        vec![],
    ];
    for secret in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let sign = |message: &str| hmac::sign(&key, message.as_bytes()).as_ref().to_vec();
        let forged = token(json!({"alg": "HS256", "kid": "rsa"}), &claims(), sign);
        assert_eq!(check(&forged).err(), Some(WebIdentityError::UnsupportedAlgorithm));
    }
    let pss = token(json!({"alg": "PS256"}), &claims(), |m| rsa_signature(&KEYS.rsa, &RSA_PSS_SHA256, m));
    assert_eq!(check(&pss).err(), Some(WebIdentityError::UnsupportedAlgorithm));
    for algorithm in [
        json!("none"),
        json!("None"),
        json!("NONE"),
        json!(""),
        json!("HS384"),
        json!("HS512"),
        json!("ES512"),
        json!("ES256K"),
        json!("EdDSA"),
        json!("rs256"),
        json!("RS256 "),
        json!(null),
        json!(["RS256"]),
        json!(1),
    ] {
        for sign in [by_rsa as fn(&str) -> Vec<u8>, |_| vec![]] {
            let forged = token(json!({"alg": algorithm, "kid": "rsa"}), &claims(), sign);
            assert_eq!(check(&forged).err(), Some(WebIdentityError::UnsupportedAlgorithm), "{algorithm}");
        }
    }
    let missing = token(json!({"kid": "rsa"}), &claims(), by_rsa);
    assert_eq!(check(&missing).err(), Some(WebIdentityError::UnsupportedAlgorithm));
}

#[test]
fn signatures_of_others_are_refused() {
    use WebIdentityError::{UnknownKey, WrongSignature};
    type Sign = fn(&str) -> Vec<u8>;
    let p256_der: Sign = |message| {
        let pkcs8 = KEYS.p256.to_pkcs8v1().unwrap();
        ec_signature(&EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref()).unwrap(), message)
    };
    let foreign_jwk = rsa_jwk(&KEYS.foreign, "rsa");
    let rows: [(Value, Sign, WebIdentityError); 20] = [
        (json!({"alg": "RS256", "kid": "rsa"}), by_foreign, WrongSignature),
        (json!({"alg": "RS256"}), by_foreign, WrongSignature),
        (json!({"alg": "RS256", "kid": "rsa", "jwk": foreign_jwk}), by_foreign, WrongSignature),
        (json!({"alg": "RS256", "kid": "rsa", "jku": "https://evil.example/jwks"}), by_foreign, WrongSignature),
        (json!({"alg": "RS256", "kid": "rsa", "x5c": ["MIIB"]}), by_foreign, WrongSignature),
        (json!({"alg": "RS256", "kid": "foreign"}), by_foreign, UnknownKey),
        // Key ids are compared as they are, and one that is given is heeded.
        (json!({"alg": "RS256", "kid": ""}), by_rsa, UnknownKey),
        (json!({"alg": "RS256", "kid": "RSA"}), by_rsa, UnknownKey),
        (json!({"alg": "RS256", "kid": "rsa "}), by_rsa, UnknownKey),
        (json!({"alg": "RS256", "kid": "../../dev/null"}), by_rsa, UnknownKey),
        (json!({"alg": "RS256", "kid": "rsa' OR '1'='1"}), by_rsa, UnknownKey),
        // The key must be of the algorithm's kind.
        (json!({"alg": "RS256", "kid": "p256"}), by_rsa, UnknownKey),
        (json!({"alg": "ES256", "kid": "rsa"}), by_p256, UnknownKey),
        (json!({"alg": "ES256", "kid": "p384"}), by_p384, UnknownKey),
        (json!({"alg": "ES384", "kid": "p256"}), by_p256, UnknownKey),
        (json!({"alg": "RS384", "kid": "rsa"}), by_rsa, WrongSignature),
        (json!({"alg": "ES256", "kid": "p256"}), |_| vec![0; 64], WrongSignature),
        (json!({"alg": "ES256", "kid": "p256"}), p256_der, WrongSignature),
        (json!({"alg": "ES256", "kid": "p256"}), |_| vec![], WrongSignature),
        (json!({"alg": "RS256", "kid": "rsa", "alg ": "none"}), |_| vec![], WrongSignature),
    ];
    for (header, sign, expected) in rows {
        assert_eq!(check(&token(header.clone(), &claims(), sign)).err(), Some(expected), "{header}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    use TokenPart::{Claims, Header, Signature, Whole};
    let (good, text) = (signed(&claims()), claims().to_string());
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let duplicate = format!("{},\"sub\":\"root\"}}", text.strip_suffix('}').unwrap());
    let malformed = WebIdentityError::Malformed;
    for (token, expected) in [
        (String::new(), malformed(Whole)),
        ("a".to_owned(), malformed(Whole)),
        (format!("{header}.{payload}"), malformed(Whole)),
        (format!("{good}."), malformed(Whole)),
        (format!("{good}.{signature}"), malformed(Whole)),
        (format!(".{good}"), malformed(Whole)),
        (format!("{header}.a.{payload}.b.{signature}"), malformed(Whole)),
        (format!(".{payload}.{signature}"), malformed(Header)),
        (format!(" {good}"), malformed(Header)),
        (format!("{header}=.{payload}.{signature}"), malformed(Header)),
        (format!("{header}..{signature}"), malformed(Claims)),
        (format!("{header}.{payload}=.{signature}"), malformed(Claims)),
        (format!("{header}.{payload}+.{signature}"), malformed(Claims)),
        (format!("{good}="), malformed(Signature)),
        (format!("{good} "), malformed(Signature)),
        (format!("{good}\n"), malformed(Signature)),
        (token_of("[]", &text, by_rsa), malformed(Header)),
        (token_of("", &text, by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"RS256\"} x", &text, by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"none\",\"alg\":\"RS256\"}", &text, by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"kid\":\"rsa\"}", &text, by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"RS256\",\"kid\":1}", &text, by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"RS256\",\"kid\":null}", &text, by_rsa), malformed(Header)),
        (token(json!({"alg": "RS256", "kid": "a".repeat(1025)}), &claims(), by_rsa), malformed(Header)),
        (token_of("{\"alg\":\"RS256\"}", &duplicate, by_rsa), malformed(Claims)),
        (token_of("{\"alg\":\"RS256\"}", "\"text\"", by_rsa), malformed(Claims)),
        (token_of("{\"alg\":\"RS256\"}", &"[".repeat(5000), by_rsa), malformed(Claims)),
        (token(json!({"alg": "RS256", "crit": ["exp"]}), &claims(), by_rsa), WebIdentityError::Critical),
        (token(json!({"alg": "RS256", "crit": []}), &claims(), by_rsa), WebIdentityError::Critical),
        (token(json!({"alg": "RS256", "b64": false, "crit": ["b64"]}), &claims(), by_rsa), WebIdentityError::Critical),
        ("a".repeat(TOKEN_LEN_MAX + 1), WebIdentityError::TooLong),
        (signed(&with(claims(), json!({"x": "x".repeat(20_000)}))), WebIdentityError::TooLong),
    ] {
        assert_eq!(check(&token).err(), Some(expected), "{}", token.get(..100).unwrap_or(&token));
    }
    assert!(check(&signed(&with(claims(), json!({"x": "x".repeat(14_000)})))).is_ok());
}

#[test]
fn claims_are_held_against_the_expected() {
    use WebIdentityError::{Expired, InvalidClaim, MissingClaim, NotYetValid, WrongAudience, WrongIssuer};
    let expired = |s| Err(Expired { expired_at: Timestamp::from_unix_s(s) });
    let missing = |name| Err(MissingClaim(name));
    let invalid = |name| Err(InvalidClaim(name));
    let long = "x".repeat(256);
    for (change, expected) in [
        (json!({}), Ok("kagiban")),
        (json!({"iss": null}), missing("iss")),
        (json!({"iss": 1}), invalid("iss")),
        (json!({"iss": ""}), invalid("iss")),
        (json!({"iss": [ISSUER]}), invalid("iss")),
        (json!({"iss": "https://id.example/realms/y"}), Err(WrongIssuer)),
        (json!({"iss": "https://id.example/realms/x/"}), Err(WrongIssuer)),
        (json!({"iss": "https://ID.example/realms/x"}), Err(WrongIssuer)),
        (json!({"iss": "http://id.example/realms/x"}), Err(WrongIssuer)),
        (json!({"iss": "https://id.example/realms/%78"}), Err(WrongIssuer)),
        (json!({"sub": null}), missing("sub")),
        (json!({"sub": ""}), invalid("sub")),
        (json!({"sub": "a\nb"}), invalid("sub")),
        (json!({"sub": long}), invalid("sub")),
        (json!({"sub": ["a"]}), invalid("sub")),
        (json!({"exp": null}), missing("exp")),
        (json!({"exp": "1900000000"}), invalid("exp")),
        (json!({"exp": true}), invalid("exp")),
        (json!({"exp": NOW_S}), expired(NOW_S)),
        (json!({"exp": NOW_S - 1}), expired(NOW_S - 1)),
        (json!({"exp": 0}), expired(0)),
        (json!({"exp": -5}), expired(-5)),
        (json!({"exp": NOW_S as f64 + 0.5}), Ok("kagiban")),
        (json!({"exp": NOW_S as f64 - 0.5}), Err(Expired { expired_at: Timestamp::from_unix_ms(NOW_S * 1000 - 500) })),
        (json!({"exp": NOW_S + 1}), Ok("kagiban")),
        (json!({"exp": i64::MAX}), Ok("kagiban")),
        (json!({"exp": u64::MAX}), Ok("kagiban")),
        (json!({"exp": 1e300}), Ok("kagiban")),
        (json!({"exp": -1e300}), Err(Expired { expired_at: Timestamp::from_unix_ms(i64::MIN) })),
        (json!({"iat": null}), missing("iat")),
        (json!({"iat": "1"}), invalid("iat")),
        (json!({"iat": NOW_S + 300}), Ok("kagiban")),
        (json!({"iat": NOW_S + 301}), Err(NotYetValid)),
        (json!({"iat": u64::MAX}), Err(NotYetValid)),
        (json!({"iat": 0}), Ok("kagiban")),
        (json!({"nbf": NOW_S + 300}), Ok("kagiban")),
        (json!({"nbf": NOW_S + 301}), Err(NotYetValid)),
        (json!({"nbf": "1"}), invalid("nbf")),
        (json!({"nbf": NOW_S + 301, "exp": NOW_S}), expired(NOW_S)),
        (json!({"aud": null}), missing("aud")),
        (json!({"aud": []}), missing("aud")),
        (json!({"aud": ""}), invalid("aud")),
        (json!({"aud": 1}), invalid("aud")),
        (json!({"aud": ["kagiban", 1]}), invalid("aud")),
        (json!({"aud": {"kagiban": true}}), invalid("aud")),
        (json!({"aud": vec!["kagiban"; 65]}), invalid("aud")),
        (json!({"aud": "sts.amazonaws.com"}), Err(WrongAudience)),
        (json!({"aud": "KAGIBAN"}), Err(WrongAudience)),
        (json!({"aud": "kagiban "}), Err(WrongAudience)),
        (json!({"aud": "*"}), Err(WrongAudience)),
        (json!({"aud": ["a", "b"]}), Err(WrongAudience)),
        (json!({"aud": ["a", "other", "b"]}), Ok("other")),
        (json!({"aud": ["other", "kagiban"]}), Ok("kagiban")),
        (json!({"azp": "other"}), Ok("other")),
        (json!({"aud": "elsewhere", "azp": "other"}), Ok("other")),
        (json!({"azp": "elsewhere"}), Err(WrongAudience)),
        (json!({"aud": null, "azp": "other"}), missing("aud")),
        (json!({"azp": ""}), invalid("azp")),
        (json!({"azp": ["other"]}), invalid("azp")),
        (json!({"amr": "pwd"}), Ok("kagiban")),
        (json!({"amr": {"x": 1}}), invalid("amr")),
        (json!({"https://aws.amazon.com/source_identity": "a b"}), invalid("https://aws.amazon.com/source_identity")),
        (json!({"https://aws.amazon.com/source_identity": 1}), invalid("https://aws.amazon.com/source_identity")),
    ] {
        let result = check(&signed(&with(claims(), change.clone())));
        assert_eq!(result.as_ref().map(|identity| identity.audience.as_str()), expected.as_ref().copied(), "{change}");
    }
}

#[test]
fn null_says_that_a_claim_is_absent() {
    let text = claims().to_string().replace("{", "{\"nbf\":null,\"azp\":null,\"amr\":null,");
    let identity = check(&token_of("{\"alg\":\"RS256\"}", &text, by_rsa)).unwrap();
    assert_eq!(identity.authorized_party, None);
    let text = claims().to_string().replace(&format!("\"exp\":{}", NOW_S + 10), "\"exp\":null");
    let refused = check(&token_of("{\"alg\":\"RS256\"}", &text, by_rsa));
    assert_eq!(refused.err(), Some(WebIdentityError::MissingClaim("exp")));
}

/// Nothing is told about a token that is not genuine but whose it says it is.
#[test]
fn the_signature_is_checked_before_the_claims() {
    for change in [json!({"exp": 0}), json!({"aud": "x"}), json!({"sub": null}), json!({"nbf": "x"})] {
        let forged = token(json!({"alg": "RS256"}), &with(claims(), change), by_foreign);
        assert_eq!(check(&forged).err(), Some(WebIdentityError::WrongSignature));
    }
}

#[test]
fn without_audiences_nothing_is_taken() {
    let expected = Expected { issuer: ISSUER, audiences: &[], now: Timestamp::from_unix_s(NOW_S) };
    let token = signed(&claims());
    let result = parse(&token).unwrap().verify(&provider_keys(), &expected);
    assert_eq!(result.err(), Some(WebIdentityError::WrongAudience));
}

#[test]
fn an_identity_says_it_all() {
    let tags = json!({
        "principal_tags": {"Team": ["red"], "Cost Center": "7"}, "transitive_tag_keys": ["team"],
    });
    let all = with(
        claims(),
        json!({
            "aud": ["a", "b"], "azp": "kagiban", "amr": ["pwd", "otp"], "nbf": NOW_S,
            "https://aws.amazon.com/tags": tags, "https://aws.amazon.com/source_identity": "ann@id.example",
        }),
    );
    let identity = check(&signed(&all)).unwrap();
    let tag =
        |key: &str, value: &str, is_transitive| SessionTag { key: key.into(), value: value.into(), is_transitive };
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let expected = WebIdentity {
        issuer: ISSUER.to_owned(),
        subject: "system:serviceaccount:a:b".to_owned(),
        audience: "kagiban".to_owned(),
        authorized_party: Some("kagiban".to_owned()),
        issued_at: Timestamp::from_unix_s(NOW_S - 10),
        expires_at: Timestamp::from_unix_s(NOW_S + 10),
        authentication_methods: texts(&["pwd", "otp"]),
        condition_values: vec![
            ("amr".to_owned(), texts(&["pwd", "otp"])),
            ("aud".to_owned(), texts(&["kagiban"])),
            ("azp".to_owned(), texts(&["kagiban"])),
            ("exp".to_owned(), texts(&["1800000010"])),
            ("iat".to_owned(), texts(&["1799999990"])),
            ("iss".to_owned(), texts(&[ISSUER])),
            ("nbf".to_owned(), texts(&["1800000000"])),
            ("oaud".to_owned(), texts(&["a", "b"])),
            ("sub".to_owned(), texts(&["system:serviceaccount:a:b"])),
        ],
        session_tags: vec![tag("Cost Center", "7", false), tag("Team", "red", true)],
        source_identity: Some("ann@id.example".to_owned()),
    };
    assert_eq!(identity, expected);
}

#[test]
fn claims_become_condition_values() {
    for (change, name, expected) in [
        (json!({"repository": "a/b"}), "repository", Some(&["a/b"][..])),
        (json!({"Repository": "a/b"}), "repository", Some(&["a/b"])),
        (json!({"groups": ["x", "y"]}), "groups", Some(&["x", "y"])),
        (json!({"groups": []}), "groups", Some(&[])),
        (json!({"groups": ["x", 1]}), "groups", None),
        (json!({"email_verified": true}), "email_verified", Some(&["true"])),
        (json!({"level": -3}), "level", Some(&["-3"])),
        (json!({"level": 1.5}), "level", None),
        (json!({"kubernetes.io": {"namespace": "a"}}), "kubernetes.io", None),
        (json!({}), "missing", None),
        // Keys that could be taken for others.
        (json!({"Sub": "root", "SUB": "root"}), "sub", Some(&["system:serviceaccount:a:b"])),
        (json!({"AUD": "x"}), "aud", Some(&["kagiban"])),
        (json!({"oaud": "x"}), "oaud", None),
        (json!({"AZP": "x"}), "azp", None),
        (json!({"AMR": "mfa"}), "amr", None),
        (json!({"amr": "pwd", "Amr": "mfa"}), "amr", Some(&["pwd"])),
        (json!({"Email": "x"}), "email", None),
        (json!({"email": "x"}), "email", Some(&["x"])),
        (json!({"role": "a", "Role": "b"}), "role", None),
        (json!({"role": "a", "Role": "b", "ROLE": "c"}), "role", None),
        (json!({"8443:sub": "x"}), "8443:sub", None),
        (json!({"https://x.example/role": "x"}), "https://x.example/role", None),
        (json!({"a b": "x"}), "a b", None),
        (json!({"": "x"}), "", None),
        (json!({"ä": "x"}), "ä", None),
    ] {
        let identity = check(&signed(&with(claims(), change.clone()))).unwrap();
        let found = identity.condition_values.iter().find(|(key, _)| key == name).map(|(_, values)| values.as_slice());
        let expected = expected.map(|values| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>());
        assert_eq!(found, expected.as_deref(), "{change}");
        assert!(identity.condition_values.is_sorted(), "{change}");
    }
}

#[test]
fn session_tags_must_be_tags() {
    let many: serde_json::Map<String, Value> = (0..51).map(|at| (format!("k{at}"), json!("x"))).collect();
    for (tags, count) in [
        (json!({}), Some(0)),
        (json!({"principal_tags": {}}), Some(0)),
        (json!({"principal_tags": {"a": ["x"], "b": ["y"]}, "transitive_tag_keys": []}), Some(2)),
        (json!({"principal_tags": {"a": [""]}}), Some(1)),
        (json!([]), None),
        (json!("x"), None),
        (json!({"principal_tags": ["a"]}), None),
        (json!({"principal_tags": {"a": []}}), None),
        (json!({"principal_tags": {"a": ["x", "y"]}}), None),
        (json!({"principal_tags": {"a": [1]}}), None),
        (json!({"principal_tags": {"a": 1}}), None),
        (json!({"principal_tags": {"a": ["*"]}}), None),
        (json!({"principal_tags": {"aws:a": ["x"]}}), None),
        (json!({"principal_tags": {"a": ["x"], "A": ["y"]}}), None),
        (json!({"principal_tags": many}), None),
        (json!({"principal_tags": {"a": ["x"]}, "transitive_tag_keys": ["b"]}), None),
        (json!({"principal_tags": {"a": ["x"]}, "transitive_tag_keys": "a"}), None),
        (json!({"principal_tags": {"a": ["x"]}, "transitive_tag_keys": [1]}), None),
        (json!({"transitive_tag_keys": ["a"]}), None),
    ] {
        let result = check(&signed(&with(claims(), json!({"https://aws.amazon.com/tags": tags.clone()}))));
        let invalid = WebIdentityError::InvalidClaim("https://aws.amazon.com/tags");
        assert_eq!(result.map(|identity| identity.session_tags.len()), count.ok_or(invalid), "{tags}");
    }
}

/// Each change leaves a key that would check the token's signature, were it heeded.
#[test]
fn keys_for_something_else_are_left_out() {
    let zero_in_front = |key: &Value| {
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        base64([&[0][..], &modulus].concat())
    };
    let rsa = rsa_jwk(&KEYS.rsa, "rsa");
    for (change, usable) in [
        (json!({}), true),
        (json!({"kid": null}), true),
        (json!({"use": "sig", "alg": "RS256", "key_ops": ["verify"], "x5t": "x", "other": {}}), true),
        (json!({"n": zero_in_front(&rsa), "e": "AAEAAQ"}), true),
        (json!({"kid": 1}), false),
        (json!({"use": "enc"}), false),
        (json!({"use": ["sig"]}), false),
        (json!({"key_ops": ["encrypt"]}), false),
        (json!({"key_ops": []}), false),
        (json!({"key_ops": "verify"}), false),
        (json!({"alg": "PS256"}), false),
        (json!({"alg": "HS256"}), false),
        (json!({"alg": 1}), false),
        (json!({"kty": "oct", "k": "AAAA"}), false),
        (json!({"kty": "OKP", "crv": "Ed25519"}), false),
        (json!({"kty": "rsa"}), false),
        (json!({"kty": null}), false),
        (json!({"n": null}), false),
        (json!({"n": "!"}), false),
        (json!({"n": base64([0xff; 128])}), false),
        (json!({"n": base64([0x7f; 256])}), false),
        (json!({"n": base64([0xff; 1025])}), false),
        (json!({"e": ""}), false),
        (json!({"e": "AA"}), false),
        (json!({"e": "AQAAAAAB"}), false),
    ] {
        let keys = key_set(&[with(rsa.clone(), change.clone())]);
        assert_eq!((keys.len(), keys.is_empty()), (usize::from(usable), !usable), "{change}");
        let result = check_with(&keys, &token(json!({"alg": "RS256"}), &claims(), by_rsa));
        assert_eq!(result.err(), (!usable).then_some(WebIdentityError::UnknownKey), "{change}");
    }
    let ec = ec_jwk(&KEYS.p256, "P-256", "p256");
    for (change, usable) in [
        (json!({}), true),
        (json!({"crv": "P-384"}), false),
        (json!({"crv": "P-521"}), false),
        (json!({"crv": "secp256k1"}), false),
        (json!({"x": null}), false),
        (json!({"x": base64([1; 31])}), false),
        (json!({"y": base64([0; 33])}), false),
    ] {
        assert_eq!(key_set(&[with(ec.clone(), change.clone())]).len(), usize::from(usable), "{change}");
    }
    // A point that is not on the curve makes no signature right.
    let keys = key_set(&[with(ec, json!({"y": base64([1; 32])}))]);
    let result = check_with(&keys, &token(json!({"alg": "ES256"}), &claims(), by_p256));
    assert_eq!(result.err(), Some(WebIdentityError::WrongSignature));
}

#[test]
fn a_key_for_one_algorithm_serves_no_other() {
    let keys = key_set(&[with(rsa_jwk(&KEYS.rsa, "rsa"), json!({"alg": "RS512"}))]);
    assert_eq!(check_with(&keys, &signed(&claims())).err(), Some(WebIdentityError::UnknownKey));
    let strong = token(json!({"alg": "RS512"}), &claims(), |m| rsa_signature(&KEYS.rsa, &RSA_PKCS1_SHA512, m));
    assert!(check_with(&keys, &strong).is_ok());
}

#[test]
fn key_sets_have_one_meaning_and_an_end() {
    let rsa = rsa_jwk(&KEYS.rsa, "rsa").to_string();
    let of = |keys: &str| format!("{{\"keys\":[{keys}]}}");
    for (text, expected) in [
        (String::new(), InvalidKeySet::Malformed),
        ("[]".to_owned(), InvalidKeySet::Malformed),
        ("{}".to_owned(), InvalidKeySet::Malformed),
        (rsa.clone(), InvalidKeySet::Malformed),
        ("{\"keys\":{}}".to_owned(), InvalidKeySet::Malformed),
        (of("1"), InvalidKeySet::Malformed),
        (of(&rsa) + "x", InvalidKeySet::Malformed),
        (of(&rsa.replace('{', "{\"kid\":\"rsa\",")), InvalidKeySet::Malformed),
        (format!("{{\"keys\":[],\"keys\":[{rsa}]}}"), InvalidKeySet::Malformed),
        (of(&vec!["{}"; 65].join(",")), InvalidKeySet::TooManyKeys),
        (format!("{}{}", " ".repeat(KEY_SET_LEN_MAX), of("")), InvalidKeySet::TooLong),
    ] {
        let shown = text.get(..60).unwrap_or(&text);
        assert_eq!(KeySet::parse(text.as_bytes()).map(|keys| keys.len()), Err(expected), "{shown}");
    }
    assert_eq!(KeySet::parse(of(&vec![rsa; 64].join(",")).as_bytes()).map(|keys| keys.len()), Ok(64));
    assert_eq!(KeySet::parse(of("").as_bytes()).map(|keys| keys.is_empty()), Ok(true));
}

#[test]
fn a_token_without_key_id_is_tried_with_eight_keys() {
    let token = token(json!({"alg": "RS256"}), &claims(), by_rsa);
    for (before, expected) in [(0, None), (7, None), (8, Some(WebIdentityError::WrongSignature))] {
        let mut jwks = vec![rsa_jwk(&KEYS.foreign, "foreign"); before];
        jwks.push(ec_jwk(&KEYS.p256, "P-256", "p256"));
        jwks.push(rsa_jwk(&KEYS.rsa, "rsa"));
        assert_eq!(check_with(&key_set(&jwks), &token).err(), expected, "{before}");
    }
}

#[test]
fn a_set_knows_its_key_ids() {
    let keys = provider_keys();
    for (id, expected) in [(Some("rsa"), true), (Some("new"), false), (Some(""), false), (None, true)] {
        assert_eq!(keys.has_key(id), expected, "{id:?}");
    }
    assert!(!key_set(&[]).has_key(None));
}

proptest! {
    #[test]
    fn hostile_texts_are_no_tokens(text in "\\PC{0,200}", parts in "[a-zA-Z0-9_.-]{0,400}") {
        prop_assert!(check(&text).is_err());
        prop_assert!(check(&parts).is_err());
    }

    #[test]
    fn hostile_headers_and_claims_do_no_harm(header in "[\\[{}\":,a-z0-9\\\\\\]]{0,60}", claims in "[\\[{}\":,a-z0-9\\\\\\]]{0,60}") {
        prop_assert!(check(&token_of(&header, &claims, |_| vec![0; 256])).is_err());
    }

    #[test]
    fn a_changed_token_is_never_taken(at in any::<prop::sample::Index>(), to in "[a-zA-Z0-9_.-]") {
        static GOOD: LazyLock<String> = LazyLock::new(|| signed(&claims()));
        let at = at.index(GOOD.len());
        let mut changed = GOOD.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(check(&changed).is_ok(), changed == *GOOD);
    }

    #[test]
    fn hostile_bytes_are_no_key_set(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(KeySet::parse(&bytes).is_err());
    }
}
