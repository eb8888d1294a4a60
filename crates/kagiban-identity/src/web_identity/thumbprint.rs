//! Thumbprints of certificates, by which an account names those of its provider.

use aws_lc_rs::digest;

/// SHA-1 of a certificate's DER, in lower-case hex, as OpenID Connect providers of IAM have it.
pub fn thumbprint(certificate: &[u8]) -> String {
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, certificate);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4's example.
    #[test]
    fn digits_are_those_of_the_standard() {
        assert_eq!(thumbprint(b"abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
