//! The signature of messages that go out to receivers with whom a secret is shared: webhooks of rules.
//!
//! HMAC-SHA-256 (FIPS 198-1) over the time of sending in seconds since 1970, a dot, and the body. The time is under the
//! signature, so that a receiver can refuse what is old, and nobody can pass an old message off as new.

use aws_lc_rs::hmac;
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "Kagiban-Signature";

/// The value of [`SIGNATURE_HEADER`]: `t=SECONDS,v1=HEX`.
pub fn sign_message(secret: &SecretBytes, sent: Timestamp, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose());
    let mut context = hmac::Context::with_key(&key);
    let seconds = sent.unix_s().to_string();
    for part in [seconds.as_bytes(), b".", body] {
        context.update(part);
    }
    let tag = context.sign();
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={seconds},v1={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value is OpenSSL's: printf '1787353303.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
    #[test]
    fn time_and_body_are_signed() {
        let (secret, sent) = (SecretBytes::from_slice(b"0123456789abcdef"), Timestamp::from_unix_ms(1_787_353_303_999));
        let signed = sign_message(&secret, sent, br#"{"a":1}"#);
        assert_eq!(signed, "t=1787353303,v1=f06731f3f8118032a3a9d6e6951d96c675f3ac5f7efbdc4ab2f7e30712de565d");
        for (other, at, body) in [
            ("0123456789abcdeg", sent, r#"{"a":1}"#),
            ("0123456789abcdef", sent.plus_ms(1), r#"{"a":1}"#),
            ("0123456789abcdef", sent, r#"{"a":2}"#),
        ] {
            assert_ne!(sign_message(&SecretBytes::from_slice(other.as_bytes()), at, body.as_bytes()), signed);
        }
    }
}
