//! Any head with any signature in it, read and verified with a secret that nobody signed with.
//!
//! Property: nothing panics, every refusal has a text of bounded length, and no request is ever verified.
#![no_main]

use kagiban_base::secret::SecretBytes;
use kagiban_fuzz::{now, request};
use kagiban_identity::sigv4::{self, Expected, SigV4Error, SigningKey, Verified};
use libfuzzer_sys::fuzz_target;

/// A refusal repeats at most the header it is about, a few times over.
const MESSAGE_LEN_MAX: usize = 64 * 1024;

fn verify(request: &http::Request<bytes::Bytes>) -> Result<Verified, SigV4Error> {
    let presented = sigv4::parse(request)?;
    let _ = (presented.access_key_id(), presented.security_token(), presented.signed_at(), presented.service());
    let checked = presented.check(&Expected { service: "kms", now: now() })?;
    let key = SigningKey::derive(&SecretBytes::from_slice(b"no seed was signed with this"), checked.scope());
    checked.verify(request.body(), &key)
}

fuzz_target!(|data: &[u8]| {
    let Some(request) = request(data) else { return };
    match verify(&request) {
        Ok(_) => panic!("a forged signature was taken"),
        Err(error) => assert!((1..MESSAGE_LEN_MAX).contains(&error.message().len())),
    }
});
